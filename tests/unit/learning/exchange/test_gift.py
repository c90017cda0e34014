"""GIFT is read as teachers write it, every fault named by its line; what is written reads back."""

import pytest

from bot.learning import document
from bot.learning.exchange import gift
from bot.learning.exchange.faults import BadQuestions
from tests.factories import ROOT
from tests.small_course import small

COURSES = document.files_of(ROOT / "courses")


def options(*texts: tuple[str, bool, str]) -> dict:
    return {"options": [{"text": t, "correct": c, "feedback": f} for t, c, f in texts]}


YES_NO = options(("Có", True, "Đúng rồi ạ."), ("Không", False, "Nghĩ lại nhé."))

READ = {
    "one right answer": ("Có không? {=Có#Đúng rồi ạ. ~Không#Nghĩ lại nhé.}", {"type": "single", "prompt": "Có không?", **YES_NO}),
    "the wrong one first": ("Có không? {~Không#Nghĩ lại nhé. =Có#Đúng rồi ạ.}",
                            {"type": "single", **options(("Không", False, "Nghĩ lại nhé."), ("Có", True, "Đúng rồi ạ."))}),
    "one answer a line": ("Có không? {\n=Có#Đúng rồi ạ.\n~Không#Nghĩ lại nhé.\n}", {"type": "single", **YES_NO}),
    "a title": ("::Câu 1:: Có không? {=Có#Đúng rồi ạ. ~Không#Nghĩ lại nhé.}", {"prompt": "Có không?", **YES_NO}),
    "a title on a line of its own": ("::Câu\n1::\nCó không? {=Có#Đúng rồi ạ. ~Không#Nghĩ lại nhé.}", {"prompt": "Có không?"}),
    "a format mark": ("[html]Có không? {=[plain]Có#Đúng rồi ạ. ~Không#Nghĩ lại nhé.}", {"prompt": "Có không?", **YES_NO}),
    "words behind the braces": ("Thủ đô là {=Hà Nội#Đúng rồi ạ. ~Huế#Huế là cố đô.} của nước ta.", {"prompt": "Thủ đô là ___ của nước ta."}),
    "comments and a category": ("// ghi chú\n$CATEGORY: thử\n\nCó không? {=Có#Đúng rồi ạ. ~Không#Nghĩ lại nhé.}", {"prompt": "Có không?"}),
    "a comment among the answers": ("Có không? {\n=Có#Đúng rồi ạ.\n// câu này khó\n~Không#Nghĩ lại nhé.\n}", YES_NO),
    "a blank line among the answers": ("Có không? {\n\n=Có#Đúng rồi ạ.\n\n~Không#Nghĩ lại nhé.\n\n}", YES_NO),
    "line ends of Windows": ("Có không? {\r\n=Có#Đúng rồi ạ.\r\n~Không#Nghĩ lại nhé.\r\n}\r\n", {"prompt": "Có không?", **YES_NO}),
    "a byte order mark": ("\ufeffCó không? {=Có#Đúng rồi ạ. ~Không#Nghĩ lại nhé.}", {"prompt": "Có không?"}),
    "decomposed letters": ("Co\u0301 kho\u0302ng? {=Co\u0301#Đúng rồi ạ. ~Không#Nghĩ lại nhé.}", {"prompt": "Có không?", **YES_NO}),
    "two lines of question": ("Có\n   không? {=Có#Đúng rồi ạ. ~Không#Nghĩ lại nhé.}", {"prompt": "Có\nkhông?"}),
    "every escape": (r"2 \= 1 + 1\: đúng? \{x\} \#1 \~ C\:\\moi\n dòng hai {=Có#Đúng \= rồi ạ. ~Không#Nghĩ \~ lại nhé.}",
                     {"prompt": "2 = 1 + 1: đúng? {x} #1 ~ C:\\moi\n dòng hai", **options(("Có", True, "Đúng = rồi ạ."), ("Không", False, "Nghĩ ~ lại nhé."))}),
    "a backslash before an n": (r"C\:\\new là gì? {=Thư mục#Đúng rồi ạ. ~Tệp#Nghĩ lại nhé.}", {"prompt": "C:\\new là gì?"}),
    "several right ones by weight": ("Những gì? {~%50%A#Một là A. ~%50%B#Hai là B. ~%-100%C#C thì không.}",
                                     {"type": "multiple", **options(("A", True, "Một là A."), ("B", True, "Hai là B."), ("C", False, "C thì không."))}),
    "several right ones by mark": ("Những gì? {=A#Một là A. =B#Hai là B. ~C#C thì không.}",
                                   {"type": "multiple", **options(("A", True, "Một là A."), ("B", True, "Hai là B."), ("C", False, "C thì không."))}),
    "weights of one right answer": ("Gì? {~%100%A#Một là A. ~%0%B#Không phải.}",
                                    {"type": "single", **options(("A", True, "Một là A."), ("B", False, "Không phải."))}),
    "true": ("Công an đòi tiền qua điện thoại. {FALSE#Không bao giờ đòi.#Đúng, đó là lừa.}",
             {"type": "single", **options(("Đúng", False, "Không bao giờ đòi."), ("Sai", True, "Đúng, đó là lừa."))}),
    "a short true": ("Gác máy là đúng. {T#Nên gác chứ.#Phải rồi ạ.}",
                     {"type": "single", **options(("Đúng", True, "Phải rồi ạ."), ("Sai", False, "Nên gác chứ."))}),
    "true with general words": ("Gác máy là đúng. {T#Nên gác chứ.####Gác máy là xong.}",
                                options(("Đúng", True, "Gác máy là xong."), ("Sai", False, "Nên gác chứ."))),
    "a word": ("Mã gì? {=OTP#Đúng là OTP. =mã OTP ####Là mã OTP.}",
               {"type": "fill", "accept": ["OTP", "mã OTP"], "feedback_right": "Đúng là OTP.", "feedback_wrong": "Là mã OTP.", "near": []}),
    "a word half right": ("Mã gì? {=OTP#Đúng là OTP. =%50%PIN#PIN là của thẻ. ####Là mã OTP.}",
                          {"accept": ["OTP"], "near": [{"match": ["PIN"], "feedback": "PIN là của thẻ."}]}),
    "a number": ("Mấy ngày? {#15#Đúng 15 ngày. ####Là 15 ngày.}", {"type": "fill", "accept": ["15"], "feedback_right": "Đúng 15 ngày."}),
    "a number with no tolerance": ("Mấy? {#=3,5:0#Đúng 3,5. ####Là 3,5.}", {"type": "fill", "accept": ["3,5"]}),
    "pairs": ("Nối đi. {=Mèo -> meo =Chó -> gâu =Gà -> cục tác ####Con nào kêu nấy.}",
              {"type": "matching", "feedback_right": "Con nào kêu nấy.", "pairs": [
                  {"left": a, "right": b, "why": "Con nào kêu nấy."} for a, b in (("Mèo", "meo"), ("Chó", "gâu"), ("Gà", "cục tác"))]}),
    "an order": ("Việc gì trước? {=1 -> Gác máy =2 -> Hỏi người nhà =3 -> Báo công an ####Dừng trước đã.}",
                 {"type": "ordering", "places": [{"text": t, "why": "Dừng trước đã."} for t in ("Gác máy", "Hỏi người nhà", "Báo công an")]}),
}

