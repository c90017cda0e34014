"""How the questions of a course do: share right at the first try, the commonest wrong answer, and whether they tell who knows.

A person's first answer to a question counts, in the lesson and in the test before and after apart.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from sqlalchemy import CTE, Float, Integer, cast, func, select
from sqlalchemy.orm import Session

from bot.learning.answer_words import in_words, prompt_of
from bot.learning.items.base import Question
from bot.learning.model import Course
from bot.services.figures.hiding import LEAST, few, hide_parts
from bot.services.figures.members import first_rounds, shown_course
from bot.services.figures.periods import Filter
from bot.services.figures.table import KEPT, Cell, Column, Table
from bot.services.versions import course_of
from bot.store.tables import Attempt, Enrolment

LEAST_ANSWERS = 5
"""Who has answered fewer questions of the lessons tells nothing about one of them."""
LEAST_LEARNERS = 20
"""With fewer people the discrimination of a question is chance."""
WEAK, GOOD = 0.1, 0.3
HARD, EASY = 40, 95
"""Percent right at the first try below and above which a question deserves a look."""

Part = tuple[str, str]
"""(before, lesson or after; id of the question)."""


@dataclass(frozen=True)
class Item:
    """One question: people who answered it, how many were right at once, the wrong answer most of them gave, and its discrimination.

    wrong_words: None when fewer than five people gave the same wrong answer. discrimination: -1 to 1, None when it cannot be told.
    """

    part: str
    lesson: str
    question: Question
    asked: int
    right: int
    wrong_words: str | None
    discrimination: float | None


def counted(session: Session, flt: Filter, slug: str, version_id: int | None = None) -> list[Item] | None:
    """The questions in their order: test before, lessons, test after. None when there is no such course."""
    shown = shown_course(session, slug, version_id)
    if shown is None:
        return None
    firsts = first_tries(flt, slug, version_id)
    asked, right = Counter[Part](), Counter[Part]()
    wrong: dict[Part, Counter[str]] = defaultdict(Counter)
    rows = session.execute(select(firsts.c.version_id, firsts.c.lesson_id, firsts.c.item_id, firsts.c.answer, firsts.c.correct, func.count())
                           .group_by(firsts.c.version_id, firsts.c.lesson_id, firsts.c.item_id, firsts.c.answer, firsts.c.correct))
    for version, lesson_id, item_id, answer, correct, people in rows:
        key = (part_of(lesson_id), item_id)
        asked[key] += people
        question = course_of(session, version).item(item_id)
        if correct:
            right[key] += people
        elif question is not None:
            wrong[key][in_words(question, answer)] += people
    told = discriminations(session, firsts, [i.id for i in shown.items])
    return [Item(part, lesson, question, asked[part, question.id], right[part, question.id], commonest(wrong[part, question.id]),
                 told.get(question.id) if part == "lesson" else None) for part, lesson, question in everything_asked(shown)]


def part_of(lesson_id: str) -> str:
    return lesson_id if lesson_id in ("before", "after") else "lesson"


def everything_asked(course: Course) -> list[tuple[str, str, Question]]:
    """(part, what to call its place, question), in the order in which a learner meets them."""
    found = [("before", "Thử sức trước", q) for q in course.test]
    for number, lesson in enumerate(course.lessons, 1):
        found += [("lesson", f"Bài {number}", q) for q in lesson.items]
        if lesson.easier is not None:
            found.append(("lesson", f"Bài {number}, câu dễ hơn", lesson.easier))
    return [*found, *(("after", "Thử sức sau", q) for q in course.test)]


def first_tries(flt: Filter, slug: str, version_id: int | None) -> CTE:
    """Each person's first answer to each question, by part: enrolment_id, version_id, lesson_id, item_id, answer, correct (0 or 1)."""
    members = first_rounds(flt, slug, version_id)
    # nth counts anew in a round over what was not right yet, so that more than one answer may be the first; of the test it is 0 and 1
    ranked = select(
        Attempt.enrolment_id, Enrolment.version_id, Attempt.lesson_id, Attempt.item_id, Attempt.answer, cast(Attempt.correct, Integer).label("correct"),
        func.row_number().over(partition_by=(Attempt.enrolment_id, Attempt.lesson_id, Attempt.item_id), order_by=Attempt.id).label("rank")) \
        .join(members, members.c.id == Attempt.enrolment_id).join(Enrolment, Enrolment.id == Attempt.enrolment_id).where(Attempt.nth <= 1).subquery()
    return select(ranked).where(ranked.c.rank == 1).cte("first_tries")


def discriminations(session: Session, firsts: CTE, item_ids: Sequence[str]) -> Mapping[str, float]:
    """Of each question of the lessons the correlation between being right on it and the share right of the others (point-biserial).

    Only people with LEAST_ANSWERS first answers count, and questions with LEAST_LEARNERS of them. A question everybody or
    nobody gets right has none.
    """
    own = select(firsts).where(firsts.c.lesson_id.not_in(("before", "after")), firsts.c.item_id.in_(item_ids)).subquery()
    person = select(own.c.enrolment_id, func.count().label("n"), func.sum(own.c.correct).label("r")) \
        .group_by(own.c.enrolment_id).having(func.count() >= LEAST_ANSWERS).subquery()
    x = own.c.correct
    rest = cast(person.c.r - x, Float) / (person.c.n - 1)
    rows = session.execute(select(own.c.item_id, func.count(), func.sum(x), func.sum(rest), func.sum(x * rest), func.sum(rest * rest))
                           .join(person, person.c.enrolment_id == own.c.enrolment_id).group_by(own.c.item_id))
    found = {item: correlation(n, float(sx), float(sy), float(sxy), float(syy)) for item, n, sx, sy, sxy, syy in rows if n >= LEAST_LEARNERS}
    return {item: value for item, value in found.items() if value is not None}


