"""A lesson as each channel will show it, played on the page, and sent to one's own phone. Playing writes nothing anywhere."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import Response

from bot.clock import local
from bot.errors import Refusal
from bot.learning import preview
from bot.learning.model import CARD_WORDS
from bot.learning.preview import Missing, Playable
from bot.learning.remedies import Place
from bot.services import authoring, linking, pictures, trial
from bot.services.staff import Who
from bot.web.staff.channel_view import CHANNELS
from bot.web.staff.guard import needs
from bot.web.staff.pages import go, page
from bot.web.staff.rehearsal import MOST_CHARACTERS, MOST_MOVES, Move, carried, moves_of, rehearse

router = APIRouter(prefix="/studio/khoa-hoc/{slug}")
FIRST = "telegram"
CHANGED = "Bài vừa được sửa nên xem thử lại từ đầu."


@dataclass(frozen=True)
class Gap:
    """A part that cannot be shown, and what its author is told to do about it."""

    what: str
    remedies: tuple[str, ...]


def course_of(session, slug: str) -> Playable:
    """The open draft, else the live version. Raises HTTPException for an unknown course."""
    found = authoring.document_of(session, slug)
    if found is None:
        raise HTTPException(404)
    return preview.playable(found)


def gaps(missing: tuple[Missing, ...], places: list[Place], lesson: int) -> list[Gap]:
    """What is missing of this lesson, and of the test that comes before the first one."""
    return [Gap(one.what, tuple(p.message for p in places if p.blocking and p.loc[:len(one.loc)] == one.loc))
            for one in missing if one.loc[:2] == ("lessons", lesson) or (one.loc[:1] == ("test",) and lesson == 0)]


def context(request: Request, who: Who, slug: str, bai: str, kenh: str, moves: list[Move]) -> dict:
    """What the page shows. Raises HTTPException for a course, lesson or channel that does not exist."""
    app = request.app.state.app
    if kenh not in CHANNELS:
        raise HTTPException(404)
    with app.database.read() as session:
        given = course_of(session, slug)
        found = {"slug": slug, "title": given.course.title, "kenh": kenh, "channels": CHANNELS, "most_words": CARD_WORDS,
                 "lessons": given.course.lessons, "at": None}
        at = given.lesson_at(bai)
        if at is None:
            if bai:
                raise HTTPException(404)
            return found  # a course without a lesson
        lesson = given.course.lessons[at]
        draft = authoring.open_draft(session, slug) if given.missing else None
        places = authoring.findings(session, draft, local(app.clock()).date()) if draft is not None else []
        url = app.settings.public_url

        def stored(image: str) -> bool:
            return pictures.png_at(session, image) is not None

        played = rehearse(given, at, moves, kenh, url, stored)
        begun_again = played is None
        if played is None:
            moves, played = [], rehearse(given, at, [], kenh, url, stored)
        phone = trial.phone(session, who)
        cards = len(lesson.steps) - len(lesson.items) if given.has_steps(at) else 0
        return {**found, "at": at, "lesson": lesson, "steps": played.steps, "moves": carried(moves), "offered": played.offered,
                "begun_again": CHANGED if begun_again else "", "gaps": gaps(given.missing, places, at), "cards": cards,
                "questions": len(lesson.items), "minutes": preview.estimated_minutes(lesson), "phone": linking.name_of(phone.channel) if phone else ""}


@router.get("/xem-thu")
def look(request: Request, who: Annotated[Who, needs("course.see")], slug: str, bai: str = "", kenh: str = FIRST) -> Response:
    """bai: the lesson's id, the first one without it; kenh: one of CHANNELS."""
    return page(request, "preview.html", **context(request, who, slug, bai, kenh, []))


@router.post("/xem-thu")
def play(request: Request, who: Annotated[Who, needs("course.see")], slug: str, bai: Annotated[str, Form()] = "", kenh: Annotated[str, Form()] = FIRST,
         moves: Annotated[str, Form()] = "[]", button: Annotated[str, Form()] = "", text: Annotated[str, Form()] = "") -> Response:
    """One move more: a button of the newest messages (its place among them), or words. moves: those before, as the page had them."""
    made = moves_of(moves) or []
    if button.isdecimal() and len(button) < 4:
        made.append(Move(button=int(button)))
    elif text.strip():
        made.append(Move(text=text.strip()[:MOST_CHARACTERS]))
    return page(request, "preview.html", **context(request, who, slug, bai, kenh, made if len(made) <= MOST_MOVES else []))


@router.post("/gui-thu")
def send(request: Request, who: Annotated[Who, needs("course.edit")], slug: str, bai: Annotated[str, Form()] = "",
         kenh: Annotated[str, Form()] = FIRST) -> Response:
    """Every card and question of the lesson to the phone of whoever asks. Leads back in any case: the frame beside the lesson
    form is loaded anew after each save, and that must not send again."""
    app = request.app.state.app
    try:
        with app.database.write() as session:
            given = course_of(session, slug)
            at = given.lesson_at(bai)
            if at is None:
                raise HTTPException(404)
            pages = preview.pages(given.course, at)
            count = trial.send(session, who, given.course.lessons[at].title, pages, app.settings.public_url, app.clock())
            channel = linking.name_of(trial.phone(session, who).channel)
        note = f"Đã gửi {count} tin tới {channel} của bạn."
    except Refusal as refusal:
        note = str(refusal)
    return go(f"/studio/khoa-hoc/{slug}/xem-thu?{urlencode({'bai': bai, 'kenh': kenh})}", note)
