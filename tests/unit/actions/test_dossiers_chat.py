"""A submitted file in the chat: asked for, followed, told of when it changes; the province's gateway is a stand-in."""

import pytest
from sqlalchemy import select

from actions import account, dossiers
from bot import errands
from bot.app import App
from bot.config import Settings
from bot.services import dossiers as files
from bot.services import people
from bot.store.tables import FollowedDossier, Outbound
from bot.systems.dossiers import Dossier
from tests.databases import sqlite_at
from tests.factories import FrozenClock, talk_of
from tests.patience import HTTP_SECONDS
from tests.standins.lgsp import KEY, SECRET, LgspStandIn
from tests.unit.actions.test_learning_view import Chat

CODE = "H40-251120-0007"


@pytest.fixture
def other():
    with LgspStandIn() as found:
        found.dossiers[CODE] = {"code": CODE, "state": "4", "procedure": "Đăng ký khai sinh", "office": "UBND phường Hoa Lư", "due_on": "2026-11-20"}
        yield found


@pytest.fixture
def app(tmp_path, other):
    database = sqlite_at(tmp_path / "bot.db")
    yield App(Settings(_env_file=None, database_url=database.url, lgsp_url=other.url, lgsp_key=KEY, lgsp_secret=SECRET, lgsp_timeout_seconds=HTTP_SECONDS),
              database, FrozenClock())
    database.close()


def chatting(app, session, consent=("reminders",)) -> Chat:
    return Chat(app, session, talk_of(session, consent=consent))


def rows(app) -> list[FollowedDossier]:
    with app.database.read() as session:
        return list(session.scalars(select(FollowedDossier).order_by(FollowedDossier.id)))


def sent(app) -> list[str]:
    with app.database.read() as session:
        return list(session.scalars(select(Outbound.body["text"].as_string()).order_by(Outbound.id)))


def follow(app, consent=("reminders",)) -> None:
    with app.database.write() as session:
        chat = chatting(app, session, consent)
        chat.do(dossiers.check_dossier, text=f"hồ sơ {CODE} tới đâu rồi")
        chat.do(dossiers.follow_dossier, value=CODE)


class TestAsked:
    def test_state_date_office_and_whose_word_it_is(self, app):
        with app.database.write() as session:
            chat = chatting(app, session)
            said = chat.do(dossiers.check_dossier, text="xem giup ho so h40-251120-0007 xong chua")
        for words in (CODE, "Đang giải quyết", "Đăng ký khai sinh", "20/11/2026 (đã qua)", "UBND phường Hoa Lư", "Nguồn: hệ thống một cửa", "24/11/2026"):
            assert words in said

    def test_without_a_code_it_asks_for_one_and_remembers_the_last(self, app):
        with app.database.write() as session:
            chat = chatting(app, session)
            said = chat.do(dossiers.check_dossier, text="hồ sơ của tôi tới đâu rồi")
            assert "Bạn gửi mã hồ sơ" in said
            said = chat.do(dossiers.check_dossier, text=CODE)
            said = chat.do(dossiers.check_dossier, text="thế hồ sơ ấy bao giờ xong")
            assert CODE in said

    @pytest.mark.parametrize("upcoming", [[500] * 3, ["malformed"], [403]], ids=str)
    def test_a_system_that_fails_is_said_honestly(self, app, other, upcoming):
        other.upcoming.extend(upcoming)
        with app.database.write() as session:
            chat = chatting(app, session)
            said = chat.do(dossiers.check_dossier, text=CODE)
            assert "không trả lời" in said

    def test_an_unknown_code(self, app):
        with app.database.write() as session:
            chat = chatting(app, session)
            said = chat.do(dossiers.check_dossier, text="H40-251120-9999")
            assert "không có hồ sơ mang mã H40-251120-9999" in said

    def test_without_a_gateway_the_citizen_is_sent_to_the_portal(self, tmp_path):
        database = sqlite_at(tmp_path / "b.db")
        with database.write() as session:
            chat = chatting(App(Settings(_env_file=None, database_url=database.url), database, FrozenClock()), session)
            said = chat.do(dossiers.check_dossier, text=CODE)
            assert "dichvucong.gov.vn" in said
        database.close()

    @pytest.mark.parametrize("raw, said", [("5", "Cần bổ sung"), ("3", "Không được tiếp nhận"), ("6", "Đừng chuyển tiền theo đường link"), ("77", "chưa biết")])
    def test_each_state_says_what_to_do_next(self, app, other, raw, said):
        other.dossiers[CODE] |= {"state": raw, "reason": "Thiếu chữ ký", "missing": ["Bản chính giấy chứng sinh"]}
        with app.database.write() as session:
            chat = chatting(app, session)
            said = chat.do(dossiers.check_dossier, text=CODE)
            text = said
        assert said in text and "Lý do cơ quan ghi: Thiếu chữ ký" in text and "• Bản chính giấy chứng sinh" in text


