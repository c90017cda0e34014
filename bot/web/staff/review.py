"""Approving a course: what changed, what stands against it, publishing now or on a day, sending it back; its versions."""

from datetime import date, datetime, time
from typing import Annotated, Any

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import Response

from bot.clock import ZONE
from bot.errors import Refusal
from bot.services import authoring
from bot.services.staff import Who
from bot.web.staff.courses import address_of, context, draft_of
from bot.web.staff.guard import needs
from bot.web.staff.pages import again, go, page

router = APIRouter(prefix="/studio/khoa-hoc/{slug}")
KINDS = {"changed": "Sửa", "added": "Thêm", "removed": "Bỏ", "moved": "Đổi thứ tự"}

Reader = Annotated[Who, needs("course.see")]
Approver = Annotated[Who, needs("course.publish")]


def of_review(request: Request, who: Who, slug: str, **more: Any) -> dict[str, Any]:
    given = context(request, who, slug)
    if given["draft"] is None:
        raise Refusal("Khoá này không có bản nào đang chờ.")
    with request.app.state.app.database.read() as session:
        differences = authoring.changes(session, given["draft"])
    return {**given, "differences": differences, "kinds": KINDS, "form": {}, **more}


@router.get("/duyet")
def review(request: Request, who: Reader, slug: str) -> Response:
    return page(request, "review.html", **of_review(request, who, slug))


@router.post("/duyet/cong-bo")
def publish(request: Request, who: Approver, slug: str, ngay: Annotated[str, Form()] = "") -> Response:
    """ngay: YYYY-MM-DD, the day at whose beginning it goes out; empty: now."""
    app = request.app.state.app
    try:
        start = datetime.combine(date.fromisoformat(ngay), time(), ZONE) if ngay else None
    except ValueError as error:
        raise Refusal("Ngày công bố chưa đúng, ví dụ 2027-01-15.", "ngay") from error
    try:
        with app.database.write() as session:
            version = authoring.publish(session, who, draft_of(session, slug).id, app.clock(), start)
    except Refusal as refusal:
        return again(request, "review.html", refusal, **of_review(request, who, slug, form={"ngay": ngay}))
    if version is None:
        return go(address_of(slug), f"Đã duyệt. Khoá học ra mắt ngày {start:%d/%m/%Y}.")
    return go(address_of(slug), "Đã công bố. Người dân học bản mới từ lần bắt đầu tới; ai đang học dở học nốt bản cũ.")


@router.post("/duyet/tra-lai")
def refuse(request: Request, who: Approver, slug: str, reason: Annotated[str, Form()] = "") -> Response:
    app = request.app.state.app
    try:
        with app.database.write() as session:
            authoring.refuse(session, who, draft_of(session, slug).id, reason, app.clock())
    except Refusal as refusal:
        return again(request, "review.html", refusal, **of_review(request, who, slug, form={"reason": reason}))
    return go(address_of(slug), "Đã trả lại cho người soạn, kèm lý do.")


def of_versions(request: Request, slug: str, **more: Any) -> dict[str, Any]:
    with request.app.state.app.database.read() as session:
        history = authoring.history(session, slug)
    if not history:
        raise HTTPException(404)
    return {"slug": slug, "history": history, "title": title_of(request, slug), "form": {}, **more}


def title_of(request: Request, slug: str) -> str:
    with request.app.state.app.database.read() as session:
        return str((authoring.document_of(session, slug) or {}).get("title") or slug)


@router.get("/phien-ban")
def versions(request: Request, who: Reader, slug: str) -> Response:
    return page(request, "versions.html", **of_versions(request, slug))


@router.get("/phien-ban/so-sanh")
def compared(request: Request, who: Reader, slug: str, cu: int = 0, moi: int = 0) -> Response:
    """cu, moi: ids of the older and the newer version."""
    given = of_versions(request, slug)
    by_id = {v.id: v for v in given["history"]}
    try:
        if cu not in by_id or moi not in by_id:
            raise Refusal("Hãy chọn hai bản của khoá học này.")
        with request.app.state.app.database.read() as session:
            differences = authoring.compare(session, cu, moi)
    except Refusal as refusal:
        return again(request, "versions.html", refusal, **given)
    return page(request, "compare.html", **given, differences=differences, kinds=KINDS, old=by_id[cu], new=by_id[moi])


@router.post("/phien-ban/{version_id}/quay-ve")
def rollback(request: Request, who: Approver, slug: str, version_id: int, reason: Annotated[str, Form()] = "") -> Response:
    app = request.app.state.app
    try:
        with app.database.write() as session:
            version = authoring.rollback(session, who, slug, version_id, reason, app.clock())
    except Refusal as refusal:
        return again(request, "versions.html", refusal, **of_versions(request, slug, form={"reason": reason, "id": version_id}))
    return go(address_of(slug, "phien-ban"), f"Đã quay về bản {version.number}. Ai đang học dở học nốt bản của mình.")
