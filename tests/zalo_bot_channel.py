"""The Zalo Bot channel against its stand-in, for the contract tests: updates of the platform, and one call for each thing to try."""


import pytest

from bot.channels.base import SendError
from bot.channels.zalo_bot import ZaloBotChannel, router
from bot.config import Settings
from tests import loops
from tests.loops import opened, refuse, run
from tests.patience import HTTP_SECONDS
from tests.standins.zalo_bot import ZaloBotStandIn, update

CHAT = "6ede9afa66b88fe6d6a9"
TOKEN = "4711:a"
SECRET = "tam-ky-tu-tro-len"
HOST = "https://bot.example.vn"
BOT = {"id": "4711", "display_name": "Bot Thử", "is_bot": True}
TEXT = "message.text.received"


def text(words, chat=CHAT, **more):
    return update(TEXT, chat, text=words, **more)


def poll_once(api, **options):
    async def main():
        async with opened(channel(api, **options)) as bot:
            await bot.poll(refuse)

    run(main())


def stand_in():
    """A fixture: the stand-in, which has met the citizen."""
    with ZaloBotStandIn(TOKEN) as one:
        one.meet(CHAT)
        yield one


def settings(api, token="", secret="", public_url="", name="", url=""):
    return Settings(_env_file=None, zalo_bot_token=token or TOKEN, zalo_bot_api_url=url or api.url, zalo_bot_webhook_secret=secret,
                    public_url=public_url, zalo_bot_name=name, secret_key="a key for tests")


def channel(api, token="", secret="", public_url="", name="", url="", **options):
    return ZaloBotChannel(settings(api, token, secret, public_url, name, url), **{"timeout_seconds": HTTP_SECONDS, **options})


async def failed(work):
    """The error of a message that is not sent."""
    with pytest.raises(SendError) as caught:
        await work
    return caught.value


def refusal(api, body, to=CHAT, **options):
    async def main():
        async with opened(channel(api, **options)) as bot:
            return await failed(bot.send(to, body))

    return run(main())


def posted(api, bodies, configured=SECRET, given=SECRET, store=None, **options):
    """The answers to webhook requests, and what was stored."""
    headers = {} if given is None else {"X-Bot-Api-Secret-Token": given}
    return loops.posted(lambda: channel(api, secret=configured, **options), router, "/channels/zalo-bot", [(b, headers) for b in bodies], store)
