"""What pages show of a course and what they send back: nothing changes by merely looking, and every field finds its place."""

from copy import deepcopy

import pytest
from pydantic import TypeAdapter, ValidationError

from bot.learning import editing
from bot.learning.course_form import COURSE, LESSON, REMEMBER, Section, at, every, of_lesson, of_question, of_settings
from bot.learning.document import files_of, load
from bot.learning.filling import fields, fill, spot_of
from bot.learning.form import Blank, bounds, entry_model
from bot.learning.items import TYPES
from bot.learning.merging import marked, marks_of, merged, sent
from bot.learning.model import Card, Course, Item, Lesson
from tests.factories import ROOT
from tests.unit.learning.test_editing import course
from tests.unit.learning.test_items import ALL

ITEM = TypeAdapter(Item)
OFFERED = {"source": [("S1", "Nguồn thử")], "requires": [("khoa-khac", "Khoá khác")]}


def sent_by(document: dict, sections: list[Section]) -> dict[str, list[str]]:
    return {name: values for s in sections for name, values in sent(fields(document, s, OFFERED)).items()}


class TestDescriptions:
    @pytest.mark.parametrize("kind", TYPES)
    def test_every_type_asks_for_all_its_fields_and_for_nothing_else(self, kind):
        def compare(blanks: tuple[Blank, ...], model, known: set[str]):
            asked = {b.name for b in blanks} | {b.otherwise for b in blanks if b.otherwise}
            assert asked == set(model.model_fields) - known
            for blank in blanks:
                if blank.kind == "list":
                    assert blank.one and blank.begin >= bounds(model, blank.name)[0]
                    compare(blank.blanks, entry_model(model, blank.name), {"id"} if "id" in entry_model(model, blank.name).model_fields else set())
        compare(TYPES[kind].form.blanks, TYPES[kind], {"id", "type", "source"})

    def test_names_and_purposes_are_there_and_differ(self):
        forms = [t.form for t in TYPES.values()]
        assert len({f.name for f in forms}) == len({f.purpose for f in forms}) == len(TYPES) and all(len(f.purpose) > 20 for f in forms)

    def test_the_pages_ask_for_all_of_a_course_and_a_lesson(self):
        assert {b.name for b in COURSE.blanks} == set(Course.model_fields) - {"format", "slug", "test", "lessons"}
        assert {b.name for f in (LESSON, REMEMBER) for b in f.blanks} == set(Lesson.model_fields) - {"id", "steps", "easier"}
        assert "picture" in Card.model_fields

    @pytest.mark.parametrize("data", ALL, ids=lambda d: d["type"])
    def test_an_empty_question_of_each_type_filled_in_on_its_form_is_that_question(self, data):
        wanted = editing.sound({"test": [data]})["test"][0]
        grown = editing.question(data["type"], data["id"])
        for blank in TYPES[data["type"]].form.blanks:
            if blank.kind == "list":
                while len(grown[blank.name]) < len(wanted[blank.name]):
                    grown[blank.name].append(deepcopy(grown[blank.name][-1]) if grown[blank.name] else {})
                grown[blank.name] = grown[blank.name][:len(wanted[blank.name])]
                for inner in blank.blanks:
                    if inner.kind == "list":
                        for e, w in zip(grown[blank.name], wanted[blank.name], strict=True):
                            e[inner.name] = [{} for _ in w[inner.name]]
                for e, w in zip(grown[blank.name], wanted[blank.name], strict=True):
                    e |= {"id": w["id"]} if "id" in w else {}
        if "picture" in wanted:
            grown["picture"] = {"file": wanted["picture"]["file"]}  # uploaded, not typed
        before, after = {"test": [grown], "lessons": [], "sources": []}, {"test": [wanted], "lessons": [], "sources": []}
        made = fill(before, [of_question(("test", 0), grown)], sent_by(after, [of_question(("test", 0), wanted)]))
        assert ITEM.validate_python(made["test"][0]) == ITEM.validate_python(data)


