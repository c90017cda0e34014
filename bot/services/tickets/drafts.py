"""A report while it is written in the chat, and the moment it is sent. Flushes only; the caller commits.

Ticket, number, photos and the first row of the history are one commit: killed before it, the draft is as it was.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot import places
from bot.clock import local
from bot.services import people
from bot.services.tickets import rules, told
from bot.store.tables import Citizen, Conversation, Ticket, TicketCount, TicketDraft, TicketFollower, TicketPhoto

LOOSE_FOR = timedelta(minutes=10)
"""A photo that came so long before the report was begun belongs to it."""
KEPT_FOR = timedelta(days=1)
MOST_ALIKE = 2


class TooMany(Exception):
    """MOST_A_DAY reports are sent today; seen by the citizen as a sentence."""


def of(session: Session, talk: Conversation, now: datetime) -> TicketDraft | None:
    """The report that is being written in this conversation."""
    draft = session.get(TicketDraft, talk.id)
    return draft if draft is not None and draft.touched_at > now - KEPT_FOR else None


def begin(session: Session, talk: Conversation, text: str, now: datetime) -> TicketDraft:
    """The draft of this conversation, a new one if there is none; what the text says already is not asked again."""
    draft = of(session, talk, now)
    if draft is None:
        drop(session, talk)
        draft = TicketDraft(conversation_id=talk.id, asked="text", place_asked=False, touched_at=now)
        session.add(draft)
    if rules.PURPOSE in people.consents(session, talk.citizen_id):
        session.execute(update(TicketPhoto).where(TicketPhoto.conversation_id == talk.id, TicketPhoto.state == "loose",
                                                  TicketPhoto.created_at > now - LOOSE_FOR)
                        .values(state="due", next_try_at=now))
    if draft.text is None and rules.says_something(text):
        take(draft, text)
    return asked(session, talk, draft, now)


def take(draft: TicketDraft, text: str, more: bool = False) -> None:
    """The citizen's words, more: behind those that are there. They may name category and commune."""
    draft.text = rules.kept(f"{draft.text}\n{text}" if more and draft.text else text)
    draft.category = draft.category or rules.guess(draft.text)
    named = places.find(text)
    if draft.commune is None and named is not None and len(named.communes) == 1:
        draft.commune = named.communes[0]


def asked(session: Session, talk: Conversation, draft: TicketDraft, now: datetime) -> TicketDraft:
    """Notes what is to be asked next: text, category, place, and in the end whether to send."""
    if draft.commune is None and not draft.place_asked and talk.citizen_id is not None:
        draft.commune = session.get_one(Citizen, talk.citizen_id).commune
    known = draft.commune is not None or draft.place_asked
    draft.asked = "text" if draft.text is None else "category" if draft.category is None else "send" if known else "place"
    draft.touched_at = now
    session.flush()
    return draft


def near(draft: TicketDraft) -> tuple[str, ...]:
    """The communes nearest to the place that came with the report; () without one. They are offered, none is ever set by it."""
    return places.near(draft.latitude, draft.longitude) if draft.latitude is not None and draft.longitude is not None else ()


def photos(session: Session, talk: Conversation) -> int:
    """How many photos will go with it."""
    return session.scalar(select(func.count()).select_from(TicketPhoto).where(
        TicketPhoto.conversation_id == talk.id, TicketPhoto.ticket_id.is_(None), TicketPhoto.state.not_in(("loose", "dead")))) or 0


def drop(session: Session, talk: Conversation) -> None:
    """The draft and its photos go."""
    session.execute(delete(TicketPhoto).where(TicketPhoto.conversation_id == talk.id, TicketPhoto.ticket_id.is_(None), TicketPhoto.state != "loose"))
    session.execute(delete(TicketDraft).where(TicketDraft.conversation_id == talk.id))


def alike(session: Session, talk: Conversation, draft: TicketDraft, now: datetime) -> list[Ticket]:
    """Open tickets of others that may be about the same thing, the likest first; none where the commune is unknown."""
    if draft.commune is None or draft.category is None or not draft.text:
        return []
    rows = session.scalars(select(Ticket).where(
        Ticket.commune == draft.commune, Ticket.category == draft.category, Ticket.state.in_(rules.OPEN),
        Ticket.created_at > now - timedelta(days=rules.ALIKE_DAYS), Ticket.citizen_id != talk.citizen_id)).all()
    found = [(rules.alike(draft.text, row.text), row) for row in rows]
    likest = sorted((pair for pair in found if pair[0] >= rules.ALIKE), key=lambda pair: (-pair[0], pair[1].id))
    return [row for _, row in likest[:MOST_ALIKE]]


