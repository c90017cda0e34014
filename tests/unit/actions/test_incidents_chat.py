"""A trick is reported step by step, a suspicious message judged; what is kept leads to nobody."""

import pytest
from sqlalchemy import select

from actions import _turn, account, incidents, safety
from bot import places
from bot.app import App
from bot.config import Settings
from bot.incidents.reporter import SPAN
from bot.language.incident_words import answers
from bot.messages import Incoming
from bot.services import inbox, people, webhooks
from bot.services import incidents as service
from bot.store.tables import Citizen, Consent, Inbound, Incident, Indicator, Mention, WebhookDelivery
from tests.databases import sqlite_at
from tests.factories import FrozenClock, talk_of
from tests.unit.actions.test_learning_view import Chat

WORDS = "Có người gọi xưng công an bắt tôi cài app, số 0912 345 678, link vneid-capnhat.com/tai"


@pytest.fixture
def app(tmp_path):
    database = sqlite_at(tmp_path / "bot.db")
    yield App(Settings(_env_file=None, database_url=database.url, secret_key="k" * 32), database, FrozenClock())
    database.close()


@pytest.fixture
def session(app):
    with app.database.write() as found:
        yield found


def chatting(app, session, address="sender-one-0123456", consent=()) -> Chat:
    return Chat(app, session, talk_of(session, address, consent=consent))


def type_in(chat: Chat, text: str) -> str:
    """What a typed answer does: the intent as the pipeline reads it must be the report's, then the action runs."""
    assert answers(service.expectation(chat.session, chat.talk)["step"], text), text
    return chat.do(incidents.report_answer, text=text)


def tap(chat: Chat, title: str) -> str:
    return chat.tap(incidents.report_answer, title)


def values(session) -> set[tuple[str, str]]:
    return {tuple(row) for row in session.execute(select(Indicator.kind, Indicator.value).join(Mention, Mention.indicator_id == Indicator.id))}


def report(app, session, address: str, text: str = WORDS) -> str:
    """A whole report by buttons; gives the last replies."""
    chat = chatting(app, session, address)
    chat.do(incidents.report_scam, text=text)
    while "Gửi tin báo" not in chat.titles:
        tap(chat, "Bỏ qua" if "Bỏ qua" in chat.titles else "Không muốn nói")
    return tap(chat, "Gửi tin báo")


