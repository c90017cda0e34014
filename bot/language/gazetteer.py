"""Finds names in a text that stand in a list: procedures and papers, communes, courses.

The lists: procedure_names.txt, course_names.txt and the titles of courses/*.yml, bot/places/communes.yml; words that are
communes only behind "xã" or "ở": commune_words.txt. Runs in both environments, on the standard library alone: the two YAML
files are read by the lines that hold names, because the environments share no YAML library that rules may import.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Tuple

from bot.language import gazetteer_context as context
from bot.language.normalise import fold, place_tones
from bot.language.spelling import FOREIGN, apart, is_fine, vocabulary
from bot.language.syllables import decode, is_syllable

HERE = Path(__file__).parent
COMMUNES = HERE.parent / "places" / "communes.yml"
COURSES = HERE.parents[1] / "courses"

_INVISIBLE = "\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff"
_TOKEN = re.compile(rf"[^\W_](?:[^\W_]|[\u0300-\u036f{_INVISIBLE}])*")
_DROPPED = re.compile(f"[{_INVISIBLE}]")
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_HOOK_AND_TILDE = str.maketrans("\u0303", "\u0309")
_GAP = re.compile(r"[^\S\n]+|[^\S\n]*[-–][^\S\n]*|[.:,] ?")
"""What may stand between the words of one name. A dot, colon or comma only where the entry has one: "Sự cố: 24 giờ đầu"."""
_CAPITALS_ONLY = frozenset({"ai"})
"""Words of one entry that are an everyday word unless typed in capitals: AI, not "ai" (who)."""


class Token(NamedTuple):
    """A word of a text. typed: lower case, tones placed; others: folded words that a slip away stand in some list."""

    start: int
    end: int
    typed: str
    folded: str
    others: Tuple[str, ...]


class Entry(NamedTuple):
    """A way of writing a name. kind: an entity, "" for a phrase that is none; words: as `Token.typed`, with marks;
    joins: what stands between them, stripped; unit: of a commune, "xa", "phuong" or "tran"; old: a former commune;
    close: of a course, counts only right behind "khóa", "lớp" and the like."""

    kind: str
    value: str
    words: Tuple[str, ...]
    joins: Tuple[str, ...]
    unit: str = ""
    old: bool = False
    close: bool = False


class Match(NamedTuple):
    """A span of tokens, [first, last], that an entry names. slips: words that were typed with a slip."""

    first: int
    last: int
    entry: Entry
    slips: int


@dataclass
class Node:
    """A trie over folded words."""

    next: Dict[str, "Node"] = field(default_factory=dict)
    entries: List[Entry] = field(default_factory=list)


@dataclass
class Index:
    root: Node = field(default_factory=Node)
    misspelt: Dict[str, List[str]] = field(default_factory=dict)
    """Words of entries of several words with a letter left out -> those words, for finding slips without trying letters."""
    ordinary: Dict[str, List[Tuple[Tuple[str, ...], bool]]] = field(default_factory=dict)
    """Folded name of a commune -> ordinary phrases of the same letters, and whether only "xã" makes a name of them."""

    def add(self, entry: Entry) -> None:
        node = self.root
        for word in entry.words:
            folded = fold(word)
            node = node.next.setdefault(folded, Node())
            if len(entry.words) > 1 and len(folded) >= 4 and entry.kind:
                for less in _shorter(folded):
                    known = self.misspelt.setdefault(less, [])
                    if folded not in known:
                        known.append(folded)
        node.entries.append(entry)


def find(text: str) -> List[Dict[str, Any]]:
    """[{entity, value, start, end}] in the order of the text, never overlapping; offsets into the text as typed.
    value: the name in its proper spelling, of a commune without "xã"."""
    tokens = _tokens(text)
    marked = any(t.typed != t.folded for t in tokens)
    learning = context.learning([t.typed for t in tokens], marked)
    found: List[Dict[str, Any]] = []
    at = 0
    while at < len(tokens):
        match = _best(text, tokens, at, marked, learning)
        # words run together share a span: what follows must start behind it
        if match is None or (found and tokens[at].start < found[-1]["end"]):
            at += 1
            continue
        if match.entry.kind:
            found.append({"entity": match.entry.kind, "value": match.entry.value,
                          "start": tokens[match.first].start, "end": tokens[match.last].end})
        at = match.last + 1
    return found


def _best(text: str, tokens: List[Token], at: int, marked: bool, learning: bool) -> Optional[Match]:
    """The longest name that starts with this token; of equals a course before a procedure, few slips before many."""
    matches = [m for m in _walk(text, tokens, at) if m.entry.kind != "commune" and _counts(text, tokens, m, learning)]
    commune = _commune(text, tokens, at, marked)
    if commune:
        matches.append(commune)
    rank = {"": 3, "course": 2, "commune": 1, "procedure": 0}
    return max(matches, key=lambda m: (m.last, -m.slips, rank[m.entry.kind], _closeness(tokens, m)), default=None)


def _counts(text: str, tokens: List[Token], match: Match, learning: bool) -> bool:
    entry, span = match.entry, tokens[match.first:match.last + 1]
    if entry.kind == "course" and not (learning and (not entry.close or context.follows_learning([t.folded for t in tokens[:match.first]]))):
        return False
    if not entry.kind:  # "so đo" is none, but "so do" may well be "sổ đỏ"
        return not match.slips and (entry.words == tuple(t.typed for t in span) or (
            all(t.typed == t.folded for t in span) and not _named(span)))
    if len(span) == 1 and span[0].folded in _CAPITALS_ONLY:
        return text[span[0].start:span[0].end].isupper() and not text.isupper()
    return _agree(span, entry)


def _named(span: List[Token]) -> bool:
    """Is there a name of just these folded words?"""
    node: Optional[Node] = index().root
    for token in span:
        node = node.next.get(token.folded) if node else None
    return node is not None and any(e.kind for e in node.entries)


def _closeness(tokens: List[Token], match: Match) -> int:
    """How many words were typed exactly as the entry has them. A commune's span may begin with its "xã"."""
    span = tokens[match.last + 1 - len(match.entry.words):match.last + 1]
    return sum(t.typed == w for t, w in zip(span, match.entry.words, strict=True))


