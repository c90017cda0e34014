"""The words around and instead of a label when somebody answers a question. All folded; choices.py reads with them."""

import re


def some(line: str) -> frozenset:
    """The words of a line; with commas in it, the expressions between them."""
    return frozenset(e.strip() for e in (line.split(",") if "," in line else line.split()))


WHO = some("toi em con chau bac minh co chu ba ong anh chi tui tao t e m bà bác")
"""Who speaks or is spoken to. A few keep their marks: folded, "bác" would be the labels b, a, c."""
POLITE = WHO | some("da dạ vang thua xin bot oi u uh")
LEAD = POLITE | some("cau dap an phuong lua chon y so nghi chac la thi cai muc theo tra loi lay doan thay hinh nhu option")
TAIL = some("nhe nha nghe nghen nhen hen hi di chu thoi bot oi nhi luon do day ne ban ah ak a ạ à á dạ em chau con co chi anh bà bác "
            "chac duoc")
"""Around an answer: "dạ em chọn câu … nhé bot ơi"."""
TAIL_ASKING = some("dung phai khong ko k hok")
"""Behind a label only: "b đúng không"."""
THINGS = some("hinh dong cho doan phan tin trang dia thu moi noi xep dang ngo")
"""Before a label only: what is labelled, and what is done with it: "dòng 2", "địa chỉ thứ nhất", "em nối 1c 2a"."""
COUNTED = some("cau thu so y cai dong cho doan phan hinh muc")
"""With one of these a bare "ba" is the third, not the letters b and a."""
JOINING = some("la voi noi thi cau so va roi cung di con thu")
"""Between a number and its letter: "1 với c, số 2 là a"."""
OTHER_WORDS = some("đâu dâu dấu đậu đau nằm nắm nấm tự từ tử hại hái hài bọn bồn bón sau nhạt cười")
"""Folded, these would be an ordinal or a number: "hình đâu" is not "hình đầu"."""
DENYING = some("khong ko k kg khg khog kong hong hok hem hk chua chang")
"""Turns a choice into its opposite: "không đọc mã" is not "đọc mã"."""
SAID_OF = some("nay tin noi the vay do nhu bao rang thay")
"""Between the speaker and a verdict: "tin này là giả", "nói thế là sai"."""

GIVE_UP = re.compile(
    r"(?:khong|ko|k|kh|hk|hong|hok|hem|chua|cha|chang) (?:biet|bit|bik|bic|ro|nho|nghi ra|doan duoc|tra loi duoc)"
    r"(?: (?:nua|lam|cau nay|gi|het|roi|dau|sao|the nao|lam gi|lam sao|noi|xep|chon|dien|tra loi))*"
    r"|chiu(?: roi| het)?|bo tay(?: roi)?|bo qua(?: cau nay)?|bo cau nay|cho qua|(?:cho )?qua cau (?:nay|khac)")

TRUE = some("dung, that, co that, chinh xac, phai, tin that, dung ma, dung het, chuan, dung roi, dung vay, "
            "dung the, that ma, phai roi, chuan roi, dung day, that day, that roi")
FALSE = some("sai, gia, khong dung, ko dung, k dung, hong dung, khong phai, ko phai, hong phai, khong that, "
             "ko that, tin gia, khong, ko, sai roi, sai be bet, sai bet, sai het, gia mao, sai ma, khong dung dau, "
             "khong phai dau, gia roi, gia ma, chang dung")

NEXT = some("tiep, tiep tuc, tiep theo, ok, oke, oki, okie, okay, da, vang, u, uh, um, uk, uhm, roi, xong, "
            "xong roi, hieu roi, da hieu, next, duoc, duoc roi, co, hieu, doc xong, doc xong roi, da doc, doc roi, "
            "da doc xong, da roi, dong y, sang the sau, qua the sau, tiep bai, the sau, the tiep theo, sang trang, "
            "qua trang, ro roi, da ro, biet roi, da xem, xem xong, xem roi, xem tiep, doc tiep")
"""Said of a card on the screen."""

ORDINALS = {"nhat": 0, "dau": 0, "dau tien": 0, "mot": 0, "hai": 1, "nhi": 1, "ba": 2, "bon": 3, "tu": 3, "nam": 4, "sau": 5}
NUMBERS = {"mot": 0, "hai": 1, "ba": 2, "bon": 3, "nam": 4}
BETWEEN = some("va voi roi den sau do cau y cung truoc tiep theo dau tien cuoi la het ca cả")
"""Stand between the labels of several choices: "đầu tiên b, sau đó a, cuối cùng c"."""
ALL = re.compile(r"(?:tat ca|toan bo|het|tat|all|ca tin(?: nhan)?|ca bai)(?: (?:deu dung|deu|dung|cac cau|cac y|cau|y|luon|het))*")
