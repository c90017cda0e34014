"""One view of a procedure, whether curated or imported, and the answer for each aspect. Pure.

Imported rows have known defects (`../shared/data/README.md`); where one would make an answer wrong, the wording says
what the portal writes and sends the citizen to ask, instead of stating it.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from bot.language.normalise import fold, marked, normalise
from bot.procedures.imported import ImportedProcedure
from bot.procedures.model import Procedure
from bot.procedures.ways import Asked

PORTAL = "dichvucong.gov.vn"
CHANNELS = {"online": "Trực tuyến", "in_person": "Trực tiếp", "post": "Bưu chính"}
ONE_STOP = "Trung tâm Phục vụ hành chính công xã, phường (nơi nào trong tỉnh cũng nhận)"
ASK_THERE = "hỏi lại nơi nhận hồ sơ trước khi nộp"
MOST_PAPERS, MOST_STEPS, MOST_LAWS = 7, 6, 4
LONG_LINE = 170


@dataclass(frozen=True)
class Facts:
    """Ready sentences about one procedure; lists are lines. An empty text or list: the source says nothing."""

    code: str
    name: str
    papers: tuple[str, ...]
    fee: str
    duration: str
    place: str
    online: str
    steps: tuple[str, ...]
    forms: tuple[str, ...]
    law: tuple[str, ...]
    conditions: str
    result: str
    source: str
    url: str
    cases: tuple[str, ...] = ()
    case_ways: tuple[tuple[str, ...], ...] = ()
    asked_as: tuple[str, ...] = ()
    changed: str = ""
    warnings: tuple[str, ...] = field(default=())
    named_only: bool = False


def shorten(text: str, most: int = LONG_LINE) -> str:
    """The text, cut at a word with an ellipsis when it is longer."""
    text = re.sub(r"\s+", " ", text).strip(" -+;.")
    return text if len(text) <= most else text[:most].rsplit(" ", 1)[0].rstrip(",;:") + " …"


def shortened(lines: Iterable[str], most: int = LONG_LINE) -> tuple[str, ...]:
    """Each line cut, without repeats and without lines of mere punctuation."""
    return tuple(dict.fromkeys(s for line in lines if (s := shorten(line, most))))


def of_curated(p: Procedure) -> Facts:
    papers = []
    for paper in p.papers:
        counts = (paper.originals and f"{paper.originals} bản chính", paper.copies and f"{paper.copies} bản sao")
        extra = "; ".join(x for x in (*counts, paper.form and re.sub(r"(?i)^(?:mẫu )?", "mẫu ", paper.form), paper.when) if x)
        papers.append(f"{paper.name} ({extra})" if extra else paper.name)
    online = [m for m in p.methods if m.channel == "online"]
    ways = "\n".join(f"• {CHANNELS[m.channel]}{': ' + m.days if m.days else ''}{'. ' + m.note if m.note else ''}" for m in p.methods)
    forms = tuple(dict.fromkeys(paper.form or paper.name for paper in p.papers
                                if paper.form or re.search(r"(?i)tờ khai|đơn|mẫu|giấy đề nghị|thông báo", paper.name)))
    return Facts(
        code=p.code, name=p.name, papers=tuple(papers), fee=p.fee, duration=p.duration,
        place=f"{p.ask_at if online else _PORTAL_TOO.sub('', p.ask_at)}\n{ways}",
        online=("Nộp trực tuyến được." + (f" {online[0].note}" if online[0].note else "")) if online else
        "Việc này phải đến nơi làm, chưa thấy cách nộp trực tuyến.",
        steps=p.steps, forms=forms, law=p.legal_basis, conditions=f"{p.applicants.rstrip(' .')}. {p.conditions}".strip(" ."),
        result=p.result, url=p.official_url, changed=p.changed,
        cases=tuple(f"{c.when}: {c.answer}" for c in p.cases), case_ways=tuple((c.when, *c.ways) for c in p.cases),
        asked_as=(*p.aliases, *p.ways_people_ask),
        source=f"Nguồn: {'; '.join(shorten(s.title, 90) for s in p.sources[:2])}. Đối chiếu ngày {p.checked_on:%d/%m/%Y}. "
               f"Hỏi thêm: {p.ask_at}.")


_PORTAL_TOO = re.compile(r"(?i)[;,\s]+(?:(?:hoặc|và|xem thêm) )?(?:cổng )?(?:dịch vụ công quốc gia )?dichvucong\.gov\.vn\s*$")
"""Where one may ask besides; no place to file at when nothing can be filed online."""


def of_imported(code: str, row: ImportedProcedure) -> Facts:
    papers = shortened(d.name for d in row.documents)
    forms = shortened((d.form for d in row.documents), 80)
    online = any("trực tuyến" in m.method.lower() for m in row.methods)
    ways = "\n".join(dict.fromkeys(f"• {m.method}" for m in row.methods if m.method))
    month = "/".join(reversed(row.as_of.split("-"))) if row.as_of else "không rõ"
    warnings = []
    if row.pre_reform:
        warnings.append("Bản ghi này có từ trước 01/07/2025, nơi nhận và mẫu giấy có thể đã đổi.")
    elif row.mentions_district_level or re.search(r"(?i)\bhuyện\b", row.agency):
        warnings.append("Bản ghi còn nhắc cấp huyện, cấp này đã bỏ từ 01/07/2025.")
    if row.scope and row.scope != "toàn quốc":
        warnings.append(f"Đây là thủ tục riêng của {row.scope}, Ninh Bình có thể khác.")
    agency = re.sub(r"(?i)\b(?:cấp )?huyện\b", "(cấp huyện đã bỏ)", row.agency)
    place = f"Cơ quan thực hiện: {shorten(agency)}." if agency else ""
    if "xã" in row.level.lower():
        place += f"\nNộp ở {ONE_STOP}."
    return Facts(
        code=code, name=shorten(row.name, 220), papers=papers, fee=imported_fee(row), duration=imported_duration(row),
        place=f"{place}\n{ways}".strip(),
        online="Cổng ghi có nộp trực tuyến." if online else "Bản ghi của Cổng không ghi cách nộp trực tuyến.",
        steps=shortened(row.steps, 240), forms=forms, law=shortened(row.legal_basis, 140),
        conditions=". ".join(shortened((row.applicants, row.conditions), 500)), result=shorten(row.result, 200), url=row.url,
        warnings=tuple(warnings),
        source=f"Nguồn: {recorded_by(row)}, chụp {month}, chưa biên tập lại. Hỏi thêm: Trung tâm Phục vụ hành chính công xã, phường.")


def of_known(asked: Asked) -> Facts:
    """A procedure of which we have the name only: that is said, and who to ask."""
    if asked.known == "name_only":
        where, whence = "Thủ tục cấp xã", "danh mục niêm yết của một phường (06/2026)"
        place = f"{where}, lĩnh vực {asked.field}.\nHỏi và nộp ở {ONE_STOP}." if asked.field else f"{where}.\nHỏi và nộp ở {ONE_STOP}."
    else:  # the level is not known, so neither is who takes it
        whence, place = "danh mục thủ tục hành chính", f"Hỏi nơi nộp ở {ONE_STOP}."
    return Facts(
        code=asked.code, name=shorten(asked.name, 220), papers=(), fee="", duration="", place=place,
        online="", steps=(), forms=(), law=(), conditions="", result="", url="", named_only=True,
        source=f"Mã thủ tục {asked.code}. Tôi mới biết tên thủ tục này qua {whence}, chưa có bản ghi "
               f"chi tiết. Hỏi giấy tờ, lệ phí, thời hạn tại Trung tâm Phục vụ hành chính công xã, phường.")


def recorded_by(row: ImportedProcedure) -> str:
    """Whose record it is: the national portal's, another site's (named, as its licence asks), or the issuing body's."""
    site = found.group(1).lower() if (found := re.match(r"https?://([\w.-]+)", row.url)) else ""
    issuer = shorten(row.promulgated_by, 80)
    if site == PORTAL or site.endswith(f".{PORTAL}"):
        return "bản ghi Cổng Dịch vụ công quốc gia"
    return ", trang ".join(x for x in (issuer, site) if x) or "bản ghi thủ tục"


