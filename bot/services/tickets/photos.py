"""Photos of reports: noted when they come, fetched by the worker, kept as JPEG without any metadata. Flushes only; the caller commits."""

import io
from dataclasses import dataclass
from datetime import datetime, timedelta

from PIL import Image, ImageOps
from sqlalchemy import func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot.messages import Incoming
from bot.services import people
from bot.services.tickets import drafts, rules, told
from bot.store.tables import Conversation, Ticket, TicketDraft, TicketPhoto
from bot.wording import say

MOST_BYTES = 8 * 1024 * 1024
MOST_PIXELS = 40_000_000
SIDE = 1600
FORMATS = ("JPEG", "PNG", "WEBP")
TRIES = 6
LEASE = timedelta(seconds=90)
WAITS_SECONDS = (5, 30, 120, 600, 1800)
BATCH = 10
ANSWERING = "words:give_feedback:answer:"
"""How `Conversation.awaiting` begins while the citizen answers the desk; the ticket's id follows."""
GPS, LATITUDE, LONGITUDE = 0x8825, (1, 2), (3, 4)
"""EXIF: the block of the place, and in it the (half, degrees) of each coordinate."""


class Unusable(Exception):
    """Not a photo that can be shown: another kind of file, broken, or far too large."""


@dataclass(frozen=True)
class Clean:
    """jpeg: at most SIDE on its longer side, nothing but pixels. place: (latitude, longitude) where the camera wrote it down."""

    jpeg: bytes
    place: tuple[float, float] | None


