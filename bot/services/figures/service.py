"""What people ask about public services, how well they are answered, and when: the tables of the service page.

Questions are tied to nobody (table asked), and so is what was done with the answers (table reactions); what is hidden are
therefore small counts of questions. A procedure with fewer than five goes into the line of the others.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from bot.services.figures import counts, overview
from bot.services.figures.hiding import LEAST, Hiding, few, hide_column, hide_parts
from bot.services.figures.periods import Filter
from bot.services.figures.sql import local_hour, within
from bot.services.figures.table import KEPT, Cell, Column, Table
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
    found: dict[str, Known] = {}
    asked = session.execute(select(Asked.procedure_code, func.count()).where(
        *days(Asked, flt), Asked.decision == "answer", Asked.procedure_code.is_not(None)).group_by(Asked.procedure_code))
    for code, n in asked:
        found[code] = Known(answered=n)
    reacted = session.execute(select(Reaction.procedure_code, Reaction.kind, func.count()).where(
        *days(Reaction, flt), Reaction.kind.in_(("chosen", "denied"))).group_by(Reaction.procedure_code, Reaction.kind))
    for code, kind, n in reacted:
        setattr(found.setdefault(code, Known()), kind, n)
    rated = session.execute(select(Rating.key, func.count(), func.sum(Rating.score), func.count(case((Rating.score <= LOW_SCORE, 1)))).where(
        *days(Rating, flt), Rating.about == "answer").group_by(Rating.key))
    for code, n, scores, low in rated:
        known = found.setdefault(code, Known())
        known.ratings, known.scores, known.low = n, scores, low
    return {code: known for code, known in found.items() if known.total}


def days(table: type[Asked] | type[Reaction] | type[Rating], flt: Filter) -> Sequence:
    """The conditions of the filter on a table with day, channel and commune."""
    return [table.day.between(flt.period.first, flt.period.last), *within(flt, table.channel, table.commune)]


def names_of(session: Session, codes: Iterable[str]) -> dict[str, str]:
    """code -> name, our own text's before the portal's; a code that is no longer known is left out."""
    origins = ("imported", "ways", "curated")
    codes = list(codes)
    rows = session.execute(select(ProcedureRow.code, ProcedureRow.name).where(ProcedureRow.code.in_([f"{o}:{c}" for o in origins for c in codes])))
    named = dict(rows.all())
    return {c: named[f"{o}:{c}"] for c in codes for o in origins if f"{o}:{c}" in named}


def favourites(found: Mapping[str, Known]) -> list[tuple[str, Known]]:
    """The procedures answered most, the first first."""
    ranked = sorted(found.items(), key=lambda pair: (-pair[1].total, pair[0]))
    return [(code, known) for code, known in ranked[:MOST_ROWS] if known.total >= LEAST]


def troubled(found: Mapping[str, Known]) -> list[tuple[str, Known]]:
    """Those of enough answers with most signs of trouble, the worst first."""
    enough = [(code, known) for code, known in found.items() if known.total >= ENOUGH_ANSWERS and known.trouble]
    return sorted(enough, key=lambda pair: (-pair[1].trouble, pair[0]))[:MOST_ROWS]


def most_asked(found: Mapping[str, Known], names: Mapping[str, str]) -> Table:
    """The procedures answered most; those below the list, and those of fewer than five answers, in one line."""
    shown = favourites(found)
    rest = [known for code, known in found.items() if code not in dict(shown)]
    rows = [(names.get(code, code), code, known.answered, known.chosen, known.total) for code, known in shown]
    if rest:
        rows.append((OTHERS, f"{len(rest)} thủ tục", sum(k.answered for k in rest), sum(k.chosen for k in rest), sum(k.total for k in rest)))
    hidden = hide_parts([[total, answered, chosen] for _, _, answered, chosen, total in rows]) if rows else Hiding({})
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


def worst_answered(found: Mapping[str, Known], names: Mapping[str, str]) -> Table:
    """Procedures whose answers show most signs of not being what was wanted, the worst first."""
    worst = troubled(found)
    columns = [hide_column([getattr(known, name) for _, known in worst], total=False) for name in ("chosen", "denied", "low")]
    rows = []
    for at, (code, known) in enumerate(worst):
        chosen, denied, low = (hiding.cell(at, 0, n) for hiding, n in zip(columns, (known.chosen, known.denied, known.low), strict=True))
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


def aspects(session: Session, flt: Filter) -> Table:
    """What about a procedure is asked beside the general question: typed, and by a button under an answer."""
    typed = dict(session.execute(select(Asked.aspect, func.count()).where(*days(Asked, flt), Asked.decision == "answer").group_by(Asked.aspect)).all())
    tapped = dict(session.execute(select(Reaction.aspect, func.count()).where(*days(Reaction, flt), Reaction.kind == "more").group_by(Reaction.aspect)).all())
    names = [name for name in ASPECT_NAMES if name != "overview"]
    order = sorted(names, key=lambda name: (-typed.get(name, 0) - tapped.get(name, 0), names.index(name)))
    columns = [hide_column([found.get(name, 0) for name in order], total=False) for found in (typed, tapped)]
    rows = tuple((ASPECT_NAMES[name], columns[0].cell(at, 0, typed.get(name, 0)), columns[1].cell(at, 0, tapped.get(name, 0)))
                 for at, name in enumerate(order))
    return Table("hoi-them", "Người dân hỏi thêm điều gì",
                 (Column("aspect", "Điều hỏi", "text"), Column("typed", "Gõ câu hỏi"), Column("tapped", "Bấm nút")), rows)


def hours(session: Session, flt: Filter) -> Table:
    """Questions by the province's hour of the day."""
    hour = select(local_hour(Asked.at).label("hour")).where(*days(Asked, flt)).subquery()
    found = dict(session.execute(select(hour.c.hour, func.count()).group_by(hour.c.hour)).all())
    hidden = hide_column([found.get(h, 0) for h in range(24)])
    return Table("gio-trong-ngay", "Giờ trong ngày", (Column("hour", "Giờ", "text"), Column("questions", "Câu hỏi")),
                 tuple((f"{h}–{h + 1} giờ", hidden.cell(h, 0, found.get(h, 0))) for h in range(24)))


