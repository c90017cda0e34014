"""What must be masked and what must not. The numbers are made up; the cards are the published test numbers."""

import random
import re
import unicodedata

import pytest

from bot.language.normalise import fold
from bot.language.sensitive import TOKENS, mask

# kind | text | text; the secret stands in <>, and is read with marks, without, and decomposed
SECRET = """
id_number | <034082001234> | CCCD của tôi là <034082001234> | cccd: <034082001234>, nhờ kiểm tra | cccd<034082001234>
id_number | số căn cước <034 082 001 234> | <034.082.001.234> | <034-082-001-234> | <0340 8200 1234> | <034082 001234>
id_number | <034 0 82 001234> | <0 3 4 0 8 2 0 0 1 2 3 4> | căn cước <03 40 82 00 12 34> | số định danh <034 08 200 1234>
id_number | tra cứu hồ sơ <034082001234> | <034082001234> là số căn cước của mẹ tôi | sđt 0912345678 cccd <034082001234>
id_number | cmnd <123456789> | chứng minh nhân dân số <123 456 789> | CMT <123.456.789> cũ | CMND <12 345 6789> | <163421234>
id_number | nhập <163421234> mà không được | bác gửi cmt <163421000> nhé | <163-421-234> là số chứng minh của bác
card | <4111111111111111> | thẻ <4111 1111 1111 1111> | <4111-1111-1111-1111> | <3782 822463 10005> | <378282246310005>
card | số thẻ visa <5555555555554444> hết hạn 12/2027 | <4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1> | <4222222222222>
account | stk <0123456789> | stk vietcombank <0011001234567> | số tài khoản: <1903 6789 0123 45> | tk <19036789012345>
account | tài khoản <12345678> ngân hàng agribank | <1234567890> là stk của tôi | stk của mẹ em là <0987654321> | <12345678901234>
account | chuyển 500k vào số tài khoản <88889999> giúp | tk ngân hàng: <190367890> | stk <12345678> đóng tiền điện | <9704123456789012>
account | chuyển cho nó vào tài khoản này <1012345678> mất rồi
otp | otp <482913> | mã otp là <482913> | <482913> là mã otp | otp: <482913>. | OTP <4829> | otp.<482913> | o.t.p <482913> | otp,<482913>
otp | mã xác nhận: <482 913> | mã pin <1234> | mã xác thực của bạn là <4829> | smart otp <12345678> | mã 6 số: <482913>
otp | nó bảo đọc mã <482913> | otp:<4-8-2-9-1-3> | mã bảo mật <482-913> | tôi đọc <482913> rồi, đó là otp phải không | cvv <4829>
otp | em gửi mã xác nhận <482913> ngay rồi | otp <4829> người ta bảo đọc | mã otp 6 số của em là <482913> đúng không
otp | mã OTP giao dịch tại VCB là <482913>. Hiệu lực 2 phút | <482913> is your verification code | mã số xác thực <482913> | cvv <123>
otp | vừa có tin nhắn mã xác minh đăng nhập <482913> có nên đọc không
password | mật khẩu là <abc123> | mật khẩu: <hoamai> | mk là <123456> | mk: <12345678>, đăng nhập hộ | pass: <P@ssw0rd!>
password | password is <hunter2> | pass là <hoahong99> | mật khẩu vneid của tôi là <Abc 123> | mật khẩu <123456a> | mk <hoa1990>
password | mật khẩu ngân hàng em là <hoa mai 123>, nhớ nhé | mật khẩu là <0912345678> | mật khẩu là <1 2 3 4 5 6>
password | <123456a> là mật khẩu của tôi | mật khẩu wifi = <tocuatoi> | mật khẩu mới của bác là <Nam@1960> | pwd=<secret99>
password | mật khẩu ví momo là <1990> | mật khẩu mới đổi là <conga2k> | mật khẩu là <"hoa hong"> | mk đăng nhập: <Abc@123> tk: hoa
password | mật khẩu zalo là: <hoahong> | password: <letmein> | tk/mk: <hoa/123456>
"""

