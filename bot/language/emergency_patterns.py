"""What a citizen who has just been robbed says, over `emergency.plain` text: folded words, "|" between clauses.

First NEUTRAL and BLANK take away what only looks like it or did not happen (refused, demanded, feared, asked about). Then
SIGNS are looked for anywhere in what is left, and any of RULES whose signs are all there decides.
"""

import re


def of(*alternatives: str) -> str:
    return "(?:" + "|".join(alternatives) + ")"


def some(most: int) -> str:
    """Up to so many words of one clause."""
    return rf"(?:[\w~#]+ ){{0,{most}}}?"


def sign(*patterns: str) -> "re.Pattern[str]":
    """Any of the patterns as whole words; ".*" reaches 250 characters at most, so that a long text costs no more than a story."""
    return re.compile("|".join(rf"\b{p}\b".replace(".*", ".{0,250}?") for p in patterns))


HERE = "[^|]{0,150}?"
"""Anything within a clause."""
NUMBER = of("mot", "hai", "ba", "bon", "nam", "sau", "bay", "tam", "chin", "muoi", "chuc", "tram", "may", "gan", "hon", "vai", "nua")
AMOUNT = of(r"\d+ ?(?:tr|trieu|cu|chai|ty|ti|k|nghin|ngan|lit|dong|do|usd|cay)\d*",
            rf"{NUMBER} (?:trieu|ty|ti|nghin|ngan|tram|chuc|cu|cay)", rf"(?:\d+|{NUMBER}) (?:chi|luong) vang")
MONEY = of("tien", "so tiet kiem", "the cao", "cay vang", "vang", "coc", AMOUNT)
OUR_OWN = of("toi", "em", "e", "minh", "me", "bo", "con", "chi", "anh", "tui", "chau", "ong", "ba", "vo", "chong", "nha", "bac", "tao")
CHEAT = of("lua", "gat", "lua dao", "lua gat", "scam", "gia danh", "mao danh", "gia mao")
PRETENDED = r"(?:truong|cong ty|shop|nha mang|sep|giam (?:doc|~)|chu tro|chu nha|luat su|bac si) gia(?! (?:re|bao|ca|vang|bao nhieu)\b)"
FALSE_NAME = of("cong an", "shipper", "nhan vien", "can bo", "ngan hang", "dien luc", "toa an", "tong dai", "web", "trang", "app",
                "ung dung", "link",
                "san", "dich vu cong")
THIEF = of("no", "tui no", "bon no", "tui kia", "bon kia", "bon (?:lua|gia|lua dao|xau)", "chung no", "chung", "bon", "tui", "han",
           "ke gian", "ke xau",
           "ke lua", "hacker", "thang", "nguoi la", "so la", "so tai khoan la", "lua dao", "dua nao", "nguoi quen qua mang",
           r"(?:nguoi|dua|thang|ke|con|bon) (?:tu )?xung", r"nguoi yeu (?:quen )?qua mang",
           "(?:nguoi|dua|thang|ke|bon) gia (?:giong|danh|dang)", PRETENDED,
           rf"{FALSE_NAME}(?: [\w~]+){{0,2}} (?:gia|la|ma)")
"""Who takes. Alone it says nothing; it counts beside money, a code or an account that has gone to them."""
IMPOSTOR = rf"(?:mot |hai |ba |may )?(?:co|anh|chi|ong|ba|chu|dua|thang|nguoi|ke|con) {some(1)}(?:xung|tu xung|nhan la|bao la|noi la)"
"""Whom one has given something, though only their word said who they were; read behind "cho"."""
PERSON = of(THIEF, "ho", "nguoi ta", "co nguoi", "ai do", "nguoi khac")
SOMEBODY = of(PERSON, "nguoi quen", "nguoi yeu", "shop", "trang", "web", "cong ty", "con lua")
"""May also be an office or a relative."""
ACCIDENT = of("lo", "trot", "nham", "lon", "vo tinh", "dai dot", "hoang qua", "so qua", "nho tay")
TRANSFER = of("chuyen khoan", "chuyen", "gui", "goi tien", "nap", "dua", "nop", "bank", "banking", "tra", "coc", "dat coc", "thanh toan",
              "rut",
              r"dong(?= (?:tien|phi|thue|coc|them|\d|mot|hai|ba|may|nhieu))")
CODE = of(r"ma (?:\w+ ){0,2}?(?:otp|xac nhan|xac thuc|pin|bao mat|dang nhap)", "otp", "mat khau", "ma pin", "pin", "password", "pass", "cvv",
          "(?:ba|3) so (?:phia |mat |dang )?sau",
          "(?:sau|6) so")
