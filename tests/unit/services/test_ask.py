"""What a question is about, given what was said before: follow-ups, corrections, choices pointed at, comparisons, cases."""

import pytest
from sqlalchemy import select

from bot.language.choices import pointed
from bot.procedures import document
from bot.procedures.facts import case_named
from bot.procedures.search import Hit, Ranking
from bot.services import ask, catalogue, inbox
from bot.store.tables import Asked, Conversation
from tests.factories import ROOT, TUESDAY_TEN

BIRTH, DEATH, MARRIAGE, PASSPORT, PERMANENT, TEMPORARY, LOST, SHOP = (
    "1.001193", "1.000656", "1.000894", "1.001456", "1.004222", "1.004194", "1.010386", "1.001612")
SLUGS = ("dang-ky-khai-sinh", "dang-ky-khai-tu", "dang-ky-ket-hon", "ho-chieu-pho-thong", "dang-ky-thuong-tru", "dang-ky-tam-tru",
         "trinh-bao-mat-ho-chieu", "cap-the-can-cuoc", "dang-ky-ho-kinh-doanh", "doi-giay-phep-lai-xe")


@pytest.fixture(scope="module")
def documents():
    shipped = document.load_all(ROOT / "procedures")
    return {shipped[slug].code: shipped[slug].model_dump(mode="json") for slug in SLUGS}


@pytest.fixture
def known(database, documents):
    """A catalogue of ten procedures."""
    with database.write() as session:
        catalogue.replace(session, "curated", documents, TUESDAY_TEN)
    found = catalogue.Catalogue(database)
    found.refresh()
    return found


# follow-ups

def test_a_question_without_a_subject_stays_or_is_asked_for_one(known):
    for text, aspect in (("thế lệ phí bao nhiêu", "fee"), ("mấy ngày thì xong", "duration"), ("nộp ở đâu", "place"), ("cần giấy tờ gì", "papers"),
                         ("làm trên mạng được không", "online"), ("the can nhung giay to gi", "papers"), ("", "overview")):
        stays = ask.understand(known, text, BIRTH, aspect)
        assert (stays.decision, stays.code, stays.follow_up) == ("answer", BIRTH, True), text
        assert ask.understand(known, text, None, aspect).decision == "no_subject", text


@pytest.mark.parametrize(("text", "aspect"), [
    ("còn con tôi 10 tuổi thì sao", "overview"), ("con tôi 10 tuổi có được không", "conditions"), ("thế nhỡ trời mưa to thì sao", "overview"),
    ("thuê luật sư làm hộ mất bao nhiêu", "fee")])
def test_a_question_that_leans_back_stays_with_what_is_discussed(known, text, aspect):
    found = ask.understand(known, text, BIRTH, aspect)
    assert (found.code, found.follow_up) == (BIRTH, True)


@pytest.mark.parametrize(("text", "aspect", "code"), [
    ("đăng ký tạm trú mất bao nhiêu tiền", "fee", TEMPORARY), ("thế còn hộ chiếu thì sao", "overview", PASSPORT), ("le phi lam ho chieu", "fee", PASSPORT),
    ("đăng ký kết hôn ở đâu", "place", MARRIAGE), ("1.000656 cần gì", "papers", DEATH)])
def test_a_new_subject_replaces_what_is_discussed(known, text, aspect, code):
    found = ask.understand(known, text, BIRTH, aspect)
    assert (found.decision, found.code, found.follow_up) == ("answer", code, False)


def test_a_bare_statement_about_something_else_does_not_stay(known):
    found = ask.understand(known, "phóng tên lửa vũ trụ", BIRTH)
    assert (found.decision, found.code) == ("none", "")


def test_what_is_discussed_may_have_gone_meanwhile(known):
    assert ask.understand(known, "lệ phí bao nhiêu", "9.999999", "fee").decision == "no_subject"


# corrections

