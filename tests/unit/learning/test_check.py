"""What keeps a course from being published: each rule with a case that breaks it and a near one that keeps it."""

import copy
import re
from datetime import date
from pathlib import Path

import pytest

from bot.errors import ContentError
from bot.language.normalise import fold
from bot.learning import check, document
from bot.learning.check import CARD_NUMBER, TELEPHONE, Claim, findings, sentences, texts
from tests.factories import ROOT
from tests.unit.learning.playing import QUESTIONS, lesson

TODAY = date(2026, 11, 23)
CLAIMS = document.claims_of(ROOT / "courses")


def options(*feedback: str) -> list[dict]:
    return [{"text": f"Ý số {i}", "correct": i == 0, "feedback": told} for i, told in enumerate(feedback)]


SINGLE = {**QUESTIONS["s"], "source": ["S1"], "options": options("Đúng rồi, bác làm vậy là phải.", "Nghe hợp lý, nhưng chưa phải vậy đâu.")}
FILL = {"type": "fill", "id": "f", "prompt": "Mức ___.", "accept": ["2"], "feedback_right": "Đúng rồi, là mức hai.",
        "feedback_wrong": "Số cần điền ở đây là 2."}
SOUND = {
    "format": 2, "slug": "khoa-thu", "group": "citizens", "title": "Khóa thử", "audience": "Ai", "summary": "Thử.", "minutes": 3,
    "checked_on": "2026-11-23", "review_by": "2027-02-28", "sources": [{"id": "S1", "title": "Báo", "grade": "B", "url": "https://bao.vn"}],
    "lessons": [lesson(0, [SINGLE, FILL])]}


def words(count: int) -> str:
    return " ".join(["từ"] * count)


def found(*changes: tuple[tuple, object], claims: tuple[Claim, ...] = (), today: date = TODAY) -> list[tuple[tuple, str]]:
    """The findings about the sound course with some places changed: (path, new value)."""
    data = copy.deepcopy(SOUND)
    for path, value in changes:
        part = data
        for name in path[:-1]:
            part = part[name]
        part[path[-1]] = value
    return [(f.loc, f.message) for f in findings(document.of(data), claims, today)]


CARD = ("lessons", 0, "steps", 0, "card", "text")
ASKED = ("lessons", 0, "steps", 1, "question")
GAP = ("lessons", 0, "steps", 2, "question")
FIRST, SECOND = (*ASKED, "options", 0, "feedback"), (*ASKED, "options", 1, "feedback")


def test_the_course_of_these_tests_is_sound():
    assert found() == []


# sentences

@pytest.mark.parametrize(("group", "count", "refused"), [("citizens", 15, False), ("citizens", 16, True), ("staff", 25, False), ("staff", 26, True)])
@pytest.mark.parametrize("path", [CARD, (*ASKED, "prompt"), (*ASKED, "options", 1, "text"), SECOND, (*GAP, "feedback_wrong"),
                                  ("lessons", 0, "goal"), ("lessons", 0, "remember")], ids=lambda path: str(path[-1]))
def test_a_sentence_has_fifteen_words_at_most_for_citizens_and_twenty_five_for_staff(group, count, refused, path):
    problems = found((("group",), group), (path, words(count)))
    assert [loc for loc, message in problems if "a sentence of" in message] == ([path] if refused else [])


@pytest.mark.parametrize("path", [("summary",), ("audience",), ("sources", 0, "title")])
def test_what_is_no_part_of_a_lesson_may_have_longer_sentences(path):
    assert found((path, words(16))) == []


def test_a_long_sentence_of_the_test_and_of_the_easier_question_is_found():
    test = [{**SINGLE, "id": "x", "prompt": words(16)}]
    easier = {**SINGLE, "id": "e", "prompt": words(16)}
    assert [loc for loc, _ in found((("test",), test), (("lessons", 0, "easier"), easier))] == [
        ("test", 0, "prompt"), ("lessons", 0, "easier", "prompt")]


def test_what_describes_a_picture_may_be_a_longer_sentence_but_holds_no_number():
    picture = {"file": "thu-hinh", "alt": f"Hình vẽ {words(20)}"}
    path = (*CARD[:-1], "picture")
    assert found((path, picture)) == []
    assert [loc for loc, _ in found((path, {**picture, "alt": "Hình vẽ số 0912 345 678."}))] == [(*path, "alt")]


