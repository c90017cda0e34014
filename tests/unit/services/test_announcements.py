"""Announcements: what may be said, who may approve, and what the database refuses by itself."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from bot.errors import Refusal
from bot.services import announcements
from bot.store.tables import Announcement, AuditEntry
from tests.announcing import approved, given, member
from tests.factories import TUESDAY_TEN


@pytest.fixture
def session(database):
    with database.write() as found:
        yield found


AT_SIGN = "Bấm vào http://ninhbinh.gov.vn@xau.example/a để làm lại thẻ ngay."


@pytest.mark.parametrize(("wrong", "field"), [
    ({"text": "ngắn"}, "text"), ({"text": "x" * 901}, "text"), ({"title": "ngắn"[:3]}, "title"), ({"sender": " "}, "sender"),
    ({"text": "Hãy gọi ngay số 0912 345 678 để được hướng dẫn thêm."}, "text"), ({"text": "Gọi tổng đài 1900 1234 để được hướng dẫn thêm."}, "text"),
    ({"text": "Số căn cước 037090001234 cần làm lại thẻ mới ở phường."}, "text"),
    ({"text": "Bấm vào https://ninhbinh-gov.vn/lamlai để làm lại thẻ ngay hôm nay."}, "text"),
    ({"text": AT_SIGN}, "text"), ({"text": "Tải bit.ly/abc rồi làm theo hướng dẫn trong đó nhé."}, "text"),
    ({"kind": "emergency", "reason": "gấp"}, "reason"), ({"communes": ("Xã Không Có",)}, "communes"), ({"channels": ("fax",)}, "communes"),
    ({"course": "khong-co", "course_state": "finished"}, "course"), ({"course_state": "finished"}, "course"), ({"topic": "khac"}, "kind"),
    ({"send_at": TUESDAY_TEN + timedelta(days=91)}, "send_at")])
def test_what_may_not_be_said_is_refused_at_its_field(session, wrong, field):
    with pytest.raises(Refusal) as refused:
        announcements.save(session, member(session, "soan"), None, given(**wrong), TUESDAY_TEN)
    assert refused.value.field == field


@pytest.mark.parametrize("fine", [
    "Lệ phí 20.000 đồng, nộp từ ngày 01/12/2026 đến 31/12/2026 tại phường.", "Xem thêm ở https://dichvucong.gov.vn hoặc www.ninhbinh.gov.vn nhé.",
    "Nghị định 224/2026/NĐ-CP có hiệu lực, bà con xem ở bảng tin."])
def test_amounts_days_and_official_addresses_are_no_faults(session, fine):
    assert announcements.save(session, member(session, "soan"), None, given(text=fine), TUESDAY_TEN).text == fine


def test_nobody_approves_what_they_wrote_whatever_their_role(session):
    boss, other = member(session, "sep", "administrator"), member(session, "khac")
    row = announcements.save(session, boss, None, given(), TUESDAY_TEN)
    announcements.submit(session, boss, row.id, TUESDAY_TEN)
    with pytest.raises(Refusal, match="không tự duyệt"):
        announcements.approve(session, boss, row.id, TUESDAY_TEN)
    assert announcements.approve(session, other, row.id, TUESDAY_TEN) and row.state == "approved" and row.send_at == TUESDAY_TEN
    assert [a.detail["step"] for a in session.scalars(select(AuditEntry).order_by(AuditEntry.id))] == ["submitted", "approved"]


def test_an_emergency_takes_two_others_and_a_reason(session):
    writer, first, second = (member(session, n) for n in ("a-soan", "b-duyet", "c-duyet"))
    row = announcements.save(session, writer, None, given(kind="emergency", reason="Nước lũ lên trong đêm nay"), TUESDAY_TEN)
    announcements.submit(session, writer, row.id, TUESDAY_TEN)
    assert not announcements.approve(session, first, row.id, TUESDAY_TEN) and row.state == "submitted"
    for one in (first, writer):
        with pytest.raises(Refusal):
            announcements.approve(session, one, row.id, TUESDAY_TEN)
    assert announcements.approve(session, second, row.id, TUESDAY_TEN) and row.state == "approved"


def test_a_refusal_takes_the_first_approval_back_and_says_why(session):
    writer, first, second = (member(session, n) for n in ("a-soan", "b-duyet", "c-duyet"))
    row = announcements.save(session, writer, None, given(kind="emergency", reason="Nước lũ lên trong đêm nay"), TUESDAY_TEN)
    announcements.submit(session, writer, row.id, TUESDAY_TEN)
    announcements.approve(session, first, row.id, TUESDAY_TEN)
    announcements.refuse(session, second, row.id, "Ghi rõ thôn nào phải đi", TUESDAY_TEN)
    assert (row.state, row.first_approver_id, row.told) == ("draft", None, "Ghi rõ thôn nào phải đi")


def test_only_the_author_changes_a_draft_and_nobody_what_waits_for_approval(session):
    writer, other = member(session, "soan"), member(session, "khac")
    row = announcements.save(session, writer, None, given(), TUESDAY_TEN)
    with pytest.raises(Refusal):
        announcements.save(session, other, row.id, given(title="Tiêu đề khác"), TUESDAY_TEN)
    announcements.save(session, writer, row.id, given(title="Tiêu đề mới"), TUESDAY_TEN)
    announcements.submit(session, writer, row.id, TUESDAY_TEN)
    with pytest.raises(Refusal):
        announcements.save(session, writer, row.id, given(), TUESDAY_TEN)
    assert row.title == "Tiêu đề mới"


def test_officers_of_one_commune_write_approve_and_see_only_there(session):
    here, there = (member(session, n, communes=(c,)) for n, c in (("hoa-lu", "Phường Hoa Lư"), ("nam-dinh", "Phường Nam Định")))
    province = member(session, "tinh")
    for communes in ((), ("Phường Nam Định",), ("Phường Hoa Lư", "Phường Nam Định")):
        with pytest.raises(Refusal, match="được giao"):
            announcements.save(session, here, None, given(communes=communes), TUESDAY_TEN)
    row = announcements.save(session, here, None, given(communes=("Phường Hoa Lư",)), TUESDAY_TEN)
    announcements.submit(session, here, row.id, TUESDAY_TEN)
    assert announcements.listed(session, there) == [] and announcements.get(session, there, row.id) is None
    with pytest.raises(Refusal):
        announcements.approve(session, there, row.id, TUESDAY_TEN)
    assert announcements.approve(session, province, row.id, TUESDAY_TEN)


@pytest.mark.parametrize("statement", [
    "UPDATE announcements SET state = 'approved'", "UPDATE announcements SET state = 'sending'",
    "UPDATE announcements SET first_approver_id = author_id", "UPDATE announcements SET first_approver_id = 2, second_approver_id = author_id",
    "UPDATE announcements SET first_approver_id = 2, second_approver_id = 2", "UPDATE announcements SET second_approver_id = 2",
    "UPDATE announcements SET first_approver_id = 2, state = 'approved', kind = 'emergency', reason = 'vì'",
    "UPDATE announcements SET first_approver_id = 2, second_approver_id = 3, state = 'approved', kind = 'emergency'"])
def test_the_database_refuses_what_one_person_alone_would_send(database, statement):
    with database.write() as session:
        writer, _, _ = (member(session, n) for n in ("a-soan", "b-duyet", "c-duyet"))
        announcements.save(session, writer, None, given(), TUESDAY_TEN)
    with pytest.raises(IntegrityError), database.write() as session:
        session.execute(text(statement))


def test_what_is_cancelled_is_over(session):
    writer, other, author = member(session, "soan"), member(session, "duyet"), member(session, "la", "officer")
    ident = approved(session, writer, other)
    with pytest.raises(Refusal):
        announcements.cancel(session, author, ident, TUESDAY_TEN)
    announcements.cancel(session, other, ident, TUESDAY_TEN)
    with pytest.raises(Refusal):
        announcements.cancel(session, other, ident, TUESDAY_TEN)
    assert session.get_one(Announcement, ident).state == "cancelled"
