"""Requests over personal data: the law's clock, who sees what, what reaches the citizen, and what is never kept."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from bot.clock import ZONE
from bot.errors import Refusal
from bot.services import audit, consent_ledger, people, privacy
from bot.services.privacy_law import KINDS, clock, works
from bot.services.staff import Who
from bot.store.tables import Citizen, Consent, Conversation, Outbound, PrivacyNote, PrivacyRequest
from tests.factories import TUESDAY_TEN, FrozenClock, talk_of

NOW = TUESDAY_TEN  # Tuesday 24/11/2026


def officer(*communes: str) -> Who:
    return Who(1, "can.bo", "Cán bộ", "officer", communes, "csrf", "session")


def at(text: str) -> datetime:
    return datetime.strptime(text, "%d/%m/%Y %H:%M").replace(tzinfo=ZONE)


def entered(session, who=officer(), kind="access", reference="12/2026-KN", now=NOW, **more):
    given = {"origin": "letter", "received": now.date(), "commune": "", "third_party": False, **more}
    return privacy.enter(session, who, kind, given["origin"], reference, given["received"], given["commune"], given["third_party"], now)


class TestClock:
    @pytest.mark.parametrize(("kind", "others", "days"), [
        ("access", False, 10), ("correction", False, 10), ("provision", False, 10), ("erasure", False, 20), ("withdrawal", False, 15),
        ("restriction", False, 15), ("objection", False, 15), ("protection", False, 15), ("access", True, 15), ("correction", True, 15),
        ("provision", True, 15), ("erasure", True, 30), ("withdrawal", True, 20), ("restriction", True, 20), ("objection", True, 20),
        ("protection", True, 15)])
    def test_the_days_are_those_of_the_decree(self, kind, others, days):
        assert clock(kind, NOW, others).done_by == date(2026, 11, 24) + timedelta(days=days)

    @pytest.mark.parametrize(("received", "reply_by"), [
        ("23/11/2026 08:00", "25/11/2026"), ("26/11/2026 23:59", "30/11/2026"), ("27/11/2026 09:00", "01/12/2026"), ("28/11/2026 09:00", "01/12/2026"),
        ("29/11/2026 09:00", "01/12/2026"), ("31/12/2026 09:00", "05/01/2027"), ("29/04/2027 09:00", "04/05/2027"), ("01/09/2027 09:00", "06/09/2027")])
    def test_two_working_days_leave_out_weekends_and_the_fixed_holidays(self, received, reply_by):
        assert f"{clock('access', at(received)).reply_by:%d/%m/%Y}" == reply_by

    def test_the_day_is_that_of_the_province(self):
        just_after_midnight = at("25/11/2026 00:30").astimezone(UTC)
        assert clock("access", just_after_midnight).done_by == date(2026, 12, 5)

    @pytest.mark.parametrize(("day", "is_one"), [((2026, 11, 30), True), ((2026, 11, 28), False), ((2027, 1, 1), False), ((2027, 4, 30), False),
                                                  ((2027, 9, 2), False)])
    def test_which_days_are_worked(self, day, is_one):
        assert works(date(*day)) is is_one

    def test_an_extension_comes_on_top(self):
        assert clock("erasure", NOW, True, 20).done_by == date(2026, 11, 24) + timedelta(days=50)


class TestDesk:
    def test_overdue_comes_first_then_what_is_due_next(self, database):
        with database.write() as session:
            old = entered(session, kind="erasure", reference="1", received=date(2026, 10, 20))
            fresh = entered(session, kind="access", reference="2")
            answered = entered(session, kind="protection", reference="3")
            privacy.reply(session, officer(), answered.id, "Đang kiểm tra.", NOW)
        with database.read() as session:
            listed = privacy.waiting(session, officer(), NOW)
            assert [one.row.id for one in listed] == [old.id, fresh.id, answered.id]
            assert [(one.late, one.reply_late) for one in listed] == [(True, True), (False, False), (False, False)]
            assert [one.days_left for one in listed] == [-33, 2, 15]

    def test_a_reply_stops_the_first_clock_and_not_the_second(self, database):
        clock_ = FrozenClock()
        with database.write() as session:
            row = entered(session)
            clock_.forward(days=3)
            assert privacy.shown(row, clock_()).reply_late
            privacy.reply(session, officer(), row.id, "Chúng tôi đã nhận.", clock_())
            first = row.replied_at
            assert not privacy.shown(row, clock_()).late
            clock_.forward(days=8)
            privacy.reply(session, officer(), row.id, "Vẫn đang làm.", clock_())
            assert privacy.shown(row, clock_()).late and row.replied_at == first

    def test_it_is_extended_once_and_as_far_as_the_law_goes(self, database):
        with database.write() as session:
            row = entered(session)
            for days in (0, 11, -1):
                with pytest.raises(Refusal):
                    privacy.extend(session, officer(), row.id, days, "Hồ sơ nhiều.", NOW)
            privacy.extend(session, officer(), row.id, 10, "Hồ sơ nhiều.", NOW)
            assert privacy.shown(row, NOW).clock.done_by == date(2026, 12, 14)
            with pytest.raises(Refusal):
                privacy.extend(session, officer(), row.id, 1, "Nữa.", NOW)
            protection = entered(session, kind="protection", reference="9")
            with pytest.raises(Refusal):
                privacy.extend(session, officer(), protection.id, 1, "Lý do.", NOW)
            late = entered(session, kind="access", reference="8", received=date(2026, 11, 1))
            with pytest.raises(Refusal):
                privacy.extend(session, officer(), late.id, 1, "Quá hạn rồi.", NOW)

    def test_what_is_closed_stays_closed(self, database):
        with database.write() as session:
            row = entered(session)
            privacy.close(session, officer(), row.id, "refused", "Không xác định được người yêu cầu.", NOW)
            assert (row.state, row.closed_at, row.replied_at) == ("refused", NOW, NOW)
            for again in (lambda: privacy.reply(session, officer(), row.id, "a", NOW), lambda: privacy.close(session, officer(), row.id, "done", "a", NOW)):
                with pytest.raises(Refusal):
                    again()
            privacy.note(session, officer(), row.id, "Đã lưu đơn vào tủ.", NOW)
            assert privacy.waiting(session, officer(), NOW) == []
            assert [one.id for one in privacy.closed(session, officer())] == [row.id]

    @pytest.mark.parametrize("reference", ["", "Nguyễn Văn A", "037090001234", "0912345678", "KN-0912.345.678", "a" * 41])
    def test_a_name_or_a_number_of_a_person_is_not_taken_as_a_reference(self, database, reference):
        with database.write() as session, pytest.raises(Refusal) as refused:
            entered(session, reference=reference)
        assert refused.value.field == "reference"

    @pytest.mark.parametrize(("wrong", "field"), [({"kind": "x"}, "kind"), ({"origin": "chat"}, "origin"), ({"received": None}, "received"),
                                                  ({"received": date(2026, 11, 25)}, "received"), ({"received": date(2026, 8, 1)}, "received")])
    def test_what_else_is_wrong_is_said_at_its_field(self, database, wrong, field):
        with database.write() as session, pytest.raises(Refusal) as refused:
            entered(session, **wrong)
        assert refused.value.field == field

    def test_one_letter_is_entered_once(self, database):
        with database.write() as session:
            entered(session)
            entered(session, kind="erasure")
            with pytest.raises(Refusal):
                entered(session)

    def test_notes_keep_no_numbers_of_people(self, database):
        with database.write() as session:
            row = entered(session)
            made = privacy.note(session, officer(), row.id, "CCCD 037090001234, gọi 0912 345 678 nhé", NOW)
            assert "037090001234" not in made.text and "345" not in made.text
            with pytest.raises(Refusal):
                privacy.note(session, officer(), row.id, "  ", NOW)

    def test_staff_of_a_commune_see_and_enter_only_theirs(self, database):
        bound = officer("Phường Hoa Lư")
        with database.write() as session:
            province = entered(session, reference="1")
            here = entered(session, bound, reference="2", commune="Phường Hoa Lư")
            with pytest.raises(Refusal):
                entered(session, bound, reference="3", commune="Xã Gia Viễn")
            with pytest.raises(Refusal):
                entered(session, bound, reference="3")
            assert [one.row.id for one in privacy.waiting(session, bound, NOW)] == [here.id]
            assert len(privacy.waiting(session, officer(), NOW)) == 2
            assert privacy.get(session, bound, province.id, NOW) is None
            for forbidden in (privacy.reply, privacy.note):
                with pytest.raises(Refusal):
                    forbidden(session, bound, province.id, "a", NOW)

    def test_every_step_is_in_the_log_without_words(self, database):
        with database.write() as session:
            row = entered(session)
            privacy.reply(session, officer(), row.id, "Lời trả lời", NOW)
            privacy.close(session, officer(), row.id, "done", "Kết quả", NOW)
            rows = audit.listed(session, "privacy_request")
            assert [one.detail["step"] for one in rows] == ["done", "reply", "entered"]
            assert {one.about for one in rows} == {row.receipt}
            assert "Lời" not in str([one.detail for one in rows])


class TestFromTheChat:
    def asked(self, session, consent=("learning",), kind="correction", channel="telegram"):
        talk = talk_of(session, "77", channel, NOW, consent)
        return talk, privacy.ask(session, talk, kind, "77", NOW)

    def test_a_second_one_of_the_kind_is_the_first(self, database):
        with database.write() as session:
            talk, row = self.asked(session)
            assert privacy.ask(session, talk, "correction", "77", NOW).id == row.id
            assert privacy.ask(session, talk, "objection", "77", NOW).id != row.id
            privacy.close(session, officer(), row.id, "done", "Đã sửa.", NOW)
            assert privacy.ask(session, talk, "correction", "77", NOW).id != row.id

    def test_the_answer_goes_to_the_chat_once(self, database):
        with database.write() as session:
            talk, row = self.asked(session)
            made = privacy.reply(session, officer(), row.id, "Bạn đến Trung tâm Phục vụ hành chính công.", NOW)
            privacy.note(session, officer(), row.id, "Nội bộ", NOW)
            (sent,) = session.scalars(select(Outbound)).all()
            assert (sent.conversation_id, sent.kind, sent.address, sent.cause) == (talk.id, "privacy", "77", f"privacy:{row.id}:{made.id}")
            assert row.receipt in sent.body["text"] and "Trung tâm" in sent.body["text"]

    def test_without_consent_the_address_is_kept_until_the_answer_and_no_longer(self, database):
        with database.write() as session:
            talk, row = self.asked(session, consent=())
            assert talk.address == "77"
            second = privacy.ask(session, talk, "objection", "77", NOW)
            privacy.close(session, officer(), row.id, "done", "Đã sửa.", NOW)
            assert talk.address == "77"
            privacy.close(session, officer(), second.id, "refused", "Không còn dữ liệu.", NOW)
            assert talk.address is None
            assert {one.address for one in session.scalars(select(Outbound))} == {"77"}

    def test_the_commune_of_the_citizen_decides_who_works_on_it(self, database):
        with database.write() as session:
            talk = talk_of(session, "78", "telegram", NOW, ("learning",))
            session.get_one(Citizen, talk.citizen_id).commune = "Phường Hoa Lư"
            privacy.ask(session, talk, "correction", "78", NOW)
            assert len(privacy.waiting(session, officer("Phường Hoa Lư"), NOW)) == 1
            assert privacy.waiting(session, officer("Xã Gia Viễn"), NOW) == []

    def test_who_erases_everything_leaves_a_request_that_leads_to_nobody(self, database):
        with database.write() as session:
            talk, row = self.asked(session)
            assert people.known_about(session, talk)["requests"] == 1
            receipt = people.erase(session, talk, NOW)
            people.forget(session, talk.id)
            session.refresh(row)
            assert (row.conversation_id, row.commune, row.state) == (None, None, "open")
            assert [one.receipt for one in privacy.erased_in_the_chat(session, officer())] == [receipt]
            assert privacy.erased_in_the_chat(session, officer("Phường Hoa Lư")) == ()
            privacy.close(session, officer(), row.id, "done", "Người dân đã xóa dữ liệu.", NOW)
            assert session.scalars(select(Outbound)).all() == []

    @pytest.mark.parametrize(("text", "kind"), [
        ("thông tin của tôi bị sai, sửa giúp", "correction"), ("cho xin ban sao du lieu cua toi", "provision"),
        ("tôi muốn hạn chế dùng dữ liệu", "restriction"),
        ("tôi phản đối việc dùng thông tin của tôi", "objection"), ("thông tin của tôi bị lộ rồi", "protection"), ("tôi muốn khiếu nại về dữ liệu", "which"),
        ("bạn biết gì về tôi", ""), ("dữ liệu của tôi", ""), ("chính sách bảo mật", "")])
    def test_what_a_citizens_words_ask_for(self, text, kind):
        assert privacy.wanted(text) == kind
        assert kind in ("", "which") or kind in KINDS


class TestLedger:
    def test_counts_are_by_month_purpose_and_wording_and_small_ones_are_hidden(self, database):
        with database.write() as session:
            for number in range(7):
                for month in (10, 11):
                    session.add(Consent(citizen_id=number + 1, purpose="learning", given=True, notice_version="2026-11", channel="web",
                                        at=at(f"05/{month}/2026 09:00")))
            session.add(Consent(citizen_id=1, purpose="learning", given=True, notice_version="2026-11", channel="web", at=at("06/11/2026 09:00")))
            session.add(Consent(citizen_id=1, purpose="learning", given=False, notice_version="2026-11", channel="web", at=at("07/11/2026 09:00")))
            session.add(Consent(citizen_id=2, purpose="drills", given=True, notice_version="2026-11b", channel="web", at=at("01/11/2026 00:00")))
            session.add(Consent(citizen_id=3, purpose="drills", given=True, notice_version="2026-11b", channel="web", at=at("31/10/2026 23:59")))
        with database.read() as session:
            rows = [(f"{one.first:%m/%Y}", one.purpose, one.notice_version, one.given, one.withdrawn) for one in consent_ledger.months(session, NOW)]
        assert rows == [("11/2026", "drills", "2026-11b", None, 0), ("11/2026", "learning", "2026-11", 7, None),
                        ("10/2026", "drills", "2026-11b", None, 0), ("10/2026", "learning", "2026-11", 7, 0)]

    def test_one_persons_rows_are_opened_by_their_receipt_and_the_look_is_written_down(self, database):
        with database.write() as session:
            talk = talk_of(session, "77", "telegram", NOW, ("learning", "reminders"))
            talk_of(session, "99", "telegram", NOW, ("learning",))
            row = privacy.ask(session, talk, "correction", "77", NOW)
            people.withdraw(session, talk, ["reminders"], NOW)
            found = consent_ledger.of_request(session, officer(), f" {row.receipt.lower()} ", NOW)
            assert [(one.purpose, one.given) for one in found] == [("learning", True), ("reminders", True), ("reminders", False)]
            assert audit.listed(session, "privacy_request")[0].detail["step"] == "ledger_seen"
            with pytest.raises(Refusal):
                consent_ledger.of_request(session, officer("Phường Hoa Lư"), row.receipt, NOW)

    def test_nothing_else_opens_it(self, database):
        with database.write() as session:
            letter = entered(session)
            for receipt in ("", "YC-00000000", letter.receipt, talk_of(session, "77", "telegram", NOW).id):
                with pytest.raises(Refusal):
                    consent_ledger.of_request(session, officer(), receipt, NOW)
            assert [one.detail["step"] for one in audit.listed(session, "privacy_request")] == ["entered"]


def test_a_move_to_another_address_takes_the_request_along(database):
    with database.write() as session:
        talk = talk_of(session, "77", "telegram", NOW, ("learning",))
        row = privacy.ask(session, talk, "correction", "77", NOW)
        new = people.move(session, b"a key for tests", talk, "-100", NOW)
        session.refresh(row)
        assert row.conversation_id == new.id != talk.id
        assert session.get(Conversation, talk.id) is None
        assert session.scalars(select(PrivacyNote)).all() == [] and session.scalars(select(PrivacyRequest.id)).all() == [row.id]