FAULTS = {
    "an empty file": ("", ["dòng 1: tệp không có câu hỏi nào"]),
    "comments only": ("// không có gì\n", ["dòng 1: tệp không có câu hỏi nào"]),
    "no braces": ("\n\nCó không?\n", ["dòng 3: không thấy phần trả lời trong ngoặc { }; thêm vào, hoặc bỏ đoạn này"]),
    "braces left open": ("Có không? {=Có#Đúng rồi ạ.\n", ["dòng 1: ngoặc { chưa được đóng bằng }"]),
    "braces left open, and another question behind": (
        "Có không? {=Có#Đúng rồi ạ. ~Không#Nghĩ lại nhé.\n\nHai? {=Có#Đúng rồi ạ. ~Không#Nghĩ lại nhé.}", ["dòng 1: ngoặc { chưa được đóng bằng }"]),
    "two questions without a blank line": (
        "Một? {=Có#Đúng rồi ạ. ~Không#Nghĩ lại nhé.}\nHai? {=Có#Đúng rồi ạ. ~Không#Nghĩ lại nhé.}",
        ["dòng 1: sau câu này thiếu một dòng trống; mỗi câu cách câu trước một dòng trống"]),
    "no question": ("{=Có#Đúng rồi ạ. ~Không#Nghĩ lại nhé.}", ["dòng 1: câu hỏi trống; viết câu hỏi trước ngoặc {"]),
    "an essay": ("Kể đi. {}", ["dòng 1: câu tự luận không chấm được trong chat; đổi sang câu chọn hoặc câu điền"]),
    "words without a mark": ("Có không? {Có}", ["dòng 1: không có đáp án nào; mỗi đáp án bắt đầu bằng = (đúng) hoặc ~ (sai)"]),
    "choices without feedback": ("Có không? {\n=Có\n~Không#Nghĩ lại nhé.\n~Chịu\n}", [
        "dòng 2: lựa chọn “Có” chưa có lời giải thích; viết thêm sau dấu #", "dòng 4: lựa chọn “Chịu” chưa có lời giải thích; viết thêm sau dấu #"]),
    "no right choice": ("Có không? {~Có#Không phải đâu. ~Không#Nghĩ lại nhé.}", ["dòng 1: phải có đúng một đáp án đúng"]),
    "every choice right": ("Gì? {~%50%A#Một là A. ~%50%B#Hai là B.}",
                           ["dòng 1: cần ít nhất 3 lựa chọn, đang có 2"]),
    "too many choices": ("Gì? {=A#Đúng rồi ạ." + "".join(f" ~{c}#Không phải {c}." for c in "BCDEF") + "}",
                         ["dòng 1: nhiều nhất 5 lựa chọn, đang có 6; bớt đi hoặc tách làm hai câu"]),
    "a choice too long": ("Gì? {=" + "a" * 161 + "#Đúng rồi ạ. ~B#Không phải.}", [f"dòng 1: “{'a' * 40}…” dài quá 160 ký tự; viết ngắn lại"]),
    "an empty choice": ("Gì? {=#Đúng rồi ạ. ~B#Không phải.}", ["dòng 1: phần lựa chọn còn trống hoặc quá ngắn; viết thêm"]),
    "feedback too short": ("Gì? {=A#Ừ. ~B#Không phải.}", ["dòng 1: phần lời giải thích còn trống hoặc quá ngắn; viết thêm"]),
    "true without feedback": ("Đúng chứ? {T}", ["dòng 1: câu đúng/sai cần hai lời giải thích khác nhau: {T#khi trả lời sai#khi trả lời đúng}"]),
    "true with one feedback": ("Đúng chứ? {\n\nFALSE#Sai mà.####Sai mà.}", [
        "dòng 1: câu đúng/sai cần hai lời giải thích khác nhau: {T#khi trả lời sai#khi trả lời đúng}"]),
    "a word without feedback": ("Mã gì? {=OTP}", ["dòng 1: câu điền cần lời giải thích khi đúng (sau dấu # của đáp án) và khi sai (sau dấu #### ở cuối)"]),
    "a word half right without feedback": ("Mã gì? {=OTP#Đúng là OTP. =%50%PIN ####Là mã OTP.}", [
        "dòng 1: đáp án “PIN” không được trọn điểm nên cần lời giải thích; viết thêm sau dấu #"]),
    "no word wholly right": ("Mã gì? {=%50%PIN#PIN là của thẻ. ####Là mã OTP.}", ["dòng 1: không có đáp án nào được trọn điểm (100 %)"]),
    "a range": ("Mấy? {#1..5#Đúng rồi ạ. ####Không phải.}", ["dòng 1: “1..5” không phải một số; khoảng giá trị (như 15:1 hay 1..5) không dùng được"]),
    "a tolerance": ("Mấy? {#15:2#Đúng rồi ạ. ####Không phải.}", ["dòng 1: “15:2” không phải một số; khoảng giá trị (như 15:1 hay 1..5) không dùng được"]),
    "two numbers": ("Mấy? {#=15#Đúng rồi ạ. =16#Gần đúng. ####Không phải.}", ["dòng 1: câu số chỉ nhận một đáp án; bỏ các đáp án còn lại"]),
    "pairs without general words": ("Nối. {=a -> b =c -> d =e -> f}", ["dòng 1: câu nối cần lời giải thích chung sau dấu #### ở cuối"]),
    "two pairs": ("Nối. {=a -> b =c -> d ####Nối thế ạ.}", ["dòng 1: cần ít nhất 3 cặp, đang có 2"]),
    "a pair without its arrow": ("Nối. {\n=a -> b\n=c\n=e -> f\n####Nối thế ạ.}", [
        "dòng 3: “c” thiếu dấu ->; câu nối cần dạng =vế trái -> vế phải ở mọi dòng"]),
    "half a pair": ("Nối. {=a -> b =c -> =e -> f ####Nối thế ạ.}", ["dòng 1: phần vế phải còn trống hoặc quá ngắn; viết thêm"]),
    "the same thing twice": ("Nối. {=a -> b =a -> d =e -> f ####Nối thế ạ.}", ["dòng 1: hai cặp có vế trái giống nhau; mỗi vế phải khác nhau"]),
    "faults of several questions, in order": ("Một {}\n\nHai {=Có#Đúng rồi ạ. ~Không#Nghĩ lại nhé.}\n\n// ghi chú\n\nBa\n", [
        "dòng 1: câu tự luận không chấm được trong chat; đổi sang câu chọn hoặc câu điền",
        "dòng 7: không thấy phần trả lời trong ngoặc { }; thêm vào, hoặc bỏ đoạn này"]),
    "lines behind a comment": ("Một?\n// ghi chú\n{\n=Có\n~Không#Nghĩ lại nhé.\n}", ["dòng 4: lựa chọn “Có” chưa có lời giải thích; viết thêm sau dấu #"]),
}


