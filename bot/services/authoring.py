"""Writing courses, from the first word to the published version: the studio's one address. Flushes only; the caller commits.

A draft (drafts.py) is submitted, refused or published by somebody who wrote nothing of it (publishing.py); versions are
listed, compared and brought back (course_history.py).
"""

from bot.learning.remedies import Place
from bot.services.course_history import changes, compare, history, rollback, shelf
from bot.services.drafts import (
    Conflict,
    begin,
    can_undo_redo,
    create,
    discard,
    document_of,
    live_version,
    names,
    open_draft,
    open_drafts,
    redo,
    save,
    undo,
)
from bot.services.publishing import Blocked, findings, may_approve, publish, publish_due, refuse, submit, withdraw

__all__ = [
    "Blocked", "Conflict", "Place", "begin", "can_undo_redo", "changes", "compare", "create", "discard", "document_of", "findings", "history",
    "live_version", "may_approve", "names", "open_draft", "open_drafts", "publish", "publish_due", "redo", "refuse", "rollback", "save", "shelf",
    "submit", "undo", "withdraw",
]
