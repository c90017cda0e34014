"""Learners of one small course in two versions, played by the real engine in memory and written at once: what figures are counted from.

Each learner remembers what was on the screen, so that tests count from what happened and not from what is stored of it.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import select

from bot.learning import engine
from bot.learning.model import Course
from bot.services.versions import course_of
from bot.store.tables import Attempt, Citizen, CourseVersion, Enrolment, Learner, Review, ReviewCard
from tests.small_course import publish, single, small

SLUG = "khoa-nho"
COMMUNES = ("Xã Bình Lục", "Phường Hoa Lư", "Xã Giao Minh", None)
NOW = datetime.fromisoformat("2026-11-24T03:00:00+00:00")
WEEKS_BACK = 14


@dataclass
class Round:
    """One enrolment as it went: seen: ids of the cards and questions shown; answers: (part, item, words given, right) in order."""

    learner: int
    nth: int
    version: int
    commune: str | None
    channel: str
    started_at: datetime
    touched_at: datetime
    completed_at: datetime | None = None
    left_at: datetime | None = None
    seen: set[str] = field(default_factory=set)
    doors: set[str] = field(default_factory=set)
    answers: list[tuple[str, str, str, bool, datetime, int]] = field(default_factory=list)
    standing: str = ""
    progress: dict = field(default_factory=dict)
    id: int = 0


@dataclass(frozen=True)
class Revised:
    learner: int
    item: str
    correct: bool
    at: datetime


@dataclass
class World:
    courses: dict[int, Course]
    rounds: list[Round]
    reviews: list[Revised]
    cards: list[tuple[int, datetime]]
    """(learner, due)."""


def first_version() -> dict:
    """Two lessons of a card and four questions."""
    document = small(SLUG)
    for number, lesson in enumerate(document["lessons"], 1):
        lesson["steps"] += [{"question": single(f"l{number}q{n}")} for n in (3, 4)]
    return document


def changed() -> dict:
    """The second version: a card more, and the choices of the first question in another order."""
    document = first_version()
    lesson = document["lessons"][0]
    lesson["steps"].insert(1, {"card": {"id": "l1c2", "text": "Mã OTP không đưa cho ai. Kể cả người xưng là công an.", "source": ["S1"]}})
    question = single("l1q1")
    question["options"].reverse()
    lesson["steps"][2] = {"question": question}
    return document


def versions(session, folder) -> dict[int, Course]:
    """Both versions, published a month apart; the second is the one in use."""
    publish(session, folder / "a", first_version(), now=NOW - timedelta(weeks=20))
    publish(session, folder / "b", changed(), now=NOW - timedelta(weeks=6))
    ids = session.scalars(select(CourseVersion.id).where(CourseVersion.slug == SLUG).order_by(CourseVersion.id)).all()
    return {i: course_of(session, i) for i in ids}


def played(course: Course, one: Round, random: Random, skill: float) -> None:
    """Goes through the course until it is done or the learner has had enough, a few minutes to a few days a step."""
    progress = engine.begin(random.randrange(1000))
    at = one.started_at
    patience = random.choice((0, 1, 2, 3, 4, 5, 8, 100, 100, 100, 100))
    if random.random() < 0.6:
        progress = engine.test_first(course, progress).progress
    while patience:
        patience -= 1
        here = engine.current(course, progress)
        if progress.phase == "pause":
            one.doors.add(course.lessons[progress.lesson].id)
        if here is not None:
            one.seen.add(here.id)
        if progress.phase == "done":
            break
        at += timedelta(seconds=random.choice((30, 90, 600, 86_400, 200_000)))
        if here is None or not hasattr(here, "type"):
            outcome = engine.go_on(course, progress)
        elif random.random() < skill:
            outcome = engine.judge(course, progress, here, here.grade(*here.best()))
        elif random.random() < 0.1:
            outcome = engine.judge(course, progress, here, None)
        else:
            wrong = ((), random.choice(("chịu thua", "ai ma biet"))) if here.type == "fill" else ((random.choice(
                [n for n, o in enumerate(here.options) if not o.correct]),), "")
            outcome = engine.judge(course, progress, here, here.grade(*wrong))
        for event in outcome.events:
            if event.kind in ("answered", "tested"):
                one.answers.append((event.lesson_id, event.item_id, event.key, event.correct, at, event.nth))
        progress = outcome.progress
    here = engine.current(course, progress)
    if here is not None:
        one.seen.add(here.id)
    elif progress.phase == "pause":
        one.doors.add(course.lessons[progress.lesson].id)
    one.doors.add(course.lessons[0].id)
    one.standing = progress.phase if progress.phase in ("done", "after") else here.id if here is not None and progress.phase != "before" \
        else course.lessons[progress.lesson].id
    if progress.aside:  # the easier question is asked in between: the place is that of the question it helps with
        one.standing = progress.queue[0] if progress.phase in ("again", "retake") and progress.queue else course_step(course, progress)
    one.touched_at = at
    one.completed_at = at if progress.phase == "done" else None
    one.left_at = at if progress.phase != "done" and random.random() < 0.1 else None
    one.progress = progress.model_dump(mode="json")


def course_step(course: Course, progress) -> str:
    step = course.lessons[progress.lesson].steps[progress.at]
    return getattr(step, "card", None).id if hasattr(step, "card") else step.question.id


def world(session, folder, learners: int = 300, seed: int = 5) -> World:
    """The course, its learners and what they did, in the database and as a list."""
    random = Random(seed)
    courses = versions(session, folder)
    found = World(courses, [], [], [])
    people, rows, answers = [], [], []
    for number in range(1, learners + 1):
        commune, skill = random.choice(COMMUNES), random.uniform(0.35, 0.98)
        people.append((Citizen(id=number, created_at=NOW, commune=commune), Learner(id=number, citizen_id=number, created_at=NOW)))
        started = started_at(random)
        for nth in range(1, 1 + random.choice((1, 1, 1, 1, 2))):
            version = random.choice(list(courses)) if nth == 1 else max(courses)
            one = Round(number, nth, version, commune, random.choice(("web", "telegram", "zalo")), started, started, id=len(found.rounds) + 1)
            played(courses[version], one, random, skill)
            found.rounds.append(one)
            rows.append(row_of(one))
            answers += [Attempt(enrolment_id=one.id, lesson_id=lesson, item_id=item, nth=n, answer=answer, correct=correct, at=at)
                        for lesson, item, answer, correct, at, n in one.answers]
            started = one.touched_at + timedelta(days=random.choice((1, 20)))
        answers += revised(found, number, random, skill)
    for group in ([c for c, _ in people], [le for _, le in people], rows, answers):
        session.add_all(group)
        session.flush()
    return found


def row_of(one: Round) -> Enrolment:
    begun = min((at for *_, at, _ in one.answers), default=one.touched_at if "l1q1" in one.seen else None)
    return Enrolment(id=one.id, learner_id=one.learner, slug=SLUG, round=one.nth, version_id=one.version, progress=one.progress, active=False,
                     items_total=8, started_at=one.started_at, touched_at=one.touched_at, completed_at=one.completed_at, left_at=one.left_at,
                     channel=one.channel, begun_at=begun, test_total=1)


def started_at(random: Random) -> datetime:
    """Some time in the last weeks; one in five within two minutes of a local midnight between Sunday and Monday."""
    if random.random() < 0.2:
        monday = datetime.fromisoformat("2026-11-22T17:00:00+00:00") - timedelta(weeks=random.randrange(WEEKS_BACK))
        return monday + timedelta(seconds=random.choice((-60, 0, 60)))
    return NOW - timedelta(minutes=random.randrange(60, WEEKS_BACK * 7 * 24 * 60))


def revised(found: World, learner: int, random: Random, skill: float) -> list[Review | ReviewCard]:
    """A few revisions of the questions the learner has met, and their cards."""
    rows: list[Review | ReviewCard] = []
    mine = [r for r in found.rounds if r.learner == learner]
    for item in ("l1q1", "l2q2"):
        met = [at for r in mine for lesson, i, _, _, at, nth in r.answers if i == item and nth == 1]
        if not met:
            continue
        at = max(met)
        for _ in range(random.randrange(4)):
            at += timedelta(days=random.choice((0.5, 1, 2, 6, 20, 70)))
            correct = random.random() < skill
            rows.append(Review(learner_id=learner, slug=SLUG, item_id=item, rating=3, correct=correct, answer="0", at=at))
            found.reviews.append(Revised(learner, item, correct, at))
        due = at + timedelta(days=random.randrange(60))
        rows.append(ReviewCard(learner_id=learner, slug=SLUG, item_id=item, version_id=mine[0].version, state={}, due_at=due, reviewed_at=at))
        found.cards.append((learner, due))
    return rows