@pytest.mark.parametrize(("text", "said"), [
    ("không, ý tôi là khai tử", "khai tu"), ("khong, y toi la khai tu", "khai tu"), ("không ý tôi là khai tử", "khai tu"), ("ý em là khai tử", "khai tu"),
    ("dạ ý của em là khai tử ạ", "khai tu"), ("không phải, ý tôi muốn hỏi khai tử", "khai tu"), ("không phải, khai tử cơ", "khai tu"),
    ("tôi hỏi khai tử cơ mà", "khai tu"), ("nhầm rồi, khai tử", "khai tu"), ("không, khai tử", "khai tu"), ("không, khai tử cơ!", "khai tu"),
    ("không phải cái đó, khai tử", "khai tu"), ("không phải", ""), ("không phải vậy", ""), ("Không phải đâu.", ""), ("nhầm", ""), ("không", ""),
    ("sai rồi", ""), ("không có sổ hộ khẩu thì sao", None), ("không biết chữ có làm được không", None), ("khai tử", None), ("cần giấy tờ gì", None),
    ("tôi hỏi khai tử", None), ("yên tâm", None), ("", None)])
def test_what_a_correction_says_instead(text, said):
    assert ask.correction(text) == said


@pytest.mark.parametrize("text", ["không, ý tôi là khai tử", "khong phai, khai tu co", "ý em là khai tử", "nhầm rồi, đăng ký khai tử"])
def test_a_correction_leads_to_what_it_names(known, text):
    found = ask.understand(known, text, BIRTH)
    assert (found.decision, found.code, found.follow_up) == ("answer", DEATH, False)


def test_a_correction_chooses_among_what_was_offered(known):
    found = ask.understand(known, "không, mất hộ chiếu cơ", PASSPORT, offered=(PASSPORT, LOST))
    assert (found.decision, found.code) == ("answer", LOST)


def test_a_bare_denial_names_nothing(known):
    found = ask.understand(known, "không phải", BIRTH, offered=(BIRTH, DEATH))
    assert found.code in ("", BIRTH)
    assert ask.others(known, (BIRTH, DEATH, "9.999999", MARRIAGE), BIRTH) == [
        Hit(DEATH, known.facts(DEATH).name, 0.0), Hit(MARRIAGE, known.facts(MARRIAGE).name, 0.0)]


@pytest.mark.parametrize("text", ["không phải", "sai rồi", "nhầm"])
def test_a_bare_denial_gives_the_choices_that_are_left_or_asks_for_a_subject(known, text):
    left = ask.understand(known, text, BIRTH, offered=(BIRTH, DEATH, MARRIAGE))
    assert (left.decision, [h.code for h in left.hits]) == ("clarify", [DEATH, MARRIAGE])
    assert ask.understand(known, text, BIRTH).decision == "no_subject"


def test_what_denies_nothing_is_no_correction(known):
    assert ask.understand(known, "không có giấy chứng sinh thì sao", BIRTH).code in ("", BIRTH)


# choices

def test_words_choose_among_what_was_offered(known):
    assert ask.understand(known, "cái khai tử ấy", None, offered=(BIRTH, DEATH)).code == DEATH


def test_an_aspect_asked_over_the_choices_leaves_them_open(known):
    found = ask.understand(known, "mất tiền không", None, "fee", offered=(BIRTH, DEATH))
    assert found.decision == "clarify"
    assert [h.code for h in found.hits] == [BIRTH, DEATH]


@pytest.mark.parametrize("text", ["ke chuyen cuoi di", "kể chuyện cười đi", "truyện cười", "đọc truyện ma cho tôi nghe", "do vui di bot"])
def test_a_story_is_no_procedure(known, text):
    assert ask.understand(known, text, None).decision == "none"


@pytest.mark.parametrize("text", ["dang ky cuoi", "làm giấy cưới", "giấy tờ cưới vợ"])
def test_a_wedding_is(known, text):
    assert ask.understand(known, text, None).code == MARRIAGE


@pytest.mark.parametrize(("scores", "offered", "code"), [
    ((0.5, 0.2), "ab", "a"), ((0.5, 0.4), "ab", None), ((0.5, 0.4), "a", "a"), ((0.5, 0.4), "b", "b"), ((0.29, 0.0), "ab", None), ((0.5, 0.2), "c", None),
    ((0.5, 0.2), "", None), ((), "ab", None), ((0.5, 0.3), "ab", "a")])
