"""Drills: a fake message for citizens, an incident in timed injects for civil servants. Models and engine; pure, it stores nothing.

Files are `courses/drills/<slug>.yml` (docs/schemas/drill.json, `bot courses check`). Neither kind collects anything: of a
reaction only the chosen index is kept, of what was typed nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel, model_validator

from bot.clock import local
from bot.language.choices import nearest, read, squeeze
from bot.learning.asking import Say
from bot.learning.items.base import LETTERS, Misplaced, Part, lettered
from bot.learning.model import Source

OPTION_CHARACTERS = 35
"""Zalo's limit for the title of a button; a fake message has nothing but buttons to answer with."""
MESSAGE_CHARACTERS = 1900
"""The shortest channel takes 2,000; a debrief is packed into as few messages as that allows."""
DAY_FROM, DAY_TO = 8, 20
"""Local hours between which a fake message may come, the last one excluded."""
AFTER_HOURS = 24
"""A fake message never comes sooner after the consent: nobody shall be on the watch for it."""

IS_DRILL = "Đây là tin DIỄN TẬP, không có thật. Bạn không mất gì cả."
REVEALED = "Tin “{sender}” gửi hôm trước là tin DIỄN TẬP, không có thật. Bạn đã không làm theo, vậy là an toàn."
ASIDE = "Tin “{sender}” lúc nãy là tin DIỄN TẬP, không có thật. Bạn không phải làm gì với nó."
OVER = "Tin đó là tin DIỄN TẬP, không có thật, và đã xong rồi. Bạn không phải làm gì."
OWN_WORDS = "Bạn vừa gõ trả lời; tôi không lưu lời bạn gõ. Nếu bạn đang hỏi việc khác, xin gõ lại giúp tôi."
SIGNS, EARNEST = "Dấu hiệu trong tin:", "Gặp tin thật thì:"
CHECKED = "Nguồn: {sources}. Đối chiếu ngày {day}."

INJECT = "🧯 DIỄN TẬP · diễn biến {number}/{total} · phút {minute}"
HOW = "Chọn một việc: bấm nút, hoặc gõ chữ cái."
NOTED = "Đã ghi: {letter}. {text}\nĐổi được cho tới khi có diễn biến mới."
GONE_BY = "Đây là buổi DIỄN TẬP. Diễn biến đó đã qua, lựa chọn không đổi nữa."
ENDED = "Đây là buổi DIỄN TẬP, đã kết thúc rồi. Không có gì thay đổi."
SUMMARY = "🧯 Hết buổi DIỄN TẬP “{title}”. Điểm: {score}/{most}.\nTập sai ở đây thì khi thật sẽ đỡ sai. Mình xem lại từng diễn biến nhé."
REVIEWED = "{number}. {title}\nQuy trình, bước {step}: {rule}"
CHOSE_BEST = "✅ Bạn chọn: {text}. {comment}"
CHOSE = "🔸 Bạn chọn: {text} ({points}/{most} điểm). {comment}\nĐúng quy trình: {best}. {why}"
MISSED = "▫️ Chưa kịp chọn. Đúng quy trình: {best}. {why}"


class Sign(Part):
    """What in the fake message gives it away."""

    text: str = Field(min_length=10, max_length=200)
    source: tuple[str, ...] = ()


class Reaction(Part):
    """What one may do with the message. outcome: falls (does what the crook wants), safe (no harm), best (stops and asks or reports)."""

    text: str = Field(min_length=3, max_length=OPTION_CHARACTERS)
    outcome: Literal["falls", "safe", "best"]
    feedback: str = Field(min_length=5)


class Earnest(Part):
    """What to do when such a message comes in earnest."""

    text: str = Field(min_length=10, max_length=500)
    source: tuple[str, ...] = ()


class Drill(Part):
    """What both kinds have."""

    format: Literal[1]
    slug: str = Field(pattern=r"^[a-z0-9-]{3,60}$")
    title: str = Field(min_length=3, max_length=80)
    checked_on: date
    review_by: date
    sources: tuple[Source, ...] = ()

    @model_validator(mode="after")
    def dated(self):
        if self.review_by <= self.checked_on:
            raise Misplaced("review_by must be later than checked_on", "review_by")
        return self

    def checked(self) -> str:
        """Where it comes from and when that was looked up."""
        titles = "; ".join(s.title for s in self.sources) or "thực hành khuyên dùng của dự án"
        return CHECKED.format(sources=titles, day=f"{self.checked_on:%d/%m/%Y}")


