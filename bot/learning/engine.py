"""Plays a course: (course, progress, input) -> (progress, what to say, what happened). Pure; it stores nothing.

A lesson goes through its cards and questions. A question answered wrong comes back before the lesson ends; after the
third wrong answer it is explained, a person is offered, and the lesson goes on. An item counts as right when it was
answered right at the first or second try. Below the pass mark the items not yet right come back in rounds, so every
course can be finished.
"""

from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from bot.language.choices import read
from bot.learning import phrases
from bot.learning.items.base import LETTERS
from bot.learning.model import Card, CardStep, Course, Item

SECOND_TRY, LAST_TRY = 2, 3
ROUND_TRIES = 2


class Progress(BaseModel):
    """Where a learner stands; kept as JSON. lesson and at are 0-based; queue and right hold item ids.

    phase: steps (going through the lesson), again (wrong items return), pause (between lessons), retake (below the
    pass mark), done. tries: answers given to each item in this lesson or round. picked: choices tapped so far.
    """

    model_config = ConfigDict(frozen=True)
    seed: int
    lesson: int = 0
    phase: Literal["steps", "again", "pause", "retake", "done"] = "pause"
    at: int = 0
    queue: tuple[str, ...] = ()
    tries: dict[str, int] = {}
    right: tuple[str, ...] = ()
    picked: tuple[int, ...] = ()


@dataclass(frozen=True)
class Say:
    """One message. buttons: (title, command); a command is next, stop, progress, human, or (pick, item id, index)."""

    text: str
    buttons: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class Event:
    """Something worth a row: answered, lesson_done or course_done."""

    kind: Literal["answered", "lesson_done", "course_done"]
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
    """Share of the course's items answered right, in whole percent, rounded down."""
    return 100 * len(progress.right) // len(course.items)


def passed(course: Course, progress: Progress) -> bool:
    return 100 * len(progress.right) >= course.pass_percent * len(course.items)


def current(course: Course, progress: Progress) -> Card | Item | None:
    """What is on the screen: a card, a question, or nothing between lessons and at the end."""
    if progress.phase == "steps":
        step = course.lessons[progress.lesson].steps[progress.at]
        return step.card if isinstance(step, CardStep) else step.question
    if progress.phase in ("again", "retake"):
        return next(i for i in course.items if i.id == progress.queue[0])
    return None


def order_of(progress: Progress, item: Item) -> tuple[int, ...]:
    """The options' order on the screen: shuffled, new at each try, the same after a restart."""
    order = list(range(item.size))
    Random(f"{progress.seed}:{item.id}:{progress.tries.get(item.id, 0)}").shuffle(order)
    if item.type == "ordering" and order == sorted(order):
        order = order[1:] + order[:1]  # never show the solution
    return tuple(order)


def expectation(course: Course, progress: Progress) -> dict | None:
    """What a typed text is read against, or None when nothing is open."""
    here = current(course, progress)
    if here is None:
        return {"kind": "card"} if progress.phase == "pause" else None
    return {"kind": "card"} if isinstance(here, Card) else here.expect(order_of(progress, here))


def show(course: Course, progress: Progress) -> Outcome:
    """What is on the screen, said again; at a pause, the invitation to the next lesson. Changes nothing."""
    return Outcome(progress, (on_screen(course, progress),))


def on_screen(course: Course, progress: Progress) -> Say:
    here = current(course, progress)
    if here is None:
        if progress.phase == "done":
            return Say(phrases.FINISHED_ALREADY.format(title=course.title), ((phrases.MY_RESULTS, "progress"),))
        lesson = course.lessons[progress.lesson]
        return Say(phrases.NEXT_LESSON.format(number=progress.lesson + 1, total=len(course.lessons), title=lesson.title,
                                              goal=lesson.goal, minutes=lesson.minutes), phrases.GO_ON)
    if isinstance(here, Card):
        lesson = course.lessons[progress.lesson]
        return Say(f"{phrases.place(progress.lesson, progress.at, len(lesson.steps))}\n{here.text}", phrases.CARD_BUTTONS)
    shown = here.ask(order_of(progress, here))
    picks = tuple((title, ("pick", here.id, index)) for title, index in shown.choices if index not in progress.picked)
    if progress.picked:
        letters = {index: title for title, index in shown.choices}
        so_far = ", ".join(letters[i] for i in progress.picked)
        done = ((phrases.DONE, ("pick", here.id, "done")),) if here.type == "multiple" else ()
        return Say(phrases.SO_FAR.format(letters=so_far), (*picks, *done, (phrases.RESET, ("pick", here.id, "reset"))))
    return Say(f"{phrases.QUESTION} {shown.text}\n\n{shown.hint}", picks)


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
    order = order_of(progress, here)
    reading = read(text, here.expect(order))
    if reading is None:
        return Outcome(progress, (Say(phrases.UNREADABLE), on_screen(course, progress)))
    if reading.get("give_up"):
        return judge(course, progress, here, None)
    if "verdict" in reading:
        return Outcome(progress, (narrow(here, order, reading["verdict"]),))
    if "text" in reading:
        return judge(course, progress, here, here.grade((), reading["text"]))
    return judge(course, progress, here, here.grade(tuple(order[i] for i in reading["picks"])))