SECRET = of(CODE, "so the", "thong tin the", "the ngan hang", "thong tin tai khoan", "ma so", "cai ma", "dong ma", "so trong tin nhan",
            r"(?<!roi )ma(?= (?:roi|xong|cho|mat|vneid|nay|do|luon)\b| \||$)")
GIVE = of("doc", "dua", "cho", "gui", "nhap", "cung cap", "khai", "noi", "dien(?! thoai| luc| tu| nuoc)", "bao", "nhan", "chup", "cap",
          "muon", "xem")
HOLDING = of("tai khoan", "zalo", "facebook", "fb", "face", "fanpage", "nick", "acc", "telegram", "email", "gmail", "sim", "vneid",
             "instagram",
             "tiktok", "messenger", "momo", "vi dien tu", "can cuoc", "thong tin the")
MACHINE = of("may", "may tinh", "dien thoai", "iphone", "dt", "laptop", "tep", "du lieu")
BANK = of("tai khoan", "the", "ngan hang", "momo", "vi dien tu", "so tiet kiem", "so du", "atm", "visa", "tien", "luong huu")
FACE = r"(?:khuon )?(?:mat|~)"

NEUTRAL = re.compile(of(*(rf"\b{p}\b" for p in (
    r"(?:tam|thuong|cu|luu|noi|ngoai) tru", "khoan no",
    r"(?:tra|het|xoa|thu|con|cong|ghi|chu|mac|thieu) (?:het )?no(?: (?:ngan hang|thue|nan|cu))?(?= |$)",
    "no (?:thue|luong|nan|ngan hang|xau|min|tien (?:dat|thue|su dung|dien|nuoc|phat))", "(?:kip|chat|thuoc|phao|chay|vat lieu|sung|cung) no",
    "chung (?:nhan|thuc|tu|minh|cu|sinh|chi|khoan|ta|toi|chau|em)",
    "(?:loi|cong|dong|khong|lai|nhet|gop|gom|ghi|in|nau|song|tich hop) chung",
    "bon (?:muoi|nam|chuc|ban|ngay|thang|nguoi|tre)", "bon(?= lan)", r"thang (?:nay|truoc|sau|\d+|mot|hai|tu(?! xung))",
    "gia (?:dinh|han|tri|thue|ca|thua|lang|nhap|cong)", "(?:danh|xa|quoc|thue) gia", "the (?:chap|nao|thi|nay|thao)", "bay gio",
    "lua chon", "lay bao nhieu(?= tien)(?! tien (?:cua|trong|roi|het|mat|cho|ma))",
    "(?:ban|trong|gat|ruong|mua|cay|gao|tuot|phoi|xay) lua", "lua (?:thieu|chay|rung)", r"(?<![\w~#] )lua mat trang",
    "(?:can|ngon|dam|dap|chay|nui|xe|tau|bat|dot|ngan) lua",
    "vu gat", "gat (?:ten|khoi|ra khoi)", "(?:danh|ngan|chinh|quyen|cuon) sach", "y het", "trung bay", "(?:ngay|noi) cap",
    # no money: papers, points, pensions, land
    "nop(?= ~ ~)", "(?:gui|nop|dua) (?:giay|ho so|don|to khai|ban sao)(?! to)", "gui di gui (?:ve|lai)", "(?:diem|noi|cho) chi tra",
    "bi tru (?:sach |het )?(?:diem|thue|ngay cong)",
    "bi tru (?:tien )?(?:(?:ho|~) tro|tro cap)",
    r"(?:(?:tien|luong) (?:huu|tuat)|cap duong|tro cap)(?: (?!(?:the|atm|tai khoan|vi)\b)[\w~]+){0,5}? bi tru(?! (?:sach|het|mat|lien tuc))",
    r"(?:cuop|lay|lan|chiem|giu) (?:mat |het |luon ){0,2}(?:vat |manh |thua |mieng |nguon )?(?:dat|ruong|vuon|nuoc|loi di)",
    "cam coc(?= (?:noi|tren|moc|ranh|lan|chiem|vao dat))",
    "lo (?:tro cap|thu tuc|hau su|mai tang|ruou|gach|banh|nung|giet mo|dat(?! coc))",
    "(?:nuoi|con|dan|thit|trai|giong|heo) (?:nhieu )?lon", r"nuoi (?:[\w~]+ )?lon",
    "chan (?:yeu|nuoi|dung|tinh|run)", "(?:dau|gay|yeu|tay|que|ban) chan", "(?:quan|nan|cong|hon) nhan(?! vien)", "nhan (?:than|khau|dan)",
    r"(?<!ma )(?<!so )bao mat(?! (?:khau|ma|tien|roi)\b)", "mat ~ (?:chieu|khau)", "ngoai bo", "bo roi", "hom no", "giu bi mat", "dong dau",
    "(?:dieu|cau|noi|quay|di) chuyen",
    "chuyen (?:nhuong|doi|khau|ho|truong|den|giao|gia|muc|vien|tuyen|ve|ten|lop|nha|cong tac|bao hiem|nganh|khac|gi|nay|do|vui|phiem)",
    "(?:het|thoi|qua|dung|gia|co|con|vo|den|tron|ky|dao|gioi) han", "han (?:su|nop|che|muc|quoc|cuoi|chot|may nam|bao lau)",
    "mat (?:suc|mua|nang luc|tich|can cuoc|giay|the|vi|bang|ho|nuoc|dien|song|xe|phi|le phi|thue|mang|viec|tri nho|quyen nuoi)"
    "(?! het tien)",
    # a death
    r"(?:me|bo|cha|ong|ba|chong|vo|cu|co|chu|bac)(?: toi| em| chau| minh| noi| ngoai| tui)? (?:vua |moi |da |sap )?mat"
    r"(?= (?:de|nam|nay|duoc|thi|lam|co|ma|hom|thang|tu|tai|o|dot)\b| roi| \||$)",
))))
"""Expressions that only look like words of ours: they become "~" before anything is read."""

