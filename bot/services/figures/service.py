"""What people ask about public services, how well they are answered, and when: the tables of the service page.

Questions are tied to nobody (table asked), and so is what was done with the answers (table reactions); what is hidden are
therefore small counts of questions. A procedure with fewer than five goes into the line of the others.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from bot.services.figures import overview
from bot.services.figures.beside import Inner, chosen_side, counted, days, hidden_beside, others, together
from bot.services.figures.counts import By
from bot.services.figures.hiding import LEAST, Hiding, hide_column, hide_parts
from bot.services.figures.periods import Filter
from bot.services.figures.seen import seen
from bot.services.figures.sql import local_hour
from bot.services.figures.table import KEPT, Cell, Column, Hidden, Table
from bot.store.tables import Asked, ProcedureRow, Rating, Reaction

MOST_ROWS = 25
ENOUGH_ANSWERS = 20
"""A procedure answered more rarely is not compared with others."""
LOW_SCORE = 2
OTHERS = "Các thủ tục khác"
NO_PROCEDURE = "Chưa rõ thủ tục nào"
NOT_A_PROCEDURE = "Không hỏi thủ tục"

ASPECT_NAMES = {"overview": "Hỏi chung", "papers": "Giấy tờ", "fee": "Lệ phí", "duration": "Thời gian", "place": "Nơi nộp", "online": "Nộp qua mạng",
                "steps": "Các bước", "form": "Mẫu đơn", "law": "Căn cứ pháp lý", "conditions": "Điều kiện", "result": "Kết quả nhận được",
                "data": "Dữ liệu mở"}
"""As bot/procedures/aspects.py has them, in words, and what actions/_tables.py logs."""


@dataclass
class Known:
    """Of one procedure: answered at once; chosen out of what we asked back with; denied right after; ratings, their sum, the low ones."""

    answered: int = 0
    chosen: int = 0
    denied: int = 0
    ratings: int = 0
    scores: int = 0
    low: int = 0

    @property
    def total(self) -> int:
        return self.answered + self.chosen

    @property
    def trouble(self) -> float:
        """Signs that an answer was not what was wanted, per answer."""
        return (self.chosen + self.denied + self.low) / self.total if self.total else 0.0


def by_procedure(session: Session, flt: Filter) -> dict[str, Known]:
    """code -> its counts; procedures nobody got an answer on are left out."""
    return {code: known for (code, _), known in _procedures(session, flt, None).items()}


def _procedures(session: Session, flt: Filter, by: By | None) -> dict[tuple[str, str | None], Known]:
    """(code, key of that dimension) -> its counts."""
    found: dict[tuple[str, str | None], Known] = defaultdict(Known)

    def rows(table: type[Asked] | type[Reaction] | type[Rating], keys: Sequence[ColumnElement], counts_: Sequence[ColumnElement], *where: ColumnElement[bool]):
        keys = (*keys, getattr(table, by)) if by else keys
        return session.execute(select(*keys, *counts_).where(*days(table, flt), *where).group_by(*keys))

    for code, *own, n in rows(Asked, (Asked.procedure_code,), (func.count(),), Asked.decision == "answer", Asked.procedure_code.is_not(None)):
        found[code, own[0] if own else None].answered = n
    for code, kind, *own, n in rows(Reaction, (Reaction.procedure_code, Reaction.kind), (func.count(),), Reaction.kind.in_(("chosen", "denied"))):
        setattr(found[code, own[0] if own else None], kind, n)
    low = func.count(case((Rating.score <= LOW_SCORE, 1)))
    for code, *own, n, scores, lows in rows(Rating, (Rating.key,), (func.count(), func.sum(Rating.score), low), Rating.about == "answer"):
        known = found[code, own[0] if own else None]
        known.ratings, known.scores, known.low = n, scores, lows
    return {at: known for at, known in found.items() if known.total}


@dataclass(frozen=True)
class Beside:
    """What the pages of others forbid to show: the procedures themselves, and (name of a count, code) of those that are shown."""

    codes: Mapping[str, Hidden] = field(default_factory=dict)
    counts: Mapping[tuple[str, str], Hidden] = field(default_factory=dict)


NOTHING = Beside()


def procedures(session: Session, flt: Filter, by: By | None) -> tuple[dict[str, Known], Beside]:
    """by_procedure, and what must be hidden of it with a commune or channel chosen."""
    if by is None:
        return by_procedure(session, flt), NOTHING
    found, key = _procedures(session, others(flt, by), by), getattr(flt, by)
    whole: dict[str, Known] = defaultdict(Known)
    for (code, _), known in found.items():
        for name in ("answered", "chosen", "denied", "low"):
            setattr(whole[code], name, getattr(whole[code], name) + getattr(known, name))
    shown = dict(favourites(whole))
    by_key: dict[str | None, dict[str, Known]] = defaultdict(dict)
    for (code, own), known in found.items():
        by_key[own][code] = known
    kept = {code for one in (whole, *by_key.values()) for code, _ in (*favourites(one), *troubled(one))}
    hidden = hide_parts([[k.total, k.answered, k.chosen] for k in shown.values()]).marks if shown else {}
    sums = {name: {code: hidden[r, c] for r, code in enumerate(shown) if (r, c) in hidden} for c, name in enumerate(("total", "answered", "chosen"))}
    marks = {name: hidden_beside({at: getattr(k, name) for at, k in found.items()}, key, lambda _, name=name: sums.get(name, {}),
                                 name not in ("denied", "low"), kept)
             for name in ("total", "answered", "chosen", "denied", "low")}
    parts = together(marks["answered"], marks["chosen"])  # one of two parts would tell the other
    return ({code: k for (code, own), k in found.items() if own == key},
            Beside(marks["total"], {(name, code): marks[name].get(code, KEPT) for name in ("answered", "chosen") for code in parts}
                   | {(name, code): mark for name in ("denied", "low") for code, mark in marks[name].items()}))


def names_of(session: Session, codes: Iterable[str]) -> dict[str, str]:
    """code -> name, our own text's before the portal's; a code that is no longer known is left out."""
    origins = ("imported", "ways", "curated")
    codes = list(codes)
    rows = session.execute(select(ProcedureRow.code, ProcedureRow.name).where(ProcedureRow.code.in_([f"{o}:{c}" for o in origins for c in codes])))
    named = dict(rows.all())
    return {c: named[f"{o}:{c}"] for c in codes for o in origins if f"{o}:{c}" in named}


def favourites(found: Mapping[str, Known], beside: Beside = NOTHING) -> list[tuple[str, Known]]:
    """The procedures answered most, the first first."""
    ranked = sorted(found.items(), key=lambda pair: (-pair[1].total, pair[0]))
    return [(code, known) for code, known in ranked[:MOST_ROWS] if known.total >= LEAST and code not in beside.codes]


def troubled(found: Mapping[str, Known], beside: Beside = NOTHING) -> list[tuple[str, Known]]:
    """Those of enough answers with most signs of trouble, the worst first."""
    enough = [(code, known) for code, known in found.items() if known.total >= ENOUGH_ANSWERS and known.trouble]
    ranked = sorted(enough, key=lambda pair: (-pair[1].trouble, pair[0]))[:MOST_ROWS]
    return [(code, known) for code, known in ranked if code not in beside.codes]


def most_asked(found: Mapping[str, Known], names: Mapping[str, str], beside: Beside = NOTHING) -> Table:
    """The procedures answered most; those below the list, and those of fewer than five answers, in one line."""
    shown = favourites(found, beside)
    rest = [known for code, known in found.items() if code not in dict(shown)]
    rows = [(names.get(code, code), code, known.answered, known.chosen, known.total) for code, known in shown]
    if rest:
        rows.append((OTHERS, f"{len(rest)} thủ tục", sum(k.answered for k in rest), sum(k.chosen for k in rest), sum(k.total for k in rest)))
    also = {(at, c): beside.counts[name, code] for at, (code, known) in enumerate(shown) for c, name in enumerate(("answered", "chosen"), 1)
            if (name, code) in beside.counts and getattr(known, name)}
    hidden = hide_parts([[total, answered, chosen] for _, _, answered, chosen, total in rows], also=also) if rows else Hiding({})
    all_answers = sum(known.total for known in found.values())
    cells = tuple((name, code, hidden.cell(at, 1, answered), hidden.cell(at, 2, chosen), hidden.cell(at, 0, total),
                   None if (at, 0) in hidden.marks else 100 * total / all_answers) for at, (name, code, answered, chosen, total) in enumerate(rows))
    return Table(
        "hoi-nhieu", "Thủ tục được hỏi nhiều",
        (Column("procedure", "Thủ tục", "text"), Column("code", "Mã", "text"), Column("answered", "Trả lời ngay"), Column("chosen", "Chọn sau khi hỏi lại"),
         Column("total", "Tất cả"), Column("share", "Phần trong mọi câu trả lời", "percent")), cells,
        note=overview.HIDDEN_NOTE,
        definitions=(("Trả lời ngay", "câu hỏi gõ vào và được trả lời luôn"),
                     ("Chọn sau khi hỏi lại", "người hỏi bấm chọn thủ tục này trong các lựa chọn máy đưa ra")))


def worst_answered(found: Mapping[str, Known], names: Mapping[str, str], beside: Beside = NOTHING) -> Table:
    """Procedures whose answers show most signs of not being what was wanted, the worst first."""
    worst = troubled(found, beside)
    columns = [hide_column([getattr(known, name) for _, known in worst], total=False) for name in ("chosen", "denied", "low")]
    rows = []
    for at, (code, known) in enumerate(worst):
        chosen, denied, low = (beside.counts[name, code] if n and (name, code) in beside.counts else hiding.cell(at, 0, n) for hiding, name, n in
                               zip(columns, ("chosen", "denied", "low"), (known.chosen, known.denied, known.low), strict=True))
        whole = all(isinstance(cell, int) for cell in (chosen, denied, low))
        score = known.scores / known.ratings if known.ratings >= LEAST else None
        rows.append((names.get(code, code), code, known.total, chosen, denied, low, score, 100 * known.trouble if whole else KEPT))
    return Table(
        "can-xem-lai", "Câu trả lời cần xem lại",
        (Column("procedure", "Thủ tục", "text"), Column("code", "Mã", "text"), Column("total", "Câu trả lời"), Column("chosen", "Phải hỏi lại"),
         Column("denied", "Bị nói “không phải”"), Column("low", "Chấm 1–2 sao"), Column("score", "Điểm trung bình", "score"),
         Column("trouble", "Phần chưa ổn", "percent")), tuple(rows),
        note=f"Xếp theo phần chưa ổn; chỉ tính thủ tục có từ {ENOUGH_ANSWERS} câu trả lời. {overview.HIDDEN_NOTE}",
        definitions=(("Phải hỏi lại", "lần máy chưa chắc, đưa lựa chọn và người hỏi chọn thủ tục này"),
                     ("Bị nói “không phải”", "lần người hỏi nói không phải ngay sau câu trả lời"),
                     ("Phần chưa ổn", "ba cột trên cộng lại, chia cho số câu trả lời")))


def aspects(session: Session, flt: Filter, by: By | None = None) -> Table:
    """What about a procedure is asked beside the general question: typed, and by a button under an answer."""
    typed, typed_beside = counted(session, flt, by, Asked, Asked.aspect, Asked.decision == "answer")
    tapped, tapped_beside = counted(session, flt, by, Reaction, Reaction.aspect, Reaction.kind == "more")
    names = [name for name in ASPECT_NAMES if name != "overview"]
    order = sorted(names, key=lambda name: (-typed.get(name, 0) - tapped.get(name, 0), names.index(name)))
    columns = []
    for found, beside in ((typed, typed_beside), (tapped, tapped_beside)):
        hidden = hidden_beside(beside, getattr(flt, by), lambda _: {}, total=False) if by else {}
        column = hide_column([found.get(name, 0) for name in order], total=False)
        columns.append([hidden.get(name, column.cell(at, 0, found.get(name, 0))) for at, name in enumerate(order)])
    rows = tuple((ASPECT_NAMES[name], one, other) for name, one, other in zip(order, *columns, strict=True))
    return Table("hoi-them", "Người dân hỏi thêm điều gì",
                 (Column("aspect", "Điều hỏi", "text"), Column("typed", "Gõ câu hỏi"), Column("tapped", "Bấm nút")), rows)


def hours(session: Session, flt: Filter, by: By | None = None) -> Table:
    """Questions by the province's hour of the day."""
    found, inner = counted(session, flt, by, Asked, local_hour(Asked.at))

    def of_all(sums: Mapping) -> dict:
        return {h: mark for (h, _), mark in hide_column([sums.get(h, 0) for h in range(24)]).marks.items()}

    beside = hidden_beside(inner, getattr(flt, by), of_all) if by else {}
    hidden = hide_column([found.get(h, 0) for h in range(24)])
    return Table("gio-trong-ngay", "Giờ trong ngày", (Column("hour", "Giờ", "text"), Column("questions", "Câu hỏi")),
                 tuple((f"{h}–{h + 1} giờ", beside.get(h, hidden.cell(h, 0, found.get(h, 0)))) for h in range(24)))


