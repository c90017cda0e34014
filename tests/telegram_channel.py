"""The Telegram channel against its stand-in, for the contract tests: updates as Telegram sends them, and one call for each thing to try."""

from datetime import UTC, datetime

import pytest

from bot.channels.base import SendError
from bot.channels.telegram import TelegramChannel
from bot.config import Settings
from bot.messages import Incoming
from bot.wording import say
from tests.loops import opened, run
from tests.patience import HTTP_SECONDS
from tests.standins.telegram import TelegramStandIn

CHAT = 7654321987
SECRET = "s3cret_-"
WRITTEN = datetime.fromtimestamp(1700000001, UTC)
"""The end of the second in which `message` says that it was written."""
CITIZEN = {"id": CHAT, "is_bot": False, "first_name": "An", "language_code": "vi"}
PRIVATE = {"id": CHAT, "type": "private", "first_name": "An"}
GROUP = {"id": -100123, "type": "supergroup", "title": "Tổ công nghệ số"}
BOT = {"id": 999, "is_bot": True, "first_name": "Stub", "username": "stub_bot"}


def message(update_id=10, chat=PRIVATE, **content):
    return {"update_id": update_id, "message": {"message_id": 1, "date": 1700000000, "chat": chat, "from": CITIZEN, **content}}


def tap(update_id=11, chat=PRIVATE, **content):
    return {"update_id": update_id, "callback_query": {
        "id": "c1", "chat_instance": "x", "from": CITIZEN, "data": "bAbC123",
        "message": {"message_id": 5, "date": 1700000000, "chat": chat, "from": BOT, "text": "?"}, **content}}


def wordless(album="", update_id="10", **more):
    return Incoming("telegram", update_id, str(CHAT), answer=say("not_text"), album=album, at=WRITTEN, **more)


def stand_in():
    """A fixture: the stand-in, which has met the citizen."""
    with TelegramStandIn() as one:
        one.meet(CHAT)
        yield one


def channel(api, token="", secret="", public="", **options):
    return TelegramChannel(Settings(_env_file=None, telegram_token=token or api.token, telegram_api_url=api.url, public_url=public,
                                    telegram_webhook_secret=secret), **{"timeout_seconds": HTTP_SECONDS, **options})


def refusal(api, body, to=str(CHAT), **options):
    """The error of a message that is not sent."""
    async def main():
        async with opened(channel(api, **options)) as bot:
            with pytest.raises(SendError) as caught:
                await bot.send(to, body)
            return caught.value

    return run(main())
