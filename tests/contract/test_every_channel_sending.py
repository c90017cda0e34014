"""The same situations in sending on every push channel, and their names."""

import logging
from typing import Any

import pytest

from bot.channels import base
from bot.channels.base import SendError
from bot.config import Settings
from tests.channel_door import applications, nothing_outside
from tests.every_channel import ENTRIES, WORDS
from tests.loops import run
from tests.patience import time_out

outside = pytest.fixture(autouse=True)(nothing_outside)
app_of = pytest.fixture(applications)

RESENT = {"500": 1, "cut connection": 1, "time-out": 2}
"""How often the citizen gets a message that is sent again after the situation: nobody knows what a time-out has done."""


@pytest.mark.parametrize(("name", "situation"), [(name, s) for name, one in ENTRIES.items() for s in one.expected])
def test_a_situation_has_its_name(app_of, caplog, name, situation):
    one = ENTRIES[name]
    caplog.set_level(logging.DEBUG)
    with one.standin() as api:
        app = app_of(one, api, **one.arrange(api, situation))
        words = "\n\n".join(["một " * (one.limit // 5)] * 4).strip() if situation == "too long" else WORDS

        async def main():
            channel = one.make(app.settings, app, time_out(situation))
            try:
                error = await attempt(channel, one.chat, words)
                if situation in RESENT:
                    await channel.send(one.chat, {"text": words})
                    await channel.send(one.other_chat, {"text": words})
                return error
            finally:
                await channel.close()

        error = run(main())
        seen = one.arrived(api, one.chat)
        assert (error.failure if error else None) == one.expected[situation]
        if error is None:
            assert " ".join(seen).split() == words.split()
            assert max(map(len, seen)) <= one.limit
            assert (len(seen) > 1) == (situation == "too long")
        else:
            assert seen == [words] * RESENT.get(situation, 0)
            assert situation not in RESENT or one.arrived(api, one.other_chat) == [words], "what went wrong stays with its message"
        if situation == "429 with a time":
            assert error.retry_after_seconds == one.wait_seconds
        said = "\n".join(r.getMessage() for r in caplog.records if r.name.split(".")[0] in ("bot", "telegram", "httpx", "httpcore"))
        assert [word for word in (*one.secrets, one.chat, "căn cước", "một một") if word in said] == []


@pytest.mark.parametrize("name", ENTRIES)
def test_what_the_names_mean_is_alike_for_all(name):
    """The worker tries again, or closes the chat, by these alone."""
    expected = ENTRIES[name].expected
    assert {s for s, f in expected.items() if f is not None and not f.retry} <= {"blocked", "gone"}
    assert {s for s, f in expected.items() if f is not None and f.ours} == {"bad token"}


@pytest.mark.parametrize("name", ENTRIES)
@pytest.mark.parametrize("count", [1, 3, 5, 7, 12])
def test_every_choice_can_be_seen(app_of, name, count):
    one = ENTRIES[name]
    titles = [f"Thủ tục thứ {n}" for n in range(1, count + 1)]
    body = {"text": "Chọn việc:", "buttons": [{"title": t, "payload": f"b{'x' * 11}{n}", "n": n} for n, t in enumerate(titles, 1)]}
    with one.standin() as api:
        app = app_of(one, api, **one.arrange(api, "ok"))

        async def main():
            channel = one.make(app.settings, app)
            try:
                await channel.send(one.chat, body)
            finally:
                await channel.close()

        run(main())
        seen, = one.arrived(api, one.chat)
        assert [t for t in titles if t not in seen] == []
        assert seen.startswith("Chọn việc:")


@pytest.mark.parametrize("name", ENTRIES)
def test_no_other_address_is_reached(app_of, outside, name):
    """With the default addresses every channel goes for the real platform, and the guard of this file stops it."""
    one = ENTRIES[name]
    with one.standin() as api:
        addresses = {k for k in one.settings(api) if k.endswith("_url")}
        app = app_of(one, api, **{k: Settings.model_fields[k].default for k in addresses})

        async def main():
            channel = one.make(app.settings, app)
            try:
                return await attempt(channel, one.chat, WORDS)
            finally:
                await channel.close()

        assert run(main()).failure is base.UNREACHABLE
        assert outside and api.sent == []
        outside.clear()


async def attempt(channel: Any, address: str, words: str) -> SendError | None:
    """The error of sending, None when it is sent."""
    try:
        await channel.send(address, {"text": words})
    except SendError as error:
        return error
    return None