def first_questions(session: Session, flt: Filter) -> Table:
    """What the first question of a visit was about: only what was understood of it, never its words."""
    rows = session.execute(select(Asked.aspect, Asked.procedure_code, func.count()).where(*days(Asked, flt), Asked.first)
                           .group_by(Asked.aspect, Asked.procedure_code)).all()
    ranked = sorted(rows, key=lambda row: (-row[2], row[0], row[1] or ""))
    shown = [row for row in ranked[:MOST_ROWS] if row[2] >= LEAST]
    names = names_of(session, {code for _, code, _ in shown if code})
    lines = [(ASPECT_NAMES.get(aspect, aspect), names.get(code, code) if code else NOT_A_PROCEDURE if aspect == "data" else NO_PROCEDURE, n)
             for aspect, code, n in shown]
    rest = sum(n for *_, n in ranked[len(shown):])
    lines += [("Câu khác", OTHERS, rest)] if rest else []
    hidden = hide_column([n for *_, n in lines])
    return Table("cau-dau", "Câu hỏi đầu tiên của mỗi lượt ghé",
                 (Column("aspect", "Điều hỏi", "text"), Column("procedure", "Thủ tục máy tìm được", "text"), Column("questions", "Câu hỏi")),
                 tuple((aspect, name, hidden.cell(at, 0, n)) for at, (aspect, name, n) in enumerate(lines)),
                 note="Lượt ghé mới: đã sáu giờ người ấy không hỏi thủ tục nào.")


def not_covered(session: Session, flt: Filter) -> Table:
    """By week the questions and those without an answer; hidden wherever the overview hides them, so that neither page betrays the other."""
    weeks = list(flt.period.weeks())
    found = counts.asked(session, flt, ("week",))["week"]
    parts = [found.get(monday, counts.Asking()) for monday in weeks]
    hidden = hide_parts(parts)
    secret = betraying(session, flt)
    cells = []
    for at, (monday, n) in enumerate(zip(weeks, parts, strict=True)):
        asked, missing = (KEPT if secret and n.questions else hidden.cell(at, column, value) for column, value in ((0, n.questions), (3, n.not_covered)))
        cells.append((monday, asked, missing, share_of(missing, asked)))
    return Table("chua-co", "Câu hỏi chưa có câu trả lời, theo tuần",
                 (Column("week", "Tuần từ ngày", "day"), Column("questions", "Câu hỏi"), Column("not_covered", "Chưa có câu trả lời"),
                  Column("share", "Phần chưa có", "percent")), tuple(cells), note=overview.HIDDEN_NOTE)


def betraying(session: Session, flt: Filter) -> bool:
    """Is a part of the questions of the whole period hidden, by itself or because it is one commune's or channel's among the others'?"""
    if any(few(n) for n in counts.asked(session, flt, ("all",))["all"].get("", ())):
        return True
    for by, chosen in (("commune", flt.commune), ("channel", flt.channel)):
        if chosen:
            beside = counts.asked(session, replace(flt, **{by: ""}), (by,))[by]
            at = list(beside).index(chosen) if chosen in beside else -1
            if any(row == at for row, _ in hide_parts(list(beside.values())).marks):
                return True
    return False


def share_of(part: Cell, whole: Cell) -> Cell:
    if not isinstance(part, int | float) or not isinstance(whole, int | float):
        return KEPT
    return 100 * part / whole if whole else None


def tables(session: Session, flt: Filter) -> list[Table]:
    """Everything the service page shows. The filter's course says nothing here."""
    found = by_procedure(session, flt)
    names = names_of(session, {code for code, _ in (*favourites(found), *troubled(found))})
    return [most_asked(found, names), worst_answered(found, names), aspects(session, flt), hours(session, flt), first_questions(session, flt),
            not_covered(session, flt)]
