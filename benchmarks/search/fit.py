"""Fits bot/procedures/ranker.json: `.venv/bin/python -m benchmarks.search.fit RECORDS.jsonl …`

Every way to ask is used once as a question, while it and a share of the others are out of the index and out of the second
teaching of the map of meaning, so that it is as new as a citizen's; as written, folded or with slips, often wrapped as
people wrap it, sometimes shortened. Official names are asked shortened. For a third of the questions the right procedure is
taken out altogether (with those of the same name): then "none" is right; so it is for what people say to the bot that is no
question about a procedure (nlu_data) and for mere noise. A conditional logit is fitted on all that. No evaluation set is
read here.
"""

import argparse
import json
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from ruamel.yaml import YAML
from scipy.optimize import minimize

from benchmarks.search import distil
from bot.config import settings
from bot.language.normalise import fold
from bot.language.slips import slip
from bot.procedures import ranker
from bot.procedures.search import Entry, Index, Phrase, Query
from bot.procedures.sense import Sense
from bot.services import catalogue

WRAPPERS = ("{}", "{}", "{}", "{} cần giấy tờ gì", "cho hỏi {} thì làm thế nào", "{} hết bao nhiêu tiền", "{} ở đâu vậy ạ", "{} mấy ngày thì xong",
            "em ơi {} thì phải làm sao", "{} làm trên mạng được không", "trường hợp {} có được không", "thủ tục {} như thế nào",
            "điều kiện thực hiện {} là gì", "cơ quan nào thực hiện {}", "bác muốn hỏi {} thì bác phải mang theo những gì")
STORIES = (
    "chào cháu, bác năm nay già rồi không rành máy móc, {} thì phải làm thế nào hả cháu", "dạ em chào anh chị ạ, {} thì em cần làm gì trước ạ",
    "hôm qua tôi ra phường mà đông quá phải về. {}. nhờ cán bộ chỉ giúp", "alo cho hỏi chút, nhà tui ở xa lên xuống cực lắm, {} vậy giờ tính sao",
    "em đang đi làm công ty không xin nghỉ được, {} có ai làm hộ được không", "xin lỗi làm phiền, tôi mới chuyển về đây chưa quen ai, {}",
    "cả nhà đang rối hết cả lên, {} giờ bắt đầu từ đâu", "{}. tôi hỏi mấy người mỗi người nói một kiểu nên hỏi lại cho chắc",
    "chả là thế này cán bộ ạ, {} nên tôi muốn hỏi cho rõ", "nghe nói luật mới đổi, {} giờ có khác gì không")
FOLDS = 4
STORY_SHARE = 0.12
ABSENT_SHARE, NAME_SHARE, SHORTENED_SHARE = 0.3, 0.25, 0.15
NOT_ASKING = ("out_of_scope", "abusive", "greet", "thank", "goodbye", "affirm", "deny", "bot_wrong", "help_menu", "verify_bot", "list_courses",
              "continue_course", "next_step", "my_progress", "list_reminders", "snooze_reminder", "rate_service", "change_settings")
OTHERS_EACH, NOISES = 40, 150
"""Sentences of each of these intents (all of the first), and strings of random letters."""
FEW_SHARE, FEW = 0.2, 6
"""In that share of the questions without an answer only a few candidates are left, as in a small index."""
ANSWER_AT, ASK_AT = 0.65, 0.35
"""See docs/adr/0008: from 0.6 on 95 % of the answers were right to ways to ask that other writers wrote later."""
REGULARISE = 1e-3
BOUNDS = {"name": (0.0, None), "synonyms": (0.4, None), "best_squared": (2.0, None), "unnamed": (None, -0.35), "lacking": (None, -1.5)}
"""What citizens of any question may rely on, though our examples hold too few such questions to learn it: likeness to the
official name never counts against a procedure, words known to mean the same count, a question that somebody has written down
just so counts as that (no such question is among our examples), the plain procedure stands before its
special cases, and a case that is named ("với người nước ngoài") outweighs likeness. Chosen on questions_dev."""
Asked = tuple[str, int, bool]
"""(question, number of the entry meant, is that entry to be taken out?)"""
Example = tuple[np.ndarray, np.ndarray, np.ndarray]
"""(features of the candidates, of the question, positions of what is right among the candidates; empty: none is)."""


def without(entries: list[Entry], fold_: int, dice: random.Random) -> tuple[list[Entry], list[tuple[str, int]]]:
    """The entries without one fold of their ways, and those ways with the numbers of their entries."""
    left, out = [], []
    for number, entry in enumerate(entries):
        phrases = []
        for phrase in entry.phrases:
            if phrase.kind == "way" and dice.randrange(FOLDS) == fold_:
                out.append((phrase.text, number))
            else:
                phrases.append(phrase)
        left.append(replace(entry, phrases=tuple(phrases) or (Phrase(entry.name, "name"),)))
    return left, out


