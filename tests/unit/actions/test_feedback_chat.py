"""Reports in the chat: consent, steps in any order, what is shown of others, what comes afterwards."""

import pytest
from sqlalchemy import select

from actions import account, feedback, talk
from bot.app import App
from bot.config import Settings
from bot.services import people
from bot.services.tickets import rules
from bot.store.tables import Citizen, Ticket, TicketDraft, TicketEvent, TicketFollower
from tests.databases import sqlite_at
from tests.factories import FrozenClock, talk_of
from tests.unit.actions.test_learning_view import Chat

LAMP = "đèn đường đầu ngõ 5 hỏng cả tháng rồi tối om"


@pytest.fixture
def app(tmp_path):
    database = sqlite_at(tmp_path / "bot.db")
    yield App(Settings(_env_file=None, database_url=database.url), database, FrozenClock())
    database.close()


@pytest.fixture
def session(app):
    with app.database.write() as session:
        yield session


def somebody(app, session, address="sender-one-0123456", consent=("feedback",), commune="Xã Xuân Trường") -> Chat:
    chat = Chat(app, session, talk_of(session, address, consent=consent))
    if consent and commune:
        session.get_one(Citizen, chat.talk.citizen_id).commune = commune
    return chat


@pytest.fixture
def chat(app, session):
    return somebody(app, session)


def press(chat, title: str) -> str:
    return chat.tap(feedback.give_feedback, title)


def sent(chat, text=LAMP) -> Ticket:
    chat.do(feedback.give_feedback, text)
    press(chat, "Gửi phản ánh")
    return chat.session.scalars(select(Ticket).order_by(Ticket.id.desc())).first()


def test_without_consent_it_says_what_is_kept_and_no_leads_elsewhere(app, session):
    chat = somebody(app, session, consent=())
    assert "lời bạn viết" in chat.do(feedback.give_feedback, LAMP) and chat.titles == ["Đồng ý", "Không"]
    assert "dichvucong.gov.vn" in press(chat, "Không")
    assert session.scalars(select(TicketDraft)).all() == [] and chat.talk.citizen_id is None


def test_consent_goes_on_with_what_was_said_already(app, session):
    chat = somebody(app, session, consent=())
    chat.do(feedback.give_feedback, f"{LAMP} ở xã Xuân Trường")
    shown = chat.tap(account.consent_give, "Đồng ý")
    assert "Điện, đèn đường" in shown and "Xã Xuân Trường" in shown and "ngõ 5" in shown
    assert people.consents(session, chat.talk.citizen_id) == {"feedback"}


def test_a_bare_yes_is_consent_too(app, session):
    chat = somebody(app, session, consent=())
    chat.do(feedback.give_feedback, LAMP)
    assert "ở xã, phường nào" in chat.do(talk.affirm, "có") and chat.talk.awaiting == "words:give_feedback"


def test_one_sentence_is_enough_and_number_and_clock_come_at_once(chat):
    text = chat.do(feedback.give_feedback, LAMP)
    assert "Xã Xuân Trường" in text and "Điện, đèn đường" in text
    answer = press(chat, "Gửi phản ánh")
    ticket = chat.session.scalars(select(Ticket)).one()
    assert ticket.number == "PA-2026-000001-" + rules.letter("2026000001") and ticket.number in answer
    assert "08/12/2026" in answer and "không phải hạn luật định" in answer  # ten working days after Tuesday, 24 November
    assert (ticket.category, ticket.commune, ticket.state, ticket.text) == ("lighting", "Xã Xuân Trường", "new", LAMP)
    assert chat.session.scalars(select(TicketEvent.kind)).all() == ["sent"]
    assert chat.session.scalars(select(TicketDraft)).all() == [] and chat.talk.address == "address"


def test_what_is_missing_is_asked_step_by_step(app, session):
    chat = somebody(app, session, commune=None)
    assert "chuyện gì, ở đâu" in chat.do(feedback.give_feedback, "tôi muốn phản ánh")
    assert "loại nào" in chat.do(feedback.give_feedback, "trạm y tế hết thuốc huyết áp cả tháng nay")
    assert "xã, phường nào" in press(chat, "Việc khác")
    assert "chưa nhận ra" in chat.do(feedback.give_feedback, "ở đằng kia kìa")
    assert "Nơi: Xã Xuân Trường" in chat.do(feedback.give_feedback, "xã Xuân Trường")
    assert "Đã gửi" in chat.do(feedback.give_feedback, "gửi đi")
    assert session.scalars(select(Ticket.category)).one() == "other"


