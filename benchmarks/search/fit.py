"""Fits bot/procedures/ranker.json: `.venv/bin/python -m benchmarks.search.fit RECORDS.jsonl …`

Every way to ask is used as a question with itself left out of the index, as written, folded or with slips, often wrapped
as people wrap it; official names are used shortened. For a third of the questions the right procedure is taken out
altogether (with those of the same name): then "none" is right. A conditional logit is fitted on all that. No evaluation set is
read here.
"""

import argparse
import json
import random
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from benchmarks.search import distil
from bot.config import settings
from bot.language.normalise import fold
from bot.language.slips import slip
from bot.procedures import ranker
from bot.procedures.search import Index, Query
from bot.procedures.sense import Sense
from bot.services import catalogue

WRAPPERS = ("{}", "{}", "{}", "{} cần giấy tờ gì", "cho hỏi {} thì làm thế nào", "{} hết bao nhiêu tiền", "{} ở đâu vậy ạ", "{} mấy ngày thì xong",
            "em ơi {} thì phải làm sao", "{} làm trên mạng được không", "trường hợp {} có được không", "thủ tục {} như thế nào",
            "điều kiện thực hiện {} là gì", "cơ quan nào thực hiện {}", "bác muốn hỏi {} thì bác phải mang theo những gì")
ABSENT_SHARE, NAME_SHARE, NEAR_SHARE = 0.33, 0.35, 0.5
REGULARISE = 1e-3
BOUNDS = {"name": (0.0, None), "lacking": (None, -2.5)}
"""Likeness to the official name never counts against a procedure; a case that the question names ("với người nước ngoài")
outweighs likeness: our questions of that kind are too few to learn it from. Both chosen on questions_dev."""
ANSWER_AT, ASK_AT = 0.6, 0.35
"""Chosen on questions_dev and written into ranker.json: see the calibration table in docs/adr/0008."""


def questions(index: Index, dice: random.Random, most: int) -> list[tuple[str, int, int | None, bool]]:
    """(question, entry, number of the phrase left out or None, is the entry taken out?)"""
    ways = [i for i, name in enumerate(index.is_name) if not name]
    names = [i for i, name in enumerate(index.is_name) if name]
    # names of procedures nobody wrote ways for would otherwise drown the rest: there are thousands
    dice.shuffle(ways), dice.shuffle(names)
    ways, names = ways[:most], names[:int(most * NAME_SHARE)]
    originals = [p.text for e in index.entries for p in e.phrases]
    found = []
    for phrase in [*ways, *names]:
        text, entry = originals[phrase], int(index.owners[phrase])
        absent = dice.random() < ABSENT_SHARE
        if index.is_name[phrase]:
            words = text.split()
            if dice.random() < 0.6 and len(words) > 5:
                words = words[:dice.randint(5, len(words))]
            text = " ".join(w for w in words if dice.random() > 0.12) or text
        # people ask both ways: in words nobody has written down yet, and nearly in those somebody has
        near = not index.is_name[phrase] and dice.random() < NEAR_SHARE
        if near:
            text = " ".join(w for w in text.split() if dice.random() > 0.3) or text
        text = dice.choice(WRAPPERS).format(text[:1].lower() + text[1:])
        kind = dice.random()
        text = fold(text) if kind < 0.25 else slip(text, 5) if kind < 0.45 else text
        found.append((text, entry, None if index.is_name[phrase] or near else phrase, absent))
    return found


