"""Figures of the answers on public services; people's own words only for who says why."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from bot.clock import local
from bot.errors import Refusal
from bot.services.figures import service, words
from bot.services.staff import Who
from bot.web.staff import figures
from bot.web.staff.figures import form_context
from bot.web.staff.figures_courses import address_of
from bot.web.staff.guard import needs
from bot.web.staff.pages import again, page

router = APIRouter(prefix="/admin/dich-vu")


@router.get("")
def show(request: Request, who: Annotated[Who, needs("figures.see")], form: figures.Form) -> Response:
    app = request.app.state.app
    with app.database.read() as session:
        context = {**form_context(session, who, form), "query": address_of(form), "shown": None}
        try:
            flt = form.filter(who, local(app.clock()).date())
            tables = {t.key: t for t in service.tables(session, flt)}
        except Refusal as refusal:
            return again(request, "figures_service.html", refusal, tables=None, **context)
    return page(request, "figures_service.html", tables=tables, period=flt.period, **context)


@router.post("/loi-nguoi-dan")
def people_s_words(request: Request, who: Annotated[Who, needs("questions.see")], form: figures.Form,
                   ly_do: Annotated[str, Form()] = "") -> Response:
    """The words that many typed alike. Only after a POST, so that no link and no going back shows them unlogged."""
    app = request.app.state.app
    with app.database.write() as session:
        context = {**form_context(session, who, form), "query": address_of(form)}
        try:
            flt = form.filter(who, local(app.clock()).date())
            shown = words.look(session, who, flt, ly_do, app.clock())
        except Refusal as refusal:
            return again(request, "figures_words.html", refusal, shown=None, **context)
    return page(request, "figures_words.html", shown=shown, period=flt.period, **context)
