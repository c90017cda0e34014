"""What a citizen who has just been robbed says, as patterns over `emergency.plain` text: folded words, "|" between clauses.

First BLANK takes away what did not happen (refused, demanded, feared, asked about, learned); then any of LOSS decides.
"""

import re


def of(*alternatives: str) -> str:
    return "(?:" + "|".join(alternatives) + ")"


def some(most: int) -> str:
    """Up to so many words, each with the space behind it, within a clause."""
    return rf"(?:[\w~]+ ){{0,{most}}}?"


HERE = r"[^|]*?"
AMOUNT = of(r"\d+ ?(?:tr|trieu|cu|chai|ty|ti|k|nghin|ngan|lit|xi|dong|do|usd)\d*",
            r"(?:mot|hai|ba|bon|nam|sau|bay|tam|chin|muoi|chuc|tram|may|gan|hon|vai|nua) (?:trieu|ty|ti|nghin|ngan|tram|chuc|cu)")
MONEY = of("tien", "bac trieu", "ty bac", "so tiet kiem", "the cao", AMOUNT)
CHEAT = of("lua", "gat", "lua dao", "lua gat", "scam", "gia danh", "mao danh", "gia mao", "lua doi")
THIEF = of("no", "tui no", "bon no", "chung no", "chung", "bon", "tui kia", "bon kia", "ke gian", "ke xau", "ke lua", "ke cuop", "hacker", "thang lua",
           "nguoi la", "so la", "nguoi tu xung", "nguoi quen tren mang", "nguoi yeu qua mang", "nguoi quen qua mang", "ngta", "nguoi ta",
           CHEAT, r"(?:[\w~]+ ){0,3}?gia\b")
"""Who takes. Alone it says nothing; it counts beside money or a secret that has been given."""
ACCIDENT = of("lo", "lo tay", "lo dai", "trot", "nham", "vo tinh", "dai dot", "ngu")
BEFORE = of(ACCIDENT, "da", "vua", "moi", "lan truoc", "hom qua", "hoi nay", "hoi chieu", "hoi trua", "hoi sang", "sang nay", "chieu nay", "toi qua", "ban nay", "khi nay",
            "nay gio")
AFTER = of("roi", "xong", "mat roi", "mat tieu", "luon")
TRANSFER = of("chuyen khoan", "chuyen", "gui", "goi tien", "nap", "dong", "dua", "nop", "bank", "banking", "tra", "coc", "dat coc", "thanh toan", "rut")
SECRET = of(r"ma (?:\w+ ){0,2}?(?:otp|xac nhan|xac thuc|pin|bao mat|dang nhap|sau so|6 so)", "otp", "mat khau", "ma pin", "pin", "so the", "password",
            "pass", "thong tin the", "thong tin tai khoan", "ma so", r"(?:cai|dong|day) ma", "ma")
GIVE = of("doc", "dua", "cho", "gui", "goi", "nhap", "cung cap", "khai", "noi", "dien", "bao", "nhan", "chup", "cap", "muon")
HOLDING = of("tai khoan", "zalo", "facebook", "fb", "face", "nick", "telegram", "email", "gmail", "sim", "vneid", "instagram", "tiktok", "messenger")
MACHINE = of("may", "may tinh", "dien thoai", "iphone", "dt", "samsung", "laptop", "man hinh")
TAKEN = of("hack", "chiem", "chiem doat", "chiem quyen", "cuop", "danh cap", "an cap", "xam nhap", "dot nhap", "lay mat", "khong che", "dieu khien",
           "nguoi khac dang nhap", "nguoi khac vao", "nguoi ta vao", "nguoi la dang nhap", "doi mat khau", "vang ra")