def test_a_choice_is_taken_when_it_stands_out_among_those_offered(scores, offered, code):
    chosen = ask.among(Ranking([Hit(c, c, s) for c, s in zip("ab", scores, strict=False)]), tuple(offered))
    assert (chosen and chosen.code) == code


POINTS = [
    ("cái thứ hai", 1), ("cái thứ 2", 1), ("cai thu hai", 1), ("thứ nhất", 0), ("thu nhat", 0), ("cái thứ nhất", 0), ("cái đầu tiên", 0), ("cái đầu", 0),
    ("số 1", 0), ("số 2", 1), ("số hai", 1), ("so 3", 2), ("2", 1), ("3.", 2), ("cái 2 ạ", 1), ("cái số 1", 0), ("cái cuối", 2), ("cái cuối cùng", 2),
    ("mục cuối", 2), ("câu cuối", 2), ("dòng 3", 2), ("việc thứ ba", 2), ("mục 3", 2), ("nút 2", 1), ("phương án 2", 1), ("lựa chọn 3", 2), ("chọn 1", 0),
    ("bấm 1", 0), ("lấy cái thứ hai đi", 1), ("em chọn số 2 ạ", 1), ("dạ cái thứ hai ạ", 1), ("muốn xem cái thứ hai", 1), ("ý thứ hai", 1),
    ("cái trên cùng", 0), ("ở dưới cùng", 2), ("cái thứ hai đó", 1), ("thứ hai", 1)]
POINT_AT_NOTHING = [
    "hai", "ba", "tư", "một", "đầu", "cuối", "cái thứ tư", "số 4", "số 0", "12", "2 con", "sinh con thứ hai", "con thứ hai", "con thu hai", "mức 2",
    "con thứ 2", "thứ hai tuần sau", "cái gì", "cái này",
    "cái kia", "số điện thoại", "số 2 là gì", "khai tử", "", "không", "cả hai", "hai cái", "2 cái", "lần 2", "ngày 2", "mẫu số 2", "định danh mức 2", "ông ba",
    "bà hai", "căn cước", "😀", "tôi 2 tuổi", "thứ năm"]
BUTTONS = [{"title": "1. Đăng ký khai sinh", "payload": "/a"}, {"title": "2. Đăng ký khai tử", "payload": "/b"},
           {"title": "3. Đăng ký kết hôn", "payload": "/c"}, {"title": "Không có trong số này", "payload": "/none", "numbered": False}]


@pytest.mark.parametrize(("text", "at"), POINTS)
def test_words_that_point_at_a_choice(text, at):
    assert pointed(text, 3) == at
    assert inbox.offered_payload(BUTTONS, text) == BUTTONS[at]["payload"]


@pytest.mark.parametrize("text", POINT_AT_NOTHING)
def test_words_that_point_at_none(text):
    assert pointed(text, 3) is None
    assert inbox.offered_payload(BUTTONS, text) is None


def test_a_button_is_named_by_its_title_and_only_numbered_ones_by_number():
    assert inbox.offered_payload(BUTTONS, "không có trong số này") == "/none"
    assert inbox.offered_payload(BUTTONS, " 2. ĐĂNG KÝ KHAI TỬ ") == "/b"
    assert inbox.offered_payload(BUTTONS, "4") is None
    assert inbox.offered_payload([], "2") is inbox.offered_payload(None, "cái thứ hai") is None
    assert inbox.offered_payload(BUTTONS[3:], "cái đầu tiên") is None


# comparison

@pytest.mark.parametrize(("text", "pair"), [
    ("đăng ký tạm trú và thường trú khác gì nhau", (TEMPORARY, PERMANENT)), ("tam tru va thuong tru khac gi nhau", (TEMPORARY, PERMANENT)),
    ("so sánh tạm trú với thường trú", (TEMPORARY, PERMANENT)), ("thường trú khác gì tạm trú", (PERMANENT, TEMPORARY)),
    ("phân biệt khai sinh và khai tử", (BIRTH, DEATH)), ("hộ kinh doanh với hộ chiếu khác gì nhau", (SHOP, PASSPORT)),
    ("so sánh hộ em tạm trú với thường trú", (TEMPORARY, PERMANENT))])
def test_two_procedures_named_are_compared(known, text, pair):
    assert ask.compared(known, text, None, ()) == pair


