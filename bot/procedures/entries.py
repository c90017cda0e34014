"""Search entries of curated and imported procedures; where both exist for a code, ours leads."""

from collections.abc import Iterable

from bot.procedures.imported import ImportedProcedure
from bot.procedures.model import Procedure
from bot.procedures.search import Entry

LONG_NAME_WORDS = 14
LEVEL_PRIORS = (("xã", 1.0), ("tỉnh", 0.95), ("bộ", 0.9))


def curated(procedures: Iterable[Procedure]) -> list[Entry]:
    """Ways people ask, aliases, the name, and the ways to name a case."""
    found = []
    for p in procedures:
        said = [(w, 1.0) for w in (p.name, *p.aliases, *p.ways_people_ask)]
        # a case alone ("căn cước hết hạn" when certifying a signature) names no procedure, so the name goes with it
        cases = [(f"{p.aliases[0] if p.aliases else p.name} {w}", 0.95) for c in p.cases for w in (c.when, *c.ways)]
        found.append(Entry(p.code, p.name, tuple(said + cases), 1.0, p.also_codes))
    return found


def imported(rows: Iterable[tuple[str, ImportedProcedure]], taken: set[str]) -> list[Entry]:
    """Names only: the portal's rows say nothing of how people ask. Codes in `taken` are left out."""
    found = []
    for code, row in rows:
        if code in taken:
            continue
        words = row.name.split()
        phrases = [(row.name, 1.0)]
        if len(words) > LONG_NAME_WORDS:
            phrases.append((" ".join(words[:LONG_NAME_WORDS]), 0.97))
        prior = next((p for word, p in LEVEL_PRIORS if word in row.level.lower()), 0.9)
        local = row.scope and row.scope != "toàn quốc"
        found.append(Entry(code, row.name, tuple(phrases), prior * 0.95 * (0.85 if local else 1) *
                           (0.95 if row.pre_reform else 1)))
    return found


def codes_of(procedures: Iterable[Procedure]) -> set[str]:
    """Every official code that a curated procedure answers for."""
    return {c for p in procedures for c in (p.code, *p.also_codes)}
