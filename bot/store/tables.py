"""Our tables. Migrations make them; these classes only describe them. A sentence under each says why it exists."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.db import Base, Key


class Citizen(Base):
    """Somebody who consented to something. Without consent no row exists."""

    __tablename__ = "citizens"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    created_at: Mapped[datetime]
    commune: Mapped[str | None] = mapped_column(String(80))


class Conversation(Base):
    """One chat on one channel. id is a keyed hash of the channel's own id, so the row alone names nobody.

    address: the channel's id for sending; kept only while something is owed or consent was given.
    offered: the buttons of the newest replies, [{title, payload, numbered}]; typed titles and numbers are read against them.
    lesson_on_screen: the newest reply is the lesson's, so that a bare "có" or "tiếp" belongs to it.
    learner_id: who of the people sharing this phone is learning now.
    awaiting: what a typed name would answer, if a name was asked for ("certificate:<enrolment>" or "learner"); or the
    question that a bare "có" answers ("link:<id>").
    closed_at: since then the platform tells us that we may not write (blocked, unfollowed, gone); null again when the citizen does.
    """

    __tablename__ = "conversations"
    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    channel: Mapped[str] = mapped_column(String(20))
    citizen_id: Mapped[int | None] = mapped_column(ForeignKey("citizens.id"), index=True)
    learner_id: Mapped[int | None] = mapped_column(ForeignKey("learners.id"))
    address: Mapped[str | None] = mapped_column(String(80))
    awaiting: Mapped[str | None] = mapped_column(String(80))
    asked_consent_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    offered: Mapped[Any] = mapped_column(JSON, default=list)
    lesson_on_screen: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class Consent(Base):
    """Ledger of consent, append-only: the newest row of a purpose is in force. Survives as proof, without the person."""

    __tablename__ = "consents"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    citizen_id: Mapped[int] = mapped_column(Key, index=True)
    purpose: Mapped[str] = mapped_column(String(20))
    given: Mapped[bool]
    notice_version: Mapped[str] = mapped_column(String(20))
    channel: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime]


class Button(Base):
    """A payload the bot issued to one conversation; what comes back is its id, so nobody can send payloads of their own."""

    __tablename__ = "buttons"
    id: Mapped[str] = mapped_column(String(24), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(String(80), index=True)
    title: Mapped[str] = mapped_column(String(200))
    payload: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class Inbound(Base):
    """A message as it came in, masked, stored before the platform gets its answer. text goes once it is answered.

    message_ref: "<the platform's id of the message>:<keyed hash of its text>" where messages can be edited.
    masked: the kinds of secrets that were taken out of the text. state: new, working (under lease_until, by the process holder),
    done, parked (five failures; error says why).
    """

    __tablename__ = "inbox"
    __table_args__ = (UniqueConstraint("channel", "platform_id"),)
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    channel: Mapped[str] = mapped_column(String(20))
    platform_id: Mapped[str] = mapped_column(String(120))
    conversation_id: Mapped[str] = mapped_column(String(80), index=True)
    address: Mapped[str | None] = mapped_column(String(80))
    text: Mapped[str | None] = mapped_column(Text)
    payload: Mapped[str | None] = mapped_column(Text)
    masked: Mapped[Any] = mapped_column(JSON, default=list)
    message_ref: Mapped[str | None] = mapped_column(String(60))
    state: Mapped[str] = mapped_column(String(10), index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    holder: Mapped[str | None] = mapped_column(String(80))
    error: Mapped[str | None] = mapped_column(String(200))
    received_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class Turn(Base):
    """What the action of one inbound message did, written in the action's own transaction.

    If anything dies before the replies are in the outbox, the repeated turn finds this row and does nothing twice.
    """

    __tablename__ = "turns"
    inbox_id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    result: Mapped[Any] = mapped_column(JSON)
    at: Mapped[datetime]


class Outbound(Base):
    """A message to send: replies and reminders alike. cause is unique, so nothing is queued twice.

    priority: 0 replies, 1 what a citizen asked for at a time, 2 everything we send of our own accord.
    state: due, sending (under lease_until), sent, dead, held (the platform lets us write only once the citizen has).
    next_try_at: not before. holder: the worker whose lease it is. via: how it went: response (of the web request that
    waited), stream (server-sent events), push (the platform's API).
    """

    __tablename__ = "outbox"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    cause: Mapped[str] = mapped_column(String(120), unique=True)
    conversation_id: Mapped[str] = mapped_column(String(80), index=True)
    channel: Mapped[str] = mapped_column(String(20))
    address: Mapped[str | None] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(20))
    priority: Mapped[int] = mapped_column(default=0)
    body: Mapped[Any] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(10), index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    holder: Mapped[str | None] = mapped_column(String(80))
    platform_message_id: Mapped[str | None] = mapped_column(String(200))
    via: Mapped[str | None] = mapped_column(String(10))
    error: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


class CourseVersion(Base):
    """A published course, immutable. sha256 is of the document; a learner's enrolment points here."""

    __tablename__ = "course_versions"
    __table_args__ = (UniqueConstraint("slug", "sha256"),)
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), index=True)
    sha256: Mapped[str] = mapped_column(String(64))
    document: Mapped[Any] = mapped_column(JSON)
    published_at: Mapped[datetime]
    live: Mapped[bool]