def narrow(item: Item, order: tuple[int, ...], verdict: bool) -> Say:
    """"Sai" was typed and two reasons begin with "Sai": ask which."""
    buttons = tuple((LETTERS[i], ("pick", item.id, index)) for i, index in enumerate(order)
                    if item.reasons[index].verdict == verdict)
    lines = "\n".join(f"{LETTERS[i]}. {item.reasons[index].text}" for i, index in enumerate(order)
                      if item.reasons[index].verdict == verdict)
    return Say(f"{phrases.WHICH_REASON}\n\n{lines}", buttons)


def tapped(course: Course, progress: Progress, item_id: str, pick: Any) -> Outcome:
    """A button of a question. One that is no longer on the screen changes nothing."""
    here = current(course, progress)
    if here is None or isinstance(here, Card) or here.id != item_id:
        return Outcome(progress, (Say(phrases.OLD_BUTTON), on_screen(course, progress)))
    if pick == "reset":
        return show(course, progress.model_copy(update={"picked": ()}))
    if pick == "done":
        if not progress.picked or here.type != "multiple":
            return show(course, progress)
        return judge(course, progress, here, here.grade(progress.picked))
    if not isinstance(pick, int) or not 0 <= pick < here.size:
        return Outcome(progress, (Say(phrases.OLD_BUTTON), on_screen(course, progress)))
    if here.type not in ("multiple", "ordering"):
        return judge(course, progress, here, here.grade((pick,)))
    picked = progress.picked if pick in progress.picked else (*progress.picked, pick)
    left = [i for i in range(here.size) if i not in picked]
    if here.type == "ordering" and len(left) <= 1:
        return judge(course, progress, here, here.grade((*picked, *left)))
    return show(course, progress.model_copy(update={"picked": picked}))


def judge(course: Course, progress: Progress, item: Item, verdict: Any) -> Outcome:
    """Counts one answer (None: the learner gave up), gives its feedback and goes on."""
    nth = progress.tries.get(item.id, 0) + 1
    correct = verdict is not None and verdict.correct
    lesson_id = next(le.id for le in course.lessons if any(i.id == item.id for i in le.items))
    event = Event("answered", lesson_id, item.id, nth, verdict.key if verdict else "?", correct)
    right = progress.right
    if correct and item.id not in right and (nth <= SECOND_TRY or progress.phase == "retake"):
        right = (*right, item.id)
    last = ROUND_TRIES if progress.phase == "retake" else LAST_TRY
    if correct:
        said = Say(f"{phrases.RIGHT} {verdict.feedback}")
    elif verdict is None and nth < last:
        said = Say(phrases.GAVE_UP.format(solution=item.solution()))
    elif verdict is None:
        said = Say(phrases.SOLUTION.format(solution=item.solution()), ((phrases.HUMAN, "human"),))
    elif nth < last:
        said = Say(f"{phrases.NOT_YET} {verdict.feedback}")
    else:
        said = Say(f"{phrases.NOT_YET} {verdict.feedback}\n\n{phrases.SOLUTION.format(solution=item.solution())}",
                   ((phrases.HUMAN, "human"),))
    back = () if correct or nth >= last else (item.id,)
    queue = progress.queue[1:] if progress.phase in ("again", "retake") else progress.queue
    after = progress.model_copy(update={"tries": {**progress.tries, item.id: nth}, "right": right, "picked": (),
                                        "queue": queue + back})
    onward = advance(course, after)
    return Outcome(onward.progress, (said, *onward.says), (event, *onward.events))


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
    """The end of the course, or another round over what is not right yet."""
    score = score_percent(course, progress)
    if passed(course, progress):
        done = progress.model_copy(update={"phase": "done", "queue": (), "picked": ()})
        say = Say(phrases.COURSE_DONE.format(title=course.title, score=score, right=len(done.right),
                                             total=len(course.items)), ((phrases.MY_RESULTS, "progress"),))
        return Outcome(done, (say,), (*events, Event("course_done", course.lessons[-1].id, correct=True)))
    queue = tuple(i.id for i in course.items if i.id not in progress.right)
    retake = progress.model_copy(update={"phase": "retake", "queue": queue, "picked": (),
                                         "tries": {k: n for k, n in progress.tries.items() if k not in queue}})
    say = Say(phrases.RETAKE.format(score=score, needed=course.pass_percent, count=len(queue)))
    return Outcome(retake, (say, on_screen(course, retake)), events)


def begin(seed: int) -> Progress:
    """A learner at the door of the first lesson."""
    return Progress(seed=seed)
