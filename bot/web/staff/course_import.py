"""Questions of a sheet or GIFT file into a lesson of the draft: all of them, or none and a table of what is wrong."""

from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import Response

from bot.errors import Refusal
from bot.learning.exchange import sheet
from bot.learning.exchange.faults import BadQuestions
from bot.services import course_files
from bot.services.staff import Who
from bot.web.staff.courses import address_of, context, draft_of
from bot.web.staff.guard import needs
from bot.web.staff.pages import again, go, page

router = APIRouter(prefix="/studio/khoa-hoc/{slug}/nhap")
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_SHOWN = 200


def of_import(request: Request, who: Who, slug: str, **more: Any) -> dict[str, Any]:
    return {**context(request, who, slug), "faults": [], "bai": "", **more}


@router.get("")
def form(request: Request, who: Annotated[Who, needs("course.edit")], slug: str, bai: str = "") -> Response:
    return page(request, "import.html", **of_import(request, who, slug, bai=bai))


@router.get("/mau.xlsx")
def template(who: Annotated[Who, needs("course.see")], slug: str) -> Response:
    """The sheet to fill in, with a row of each kind."""
    return Response(sheet.template(), media_type=SHEET, headers={"Content-Disposition": 'attachment; filename="mau-cau-hoi.xlsx"'})


@router.post("")
def add(request: Request, who: Annotated[Who, needs("course.edit")], slug: str, bai: Annotated[str, Form()] = "",
        revision: Annotated[int, Form()] = 0, tep: Annotated[UploadFile | None, File()] = None) -> Response:
    app = request.app.state.app
    try:
        if tep is None or not tep.size:
            raise Refusal("Hãy chọn tệp câu hỏi (.xlsx, .gift hoặc .txt).", "tep")
        questions = course_files.questions_of(tep.file.read(), tep.filename or "")
        with app.database.write() as session:
            course_files.add_questions(session, who, draft_of(session, slug).id, revision, bai, questions, app.clock())
    except BadQuestions as bad:
        sentence = Refusal(f"Tệp có {len(bad.faults)} chỗ sai nên chưa nhập câu nào. Sửa các dòng dưới đây rồi nhập lại.", "tep")
        return again(request, "import.html", sentence, **of_import(request, who, slug, bai=bai, faults=bad.faults[:MOST_SHOWN]))
    except Refusal as refusal:
        return again(request, "import.html", refusal, **of_import(request, who, slug, bai=bai))
    return go(address_of(slug, f"bai/{bai}"), f"Đã nhập {len(questions)} câu hỏi vào cuối bài.")
