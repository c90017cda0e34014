"""What was read, where a channel tells it: which rows, once, whose; what it does not do; and the figures of an announcement."""

from collections import Counter
from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import func, select

from bot.messages import Incoming
from bot.services import announcing, inbox, outbox, people, reads
from bot.services.figures.table import FEW, KEPT
from bot.store.tables import ActiveDay, Conversation, Inbound, MessageSent, Outbound
from tests.announcing import approved, member, sends, subscriber, tick
from tests.factories import KEY, TUESDAY_TEN, talk_of

ZALO, WEB, OTHER = "7001234567890123456", "sender-one-0123456", "sender-two-0123456"
SOON, LATER = TUESDAY_TEN + timedelta(minutes=1), TUESDAY_TEN + timedelta(hours=1)
numbers = count(1)


def put(session, talk, kind="news", platform=None, sent=True) -> int:
    """A message in the outbox, sent unless said otherwise."""
    ident = outbox.enqueue(session, talk, f"cause:{next(numbers)}", kind, {"text": "tin"}, TUESDAY_TEN)
    if sent:
        outbox.sent(session, ident, platform or "", SOON) if platform else outbox.streamed(session, ident, SOON)
    return ident


def event(*ids, user=ZALO, at=LATER):
    return Incoming("zalo_oa", f"seen-{next(numbers)}", user, at=at, read=ids)


def hear(database, message, now=LATER):
    with database.write() as session:
        return inbox.store(session, KEY, message, now)


def read_at(database) -> dict:
    with database.read() as session:
        return dict(session.execute(select(Outbound.id, Outbound.read_at)).all())


# --- Zalo


def test_every_message_of_that_chat_that_is_named_and_no_other(database):
    with database.write() as session:
        talk, other = talk_of(session, ZALO, "zalo_oa"), talk_of(session, "7009", "zalo_oa")
        named, in_parts, not_named = (put(session, talk, "reply", p) for p in ("s1", "s2,s3,s4", "s5"))
        of_another = put(session, other, "news", "s1")
        begins_alike = put(session, talk, "news", "s11,s33")
    hear(database, event("s1", "s3", "unknown"))
    assert read_at(database) == {named: LATER, in_parts: LATER, not_named: None, of_another: None, begins_alike: None}


def test_told_again_or_in_another_order_changes_nothing(database):
    with database.write() as session:
        talk = talk_of(session, ZALO, "zalo_oa")
        one, two = put(session, talk, platform="s1"), put(session, talk, platform="s2")
    hear(database, event("s2"))
    for message in (event("s2", at=LATER + timedelta(hours=1)), event("s1", "s2", at=LATER), event("s2", at=SOON)):
        hear(database, message, LATER + timedelta(hours=2))
    assert read_at(database) == {one: LATER, two: LATER}


def test_a_time_to_come_is_now_and_none_is_now(database):
    with database.write() as session:
        talk = talk_of(session, ZALO, "zalo_oa")
        one, two = put(session, talk, platform="s1"), put(session, talk, platform="s2")
    hear(database, event("s1", at=LATER + timedelta(days=9)))
    hear(database, event("s2", at=None))
    assert read_at(database) == {one: LATER, two: LATER}


def test_reading_is_not_writing(database):
    with database.write() as session:
        talk = talk_of(session, ZALO, "zalo_oa", consent=("news",))
        put(session, talk, platform="s1")
        held = put(session, talk, "reminder", sent=False)
        session.get_one(Outbound, held).state = "held"
        people.close(session, talk, SOON, SOON)
        session.flush()
        before = [(t.seen_at, t.closed_at, t.address) for t in session.scalars(select(Conversation))]
        days = session.scalar(select(func.count()).select_from(ActiveDay))
    stored = hear(database, event("s1"))
    assert (stored.inbox_id, stored.new) == (0, False)
    with database.read() as session:
        assert [(t.seen_at, t.closed_at, t.address) for t in session.scalars(select(Conversation))] == before
        assert session.scalar(select(func.count()).select_from(ActiveDay)) == days
        assert session.scalars(select(Inbound)).all() == [] and session.scalars(select(MessageSent.answered_at)).all() == [None]
        assert session.scalar(select(func.count()).select_from(Outbound)) == 2


def test_a_chat_that_we_do_not_know_is_not_made_by_it(database):
    hear(database, event("s1"))
    with database.read() as session:
        assert session.scalars(select(Conversation)).all() == []


def test_seen_before_the_id_is_written_down_is_told_again(database):
    with database.write() as session:
        talk = talk_of(session, ZALO, "zalo_oa")
        known = put(session, talk, platform="s1")
        late = put(session, talk, sent=False)
        assert [r.id for r in outbox.claim(session, ["zalo_oa"], SOON)] == [late]
    with pytest.raises(reads.NotYet):
        hear(database, event("s1", "s2"))
    hear(database, event("s1"))  # all of it is known, so nothing has to be told again
    with database.write() as session:
        outbox.sent(session, late, "s2", LATER)
    hear(database, event("s1", "s2"))
    hear(database, event("of staff in Zalo's window"))
    assert read_at(database) == {known: LATER, late: LATER}


