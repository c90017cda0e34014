"""The officers' desk for reports: the list with its deadlines, a ticket with its photos and history, and what is done about it."""

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import Response

from bot import places
from bot.errors import Refusal
from bot.services.staff import Who
from bot.services.tickets import desk, rules
from bot.web.staff.guard import needs
from bot.web.staff.pages import again, go, page
from bot.web.staff.permissions import may

router = APIRouter(prefix="/admin/phan-anh")
WORDS = {"categories": rules.CATEGORIES, "states": rules.STATES, "events": rules.EVENTS}


@router.get("")
def tickets(request: Request, who: Annotated[Who, needs("tickets.see")], trang_thai: str = "", loai: str = "", xa: str = "", cua_toi: bool = False,
            trang: int = 1) -> Response:
    """trang_thai: a state, "late", or "" for all that is open; cua_toi: only those assigned to whoever looks."""
    app = request.app.state.app
    number = max(1, min(trang, 10_000))
    flt = desk.Filter(trang_thai, loai, xa, cua_toi)
    with app.database.read() as session:
        found, more = desk.listed(session, who, flt, number, app.clock())
        counts = desk.counts(session, who, app.clock())
    return page(request, "tickets.html", **WORDS, found=found, more=more, number_of_page=number, flt=flt, counts=counts,
                places=who.communes or places.listed())


def one(request: Request, who: Who, ticket_id: int, **more) -> dict:
    """A ticket with its history; that it was read is written down. 404 for another commune's."""
    app = request.app.state.app
    with app.database.write() as session:
        found = desk.get(session, who, ticket_id, app.clock())
        if found is None:
            raise HTTPException(404)
        desk.seen(session, who, found.row, app.clock())
        return {**WORDS, "one": found, "history": desk.history(session, ticket_id), "photos": desk.photos(session, ticket_id),
                "officers": desk.officers(session, found.row), "open": found.row.state in rules.OPEN, "places": places.listed(),
                "works": may(who.role, "tickets.work"), "form": {}, **more}


@router.get("/{ticket_id}")
def show(request: Request, who: Annotated[Who, needs("tickets.see")], ticket_id: int) -> Response:
    return page(request, "ticket.html", **one(request, who, ticket_id))


@router.get("/{ticket_id}/anh/{photo_id}.jpg")
def photo(request: Request, who: Annotated[Who, needs("tickets.see")], ticket_id: int, photo_id: int) -> Response:
    with request.app.state.app.database.read() as session:
        data = desk.photo(session, who, ticket_id, photo_id)
    if data is None:
        raise HTTPException(404)
    return Response(data, media_type="image/jpeg", headers={"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex"})


@router.post("/{ticket_id}")
def work(request: Request, who: Annotated[Who, needs("tickets.work")], ticket_id: int, step: Annotated[str, Form()] = "",
         text: Annotated[str, Form()] = "", officer: Annotated[str, Form()] = "", commune: Annotated[str, Form()] = "",
         unit: Annotated[str, Form()] = "") -> Response:
    """step: take, assign, reply, ask_back, close, reopen, hand or note. text goes to the citizen for all but the note."""
    app = request.app.state.app
    try:
        with app.database.write() as session:
            now = app.clock()
            if desk.get(session, who, ticket_id, now) is None:
                raise HTTPException(404)
            if step in ("take", "assign"):
                chosen = who.id if step == "take" else int(officer) if officer.isdecimal() and len(officer) < 12 else 0
                desk.assign(session, who, ticket_id, chosen, now)
            elif step == "reopen":
                desk.reopen(session, who, ticket_id, text, app.settings.ticket_working_days, now)
            elif step == "hand":
                desk.hand(session, who, ticket_id, commune, unit, text, now)
            elif step in SAID:
                SAID[step](session, who, ticket_id, text, now)
            else:
                raise Refusal("Hãy chọn việc cần làm.")
            still = desk.get(session, who, ticket_id, now) is not None
    except Refusal as refusal:
        form = {"step": step, "text": text, "officer": officer, "commune": commune, "unit": unit}
        return again(request, "ticket.html", refusal, **one(request, who, ticket_id, form=form))
    # handed to another commune, it is no longer this officer's to see
    return go(f"/admin/phan-anh/{ticket_id}" if still else "/admin/phan-anh", "Đã ghi.")


SAID = {"reply": desk.reply, "ask_back": desk.ask_back, "close": desk.close, "note": desk.note}
