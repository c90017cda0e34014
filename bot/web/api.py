"""The REST API for the portal and other systems: questions, search, courses, figures; OpenAPI at /api/v1/openapi.json.

Nothing about a citizen goes in or out: a question that is asked here is neither kept nor counted.
"""

import asyncio
from datetime import date, timedelta
from typing import Annotated, Literal

from fastapi import Depends, FastAPI, HTTPException, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.security import APIKeyHeader
from limits import RateLimitItemPerMinute
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException as AnyHTTPException

from bot.app import App
from bot.clock import local
from bot.errors import Refusal
from bot.procedures import facts as cards
from bot.procedures.facts import Facts
from bot.services import api_keys, ask, versions
from bot.services.figures import overview
from bot.services.figures.periods import filter_of
from bot.services.figures.table import Hidden
from bot.web.chat import limits_of

HEADER = APIKeyHeader(name="X-API-Key", description="Khoá do người quản trị cấp ở trang Kết nối.", auto_error=False)
Aspect = Literal["overview", "papers", "fee", "duration", "place", "online", "steps", "form", "law", "conditions", "result"]


class Error(BaseModel):
    error: str = Field(description="One sentence in Vietnamese.")


class Question(BaseModel):
    question: str = Field(min_length=1, max_length=500, description="A citizen's words, with or without diacritics.", examples=["làm giấy khai sinh cần gì"])
    aspect: Aspect = Field("overview", description="What of the procedure is asked.")


class Hit(BaseModel):
    code: str = Field(description="Code of the national list.")
    name: str
    score: float = Field(description="Likelihood that this procedure is meant, 0 to 1.")


class Answer(BaseModel):
    code: str
    name: str
    text: str = Field(description="The card as the chat gives it, with source, date checked and where to ask.")
    url: str = Field(description="The official page; empty when none is known.")


class Answered(BaseModel):
    decision: Literal["answer", "clarify", "none"] = Field(description="answer: sure enough; clarify: let the citizen choose; none: not covered.")
    answer: Answer | None
    choices: list[Hit]


class Found(BaseModel):
    decision: Literal["answer", "clarify", "none"]
    results: list[Hit]


class CourseOut(BaseModel):
    slug: str
    title: str
    group: Literal["citizens", "staff"]
    audience: str
    summary: str
    minutes: int
    lessons: int
    checked_on: date
    link: str = Field(description="Opens the course in the web chat.")


class FigureTable(BaseModel):
    key: str
    title: str
    columns: list[str]
    rows: list[list[str | int | float | None]] = Field(description="Hidden cells are “<5” or “ẩn”.")
    note: str


class Key:
    """The dependency that lets a key with a scope in, at its own pace."""

    def __init__(self, scope: str):
        self.scope = scope

    async def __call__(self, request: Request, key: Annotated[str | None, Depends(HEADER)]) -> None:
        app: App = request.app.state.app
        row = await asyncio.to_thread(self._find, app, key or "")
        if row is None:
            raise HTTPException(401, "Thiếu khoá, hoặc khoá không còn dùng được.", headers={"WWW-Authenticate": "ApiKey"})
        if self.scope not in row.scopes:
            raise HTTPException(403, "Khoá này không có quyền đó.")
        limiter, _ = limits_of(request.app.state)
        if not limiter.hit(RateLimitItemPerMinute(row.per_minute), "api", str(row.id)):
            raise HTTPException(429, "Gọi quá nhanh. Hãy đợi một phút.", headers={"Retry-After": "60"})

    @staticmethod
    def _find(app: App, key: str):
        now = app.clock()
        with app.database.read() as session:
            row = api_keys.find(session, key)
        if row is not None and (row.used_at is None or now - row.used_at > api_keys.NOTED_EVERY):
            with app.database.write() as session:
                api_keys.used(session, row.id, now)
        return row


def scope(name: str) -> list:
    return [Depends(Key(name))]


ERRORS = {code: {"model": Error, "description": meaning} for code, meaning in {
    400: "The request is malformed.", 401: "No key, or one that is not valid.", 403: "The key lacks this scope.", 429: "Too many requests."}.items()}
NOT_FOUND = {404: {"model": Error, "description": "There is no such procedure."}}


