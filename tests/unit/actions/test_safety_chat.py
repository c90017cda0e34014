"""The steps for whoever was robbed come whole once, then the one that fits; a lost paper is no robbery; nobody who is robbed is missed for it."""

from datetime import timedelta
from itertools import count

import pytest

from actions import _sos, places, procedures, safety, talk
from actions._turn import Turn
from bot.app import App
from bot.config import Settings
from bot.language.emergency import is_calm, is_emergency
from bot.language.normalise import fold
from bot.messages import Reply
from bot.services import catalogue, sos
from bot.store.tables import Asked, WaitingQuestion
from tests.databases import sqlite_at
from tests.factories import ROOT, TUESDAY_TEN, FrozenClock, talk_of
from tests.unit.actions.test_drill_actions import Chat as WholeTurns
from tests.unit.actions.test_learning_view import Chat
from tests.unit.language.emergency_sentences import EMERGENCIES
from tests.unit.language.test_emergency import KNOWN_GAPS, examples, lines

NUMBERS = count(1)


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    database = sqlite_at(tmp_path_factory.mktemp("safety") / "bot.db")
    with database.write() as session:
        catalogue.publish_curated(session, ROOT / "procedures", TUESDAY_TEN)
    yield App(Settings(_env_file=None, database_url=database.url), database, FrozenClock())
    database.close()


@pytest.fixture
def session(app):
    with app.database.write() as session:
        yield session


@pytest.fixture
def chat(app, session):
    return Chat(app, session, talk_of(session, f"sender-safe-{next(NUMBERS):07}"))


@pytest.fixture
def robbed(chat):
    assert "Bình tĩnh" in chat.do(safety.scam_emergency, text="tôi vừa chuyển tiền cho nó rồi")
    return chat


class TestAfterTheSteps:
    @pytest.mark.parametrize("text, says", [
        ("tao đọc otp cho nó rồi", "khóa tài khoản"), ("nó bảo chuyển thêm 5 triệu nữa mới trả lại", "không chuyển thêm"),
        ("gio kien no the nao", "Kiến nghị, phản ánh về ANTT"), ("có lấy lại được tiền không", "lừa lần hai"), ("30 triệu mất rồi huhu", "Đã lỡ rồi")])
    def test_only_what_fits_is_said(self, robbed, text, says):
        said = robbed.do(safety.scam_emergency, text=text)
        assert says in said and "Bình tĩnh" not in said and len(said) < 520
        assert {"Báo vụ này", "Xem đủ các bước"} <= set(robbed.titles)

    def test_all_of_them_on_demand_and_once_the_talk_has_gone_on(self, app, robbed):
        robbed.do(safety.scam_emergency, text="lộ otp rồi")
        assert "Bình tĩnh" in robbed.tap(safety.scam_emergency, "Xem đủ các bước")
        robbed.talk.awaiting = sos.mark(0, app.clock())
        assert "Bình tĩnh" in robbed.do(safety.scam_emergency, text="tôi lại bị lừa mất tiền rồi")
        robbed.talk.awaiting = sos.mark(sos.TURNS, app.clock() - sos.LASTS - timedelta(minutes=1))
        assert "Bình tĩnh" in robbed.do(safety.scam_emergency, text="tôi lại bị lừa mất tiền rồi")

    @pytest.mark.parametrize("act", [places.office_contact, procedures.answer_procedure, talk.out_of_scope, talk.fallback])
    @pytest.mark.parametrize("text", ["giờ báo công an ở đâu", "gio goi cong an so may"])
    def test_the_police_is_asked_for(self, robbed, act, text):
        said = robbed.do(act, text=text)
        assert "công an xã, phường" in said and "Kiến nghị, phản ánh về ANTT" in said and "Báo vụ này" in robbed.titles
        assert "Trung tâm Phục vụ hành chính công" not in said

    def test_who_has_not_paid_yet_is_stopped_first(self, robbed):
        said = robbed.do(places.office_contact, text="chưa chuyển, báo công an ở đâu")
        assert said.index("Dừng lại") < said.index("Kiến nghị, phản ánh về ANTT")

    def test_papers_and_other_offices_are_answered_as_ever(self, robbed):
        assert "ANTT" not in robbed.do(procedures.answer_procedure, text="làm căn cước ở công an nào")
        robbed.talk.awaiting = sos.mark(sos.TURNS, robbed.clock())
        assert "ANTT" not in robbed.do(places.office_contact, text="ủy ban xã mấy giờ làm việc")

    @pytest.mark.parametrize("act", [procedures.answer_procedure, talk.out_of_scope, talk.fallback])
    @pytest.mark.parametrize("text, says", [("chuyển chưa đâu mới định chuyển", "gác máy"), ("nó còn biết cả tên với địa chỉ của tôi", "đã lộ từ trước"),
                                            ("bây giờ tôi run lắm", "gác máy")])
    def test_what_is_not_understood_belongs_to_it(self, session, robbed, act, text, says):
        before = session.query(Asked).count(), session.query(WaitingQuestion).count()
        said = robbed.do(act, text=text)
        assert says in said and "chưa có thủ tục" not in said and "ngoài phần" not in said
        assert (session.query(Asked).count(), session.query(WaitingQuestion).count()) == before

    def test_later_it_does_not(self, robbed):
        robbed.talk.awaiting = sos.mark(sos.FRESH - 1, robbed.clock())
        assert "ngoài phần" in robbed.do(talk.out_of_scope, text="trận bóng tối qua ai thắng")

    def test_without_it_nothing_has_changed(self, chat):
        assert "ANTT" not in chat.do(places.office_contact, text="gọi công an số mấy")
        assert "ngoài phần" in chat.do(talk.out_of_scope, text="trận bóng tối qua ai thắng")

    def test_a_mark_says_nothing_but_turns(self, app):
        assert sos.mark(0, app.clock()) is None and sos.left("sos:x", app.clock()) == sos.left("learner", app.clock()) == 0
        assert sos.left(sos.mark(3, app.clock()), app.clock()) == 3
        assert sos.left(sos.mark(3, app.clock()), app.clock() + sos.LASTS + timedelta(seconds=1)) == 0


