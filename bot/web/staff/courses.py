"""The studio's courses: the list, one course with what stands against it, sending it to an approver, its file, its pictures."""

from typing import Annotated, Any

from fastapi import APIRouter, File, Form, HTTPException, Request, UploadFile
from fastapi.responses import JSONResponse, Response

from bot.clock import local
from bot.errors import Refusal
from bot.learning import editing
from bot.learning.filling import spot_of
from bot.learning.labels import inside
from bot.learning.remedies import Place
from bot.services import authoring, course_files
from bot.services.staff import Who
from bot.store.tables import Draft
from bot.web.staff.guard import needs, own_path
from bot.web.staff.pages import again, go, page

router = APIRouter(prefix="/studio")
STATES = {"draft": "Đang soạn", "review": "Chờ duyệt", "scheduled": "Hẹn ngày công bố"}
GROUPS = (("citizens", "Người dân"), ("staff", "Cán bộ, công chức"))

Reader = Annotated[Who, needs("course.see")]
Editor = Annotated[Who, needs("course.edit")]
Revision = Annotated[int, Form()]


def address_of(slug: str, rest: str = "") -> str:
    return f"/studio/khoa-hoc/{slug}" + (f"/{rest}" if rest else "")


def link_of(slug: str, document: dict[str, Any], loc: tuple[str | int, ...]) -> str:
    """The field of the form that the place is, for a document that `editing.sound` has made."""
    spot = spot_of(document, loc)
    lesson = inside(inside(document["lessons"], spot.lesson), "id") if spot.lesson is not None else None
    return address_of(slug, f"bai/{lesson}#{spot.anchor}" if lesson else f"cai-dat#{spot.anchor}")


def links(slug: str, document: dict[str, Any], places: list[Place]) -> list[tuple[Place, str]]:
    """Each place with the address of its field."""
    sound = editing.sound(document)
    return [(place, link_of(slug, sound, place.loc)) for place in places]


def draft_of(session, slug: str) -> Draft:
    """The open draft. Raises 404 for an unknown course, Refusal when there is none."""
    draft = authoring.open_draft(session, slug)
    if draft is None:
        if not authoring.history(session, slug):
            raise HTTPException(404)
        raise Refusal("Khoá này chưa có bản soạn đang mở. Hãy bấm Sửa trước.")
    return draft


def shelf(request: Request, **more: Any) -> dict[str, Any]:
    with request.app.state.app.database.read() as session:
        lines = authoring.shelf(session)
    return {"lines": lines, "states": STATES, "groups": GROUPS, "form": {}, "today": local(request.app.state.app.clock()).date(), **more}


@router.get("")
def studio(request: Request, who: Reader) -> Response:
    return page(request, "studio.html", **shelf(request))


@router.post("/khoa-hoc")
def create(request: Request, who: Editor, title: Annotated[str, Form()] = "", group: Annotated[str, Form()] = "") -> Response:
    app = request.app.state.app
    try:
        with app.database.write() as session:
            draft = authoring.create(session, who, title, group, app.clock())
    except Refusal as refusal:
        return again(request, "studio.html", refusal, **shelf(request, form={"title": title, "group": group}))
    return go(address_of(draft.slug), "Đã mở khoá học mới. Bắt đầu từ bài đầu tiên.")


def context(request: Request, who: Who, slug: str, **more: Any) -> dict[str, Any]:
    """Of a course's own page. Raises 404."""
    app = request.app.state.app
    with app.database.read() as session:
        draft, live = authoring.open_draft(session, slug), authoring.live_version(session, slug)
        history = authoring.history(session, slug)
        if draft is None and not history:
            raise HTTPException(404)
        places = authoring.findings(session, draft, local(app.clock()).date()) if draft is not None else []
        stored = authoring.document_of(session, slug)
        names = authoring.names(session, [draft.author_id, draft.approver_id, *draft.editors]) if draft is not None else {}
    document = editing.sound(stored if stored is not None else {})
    return {"slug": slug, "document": document, "draft": draft, "live": live, "history": history, "states": STATES, "names": names,
            "blocking": links(slug, document, [p for p in places if p.blocking]), "advice": links(slug, document, [p for p in places if not p.blocking]),
            "left": left_by_lesson(places), "may_approve": draft is not None and authoring.may_approve(who, draft), "lines": [], **more}


def left_by_lesson(places: list[Place]) -> dict[int | None, int]:
    """How much blocks in each lesson, by its index; None: in the course's own settings."""
    found: dict[int | None, int] = {}
    for place in places:
        number = place.loc[1] if place.loc[:1] == ("lessons",) and len(place.loc) > 1 else None
        if place.blocking:
            found[number] = found.get(number, 0) + 1  # type: ignore[index, arg-type]
    return found