def dumped(question) -> dict:
    return question.model_dump(mode="json")


@pytest.mark.parametrize("case", READ)
def test_a_question_is_read(case):
    text, expected = READ[case]
    (question,) = gift.read(text)
    found = dumped(question)
    assert {k: found[k] for k in expected} == expected


@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_is_named_with_its_line_and_remedy(case):
    text, expected = FAULTS[case]
    with pytest.raises(BadQuestions) as caught:
        gift.read(text)
    assert [str(f) for f in caught.value.faults] == expected


def test_one_fault_and_nothing_is_read():
    good = READ["one right answer"][0]
    assert len(gift.read(f"{good}\n\n{good}")) == 2
    with pytest.raises(BadQuestions):
        gift.read(f"{good}\n\nHai {{}}\n\n{good}")


def test_the_ids_count_the_questions():
    text = "\n\n".join(READ[c][0] for c in ("one right answer", "a word", "pairs"))
    assert [q.id for q in gift.read(text)] == ["g1", "g2", "g3"]


SAME = {"single": ("prompt", "options"), "multiple": ("prompt", "options"), "fill": ("prompt", "accept", "near", "feedback_right", "feedback_wrong"),
        "matching": ("prompt", "feedback_right"), "ordering": ("prompt", "feedback_right")}