class Learner(Base):
    """One of the people who learn on a citizen's phone; name as they gave it, null for the first. Most phones have one.

    nudge_hour: local hour at which a revision that is due may be mentioned; null: never. nudged_at, nudges_unanswered:
    when that last happened and how often in a row nothing followed.
    """

    __tablename__ = "learners"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    citizen_id: Mapped[int] = mapped_column(ForeignKey("citizens.id"), index=True)
    name: Mapped[str | None] = mapped_column(String(60))
    nudge_hour: Mapped[int | None]
    nudged_at: Mapped[datetime | None]
    nudges_unanswered: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]


class PublishedPicture(Base):
    """A picture of a published course, by the hash of its bytes: what a version shows never changes."""

    __tablename__ = "pictures"
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    media_type: Mapped[str] = mapped_column(String(40))
    data: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]


class Enrolment(Base):
    """A learner in a course. progress is the engine's state; right, total, score_percent and passed stand in columns for queries.

    active: the lesson is open in the chat now. before_right, after_right: right answers of the test, null when it was not
    taken whole. left_at: the learner gave the course up. nudged_at: when a message last asked whether to go on with it.
    """

    __tablename__ = "enrolments"
    __table_args__ = (UniqueConstraint("learner_id", "slug", "round"),)
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    learner_id: Mapped[int] = mapped_column(ForeignKey("learners.id"), index=True)
    slug: Mapped[str] = mapped_column(String(60))
    round: Mapped[int] = mapped_column(default=1)
    version_id: Mapped[int] = mapped_column(ForeignKey("course_versions.id"))
    progress: Mapped[Any] = mapped_column(JSON)
    active: Mapped[bool]
    lessons_done: Mapped[int] = mapped_column(default=0)
    items_right: Mapped[int] = mapped_column(default=0)
    items_total: Mapped[int]
    score_percent: Mapped[int | None]
    passed: Mapped[bool | None]
    started_at: Mapped[datetime]
    test_total: Mapped[int] = mapped_column(default=0)
    before_right: Mapped[int | None]
    after_right: Mapped[int | None]
    touched_at: Mapped[datetime]
    completed_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    nudged_at: Mapped[datetime | None]


class Attempt(Base):
    """One answer to one question. answer holds option keys or a fill-in's folded word, never free talk.

    lesson_id: "before" and "after" for the course's test. nth: counts the answers to the item in its lesson or round.
    """

    __tablename__ = "attempts"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolments.id"), index=True)
    lesson_id: Mapped[str] = mapped_column(String(60))
    item_id: Mapped[str] = mapped_column(String(60))
    nth: Mapped[int]
    answer: Mapped[str] = mapped_column(String(200))
    correct: Mapped[bool]
    at: Mapped[datetime]


class ReviewCard(Base):
    """An item a learner has met and when to ask it again. state: the card of the library fsrs; version_id: where its text is."""

    __tablename__ = "review_cards"
    __table_args__ = (UniqueConstraint("learner_id", "slug", "item_id"),)
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    learner_id: Mapped[int] = mapped_column(ForeignKey("learners.id"), index=True)
    slug: Mapped[str] = mapped_column(String(60))
    item_id: Mapped[str] = mapped_column(String(60))
    version_id: Mapped[int] = mapped_column(ForeignKey("course_versions.id"))
    state: Mapped[Any] = mapped_column(JSON)
    due_at: Mapped[datetime] = mapped_column(index=True)
    reviewed_at: Mapped[datetime]


class Review(Base):
    """One answer in a revision. rating: of fsrs, 1 again to 4 easy. Written once, for the forgetting curve and the reports."""

    __tablename__ = "reviews"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    learner_id: Mapped[int] = mapped_column(ForeignKey("learners.id"), index=True)
    slug: Mapped[str] = mapped_column(String(60))
    item_id: Mapped[str] = mapped_column(String(60))
    rating: Mapped[int]
    correct: Mapped[bool]
    answer: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(index=True)


class Revision(Base):
    """A revision under way in the chat: at most one a learner. state: see bot/learning/review.py."""

    __tablename__ = "revisions"
    learner_id: Mapped[int] = mapped_column(ForeignKey("learners.id"), primary_key=True)
    state: Mapped[Any] = mapped_column(JSON)
    active: Mapped[bool]
    started_at: Mapped[datetime]
    touched_at: Mapped[datetime]