@pytest.mark.parametrize(("text", "expected"), [
    ("Một. Hai! Ba?", ["Một.", "Hai!", "Ba?"]), ("“Gác máy.” Rồi gọi.", ["“Gác máy.", "Rồi gọi."]), ("Một\nHai", ["Một", "Hai"]),
    ("Họ nói: “Chờ đã”", ["Họ nói:", "“Chờ đã”"]), ("Gồm: một, hai", ["Gồm: một, hai"]), ("1.000 đồng", ["1.000 đồng"]), ("Thế… Rồi sao", ["Thế…", "Rồi sao"]),
    ("dichvucong.gov.vn là thật", ["dichvucong.gov.vn là thật"]), ("  ", []),
])
def test_text_is_cut_into_sentences(text, expected):
    assert sentences(text) == expected


# numbers

@pytest.mark.parametrize("text", [
    "gọi 113 ngay", "gọi 1900 1234", "gọi 18001091", "1900-1234", "số 0912 345 678", "0912.345.678", "0912-345-678", "+84 912 345 678", "+84912345678",
    "nhắn 156", "tổng đài 1022", "gửi 5656", "069.2348560", "024 3826 1234",
])
def test_a_number_to_call_is_found(text):
    assert TELEPHONE.search(text)
    assert [loc for loc, message in found((CARD, f"{text} nhé bác.")) if "number to call" in message] == [CARD]


@pytest.mark.parametrize("text", [
    "rút 470 triệu đồng", "ngày 14/01/2026", "01-07-2026", "15 phút", "năm 2026", "113 đồng", "113 triệu", "Luật 91/2025/QH15", "2.530.000 đồng", "mã 1.004194",
    "QĐ 757", "156/2026", "7.000 đồng", "Nghị định 224/2026", "1800 đồng",
])
def test_what_is_no_number_to_call_passes(text):
    assert TELEPHONE.search(text) is None
    assert found((CARD, f"Thấy {text} nhé bác.")) == []


@pytest.mark.parametrize(("text", "refused"), [
    ("037186001234", True), ("037 186 001 234", True), ("4111 1111 1111 1111", True), ("4111-1111-1111-1111", True), ("4111111111111111", True),
    ("100.000.000.000", False), ("2026", False), ("20 30 40 50", False), ("11 chữ số", False), ("số 123456", False),
])
def test_a_number_of_a_person_or_a_card_is_found(text, refused):
    assert bool(CARD_NUMBER.search(text)) == refused
    assert [loc for loc, message in found((CARD, f"Có số {text} ở đây.")) if "person or a card" in message] == ([CARD] if refused else [])


@pytest.mark.parametrize("path", [("title",), ("summary",), (*ASKED, "options", 0, "text"), (*GAP, "accept", 0), SECOND],
                         ids=lambda path: str(path[-1]))
def test_numbers_are_looked_for_in_everything_a_learner_is_told(path):
    assert path in [loc for loc, _ in found((path, "Bác gọi 0912 345 678 nhé."))]


def test_ids_links_and_wrong_answers_to_expect_are_not_told():
    told = {text for _, text in texts(document.of(SOUND))}
    assert {"Khóa thử", "Thẻ 0 để đọc.", "Mức ___.", "2"} <= told
    assert told & {"khoa-thu", "https://bao.vn", "S1", "s", "single", "citizens"} == set()


# claims

