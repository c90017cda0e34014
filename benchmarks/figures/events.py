"""The seeded events: who lives where, what they asked, learned, were sent and thought of it, over the twelve months before NOW.

Shares are chosen to look like a province that uses the bot, not measured anywhere: communes and procedures follow a long tail,
days have hours, some courses are finished and many are not.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from benchmarks.figures.load import load, settled
from bot import places
from bot.clock import ZONE, local
from bot.learning.items.base import Question
from bot.learning.model import Course
from bot.services import learn
from bot.store.db import Database
from bot.store.tables import (
    ActiveDay,
    Asked,
    Attempt,
    Citizen,
    Consent,
    Conversation,
    Enrolment,
    Learner,
    MessageSent,
    ProcedureRow,
    Rating,
    Reaction,
    Review,
    ReviewCard,
)

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=ZONE)
DAYS = 365
CHANNELS, SHARES = ("web", "telegram", "zalo_oa", "zalo_bot"), (30, 10, 45, 15)
ASPECTS = ("overview", "papers", "fee", "duration", "place", "online", "steps")
HOURS = [1, 1, 1, 1, 1, 3, 8, 20, 40, 45, 42, 30, 22, 28, 38, 40, 34, 30, 32, 44, 50, 34, 14, 4]


@dataclass(frozen=True)
class Sizes:
    """How many rows of each."""

    citizens: int = 20_000
    conversations: int = 26_000
    asked: int = 300_000
    reactions: int = 60_000
    attempts: int = 350_000
    active_days: int = 150_000
    sent: int = 120_000
    enrolments: int = 40_000
    ratings: int = 20_000
    reviews: int = 40_000
    procedures: int = 400

    def part(self, share: float) -> "Sizes":
        return Sizes(**{k: max(1, int(v * share)) for k, v in vars(self).items()})


class Province:
    """The people, and chance. Everything follows from the seed."""

    def __init__(self, sizes: Sizes, seed: int):
        self.sizes, self.random = sizes, Random(seed)
        communes = places.listed()
        weights = [1 / (n + 3) for n in range(len(communes))]
        self.communes = [c if self.random.random() < 0.85 else None for c in self.random.choices(communes, weights, k=sizes.citizens)]
        self.channels = self.random.choices(CHANNELS, SHARES, k=sizes.conversations)
        self.ids = [f"{channel}:{n:040x}" for n, channel in enumerate(self.channels)]
        self.days = [NOW - timedelta(days=DAYS - 1 - n) for n in range(DAYS)]

    def commune_of(self, conversation: int) -> str | None:
        """The first conversations are citizens', the others of people who never agreed to anything."""
        return self.communes[conversation] if conversation < self.sizes.citizens else None

    def instant(self, since: datetime | None = None) -> datetime:
        """Some time of the year, at an hour at which people are awake; after `since` when given."""
        if since is not None:
            return since + (NOW - since) * self.random.random() ** 3
        # more of them towards the end: the bot becomes known
        day = self.days[int(DAYS * self.random.random() ** 0.7)]
        return min(NOW, day.replace(hour=self.random.choices(range(24), HOURS)[0], minute=self.random.randrange(60), second=self.random.randrange(60)))

    def somebody(self) -> int:
        """A conversation; few of them write much."""
        return int(self.sizes.conversations * self.random.random() ** 2)


def generate(database: Database, courses_folder: Any, sizes: Sizes, seed: int = 1) -> dict[str, int]:
    """Fills an empty, migrated database; gives the number of rows by table."""
    with database.write() as session:
        learn.publish(session, courses_folder, NOW - timedelta(days=DAYS))
    with database.read() as session:
        courses = learn.live(session)
    one, counts = Province(sizes, seed), {}

    def put(table: Any, columns: str, rows: Iterator[tuple[Any, ...]]) -> None:
        counts[table.__tablename__] = load(database, table.__table__, tuple(columns.split()), rows)

    put(ProcedureRow, "code origin name document sha256 updated_at", procedures(one))
    put(Citizen, "id created_at commune channel", citizens(one))
    put(Consent, "id citizen_id purpose given notice_version channel at", consents(one))
    put(Learner, "id citizen_id nudges_unanswered created_at", ((n + 1, n + 1, 0, NOW) for n in range(sizes.citizens)))
    put(Conversation, "id channel citizen_id learner_id offered lesson_on_screen created_at seen_at", conversations(one))
    put(Asked, "at channel intent aspect decision procedure_code text commune day first", asked(one))
    put(Reaction, "day kind procedure_code aspect channel commune", reactions(one))
    put(ActiveDay, "day conversation_id channel commune", active_days(one))
    put(MessageSent, "day kind channel commune sent_at answered_at conversation_id", messages(one))
    put(Rating, "day about key score channel commune", ratings(one, courses))
    kept: list[Kept] = []
    put(Enrolment, "id learner_id slug round version_id progress active lessons_done items_right items_total score_percent passed started_at test_total "
                   "before_right after_right touched_at completed_at left_at channel begun_at", enrolments(one, courses, kept))
    put(Attempt, "enrolment_id lesson_id item_id nth answer correct at", attempts(one, kept))
    put(ReviewCard, "learner_id slug item_id version_id state due_at reviewed_at", cards(one, kept))
    put(Review, "learner_id slug item_id rating correct answer at", reviews(one, kept))
    settled(database, [t.__table__ for t in (Citizen, Consent, Learner, Asked, MessageSent, Rating, Enrolment, Attempt, ReviewCard, Review)])
    return counts