class ScamDrill(Drill):
    """A fake message for citizens. sender: whom it pretends to be from; message: as it comes; options: in any order."""

    kind: Literal["scam"]
    sender: str = Field(min_length=2, max_length=40)
    message: str = Field(min_length=20, max_length=400)
    options: tuple[Reaction, ...] = Field(min_length=3, max_length=4)
    signs: tuple[Sign, ...] = Field(min_length=2, max_length=4)
    earnest: Earnest

    @model_validator(mode="after")
    def of_each_outcome(self):
        missing = [o for o in ("falls", "best") if o not in {r.outcome for r in self.options}]
        if missing:
            raise Misplaced(f"at least one option must have the outcome {missing[0]}", "options")
        return self


class Choice(Part):
    """One thing to do about an inject. step: of the procedure it is judged by; points: 0 to 10, the best of an inject is alone at the top."""

    text: str = Field(min_length=3, max_length=160)
    points: int = Field(ge=0, le=10)
    comment: str = Field(min_length=5)
    step: str


class Inject(Part):
    """What happens at a minute after the start."""

    id: str
    minute: int = Field(ge=0, le=240)
    title: str = Field(min_length=3, max_length=80)
    text: str = Field(min_length=20, max_length=600)
    choices: tuple[Choice, ...] = Field(min_length=3, max_length=4)

    @property
    def best(self) -> Choice:
        return max(self.choices, key=lambda c: c.points)


class ProcedureStep(Part):
    """A step of the procedure the choices are scored against."""

    id: str
    text: str = Field(min_length=10, max_length=200)
    source: tuple[str, ...] = ()


class IncidentDrill(Drill):
    """An incident for civil servants. minutes: from the start to the debrief; opening: read before the first inject."""

    kind: Literal["incident"]
    summary: str = Field(min_length=10, max_length=200)
    opening: str = Field(min_length=20, max_length=600)
    minutes: int = Field(ge=5, le=300)
    procedure: tuple[ProcedureStep, ...] = Field(min_length=3)
    injects: tuple[Inject, ...] = Field(min_length=3, max_length=10)
    closing: str = Field(min_length=10, max_length=500)

    @model_validator(mode="after")
    def in_order(self):
        """Minutes rise from 0, every choice names a step, every step is used, each inject has one best choice and a wrong one."""
        steps = {s.id for s in self.procedure}
        minutes = [i.minute for i in self.injects]
        if minutes[0] != 0:
            raise Misplaced("the first inject comes at minute 0", "injects", 0, "minute")
        for at, inject in enumerate(self.injects):
            if at and inject.minute <= minutes[at - 1]:
                raise Misplaced("injects stand in the order of their minutes", "injects", at, "minute")
            if inject.id in {i.id for i in self.injects[:at]}:
                raise Misplaced(f"the id {inject.id} is used twice", "injects", at, "id")
            for number, choice in enumerate(inject.choices):
                if choice.step not in steps:
                    raise Misplaced(f"`procedure` has no step {choice.step}", "injects", at, "choices", number, "step")
            points = sorted((c.points for c in inject.choices), reverse=True)
            if points[0] == points[1] or points[-1] != 0:
                raise Misplaced("one choice must have the most points alone, and one must have 0", "injects", at, "choices")
        if self.minutes <= minutes[-1]:
            raise Misplaced("must be later than the last inject, which needs time to be answered", "minutes")
        used = {c.step for i in self.injects for c in i.choices}
        for at, step in enumerate(self.procedure):
            if step.id not in used:
                raise Misplaced(f"no choice is judged by the step {step.id}", "procedure", at, "id")
        return self

    @property
    def most(self) -> int:
        """The score of who chooses the best every time."""
        return sum(i.best.points for i in self.injects)

    def ends_at(self, at: int) -> int:
        """Minute at which inject `at` has passed."""
        return self.injects[at + 1].minute if at + 1 < len(self.injects) else self.minutes


AnyDrill = ScamDrill | IncidentDrill
KINDS: Mapping[str, type[ScamDrill] | type[IncidentDrill]] = {"scam": ScamDrill, "incident": IncidentDrill}


class DrillFile(RootModel[Annotated[AnyDrill, Field(discriminator="kind")]]):
    """Either kind, for the schema and for stored documents."""


def of(stored: dict[str, Any]) -> AnyDrill:
    """The drill of a stored document."""
    return DrillFile.model_validate(stored).root


# --- when a fake message comes ------------------------------------------------------------------------------------

def moment(random: Random, agreed: datetime, days: int) -> datetime:
    """When the fake message comes: by chance, at least AFTER_HOURS later, within `days` days (2 or more), by day. Aware, local zone."""
    return by_chance(random, agreed + timedelta(hours=AFTER_HOURS), agreed + timedelta(days=days))


