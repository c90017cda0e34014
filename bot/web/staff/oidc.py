"""Signing in with the province's own account, when one is set; who comes in is still for our administrator to say."""

import json
import logging
from dataclasses import asdict
from functools import lru_cache

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from bot.errors import Refusal, Unreadable
from bot.services import staff
from bot.services.keep import Seal
from bot.systems.oidc import Attempt, Issuer, NotSignedIn, begin
from bot.web.staff.guard import home_of, own_path
from bot.web.staff.pages import again, go
from bot.web.staff.sign_in import welcome

router = APIRouter(prefix="/dang-nhap/tinh")
logger = logging.getLogger(__name__)
COOKIE, COOKIE_SECONDS = "dang_nhap_tinh", 600


@lru_cache
def _issuer(issuer: str, client_id: str, client_secret: str, callback: str) -> Issuer:
    return Issuer(issuer, client_id, client_secret, callback)


def issuer_of(request: Request) -> Issuer:
    """Raises 404 when the province's sign-in is not set."""
    given = request.app.state.app.settings
    if not given.oidc_issuer:
        raise HTTPException(404)
    return _issuer(given.oidc_issuer, given.oidc_client_id, given.oidc_client_secret.get_secret_value(), f"{given.base_url}/dang-nhap/tinh/ve")


def seal_of(request: Request) -> Seal:
    return Seal(request.app.state.app.settings.key(), b"oidc")


@router.get("")
def leave(request: Request, tiep: str = "") -> Response:
    """To the issuer; what the browser needs on its way back goes with it, sealed."""
    attempt = begin(tiep)
    try:
        answer = RedirectResponse(issuer_of(request).address(attempt), 303, headers={"Cache-Control": "no-store"})
    except NotSignedIn as error:
        return failed(request, error)
    answer.set_cookie(COOKIE, seal_of(request).close(COOKIE, json.dumps(asdict(attempt))), max_age=COOKIE_SECONDS, httponly=True, samesite="lax",
                      secure=request.app.state.app.settings.base_url.startswith("https://"), path="/dang-nhap/tinh")
    return answer


@router.get("/ve")
def come_back(request: Request, state: str = "", code: str = "") -> Response:
    """From the issuer."""
    app, issuer = request.app.state.app, issuer_of(request)
    try:
        attempt = Attempt(**json.loads(seal_of(request).open(COOKIE, request.cookies.get(COOKIE, ""))))
        claims = issuer.claims(attempt, state, code)
        login = str(claims.get(app.settings.oidc_claim) or "")
        if app.settings.oidc_claim == "email" and claims.get("email_verified") is not True:
            raise NotSignedIn("address not verified")
    except (NotSignedIn, Unreadable) as error:
        return failed(request, error)
    with app.database.write() as session:
        tried = staff.sign_in_elsewhere(session, login, issuer.issuer, app.clock())
        one = staff.who(session, tried.token, app.clock()) if tried.token else None
    if one is None:
        return again(request, "sign_in.html", Refusal(tried.sentence), login="", tiep="", code_wanted=False)
    return ended(welcome(request, go(own_path(attempt.to, home_of(one.role))), tried.token))


def failed(request: Request, error: Exception) -> Response:
    logger.warning("sign-in of the province: %s", getattr(error, "why", type(error).__name__))
    return ended(again(request, "sign_in.html", Refusal("Chưa đăng nhập được bằng tài khoản của tỉnh. Hãy thử lại, hoặc dùng mật khẩu."), login="", tiep="",
                       code_wanted=False))


def ended(answer: Response) -> Response:
    answer.delete_cookie(COOKIE, path="/dang-nhap/tinh")
    return answer
