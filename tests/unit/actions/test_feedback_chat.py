"""Reports in the chat: consent, steps in any order, what is shown of others, what comes afterwards."""

import pytest
from sqlalchemy import select

from actions import account, feedback, news, talk
from bot import places
from bot.messages import Incoming
from bot.services import people
from bot.services.tickets import photos, rules
from bot.store.tables import Citizen, Ticket, TicketDraft, TicketEvent, TicketFollower
from tests.factories import talk_of
from tests.unit.actions.test_learning_view import Chat

LAMP = "đèn đường đầu ngõ 5 hỏng cả tháng rồi tối om"


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
        said = press(chat, "Gửi kèm vị trí")
        near = chat.titles[:3]
        assert "gần các xã, phường" in said and chat.titles[3:] == ["Xã Xuân Trường", "Không biết", "Thôi không gửi"]
        assert chat.session.scalars(select(TicketDraft.commune)).one() == "Xã Xuân Trường"  # the point alone changes nothing
        assert near[1] in press(chat, near[1])
        press(chat, "Gửi phản ánh")
        ticket = chat.session.scalars(select(Ticket)).one()
        assert (ticket.latitude, ticket.longitude, ticket.commune) == (20.25, 105.97, near[1])

    def test_the_commune_that_is_noted_may_stay_and_is_not_asked_about_where_the_point_bears_it_out(self, app, session, chat):
        self.draft(chat)
        press(chat, "Gửi phản ánh")
        press(chat, "Gửi kèm vị trí")
        press(chat, "Xã Xuân Trường")
        press(chat, "Gửi phản ánh")
        assert session.scalars(select(Ticket.commune)).one() == "Xã Xuân Trường"
        draft = self.draft(chat)
        draft.latitude, draft.longitude = places.centres()[places.code_of("Xã Xuân Trường")]
        press(chat, "Gửi phản ánh")
        assert "Đã gửi" in press(chat, "Gửi kèm vị trí")

    def test_where_no_commune_is_known_the_nearest_are_offered_and_none_is_set(self, app, session):
        chat = somebody(app, session, commune=None)
        chat.do(feedback.give_feedback, LAMP)
        told = photos.arrived(session, chat.talk, Incoming("telegram", "m1", "sender-one-0123456", location=(20.25, 105.97)), app.clock())
        near = places.near(20.25, 105.97)
        assert all(one in told for one in near)
        said = chat.do(feedback.give_feedback, "đèn hỏng từ tháng trước, tối đi lại rất nguy hiểm")
        assert "gần các xã, phường" in said and tuple(chat.titles[:3]) == near
        assert session.scalars(select(TicketDraft.commune)).one() is None
        assert near[0] in press(chat, near[0])

    def test_a_point_outside_the_province_offers_nothing(self, app, session):
        assert places.near(21.03, 105.85) == () and places.near(0.0, 0.0) == ()
        assert set(places.centres()) == {unit["code"] for unit in places.shipped()}
        for code, (latitude, longitude) in places.centres().items():
            assert places.near(latitude, longitude, 1) == (places.by_code(code),)


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


# --- what citizens type instead of pressing


def asked_back(chat, session, words="Đoạn hỏng dài bao nhiêu mét?") -> Ticket:
    ticket = sent(chat)
    ticket.state = "asked_back"
    session.add(TicketEvent(ticket_id=ticket.id, at=chat.clock(), kind="asked_back", by="canbo", text=words))
    session.flush()
    return ticket


@pytest.mark.parametrize("act, text", [(talk.out_of_scope, "dài khoảng 5 mét, gần cống"), (talk.fallback, "tam nam met"), (talk.affirm, "rồi ạ"),
                                       (talk.deny, "chưa có"), (feedback.give_feedback, "đèn ở cột số 7, đầu ngõ 5 tối om")])
def test_an_answer_typed_without_the_button_is_offered_to_the_officer(chat, session, act, text):
    ticket = asked_back(chat, session)
    shown = chat.do(act, text)
    assert ticket.number in shown and "dài bao nhiêu mét" in shown and session.scalars(select(TicketEvent.kind).where(TicketEvent.kind == "said")).all() == []
    assert "Đã chuyển lời bạn" in press(chat, "Phải, gửi cán bộ")
    assert session.scalars(select(TicketEvent.text).where(TicketEvent.kind == "said")).one() == text
    assert session.get_one(Ticket, ticket.id).state == "new"


def test_what_is_no_answer_goes_nowhere_and_may_begin_another_report(chat, session):
    asked_back(chat, session)
    chat.do(talk.out_of_scope, "dài khoảng 5 mét, gần cống")
    assert "không gửi gì" in press(chat, "Không phải")
    chat.do(feedback.give_feedback, "rác chất đống đầu thôn mấy tuần nay")
    assert "rác chất đống" in press(chat, "Không, phản ánh việc mới") and session.scalars(select(TicketDraft.category)).one() == "waste"
    assert session.scalars(select(TicketEvent.kind).where(TicketEvent.kind == "said")).all() == []