NO_FEE = re.compile(r"(?i)(?:(?:^|;\s+)(?:[^:;(]+: )?(?:miễn phí(?: \((?:theo cổng|.?)\))?|0 (?:VNĐ|đồng|Việt Nam Đồng)))+")
"""What the portal holds where nobody entered a fee; also what it holds where there is none."""
BEFORE_BRACKET = re.compile(r"(?is)(?:miễn phí|\d{1,3} (?:VNĐ|đồng|Việt Nam Đồng)) \((.*?)\)?")
"""A default, or an amount that lost its thousands ("40 VNĐ (40.000 đồng/giấy)"); the fee itself stands in the bracket."""
DEFAULT_FIRST = re.compile(r"(?i)^miễn phí \(theo cổng\)[.\s]*(?=\S)")
"""The default, with the fee behind it."""
FOOTNOTE = re.compile(r"\(?\w?\)?")
"""A reference whose text was lost: "(1)"."""
LOST_THOUSANDS = re.compile(r"(?i)\d{1,3} (?:VNĐ|đồng|Việt Nam Đồng)")


def imported_fee(row: ImportedProcedure) -> str:
    """The portal's "Miễn phí" is often only a default, so it is never stated as a fact."""
    given = list(dict.fromkeys(m.fee for m in row.methods if m.fee.strip(" ;."))) or [row.fee]
    said = [t for fee in given if not FOOTNOTE.fullmatch(t := DEFAULT_FIRST.sub("", fee).strip(" ;."))]
    if not said:
        return ""
    stated = [s for s in said if not NO_FEE.fullmatch(s)]
    if not stated:
        return f"Cổng ghi “Miễn phí”; {ASK_THERE} vì ô này có khi để mặc định."
    lines = []
    for text in stated:
        if LOST_THOUSANDS.fullmatch(text):
            lines.append(f"Cổng ghi “{text}”, có thể thiếu số; {ASK_THERE}")
        else:
            bracket = BEFORE_BRACKET.fullmatch(text)
            lines.append(bracket.group(1) if bracket else text)
    found = shorten("; ".join(lines), 300)
    return found if len(stated) == len(said) else f"{found}. Có cách nộp Cổng ghi “Miễn phí”; {ASK_THERE}."


