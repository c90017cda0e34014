"""Search entries of curated and imported procedures and of those known by name; for one code, ours leads."""

from collections.abc import Container, Iterable, Mapping

from bot.procedures.imported import Heading
from bot.procedures.model import Procedure
from bot.procedures.search import Entry, Phrase
from bot.procedures.ways import Asked

LONG_NAME_WORDS = 14


def level_of(text: str) -> int:
    """0 commune, 1 province, 2 ministry or unknown."""
    text = text.lower()
    return 0 if "xã" in text else 1 if "tỉnh" in text else 2


def named(name: str) -> tuple[Phrase, ...]:
    """The official name, and its beginning when it is long: people stop at the first comma."""
    words = name.split()
    short = (Phrase(" ".join(words[:LONG_NAME_WORDS]), "name"),) if len(words) > LONG_NAME_WORDS else ()
    return (Phrase(name, "name"), *short)


def curated(procedures: Iterable[Procedure]) -> list[Entry]:
    """Ways people ask, aliases, the name, and the ways to name a case."""
    found = []
    for p in procedures:
        said = [Phrase(w) for w in (*p.aliases, *p.ways_people_ask)]
        # a case alone ("căn cước hết hạn" when certifying a signature) names no procedure, so the name goes with it
        cases = [Phrase(f"{p.aliases[0] if p.aliases else p.name} {w}", "case") for c in p.cases for w in (c.when, *c.ways)]
        found.append(Entry(p.code, p.name, (*named(p.name), *said, *cases), 0, curated=True, also_codes=p.also_codes))
    return found


def imported(rows: Iterable[tuple[str, Heading]], asked: Mapping[str, Asked], taken: set[str]) -> list[Entry]:
    """Names, and ways where somebody has written them. Codes in `taken` are left out."""
    found = []
    for code, row in rows:
        if code in taken:
            continue
        ways = tuple(Phrase(w) for w in asked[code].ways) if code in asked else ()
        found.append(Entry(code, row.name, (*named(row.name), *ways), level_of(row.level),
                           local=bool(row.scope) and row.scope != "toàn quốc", old=row.pre_reform))
    return found


def known_by_name(asked: Iterable[Asked], taken: Container[str], records: bool) -> list[Asked]:
    """Procedures of which only the name is known. records: have any been imported? Until then that is so of all the others too."""
    return [a for a in asked if a.code not in taken and (a.known == "name_only" or not records)]


def by_name(asked: Iterable[Asked]) -> list[Entry]:
    return [Entry(a.code, a.name, (*named(a.name), *(Phrase(w) for w in a.ways)), level_of(a.level) if a.known == "name_only" else level_of(""))
            for a in asked]


def all_of(ours: Iterable[Procedure], rows: Iterable[tuple[str, Heading]], asked: Mapping[str, Asked]) -> list[Entry]:
    """Everything that can be found: our text leads, then the portal's record, then the mere name."""
    ours, rows = list(ours), list(rows)
    taken = codes_of(ours)
    return curated(ours) + imported(rows, asked, taken) + by_name(known_by_name(asked.values(), taken | {code for code, _ in rows}, bool(rows)))


def codes_of(procedures: Iterable[Procedure]) -> set[str]:
    """Every official code that a curated procedure answers for."""
    return {c for p in procedures for c in (p.code, *p.also_codes)}
