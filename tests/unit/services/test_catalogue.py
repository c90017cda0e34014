"""Import whole or nothing; again is an update; ours leads where both exist."""

import json
import re

import pytest
from sqlalchemy import func, select

from bot.errors import ContentError
from bot.procedures.aspects import ASPECTS
from bot.procedures.facts import ONE_STOP, answer
from bot.procedures.search import Index
from bot.procedures.ways import load_all as load_ways
from bot.services import ask, catalogue
from bot.store.tables import ProcedureRow
from tests.factories import ROOT, TUESDAY_TEN, FrozenClock


def row(code="9.000001", name="Cấp phép nuôi chim yến", **more):
    return {"code": code, "name": name, "level": "Cấp xã", "agency": "UBND xã", "steps": ["Nộp"], "scope": "toàn quốc",
            "documents": [{"name": "Đơn", "original": 1, "copies": 0, "form": "", "case": ""}],
            "methods": [{"method": "Trực tiếp", "duration": "3 ngày", "fee": "10,000 đồng", "note": ""}], "url": "https://dichvucong.gov.vn/x",
            "as_of": "2026-07", **more}


@pytest.fixture
def jsonl(tmp_path):
    def write(*rows):
        path = tmp_path / "p.jsonl"
        path.write_text("\n".join(r if isinstance(r, str) else json.dumps(r, ensure_ascii=False) for r in rows))
        return path

    return write


def load(database, path):
    with database.write() as session:
        return catalogue.import_file(session, path, TUESDAY_TEN)


def count(database):
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(ProcedureRow))


def test_again_is_an_update_without_duplicates(database, jsonl):
    assert load(database, jsonl(row(), row("9.000002", "Việc khác"))) == (2, 0, 0)
    assert load(database, jsonl(row(), row("9.000002", "Việc đã đổi"))) == (0, 1, 1)
    assert count(database) == 2


def test_one_bad_row_and_nothing_is_imported_and_each_defect_is_named(database, jsonl):
    path = jsonl(row(), "{broken", row("9.000003", "x"), row("9.000004", documents="none"), row())
    with pytest.raises(ContentError) as error:
        load(database, path)
    places = [(p.line, p.field) for p in error.value.problems]
    assert places == [(2, ""), (3, "name"), (4, "documents"), (5, "code")]
    assert count(database) == 0


def test_rows_without_a_code_get_a_stable_one(database, jsonl):
    assert load(database, jsonl(row(code="", name="Không mã"), row(code="", name="Không mã hai"))) == (2, 0, 0)
    assert load(database, jsonl(row(code="", name="Không mã"))) == (0, 0, 1)


def test_imported_rows_are_found_and_ours_lead_where_both_exist(database, jsonl):
    load(database, jsonl(row(), row("1.001193", "Thủ tục đăng ký khai sinh")))
    with database.write() as session:
        catalogue.publish_curated(session, ROOT / "procedures", FrozenClock()())
    found = catalogue.Catalogue(database)
    found.refresh()
    assert found.index.search("nuôi chim yến").hits[0].code == "9.000001"
    assert "chưa biên tập" in found.facts("9.000001").source
    assert "chưa biên tập" not in found.facts("1.001193").source
    assert [h.code for h in found.index.search("đăng ký khai sinh").hits].count("1.001193") == 1


def test_the_index_follows_the_table(database, jsonl):
    load(database, jsonl(row()))
    found = catalogue.Catalogue(database)
    found.refresh()
    assert ask.understand(found, "nuôi chim yến", None).decision == "answer"
    with database.write() as session:
        catalogue.import_file(session, jsonl(row("9.000009", "Đăng ký tàu cá")), FrozenClock().forward(minutes=1))
    found.refresh()
    assert found.index.search("tàu cá").hits[0].code == "9.000009"


def test_a_follow_up_stays_and_a_new_subject_replaces(database, jsonl):
    load(database, jsonl(row(), row("9.000002", "Đăng ký tàu cá")))
    found = catalogue.Catalogue(database)
    assert ask.understand(found, "thế lệ phí bao nhiêu", "9.000001", "fee").code == "9.000001"
    assert ask.understand(found, "đăng ký tàu cá mất mấy ngày", "9.000001", "duration").code == "9.000002"
    assert ask.understand(found, "lệ phí bao nhiêu", None, "fee").decision == "no_subject"
    assert ask.understand(found, "phóng tên lửa vũ trụ", None).decision == "none"
    assert ask.understand(found, "còn con tôi 10 tuổi thì sao", "9.000001").code == "9.000001"


# known by name only

KNOWN, KNOWN_NAME = "1.000987", "Hỗ trợ bắt ong trong vườn nhà"
WAYS = f"""format: 1
procedures:
  - code: "{KNOWN}"
    name: {KNOWN_NAME}
    field: Nông nghiệp
    known: name_only
    ways:
      - tổ ong vò vẽ to quá gọi ai
      - nhờ người phá tổ ong
      - ong đốt trẻ con ở đầu ngõ
  - code: "9.000001"
    name: Cấp phép nuôi chim yến
    ways:
      - làm nhà cho yến ở
      - gọi yến về trên mái nhà
      - mở loa dụ yến
"""


