"""A talk about procedures leaves the rows that the service page counts: first questions, choices, more, and "không phải"."""

import pytest
from sqlalchemy import select

from actions import procedures, talk
from actions._turn import Turn
from bot.app import App
from bot.config import Settings
from bot.messages import Reply
from bot.procedures import document
from bot.services import catalogue
from bot.store.db import Database
from bot.store.tables import Asked, Citizen, Reaction
from tests.factories import ROOT, TUESDAY_TEN, FrozenClock, talk_of

BIRTH, PASSPORT = "1.001193", "1.001456"


class Chat:
    """Somebody's chat. What was offered is kept as the gateway keeps it."""

    def __init__(self, app: App, session):
        self.app, self.session, self.slots = app, session, {}
        self.talk = talk_of(session, consent=("learning",))
        session.get_one(Citizen, self.talk.citizen_id).commune = "Phường Hoa Lư"

    def do(self, act, text: str = "", value: str = "", intent: str = "ask_procedure") -> str:
        found = act(Turn(self.app, self.session, self.talk, text, intent, value, self.slots, self.app.clock(), "address", ""))
        replies = [found] if isinstance(found, Reply) else list(found)
        self.talk.offered = [{"title": title, "payload": payload, "numbered": True} for reply in replies for title, payload in reply.buttons]
        self.session.flush()
        return "\n".join(r.text for r in replies)

    def tap(self, act, title: str) -> str:
        payload = next(b["payload"] for b in self.talk.offered if title in b["title"])
        return self.do(act, value=payload.partition('{"value": "')[2].removesuffix('"}'), intent=payload[1:].partition("{")[0])

    @property
    def reactions(self) -> list[tuple]:
        return [(r.kind, r.procedure_code, r.aspect, r.commune) for r in self.session.scalars(select(Reaction).order_by(Reaction.id))]

    @property
    def asked(self) -> list[tuple]:
        return [(a.decision, a.procedure_code, a.first) for a in self.session.scalars(select(Asked).order_by(Asked.id))]


@pytest.fixture
def chat(tmp_path):
    """On SQLite; that the rows are written on both databases is tested with the service."""
    settings = Settings(_env_file=None, database_url=f"sqlite:///{tmp_path}/bot.db")
    database = Database(settings.database_url)
    database.migrate()
    shipped = document.load_all(ROOT / "procedures")
    documents = [shipped[slug] for slug in ("dang-ky-khai-sinh", "dang-ky-khai-tu", "ho-chieu-pho-thong", "trinh-bao-mat-ho-chieu")]
    with database.write() as session:
        catalogue.replace(session, "curated", {d.code: d.model_dump(mode="json") for d in documents}, TUESDAY_TEN)
    with database.write() as session:
        yield Chat(App(settings, database, FrozenClock()), session)
    database.close()


def test_the_first_question_of_a_visit_is_marked(chat):
    chat.do(procedures.answer_procedure, "làm giấy khai sinh cho con cần gì")
    chat.do(procedures.answer_procedure, "thế lệ phí bao nhiêu", intent="ask_fee")
    chat.app.clock.forward(hours=8)
    chat.do(procedures.answer_procedure, "làm hộ chiếu phổ thông cần gì")
    assert chat.asked == [("answer", BIRTH, True), ("answer", BIRTH, False), ("answer", PASSPORT, True)]


def test_a_button_under_an_answer_asks_for_more(chat):
    chat.do(procedures.answer_procedure, "làm giấy khai sinh cho con cần gì")
    chat.tap(procedures.choose_procedure, "Nộp ở đâu")
    assert chat.reactions == [("more", BIRTH, "place", "Phường Hoa Lư")]


def test_what_is_denied_right_after_its_answer_is_noted(chat):
    chat.do(procedures.answer_procedure, "làm giấy khai sinh cho con cần gì")
    chat.do(talk.bot_wrong, "không phải", intent="bot_wrong")
    assert chat.reactions == [("denied", BIRTH, "overview", "Phường Hoa Lư")]


def test_what_is_denied_later_is_nobody_s_fault(chat):
    chat.do(procedures.answer_procedure, "làm giấy khai sinh cho con cần gì")
    chat.do(talk.help_menu)
    chat.do(talk.bot_wrong, "không phải", intent="bot_wrong")
    assert chat.reactions == []


def test_a_choice_out_of_what_was_asked_back_with_is_noted(chat):
    chat.do(lambda turn: procedures.which(turn, procedures.ask.others(turn.app.catalogue, (BIRTH, PASSPORT), None), "fee"))
    chat.tap(procedures.choose_procedure, "2. ")
    assert chat.reactions == [("chosen", PASSPORT, "fee", "Phường Hoa Lư")]


def test_a_button_that_names_no_procedure_we_know_leaves_nothing(chat):
    chat.do(procedures.choose_procedure, value="9.999999|fee")
    assert chat.reactions == []
