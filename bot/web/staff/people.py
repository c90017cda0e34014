"""Who works here: the list, invitations, roles and the communes each is bound to."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from bot import places
from bot.errors import Refusal
from bot.services import staff
from bot.services.staff import Who
from bot.web.staff.guard import needs
from bot.web.staff.pages import again, go, page
from bot.web.staff.permissions import ROLES

router = APIRouter(prefix="/admin/nhan-su")


def context(request: Request, **more) -> dict:
    app = request.app.state.app
    with app.database.read() as session:
        return {"everybody": staff.everybody(session), "invitations": staff.waiting_invitations(session, app.clock()), "roles": ROLES,
                "places": places.listed(), "form": {}, "link": "", **more}


@router.get("")
def people(request: Request, who: Annotated[Who, needs("staff.manage")]) -> Response:
    return page(request, "people.html", **context(request))


def checked(role: str, communes: list[str]) -> None:
    """Raises Refusal for a role or commune that does not exist."""
    if role not in ROLES:
        raise Refusal("Hãy chọn một vai trò trong danh sách.", "role")
    unknown = set(communes) - set(places.listed())
    if unknown:
        raise Refusal("Có xã, phường không nằm trong danh sách.", "communes")


@router.post("/moi")
def invite(request: Request, who: Annotated[Who, needs("staff.manage")], login: Annotated[str, Form()] = "", name: Annotated[str, Form()] = "",
           role: Annotated[str, Form()] = "", communes: Annotated[list[str], Form()] = []) -> Response:  # noqa: B006  FastAPI copies it
    app = request.app.state.app
    try:
        checked(role, communes)
        with app.database.write() as session:
            token = staff.invite(session, who, login, name, role, communes, app.clock())
    except Refusal as refusal:
        form = {"login": login, "name": name, "role": role, "communes": communes}
        return again(request, "people.html", refusal, **context(request, form=form))
    # shown once, never kept: whoever reads the database cannot use it
    return page(request, "people.html", **context(request, link=f"{app.settings.base_url}/loi-moi/{token}", invited=name))


@router.post("/{staff_id}/moi-lai")
def invite_again(request: Request, who: Annotated[Who, needs("staff.manage")], staff_id: int) -> Response:
    app = request.app.state.app
    with app.database.write() as session:
        token = staff.invite_again(session, who, staff_id, app.clock())
    return page(request, "people.html", **context(request, link=f"{app.settings.base_url}/loi-moi/{token}", invited=""))


@router.post("/{staff_id}")
def change(request: Request, who: Annotated[Who, needs("staff.manage")], staff_id: int, role: Annotated[str, Form()] = "",
           communes: Annotated[list[str], Form()] = [], active: Annotated[bool, Form()] = False) -> Response:  # noqa: B006
    app = request.app.state.app
    try:
        checked(role, communes)
        with app.database.write() as session:
            row = staff.change(session, who, staff_id, role, communes, active, app.clock())
            name = row.name
    except Refusal as refusal:
        return again(request, "people.html", refusal, **context(request))
    return go("/admin/nhan-su", f"Đã lưu vai trò của {name}.")