class TestReport:
    def test_only_what_was_not_said_is_asked(self, app, session):
        chat = chatting(app, session)
        said = chat.do(incidents.report_scam, text=WORDS)
        assert "Không ghi tên" in said and "số điện thoại 0912345678" in said and "vneid-capnhat[.]com/tai" in said
        assert "Có mất tiền không" in said and "Dưới 2 triệu" in chat.titles
        said = tap(chat, "2 đến 10 triệu")
        assert "hôm nào" in said
        assert "xã, phường nào" in tap(chat, "Hôm qua")
        said = tap(chat, "Bỏ qua")
        for words in ("Giả VNeID, cơ quan, cán bộ" if "VNeID" in said else "Giả công an", "qua Gọi điện", "2 đến 10 triệu", "hôm qua (23/11/2026)"):
            assert words in said
        said = tap(chat, "Gửi tin báo")
        assert "🚨" in said and "chứng cứ" in said and "VNeID → Dịch vụ khác" in said
        (row,) = session.scalars(select(Incident)).all()
        assert row.number in said and (row.state, row.conversation_id, row.text, row.channel, row.loss) == ("sent", None, None, "call", "2to10")
        assert values(session) == {("phone", "0912345678"), ("host", "vneid-capnhat.com"), ("link", "vneid-capnhat.com/tai")}

    def test_every_step_can_be_skipped_typed_or_stopped(self, app, session):
        chat = chatting(app, session)
        said = chat.do(incidents.report_scam, text="tôi muốn báo lừa đảo")
        assert "chiêu nào" in said and "Kiểu khác…" in chat.titles
        assert "Cho vay, chuyển nhầm tiền" not in chat.titles
        tap(chat, "Kiểu khác…")
        assert "Cho vay, chuyển nhầm tiền" in chat.titles
        assert "bằng cách nào" in tap(chat, "Cho vay")
        assert "số tài khoản của kẻ lừa" in type_in(chat, "nó nhắn qua zalo")
        assert "Có mất tiền không" in type_in(chat, "không có")
        assert "hôm nào" in type_in(chat, "mất 1tr5")
        assert "xã, phường nào" in type_in(chat, "20/11")
        assert "nơi: Xã Nam Trực" in type_in(chat, "ở thôn 2, nam trực nhé")
        assert "Đã ghi tin báo số BC-" in type_in(chat, "gửi đi")
        row = session.scalars(select(Incident)).one()
        assert (row.trick, row.channel, row.loss, row.happened, row.happened_on.isoformat()) == ("loan", "zalo", "under2", "week", "2026-11-20")
        assert row.commune == "Xã Nam Trực"

    def test_an_answer_to_another_step_is_noted_and_said(self, app, session):
        chat = chatting(app, session)
        chat.do(incidents.report_scam, text="tôi muốn báo lừa đảo")
        tap(chat, "Trúng thưởng")
        said = chat.do(incidents.report_answer, text="chưa mất")
        assert "Tôi đã ghi: thiệt hại: chưa mất tiền" in said and "bằng cách nào" in said and "chưa đọc được" not in said
        assert "hôm nay (24/11/2026)" in chat.do(incidents.report_answer, text="hôm nay")
        said = chat.do(incidents.report_answer, text="gửi đi")
        assert "Chưa gửi được" in said and "bằng cách nào" in said
        tap(chat, "Gọi điện")
        assert "xã, phường nào" in tap(chat, "Bỏ qua")
        said = chat.do(incidents.report_answer, text="gửi đi")
        assert "Chưa gửi được" in said and "xã, phường nào" in said
        assert "Gửi nhé" in tap(chat, "Bỏ qua") and session.scalars(select(Incident.commune)).one() is None

    def at_the_place(self, app, session, address="sender-one-0123456", consent=(), home=None) -> Chat:
        chat = chatting(app, session, address, consent)
        if home is not None:
            session.get_one(Citizen, chat.talk.citizen_id).commune = home
        chat.do(incidents.report_scam, text=WORDS)
        tap(chat, "Chưa mất tiền")
        assert "xã, phường nào" in tap(chat, "Hôm nay")
        return chat

    def test_where_it_happened_is_asked_and_ones_own_commune_only_offered(self, app, session):
        chat = self.at_the_place(app, session, consent=("learning",), home="Phường Hoa Lư")
        assert chat.titles == ["Phường Hoa Lư", "Bỏ qua", "Thôi, không báo"]
        assert session.scalars(select(Incident.commune)).one() is None
        assert "nơi: Phường Hoa Lư" in tap(chat, "Phường Hoa Lư")
        tap(chat, "Gửi tin báo")
        assert session.scalars(select(Incident.commune)).one() == "Phường Hoa Lư"
        assert self.at_the_place(app, session, "sender-two-0123456").titles == ["Bỏ qua", "Thôi, không báo"]

    def test_an_old_name_that_went_to_several_units_is_asked_about_and_none_is_guessed(self, app, session):
        old = next(name for named in places._names().values() for one in named if one.old and len(one.communes) == 2 for name in [one.said])
        chat = self.at_the_place(app, session)
        said = type_in(chat, old)
        assert "nay thuộc nhiều nơi" in said and len(chat.titles) == 4 and session.scalars(select(Incident.commune)).one() is None
        name = chat.titles[1]
        assert f"nơi: {name}" in tap(chat, name)

    def test_a_name_nobody_knows_is_asked_for_again(self, app, session):
        chat = self.at_the_place(app, session)
        said = type_in(chat, "xã Bến Lạ")
        assert "chưa tìm ra xã, phường" in said and "Bỏ qua" in chat.titles
        assert "nơi: Xã Nam Trực" in type_in(chat, "xã nam truc")

    def test_at_the_place_one_may_stop_and_an_emergency_or_another_subject_leaves_the_report_where_it_was(self, app, session):
        assert "không giữ gì" in type_in(self.at_the_place(app, session), "thôi")
        assert session.scalars(select(Incident)).all() == []
        chat = self.at_the_place(app, session)
        for text in ("đăng ký khai sinh ở xã Nam Trực", "ủy ban xã Nam Trực ở đâu", "xã nào gần nhất"):
            assert not answers("place", text)
        assert "Bình tĩnh" in chat.do(safety.scam_emergency, text="tôi vừa chuyển tiền cho nó")
        said = chat.do(incidents.report_scam)
        assert "ghi tiếp" in said and "xã, phường nào" in said

    def test_the_commune_where_it_happened_is_taken_from_the_words_and_shown(self, app, session):
        chat = chatting(app, session)
        chat.do(incidents.check_suspicious, text="ở thôn 2 xã Nam Trực có người nhắn link vneid-capnhat9.top bảo cài app")
        assert session.scalars(select(Incident.commune)).one() == "Xã Nam Trực"
        assert "nơi: Xã Nam Trực" in chat.do(incidents.report_scam, value=str(session.scalars(select(Incident.id)).one()))
        other = chatting(app, session, "sender-two-0123456")
        other.do(incidents.report_scam, text="nó xưng công an xã Nam Trực gọi bảo cài app")
        assert session.scalars(select(Incident.commune).order_by(Incident.id.desc())).first() is None

    def test_a_security_centre_is_named_only_when_there_is_one(self, app, session):
        assert "an ninh mạng" not in chatting(app, session).do(incidents.report_scam, text=WORDS)
        webhooks.add_endpoint(session, webhooks.seal_of(app.settings.key()), "Trung tâm", "http://127.0.0.1:9/x", ["incident"], True, app.clock())
        assert "trung tâm an ninh mạng" in chatting(app, session, "sender-two-0123456").do(incidents.report_scam, text=WORDS)

    def test_stopping_leaves_nothing(self, app, session):
        chat = chatting(app, session)
        chat.do(incidents.report_scam, text=WORDS)
        assert "không giữ gì" in type_in(chat, "thôi không báo nữa")
        assert session.scalars(select(Incident)).all() == [] and values(session) == set()
        assert "đã gửi hoặc đã bỏ" in chat.do(incidents.report_answer, value="1:loss:none")

    def test_another_subject_in_between_and_it_goes_on_where_it_was(self, app, session):
        chat = chatting(app, session)
        chat.do(incidents.report_scam, text=WORDS)
        assert not answers(service.expectation(session, chat.talk)["step"], "làm giấy khai sinh ở đâu")
        said = chat.do(safety.scam_emergency, text="tôi vừa chuyển tiền cho nó")
        assert "Bình tĩnh" in said and "Báo vụ này" in chat.titles
        said = chat.do(incidents.report_scam)
        assert "ghi tiếp" in said and "0912345678" in said and len(session.scalars(select(Incident)).all()) == 1

    def test_another_trick_told_meanwhile_joins_no_report_unasked(self, app, session):
        chat = chatting(app, session)
        chat.do(incidents.report_scam, text=WORDS)
        rumour = "báo tin đồn vỡ đê đăng ở trang tinnong-vode.xyz"
        said = chat.do(incidents.report_scam, text=rumour)
        assert "vụ khác" in said and "0912345678" in said and chat.titles == ["Vụ khác, bỏ tin đang ghi", "Vẫn vụ đang ghi"]
        assert ("host", "tinnong-vode.xyz") not in values(session)
        said = chat.tap(incidents.report_scam, "Vụ khác")
        assert "tinnong-vode[.]xyz" in said and "0912345678" not in said
        row = session.scalars(select(Incident)).one()
        assert row.trick == "rumour" and ("phone", "0912345678") not in values(session)

    def test_it_joins_where_its_teller_says_so_and_the_same_trick_is_not_asked_about(self, app, session):
        chat = chatting(app, session)
        chat.do(incidents.report_scam, text=WORDS)
        chat.do(incidents.report_scam, text="báo tin đồn vỡ đê đăng ở trang tinnong-vode.xyz")
        said = chat.tap(incidents.report_scam, "Vẫn vụ")
        assert "ghi tiếp" in said and ("host", "tinnong-vode.xyz") in values(session) and ("phone", "0912345678") in values(session)
        assert "vụ khác" not in chat.do(incidents.report_scam, text="báo lừa đảo tiếp") and "vụ khác" not in chat.do(incidents.report_scam, text=WORDS)
        chat.do(incidents.check_suspicious, text="có người báo trúng thưởng, bấm evn-hoantien.xyz/nhan")
        assert "vụ khác" in chat.tap(incidents.report_scam, "Báo vụ này")
        assert "evn-hoantien[.]xyz" in chat.tap(incidents.report_scam, "Vụ khác") and ("phone", "0912345678") not in values(session)

    def test_the_tricksters_account_is_taken_before_words_are_masked_and_a_citizens_number_is_not(self, app, session):
        chat = chatting(app, session)
        key = app.settings.key()
        talk = chat.talk = people.conversation(session, key, "web", "sender-acc-0123456", app.clock())
        chat.do(incidents.report_scam, text="báo lừa đảo qua zalo, giả ngân hàng")
        assert talk.awaiting.endswith(":indicator")
        text = "stk 0123456789012 của nó, cccd tôi 034082001234, thẻ 4111 1111 1111 1111"
        stored = inbox.store(session, key, Incoming("web", "m9", "sender-acc-0123456", text), app.clock())
        row = session.get(Inbound, stored.inbox_id)
        assert "0123456789012" not in row.text and "account" in row.masked
        said = type_in(chat, row.text)
        assert "0123456789012" in said and values(session) == {("account", "0123456789012")}

    def test_no_warning_about_the_account_that_was_asked_for(self, app, session):
        turn = _turn.Turn(app, session, talk_of(session), "[số tài khoản]", "", "", {}, app.clock(), None, heard={"account"})
        replies = _turn.framed("action_report_answer", turn, [], ["account", "id_number"])
        assert "số giấy tờ" in replies[0].text and "số tài khoản" not in replies[0].text.split("bạn vừa gửi")[0]

    def test_own_numbers_are_never_indicators_and_all_can_be_dropped(self, app, session):
        chat = chatting(app, session)
        chat.do(incidents.report_scam, text="báo lừa đảo trúng thưởng qua zalo số 0912345678 của nó, số của tôi là 0987654321")
        assert values(session) == {("phone", "0912345678")}
        tap(chat, "Chưa mất tiền")
        tap(chat, "Hôm nay")
        tap(chat, "Bỏ qua")
        said = tap(chat, "Bỏ các số")
        assert "0912345678" not in said and values(session) == set()

    def test_words_are_kept_only_with_consent_and_for_thirty_days(self, app, session):
        chat = chatting(app, session, "sender-two-0123456", ("improve",))
        chat.do(incidents.report_scam, text=WORDS)
        tap(chat, "Chưa mất tiền")
        tap(chat, "Hôm nay")
        tap(chat, "Bỏ qua")
        tap(chat, "Gửi tin báo")
        assert session.scalars(select(Incident.text)).one() == WORDS
        assert service.clean(session, app.clock.forward(days=29)) == 0
        assert service.clean(session, app.clock.forward(days=2)) == 1
        assert session.scalars(select(Incident.text)).one() is None

    def test_a_draft_nobody_sends_is_gone_after_a_day(self, app, session):
        chatting(app, session).do(incidents.report_scam, text=WORDS)
        service.clean(session, app.clock.forward(hours=25))
        assert session.scalars(select(Incident)).all() == [] and session.scalars(select(Indicator)).all() == []

    def test_five_a_day(self, app, session):
        for _ in range(5):
            assert "Đã ghi tin báo" in report(app, session, "sender-five-0123456")
        chat = chatting(app, session, "sender-five-0123456")
        assert "mức nhiều nhất" in chat.do(incidents.report_scam, text=WORDS)
        assert session.scalar(select(Indicator.reporters).where(Indicator.kind == "phone")) == 1

    def test_it_is_handed_on_once_signed_and_without_the_reporter(self, app, session):
        webhooks.add_endpoint(session, webhooks.seal_of(app.settings.key()), "Trung tâm", "http://127.0.0.1:9/x", ["incident"], True, app.clock())
        report(app, session, "sender-hook-0123456")
        (row,) = session.scalars(select(WebhookDelivery)).all()
        reporter = session.scalars(select(Incident.reporter)).one()
        assert row.kind == "incident" and reporter not in row.body and "vneid-capnhat.com" in row.body and '"type":"bundle"' in row.body


