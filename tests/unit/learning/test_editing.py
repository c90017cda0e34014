"""Operations on course documents: ids stay unique and nothing is lost, whatever is done in whatever order."""

import json
from collections import Counter
from copy import deepcopy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.learning import editing
from bot.learning.course_form import PLAIN, every
from bot.learning.document import files_of, load
from bot.learning.editing import NoSuchPlace, add, duplicate, move, remove, sound
from bot.learning.items import TYPES
from tests.factories import ROOT
from tests.small_course import small
from tests.unit.learning.test_items import ALL


def course() -> dict:
    """The small course with a question of every type in its first lesson."""
    made = small()
    made["lessons"][0]["steps"] += [{"question": deepcopy(data)} for data in ALL]
    return sound(made)


def lists(document: dict) -> list[tuple]:
    """The paths of every list that the studio edits."""
    found = [("sources",), ("test",), ("lessons",)]

    def walk(value, path, blanks):
        for blank in blanks:
            if blank.kind == "list" and blank.name in value and blank.name != "sources":
                found.append((*path, blank.name))
                for n, entry in enumerate(value[blank.name]):
                    walk(entry, (*path, blank.name, n), blank.blanks)

    found += [("lessons", n, "steps") for n in range(len(document["lessons"]))]
    for section in every(document):
        walk(editing.part_at(document, section.path), section.path, section.form.blanks)
    return found


def said(document: dict) -> Counter:
    """Every text of the document but ids, and how often it stands there."""
    counted: Counter = Counter()

    def walk(value):
        if isinstance(value, dict):
            for name, one in value.items():
                if name not in ("id", "source", "to"):
                    walk(one)
        elif isinstance(value, list):
            for one in value:
                walk(one)
        elif isinstance(value, str):
            counted[value] += 1
    walk(document)
    return counted


def unique(document: dict) -> bool:
    found = editing.ids(document)
    scenes = [[scene["id"] for scene in part["scenes"]] for _, part in editing.parts(document) if "scenes" in part]
    return len(set(found)) == len(found) and all(len(set(ids)) == len(ids) for ids in scenes)


def kind_for(path, draw) -> str:
    return draw(st.sampled_from(PLAIN if path == ("test",) else ("card", *TYPES)))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_sequence_of_operations_keeps_ids_unique_and_loses_nothing(data):
    document = course()
    for _ in range(data.draw(st.integers(1, 12))):
        path = data.draw(st.sampled_from(lists(document)))
        entries = editing.list_at(document, path)
        before, kept = said(document), json.dumps(document)
        todo = data.draw(st.sampled_from(["add", "move", "duplicate", "remove"]))
        if todo == "add":
            after = add(document, (*path, data.draw(st.integers(0, len(entries)))), kind_for(path, data.draw))
            assert not before - said(after)
        elif not entries:
            with pytest.raises(NoSuchPlace):
                remove(document, (*path, 0))
            continue
        else:
            at = data.draw(st.integers(0, len(entries) - 1))
            if todo == "move":
                after = move(document, (*path, at), data.draw(st.integers(-3, 3)))
                assert said(after) == before and Counter(editing.ids(after)) == Counter(editing.ids(document))
            elif todo == "duplicate":
                after = duplicate(document, (*path, at))
                renamed = {f"{entries[at].get('title', '')} (bản sao)": 1, entries[at].get("title", ""): -1} if path == ("lessons",) else {}
                expected = Counter(before)
                expected.update(said(entries[at]))
                expected.update(renamed)
                assert +said(after) == +expected
            else:
                after = remove(document, (*path, at))
                assert said(after) == before - said(entries[at])
        assert unique(after) and sound(after) == after
        assert json.dumps(document) == kept, "an operation changed the document it was given"
        document = after


@settings(max_examples=200, deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5),
                    lambda inner: st.lists(inner, max_size=3)
                    | st.dictionaries(st.sampled_from(["lessons", "steps", "card", "question", "easier", "test", "sources", "id", "type", "options"]),
                                      inner | st.sampled_from([*TYPES, "l1"]), max_size=5), max_leaves=30))