class Certificate(Base):
    """A completed course on paper. payload is what the signature covers; revoked ones stay, so that the page can say so."""

    __tablename__ = "certificates"
    number: Mapped[str] = mapped_column(String(24), primary_key=True)
    learner_id: Mapped[int] = mapped_column(ForeignKey("learners.id"), index=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolments.id"), index=True)
    payload: Mapped[Any] = mapped_column(JSON)
    signature: Mapped[str] = mapped_column(String(100))
    issued_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_why: Mapped[str | None] = mapped_column(String(200))


class DrillRun(Base):
    """A drill somebody agreed to. document: the drill as it was then. state: waiting, running, done, cancelled.

    step: the inject or message that is out. choices: what was chosen, by step; never what was typed.
    """

    __tablename__ = "drill_runs"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    learner_id: Mapped[int] = mapped_column(ForeignKey("learners.id"), index=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"))
    kind: Mapped[str] = mapped_column(String(10))
    slug: Mapped[str] = mapped_column(String(60))
    document: Mapped[Any] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(10), index=True)
    step: Mapped[int] = mapped_column(default=0)
    choices: Mapped[Any] = mapped_column(JSON, default=list)
    score: Mapped[int | None]
    most: Mapped[int | None]
    next_due_at: Mapped[datetime | None] = mapped_column(index=True)
    agreed_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class Reminder(Base):
    """What a citizen asked to be reminded of. rule: a recurrence (see bot/language/times.py) or null for once.

    next_due_at is null when nothing is to come. state: on, done, cancelled.
    """

    __tablename__ = "reminders"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    citizen_id: Mapped[int] = mapped_column(ForeignKey("citizens.id"), index=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"))
    about: Mapped[str] = mapped_column(String(200))
    rule: Mapped[Any] = mapped_column(JSON)
    next_due_at: Mapped[datetime | None] = mapped_column(index=True)
    last_due_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime]


class LinkCode(Base):
    """A code by which one person joins two channels (bot/services/linking.py). Only its keyed hash is kept.

    from_id: the conversation that asked for it; to_id: the one it was typed in. state: open, typed, agreed (there; now
    from_id is asked), done, refused. expires_at: the next step must come before.
    """

    __tablename__ = "link_codes"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    from_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    to_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id"), index=True)
    state: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class ProcedureRow(Base):
    """A procedure that can be answered: curated from `procedures/`, imported from the portal's records."""

    __tablename__ = "procedures"
    code: Mapped[str] = mapped_column(String(80), primary_key=True)
    origin: Mapped[str] = mapped_column(String(10), index=True)
    name: Mapped[str] = mapped_column(Text)
    document: Mapped[Any] = mapped_column(JSON)
    sha256: Mapped[str] = mapped_column(String(64))
    updated_at: Mapped[datetime]


class Asked(Base):
    """A question and what became of it, tied to nobody. text is masked, and kept only with consent to `improve`, 30 days."""

    __tablename__ = "asked"
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    at: Mapped[datetime]
    channel: Mapped[str] = mapped_column(String(20))
    intent: Mapped[str] = mapped_column(String(40))
    aspect: Mapped[str] = mapped_column(String(20))
    decision: Mapped[str] = mapped_column(String(10))
    procedure_code: Mapped[str | None] = mapped_column(String(80))
    text: Mapped[str | None] = mapped_column(Text)


class Erasure(Base):
    """Receipt of an erasure: when, how much, nothing about whom."""

    __tablename__ = "erasures"
    receipt: Mapped[str] = mapped_column(String(20), primary_key=True)
    at: Mapped[datetime]
    rows: Mapped[int]


class Heartbeat(Base):
    """When each process ("worker:<host>:<pid>") last showed that it lives. beats: grows with every sign of life.

    Workers go by the growth, never by the time: a clock that jumps makes nobody look dead.
    """

    __tablename__ = "heartbeats"
    process: Mapped[str] = mapped_column(String(80), primary_key=True)
    at: Mapped[datetime]
    beats: Mapped[int] = mapped_column(default=0)


class Lease(Base):
    """A job that only one process may do at a time (long polling of one Telegram bot)."""

    __tablename__ = "leases"
    job: Mapped[str] = mapped_column(String(40), primary_key=True)
    holder: Mapped[str] = mapped_column(String(60))
    until: Mapped[datetime]


class Bucket(Base):
    """A token bucket shared by all workers: what may still be sent on a channel, and when it was last filled."""

    __tablename__ = "buckets"
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    tokens: Mapped[float]
    filled_at: Mapped[datetime]


class Tally(Base):
    """What all processes together have counted, for /metrics; labels: "channel=telegram,error=blocked"."""

    __tablename__ = "tallies"
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    labels: Mapped[str] = mapped_column(String(160), primary_key=True)
    value: Mapped[float]


class ChannelState(Base):
    """What a channel keeps between runs, such as Zalo's pair of tokens. value: encrypted (bot/services/keep.py)."""

    __tablename__ = "channel_state"
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    value: Mapped[str] = mapped_column(Text)


__all__ = [name for name, value in list(globals().items()) if isinstance(value, type) and issubclass(value, Base)]
