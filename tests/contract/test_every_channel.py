"""The table of channels: everyone that bot.channels finds has an entry in the harness, and every entry all situations."""

import importlib
import pkgutil

import pytest

import bot.channels
from tests.channel_door import applications, nothing_outside
from tests.every_channel import ENTRIES, SITUATIONS

outside = pytest.fixture(autouse=True)(nothing_outside)
app_of = pytest.fixture(applications)


def found_modules() -> list[str]:
    """As bot.channels finds them."""
    names = [m.name for m in pkgutil.iter_modules(bot.channels.__path__)]
    return [n for n in names if hasattr(importlib.import_module(f"bot.channels.{n}"), "make")]


def test_every_channel_has_an_entry():
    assert sorted(found_modules()) == sorted(ENTRIES)


@pytest.mark.parametrize("name", ENTRIES)
def test_every_entry_covers_every_situation(name):
    one = ENTRIES[name]
    assert sorted([*one.expected, *one.absent]) == sorted(SITUATIONS)
    for situation, failure in one.expected.items():
        allowed = SITUATIONS[situation]
        assert (failure is None) if allowed is None else failure in allowed, situation


def test_the_channels_found_are_those_the_entries_switch_on(app_of):
    for name, one in ENTRIES.items():
        with one.standin() as api:
            app = app_of(one, api)
            assert [c.name for c in bot.channels.all_channels(app.settings, **app.for_channels())] == [name]
