"""The Zalo bot against the stand-in: a citizen who has no buttons asks, takes whole lessons and is reminded, by typing alone."""

import re
import time

import pytest

from bot.learning.document import load
from scripts.walk_course import Walk
from tests.factories import ROOT
from tests.integration.test_conversation import served_due
from tests.served import Served, wait_for
from tests.standins.zalo_bot import ZaloBotStandIn, update, wrapped

pytestmark = pytest.mark.served
TOKEN, SECRET = "4711:secret-token", "a-webhook-secret"
NUMBERED = re.compile(r"^(\d+)\. (.+)$", re.MULTILINE)
LETTERED = re.compile(r"^(?:([A-F])\. |\[([A-F])\] )", re.MULTILINE)
WORDS = re.compile(r"^Gõ (“.+”)\.$", re.MULTILINE)


class Citizen:
    """Types into a private chat and reads."""

    def __init__(self, zalo: ZaloBotStandIn, bot: Served, chat: str, by_webhook: bool = True):
        self.zalo, self.bot, self.chat, self.by_webhook = zalo, bot, chat, by_webhook
        self.count = 0
        zalo.meet(chat)

    def heard(self) -> list[str]:
        return [s.text for s in self.zalo.sent if s.chat == self.chat]

    def post(self, words: str) -> str:
        """Sends it, by the two forms of a webhook in turns; returns the message id."""
        if not self.by_webhook:
            return self.zalo.user_says(self.chat, words)
        self.count += 1
        ident = f"{self.chat}-{self.count}"
        one = update("message.text.received", self.chat, ident, text=words, date=int(time.time() * 1000))
        answer = self.zalo.deliver(f"{self.bot.url}/channels/zalo-bot", wrapped(one) if self.count % 2 else one, SECRET)
        assert answer.status_code == 200
        return ident

    def say(self, words: str) -> list[str]:
        """The replies, once all of them have been sent."""
        before = len(self.heard())
        ident = self.post(words)
        wait_for(lambda: self.answered(ident), lambda: f"{words!r} -> {self.heard()[before:]}\n{self.bot.logs()}")
        return self.heard()[before:]

    def answered(self, ident: str) -> bool:
        rows = self.bot.query("SELECT id FROM inbox WHERE channel = 'zalo_bot' AND platform_id = :i AND state = 'done'", i=ident)
        return bool(rows) and self.bot.query("SELECT count(*) FROM outbox WHERE cause LIKE :c AND state <> 'sent'", c=f"inbox:{rows[0][0]}:%")[0][0] == 0

    def choose(self, title: str) -> list[str]:
        """Types the number in front of the newest choice that begins so."""
        for text in reversed(self.heard()):
            for number, shown in NUMBERED.findall(text):
                if shown.startswith(title):
                    return self.say(number)
        raise AssertionError(f"no choice {title!r} in {self.heard()[-3:]}")

    def walk(self, body: dict) -> list[dict]:
        """What scripts/walk_course.py needs: what can be typed, in the place of buttons. One letter alone is handed in by "xong"."""
        replies = self.say(body.get("text") or body["payload"])
        if "text" in body and replies[-1].startswith("Đã chọn:"):
            replies = self.say("xong")
        return [{"text": text, "alt": None, "buttons": choices(text)} for text in replies]


def choices(text: str) -> list[dict]:
    """What the message says that may be typed: letters, numbers under "Gõ số để chọn:", words in quotation marks."""
    letters = "ABCDEF" if "Đã chọn:" in text else [a or b for a, b in LETTERED.findall(text)]  # then they are in the question above
    found = [{"title": letter, "payload": letter.lower()} for letter in letters]
    _, _, listed = text.partition("Gõ số để chọn:")
    found += [{"title": title, "payload": number} for number, title in NUMBERED.findall(listed)]
    for line in WORDS.findall(text):
        found += [{"title": word, "payload": word.lower()} for word in re.findall("“(.+?)”", line)]
    return found


@pytest.fixture(scope="module")
def zalo():
    with ZaloBotStandIn(TOKEN) as api:
        yield api


