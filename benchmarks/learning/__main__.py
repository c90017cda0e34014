"""`python -m benchmarks.learning [--learners 500] [--weeks 6]`: prints one JSON.

Every learner takes the first three citizen courses, as many lessons a day as their diligence allows, takes the test
before and after, and revises when nudged (every second one; the others never revise, for comparison). Then every number
of every learner's own view is compared with a direct query of the tables.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select, text

from benchmarks.learning.learner import Pupil
from bot.clock import ZONE
from bot.config import settings
from bot.learning import document, engine, review
from bot.learning.engine import Progress
from bot.services import learn, nudge, people, revise
from bot.services.versions import course_of
from bot.store.db import Database
from bot.store.tables import Attempt, Enrolment, Outbound, Review

START = datetime(2026, 11, 30, 6, 0, tzinfo=ZONE)
COURSES = 3
LESSONS_A_DAY = 2
KEY = b"benchmark"


def answer_of(pupil: Pupil, item, key: str, now: datetime):
    """(picks, text) as this pupil answers now."""
    picks, typed = item.best()
    if pupil.answers(key, max(2, item.count()), now):
        return picks, typed
    if item.type == "fill":
        return (), "khong ro"
    if item.type in ("ordering", "matching"):
        return tuple(reversed(range(item.count()))), ""
    if item.type == "scenario":
        wrong = next((at for at, c in enumerate(item.scenes[0].choices) if c.ends == "wrong"), None)
        if wrong is not None:
            return (wrong,), ""
        first = item.scenes[0].choices[0]
        later = next(s for s in item.scenes if s.id == first.to)
        return (0, next((at for at, c in enumerate(later.choices) if c.ends == "wrong"), 0)), ""
    return (next(i for i in range(item.count()) if i not in picks),), ""


def lesson(session, pupil: Pupil, enrolment: Enrolment, now: datetime) -> bool:
    """Plays until a lesson is done; False when the course is."""
    course = course_of(session, enrolment.version_id)
    for _ in range(400):
        progress = Progress.model_validate(enrolment.progress)
        if progress.phase == "done":
            return False
        here = engine.current(course, progress)
        if engine.may_test_before(course, progress):
            learn.play(session, enrolment, engine.test_first, now)
        elif here is None or not hasattr(here, "type"):
            outcome = learn.play(session, enrolment, engine.go_on, now)
        else:
            # what was never taught is answered by ability alone; the test's items are not learned from before the course
            key = f"{course.slug}/{here.id}" if progress.phase != "before" else f"{course.slug}/{here.id}/before"
            picks, typed = answer_of(pupil, here, key, now)
            if progress.phase == "after":  # what the lessons taught helps with the test's situations
                taught = [k for k in pupil.memory if k.startswith(f"{course.slug}/l")]
                strong = statistics.fmean(pupil.recall(k, now) for k in taught) if taught else 0
                if pupil.dice.random() < 0.7 * strong:
                    picks, typed = here.best()
            outcome = learn.play(session, enrolment, lambda c, p, i=here, g=(picks, typed): engine.judge(c, p, i, i.grade(*g)), now)
            if any(e.kind == "lesson_done" for e in outcome.events):
                return True
    raise RuntimeError("a lesson does not end")


def sitting(session, pupil: Pupil, learner_id: int, now: datetime) -> int:
    """One revision; returns how many items were asked for the first time."""
    if revise.due_count(session, learner_id, now) == 0 or revise.begin(session, learner_id, now) is None:
        return 0
    asked = 0
    for _ in range(60):
        found = revise.open_sitting(session, learner_id)
        if found is None:
            return asked
        _, state, questions = found
        key = state.queue[0]
        item = questions[key]
        picks, typed = answer_of(pupil, item, key, now)
        asked += key not in state.again

        def move(q, s, i=item, g=(picks, typed)):
            verdict = i.grade(*g)
            return review.moved(q, s, lambda screen: review.Move(answered=True, verdict=verdict))

        revise.play(session, learner_id, move, now)
    raise RuntimeError("a revision does not end")


def run(learners: int, weeks: int, url: str) -> dict:
    database = Database(url)
    database.migrate()
    now = START
    slugs = sorted((c for c in document.load_all(settings().courses_dir).values() if c.group == "citizens" and c.test),
                   key=lambda c: (c.rank, c.title))[:COURSES]
    slugs = [c.slug for c in slugs]
    with database.write() as session:
        learn.publish(session, settings().courses_dir, now)
    pupils: dict[int, Pupil] = {}
    talks: dict[int, str] = {}
    for number in range(learners):
        with database.write() as session:
            talk = people.conversation(session, KEY, "web", f"pupil-{number:06d}-{'x' * 8}", now)
            people.give_consent(session, talk, None, ["learning", "reminders"], now)
            revise.choose_hour(session, talk.learner_id, (7, 12, 19)[number % 3])
            pupils[talk.learner_id], talks[talk.learner_id] = Pupil.drawn(number), talk.id
    load: Counter[tuple[int, int]] = Counter()
    nudges, began = 0, time.perf_counter()
    for day in range(7 * weeks):
        for hour in (7, 12, 19):
            now = START.replace(hour=hour) + timedelta(days=day)
            with database.write() as session:
                for _ in range(20):
                    planned = nudge.plan(session, now)
                    nudges += planned
                    if planned == 0:
                        break
                nudged = set(session.scalars(select(Outbound.conversation_id).where(Outbound.kind == "nudge", Outbound.created_at == now)))
            for learner_id, pupil in pupils.items():
                if pupil.revises and talks[learner_id] in nudged and pupil.dice.random() < 0.8:
                    with database.write() as session:
                        load[(learner_id, day)] += sitting(session, pupil, learner_id, now + timedelta(minutes=20))
        for learner_id, pupil in pupils.items():
            if pupil.dice.random() < pupil.diligence:
                with database.write() as session:
                    for _ in range(LESSONS_A_DAY):
                        going = learn.open_enrolment(session, learner_id)
                        if going is None:
                            taken = set(session.scalars(select(Enrolment.slug).where(Enrolment.learner_id == learner_id)))
                            left = [s for s in slugs if s not in taken]
                            if not left:
                                break
                            going, _, _ = learn.enrol(session, learner_id, left[0], now)
                        lesson(session, pupil, going, now + timedelta(minutes=45))
        if (day + 1) % 7 == 0:
            print(f"  week {(day + 1) // 7}: {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
    return figures(database, pupils, slugs, load, nudges, now, learners, weeks)


def figures(database: Database, pupils: dict[int, Pupil], slugs: list[str], load: Counter, nudges: int, now: datetime, learners: int, weeks: int) -> dict:
    """What the class looks like, and whether every view equals the tables."""
    with database.read() as session:
        enrolled = session.scalar(select(func.count()).select_from(Enrolment))
        done = session.scalar(select(func.count()).select_from(Enrolment).where(Enrolment.completed_at.is_not(None)))
        gains = session.execute(select(Enrolment.before_right, Enrolment.after_right, Enrolment.test_total).where(
            Enrolment.before_right.is_not(None), Enrolment.after_right.is_not(None))).all()
        before = statistics.fmean(b / t for b, _, t in gains)
        after = statistics.fmean(a / t for _, a, t in gains)
        normal = [(a - b) / (t - b) for b, a, t in gains if t > b]
        reviewed = session.scalar(select(func.count()).select_from(Review))
        right = session.scalar(select(func.count()).select_from(Review).where(Review.correct))
        compared, different = compare(session, pupils)
    loads = [n for n in load.values() if n]

    def kept(revises: bool) -> float:
        return statistics.fmean(p.recall(k, now) for p in pupils.values() if p.revises == revises for k in p.memory if "/l" in k)

    return {
        "learners": learners, "weeks": weeks, "courses": slugs, "enrolments": enrolled, "completed": done,
        "completion_of_enrolled": round(done / enrolled, 3), "test_before": round(before, 3), "test_after": round(after, 3),
        "gain_points": round(100 * (after - before), 1), "normalised_gain": round(statistics.fmean(normal), 3),
        "attempts": compared["attempts"], "reviews": reviewed, "review_accuracy": round(right / reviewed, 3) if reviewed else None, "nudges": nudges,
        "revision_items_per_learner_and_day": load_of(loads),
        "still_remembered_simulated": {"who_revise": round(kept(True), 3), "who_do_not": round(kept(False), 3)},
        "numbers_compared": compared["numbers"], "numbers_different": different,
    }


def load_of(loads: list[int]) -> dict[str, float]:
    """Items of the days on which somebody revised."""
    return {"median": statistics.median(loads), "p95": sorted(loads)[int(0.95 * len(loads))], "most": max(loads)} if loads else {}


def compare(session, pupils: dict[int, Pupil]) -> tuple[dict[str, int], int]:
    """Every number of the learner's view against naive SQL over the raw rows."""
    numbers = different = 0
    for learner_id in pupils:
        for result in learn.results(session, learner_id):
            course = next(c for _, c in learn.live(session) if c.slug == result.slug)
            ids = [i.id for i in course.items]
            rows = session.execute(text("SELECT lesson_id, item_id, nth, correct FROM attempts WHERE enrolment_id = :e ORDER BY id"),
                                   {"e": result.enrolment_id}).all()
            tries: Counter[str] = Counter()
            right: set[str] = set()
            for lesson_id, item_id, nth, correct in rows:
                if item_id in ids and lesson_id not in ("before", "after"):
                    fresh = nth == 1 and tries[item_id] > 0  # a later round over what was not right counts its answers anew
                    tries[item_id] += 1
                    retake = fresh or tries[item_id] > 3
                    if correct and (nth <= 2 or retake):
                        right.add(item_id)
            done = session.scalar(text("SELECT lessons_done FROM enrolments WHERE id = :e"), {"e": result.enrolment_id})
            after = [c for le, _, _, c in rows if le == "after"]
            stored = session.get(Enrolment, result.enrolment_id)
            checks = [(result.right, len(right)), (result.total, len(ids)), (result.lessons_done, done),
                      (result.share_percent, 100 * len(right) // len(ids))]
            if stored.after_right is not None:
                checks.append((stored.after_right, sum(after)))
            numbers += len(checks)
            different += sum(a != b for a, b in checks)
    return {"numbers": numbers, "attempts": session.scalar(select(func.count()).select_from(Attempt))}, different


def main() -> int:
    arguments = argparse.ArgumentParser(prog="benchmarks.learning")
    arguments.add_argument("--learners", type=int, default=500)
    arguments.add_argument("--weeks", type=int, default=6)
    arguments.add_argument("--database", default="", help="default: a SQLite file that is deleted afterwards")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = run(given.learners, given.weeks, given.database or f"sqlite:///{Path(folder)}/class.db")
    print(json.dumps(result, ensure_ascii=False, indent=1))
    return 1 if result["numbers_different"] else 0


if __name__ == "__main__":
    sys.exit(main())
