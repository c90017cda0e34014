"""A course that is still being written, played by the real engine as far as it is written. Pure; it stores nothing.

What is no card or question yet is left out and named, so that a half-written lesson can be looked at.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from bot.language.choices import is_next
from bot.learning import document, engine
from bot.learning.asking import Say
from bot.learning.engine import Outcome, Progress
from bot.learning.items.base import Picture, Question, lettered
from bot.learning.model import Card, CardStep, Course, Item, Lesson, Plain, QuestionStep
from bot.learning.replies import COMMANDS, picked
from bot.messages import payload

Loc = tuple[str | int, ...]

SEED = 1
"""Choices stand in the same order each time, so that a look after every change shows the change alone."""
WORDS_A_MINUTE = 120
"""Syllables an older person reads on a telephone in a minute; young people read twice as many."""
QUESTION_SECONDS = 30
"""For thinking about a question and reading what is said of the answer."""

ITEM: TypeAdapter[Any] = TypeAdapter(Item)
PLAIN: TypeAdapter[Any] = TypeAdapter(Plain)
NOTHING_YET = CardStep(card=Card(id="chua-co", text="(Bài này chưa có thẻ hay câu hỏi nào xem được.)"))
EASIER = "Câu dễ hơn, chỉ hỏi ai đã trả lời sai ba lần:"


@dataclass(frozen=True)
class Missing:
    """A part that cannot be shown. loc: its path in the document; what: a sentence for its author."""

    loc: Loc
    what: str


@dataclass(frozen=True)
class Playable:
    """A course the engine can play. whole: it is a valid course; else `missing` names what was left out or stands empty."""

    course: Course
    whole: bool
    missing: tuple[Missing, ...] = ()

    def lesson_at(self, lesson_id: str) -> int | None:
        """Where the lesson stands, 0-based; the first one for "". None when there is no such lesson."""
        if not lesson_id:
            return 0 if self.course.lessons else None
        return next((at for at, lesson in enumerate(self.course.lessons) if lesson.id == lesson_id), None)

    def has_steps(self, lesson: int) -> bool:
        return self.course.lessons[lesson].steps != (NOTHING_YET,)


def playable(draft: Any) -> Playable:
    """A document in file shape, perhaps half-written, as a course that can be played; never raises."""
    try:
        return Playable(document.of(draft), whole=True)
    except (ValidationError, TypeError):
        missing: list[Missing] = []
        return Playable(_course(draft if isinstance(draft, dict) else {}, missing), False, tuple(missing))


def _course(draft: dict[str, Any], missing: list[Missing]) -> Course:
    lessons = tuple(_lesson(one if isinstance(one, dict) else {}, at, missing) for at, one in enumerate(_list(draft.get("lessons"))))
    test = []
    for at, one in enumerate(_list(draft.get("test"))[:6]):
        if (question := _question(PLAIN, one)) is None:
            missing.append(Missing(("test", at), f"Câu thử sức {at + 1} chưa đủ để hiện."))
        else:
            test.append(question)
    percent = draft.get("pass_percent")
    return Course.model_construct(
        slug=_text(draft.get("slug")), title=_text(draft.get("title")) or "(khoá chưa đặt tên)", lessons=lessons, test=tuple(test),
        pass_percent=percent if type(percent) is int and 1 <= percent <= 100 else 80)


def _lesson(given: dict[str, Any], at: int, missing: list[Missing]) -> Lesson:
    """The lesson with those of its steps that can be shown."""
    loc: Loc = ("lessons", at)

    def filled(field: str, name: str) -> str:
        text = _text(given.get(field))
        if not text:
            missing.append(Missing((*loc, field), f"Bài {at + 1} chưa có {name}."))
        return text or f"(chưa có {name})"

    title, goal = filled("title", "tên bài"), filled("goal", "mục tiêu")
    steps: list[CardStep | QuestionStep] = []
    for number, step in enumerate(_list(given.get("steps"))):
        kind = next((k for k in ("card", "question") if isinstance(step, dict) and k in step), None)
        here = (*loc, "steps", number, *([kind] if kind else []))
        if kind == "card" and (card := _card(step["card"])) is not None:
            steps.append(CardStep.model_construct(card=card))
        elif kind == "question" and (question := _question(ITEM, step["question"])) is not None:
            steps.append(QuestionStep.model_construct(question=question))
        else:
            words = {"card": "thẻ chưa có chữ nào", "question": "câu hỏi chưa đủ để hiện"}.get(kind or "", "chưa là thẻ hay câu hỏi")
            missing.append(Missing(here, f"Bài {at + 1}, bước {number + 1}: {words}."))
    if not steps:
        missing.append(Missing((*loc, "steps"), f"Bài {at + 1} chưa có thẻ hay câu hỏi nào xem được."))
    easier = _question(PLAIN, given["easier"]) if given.get("easier") else None
    if given.get("easier") and easier is None:
        missing.append(Missing((*loc, "easier"), f"Bài {at + 1}: câu dễ hơn chưa đủ để hiện."))
    remember = filled("remember", "điều cần nhớ")
    made = Lesson.model_construct(id=_text(given.get("id")), title=title, goal=goal, minutes=1, steps=tuple(steps) or (NOTHING_YET,),
                                  easier=easier, remember=remember)
    minutes = given.get("minutes")
    return made.model_copy(update={"minutes": minutes if type(minutes) is int else estimated_minutes(made)})


def _card(given: Any) -> Card | None:
    """The card, if it has any words: one that is too long or too short is shown as it is."""
    try:
        return Card.model_validate(given)
    except ValidationError:
        text = _text(given.get("text")) if isinstance(given, dict) else ""
        if not text:
            return None
        try:
            picture = Picture.model_validate(given["picture"]) if given.get("picture") else None
        except ValidationError:
            picture = None
        return Card.model_construct(id=_text(given.get("id")), text=text, picture=picture, source=())


def _question(kind: TypeAdapter[Any], given: Any) -> Question | None:
    try:
        return kind.validate_python(given)
    except ValidationError:
        return None


def _list(given: Any) -> list[Any]:
    return given if isinstance(given, list) else []


def _text(given: Any) -> str:
    return given.strip() if isinstance(given, str) else ""


# --- playing


def begin(course: Course, lesson: int, seed: int = SEED) -> Progress:
    """A learner at the door of this lesson (0-based), everything before it done well."""
    before = tuple(item.id for one in course.lessons[:lesson] for item in one.items)
    return engine.begin(seed).model_copy(update={"lesson": lesson, "right": before})


MOVES = {COMMANDS["next"]: engine.go_on, COMMANDS["test"]: engine.test_first, COMMANDS["skip"]: engine.skip_test}
_ANSWER, _, _END = payload("lesson_answer", "*").partition('"*"')


def pressed(course: Course, progress: Progress, given: str) -> Outcome | None:
    """A button by its payload; None when it leads out of the lesson."""
    if given in MOVES:
        return MOVES[given](course, progress)
    if given.startswith(_ANSWER):
        return engine.tapped(course, progress, *picked(json.loads(given[len(_ANSWER):len(given) - len(_END)])))
    return None


def typed(course: Course, progress: Progress, text: str) -> Outcome | None:
    """Typed words; None where nothing is asked and they do not ask to go on: in the chat they are a question like any other."""
    expectation = engine.expectation(course, progress)
    if expectation is None or (expectation["kind"] == "card" and not is_next(text)):
        return None
    return engine.typed(course, progress, text)


def pages(course: Course, lesson: int, seed: int = SEED) -> tuple[Say, ...]:
    """Every card and question of a lesson as it is first shown, in order, the easier question last; nothing to press."""
    begun = begin(course, lesson, seed).model_copy(update={"phase": "steps"})
    one = course.lessons[lesson]
    says = [engine.on_screen(course, begun.model_copy(update={"at": at})) for at, step in enumerate(one.steps) if step is not NOTHING_YET]
    if one.easier is not None:
        asked = engine.screen_of(begun, one.easier).say()
        says.append(Say(f"{EASIER}\n\n{asked.text}", asked.buttons, asked.picture))
    return tuple(unpressed(say) for say in says)


def unpressed(say: Say) -> Say:
    """The message without buttons. Choices that are words, not letters standing in the text already, become lettered lines."""
    titles = [title for title, command in say.buttons if not isinstance(command, str)]
    lines = lettered(titles) if titles and all(len(title) > 1 for title in titles) else ""
    return Say("\n\n".join(filter(None, (say.text, lines))), (), say.picture)


# --- measures


def words(text: str) -> int:
    """Syllables, as spaces part them."""
    return len(text.split())


def _told(lesson: Lesson) -> Iterator[str]:
    for step in lesson.steps:
        yield step.card.text if isinstance(step, CardStep) else step.question.ask(tuple(range(step.question.count()))).text


def estimated_minutes(lesson: Lesson) -> int:
    """Whole minutes that reading and answering take an older person, at least one."""
    reading = sum(words(text) for text in _told(lesson)) / WORDS_A_MINUTE
    return max(1, round(reading + len(lesson.items) * QUESTION_SECONDS / 60))
