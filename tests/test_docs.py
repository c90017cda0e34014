"""What is written about the project is true of it."""

import re

import pytest

from bot.config import Settings
from scripts.schemas import FOLDER, schemas
from scripts.settings_doc import FILE, document
from tests.served import ROOT


def test_every_setting_is_documented_as_it_is():
    assert FILE.read_text() == document(), "run: PYTHONPATH=. .venv/bin/python scripts/settings_doc.py"


def test_every_setting_has_a_meaning():
    assert all(field.description for field in Settings.model_fields.values())


@pytest.mark.parametrize("name", sorted(schemas()))
def test_the_schemas_are_those_of_the_models(name):
    assert (FOLDER / name).read_text() == schemas()[name], "run: PYTHONPATH=. .venv/bin/python scripts/schemas.py"


def test_every_path_the_readme_names_exists():
    readme = (ROOT / "README.md").read_text()
    named = set(re.findall(r"`((?:bot|actions|docs|courses|procedures|nlu_data|scripts)/[\w./]+)`", readme))
    assert named and [p for p in sorted(named) if not (ROOT / p).exists()] == []


def test_no_address_of_a_registry_and_no_path_of_a_machine_is_committed():
    for path in (ROOT / "requirements").glob("*.txt"):

        lines = path.read_text().splitlines()
        assert [line for line in lines if line.startswith("--") or "://" in line] == []