def first_questions(session: Session, flt: Filter, by: By | None = None) -> Table:
    """What the first question of a visit was about: only what was understood of it, never its words."""
    found, inner = counted(session, flt, by, Asked, Asked.aspect + " " + func.coalesce(Asked.procedure_code, ""), Asked.first)
    beside = hidden_beside(inner, getattr(flt, by), lambda _: {}, kept=_listed(inner)) if by else {}
    ranked = sorted(found.items(), key=lambda pair: (-pair[1], str(pair[0])))
    shown = [(*_aspect_and_code(line), n) for line, n in ranked[:MOST_ROWS] if n >= LEAST and line not in beside]
    names = names_of(session, {code for _, code, _ in shown if code})
    lines = [(ASPECT_NAMES.get(aspect, aspect), names.get(code, code) if code else NOT_A_PROCEDURE if aspect == "data" else NO_PROCEDURE, n)
             for aspect, code, n in shown]
    rest = sum(found.values()) - sum(n for *_, n in shown)
    lines += [("Câu khác", OTHERS, rest)] if rest else []
    hidden = hide_column([n for *_, n in lines])
    return Table("cau-dau", "Câu hỏi đầu tiên của mỗi lượt ghé",
                 (Column("aspect", "Điều hỏi", "text"), Column("procedure", "Thủ tục máy tìm được", "text"), Column("questions", "Câu hỏi")),
                 tuple((aspect, name, hidden.cell(at, 0, n)) for at, (aspect, name, n) in enumerate(lines)),
                 note="Lượt ghé mới: đã sáu giờ người ấy không hỏi thủ tục nào.")