class TestFill:
    @pytest.mark.parametrize("path", files_of(ROOT / "courses"), ids=lambda p: p.stem)
    @pytest.mark.parametrize("sparse", [True, False])
    def test_a_shipped_course_sent_back_untouched_is_the_same(self, path, sparse):
        document = editing.sound(load(path).model_dump(mode="json", exclude_defaults=sparse))
        every_source = {**OFFERED, "source": [(s["id"], s["title"]) for s in document["sources"]]}
        for section in every(document):
            assert fill(document, [section], sent(fields(document, section, every_source))) == document

    def test_what_is_typed_stands_in_the_document(self):
        document = course()
        made = fill(document, of_lesson(document, 0), {
            "bai.title": ["Bài\u0323 mới "], "bai.minutes": ["7"], "nho.remember": ["Nhớ lấy."], "p-l1c1.text": ["Dòng một.\r\nDòng hai.  "],
            "p-l1q1.prompt": ["Làm gì?"], "p-l1q1.options.correct": ["2"], "p-l1q1.options.2.text": ["Câu  ba"], "p-l1q1.options.0.text": ["Câu một"],
            "p-f.accept": [" hai \r\n\r\n2"], "p-t.reasons.0.verdict": ["False"], "p-t.reasons.0.text": ["Vì thế."],
            "p-c.scenes.0.choices.0.to": ["end:wrong"], "p-c.scenes.0.choices.1.to": ["to:cuoi"], "p-h.picture.alt": ["Một  màn hình."]})
        lesson = made["lessons"][0]
        part = {p["id"]: p for s in lesson["steps"] for p in s.values()}
        assert (lesson["title"], lesson["minutes"], lesson["remember"]) == ("Bàị mới", 7, "Nhớ lấy.")
        assert part["l1c1"] == {"id": "l1c1", "text": "Dòng một.\nDòng hai."}
        assert [o.get("correct", False) for o in part["l1q1"]["options"]] == [False, False, True]
        assert [o["text"] for o in part["l1q1"]["options"]] == ["Câu một", document["lessons"][0]["steps"][1]["question"]["options"][1]["text"], "Câu ba"]
        assert part["f"]["accept"] == ["hai", "2"] and part["t"]["reasons"][0]["verdict"] is False
        ways = [{k: v for k, v in c.items() if k in ("to", "ends")} for c in part["c"]["scenes"][0]["choices"]]
        assert ways == [{"ends": "wrong"}, {"to": "cuoi"}, {"ends": "wrong"}]
        assert part["h"]["picture"] == {"file": "thu-hinh", "alt": "Một màn hình."}
        assert part["l1q2"] == document["lessons"][0]["steps"][2]["question"], "a part that was not sent has changed"

    def test_wrong_and_empty_values_are_kept_as_they_are(self):
        document = course()
        made = fill(document, of_settings(document), {
            "khoa.minutes": ["nhiều"], "khoa.pass_percent": [""], "khoa.review_by": [""], "khoa.title": [" "], "khoa.group": ["ai-do"],
            "khoa.sources.0.grade": ["Z"], "khoa.sources.0.url": ["x"], "khoa.aliases": [""]})
        assert made["minutes"] == "nhiều" and made["sources"][0]["url"] == "x"
        assert not {"title", "aliases", "pass_percent", "review_by", "group"} & made.keys() and "grade" not in made["sources"][0]
        assert fields(made, of_settings(made)[0], OFFERED)

    def test_a_part_finds_its_words_after_others_were_moved(self):
        document = editing.move(course(), ("lessons", 0, "steps", 0), 5)
        made = fill(document, of_lesson(document, 0), {"p-l1c1.text": ["Chữ mới của thẻ."]})
        assert made["lessons"][0]["steps"][5]["card"]["text"] == "Chữ mới của thẻ."

    def test_a_question_of_an_unknown_type_stays_as_it_is(self):
        document = course()
        document["lessons"][0]["steps"].append({"question": {"id": "x9", "type": "hologram", "beam": 3}})
        section = of_lesson(document, 0)[-3]
        assert section.form is None and fields(document, section, OFFERED) == ()
        assert fill(document, of_lesson(document, 0), {"p-x9.beam": ["4"]}) == document

    def test_a_source_that_is_gone_is_shown_and_kept_until_it_is_unticked(self):
        document = course()
        document["lessons"][0]["steps"][0]["card"]["source"] = ["S1", "S-CU"]
        shown = next(f for f in fields(document, of_lesson(document, 0)[1], OFFERED) if f.blank.name == "source")
        assert [(o.value, o.chosen) for o in shown.options] == [("S1", True), ("S-CU", True)] and "không còn" in shown.options[1].words

    def test_a_way_leads_only_to_later_scenes(self):
        document = course()
        section = next(s for s in every(document) if s.kind == "scenario")
        scenes = fields(document, section, OFFERED)[0].entries
        ways = [[o.value for o in scene[1].entries[0][2].options] for scene in scenes]
        assert ways == [["to:giua", "to:cuoi", "end:right", "end:wrong"], ["to:cuoi", "end:right", "end:wrong"], ["end:right", "end:wrong"]]


