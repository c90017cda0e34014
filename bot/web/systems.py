"""Events of the province's systems coming in: that a submitted file has changed."""

import asyncio
import hashlib
import hmac
import json
import re

from fastapi import APIRouter, HTTPException, Request

from bot.language.entities import DOSSIER_CODE
from bot.services import dossiers

router = APIRouter(prefix="/systems")
AGE_SECONDS = 300


@router.post("/lgsp")
async def event(request: Request) -> dict[str, int]:
    """{"code": "…"}, signed like our own events: X-Signature "t=<unix>,v1=<hex HMAC-SHA256 of '<t>.<body>'>".

    Only the code is believed: the file is asked for at the gateway itself. 404 without a secret, 401 for a wrong or old signature.
    """
    app = request.app.state.app
    secret, body = app.settings.lgsp_event_secret.get_secret_value(), await request.body()
    if not secret:
        raise HTTPException(404, "not connected")
    found = re.fullmatch(r"t=(\d{1,12}),v1=([0-9a-f]{64})", request.headers.get("x-signature", ""))
    right = found and hmac.compare_digest(hmac.new(secret.encode(), f"{found.group(1)}.".encode() + body, hashlib.sha256).hexdigest(), found.group(2))
    if not right or abs(app.clock().timestamp() - int(found.group(1))) > AGE_SECONDS:
        raise HTTPException(401, "signature")
    try:
        code = json.loads(body)["code"].strip().upper()
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise HTTPException(400, "code") from error
    if not re.fullmatch(DOSSIER_CODE, code, re.IGNORECASE):
        raise HTTPException(400, "code")

    def asked() -> int:
        return app.database.again(lambda session: dossiers.asked_for(session, code, app.clock()))

    return {"followed": int(await asyncio.to_thread(asked) > 0)}
