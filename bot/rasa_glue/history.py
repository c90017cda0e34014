"""Rasa's side of a conversation, bounded and without words: one row a conversation in `rasa_trackers`.

Why not SQLTrackerStore: it keeps every event for ever and reads a whole session at each message, so a learner's
thousandth message costs many times the tenth (rasa_facts.md). And it keeps what people typed in clear.
Here the last events only are kept; when they grow past MAX_EVENTS the row starts afresh from the slots and the active
form. What people typed is not stored at all: rules and forms need intents, entities and slots.

The table is made by our migrations (bot/store/migrations); this side runs SQLAlchemy 1.4 and uses plain SQL.
"""

import json
import logging
import os
import time
from typing import Any, Dict, Iterable, List, Optional, Set

import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SerializedTrackerAsText, TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

logger = logging.getLogger(__name__)

MAX_EVENTS = 120
"""About a dozen turns. Rules look at the present turn, actions at slots, so nothing needs more."""

IDLE_SECONDS = 5.0
"""A database connection that nobody has used for so long is tried before it is."""

FAILED: Set[str] = set()
"""Conversations whose last save failed. Rasa hides such failures (FailSafeTrackerStore); our channel must not."""

UPSERT = sa.text(
    "INSERT INTO rasa_trackers (sender_id, events, updated_at) VALUES (:sender, :events, :now) "
    "ON CONFLICT (sender_id) DO UPDATE SET events = excluded.events, updated_at = excluded.updated_at")


class BoundedTrackerStore(TrackerStore, SerializedTrackerAsText):
    """One JSON row of bounded events for each conversation, on SQLite or PostgreSQL (`url` as SQLAlchemy takes it)."""

    def __init__(self, domain: Optional[Domain] = None, event_broker: Optional[EventBroker] = None,
                 url: Optional[str] = None, **kwargs: Any) -> None:
        super().__init__(domain, event_broker, **kwargs)
        url = driver_of(url or os.environ["DATABASE_URL"])
        arguments = {"timeout": 10} if url.startswith("sqlite") else {}
        self.engine = sa.create_engine(url, hide_parameters=True, connect_args=arguments)
        if not url.startswith("sqlite"):
            tried_when_idle(self.engine)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Writes the conversation's row. A failure is noted in FAILED and raised."""
        await self.stream_events(tracker)
        try:
            with self.engine.begin() as connection:
                connection.execute(UPSERT, {"sender": tracker.sender_id, "now": time.time(),
                                            "events": json.dumps(bounded(tracker), ensure_ascii=False)})
        except Exception:
            FAILED.add(tracker.sender_id)
            raise

    async def retrieve(self, sender_id: str) -> Optional[DialogueStateTracker]:
        try:
            with self.engine.connect() as connection:
                row = connection.execute(sa.text("SELECT events FROM rasa_trackers WHERE sender_id = :sender"),
                                         {"sender": sender_id}).first()
        except Exception:
            FAILED.add(sender_id)
            raise
        if row is None:
            return None
        return DialogueStateTracker.from_dict(sender_id, json.loads(row[0]), self.domain.slots)

    async def keys(self) -> Iterable[str]:
        with self.engine.connect() as connection:
            return [r[0] for r in connection.execute(sa.text("SELECT sender_id FROM rasa_trackers"))]


def tried_when_idle(engine: sa.engine.Engine) -> None:
    """As bot/store/db.py has it: a ping at each of three transactions a turn costs as much as they do."""

    @sa.event.listens_for(engine, "checkin")
    def used(_connection: Any, record: Any) -> None:
        record.info["used"] = time.monotonic()

    @sa.event.listens_for(engine, "checkout")
    def trying(connection: Any, record: Any, _proxy: Any) -> None:
        if time.monotonic() - record.info.get("used", time.monotonic()) < IDLE_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.dbapi.Error as error:
            raise sa.exc.InvalidatePoolError("the connection was cut while idle") from error


def driver_of(url: str) -> str:
    """The URL with the driver that this side has: the app's own is another, and postgres:// is how many services give theirs."""
    for prefix in ("postgres://", "postgresql://", "postgresql+psycopg://"):
        if url.startswith(prefix):
            return "postgresql+psycopg2://" + url[len(prefix):]
    return url


def bounded(tracker: DialogueStateTracker) -> List[Dict[str, Any]]:
    """The events to keep: as they are while few, else a fresh session with the same slots and form. Without words."""
    kept = list(tracker.events)
    if len(kept) > MAX_EVENTS:
        kept = fresh_session(tracker)
    return [without_words(event.as_dict()) for event in kept]


def fresh_session(tracker: DialogueStateTracker) -> List[Any]:
    """What Rasa itself writes at the start of a session that carries slots over, plus the form that is open."""
    last = tracker.get_last_event_for(UserUttered)
    now = last.timestamp if last else time.time()
    carried = [SlotSet(name, slot.value, timestamp=now) for name, slot in tracker.slots.items()
               if slot.value != slot.initial_value]
    loop = [ActiveLoop(tracker.active_loop_name, timestamp=now)] if tracker.active_loop_name else []
    return [ActionExecuted("action_session_start", timestamp=now), SessionStarted(timestamp=now), *carried, *loop,
            ActionExecuted("action_listen", timestamp=now),
            # the expiry of a session is counted from the last user event, so one stays
            *([last, ActionExecuted("action_listen", timestamp=now)] if last else [])]


def without_words(event: Dict[str, Any]) -> Dict[str, Any]:
    """The event as a dict without what the citizen typed and without what the bot answered."""
    if event["event"] == "user":
        parsed = event.get("parse_data") or {}
        event["text"] = ""
        event["parse_data"] = {"text": "", "intent": parsed.get("intent"), "entities": [], "metadata": {}}
        event["metadata"] = {}
    elif event["event"] == "bot":
        event["text"], event["data"], event["metadata"] = "", {}, {}
    return event