def correlation(n: int, sx: float, sy: float, sxy: float, syy: float) -> float | None:
    """Pearson's, of n pairs whose x is 0 or 1, from their sums; None when either side does not vary."""
    across, along = sx * (n - sx), n * syy - sy * sy
    if across <= 0 or along <= 1e-9:
        return None
    return max(-1.0, min(1.0, (n * sxy - sx * sy) / sqrt(across * along)))


def commonest(wrong: Counter[str]) -> str | None:
    """The wrong answer of most people, the first in the alphabet of several; None when fewer than five gave it."""
    if not wrong:
        return None
    words, people = min(wrong.items(), key=lambda pair: (-pair[1], pair[0]))
    return words if people >= LEAST else None


def advice(share: float | None, discrimination: float | None, wrong: bool) -> str:
    """Does the question deserve a look, and why; "" when it does not. share: percent right at the first try. wrong: most of who err, err alike."""
    if discrimination is not None and discrimination < 0:
        return "Nên xem: người học khá lại hay sai câu này hơn. Kiểm tra đáp án và lời hỏi."
    if share is not None and share < HARD:
        return "Nên xem: phần lớn trả lời sai lần đầu." + (" Xem câu sai phổ biến nói gì về bài." if wrong else "")
    if discrimination is not None and discrimination < WEAK:
        return "Nên xem: đúng hay sai gần như không liên quan đến các câu khác."
    if share is not None and share > EASY:
        return "Hầu như ai cũng đúng ngay: câu có thể quá dễ."
    return ""


def decimal(value: float, places: int) -> str:
    return f"{value:.{places}f}".replace(".", ",").replace("-", "−")


def said_of(discrimination: float | None) -> str:
    """The number with what it means."""
    if discrimination is None:
        return "chưa đủ người"
    meaning = "ngược" if discrimination < 0 else "yếu" if discrimination < WEAK else "vừa" if discrimination < GOOD else "tốt"
    return f"{decimal(discrimination, 2)} ({meaning})"


def table(items: Sequence[Item], reached: Sequence[int] = ()) -> Table:
    """The questions' figures, hidden where they must be. reached: people the funnel of the same page shows.

    Who reached a question and did not answer it stopped there: how many answered is left out where it is one to four off a count that is shown.
    """
    seen = list(reached)
    hidden = hide_parts([[i.asked, i.right, i.asked - i.right] for i in items], total=False) if items else None
    rows = []
    for at, item in enumerate(items):
        whole = hidden is not None and not any((at, column) in hidden.marks for column in range(3))
        share: float | None = 100 * item.right / item.asked if whole and item.asked else None
        asked: Cell = hidden.cell(at, 0, item.asked) if hidden else item.asked
        if isinstance(asked, int) and any(few(abs(asked - other)) for other in seen):
            asked, share = KEPT, None if share is None else round(share)  # an exact share would tell how many it is of
        seen += [asked] if isinstance(asked, int) else []
        # a discrimination of few right or few wrong answers would tell how many they are
        told = round(item.discrimination, 2) if whole and item.discrimination is not None else None
        counts = item.part == "lesson" and not item.lesson.endswith("câu dễ hơn")
        rows.append((item.lesson, prompt_of(item.question), asked, share, item.wrong_words, said_of(told) if counts else None,
                     advice(share, told, item.wrong_words is not None)))
    return Table(
        "cau-hoi", "Các câu hỏi",
        (Column("part", "Phần", "text"), Column("question", "Câu hỏi", "text"), Column("asked", "Số người trả lời"),
         Column("share", "Đúng ngay lần đầu", "percent"), Column("wrong", "Câu sai nhiều người chọn nhất", "text"),
         Column("discrimination", "Độ phân biệt", "text"), Column("advice", "Gợi ý", "text")), tuple(rows),
        note="Câu mà số người đúng hay số người sai dưới 5 thì ẩn tỷ lệ; câu sai chỉ hiện khi từ 5 người cùng chọn. "
             "Số người trả lời hơn kém một số khác trên trang từ một đến bốn người thì ẩn, tỷ lệ làm tròn.",
        definitions=(("Đúng ngay lần đầu", "câu trả lời đầu tiên của mỗi người"),
                     ("Độ phân biệt", f"người làm đúng câu này có hay làm đúng các câu khác không, từ −1 đến 1: từ {decimal(GOOD, 1)} là tốt, "
                                       f"dưới {decimal(WEAK, 1)} là yếu, âm là ngược; cần {LEAST_LEARNERS} người đã trả lời từ {LEAST_ANSWERS} câu"),
                     ("Gợi ý", f"nên xem lại câu dưới {HARD} % đúng ngay, câu phân biệt yếu hay ngược; trên {EASY} % có thể là quá dễ")))
