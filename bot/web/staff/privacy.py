"""The privacy desk: requests over personal data with the clock of the law, the ledger of consent, the retention jobs."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import Response

from bot import places
from bot.errors import Refusal
from bot.services import consent_ledger, privacy, retention
from bot.services.people import NOTICE_VERSION
from bot.services.privacy_law import FIRST_REPLY_WORKING_DAYS, KINDS, SOURCE
from bot.services.staff import Who
from bot.web.staff.guard import needs
from bot.web.staff.pages import again, go, page
from bot.web.staff.permissions import may
from bot.wording import say

router = APIRouter(prefix="/admin/du-lieu-ca-nhan")
WORDS = {"kinds": KINDS, "origins": privacy.ORIGINS, "states": privacy.STATES, "note_kinds": privacy.NOTE_KINDS, "source": SOURCE,
         "reply_days": FIRST_REPLY_WORKING_DAYS}


def desk(request: Request, who: Who, **more) -> dict:
    """What the page shows."""
    app = request.app.state.app
    now = app.clock()
    with app.database.read() as session:
        return {**WORDS, "waiting": privacy.waiting(session, who, now), "closed": privacy.closed(session, who),
                "erased": privacy.erased_in_the_chat(session, who),
                "months": () if who.communes else consent_ledger.months(session, now), "jobs": retention.last_runs(session, now),
                "purposes": lambda name: say(f"purpose_{name}"), "notice_version": NOTICE_VERSION, "form": {}, "ledger": None, "receipt": "",
                "places": who.communes or places.listed(), "works": may(who.role, "privacy.work"), **more}


@router.get("")
def overview(request: Request, who: Annotated[Who, needs("privacy.see")]) -> Response:
    return page(request, "privacy.html", **desk(request, who))


@router.post("/moi")
def enter(request: Request, who: Annotated[Who, needs("privacy.work")], kind: Annotated[str, Form()] = "", origin: Annotated[str, Form()] = "",
          reference: Annotated[str, Form()] = "", received: Annotated[str, Form()] = "", commune: Annotated[str, Form()] = "",
          third_party: Annotated[bool, Form()] = False) -> Response:
    app = request.app.state.app
    try:
        if commune and commune not in places.listed():
            raise Refusal("Xã, phường này không nằm trong danh sách.", "commune")
        with app.database.write() as session:
            made = privacy.enter(session, who, kind, origin, reference, day_of(received), commune, third_party, app.clock())
    except Refusal as refusal:
        form = {"kind": kind, "origin": origin, "reference": reference, "received": received, "commune": commune, "third_party": third_party}
        return again(request, "privacy.html", refusal, **desk(request, who, form=form))
    return go(f"/admin/du-lieu-ca-nhan/{made.id}", f"Đã ghi yêu cầu {made.receipt}.")


def day_of(typed: str) -> date | None:
    """The day of a date field, None for anything else."""
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None


@router.post("/so-dong-y")
def ledger(request: Request, who: Annotated[Who, needs("privacy.work")], receipt: Annotated[str, Form()] = "") -> Response:
    """The rows of whoever made one request; the look is written down."""
    app = request.app.state.app
    try:
        with app.database.write() as session:
            found = [{"purpose": row.purpose, "given": row.given, "notice_version": row.notice_version, "channel": row.channel, "at": row.at}
                     for row in consent_ledger.of_request(session, who, receipt, app.clock())]
    except Refusal as refusal:
        return again(request, "privacy.html", refusal, **desk(request, who, receipt=receipt))
    return page(request, "privacy.html", **desk(request, who, ledger=found, receipt=receipt))


def one(request: Request, who: Who, request_id: int, **more) -> dict:
    """A request with what was done about it; 404 for another commune's."""
    app = request.app.state.app
    with app.database.read() as session:
        found = privacy.get(session, who, request_id, app.clock())
        if found is None:
            raise HTTPException(404)
        return {**WORDS, "one": found, "notes": privacy.notes(session, request_id), "works": may(who.role, "privacy.work"), "form": {}, **more}


@router.get("/{request_id}")
def show(request: Request, who: Annotated[Who, needs("privacy.see")], request_id: int) -> Response:
    return page(request, "privacy_request.html", **one(request, who, request_id))


@router.post("/{request_id}")
def work(request: Request, who: Annotated[Who, needs("privacy.work")], request_id: int, step: Annotated[str, Form()] = "",
         text: Annotated[str, Form()] = "", days: Annotated[str, Form()] = "") -> Response:
    """step: note, reply, extend, done or refused; text goes to the citizen for all but the note."""
    app = request.app.state.app
    one(request, who, request_id)
    try:
        with app.database.write() as session:
            now = app.clock()
            if step == "note":
                privacy.note(session, who, request_id, text, now)
            elif step == "reply":
                privacy.reply(session, who, request_id, text, now)
            elif step == "extend":
                privacy.extend(session, who, request_id, int(days) if days.isdecimal() and len(days) < 4 else 0, text, now)
            else:
                privacy.close(session, who, request_id, step, text, now)
    except Refusal as refusal:
        return again(request, "privacy_request.html", refusal, **one(request, who, request_id, form={"step": step, "text": text, "days": days}))
    return go(f"/admin/du-lieu-ca-nhan/{request_id}", "Đã ghi.")
