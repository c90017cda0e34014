"""Who has just lost money, a code or an account is recognised by wording alone; nobody else is.

The sentences are our own, in the ways people type: with marks, without, in teencode and dialect, for somebody else, as a
long story. What wording cannot decide is the classifier's work and stands under KNOWN_GAPS, a list that is only to shrink.
"""

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from bot.language.emergency import is_emergency
from bot.language.normalise import fold

ROOT = Path(__file__).resolve().parents[3]

EMERGENCIES = """
tôi mới chuyển 12 triệu cho một người tự xưng là cán bộ thuế, giờ gọi lại thì thuê bao
vừa đọc mã otp cho bọn nó xong thì tài khoản còn 0 đồng
mẹ cháu lỡ bấm vào đường link trợ cấp, giờ mất hết tiền trong ngân hàng rồi
toi bi lua mat 8 trieu roi phai lam sao
e bị lừa ck 3tr r, shop block e r
chồng tôi đang bị bọn giả công an ép chuyển tiền, đã chuyển 50 triệu rồi
lỡ đưa mật khẩu vneid cho người lạ rồi phải làm gì
zalo cua me em bi hack, no dang di muon tien ca ho
facebook tôi bị người ta chiếm rồi, nó nhắn tin vay tiền bạn bè tôi
tài khoản ngân hàng tự nhiên bị trừ 20 triệu, tôi có làm gì đâu
nó bảo chuyển, tôi chuyển rồi, mất 5 triệu
ho goi bao la dien luc bat cai app, toi cai xong thi tien bi tru het
cứu với, bọn lừa đảo rút sạch tiền của bố tôi rồi
tui bị tụi nó gạt lấy hết tiền bán lúa rồi bà con ơi
bị gạt mất tiền rồi làm răng chừ
con gái bác gửi tiền cọc thuê trọ xong người ta chặn số luôn
lo nhap so the voi ma otp vao trang gia roi
em trót gửi ảnh căn cước và mã xác thực cho nó rồi ạ
trời ơi tui lỡ đọc cái mã sáu số cho thằng giả nhân viên ngân hàng rồi
máy tôi bị điều khiển từ xa, nó đang chuyển tiền đi
bị lừa đảo qua mạng mất 200 triệu giờ báo ai
hôm qua tôi nghe lời một người trên telegram nạp tiền làm nhiệm vụ, nạp tổng cộng 45 triệu, giờ rút không được, nó bảo phải nạp thêm mới rút được
vợ em bị dụ đầu tư tiền ảo, mất gần tỷ bạc rồi
sáng nay bố tôi ra ngân hàng chuyển cho bọn giả danh viện kiểm sát 300 triệu rồi
nó lấy được otp của tôi rồi
lộ mật khẩu ngân hàng rồi, cần khóa tài khoản gấp
giup em voi e vua bi lua 2 trieu mua dien thoai tren mang
vừa quét mã qr của người lạ xong tài khoản bay mất 10 triệu
nick zalo bị đánh cắp, giờ tôi không đăng nhập được
sim điện thoại bị cướp, ngân hàng báo có giao dịch lạ
bọn nó gọi video quay mặt tôi xong giờ tài khoản bị rút hết
bac lo chuyen tien cho no roi chau oi cuu bac voi
tiền trong tài khoản biến mất hết rồi
ai cứu em với em bị lừa hết tiền học phí rồi
bị tống tiền bằng clip nóng, em đã chuyển 10 triệu mà nó vẫn dọa
mạ tui vừa bị lừa mất sạch tiền dưỡng già
tao vừa bị scam 500k trên shopee
e nạp thẻ cào cho nó r mới bt bị lừa
lam sao lay lai tien da chuyen cho ke lua dao
bà ngoại tôi 75 tuổi vừa nghe điện thoại rồi đi rút sổ tiết kiệm đưa cho người lạ
tôi đã cung cấp số tài khoản, mật khẩu cho trang web giả dịch vụ công
tài khoản facebook của con tôi bị hack mất rồi
đã chuyển khoản đặt cọc vé máy bay 4 triệu, giờ trang đó biến mất
chuyển nhầm cho tài khoản lừa đảo rồi, ngân hàng có chặn được không
nạp 30 triệu vào sàn forex giờ sàn sập
hồi chiều có đứa gọi bảo con tôi cấp cứu, tôi hoảng quá chuyển luôn 20 triệu, giờ mới biết là lừa
lỡ tin lời nó rồi, mất trắng
thẻ của tôi bị quẹt 3 lần ở đâu ấy, tôi không biết gì
có người dùng căn cước của tôi vay tiền app, giờ họ đòi nợ tôi
ck cho nó 5 củ r giờ k liên lạc đc
lỡ dại cài phần mềm điều khiển máy theo lời họ, giờ màn hình đen thui
mk facebook bi doi roi, no dang nhan tin lua ban be em
tôi bị mất tiền trong tài khoản ngân hàng
bố em bị lừa rồi ạ
lừa mất của tôi 15 triệu rồi
đang chuyển tiền dở thì phát hiện là lừa, đã đi 10 triệu
mất 70 triệu vì tin công an giả
e đưa otp cho ngta r huhu
chúng lấy hết tiền trong thẻ của tôi
hu hu nó rút sạch tiền của em rồi
luong huu cua toi bi chung no rut het roi
tôi gửi tiền cho người yêu quen qua mạng 60 triệu, giờ nó khóa máy
vừa bị mất 5tr vì bấm link trúng thưởng
shipper giả gọi, em chuyển 350k rồi mới biết bị lừa
tài khoản vneid bị người khác đăng nhập
người ta lấy mất tài khoản telegram của tôi rồi
khoá thẻ giúp tôi với tôi vừa nhập thông tin thẻ vào web lạ
em lỡ quét khuôn mặt cho chúng rồi giờ nó vay tiền tên em
nhà tôi vừa mất 100 triệu cho bọn xuất khẩu lao động lừa đảo
chau oi ba bi nguoi ta lua lay het tien roi
tôi nộp phí 3 lần cho công ty vay online mà không giải ngân, giờ nó chặn
vừa lộ mã pin cho kẻ gian
giờ phải làm gì khi lỡ chuyển tiền cho kẻ lừa đảo
bị lừa tiền rồi
bi lua dao mat tien phai bao cho nao gap
trúng bẫy rồi, chuyển hết 80 triệu cho nó
anh tôi bị bắt cóc online, gia đình đã chuyển 200 triệu
máy báo có đăng nhập lạ vào tài khoản ngân hàng, tiền đang bị chuyển đi
tui nghe lời tụi nó mở camera với bật chia sẻ màn hình rồi, giờ tiền mất tiêu
no vua lay het 12tr trong the atm cua em
tôi vừa ấn vào tin nhắn của ngân hàng giả và điền hết thông tin
đã lỡ chuyển 2 lần cho bọn giả danh toà án
cho em hỏi em bị lừa chuyển tiền thì ngân hàng có hoàn lại không
má em vô tình đọc mã xác nhận cho người ta rồi
bị hack tài khoản ngân hàng rồi giúp với
mat het tien roi troi oi no lua toi
kẻ gian đang dùng zalo của tôi lừa người thân
hồi nãy lỡ cho nó cái otp
vừa chuyển xong thì nó xoá zalo, bị lừa rồi
iphone bị chiếm quyền, không tắt được, tiền đang bị trừ
ông nội cháu bị lừa mua thuốc mất 15 triệu
sổ tiết kiệm online của mẹ tôi bị tất toán mất
vừa chuyển khoản cho một số lạ theo lời người tự xưng shipper, chuyển xong họ chặn
dang bi bon no ep chuyen tien nua, lan truoc da chuyen 40tr
em bị dính lừa đảo việc nhẹ lương cao mất 18 triệu
làm mất 50tr vì đầu tư chứng khoán quốc tế lừa đảo
nó cầm tiền của tôi chạy mất rồi
trót nạp tiền vào web đánh bạc giả giờ không rút được
toi vua mat tien vao tay bon lua dao
bj lua mat 2tr r sos
mik bị lừa ck 1tr5 mua vé concert
lỡ đọc otp rồi
lo doc otp mat roi
lo gui tien roi no chan
cho nó mã rồi mới thấy ngu
nạn nhân là mẹ tôi, bị bọn giả điện lực lấy mất 25 triệu
"""