def _agree(span: List[Token], entry: Entry) -> bool:
    return all(agrees(t.typed, w) for t, w in zip(span, entry.words, strict=True) if t.folded == fold(w))


def _commune(text: str, tokens: List[Token], at: int, marked: bool) -> Optional[Match]:
    """The longest commune that starts at this token, with or without its "xã"."""
    folded = [t.folded for t in tokens[at:at + 2]]
    unit, size = context.unit_word(folded, tokens[at].typed, tokens[at - 1].folded if at else "", marked)
    if unit and at + size < len(tokens):
        between = text[tokens[at + size - 1].end:tokens[at + size].start]
        if re.fullmatch(r"\s*[.:]?\s*", between):
            found = [m for m in _walk(text, tokens, at + size) if m.entry.kind == "commune" and _said(tokens, m, unit, marked)]
            best = _most_likely(tokens, found, unit)
            if best:
                return best._replace(first=at)
    return _most_likely(tokens, [m for m in _walk(text, tokens, at) if m.entry.kind == "commune" and _bare(text, tokens, m, marked)], "")


def _most_likely(tokens: List[Token], found: List[Match], unit: str) -> Optional[Match]:
    """The longest; of names of the same letters the one typed, then the unit typed, then the new one."""
    return max(found, key=lambda m: (m.last, -m.slips, _closeness(tokens, m), m.entry.unit == unit, not m.entry.old), default=None)


def _said(tokens: List[Token], match: Match, unit: str, marked: bool) -> bool:
    """Does a name behind "xã" count? Wrong marks are forgiven, unless they make an ordinary phrase."""
    span = tokens[match.first:match.last + 1]
    if len(span) == 1:  # "xa lam" is far rather than a commune, "xã Lâm" and "thi tran lam" are not
        return not match.slips and _agree(span, match.entry) and (unit == match.entry.unit or marked)
    typed = tuple(t.typed for t in span)
    if typed == match.entry.words or all(t.typed == t.folded for t in span):
        return True
    return all(typed != phrase for phrase, _ in _ordinary(match))


