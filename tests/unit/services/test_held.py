"""A message the platform does not take now waits for the citizen's next word, and is late but not lost."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.app import App
from bot.channels import base
from bot.channels.base import Limits, Occasion, SendError
from bot.config import Settings
from bot.language import times
from bot.messages import Incoming
from bot.services import inbox, outbox, people, remind
from bot.services.retention import KEEP_HELD
from bot.store.tables import Conversation, Outbound
from bot.worker import Worker
from tests.factories import KEY, TUESDAY_TEN, FrozenClock, talk_of

USER = "1112223334445556667"
BODY = {"text": "Đến giờ bạn dặn: cho gà ăn", "buttons": [{"title": "Để sau", "payload": '/snooze_reminder{"value": "1"}'}], "image": None, "quick": False}
WINDOW = timedelta(hours=48)


@dataclass
class Platform:
    """A channel that takes a message within 48 hours of the citizen's last word. fails: what is raised before that."""

    clock: FrozenClock
    name: str = "zalo_oa"
    limits: Limits = Limits(2000, 5)
    fails: list = field(default_factory=list)
    took: list = field(default_factory=list)

    async def send(self, address, body, occasion=Occasion()):
        if self.fails:
            raise SendError(*self.fails.pop(0))
        if self.clock() - occasion.seen_at >= WINDOW:
            raise SendError(base.WINDOW_CLOSED)
        self.took.append((occasion.kind, body["text"]))
        return "s1"

    async def close(self):
        pass


@pytest.fixture
def clock():
    return FrozenClock()


@pytest.fixture
def app(database, clock, tmp_path):
    return App(Settings(_env_file=None, secret_key=KEY.decode(), database_url=database.url), database, clock)


@pytest.fixture
def platform(clock):
    return Platform(clock)


@pytest.fixture
def worker(app, platform):
    return Worker(app, [platform])


def writes(app, words="chào", ident="m1", at=None):
    with app.database.write() as session:
        return inbox.store(session, KEY, Incoming("zalo_oa", ident, USER, words, at=at), app.clock())


def owes(app, cause="reminder:1:a", kind="reminder", body=BODY):
    with app.database.write() as session:
        talk = people.conversation(session, KEY, "zalo_oa", USER, app.clock())
        return outbox.enqueue(session, talk, cause, kind, body, app.clock(), address=USER)


def deliver(worker):
    asyncio.run(worker.deliver())


def states(app):
    with app.database.read() as session:
        return [(r.state, r.error) for r in session.scalars(select(Outbound).order_by(Outbound.id))]


def test_a_refused_message_is_held_and_goes_out_when_the_citizen_writes(app, clock, worker, platform):
    writes(app)
    clock.forward(days=3)
    owes(app)
    for _ in range(3):
        deliver(worker)
    assert states(app) == [("held", "window_closed")]
    assert platform.took == []
    clock.forward(days=2)
    writes(app, ident="m2")
    assert states(app) == [("due", None)]
    deliver(worker)
    (kind, text), = platform.took
    assert kind == "reminder"
    assert "10 giờ sáng thứ sáu 27/11/2026" in text and text.endswith("Đến giờ bạn dặn: cho gà ăn"), "it says that it is late, and since when"
    assert states(app) == [("sent", None)]


def test_inside_the_window_nothing_changes(app, clock, worker, platform):
    writes(app)
    clock.forward(hours=47)
    owes(app)
    deliver(worker)
    assert platform.took == [("reminder", BODY["text"])]


def test_the_answer_to_the_word_that_opened_the_window_is_not_held_back(app, clock, worker, platform):
    writes(app)
    clock.forward(days=3)
    owes(app)
    deliver(worker)
    writes(app, ident="m2")
    owes(app, "inbox:2:0", "reply", {**BODY, "text": "Chào bạn"})
    deliver(worker)
    deliver(worker)
    assert sorted(kind for kind, _ in platform.took) == ["reminder", "reply"]


def test_of_a_series_only_the_newest_is_told(app, clock, worker, platform):
    """Twenty days away with a daily reminder is one late message, not twenty."""
    writes(app)
    clock.forward(days=3)
    for day in range(20):
        owes(app, f"reminder:1:2026-12-{day:02}T01:00")
        owes(app, f"reminder:2:2026-12-{day:02}T01:00", body={**BODY, "text": "uống thuốc"})
        deliver(worker)
        clock.forward(days=1)
    writes(app, ident="m2")
    deliver(worker)
    assert len(platform.took) == 2
    assert sum(state == "dead" for state, _ in states(app)) == 38
    with app.database.read() as session:
        assert outbox.dead(session) == [], "nothing that anybody has to look into"


def test_a_message_held_twice_says_once_that_it_is_late(app, clock, worker, platform):
    writes(app)
    clock.forward(days=3)
    owes(app)
    deliver(worker)
    writes(app, ident="m2")
    platform.fails = [(base.WINDOW_CLOSED,)]
    deliver(worker)
    assert states(app) == [("held", "window_closed")]
    writes(app, ident="m3")
    deliver(worker)
    assert platform.took[0][1].count("lẽ ra") == 1