def send(session: Session, talk: Conversation, draft: TicketDraft, working_days: int, now: datetime) -> Ticket:
    """The draft becomes a ticket. Consent is the caller's to have. Raises TooMany."""
    today = local(now).replace(hour=0, minute=0, second=0, microsecond=0)
    # the citizen's row is locked, so that two channels at once do not count past the limit
    session.scalars(select(Citizen.id).where(Citizen.id == talk.citizen_id).with_for_update()).one()
    count = session.scalar(select(func.count()).select_from(Ticket).where(Ticket.citizen_id == talk.citizen_id, Ticket.created_at >= today)) or 0
    if count >= rules.MOST_A_DAY:
        raise TooMany
    placed = bool(draft.keep_place)
    ticket = Ticket(number=_next_number(session, local(now).year), category=draft.category, text=draft.text, commune=draft.commune,
                    latitude=draft.latitude if placed else None, longitude=draft.longitude if placed else None, state="new", channel=talk.channel,
                    citizen_id=talk.citizen_id, conversation_id=talk.id, created_at=now, due_at=rules.due_at(now, working_days))
    session.add(ticket)
    session.flush()
    _photos_to(session, talk, ticket, rules.MOST_PHOTOS)
    told.happened(session, ticket, "sent", "", None, now)
    drop(session, talk)
    return ticket


def join(session: Session, talk: Conversation, draft: TicketDraft, ticket_id: int, now: datetime) -> Ticket | None:
    """Counts this citizen among those who have seen it too; their photos go with it as far as there is room, their words do not.

    None when the ticket is not (any more) one that may be joined.
    """
    ticket = next((row for row in alike(session, talk, draft, now) if row.id == ticket_id), None)
    if ticket is None:
        return None
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    new = session.execute(insert(TicketFollower).values(ticket_id=ticket.id, citizen_id=talk.citizen_id, conversation_id=talk.id, at=now)
                          .on_conflict_do_nothing(index_elements=["ticket_id", "citizen_id"]).returning(TicketFollower.id)).scalar()
    if new is not None:
        there = session.scalar(select(func.count()).select_from(TicketPhoto).where(TicketPhoto.ticket_id == ticket.id)) or 0
        _photos_to(session, talk, ticket, rules.MOST_PHOTOS - there)
        told.happened(session, ticket, "joined", "", None, now)
    drop(session, talk)
    return ticket


def followers(session: Session, ticket_id: int) -> int:
    return session.scalar(select(func.count()).select_from(TicketFollower).where(TicketFollower.ticket_id == ticket_id)) or 0


def clean(session: Session, now: datetime) -> int:
    """Drafts nobody went on with, and photos that belong to nothing."""
    old = now - KEPT_FOR
    rows = session.execute(delete(TicketPhoto).where(TicketPhoto.ticket_id.is_(None), TicketPhoto.created_at < old,
                                                     ~TicketPhoto.conversation_id.in_(select(TicketDraft.conversation_id)
                                                                                      .where(TicketDraft.touched_at >= old)))).rowcount
    return rows + session.execute(delete(TicketDraft).where(TicketDraft.touched_at < old)).rowcount


def _photos_to(session: Session, talk: Conversation, ticket: Ticket, most: int) -> None:
    mine: Sequence[int] = session.scalars(select(TicketPhoto.id).where(
        TicketPhoto.conversation_id == talk.id, TicketPhoto.ticket_id.is_(None), TicketPhoto.state.not_in(("loose", "dead")))
        .order_by(TicketPhoto.id)).all()
    session.execute(update(TicketPhoto).where(TicketPhoto.id.in_(mine[:max(0, most)])).values(ticket_id=ticket.id))


def _next_number(session: Session, year: int) -> str:
    """One statement takes the number, so two at once cannot have the same."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    running = session.execute(insert(TicketCount).values(year=year, last=1).on_conflict_do_update(
        index_elements=["year"], set_={"last": TicketCount.last + 1}).returning(TicketCount.last)).scalar_one()
    return rules.number_of(year, running)