def _ordinary(match: Match) -> List[Tuple[Tuple[str, ...], bool]]:
    return index().ordinary.get(" ".join(map(fold, match.entry.words)), [])


def _bare(text: str, tokens: List[Token], match: Match, marked: bool) -> bool:
    """Does a name without "xã" count?"""
    span = tokens[match.first:match.last + 1]
    before = [t.typed for t in tokens[max(0, match.first - 3):match.first]]
    typed = tuple(t.typed for t in span)
    if match.slips or not _agree(span, match.entry) or context.is_other_place(before):
        return False
    meant = context.leads_to_place(before)
    if len(span) == 1:
        after = text[tokens[match.last].end:][:2].strip()
        return meant and typed == match.entry.words and text[span[0].start].isupper() and not after[:1].isupper()
    phrases = _ordinary(match)
    if marked:
        if typed != match.entry.words and (not meant or any(typed == p for p, _ in phrases)):
            return False  # "hai long" in a text with marks is no place
        phrases = [(p, hard) for p, hard in phrases if p in (match.entry.words, typed)]
    if phrases:
        return meant and not any(hard for _, hard in phrases)
    return meant or not context.is_surname(before)


def _walk(text: str, tokens: List[Token], at: int) -> Iterator[Match]:
    """Every entry whose folded words stand from this token on, with one slip at the most, in entries of several words."""
    level = [(index().root, 0)]
    for last in range(at, len(tokens)):
        token, above, level = tokens[last], level, []
        if last > at:
            gap = text[tokens[last - 1].end:token.start]
            if gap and not _GAP.fullmatch(gap):
                return
        for node, slips in above:
            follower = node.next.get(token.folded)
            if follower:
                level.append((follower, slips))
            if not slips:
                level += [(node.next[word], 1) for word in token.others if word in node.next]
        if not level:
            return
        for node, slips in level:
            for entry in node.entries:
                if (not slips or len(entry.words) > 1) and _joined(text, tokens, at, entry):
                    yield Match(at, last, entry, slips)


def _joined(text: str, tokens: List[Token], at: int, entry: Entry) -> bool:
    """Do dots and commas stand only where the entry has them?"""
    for number, join in enumerate(entry.joins):
        gap = text[tokens[at + number].end:tokens[at + number + 1].start].strip()
        if gap not in ("", "-", "–", join):
            return False
    return True


def _tokens(text: str) -> List[Token]:
    found: List[Token] = []
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        found += [Token(start, end, *word) for word in _read(match.group(0))]
    return found


@lru_cache(maxsize=20000)
def _read(word: str) -> Tuple[Tuple[str, str, Tuple[str, ...]], ...]:
    """(typed, folded, others) of a typed word; several when words were run together ("khaisinh")."""
    typed = _spelt(_DROPPED.sub("", word))
    folded = fold(typed)
    if is_fine(typed, folded, vocabulary()) or folded in index().root.next:
        return ((typed, folded, ()),)
    decoded = decode(typed)
    if decoded:  # keystrokes of Telex or VNI are often half of them ("nopj" for "nộp"), so no mark is held against a name
        return ((fold(decoded), fold(decoded), _near(folded)),)
    pieces = apart(folded, vocabulary()) if len(folded) > 6 and typed == folded else None
    if pieces:
        return tuple((piece, piece, ()) for piece in pieces)
    return ((typed, folded, _near(folded)),)


def _near(folded: str) -> Tuple[str, ...]:
    """Words of the lists that are one slip away: a letter more, less, another, or two swapped."""
    if len(folded) < 4:
        return ()
    candidates = {w for less in (folded, *_shorter(folded)) for w in index().misspelt.get(less, ())}
    return tuple(sorted(w for w in candidates if w != folded and _one_slip(w, folded)))


def _shorter(word: str) -> List[str]:
    return [word, *(word[:i] + word[i + 1:] for i in range(len(word)))]


