"""Who wants news of the province, and of what. The consent itself stands in the ledger (purpose "news"). Flushes only."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, exists, select, update
from sqlalchemy.orm import Session, aliased

from bot.services.outbox import UNSENT
from bot.store.tables import AnnouncementSend, Citizen, Consent, Conversation, NewsTopic, Outbound

PURPOSE = "news"
TOPICS = {"local": "Tin của xã, phường và tỉnh", "scam": "Cảnh báo lừa đảo", "procedure": "Thay đổi về thủ tục", "course": "Khoá học mới"}
KINDS = ("news", "alert")
"""Of messages in the outbox: an announcement, and one that passes quiet hours."""
UNDER_WAY = ("waiting", "queued", "held")
BECAUSE = timedelta(hours=24)
"""Who wants no more news so soon after one is counted with it."""
STOPPABLE = timedelta(days=7)
"""So long after a piece of news a bare "dừng" may mean it."""


def wanted() -> ColumnElement[bool]:
    """Of a query over citizens: the newest word of this one about news is a yes."""
    later = aliased(Consent)
    return exists().where(Consent.citizen_id == Citizen.id, Consent.purpose == PURPOSE, Consent.given,
                          ~exists().where(later.citizen_id == Consent.citizen_id, later.purpose == PURPOSE, later.id > Consent.id))


def choose(session: Session, citizen_id: int, topics: Collection[str]) -> list[str]:
    """From now on this citizen gets news of these topics and no others; [] or unknown ones: of all. Returns them. The caller has the consent."""
    chosen = [t for t in TOPICS if t in topics] or list(TOPICS)
    session.execute(delete(NewsTopic).where(NewsTopic.citizen_id == citizen_id))
    session.add_all(NewsTopic(citizen_id=citizen_id, topic=t) for t in chosen)
    session.flush()
    return chosen


def topics_of(session: Session, citizen_id: int) -> list[str]:
    found = set(session.scalars(select(NewsTopic.topic).where(NewsTopic.citizen_id == citizen_id)))
    return [t for t in TOPICS if t in found]


def join(session: Session, keep_id: int, gone_id: int) -> None:
    """Two citizens are one: they want what either wanted."""
    both = {*topics_of(session, keep_id), *topics_of(session, gone_id)}
    session.execute(delete(NewsTopic).where(NewsTopic.citizen_id.in_((keep_id, gone_id))))
    session.add_all(NewsTopic(citizen_id=keep_id, topic=t) for t in sorted(both))
    session.flush()


def ended(session: Session, citizen_id: int, now: datetime) -> None:
    """This citizen wants no more: what has not left never will, and the newest that came within a day is counted as the reason."""
    talks: Sequence[str] = session.scalars(select(Conversation.id).where(Conversation.citizen_id == citizen_id)).all()
    session.execute(delete(NewsTopic).where(NewsTopic.citizen_id == citizen_id))
    session.execute(delete(Outbound).where(Outbound.conversation_id.in_(talks), Outbound.kind.in_(KINDS), Outbound.state.in_(UNSENT)))
    session.execute(update(AnnouncementSend).where(AnnouncementSend.conversation_id.in_(talks), AnnouncementSend.state.in_(UNDER_WAY))
                    .values(state="cancelled", error="unsubscribed"))
    newest = session.scalars(select(AnnouncementSend).where(
        AnnouncementSend.conversation_id.in_(talks), AnnouncementSend.state == "sent", AnnouncementSend.sent_at > now - BECAUSE)
        .order_by(AnnouncementSend.sent_at.desc(), AnnouncementSend.id.desc()).limit(1)).first()
    if newest is not None and newest.unsubscribed_at is None:
        newest.unsubscribed_at = now
    session.flush()


def lately(session: Session, conversation_id: str, now: datetime) -> bool:
    """Has a piece of news come to this chat within a week? Asked of the outbox too: what just left is not noted with the results yet."""
    return session.scalar(select(Outbound.id).where(
        Outbound.conversation_id == conversation_id, Outbound.kind.in_(KINDS), Outbound.state == "sent").limit(1)) is not None \
        or session.scalar(select(AnnouncementSend.id).where(
            AnnouncementSend.conversation_id == conversation_id, AnnouncementSend.sent_at > now - STOPPABLE).limit(1)) is not None


def move(session: Session, old_id: str, new_id: str) -> None:
    """The chat goes on under another id."""
    session.execute(update(AnnouncementSend).where(AnnouncementSend.conversation_id == old_id).values(conversation_id=new_id))


def forget(session: Session, conversation_id: str) -> None:
    """The person is erased: results stay as numbers."""
    mine = update(AnnouncementSend).where(AnnouncementSend.conversation_id == conversation_id)
    session.execute(mine.where(AnnouncementSend.state.in_(UNDER_WAY)).values(state="cancelled", error="unsubscribed"))
    session.execute(mine.values(conversation_id=None))