def examples(index: Index, asked: list[tuple[str, int, int | None, bool]], halves: tuple[set[str], Sense, Sense]):
    """(features, about, positions of what is right among the candidates; empty: none is) of each usable question.

    halves: texts of the first half, and two maps to meaning, each taught without one half: a map that was taught the
    very question would look better than it is.
    """
    first, without_first, without_second = halves
    originals = [p.text for e in index.entries for p in e.phrases]
    same: dict[str, list[int]] = {}
    for number, entry in enumerate(index.entries):
        same.setdefault(fold(entry.name), []).append(number)
    for text, entry, phrase, absent in asked:
        query = Query.of(text)
        if not query.core:
            continue
        sensed = None
        if phrase is not None:
            sensed = query.senses(without_first if originals[phrase][:300] in first else without_second)
        rows, table, about = index.features(query, phrase, sensed)
        right = same[fold(index.entries[entry].name)]
        if absent:
            kept = ~np.isin(rows, right)
            yield table[kept], about, np.array([], dtype=int)
        elif (spots := np.flatnonzero(np.isin(rows, right))).size:
            yield table, about, spots


def fit(found: list) -> tuple[np.ndarray, np.ndarray, float]:
    """Weights of the features and of "none", and the mean log loss."""
    count = len(ranker.FEATURES)
    sizes = [len(t) for t, _, _ in found]
    table = np.vstack([t for t, _, _ in found]).astype(np.float64)
    about = np.vstack([a for _, a, _ in found]).astype(np.float64)
    owner = np.repeat(np.arange(len(found)), sizes)
    right = np.zeros(len(table), dtype=bool)
    start = 0
    for (_, _, spots), size in zip(found, sizes, strict=True):
        right[start + spots] = True
        start += size
    none_right = np.array([not len(s) for _, _, s in found])

    def loss(theta: np.ndarray) -> tuple[float, np.ndarray]:
        utility, none = table @ theta[:count], about @ theta[count:]
        top = none.copy()
        np.maximum.at(top, owner, utility)
        powers, none_power = np.exp(utility - top[owner]), np.exp(none - top)
        total = none_power + np.bincount(owner, powers, len(found))
        good = np.where(none_right, none_power, np.bincount(owner, powers * right, len(found)))
        chance, none_chance = powers / total[owner], none_power / total
        share = np.where(right, powers / np.maximum(good, 1e-300)[owner], 0.0) * ~none_right[owner]
        gradient = np.concatenate([table.T @ (chance - share), about.T @ (none_chance - none_right)])
        value = -np.log(np.maximum(good, 1e-300) / total).mean()
        return value + REGULARISE * (theta ** 2).sum(), gradient / len(found) + 2 * REGULARISE * theta

    bounds = [BOUNDS.get(f, (None, None)) for f in (*ranker.FEATURES, *ranker.ABOUT)]
    start = np.array([-2.5 if f == "lacking" else 0.0 for f in (*ranker.FEATURES, *ranker.ABOUT)])
    best = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 500})
    return best.x[:count], best.x[count:], float(best.fun)


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("records", nargs="+", type=Path)
    arguments.add_argument("--most", type=int, default=6000)
    given = arguments.parse_args()
    blank = ranker.Ranker(np.zeros(len(ranker.FEATURES)), np.zeros(len(ranker.ABOUT)))
    index = Index(catalogue.entries_from_files(settings().procedures_dir, given.records), blank)
    dice = random.Random(1)
    asked = questions(index, dice, given.most)
    lines = distil.texts(given.records)
    targets, half = distil.targets_of(lines), np.arange(len(lines)) % 2 == 0
    halves = ({t for t, h in zip(lines, half, strict=True) if h}, distil.taught(lines, targets, np.flatnonzero(~half)),
              distil.taught(lines, targets, np.flatnonzero(half)))
    found = list(examples(index, asked, halves))
    weights, none, value = fit(found)
    kept = {"weights": dict(zip(ranker.FEATURES, np.round(weights, 4).tolist(), strict=True)),
            "none": dict(zip(ranker.ABOUT, np.round(none, 4).tolist(), strict=True)), "answer_at": ANSWER_AT, "ask_at": ASK_AT}
    ranker.SHIPPED.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    print(f"{len(found)} questions of {len(asked)}, log loss {value:.4f}")
    print(json.dumps(kept["weights"] | kept["none"], indent=0))


if __name__ == "__main__":
    main()
