"""Citizens, consent and erasure. Flushes only; the caller commits."""

import hashlib
import hmac
import secrets
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import bindparam, delete, func, select, text, update
from sqlalchemy.orm import Session

from bot.services import counted, incidents, learners, news, person_talks
from bot.services.outbox import UNSENT
from bot.services.tickets import owner as tickets
from bot.store.tables import (
    Attempt,
    Bucket,
    Button,
    Certificate,
    Citizen,
    Consent,
    Conversation,
    DrillRun,
    Enrolment,
    Erasure,
    FollowedDossier,
    Inbound,
    Learner,
    LinkCode,
    NewsTopic,
    Outbound,
    PrivacyRequest,
    Reminder,
    Review,
    ReviewCard,
    Revision,
    Staff,
    Turn,
    WaitingQuestion,
)

NOTICE_VERSION = "2026-11c"
"""Of the consent wording in bot/wording.yml; a changed wording is a new version."""

PURPOSES = ("learning", "reminders", "improve", "drills", "answers", "feedback", "news")


def conversation_id(key: bytes, channel: str, address: str) -> str:
    """A keyed hash of a channel's own id: the same chat, the same conversation, and nobody can go back from it."""
    digest = hmac.new(key, f"{channel}:{address}".encode(), hashlib.sha256).hexdigest()
    return f"{channel}:{digest[:40]}"


def conversation(session: Session, key: bytes, channel: str, address: str, now: datetime) -> Conversation:
    """The conversation of this chat, made at first contact."""
    ident = conversation_id(key, channel, address)
    found = session.get(Conversation, ident)
    if found is None:
        found = Conversation(id=ident, channel=channel, offered=[], created_at=now, seen_at=now)
        session.add(found)
        session.flush()
    return found


HELD = select(Conversation).where(Conversation.id == bindparam("talk")).with_for_update(key_share=True)


def held(session: Session, ident: str) -> Conversation:
    """The conversation, ours until the transaction ends. Raises NoResultFound."""
    return session.scalars(HELD, {"talk": ident}).one()


def close(session: Session, talk: Conversation, since: datetime, now: datetime) -> bool:
    """The platform no longer takes messages for this chat: nothing more is sent until the citizen writes again.

    since: when that was so; False, changing nothing, when the citizen has written after it.
    """
    if talk.seen_at > since:
        return False
    talk.closed_at = talk.closed_at or now
    session.execute(update(Outbound).where(Outbound.conversation_id == talk.id, Outbound.state.in_(("due", "held", "sending")))
                    .values(state="dead", error="closed", lease_until=None))
    staffs(session, talk.id, None)
    session.flush()
    return True


def move(session: Session, key: bytes, talk: Conversation, address: str, now: datetime) -> Conversation:
    """The chat has a new address with its platform; all that belongs to it goes there. Returns the conversation of the new one."""
    new = conversation(session, key, talk.channel, address, now)
    if new.id == talk.id:
        return talk
    for name in ("citizen_id", "learner_id", "awaiting", "asked_consent_at", "offered", "lesson_on_screen"):
        setattr(new, name, getattr(new, name) or getattr(talk, name))
    new.address = address if talk.address else new.address
    session.flush()
    for table in (Reminder, DrillRun, FollowedDossier, WaitingQuestion, PrivacyRequest, Inbound, Button):
        session.execute(update(table).where(table.conversation_id == talk.id).values(conversation_id=new.id))
    session.execute(update(Outbound).where(Outbound.conversation_id == talk.id).values(conversation_id=new.id))
    session.execute(update(Outbound).where(Outbound.conversation_id == new.id, Outbound.state.in_(("due", "sending", "held")))
                    .values(address=address, state="due", lease_until=None))
    session.execute(text("UPDATE rasa_trackers SET sender_id = :new WHERE sender_id = :old AND NOT EXISTS "
                         "(SELECT 1 FROM rasa_trackers r WHERE r.sender_id = :new)"), {"new": new.id, "old": talk.id})
    counted.move(session, talk.id, new.id)
    news.move(session, talk.id, new.id)
    person_talks.move(session, talk.id, new.id)
    tickets.move(session, talk.id, new.id)
    incidents.move(session, talk.id, new.id)
    staffs(session, talk.id, new.id)
    forget(session, talk.id)
    return new


def staffs(session: Session, ident: str, new: str | None) -> None:
    """The chat on which staff try lessons out (bot/services/trial.py) has another id from now on, or is none any more."""
    session.execute(update(Staff).where(Staff.conversation_id == ident).values(conversation_id=new))


def consents(session: Session, citizen_id: int | None) -> set[str]:
    """Purposes in force: those whose newest row in the ledger says yes."""
    if citizen_id is None:
        return set()
    newest = select(func.max(Consent.id)).where(Consent.citizen_id == citizen_id).group_by(Consent.purpose)
    rows = session.execute(select(Consent.purpose).where(Consent.id.in_(newest), Consent.given)).scalars()
    return set(rows)


