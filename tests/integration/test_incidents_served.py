"""A trick asked about, reported and handed on signed, through the whole bot; what is taken of a trickster goes nowhere else."""

import hashlib
import hmac
import json

import pytest
import stix2

from bot.clock import now
from bot.config import Settings
from bot.services import webhooks
from bot.store.db import Database
from tests.served import Served, wait_for
from tests.standins.receiver import Receiver

pytestmark = pytest.mark.served
KEY = "k" * 32
ANSWERS = {"bằng cách nào": "nó nhắn zalo", "mất tiền": "mất 1 triệu rưỡi", "hôm nào": "hôm qua", "xã, phường nào": "thôn 2, nam trực"}


@pytest.fixture(scope="module")
def receiver():
    """The first try of all is refused."""
    with Receiver(503) as found:
        yield found


@pytest.fixture(scope="module")
def bot(tmp_path_factory):
    found = Served(tmp_path_factory.mktemp("incidents"), SECRET_KEY=KEY, WEBHOOKS_TO_PRIVATE="true").start()
    yield found
    found.stop()


def test_from_a_question_to_a_signed_event(bot, receiver):
    database = Database(bot.environment["DATABASE_URL"])
    with database.write() as session:
        seal = webhooks.seal_of(Settings(_env_file=None, secret_key=KEY).key())
        _, secret = webhooks.add_endpoint(session, seal, "Trung tâm", receiver.url, ["incident"], True, now())
    database.close()
    who = bot.citizen()
    who.say("kiểm tra giúp link evn-hoantien.xyz/nhan này với, họ bảo hoàn tiền điện")
    said = who.read()
    assert "Khoan làm theo" in said and "không mở link" in said
    who.tap("Báo vụ này")
    assert "evn-hoantien[.]xyz" in who.read()
    while not any(b["title"] == "Gửi tin báo" for m in who.last for b in m["buttons"]):
        who.say(next((words for asked, words in ANSWERS.items() if asked in who.read()), "bỏ qua"))
    who.tap("Gửi tin báo")
    assert "Đã ghi tin báo số BC-" in who.read() and "VNeID" in who.read()
    wait_for(lambda: len(receiver.got) >= 2, bot.logs)
    _, headers, body = receiver.got[-1]
    stamp, signature = (part.partition("=")[2] for part in headers["X-Signature"].split(","))
    assert hmac.new(secret.encode(), f"{stamp}.{body}".encode(), hashlib.sha256).hexdigest() == signature
    data = json.loads(body)["data"]
    assert any(o.type == "incident" for o in stix2.parse(data["stix"]).objects)
    ((text, conversation, commune),) = bot.query("SELECT text, conversation_id, commune FROM incidents WHERE source = 'report'")
    assert text is None and conversation is None and commune == "Xã Nam Trực"
    assert json.loads(body)["data"]["commune"] == "Xã Nam Trực"


def test_the_scammers_account_never_reaches_inbox_or_rasa(bot):
    who = bot.citizen()
    who.say("báo lừa đảo, nó giả ngân hàng nhắn zalo")
    assert "số tài khoản của kẻ lừa" in who.read()
    who.say("0011223344556")
    assert "0011223344556" in who.read() and "đã che" not in who.read()
    assert bot.query("SELECT count(*) FROM indicators WHERE value = '0011223344556'") == [(1,)]
    assert bot.query("SELECT count(*) FROM rasa_trackers WHERE events LIKE '%\"text\": \"0011223344556\"%'") == [(0,)]
    who.say("thôi không báo nữa")
    assert "không giữ gì" in who.read()