NOT_EMERGENCIES = """
tôi bị mất sổ đỏ thì làm lại ở đâu
bị mất căn cước phải làm gì
mất giấy khai sinh xin cấp lại
đã nộp lệ phí rồi mà chưa thấy kết quả
chuyển khoản lệ phí được không
hộ khẩu chuyển rồi có cần đổi căn cước không
con tôi bị ngã gãy tay có được bảo hiểm không
con tôi bị ngã
có nên đọc mã otp cho nhân viên ngân hàng không
người ta bảo chuyển tiền trước, có phải lừa không
công an gọi yêu cầu chuyển tiền, tôi chưa chuyển
tôi muốn tố cáo số điện thoại lừa đảo
học cách phòng tránh lừa đảo
làm sao để không bị lừa
khóa học chống lừa đảo có mấy bài
mất bao nhiêu tiền để làm hộ chiếu
làm lại bằng lái mất mấy triệu
chuyển khẩu mất tiền không
bố tôi vừa mất, làm giấy báo tử ở đâu
ông tôi mất rồi, tiền tuất thì nhận thế nào
tôi vừa chuyển tiền nộp thuế đất, bao giờ có biên lai
đã chuyển 200 nghìn lệ phí cấp hộ chiếu rồi, chờ bao lâu
chưa chuyển tiền cho nó, có phải lừa đảo không
nó bảo đọc mã otp nhưng tôi không đọc
tin nhắn báo trúng thưởng, bấm vào có bị mất tiền không
mất ví có giấy tờ xe và căn cước
bị mất thẻ bảo hiểm y tế
thẻ atm bị mất thì báo ai
mất điện thoại có đăng ký vneid thì làm sao
quên mật khẩu vneid
không nhận được mã otp khi đăng nhập dịch vụ công
nhập mã otp ở đâu
tôi nhập sai mật khẩu mấy lần rồi
đã nhập mã xác nhận rồi mà vẫn không đăng nhập được cổng dịch vụ công
điền thông tin thẻ vào cổng dịch vụ công để nộp phí có an toàn không
tôi nộp tiền điện qua app rồi
vợ chồng tôi mua nhà đã chuyển tiền cọc rồi, giờ sang tên thế nào
đã chuyển nhượng đất xong, nộp hồ sơ sang tên
chuyển tiền trợ cấp vào tài khoản ngân hàng được không
lương hưu tháng này chưa thấy chuyển khoản
tiền trợ cấp của mẹ tôi bị cắt
tài khoản định danh bị khóa thì mở thế nào
tài khoản vneid bị khoá vì nhập sai mật khẩu
báo cáo trang facebook giả danh công an
có đứa giả danh cán bộ đi thu tiền, tôi muốn báo
con tôi lấy chồng rồi chuyển khẩu thế nào
mua xe cũ đã trả tiền xong, sang tên xe cần gì
bán đất đã nhận cọc rồi giờ muốn hủy
nhà tôi bị cháy mất hết giấy tờ
mất hết giấy tờ do bão lũ
bị phạt nguội 2 triệu nộp ở đâu
bị phạt tiền vì nộp muộn hồ sơ
xe bị giữ, đã nộp phạt 5 triệu rồi bao giờ lấy xe
cảnh giác với cuộc gọi giả danh công an
bài học về mã otp
bạn tôi nhắn facebook mượn tiền, có phải bị hack không
mẹ tôi nghi bị lừa nhưng chưa gửi đồng nào
nó đòi mã otp, tôi không cho
may quá tôi chưa mất đồng nào
tôi suýt bị lừa, muốn báo cho mọi người
suýt nữa chuyển tiền cho bọn giả công an, muốn báo số này
web này có lừa đảo không
có người gọi báo tài khoản của tôi bị hack, có thật không
tin nhắn nói tài khoản ngân hàng của tôi sẽ bị khóa
sms báo thẻ bị trừ 2 triệu, bấm link để hủy, có thật không
đăng ký kết hôn mất bao nhiêu tiền
tôi muốn đổi mật khẩu
cho tôi hỏi chuyển tiền phí qua tài khoản nào
nộp lệ phí trên cổng dịch vụ công bị trừ tiền hai lần thì làm sao
đã chuyển hồ sơ lên tỉnh rồi
tôi chuyển trường cho con rồi
gửi tiền tiết kiệm ở đâu an toàn
vay tiền ngân hàng chính sách
bị mất bằng lái xe máy
con tôi bị lạc, báo ai
điện thoại hỏng, mất sim, đăng nhập vneid thế nào
đổi số điện thoại nhận otp
tôi bị tai nạn mất sức lao động
bị mất trộm xe máy báo công an ở đâu
mất nhiều tiền quá, có được giảm không
làm giấy tờ hết 2 triệu rồi mà chưa xong
đã nộp 5 triệu tiền sử dụng đất rồi
cô ấy chuyển khẩu về nhà chồng rồi
thằng em tôi bị công an bắt
cho mượn sổ đỏ vay tiền có sao không
kể tôi nghe mấy chiêu lừa chuyển tiền
tại sao không nên đọc mã otp
otp là gì
đọc mã otp cho công an là đúng hay sai
nhắc tôi chuyển tiền học cho con lúc 8 giờ
tối mai nhắc tôi chuyển khoản tiền điện
bot có lưu mật khẩu của tôi không
xóa số tài khoản tôi vừa gửi
tôi vừa gửi số căn cước cho bot, có sao không
vừa nộp tiền xong, biên lai ở đâu
làm sổ đỏ mất 20 triệu có đúng không
sang tên mất 5 triệu à
xây nhà hết 500 triệu có phải xin phép không
tôi trồng lúa bị mất mùa có được hỗ trợ tiền không
cháy nhà, lửa thiêu mất hết tiền bạc giấy tờ
lựa chọn b
mẹ mất để lại tiền trong ngân hàng, rút thế nào
bố mất rồi, rút tiền tiết kiệm của bố cần giấy gì
rút bảo hiểm một lần hết bao nhiêu tiền
rút hết tiền bảo hiểm xã hội một lần được không
gửi tiền về cho con qua bưu điện
ban nãy nộp lệ phí quét mã qr rồi mà hệ thống báo chưa nộp
đã thanh toán 300 nghìn tiền phạt giờ vẫn báo chưa đóng
tôi cài vneid rồi mà không đăng nhập được
vừa cài app dịch vụ công xong, làm gì tiếp
cán bộ bảo tôi nộp 50 nghìn rồi hẹn thứ sáu
họ đòi phí 500k mới làm hồ sơ, có đúng quy định không
cho em hỏi lừa đảo là gì
cuộc gọi lừa đảo thường nói gì
nó gọi dọa bắt, tôi cúp máy rồi
tôi không chuyển tiền nên không mất gì
em không bị lừa đâu, chỉ hỏi thôi
bọn lừa đảo hay giả danh ai
giả sử bị lừa thì báo ai
tuổi già mất sức, tiền ít
bị lừa là gì
ông ấy mất năm ngoái, chuyển tên sổ đỏ cho tôi rồi
"""