PLAIN = """
0912345678|gọi 0912 345 678|0912.345.678|09 12 34 56 78|+84 912 345 678|+84912345678|84912345678|sđt 0229 3871 234|02293871234
số điện thoại của tôi là 0912345678, gọi giúp|1900 1234|gọi 19001234 hỏi mã otp|mã otp gửi từ đầu số 8049|gọi 113 hoặc 1022
500.000.000 đồng|1.500.000|1.500.000đ|1,500,000 vnd|500000000 đồng|500 000 000 đồng|123456789 đồng|123456789đ|123456789 vnd|500k|50 triệu
vay 500000000|số tiền 125500000|chuyển 50000000 vào tài khoản|tài khoản bị trừ 12500000|tài khoản bị trừ 12.500.000|500.000.000.000 đồng
100.000.000|2 tỷ rưỡi|12345678 đồng trong tài khoản|lệ phí 7.000 đồng|phí 20000đ|giá 1.200.000.000
20/11/2026|20-11-2026|20.11.2026|01/01/1990|2026-11-20|hạn nộp 31/3/2027|tôi sinh năm 1985|30 tháng 4 năm 1975|từ 2020 đến 2026
2019 2020 2021 2022|8h30 ngày 20/11|19:30|tháng 12/2026|mã otp năm 2026
1.001193|thủ tục 1.001193|2.000488.000.00.00.H40|thủ tục 2.000635 cần căn cước không|000.00.16.H40-251120-0007|H40-251120-0007
hồ sơ h40-251120-0007 của tôi đến đâu|tra cứu H40-251120-0007 bằng căn cước|mã hồ sơ 123456789|biên nhận số 251120007
nghị định 123/2015/NĐ-CP|luật 31/2024/QH15|thông tư 117/2026/TT-BTC|nghị quyết 66.22/2026/NQ-CP|điều 12 khoản 3|điều 1234
mst 2700123456|mã số thuế 0100109106|mã số thuế 0100109106-001|bhxh 3012345678
mã otp có 6 số|mã otp gồm 6 chữ số|otp là gì|có nên đọc mã otp không|otp 2 lần|mã otp hết hạn sau 60 giây|lỡ đọc mã xác nhận rồi|pin 5000mah
số tài khoản là gì|mở tài khoản ngân hàng|tôi bị khóa tài khoản|đăng ký tài khoản bằng số điện thoại 0912345678|tài khoản vneid mức 2
mật khẩu là gì|mật khẩu là gì?|mật khẩu của tôi là gì vậy|đổi mật khẩu như thế nào|quên mật khẩu|quên mật khẩu phải làm sao
quên mật khẩu 2 lần|mật khẩu phải có 8 ký tự|mật khẩu nên dài 12 ký tự|mật khẩu là 8 ký tự trở lên|mật khẩu mạnh là thế nào
mật khẩu là đủ mạnh chưa|mật khẩu cấp 2 là gì|mật khẩu mặc định là bao nhiêu
mật khẩu là thông tin bí mật|mật khẩu: không chia sẻ cho ai|đổi mật khẩu lần 3|quên mật khẩu sđt 0912345678|đổi mật khẩu ở đâu
lộ mật khẩu rồi|nó lấy được mật khẩu rồi đang đổi số điện thoại|mật khẩu là do tôi đặt|mật khẩu là sai|mk là gì|mk là Lan|pass môn này
căn cước của tôi hết hạn|đổi cmnd sang căn cước|cccd gắn chip|số căn cước có 12 số|định danh mức 2||   |tối mai 8 giờ nhắc tôi học bài
"""
PLAIN_TYPED = ["mật khẩu là chìa khóa nhà mình", "Mật khẩu: hướng dẫn đổi trên VNeID", "mk là người Ninh Bình", "[số thẻ] [mật khẩu]",
               "mật khẩu là [mật khẩu]", "stk [số tài khoản]", "tôi đóng 12345678 đồng"]


def secrets():
    for line in SECRET.strip().splitlines():
        kind, *texts = line.split(" | ")
        for text in texts:
            yield kind, text


def plains():
    return [text for line in PLAIN.strip().splitlines() for text in line.split("|")]


def forms(text):
    return {text, fold(text), unicodedata.normalize("NFD", text), text.upper()}


def test_the_tables_are_large():
    assert len(list(secrets())) >= 60
    assert len(plains()) >= 60


@pytest.mark.parametrize(("kind", "text"), list(secrets()))
def test_a_secret_is_masked_and_nothing_else(kind, text):
    for form in (text, fold(text), unicodedata.normalize("NFD", text)):
        typed = form.replace("<", "").replace(">", "")
        expected = re.sub("<.*?>", lambda m: TOKENS[kind], form)
        masked, kinds = mask(typed)
        assert kinds == {kind}
        # a sign at the very end may go with the secret or stay
        assert masked.rstrip(".!") == expected.rstrip(".!")
        secret = re.search("<(.*?)>", form)[1]
        assert secret not in masked
        for digits in re.findall(r"\d{3,}", secret):
            assert digits not in masked


@pytest.mark.parametrize("text", plains() + PLAIN_TYPED)
def test_what_is_no_secret_stays(text):
    for form in ({text} if text in PLAIN_TYPED else forms(text)):
        assert mask(form) == (form, frozenset())