@pytest.fixture
def published(database, tmp_path):
    """Publishes a folder of four curated procedures and WAYS; called again, publishes what stands in it then."""
    folder = tmp_path / "procedures"
    (folder / "ways").mkdir(parents=True)
    for slug in ("dang-ky-khai-sinh", "dang-ky-khai-tu", "dang-ky-ket-hon", "ho-chieu-pho-thong"):
        text = (ROOT / "procedures" / f"{slug}.yml").read_text(encoding="utf-8")
        (folder / f"{slug}.yml").write_text(re.sub(r"(?ms)^related:.*?(?=^\w)", "related: []\n", text), encoding="utf-8")
    (folder / "ways" / "a.yml").write_text(WAYS, encoding="utf-8")

    def publish(now=TUESDAY_TEN):
        with database.write() as session:
            return catalogue.publish_curated(session, folder, now)

    publish.folder = folder
    assert publish() == 4
    return publish


@pytest.mark.parametrize("question", ["tổ ong vò vẽ to quá gọi ai", "nho nguoi pha to ong", KNOWN_NAME, KNOWN, "nhờ nguời phá tổ ongg"])
def test_a_procedure_known_by_name_is_found_by_its_ways_and_its_code(database, published, question):
    assert ask.understand(catalogue.Catalogue(database), question, None).code == KNOWN


@pytest.mark.parametrize("aspect", sorted(set(ASPECTS.values())))
def test_it_is_answered_with_its_name_its_code_and_the_office_and_nothing_else(database, published, aspect):
    found = catalogue.Catalogue(database)
    found.refresh()
    facts = found.facts(KNOWN)
    said = answer(facts, aspect)
    assert facts.named_only
    assert said.startswith(f"📄 {KNOWN_NAME}\n")
    assert f"Mã thủ tục {KNOWN}." in said
    assert "lĩnh vực Nông nghiệp" in said
    assert ONE_STOP in said
    assert not any(word in said for word in ("khai sinh", "hộ chiếu", "Lệ phí:", "Thời hạn:"))


def test_it_gives_way_to_an_imported_record_of_its_code_and_the_ways_stay(database, published, jsonl):
    load(database, jsonl(row(KNOWN, "Bắt ong theo bản ghi"), row()))
    found = catalogue.Catalogue(database)
    assert ask.understand(found, "tổ ong vò vẽ to quá gọi ai", None).code == KNOWN
    assert (found.facts(KNOWN).name, found.facts(KNOWN).named_only) == ("Bắt ong theo bản ghi", False)
    assert "chưa biên tập" in found.facts(KNOWN).source
    assert [e.code for e in found.index.entries].count(KNOWN) == 1
    assert ask.understand(found, "mở loa dụ yến", None).code == "9.000001"  # the ways of a record are searched too


def test_it_gives_way_to_a_curated_procedure_that_answers_for_its_code(database, published):
    (published.folder / "ways" / "a.yml").write_text(WAYS.replace(KNOWN, "1.001193"), encoding="utf-8")
    published(FrozenClock().forward(minutes=1))
    found = catalogue.Catalogue(database)
    found.refresh()
    assert found.facts("1.001193").name == "Đăng ký khai sinh"
    assert [e.code for e in found.index.entries].count("1.001193") == 1
    assert found.facts(KNOWN) is None


def test_before_any_import_a_name_and_its_ways_are_known_and_nothing_is_made_up(database, published):
    found = catalogue.Catalogue(database)
    assert ask.understand(found, "mở loa dụ yến", None).code == "9.000001"
    facts = found.facts("9.000001")
    said = answer(facts, "fee")
    assert facts.named_only and "Cấp xã" not in said and "danh mục thủ tục hành chính" in said and ONE_STOP in said
    assert not any(word in said for word in ("Lệ phí:", "Thời hạn:", "lĩnh vực"))


def test_ways_of_a_record_that_the_import_has_not_make_no_procedure(database, published, jsonl):
    load(database, jsonl(row("9.000002", "Đăng ký tàu cá")))
    found = catalogue.Catalogue(database)
    found.refresh()
    assert found.facts("9.000001") is None
    assert "9.000001" not in [e.code for e in found.index.entries]
    assert "9.000001" not in [h.code for h in found.index.search("mở loa dụ yến").hits]


def test_ways_taken_out_of_the_files_are_gone_and_no_record_with_them(database, published, jsonl):
    load(database, jsonl(row()))
    (published.folder / "ways" / "a.yml").unlink()
    published(FrozenClock().forward(minutes=1))
    found = catalogue.Catalogue(database)
    found.refresh()
    assert found.facts(KNOWN) is None
    assert found.facts("9.000001") is not None
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(ProcedureRow).where(ProcedureRow.origin == "ways")) == 0


def test_a_wrong_ways_file_changes_nothing(database, published):
    before = count(database)
    (published.folder / "ways" / "b.yml").write_text(WAYS, encoding="utf-8")
    with pytest.raises(ContentError) as error:
        published()
    assert [(p.file.rsplit("/", 1)[1], p.line) for p in error.value.problems] == [("b.yml", 3), ("b.yml", 11)]
    assert count(database) == before


def test_every_procedure_we_ship_by_name_is_found_by_its_own_ways():
    found = Index(catalogue.entries_from_files(ROOT / "procedures", []))
    known = [a for a in load_ways(ROOT / "procedures" / "ways").values() if a.known == "name_only" and a.code.casefold() in found.by_code]
    ways = [(found.entries[found.by_code[a.code.casefold()]].code, w) for a in known for w in a.ways]
    missed = [(code, w) for code, w in ways if [h.code for h in found.search(w, top=1).hits] != [code]]
    assert len(ways) > 300
    assert len(missed) / len(ways) <= 0.03, missed
