"""Figures of citizens' reports in public: /phan-anh. Counts only; small cells are hidden by the service."""

from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates

from bot.clock import local
from bot.services.tickets import figures

router = APIRouter()
templates = Jinja2Templates(directory=Path(__file__).parent / "templates")
templates.env.trim_blocks = templates.env.lstrip_blocks = True


@router.get("/phan-anh")
def reports(request: Request) -> HTMLResponse:
    app = request.app.state.app
    now = app.clock()
    with app.database.read() as session:
        found = figures.public(session, now)
    tables = (("Theo loại", "Loại", found.by_category), ("Theo xã, phường", "Xã, phường", found.by_commune), ("Theo tháng gửi", "Tháng", found.by_month))
    context = {"found": found, "tables": tables, "least": figures.LEAST, "province": app.settings.province, "on": f"{local(now):%d/%m/%Y}",
               "first": f"{figures.since(now):%m/%Y}", "days": app.settings.ticket_working_days}
    return templates.TemplateResponse(request, "reports_public.html", context, headers={"Cache-Control": "public, max-age=600"})
