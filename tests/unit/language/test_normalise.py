"""Typed Vietnamese made comparable: one form for whatever keyboards, fonts and thumbs produce."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language.normalise import ABBREVIATIONS, clean, expand, fold, normalise, place_tones, words

VOWELS = "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY"
TONES = "\u0300\u0301\u0303\u0309\u0323"
vietnamese = st.text(st.sampled_from("bcdđghklmnpqrstvxBĐQ " + VOWELS + TONES + "\u0302\u0306\u031b"), max_size=30)
anything = st.one_of(st.text(max_size=40), vietnamese)


# NFC and NFD: macOS and some keyboards send letters and marks apart

@pytest.mark.parametrize("text", ["Đăng ký khai sinh", "giấy chứng nhận quyền sử dụng đất", "thường trú ở xã Yên Nam", "HỘ TỊCH"])
def test_composed_and_decomposed_spellings_are_one(text):
    apart = unicodedata.normalize("NFD", text)
    assert apart != text
    assert clean(apart) == text
    assert place_tones(apart) == place_tones(text)
    assert normalise(apart) == normalise(text)
    assert fold(apart) == fold(text)


def test_half_composed_letters_of_windows_keyboards():
    assert clean("ti\u00ea\u0301ng Vi\u00ea\u0323t") == "tiếng Việt"


def test_deprecated_vietnamese_tone_marks():
    assert clean("a\u0340 a\u0341") == "à á"


def test_marks_in_the_wrong_order_meet():
    assert clean("vie\u0302\u0323t") == clean("vie\u0323\u0302t") == "việt"


# invisible and control characters

@pytest.mark.parametrize(("typed", "kept"), [
    ("khai\u200bsinh", "khaisinh"), ("\ufeffchào", "chào"), ("ch\u00adào", "chào"), ("a\u200eb\u200fc", "abc"),
    ("x\u202ey\u202c", "xy"), ("mật\x00khẩu", "mật khẩu"), ("a\x07b", "a b"), ("a\x7fb", "a b"), ("a\x85b", "a b"),
    ("a\u00a0 \tb", "a b"), ("a\u3000b", "a b"), ("  a   b  ", "a b"), ("a\rb", "a b"), ("a\r\nb", "a\nb"),
    ("dòng một\ndòng hai", "dòng một\ndòng hai"), ("\n\na\n", "a"), ("\u200b\u200b", ""), ("", ""),
])
def test_invisible_and_control_characters(typed, kept):
    assert clean(typed) == kept


def test_an_invisible_character_between_letter_and_mark_does_not_keep_them_apart():
    assert clean("a\u200b\u0301") == "á"
    assert normalise("h\u200bo\u200b\u0323c") == "học"


def test_a_stray_mark_behind_an_abbreviation_leaves_composed_text():
    assert normalise("K\u0302") == "khôn\u011d"


def test_emoji_and_foreign_letters_stay():
    assert clean("chào 😀 ñ 你好") == "chào 😀 ñ 你好"


# folding

@pytest.mark.parametrize(("text", "folded"), [
    ("Đăng ký", "dang ky"), ("đường Đê", "duong de"), ("ƯỚC NGUYỆN", "uoc nguyen"), ("Ðăng ký kiểu cũ", "dang ky kieu cu"),
    ("500k", "500k"), ("", ""), ("1.001193", "1.001193"), ("ẰẲẴẶắ", "aaaaa"), ("ỳỷỹỵý", "yyyyy"),
])
def test_folding(text, folded):
    assert fold(text) == folded


# tone placement

@pytest.mark.parametrize(("one", "other"), [
    ("hoà", "hòa"), ("hoá", "hóa"), ("toà", "tòa"), ("xoá", "xóa"), ("khoẻ", "khỏe"), ("thuỷ", "thủy"), ("huỷ", "hủy"),
    ("uỷ ban", "ủy ban"), ("luỹ kế", "lũy kế"), ("tuỳ", "tùy"), ("doạ", "dọa"), ("loã xoã", "lõa xõa"), ("HOÀ BÌNH", "HÒA BÌNH"),
    ("Uỷ ban", "Ủy ban"), ("hoè, hoạ.", "hòe, họa."),
])
def test_two_placements_are_one_spelling(one, other):
    assert place_tones(one) == other
    assert place_tones(other) == other


@pytest.mark.parametrize("word", [
    "quỳ", "quý", "quỹ", "Quý", "quà", "quá", "toàn", "hoàn", "ngoài", "khoản", "tuyến", "huyện", "khuỷu", "chuyển", "nguyễn",
    "giờ", "của", "mua", "múa", "oái", "thuở", "hoặc", "ngoặc", "HOẶC", "boong", "già", "oẳn",
])
def test_tones_that_are_already_where_they_belong(word):
    assert place_tones(word) == word


# abbreviations and teencode, accented and folded

@pytest.mark.parametrize(("typed", "meant"), [
    ("đk hộ khẩu", "đăng ký hộ khẩu"), ("dk ho khau", "đăng ký ho khau"), ("làm cccd", "làm căn cước"), ("CCCD", "căn cước"),
    ("đc ko", "được không"), ("dc k", "được không"), ("gplx", "giấy phép lái xe"), ("bhyt, bhxh", "bảo hiểm y tế, bảo hiểm xã hội"),
    ("sđt", "số điện thoại"), ("sdt", "số điện thoại"), ("ck r", "chuyển khoản rồi"), ("mất bn", "mất bao nhiêu"),
    ("bnhiu z", "bao nhiêu vậy"), ("lmj giờ", "làm gì giờ"), ("ubnd xã", "ủy ban nhân dân xã"), ("hông biết", "không biết"),
    ("hổng hiểu", "không hiểu"), ("oki", "đồng ý"), ("tui", "tôi"), ("qsdđ", "quyền sử dụng đất"), ("qsdd", "quyền sử dụng đất"),
    ("nộp ở mô", "nộp ở đâu"), ("răng rứa", "sao vậy"), ("mần răng", "làm sao"), ("được nha", "được nhé"),
    ("mai đi nghen", "mai đi nhé"), ("(ko)", "(không)"), ("ko?đc", "không?được"),
])
def test_abbreviations_are_written_out(typed, meant):
    assert normalise(typed) == meant


@pytest.mark.parametrize("word", [
    "chi phí", "500k", "20tr", "5k/tờ", "h40", "rang", "man", "nha", "hen", "rua", "hem", "nghen", "mang theo gì", "kẻ gian", "ngân hàng",
    "căn cước", "đăng ký", "thủ tục", "zalo", "vneid", "dichvucong.gov.vn", "1.001193", "hoặc",
])
def test_words_that_must_not_change(word):
    assert normalise(word) == word


@pytest.mark.parametrize(("typed", "meant"), [
    ("rang khon bi sau", "rang khon bi sau"), ("xay nha tren dat vuon", "xay nha tren dat vuon"), ("giay hen ngay nao",
    "giay hen ngay nao"),
    ("bi nghi rua tien", "bi nghi rua tien"), ("nha trong hem", "nha trong hem"), ("cap doi so hong", "cap doi so hong"),
    ("mua nha dc ko", "mua nha được không"), ("lay tien dc hong", "lay tien được không"),
])
def test_folded_words_that_only_look_like_dialect(typed, meant):
    """"răng" is "sao" with its mark; "rang" without may be a tooth, "nha" a house, "hen" an appointment, "so hong" a title deed."""
    assert normalise(typed) == meant


@pytest.mark.parametrize("entry", sorted(ABBREVIATIONS))
def test_every_abbreviation_is_reachable_and_final(entry):
    assert expand(f"{entry} đấy") == f"{ABBREVIATIONS[entry]} đấy"
    assert expand(ABBREVIATIONS[entry]) == ABBREVIATIONS[entry]


# repeated letters

@pytest.mark.parametrize(("typed", "meant"), [
    ("khôngggg", "không"), ("aloooo", "alo"), ("ơiiiii", "ơi"), ("okkkk", "đồng ý"), ("đượcccc", "được"), ("soong", "soong"),
    ("cccd", "căn cước"), ("1000000", "1000000"), ("0911123456", "0911123456"), ("....", "...."), ("xoong", "xoong"),
])
def test_repeated_letters_are_squeezed_digits_are_not(typed, meant):
    assert normalise(typed) == meant


def test_words_are_letters_and_digits():
    assert words("Thủ tục 1.001193, ở_đâu?") == ["Thủ", "tục", "1", "001193", "ở", "đâu"]
    assert words("…!?") == []


# properties

@given(anything)
def test_clean_is_idempotent_and_nfc(text):
    once = clean(text)
    assert clean(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert once == once.strip()


@given(anything)
def test_fold_is_idempotent_and_forgets_marks(text):
    once = fold(text)
    assert fold(once) == once
    assert not any(unicodedata.combining(c) for c in once)
    assert fold(unicodedata.normalize("NFC", text)) == fold(unicodedata.normalize("NFD", text))


@given(anything)
def test_place_tones_is_idempotent_and_moves_nothing_else(text):
    once = place_tones(text)
    assert place_tones(once) == once
    assert sorted(unicodedata.normalize("NFD", once)) == sorted(unicodedata.normalize("NFD", text))


@given(anything)
def test_normalise_takes_any_text(text):
    done = normalise(text)
    assert clean(done) == done
    assert done == done.lower()


@given(st.text(st.sampled_from("abcdeghiklmnopqrstuvxy ởđáàệừ"), max_size=40))
def test_spelling_variants_of_the_same_text_meet(text):
    assert normalise(unicodedata.normalize("NFD", text).upper()) == normalise(f"  {text}\u200b ")
