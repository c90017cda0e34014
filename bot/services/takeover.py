"""What dead processes of this machine have left: sent messages are recorded as sent, everything they had leased is free."""

import logging
from datetime import datetime

from bot.services import inbox, outbox
from bot.services.receipts import Receipts
from bot.store.db import Database

logger = logging.getLogger(__name__)


def from_the_dead(database: Database, receipts: Receipts, now: datetime) -> int:
    """Returns how many dead processes there were. One transaction for each; a receipt file goes after its commit."""
    count = 0
    for left in receipts.dead():
        with database.write() as session:
            for row_id, platform_id in left.taken:
                outbox.taken(session, left.holder, row_id, platform_id, now)
            for row_id, parts in left.begun:
                outbox.begun(session, left.holder, row_id, parts)
            freed = outbox.given_up(session, left.holder, now) + inbox.given_up(session, left.holder, now)
        logger.warning("%s is gone: %s messages by its receipts, %s free again", left.holder or "a process", len(left.taken), freed)
        count += 1
    return count
