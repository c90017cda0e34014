"""A question about fees, places or days alone is a follow-up; one that names anything is not."""

import pytest

from bot.language.normalise import fold
from bot.procedures.aspects import ASPECTS, any_of, is_follow_up, subject
from bot.procedures.facts import Facts, answer

FOLLOW_UPS = {
    "papers": ["cần giấy tờ gì", "can giay to gi", "giay to", "cần mang theo những gì ạ", "can mang gi di", "hồ sơ gồm những gì", "hs gồm gì", "mấy bản",
               "có cần photo không", "có cần công chứng không", "có cần bản sao không", "có phải nộp bản gốc không", "còn thiếu giấy thì sao"],
    "fee": ["thế lệ phí bao nhiêu", "le phi bao nhieu", "phí bao nhiêu", "con phi thi sao", "hết bao nhiêu tiền", "het bn tien", "tốn mấy đồng",
            "có mất tiền không em", "co mat tien ko", "được miễn phí không", "tốn bao nhiêu rứa", "thanh toán thế nào", "đóng tiền ở đâu"],
    "duration": ["mất mấy hôm hả em", "bao lâu có kq", "bao lâu có kết quả", "mat bao lau", "may ngay thi xong", "bao giờ lấy được", "khi nào có",
                 "nhanh không", "thoi han giai quyet", "giải quyết trong mấy ngày", "cái ni mất mấy bữa", "thủ tục này mất bao lâu"],
    "place": ["nop o dau vay", "rứa nộp ở mô", "nộp ở chỗ nào", "ra đâu nộp hả cháu", "nộp cho ai", "ra xã hay lên tỉnh", "cơ quan nào giải quyết",
              "noi nao cap", "đi những đâu", "nhận kết quả ở đâu", "thu tuc nay nop o dau", "mấy giờ mở cửa"],
    "online": ["làm online được không", "nop online dc ko", "nop qua mang duoc khong", "lam tren vneid duoc k", "gửi bưu điện được không",
               "có phải đến tận nơi không", "nộp trực tiếp hay online"],
    "steps": ["thủ tục thế nào", "làm như thế nào", "lam ntn", "mần răng", "các bước ra sao", "xong rồi làm gì tiếp", "phải đi mấy lần"],
    "form": ["cho xin mẫu đơn", "mẫu đơn đâu", "mau don o dau", "tải tờ khai ở đâu"],
    "law": ["căn cứ luật nào", "can cu phap ly", "theo nghị định nào", "quy định ở văn bản nào"],
    "conditions": ["điều kiện thế nào", "dieu kien gi", "ai được làm", "nhờ người khác nộp được không", "nho nguoi khac nop duoc khong"],
    "result": ["kết quả là gì", "ket qua nhan duoc gi", "được cấp giấy gì", "có giá trị bao lâu"],
    "nothing": ["", "  ", "?", "😀", "dạ", "thế à", "cho hỏi thêm chút", "noi ro hon di", "cụ thể là thế nào", "bạn ơi", "ban oi"],
}

SUBJECTS = [
    "khai sinh", "sổ đỏ", "so do", "ly hôn", "ly hon", "con nuôi", "con nuoi", "công chứng", "cong chung", "the can cuoc", "thẻ căn cước", "cccd", "gplx",
    "bảo hiểm xã hội", "bao hiem xa hoi", "bhyt", "hộ chiếu", "ho chieu", "hộ khẩu", "ho khau", "hộ nghèo", "ho ngheo", "kết hôn", "ket hon", "lấy vợ",
    "lay chong", "khai tử", "chung tu", "tạm trú", "sao y", "bản sao", "ban sao", "giấy độc thân", "di chúc", "thừa kế", "bằng lái", "làm nhà", "lam nha",
    "bán nhà", "ban dat", "nhà trọ", "nha tro", "nhà đất", "tách thửa", "lương hưu", "trợ cấp", "mất việc", "mat viec", "việc làm", "viec lam", "đẻ con",
    "de con", "tử tuất", "khuyết tật", "người có công", "tàu cá", "đất", "hội", "thẻ", "thuế", "vneid", "cà vẹt", "học phí", "rút một cục", "rut mot cuc",
    "cải chính", "con dấu", "vay vốn", "vay von", "lên thổ cư", "bố mất làm gì", "vo em de roi", "việt kiều",
    "lệ phí làm hộ chiếu", "le phi lam ho chieu", "làm sổ đỏ mất bao lâu", "lam so do mat bao lau", "khai sinh ở đâu", "khai sinh o dau",
    "phí công chứng bao nhiêu", "dang ky ket hon can gi", "thế còn bảo hiểm xã hội thì sao", "con the can cuoc thi sao",
]


