"""What was asked in vain comes up by meaning, the largest group first, and goes where staff send it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.errors import Refusal
from bot.services import procedure_drafts, tell_later, unanswered
from bot.store.tables import Asked, AuditEntry, OutOfScopeQuestion, WaitingQuestion
from tests.factories import TUESDAY_TEN, FrozenClock, talk_of
from tests.unit.procedure_desk import AN, BEES, BINH, BIRTH, fill

DRONES = ("muốn bay flycam thì xin phép ai", "bay flycam có phải xin phép không", "xin phep bay flycam", "flycam bay ở đâu thì được", "thủ tục xin bay flycam")
OTHERS = ("vay tiền mua trâu", "mấy giờ đá bóng")


@pytest.fixture
def clock():
    return FrozenClock()


def ask(session, text, at=TUESDAY_TEN, decision="none", channel="web"):
    session.add(Asked(at=at, day=at.date(), channel=channel, intent="ask_procedure", aspect="overview", decision=decision, text=text))
    session.flush()


@pytest.fixture
def asked(database):
    fill(database)
    with database.write() as session:
        for text in OTHERS[:1]:
            ask(session, text)
        for n, text in enumerate(DRONES):
            ask(session, text, TUESDAY_TEN - timedelta(days=n), "clarify" if n == 4 else "none", "telegram" if n else "web")
        ask(session, OTHERS[1])
        ask(session, "đã trả lời rồi", decision="answer")
        ask(session, None)
        ask(session, "cũ quá rồi", TUESDAY_TEN - timedelta(days=31))


def groups(database, clock):
    with database.read() as session:
        return unanswered.groups(unanswered.questions(session, clock()))


def test_questions_that_mean_the_same_are_one_group_the_largest_first(database, asked, clock):
    found = groups(database, clock)
    assert [set(g.texts) for g in found] == [set(DRONES), {OTHERS[0]}, {OTHERS[1]}]
    assert (found[0].newest, found[0].channels, found[1].channels) == (TUESDAY_TEN, [("telegram", 4), ("web", 1)], [])
    assert groups(database, clock) == found
    with database.read() as session:
        assert unanswered.count(session, clock()) == 7
        assert unanswered.group(session, found[0].questions[3].ident, clock()) == found[0]
        assert unanswered.group(session, "a999", clock()) is None


def test_those_who_wait_are_counted_once_and_only_once_they_agreed(database, asked, clock):
    with database.write() as session:
        talk = talk_of(session)
        offers = ((DRONES[0], True), (DRONES[1], False), ("khác", False))
        logged, plain, unpressed = (tell_later.offer(session, talk, question, in_log, clock()) for question, in_log in offers)
        for one in (logged, plain):
            tell_later.agree(session, talk, "x", one, clock())
    found = groups(database, clock)[0]
    assert (len(found.questions), found.waiting) == (6, 1)
    assert found.ids["waiting"] == [plain] and unpressed not in found.ids["waiting"]


def test_reading_the_words_needs_a_reason_once_a_sign_in(database, clock):
    with database.write() as session:
        with pytest.raises(Refusal, match="vì sao"):
            unanswered.open_words(session, AN, "xem", clock())
        assert not unanswered.opened(session, AN)
        unanswered.open_words(session, AN, "soạn câu trả lời còn thiếu", clock())
        assert unanswered.opened(session, AN) and not unanswered.opened(session, BINH)
        again = type(AN)(AN.id, AN.login, AN.name, AN.role, (), "", "another-sign-in")
        assert not unanswered.opened(session, again)
        entry = session.scalars(select(AuditEntry)).one()
        assert (entry.action, entry.reason, entry.login) == ("raw_text_seen", "soạn câu trả lời còn thiếu", "an")


def test_a_group_becomes_ways_to_ask_that_somebody_else_approves(database, asked, clock):
    with database.write() as session:
        group = unanswered.groups(unanswered.questions(session, clock()))[0]
        draft, sent = unanswered.add_way(session, AN, group, BIRTH, ["xin phép bay flycam", "Xin phep  bay flycam", "bay flycam quay cưới"], clock())
        assert (sent, draft.state, draft.key) == (True, "review", f"curated:{BIRTH}")
        assert draft.document["ways_people_ask"][-2:] == ["xin phép bay flycam", "bay flycam quay cưới"]
        assert sorted(draft.questions["asked"]) == sorted(group.ids["asked"]) and AN.id in draft.editors
        assert [g.title for g in unanswered.groups(unanswered.questions(session, clock()))] == list(OTHERS)
        with pytest.raises(Refusal, match="đã có"):
            unanswered.add_way(session, AN, group, BIRTH, ["xin phép bay flycam"], clock())
        procedure_drafts.discard(session, draft.id)
        assert len(unanswered.groups(unanswered.questions(session, clock()))[0].questions) == 5


def test_what_is_known_by_name_gets_its_ways_in_its_own_place(database, asked, clock):
    with database.write() as session:
        group = unanswered.groups(unanswered.questions(session, clock()))[0]
        draft, sent = unanswered.add_way(session, AN, group, BEES, list(DRONES), clock())
        assert (sent, draft.key, draft.document["ways"][-1]) == (True, f"ways:{BEES}", DRONES[-1])
        for ways in (["tên tôi, căn cước 037088001234"], ["gửi [số thẻ] cho ai"]):
            with pytest.raises(Refusal, match="viết lại"):
                unanswered.add_way(session, AN, group, BEES, ways, clock())


def test_a_group_becomes_a_new_text_filled_in(database, asked, clock):
    with database.write() as session:
        group = unanswered.groups(unanswered.questions(session, clock()))[0]
        draft = unanswered.draft_answer(session, AN, group, "", "Xin phép bay flycam", group.texts, clock())
        assert (draft.key, draft.document["name"], set(draft.document["ways_people_ask"])) == ("curated:NB.0001", "Xin phép bay flycam", set(DRONES))
        assert unanswered.count(session, clock()) == 2


def test_what_is_none_of_our_business_goes_to_the_developers_list(database, asked, clock):
    with database.write() as session:
        found = unanswered.groups(unanswered.questions(session, clock()))
        with pytest.raises(Refusal, match="viết lại"):
            unanswered.out_of_scope(session, AN, found[2], ["thẻ [số thẻ]"], clock())
        assert unanswered.out_of_scope(session, AN, found[2], ["mấy giờ đá bóng", " mấy giờ  đá bóng ", ""], clock()) == 1
        assert unanswered.count(session, clock()) == 6
        assert unanswered.scope_file(session, AN, clock()) == "      - mấy giờ đá bóng\n"
        assert unanswered.scope_taken(session, session.scalars(select(OutOfScopeQuestion.id)).one()) == 1
        assert unanswered.scope_list(session) == []
        assert session.scalars(select(Asked.handled).where(Asked.text == OTHERS[1])).one() == "scope"
        assert session.scalars(select(WaitingQuestion)).all() == []