def imported_duration(row: ImportedProcedure) -> str:
    """A number without a unit is often hours; it is quoted as such."""
    said = list(dict.fromkeys(m.duration for m in row.methods if m.duration)) or ([row.duration] if row.duration else [])
    unit = "(Cổng không ghi đơn vị)"
    lines = [f"{s} {unit}" if re.fullmatch(r"[\d.,]+", s) else s.replace("(nguồn không ghi đơn vị)", unit) for s in said]
    return shorten("; ".join(lines), 200)


WHERE_THE_REST_IS = "xem trang chính thức hoặc hỏi nơi nhận hồ sơ"


def bullets(lines: tuple[str, ...], most: int, where: str = WHERE_THE_REST_IS) -> str:
    """The first lines, how many more there are and where."""
    return "\n".join(f"• {line}" for line in lines[:most]) + more(lines, most, where)


def more(lines: tuple[str, ...], most: int, where: str = WHERE_THE_REST_IS) -> str:
    left = len(lines) - most
    return f"\n• … còn {left} mục, {where}" if left > 0 else ""


def answer(facts: Facts, aspect: str) -> str:
    """The card for one aspect (see aspects.ASPECTS); an honest sentence where the source says nothing."""
    unknown = f"Nguồn tôi có không ghi điều này; {ASK_THERE}."
    head = f"📄 {facts.name}"
    link = f"\nTrang chính thức: {facts.url}" if facts.url else ""
    tail = "".join(f"\n⚠️ {w}" for w in facts.warnings) + f"\n\n{facts.source}{link}"
    if facts.named_only:
        return f"{head}\n{facts.place}{tail}"
    body = {
        "papers": lambda: "Giấy tờ cần có:\n" + bullets(facts.papers, MOST_PAPERS) if facts.papers else unknown,
        "fee": lambda: f"Lệ phí: {facts.fee}" if facts.fee else f"Lệ phí: {unknown}",
        "duration": lambda: f"Thời hạn: {facts.duration}" if facts.duration else f"Thời hạn: {unknown}",
        "place": lambda: f"Nơi nộp: {facts.place}" if facts.place else f"Nơi nộp: {unknown}",
        "online": lambda: f"{facts.online} Làm trên Cổng Dịch vụ công quốc gia dichvucong.gov.vn hoặc VNeID."
        if facts.online.startswith(("Nộp", "Cổng")) else facts.online or unknown,
        "steps": lambda: "Các bước:\n" + "\n".join(f"{n}. {s}" for n, s in enumerate(facts.steps[:MOST_STEPS], 1))
        + more(facts.steps, MOST_STEPS) if facts.steps else unknown,
        "form": lambda: "Mẫu giấy:\n" + bullets(facts.forms, MOST_PAPERS) + "\nLấy mẫu ở nơi nhận hồ sơ hoặc trên trang chính thức."
        if facts.forms else f"Nguồn không nêu mẫu riêng; {ASK_THERE}.",
        "law": lambda: "Căn cứ pháp lý:\n" + bullets(facts.law, MOST_LAWS) if facts.law else unknown,
        "conditions": lambda: conditions(facts) or unknown,
        "result": lambda: f"Kết quả nhận được: {facts.result}" if facts.result else unknown,
        "overview": lambda: overview(facts) or unknown,
    }[aspect]()
    return f"{head}\n{body}{tail}"