SAID = {  # in the order of courses/unverified.yml: what is refused, and what comes near it and is not
    0: (["Mỗi tháng bác được 540.000 đồng.", "mức 540 nghìn", "500.000 đồng/tháng", "500 000 đồng mỗi tháng"],
        ["Có 540 người học.", "nộp 500.000 đồng một lần", "5.400.000 đồng"]),
    1: (["đóng 1.366.200 đồng một năm", "113.850 đồng", "546.480"], ["đóng 1.366.000 đồng", "113 đồng"]),
    2: (["mức 3.012.000 đồng", "3 triệu 12 nghìn", "hưởng 810.000 đồng", "được 10.800.000 đồng"], ["mức 3.000.000 đồng", "1.810.500 đồng", "10.800 đồng"]),
    3: (["theo Nghị định 335/2026", "NĐ 331", "nghị định số 330", "363/2026/NĐ-CP"], ["Nghị định 224/2026", "Nghị định 356/2025", "số nhà 335"]),
    4: (["theo TCVN 14423", "TCVN 11930:2017"], ["theo TCVN ISO/IEC 27001", "mã 14423"]),
    5: (["Luật số 116/2025/QH15", "Luật An ninh mạng năm 2025"], ["Luật 91/2025/QH15", "Luật An ninh mạng", "an ninh mạng năm 2025"]),
    6: (["Trong 24 giờ phải báo cáo.", "chậm nhất 24 giờ đầu thông báo", "sau 24 giờ thì báo cáo"],
        ["chậm nhất 72 giờ phải thông báo", "khóa sau 24 giờ", "24 giờ đầu rất quý"]),
    7: (["nam đủ 61 tuổi 6 tháng", "nữ 57 tuổi"], ["bác 61 tuổi", "bà 75 tuổi", "157 tuổi"]),
    8: (["người đủ 75 tuổi", "từ đủ 70 tuổi"], ["bác năm nay 75 tuổi", "đủ 16 tuổi"]),
    9: (["cài nTrust để tra", "vào tinnhiemmang.vn", "canhbao.khonggianmang.vn", "chongluadao.vn"], ["tra tin ở cổng tỉnh", "chống lừa đảo"]),
    10: (["đăng ký không phụ thuộc nơi cư trú"], ["nộp ở nơi cư trú", "không phụ thuộc ai"]),
    11: (["Khai tử trong 15 ngày.", "báo tử chậm nhất 15 ngày"], ["khai tử ở xã", "khai sinh trong 60 ngày", "xóa xong trong 15 ngày"]),
    12: (["4 không, 2 phải: không sợ, không tham, không chuyển tiền"], ["4 không, 2 phải", "không chuyển tiền cho ai"]),
}


def test_every_claim_that_nobody_has_verified_has_its_sentences():
    assert list(SAID) == list(range(len(CLAIMS)))


@pytest.mark.parametrize(("number", "sentence"), [(n, s) for n, (caught, _) in SAID.items() for s in caught])
def test_a_claim_that_nobody_has_verified_is_found_and_its_remedy_told(number, sentence):
    assert [n for n, claim in enumerate(CLAIMS) if claim.said.search(fold(sentence))] == [number]
    told = [message for loc, message in found((CARD, f"Thẻ này nói: {sentence}"), claims=CLAIMS) if loc == CARD]
    assert f"states what is not verified: {CLAIMS[number].why}" in told


@pytest.mark.parametrize("sentence", [s for _, passing in SAID.values() for s in passing])
def test_what_only_comes_near_a_claim_passes(sentence):
    assert found((CARD, f"Thẻ nói: {sentence}"), claims=CLAIMS) == []


@pytest.mark.parametrize("path", [(*GAP, "accept", 0), SECOND, ("lessons", 0, "remember"), ("summary",)], ids=lambda path: str(path[-1]))
def test_claims_are_looked_for_in_everything_a_learner_is_told(path):
    claims = (Claim(re.compile("muc 540"), "hỏi xã"),)
    assert (path, "states what is not verified: hỏi xã") in found((path, "Bác ơi, là mức 540 đấy."), claims=claims)


# feedback

@pytest.mark.parametrize(("told", "said"), [
    ("Sai mất rồi.", "explains nothing"), ("Chưa đúng đâu bác.", None), (f"{words(15)}. {words(15)}. {words(15)}.", None),
    (f"{words(15)}. {words(15)}. {words(15)}. Thừa.", "a feedback of 46 words"),
])
def test_a_feedback_is_neither_a_word_nor_a_lecture(told, said):
    problems = found((SECOND, told))
    assert [loc for loc, message in problems] == ([] if said is None else [ASKED])
    assert said is None or said in problems[0][1]


def test_no_two_feedbacks_of_a_question_are_alike():
    same = "Nghe hợp lý, nhưng chưa phải vậy đâu."
    assert found((FIRST, same)) == [(ASKED, "two choices have the same feedback; each needs its own")]
    assert found((FIRST, same), (SECOND, "Đúng rồi, bác làm vậy là phải.")) == []


# sources

