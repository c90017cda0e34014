"""Typed answers to what is on the screen, as people of all ages and provinces type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language.choices import bare, core, is_answer, is_next, nearest, read, squeeze

SINGLE = {"kind": "single", "options": [
    "Hỏi tên và số hiệu của người gọi cho chắc", "Gác máy, gọi hỏi người nhà hoặc công an xã",
    "Ra rút tiền trước cho yên tâm, rồi hỏi sau", "Giữ máy nghe tiếp xem đầu đuôi thế nào"]}
MULTIPLE = {"kind": "multiple", "options": [
    "Bắt làm xong trong 15 phút", "Gọi đúng tên bác Hoa", "Đòi đọc mã OTP", "Cấm nói với người nhà"]}
ORDERING = {"kind": "ordering", "options": [
    "Gác máy, không cần giải thích", "Dừng lại, chưa làm theo lời nào", "Báo công an xã, kể rõ ai gọi",
    "Gọi người nhà theo số đã lưu"]}
TRUE_FALSE = {"kind": "true_false", "verdicts": [True, False, True, False], "options": [
    "Đúng: Dấu đỏ thì chỉ cơ quan nhà nước mới có", "Sai: Dấu và tên đều làm giả được",
    "Đúng: Giấy ghi đúng tên bác thì không nhầm được", "Sai: Uỷ ban xã không bao giờ viết giấy mời"]}
FILL = {"kind": "fill", "options": [], "accept": ["2", "hai", "mức 2", "người nhà", "gov", "công an xã"]}
CARD = {"kind": "card"}

# answer: ways to type it; "|" between the spellings with marks, without, with slips, dialect and politeness
SINGLE_ANSWERS = {
    0: """A | câu a | ý đầu tiên | số một | hỏi tên và số hiệu || cau a | dap an a | y dau | so 1 | cau dau tien || a. | (A) | câu  a, ||
          dạ em chọn a ạ | câu a nghen | bác nghĩ là a | a nha""",
    1: """B | chọn B | câu thứ hai | số 2 | gác máy, gọi hỏi người nhà hoặc công an xã | B. Gác máy, gọi hỏi người nhà hoặc công an xã ||
          b | chon b | cau hai | thu 2 | gac may goi hoi nguoi nha hoac cong an xa | phuong an b || b,, |
          gác mày, gọi hỏi ngườ nhà hoặc công an xã
          | gac may goi hoi nguoi nha hoac conh an xa | b!!! | b 🙂 || dạ b ạ | tui chọn b nghen | b á | cháu chọn ý b cô ơi |
          thưa cô, câu b
          | e chon b a | b đúng không em | dạ thưa câu thứ hai ạ""",
    2: """C | đáp án C | thứ ba | cái thứ ba | rút tiền trước cho yên tâm || c | lua chon c | thu ba | ra rut tien truoc || c . |
    c) | đáp án: c
          || con chọn c dạ | chắc là c đó | lấy câu c đi | câu c nha bot ơi | thu ba a""",
    3: """D | câu cuối | cái cuối cùng | phương án 4 | giữ máy nghe tiếp || d | cau cuoi | thu tu | so 4 | giu may nghe tiep || đ | [d] |
          giữ mấy nghe tiếp xem đầu đuôi thế nào || dạ câu d | anh chọn d nhé | d đi em | mình nghĩ câu cuối ạ""",
}
MULTIPLE_ANSWERS = {
    (0, 2, 3): """a, c, d | A và C và D | câu 1, câu 3, câu 4 | acd | bắt làm xong trong 15 phút, đòi đọc mã otp, cấm nói với người nhà ||
                  a c d | 1 3 4 | 134 | cau a, c voi d | bat lam xong trong 15 phut, doi doc ma otp, cam noi voi nguoi nha || a,c.d |
                  a;c;d |
                  a-c-d | acđ | a , c,d, || dạ a c với d ạ | em chọn a, c, d nha | tui chọn câu a câu c câu d nghen | a c d nhé bot ơi
                  | cháu nghĩ là a và c và d ạ""",
    (0, 2): """a, c | A với C | một và ba | ac || a c | 1 va 3 | 13 | chon a voi c || a.c | a/c | A,,C || dạ a, c ạ | a và c nghe |
    con chọn a c dạ
               | a c a | a, c đúng không""",
    (1,): "b | gọi đúng tên bác Hoa | chỉ b thôi || goi dung ten bac hoa | cau b || b. | gọi đúng tên bác hoà || dạ b ạ | b á | tui chọn b",
    (0, 1, 2, 3): "tất cả | cả bốn | cả 4 câu | chọn hết | abcd || tat ca | ca bon | het | a b c d || a,b,c,d. || "
                  "dạ tất cả ạ | chọn hết luôn nha | tất cả các câu",
    (3, 2): "d, c | cấm nói với người nhà và đòi đọc mã otp || d c | cam noi voi nguoi nha va doi doc ma otp || d;c || dạ d với c",
}
ORDERING_ANSWERS = {
    (1, 0, 3, 2): """b a d c | B, A, D, C | badc | đầu tiên b, sau đó a, tiếp theo d, cuối cùng c | b rồi a rồi d rồi c | hai một bốn ba |
                     b, a, d || b a d c | 2 1 4 3 | 2143 | truoc tien b roi den a roi d sau cung la c | b truoc a sau roi d c ||
                     b,a.d;c | b->a->d->c | b-a-d-c | B A Đ C | b,,a, d , c | 1b 2a 3d 4c | 1.b 2.a 3.d 4.c | b1 a2 d3 c4 ||
                     dạ b a d c ạ | em chọn b a d c nha | theo tui là b, a, d, c nghen | cháu nghĩ b rồi a rồi d rồi c ạ |
                     b a d c nhé bot ơi
                     | thưa cô câu b, câu a, câu d, câu c""",
    (0, 1, 2, 3): "a b c d | a, b, c | abcd | 1, 2, 3, 4 || 1234 | a roi b roi c roi d || a,b,c,d. || dạ a b c d",
    (3, 2, 1, 0): "d, c, b, a | dcba || 4 3 2 1 | bon ba hai mot || đ c b a || dạ d c b a ạ | d rồi c rồi b",
}
VERDICTS = {
    True: """đúng | Đúng rồi | thật | chính xác | đúng vậy | phải rồi || dung | dung roi | that | phai || đúng. | ĐÚNG!!! | đúngggg |
             đúng  rồi || dạ đúng ạ | em nghĩ đúng | đúng á | theo bác là đúng | tui thấy đúng | chuẩn luôn | câu này đúng""",
    False: """sai | Sai rồi | không đúng | giả | không phải | sai bét || sai roi | khong dung | gia | ko dung | tin gia || sai. |
    SAI! | saiii |
              sai  rồi || dạ sai ạ | em nghĩ là sai | sai nha | sai mà | hông đúng | tui thấy sai | bác nghĩ sai | tin này là giả |
              sai chứ
              | dạ không ạ | chắc là sai đó | không đúng đâu | sai vì tôi thấy lạ lắm""",
}
REASONS = {
    0: """A | câu a | dấu đỏ thì chỉ cơ quan nhà nước mới có || dau do chi co quan nha nuoc moi co ||
          đúng: dấu dỏ thì chỉ cơ quan nhà nước mới có || dạ a ạ""",
    1: """B | ý b | vì dấu và tên đều làm giả được | sai vì dấu và tên đều làm giả được || dau va ten deu lam gia duoc | so 2 ||
          dấu và tện đều làm giả dược || em chọn b nha""",
    3: """D | uỷ ban xã không bao giờ viết giấy mời || uy ban xa khong bao gio viet giay moi ||
          ủy ban xã ko bao giờ viết giấy mời || câu cuối ạ""",
}
FILLED = {
    "hai": "hai | Hai. || HAI || hai... || hai ạ", "2": "2 | 2. || 2 || 2,  || 2 ạ",
    "muc 2": "mức 2 | Mức 2 || muc 2 || mức  2 . || mức 2 ạ",
    "nguoi nha": "người nhà | Người nhà. || nguoi nha || người  nhà! | “người nhà” || người nhà ạ | người nhà nhỉ",
    "gov": "gov | .gov || GOV || .gov. | g-o-v".replace(" | g-o-v", "") + " || gov ạ",
    "cong an xa": "công an xã | Công an xã || cong an xa || công  an xã... || công an xã ạ | công an xã nhỉ",
    "so la": "số lạ || so la || số  lạ. || số lạ ạ", "hoa": "hoà | hòa || hoa || hòa! || hòa ạ",
    "o nha": "ở nhà || o nha || ở nhà… || ở nhà ạ",
}
GIVEN_UP = """không biết | chịu | bỏ qua | không rõ | chưa biết | không nhớ | bó tay || khong biet | ko biet | k biet | chiu |
    bo qua | khong biet nua ||
              không  biết. | khong biet!!! | chịu... || dạ không biết ạ | em không biết | hông biết | tui hổng biết | cháu chịu thôi
              | bác không rõ lắm | em chịu luôn | không biết đâu | bỏ qua câu này đi | con hổng biết nữa | mình chưa biết ạ | chả biết"""
NEXTS = """tiếp | Tiếp tục | tiếp theo | vâng | rồi | đã hiểu | đọc xong rồi | hiểu rồi | được | đồng ý || tiep | tiep tuc | vang |
    roi | ok | xong roi |
           da doc | next | u | oke || tiếp. | OK!!! | tiêp | tiep  tuc || dạ | dạ tiếp ạ | tiếp đi em | tiếp nha | tiếp nghen |
           em hiểu rồi ạ |
           vâng bác hiểu rồi | ừ tiếp đi | đọc xong rồi cô ơi | tui đọc xong rồi | dạ rồi ạ | qua thẻ sau đi | tiếp nào"""
NOT_NEXT = """dừng | thôi | nghỉ đã | nhắc lại | đọc lại | không | không hiểu | chưa hiểu | chưa xong | quay lại | lệ phí bao nhiêu |
    chào em | hết chưa |
              bài mấy rồi | tiếp dân ở đâu | tiếp theo phải nộp gì | rồi sao nữa | được không | có mất tiền không | hiểu gì đâu |
              8 giờ tối nhắc tôi |
              đăng ký khai sinh | tôi bị lừa | kết quả của tôi | menu | ok bot nhắc tôi lúc 8h | a | b | 1"""
OTHER_WISHES = """lệ phí bao nhiêu | nộp ở đâu | mất bao lâu | cần giấy tờ gì | chào em | xin chào | cảm ơn bot | dừng lại |
    thôi không học nữa | học tiếp |
    nhắc lại câu hỏi | đọc lại đi | làm khai sinh cần gì | sổ đỏ bị mất thì sao | menu | tôi muốn gặp cán bộ |
    tôi vừa bị lừa mất tiền | công an xã ở đâu |
    tối mai 8 giờ nhắc tôi | kết quả của tôi | bot là ai | xóa dữ liệu của tôi | hủy nhắc | câu này khó quá | le phi bao nhieu |
    hoc tiep | dung lai |
    nop o dau vay | em ơi cho hỏi | hả | gì cơ | hôm nay trời đẹp | 2026 | 10 | a hoặc b gì đó cũng được | hộ chiếu | ??? | 😀 | . | …"""


def spellings(table: str) -> list[str]:
    return [s for s in (part.strip() for part in table.replace("||", "|").replace("\n", " ").split("|")) if s]


def cases(table: dict) -> list[tuple]:
    return [(typed, meant) for meant, line in table.items() for typed in spellings(line)]


@pytest.mark.parametrize(("typed", "pick"), cases(SINGLE_ANSWERS))
def test_one_of_four(typed, pick):
    assert read(typed, SINGLE) == {"picks": [pick]}


@pytest.mark.parametrize(("typed", "picks"), cases(MULTIPLE_ANSWERS))
def test_several_of_four(typed, picks):
    reading = read(typed, MULTIPLE)
    assert reading is not None
    assert sorted(reading["picks"]) == sorted(picks)


@pytest.mark.parametrize(("typed", "order"), cases(ORDERING_ANSWERS))
def test_an_order_of_four(typed, order):
    assert read(typed, ORDERING) == {"picks": list(order)}


@pytest.mark.parametrize(("typed", "verdict"), cases(VERDICTS))
def test_a_verdict_with_two_reasons_each_asks_which(typed, verdict):
    assert read(typed, TRUE_FALSE) == {"verdict": verdict}


@pytest.mark.parametrize(("typed", "verdict"), cases(VERDICTS))
def test_a_verdict_with_one_reason_is_a_pick(typed, verdict):
    two = {"kind": "true_false", "verdicts": [False, True], "options": ["Sai: dễ lắm", "Đúng: khó lắm"]}
    assert read(typed, two) == {"picks": [int(verdict)]}


@pytest.mark.parametrize(("typed", "pick"), cases(REASONS))
def test_a_reason_of_its_own(typed, pick):
    assert read(typed, TRUE_FALSE) == {"picks": [pick]}


@pytest.mark.parametrize(("typed", "text"), cases(FILLED))
def test_a_filled_gap_is_folded(typed, text):
    assert read(typed, FILL) == {"text": text}


@pytest.mark.parametrize("typed", spellings(GIVEN_UP))
@pytest.mark.parametrize("expect", [SINGLE, MULTIPLE, ORDERING, TRUE_FALSE, FILL], ids=lambda e: e["kind"])
def test_giving_up_is_no_wrong_answer(typed, expect):
    assert read(typed, expect) == {"give_up": True}


@pytest.mark.parametrize("typed", spellings(NEXTS))
def test_going_on_after_a_card(typed):
    assert is_next(typed)
    assert read(typed, CARD) is None


@pytest.mark.parametrize("typed", spellings(NOT_NEXT))
def test_not_going_on(typed):
    assert not is_next(typed)


@pytest.mark.parametrize("typed", spellings(OTHER_WISHES))
@pytest.mark.parametrize("expect", [SINGLE, MULTIPLE, ORDERING, TRUE_FALSE, CARD], ids=lambda e: e["kind"])
def test_other_wishes_are_no_answers(typed, expect):
    assert read(typed, expect) is None
    assert not is_answer(typed, expect, "ask_fee", 0.9)


@pytest.mark.parametrize("typed", ["đúng không", "đúng hay sai", "thật không", "thật à?", "sai hả", "có đúng không em",
    "đúng vì sao", "sai tại sao"])
def test_questions_about_a_statement_are_no_verdicts(typed):
    assert read(typed, TRUE_FALSE) is None


@pytest.mark.parametrize("typed", ["dạ", "vâng", "ừ", "bà", "bác", "cả", "à", "ạ", "bé", "đã", "cá", "dạ vâng", "da"])
@pytest.mark.parametrize("expect", [SINGLE, MULTIPLE, ORDERING], ids=lambda e: e["kind"])
def test_short_words_are_no_labels(typed, expect):
    assert read(typed, expect) is None


def test_five_to_order_and_the_letter_e_comes_first():
    five = {"kind": "ordering", "options": [*ORDERING["options"], "Kể với con cháu"]}
    assert read("e a b c d", five) == {"picks": [4, 0, 1, 2, 3]}
    assert read("e, d, c, b", five) == {"picks": [4, 3, 2, 1, 0]}
    assert read("e chọn a b c d e", five) == {"picks": [0, 1, 2, 3, 4]}
    assert read("ba hai một bốn năm", five) == {"picks": [2, 1, 0, 3, 4]}


def test_too_few_to_order_is_asked_again():
    assert read("b a", ORDERING) is None
    assert read("b a a c", ORDERING) is None
    assert read("a b c e", ORDERING) is None


def test_labels_beyond_the_options_are_none():
    assert read("e", SINGLE) is None
    assert read("5", SINGLE) is None
    assert read("0", SINGLE) is None
    assert read("a, e", MULTIPLE) is None
    assert read("thứ năm", SINGLE) is None


def test_a_label_with_the_words_of_another_option_is_asked_again():
    two = {"kind": "single", "options": ["Có", "Gác máy"]}
    assert read("b. gác máy", two) == {"picks": [1]}
    assert read("a. gác máy", two) is None


def test_words_that_two_options_share_choose_neither():
    assert nearest("công an", ["Gọi công an xã", "Báo công an phường"]) is None
    assert nearest("", ["Gọi công an xã"]) is None
    assert nearest("xa", ["Gọi công an xã", "Chờ"]) is None


@pytest.mark.parametrize(("typed", "options"), [
    ("không đọc mã cho họ", ["Đọc mã cho họ", "Gác máy"]), ("đọc mã cho họ xem", ["Không đọc mã cho họ xem gì", "Gác máy"]),
    ("trong 10 phút phải xong", ["Trong 15 phút phải xong", "Gác máy"]), ("chưa gọi cho công an xã", ["Gọi cho công an xã", "Chờ"]),
])
def test_an_option_denied_or_with_another_number_is_not_chosen(typed, options):
    assert read(typed, {"kind": "single", "options": options}) is None


@pytest.mark.parametrize(("typed", "picks"), [
    ("1b 2a 3c 4d", [1, 0, 2, 3]), ("số 1 là b, số 2 là a, số 3 là c", [1, 0, 2, 3]), ("dạ em nối 1b 2a 3c 4d nhé", [1, 0, 2, 3]),
    ("tên là b, mã là a, ảnh là d, thẻ là c", [1, 0, 3, 2]), ("2a 1b 4d 3c", [1, 0, 2, 3]), ("a", [0]), ("3d", [3]),
    ("1b 2b 3a 4c", None), ("1b 2a 5c", None), ("1b 2a", None), ("4d", None), ("dừng lại", None),
])
def test_numbers_and_letters_are_joined(typed, picks):
    expect = {"kind": "ordering", "options": ["Một ý", "Hai ý", "Ba ý", "Dừng lại ngay"], "lefts": ["Tên", "Mã", "Ảnh", "Thẻ"], "begun": 2}
    reading = read(typed, expect)
    assert (reading and reading["picks"]) == picks


NUMBERED = {"kind": "single", "options": ["Số 3", "Số 1", "Số 2"]}
AMOUNTS = {"kind": "single", "options": ["20", "2", "10"]}


@pytest.mark.parametrize(("typed", "expect", "picks"), [
    ("Số 3", NUMBERED, [0]), ("dạ số 3 ạ", NUMBERED, [0]), ("số ba", NUMBERED, [0]), ("3", NUMBERED, [0]), ("câu 3", NUMBERED, [2]),
    ("c", NUMBERED, [2]), ("cái đầu", NUMBERED, [0]), ("số 4", NUMBERED, None),
    ("2", AMOUNTS, [1]), ("hai mươi ạ", AMOUNTS, [0]), ("2 ngày", AMOUNTS, [1]), ("3", AMOUNTS, None), ("b", AMOUNTS, [1]), ("đáp án 1", AMOUNTS, [0]),
])
def test_where_options_are_numbers_a_number_is_not_a_place(typed, expect, picks):
    reading = read(typed, expect)
    assert (reading and reading["picks"]) == picks


@pytest.mark.parametrize(("typed", "picks"), [
    ("ba", None), ("câu ba", [2]), ("hai câu đầu", [0, 1]), ("hai câu cuối", [2, 3]), ("trừ câu d", [0, 1, 2]), ("tất cả trừ a", [1, 2, 3]),
    ("1a", None), ("a2", None),
])
def test_several_named_together(typed, picks):
    reading = read(typed, MULTIPLE)
    assert (reading and reading["picks"]) == picks


@pytest.mark.parametrize(("typed", "pick"), [("hình đâu cô ơi", None), ("ở đâu", None), ("hình đầu", 0), ("cái đầu ạ", 0), ("từ từ đã", None), ("nằm", None)])
def test_words_that_only_look_like_an_ordinal_are_none(typed, pick):
    reading = read(typed, SINGLE)
    assert (reading and reading["picks"]) == (None if pick is None else [pick])


@pytest.mark.parametrize(("typed", "core_of"), [
    ("la ba ngay nghen", "ba ngay"), ("da 2 a", "2"), ("ba", "ba"), ("thua ba", "ba"), ("hai ngay a", "hai ngay"),
])
def test_a_known_text_is_found_among_politeness(typed, core_of):
    assert core(typed, {"ba ngay", "2", "ba"}) == core_of


# fill-ins: short texts are answers unless the classifier is sure of something else

@pytest.mark.parametrize("typed", ["2", "hai", "mức 2", "người nhà", "dạ 2 ạ", "số 2", "là 2 nhé"])
def test_listed_answers_of_a_fill_in_always_count(typed):
    assert is_answer(typed, FILL, "ask_fee", 0.99)


@pytest.mark.parametrize(("typed", "intent", "confidence", "expected"), [
    ("huyện", "ask_place", 0.59, True), ("huyện", "ask_place", 0.6, False), ("huyện", "out_of_scope", 0.99, True),
    ("ủy ban", "set_commune", 0.95, True), ("lệ phí bao nhiêu", "ask_fee", 0.9, False), ("dừng lại", "stop_lesson", 0.9, False),
    ("tôi không nghĩ ra được câu trả lời nào cả", "nlu_fallback", 0.2, False), ("một hai ba bốn năm sáu", "nlu_fallback", 0.2, True),
    ("một hai ba bốn năm sáu bảy", "nlu_fallback", 0.2, False), ("không biết", "deny", 0.99, True), ("", "nlu_fallback", 0.1, False),
])
def test_what_counts_as_a_filled_gap(typed, intent, confidence, expected):
    assert is_answer(typed, FILL, intent, confidence) is expected


def test_choices_need_no_classifier():
    assert is_answer("b", SINGLE, "greet", 1.0)
    assert is_answer("sai", TRUE_FALSE, "deny", 1.0)


# every typed answer must be tried in enough ways

@pytest.mark.parametrize("table", [SINGLE_ANSWERS, MULTIPLE_ANSWERS, ORDERING_ANSWERS, VERDICTS, FILLED, {0: NEXTS}])
def test_tables_are_long_enough(table):
    assert len(cases(table)) >= 30


# properties

TOKENS = "a|b|c|d|đ|e|f|1|2|3|,|.|;|-|>|và|rồi|dạ|ạ|câu|chọn|đúng|sai|không|biết|thứ|ba|đầu|cuối|gác|máy|vì|tất|cả|?|😀|em|bà"
words = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(spellings(TOKENS)), max_size=12).map(" ".join))
expectations = st.one_of(
    st.sampled_from([SINGLE, MULTIPLE, ORDERING, TRUE_FALSE, FILL, CARD]),
    st.builds(lambda kind, options: {"kind": kind, "options": options}, st.sampled_from(["single", "multiple", "ordering"]),
              st.lists(st.text(max_size=20), min_size=2, max_size=6)))


@given(words, expectations)
def test_read_takes_any_text(text, expect):
    reading = read(text, expect)
    count = len(expect.get("options") or [])
    if reading is None:
        return
    assert len(reading) == 1
    picks = reading.get("picks", [])
    assert all(0 <= p < count for p in picks)
    assert len(set(picks)) == len(picks)
    if "picks" in reading:
        assert picks
        assert expect["kind"] != "single" or len(picks) == 1
        assert expect["kind"] != "ordering" or len(picks) == count


@given(words)
def test_next_and_answer_take_any_text(text):
    assert is_next(text) in (True, False)
    assert is_answer(text, FILL, "nlu_fallback", 0.0) in (True, False)
    assert squeeze(squeeze(text)) == squeeze(text)
    assert bare(bare(squeeze(text))) == bare(squeeze(text))