def test_a_word_that_zalo_repeats_later_does_not_open_the_window_again(app, clock, worker, platform):
    """The event says when it happened; a retry comes up to two hours later."""
    at = clock()
    clock.forward(hours=2)
    writes(app, at=at)
    with app.database.read() as session:
        assert session.scalars(select(Conversation.seen_at)).one() == at
    writes(app, ident="m0", at=at - timedelta(hours=5))
    writes(app, ident="m2", at=clock() + timedelta(days=9))
    with app.database.read() as session:
        assert session.scalars(select(Conversation.seen_at)).one() == clock(), "nobody wrote in the future"


def test_a_held_choice_is_not_what_a_typed_number_means(app, clock, worker):
    writes(app)
    clock.forward(days=3)
    owes(app)
    with app.database.read() as session:
        assert session.scalars(select(Conversation.offered)).one() != []
    deliver(worker)
    with app.database.read() as session:
        assert session.scalars(select(Conversation.offered)).one() == []


def test_who_left_gets_nothing_of_what_was_held(app, clock, worker, platform):
    writes(app)
    clock.forward(days=3)
    owes(app)
    deliver(worker)
    with app.database.write() as session:
        inbox.store(session, KEY, Incoming("zalo_oa", "u1", USER, at=clock(), left=True), clock())
    assert states(app) == [("dead", "closed")]
    clock.forward(minutes=1)
    writes(app, ident="m2", at=clock())
    deliver(worker)
    assert platform.took == []


def test_leaving_that_is_told_after_coming_back_changes_nothing(app, clock):
    left = clock()
    clock.forward(minutes=5)
    writes(app, at=clock())
    with app.database.write() as session:
        inbox.store(session, KEY, Incoming("zalo_oa", "u1", USER, at=left, left=True), clock())
    with app.database.read() as session:
        assert session.scalars(select(Conversation.closed_at)).one() is None


def test_following_again_opens_the_chat(app, clock):
    writes(app, at=clock())
    with app.database.write() as session:
        inbox.store(session, KEY, Incoming("zalo_oa", "u1", USER, at=clock.forward(minutes=1), left=True), clock())
    with app.database.read() as session:
        assert session.scalars(select(Conversation.closed_at)).one() == clock()
    writes(app, "xin chào", "f1", clock.forward(minutes=1))
    with app.database.read() as session:
        assert session.scalars(select(Conversation.closed_at)).one() is None


def test_ten_photos_are_answered_with_one_sentence(app, clock, worker, platform):
    for number in range(10):
        with app.database.write() as session:
            inbox.store(session, KEY, Incoming("zalo_oa", f"p{number}", USER, at=clock(), answer="Tôi chỉ đọc được chữ."), clock())
    deliver(worker)
    assert platform.took == [("notice", "Tôi chỉ đọc được chữ.")]
    clock.forward(seconds=11)
    for _ in range(2):
        with app.database.write() as session:
            inbox.store(session, KEY, Incoming("zalo_oa", "p11", USER, at=clock(), answer="Tôi chỉ đọc được chữ."), clock())
    deliver(worker)
    assert len(platform.took) == 2


def test_held_messages_are_erased_after_thirty_days(app, clock, worker):
    with app.database.write() as session:
        talk_of(session, USER, "zalo_oa", clock(), consent=("reminders",))
    owes(app)
    clock.forward(days=3)
    deliver(worker)
    assert [s for s, _ in states(app)] == ["held"]
    clock.at = TUESDAY_TEN + KEEP_HELD - timedelta(minutes=1)
    asyncio.run(worker.clean())
    assert [s for s, _ in states(app)] == ["held"]
    clock.forward(minutes=2)
    asyncio.run(worker.clean())
    assert states(app) == []


def test_a_cancelled_reminder_is_not_told_later(app, clock, worker, platform):
    with app.database.write() as session:
        talk = talk_of(session, USER, "zalo_oa", clock(), consent=("reminders",))
        reminder = remind.add(session, talk, times.parse("tối mai 8 giờ", clock()), "cho gà ăn", clock())
        citizen_id, ident = talk.citizen_id, reminder.id
    clock.forward(days=3)
    owes(app, f"reminder:{ident}:x")
    deliver(worker)
    with app.database.write() as session:
        remind.cancel(session, citizen_id)
    assert states(app) == [("dead", "cancelled")]


@pytest.mark.parametrize("failure", [base.BAD_TOKEN, base.MISCONFIGURED, base.QUOTA])
def test_a_failure_of_ours_never_kills_a_message(app, clock, worker, platform, failure):
    """A human may need days to authorise the account again."""
    writes(app)
    owes(app)
    platform.fails = [(failure, 600.0)] * 20
    for _ in range(20):
        deliver(worker)
        with app.database.write() as session:
            session.execute(update(Outbound).values(next_try_at=clock()))
    assert states(app) == [("due", failure.name)]
    deliver(worker)
    assert len(platform.took) == 1


def test_while_one_waits_for_us_no_later_message_of_the_chat_overtakes_it(app, clock, worker, platform):
    writes(app)
    owes(app, "inbox:1:0", "reply", {**BODY, "text": "một"})
    platform.fails = [(base.BAD_TOKEN, 600.0)]
    deliver(worker)
    owes(app, "inbox:2:0", "reply", {**BODY, "text": "hai"})
    deliver(worker)
    assert platform.took == []
    clock.forward(minutes=15)
    deliver(worker)
    assert [text for _, text in platform.took] == ["một", "hai"]
