"""Plays a course: (course, progress, input) -> (progress, what to say, what happened). Pure; it stores nothing.

A lesson goes through its cards and questions. A question answered wrong comes back before the lesson ends; after the
third wrong answer it is explained, a person is offered, the lesson's easier question is asked, and the lesson goes on.
An item counts as right when it was answered right at the first or second try. Below the pass mark the items not yet
right come back in rounds, so every course can be finished. The course's test may be taken before the first lesson and
is asked after the last; it teaches nothing before and does not count towards the pass mark.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from bot.learning import asking, phrases
from bot.learning.asking import Move, Say, Screen
from bot.learning.items.base import Question
from bot.learning.model import Card, CardStep, Course

SECOND_TRY, LAST_TRY = 2, 3
ROUND_TRIES = 2

Phase = Literal["steps", "again", "pause", "retake", "before", "after", "done"]


class Progress(BaseModel):
    """Where a learner stands; kept as JSON. lesson and at are 0-based; queue and right hold item ids.

    phase: steps (going through the lesson), again (wrong items return), pause (between lessons), retake (below the
    pass mark), before and after (the test), done. tries: answers given to each item in this lesson or round. picked:
    choices made so far. aside: the easier question that is being asked in between; eased: those already asked.
    before, after: the test's answers so far, right or not, in the test's order.
    """

    model_config = ConfigDict(frozen=True)
    seed: int
    lesson: int = 0
    phase: Phase = "pause"
    at: int = 0
    queue: tuple[str, ...] = ()
    tries: dict[str, int] = {}
    right: tuple[str, ...] = ()
    picked: tuple[int, ...] = ()
    aside: str = ""
    eased: tuple[str, ...] = ()
    before: tuple[bool, ...] = ()
    after: tuple[bool, ...] = ()


@dataclass(frozen=True)
class Event:
    """Something worth a row: answered, tested (an answer of the test; nth 0 before, 1 after), lesson_done or course_done."""

    kind: Literal["answered", "tested", "lesson_done", "course_done"]
    lesson_id: str
    item_id: str = ""
    nth: int = 0
    key: str = ""
    correct: bool = False


@dataclass(frozen=True)
class Outcome:
    progress: Progress
    says: tuple[Say, ...]
    events: tuple[Event, ...] = field(default=())


def score_percent(course: Course, progress: Progress) -> int:
    """Share of the course's items answered right, in whole percent, rounded down; 0 where a draft asks nothing yet."""
    return 100 * len(progress.right) // max(1, len(course.items))


def passed(course: Course, progress: Progress) -> bool:
    return 100 * len(progress.right) >= course.pass_percent * len(course.items)


def current(course: Course, progress: Progress) -> Card | Question | None:
    """What is on the screen: a card, a question, or nothing between lessons and at the end."""
    if progress.aside:
        return course.item(progress.aside)
    if progress.phase == "steps":
        step = course.lessons[progress.lesson].steps[progress.at]
        return step.card if isinstance(step, CardStep) else step.question
    if progress.phase in ("again", "retake"):
        return course.item(progress.queue[0])
    if progress.phase == "before":
        return course.test[len(progress.before)]
    if progress.phase == "after":
        return course.test[len(progress.after)]
    return None


def screen_of(progress: Progress, item: Question) -> Screen:
    return Screen(item, progress.seed, progress.tries.get(item.id, 0), progress.picked)


def order_of(progress: Progress, item: Question) -> tuple[int, ...]:
    """The options' order on the screen: shuffled, new at each try, the same after a restart."""
    return screen_of(progress, item).order


def expectation(course: Course, progress: Progress) -> dict | None:
    """What a typed text is read against, or None when nothing is open."""
    here = current(course, progress)
    if here is None:
        return {"kind": "card"} if progress.phase == "pause" else None
    return {"kind": "card"} if isinstance(here, Card) else screen_of(progress, here).expectation


def show(course: Course, progress: Progress) -> Outcome:
    """What is on the screen, said again; at a pause, the invitation to the next lesson. Changes nothing."""
    return Outcome(progress, (on_screen(course, progress),))


def on_screen(course: Course, progress: Progress) -> Say:
    here = current(course, progress)
    if here is None:
        if progress.phase == "done":
            return Say(phrases.FINISHED_ALREADY.format(title=course.title), phrases.AFTER_COURSE)
        lesson = course.lessons[progress.lesson]
        text = phrases.NEXT_LESSON.format(number=progress.lesson + 1, total=len(course.lessons), title=lesson.title,
                                          goal=lesson.goal, minutes=lesson.minutes)
        if may_test_before(course, progress):
            return Say(text, (phrases.GO_ON[0], (phrases.TEST_FIRST.format(count=len(course.test)), "test"), phrases.GO_ON[1]))
        return Say(text, phrases.GO_ON)
    if isinstance(here, Card):
        lesson = course.lessons[progress.lesson]
        return Say(f"{phrases.place(progress.lesson, progress.at, len(lesson.steps))}\n{here.text}", phrases.CARD_BUTTONS,
                   here.picture)
    said = screen_of(progress, here).say()
    if progress.phase in ("before", "after") and not progress.picked:
        number = len(progress.before if progress.phase == "before" else progress.after) + 1
        return replace(said, text=f"{phrases.TEST_PLACE.format(number=number, total=len(course.test))}\n{said.text}",
                       buttons=(*said.buttons, (phrases.SKIP_TEST, "skip")))
    return said


