"""Two documents of a course beside each other: what was changed, added, removed or moved, and nothing else."""

from copy import deepcopy

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.learning import document
from bot.learning.compare import compare, flat, marked
from tests.small_course import single, small


def told(old, new) -> list[tuple[str, str]]:
    return [(d.where, d.kind) for d in compare(old, new)]


def test_the_same_course_differs_in_nothing_written_short_or_long():
    short = small()
    long = document.of(small()).model_dump(mode="json")
    assert compare(short, short) == compare(short, long) == compare(long, short) == []


def test_a_changed_text_is_told_with_the_words_that_differ():
    new = small()
    new["lessons"][0]["steps"][0]["card"]["text"] = "Người quen gọi thì gác máy. Rồi gọi lại số mình biết."
    (one,) = compare(small(), new)
    assert (one.where, one.kind, one.loc) == ("Bài 1 › Thẻ 1 › Nội dung", "changed", ("lessons", 0, "steps", 0, "card", "text"))
    assert one.old[:2] == ((False, "Người"), (True, "lạ")) and one.new[:2] == ((False, "Người"), (True, "quen"))


def test_what_was_put_in_between_does_not_make_the_rest_look_new():
    new = small()
    new["lessons"][0]["steps"].insert(1, {"card": {"id": "moi", "text": "Một thẻ mới chen vào giữa."}})
    assert told(small(), new) == [("Bài 1 › Thẻ 2 › Nội dung", "added")]


def test_what_was_removed_is_told_by_its_old_place():
    new = small()
    del new["lessons"][1]["steps"][2]
    assert set(told(small(), new)) == {(f"Bài 2 › Câu hỏi 2{rest}", "removed") for rest in (
        " › Câu hỏi", " › Đáp án chấp nhận", " › Lời khen khi đúng", " › Lời giải thích khi sai")}


def test_what_was_moved_is_told_once():
    new = small()
    new["lessons"][0]["steps"].reverse()
    (one,) = compare(small(), new)
    assert (one.where, one.kind) == ("Bài 1 › Thẻ và câu hỏi", "moved")
    assert [text[:12] for _, text in one.old] == [text[:12] for _, text in reversed(one.new)] and [m for m, _ in one.new].count(False) == 1
    lessons = small()
    lessons["lessons"].reverse()
    assert told(small(), lessons) == [("Các bài", "moved")]


def test_another_answer_that_is_right_is_a_difference():
    new = small()
    for at, option in enumerate(new["lessons"][0]["steps"][1]["question"]["options"]):
        option["correct"] = at == 1
    assert told(small(), new) == [("Bài 1 › Câu hỏi 1 › Lựa chọn B › Đáp án đúng", "added"), ("Bài 1 › Câu hỏi 1 › Lựa chọn A › Đáp án đúng", "removed")]


def test_a_first_version_is_all_new_and_a_half_done_one_is_compared_too():
    assert {kind for _, kind in told(None, small())} == {"added"}
    assert ("Tên", "removed") in told(small(), {"lessons": [{"id": "l1"}, 5, {"steps": None}]})


def test_what_was_chosen_stands_there_as_the_form_has_it():
    new = small(group="staff", review_by="2027-07-31")
    new["sources"][0]["grade"] = "KD"
    words = {d.where: ("".join(t for _, t in d.old), "".join(t for _, t in d.new)) for d in compare(small(), new)}
    assert words["Nhóm người học"] == ("Người dân", "Cán bộ, công chức")
    assert words["Hạn xem lại"] == ("30/06/2027", "31/07/2027")
    assert words["Nguồn 1 › Độ tin cậy"] == ("B: báo chính thống đưa tin", "Lời khuyên thực hành, không cần nguồn")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from("một hai ba bốn năm".split()), max_size=8), st.lists(st.sampled_from("một hai ba bốn năm".split()), max_size=8))
def test_the_pieces_are_the_texts(old, new):
    left, right = marked(" ".join(old), " ".join(new))
    assert (" ".join(t for _, t in left), " ".join(t for _, t in right)) == (" ".join(old), " ".join(new))
    assert [t for differs, t in left if not differs] == [t for differs, t in right if not differs]


def test_a_flat_document_has_each_place_once():
    keys = [key for key, _ in flat(small(test=[single("t1"), single("t2")]))]
    assert len(keys) == len(set(keys)) and deepcopy(small()) == small()