def put_off(random: Random, now: datetime) -> datetime:
    """Another moment within the next two days, by day, for a message that could not be sent when it was due."""
    return by_chance(random, now + timedelta(minutes=20), now + timedelta(days=2))


def by_chance(random: Random, first: datetime, last: datetime) -> datetime:
    """A moment from `first` on and before `last` in the hours by day, each as likely as any other."""
    begin, end = local(first), local(last)
    spans: list[tuple[datetime, float]] = []
    day = begin.replace(hour=0, minute=0, second=0, microsecond=0)
    while day < end:
        start = max(begin, day.replace(hour=DAY_FROM))
        seconds = (min(end, day.replace(hour=DAY_TO)) - start).total_seconds()
        if seconds > 0:
            spans.append((start, seconds))
        day += timedelta(days=1)
    at = random.random() * sum(seconds for _, seconds in spans)
    for start, seconds in spans:
        if at < seconds:
            return start + timedelta(seconds=int(at))
        at -= seconds
    raise ValueError(f"no hour by day between {first} and {last}")


def by_day(instant: datetime) -> bool:
    """May a fake message, or its explanation, come at this instant?"""
    return DAY_FROM <= local(instant).hour < DAY_TO


# --- a fake message -----------------------------------------------------------------------------------------------

def order_of(count: int, seed: str) -> tuple[int, ...]:
    """The choices' order on the screen; the same after a restart."""
    order = list(range(count))
    Random(seed).shuffle(order)
    return tuple(order)


def fake(drill: ScamDrill, seed: int) -> Say:
    """The message as it comes: nothing in it says that it is a drill. Button commands are ("choice", 0, index)."""
    order = order_of(len(drill.options), f"{seed}:{drill.slug}")
    return Say(f"📩 {drill.sender}\n{drill.message}", tuple((drill.options[i].text, ("choice", 0, i)) for i in order))


def chosen_by(drill: ScamDrill, seed: int, text: str) -> int | None:
    """The option that typed words name; None for any other words."""
    order = order_of(len(drill.options), f"{seed}:{drill.slug}")
    return picked(text, [drill.options[i].text for i in order], order)


def picked(text: str, shown: list[str], order: tuple[int, ...]) -> int | None:
    """The choice that the text names by its words or its place on the screen."""
    named = nearest(squeeze(text), shown)  # before `read`, which takes "bỏ qua" for giving a question up
    if named is not None:
        return order[named]
    reading = read(text, {"kind": "single", "options": shown}) or {}
    return order[reading["picks"][0]] if reading.get("picks") else None


def reaction(drill: ScamDrill, index: int | None) -> Say:
    """To whatever was tapped or typed (None: words of their own): that it was a drill, then feedback, signs, what to do."""
    told = drill.options[index].feedback if index is not None else OWN_WORDS
    return Say(f"{IS_DRILL}\n{told}\n\n{lesson(drill)}")


def reveal(drill: ScamDrill) -> Say:
    """Nobody answered: one message that says what it was."""
    return Say(f"{REVEALED.format(sender=drill.sender)}\n\n{lesson(drill)}")


def aside(drill: ScamDrill) -> Say:
    """Something else was asked or tapped with the fake message on the screen."""
    return Say(ASIDE.format(sender=drill.sender))


def lesson(drill: ScamDrill) -> str:
    signs = "\n".join(f"• {s.text}" for s in drill.signs)
    return f"{SIGNS}\n{signs}\n\n{EARNEST} {drill.earnest.text}\n{drill.checked()}"


# --- an incident --------------------------------------------------------------------------------------------------

class Exercise(BaseModel):
    """An incident under way. step: the inject that is out, 0-based; choices: index chosen at each inject so far, None where none was.

    quick: the next inject comes as soon as one is answered, instead of by the clock.
    """

    model_config = ConfigDict(frozen=True)
    seed: int
    step: int = 0
    choices: tuple[int | None, ...] = (None,)
    quick: bool = False


@dataclass(frozen=True)
class Outcome:
    """exercise: after the move; ended: the debrief is among `says`; moved: another inject is out."""

    exercise: Exercise
    says: tuple[Say, ...]
    moved: bool = False
    ended: bool = False


def begin(drill: IncidentDrill, seed: int, quick: bool) -> Outcome:
    """The story, and its first inject."""
    exercise = Exercise(seed=seed, quick=quick)
    return Outcome(exercise, (Say(drill.opening), inject(drill, exercise)), moved=True)


