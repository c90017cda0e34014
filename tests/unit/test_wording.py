"""wording.yml and the code that says its sentences agree: no sentence unused, none missing, every gap filled."""

import ast
import re
import string
import unicodedata

import pytest

from bot.wording import say, sentences
from tests.factories import ROOT

IMPLICIT = {"province"}
"""Filled in by `say` itself."""
OPEN = {("actions/account.py", "my_data"): "known_about"}
"""Calls with **values, and the function of bot/services/people.py whose result they are."""
REFUSALS = "refuse"
"""bot/web/chat.py's short form: refuse(status, key, **values)."""


def trees():
    for path in sorted([*(ROOT / "bot").rglob("*.py"), *(ROOT / "actions").rglob("*.py")]):
        yield str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))


def keys_of(node: ast.expr) -> list[str]:
    """The keys an argument may be: a constant, either side of a condition, an f-string as a regular expression."""
    if isinstance(node, ast.Constant):
        return [re.escape(node.value)]
    if isinstance(node, ast.IfExp):
        return keys_of(node.body) + keys_of(node.orelse)
    if isinstance(node, ast.JoinedStr):
        return ["".join(re.escape(p.value) if isinstance(p, ast.Constant) else r"\w+" for p in node.values)]
    return []


def said(tree: ast.Module) -> bool:
    """Does the module take `say` from bot.wording? bot/language/times.py has one of its own."""
    return any(isinstance(n, ast.ImportFrom) and n.module == "bot.wording" and any(a.name == "say" for a in n.names)
               for n in ast.walk(tree))


def calls():
    """(file, line, key patterns, names passed, whether **values is among them) of every call that says a sentence."""
    for file, tree in trees():
        if not said(tree):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("say", REFUSALS):
                key = node.args[1 if node.func.id == REFUSALS else 0]
                inside_refuse = isinstance(key, ast.Name) and any(k.arg is None for k in node.keywords)
                if not inside_refuse:
                    yield (file, node.lineno, keys_of(key), {k.arg for k in node.keywords if k.arg},
                           any(k.arg is None for k in node.keywords))


CALLS = list(calls())


def gaps(key: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentences()[key]) if name is not None}


CONSTANT = {p for c in CALLS for p in c[2] if r"\w+" not in p}


def named(pattern: str) -> list[str]:
    """The keys a call may say. What an f-string builds is not a key that is also said by its full name."""
    keys = [key for key in sentences() if re.fullmatch(pattern, key)]
    return keys if pattern in CONSTANT else [key for key in keys if key not in CONSTANT]


def result_of(function: str) -> set[str]:
    """The keys of the dict that the function of people.py returns."""
    tree = dict(trees())["bot/services/people.py"]
    body = next(n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name == function)
    return {k.value for n in ast.walk(body) if isinstance(n, ast.Return) and isinstance(n.value, ast.Dict) for k in n.value.keys}


def test_the_calls_are_found():
    assert len(CALLS) > 80


@pytest.mark.parametrize(("file", "line", "patterns"), [c[:3] for c in CALLS], ids=lambda v: str(v))
def test_what_is_said_is_a_sentence_of_the_file(file, line, patterns):
    assert patterns, f"{file}:{line} says a key this test cannot read"
    assert [p for p in patterns if not named(p)] == []


@pytest.mark.parametrize("key", list(sentences()))
def test_a_sentence_is_used(key):
    assert [c[:2] for c in CALLS if any(key in named(p) for p in c[2])] != []


@pytest.mark.parametrize("call", CALLS, ids=lambda c: f"{c[0]}:{c[1]}:{'|'.join(c[2])}")
def test_a_call_passes_exactly_what_its_sentences_have(call):
    file, _, patterns, passed, more = call
    if more:
        passed = passed | result_of(OPEN[file, patterns[0]])
    # where a condition chooses between two sentences, both get what the fuller one needs
    assert passed == set().union(*(gaps(key) - IMPLICIT for p in patterns for key in named(p)))


@pytest.mark.parametrize("key", list(sentences()))
def test_a_sentence_is_clean_text(key):
    text = sentences()[key]
    assert isinstance(text, str)
    assert text == unicodedata.normalize("NFC", text).strip() != ""
    assert all(name.isidentifier() for name in gaps(key))


def test_the_province_is_filled_in_and_a_missing_value_is_an_error():
    assert "Ninh Bình" in say("greet")
    with pytest.raises(KeyError):
        say("reminder_line", number=1)
    with pytest.raises(KeyError):
        say("khong_co")
