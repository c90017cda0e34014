"""Which messages of ours were read, where a channel tells it: Zalo OA by an event, the web chat by its page.

That a message was read is no word of the citizen: it opens no window, counts no day and is answered by nothing. The first report
counts; repeated ones and unknown ids change nothing. Results of announcements keep it for longer than the outbox does.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from bot.errors import BotError
from bot.services import people
from bot.services.outbox import ANSWERS
from bot.store.tables import AnnouncementSend, Outbound

CHANNELS = ("zalo_oa", "web")
"""Those that tell it; of others nobody knows."""


class NotYet(BotError):
    """A message is on its way to this chat, and may be the one: its id is not written down yet. Told again, it will be."""


def by_platform(session: Session, key: bytes, channel: str, address: str, ids: Collection[str], at: datetime) -> str:
    """The platform says that the messages with these ids of its own were read; returns the conversation. Raises NotYet.

    A message that went out in parts is read as soon as one of them is.
    """
    ident = people.conversation_id(key, channel, address)
    asked, known, found = set(ids), set(), []
    for row_id, platform_ids, read_at in session.execute(select(Outbound.id, Outbound.platform_message_id, Outbound.read_at).where(
            Outbound.conversation_id == ident, Outbound.platform_message_id.is_not(None))):
        parts = set(platform_ids.split(","))
        known |= parts
        if read_at is None and asked & parts:
            found.append(row_id)
    if asked - known and session.scalar(select(exists().where(Outbound.conversation_id == ident, Outbound.state == "sending"))):
        raise NotYet("a message is being sent")
    if found:
        session.execute(update(Outbound).where(Outbound.id.in_(found), Outbound.read_at.is_(None)).values(read_at=at)
                        .execution_options(synchronize_session=False))
        _noted(session, ident, found, at)
    return ident


def by_page(session: Session, key: bytes, sender: str, ids: Collection[int], now: datetime) -> int:
    """The chat page says that these messages, which came by themselves, were on the screen; returns how many are read by that.

    ids: of the outbox; those of answers and of other senders are passed over.
    """
    ident = people.conversation_id(key, "web", sender)
    found = session.scalars(update(Outbound).where(
        Outbound.conversation_id == ident, Outbound.id.in_(ids), Outbound.state == "sent", Outbound.kind.not_in(ANSWERS),
        Outbound.read_at.is_(None)).values(read_at=now).returning(Outbound.id).execution_options(synchronize_session=False)).all()
    if found:
        _noted(session, ident, found, now)
    return len(found)


def _noted(session: Session, conversation_id: str, row_ids: Collection[int], at: datetime) -> None:
    """With the results of announcements, which outlive the rows."""
    session.execute(update(AnnouncementSend).where(
        AnnouncementSend.outbox_id.in_(row_ids), AnnouncementSend.conversation_id == conversation_id, AnnouncementSend.read_at.is_(None))
        .values(read_at=at).execution_options(synchronize_session=False))
