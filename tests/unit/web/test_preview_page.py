"""The preview page: what the chat says, as each channel shows it; nothing is written; half-written lessons; one's own phone."""

import html
import re
from random import Random

import pytest
from sqlalchemy import func, select

from actions import learning
from actions._turn import Turn
from bot.learning import document, preview
from bot.messages import Incoming, Reply, payload
from bot.services import authoring, inbox, learn, people
from bot.services.staff import Who
from bot.store.db import Base
from bot.store.tables import CourseVersion, Draft, Outbound, Staff
from bot.web.staff.channel_view import CHANNELS
from bot.web.staff.rehearsal import MOST_MOVES, Move, carried, moves_of, rehearse
from tests.factories import ROOT, TUESDAY_TEN, talk_of
from tests.small_course import RIGHT, publish, single, small
from tests.unit.web.staff_pages import app_on, signed_in

PAGE = "/studio/khoa-hoc/khoa-nho/xem-thu"
LONG_TEXT = "chữ " * 70


@pytest.fixture
def app(database, tmp_path):
    made = app_on(database, tmp_path)
    with database.write() as session:
        publish(session, tmp_path / "courses")
    return made


def draft_of(app, **changes) -> None:
    """An open draft of the small course with these fields changed."""
    with app.database.write() as session:
        one = session.scalars(select(Staff)).first()
        who = Who(one.id, one.login, one.name, one.role, (), "", "", False)
        found = authoring.begin(session, who, "khoa-nho", app.clock())
        authoring.save(session, who, found.id, found.revision, {**found.document, **changes}, app.clock())


def lessons_with(*steps: dict, **more) -> list[dict]:
    first, second = small()["lessons"]
    return [{**first, "steps": list(steps), **more}, second]


def texts(page) -> list[str]:
    return [html.unescape(t) for t in re.findall(r'<div class="text">(.*?)</div>', page.text, re.S)]


def buttons(page) -> list[str]:
    return [html.unescape(t) for t in re.findall(r'<button class="choice"[^>]*>(.*?)</button>', page.text)]


def moves(page) -> str:
    return html.unescape(re.search(r'name="moves" value="([^"]*)"', page.text).group(1))


class Player:
    """Somebody who plays on the page, as a browser without scripts does."""

    def __init__(self, browser, channel="telegram", lesson="l1", address=PAGE):
        self.browser, self.channel, self.lesson, self.address = browser, channel, lesson, address
        self.page = browser.get(address, bai=lesson, kenh=channel)

    def do(self, **move):
        self.page = self.browser.post(self.address, {"bai": self.lesson, "kenh": self.channel, "moves": moves(self.page), **move})
        assert self.page.status_code == 200
        return self.page

    def press(self, title: str):
        return self.do(button=str(buttons(self.page).index(title)))

    def type(self, words: str):
        return self.do(text=words)


class Chat:
    """The chat's own side: actions as Rasa would call them, on a database."""

    def __init__(self, app, session, seed: int):
        self.app, self.session = app, session
        self.talk = talk_of(session, consent=("learning",))
        self.slots: dict = {}
        self.seed = seed

    def begin(self, slug: str) -> list[Reply]:
        enrolment, _, _ = learn.enrol(self.session, self.talk.learner_id, slug, TUESDAY_TEN)
        enrolment.progress = {**enrolment.progress, "seed": self.seed}
        self.session.flush()
        return self.act(learning.start_course, value=slug)[1:]  # the first one greets, it is none of the lesson's

    def act(self, what, text="", value="") -> list[Reply]:
        turn = Turn(self.app, self.session, self.talk, text, "", value, self.slots, TUESDAY_TEN, "address", "")
        found = what(turn)
        self.session.flush()
        return [found] if isinstance(found, Reply) else list(found)

    def press(self, given: str) -> list[Reply]:
        intent, _, rest = given[1:].partition("{")
        value = rest.partition('"value": "')[2].removesuffix('"}')
        return self.act({"next_step": learning.next_step, "lesson_answer": learning.lesson_answer, "course_test": learning.course_test}[intent], value=value)


PLAYED = ("/next_step", payload("course_test", "begin"), payload("course_test", "skip"))


def of_lesson(reply: Reply) -> list[str]:
    """Titles of its buttons; to rate a lesson is offered for those that are live, and a draft is not."""
    return [title for title, given in reply.buttons if not given.startswith("/rate_service")]


def plays(given: str) -> bool:
    return given in PLAYED or given.startswith("/lesson_answer")