def may_test_before(course: Course, progress: Progress) -> bool:
    """The test comes before anything else or not at all."""
    return bool(course.test) and progress.phase == "pause" and not (progress.lesson or progress.before or progress.right)


def test_first(course: Course, progress: Progress) -> Outcome:
    """The learner wants to try the test before the first lesson."""
    if not may_test_before(course, progress):
        return show(course, progress)
    begun = progress.model_copy(update={"phase": "before"})
    return Outcome(begun, (Say(phrases.TEST_BEFORE), on_screen(course, begun)))


def skip_test(course: Course, progress: Progress) -> Outcome:
    """The learner wants no (more) test; what was answered of a test left half is not counted."""
    if progress.phase == "before":
        return show(course, progress.model_copy(update={"phase": "pause", "before": (), "picked": ()}))
    if progress.phase == "after":
        return graduate(course, progress.model_copy(update={"after": ()}), ())
    return show(course, progress)


def go_on(course: Course, progress: Progress) -> Outcome:
    """The learner wants the next thing. A question must be answered first; it is shown again with a hint."""
    if progress.phase == "pause":
        begun = progress.model_copy(update={"phase": "steps", "at": 0, "tries": {}, "queue": (), "picked": ()})
        return show(course, begun)
    here = current(course, progress)
    if here is None:
        return show(course, progress)
    if isinstance(here, Card):
        return advance(course, progress)
    asked = on_screen(course, progress)
    return Outcome(progress, (replace(asked, text=f"{phrases.ANSWER_FIRST}\n\n{asked.text}"),))


def typed(course: Course, progress: Progress, text: str) -> Outcome:
    """A typed answer to the question on the screen. What cannot be read is asked again, not counted."""
    here = current(course, progress)
    if here is None or isinstance(here, Card):
        return go_on(course, progress)
    return moved(course, progress, here, lambda screen: asking.typed(screen, text))


def tapped(course: Course, progress: Progress, item_id: str, pick: Any) -> Outcome:
    """A button of a question. One that is no longer on the screen changes nothing."""
    here = current(course, progress)
    if here is None or isinstance(here, Card):
        return Outcome(progress, (Say(phrases.OLD_BUTTON), on_screen(course, progress)))
    return moved(course, progress, here, lambda screen: asking.tapped(screen, item_id, pick))


def moved(course: Course, progress: Progress, item: Question, move: Callable[[Screen], Move]) -> Outcome:
    made = move(screen_of(progress, item))
    if made.answered:
        return judge(course, progress, item, made.verdict)
    return Outcome(progress.model_copy(update={"picked": made.picked}), made.says)


def judge(course: Course, progress: Progress, item: Question, verdict: Any) -> Outcome:
    """Counts one answer (None: the learner gave up), gives its feedback and goes on."""
    if progress.phase in ("before", "after"):
        return tested(course, progress, item, verdict)
    if progress.aside:
        return aside_answered(course, progress, item, verdict)
    nth = progress.tries.get(item.id, 0) + 1
    correct = verdict is not None and verdict.correct
    lesson = next(le for le in course.lessons if any(i.id == item.id for i in le.items))
    event = Event("answered", lesson.id, item.id, nth, verdict.key if verdict else "?", correct)
    right = progress.right
    if correct and item.id not in right and (nth <= SECOND_TRY or progress.phase == "retake"):
        right = (*right, item.id)
    last = nth >= (ROUND_TRIES if progress.phase == "retake" else LAST_TRY)
    said = asking.reaction(item, verdict, last)
    back = () if correct or last else (item.id,)
    queue = progress.queue[1:] if progress.phase in ("again", "retake") else progress.queue
    after = progress.model_copy(update={"tries": {**progress.tries, item.id: nth}, "right": right, "picked": (),
                                        "queue": queue + back})
    if last and not correct and lesson.easier is not None and lesson.easier.id not in progress.eased:
        aside = after.model_copy(update={"aside": lesson.easier.id, "eased": (*after.eased, lesson.easier.id)})
        return Outcome(aside, (said, Say(phrases.EASIER), on_screen(course, aside)), (event,))
    onward = advance(course, after)
    return Outcome(onward.progress, (said, *onward.says), (event, *onward.events))


