"""Content files are read strictly and every defect is told with its place; test_document.py has an author's typical mistakes."""

from datetime import date

import pytest
from pydantic import BaseModel, ConfigDict, Field, model_validator

from bot.errors import ContentError, Problem
from bot.yamlfile import plain, quick, read, tree_of
from tests.factories import ROOT


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=2)
    count: int = 0


class Wrong(ValueError):
    """A validator's error that knows its place."""

    def __init__(self, message: str, *loc: str | int):
        super().__init__(message)
        self.loc = loc


class Note(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str
    on: date | None = None
    parts: list[Part] = Field(default=[], max_length=3)
    labels: dict[str, str] = {}

    @model_validator(mode="after")
    def names_differ(self):
        for at, part in enumerate(self.parts):
            if part.name in [p.name for p in self.parts[:at]]:
                raise Wrong(f"{part.name} is there twice", "parts", at, "name")
        return self


@pytest.fixture
def note(tmp_path):
    def of(text: str | bytes) -> Note:
        path = tmp_path / "note.yml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read(path, Note)

    return of


@pytest.fixture
def problems(note):
    def of(text: str | bytes) -> list[tuple[int, str]]:
        with pytest.raises(ContentError) as raised:
            note(text)
        return [(p.line, p.field) for p in raised.value.problems]

    return of


def test_a_sound_file_is_the_model(note):
    assert note("title: Một\non: 2026-11-23\nparts:\n  - {name: hai, count: 2}\nlabels: {a: b}\n") == \
        Note(title="Một", on=date(2026, 11, 23), parts=[Part(name="hai", count=2)], labels={"a": "b"})


@pytest.mark.parametrize(("text", "title"), [
    ("title: |-\n  một\n  hai\n", "một\nhai"), ("title: >-\n  một\n  hai\n", "một hai"), ('title: "có: hai chấm"\n', "có: hai chấm"),
    ("title: '2026-11-23'\n", "2026-11-23"), ("title: 2026-11-23\n", "2026-11-23"),
    ("title: '1.001193'\n", "1.001193"), ("title: ' có '\n", "có"), ("title: yes\n", "yes"),
    ("# ghi chú\ntitle: một # hai\n", "một"), ("title: &a một\nlabels: {b: *a}\n", "một"), ("title: 'không'\n", "không"),
    ("title: ti\u0065\u0302\u0301ng\n", "tiếng"),
])
def test_every_way_to_write_a_text_is_plain_text(note, text, title):
    found = note(text).title
    assert (found, type(found)) == (title, str)


@pytest.mark.parametrize(("text", "expected"), [
    ("on: 2026-11-23\n", [(1, "title")]),
    ("title: một\nparts:\n  - name: hai\n    count: nhiều\n", [(4, "parts.0.count")]),
    ("title: một\nparts:\n  - name: hai\n  - name: b\n", [(4, "parts.1.name")]),
    ("title: một\nparts:\n  - name: hai\n    note: ba\n", [(4, "parts.0.note")]),
    ("title: một\nparts:\n  - hai\n", [(3, "parts.0")]),
    ("title: một\nparts: hai\n", [(2, "parts")]),
    ("title: một\nlabels: {a: {b: c}}\n", [(2, "labels.a")]),
    ("title: một\nlabels:\n  a: b\n  c: [d]\n", [(4, "labels.c")]),
    ("title: một\nparts:\n  - name: hai\n  - name: ba\n  - name: hai\n", [(5, "parts.2.name")]),
    ("title: [một]\non: mai\nparts:\n  - {count: x}\n", [(1, "title"), (2, "on"), (4, "parts.0.name"), (4, "parts.0.count")]),
    ("title: một\non: 2026-13-01\n", [(2, "on")]),
    ("title: một\non: 31/12/2026\n", [(2, "on")]),
    ("title: 1.001193\n", [(1, "title")]),
])
def test_each_defect_is_told_at_its_line_and_field(problems, text, expected):
    assert problems(text) == expected


@pytest.mark.parametrize("text", [
    "title: một\ntitle: hai\n", "title: [một\n", "title: một\n  on: x\n", "\ttitle: một\n", "title: một\n---\ntitle: hai\n", "{",
    "title: *khong_co\n",
])
def test_text_that_is_no_yaml_is_one_problem_of_the_file(problems, text):
    ((line, field),) = problems(text)
    assert (line >= 1, field) == (True, "")


@pytest.mark.parametrize("content", [b"title: m\x00t\n", b"title: m\x07t\n", b"\xff\xfe\x00", "title: một".encode("utf-16-le")])
def test_bytes_that_are_no_text_are_one_problem_of_the_file(problems, content):
    ((_, field),) = problems(content)
    assert field == ""


def test_nothing_but_a_content_error_leaves_for_a_folder_or_no_file(tmp_path):
    for path in (tmp_path, tmp_path / "khong-co.yml"):
        with pytest.raises(ContentError) as raised:
            read(path, Note)
        assert [(p.file, p.line) for p in raised.value.problems] == [(str(path), 0)]


def test_plain_leaves_no_type_of_the_parser_behind():
    assert plain({1: ["  e\u0301 ", {"a": None}], "b": 2.5}) == {"1": ["é", {"a": None}], "b": 2.5}


def test_a_problem_is_one_line_for_people():
    assert str(Problem("a.yml", 3, "parts.0.name", "add this field")) == "a.yml:3: parts.0.name: add this field"
    assert str(Problem("a.yml", 0, "", "cannot be read")) == "a.yml:0: (file): cannot be read"


@pytest.mark.parametrize("path", [*sorted((ROOT / "courses").glob("*.yml")), *sorted((ROOT / "procedures").rglob("*.yml"))[:12]], ids=lambda p: p.stem)
def test_the_fast_reader_reads_what_the_one_that_knows_lines_reads(path):
    assert plain(quick(path)) == plain(tree_of(path))