def test_who_does_not_know_the_commune_may_still_send(app, session):
    chat = somebody(app, session, commune=None)
    chat.do(feedback.give_feedback, LAMP)
    assert "chưa rõ xã, phường" in chat.do(feedback.give_feedback, "không biết ạ")
    press(chat, "Gửi phản ánh")
    assert session.scalars(select(Ticket.commune)).one() is None


def test_more_words_are_added_and_everything_can_be_changed(chat):
    chat.do(feedback.give_feedback, LAMP)
    assert "tối om\ncột số 7" in chat.do(feedback.give_feedback, "cột số 7 gần nhà văn hóa")
    press(chat, "Đổi loại")
    assert "Loại: An ninh" in press(chat, "An ninh")
    press(chat, "Đổi nơi")
    assert "Nơi: chưa rõ" in press(chat, "Không biết")
    press(chat, "Viết lại")
    assert "vỉa hè bong tróc" in chat.do(feedback.give_feedback, "vỉa hè bong tróc hết gạch rồi")
    assert "không giữ lại gì" in chat.do(feedback.give_feedback, "thôi không gửi")
    assert chat.session.scalars(select(TicketDraft)).all() == []


def test_another_subject_in_between_loses_nothing(chat):
    chat.do(feedback.give_feedback, LAMP)
    chat.do(talk.thank, "cảm ơn")
    assert chat.talk.awaiting is None
    assert "ngõ 5" in chat.do(feedback.give_feedback, "tôi muốn phản ánh")
    chat.app.clock.forward(days=1, seconds=1)
    assert "chuyện gì, ở đâu" in chat.do(feedback.give_feedback, "tôi muốn phản ánh")


def test_long_numbers_are_not_kept(chat):
    ticket = sent(chat, "cán bộ một cửa thái độ hách sạch, gọi tôi 0912 345 678 nhé")
    assert "345" not in ticket.text and "[số]" in ticket.text


def test_eleven_a_day_are_too_many(chat):
    for _ in range(rules.MOST_A_DAY):
        assert sent(chat) is not None
    chat.do(feedback.give_feedback, LAMP)
    assert "mức nhiều nhất" in press(chat, "Gửi phản ánh")
    chat.app.clock.forward(days=1)
    assert "Đã gửi" in press(somebody_again(chat), "Gửi phản ánh")


def somebody_again(chat):
    chat.do(feedback.give_feedback, LAMP)
    return chat


class TestAlike:
    def test_what_others_reported_nearby_is_offered_without_their_words(self, app, session, chat):
        first = sent(chat, "den duong ngo 5 hong toi om, nha ong Tu bi trom")
        second = somebody(app, session, "sender-two-0123456")
        second.do(feedback.give_feedback, LAMP)
        text = press(second, "Gửi phản ánh")
        assert first.number in text and "ngõ" in text and "Tu" not in text.split("Cùng nhắc")[1]
        joined = press(second, "Theo dõi chung")
        assert "có 1 người" in joined and len(session.scalars(select(Ticket)).all()) == 1
        assert session.scalars(select(TicketFollower.citizen_id)).one() == second.talk.citizen_id
        assert first.number in second.do(feedback.check_feedback, "phản ánh của tôi đến đâu rồi")

    @pytest.mark.parametrize("commune, text", [("Xã Xuân Hưng", LAMP), ("Xã Xuân Trường", "đèn đường trước cổng trường tiểu học không sáng")])
    def test_elsewhere_or_something_else_is_not(self, app, session, chat, commune, text):
        sent(chat, LAMP)
        other = somebody(app, session, "sender-two-0123456", commune=commune)
        other.do(feedback.give_feedback, text)
        assert "Đã gửi" in press(other, "Gửi phản ánh")

    def test_it_may_be_sent_all_the_same(self, app, session, chat):
        sent(chat)
        second = somebody(app, session, "sender-two-0123456")
        second.do(feedback.give_feedback, LAMP)
        press(second, "Gửi phản ánh")
        assert "Đã gửi" in press(second, "Không phải, gửi riêng")

    def test_after_thirty_days_it_is_another_matter(self, app, session, chat):
        sent(chat)
        app.clock.forward(days=31)
        second = somebody(app, session, "sender-two-0123456")
        second.do(feedback.give_feedback, LAMP)
        assert "Đã gửi" in press(second, "Gửi phản ánh")