def _listed(inner: Inner) -> set:
    """The lines that the page of all, or of one commune or channel, may show."""
    by_key: dict[str | None, Counter] = defaultdict(Counter)
    whole: Counter = Counter()
    for (line, own), n in inner.items():
        by_key[own][line] += n
        whole[line] += n
    return {line for one in (whole, *by_key.values()) for line, n in sorted(one.items(), key=lambda pair: (-pair[1], str(pair[0])))[:MOST_ROWS] if n >= LEAST}


def _aspect_and_code(line: str) -> tuple[str, str | None]:
    aspect, _, code = line.partition(" ")
    return aspect, code or None


def not_covered(session: Session, flt: Filter) -> Table:
    """By week the questions and those without an answer; hidden as the overview hides them, so that neither page betrays the other."""
    side = seen(session, flt, "week", only="asked").sides["week"]
    cells = []
    for monday, row in sorted(side.rows.items()):
        hidden = side.hidden(monday)
        asked, missing = (hidden.get(name, row.count(name)) for name in ("questions", "not_covered"))
        cells.append((monday, asked, missing, share_of(missing, asked)))
    return Table("chua-co", "Câu hỏi chưa có câu trả lời, theo tuần",
                 (Column("week", "Tuần từ ngày", "day"), Column("questions", "Câu hỏi"), Column("not_covered", "Chưa có câu trả lời"),
                  Column("share", "Phần chưa có", "percent")), tuple(cells), note=overview.HIDDEN_NOTE)


def share_of(part: Cell, whole: Cell) -> Cell:
    if not isinstance(part, int | float) or not isinstance(whole, int | float):
        return KEPT
    return 100 * part / whole if whole else None


def tables(session: Session, flt: Filter) -> list[Table]:
    """Everything the service page shows. The filter's course says nothing here. Raises Refusal for a commune and a channel at once."""
    flt = replace(flt, course="")
    by = chosen_side(session, flt)
    found, beside = procedures(session, flt, by)
    names = names_of(session, {code for code, _ in (*favourites(found, beside), *troubled(found, beside))})
    return [most_asked(found, names, beside), worst_answered(found, names, beside), aspects(session, flt, by), hours(session, flt, by),
            first_questions(session, flt, by), not_covered(session, flt)]
