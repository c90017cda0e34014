"""Raw counts, before anything is hidden. Nothing here may be shown as it is.

Every function takes (session, filter, dimensions) and gives {dimension: {key: counts}}, with as few passes over its table as it
can: a page asks for all dimensions at once. A key is a Monday (week), a commune, a channel, a course's slug, None where that is
not known, or "" (all); of a place, which only `active`, `asked` and `reminding` count by, (commune, channel).
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from operator import add
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Select, case, func, literal, select
from sqlalchemy.orm import Session

from bot.services.figures.periods import Filter, monday_of
from bot.services.figures.sql import local_day, on_days, week_of, within
from bot.store.tables import ActiveDay, Asked, Citizen, Enrolment, Learner, MessageSent, Rating

By = Literal["all", "week", "channel", "commune", "course", "place"]
Key = date | str | tuple[str | None, str] | None
PLACES: tuple[By, ...] = ("all", "channel", "commune", "place")
"""Dimensions that one pass over a table can serve together."""

REMINDERS = ("reminder", "nudge")
"""Kinds of messages that remind: of what a citizen asked for, of a revision or a course."""
ASKED_BACK = ("clarify", "no_subject")


class Asking(NamedTuple):
    """Questions about procedures; the others are its parts."""

    questions: int = 0
    answered: int = 0
    asked_back: int = 0
    not_covered: int = 0

    def and_also(self, decision: str, count: int) -> "Asking":
        back = count if decision in ASKED_BACK else 0
        return Asking(self.questions + count, self.answered + (count if decision == "answer" else 0), self.asked_back + back,
                      self.not_covered + (count if decision == "none" else 0))


class Learning(NamedTuple):
    """Enrolments of a period, wherever they stand today. …_people: how many learners they are of. gain: points, summed over `both`."""

    enrolled: int = 0
    begun: int = 0
    completed: int = 0
    both: int = 0
    gain: float = 0.0
    enrolled_people: int = 0
    begun_people: int = 0
    completed_people: int = 0
    both_people: int = 0


class Reminding(NamedTuple):
    """Reminders that left, and those after which the citizen wrote within a day. …_people: conversations."""

    sent: int = 0
    replied: int = 0
    sent_people: int = 0
    replied_people: int = 0


class Rated(NamedTuple):
    """Ratings and the sum of their scores."""

    ratings: int = 0
    scores: int = 0


def grouped(by: By, key: dict[By, ColumnElement[Any]], columns: Sequence[ColumnElement[Any]]) -> Select[Any]:
    """The statement of one measure, with its key in front."""
    chosen = key[by] if by != "all" else literal("")
    found = select(chosen, *columns)
    return found if by == "all" else found.group_by(chosen)


def times(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """How often it holds."""
    return func.count(case((condition, 1)))


def placed(channel: str, commune: str | None) -> tuple[tuple[By, Key], ...]:
    """Every row of PLACES that something of this channel and commune counts in."""
    return ("all", ""), ("channel", channel), ("commune", commune), ("place", (commune, channel))


def citizens(session: Session, flt: Filter, bys: Sequence[By]) -> dict[By, dict[Key, int]]:
    """People with consent at the end of the period; who has been erased since is not among them."""
    key: dict[By, ColumnElement[Any]] = {"channel": Citizen.channel, "commune": Citizen.commune}
    which = [Citizen.created_at < flt.period.ends, *within(flt, Citizen.channel, Citizen.commune)]
    return {by: dict(session.execute(grouped(by, key, [func.count()]).select_from(Citizen).where(*which)).all())
            for by in bys if by in ("all", "channel", "commune")}


def joined(session: Session, flt: Filter, bys: Sequence[By]) -> dict[By, dict[Key, int]]:
    """Of them those who first agreed within the period."""
    key: dict[By, ColumnElement[Any]] = {"channel": Citizen.channel, "commune": Citizen.commune, "week": week_of(local_day(Citizen.created_at))}
    which = [Citizen.created_at >= flt.period.begins, Citizen.created_at < flt.period.ends, *within(flt, Citizen.channel, Citizen.commune)]
    return {by: dict(session.execute(grouped(by, key, [func.count()]).select_from(Citizen).where(*which)).all()) for by in bys if by in key or by == "all"}


def active(session: Session, flt: Filter, bys: Sequence[By]) -> dict[By, dict[Key, int]]:
    """Conversations in which a citizen wrote, each once a key."""
    where = within(flt, ActiveDay.channel, ActiveDay.commune)
    which = [on_days(flt.period, ActiveDay.day), *where]
    each = func.count(ActiveDay.conversation_id.distinct())
    found: dict[By, dict[Key, int]] = {}
    if "week" in bys:
        week = week_of(ActiveDay.day)
        found["week"] = dict(session.execute(select(week, each).where(*which).group_by(week)).all())
    if not set(bys) & {"channel", "commune"}:
        return found | ({"all": {"": session.scalar(select(each).where(*which)) or 0}} if "all" in bys else {})
    talks: dict[str, str] = {}
    communes: dict[Key, int] = defaultdict(int)
    both: dict[Key, int] = defaultdict(int)
    columns = ActiveDay.conversation_id, ActiveDay.channel, ActiveDay.commune
    for talk, channel, commune in session.execute(select(*columns).where(on_days(flt.period, ActiveDay.day, whole=True), *where).group_by(*columns)):
        talks[talk] = channel
        communes[commune] += 1
        both[commune, channel] += 1
    channels: dict[Key, int] = defaultdict(int)
    for channel in talks.values():
        channels[channel] += 1
    return found | {by: n for by, n in (("all", {"": len(talks)}), ("channel", channels), ("commune", communes), ("place", both)) if by in bys}


def asked(session: Session, flt: Filter, bys: Sequence[By]) -> dict[By, dict[Key, Asking]]:
    where = within(flt, Asked.channel, Asked.commune)
    which = [on_days(flt.period, Asked.day, whole=True), *where]
    found: dict[By, dict[Key, Asking]] = {by: defaultdict(Asking) for by in bys if by != "course"}
    if "week" in found:  # by day, which an index gives in order, and put together here; another index holds what is chosen
        daily = [on_days(flt.period, Asked.day), *where] if where else which
        for decision, day, n in session.execute(select(Asked.decision, Asked.day, func.count()).where(*daily).group_by(Asked.decision, Asked.day)):
            found["week"][monday_of(day)] = found["week"][monday_of(day)].and_also(decision, n)
    if set(found) - {"week"}:
        columns = Asked.channel, Asked.commune, Asked.decision
        for channel, commune, decision, n in session.execute(select(*columns, func.count()).where(*which).group_by(*columns)):
            for by, key in placed(channel, commune):
                if by in found:
                    found[by][key] = found[by][key].and_also(decision, n)
    return found


def learning(session: Session, flt: Filter, bys: Sequence[By]) -> dict[By, dict[Key, Learning]]:
    return {by: _learning(session, flt, by) for by in bys}


def learning_columns() -> list[ColumnElement[Any]]:
    """What `Learning` counts, in its order."""
    begun, completed = Enrolment.begun_at.is_not(None), Enrolment.completed_at.is_not(None)
    both = Enrolment.before_right.is_not(None) & Enrolment.after_right.is_not(None) & (Enrolment.test_total > 0)
    points = 100.0 * (Enrolment.after_right - Enrolment.before_right) / Enrolment.test_total

    def learners(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.count(case((condition, Enrolment.learner_id)).distinct())

    return [func.count(), times(begun), times(completed), times(both), func.coalesce(func.sum(case((both, points))), 0.0),
               func.count(Enrolment.learner_id.distinct()), learners(begun), learners(completed), learners(both)]


def _learning(session: Session, flt: Filter, by: By) -> dict[Key, Learning]:
    key: dict[By, ColumnElement[Any]] = {"channel": Enrolment.channel, "commune": Citizen.commune, "course": Enrolment.slug,
                                         "week": week_of(local_day(Enrolment.started_at))}
    query = grouped(by, key, learning_columns()).where(Enrolment.started_at >= flt.period.begins, Enrolment.started_at < flt.period.ends,
                                            *within(flt, Enrolment.channel, Citizen.commune))
    if by == "commune" or flt.communes:
        query = query.join(Learner, Learner.id == Enrolment.learner_id).join(Citizen, Citizen.id == Learner.citizen_id)
    if flt.course:
        query = query.where(Enrolment.slug == flt.course)
    return {k: Learning(*n) for k, *n in session.execute(query)}


def reminding(session: Session, flt: Filter, bys: Sequence[By]) -> dict[By, dict[Key, Reminding]]:
    """Those who have been erased can no longer be told apart; counting them as one errs on the side of hiding."""
    where = [MessageSent.kind.in_(REMINDERS), *within(flt, MessageSent.channel, MessageSent.commune)]
    which = [on_days(flt.period, MessageSent.day), *where]
    replied, who = MessageSent.answered_at.is_not(None), func.coalesce(MessageSent.conversation_id, "gone")
    measured = [func.count(), times(replied), func.count(who.distinct()), func.count(case((replied, who)).distinct())]
    found: dict[By, dict[Key, Reminding]] = {}
    if "week" in bys:
        week = week_of(MessageSent.day)
        found["week"] = {k: Reminding(*n) for k, *n in session.execute(select(week, *measured).where(*which).group_by(week))}
    if not set(bys) & {"channel", "commune"}:
        return found | ({"all": {"": Reminding(*session.execute(select(*measured).where(*which)).one())}} if "all" in bys else {})
    talks: dict[str | None, tuple[str, bool]] = {}
    sums: dict[tuple[str, str | None], Reminding] = defaultdict(Reminding)
    columns = MessageSent.conversation_id, MessageSent.channel, MessageSent.commune
    query = select(*columns, func.count(), times(replied)).where(on_days(flt.period, MessageSent.day, whole=True), *where).group_by(*columns)
    for talk, channel, commune, n, answers in session.execute(query):
        sums[channel, commune] = added(sums[channel, commune], Reminding(n, answers, 1, answers > 0))
        talks[talk] = channel, answers > 0 or (talk in talks and talks[talk][1])
    everywhere: dict[By, dict[Key, Reminding]] = {by: defaultdict(Reminding) for by in PLACES}
    for (channel, commune), sum_ in sums.items():
        for by, key in placed(channel, commune):  # a conversation has one channel, but may have had two communes
            everywhere[by][key] = added(everywhere[by][key], sum_ if by in ("commune", "place") else Reminding(sum_.sent, sum_.replied))
    for channel, replies in talks.values():
        for by, key in (("all", ""), ("channel", channel)):
            everywhere[by][key] = added(everywhere[by][key], Reminding(0, 0, 1, replies))
    return found | {by: everywhere[by] for by in PLACES if by in bys}


def added(one: Reminding, other: Reminding) -> Reminding:
    return Reminding(*map(add, one, other))


def rated(session: Session, flt: Filter, bys: Sequence[By]) -> dict[By, dict[Key, Rated]]:
    """All ratings; with a course in the filter, or by course, those of lessons."""
    key: dict[By, ColumnElement[Any]] = {"channel": Rating.channel, "commune": Rating.commune, "week": week_of(Rating.day), "course": Rating.key}
    which = [Rating.day.between(flt.period.first, flt.period.last), *within(flt, Rating.channel, Rating.commune)]
    if flt.course:
        which += [Rating.about == "lesson", Rating.key == flt.course]
    found: dict[By, dict[Key, Rated]] = {}
    for by in bys:
        query = grouped(by, key, [func.count(), func.coalesce(func.sum(Rating.score), 0)]).where(*which)
        found[by] = {k: Rated(*n) for k, *n in session.execute(query.where(Rating.about == "lesson") if by == "course" else query)}
    return found