def test_what_was_offered_or_is_discussed_is_compared(known):
    assert ask.compared(known, "hai cái đó khác gì nhau", None, (TEMPORARY, PERMANENT)) == (TEMPORARY, PERMANENT)
    assert ask.compared(known, "hai cai do khac gi nhau", TEMPORARY, (TEMPORARY, PERMANENT)) == (TEMPORARY, PERMANENT)
    assert ask.compared(known, "khác gì với thường trú", TEMPORARY, ()) == (TEMPORARY, PERMANENT)
    assert ask.compared(known, "cái này khác gì đăng ký thường trú", TEMPORARY, ()) == (TEMPORARY, PERMANENT)


@pytest.mark.parametrize(("text", "about", "offered"), [
    ("hai cái đó khác gì nhau", None, ()), ("hai cái đó khác gì nhau", BIRTH, ()), ("làm khai sinh ở đâu", BIRTH, (BIRTH, DEATH)),
    ("khác tỉnh thì làm ở đâu", BIRTH, (BIRTH, DEATH)), ("phóng tên lửa và bay vũ trụ khác gì nhau", None, (BIRTH, DEATH)),
    ("khai sinh và khai sinh khác gì nhau", None, ()), ("", BIRTH, (BIRTH, DEATH))])
def test_what_compares_nothing(known, text, about, offered):
    assert ask.compared(known, text, about, offered) is None


# cases

@pytest.mark.parametrize(("text", "case"), [
    ("bé đẻ rơi ở nhà không có giấy chứng sinh", "Không có giấy chứng sinh"), ("mat giay chung sinh thi sao", "Không có giấy chứng sinh"),
    ("con ngoài giá thú làm khai sinh", "Cha mẹ chưa đăng ký kết hôn"), ("chua cuoi ma co con", "Cha mẹ chưa đăng ký kết hôn"),
    ("khai sinh muộn có bị phạt không", "Đi khai sinh muộn"), ("con lớn rồi mới đi khai sinh", "Đi khai sinh muộn"),
    ("ông bà đi khai sinh hộ được không", "Ông bà hoặc người khác đi thay")])
def test_a_question_names_a_case(known, text, case):
    assert case_named(known.facts(BIRTH), text).startswith(case)


@pytest.mark.parametrize("text", ["", "làm khai sinh", "làm giấy khai sinh cho con cần gì", "đăng ký khai sinh ở đâu", "tôi muốn làm khai sinh",
                                  "khai sinh cho trẻ em", "dang ky khai sinh", "lệ phí bao nhiêu", "khai tử", "muộn"])
def test_a_plain_question_names_no_case(known, text):
    assert case_named(known.facts(BIRTH), text) == ""


def test_a_procedure_without_cases_names_none(known):
    facts = known.facts(BIRTH)
    assert case_named(type(facts)(**{**vars(facts), "cases": (), "case_ways": ()}), "khai sinh muộn") == ""


# the log

def test_a_question_is_logged_with_its_text_only_when_that_was_allowed(known, database):
    with database.write() as session:
        for text in ("làm khai sinh", None):
            ask.log(session, "web", "ask_procedure", "overview", ask.understand(known, "làm khai sinh", None), text, TUESDAY_TEN)
    with database.read() as session:
        rows = session.scalars(select(Asked).order_by(Asked.id)).all()
        assert [(r.text, r.decision, r.procedure_code) for r in rows] == [("làm khai sinh", "answer", BIRTH), (None, "answer", BIRTH)]


@pytest.mark.parametrize(("offered", "text", "payload"), [
    ("/scam_emergency", "bam vao roi thi lam sao", "/scam_emergency"),
    ("/scam_emergency", "chưa bấm, có sao không", None),
    ("/scam_emergency", "làm giấy khai sinh cần gì", None),
    ("/help_menu", "bấm vào rồi thì làm sao", None),
])
def test_who_did_what_the_trickster_wanted_need_not_look_for_the_button(offered, text, payload):
    talk = Conversation(offered=[{"title": "Tôi lỡ làm theo rồi", "payload": offered}], lesson_on_screen=False)
    assert inbox.read(b"key", talk, text) == (text, payload)