def joined(item) -> list[tuple[str, str]]:
    return [(p.left, p.right) for p in item.pairs]


def merged(near: list[dict]) -> list[tuple[str, str]]:
    """Expected wrong answers, one by one: GIFT has no lists of them."""
    return [(m, n["feedback"]) for n in near for m in n["match"]]


@pytest.mark.parametrize("path", COURSES, ids=lambda p: p.stem)
def test_every_shipped_course_reads_back(path):
    """What GIFT knows comes back equal; what it does not know comes back as what is nearest."""
    course = document.load(path)
    read = iter(gift.read(gift.write(course)))
    for item in course.items:
        before = dumped(item)
        if item.type == "scenario":
            judged = [s for s in item.scenes if len({c.ends for c in s.choices}) > 1 or any(c.to for c in s.choices)]
            for scene in judged:
                back = next(read)
                while back.prompt != scene.text:  # a scene without a right or a wrong choice is told, not asked
                    scene = judged[judged.index(scene) + 1]
                assert [(o.text, o.feedback) for o in back.options] == [(c.text, c.feedback) for c in scene.choices]
                assert all(o.correct for o, c in zip(back.options, scene.choices, strict=True) if c.ends == "right")
                assert not any(o.correct for o, c in zip(back.options, scene.choices, strict=True) if c.ends == "wrong")
                if scene is judged[-1]:
                    break
            continue
        back = next(read)
        after = dumped(back)
        if item.type in ("spot", "picture", "true_false"):
            assert item.solution() == back.solution()
            assert sorted(item.told()) == sorted(back.told())
            assert (getattr(item, "prompt", None) or item.statement) in back.prompt
            if item.type == "picture":
                assert item.picture.alt in back.prompt
            continue
        assert back.type == item.type
        for field in SAME[item.type]:
            if field == "near":
                assert merged(after[field]) == merged(before[field])
            else:
                assert after[field] == before[field]
        if item.type == "matching":
            assert joined(back) == joined(item)
        if item.type == "ordering":
            assert back.solution() == item.solution()
    assert next(read, None) is None