OBJECT = of("tien", "khoan", "truoc", "ma", "otp", "mat khau", "so the", "trieu", "tr", "nghin", "ty", "app", "ung dung", "link", "vao",
            "them", "coc",
            "phi", "nua", r"\d\w*")
BLANK = [re.compile(rf"\b{p}\b") for p in (
    # refused or not done
    r"(?:chua|khong|chang|dau co|deo) (?:(?:he|ai|co|toi|bi|tin|muon|dam|them) )?"
    r"(?:chuyen|gui|doc|dua|bi|mat|nap|cung cap|nhap|tra|nop|lam theo|bam|cai|cho (?:no|ho|ai|nguoi))\b(?! (?:duoc|ra|vao|len|noi|may)\b)"
    r"(?: (?:tien|khoan|dong nao|dong|gi|ca|lua|ma|otp|cho no|cho ho))*",
    # demanded or intended, unless it goes on "… rồi"
    r"(?<!da )(?<!vo )(?:doi|bat|bao|yeu cau|keu|giuc|nho(?! tay)|kieu|doa|ep|xui|muon|xin|huong dan|de nghi|can(?! cuoc)|phai|se|dinh|"
    rf"tinh|nhac|cach) {some(2)}(?:rut|chuyen|gui|doc|dua|cung cap|nap|nop|cai|bam|(?<!dang )nhap|dong|quet|tra)\b(?: {OBJECT}\b)*"
    r"(?! (?:roi|xong|luon|het|lan|mat|cho no roi)\b)",
    # asked, not told
    r"co (?:nen|phai|dang tin|duoc phep)\b[^|]*", r"co (?:bi )?(?:mat|lua|hack|tru|rut|sao|dung|that|an toan)\b[^|]{0,30}\bkhong",
    r"lieu\b[^|]*",
    r"(?:tai sao|vi sao) (?:khong|phai|lai khong)\b[^|]*", r"(?:lua|gat|lua dao|scam) (?:khong|hay that|hay gia|la gi|thuong|hay)\b[^|]*",
    # feared, avoided, nearly, supposed
    r"(?:suyt|xuyt|nghi|so|tranh|phong|phong tranh|chong|canh giac|de khong|khoi|de dung|dung de|phong khi|nho|neu|"
    r"gia su|gia du|chang may)(?: (?:nua|chut nua|thi|la|rang|bi|mat|voi|nhu|ma|co|lo|toi|em|ai)){0,3} (?:bi )?"
    rf"(?:{CHEAT}|mat|lo|chuyen|doc|hack|gui|cuoc goi)(?: (?:tien|khoan|dao|ma|otp))*",
    r"so (?:nick|may|tai khoan) (?:do |nay |no )?bi hack",
    rf"(?<!vao )(?<!khoan )(?<!cho )(?<!hai )so (?:rang |la )?(?:{PERSON}|nguoi nhat duoc|nguoi nhat|dua khac|bi nguoi)\b"
    r"(?:(?! (?:roi|xong|nen|luon)\b)[^|])*",
    # asked whether it is one
    r"hay (?:la )?(?:(?!bi\b)\w+ ){0,2}(?:lua|lua dao) (?:lay|dao|gat|tien)\b[^|]*",
    # a name used for a firm: nothing is gone, an office takes it back
    r"(?:lay|dung|muon) can cuoc\b(?![^|]*\b(?:vay|rut)\b)[^|]*\b(?:cong ty|doanh nghiep|htx|hop tac xa|ho kinh doanh)\b",
    # learned, told of cheats in general
    r"(?:hoc cach|hoc ve|bai hoc|khoa hoc|hoc chong|hoc phong|hoc xong bai|ke toi nghe|ke nghe|chuan bi|can gi khi|trong bai|cau hoi|"
    r"doc bai)\b(?:(?! (?:ma|nhung|van|the ma)\b)[^|])*",
    r"(?:bon|ke|nhung ke|nan|cuoc goi|tin nhan|trang|so dien thoai) lua dao (?:hay|thuong|nay|chuyen|dang)\b[^|]*",
    r"(?:hua|nhan|nhan giup|dich vu|bao) (?:giup )?lay lai tien(?: bi lua)?(?! roi)", r"cach (?:hack|lua|chiem|nhan ra|nhan biet)\b[^|]*",
)]

