"""Import whole or nothing; again is an update; ours leads where both exist."""

import json

import pytest
from sqlalchemy import func, select

from bot.errors import ContentError
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
