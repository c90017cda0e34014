"""Certificates in public: the page behind the QR code, the PDF, and the public key for checking without us."""

from pathlib import Path

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, PlainTextResponse
from fastapi.templating import Jinja2Templates

from bot.clock import local
from bot.learning.paper import day
from bot.services import certificates
from bot.services.certificates import Office
from bot.wording import say

router = APIRouter()
templates = Jinja2Templates(directory=Path(__file__).parent / "templates")
NO_STORE = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


@router.get("/chung-nhan/khoa-cong-khai.pem")
def public_key(request: Request) -> PlainTextResponse:
    """The public half of the signing key, PEM."""
    return PlainTextResponse(Office.of(request.app.state.app.settings).public_key, media_type="application/x-pem-file")


@router.get("/chung-nhan")
def lookup(request: Request, so: str = "") -> HTMLResponse:
    """The form that asks for a number, and its answer."""
    return shown(request, so)


@router.get("/chung-nhan/{number}.pdf")
def pdf(request: Request, number: str) -> Response:
    """The certificate on paper; 404 for an unknown or revoked one."""
    app = request.app.state.app
    with app.database.read() as session:
        row = certificates.find(session, number)
        if row is None or row.revoked_at is not None:
            raise HTTPException(404, say("certificate_unknown"))
        data = certificates.pdf(Office.of(app.settings), row)
    return Response(data, media_type="application/pdf",
                    headers={**NO_STORE, "Content-Disposition": f'inline; filename="{row.number}.pdf"'})


@router.get("/chung-nhan/{number}")
def verification(request: Request, number: str) -> HTMLResponse:
    """Is the certificate with this number real, and in force?"""
    return shown(request, number)


def shown(request: Request, number: str) -> HTMLResponse:
    app = request.app.state.app
    row = None
    if number:
        with app.database.read() as session:
            row = certificates.find(session, number)
    state = "ask" if not number else "unknown" if row is None else "revoked" if row.revoked_at is not None else "valid"
    context = {"state": state, "number": number[:40], "row": row, "payload": row.payload if row else {}, "day": day,
               "revoked_on": f"{local(row.revoked_at):%d/%m/%Y}" if row is not None and row.revoked_at is not None else ""}
    return templates.TemplateResponse(request, "certificate.html", context, status_code=404 if state == "unknown" else 200, headers=NO_STORE)