GONE = of("mat", "mat sach", "mat het", "mat trang", "mat tieu", "bay", "boc hoi", "bien mat", "di tong", "sach tron", "het tron", "het sach")
SILENT = of("chan", "block", "khoa may", "tat may", "khoa so", "cat lien lac", "bien mat", "mat hut", "mat tich", "lan mat", "bo tron", "chay mat", "thue bao", "sap",
            r"xoa (?:nick|zalo|facebook|fb|ket ban|tai khoan|so)",
            r"khong (?:lien lac|goi|nghe may|tra loi|rut|bat may|thay (?:tra loi|dau))", "rut khong", "chua rut", "khong cho rut", "khong giai ngan")
HELP = of("cuu", "giup", "phai lam", "lam sao", "lam gi", "lam rang", "bao ai", "khoa the", "khoa tai khoan", "doi lai", "lay lai", "hoan lai", "huhu", "hu hu", "troi oi", "sos",
          "chet roi")

BLANK = [re.compile(p) for p in (
    # refused or not done
    r"\b(?:chua|khong|chang|dau co|deo) (?:(?:he|ai|co|toi|bi|tin|muon|dai gi|dam|them) )?"
    r"(?:chuyen|gui|doc|dua|bi|mat|nap|cung cap|nhap|tra|nop|lam theo|bam|cai|cho (?:no|ho|ai|nguoi))\b(?! (?:duoc|ra|vao|len|noi|may)\b)"
    r"(?: (?:tien|khoan|dong nao|dong|gi|ca|lua|ma|otp|cho no|cho ho))*",
    # demanded or intended, unless it goes on "… rồi"
    rf"(?<!da )\b(?:doi|bat|bao|yeu cau|keu|nho|rang|kieu|doa|ep|xui|muon|xin|huong dan|de nghi|can|phai|se|dinh|tinh|nhac|cach|chieu) {some(3)}"
    rf"(?:chuyen|gui|doc|dua|cung cap|nap|nop|cai|bam|nhap|dong|quet|tra)\b"
    rf"(?: (?:tien|khoan|truoc|ma|otp|mat|khau|so|the|trieu|tr|nghin|ty|app|ung|dung|link|vao|them|coc|phi|nua|\d\w*)\b)*"
    rf"(?! (?:roi|xong|luon|het|lan|mat|cho no roi)\b)",
    # asked, not told
    r"\bco (?:nen|phai|dang tin|duoc phep)\b[^|]*", r"\bco (?:bi )?(?:mat|lua|hack|sao|dung|that|an toan)\b[^|]{0,30}\bkhong\b",
    r"\b(?:lieu|tai sao|vi sao)\b[^|]*", rf"\b{CHEAT} (?:khong|hay that|hay gia|la gi|thuong|hay)\b[^|]*",
    # feared, avoided, learned, nearly
    rf"\b(?:suyt|xuyt|nghi|so|lo so|tranh|phong|phong tranh|chong|canh giac|de khong|khoi|de dung|dung de)(?: nua| chut nua| thi| la| rang| bi| mat| voi){{0,3}} "
    rf"{some(1)}(?:bi )?(?:{CHEAT}|mat|chuyen|doc|hack|gui|cuoc goi)\b(?: (?:tien|khoan|dao|ma|otp))*",
    r"\b(?:hoc cach|hoc ve|bai hoc|khoa hoc|hoc chong|hoc phong|ke toi nghe|ke nghe)\b[^|]*",
    rf"\b(?:neu|gia su|gia du|lo nhu|nho|chang may) (?:nhu |ma |chang may )?{some(2)}(?:bi )?(?:{CHEAT}|mat|lo|chuyen|hack)\b",
    # reported about others
    r"\b(?:bon|ke|nhung ke|nan|cuoc goi|tin nhan|trang|so dien thoai) lua dao (?:hay|thuong|nay|chuyen|dang)\b[^|]*",
    # the system's own codes, lessons about codes
    r"\b(?:nhan|khong thay|cho|doi) (?:duoc )?(?:ma )?(?:otp|xac nhan)\b(?= khi| ve| qua)",
)]

