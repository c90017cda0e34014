"""The overview, and the filter that every page of figures shares."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from bot import places
from bot.clock import local
from bot.errors import Refusal
from bot.services.figures import overview
from bot.services.figures.periods import DEFAULT, PRESETS, Filter, filter_of
from bot.services.operations import CHANNEL_NAMES
from bot.services.staff import Who
from bot.web.staff.guard import needs
from bot.web.staff.pages import again, page

router = APIRouter(prefix="/admin")

CHARTS = (("active", "Đang dùng, theo tuần", "cuộc trò chuyện"), ("questions", "Câu hỏi thủ tục, theo tuần", "câu hỏi"),
          ("enrolled", "Lượt ghi danh học, theo tuần", "lượt"))


@dataclass(frozen=True)
class Chosen:
    """The fields of the filter form as they stand in the address."""

    ky: str = DEFAULT
    tu: str = ""
    den: str = ""
    xa: str = ""
    kenh: str = ""
    khoa: str = ""

    def filter(self, who: Who, today: date) -> Filter:
        """Raises Refusal: for what the form does not offer too, which it would show as its first entry beside figures of something else."""
        if self.ky not in PRESETS:
            raise Refusal("Kỳ này không có trong danh sách.", "ky")
        if self.kenh and self.kenh not in CHANNEL_NAMES:
            raise Refusal("Kênh này không có trong danh sách.", "kenh")
        if self.xa and self.xa not in places.listed():
            raise Refusal("Xã, phường này không có trong danh sách.", "xa")
        return filter_of(who.communes, today, self.ky, self.tu, self.den, self.xa, self.kenh, self.khoa)


def chosen(ky: str = DEFAULT, tu: str = "", den: str = "", xa: str = "", kenh: str = "", khoa: str = "") -> Chosen:
    return Chosen(ky, tu, den, xa, kenh, khoa)


Form = Annotated[Chosen, Depends(chosen)]
"""The filter form of a page of figures: `form: Form`; its fields are ky, tu, den, xa, kenh, khoa."""


def form_context(session: Any, who: Who, form: Chosen) -> dict[str, Any]:
    """What `filter_form` of figures_parts.html needs."""
    communes = who.communes or places.listed()
    everywhere = "Các xã, phường được giao" if who.communes else "Cả tỉnh"
    channels = [(key, name) for key, name in CHANNEL_NAMES.items() if key != "shell"]
    return {"form": form, "presets": list(PRESETS.items()), "communes": [("", everywhere), *((c, c) for c in communes)],
            "channels": [("", "Mọi kênh"), *channels], "courses": [("", "Mọi khóa học"), *overview.course_names(session).items()],
            "scope": ", ".join(who.communes)}


@router.get("")
def show(request: Request, who: Annotated[Who, needs("figures.see")], form: Form) -> Response:
    app = request.app.state.app
    with app.database.read() as session:
        context = form_context(session, who, form)
        try:
            flt = form.filter(who, local(app.clock()).date())
            summary, *sides = overview.tables(session, flt)
        except Refusal as refusal:
            return again(request, "overview.html", refusal, **context)
    definitions = dict(summary.definitions)
    cards = [(row[0], summary.shown(at, 1), summary.shown(at, 2), row[3], definitions[row[0]]) for at, row in enumerate(summary.rows)]
    weekly = {column.key for t in sides if t.key == "theo-week" for column in t.columns}
    return page(request, "overview.html", summary=summary, sides=sides, cards=cards, period=flt.period, before=flt.period.before,
                charts=[c for c in CHARTS if c[0] in weekly], **context)