def facts(**more):
    empty = dict.fromkeys(("code", "name", "fee", "duration", "place", "online", "conditions", "result", "source", "url"), "")
    return Facts(**{**empty, **dict.fromkeys(("papers", "steps", "forms", "law"), ()), **more})


@pytest.mark.parametrize("question", [q for group in FOLLOW_UPS.values() for q in group])
def test_a_question_about_an_aspect_alone_is_a_follow_up(question):
    assert is_follow_up(question), f"left over: {subject(question)!r}"


@pytest.mark.parametrize("question", SUBJECTS)
def test_a_question_that_names_its_subject_is_none(question):
    assert not is_follow_up(question)
    assert subject(question) != ""


@pytest.mark.parametrize("question", [q for q in SUBJECTS if q not in ("hội", "thẻ")])  # folded they are "hỏi" and "thế"
def test_a_subject_is_one_without_its_marks_too(question):
    assert not is_follow_up(fold(question))


@pytest.mark.parametrize(("question", "left"), [
    ("thế lệ phí bao nhiêu", ""), ("lệ phí làm hộ chiếu", "ho chieu"), ("le phi lam ho chieu", "ho chieu"), ("cho em hỏi làm sổ đỏ mất bao lâu ạ", "so do"),
    ("phí công chứng bao nhiêu", "cong chung"), ("khai sinh ở đâu", "khai sinh"), ("đăng ký lại khai sinh", "dang ky lai khai sinh"),
    ("xin bản sao giấy khai sinh", "ban sao giay khai sinh"), ("xin ban sao giay khai sinh", "ban sao giay khai sinh"),
    ("kết hôn với người nước ngoài", "ket hon nguoi nuoc ngoai"), ("rút bảo hiểm xã hội một lần", "rut bao hiem xa hoi mot lan"),
    ("thủ tục bán đất cần gì", "ban dat"), ("người không quốc tịch", "nguoi khong quoc tich"), ("hộ gia đình", "ho gia dinh"),
    ("mã 1.001193 cần gì?", "ma 1.001193"), ("KHAI SINH!!!", "khai sinh")])
def test_what_is_left_is_the_subject(question, left):
    assert subject(question) == left


@pytest.mark.parametrize("question", ["lam hkd het bn", "làm hkd hết bn", "làm hộ kinh doanh hết bao nhiêu"])
def test_an_abbreviation_written_out_does_not_make_a_question_accented(question):
    assert subject(question).split()[-3:] == ["ho", "kinh", "doanh"]
    assert "het" not in subject(question)


def test_the_papers_of_a_procedure_are_no_subject_beside_it():
    assert subject("khai sinh có cần công chứng giấy tờ gì không") == "khai sinh"
    assert subject("công chứng giấy tờ mất bao lâu") == "cong chung"


def test_only_whole_words_match_and_the_longest_wins():
    pattern = any_of(["bao", "bao lâu"])
    assert pattern.findall("bao lâu, bảo, baon, bao") == ["bao lâu", "bao"]


@pytest.mark.parametrize("aspect", sorted(set(ASPECTS.values())))
def test_every_aspect_an_intent_asks_for_has_an_answer(aspect):
    assert answer(facts(name="Việc", source="Nguồn: x."), aspect).startswith("📄 Việc\n")


def test_text_like_our_own_place_holders_is_text():
    assert subject("zq9zq khai sinh") == "zq9zq khai sinh"