CLAIM = re.compile(r"\b(?:goi|nhan|nhan tin|tin nhan|sms|email|thong bao)(?: \w+){0,3}? (?:bao|noi|rang|la|kieu|bao la)\b.*")
CHECKING = sign("co that khong", "that khong", "that hay gia", "co phai lua", "co nen", "dung khong", "tin duoc", "dang tin", "lua khong",
                "lua dao khong", "an toan khong", "that gia", "co dung", "co sao khong", "phai khong")
"""A message that is asked about: what it claims ("tài khoản bị hack") has not happened."""

OFFICE = re.compile(r"\b(?:le phi|phi ho so|nop phat|tien phat|nop thue|(?<!gia )dich vu cong|bao hiem xa hoi|bao hiem that nghiep|"
                    r"tien su dung dat|tien dien|bien lai(?! gia)|quy lop|o day|vao day|len day|cho bot|"
                    r"xoa (?:giup|ngay|di|cho toi|ho))\b(?! gia\b)")
"""Money or papers given to an office or to this chat: then what was merely paid or deducted is no sign."""
ABROAD = of("cam", "campuchia", "lao", "trung quoc", "mien", "myanmar", "thai", "nuoc", "dai loan", "bien gioi", "dubai", "philippin")
OTHER_CRIME = re.compile(rf"\blua (?:sang(?= (?:ben )?{ABROAD})|ban(?= (?:hoi huong|sang|qua|ra nuoc|nguoi)))\b|"
                         r"\b(?:hoi huong|duoc (?:giai )?cuu(?: ve)?|mua ban nguoi|buon nguoi|toa (?:an )?(?:da )?(?:tuyen|xu|phan)|"
                         r"an (?:xong|tuyen) (?:\w+ )?(?:chua|ma|khong))\b")
"""People lured abroad, and what a court has decided already: true enough, but neither is helped by ringing a bank."""
TOLD_SIGNS = frozenset({"cheat", "cheated", "bare", "paid", "took"})
PAID_SIGNS = frozenset({"paid", "paid_somebody", "paid_by_accident", "drained", "gave_by_accident", "slipped", "sent", "transferred"})