def doubted(app, session, text, robbed=0.6):
    turn = Turn(app, session, talk_of(session, "sender-doubt-0123456"), text, "scam_emergency", "", {}, app.clock(), None, robbed=robbed)
    found = safety.scam_emergency(turn)
    return [found] if isinstance(found, Reply) else found


class TestLostPapers:
    @pytest.mark.parametrize("text, paper", [
        ("can cuoc mat roi gio lam lai", "căn cước"), ("căn cước mất rồi giờ làm lại", "căn cước"), ("vneid bao tai khoan bi khoa", "định danh"),
        ("lấy lại cái VNeID bị mất mật khẩu", "định danh"), ("mất bằng lái rồi", "giấy phép lái xe"), ("mất sổ đỏ phải làm sao", "chứng nhận")])
    def test_the_paper_and_one_line(self, app, session, text, paper):
        first, last = doubted(app, session, text)
        assert paper in first.text and "Bình tĩnh" not in first.text
        assert last.buttons == (("Tôi bị lừa, cần giúp ngay", "/scam_emergency"),)

    @pytest.mark.parametrize("text", ["căn cước mất rồi, nó lấy đi vay tiền", "vneid bị khóa sau khi tôi bấm link", "mất mật khẩu vneid vì có người gọi",
                                      "đưa căn cước cho người lạ rồi", "mất tiền làm căn cước"])
    def test_the_least_sign_of_a_theft_keeps_the_steps(self, app, session, text):
        assert "Bình tĩnh" in doubted(app, session, text)[0].text

    def test_a_sure_classifier_keeps_them_too(self, app, session):
        assert "Bình tĩnh" in doubted(app, session, "can cuoc mat roi gio lam lai", robbed=safety.DOUBTFUL)[0].text

    @pytest.mark.parametrize("text", ["mất rồi phải làm sao", "trời ơi mất sạch rồi", "giờ sao đây"])
    def test_without_a_paper_they_stay(self, app, session, text):
        assert "Bình tĩnh" in doubted(app, session, text)[0].text


@pytest.mark.parametrize("spelled", [str, fold], ids=["accented", "folded"])
def test_no_emergency_is_lost_to_a_paper_however_doubtful_the_classifier(app, session, spelled):
    known = [e for i, e in examples() if i == "scam_emergency"] + lines(EMERGENCIES) + lines(KNOWN_GAPS)
    assert len(known) > 400
    turns = [Turn(app, session, talk_of(session, "sender-all-01234567"), spelled(t), "scam_emergency", "", {}, app.clock(), None, robbed=0.0) for t in known]
    assert [turn.text for turn in turns if safety.rather_a_paper(turn) is not None] == []


@pytest.mark.parametrize("text, calm", [("căn cước mất rồi", True), ("vneid báo tài khoản bị khóa", True), ("tiền mất rồi", False), ("lộ otp rồi", False),
                                        ("nó lấy mất căn cước", False), ("zalo bị khóa", False)])
def test_calm_words(text, calm):
    assert is_calm(text) is calm and not (calm and is_emergency(text))


def test_where_to_report_is_only_for_whoever_was_robbed(app, session):
    turn = Turn(app, session, talk_of(session), "báo công an ở đâu", "ask_place", "", {}, app.clock(), None)
    assert _sos.where_to_report(turn) is None and _sos.beside(turn) is None


def test_turns_count_down_and_the_question_for_consent_waits_so_long(database, monkeypatch):
    chat = WholeTurns(database, FrozenClock(), monkeypatch)
    chat.say("action_scam_emergency", "tôi vừa bị lừa chuyển tiền rồi")
    assert chat.awaiting().startswith("sos:5:")
    asked = []
    for left in (4, 3, 2, 1):
        asked.append(any("Bạn có đồng ý không" in reply["text"] for reply in chat.say("action_help_menu", "xem menu")))
        assert chat.awaiting().startswith(f"sos:{left}:")
    assert asked == [False, False, True, False]
    chat.say("action_help_menu", "xem menu")
    assert chat.awaiting() is None
    assert "Bình tĩnh" in chat.say("action_scam_emergency", "tôi vừa bị lừa chuyển tiền rồi")[0]["text"]


def test_what_is_said_of_it_keeps_the_talk_with_it(database, monkeypatch):
    chat = WholeTurns(database, FrozenClock(), monkeypatch)
    chat.say("action_scam_emergency", "tôi vừa bị lừa chuyển tiền rồi")
    chat.say("action_help_menu", "xem menu")
    (reply,) = chat.say("action_scam_emergency", "nó đòi chuyển thêm")
    assert "Dừng lại" in reply["text"] and chat.awaiting().startswith("sos:5:")
    assert "Bình tĩnh" in chat.tap(next(b for b in reply["buttons"] if b["title"] == "Xem đủ các bước"))[0]["text"]