def conditions(facts: Facts) -> str:
    cases = bullets(facts.cases, 4)
    said = f"Ai làm, điều kiện: {facts.conditions}." if facts.conditions else ""
    return "\n".join(x for x in (said, cases and f"Trường hợp riêng:\n{cases}") if x)


def overview(facts: Facts) -> str:
    """The short card: papers, where, how long, how much, law, what changed."""
    first_line = facts.place.split("\n")[0]
    lines = [
        facts.papers and "Giấy tờ:\n" + bullets(facts.papers, 4, "nhắn “giấy tờ” để xem hết"), first_line and f"Nơi nộp: {first_line}",
        facts.duration and f"Thời hạn: {facts.duration}", facts.fee and f"Lệ phí: {facts.fee}",
        facts.law and f"Căn cứ: {'; '.join(facts.law[:2])}", facts.changed and f"Điểm mới: {facts.changed}"]
    return "\n".join(line for line in lines if line)


CASE_SHARE, CASE_WORDS, CASE_OWN = 0.66, 2, 0.4
COMMON_WORDS = frozenset("""tôi em con cháu bác ông bà anh chị cô chú thì là có không được cho của và như thế nào sao ạ à vậy với này do bị
đang muốn cần hỏi nếu trường hợp khi""".split())
"""Accented: "muộn" says something where "muốn" does not."""
FOLDED_COMMON = frozenset(map(fold, COMMON_WORDS))


_ASPECT = re.compile(
    r"\b(?:mat|ton|het|nop|dong|thu)(?: (?:bao nhieu|may|nhieu|it|them|cai))* (?:tien|phi|le phi)\b|\b(?:bao nhieu|may) tien\b"
    r"|\b(?:mat|ton|het|trong|bao|khoang)(?: (?:bao|bao nhieu|may|nhieu))* (?:lau|ngay|tuan|thang|thoi gian)\b"
    r"|(?<!khong co )(?<!chua co )\bgiay to (?:gi|nao)\b|\b(?:nop|lam|gui|xin)(?: ho so)? (?:qua|tren|o) (?:mang|dau)\b")