def procedures(one: Province) -> Iterator[tuple[Any, ...]]:
    for n in range(one.sizes.procedures):
        yield f"imported:9.{n:06d}", "imported", f"Thủ tục thử số {n}", {}, f"{n:064x}", NOW


def citizens(one: Province) -> Iterator[tuple[Any, ...]]:
    for n, commune in enumerate(one.communes):
        yield n + 1, one.instant(), commune, one.channels[n % one.sizes.conversations]


def consents(one: Province) -> Iterator[tuple[Any, ...]]:
    for n in range(one.sizes.citizens):
        yield n + 1, n + 1, "learning", True, "2026-11b", one.channels[n % one.sizes.conversations], NOW - timedelta(days=30)


def conversations(one: Province) -> Iterator[tuple[Any, ...]]:
    for n, ident in enumerate(one.ids):
        citizen = n + 1 if n < one.sizes.citizens else None
        yield ident, one.channels[n], citizen, citizen, [], False, NOW - timedelta(days=DAYS), NOW


def asked(one: Province) -> Iterator[tuple[Any, ...]]:
    for _ in range(one.sizes.asked):
        at, who = one.instant(), one.somebody()
        decision = one.random.choices(("answer", "clarify", "none", "no_subject"), (70, 16, 11, 3))[0]
        code = f"9.{int(one.sizes.procedures * one.random.random() ** 3):06d}" if decision == "answer" else None
        aspect = one.random.choices(ASPECTS, (40, 18, 14, 10, 8, 6, 4))[0]
        text = "[câu hỏi đã che]" if at > NOW - timedelta(days=30) and one.random.random() < 0.3 else None
        yield (at, one.channels[who], "ask_procedure" if aspect == "overview" else f"ask_{aspect}", aspect, decision, code, text,
               one.commune_of(who), local(at).date(), one.random.random() < 0.35)


def reactions(one: Province) -> Iterator[tuple[Any, ...]]:
    for _ in range(one.sizes.reactions):
        who, kind = one.somebody(), one.random.choices(("more", "chosen", "denied"), (60, 30, 10))[0]
        aspect = one.random.choice(ASPECTS[1:]) if kind == "more" else "overview"
        yield (local(one.instant()).date(), kind, f"9.{int(one.sizes.procedures * one.random.random() ** 3):06d}", aspect, one.channels[who],
               one.commune_of(who))


def active_days(one: Province) -> Iterator[tuple[Any, ...]]:
    seen: set[tuple[int, int]] = set()
    while len(seen) < one.sizes.active_days:
        pair = int(DAYS * one.random.random() ** 0.7), one.somebody()
        if pair not in seen:
            seen.add(pair)
            day, who = pair
            yield local(one.days[day]).date(), one.ids[who], one.channels[who], one.commune_of(who)


def messages(one: Province) -> Iterator[tuple[Any, ...]]:
    for _ in range(one.sizes.sent):
        at, who = one.instant(), int(one.sizes.citizens * one.random.random() ** 1.5) % one.sizes.conversations
        answered = at + timedelta(minutes=one.random.randrange(1, 1430)) if one.random.random() < 0.4 else None
        kind = one.random.choices(("reminder", "nudge", "drill", "answer_ready"), (45, 45, 7, 3))[0]
        yield local(at).date(), kind, one.channels[who], one.commune_of(who), at, answered, one.ids[who]


def ratings(one: Province, courses: list[tuple[int, Course]]) -> Iterator[tuple[Any, ...]]:
    for _ in range(one.sizes.ratings):
        who = one.somebody()
        about = one.random.choices(("answer", "lesson", "ticket"), (60, 35, 5))[0]
        key = {"answer": f"9.{int(one.sizes.procedures * one.random.random() ** 3):06d}", "lesson": one.random.choice(courses)[1].slug, "ticket": ""}[about]
        yield local(one.instant()).date(), about, key, one.random.choices((1, 2, 3, 4, 5), (6, 8, 16, 30, 40))[0], one.channels[who], one.commune_of(who)


