"""How tricks and rumours spread, as far as citizens tell us; officers hear of what grows fast. Flushes only; the caller commits."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot.clock import local
from bot.incidents import kinds
from bot.incidents.growth import LEAST_PEOPLE, PAST_DAYS, WINDOWS_HOURS, Growth
from bot.incidents.judging import defanged
from bot.incidents.spreading import Cluster, Sighting, by_trick, clusters
from bot.services import outbox, webhooks
from bot.services.figures.hiding import few, hide_column
from bot.services.figures.table import Cell
from bot.services.linking import name_of
from bot.store.tables import Conversation, Incident, Indicator, Mention, SpreadAlert, Staff
from bot.wording import say

LOOK_BACK = timedelta(days=PAST_DAYS, hours=max(WINDOWS_HOURS))
MOST = 20_000
"""Of the newest reports and questions."""
MOST_MEMBERS = 300
NOTICE = "staff_notice"
DESK = ("officer", "administrator")
TITLE_WORDS = 12


def sightings(session: Session, now: datetime, communes: Sequence[str] = (), back: timedelta = LOOK_BACK) -> list[Sighting]:
    """Reports and questions of the last days, oldest first. communes: only of people there; () for all."""
    where = [Incident.state == "sent", Incident.at > now - back, Incident.at <= now, *([Incident.commune.in_(communes)] if communes else [])]
    newest = select(Incident.id).where(*where).order_by(Incident.id.desc()).limit(MOST).subquery()
    named: dict[int, set[str]] = {}
    for incident_id, kind, value in session.execute(select(Mention.incident_id, Indicator.kind, Indicator.value).join(
            Indicator, Indicator.id == Mention.indicator_id).where(Mention.incident_id.in_(select(newest.c.id)))):
        # a link's host says the same and more people name it; where there is none, the link itself is the indicator
        named.setdefault(incident_id, set()).add(f"{kind}:{value}")
    rows = session.execute(select(Incident.id, Incident.at, Incident.reporter, Incident.source, Incident.trick, Incident.chat_channel, Incident.commune,
                                  Incident.text).where(Incident.id.in_(select(newest.c.id))).order_by(Incident.at, Incident.id))
    return [Sighting(i, at, who, source, trick, channel, commune, frozenset(named.get(i, ())), text or "")
            for i, at, who, source, trick, channel, commune, text in rows]


def began(session: Session) -> datetime | None:
    """When anything at all was first heard."""
    return session.scalar(select(func.min(Incident.at)).where(Incident.state == "sent"))


@dataclass(frozen=True)
class Row:
    """A cluster as staff read it. Figures of fewer than five people are hidden in it already."""

    key: str
    title: str
    trick: str
    kind: str
    people: Cell
    first_seen: datetime
    last_seen: datetime
    communes: int
    growth: Growth

    @property
    def fast(self) -> bool:
        return self.growth.fast


@dataclass(frozen=True)
class Detail:
    """One cluster in full. indicators: (kind in words, value nobody can tap, people). days: newest last."""

    row: Row
    reports: Cell
    questions: Cell
    indicators: Sequence[tuple[str, str, Cell]]
    communes: Sequence[tuple[str, Cell]]
    channels: Sequence[tuple[str, Cell]]
    days: Sequence[tuple[date, Cell]]


def overview(session: Session, now: datetime, communes: Sequence[str] = ()) -> tuple[list[Row], list[Row], int]:
    """(clusters of the same thing, kinds of tricks, how many reports and questions there are). What grows fast first."""
    seen, since = sightings(session, now, communes), began(session)
    same = [row_of(c, now, since) for c in clusters(seen)]
    tricks = [row_of(c, now, since) for c in by_trick(seen)]
    order = lambda row: (not row.fast, -row.growth.people, -(row.people if isinstance(row.people, int) else 0), row.key)
    return sorted(same, key=order), sorted(tricks, key=order), len(seen)


def detail(session: Session, now: datetime, key: str, communes: Sequence[str] = ()) -> Detail | None:
    """None when there is no such cluster any more, or not in these communes."""
    seen = sightings(session, now, communes)
    found = next((c for c in (by_trick(seen) if key.startswith("t:") else clusters(seen)) if c.key == key), None)
    if found is None:
        return None
    today = local(now).date()
    days = [today - timedelta(days=n) for n in range(PAST_DAYS, -1, -1)]
    return Detail(row_of(found, now, began(session)), *(number(len({m.who for m in found.members if m.source == source})) for source in ("report", "question")),
                  [(kinds.INDICATORS[one.partition(":")[0]], readable(one), number(count)) for one, count in found.indicators[:20]],
                  hidden(Counter(person_of(found, lambda m: m.commune or "Chưa rõ"))),
                  hidden(Counter(person_of(found, lambda m: name_of(m.channel)))),
                  counted([(day, len({m.who for m in found.members if local(m.at).date() == day})) for day in days]))


def person_of(cluster: Cluster, what) -> list[str]:
    """What is asked of each person of the cluster, once a person and answer."""
    return [value for value, _ in {(what(m), m.who) for m in cluster.members}]


def number(people: int) -> Cell:
    return hide_column([people], total=False).cell(0, 0, people)


def hidden(found: Counter) -> list[tuple[str, Cell]]:
    """The most first; fewer than five are hidden, and so many beside that no hidden one can be worked out."""
    return counted(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))


def counted(rows: Sequence[tuple]) -> list[tuple]:
    marks = hide_column([count for _, count in rows])
    return [(label, marks.cell(n, 0, count)) for n, (label, count) in enumerate(rows)]


def row_of(cluster: Cluster, now: datetime, since: datetime | None) -> Row:
    return Row(cluster.key, title_of(cluster), kinds.TRICKS.get(cluster.trick or "", ""), cluster.kind, number(cluster.people), cluster.members[0].at,
               cluster.members[-1].at, len({m.commune for m in cluster.members if m.commune}), cluster.growth(now, since))


def title_of(cluster: Cluster) -> str:
    """Short, without anybody's words: the kind of trick and what is most named."""
    trick = kinds.TRICKS.get(cluster.trick or "", "Chưa rõ kiểu")
    if cluster.kind == "trick":
        return f"Mọi tin về: {trick}"
    named = [readable(one) for one, _ in cluster.indicators if not one.startswith("link:")][:2]
    return f"{trick}: {', '.join(named)}" if named else f"{trick} (nhóm theo lời kể)"