SIGNS = {
    # single words that count together
    "cheat": sign(CHEAT, "cong an gia", PRETENDED,
                  r"(?:moi|hoa ra|thi ra|phat hien|gio)(?: moi)? (?:biet|ra|thay|hay|la)(?: [\w~#]+){0,2} (?:gia|ngu)"),
    "past": sign("roi", "xong", "luon", "het", "mat(?! khau)", "vua", "moi", "da", "lo", "trot", "sach", "hom qua", "hom bua", "sang nay",
                 "hoi nay", "hoi chieu", rf"(?:\d+|{NUMBER}) lan(?: lien)?(?= \||$)"),
    "money": sign(MONEY),
    "lost": sign("mat(?! khau)", "bay", "di tong", "boc hoi", "sach", "het", "lay", "rut", "tru"),
    "help": sign("cuu", "giup", "phai lam", "lam sao", "tinh sao", "lam gi", "bao ai", "khoa", "doi lai", "lay lai", "hoan lai", "huhu",
                 "hu hu",
                 "troi oi", "sos", "chet roi", "chan gap", "phong toa", "so nao", "goi ai", "ai cuu"),
    "transfer": sign(TRANSFER),
    "thief": sign(THIEF),
    "silent": sign("chan", "block", "khoa may", "tat (?:may|dien thoai)", "khong (?:giao|gui|thay) hang",
                   "khoa (?:luon |mat )?(?:trang|nick|shop|page|facebook|zalo)", "danh trao", r"di mat(?= roi| \||$)",
                   "khoa so", "cat lien lac", "bien mat", "mat hut", "mat tich", "mat tang",
                   "lan mat",
                   r"roi lan(?= \||$)", "bo tron", "tron luon", "chay mat", "thue bao", "san sap", "sap (?:san|web|app)", "web sap",
                   "sap roi",
                   r"xoa (?:nick|zalo|facebook|fb|ket ban|tai khoan|so|mat)", "bay (?:nick|acc|mat nick)", "khong giai ngan", "goi khong",
                   "rut khong", "chua rut", "khong (?:lien lac|goi|nghe|tra loi|rut|bat may|cho rut|thay tien|tim thay no|tim thay ho)"),
    "extorted": sign("tong tien", "doa", "bat coc", "chuoc", "ep", "dat di", "doi them", "doi nua", "doi tiep", "nap them", "bat nop",
                     rf"bi {some(1)}{PERSON}(?= #)"),
    "trusted": sign("(?<!khong )tin loi(?! (?:toi|em|minh|chau)\\b)", "tin no", "nghe loi", "nghe theo", "lam theo loi"),
    "invested": sign("dau tu", "(?:vao|choi|tren) san", "san (?:no|tien|forex|giao|chung|khoa|sap)", "tien ao", "lam nhiem vu", "nap"),

    # cheated, in so many words
    "cheated": sign(rf"bi {some(6)}{CHEAT}", rf"(?:no|tui no|bon no|chung|chung no) {some(3)}(?:lua|gat)",
                    "(?:lua|gat) (?:mat|lay|het|sach|toi|em)",
                    "(?:dinh|trung|mac|sap) (?:bay|chuong) (?:roi|cua|vao|no)", "(?:dinh|an|mac) (?:qua |cu |vo )?(?:lua|scam)",
                    rf"bi {some(5)}du (?:do|mua|ban|gop|gui|nap|dau tu|lam|choi|chuyen|doc|dua|vao)"),
    "bare": re.compile(rf"(?:^|\| )(?:# )?{some(5)}bi (?:lua|gat|scam)(?: (?:dao|roi|a|oi|het|luon|that))*(?= \||$)|"
                       r"(?:^|\| )(?:troi oi )?mat (?:het |sach |tien ){1,2}roi(?= \||$)|^(?:troi oi )?mat roi(?= \||$)|^(?:troi oi |chet roi )?mat sach roi"),

    # money given away
    "transferred": sign(rf"{TRANSFER} (?:khoan |tien )?(?:roi|xong|het|luon)", rf"chuyen tien {some(4)}roi",
                        "(?:lenh|(?<!tai )khoan|tien) (?:toi |em |minh )?vua (?:chuyen|gui)", "lam lenh (?:xong|roi)"),
    "sent": sign(rf"(?:da|vua|lo|lan truoc) {some(2)}{TRANSFER} {some(2)}(?:{AMOUNT}|tien|mot nua|(?:\d+|{NUMBER}) lan)"),
    "unneeded": sign(r"(?:bao lanh|chuoc|vien phi|cap cuu|tai nan)\b.*\bvan (?:dang |con )?(?:(?:ngoi|o) (?:day|nha|truong|lop)|binh thuong)"),
    "summed": sign(rf"tong(?: cong)? {some(1)}{AMOUNT} roi"),
    "sent_away": sign(rf"(?:chuyen|nap|gui) mat {some(1)}(?:{AMOUNT}|tien)"),
    "did_it": sign(rf"{OUR_OWN} (?:doc|dua|cho|cai|quet|lam) {some(1)}(?:luon )?(?:roi|xong)"),
    "handed_over": sign(rf"(?:chuyen|gui|dua|nap|rut) {some(6)}(?:cho|vao) {some(2)}{SOMEBODY}"),
    "emptied": sign("het (?:sach |ca )?(?:so tiet kiem|tien)"),
    "paid": sign(rf"{TRANSFER} {some(6)}(?:cho|vao|qua) {some(4)}{THIEF}", rf"{THIEF}\b.*\b{TRANSFER} {some(3)}(?:roi|xong|luon|mat(?! khau))",
                 rf"(?:dua|chuyen|gui|nop|nap) {some(6)}cho {IMPOSTOR}",
                 rf"{THIEF}\b.*\b(?:da|hoang qua|so qua|lo|nen|toi|em) {some(3)}{TRANSFER} {some(3)}(?:{AMOUNT}|tien|roi|het)",
                 rf"{THIEF}\b.*\b{TRANSFER}\b.*\b{AMOUNT}", rf"{TRANSFER} {some(2)}(?:\d+|{NUMBER}) lan\b.*\b{THIEF}"),
    "paid_somebody": sign(rf"(?:dong|nop|chuyen|nap|coc|tra|gui) {some(8)}(?:{MONEY}|phi|\d+ lan)"),
    "paid_by_accident": sign(rf"{ACCIDENT} {some(4)}(?:chuyen|gui|nap|dua|coc|rut) {some(2)}(?:{MONEY}|cho|khoan|het|roi)",
                             rf"(?:chuyen|gui|nap) (?:khoan |tien )?(?:nham|lon) {some(4)}{THIEF}",
                             rf"xac nhan chuyen {some(1)}{AMOUNT}"),

    # money taken
    "took": sign(rf"{PERSON} {some(4)}(?:lay|rut|tru|cuop|vet|om|hot|cam|chuyen|tieu|giu)(?: [\w~#]+){{0,2}}? "
                 "(?:mat|sach|het|di|tien|coc)",
                 rf"bi {THIEF} {some(4)}(?:lay|rut|tru|vet|cuop|an cap|danh cap|lay cap|chuyen) {some(2)}(?:sach|het|mat|tien|{MONEY})",
                 rf"bi {some(3)}(?:lay|rut|vet|cuop|tieu) (?:het|sach) {some(2)}{MONEY}", "(?:rut|tru|lay|vet) sach",
                 rf"(?:om|am|quyt|cuom) {some(1)}(?:{MONEY})", rf"no (?:rut|quet|tieu) the (?:cua )?{OUR_OWN}\b",
                 "no (?:lay|rut|tru) (?:tien|het|sach|lien tuc|mat)",
                 rf"no (?:rut|tru) (?:\d+|{NUMBER}) lan"),
    "drained": sign(rf"{BANK}\b(?: [\w~#]+){{0,6}}? bi {some(3)}(?:tru|rut|quet|tat toan|chuyen di)",
                    rf"(?:tai khoan|the|ngan hang|vi dien tu)\b.*\b(?:mat|bay|bay mat) {some(2)}{MONEY}",
                    rf"(?:tai khoan|the|vi dien tu)\b{HERE}\b(?:het|sach) (?:tron )?{some(1)}tien",
                    rf"(?:tien|{AMOUNT})\b(?: [\w~#]+){{0,6}}? "
                    "(?:bay (?:mat|het|sach)|boc hoi|bien mat|di tong|mat tieu|mat sach|mat dan)",
                    r"mat (?:het |sach |luon |toan bo |\d+ \w+ )?tien (?:trong|o) (?:tai khoan|the|ngan hang|vi)",
                    "mat (?:het|sach|trang) tien(?! bac)",
                    rf"(?:vua|moi|tu nhien) (?:bi )?mat {some(1)}(?:{AMOUNT}|tien vao tay)", "mat tien oan", "thay mat tien",
                    r"(?<!dang )tien (?:vua|dang) (?:di|bay)(?= \||$| het| dan| mat)", r"mat ca (?:\w+ )?(?:lan )?tien(?= \||$| roi)",
                    rf"(?:tien|{AMOUNT})\b{HERE}\b(?:chay|nhay) (?:vao|sang|qua|ve) tai khoan (?:nguoi|no|ke|cua no)",
                    rf"(?:phut|tieng|giay|lat) sau {some(1)}(?:mat|tru|bay) {AMOUNT}", rf"vi\b{HERE}\b(?:het|sach) (?:nhan|veo|bong|banh|queo)",
                    r"(?:tai khoan|momo|vi|the)\b.*\bcon (?:lai )?(?:0|khong) dong", rf"(?:the|tai khoan) da (?:bi )?(?:tru|rut) (?:\d\w*|{NUMBER}|tien|het)",
                    "(?:tru|rut) tien (?:nhay )?(?:lien tuc|lien tiep|am am)", "bao (?:co )?giao dich (?:o|tai)",
                    r"tin (?:nhan )?(?:bao )?(?:bi )?tru \d\w*", "ngan hang (?:nhan|bao|nhan tin) (?:la )?tien (?:ra|di|bay)",
                    r"(?:dong bang|phong toa) (?:tai khoan|the|giao dich)(?: \w+){0,4} (?:gap|ngay|khan)",
                    "(?:dong bang|phong toa) (?:gap|ngay) (?:tai khoan|the|giao dich)",
                    rf"lam mat {AMOUNT} (?:cay|vang|vi)", rf"bi {some(3)}(?:tru|rut|chuyen) {some(2)}(?:tien|{AMOUNT})",
                    "bi (?:rut|tru|an cap|danh cap|lay cap) tien", rf"ngan hang {some(3)}tru {some(2)}{AMOUNT}", r"bao tru \d\w*",
                    "giao dich la",
                    rf"giao dich {AMOUNT}", rf"so du\b.*\b(?:ve|con|bang) (?:0|khong|{AMOUNT})", r"tai khoan\b.*\bcon 0 dong"),

    # a code, papers or a face given away
    "gave_by_accident": sign(rf"{ACCIDENT}(?: [\w~#]+){{0,8}} {GIVE}\b(?: [\w~#]+){{0,6}}? "
                             rf"(?:{SECRET}|can cuoc|{FACE}|giay to|so do|man hinh)",
                             rf"{SECRET}\b{HERE}\b{ACCIDENT} {some(3)}{GIVE}", rf"lo (?:mat )?{CODE}(?! nhu)",
                             rf"{ACCIDENT} (?:doc|dua|noi|khai|chuyen|gui) (?:luon |mat |het )?(?:roi|xong)",
                             rf"{ACCIDENT} {some(6)}chia se man hinh", rf"{ACCIDENT} {some(2)}(?:quet|quay|chup) {some(2)}{FACE}{HERE}\b{THIEF}",
                             rf"{ACCIDENT} {some(3)}(?:cai phan mem|cai app|cai ung dung)",
                             rf"{ACCIDENT} {some(2)}(?:cho {some(2)}muon|dang nhap|dien|bam)\b.*\b{THIEF}"),
    "gave_to_thief": sign(rf"{GIVE} {some(5)}{SECRET} {some(6)}cho {some(3)}(?:{SOMEBODY}|nguoi)",
                          rf"{GIVE} {some(3)}(?:no|ho|chung|bon no|tui no|nguoi ta|nguoi la|thang \w+) {some(3)}{SECRET}",
                          rf"{SECRET} {some(4)}(?:doc|dua|cho|gui) {some(3)}(?:{THIEF}|ho)",
                          rf"(?:nhap|dien|khai) {some(2)}{SECRET} {some(2)}vao {some(2)}(?:web|trang|link|app) {some(2)}(?:do|la|no|gia)",
                          rf"(?:nhap|dien(?! thoai| luc| tu| nuoc)|cung cap|khai|dang nhap|an|bam)\b{HERE}"
                          rf"\b(?:vao|tren|cho) {some(4)}{THIEF}",
                          rf"{THIEF} {some(2)}(?:lay|co|biet|nam|giu|cam) (?:duoc )?{some(1)}{SECRET}",
                          rf"(?:dua|cho|giao) {some(2)}the {some(3)}{THIEF}",
                          rf"(?:quet|quay|chup) {some(2)}{FACE} {some(2)}(?:cho|tren) {some(3)}{THIEF}",
                          rf"cai {some(3)}(?:app|phan mem|ung dung) {some(3)}(?:gia|la)"),
    "gave_just_now": sign(rf"(?:vua|moi|hoi nay) {some(3)}(?:doc|dua|cho|cung cap|khai|noi|cap|gui|bao) {some(4)}{CODE}\b{HERE}"
                          r"\b(?:xong|mat roi|cho)",
                          rf"{CODE} {some(2)}vua (?:doc|dua|cho)", rf"{CODE} (?:da )?(?:dua|doc) (?:mat|luon|roi|xong|het)",
                          rf"(?:doc|khai|dua|cung cap) het {some(1)}(?:{SECRET})",
                          rf"{GIVE} {some(6)}{SECRET} {some(4)}cho {IMPOSTOR}",
                          rf"(?:da|vua|moi) {GIVE}\b.*\b{SECRET} {some(1)}cho (?:{IMPOSTOR}|mot {some(1)}bao lam)"),
    "fake_receipt": sign("(?:bien lai|bill|anh chuyen khoan|man hinh chuyen khoan|tin nhan chuyen khoan) gia"),
    "goods_gone": sign(r"(?:giao|lay|cho|om|mang|xach|dua) (?:het |mat )?hang (?:di|mat|roi|het)", "tien khong (?:thay )?(?:vao|ve)"),
    "slipped": sign(rf"(?:bam|nhan|an|click|cai|quet)\b{HERE}\b(?:roi|xong|gio|vua|va)\b.*\b(?:mat|tru|rut|bay)(?: [\w~#]+){{0,2}} "
                    rf"(?:tien|{AMOUNT})",
                    rf"(?:bam|nhan|an|click|cai)\b{HERE}\b(?:gio|roi|xong)\b.*\b(?:khong mo duoc app|den man hinh|no tru)",
                    r"tien\b.*\b(?:bam|nhan|cai|quet)\b.*\bno (?:tru|rut)", "chan gap so tai khoan"),

    # an account, a telephone or a name taken over
    "taken": sign(rf"(?:{HOLDING}|{MACHINE})\b(?: [\w~#]+){{0,5}}? bi {some(3)}"
                  "(?:hack|chiem|cuop|danh cap|an cap|xam nhap|dot nhap|lay mat|khong che|dieu khien|doi mat khau|vang|loi dung)",
                  rf"(?:{HOLDING}|{MACHINE})\b(?: [\w~#]+){{0,4}}? bi (?:nguoi|ke) (?:khac|ta|la) (?:dang nhap|vao|vo|chiem|lay)",
                  rf"(?:nick|zalo|facebook|fb|acc|email|gmail|instagram|telegram) {some(3)}{THIEF} (?:da )?(?:vo|vao|lay|chiem|nam) (?:duoc|mat|luon)",
                  rf"(?:nick|acc|facebook|fb|fanpage) {some(2)}bay (?:roi|mat|mau|luon)", "mat (?:quyen )?kiem soat (?:may|dien thoai|tai khoan)",
                  "mat (?:ca|luon) (?:tai khoan|zalo|facebook|fb|nick|mail)", rf"(?:hacker|ke gian|ke xau) {some(1)}(?:khoa|ma hoa)",
                  rf"(?:ban be|ho hang|nguoi quen|danh ba) {some(2)}(?:hoi|bao) {some(2)}(?:sao|co) {some(2)}(?:muon|vay) tien",
                  rf"(?:zalo|facebook|fb|nick|messenger|telegram)\b{HERE}\btu (?:nhien )?(?:gui|nhan tin|dang|ket ban|chia se)(?! thong bao)",
                  r"(?:doi|thuc) (?:no|~) .*\b(?:khong|chua) (?:he|tung) (?:vay|muon|nhan(?= tien| khoan| \||$))",
                  rf"bi {some(3)}(?:hack|chiem|cuop|danh cap|lay cap|loi dung|dot nhap) {some(3)}(?:{HOLDING}|may|dien thoai|sim)",
                  rf"{PERSON} {some(3)}(?:hack|chiem|cuop|danh cap|an cap|lay|vao|vo|o trong|giu)(?: mat| duoc)? {some(2)}{HOLDING}",
                  rf"(?:hack|chiem|cuop|danh cap) (?:mat |duoc )?{some(2)}{HOLDING}", "mat (?:nick|acc|facebook|fb|telegram|quyen vao)",
                  rf"mat {some(1)}{HOLDING} vao tay",
                  rf"{HOLDING}\b{HERE}\b{OUR_OWN}\b.*\b(?:nhan tin|di|dang) {some(2)}(?:vay|muon|lua)",
                  rf"(?:ke gian|no|hacker|chung) {some(2)}(?:dung|lay|xai) {some(1)}{HOLDING}\b.*\b(?:lua|rut)",
                  rf"mat khau {some(3)}bi doi",
                  rf"(?:no|ho|dua nao)\b{HERE} doi mat khau", "chiem quyen", "dang dieu khien may", "dieu khien tu xa",
                  "mo app ngan hang tu xa",
                  "sim bi chuyen", "bao (?:co )?dang nhap (?:tu |o )?(?:thiet bi |may )?(?:la|khac)",
                  rf"cho {some(1)}{PERSON} dieu khien",
                  rf"(?:may|dien thoai|dt)\b{HERE}\btu (?:nhien )?(?:chay|bam|mo|chuyen|nhay|gui|(?:vao|vo) (?:app |ung dung )?ngan hang)",
                  rf"(?:nguoi khac|ai do|no|ho|ke gian|nguoi la|chung) {some(2)}(?:dang nhap|vao)(?: duoc)? {some(2)}"
                  "(?:tai khoan|vneid|ngan hang|may)",
                  rf"(?:can cuoc|ten|thong tin|khuon ~|khuon mat|hinh|anh)(?: [\w~#]+)?(?: cua)? {OUR_OWN}\b{HERE}"
                  r"\b(?:(?:di|dang|mang di) vay|vay (?:tien|no|app|nang|online))",
                  rf"{MACHINE}\b.*\btien chuoc",
                  rf"vay {some(3)}(?:dung )?ten {OUR_OWN}", rf"khoan vay\b{HERE}\bten {OUR_OWN}", "vang ra", "nguoi khac dang dung"),
}
"""What may be said, by name. RULES says which of them together leave no doubt."""

RULES = [frozenset(rule.split()) for rule in (
    "bare", "cheated money", "cheated lost", "cheated past", "cheated transfer", "cheated help", "cheat money lost",
    "cheat transfer money past",
    "cheat transfer lost", "cheat transferred", "paid past", "paid silent", "paid extorted", "paid money", "paid_by_accident", "paid_somebody silent",
    "paid_somebody extorted past", "handed_over silent", "handed_over extorted past", "handed_over emptied", "transferred silent",
    "sent extorted", "sent silent", "sent unneeded", "invested summed", "fake_receipt goods_gone",
    "sent_away", "trusted lost", "trusted transfer past", "invested silent money", "thief did_it", "took past", "took money", "drained",
    "gave_by_accident", "gave_to_thief past", "gave_to_thief help", "gave_just_now", "taken", "slipped",
)]