def shown(drill: IncidentDrill, exercise: Exercise) -> tuple[tuple[int, ...], list[str]]:
    """(order, texts in that order) of the choices on the screen."""
    choices = drill.injects[exercise.step].choices
    order = order_of(len(choices), f"{exercise.seed}:{exercise.step}")
    return order, [choices[i].text for i in order]


def inject(drill: IncidentDrill, exercise: Exercise) -> Say:
    """The inject that is out. Button commands are ("choice", step, index)."""
    here = drill.injects[exercise.step]
    order, texts = shown(drill, exercise)
    head = INJECT.format(number=exercise.step + 1, total=len(drill.injects), minute=here.minute)
    buttons = tuple((LETTERS[at], ("choice", exercise.step, index)) for at, index in enumerate(order))
    return Say(f"{head}\n{here.text}\n\n{lettered(texts)}\n\n{HOW}", buttons)


def typed(drill: IncidentDrill, exercise: Exercise, text: str) -> Outcome:
    """A typed choice; what names none shows the inject again."""
    order, texts = shown(drill, exercise)
    index = picked(text, texts, order)
    if index is None:
        return Outcome(exercise, (inject(drill, exercise),))
    return chosen(drill, exercise, exercise.step, index)


def chosen(drill: IncidentDrill, exercise: Exercise, step: int, index: int) -> Outcome:
    """A choice for the inject that is out; it may be changed until the next one. One that has gone by stays as it was."""
    if step != exercise.step or not 0 <= index < len(drill.injects[step].choices):
        return Outcome(exercise, (Say(GONE_BY), inject(drill, exercise)))
    after = exercise.model_copy(update={"choices": (*exercise.choices[:-1], index)})
    if exercise.quick:
        return forward(drill, after)
    order, texts = shown(drill, after)
    at = order.index(index)
    return Outcome(after, (Say(NOTED.format(letter=LETTERS[at], text=texts[at])),))


def forward(drill: IncidentDrill, exercise: Exercise) -> Outcome:
    """The inject's time is over: the next one, or the debrief. What was not chosen counts as missed."""
    if exercise.step + 1 == len(drill.injects):
        return Outcome(exercise, debrief(drill, exercise), ended=True)
    after = exercise.model_copy(update={"step": exercise.step + 1, "choices": (*exercise.choices, None)})
    return Outcome(after, (inject(drill, after),), moved=True)


def score(drill: IncidentDrill, exercise: Exercise) -> int:
    """Points of what was chosen; an inject that was missed has none."""
    return sum(i.choices[c].points for i, c in zip(drill.injects, exercise.choices, strict=False) if c is not None)


def debrief(drill: IncidentDrill, exercise: Exercise) -> tuple[Say, ...]:
    """The score, then each inject: what was chosen, what the procedure wants and why; in as few messages as fit."""
    rules = {s.id: (number, s.text) for number, s in enumerate(drill.procedure, 1)}
    parts = [SUMMARY.format(title=drill.title, score=score(drill, exercise), most=drill.most)]
    for at, one in enumerate(drill.injects):
        index = exercise.choices[at] if at < len(exercise.choices) else None
        parts.append(judged(one, index, at + 1, rules))
    return tuple(Say(text) for text in packed([*parts, f"{drill.closing}\n{drill.checked()}"]))


def judged(one: Inject, index: int | None, number: int, rules: Mapping[str, tuple[int, str]]) -> str:
    """One inject of the debrief."""
    best = one.best
    step, rule = rules[best.step]
    head = REVIEWED.format(number=number, title=one.title, step=step, rule=rule)
    if index is None:
        return f"{head}\n{MISSED.format(best=bare(best.text), why=best.comment)}"
    mine = one.choices[index]
    if mine is best:
        return f"{head}\n{CHOSE_BEST.format(text=bare(mine.text), comment=mine.comment)}"
    return f"{head}\n" + CHOSE.format(text=bare(mine.text), points=mine.points, most=best.points, comment=mine.comment,
                                      best=bare(best.text), why=best.comment)


def bare(text: str) -> str:
    """Without the full stop that the sentence around it has."""
    return text.rstrip(".")


def packed(parts: list[str], join: Callable[[list[str]], str] = "\n\n".join) -> list[str]:
    """The parts joined into as few texts of MESSAGE_CHARACTERS as their order allows."""
    found: list[list[str]] = []
    for part in parts:
        if found and len(join([*found[-1], part])) <= MESSAGE_CHARACTERS:
            found[-1].append(part)
        else:
            found.append([part])
    return [join(texts) for texts in found]