def readable(indicator: str) -> str:
    kind, _, value = indicator.partition(":")
    return value if kind in ("phone", "account") else defanged(value)


# --- alerts ---------------------------------------------------------------------------------------------------------

def watch(session: Session, url: str, now: datetime) -> int:
    """Tells officers of what grows fast, of each cluster once a day; returns how many clusters. Safe to run again and by several workers."""
    recent = session.scalar(select(func.count(Incident.reporter.distinct())).where(
        Incident.state == "sent", Incident.at > now - timedelta(hours=max(WINDOWS_HOURS)))) or 0
    if recent < LEAST_PEOPLE:
        return 0
    seen, since, told = sightings(session, now), began(session), 0
    growing = [(c, g) for c in (*clusters(seen), *by_trick(seen)) if (g := c.growth(now, since)).fast]
    same = {m.id for c, _ in growing if c.kind == "same" for m in c.members}
    for cluster, grown in growing:
        fresh = [m for m in cluster.members if m.at > now - timedelta(hours=grown.hours)]
        if cluster.kind == "trick" and sum(m.id in same for m in fresh) * 2 > len(fresh):
            continue  # the kind grows because one thing in it does, and of that they hear anyway
        if not told_today(session, cluster, fresh, now) and (alert := noted(session, cluster, grown, fresh, now)) is not None:
            told += 1
            notify(session, alert, cluster, grown, fresh, url, now)
            webhooks.enqueue(session, "spread", event_of(alert, cluster), f"spread:{alert.id}", now)
    return told