class TestParity:
    """The page says what the chat says, message for message, to the end of the course, whatever is pressed or typed."""

    @pytest.mark.parametrize("seed", range(6))
    @pytest.mark.parametrize("slug", ["khoa-nho", "that-hay-gia"])
    def test_the_same_moves_lead_to_the_same_messages(self, database, tmp_path, slug, seed):
        app, random = app_on(database, tmp_path), Random(f"{slug}{seed}")
        source = small() if slug == "khoa-nho" else document.load(ROOT / "courses" / f"{slug}.yml").model_dump(mode="json")
        playable = preview.playable(source)
        with database.write() as session:
            session.add(CourseVersion(slug=slug, sha256="x", document=source, published_at=TUESDAY_TEN, live=True))
            session.flush()
            chat, done = Chat(app, session, seed), []
            said = chat.begin(slug)
            for _ in range(120 if slug == "khoa-nho" else 60):
                played = rehearse(playable, 0, done, "web", app.settings.public_url, lambda image: True, seed)
                shown = [(v.text, v.picture, [t for row in v.rows for t, _ in row]) for m in played.steps[-1].messages for v in m.views]
                assert shown == [(r.text, r.image.removeprefix("http://testserver") if r.image else "", of_lesson(r)) for r in said]
                live = [(at, b["payload"]) for at, b in enumerate(played.offered) if plays(b["payload"])]
                if played.progress.phase == "done":
                    break
                if live and random.random() < 0.8:
                    at, given = random.choice(live)
                    done, said = [*done, Move(button=at)], chat.press(given)
                elif preview.engine.expectation(playable.course, played.progress)["kind"] == "card":
                    done, said = [*done, Move(text="tiếp tục đi")], chat.act(learning.next_step)
                else:
                    words = random.choice(["OTP", "không biết", "trời hôm nay đẹp", RIGHT, "ừ thì là mã số ấy"])
                    done, said = [*done, Move(text=words)], chat.act(learning.lesson_answer, words)
            assert len(done) > 10


class TestChannels:
    def test_every_channel_is_there_and_says_its_rule(self, app):
        browser = signed_in(app, "author")
        for key, channel in CHANNELS.items():
            page = browser.get(PAGE, bai="l1", kenh=key)
            assert page.status_code == 200 and html.escape(channel.rule) in page.text
            assert [c for c in CHANNELS if f'kenh={c}" aria-current="page"' in page.text] == [key]

    def test_buttons_are_pressed_on_telegram_to_the_end_of_the_lesson(self, app):
        player = Player(signed_in(app, "author"))
        assert texts(player.page) == ["Bài 1/2: Bài số 1\nBiết việc cần làm.\nKhoảng 3 phút. Dừng lúc nào cũng được."]
        player.press("Bắt đầu bài")
        assert "Thẻ 12 chữ, nhiều nhất 60." in player.page.text
        player.press("Tiếp")
        assert buttons(player.page) == ["A", "B", "C"]
        letter = next(line[0] for line in texts(player.page)[-1].splitlines() if line.endswith(RIGHT))
        player.press(letter)
        assert texts(player.page)[-2] == "✅ Đúng, số mình biết thì chắc chắn." and buttons(player.page) == []
        player.type("otp")
        assert "🎉 Xong bài 1: đúng 2/2 câu." in texts(player.page)[-2] and texts(player.page)[-1].startswith("Bài 2/2")

    def test_numbers_are_typed_on_zalo_bot_and_in_the_terminal(self, app):
        for channel, listed in (("zalo_bot", "1. Tiếp"), ("chu", "[1] Tiếp")):
            player = Player(signed_in(app, "author"), channel)
            assert buttons(player.page) == []
            player.type("1")
            assert listed in texts(player.page)[-1]
            player.type("1")
            assert "❓" in texts(player.page)[-1]

    def test_the_last_lesson_begins_where_the_ones_before_went_well(self, app):
        player = Player(signed_in(app, "author"), lesson="l2")
        assert texts(player.page)[0].startswith("Bài 2/2") and "Thử sức trước (1 câu)" not in buttons(player.page)

    def test_what_leads_out_of_the_lesson_is_said_to(self, app):
        player = Player(signed_in(app, "author"))
        page = player.press("Dừng ở đây")
        assert "dẫn ra ngoài bài học" in page.text
        assert "như một câu hỏi thường" in player.type("làm khai sinh cần gì").text
        assert len(texts(page)) == 1

    def test_what_is_typed_stays_words(self, app):
        player = Player(signed_in(app, "author"))
        page = player.type("<script>alert(1)</script>")
        assert "<script>alert" not in page.text and "&lt;script&gt;alert" in page.text

    def test_a_card_that_is_cut_or_too_long_is_told_beside_it(self, app):
        browser = signed_in(app, "author")
        draft_of(app, lessons=lessons_with({"card": {"id": "c", "text": LONG_TEXT * 12}}, {"question": single("q")}))
        player = Player(browser, "zalo_oa")
        page = player.press("Bắt đầu bài")
        assert "Zalo OA tách chữ của tin này thành 2 tin vì dài quá 2.000 ký tự." in page.text
        assert "⚠ Thẻ 840 chữ, nhiều nhất 60." in page.text