def test_a_typed_yes_sends_the_answer_that_was_offered(chat, session):
    asked_back(chat, session)
    chat.do(talk.out_of_scope, "dài “5” mét {gần} cống")
    chat.talk.offered = [{"title": title, "payload": pressed, "numbered": True} for title, pressed in chat.last[0].buttons]
    assert "Đã chuyển lời bạn" in chat.do(talk.affirm, "phải rồi")
    assert session.scalars(select(TicketEvent.text).where(TicketEvent.kind == "said")).one() == "dài “5” mét {gần} cống"


def test_nobody_waits_for_an_answer_of_somebody_else(app, session, chat):
    asked_back(chat, session)
    other = somebody(app, session, "sender-two-0123456")
    assert "ngoài phần tôi được dạy" in other.do(talk.out_of_scope, "dài khoảng 5 mét, gần cống")


def test_the_number_alone_asks_for_its_state(chat):
    ticket = sent(chat)
    assert "mới gửi" in chat.do(talk.out_of_scope, ticket.number) and "mới gửi" in chat.do(talk.fallback, ticket.number.lower())


@pytest.mark.parametrize("act", [news.unsubscribe, talk.fallback, talk.affirm])
def test_sending_after_another_subject_sends_and_ends_nothing_else(chat, act):
    chat.do(feedback.give_feedback, LAMP)
    chat.do(talk.thank, "cảm ơn")
    assert "Đã gửi. Số phản ánh" in chat.do(act, "gửi đi")


def test_not_sending_after_another_subject_drops_the_report_and_keeps_the_reminders(app, session):
    chat = somebody(app, session, consent=("feedback", "reminders"))
    chat.do(feedback.give_feedback, LAMP)
    chat.do(talk.thank, "cảm ơn")
    assert "không giữ lại gì" in chat.do(news.unsubscribe, "thôi không gửi")
    assert "chưa hiểu" in chat.do(news.unsubscribe, "gửi đi")
    assert "reminders" in people.consents(session, chat.talk.citizen_id)
    assert "Đã dừng" in chat.do(news.unsubscribe, "thôi không gửi nữa") and people.consents(session, chat.talk.citizen_id) == {"feedback"}


def test_what_is_typed_at_another_question_is_kept(app, session):
    chat = somebody(app, session, commune=None)
    assert "loại nào" in chat.do(feedback.give_feedback, "trạm y tế hết thuốc huyết áp cả tháng nay")
    assert "bấm “Việc khác”" in chat.do(feedback.give_feedback, "xã Nam Trực")
    assert "Chưa gửi được" in chat.do(feedback.give_feedback, "gửi đi")
    shown = chat.do(feedback.give_feedback, "khác")
    assert "Nơi: Xã Nam Trực" in shown and "Loại: Việc khác" in shown and "gửi đi" not in shown


def test_a_story_at_the_question_for_the_place_is_part_of_the_report(app, session):
    chat = somebody(app, session, commune=None)
    chat.do(feedback.give_feedback, "tôi muốn phản ánh rác thải")
    assert "Tôi đã ghi thêm" in chat.do(feedback.give_feedback, "rác chất đống ở đầu thôn Đông mấy tuần chưa ai thu gom")
    shown = chat.do(feedback.give_feedback, "thôn 3 xã Nam Trực, gần trạm điện")
    assert "thu gom" in shown and "gần trạm điện" in shown and "Nơi: Xã Nam Trực" in shown


@pytest.mark.parametrize("typed, category", [("rác", "waste"), ("đường", "roads"), ("điện", "lighting"), ("loại khác", "other"), ("ngập", "water")])
def test_a_word_of_a_title_names_the_category(app, session, typed, category):
    chat = somebody(app, session, commune=None)
    chat.do(feedback.give_feedback, "trạm y tế hết thuốc huyết áp cả tháng nay")
    chat.do(feedback.give_feedback, typed)
    assert session.scalars(select(TicketDraft.category)).one() == category


@pytest.mark.parametrize("text", ["chamcong.apk", "123", "hello"])
def test_nobody_consents_by_words_without_a_yes(app, session, text):
    """Whatever the classifier takes them for."""
    chat = somebody(app, session, consent=())
    chat.do(feedback.give_feedback, LAMP)
    chat.do(talk.affirm, text)
    assert chat.talk.citizen_id is None
    chat.slots["pending"] = "consent:feedback|ticket"
    chat.do(talk.affirm, "ừ được")
    assert people.consents(session, chat.talk.citizen_id) == {"feedback"}


def test_amounts_and_days_are_no_numbers_of_somebody():
    said = "kinh phí 1.200.000.000 đồng, xong trước 15-12-2026 8 giờ"
    assert not rules.personal(said) and rules.kept(said) == said
    assert rules.personal("gọi 091.234.567 đồng chí Ba") and rules.kept("gọi 0912 345 678, thu 120.000.000 đ") == "gọi [số], thu 120.000.000 đ"
    assert rules.kept("số 123.456.789 và 15-12-2026") == "số [số] và 15-12-2026"


@pytest.mark.parametrize("text, category", [("đèn đường hỏng ở xã Nam Trực", "lighting"), ("đường hỏng hết, xe không đi được", "roads"),
                                            ("cổng trường lầy lội", "roads")])
def test_a_lamp_of_a_street_is_no_street(text, category):
    assert rules.guess(text) == category