def told_today(session: Session, cluster: Cluster, fresh: Sequence[Sighting], now: datetime) -> bool:
    """Were most of its fresh members in an alert of the last day? A cluster's key may change when clusters become one."""
    ids = {m.id for m in fresh}
    before = session.scalars(select(SpreadAlert).where(SpreadAlert.at > now - timedelta(days=1)))
    return any(alert.cluster == cluster.key or len(ids & set(alert.members)) * 2 > len(ids) for alert in before
               if alert.cluster.startswith("t:") == (cluster.kind == "trick"))


def noted(session: Session, cluster: Cluster, grown: Growth, fresh: Sequence[Sighting], now: datetime) -> SpreadAlert | None:
    """None when another worker was quicker."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    ident = session.execute(insert(SpreadAlert).values(
        cluster=cluster.key, day=local(now).date(), title=title_of(cluster)[:200], trick=cluster.trick, people=grown.people, usual=round(grown.usual, 2),
        hours=grown.hours, members=[m.id for m in fresh][-MOST_MEMBERS:], at=now)
        .on_conflict_do_nothing(index_elements=["cluster", "day"]).returning(SpreadAlert.id)).scalar()
    return session.get_one(SpreadAlert, ident) if ident is not None else None


def notify(session: Session, alert: SpreadAlert, cluster: Cluster, grown: Growth, fresh: Sequence[Sighting], url: str, now: datetime) -> int:
    """A message to the phones that officers have linked; who is bound to communes hears of their own people only."""
    count = 0
    for one in session.scalars(select(Staff).where(Staff.active, Staff.role.in_(DESK), Staff.conversation_id.is_not(None)).order_by(Staff.id)):
        people = grown.people if not one.communes else len({m.who for m in fresh if m.commune in one.communes})
        talk = session.get(Conversation, one.conversation_id)
        if people < LEAST_PEOPLE or talk is None or (talk.address is None and talk.channel != "web"):
            continue
        usual = grown.usual if not one.communes else cluster_usual(cluster, one.communes, grown, now)
        text = say("spread_alert", title=alert.title, people=people, hours=grown.hours, usual=f"{usual:.1f}".replace(".", ","), url=url.rstrip("/"))
        body = {"text": text, "buttons": [], "image": None, "quick": False}
        count += outbox.enqueue(session, talk, f"spread:{alert.id}:{one.id}", NOTICE, body, now) is not None
    return count


def cluster_usual(cluster: Cluster, communes: Sequence[str], grown: Growth, now: datetime) -> float:
    """How many people of these communes the past lets expect in as long."""
    begin = now - timedelta(hours=grown.hours)
    past = {(local(m.at).date(), m.who) for m in cluster.members if m.commune in communes and begin - timedelta(days=PAST_DAYS) < m.at <= begin}
    return len(past) * grown.hours / 24 / PAST_DAYS


def event_of(alert: SpreadAlert, cluster: Cluster) -> dict[str, object]:
    """What receivers of webhooks get."""
    named = [{"kind": one.partition(":")[0], "value": one.partition(":")[2], "people": count} for one, count in cluster.indicators[:20] if not few(count)]
    return {"alert": alert.id, "day": alert.day.isoformat(), "title": alert.title, "trick": alert.trick, "people": alert.people, "usual": alert.usual,
            "hours": alert.hours, "first_seen": local(cluster.members[0].at).date().isoformat(),
            "communes": len({m.commune for m in cluster.members if m.commune}), "indicators": named}


def alerts(session: Session, now: datetime, days: int = 7) -> Sequence[SpreadAlert]:
    """The newest first."""
    return session.scalars(select(SpreadAlert).where(SpreadAlert.at > now - timedelta(days=days)).order_by(SpreadAlert.id.desc())).all()