class TestNothingIsWritten:
    def rows(self, app) -> dict[str, int]:
        with app.database.read() as session:
            return {name: session.scalar(select(func.count()).select_from(table)) for name, table in Base.metadata.tables.items()}

    def test_looking_and_playing_to_the_end_leave_every_table_as_it_was(self, app):
        browser = signed_in(app, "author")
        draft_of(app, title="Khoá đang soạn")
        before = self.rows(app)
        assert before["drafts"] == 1 and len(before) > 30
        for channel in CHANNELS:
            player = Player(browser, channel)
            player.type("1" if channel == "chu" else "tiếp")
            for _ in range(14):
                player.type("không biết")
                player.type("tiếp")
        assert self.rows(app) == before
        assert "Khoá đang soạn" in player.page.text

    def test_the_page_keeps_only_the_moves_and_junk_begins_anew(self, app):
        browser = signed_in(app, "author")
        for junk in ("", "{", "null", "[1]", '[{"button": -1}]', '[{"button": 10000000}]', '[{"lesson": 9}]', '[{"text": 5}]', '[{"button": 4, "text": "x"}]',
                     f'[{{"text": "{"a" * 501}"}}]', "[" * 5000, carried([Move(text="tiếp")] * (MOST_MOVES + 1))):
            page = browser.post(PAGE, {"bai": "l1", "kenh": "telegram", "moves": junk, "text": ""})
            assert page.status_code == 200 and moves(page) == "[]" and len(texts(page)) == 1, junk[:40]
        for given in ({"button": "99999999999"}, {"button": "²"}, {"button": "x"}, {"text": "a" * 5000}, {"text": "\x00\ud7ff"}):
            assert browser.post(PAGE, {"bai": "l1", "kenh": "telegram", "moves": "[]", **given}).status_code == 200

    def test_moves_come_back_as_they_were(self):
        assert moves_of(carried([Move(button=2), Move(text="có “dấu”")])) == [Move(button=2), Move(text="có “dấu”")]
        assert moves_of(carried([])) == []

    def test_a_lesson_that_changed_meanwhile_begins_anew_and_says_so(self, app):
        browser = signed_in(app, "author")
        player = Player(browser)
        player.press("Bắt đầu bài")
        player.press("Tiếp")
        player.press("C")
        draft_of(app, lessons=lessons_with({"question": {"type": "fill", "id": "f", "prompt": "Mã ___?", "accept": ["OTP"], "feedback_right": "Đúng rồi đó.",
                                                         "feedback_wrong": "Là mã OTP đó."}}, {"question": single("q")}))
        page = player.do(text="otp")
        assert "xem thử lại từ đầu" in page.text and moves(page) == "[]"


class TestHalfWritten:
    def test_what_is_written_is_played_and_what_lacks_is_named_with_its_remedy(self, app):
        browser = signed_in(app, "author")
        draft_of(app, lessons=lessons_with({"card": {"id": "a", "text": "Thẻ này đã viết xong."}},
                                           {"question": {"type": "single", "id": "q", "prompt": "Gì?"}}, {}))
        page = browser.get(PAGE, bai="l1", kenh="web")
        assert page.status_code == 200
        assert re.findall(r"<li>(Bài 1[^<]*)<ul><li>", page.text) == ["Bài 1, bước 2: câu hỏi chưa đủ để hiện.", "Bài 1, bước 3: chưa là thẻ hay câu hỏi."]
        assert "1 thẻ, 0 câu hỏi" in page.text

    def test_of_other_lessons_nothing_is_said(self, app):
        browser = signed_in(app, "author")
        draft_of(app, lessons=lessons_with({}))
        assert "Chưa xem được" in browser.get(PAGE, bai="l1").text
        assert "Chưa xem được" not in browser.get(PAGE, bai="l2").text

    def test_a_course_that_has_just_been_made(self, app):
        browser = signed_in(app, "author")
        with app.database.write() as session:
            one = session.scalars(select(Staff)).first()
            authoring.create(session, Who(one.id, one.login, one.name, one.role, (), "", "", False), "Khoá mới tinh", "citizens", app.clock())
        page = browser.get("/studio/khoa-hoc/khoa-moi-tinh/xem-thu", bai="l1")
        assert page.status_code == 200 and "Bài 1 chưa có thẻ hay câu hỏi nào xem được." in page.text and "0 thẻ, 0 câu hỏi" in page.text

    @pytest.mark.parametrize("document", [{}, {"lessons": None}, {"lessons": [None]}, {"lessons": [{"id": 5, "steps": "x"}]}])
    def test_however_odd_the_draft_the_page_is_there(self, app, document):
        browser = signed_in(app, "author")
        draft_of(app)
        with app.database.write() as session:
            session.scalars(select(Draft)).one().document = document
        for channel in CHANNELS:
            assert browser.get(PAGE, kenh=channel).status_code == 200
            assert browser.post(PAGE, {"kenh": channel, "moves": "[]", "text": "tiếp"}).status_code == 200

    @pytest.mark.parametrize("address", ["/studio/khoa-hoc/khong-co/xem-thu", f"{PAGE}?bai=l9", f"{PAGE}?kenh=thu", f"{PAGE}?bai=l1&kenh="])
    def test_what_does_not_exist_is_not_found(self, app, address):
        assert signed_in(app, "author").get(address).status_code == 404


