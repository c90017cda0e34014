"""Courses as published, who learns, and how far."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.db import Base, Key


class CourseVersion(Base):
    """A published course, immutable. sha256 is of the document; a learner's enrolment points here.

    origin: "file" or "studio". number: counts the versions of the slug from 1. author_id, approver_id, note: of the studio.
    effective_at: when staff last chose this version, by publishing it or by going back to it; null when nobody did.
    """

    __tablename__ = "course_versions"
    __table_args__ = (UniqueConstraint("slug", "sha256"),)
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), index=True)
    sha256: Mapped[str] = mapped_column(String(64))
    document: Mapped[Any] = mapped_column(JSON)
    published_at: Mapped[datetime]
    live: Mapped[bool]
    origin: Mapped[str] = mapped_column(String(10), default="file")
    number: Mapped[int | None]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    approver_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    note: Mapped[str | None] = mapped_column(Text)
    effective_at: Mapped[datetime | None]


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
    channel: where the course was taken up. begun_at: when it came to an answer or to more than its first card.
    """

    __tablename__ = "enrolments"
    __table_args__ = (UniqueConstraint("learner_id", "slug", "round"),
                      Index("ix_enrolments_figures", "started_at", "slug", "learner_id", "channel", "begun_at", "completed_at", "before_right",
                            "after_right", "test_total"))
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
    channel: Mapped[str | None] = mapped_column(String(20))
    begun_at: Mapped[datetime | None]


class Attempt(Base):
    """One answer to one question. answer holds option keys or a fill-in's folded word, never free talk.

    lesson_id: "before" and "after" for the course's test. nth: counts the answers to the item in its lesson or round.
    """

    __tablename__ = "attempts"
    __table_args__ = (Index("ix_attempts_figures", "enrolment_id", "lesson_id", "item_id", "nth", "correct"),)
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