@pytest.fixture(scope="module")
def bot(zalo, tmp_path_factory):
    found = Served(tmp_path_factory.mktemp("zalo_bot"), ZALO_BOT_TOKEN=TOKEN, ZALO_BOT_API_URL=zalo.url, ZALO_BOT_WEBHOOK_SECRET=SECRET).start()
    yield found
    found.stop()


def test_consent_a_question_and_a_reminder_by_numbers(zalo, bot):
    an = Citizen(zalo, bot, "an")
    assert "không lưu họ tên" in "\n".join(an.say("chào"))
    assert "Tôi sẽ lưu" in an.choose("Đồng ý cả hai")[0]
    assert "hộ chiếu" in an.say("làm hộ chiếu mất bao lâu")[0]
    assert "Đã đặt" in "\n".join(an.say("nhắc tôi sau 2 phút cho gà ăn"))
    served_due(bot, None)
    wait_for(lambda: sum("Đến giờ bạn dặn: cho gà ăn" in t for t in an.heard()) == 1, bot.logs)
    time.sleep(3)
    assert sum("Đến giờ bạn dặn: cho gà ăn" in t for t in an.heard()) == 1


def test_lessons_are_taken_with_numbers_and_letters_alone(zalo, bot):
    course = load(ROOT / "courses" / "nha-nong-so.yml")
    binh = Citizen(zalo, bot, "binh")
    walk = Walk(course, binh.walk)
    walk.run(lessons=2)
    told = "\n".join(binh.heard())
    asked = {item.id for lesson in course.lessons[:2] for item in (s.question for s in lesson.steps if getattr(s, "question", None))}
    types = {i.type for i in course.items if i.id in asked}
    assert types >= {"single", "multiple", "picture", "ordering", "fill"}
    assert asked <= set(walk.tried), "every question had a wrong answer typed as well"
    for item in (i for i in course.items if i.id in asked):
        for picks, words in walk.tried[item.id]:
            assert item.grade(picks, words).feedback in told, (item.id, picks)
    assert told.count("🎉 Xong bài") == 2
    assert "🖼" in told, "pictures are described where there is no public address"
    assert max(len(t) for t in binh.heard()) <= 2000


def test_a_repeated_and_a_forged_delivery(zalo, bot):
    chi = Citizen(zalo, bot, "chi")
    chi.say("chào")
    count, before = chi.count, len(chi.heard())
    for _ in range(3):
        chi.count = count
        chi.post("làm hộ chiếu mất bao lâu")
    one = update("message.text.received", "chi", "forged", text="xóa dữ liệu của tôi")
    assert zalo.deliver(f"{bot.url}/channels/zalo-bot", one, "another-secret").status_code == 403
    wait_for(lambda: any("8 ngày làm việc" in t for t in chi.heard()[before:]), bot.logs)
    time.sleep(3)
    assert sum("8 ngày làm việc" in t for t in chi.heard()) == 1
    assert bot.query("SELECT count(*) FROM inbox WHERE platform_id = 'forged'")[0][0] == 0


def test_the_token_the_secret_and_the_words_are_in_no_log(bot):
    logs = "".join(p.read_text() for p in (bot.folder / "log").glob("*.log"))
    assert [word for word in ("secret-token", SECRET, "cho gà ăn") if word in logs] == []


def test_a_worker_killed_while_polling_answers_what_comes_after(tmp_path):
    with ZaloBotStandIn(TOKEN) as api:
        found = Served(tmp_path, ZALO_BOT_TOKEN=TOKEN, ZALO_BOT_API_URL=api.url).start()
        try:
            dung = Citizen(api, found, "dung", by_webhook=False)
            assert "không lưu họ tên" in "\n".join(dung.say("chào"))
            dead = found.pid("worker")
            found.kill("worker")
            # what the platform hands to the dead connection is gone for good, for it knows no acknowledgement
            wait_for(lambda: found.pid("worker") != dead, found.logs)
            found.wait_healthy()
            assert "8 ngày làm việc" in "\n".join(dung.say("làm hộ chiếu mất bao lâu"))
            assert sum("8 ngày làm việc" in t for t in dung.heard()) == 1
        finally:
            found.stop()