def _one_slip(one: str, other: str) -> bool:
    if len(one) < len(other):
        one, other = other, one
    start = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(other))
    if len(one) > len(other):
        return one[start + 1:] == other[start:]
    swapped = one[start:start + 2] == other[start:start + 2][::-1]
    return one[start + 1:] == other[start + 1:] or (swapped and one[start + 2:] == other[start + 2:])


def _spelt(word: str) -> str:
    return place_tones(unicodedata.normalize("NFC", word).lower())


@lru_cache(maxsize=20000)
def agrees(typed: str, proper: str) -> bool:
    """Can `typed`, of the same letters, mean `proper`? Marks may be missing, but not contradict: "chúng" is not "chứng".
    Hỏi and ngã are one; so are "d" and "đ" at the start, which phones without a Vietnamese keyboard write alike."""
    if typed == proper or typed == fold(proper):
        return True
    one, other = (unicodedata.normalize("NFD", w.replace("đ", "d")).translate(_HOOK_AND_TILDE) for w in (typed, proper))
    if "đ" in typed and "đ" not in proper:
        return False
    return one == other or (not any(c in _TONES for c in one) and one == "".join(c for c in other if c not in _TONES))


@lru_cache(maxsize=1)
def index() -> Index:
    """All lists; read once, about 50 ms."""
    made = Index()
    for kind, name in (("procedure", "procedure_names.txt"), ("course", "course_names.txt")):
        for line in lines(HERE / name):
            none, close = line.startswith("!"), line.endswith("!")
            value, _, others = line.strip("!").partition("=")
            for typed in (value, *filter(None, others.split(","))):
                proper = typed.strip() if _spelt_out(typed) else value.strip()
                made.add(_entry("" if none else kind, "" if none else proper, typed)._replace(close=close))
    for name in course_names():
        made.add(_entry("course", name, name))
    for unit, name, old in commune_names():
        made.add(_entry("commune", name, name)._replace(unit=unit, old=old))
    for line in lines(HERE / "commune_words.txt"):
        words = tuple(_spelt(w) for w in line.rstrip("!").split())
        made.ordinary.setdefault(" ".join(map(fold, words)), []).append((words, line.endswith("!")))
    return made


def _spelt_out(typed: str) -> bool:
    """Is it a name of its own ("bìa đất") rather than short for one ("gks", "đk kết hôn")?"""
    return all(w.isdigit() or is_syllable(w) or (w in FOREIGN and len(w) > 3) for w in map(fold, _TOKEN.findall(typed)))


def _entry(kind: str, value: str, typed: str) -> Entry:
    matches = list(_TOKEN.finditer(unicodedata.normalize("NFC", typed)))
    joins = [typed[a.end():b.start()].strip() for a, b in zip(matches, matches[1:], strict=False)]
    return Entry(kind, value, tuple(_spelt(m.group(0)) for m in matches), tuple(joins))


def lines(path: Path) -> List[str]:
    """The lines that say something, NFC."""
    text = unicodedata.normalize("NFC", path.read_text(encoding="utf-8"))
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]


def commune_names() -> List[Tuple[str, str, bool]]:
    """(folded last word of its kind, name without kind, is it a former unit), each once."""
    found = re.findall(r'^( *)(?:- \{)?name: *"?(Xã|Phường|Thị trấn) ([^",}\n]+)', COMMUNES.read_text(encoding="utf-8"), re.MULTILINE)
    return list(dict.fromkeys((fold(kind).split()[-1], name.strip(), len(indent) > 2) for indent, kind, name in found))


def course_names() -> List[str]:
    """Titles and aliases of the shipped courses; "học chống lừa đảo" without its "học"."""
    names = []
    for path in sorted(COURSES.glob("*.yml")):
        text = unicodedata.normalize("NFC", path.read_text(encoding="utf-8-sig"))
        title = re.findall(r"^title: *(.+)$", text, re.MULTILINE)
        aliases = re.search(r"^aliases: *\n((?: *- .+\n)+)", text, re.MULTILINE)
        listed = re.findall(r"^ *- (.+)$", aliases.group(1), re.MULTILINE) if aliases else []
        names += [re.sub(r"^(?:học|khóa|bài) ", "", name.strip().strip("\"'").rstrip("?!. ")) for name in title[:1] + listed]
    return names
