"""A file of records: what it changes is shown first, then it goes in whole or not at all."""

import gzip

import pytest
from sqlalchemy import func, select

from bot.errors import Refusal
from bot.services import corrective, golden, procedures_import, quality
from bot.services.catalogue import Catalogue
from bot.services.golden import Regressed
from bot.services.procedures_import import Wrong
from bot.store.tables import AuditEntry, ProcedureRow, ProcedureUpload, Staff
from tests.factories import FrozenClock
from tests.unit.procedure_desk import AN, SWIFTS, fill, jsonl, record


@pytest.fixture
def clock():
    return FrozenClock()


@pytest.fixture
def desk(database, clock):
    fill(database)
    with database.write() as session:  # whoever imports answers for what came in
        session.add(Staff(id=AN.id, login=AN.login, name="An", password_hash="x", role=AN.role, communes=[], active=True, failures=0, created_at=clock()))
    clock.forward(minutes=1)
    found = Catalogue(database)
    found.refresh()
    return found


def upload(database, clock, content, name="p.jsonl"):
    with database.write() as session:
        return procedures_import.upload(session, AN, name, content, clock()).id


def seen(database, clock, upload_id):
    with database.read() as session:
        row = procedures_import.get(session, upload_id, clock())
        return procedures_import.difference(session, procedures_import.read(procedures_import.text_of(row.content)))


def records(database) -> list[str]:
    with database.read() as session:
        return sorted(session.scalars(select(ProcedureRow.code).where(ProcedureRow.origin == "imported")))


def test_the_difference_is_shown_and_exactly_that_goes_in(database, desk, clock):
    one = upload(database, clock, jsonl(record(agency="UBND phường", steps=["Nộp", "Nhận"]), record("9.000002", "Đăng ký tàu cá nhỏ"),
                                        record("9.000003", "Xin đào ao")))
    procedures_import.confirm(database, desk, AN, one, seen(database, clock, one).mark, False, clock())
    clock.forward(minutes=1)
    two = upload(database, clock, gzip.compress(jsonl(record(agency="UBND phường", steps=["Nộp", "Trả"]), record("9.000002", "Đăng ký tàu cá nhỏ"),
                                                      record("9.000004", "Xin lấp ao"))), "p.jsonl.gz")
    found = seen(database, clock, two)
    assert (found.new, found.same, found.gone) == ([("9.000004", "Xin lấp ao")], 1, [("9.000003", "Xin đào ao")])
    [(code, name, [change])] = found.changed
    assert (code, name, change.label, change.gone, change.come) == (SWIFTS, "Cấp phép nuôi chim yến", "Các bước", ("Nhận",), ("Trả",))
    assert "imported:9.000004" not in records(database)
    procedures_import.confirm(database, desk, AN, two, found.mark, True, clock())
    assert records(database) == [f"imported:{c}" for c in (SWIFTS, "9.000002", "9.000004")]
    assert desk.index.search("xin lấp ao").hits[0].code == "9.000004" and desk.facts("9.000003") is None
    with database.read() as session:
        details = [e.detail for e in session.scalars(select(AuditEntry).where(AuditEntry.action == "imported").order_by(AuditEntry.id))]
        assert details == [{"new": 2, "changed": 1, "same": 0, "removed": 0}, {"new": 1, "changed": 1, "same": 1, "removed": 1}]
        assert session.scalar(select(func.count()).select_from(ProcedureUpload)) == 0
        (line,) = [d for d in quality.register(session) if d.kind == "import"]
        assert (line.owner, line.approver) == ("An", "an") and "3 thủ tục" in line.title
        assert corrective.owner_of(session, "procedure:9.000004") == AN.id


def test_what_is_not_in_the_file_stays_unless_it_is_asked_for(database, desk, clock):
    one = upload(database, clock, jsonl(record("9.000002", "Việc khác")))
    procedures_import.confirm(database, desk, AN, one, seen(database, clock, one).mark, False, clock())
    assert records(database) == [f"imported:{SWIFTS}", "imported:9.000002"]


def test_bad_rows_are_named_in_vietnamese_and_nothing_is_kept(database, desk, clock):
    rows = (record(), "{broken", record("9.000003", "x"), record("9.000004", "Việc", documents="none"), record(), record("9.000005", "Việc", steps=["a", 7]))
    with pytest.raises(Wrong) as wrong:
        upload(database, clock, jsonl(*rows))
    assert [(f.row, f.place, f.sentence) for f in wrong.value.faults] == [
        (2, "Cả bài", "Dòng này không phải JSON hợp lệ."), (3, "Tên thủ tục", "Quá ngắn hoặc còn trống."), (4, "Giấy tờ", "Phải là danh sách."),
        (5, "Mã thủ tục", "Mã này đã có ở một dòng trước trong tệp."), (6, "Các bước, dòng 2", "Phải là chữ.")]
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(ProcedureUpload)) == 0
    assert records(database) == [f"imported:{SWIFTS}"]


@pytest.mark.parametrize(("content", "said"), [(b"", "không có dòng nào"), (b"\x1f\x8bxx", "nén bị hỏng"), ("mã".encode("utf-16"), "UTF-8")])
def test_a_file_that_cannot_be_read_is_refused(database, desk, clock, content, said):
    with pytest.raises(Refusal, match=said):
        upload(database, clock, content)


def test_a_small_file_that_unpacks_to_a_large_one_is_refused(monkeypatch):
    monkeypatch.setattr(procedures_import, "MOST_BYTES", 1000)
    with pytest.raises(Refusal, match="quá lớn"):
        procedures_import.text_of(gzip.compress(b"a" * 2000))


def test_another_difference_than_the_one_shown_is_not_imported(database, desk, clock):
    one, two = (upload(database, clock, jsonl(record("9.000002", name))) for name in ("Việc khác", "Việc khác nữa"))
    mark = seen(database, clock, one).mark
    procedures_import.confirm(database, desk, AN, two, seen(database, clock, two).mark, False, clock())
    with pytest.raises(Refusal, match="đã đổi"):
        procedures_import.confirm(database, desk, AN, one, mark, False, clock())


def test_golden_questions_hold_for_imports_too(database, desk, clock):
    with database.write() as session:
        golden.add(session, AN, desk.index, [("nuôi chim yến", SWIFTS)], clock())
    one = upload(database, clock, jsonl(record(name="Việc chẳng liên quan gì")))
    mark = seen(database, clock, one).mark
    with pytest.raises(Regressed):
        procedures_import.confirm(database, desk, AN, one, mark, False, clock())
    assert desk.facts(SWIFTS).name == "Cấp phép nuôi chim yến"


def test_a_file_nobody_confirms_goes_after_a_day(database, desk, clock):
    one = upload(database, clock, jsonl(record()))
    clock.forward(days=1, seconds=1)
    with database.write() as session:
        with pytest.raises(Refusal, match="không còn"):
            procedures_import.get(session, one, clock())
        assert procedures_import.clean(session, clock()) == 1