@dataclass(frozen=True)
class Kept:
    """An enrolment as its attempts and revisions need it. reached: how many of the course's questions were answered."""

    id: int
    version: int
    course: Course
    learner: int
    at: datetime
    reached: int


def enrolments(one: Province, courses: list[tuple[int, Course]], kept: list[Kept]) -> Iterator[tuple[Any, ...]]:
    """The rows; what follows needs of each goes into kept."""
    taken: dict[tuple[int, str], int] = {}
    for n in range(1, one.sizes.enrolments + 1):
        version, course = courses[int(len(courses) * one.random.random() ** 1.5)]
        learner = int(one.sizes.citizens * one.random.random() ** 1.3) + 1
        number = taken[learner, course.slug] = taken.get((learner, course.slug), 0) + 1
        at, share = one.instant(), one.random.choices((0.0, one.random.random(), 1.0), (18, 44, 38))[0]
        reached = int(share * len(course.items))
        completed = one.instant(at) if share == 1.0 else None
        lesson = min(len(course.lessons) - 1, int(share * len(course.lessons)))
        right = [i.id for i in course.items[:reached] if one.random.random() < 0.85]
        tested = completed is not None and course.test and one.random.random() < 0.6
        before = [one.random.random() < 0.55 for _ in course.test] if tested else []
        after = [one.random.random() < 0.75 for _ in course.test] if tested else []
        place = one.random.randrange(len(course.lessons[lesson].steps)) if 0 < share < 1 else 0
        progress = {"seed": n, "lesson": lesson, "phase": "done" if completed else "steps", "at": place, "queue": [], "tries": {}, "right": right,
                    "picked": [], "aside": "", "eased": [], "before": before, "after": after}
        left = at + timedelta(days=2) if completed is None and one.random.random() < 0.05 else None
        kept.append(Kept(n, version, course, learner, at, reached))
        yield (n, learner, course.slug, number, version, progress, False, len(course.lessons) if completed else lesson, len(right), len(course.items),
               100 * len(right) // len(course.items) if completed else None, len(right) * 5 >= len(course.items) * 4 if completed else None, at,
               len(course.test), sum(before) if tested else None, sum(after) if tested else None, completed or one.instant(at), completed, left,
               one.channels[(learner - 1) % one.sizes.conversations], at + timedelta(minutes=2) if reached or place else None)


def answers_of(item: Question) -> tuple[str, tuple[str, ...]]:
    """What is stored of a right answer, and of wrong ones."""
    right = item.grade(*item.best()).key
    if item.several or not item.count():
        return right, ("?", ",".join(reversed(right.split(","))) + ",0")
    return right, tuple(str(n) for n in range(item.count()) if str(n) != right)


def attempts(one: Province, kept: list[Kept]) -> Iterator[tuple[Any, ...]]:
    """Answers in the order of the lessons, some of them at the second try, until there are enough."""
    known: dict[tuple[str, str], tuple[str, tuple[str, ...]]] = {}
    left = one.sizes.attempts
    for taken in kept:
        lessons = [(lesson.id, item) for lesson in taken.course.lessons for item in lesson.items][:taken.reached]
        for lesson_id, item in lessons:
            place = taken.course.slug, item.id
            if place not in known:
                known[place] = answers_of(item)
            right, wrong = known[place]
            tries = 1 if one.random.random() < 0.75 else 2
            for nth in range(1, tries + 1):
                if not left:
                    return
                left -= 1
                yield taken.id, lesson_id, item.id, nth, right if nth == tries else one.random.choice(wrong), nth == tries, one.instant(taken.at)


def cards(one: Province, kept: list[Kept]) -> Iterator[tuple[Any, ...]]:
    seen: set[tuple[int, str, str]] = set()
    for taken in kept:
        for item in taken.course.items[:taken.reached][:2]:
            if (taken.learner, taken.course.slug, item.id) not in seen and len(seen) < one.sizes.reviews:
                seen.add((taken.learner, taken.course.slug, item.id))
                yield taken.learner, taken.course.slug, item.id, taken.version, {}, NOW + timedelta(days=one.random.randrange(-20, 60)), taken.at


def reviews(one: Province, kept: list[Kept]) -> Iterator[tuple[Any, ...]]:
    some = [k for k in kept if k.reached]
    for _ in range(one.sizes.reviews if some else 0):
        taken = one.random.choice(some)
        item, correct = one.random.choice(taken.course.items[:taken.reached]), one.random.random() < 0.8
        yield taken.learner, taken.course.slug, item.id, 3 if correct else 1, correct, "0", one.instant(taken.at)
