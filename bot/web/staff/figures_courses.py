"""Figures of the courses: the list, and the page of one."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from bot.clock import local
from bot.errors import Refusal
from bot.services.figures import courses
from bot.services.staff import Who
from bot.web.staff.figures import Chosen, Form, form_context
from bot.web.staff.guard import needs
from bot.web.staff.pages import again, page

router = APIRouter(prefix="/admin/khoa-hoc")


def address_of(form: Chosen, **more: Any) -> str:
    """The filter as it goes on to the next page, without a course: "?ky=90&xa=…"."""
    fields = {"ky": form.ky, "tu": form.tu, "den": form.den, "xa": form.xa, "kenh": form.kenh, **more}
    return "?" + urlencode({name: value for name, value in fields.items() if value})


@router.get("")
def show(request: Request, who: Annotated[Who, needs("figures.see")], form: Form) -> Response:
    app = request.app.state.app
    with app.database.read() as session:
        context = {**form_context(session, who, form), "query": address_of(form)}
        try:
            flt = form.filter(who, local(app.clock()).date())
            found = courses.listed(session, flt)
        except Refusal as refusal:
            return again(request, "figures_courses.html", refusal, found=None, **context)
    return page(request, "figures_courses.html", found=found, period=flt.period, **context)


@router.get("/{slug}")
def course(request: Request, who: Annotated[Who, needs("figures.see")], slug: str, form: Form, ban: str = "") -> Response:
    """ban: the id of the version to see alone."""
    app = request.app.state.app
    with app.database.read() as session:
        context = {**form_context(session, who, form), "query": address_of(form), "ban": ban, "slug": slug}
        try:
            flt = form.filter(who, local(app.clock()).date())
            found = courses.of_course(session, flt, slug, app.clock(), int(ban) if ban.isdecimal() else None)
        except Refusal as refusal:
            return again(request, "figures_course.html", refusal, found=None, **context)
    if found is None:
        raise HTTPException(404)
    return page(request, "figures_course.html", found=found, period=flt.period, **context)