class TestOwnPhone:
    def link(self, app, browser, address="7", channel="telegram") -> str:
        page = browser.post("/tai-khoan/may-cua-toi/ma")
        code = re.search(r'<code class="copy">([^<]+)</code>', page.text).group(1)
        with app.database.write() as session:
            return inbox.store(session, app.settings.key(), Incoming(channel, f"{channel}{address}", address, code), app.clock()).conversation_id

    def queued(self, app) -> list[str]:
        with app.database.read() as session:
            return [row.body["text"] for row in session.scalars(select(Outbound).where(Outbound.kind == "trial").order_by(Outbound.id))]

    @pytest.mark.parametrize("role", ["viewer", "officer", "author"])
    def test_everybody_may_link_their_own_phone_and_take_it_away_again(self, app, role):
        browser = signed_in(app, role)
        assert "Chưa gắn máy nào" in browser.get("/tai-khoan/may-cua-toi").text
        self.link(app, browser)
        assert "Đang gắn: <strong>Telegram</strong>" in browser.get("/tai-khoan/may-cua-toi").text
        page = browser.post("/tai-khoan/may-cua-toi/bo")
        assert "Đã bỏ gắn" in page.text and "Chưa gắn máy nào" in page.text

    def test_a_lesson_is_sent_to_it_card_by_card(self, app):
        browser = signed_in(app, "author")
        self.link(app, browser)
        page = browser.get(PAGE, bai="l2", kenh="web")
        assert "Gửi thử tới Telegram của tôi" in page.text
        page = browser.post("/studio/khoa-hoc/khoa-nho/gui-thu", {"bai": "l2", "kenh": "web"})
        assert page.url.path == PAGE and dict(page.url.params) == {"bai": "l2", "kenh": "web"}
        assert "Đã gửi 5 tin tới Telegram của bạn." in page.text
        sent = self.queued(app)
        assert "Bản xem thử “Bài số 2”, không ghi điểm" in sent[0]
        assert sent[1].startswith("Bài 2 · 1/3\n") and [t.splitlines()[0][:1] for t in sent[2:]] == ["❓", "❓", "C"]
        again = browser.post("/studio/khoa-hoc/khoa-nho/gui-thu", {"bai": "l2"})
        assert again.url.path == PAGE and "Mỗi phút" in again.text and len(self.queued(app)) == 5

    def test_of_a_draft_goes_what_is_written(self, app):
        browser = signed_in(app, "author")
        self.link(app, browser)
        draft_of(app, lessons=lessons_with({"card": {"id": "a", "text": "Thẻ này đã viết xong."}}, {}, easier=None))
        browser.post("/studio/khoa-hoc/khoa-nho/gui-thu", {"bai": "l1"})
        assert self.queued(app)[1:] == ["Bài 1 · 1/1\nThẻ này đã viết xong."]

    def test_without_a_phone_the_page_leads_to_linking_one(self, app):
        browser = signed_in(app, "author")
        assert 'href="/tai-khoan/may-cua-toi" target="_top"' in browser.get(PAGE).text
        page = browser.post("/studio/khoa-hoc/khoa-nho/gui-thu", {"bai": "l1"})
        assert page.url.path == PAGE and "Chưa gắn máy nào" in page.text

    def test_one_cannot_send_to_anothers_phone(self, app):
        self.link(app, signed_in(app, "author"))
        assert "Chưa gắn máy nào" in signed_in(app, "author").post("/studio/khoa-hoc/khoa-nho/gui-thu", {"bai": "l1"}).text
        assert self.queued(app) == []

    def test_an_unknown_lesson_or_course_is_not_found(self, app):
        browser = signed_in(app, "author")
        for address, lesson in (("khong-co", "l1"), ("khoa-nho", "l9")):
            assert browser.post(f"/studio/khoa-hoc/{address}/gui-thu", {"bai": lesson}).status_code == 404

    def test_blocking_the_bot_takes_the_button_away(self, app):
        browser = signed_in(app, "author")
        ident = self.link(app, browser)
        with app.database.write() as session:
            people.close(session, session.get_one(people.Conversation, ident), app.clock.forward(minutes=1), app.clock())
        assert "Gắn máy của tôi" in browser.get(PAGE).text