def give_consent(session: Session, talk: Conversation, address: str | None, purposes: list[str], now: datetime) -> Citizen:
    """Writes the ledger, makes the citizen when this is the first consent, and keeps the address for later messages."""
    if talk.citizen_id is None:
        citizen = Citizen(created_at=now, channel=talk.channel)
        session.add(citizen)
        session.flush()
        talk.citizen_id = citizen.id
    if talk.learner_id is None:
        talk.learner_id = learners.first(session, talk.citizen_id, now).id
    citizen = session.get_one(Citizen, talk.citizen_id)
    talk.address = address or talk.address
    for purpose in purposes:
        session.add(Consent(citizen_id=citizen.id, purpose=purpose, given=True, notice_version=NOTICE_VERSION,
                            channel=talk.channel, at=now))
    session.flush()
    return citizen


def withdraw(session: Session, talk: Conversation, purposes: list[str], now: datetime) -> None:
    """Takes consent back from now on; withdrawing reminders also cancels those that are on, withdrawing drills those under way.

    Who wants no more messages of ours wants no fake ones either: drills go with the reminders.
    """
    if talk.citizen_id is None:
        return
    if "reminders" in purposes:
        purposes = [*purposes, *sorted({"drills", "answers", "news"} & consents(session, talk.citizen_id))]
    for purpose in purposes:
        session.add(Consent(citizen_id=talk.citizen_id, purpose=purpose, given=False, notice_version=NOTICE_VERSION,
                            channel=talk.channel, at=now))
    stopped(session, talk.citizen_id, purposes, now)


def stopped(session: Session, citizen_id: int, purposes: Collection[str], now: datetime) -> None:
    """What follows from a no: nothing of these purposes is under way any more, on any of the citizen's channels."""
    talks = select(Conversation.id).where(Conversation.citizen_id == citizen_id)
    if "reminders" in purposes:
        session.execute(update(Reminder).where(Reminder.citizen_id == citizen_id, Reminder.state == "on")
                        .values(state="cancelled", next_due_at=None))
        session.execute(update(FollowedDossier).where(FollowedDossier.citizen_id == citizen_id, FollowedDossier.ended_at.is_(None))
                        .values(ended_at=now))
        session.execute(delete(Outbound).where(Outbound.conversation_id.in_(talks), Outbound.kind.in_(("reminder", "nudge", "dossier")),
                                               Outbound.state.in_(UNSENT)))
    if "answers" in purposes:
        session.execute(delete(WaitingQuestion).where(WaitingQuestion.conversation_id.in_(talks)))
        session.execute(delete(Outbound).where(Outbound.conversation_id.in_(talks), Outbound.kind == "answer_ready", Outbound.state.in_(UNSENT)))
    if "feedback" in purposes:
        tickets.withdrawn(session, citizen_id)
        session.execute(delete(Outbound).where(Outbound.conversation_id.in_(talks), Outbound.kind == "ticket", Outbound.state.in_(UNSENT)))
    if "drills" in purposes:
        mine = select(Learner.id).where(Learner.citizen_id == citizen_id)
        session.execute(update(DrillRun).where(DrillRun.learner_id.in_(mine), DrillRun.state.in_(("waiting", "running")))
                        .values(state="cancelled", next_due_at=None, ended_at=now))
        session.execute(delete(Outbound).where(Outbound.conversation_id.in_(talks), Outbound.kind == "drill", Outbound.state.in_(UNSENT)))
        session.execute(update(Conversation).where(Conversation.id.in_(talks), Conversation.awaiting.like("drill:%")).values(awaiting=None))
    if news.PURPOSE in purposes:
        news.ended(session, citizen_id, now)
    session.flush()


def known_about(session: Session, talk: Conversation) -> dict[str, object]:
    """What is stored of this person, counted in the database: consents, courses, attempts, reminders, messages."""
    def count(table, *where) -> int:
        return session.scalar(select(func.count()).select_from(table).where(*where)) or 0

    citizen = talk.citizen_id
    mine = select(Learner.id).where(Learner.citizen_id == citizen)
    return {
        "since": talk.created_at, "channel": talk.channel, "consents": consents(session, citizen),
        "commune": session.get_one(Citizen, citizen).commune if citizen else None,
        "learners": [name or "" for name in session.scalars(select(Learner.name).where(Learner.citizen_id == citizen))] if citizen else [],
        "courses": count(Enrolment, Enrolment.learner_id.in_(mine)) if citizen else 0,
        "attempts": count(Attempt, Attempt.enrolment_id.in_(
            select(Enrolment.id).where(Enrolment.learner_id.in_(mine)))) if citizen else 0,
        "reviews": count(Review, Review.learner_id.in_(mine)) if citizen else 0,
        "certificates": count(Certificate, Certificate.learner_id.in_(mine)) if citizen else 0,
        "drills": count(DrillRun, DrillRun.learner_id.in_(mine)) if citizen else 0,
        "reminders": count(Reminder, Reminder.citizen_id == citizen, Reminder.state == "on") if citizen else 0,
        "dossiers": count(FollowedDossier, FollowedDossier.citizen_id == citizen, FollowedDossier.ended_at.is_(None)) if citizen else 0,
        "tickets": tickets.count(session, citizen),
        "news": ", ".join(news.TOPICS[t] for t in news.topics_of(session, citizen)) if citizen else "",
        "talks": person_talks.count(session, talk.id),
        "trial": count(Staff, Staff.conversation_id == talk.id),
        "waiting": count(WaitingQuestion, WaitingQuestion.conversation_id.in_(
            select(Conversation.id).where((Conversation.id == talk.id) | (Conversation.citizen_id == citizen))), WaitingQuestion.agreed_at.is_not(None)),
        "messages": count(Outbound, Outbound.conversation_id == talk.id),
        "days": counted.days_of(session, talk.id, citizen), "sent": counted.sent_to(session, talk.id, citizen),
        "requests": count(PrivacyRequest, PrivacyRequest.conversation_id == talk.id, PrivacyRequest.state == "open"),
    }