def cleaned(data: bytes) -> Clean:
    """Raises Unusable."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise Unusable("pixels")
            place = _place(picture)
            whole = ImageOps.exif_transpose(picture).convert("RGB")
        whole.thumbnail((SIDE, SIDE))
        # pixels only: a new picture has no EXIF, comment or profile that could be carried over
        bare = Image.new("RGB", whole.size)
        bare.paste(whole)
        out = io.BytesIO()
        bare.save(out, "JPEG", quality=80)
    except Unusable:
        raise
    except Exception as error:  # Pillow's parsers raise nearly anything on broken files
        raise Unusable(type(error).__name__) from error
    return Clean(out.getvalue(), place)


def _place(picture: Image.Image) -> tuple[float, float] | None:
    found = picture.getexif().get_ifd(GPS)
    try:
        latitude, longitude = (_degrees(found[half], found[degrees]) for half, degrees in (LATITUDE, LONGITUDE))
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    return (latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None


def _degrees(half: str, parts: tuple) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    value = round(degrees + minutes / 60 + seconds / 3600, 6)
    return -value if half in ("S", "W") else value


# --- coming in


def arrived(session: Session, talk: Conversation, message: Incoming, now: datetime) -> str | None:
    """Notes a photo or a place that came over a platform; the sentence for it, None when no report is being written.

    A photo with words is noted in any case, and so is one that comes before the consent asked for: by its file id or address alone
    (state loose), for ten minutes, in which the report may begin.
    """
    draft, ticket_id = consented(session, talk, now), answering(session, talk)
    if message.location is not None and draft is not None:
        located(draft, message.location)
        draft.touched_at = now
        session.flush()
        near = drafts.near(draft) if draft.asked == "place" else ()
        return say("ticket_place_got_near", communes=", ".join(near)) if near else say("ticket_place_got")
    if not message.photo or not (draft or ticket_id or message.text or drafts.of(session, talk, now)):
        return None
    wanted = draft is not None or ticket_id is not None
    if wanted and _count(session, talk, ticket_id) >= rules.MOST_PHOTOS:
        return say("ticket_photos_full", most=rules.MOST_PHOTOS)
    _add(session, talk, message.channel, message.platform_id, ticket_id, now, ref=message.photo, state="due" if wanted else "loose")
    if draft is not None:
        draft.touched_at = now
    session.flush()
    return say("ticket_photo_got" if draft is not None else "ticket_photo_added") if wanted else None


def uploaded(session: Session, talk: Conversation, channel: str, ident: str, photo: Clean, now: datetime) -> str | None:
    """A photo from the web chat, here already; the sentence for it, None when no report is being written."""
    draft, ticket_id = consented(session, talk, now), answering(session, talk)
    if draft is None and ticket_id is None:
        return None
    if _count(session, talk, ticket_id) >= rules.MOST_PHOTOS:
        return say("ticket_photos_full", most=rules.MOST_PHOTOS)
    _add(session, talk, channel, ident, ticket_id, now, state="here", data=photo.jpeg)
    if draft is None:
        return say("ticket_photo_added")
    located(draft, photo.place)
    draft.touched_at = now
    session.flush()
    return say("ticket_photo_got")


def consented(session: Session, talk: Conversation, now: datetime) -> TicketDraft | None:
    """The report that is being written, once the citizen has agreed to its being kept: before, no photo is taken in."""
    return drafts.of(session, talk, now) if rules.PURPOSE in people.consents(session, talk.citizen_id) else None


def answering(session: Session, talk: Conversation) -> int | None:
    """The ticket whose officer the citizen is answering now."""
    ident = (talk.awaiting or "").removeprefix(ANSWERING)
    if ident == (talk.awaiting or "") or not ident.isdigit() or talk.citizen_id is None:
        return None
    return session.scalar(select(Ticket.id).where(Ticket.id == int(ident), Ticket.citizen_id == talk.citizen_id, Ticket.state.in_(rules.OPEN)))


def located(draft: TicketDraft, place: tuple[float, float] | None) -> None:
    """Remembers a place until the citizen says whether it may be kept; who has said no is not asked again."""
    if place is not None and draft.keep_place is None and (draft.latitude is None):
        draft.latitude, draft.longitude = place


def _count(session: Session, talk: Conversation, ticket_id: int | None) -> int:
    which = TicketPhoto.ticket_id == ticket_id if ticket_id is not None else TicketPhoto.ticket_id.is_(None) & (TicketPhoto.conversation_id == talk.id)
    return session.scalar(select(func.count()).select_from(TicketPhoto).where(which, TicketPhoto.state.not_in(("loose", "dead")))) or 0


def _add(session: Session, talk: Conversation, channel: str, source_id: str, ticket_id: int | None, now: datetime, **values) -> None:
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.execute(insert(TicketPhoto).values(channel=channel, source_id=source_id[:120], conversation_id=talk.id, ticket_id=ticket_id, attempts=0,
                                               next_try_at=now, created_at=now, **values)
                    .on_conflict_do_nothing(index_elements=["channel", "source_id"]))


# --- fetched by the worker


def claim(session: Session, now: datetime) -> list[tuple[int, str, str]]:
    """(id, channel, ref) of photos to fetch now, leased; an expired lease counts as free."""
    rows = session.scalars(select(TicketPhoto).where(
        TicketPhoto.next_try_at <= now, or_(TicketPhoto.state == "due", (TicketPhoto.state == "working") & (TicketPhoto.lease_until <= now)))
        .order_by(TicketPhoto.id).limit(BATCH).with_for_update(skip_locked=True)).all()
    for row in rows:
        row.state, row.lease_until, row.attempts = "working", now + LEASE, row.attempts + 1
    session.flush()
    return [(row.id, row.channel, row.ref or "") for row in rows]


def fetched(session: Session, photo_id: int, photo: Clean, now: datetime) -> None:
    row = _mine(session, photo_id)
    if row is None:
        return
    row.state, row.data, row.ref, row.lease_until, row.error = "here", photo.jpeg, None, None, None
    draft = session.get(TicketDraft, row.conversation_id) if row.ticket_id is None and row.conversation_id else None
    if draft is not None:  # of a photo that comes after the report was sent the place is not kept: nobody was asked
        located(draft, photo.place)
    session.flush()


def failed(session: Session, photo_id: int, error: str, again: bool, now: datetime) -> None:
    """Tried again later, or given up: then the desk reads that a photo is missing."""
    row = _mine(session, photo_id)
    if row is None:
        return
    row.lease_until, row.error = None, error[:60]
    if again and row.attempts < TRIES:
        row.state, row.next_try_at = "due", now + timedelta(seconds=WAITS_SECONDS[min(row.attempts, len(WAITS_SECONDS)) - 1])
    else:
        row.state, row.ref = "dead", None
        ticket = session.get(Ticket, row.ticket_id) if row.ticket_id is not None else None
        if ticket is not None:
            told.happened(session, ticket, "photo", "", None, now)
    session.flush()


def _mine(session: Session, photo_id: int) -> TicketPhoto | None:
    row = session.get(TicketPhoto, photo_id, with_for_update=True)
    return row if row is not None and row.state == "working" else None