CLAIM = re.compile(r"\b(?:goi|nhan|nhan tin|tin nhan|sms|email|thong bao)(?: \w+){0,3}? (?:bao|noi|rang|la|kieu|bao la)\b.*")
CHECKING = re.compile(r"\b(?:co that khong|that khong|that hay gia|co phai lua|co nen|dung khong|tin duoc|dang tin|lua khong|lua dao khong|an toan khong|"
                      r"that gia|co dung|co sao khong)\b")
"""A message that is asked about: what it claims ("tài khoản bị hack") has not happened."""

OFFICIAL = re.compile(r"\b(?:le phi|phi ho so|nop phat|tien phat|nop thue|dich vu cong|bao hiem xa hoi|hoc phi truong|tien su dung dat|tien dien|bien lai)\b")
"""Money paid to an office; then only a plain word for theft makes an emergency."""

PLAIN_THEFT = [re.compile(p) for p in (rf"\bbi {some(5)}{CHEAT}\b", r"\b(?:ke gian|ke lua|hacker|cong an gia)\b", rf"\b(?:{ACCIDENT}) {some(3)}(?:{TRANSFER}|{GIVE})\b.*\bcho\b")]

ROBBED = [re.compile(p) for p in (
    # cheated, in so many words
    rf"\bbi {some(5)}{CHEAT}\b.*\b(?:{MONEY}|mat|het|sach|chuyen|nap|coc|{HELP}|roi|xong)\b", rf"\b(?:{HELP})\b.*\bbi {some(3)}{CHEAT}\b",
    rf"\b(?:vua|moi|da) bi {some(3)}{CHEAT}\b", rf"(?:^|\| )(?:{some(4)})bi (?:{CHEAT})(?: (?:dao|roi|a|oi|het|luon))*(?= \||$)",
    rf"\b(?:lua|gat) (?:mat|lay|het|sach)\b.*\b{MONEY}\b", rf"\b{MONEY}\b.*\b(?:lua|gat) (?:mat|lay|het|sach)\b",
    rf"\b(?:bi (?:\w+ )?(?:du|dinh|sap bay|dinh bay)|trung bay|dinh bay|mac bay|dinh chuong)\b.*\b(?:{MONEY}|mat|chuyen|ma)\b",
    rf"\b(?:moi|hoa ra|thi ra|phat hien|gio)(?: \w+){{0,2}} (?:biet|ra|thay|hay|la)\b{HERE}\b(?:lua|gia|ngu|bi gat)\b",
    r"\b(?:mat|chuyen|nap|gui|dua|nop|dong)\b.*\b(?:moi|gio) (?:moi )?biet\b.*\b(?:lua|gia)\b",
    rf"\bmat {some(3)}{MONEY}\b.*\b(?:{CHEAT}|cong an gia|bam link|link|vi tin|vi bam|vao tay|chan so)\b", r"\blua toi\b.*\bmat\b|\bmat\b.*\bno lua\b",
    rf"\bchuyen nham\b.*\b{CHEAT}\b",
    # money given to somebody who is no office
    rf"\b(?:{BEFORE}) {some(5)}(?:{TRANSFER})\b.*\b(?:cho|vao tai khoan|vao so|vao) {some(4)}(?:{THIEF})(?!\w)",
    rf"\b(?:{TRANSFER})\b(?: {MONEY}|\w+){{0,4}} cho {some(2)}(?:{THIEF})\b.*\b(?:{AFTER}|{HELP}|{SILENT})\b",
    rf"\b(?:{TRANSFER})\b.*\b(?:roi|xong|mat)\b.*\b(?:{HELP})?.*\b(?:no|chung|bon) .*\b(?:{SILENT}|doa|doi them|doi nua|doi tiep)\b",
    rf"\b(?:{THIEF})\b.*\b(?:{BEFORE}|hoang qua|so qua) {some(3)}(?:{TRANSFER}) {some(2)}{MONEY}",
    rf"\bno bao {some(4)}\|? ?.*\bchuyen roi\b",
    # they are gone
    rf"\b(?:{TRANSFER}|mua|ban giao)\b.*\b(?:{MONEY}|coc|khoan|phi \d|lan|xong|roi)\b.*\b(?:no|ho|shop|ben kia|ben do|trang|web|nguoi ta|nick|san|gio|roi|cong ty|ngta|app)\b{HERE}\b{SILENT}\b",
    rf"\b(?:no|bon no|chung|chung no|tui no|ke gian|bon lua dao|bon lua|hacker|ho|nguoi la|co nguoi|nguoi ta|ai do|chung no) {some(4)}"
    rf"(?:lay|rut|tru|cam|cuop|vet|om|hot|chuyen)(?: \w+){{0,2}}? (?:{GONE}|sach|het|mat|di)\b{HERE}\b{MONEY}",
    rf"\b(?:no|bon no|chung|chung no|tui no|ke gian|bon lua dao|hacker) {some(3)}(?:cam|om|lay) tien\b",
    # a secret given
    rf"\b(?:{ACCIDENT})(?: \w+){{0,4}} (?:{GIVE})\b(?: \w+){{0,6}}? (?:{SECRET}|can cuoc|khuon mat|giay to|so do|hai mat)\b",
    rf"\b(?:{SECRET})\b{HERE}\b(?:{ACCIDENT}) {some(3)}(?:{GIVE})\b",
    rf"\b(?:da|vua|moi|hoi nay) {some(3)}(?:doc|dua|cho|cung cap|khai|noi|cap|gui|muon|bao)\b(?: \w+){{0,4}}? (?:{SECRET})\b{HERE}\bcho {some(3)}(?:{THIEF}|ho|web|trang|nhan vien|cong an|can bo|thang|con)\b",
    rf"\b(?:da|vua|moi|hoi nay) {some(3)}(?:doc|dua|cho|cung cap|khai|noi|cap|gui|bao)\b(?: \w+){{0,4}}? (?:otp|ma xac nhan|ma xac thuc|mat khau|ma pin)\b{HERE}\b(?:xong|mat roi)\b",
    rf"\b(?:doc|dua|cho|cung cap|khai|gui|nhap|dien)\b{HERE}\b(?:{SECRET})\b{HERE}\b(?:cho|vao) {some(3)}(?:{THIEF}|web la|trang la|web do|trang do|link la)(?!\w){HERE}(?:\b(?:{AFTER}|{HELP})\b)",
    rf"\b(?:cho|dua|doc|gui) (?:no|ho|chung|bon no|tui no|ngta|nguoi ta|nguoi la) {some(3)}(?:{SECRET})\b{HERE}\b(?:roi|xong|mat)\b",
    rf"\b(?:{SECRET}) (?:doc|dua|cho|gui) {some(3)}(?:{THIEF})\b",
    rf"\b(?:da|vua|moi|lo) {some(2)}(?:nhap|dien|cung cap|khai|an|bam)\b{HERE}\b(?:web|trang|link|duong link|tin nhan|app|form)\b{HERE}\b(?:gia|la|lua dao)\b",
    rf"\blo (?:mat )?(?:{SECRET})\b(?! nhu)", rf"\b(?:no|chung|bon|chung no|bon chung|ke gian|hacker) {some(2)}(?:lay|co|biet|nam) (?:duoc )?{some(1)}(?:{SECRET})\b",
    rf"\b(?:quet|quay|chup) {some(2)}mat cho\b", rf"\b(?:{ACCIDENT}) {some(3)}(?:chia se man hinh|cai phan mem|cai app|cai ung dung)\b",
    # an account, a telephone or a name taken over
    rf"\b(?:{HOLDING}|{MACHINE})\b(?: \w+){{0,5}}? bi (?:\w+ ){{0,3}}?(?:{TAKEN})\b", rf"\bbi (?:\w+ )?(?:{TAKEN}) (?:\w+ ){{0,2}}?(?:{HOLDING}|may|dien thoai|sim)\b",
    rf"\b(?:hack|chiem|cuop|danh cap|an cap|lay) (?:mat |duoc )?{some(2)}(?:{HOLDING})\b",
    r"\bmat (?:nick|zalo|facebook|fb|telegram|quyen vao|tai khoan (?:zalo|facebook|fb|telegram|ngan hang))\b",
    rf"\b(?:{HOLDING})\b{HERE}\b(?:toi|em|minh|me|bo|con|chi|anh|ban|tui|chau)\b.*\b(?:nhan tin|di|dang) {some(2)}(?:vay|muon|lua)\b",
    rf"\b(?:mat khau|mk) {some(3)}bi doi\b", r"\bchiem quyen\b|\bdang dieu khien may\b|\bbi dieu khien tu xa\b",
    rf"\b(?:nguoi khac|ai do|no|ho|ke gian|nguoi la|chung) {some(2)}(?:dang nhap|vao)(?: duoc)? {some(2)}(?:tai khoan|vneid|ngan hang|may)\b",
    rf"\b(?:can cuoc|cccd|ten|thong tin|khuon mat)(?: cua)? (?:toi|em|minh|chi|anh|me|bo)\b{HERE}\bvay\b", rf"\bvay {some(3)}(?:dung )?ten (?:toi|em|minh)\b",
    rf"\bkhoan vay\b{HERE}\bten (?:toi|em|minh)\b",
    # money leaving a bank
    r"\b(?:tai khoan|the|tien|luong|so tiet kiem|ngan hang|vi dien tu|so du)\b(?: \w+){0,6}? bi (?:\w+ ){0,3}?(?:tru|rut|quet|quet|tat toan|chuyen di|ru[t])\b",
    rf"\b(?:tai khoan|the|ngan hang)\b.*\b(?:{GONE}) {some(2)}{MONEY}\b", rf"\b(?:tien|{AMOUNT})\b(?: \w+){{0,5}}? (?:bay (?:mat|het|sach)|boc hoi|bien mat|di tong|mat tieu|mat sach)\b",
    rf"\bmat {some(2)}tien (?:trong|o) (?:tai khoan|the|ngan hang|vi)\b", rf"\b(?:mat|het) (?:het|sach|trang|tron) {some(1)}tien\b.*\b(?:tai khoan|ngan hang|the|link|roi|luon)\b",
    rf"\b(?:rut|tru|lay) (?:sach|het|mat)\b{HERE}\b(?:tien|the|tai khoan)\b", rf"\btien\b{HERE}\b(?:dang|lien tuc) bi (?:tru|rut|chuyen)\b",
    r"\bso du\b.*\b(?:ve|con|bang) (?:0|khong)\b", r"\btai khoan\b.*\bcon 0 dong\b", r"\bbao co giao dich la\b", r"\bdang bi rut tien\b|\bbi rut tien\b",
    rf"\b(?:bam|nhan|an|click|cai|quet)\b{HERE}\b(?:roi|xong|gio|vua)\b.*\b(?:mat|tru|rut|bay)(?: \w+){{0,2}} (?:tien|{AMOUNT})",
    rf"\b(?:vua|moi|da|tu nhien) (?:bi )?mat {some(2)}{MONEY}",
    # extorted, lured into paying in
    rf"\b(?:tong tien|doa tung|bat coc|doa)\b.*\b(?:da|vua|roi) {some(2)}(?:{TRANSFER})\b", r"\b(?:tin loi|nghe loi|nghe theo)\b.*\b(?:mat|chuyen|nap)\b.*",
    rf"\b(?:nap|dau tu|gop|chuyen|bo)\b.*\b(?:{MONEY}|lan)\b.*\b(?:rut khong|khong rut|khong cho rut|san sap|sap san|bat nap them|nap them moi)\b",
    rf"\b(?:nap|chuyen|dong)\b.*\b(?:web|app|trang|san)\b{HERE}\b(?:gia|lua)\b.*\b(?:khong rut|rut khong|mat|roi)\b",
)]