class TestFollowed:
    def test_a_change_is_told_once(self, app, other):
        follow(app)
        assert [(r.code, r.state) for r in rows(app)] == [(CODE, "processing")]
        app.clock.forward(minutes=31)
        assert errands.ask_for_dossiers(app) == 0 and sent(app) == []
        other.dossiers[CODE]["state"] = "9"
        app.clock.forward(minutes=31)
        assert errands.ask_for_dossiers(app) == 1
        app.clock.forward(minutes=31)
        assert errands.ask_for_dossiers(app) == 0
        (text,) = sent(app)
        assert "vừa đổi trạng thái" in text and "Đã có kết quả" in text

    def test_a_state_that_comes_back_is_told_again(self, app, other):
        follow(app)
        for raw in ("5", "4", "5"):
            other.dossiers[CODE]["state"] = raw
            app.clock.forward(minutes=31)
            errands.ask_for_dossiers(app)
        assert len(sent(app)) == 3

    def test_one_that_the_system_no_longer_knows_is_told_and_ends(self, app, other):
        follow(app)
        del other.dossiers[CODE]
        for _ in range(2):
            app.clock.forward(minutes=31)
            errands.ask_for_dossiers(app)
        (text,) = sent(app)
        assert "không còn thấy hồ sơ" in text and CODE in text and rows(app)[0].ended_at is not None

    def test_a_card_never_contradicts_what_was_told(self, app, other):
        follow(app)
        other.dossiers[CODE]["state"] = "9"
        with app.database.write() as session:  # as a worker with a cache of its own writes
            files.told(session, 1, Dossier(CODE, "done"), "hệ thống", app.clock(), app.clock().date())
        with app.database.write() as session:
            chat = chatting(app, session)
            assert "Đã có kết quả" in chat.do(dossiers.check_dossier, text=CODE)

    def test_following_again_by_an_old_button_repeats_nothing(self, app, other):
        follow(app)
        other.dossiers[CODE]["state"] = "9"
        app.clock.forward(minutes=31)
        assert errands.ask_for_dossiers(app) == 1
        with app.database.write() as session:
            files.follow(session, talk_of(session), Dossier(CODE, "processing"), app.clock())  # out of a cache
        app.clock.forward(minutes=31)
        assert errands.ask_for_dossiers(app) == 0 and len(sent(app)) == 1

    def test_a_gateway_that_hangs_holds_up_nothing_else_and_nobody_is_passed_over(self, app, other, monkeypatch):
        with app.database.write() as session:
            for n in range(4):
                files.follow(session, talk_of(session, consent=("reminders",)), Dossier(f"H40-251120-{n:04d}", "processing"), app.clock())
        app.clock.forward(minutes=31)
        monkeypatch.setattr(errands, "ASK_SECONDS", 0.1)
        other.upcoming.append(503)  # and the wait before the second try is longer than that
        errands.ask_for_dossiers(app)
        asked = [r.next_check_at > app.clock() for r in rows(app)]
        assert asked.count(True) == 1 and other.asked["/dossiers"] == 2

    def test_it_ends_when_the_file_is_over_or_unknown(self, app, other):
        follow(app)
        other.dossiers[CODE]["state"] = "10"
        app.clock.forward(minutes=31)
        errands.ask_for_dossiers(app)
        assert rows(app)[0].ended_at is not None
        app.clock.forward(days=31)
        with app.database.write() as session:
            assert files.clean(session, app.clock()) == 1

    def test_nothing_is_asked_at_night(self, app, other):
        follow(app)
        other.dossiers[CODE]["state"] = "9"
        app.clock.at = app.clock.at.replace(hour=22)
        asked = other.asked["/dossiers"]
        assert errands.ask_for_dossiers(app) == 0 and other.asked["/dossiers"] == asked
        app.clock.forward(hours=9, minutes=5)
        assert errands.ask_for_dossiers(app) == 1

    def test_a_failing_system_is_asked_again_later_and_two_workers_ask_once(self, app, other):
        follow(app)
        app.clock.forward(minutes=31)
        other.upcoming.extend([503] * 3)
        asked = other.asked["/dossiers"]
        assert errands.ask_for_dossiers(app) == 0
        assert errands.ask_for_dossiers(app) == 0  # put off by the first
        assert other.asked["/dossiers"] == asked + 3
        other.dossiers[CODE]["state"] = "9"
        app.clock.forward(minutes=11)
        assert errands.ask_for_dossiers(app) == 1

    def test_without_consent_it_asks_and_then_follows(self, app):
        with app.database.write() as session:
            chat = chatting(app, session, ())
            done = chat.do(dossiers.follow_dossier, value=CODE)
            assert "Bạn đồng ý nhận tin nhắc chứ" in done
            assert session.scalars(select(FollowedDossier)).all() == []
            assert f"hồ sơ {CODE}" in chat.do(account.consent_give, value=f"reminders|dossier:{CODE}")
            assert session.scalars(select(FollowedDossier.code)).all() == [CODE]

    @pytest.mark.parametrize("text", ["ngừng theo dõi hồ sơ", "thoi khong can theo doi nua", f"dừng báo hồ sơ {CODE}", "bỏ theo dõi"])
    def test_it_stops_by_word(self, app, text):
        follow(app)
        with app.database.write() as session:
            chat = chatting(app, session)
            said = chat.do(dossiers.check_dossier, text=text)
            assert f"Đã ngừng theo dõi: {CODE}" in said
        assert rows(app)[0].ended_at is not None

    @pytest.mark.parametrize("how", ["withdraw", "erase"])
    def test_it_ends_with_consent_and_goes_with_the_person(self, app, other, how):
        follow(app)
        with app.database.write() as session:
            talk = talk_of(session)
            people.withdraw(session, talk, ["reminders"], app.clock()) if how == "withdraw" else people.erase(session, talk, app.clock())
        other.dossiers[CODE]["state"] = "9"
        app.clock.forward(minutes=31)
        assert errands.ask_for_dossiers(app) == 0 and sent(app) == []
        assert [r.ended_at is not None for r in rows(app)] == ([True] if how == "withdraw" else [])

    def test_ten_are_the_most(self, app, other):
        with app.database.write() as session:
            chat = chatting(app, session)
            for n in range(11):
                code = f"H40-251120-{n:04d}"
                other.dossiers[code] = {"code": code, "state": "4"}
                done = chat.do(dossiers.follow_dossier, value=code)
                said = done
        assert "mức nhiều nhất" in said and len(rows(app)) == 10
        with app.database.write() as session:
            talk = talk_of(session)
            files.unfollow(session, talk.citizen_id, "H40-251120-0003", app.clock())
            files.follow(session, talk, Dossier("H40-251120-0010", "processing"), app.clock())
            with pytest.raises(files.TooMany):
                files.follow(session, talk, Dossier("H40-251120-0003", "processing"), app.clock())