class TestSuspicious:
    def ask(self, app, session, text: str, address="asker-00-0123456", consent=()) -> tuple[Chat, str]:
        chat = chatting(app, session, address, consent)
        return chat, chat.do(incidents.check_suspicious, text=text)

    @pytest.mark.parametrize("text, words", [
        ("kiem tra giup duong link vneid-capnhat.com", "gần giống địa chỉ của VNeID"),
        ("trang dichvucong-gov.net có phải trang chính thức không", "không kết thúc bằng .gov.vn"),
        ("họ bảo đừng nói với ai, chuyển tiền để điều tra", "giữ bí mật"),
        ("bấm được không bit.ly/abc1", "Link rút gọn"),
        ("file vneid.apk ai do gui, cai duoc khong", "cài ứng dụng"),
        ("tải http://tai-app.top/vneid.apk", "Link tải tệp cài đặt"),
        ("https://vietcombank.com.vn@103.1.2.3/dang-nhap", "dấu @")])
    def test_the_reasons_are_given(self, app, session, text, words):
        chat, said = self.ask(app, session, text)
        assert words in said and "Báo vụ này" in chat.titles and "không mở link" in said

    @pytest.mark.parametrize("text", ["https://dichvucong.gov.vn/p/home", "xem hộ trang chotot.com", "số 0912345678 gọi cho tôi có phải lừa không",
                                      "hàng xóm hẹn chiều nay qua nhà chơi rồi ăn cơm với gia đình bác Tư có gì lạ không hả cháu ơi"])
    def test_never_safe_as_a_verdict(self, app, session, text):
        _, said = self.ask(app, session, text)
        assert "không có nghĩa là an toàn" in said
        assert "Đúng là an toàn" not in said and "yên tâm" not in said

    def test_a_bare_question_gets_the_signs_and_the_next_message_is_judged(self, app, session):
        chat, said = self.ask(app, session, "tin nhắn này có phải lừa đảo không")
        assert "dán nguyên tin nhắn" in said and session.scalars(select(Incident)).all() == []
        assert service.expectation(session, chat.talk) == {"kind": "report", "step": "suspect"}

    def test_three_different_people_are_said_two_or_one_thrice_are_not(self, app, session):
        for address in ("reporter-a-012345", "reporter-a-012345", "reporter-b-012345"):
            report(app, session, address)
        _, said = self.ask(app, session, "số 0912 345 678 gọi tôi")
        assert "người báo" not in said
        report(app, session, "reporter-c-012345")
        _, said = self.ask(app, session, "số +84 912 345 678 gọi tôi")
        assert "Đã có 3 người báo với tôi số 0912345678 (chưa ai xác minh)" in said
        row = session.scalars(select(Indicator).where(Indicator.kind == "phone")).one()
        assert (row.reporters, row.askers) == (3, 1)

    def test_a_report_takes_over_what_was_asked_and_only_by_the_same_person(self, app, session):
        chat, _ = self.ask(app, session, "có người báo trúng thưởng, bấm evn-hoantien.xyz/nhan")
        ident = session.scalars(select(Incident.id)).one()
        said = chat.do(incidents.report_scam, value=str(ident))
        assert "evn-hoantien[.]xyz" in said and "Trúng thưởng" in said
        other = chatting(app, session, "someone-else-01234")
        assert "evn-hoantien" not in other.do(incidents.report_scam, value=str(ident))


