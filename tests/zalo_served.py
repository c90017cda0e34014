"""The whole bot with a Zalo Official Account: the fixtures of the tests that need both, and an event delivered."""

from tests.served import Served
from tests.standins.zalo_oa import ZaloOaStandIn


def stand_in():
    """A fixture of a module."""
    with ZaloOaStandIn() as api:
        yield api


def bot_with_account(zalo, tmp_path_factory):
    """A fixture of a module. zalo: the one above."""
    settings = {name.upper(): str(value) for name, value in zalo.settings().items()}
    found = Served(tmp_path_factory.mktemp("zalo"), **settings).start()
    yield found
    found.stop()


def posts(zalo, bot, event) -> None:
    """Delivers the event, which is confirmed."""
    answer = zalo.post(f"{bot.url}/channels/zalo-oa", event)
    assert answer.status_code == 200, bot.logs()