class TestMerge:
    """One page was loaded, then the document changed; what comes back from the page meets the newest document."""

    def saved(self, typed: dict[str, list[str]], untick: tuple[str, ...] = ()) -> dict:
        loaded, newest = course(), course()
        newest["lessons"][0]["goal"] = "Mục tiêu của người khác."
        newest["lessons"][0]["steps"][1]["question"]["options"][1]["text"] = "Lựa chọn của người khác"
        newest["scams"] = True
        newest = editing.add(newest, ("lessons", 0, "steps", 0), "card")
        newest["lessons"][0]["steps"][0]["card"]["text"] = "Thẻ người khác thêm."
        before = {**sent_by(loaded, of_lesson(loaded, 0)), **sent_by(loaded, of_settings(loaded))}
        sections = [*of_lesson(newest, 0), *of_settings(newest)]
        posted = {name: values for name, values in {**before, **typed}.items() if name not in untick}
        marks = marks_of(marked(before))
        return fill(newest, sections, merged(sent_by(newest, sections), marks, posted))

    def test_what_nobody_touched_here_stays_as_the_other_wrote_it(self):
        made = self.saved({})
        assert made["lessons"][0]["goal"] == "Mục tiêu của người khác." and made["scams"] is True
        assert made["lessons"][0]["steps"][0]["card"]["text"] == "Thẻ người khác thêm."

    def test_what_was_typed_here_is_put_over_it(self):
        typed = {"bai.title": ["Tên của tôi"], "p-l1q1.options.0.text": ["Lựa chọn của tôi"], "p-l1q1.options.correct": ["2"]}
        made = self.saved(typed, untick=("p-l1c1.source",))
        lesson = made["lessons"][0]
        options = lesson["steps"][2]["question"]["options"]
        assert (lesson["title"], lesson["goal"]) == ("Tên của tôi", "Mục tiêu của người khác.")
        assert [o["text"] for o in options][:2] == ["Lựa chọn của tôi", "Lựa chọn của người khác"]
        assert [bool(o.get("correct")) for o in options] == [False, False, True]
        assert "source" not in lesson["steps"][1]["card"] and lesson["steps"][2]["question"]["source"] == ["S1"]

    def test_line_ends_and_spaces_around_are_no_typing(self):
        document = course()
        document["lessons"][0]["steps"][0]["card"]["text"] = "Một.\nHai."
        before = sent_by(document, of_lesson(document, 0))
        posted = {**before, "p-l1c1.text": ["Một.\r\nHai.  "]}
        assert merged({**before, "p-l1c1.text": ["Mới."]}, marks_of(marked(before)), posted)["p-l1c1.text"] == ["Mới."]

    @pytest.mark.parametrize("given", ["", "x", "[]", '{"a": 1}', "null"])
    def test_marks_that_cannot_be_read_are_none(self, given):
        assert marks_of(given) is None


class TestSpot:
    @pytest.mark.parametrize("path, spot", [
        (("review_by",), (None, "f-khoa-review-by")),
        (("sources", 0, "url"), (None, "f-khoa-sources-0-url")),
        (("test", 0, "options", 1, "feedback"), (None, "f-p-t1-options-1-feedback")),
        (("test", 0, "single", "options", 1, "feedback"), (None, "f-p-t1-options-1-feedback")),
        (("lessons", 1, "goal"), (1, "f-bai-goal")),
        (("lessons", 1, "remember"), (1, "f-nho-remember")),
        (("lessons", 0, "steps", 0, "card"), (0, "f-p-l1c1")),
        (("lessons", 0, "steps", 0, "CardStep", "card", "text"), (0, "f-p-l1c1-text")),
        (("lessons", 0, "steps", 0, "card", "picture", "alt"), (0, "f-p-l1c1")),
        (("lessons", 0, "steps", 10, "question", "picture", "picture", "alt"), (0, "f-p-h-picture")),
        (("lessons", 0, "steps", 1, "QuestionStep", "question", "single", "options", 0), (0, "f-p-l1q1-options-0")),
        (("lessons", 0, "easier", "single", "prompt"), (0, "f-p-l1e-prompt")),
        (("lessons", 0, "steps", 1, "question", "source", 0), (0, "f-p-l1q1-source")),
        (("lessons", 0, "steps"), (0, "f-steps")),
        (("lessons", 0, "steps", 99), (0, "f-steps")),
        (("lessons", 1, "easier"), (1, "f-p-l2e")),
        (("lessons",), (None, "f-lessons")), (("test",), (None, "f-test")), ((), (None, "f-khoa")), (("what", "ever", 3), (None, "f-khoa")),
    ])
    def test_a_path_leads_to_its_field_or_to_what_stands_around_it(self, path, spot):
        found = spot_of(course(), path)
        assert (found.lesson, found.anchor) == spot

    def test_every_field_of_every_page_is_found_by_its_path(self):
        document = course()

        def walk(shown):
            for one in shown:
                assert spot_of(document, one.path).anchor == one.dom
                for entry in one.entries:
                    walk(entry)
        for section in every(document):
            walk(fields(document, section, OFFERED))


@pytest.mark.parametrize("junk", [{}, {
    "lessons": [{"steps": [{"card": {"text": 5, "picture": "x", "source": "S"}}, {"question": {"type": "single", "options": [{"text": []}]}}]}],
    "title": ["a"], "aliases": "b", "requires": {"c": 1}, "minutes": "x"}])
def test_any_sound_document_can_be_shown_and_sent_back(junk):
    document = editing.sound(junk)
    for section in every(document):
        fill(document, [section], sent(fields(document, section, OFFERED)))
    with pytest.raises(ValidationError):
        Course.model_validate(document)
    assert at(document, ("lessons",)) == document["lessons"]