def questions(entries: list[Entry], out: list[tuple[str, int]], most: int, dice: random.Random) -> list[Asked]:
    """Questions made of the ways left out, and of the names of procedures (shortened)."""
    dice.shuffle(out)
    out = out[:most]
    names = [(e.name, n) for n, e in enumerate(entries)]
    dice.shuffle(names)
    found = []
    for text, number, is_name in [(*o, False) for o in out] + [(*n, True) for n in names[:int(len(out) * NAME_SHARE)]]:
        words = text.split()
        if is_name:
            words = words[:dice.randint(5, len(words))] if len(words) > 5 and dice.random() < 0.6 else words
            words = [w for w in words if dice.random() > 0.12] or words
        elif dice.random() < SHORTENED_SHARE:
            words = [w for w in words if dice.random() > 0.25] or words
        text = dice.choice(STORIES if dice.random() < STORY_SHARE else WRAPPERS).format(" ".join(words))
        kind = dice.random()
        text = fold(text) if kind < 0.25 else slip(text, 5) if kind < 0.45 else text
        found.append((text, number, dice.random() < ABSENT_SHARE))
    return found


def examples(index: Index, asked: list[Asked]) -> Iterator[Example]:
    """Each usable question."""
    same: dict[str, list[int]] = {}
    for number, entry in enumerate(index.entries):
        same.setdefault(fold(entry.name), []).append(number)
    for text, entry, absent in asked:
        query = Query.of(text)
        if not query.core:
            continue
        rows, table, about = index.features(query)
        right = same[fold(index.entries[entry].name)]
        if absent:
            kept = ~np.isin(rows, right)
            if kept.any():
                yield table[kept], about, np.array([], dtype=int)
        elif (spots := np.flatnonzero(np.isin(rows, right))).size:
            yield table, about, spots


def strangers(dice: random.Random) -> list[str]:
    """What is no question about a procedure."""
    found = []
    for path in sorted(Path("nlu_data").glob("*.yml")):
        for group in YAML(typ="safe").load(path.read_text(encoding="utf-8"))["nlu"]:
            if group["intent"] in NOT_ASKING:
                said = [line[2:].strip() for line in group["examples"].splitlines() if line.startswith("- ")]
                found += said if group["intent"] == NOT_ASKING[0] else dice.sample(said, OTHERS_EACH)
    letters = "aeiouybcdghklmnpqrstvxwzfj"
    return found + [" ".join("".join(dice.choices(letters, k=dice.randint(2, 7))) for _ in range(dice.randint(1, 6))) for _ in range(NOISES)]


def unanswerable(index: Index, texts: list[str]) -> Iterator[Example]:
    for text in texts:
        query = Query.of(text)
        if query.core:
            rows, table, about = index.features(query)
            if len(rows):
                yield table, about, np.array([], dtype=int)


def thinned(found: list[Example], dice: random.Random) -> list[Example]:
    """The examples, some of those without an answer with few candidates."""
    thin = []
    for table, about, spots in found:
        if not len(spots) and len(table) > FEW and dice.random() < FEW_SHARE:
            table = table[sorted(dice.sample(range(len(table)), FEW))]
        thin.append((table, about, spots))
    return thin


def fit(found: list[Example]) -> tuple[np.ndarray, np.ndarray, float]:
    """Weights of the features and of "none", and the mean log loss."""
    widened = [ranker.beside(t, a) for t, a, _ in found]
    names = (*ranker.FEATURES, *ranker.AMONG, *ranker.ABOUT, *(f"top_{t}" for t in ranker.TOP))
    count = len(ranker.FEATURES) + len(ranker.AMONG)
    sizes = [len(t) for t, _ in widened]
    table = np.vstack([t for t, _ in widened]).astype(np.float64)
    about = np.vstack([a for _, a in widened]).astype(np.float64)
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

    best = minimize(loss, np.zeros(len(names)), jac=True, method="L-BFGS-B", bounds=[BOUNDS.get(n, (None, None)) for n in names],
                    options={"maxiter": 400})
    return best.x[:count], best.x[count:], float(best.fun)


def gathered(entries: list[Entry], imitating: Sense, most: int, seed: int = 1) -> list[Example]:
    """Examples of every fold. imitating: the map after its first teaching."""
    found: list[Example] = []
    for number in range(FOLDS):
        left, out = without(entries, number, random.Random(seed))
        index = Index(left, sense=distil.drawn_apart(imitating, left))
        asked = questions(left, out, most // FOLDS, random.Random(seed + number))
        found += examples(index, asked)
        print(f"fold {number + 1} of {FOLDS}: {len(found)} questions", flush=True)
    found += unanswerable(index, strangers(random.Random(seed)))
    return thinned(found, random.Random(seed))


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("records", nargs="+", type=Path)
    arguments.add_argument("--most", type=int, default=12000, help="ways asked, of all folds together")
    given = arguments.parse_args()
    entries = catalogue.entries_from_files(settings().procedures_dir, given.records)
    lines = distil.texts(entries)
    found = gathered(entries, distil.taught(lines, distil.targets_of(lines)), given.most)
    weights, none, value = fit(found)
    kept = {"answer_at": ANSWER_AT, "ask_at": ASK_AT,
            "weights": dict(zip((*ranker.FEATURES, *ranker.AMONG), np.round(weights, 4).tolist(), strict=True)),
             "none": dict(zip((*ranker.ABOUT, *(f"top_{t}" for t in ranker.TOP)), np.round(none, 4).tolist(), strict=True))}
    ranker.SHIPPED.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    print(f"{len(found)} questions, log loss {value:.4f}")
    print(json.dumps(kept["weights"] | kept["none"], indent=0))


if __name__ == "__main__":
    main()