@router.get("/khoa-hoc/{slug}")
def course(request: Request, who: Reader, slug: str) -> Response:
    return page(request, "course.html", **context(request, who, slug))


@router.post("/khoa-hoc/{slug}/mo")
def begin(request: Request, who: Editor, slug: str) -> Response:
    app = request.app.state.app
    with app.database.write() as session:
        authoring.begin(session, who, slug, app.clock())
    return go(address_of(slug), "Đã mở bản soạn. Bản đang dùng giữ nguyên cho đến khi công bố.")


@router.post("/khoa-hoc/{slug}/gui")
def submit(request: Request, who: Editor, slug: str, note: Annotated[str, Form()] = "") -> Response:
    app = request.app.state.app
    try:
        with app.database.write() as session:
            authoring.submit(session, who, draft_of(session, slug).id, note, app.clock())
    except Refusal as refusal:
        return again(request, "course.html", refusal, **context(request, who, slug, note=note))
    return go(address_of(slug), "Đã gửi duyệt. Một người khác sẽ xem và công bố.")


@router.post("/khoa-hoc/{slug}/rut")
def withdraw(request: Request, who: Editor, slug: str) -> Response:
    app = request.app.state.app
    with app.database.write() as session:
        authoring.withdraw(session, who, draft_of(session, slug).id, app.clock())
    return go(address_of(slug), "Đã rút về, sửa tiếp được.")


@router.post("/khoa-hoc/{slug}/bo")
def discard(request: Request, who: Editor, slug: str) -> Response:
    app = request.app.state.app
    with app.database.write() as session:
        draft = draft_of(session, slug)
        authoring.discard(session, who, draft.id)
        left = authoring.history(session, slug)
    return go(address_of(slug) if left else "/studio", "Đã bỏ bản soạn.")


@router.get("/khoa-hoc/{slug}/tep")
def download(request: Request, who: Reader, slug: str) -> Response:
    """The course as a YAML file: the open draft, else the live version."""
    with request.app.state.app.database.read() as session:
        document = authoring.document_of(session, slug)
    if document is None:
        raise HTTPException(404)
    return Response(course_files.written(document), media_type="application/yaml",
                    headers={"Content-Disposition": f'attachment; filename="{slug}.yml"', "Cache-Control": "no-store"})


@router.post("/khoa-hoc/{slug}/tep")
def upload(request: Request, who: Editor, slug: str, revision: Revision = 0, tep: Annotated[UploadFile | None, File()] = None) -> Response:
    app = request.app.state.app
    try:
        if tep is None or not tep.size:
            raise Refusal("Hãy chọn tệp khoá học (.yml).", "tep")
        with app.database.write() as session:
            course_files.upload(session, who, draft_of(session, slug).id, revision, tep.file.read(), tep.filename or "", app.clock())
    except Refusal as refusal:
        return again(request, "course.html", refusal, **context(request, who, slug, lines=getattr(refusal, "lines", [])))
    return go(address_of(slug), "Đã nạp tệp vào bản soạn. Nếu nạp nhầm, mở một bài rồi bấm Hoàn tác.")


@router.post("/khoa-hoc/{slug}/hinh")
def picture(request: Request, who: Editor, slug: str, hinh: Annotated[UploadFile | None, File()] = None, mo_ta: Annotated[str, Form()] = "",
            cho: Annotated[str, Form()] = "", revision: Revision = 0, tro_ve: Annotated[str, Form()] = "") -> Response:
    """An uploaded picture into a card or question of the draft. cho: its path, as "lessons/0/steps/2/card"; mo_ta: what it shows.

    A script of ours gets {"file", "sha", "alt", "address", "revision"}; a form leads back to tro_ve.
    """
    app = request.app.state.app
    place = tuple(int(part) if part.isascii() and part.isdigit() else part for part in cho.split("/") if part)
    if hinh is None or not hinh.size:
        raise Refusal("Hãy chọn ảnh PNG hoặc JPEG.", "hinh")
    with app.database.write() as session:
        draft = course_files.put_picture(session, who, draft_of(session, slug).id, revision, place, hinh.file.read(), mo_ta, app.clock())
    if "x-csrf-token" not in request.headers:
        return go(own_path(tro_ve, address_of(slug)), "Đã đặt ảnh vào bài.")
    made: Any = draft.document
    for name in (*place, "picture"):
        made = made[name]
    return JSONResponse({**made, "address": f"/pictures/{made['sha']}.png", "revision": draft.revision})