class TestForgotten:
    def test_the_hash_changes_after_ninety_days(self, app, session):
        report(app, session, "sender-one-0123456")
        app.clock.forward(days=SPAN.days)
        report(app, session, "sender-one-0123456")
        assert len(set(session.scalars(select(Incident.reporter)))) == 2

    def test_erasure_leaves_counts_that_lead_to_nobody(self, app, session):
        chat = chatting(app, session, "sender-erase-01234", ("improve", "learning"))
        chat.do(incidents.report_scam, text=WORDS)
        tap(chat, "Chưa mất tiền")
        tap(chat, "Hôm nay")
        tap(chat, "Bỏ qua")
        tap(chat, "Gửi tin báo")
        assert "còn đếm được của bạn: 1" in chat.do(account.my_data)
        before = session.scalars(select(Incident.reporter)).one()
        chat.do(incidents.report_scam, text="báo lừa đảo nữa")
        assert len(session.scalars(select(Incident)).all()) == 2
        chat.slots["erase_confirmed"] = True
        chat.do(account.erase)
        people.forget(session, chat.talk.id)
        row = session.scalars(select(Incident)).one()
        assert row.reporter != before and row.text is None and row.commune is None and session.scalars(select(Consent.id)).all()

    def test_a_moved_chat_keeps_its_draft(self, app, session):
        talk = people.conversation(session, app.settings.key(), "telegram", "100", app.clock())
        draft = service.begin(session, app.settings.key(), talk, WORDS, False, app.clock())
        new = people.move(session, app.settings.key(), talk, "200", app.clock())
        assert draft.conversation_id == new.id