KNOWN_GAPS = """
dt cua toi tu nhien bam lung tung, app ngan hang tu mo
"""
"""Emergencies that wording alone does not show, or not yet. Take out what has been mended; add nothing to hide a failure."""


def lines(text: str) -> list[str]:
    return [line for line in text.strip().split("\n") if line]


def examples() -> list[tuple[str, str]]:
    """(intent, example) of all training data."""
    found = []
    for file in sorted((ROOT / "nlu_data").glob("*.yml")):
        for block in YAML(typ="safe").load(file.read_text(encoding="utf-8")).get("nlu") or []:
            if "intent" in block:
                found += [(block["intent"], re.sub(r"\[([^]]*)\](?:\([^)]*\)|\{[^}]*\})", r"\1", e[2:]))
                          for e in block["examples"].split("\n") if e.startswith("- ")]
    return found


@pytest.mark.parametrize("text", lines(EMERGENCIES))
def test_something_is_already_gone(text):
    assert is_emergency(text)


@pytest.mark.parametrize("text", lines(EMERGENCIES))
def test_the_same_without_diacritics(text):
    assert is_emergency(fold(text))


@pytest.mark.parametrize("text", lines(NOT_EMERGENCIES))
def test_nothing_is_gone_yet(text):
    assert not is_emergency(text)


@pytest.mark.parametrize("text", lines(NOT_EMERGENCIES))
def test_nothing_is_gone_yet_without_diacritics_either(text):
    assert not is_emergency(fold(text))


def test_the_lists_are_long_and_our_own():
    theirs = {fold(e) for _, e in examples()}
    ours = lines(EMERGENCIES)
    assert len(ours) >= 80
    assert len(lines(NOT_EMERGENCIES)) >= 80
    assert len(lines(KNOWN_GAPS)) <= len(ours) / 10
    assert not [t for t in ours + lines(KNOWN_GAPS) if fold(t) in theirs]
