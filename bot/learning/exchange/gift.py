"""GIFT, Moodle's text format for questions: read with every fault named by line, and written.

Read: one answer, several answers (weights), true/false, short answer, number, matching. Every choice needs its feedback
(behind #): a lesson here explains each answer. Essays and descriptions have no answer that a chat can judge.
https://docs.moodle.org/en/GIFT_format
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bot.learning.exchange.faults import BadQuestions, Fault, question
from bot.learning.items.base import Question
from bot.learning.model import Course

_ESCAPED = "~=#{}:\\n"
"""Characters behind a backslash. While a file is read each pair stands as one private character, so that an escaped sign is
never taken for a real one."""
_PRIVATE = 0xE000
_FORMAT = re.compile(r"^\s*\[(?:html|moodle|plain|markdown)\]\s*", re.IGNORECASE)
_TITLE = re.compile(r"^\s*::(.*?)::", re.DOTALL)
_TRUTH = re.compile(r"^\s*(TRUE|T|FALSE|F)\s*(?:#|$)", re.IGNORECASE)
_WEIGHT = re.compile(r"^%(-?\d+(?:\.\d+)?)%")


@dataclass(frozen=True)
class _Answer:
    """mark: = or ~. weight: percent, None without one."""

    mark: str
    text: str
    feedback: str
    weight: float | None
    line: int


def read(text: str) -> list[Question]:
    """The questions, in order, with the ids g1, g2 … Raises BadQuestions."""
    text = unicodedata.normalize("NFC", text.removeprefix("\ufeff")).replace("\r\n", "\n").replace("\r", "\n")
    text = re.sub(r"\\([~=#{}:\\n])", lambda m: chr(_PRIVATE + _ESCAPED.index(m.group(1))), text)
    faults: list[Fault] = []
    found: list[Question] = []
    for line, block in blocks(text):
        made = one(line, block, f"g{len(found) + 1}", faults)
        if made is not None:
            found.append(made)
    if not found and not faults:
        faults.append(Fault(1, "", "tệp không có câu hỏi nào"))
    if faults:
        raise BadQuestions(faults)
    return found


def blocks(text: str) -> Iterable[tuple[int, str]]:
    """(1-based first line, text) of each question; comments and categories are passed over. A blank line ends a question."""
    start, lines, depth = 0, [], 0
    for number, line in enumerate([*text.split("\n"), ""], 1):
        if line.strip().startswith("//") or (not depth and line.strip().startswith(("$CATEGORY:", "$category:"))):
            if lines:
                lines.append("")  # a comment inside a question: the lines behind keep their numbers
            continue
        if line.strip() or depth:
            start = start or number
            lines.append(line)
            depth = max(0, depth + line.count("{") - line.count("}"))
        if (not line.strip() and not depth or number > text.count("\n")) and lines:
            yield start, "\n".join(lines)
            start, lines, depth = 0, [], 0


def one(line: int, block: str, ident: str, faults: list[Fault]) -> Question | None:
    """The question of a block; its faults are noted."""
    title = _TITLE.match(block)
    body = block[title.end():] if title else block
    line += block[:title.end()].count("\n") if title else 0
    before, opened, rest = body.partition("{")
    if not opened:
        faults.append(Fault(line, "", "không thấy phần trả lời trong ngoặc { }; thêm vào, hoặc bỏ đoạn này"))
        return None
    inside, closed, behind = rest.partition("}")
    if not closed or "{" in inside:
        faults.append(Fault(line, "", "ngoặc { chưa được đóng bằng }"))
        return None
    if "{" in behind or "}" in behind:
        faults.append(Fault(line, "", "sau câu này thiếu một dòng trống; mỗi câu cách câu trước một dòng trống"))
        return None
    stem = plain(_FORMAT.sub("", before)) + (f" ___ {plain(behind)}" if plain(behind) else "")
    at = line + before.count("\n")
    if not stem:
        faults.append(Fault(line, "", "câu hỏi trống; viết câu hỏi trước ngoặc {"))
        return None
    inside, _, general = inside.partition("####")
    data = answers(at, inside, plain(general), faults)
    return question(line, {**data, "id": ident, "prompt": stem}, faults) if data else None


def answers(line: int, inside: str, general: str, faults: list[Fault]) -> dict[str, Any] | None:
    """The type and the choices of the part in braces; None with a fault noted."""
    if not inside.strip():
        faults.append(Fault(line, "", "câu tự luận không chấm được trong chat; đổi sang câu chọn hoặc câu điền"))
        return None
    if truth := _TRUTH.match(inside):
        return true_or_false(line, inside, truth.group(1).upper().startswith("T"), general, faults)
    if inside.lstrip().startswith("#"):
        return number(line, inside.lstrip()[1:], general, faults)
    found = split(line, inside)
    if not found:
        faults.append(Fault(line, "", "không có đáp án nào; mỗi đáp án bắt đầu bằng = (đúng) hoặc ~ (sai)"))
        return None
    joined = [a for a in found if "->" in a.text] if all(a.mark == "=" for a in found) else []
    if joined and len(joined) < len(found):
        odd = next(a for a in found if a not in joined)
        faults.append(Fault(odd.line, "", f"“{odd.text[:40]}” thiếu dấu ->; câu nối cần dạng =vế trái -> vế phải ở mọi dòng"))
        return None
    if joined:
        return matching(line, found, general, faults)
    if all(a.mark == "=" for a in found):
        return filled(line, found, general, faults)
    return chosen(found, faults)


def split(line: int, inside: str) -> list[_Answer]:
    """The answers in braces."""
    found = []
    for match in re.finditer(r"([=~])([^=~]*)", inside):
        here = line + inside[:match.start()].count("\n")
        text = match.group(2).strip()
        weight = _WEIGHT.match(text)
        text = text[weight.end():] if weight else text
        said, _, feedback = text.partition("#")
        found.append(_Answer(match.group(1), plain(_FORMAT.sub("", said)), plain(feedback),
                             float(weight.group(1)) if weight else None, here))
    return found


def chosen(found: list[_Answer], faults: list[Fault]) -> dict[str, Any] | None:
    """One or several right choices."""
    lacking = [a for a in found if not a.feedback]
    faults += [Fault(a.line, "", f"lựa chọn “{a.text[:40]}” chưa có lời giải thích; viết thêm sau dấu #") for a in lacking]
    right = [a.mark == "=" or (a.weight or 0) > 0 for a in found]
    options = [{"text": a.text, "correct": r, "feedback": a.feedback} for a, r in zip(found, right, strict=True)]
    return None if lacking else {"type": "multiple" if sum(right) > 1 else "single", "options": options}


def true_or_false(line: int, inside: str, truth: bool, general: str, faults: list[Fault]) -> dict[str, Any] | None:
    """GIFT gives feedback for a wrong and a right answer; here they are two choices."""
    told = [plain(p) for p in inside.split("#")[1:]] + ["", ""]
    wrong, right = told[0] or general, told[1] or general
    if not wrong or not right or wrong == right:
        faults.append(Fault(line, "", "câu đúng/sai cần hai lời giải thích khác nhau: {T#khi trả lời sai#khi trả lời đúng}"))
        return None
    return {"type": "single", "options": [
        {"text": "Đúng", "correct": truth, "feedback": right if truth else wrong},
        {"text": "Sai", "correct": not truth, "feedback": wrong if truth else right}]}


def number(line: int, inside: str, general: str, faults: list[Fault]) -> dict[str, Any] | None:
    """A number, exact; a range has no place in a chat."""
    value, _, feedback = inside.strip().lstrip("=").partition("#")
    value = value.strip().removesuffix(":0")
    if "=" in feedback or "~" in feedback:
        faults.append(Fault(line, "", "câu số chỉ nhận một đáp án; bỏ các đáp án còn lại"))
        return None
    if not re.fullmatch(r"-?\d+(?:[.,]\d+)?", value):
        faults.append(Fault(line, "", f"“{value[:30]}” không phải một số; khoảng giá trị (như 15:1 hay 1..5) không dùng được"))
        return None
    return told_around([value], plain(feedback), general, line, faults)


def filled(line: int, found: list[_Answer], general: str, faults: list[Fault]) -> dict[str, Any] | None:
    """Accepted words; feedback of the first one is for right answers, the general one for wrong answers.

    An answer of less than 100 % is no right one: a wrong one to expect, with its own feedback.
    """
    right = [a for a in found if a.weight is None or a.weight >= 100]
    near = [a for a in found if a not in right]
    lacking = [a for a in near if not a.feedback]
    faults += [Fault(a.line, "", f"đáp án “{a.text[:40]}” không được trọn điểm nên cần lời giải thích; viết thêm sau dấu #") for a in lacking]
    if not right:
        faults.append(Fault(line, "", "không có đáp án nào được trọn điểm (100 %)"))
    if lacking or not right:
        return None
    made = told_around([a.text for a in right], next((a.feedback for a in right if a.feedback), ""), general, line, faults)
    return {**made, "near": [{"match": [a.text], "feedback": a.feedback} for a in near]} if made and near else made


def told_around(accept: list[str], right: str, wrong: str, line: int, faults: list[Fault]) -> dict[str, Any] | None:
    if not right or not wrong:
        faults.append(Fault(line, "", "câu điền cần lời giải thích khi đúng (sau dấu # của đáp án) và khi sai (sau dấu #### ở cuối)"))
        return None
    return {"type": "fill", "accept": accept, "feedback_right": right, "feedback_wrong": wrong}


def matching(line: int, found: list[_Answer], general: str, faults: list[Fault]) -> dict[str, Any] | None:
    if not general:
        faults.append(Fault(line, "", "câu nối cần lời giải thích chung sau dấu #### ở cuối"))
        return None
    pairs = []
    for a in found:
        left, _, right = a.text.partition("->")
        pairs.append({"left": left.strip(), "right": right.strip(), "why": a.feedback or general})
    if [p["left"] for p in pairs] == [str(n) for n in range(1, len(pairs) + 1)]:
        # things joined with 1, 2, 3 … are in an order
        return {"type": "ordering", "places": [{"text": p["right"], "why": p["why"]} for p in pairs], "feedback_right": general}
    return {"type": "matching", "pairs": pairs, "feedback_right": general}


def plain(text: str) -> str:
    """Text without escapes and without the line ends of the file."""
    text = re.sub(r"\s*\n\s*", "\n", text)
    text = text.translate({_PRIVATE + at: "\n" if c == "n" else c for at, c in enumerate(_ESCAPED)})
    return text.strip()


def escaped(text: str) -> str:
    text = re.sub(r"([\\~=#{}:])", r"\\\1", text)
    return text.replace("\n", "\\n")


def write(course: Course) -> str:
    """Every question of the course as GIFT. What GIFT does not know is written as what comes nearest: an order as a
    matching of numbers, a scenario as one question a scene, a picture as its description."""
    lines = [f"// {course.title}. Nội dung đối chiếu ngày {course.checked_on:%d/%m/%Y}.", ""]
    for lesson in course.lessons:
        lines += [f"$CATEGORY: {course.slug}/{lesson.id} {lesson.title}", ""]
        for item in lesson.items:
            lines += [*_WRITERS[item.type](item), ""]
    return "\n".join(lines)


def _choices(item: Any, stem: str, options: Iterable[tuple[str, bool, str]], ident: str = "", one: bool = False) -> list[str]:
    """one: any of the right choices is the whole answer."""
    options = list(options)
    right = sum(r for _, r, _ in options)
    marks = [("=" if r else "~") if right == 1 or one else f"~%{round(100 / right, 5) if r else -100:g}%" for _, r, _ in options]
    body = [f"  {mark}{escaped(text)}#{escaped(feedback)}" for mark, (text, _, feedback) in zip(marks, options, strict=True)]
    return [f"::{escaped(ident or item.id)}:: {escaped(stem)} {{", *body, "}"]


def _matching(item: Any, pairs: Iterable[tuple[str, str]], general: str) -> list[str]:
    return [f"::{item.id}:: {escaped(item.prompt)} {{", *(f"  ={escaped(a)} -> {escaped(b)}" for a, b in pairs), f"  ####{escaped(general)}", "}"]


def _scenes(item: Any) -> list[str]:
    """One question a scene. A scene whose choices are all as good, or all as bad, asks nothing that can be marked: a comment."""
    lines: list[str] = []
    for scene in item.scenes:
        ways = [_way(item, choice) for choice in scene.choices]
        shortest = min((w for w in ways if w is not None), default=None)
        good = {at for at, w in enumerate(ways) if w == shortest}
        ident = f"{item.id}-{scene.id}"
        if len(good) < len(ways):
            lines += _choices(item, scene.text, [(c.text, at in good, c.feedback) for at, c in enumerate(scene.choices)], ident, one=True)
        else:
            lines.append(f"// {ident} (dẫn chuyện, không chấm): {' '.join(scene.text.split())}")
        lines.append("")
    return lines[:-1]


def _way(item: Any, choice: Any) -> int | None:
    """How many choices, this one included, until the story can end well; None when it cannot any more."""
    if choice.ends is not None:
        return 1 if choice.ends == "right" else None
    ways = [_way(item, c) for s in item.scenes if s.id == choice.to for c in s.choices]
    return min((w + 1 for w in ways if w is not None), default=None)


_WRITERS = {
    "single": lambda i: _choices(i, i.prompt, [(o.text, o.correct, o.feedback) for o in i.options]),
    "picture": lambda i: _choices(i, f"[Hình: {i.picture.alt}] {i.prompt}", [(o.text, o.correct, o.feedback) for o in i.options]),
    "multiple": lambda i: _choices(i, i.prompt, [(o.text, o.correct, o.feedback) for o in i.options]),
    "spot": lambda i: _choices(i, f"{i.prompt} ({i.sender})", [(p.text, p.suspicious, p.feedback) for p in i.parts]),
    "true_false": lambda i: _choices(i, i.statement, [(f"{'Đúng' if r.verdict else 'Sai'}: {r.text}", r.correct, r.feedback) for r in i.reasons]),
    "fill": lambda i: [f"::{i.id}:: {escaped(i.prompt)} {{", *(f"  ={escaped(a)}#{escaped(i.feedback_right)}" for a in i.accept),
                       *(f"  =%0%{escaped(m)}#{escaped(n.feedback)}" for n in i.near for m in n.match), f"  ####{escaped(i.feedback_wrong)}", "}"],
    "matching": lambda i: _matching(i, [(p.left, p.right) for p in i.pairs], i.feedback_right),
    "ordering": lambda i: _matching(i, [(str(n), p.text) for n, p in enumerate(i.places, 1)], i.feedback_right),
    "scenario": _scenes,
}
