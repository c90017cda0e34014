"""Typed answers to every question type, from typed/<type>.yml: thirty or more a type, in four spellings, each with what
must come of it. A type without its file, or with fewer, fails here.

`screens` says what stands on the screen with SEED (A first), so that the letters in the rows can be read by a person;
`chosen` names choices by their text, and the key that is stored is their indexes in the file.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter
from ruamel.yaml import YAML

from bot.learning import asking, phrases
from bot.learning.asking import Screen
from bot.learning.items import TYPES
from bot.learning.model import Item

FOLDER = Path(__file__).parent / "typed"
SEED = 11
SPELLINGS = ("marked", "plain", "slips", "polite")
LEAST_ROWS, LEAST_A_SPELLING = 30, 6
BECOMES = ("right", "wrong", "goes on", "which true", "which false", "gave up", "asked again")


@dataclass(frozen=True)
class Row:
    """One typed answer. after, chosen: indexes into the file's order."""

    type: str
    spelling: str
    typed: str
    becomes: str
    after: tuple[int, ...]
    chosen: tuple[int, ...]
    told: str


def table(name: str) -> dict[str, Any]:
    return YAML(typ="safe").load((FOLDER / f"{name}.yml").read_text(encoding="utf-8"))


TABLES = {path.stem: table(path.stem) for path in sorted(FOLDER.glob("*.yml"))}
ITEMS = {name: TypeAdapter(Item).validate_python(found["item"]) for name, found in TABLES.items()}


def choices(name: str, picked: tuple[int, ...]) -> list[str]:
    """The texts of the choices in the file's order."""
    item = ITEMS[name]
    return item.expect(tuple(range(item.count(picked))), picked)["options"]


def path_of(name: str, texts: list[str]) -> tuple[int, ...]:
    """The choices made one after another before the row's own."""
    picked: tuple[int, ...] = ()
    for text in texts:
        picked = (*picked, choices(name, picked).index(text))
    return picked


def rows_of(name: str) -> list[Row]:
    found = []
    for group in TABLES[name]["answers"]:
        after = path_of(name, group.get("after", []))
        chosen = tuple(choices(name, after).index(text) for text in group.get("chosen", []))
        found += [Row(name, spelling, str(typed), group["becomes"], after, chosen, group.get("told", ""))
                  for spelling in SPELLINGS for typed in group.get(spelling, [])]
    return found


ROWS = [row for name in TABLES for row in rows_of(name)]


@pytest.mark.parametrize("name", TYPES)
def test_every_type_has_its_table_with_thirty_answers_in_four_spellings(name):
    rows = [row for row in ROWS if row.type == name]
    assert len({(row.typed, row.after) for row in rows}) == len(rows), "an answer stands there twice"
    assert len(rows) >= LEAST_ROWS
    assert {s: n for s in SPELLINGS if (n := sum(row.spelling == s for row in rows)) < LEAST_A_SPELLING} == {}
    assert {"right", "wrong", "gave up", "asked again"} <= {row.becomes for row in rows} <= set(BECOMES)


def test_every_table_is_of_a_type():
    assert {name: item.type for name, item in ITEMS.items()} == {name: name for name in TYPES}


@pytest.mark.parametrize(("name", "shown"), [(name, shown) for name, found in TABLES.items() for shown in found["screens"]],
                         ids=lambda value: value if isinstance(value, str) else "")
def test_the_screen_is_as_the_table_says(name, shown):
    assert Screen(ITEMS[name], SEED, 0, path_of(name, shown.get("after", []))).expectation["options"] == shown["shows"]


def stored(row: Row) -> str:
    """The key of the row's choice: the whole way of a story, else the choices, sorted where their order means nothing."""
    chosen = row.after + row.chosen if row.type == "scenario" else row.chosen
    return ",".join(map(str, sorted(chosen) if row.type in ("multiple", "spot") else chosen))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.type}: {row.typed}")
def test_a_typed_answer_becomes_what_the_table_says(row):
    item = ITEMS[row.type]
    screen = Screen(item, SEED, 0, row.after)
    move = asking.typed(screen, row.typed)
    if row.becomes in ("right", "wrong"):
        assert move.answered
        assert move.verdict is not None
        if row.told:
            assert (move.verdict.correct, move.verdict.feedback) == (row.becomes == "right", row.told)
            assert len(move.verdict.key) > 0
        else:
            assert (move.verdict.correct, move.verdict.key) == (row.becomes == "right", stored(row))
        return
    if row.becomes == "gave up":
        assert (move.answered, move.verdict) == (True, None)
        return
    assert not move.answered
    if row.becomes == "goes on":
        assert move.picked == row.after + row.chosen
        assert move.says[-1] == Screen(item, SEED, 0, move.picked).say()
        return
    assert move.picked == row.after
    if row.becomes == "asked again":
        assert [say.text for say in move.says] == [phrases.UNREADABLE, screen.say().text]
        return
    (say,) = move.says
    assert say.text.startswith(phrases.WHICH_REASON)
    assert {command[2] for _, command in say.buttons} == {
        i for i, reason in enumerate(item.reasons) if reason.verdict == (row.becomes == "which true")}
