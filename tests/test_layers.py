"""Imports point down only: doors -> app -> services -> rules and store -> leaves. STYLE.md has the picture."""

import ast
import sys

import pytest

from tests.factories import ROOT

RASA_SIDE = ("bot.language", "bot.rasa_glue")
RULES = ("bot.learning", "bot.procedures", "bot.reminders")
LEAVES = ("bot.messages", "bot.failpoints", "bot.language", "bot.clock", "bot.errors", "bot.wording", "bot.config", "bot.places", "bot.yamlfile")
DOORS = ("actions", "bot.web", "bot.gateway", "bot.worker", "bot.errands", "bot.staff_commands", "bot.cli", "bot.terminal", "bot.supervisor")

LEARNED = {"numpy", "scipy", "sklearn", "joblib"}
BESIDE_RASA = {"rasa", "sanic", "sqlalchemy", "jsonschema", "underthesea", "structlog"}
WEB = {"fastapi", "uvicorn", "starlette", "sse_starlette"}
SQL = {
    "bot.store": "tables, migrations, the engine",
    "bot.services": "one use case, one session",
    "bot.worker": "claims and cleans rows in its ticks; takes the advisory lock",
    "bot.cli": "turns a database error into a sentence for the command line",
    "actions._turn": "the session's type",
    "bot.rasa_glue.history": "Rasa's own table of conversations",
}
"""Who may import sqlalchemy, and why."""


def imports_of(module: str, path) -> set[str]:
    """Every module the file names, wherever the import stands; `from a import b` gives a and a.b."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            package = module if path.name == "__init__.py" else module.rpartition(".")[0]
            above = ".".join(package.split(".")[: len(package.split(".")) - node.level + 1]) if node.level else ""
            base = ".".join(p for p in (above, node.module) if p)
            found |= {base} | {f"{base}.{alias.name}" for alias in node.names}
    return found


def modules() -> dict[str, set[str]]:
    found = {}
    for path in sorted([*(ROOT / "bot").rglob("*.py"), *(ROOT / "actions").rglob("*.py")]):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        found[name] = imports_of(name, path)
    return found


MODULES = modules()


def within(name: str, *packages: str) -> bool:
    """Is the module one of the packages, or inside one?"""
    return any(name == p or name.startswith(p + ".") for p in packages)


def offenders(where, what) -> list[str]:
    """"module imports name" for every import that `what` picks in the modules that `where` picks."""
    return [f"{module} imports {name}" for module, names in MODULES.items() if where(module)
            for name in sorted(names) if what(name)]


def top(name: str) -> str:
    return name.partition(".")[0]


def test_the_modules_are_found():
    for package in ("actions", "bot.app", "bot.channels.telegram", "bot.store.tables", *RASA_SIDE, *RULES):
        assert any(within(m, package) for m in MODULES)
    assert "bot.app.app" in MODULES["actions._turn"]
    assert "bot.learning.items.base" in MODULES["bot.learning.engine"]


@pytest.mark.parametrize(("source", "found"), [
    ("import a.b", {"a.b"}), ("from a import b", {"a", "a.b"}), ("from . import b", {"bot.x", "bot.x.b"}),
    ("from ..y import b", {"bot.y", "bot.y.b"}), ("def f():\n    import a", {"a"}),
])
def test_every_form_of_import_is_seen(tmp_path, source, found):
    (tmp_path / "m.py").write_text(source)
    assert imports_of("bot.x.m", tmp_path / "m.py") == found


@pytest.mark.parametrize(("package", "allowed", "ours"), [
    ("bot.language", LEARNED, ("bot.language",)),
    ("bot.rasa_glue", LEARNED | BESIDE_RASA, RASA_SIDE),
])
def test_what_runs_beside_rasa_imports_only_what_is_there(package, allowed, ours):
    def foreign(name):
        if top(name) == "bot":
            return name != "bot" and not within(name, *ours, "bot.clock", "bot.errors", "bot.failpoints")
        return top(name) not in allowed | sys.stdlib_module_names

    assert offenders(lambda m: within(m, package), foreign) == []


def test_rules_never_see_the_store_or_anything_above_them():
    above = ("sqlalchemy", "bot.store", "bot.services", "bot.app", "bot.channels", "bot.rasa_client", "bot.rasa_glue", *DOORS)
    assert offenders(lambda m: within(m, *RULES), lambda n: within(n, *above)) == []


def test_leaves_import_leaves():
    assert offenders(lambda m: within(m, *LEAVES), lambda n: top(n) in ("bot", "actions") and n != "bot" and not within(n, *LEAVES)) == []


def test_the_store_sees_leaves_only():
    assert offenders(lambda m: within(m, "bot.store"),
                     lambda n: top(n) in ("bot", "actions") and n != "bot" and not within(n, "bot.store", *LEAVES)) == []


def test_channels_see_leaves_only():
    assert offenders(lambda m: within(m, "bot.channels"),
                     lambda n: top(n) in ("bot", "actions") and n != "bot" and not within(n, "bot.channels", *LEAVES)) == []


def test_services_see_neither_the_app_nor_doors_nor_channels():
    above = ("bot.app", "bot.channels", "bot.rasa_client", "bot.rasa_glue", *DOORS)
    assert offenders(lambda m: within(m, "bot.services"), lambda n: within(n, *above)) == []


def test_the_app_sees_no_door():
    assert offenders(lambda m: m == "bot.app", lambda n: within(n, *DOORS)) == []


def test_only_doors_see_the_app():
    doors = (*DOORS, "bot.app", "bot.__main__")
    assert offenders(lambda m: not within(m, *doors), lambda n: within(n, "bot.app")) == []


def test_nothing_imports_the_actions():
    """bot/web/actions_endpoint.py names them in a string: rasa-sdk's register_package finds them itself."""
    assert offenders(lambda m: not within(m, "actions"), lambda n: within(n, "actions")) == []


def test_only_the_gateways_side_of_rasa_is_imported_from_outside_rasa_glue():
    assert offenders(lambda m: not within(m, "bot.rasa_glue"), lambda n: within(n, "bot.rasa_glue", "rasa")) == []


@pytest.mark.parametrize(("library", "rooms"), [
    ({"telegram"}, tuple(m for m in MODULES if m.startswith("bot.channels.telegram"))),
    (WEB, ("bot.web", "bot.channels")),
    ({"sqlalchemy"}, tuple(SQL)),
    ({"alembic"}, ("bot.store",)),
    ({"rasa_sdk"}, ("actions", "bot.web.actions_endpoint")),
    ({"apscheduler"}, ("bot.worker",)),
    ({"click"}, ("bot.cli", "bot.staff_commands")),
], ids=lambda v: "-".join(sorted(v)) if isinstance(v, set) else "")
def test_a_library_stays_in_its_rooms(library, rooms):
    assert offenders(lambda m: not within(m, *rooms), lambda n: top(n) in library) == []


@pytest.mark.parametrize("room", SQL)
def test_who_is_allowed_sqlalchemy_still_needs_it(room):
    assert offenders(lambda m: within(m, room), lambda n: top(n) == "sqlalchemy") != []
