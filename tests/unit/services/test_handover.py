"""A talk with an officer: who sees it, who has it, where words go meanwhile, and how it ends."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot import places
from bot.errors import Refusal
from bot.reminders import staffed
from bot.services import handover, inbox, outbox, people, person_talks, retention
from bot.store.tables import AuditEntry, Citizen, CommuneSheet, Conversation, HumanLine, HumanTalk, Inbound, Outbound, StaffSession
from tests.announcing import member
from tests.factories import KEY, TUESDAY_TEN, incoming, talk_of

HOURS = staffed.read("1-5 07:30-11:30 13:30-17:00")
NOW = TUESDAY_TEN


def after(**delta: float):
    return NOW + timedelta(**delta)


def there(session, who, at=NOW) -> None:
    session.add(StaffSession(token_hash=who.login.ljust(64, "0"), staff_id=who.id, csrf="x", created_at=at, seen_at=at))
    session.flush()


def asked(session, talk, at=NOW, commune=None):
    return handover.request(session, talk, "address-1", commune, HOURS, at)


def row_of(session, talk) -> HumanTalk:
    return session.scalars(select(HumanTalk).where(HumanTalk.conversation_id == talk.id).order_by(HumanTalk.id.desc())).first()


def test_with_nobody_coming_the_contacts_of_the_commune_are_told(session, talk):
    """Unknown stays unknown: without a sheet there are none."""
    session.add(CommuneSheet(code=places.code_of("Phường Hoa Lư"), name="Phường Hoa Lư", formerly=[], phone="0229 1022 000", source="Trang của phường",
                             updated_by="quan-tri", updated_at=NOW,
                             checked_on=NOW.date()))
    asked(session, talk, commune="Phường Hoa Lư")
    handover.tick(session, after(minutes=5))
    assert "Điện thoại: 0229 1022 000" in said(session)[-1] and "Chưa có trong dữ liệu: địa chỉ" in said(session)[-1] \
        and "Trang của phường" in said(session)[-1]
    asked(session, talk, after(minutes=6), "Phường Nam Định")
    handover.tick(session, after(minutes=11))
    assert "Điện thoại" not in said(session)[-1] and "Điểm hỗ trợ xã hội số" in said(session)[-1]


def said(session) -> list[str]:
    return [r.body["text"] for r in session.scalars(select(Outbound).order_by(Outbound.id))]


def hear(session, text: str, platform_id: str, at=NOW, **more):
    return inbox.store(session, KEY, incoming(platform_id, text, **more), at)


@pytest.fixture
def session(database):
    with database.write() as found:
        yield found


@pytest.fixture
def officer(session):
    found = member(session, "can-bo", "officer")
    there(session, found)
    return found


@pytest.fixture
def talk(session, officer):
    return talk_of(session)


@pytest.fixture
def on(session, officer, talk):
    """A talk that the officer has taken a minute after it was asked for."""
    asked(session, talk)
    return handover.take(session, officer, row_of(session, talk).id, after(minutes=1))


class TestAsking:
    def test_outside_the_hours_nobody_is_waited_for(self, session, talk):
        assert asked(session, talk, NOW.replace(hour=12)).kind == "closed" and row_of(session, talk) is None and talk.address is None

    @pytest.mark.parametrize(("role", "communes", "seen", "kind"), [
        ("officer", (), 0, "waiting"), ("officer", ("Phường Hoa Lư",), 0, "waiting"), ("officer", ("Phường Nam Định",), 0, "nobody"),
        ("administrator", (), 0, "waiting"), ("author", (), 0, "nobody"), ("officer", (), 11, "nobody")])
    def test_somebody_of_ours_must_be_there_for_this_commune(self, session, role, communes, seen, kind):
        there(session, member(session, "ai-do", role, communes), after(minutes=-seen))
        talk = talk_of(session, consent=("learning",))
        session.get_one(Citizen, talk.citizen_id).commune = "Phường Hoa Lư"
        assert asked(session, talk).kind == kind

    def test_an_unknown_commune_is_for_the_province_only(self, session):
        there(session, member(session, "xa", "officer", ("Phường Hoa Lư",)))
        talk = talk_of(session)
        assert asked(session, talk).kind == "nobody"
        assert asked(session, talk, commune="Phường Hoa Lư").kind == "waiting"

    def test_the_queue_is_said_as_it_is_and_asking_again_keeps_the_place(self, session, officer):
        one, two = talk_of(session), talk_of(session, "sender-two-0123456")
        assert [asked(session, t).place for t in (one, two, two, one)] == [1, 2, 2, 1]
        handover.take(session, officer, row_of(session, one).id, NOW)
        assert asked(session, two).place == 1


class TestDesk:
    def test_one_officer_only(self, session, officer, talk):
        asked(session, talk)
        ident = row_of(session, talk).id
        other = member(session, "khac", "officer")
        handover.take(session, officer, ident, NOW)
        with pytest.raises(Refusal, match="đã có người nhận"):
            handover.take(session, other, ident, NOW)
        assert handover.own(session, other, ident) is None and handover.visible(session, other) == []
        for act in (lambda: handover.answer(session, other, ident, "chào", NOW), lambda: handover.release(session, other, ident, NOW)):
            with pytest.raises(Refusal):
                act()

    def test_officers_of_one_commune_see_nothing_of_another(self, session, officer):
        here, there_ = (member(session, n, "officer", (c,)) for n, c in (("hoa-lu", "Phường Hoa Lư"), ("nam-dinh", "Phường Nam Định")))
        known, unknown = talk_of(session), talk_of(session, "sender-two-0123456")
        asked(session, known, commune="Phường Hoa Lư")
        asked(session, unknown)
        assert [r.conversation_id for r in handover.visible(session, here)] == [known.id]
        assert handover.visible(session, there_) == []
        assert len(handover.visible(session, officer)) == 2
        with pytest.raises(Refusal):
            handover.take(session, there_, row_of(session, known).id, NOW)
        handover.take(session, here, row_of(session, known).id, NOW)
        handover.release(session, here, row_of(session, known).id, NOW)
        assert handover.finished(session, there_) == [] and len(handover.finished(session, here)) == 1

    def test_an_administrator_reads_only_with_a_reason_that_stays(self, session, on):
        admin = member(session, "quan-tri", "administrator")
        with pytest.raises(Refusal):
            handover.look(session, admin, on.id, "tò mò", NOW)
        handover.look(session, admin, on.id, "Người dân khiếu nại cán bộ", NOW)
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert (entry.action, entry.reason, entry.about) == ("raw_text_seen", "Người dân khiếu nại cán bộ", f"trò chuyện {on.id}")

    def test_secrets_are_masked_both_ways(self, session, officer, talk, on):
        hear(session, "căn cước tôi 037090001234 đấy", "p1", after(minutes=2))
        handover.answer(session, officer, on.id, "Bác đừng gửi 037090001234 nữa", after(minutes=3))
        stored = [line.text for line in handover.lines(session, on)]
        assert not any("037090001234" in text for text in stored + said(session)) and "[" in stored[0]


class TestWords:
    def test_while_it_waits_the_machine_answers_and_the_words_are_kept(self, session, officer, talk):
        asked(session, talk)
        stored = hear(session, "tôi hỏi về khai sinh", "p1")
        assert stored.new and session.get_one(Inbound, stored.inbox_id).state == "new"
        assert [line.text for line in handover.lines(session, row_of(session, talk))] == ["tôi hỏi về khai sinh"]
        hear(session, "tôi hỏi về khai sinh", "p1")
        assert len(handover.lines(session, row_of(session, talk))) == 1

    def test_while_it_is_on_words_go_to_the_officer_and_not_to_rasa(self, session, talk, on):
        for _ in range(2):  # delivered twice
            stored = hear(session, "cho tôi hỏi", "p1", after(minutes=2))
            row = session.get_one(Inbound, stored.inbox_id)
            assert (stored.new, row.state, row.text) == (False, "done", None)
        assert inbox.claim(session, after(minutes=2)) is None
        assert [line.text for line in handover.lines(session, on)] == ["cho tôi hỏi"]
        assert len(said(session)) == 1  # that the officer has come

    def test_the_emergency_gets_its_steps_at_once(self, session, talk, on):
        hear(session, "tôi vừa bị lừa chuyển khoản 50 triệu", "p1", after(minutes=2))
        assert "Bình tĩnh, làm ngay theo thứ tự" in said(session)[-1] and len(handover.lines(session, on)) == 1

    def test_who_sends_a_secret_is_warned(self, session, talk, on):
        hear(session, "mã OTP của tôi là 482913", "p1", after(minutes=2))
        assert "Tôi đã che" in said(session)[-1]

    def test_a_button_is_still_the_machines(self, session, talk, on):
        outbox.enqueue(session, talk, "x", "reply", {"text": "", "buttons": [{"title": "Xóa", "payload": "/delete_my_data"}]}, NOW)
        button = session.scalars(select(Outbound).where(Outbound.cause == "x")).one().body["buttons"][0]["payload"]
        stored = hear(session, "", "p1", after(minutes=2), button=button)
        assert stored.new and session.get_one(Inbound, stored.inbox_id).payload == "/delete_my_data"

    def test_nothing_of_our_own_accord_comes_in_between(self, session, officer, talk, on):
        outbox.enqueue(session, talk, "n", "nudge", {"text": "ôn bài"}, NOW)
        taken = outbox.claim(session, ["web"], after(minutes=2))
        assert [r.kind for r in taken] == ["reply"]
        outbox.sent(session, taken[0].id, "p", after(minutes=2))
        handover.release(session, officer, on.id, after(minutes=3))
        assert {r.kind for r in outbox.claim(session, ["web"], after(minutes=3))} == {"reply", "nudge"}

    def test_earlier_answers_only_after_a_yes(self, session, officer, talk):
        outbox.enqueue(session, talk, "inbox:1:0", "reply", {"text": "Khai sinh cần tờ khai."}, after(minutes=-1))
        asked(session, talk)
        assert row_of(session, talk).earlier == []
        assert handover.share(session, talk) and row_of(session, talk).earlier == ["Khai sinh cần tờ khai."]
        assert not handover.share(session, talk_of(session, "sender-two-0123456"))


class TestEnds:
    def test_five_minutes_without_anybody_are_said(self, session, talk):
        asked(session, talk)
        assert handover.tick(session, after(minutes=4, seconds=59)) == 0
        assert handover.tick(session, after(minutes=5)) == 1
        last = session.scalars(select(Outbound).order_by(Outbound.id.desc())).first()
        assert "chưa cán bộ nào nhận" in last.body["text"] and last.body["buttons"][0]["title"] == "Gửi phản ánh"
        assert row_of(session, talk).why == "nobody" and talk.address is None and last.address == "address-1"
        assert asked(session, talk, after(minutes=6)).kind == "waiting"

    def test_a_silent_officer_loses_it_after_fifteen_minutes(self, session, officer, talk, on):
        handover.answer(session, officer, on.id, "Bác chờ em", after(minutes=5))
        hear(session, "vâng", "p1", after(minutes=6))
        hear(session, "còn đó không", "p2", after(minutes=20))
        assert handover.tick(session, after(minutes=20, seconds=59)) == 0
        assert handover.tick(session, after(minutes=21)) == 1
        assert "15 phút cán bộ chưa trả lời" in said(session)[-1] and row_of(session, talk).why == "officer_silent"
        assert hear(session, "làm khai sinh", "p3", after(minutes=22)).new

    def test_an_officer_who_takes_it_and_says_nothing(self, session, talk, on):
        assert handover.overdue(on, after(minutes=16)) == "officer_silent" and handover.overdue(on, after(minutes=15)) is None

    def test_a_silent_citizen_is_let_go_after_thirty(self, session, officer, talk, on):
        handover.answer(session, officer, on.id, "Bác cần gì ạ?", after(minutes=2))
        assert handover.tick(session, after(minutes=31)) == 0
        assert handover.tick(session, after(minutes=32)) == 1 and row_of(session, talk).why == "citizen_silent"

    def test_without_a_worker_the_next_word_ends_what_is_overdue(self, session, talk, on):
        stored = hear(session, "làm khai sinh", "p1", after(minutes=40))
        assert stored.new and row_of(session, talk).state == "closed"

    @pytest.mark.parametrize("word", ["Kết thúc", "ket thuc.", "nói với máy"])
    def test_the_citizen_ends_it_with_a_word(self, session, talk, on, word):
        hear(session, word, "p1", after(minutes=2))
        assert row_of(session, talk).why == "citizen" and "lại trả lời bạn" in said(session)[-1] and talk.person_until is None

    def test_the_officer_gives_it_back(self, session, officer, talk, on):
        handover.release(session, officer, on.id, after(minutes=2))
        assert "lại trả lời bạn" in said(session)[-1] and hear(session, "chào", "p1", after(minutes=3)).new
        with pytest.raises(Refusal):
            handover.answer(session, officer, on.id, "còn nữa", after(minutes=3))


class TestKept:
    def test_transcripts_go_after_thirty_days(self, session, officer, talk, on):
        handover.release(session, officer, on.id, NOW)
        assert person_talks.clean(session, after(days=30)) == 0 and person_talks.clean(session, after(days=30, seconds=1)) == 2
        assert session.scalars(select(HumanLine)).all() == []

    def test_erasing_takes_them_along_and_my_data_counts_them(self, session, officer, talk, on):
        assert people.known_about(session, talk)["talks"] == 1
        people.erase(session, talk, NOW)
        people.forget(session, talk.id)
        assert session.scalars(select(HumanTalk)).all() == [] == session.scalars(select(HumanLine)).all()

    def test_a_chat_that_moves_takes_its_talk_along(self, session, talk, on):
        new = people.move(session, KEY, talk, "a-new-address-0123456", NOW)
        assert handover.going(session, new.id).id == on.id

    def test_an_idle_chat_is_not_forgotten_while_somebody_is_owed_an_answer(self, session, talk):
        asked(session, talk)
        assert retention.idle(session, after(days=2)) == 0
        handover.tick(session, after(days=2))
        assert retention.idle(session, after(days=2)) > 0 and session.get(Conversation, talk.id) is None