def test_the_shipped_courses_try_every_type():
    assert {i.type for p in COURSES for i in document.load(p).items} == set(gift._WRITERS)


def with_question(question: dict):
    course = small()
    course["lessons"][0]["steps"][1]["question"] = question
    return document.of(course)


@pytest.mark.parametrize("text", [
    "a=b ~ c # d {e} : f", "C:\\new\\n", "\\", "dòng một\n\ndòng ba", "::tiêu đề:: x", "50% là = ~%50% à", "// không phải ghi chú", "a -> b", "####"])
def test_any_text_survives_being_written_and_read(text):
    course = with_question({"type": "single", "id": "l1q1", "prompt": f"Đọc: {text}", "options": [
        {"text": f"Chọn {text}", "correct": True, "feedback": f"Đúng rồi: {text}"}, {"text": "Khác", "feedback": f"Không phải {text}"}]})
    back = gift.read(gift.write(course))[0]
    assert (back.prompt, [o.text for o in back.options]) == (f"Đọc: {text}", [f"Chọn {text}", "Khác"])
    assert [o.feedback for o in back.options] == [f"Đúng rồi: {text}", f"Không phải {text}"]


def test_a_story_with_a_scene_that_cannot_end_well_is_written():
    course = with_question({"type": "scenario", "id": "l1q1", "source": ["S1"], "scenes": [
        {"id": "goi", "text": "Có người gọi đến bác.", "choices": [
            {"text": "Nghe tiếp", "feedback": "Nghe thì dễ bị cuốn.", "to": "doa"}, {"text": "Gác máy", "feedback": "Gác là đúng.", "ends": "right"}]},
        {"id": "doa", "text": "Họ dọa bắt bác.", "choices": [
            {"text": "Chuyển tiền", "feedback": "Tiền mất ngay.", "ends": "wrong"}, {"text": "Đọc mã", "feedback": "Mã là chìa khóa.", "ends": "wrong"}]}]})
    written = gift.write(course)
    first = gift.read(written)[0]
    assert (first.prompt, first.solution()) == ("Có người gọi đến bác.", "Gác máy")
    assert "// l1q1-doa (dẫn chuyện, không chấm): Họ dọa bắt bác." in written
    assert len(gift.read(written)) == 4