def test_a_source_that_nothing_names_is_found():
    more = [*SOUND["sources"], {"id": "S2", "title": "Báo khác", "grade": "A", "rows": ["scams K1"]}]
    assert [loc for loc, _ in found((("sources",), more))] == [("sources", 1, "id")]
    assert found((("sources",), more), ((*CARD[:-1], "source"), ["S2"])) == []


@pytest.mark.parametrize(("source", "refused"), [
    ({"grade": "B"}, True), ({"grade": "A"}, True), ({"grade": "KD"}, False), ({"grade": "B", "url": "https://bao.vn"}, False),
    ({"grade": "A", "rows": ["scams K1"]}, False),
])
def test_a_source_of_grade_a_or_b_can_be_looked_up(source, refused):
    problems = found((("sources",), [{"id": "S1", "title": "Báo", **source}]))
    assert [loc for loc, _ in problems] == ([("sources", 0)] if refused else [])


# the whole

def test_a_message_fits_the_channel_with_the_shortest_ones():
    """A sentence a line: the measure is of characters, not of words."""
    long = "\n".join(["từ " * 14 + "dài."] * 39)
    assert 1700 < len(long) < check.MESSAGE_CHARACTERS
    assert found(((*ASKED, "prompt"), long)) == []
    over = f"{long}\n{'dài ' * 14}"
    assert len(over) < check.MESSAGE_CHARACTERS < len(over) + 100
    problems = found(((*ASKED, "prompt"), over))
    assert [loc for loc, message in problems if "characters on the screen" in message] == [ASKED]


@pytest.mark.parametrize(("today", "refused"), [(date(2027, 2, 28), False), (date(2027, 3, 1), True)])
def test_a_course_whose_review_is_overdue_is_found(today, refused):
    problems = found(today=today)
    assert [loc for loc, _ in problems] == ([("review_by",)] if refused else [])
    assert not refused or problems[0][1].startswith("was due on 28/02/2027")


@pytest.mark.parametrize(("minutes", "refused"), [(3, False), (4, False), (5, True), (2, False), (1, True)])
def test_the_minutes_promised_are_those_of_the_lessons_give_or_take_one_each(minutes, refused):
    assert [loc for loc, _ in found((("minutes",), minutes))] == ([("minutes",)] if refused else [])


def test_findings_come_with_file_line_and_field(tmp_path: Path):
    path = tmp_path / "gia-danh-cong-an.yml"
    text = (ROOT / "courses" / path.name).read_text(encoding="utf-8")
    line = next(n for n, row in enumerate(text.splitlines(), 1) if row.strip().startswith("remember:"))
    rows = text.splitlines()
    rows[line - 1] = '    remember: "Bác gọi 0912 345 678 nhé."'
    path.write_text("\n".join(rows), encoding="utf-8")
    with pytest.raises(ContentError) as raised:
        document.checked(path, CLAIMS, TODAY)
    assert [(p.file, p.line, p.field) for p in raised.value.problems] == [(str(path), line, "lessons.0.remember")]


def test_claims_are_read_from_the_folder_and_the_file_is_no_course(tmp_path: Path):
    assert document.claims_of(tmp_path) == ()
    (tmp_path / document.UNVERIFIED).write_text("format: 1\nclaims:\n  - {said: 'muc 540', why: hỏi xã}\n", encoding="utf-8")
    (claim,) = document.claims_of(tmp_path)
    assert (claim.said.pattern, claim.why) == ("muc 540", "hỏi xã")
    assert document.files_of(tmp_path) == []
    (tmp_path / document.UNVERIFIED).write_text("format: 1\nclaims:\n  - {said: 'muc 540'}\n", encoding="utf-8")
    with pytest.raises(ContentError) as raised:
        document.claims_of(tmp_path)
    assert [(p.line, p.field) for p in raised.value.problems] == [(3, "claims.0.why")]
    (tmp_path / document.UNVERIFIED).write_text("format: 1\nclaims:\n  - {said: 'muc (540', why: hỏi xã}\n", encoding="utf-8")
    with pytest.raises(ContentError) as raised:
        document.claims_of(tmp_path)
    assert [(p.line, p.field, p.remedy.split(":")[0]) for p in raised.value.problems] == [(3, "claims.0.said", "no pattern that Python reads")]
