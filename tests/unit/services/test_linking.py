"""One person on several channels: the code, both confirmations, what is joined and how, parting, erasure."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.language.sensitive import mask
from bot.services import inbox, learn, learners, linking, outbox, people, remind, revise, study
from bot.store.db import Base
from bot.store.tables import (
    Attempt,
    Bucket,
    Certificate,
    Citizen,
    Consent,
    Conversation,
    DrillRun,
    Enrolment,
    Learner,
    LinkCode,
    Outbound,
    Reminder,
    Review,
    ReviewCard,
    Revision,
)
from tests.factories import KEY, TUESDAY_TEN, incoming, talk_of
from tests.small_course import answer, finish, publish, small

SOON = TUESDAY_TEN + timedelta(minutes=1)


@pytest.fixture
def session(database):
    with database.write() as one:
        yield one


def chat(session, address="sender-one-0123456", channel="telegram", consent=("learning", "reminders"), now=TUESDAY_TEN):
    return talk_of(session, address, channel, now, consent)


def web(session, consent=(), address="sender-two-0123456"):
    return talk_of(session, address, "web", TUESDAY_TEN, consent)


def typed(session, talk, code, now=TUESDAY_TEN):
    return linking.typed(session, talk, linking.hashed(KEY, code), now)


def linked(session, source, target, now=TUESDAY_TEN):
    """Both say yes."""
    code = linking.begin(session, KEY, source, now)
    ident = typed(session, target, code, now).code_id
    assert linking.answer(session, target, ident, True, "target-address", now).kind == "asked"
    assert linking.answer(session, source, ident, True, "source-address", now).kind == "linked"
    session.expire_all()
    return ident


def said(session, talk):
    return [r.body["text"] for r in session.scalars(select(Outbound).where(Outbound.conversation_id == talk.id).order_by(Outbound.id))]


# --- the code


def test_a_code_is_no_word_no_number_and_no_secret_that_is_masked():
    for _ in range(500):
        code = linking.new_code()
        assert re.fullmatch(r"[BCDFGHJKMNPQRTVWXZ2-9]{6}", code) and not code.isdigit() and not code.isalpha()
        assert mask(code) == (code, frozenset()) == mask(mask(code)[0])
        assert linking.code_in(code) == code


@pytest.mark.parametrize(("text", "code"), [
    ("x7k2qp", "X7K2QP"), (" X7K 2QP ", "X7K2QP"), ("x7k-2qp.", "X7K2QP"), ("mã X7K2QP", "X7K2QP"), ("mã: x7k2qp", "X7K2QP"),
    ("nhập mã X7K2QP để nối tài khoản", "X7K2QP"), ("noi tai khoan x7k2qp giup toi", "X7K2QP"),
    ("hồ sơ mã X7K2QP nộp ở đâu", None), ("X7K2QPX", None), ("X7K2Q", None), ("BCDFGH", None), ("234567", None), ("d9u7o7c5", None),
    ("tie6n2", None), ("duo7c5", None), ("", None), ("làm căn cước", None), ("30K2345", None), ("X7K2O0", None)])
def test_a_code_is_found_alone_or_where_linking_is_the_subject(text, code):
    assert linking.code_in(text) == code


@pytest.mark.parametrize(("text", "wanted"), [
    ("bỏ nối", True), ("hủy liên kết tài khoản", True), ("bo noi kenh", True), ("ngắt kết nối với telegram", True), ("tôi muốn bỏ việc nối hai kênh", True),
    ("thôi không nối nữa", True), ("tách hai tài khoản ra", True), ("nối tài khoản", False), ("liên kết telegram với web", False),
    ("bỏ liên kết telegram, nối sang zalo", False), ("lấy mã nối", False), ("mã nối hết hạn rồi", False)])
def test_parting_is_told_from_linking(text, wanted):
    assert linking.asks_to_unlink(text) is wanted


def test_only_a_hash_of_the_code_is_kept(session):
    code = linking.begin(session, KEY, chat(session), TUESDAY_TEN)
    row = session.scalars(select(LinkCode)).one()
    assert code not in str(vars(row)) and row.code_hash == linking.hashed(KEY, code)
    stored = inbox.store(session, KEY, incoming("1", f"mã nối {code}"), TUESDAY_TEN)
    kept = session.execute(select(inbox.Inbound.text, inbox.Inbound.payload).where(inbox.Inbound.id == stored.inbox_id)).one()
    assert code not in str(kept)


def test_a_code_works_once_within_ten_minutes_and_for_the_newest_request_only(session):
    source, target, other = chat(session), web(session), web(session, address="sender-333-0123456")
    old = linking.begin(session, KEY, source, TUESDAY_TEN)
    code = linking.begin(session, KEY, source, TUESDAY_TEN)
    assert typed(session, target, old).kind == "wrong"
    assert typed(session, target, code, TUESDAY_TEN + linking.VALID).kind == "wrong"
    assert typed(session, target, code, TUESDAY_TEN + linking.VALID - timedelta(seconds=1)).kind == "ask"
    assert typed(session, other, code).kind == "wrong"
    assert typed(session, target, code).kind == "wrong"


def test_after_five_wrong_codes_even_the_right_one_waits(session):
    source, target = chat(session), web(session)
    code = linking.begin(session, KEY, source, TUESDAY_TEN)
    assert [typed(session, target, "BBBBB2").kind for _ in range(6)] == ["wrong"] * 5 + ["too_often"]
    assert typed(session, target, code).kind == "too_often"
    assert typed(session, web(session, address="sender-333-0123456"), code).kind == "ask", "others are not kept waiting"
    assert typed(session, target, "BBBBB3", TUESDAY_TEN + timedelta(minutes=3)).kind == "wrong"


def test_a_code_is_not_for_the_chat_that_asked_for_it_nor_for_one_linked_already(session):
    source, target = chat(session), web(session)
    assert typed(session, source, linking.begin(session, KEY, source, TUESDAY_TEN)).kind == "own"
    linked(session, source, target)
    assert typed(session, target, linking.begin(session, KEY, source, TUESDAY_TEN)).kind == "linked"


# --- both confirm


def test_nothing_is_joined_before_both_have_said_yes(session):
    source, target = chat(session), web(session)
    ident = typed(session, target, linking.begin(session, KEY, source, TUESDAY_TEN)).code_id
    assert linking.answer(session, source, ident, True, None, TUESDAY_TEN).kind == "over", "it is not the source's turn"
    assert linking.answer(session, target, ident, True, "sender-two-0123456", TUESDAY_TEN).kind == "asked"
    assert target.citizen_id is None
    (question,) = said(session, source)
    assert "trang web chat" in question and source.awaiting == f"link:{ident}"
    assert linking.answer(session, target, ident, True, None, TUESDAY_TEN).kind == "over", "the target cannot confirm for both"
    assert linking.answer(session, source, ident, True, None, TUESDAY_TEN).kind == "linked"
    assert target.citizen_id == source.citizen_id and target.learner_id == source.learner_id
    assert said(session, target) == [linking.say("link_done", channel="Telegram")]
    assert linking.answer(session, source, ident, True, None, TUESDAY_TEN).kind == "over"


def test_a_stranger_s_answer_counts_for_nothing(session):
    source, target, stranger = chat(session), web(session), web(session, address="sender-333-0123456")
    ident = typed(session, target, linking.begin(session, KEY, source, TUESDAY_TEN)).code_id
    for yes in (True, False):
        assert linking.answer(session, stranger, ident, yes, None, TUESDAY_TEN).kind == "over"
    assert linking.answer(session, target, ident + 1, True, None, TUESDAY_TEN).kind == "over"


@pytest.mark.parametrize("by", ["target", "source"])
def test_a_no_on_either_side_ends_it(session, by):
    source, target = chat(session), web(session)
    ident = typed(session, target, linking.begin(session, KEY, source, TUESDAY_TEN)).code_id
    if by == "source":
        linking.answer(session, target, ident, True, "sender-two-0123456", TUESDAY_TEN)
    refusing = target if by == "target" else source
    assert linking.answer(session, refusing, ident, False, None, TUESDAY_TEN).kind == "refused"
    assert (target.citizen_id, target.address) == (None, None)
    assert said(session, target) == ([] if by == "target" else [linking.say("link_refused_there", channel="Telegram")])
    assert linking.answer(session, source, ident, True, None, TUESDAY_TEN).kind == "over"


def test_an_answer_that_comes_too_late_is_none(session):
    source, target = chat(session), web(session)
    ident = typed(session, target, linking.begin(session, KEY, source, TUESDAY_TEN)).code_id
    linking.answer(session, target, ident, True, "sender-two-0123456", TUESDAY_TEN)
    late = TUESDAY_TEN + linking.VALID
    assert linking.answer(session, source, ident, True, None, late).kind == "over"
    linking.clean(session, late + timedelta(seconds=1))
    session.expire_all()
    assert target.address is None, "kept for the answer only"
    linking.clean(session, late + timedelta(days=2))
    assert session.scalar(select(func.count()).select_from(LinkCode)) == 0


# --- what is joined


@pytest.fixture
def two(session, tmp_path):
    """(session, a Telegram chat, a web chat), both of citizens who learn."""
    publish(session, tmp_path / "courses", small(), small("khoa-hai"))
    return session, chat(session), web(session, ("learning",))


def enrol(session, talk, slug="khoa-nho", now=TUESDAY_TEN):
    return learn.enrol(session, talk.learner_id, slug, now)[0]


def test_a_fresh_chat_joins_the_learner_and_all_that_is_known(two):
    session, source, _ = two
    enrolment = enrol(session, source)
    target = web(session, address="sender-333-0123456")
    linked(session, source, target)
    assert [r.enrolment_id for r in learn.results(session, target.learner_id)] == [enrolment.id]
    assert people.consents(session, target.citizen_id) == {"learning", "reminders"}
    assert target.address == "target-address"


def test_results_of_both_become_one_learner_s_and_none_is_lost(two):
    session, source, target = two
    finish(session, enrol(session, source))
    finish(session, enrol(session, target, now=SOON), now=SOON)
    answer(session, enrol(session, target, "khoa-hai"))
    attempts = session.scalar(select(func.count()).select_from(Attempt))
    linked(session, source, target)
    (learner,) = learners.of_citizen(session, source.citizen_id)
    rows = session.scalars(select(Enrolment).order_by(Enrolment.slug, Enrolment.round)).all()
    assert [(e.learner_id, e.slug, e.round) for e in rows] == [(learner.id, "khoa-hai", 1), (learner.id, "khoa-nho", 1), (learner.id, "khoa-nho", 2)]
    assert [e.started_at for e in rows[1:]] == [TUESDAY_TEN, SOON]
    assert session.scalar(select(func.count()).select_from(Attempt)) == attempts
    assert session.scalar(select(func.count()).select_from(Citizen)) == session.scalar(select(func.count()).select_from(Learner)) == 1
    assert source.learner_id == target.learner_id == learner.id


def test_of_two_unfinished_rounds_the_one_further_on_stays_open(two):
    session, source, target = two
    behind, ahead = enrol(session, source), enrol(session, target)
    answer(session, behind)
    answer(session, ahead), answer(session, ahead)
    linked(session, source, target)
    assert learn.open_enrolment(session, source.learner_id).id == ahead.id
    assert session.get(Enrolment, behind.id).left_at == TUESDAY_TEN
    going, _, new = learn.enrol(session, source.learner_id, "khoa-nho", SOON)
    assert (going.id, new) == (ahead.id, False)


def test_at_most_one_lesson_or_revision_is_open_afterwards(two):
    session, source, target = two
    answer(session, enrol(session, source))
    answer(session, enrol(session, target, "khoa-hai"))
    revise.begin(session, target.learner_id, TUESDAY_TEN)
    assert study.is_open(session, source.learner_id) and study.is_open(session, target.learner_id)
    linked(session, source, target)
    open_ = session.scalar(select(func.count()).select_from(Enrolment).where(Enrolment.active))
    open_ += session.scalar(select(func.count()).select_from(Revision).where(Revision.active))
    assert open_ == 1
    assert learn.active_enrolment(session, source.learner_id).slug == "khoa-nho"


def test_a_card_both_have_is_the_one_reviewed_last_and_others_come_along(two):
    session, source, target = two
    answer(session, enrol(session, source))
    answer(session, enrol(session, target), now=SOON)
    answer(session, enrol(session, target, "khoa-hai"), now=SOON)
    later = {c.slug: c.due_at for c in session.scalars(select(ReviewCard).where(ReviewCard.learner_id == target.learner_id))}
    linked(session, source, target)
    cards = session.scalars(select(ReviewCard)).all()
    assert {c.slug: (c.learner_id, c.due_at) for c in cards} == {slug: (source.learner_id, due) for slug, due in later.items()}
    assert len(cards) == 2


@pytest.mark.parametrize("newer", ["source", "target"])
def test_of_two_sittings_the_one_touched_last_goes_on(two, newer):
    session, source, target = two
    for talk, slug in ((source, "khoa-nho"), (target, "khoa-hai")):
        answer(session, enrol(session, talk, slug))
        at = SOON if newer == ("source" if talk is source else "target") else TUESDAY_TEN
        revise.begin(session, talk.learner_id, at)
    linked(session, source, target)
    row = session.scalars(select(Revision)).one()
    assert row.learner_id == source.learner_id
    assert row.state["queue"] == ["khoa-nho/l1q1" if newer == "source" else "khoa-hai/l1q1"]
    assert revise.open_sitting(session, source.learner_id) is not None


def test_certificates_reviews_drills_and_reminders_come_along(two):
    session, source, target = two
    done = finish(session, enrol(session, target))
    gone = target.learner_id
    session.add(Certificate(number="CN-1", learner_id=gone, enrolment_id=done.id, payload={"name": "An"}, signature="s", issued_at=TUESDAY_TEN))
    session.add(Review(learner_id=gone, slug="khoa-nho", item_id="l1q1", rating=3, correct=True, answer="0", at=TUESDAY_TEN))
    for talk, at in ((source, TUESDAY_TEN), (target, SOON)):
        session.add(DrillRun(learner_id=talk.learner_id, conversation_id=talk.id, kind="scam", slug="a", document={}, state="waiting", choices=[],
                             next_due_at=SOON, agreed_at=at))
    session.add(Reminder(citizen_id=target.citizen_id, conversation_id=target.id, about="học", rule=None, next_due_at=SOON, state="on", created_at=TUESDAY_TEN))
    people.give_consent(session, target, None, ["reminders", "drills"], TUESDAY_TEN)
    linked(session, source, target)
    assert session.get(Certificate, "CN-1").learner_id == session.scalars(select(Review.learner_id)).one() == source.learner_id
    assert [(r.learner_id, r.state, r.agreed_at) for r in session.scalars(select(DrillRun).order_by(DrillRun.id))] == [
        (source.learner_id, "cancelled", TUESDAY_TEN), (source.learner_id, "waiting", SOON)]
    (reminder,) = remind.listed(session, source.citizen_id)
    assert (reminder.about, reminder.conversation_id) == ("học", target.id)


def test_a_reminder_comes_once_and_where_it_was_set(two):
    session, source, target = two
    people.give_consent(session, target, "sender-two-0123456", ["reminders"], TUESDAY_TEN)
    for talk in (source, target):
        session.add(Reminder(citizen_id=talk.citizen_id, conversation_id=talk.id, about=talk.channel, rule=None, next_due_at=SOON, state="on",
                             created_at=TUESDAY_TEN))
    linked(session, source, target)
    remind.plan(session, SOON)
    remind.plan(session, SOON)
    found = session.scalars(select(Outbound).where(Outbound.kind == "reminder")).all()
    assert sorted((r.channel, r.conversation_id) for r in found) == [("telegram", source.id), ("web", target.id)]
    assert all(r.channel in r.body["text"] for r in found)


# --- learners on both phones


def names(session, talk):
    return sorted(one.name or "" for one in learners.of_citizen(session, talk.citizen_id))


def test_learners_of_one_name_become_one_and_others_stay_themselves(two):
    session, source, target = two
    for talk in (source, target):
        learners.switch(session, talk, "Lan" if talk is source else "lan", TUESDAY_TEN)
    learners.switch(session, target, "Tám", TUESDAY_TEN)
    finish(session, enrol(session, target))
    tam = target.learner_id
    linked(session, source, target)
    assert names(session, source) == ["", "Lan", "Tám"]
    assert target.learner_id == tam and [r.slug for r in learn.results(session, tam)] == ["khoa-nho"]


def test_the_only_learner_of_each_side_is_the_same_person_named_or_not(two):
    session, source, target = two
    learners.rename(session, target.learner_id, "Trần Văn Tám")
    session.get_one(Learner, target.learner_id).nudge_hour = 19
    linked(session, source, target)
    assert names(session, source) == ["Trần Văn Tám"]
    assert session.get_one(Learner, source.learner_id).nudge_hour == 19


def test_two_names_are_two_people(two):
    session, source, target = two
    learners.rename(session, source.learner_id, "Lan")
    learners.rename(session, target.learner_id, "Tám")
    linked(session, source, target)
    assert names(session, source) == ["Lan", "Tám"]


def test_a_phone_that_was_linked_before_brings_all_its_chats(two):
    session, source, target = two
    third = web(session, address="sender-333-0123456")
    linked(session, target, third)
    linked(session, source, target)
    assert {t.citizen_id for t in (source, target, third)} == {source.citizen_id}
    assert third.learner_id == source.learner_id


# --- consent


def test_the_newest_word_counts_whoever_heard_it(session):
    source, target = chat(session), web(session, ("learning", "reminders"))
    people.withdraw(session, source, ["reminders"], SOON)
    before = [(c.id, c.purpose, c.given, c.notice_version, c.channel, c.at) for c in session.scalars(select(Consent).order_by(Consent.id))]
    linked(session, source, target)
    assert people.consents(session, source.citizen_id) == {"learning"}, "the no came after both yeses"
    people.give_consent(session, target, None, ["reminders"], SOON)
    assert people.consents(session, source.citizen_id) == {"learning", "reminders"}
    after = [(c.id, c.purpose, c.given, c.notice_version, c.channel, c.at) for c in session.scalars(select(Consent).order_by(Consent.id))]
    assert after[:len(before)] == before, "nothing in the ledger is rewritten or removed"


def test_a_newest_no_stops_what_the_other_side_had_running(session):
    source, target = chat(session), web(session, ("reminders",))
    session.add(Reminder(citizen_id=source.citizen_id, conversation_id=source.id, about="học", rule=None, next_due_at=SOON, state="on", created_at=TUESDAY_TEN))
    people.withdraw(session, target, ["reminders"], SOON)
    linked(session, source, target)
    assert remind.listed(session, source.citizen_id) == []


def test_withdrawing_in_one_chat_takes_back_what_is_queued_in_the_other(session):
    source, target = chat(session), web(session)
    linked(session, source, target)
    outbox.enqueue(session, source, "reminder:1:x", "reminder", {"text": "học"}, TUESDAY_TEN)
    people.withdraw(session, target, ["reminders"], TUESDAY_TEN)
    assert [r.kind for r in session.scalars(select(Outbound).where(Outbound.kind == "reminder"))] == []


def test_no_consent_is_inherited_by_a_later_citizen(session):
    """SQLite gives the number of a removed row to the next one."""
    source, target = chat(session), web(session, ("learning", "reminders"))
    linked(session, source, target)
    newcomer = web(session, ("improve",), "sender-333-0123456")
    assert people.consents(session, newcomer.citizen_id) == {"improve"}


# --- parting and erasure


def test_parting_leaves_the_data_with_the_chosen_channel(two):
    session, source, target = two
    finish(session, enrol(session, target))
    people.give_consent(session, target, "sender-two-0123456", ["reminders"], TUESDAY_TEN)
    session.add(Reminder(citizen_id=target.citizen_id, conversation_id=target.id, about="học", rule=None, next_due_at=SOON, state="on", created_at=TUESDAY_TEN))
    linked(session, source, target)
    assert linking.part(session, target, target.id, SOON) is target
    assert (target.citizen_id, target.learner_id, target.address, target.asked_consent_at) == (None, None, None, None)
    assert [r.slug for r in learn.results(session, source.learner_id)] == ["khoa-nho"]
    remind.plan(session, SOON)
    assert [r.conversation_id for r in session.scalars(select(Outbound).where(Outbound.kind == "reminder"))] == [source.id]
    people.forget(session, target.id)  # as the worker does with chats that lie idle without consent
    assert session.get(Conversation, target.id) is None


def test_parting_may_also_throw_the_other_channel_out(two):
    session, source, target = two
    linked(session, source, target)
    assert linking.part(session, target, source.id, SOON) is source
    assert source.citizen_id is None and target.citizen_id is not None
    assert said(session, source)[-1] == linking.say("unlinked_there", channel="trang web chat")
    assert session.scalars(select(Outbound.address).where(Outbound.conversation_id == source.id).order_by(Outbound.id.desc())).first() == "sender-one-0123456"


def test_only_chats_of_the_same_citizen_can_be_parted(two):
    session, source, target = two
    assert linking.part(session, source, source.id, SOON) is None, "it is linked with nothing"
    linked(session, source, web(session, address="sender-333-0123456"))
    assert linking.part(session, source, target.id, SOON) is None


def test_erasure_in_one_channel_removes_everything_of_both(two):
    session, source, target = two
    finish(session, enrol(session, source))
    finish(session, enrol(session, target))
    typed(session, target, "BBBBB2")
    linked(session, source, target)
    linking.begin(session, KEY, source, TUESDAY_TEN)
    people.erase(session, target, SOON)
    people.forget(session, target.id)
    session.flush()
    left = {t.name: session.execute(select(func.count()).select_from(t)).scalar() for t in Base.metadata.sorted_tables}
    assert {k for k, v in left.items() if v} == {"course_versions", "consents", "erasures"}
    assert all(c.citizen_id < 0 for c in session.scalars(select(Consent)))
    assert session.scalars(select(Bucket)).all() == []


def test_every_table_that_belongs_to_a_citizen_or_learner_is_thought_of():
    """A new table that points at them has to be joined as well: write it into linking.py and here."""
    pointing = {(t.name, fk.parent.name) for t in Base.metadata.tables.values() for fk in t.foreign_keys if fk.column.table.name in ("citizens", "learners")}
    assert pointing == {("conversations", "citizen_id"), ("conversations", "learner_id"), ("learners", "citizen_id"), ("reminders", "citizen_id"),
                        ("enrolments", "learner_id"), ("review_cards", "learner_id"), ("reviews", "learner_id"), ("revisions", "learner_id"),
                        ("certificates", "learner_id"), ("drill_runs", "learner_id"), ("news_topics", "citizen_id"), ("followed_dossiers", "citizen_id"),
                        ("tickets", "citizen_id"), ("ticket_followers", "citizen_id")}