def aside_answered(course: Course, progress: Progress, item: Question, verdict: Any) -> Outcome:
    """The easier question is asked once; it helps to understand and counts for nothing."""
    lesson = next(le for le in course.lessons if le.easier is not None and le.easier.id == item.id)
    event = Event("answered", lesson.id, item.id, 1, verdict.key if verdict else "?", verdict is not None and verdict.correct)
    onward = advance(course, progress.model_copy(update={"aside": "", "picked": ()}))
    return Outcome(onward.progress, (asking.reaction(item, verdict, last=True), *onward.says), (event, *onward.events))


def tested(course: Course, progress: Progress, item: Question, verdict: Any) -> Outcome:
    """An answer of the test. Before the course nothing is told about it: the lessons teach it."""
    correct = verdict is not None and verdict.correct
    name = progress.phase
    given = (*(progress.before if name == "before" else progress.after), correct)
    event = Event("tested", name, item.id, int(name == "after"), verdict.key if verdict else "?", correct)
    after = progress.model_copy(update={name: given, "picked": ()})
    said = Say(phrases.NOTED) if name == "before" else asking.reaction(item, verdict, last=True)
    if len(given) < len(course.test):
        return Outcome(after, (said, on_screen(course, after)), (event,))
    if name == "before":
        paused = after.model_copy(update={"phase": "pause"})
        return Outcome(paused, (Say(phrases.TEST_BEFORE_DONE), on_screen(course, paused)), (event,))
    ended = graduate(course, after, (event,))
    return replace(ended, says=(said, *ended.says))


def advance(course: Course, progress: Progress) -> Outcome:
    """The step after the one just dealt with."""
    lesson = course.lessons[progress.lesson]
    if progress.phase == "steps" and progress.at + 1 < len(lesson.steps):
        return show(course, progress.model_copy(update={"at": progress.at + 1, "picked": ()}))
    if progress.phase == "steps" and progress.queue:
        again = progress.model_copy(update={"phase": "again", "picked": ()})
        return Outcome(again, (Say(phrases.AGAIN.format(count=len(again.queue))), on_screen(course, again)))
    if progress.queue:
        return show(course, progress)
    if progress.phase == "retake":
        return finish(course, progress, ())
    return lesson_done(course, progress)


def lesson_done(course: Course, progress: Progress) -> Outcome:
    lesson = course.lessons[progress.lesson]
    right = sum(i.id in progress.right for i in lesson.items)
    done = Say(phrases.LESSON_DONE.format(number=progress.lesson + 1, right=right, total=len(lesson.items),
                                          remember=lesson.remember))
    events = (Event("lesson_done", lesson.id),)
    if progress.lesson + 1 < len(course.lessons):
        pause = progress.model_copy(update={"phase": "pause", "lesson": progress.lesson + 1, "at": 0, "tries": {}})
        return Outcome(pause, (done, on_screen(course, pause)), events)
    ended = finish(course, progress, events)
    return replace(ended, says=(done, *ended.says))


def finish(course: Course, progress: Progress, events: tuple[Event, ...]) -> Outcome:
    """The end of the lessons: the test, or another round over what is not right yet."""
    score = score_percent(course, progress)
    if not passed(course, progress):
        queue = tuple(i.id for i in course.items if i.id not in progress.right)
        retake = progress.model_copy(update={"phase": "retake", "queue": queue, "picked": (),
                                             "tries": {k: n for k, n in progress.tries.items() if k not in queue}})
        say = Say(phrases.RETAKE.format(score=score, needed=course.pass_percent, count=len(queue)))
        return Outcome(retake, (say, on_screen(course, retake)), events)
    if course.test:
        after = progress.model_copy(update={"phase": "after", "queue": (), "picked": (), "after": (), "tries": {
            **progress.tries, **{i.id: 1 for i in course.test}}})  # another order than before the course
        say = Say(phrases.TEST_AFTER.format(count=len(course.test)))
        return Outcome(after, (say, on_screen(course, after)), events)
    return graduate(course, progress, events)


def graduate(course: Course, progress: Progress, events: tuple[Event, ...]) -> Outcome:
    """The course is done. Who took the test twice is told both results."""
    done = progress.model_copy(update={"phase": "done", "queue": (), "picked": ()})
    text = phrases.COURSE_DONE.format(title=course.title, score=score_percent(course, done), right=len(done.right),
                                      total=len(course.items))
    if done.before and done.after:
        text += "\n" + phrases.GAIN.format(before=sum(done.before), after=sum(done.after), total=len(course.test))
    return Outcome(done, (Say(text, phrases.AFTER_COURSE),), (*events, Event("course_done", course.lessons[-1].id, correct=True)))


def begin(seed: int) -> Progress:
    """A learner at the door of the first lesson."""
    return Progress(seed=seed)