def make(app: App) -> FastAPI:
    """The API as an application of its own, to be mounted at /api/v1."""
    api = FastAPI(title="Trợ lý Công dân số: API cho cổng và hệ thống khác", version="1", docs_url=None, redoc_url=None,
                  description="Hỏi thủ tục, tìm thủ tục, danh sách khoá học, số liệu. Mỗi lời gọi mang khoá trong X-API-Key.")
    api.state.app = app

    @api.post("/ask", dependencies=scope("ask"), responses=ERRORS, operation_id="ask")
    def answer(question: Question) -> Answered:
        """One question, one answer, as the chat would give it to somebody who has asked nothing before."""
        found = ask.understand(app.catalogue, question.question, None, question.aspect)
        choices = [Hit(code=h.code, name=h.name, score=round(h.score, 4)) for h in found.hits[:4]]
        facts = app.catalogue.facts(found.code) if found.decision == "answer" else None
        if facts is None:
            return Answered(decision="clarify" if found.decision == "clarify" else "none", answer=None,
                            choices=choices if found.decision == "clarify" else [])
        return Answered(decision="answer", answer=card(facts, question.aspect), choices=[])

    @api.get("/search", dependencies=scope("search"), responses=ERRORS, operation_id="search")
    def search(q: Annotated[str, Query(min_length=1, max_length=500, description="What to look for.")],
               top: Annotated[int, Query(ge=1, le=50, description="How many at most.")] = 10) -> Found:
        """Procedures by likelihood."""
        app.catalogue.refresh()
        ranking = app.catalogue.index.search(q)
        return Found(decision=ranking.decision, results=[Hit(code=h.code, name=h.name, score=round(h.score, 4)) for h in ranking.hits[:top]])

    @api.get("/procedures/{code}", dependencies=scope("search"), responses=ERRORS | NOT_FOUND, operation_id="procedure")
    def procedure(code: str, aspect: Annotated[Aspect, Query(description="What of it is asked.")] = "overview") -> Answer:
        """One procedure by its code."""
        app.catalogue.refresh()
        facts = app.catalogue.facts(code)
        if facts is None:
            raise HTTPException(404, "Không có thủ tục này.")
        return card(facts, aspect)

    @api.get("/courses", dependencies=scope("courses"), responses=ERRORS, operation_id="courses")
    def courses() -> list[CourseOut]:
        """Courses that can be started now."""
        with app.database.read() as session:
            live = [course for _, course in versions.live(session)]
        return [CourseOut(slug=c.slug, title=c.title, group=c.group, audience=c.audience, summary=c.summary, minutes=c.minutes, lessons=len(c.lessons),
                          checked_on=c.checked_on, link=f"{app.settings.base_url}/?khoa={c.slug}") for c in live]

    @api.get("/figures", dependencies=scope("figures"), responses=ERRORS, operation_id="figures")
    def figures(first: Annotated[date | None, Query(description="First local day; default: 28 days before the last.")] = None,
                last: Annotated[date | None, Query(description="Last local day; default: today.")] = None) -> list[FigureTable]:
        """The tables of the overview page, cells under five people hidden."""
        today = local(app.clock()).date()
        last = last or today
        first = first or last - timedelta(days=27)
        try:
            wanted = filter_of((), today, "rieng", first.isoformat(), last.isoformat())
        except Refusal as refusal:
            raise HTTPException(400, str(refusal)) from refusal
        with app.database.read() as session:
            tables = overview.tables(session, wanted)
        return [FigureTable(key=t.key, title=t.title, columns=[c.heading for c in t.columns], note=t.note,
                            rows=[[plain(cell) for cell in row] for row in t.rows]) for t in tables]

    @api.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        places = ", ".join(dict.fromkeys(".".join(str(part) for part in one["loc"][1:]) or "body" for one in error.errors()))
        return JSONResponse({"error": f"Lời gọi thiếu hoặc sai: {places}."}, 400)

    @api.exception_handler(AnyHTTPException)
    async def refused(_: Request, error: AnyHTTPException) -> JSONResponse:
        return JSONResponse({"error": str(error.detail)}, error.status_code, headers=error.headers)

    described = api.openapi

    def openapi() -> dict:
        """Without FastAPI's own 422, which `invalid` never lets out."""
        if not api.openapi_schema:
            schema = described()
            for path in schema["paths"].values():
                for operation in path.values():
                    operation["responses"].pop("422", None)
            api.openapi_schema = schema
        return api.openapi_schema

    api.openapi = openapi
    return api


def card(facts: Facts, aspect: str) -> Answer:
    return Answer(code=facts.code, name=facts.name, text=cards.answer(facts, aspect), url=facts.url)


def plain(cell: object) -> str | int | float | None:
    if isinstance(cell, Hidden):
        return cell.mark
    return cell.isoformat() if isinstance(cell, date) else cell