@pytest.mark.parametrize(("text", "masked", "kind"), [
    ("cccd ０３４０８２００１２３４", "cccd [số giấy tờ]", "id_number"), ("٠٣٤٠٨٢٠٠١٢٣٤", "[số giấy tờ]", "id_number"),
    ("𝟎𝟑𝟒𝟎𝟖𝟐𝟎𝟎𝟏𝟐𝟑𝟒 nhé", "[số giấy tờ] nhé", "id_number"), ("0\u200b34\u200d082\u2060001\ufeff234", "[số giấy tờ]", "id_number"),
    ("otp 4\u00ad8\u200b2913", "otp [mã xác nhận]", "otp"), ("o\u200btp ４８２９１３", "otp [mã xác nhận]", "otp"),
    ("mat\u00a0khau：abc123", "mat\u00a0khau：[mật khẩu]", "password"), ("4111\u20111111\u20111111\u20111111", "[số thẻ]", "card"),
    ("4111\u00a01111\u00a01111\u00a01111", "[số thẻ]", "card"), ("otp 4️⃣8️⃣2️⃣9️⃣", "otp [mã xác nhận]", "otp"),
    ("ⓞⓣⓟ ④⑧②⑨①③", "ⓞⓣⓟ [mã xác nhận]", "otp"),
])
def test_digits_of_every_kind_and_invisible_characters(text, masked, kind):
    found, kinds = mask(text)
    assert found.replace("\u200b", "") == masked
    assert kinds == {kind}


def test_several_secrets_in_one_message():
    text = "em tên Hoa cccd 034082001234, stk 0011001234567 vcb, otp 482913, mật khẩu là Hoa@1990, sđt 0912345678"
    assert mask(text) == ("em tên Hoa cccd [số giấy tờ], stk [số tài khoản] vcb, otp [mã xác nhận], mật khẩu là [mật khẩu], sđt 0912345678",
                          {"id_number", "account", "otp", "password"})


def test_a_bank_message_over_lines():
    assert mask("VCB: Ma OTP\n482913\nKhong doc cho ai")[0] == "VCB: Ma OTP\n[mã xác nhận]\nKhong doc cho ai"


def test_no_token_holds_a_digit():
    assert not any(c.isdigit() for token in TOKENS.values() for c in token)


def test_masking_again_changes_nothing():
    chance = random.Random(3)
    pieces = [t.replace("<", "").replace(">", "") for _, t in secrets()] + plains() + [*TOKENS.values(), "\n", "là", "stk", "otp", "cccd"]
    for _ in range(3000):
        masked, kinds = mask(chance.choice([" ", ", ", "", "\n"]).join(chance.choice(pieces) for _ in range(chance.randint(1, 6))))
        assert mask(masked) == (masked, frozenset())
        assert all(TOKENS[kind] in masked for kind in kinds)


def test_mask_never_raises_on_any_text():
    chance = random.Random(5)
    ranges = [(32, 126), (48, 57), (0xC0, 0x1EF9), (0x300, 0x36F), (0x660, 0x669), (0x2000, 0x2070), (0xFF00, 0xFFEF), (0, 0x10FFFF)]
    words = ["otp", "mật khẩu là", "stk", "cccd", "mk:", "mã pin", "đồng"]
    for _ in range(4000):
        text = "".join(chance.choice([*words, " "]) if chance.random() < 0.1 else chr(chance.randint(*chance.choice(ranges)))
                       for _ in range(chance.randint(0, 50)))
        masked, _ = mask(text)
        assert mask(masked)[0] == masked


def test_no_identity_number_survives_in_any_spelling():
    chance = random.Random(9)
    zeros = [ord("0"), 0x660, 0x966, 0xFF10, 0x1D7CE]
    for _ in range(1500):
        digits = "0" + "".join(chance.choice("0123456789") for _ in range(11))
        zero, gap = chance.choice(zeros), chance.choice(["", "\u200b", "\u00ad"])
        sizes = chance.choice([[12], [3, 3, 3, 3], [4, 4, 4], [6, 6], [3, 3, 6], [3, 1, 2, 6], [1] * 12])
        sep = chance.choice([" ", ".", "-", " - ", "–"])
        groups, at = [], 0
        for size in sizes:
            groups.append(gap.join(chr(zero + int(d)) for d in digits[at:at + size]))
            at += size
        text = f"{chance.choice(['', 'số của tôi ', 'cccd ', 'nhờ xem '])}{sep.join(groups)}{chance.choice(['', ' ạ', '.', ' nhé, 20/11'])}"
        masked, kinds = mask(text)
        assert kinds and not re.search(r"\d{3}", masked), text