def test_whatever_is_uploaded_can_be_made_sound_and_then_edited(junk):
    made = sound(junk)
    assert unique(made) and sound(made) == made and sound(junk) == made
    for section in every(made):
        assert editing.part_at(made, section.path)
    grown = add(add(made, ("lessons", 0)), ("lessons", 0, "steps", 0), "card")
    assert grown["lessons"][1:] == made["lessons"]


@pytest.mark.parametrize("path", files_of(ROOT / "courses"), ids=lambda p: p.stem)
def test_a_shipped_course_is_sound_as_it_is(path):
    document = load(path).model_dump(mode="json", exclude_none=True)
    assert sound(document) == document


@pytest.mark.parametrize("kind", TYPES)
def test_a_new_question_of_each_type_has_its_lists_begun(kind):
    made = add(course(), ("lessons", 1, "steps", 1), kind)["lessons"][1]["steps"][1]["question"]
    assert made["type"] == kind and made["id"] not in editing.ids(course())
    for blank in TYPES[kind].form.blanks:
        if blank.kind == "list":
            assert len(made[blank.name]) == blank.begin


def test_a_removed_source_is_named_by_nobody():
    made = remove(course(), ("sources", 0))
    assert made["sources"] == [] and all("S1" not in part.get("source", []) for _, part in editing.parts(made))
    assert any("S1" in part.get("source", []) for _, part in editing.parts(course()))


def test_an_id_that_was_removed_does_not_come_back():
    document, seen = course(), set(editing.ids(course()))
    for _ in range(50):
        document = add(document, ("lessons", 0, "steps", 0), "single")
        ident = document["lessons"][0]["steps"][0]["question"]["id"]
        assert ident not in seen
        seen.add(ident)
        document = remove(document, ("lessons", 0, "steps", 0))


def test_the_easier_question_is_there_once_and_of_a_short_type():
    document = remove(course(), ("lessons", 0, "easier"))
    assert "easier" not in document["lessons"][0]
    assert add(document, ("lessons", 0, "easier"), "true_false")["lessons"][0]["easier"]["type"] == "true_false"
    for path, kind in ((("lessons", 0, "easier"), "scenario"), (("lessons", 1, "easier"), "single"), (("lessons", 9, "easier"), "single")):
        with pytest.raises(NoSuchPlace):
            add(document, path, kind)


@pytest.mark.parametrize("path", [(), ("slug",), ("lessons",), ("lessons", 7), ("lessons", 0, "steps", 99), ("lessons", 0, "goal", 0), ("aliases", 0),
                                  ("lessons", "0"), ("lessons", 0, "steps", 0, "card", "source", 0), ("lessons", 0, "steps", 1, "question", "id", 0)])
def test_what_is_no_entry_of_a_list_is_not_touched(path):
    for operation in (remove, duplicate, lambda d, p: move(d, p, 1), lambda d, p: add(d, p, "nothing")):
        with pytest.raises(NoSuchPlace):
            operation(course(), path)


def test_moving_stops_at_the_ends_of_the_list():
    first = [s.get("card", s.get("question"))["id"] for s in move(course(), ("lessons", 1, "steps", 0), -1)["lessons"][1]["steps"]]
    last = [s.get("card", s.get("question"))["id"] for s in move(course(), ("lessons", 1, "steps", 0), 99)["lessons"][1]["steps"]]
    assert first == ["l2c1", "l2q1", "l2q2"] and last == ["l2q1", "l2q2", "l2c1"]


def test_a_copy_of_a_scene_leads_where_the_first_one_leads_and_has_a_name_of_its_own():
    document = course()
    at = next(n for n, s in enumerate(document["lessons"][0]["steps"]) if s.get("question", {}).get("type") == "scenario")
    scenes = duplicate(document, ("lessons", 0, "steps", at, "question", "scenes", 1))["lessons"][0]["steps"][at]["question"]["scenes"]
    assert [s["id"] for s in scenes[:2]] == ["dau", "giua"] and scenes[2]["id"] not in ("dau", "giua", "cuoi")
    assert scenes[2]["choices"] == scenes[1]["choices"]