def erase(session: Session, talk: Conversation, now: datetime) -> str:
    """Erases the person and all their conversations, Rasa's rows included; returns the receipt number.

    The consent ledger stays as proof of past consent, under a number that no longer leads to anyone. The conversation
    the request came from is removed by `forget` once its last reply is queued, because the turn is still under way.
    """
    rows = 0

    def gone(statement) -> None:
        nonlocal rows
        rows += session.execute(statement).rowcount

    citizen_id = talk.citizen_id
    if citizen_id is not None:
        learner_ids = select(Learner.id).where(Learner.citizen_id == citizen_id)
        gone(delete(Attempt).where(Attempt.enrolment_id.in_(select(Enrolment.id).where(Enrolment.learner_id.in_(learner_ids)))))
        for table in (Certificate, Enrolment, Review, ReviewCard, Revision, DrillRun):
            gone(delete(table).where(table.learner_id.in_(learner_ids)))
        gone(delete(Reminder).where(Reminder.citizen_id == citizen_id))
        gone(delete(FollowedDossier).where(FollowedDossier.citizen_id == citizen_id))
        gone(delete(NewsTopic).where(NewsTopic.citizen_id == citizen_id))
        rows += tickets.erase(session, citizen_id)
        others = session.scalars(select(Conversation).where(Conversation.citizen_id == citizen_id,
                                                            Conversation.id != talk.id)).all()
        for other in others:
            rows += forget(session, other.id)
        talk.citizen_id = talk.learner_id = None
        session.flush()
        gone(delete(Learner).where(Learner.citizen_id == citizen_id))
        session.execute(update(Consent).where(Consent.citizen_id == citizen_id).values(citizen_id=-citizen_id))
        gone(delete(Citizen).where(Citizen.id == citizen_id))
    talk.address = None
    receipt = "XD-" + secrets.token_hex(5).upper()
    session.add(Erasure(receipt=receipt, at=now, rows=rows))
    session.flush()
    return receipt


def forget(session: Session, ident: str, keep_inbox: int | None = None) -> int:
    """Removes every trace of one conversation, Rasa's included; returns the number of rows.

    keep_inbox: an inbox id whose row and unsent replies stay, without text: the turn that asked for the erasure.
    """
    rows = 0
    mine = select(Inbound.id).where(Inbound.conversation_id == ident)
    rows += session.execute(delete(Turn).where(Turn.inbox_id.in_(mine))).rowcount
    own_replies = f"inbox:{keep_inbox}:%" if keep_inbox is not None else ""
    rows += session.execute(delete(Outbound).where(Outbound.conversation_id == ident,
                                                   Outbound.cause.not_like(own_replies))).rowcount
    rows += session.execute(delete(Inbound).where(Inbound.conversation_id == ident,
                                                  Inbound.id != (keep_inbox or 0))).rowcount
    rows += session.execute(delete(Button).where(Button.conversation_id == ident)).rowcount
    # a request over their data stays, for the law has its dates kept; it leads to nobody any more
    session.execute(update(PrivacyRequest).where(PrivacyRequest.conversation_id == ident).values(conversation_id=None, commune=None))
    rows += session.execute(text("DELETE FROM rasa_trackers WHERE sender_id = :id"), {"id": ident}).rowcount
    rows += session.execute(delete(LinkCode).where((LinkCode.from_id == ident) | (LinkCode.to_id == ident))).rowcount
    rows += session.execute(delete(WaitingQuestion).where(WaitingQuestion.conversation_id == ident)).rowcount
    rows += tickets.forget(session, ident)
    session.execute(delete(Bucket).where(Bucket.name == f"link:{ident}"))
    counted.forget(session, ident)
    news.forget(session, ident)
    rows += person_talks.forget(session, ident)
    staffs(session, ident, None)
    rows += incidents.forget(session, ident)
    rows += session.execute(delete(Conversation).where(Conversation.id == ident)).rowcount
    return rows