"""What asks for the fee, the time, the papers, the place: "mất tiền" is no loss of anything."""


def _without_aspects(text: str) -> list[str]:
    """The words of a question, normalised and in order, that do not only say which aspect is asked about."""
    words = normalise(text).split()
    plain = " ".join(fold(word) for word in words)
    left = set(range(len(words)))
    for match in _ASPECT.finditer(plain):
        first = plain[:match.start()].count(" ")
        left -= set(range(first, first + match.group().count(" ") + 1))
    return [words[i] for i in sorted(left)]


def case_named(facts: Facts, text: str) -> str:
    """The case ("when: answer") that the question names; "" when it names none.

    A case is named when at least two words of one of its wordings stand in the question, and of what sets that wording apart
    most is said: "làm khai sinh" does not name "khai sinh muộn", nor "xin giấy độc thân" the widow's.
    """
    words = _without_aspects(text)
    said, pairs, with_marks = set(words), set(zip(words, words[1:], strict=False)), marked(text)
    best, found = 0.0, ""
    for case, ways in zip(facts.cases, facts.case_ways, strict=True):
        for way in ways:
            weights = _weights(facts, way)
            hits = {w for w in weights if w in said or (not with_marks and _is_said(fold(w), way, said, pairs))}
            total = sum(weights.values())
            share = sum(weights[w] for w in hits) / total if total >= CASE_OWN else 0.0  # else it says no more than the name
            if len(hits) >= CASE_WORDS and share >= CASE_SHARE and share + len(hits) / 100 > best:
                best, found = share + len(hits) / 100, case
    return found


def _is_said(word: str, way: str, said: set[str], pairs: set[tuple[str, str]]) -> bool:
    """Is a folded word of this wording in a question typed without marks? "muon" may be "muốn": it must follow what it follows here."""
    if word not in FOLDED_COMMON:
        return word in said
    plain = fold(normalise(way, False)).split()
    return any((plain[n - 1], word) in pairs for n, w in enumerate(plain) if w == word and n)


@lru_cache(maxsize=4096)
def _weights(facts: Facts, way: str) -> dict[str, float]:
    """The words of a wording, 0 (as good as the name) to 1 (nobody asks for the procedure in general so)."""
    known = _frequencies(facts)
    most = math.log(1 + len(facts.asked_as)) or 1.0
    words = {w for w in re.findall(r"\w+", normalise(way, False)) if w not in COMMON_WORDS}
    name = set(fold(normalise(facts.name, False)).split())
    return {w: 0.0 if fold(w) in name else max(0.0, 1 - math.log(1 + known[fold(w)]) / most) for w in words}


@lru_cache(maxsize=512)
def _frequencies(facts: Facts) -> Counter[str]:
    """In how many of the ways to ask for the procedure each folded word stands."""
    return Counter(word for way in facts.asked_as for word in set(fold(normalise(way, False)).split()))


def beside(one: Facts, other: Facts) -> str:
    """Two procedures compared by what differs for a citizen; each with its source."""
    blocks = []
    for facts in (one, other):
        lines = [f"📄 {facts.name}", facts.conditions and f"Ai làm: {shorten(facts.conditions, 160)}",
                 facts.papers and f"Giấy tờ: {shorten('; '.join(facts.papers), 160)}", facts.fee and f"Lệ phí: {shorten(facts.fee, 120)}",
                 facts.duration and f"Thời hạn: {shorten(facts.duration, 120)}",
                 facts.place and f"Nơi nộp: {shorten(facts.place.splitlines()[0], 120)}",
                 facts.result and f"Kết quả: {shorten(facts.result, 120)}", *(f"⚠️ {w}" for w in facts.warnings), facts.source]
        blocks.append("\n".join(line for line in lines if line))
    return "\n\n".join(blocks)