# --- the web chat


def test_the_page_tells_of_its_own_senders_messages_that_came_by_themselves(database):
    with database.write() as session:
        mine, other = talk_of(session, WEB), talk_of(session, OTHER)
        news, reminder, reply = put(session, mine), put(session, mine, "reminder"), put(session, mine, "reply")
        waits, theirs = put(session, mine, sent=False), put(session, other)
        assert reads.by_page(session, KEY, WEB, [news, reminder, reply, waits, theirs, 999_999], LATER) == 2
        assert reads.by_page(session, KEY, WEB, [news, reminder], LATER + timedelta(hours=1)) == 0
        assert reads.by_page(session, KEY, "sender-nobody-0123456", [news], LATER) == 0
    assert read_at(database) == {news: LATER, reminder: LATER, reply: None, waits: None, theirs: None}


# --- the results of an announcement


@pytest.fixture
def announce(database):
    """Sends an announcement to so many people on each channel, reads some; returns its id."""
    def go(reading: dict[str, int], **reached: int) -> int:
        senders = {}
        with database.write() as session:
            for at, (channel, many) in enumerate(reached.items()):
                for n in range(at * 100, at * 100 + many):
                    senders[subscriber(session, n, channel).id] = f"subscriber-{n:08}"
            ident = approved(session, member(session, "soan"), member(session, "duyet"))
        tick(database, LATER)
        with database.write() as session:
            read = Counter()
            for row in session.scalars(select(Outbound).order_by(Outbound.id)).all():
                web, platform, sender = row.channel == "web", f"p{row.id}", senders[row.conversation_id]
                outbox.streamed(session, row.id, LATER) if web else outbox.sent(session, row.id, platform, LATER)
                read[row.channel] += 1
                if read[row.channel] <= reading.get(row.channel, 0):
                    reads.by_page(session, KEY, sender, [row.id], LATER) if web else reads.by_platform(session, KEY, row.channel, sender, [platform], LATER)
        tick(database, LATER)
        return ident
    return go


def result(database, ident):
    with database.read() as session:
        return announcing.results(session, ident)


def recomputed(database, ident) -> tuple[int, int]:
    """(read, of how many that is known), from the rows alone."""
    found = [s for s in sends(database, ident) if s.state == "sent" and s.channel in ("zalo_oa", "web")]
    return sum(s.read_at is not None for s in found), len(found)


def test_the_results_say_how_many_have_read_it_of_those_it_is_known_of(database, announce):
    ident = announce({"zalo_oa": 7, "web": 6}, zalo_oa=13, web=11, telegram=8, zalo_bot=5)
    found = result(database, ident)
    assert (found.read, found.known) == recomputed(database, ident) == (13, 24)
    with database.write() as session:  # the outbox is cleaned after two days, the results stay
        session.execute(Outbound.__table__.delete())
    assert (result(database, ident).read, result(database, ident).known) == (13, 24)


def test_nobody_can_be_known_to_have_read_it_where_no_channel_tells(database, announce):
    ident = announce({}, telegram=9)
    found = result(database, ident)
    assert (found.read, found.known) == (0, 0)


@pytest.mark.parametrize(("reading", "reached", "read", "known"), [
    ({"zalo_oa": 2}, {"zalo_oa": 12, "telegram": 6}, FEW, KEPT), ({"zalo_oa": 10}, {"zalo_oa": 12, "telegram": 20}, KEPT, 12),
    ({"zalo_oa": 3}, {"zalo_oa": 3, "telegram": 20}, FEW, FEW), ({"zalo_oa": 1}, {"zalo_oa": 4}, KEPT, KEPT),
    ({"zalo_oa": 6}, {"zalo_oa": 6}, 6, 6), ({}, {"web": 6}, 0, 6)], ids=range(6))
def test_few_readers_and_few_who_have_not_read_are_hidden(database, announce, reading, reached, read, known):
    ident = announce(reading, **reached)
    found = result(database, ident)
    assert (sum(reading.values()), sum(n for c, n in reached.items() if c in reads.CHANNELS)) == recomputed(database, ident)
    assert (found.read, found.known) == (read, known)


def test_whoever_is_erased_stays_a_number_that_was_read(database, announce):
    ident = announce({"zalo_oa": 6}, zalo_oa=6)
    with database.write() as session:
        talk = session.get_one(Conversation, sends(database, ident)[0].conversation_id)
        people.erase(session, talk, LATER)
        people.forget(session, talk.id)
    assert recomputed(database, ident) == (6, 6) and result(database, ident).read == 6
    assert [s.conversation_id for s in sends(database, ident)].count(None) == 1
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Outbound).where(Outbound.read_at.is_not(None))) == 5