class TestPlace:
    def draft(self, chat) -> TicketDraft:
        chat.do(feedback.give_feedback, LAMP)
        draft = chat.session.scalars(select(TicketDraft)).one()
        draft.latitude, draft.longitude = 20.25, 105.97
        chat.session.flush()
        return draft

    def test_it_is_asked_about_and_kept_with_a_yes_only(self, chat):
        self.draft(chat)
        assert "vị trí" in press(chat, "Gửi phản ánh")
        press(chat, "Không kèm vị trí")
        assert chat.session.scalars(select(Ticket.latitude)).one() is None

    def test_with_a_yes(self, chat):
        self.draft(chat)
        press(chat, "Gửi phản ánh")
        press(chat, "Gửi kèm vị trí")
        ticket = chat.session.scalars(select(Ticket)).one()
        assert (ticket.latitude, ticket.longitude) == (20.25, 105.97)


class TestLater:
    def test_own_tickets_are_shown_and_of_other_peoples_the_state_alone(self, app, session, chat):
        ticket = sent(chat)
        mine = chat.do(feedback.check_feedback, "phản ánh của tôi đến đâu rồi")
        assert ticket.number in mine and "mới gửi" in mine and "08/12/2026" in mine
        other = somebody(app, session, "sender-two-0123456", consent=())
        theirs = other.do(feedback.check_feedback, f"phản ánh {ticket.number} đến đâu rồi")
        assert "mới gửi" in theirs and "đèn" not in theirs.casefold()
        assert "nhầm một chữ số" in other.do(feedback.check_feedback, f"phản ánh {ticket.number[:-3]}9-{ticket.number[-1]}")
        assert "chưa thấy" in other.do(feedback.check_feedback, "phản ánh của tôi đến đâu rồi")

    def test_a_low_score_puts_it_back_on_the_desk_once(self, chat):
        ticket = sent(chat)
        ticket.state, ticket.closed_at = "closed", chat.clock()
        assert "mở lại" in chat.do(feedback.give_feedback, value=f"score:{ticket.id}:1") and ticket.state == "reopened"
        assert "đã chấm" in chat.do(feedback.give_feedback, value=f"score:{ticket.id}:5")
        ticket.state, ticket.score = "closed", None
        assert "Cảm ơn" in chat.do(feedback.give_feedback, value=f"score:{ticket.id}:2") and ticket.state == "closed"

    def test_nobody_scores_or_answers_for_another(self, app, session, chat):
        ticket = sent(chat)
        ticket.state = "asked_back"
        other = somebody(app, session, "sender-two-0123456")
        assert "khép lại" in other.do(feedback.give_feedback, value=f"answer:{ticket.id}")
        ticket.state = "closed"
        other.do(feedback.give_feedback, value=f"score:{ticket.id}:1")
        assert (ticket.state, ticket.score) == ("closed", None)

    def test_the_desks_question_is_answered_in_the_citizens_words(self, chat):
        ticket = sent(chat)
        ticket.state = "asked_back"
        assert ticket.number in chat.do(feedback.give_feedback, value=f"answer:{ticket.id}")
        assert "Đã chuyển" in chat.do(feedback.give_feedback, "cột số 7, cạnh nhà văn hóa")
        assert ticket.state == "new" and chat.session.scalars(select(TicketEvent.text).order_by(TicketEvent.id.desc())).first() == "cột số 7, cạnh nhà văn hóa"


def test_what_is_known_names_reports_and_erasure_leaves_no_word(chat):
    ticket = sent(chat)
    assert "Phản ánh đã gửi: 1" in chat.do(account.my_data)
    people.erase(chat.session, chat.talk, chat.clock())
    people.forget(chat.session, chat.talk.id)
    chat.session.expire_all()
    assert (ticket.text, ticket.citizen_id, ticket.conversation_id, ticket.category) == ("(người gửi đã xóa)", None, None, "lighting")
