"""Events into the inbox, and those that the database refuses for what is in them: a platform that is told of no success would bring such a
one again for ever, and nothing after it."""

import logging
from datetime import datetime

from sqlalchemy.exc import DataError
from sqlalchemy.orm import Session

from bot import failpoints
from bot.messages import Incoming
from bot.services import inbox, outbox, people
from bot.store.db import Database
from bot.wording import say

logger = logging.getLogger(__name__)

REFUSED = (DataError, UnicodeError)
"""What storing it raises then; all else may pass by itself."""


def store(database: Database, key: bytes, message: Incoming, now: datetime) -> inbox.Stored:
    """Writes an event in a transaction of its own; when this returns, the platform may be told so."""
    def write(session: Session) -> inbox.Stored:
        stored = inbox.store(session, key, message, now)
        failpoints.at("inbox.storing")
        return stored

    try:
        return database.again(write)
    except REFUSED as error:
        return park(database, key, message, error, now)


def park(database: Database, key: bytes, message: Incoming, error: Exception, now: datetime) -> inbox.Stored:
    """Parks it without its words and tells the citizen. What cannot be stored even so is in the log alone, and so is what nobody waits for."""
    logger.error("an event of %s cannot be stored (%s)", message.channel, type(error).__name__)
    if message.left or message.read or message.person_minutes:
        return inbox.Stored(0, "", False)

    def write(session: Session) -> inbox.Stored:
        talk = people.conversation(session, key, message.channel, message.address, now)
        ident, new = inbox.written(session, dict(
            channel=message.channel, platform_id=message.platform_id, conversation_id=talk.id, address=message.address, text=None, payload=None,
            masked=[], state="parked", attempts=inbox.TRIES, error=type(error).__name__, next_try_at=now, received_at=now))
        if new:
            outbox.enqueue(session, talk, f"inbox:{ident}:0", "reply", {"text": say("parked")}, now, address=message.address)
        return inbox.Stored(ident, talk.id, False)

    try:
        return database.again(write)
    except REFUSED as again:
        logger.error("nor can its id be (%s)", type(again).__name__)
        return inbox.Stored(0, "", False)
