"""Counts by two dimensions at once, raw: what two filters of the overview show together. Nothing of it may be shown as it is."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from bot.services.figures.counts import REMINDERS, Asking, By, Key, learning_columns, times
from bot.services.figures.periods import Filter, monday_of
from bot.services.figures.sql import local_day, on_days, week_of, within
from bot.store.tables import ActiveDay, Asked, Citizen, Enrolment, Learner, MessageSent, Rating

Pair = tuple[Key, Key]
Only = Literal["", "learning", "asked"]
"""What is counted, where not everything is: what courses are counted by, or questions."""
Counted = Iterator[tuple[Pair, dict[str, float], dict[str, int]]]


@dataclass
class Row:
    """The counts of one key, and how many people stand behind those that do not count people."""

    values: dict[str, float] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)

    def count(self, measure: str) -> int:
        return int(self.values.get(measure, 0))

    def behind(self, measure: str) -> int:
        """The people."""
        return self.people.get(measure, self.count(measure))


def by_two(session: Session, flt: Filter, one: By, other: By, only: Only = "") -> dict[Pair, Row]:
    """(key of one, key of other) -> everything that is counted by both; one pass over each table.

    Of communes and channels only what counts.PLACES does not have with the sums already.
    """
    found: dict[Pair, Row] = defaultdict(Row)
    kinds: tuple[Callable[[Session, Filter, By, By], Counted], ...] = (_learning, _rated) if only != "asked" else (_asked,)
    if not only and not flt.course and "course" not in (one, other):
        kinds += (_people, _active, _asked, _reminding) if "week" in (one, other) else (_people,)
    for kind in kinds:
        for pair, values, people in kind(session, flt, one, other):
            found[pair].values |= values
            found[pair].people |= people
    return dict(found)


def _grouped(keys: Sequence[ColumnElement[Any]], *columns: ColumnElement[Any]) -> Any:
    return select(*keys, *columns).group_by(*keys)


def _learning(session: Session, flt: Filter, one: By, other: By) -> Counted:
    key: dict[By, ColumnElement[Any]] = {"channel": Enrolment.channel, "commune": Citizen.commune, "course": Enrolment.slug,
                                         "week": week_of(local_day(Enrolment.started_at))}
    query = _grouped((key[one], key[other]), *learning_columns()).where(
        Enrolment.started_at >= flt.period.begins, Enrolment.started_at < flt.period.ends, *within(flt, Enrolment.channel, Citizen.commune))
    if "commune" in (one, other) or flt.communes:
        query = query.join(Learner, Learner.id == Enrolment.learner_id).join(Citizen, Citizen.id == Learner.citizen_id)
    if flt.course:
        query = query.where(Enrolment.slug == flt.course)
    for first, second, enrolled, begun, completed, both, gain, *people in session.execute(query):
        yield ((first, second), {"enrolled": enrolled, "begun": begun, "completed": completed, "both": both, "gain": gain},
               dict(zip(("enrolled", "begun", "completed", "both"), people, strict=True)))


def _rated(session: Session, flt: Filter, one: By, other: By) -> Counted:
    key: dict[By, ColumnElement[Any]] = {"channel": Rating.channel, "commune": Rating.commune, "week": week_of(Rating.day), "course": Rating.key}
    query = _grouped((key[one], key[other]), func.count(), func.coalesce(func.sum(Rating.score), 0)).where(
        Rating.day.between(flt.period.first, flt.period.last), *within(flt, Rating.channel, Rating.commune))
    if flt.course or "course" in (one, other):
        query = query.where(Rating.about == "lesson")
    if flt.course:
        query = query.where(Rating.key == flt.course)
    for first, second, ratings, scores in session.execute(query):
        yield (first, second), {"ratings": ratings, "scores": scores}, {}


def _people(session: Session, flt: Filter, one: By, other: By) -> Counted:
    """At the end of the period, and of them who came within it; by week only these."""
    key: dict[By, ColumnElement[Any]] = {"channel": Citizen.channel, "commune": Citizen.commune, "week": week_of(local_day(Citizen.created_at))}
    joined = Citizen.created_at >= flt.period.begins
    query = _grouped((key[one], key[other]), func.count(), times(joined)).where(Citizen.created_at < flt.period.ends,
                                                                               *within(flt, Citizen.channel, Citizen.commune))
    weekly = "week" in (one, other)
    for first, second, there, new in session.execute(query.where(joined) if weekly else query):
        yield (first, second), {"joined": new} if weekly else {"citizens": there, "joined": new}, {}


def _active(session: Session, flt: Filter, one: By, other: By) -> Counted:
    key: dict[By, ColumnElement[Any]] = {"channel": ActiveDay.channel, "commune": ActiveDay.commune, "week": week_of(ActiveDay.day)}
    query = _grouped((key[one], key[other]), func.count(ActiveDay.conversation_id.distinct())).where(
        on_days(flt.period, ActiveDay.day), *within(flt, ActiveDay.channel, ActiveDay.commune))
    for first, second, n in session.execute(query):
        yield (first, second), {"active": n}, {}


def _asked(session: Session, flt: Filter, one: By, other: By) -> Counted:
    """Weeks by day, which indexes give in order, and put together here."""
    key: dict[By, ColumnElement[Any]] = {"channel": Asked.channel, "commune": Asked.commune, "week": Asked.day}
    columns = key[one], key[other], Asked.decision
    query = select(*columns, func.count()).where(on_days(flt.period, Asked.day), *within(flt, Asked.channel, Asked.commune)).group_by(*columns)
    found: dict[Pair, Asking] = defaultdict(Asking)
    for first, second, decision, n in session.execute(query):
        pair = monday_of(first) if one == "week" else first, monday_of(second) if other == "week" else second
        found[pair] = found[pair].and_also(decision, n)
    for pair, asking in found.items():
        yield pair, asking._asdict(), {}


def _reminding(session: Session, flt: Filter, one: By, other: By) -> Counted:
    """As in counts.reminding: those who have been erased count as one."""
    key: dict[By, ColumnElement[Any]] = {"channel": MessageSent.channel, "commune": MessageSent.commune, "week": week_of(MessageSent.day)}
    replied, who = MessageSent.answered_at.is_not(None), func.coalesce(MessageSent.conversation_id, "gone")
    query = _grouped((key[one], key[other]), func.count(), times(replied), func.count(who.distinct()), func.count(case((replied, who)).distinct()))
    query = query.where(MessageSent.kind.in_(REMINDERS), on_days(flt.period, MessageSent.day), *within(flt, MessageSent.channel, MessageSent.commune))
    for first, second, sent, answered, sent_people, replied_people in session.execute(query):
        yield (first, second), {"sent": sent, "replied": answered}, {"sent": sent_people, "replied": replied_people}
