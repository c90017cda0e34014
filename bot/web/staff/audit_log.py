"""What staff did, for administrators: read only."""

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import Response

from bot.services import audit
from bot.services.staff import Who
from bot.web.staff.audit_words import in_words
from bot.web.staff.guard import needs
from bot.web.staff.pages import page

router = APIRouter(prefix="/admin/nhat-ky")
MOST = 100


@router.get("")
def log(request: Request, who: Annotated[Who, needs("audit.see")], viec: str = "", ai: str = "", truoc: int | None = None) -> Response:
    """viec: only this action; ai: only this login; truoc: only rows older than this one."""
    with request.app.state.app.database.read() as session:
        rows = audit.listed(session, viec, ai.strip().lower(), truoc, MOST)
        broken = audit.first_broken(session)
    return page(request, "audit_log.html", rows=rows, actions=audit.ACTIONS, viec=viec, ai=ai, broken=broken, in_words=in_words,
                older=rows[-1].id if len(rows) == MOST else None)
