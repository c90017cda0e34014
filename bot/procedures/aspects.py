"""What about a procedure is asked, and what is left of a question without it.

The intent says the aspect (ask_fee, ask_place …); this module strips the aspect's words, so that "thế lệ phí bao nhiêu"
leaves nothing and is a follow-up, while "lệ phí làm hộ chiếu" leaves "hộ chiếu".
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from ruamel.yaml import YAML

from bot.language.normalise import fold, normalise

ASPECTS = {
    "ask_procedure": "overview", "ask_documents": "papers", "ask_fee": "fee", "ask_duration": "duration",
    "ask_place": "place", "ask_online": "online", "ask_steps": "steps", "ask_form": "form",
    "ask_legal_basis": "law", "ask_eligibility": "conditions", "ask_result": "result",
}
"""Intent -> aspect."""


def any_of(phrases: Iterable[str]) -> re.Pattern[str]:
    """Any of the phrases as whole words, the longest first."""
    ordered = sorted(set(phrases), key=len, reverse=True)
    return re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, ordered)) + r")(?!\w)")


@lru_cache
def _patterns() -> dict[bool, tuple[re.Pattern[str], re.Pattern[str]]]:
    """For accented (True) and for unaccented text: (never taken apart, taken away)."""
    lists = YAML(typ="safe").load((Path(__file__).parent / "aspect_words.yml").read_text(encoding="utf-8"))
    phrases = [p for group in lists["phrases"].values() for p in group]
    accented = [normalise(p) for p in [*phrases, *lists["words"], *lists["words_not_folded"]]]
    folded = [fold(normalise(p)) for p in [*phrases, *lists["words"]]]
    keep = [normalise(p) for p in lists["keep"]]
    return {True: (any_of(keep), any_of(accented)), False: (any_of(map(fold, keep)), any_of(folded))}


def subject(question: str) -> str:
    """The question, folded, without words of aspect and politeness; "" when nothing else is in it."""
    text = re.sub(r"[^\w. ]+", " ", normalise(question))
    text = re.sub(r"\s+", " ", text).strip()
    kept: list[str] = []

    def hide(match: re.Match[str]) -> str:
        kept.append(match.group(0))
        return f" zq{len(kept) - 1}zq "

    keep, away = _patterns()[fold(text) != text]
    text = away.sub(" ", keep.sub(hide, text))
    text = re.sub(r"zq(\d+)zq", lambda m: kept[int(m.group(1))], text)
    return re.sub(r"[^a-z0-9.]+", " ", fold(text)).strip()


_WEAK = any_of(["dang ky", "lam lai", "cap lai", "do", "day", "nay", "the", "thi", "can", "phai", "la", "co", "con", "em", "bac", "hoi", "de",
                "di", "cua", "cho", "cai", "viec", "ho so", "giay to", "phi", "nguoi", "nha", "tien", "ngay", "hom", "lan", "nam", "mat", "xong",
                "ve", "den", "len", "vao", "bi", "o", "tai", "tu", "chua", "may", "ai", "thang", "chu", "chi", "ong", "ba", "co chu", "mot"])


def is_follow_up(question: str) -> bool:
    """True when the question names no subject of its own: nothing is left, or only words that name nothing alone."""
    left = _WEAK.sub(" ", subject(question))
    return not [w for w in left.split() if len(w) > 1 or w.isdigit()]
