"""How good are the training sentences? A report on nlu_data/*.yml; what it lists is for a person to judge.

    .venv/bin/python scripts/nlu_quality.py [--duplicates] [--near] [--frames] [--balance] [--misplaced] [--strict] [FILE ...]

Without a section's flag all are printed. Without --misplaced it takes seconds, with it about a minute on two cores.
Exit code 0; 1 with --strict when there is more of something than LIMITS (or --limit NAME=NUMBER) allows; 2 for wrong usage.
"""

import argparse
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple, NoReturn

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
from rapidfuzz import fuzz, process  # noqa: E402
from ruamel.yaml import YAML  # noqa: E402
from ruamel.yaml.error import YAMLError  # noqa: E402

from bot.language.normalise import fold, marked, words  # noqa: E402

FEWEST = 60
BUSY = ("ask_procedure", "ask_documents", "ask_fee", "ask_place", "ask_eligibility", "ask_duration", "scam_emergency",
        "check_suspicious", "set_reminder", "out_of_scope")
FEWEST_BUSY = 150
NEAR_WITHIN, NEAR_ACROSS = 90.0, 93.0
"""Per cent of similarity. Across intents one word may be the whole difference ("xem lịch" and "xóa lịch"), so more is asked."""
FRAME_SHARE = 0.08
FRAME_LEAST = 3
FOLDS = 5
CONFIDENT = 0.9
LIMITS = {"duplicates_across": 0, "duplicates_within": 0, "near_across": 0, "near_within": 50, "frames": 10, "imbalance": 0,
          "misplaced": 250}
"""What --strict lets pass, in findings."""


class Example(NamedTuple):
    text: str
    intent: str
    file: str
    line: int

    @property
    def key(self) -> str:
        """The words without diacritics, case and punctuation: what two sentences share when they are the same."""
        return " ".join(words(fold(self.text))) or self.text

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}"


class Unreadable(Exception):
    """For whoever runs the report: the file and what is wrong with it."""


_ENTITY = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")


def read(path: Path) -> list[Example]:
    """The intent examples of a Rasa YAML file with their lines (1-based), entity annotations removed. Raises Unreadable."""
    try:
        tree = YAML(typ="rt").load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise Unreadable(f"{path} cannot be read: {' '.join(str(error).split())}") from error
    entries = (tree.get("nlu") or []) if isinstance(tree, dict) else None
    if entries is None:
        raise Unreadable(f"{path} is no Rasa YAML file: it holds no mapping with a key nlu")
    found = []
    for entry in entries:
        if "intent" not in entry:
            continue
        if not isinstance(entry.get("examples"), str):
            raise Unreadable(f"{path}:{entry.lc.line + 1}: the examples of {entry['intent']} must be a block of lines under \"examples: |\"")
        first = entry.lc.value("examples")[0] + 2  # the block begins in the line below its "|"
        for at, line in enumerate(entry["examples"].split("\n")):
            if line.strip().startswith("- "):
                found.append(Example(_ENTITY.sub(r"\1", line.strip()[2:].strip()), str(entry["intent"]), path.name, first + at))
    return found


# --- what is the same ---------------------------------------------------------------------------------------------

def duplicates(examples: Sequence[Example]) -> tuple[list[list[Example]], list[list[Example]]]:
    """(groups with one key in several intents, groups with one key within an intent), in the order of the files."""
    groups: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        groups[example.key].append(example)
    across = [g for g in groups.values() if len({e.intent for e in g}) > 1]
    within = [g for g in groups.values() if len(g) > 1 and len({e.intent for e in g}) == 1]
    return across, within


class Pair(NamedTuple):
    similarity: float
    first: Example
    second: Example


def near_duplicates(examples: Sequence[Example], within: float = NEAR_WITHIN, across: float = NEAR_ACROSS,
                    block: int = 1000) -> tuple[list[Pair], list[Pair]]:
    """(pairs across intents, pairs within an intent) at least that similar (0..100), the most similar first.

    The similarity is the better of two: letter by letter as written, and with the words sorted. Same keys are not listed
    again. Reads `block` rows of the square of similarities at a time.
    """
    keys = [e.key for e in examples]
    in_order = [" ".join(sorted(k.split(" "))) for k in keys]
    intents = np.asarray([e.intent for e in examples])
    apart, together = [], []
    for start in range(0, len(keys), block):
        rows = slice(start, start + block)
        likeness = np.maximum(*(process.cdist(spelt[rows], spelt[start:], scorer=fuzz.ratio, score_cutoff=min(within, across),
                                              dtype=np.float32, workers=2) for spelt in (keys, in_order)))
        same = intents[rows, None] == intents[None, start:]
        for a, b in zip(*np.nonzero(likeness >= np.where(same, within, across)), strict=True):
            if a < b and keys[start + a] != keys[start + b]:
                pair = Pair(float(likeness[a, b]), examples[start + a], examples[start + b])
                (together if same[a, b] else apart).append(pair)
    return sorted(apart, key=lambda p: -p.similarity), sorted(together, key=lambda p: -p.similarity)


# --- what repeats -------------------------------------------------------------------------------------------------

class Frame(NamedTuple):
    intent: str
    words: str
    count: int
    share: float


def frames(examples: Iterable[Example], share: float = FRAME_SHARE, least: int = FRAME_LEAST) -> list[Frame]:
    """Two or three words with which at least `share` of an intent's sentences begin ("toi muon …") or end ("… o dau").

    At least `least` sentences; folded; sentences of nothing but the frame do not count for it. Largest share first; a frame
    of two words is dropped when three of the same words explain it wholly.
    """
    found = []
    for intent, keys in by_intent(examples, lambda e: e.key).items():
        counted: Counter[tuple[bool, tuple[str, ...]]] = Counter()
        for key in keys:
            said = tuple(key.split(" "))
            for size in (2, 3):
                if len(said) > size:
                    counted[True, said[:size]] += 1
                    counted[False, said[-size:]] += 1
        often = {f: n for f, n in counted.items() if n >= max(least, share * len(keys))}
        for (begins, said), count in often.items():
            longer = [n for (b, s), n in often.items() if b == begins and len(s) > len(said) and (s[:2] if b else s[-2:]) == said]
            if count not in longer:
                found.append(Frame(intent, f"{' '.join(said)} …" if begins else f"… {' '.join(said)}", count, count / len(keys)))
    return sorted(found, key=lambda f: (-f.share, f.intent, f.words))


def by_intent(examples: Iterable[Example], of: Callable[[Example], object]) -> dict:
    """Intent -> `of` of each of its examples."""
    found: dict[str, list] = defaultdict(list)
    for example in examples:
        found[example.intent].append(of(example))
    return dict(found)


# --- how many -----------------------------------------------------------------------------------------------------

class Count(NamedTuple):
    intent: str
    examples: int
    bare: float
    """Share written without any diacritic."""
    wanted: int

    @property
    def short(self) -> bool:
        return self.examples < self.wanted


def balance(examples: Iterable[Example], few: int = FEWEST, few_busy: int = FEWEST_BUSY) -> list[Count]:
    """Every intent with its number of examples, fewest first. An intent of BUSY without examples counts as one with none."""
    bare = by_intent(examples, lambda e: not marked(e.text))
    counts = [Count(intent, len(found), sum(found) / len(found), few_busy if intent in BUSY else few) for intent, found in bare.items()]
    counts += [Count(intent, 0, 0.0, few_busy) for intent in BUSY if intent not in bare]
    return sorted(counts, key=lambda c: (c.examples, c.intent))


# --- what stands elsewhere ----------------------------------------------------------------------------------------

class Misplaced(NamedTuple):
    confidence: float
    margin: float
    """Of the predicted intent over the written one, in the classifier's units (1 is a whole class apart)."""
    example: Example
    predicted: str


def misplaced(examples: Sequence[Example], confident: float = CONFIDENT, folds: int = FOLDS,
              progress: Callable[[str], None] = lambda said: None) -> tuple[list[Misplaced], float]:
    """(examples a model that never saw them puts elsewhere with at least that confidence, surest first; its accuracy).

    The bot's own features and classifier, trained on the other folds as written and folded; the confidence is calibrated on
    the same held-out margins. Intents with fewer than `folds` examples are left out; under two intents nothing is found.
    """
    from scipy.sparse import vstack
    from sklearn.model_selection import StratifiedKFold
    from sklearn.svm import LinearSVC

    from bot.language.intent_model import TEMPERATURES, features, margins_of, softmax

    counts = Counter(e.intent for e in examples)
    kept = [e for e in examples if counts[e.intent] >= folds]
    labels = np.asarray([e.intent for e in kept])
    classes, truth = np.unique(labels, return_inverse=True)
    if len(classes) < 2:
        return [], 1.0
    texts = [e.text for e in kept]
    plain = [fold(t) for t in texts]
    progress(f"features of {len(texts)} sentences")
    made = features().fit(texts + plain)
    written, folded = made.transform(texts), made.transform(plain)
    margins = np.zeros((len(texts), len(classes)))
    for number, (train, held) in enumerate(StratifiedKFold(folds, shuffle=True, random_state=1).split(written, labels), 1):
        progress(f"fold {number} of {folds}")
        classifier = LinearSVC(C=0.3, class_weight="balanced", random_state=1)
        classifier.fit(vstack([written[train], folded[train]]).tocsr(), np.tile(labels[train], 2))
        margins[held] = margins_of(classifier, written[held])
    rows = np.arange(len(texts))
    losses = [-np.log(softmax(margins, t)[rows, truth] + 1e-12).mean() for t in TEMPERATURES]
    chances = softmax(margins, float(TEMPERATURES[int(np.argmin(losses))]))
    guess = margins.argmax(axis=1)
    found = [Misplaced(float(chances[i, guess[i]]), float(margins[i, guess[i]] - margins[i, truth[i]]), kept[i], str(classes[guess[i]]))
             for i in np.flatnonzero(guess != truth) if chances[i, guess[i]] >= confident]
    return sorted(found, key=lambda m: (-m.confidence, -m.margin)), float((guess == truth).mean())


# --- the report ---------------------------------------------------------------------------------------------------

def show(title: str, lines: Sequence[str], top: int) -> None:
    print(f"\n{title}: {len(lines)}")
    for line in lines[:top]:
        print(f"  {line}")
    if len(lines) > top:
        print(f"  … and {len(lines) - top} more (--top {len(lines)})")


def grouped(groups: list[list[Example]]) -> list[str]:
    return ["  =  ".join(f"{e.place} {e.intent} “{e.text}”" for e in group) for group in groups]


def paired(pairs: list[Pair]) -> list[str]:
    return [f"{p.similarity:3.0f} %  " + "  ~  ".join(f"{e.place} {e.intent} “{e.text}”" for e in (p.first, p.second)) for p in pairs]


def crossings(pairs: Iterable[tuple[str, str]]) -> str:
    """The pairs of intents that come up most: "a/b 12, c/d 7"."""
    return ", ".join(f"{a}/{b} {n}" for (a, b), n in Counter(pairs).most_common(8)) or "none"


def report(examples: list[Example], sections: set[str], given: argparse.Namespace) -> dict[str, int]:
    """Prints the sections; name of each kind of finding -> how many."""
    found: dict[str, int] = {}
    if "duplicates" in sections:
        across, within = duplicates(examples)
        found |= {"duplicates_across": len(across), "duplicates_within": len(within)}
        show("THE SAME sentence after folding, in SEVERAL intents", grouped(across), given.top)
        show("The same sentence after folding, twice in an intent", grouped(within), given.top)
    if "near" in sections:
        apart, together = near_duplicates(examples, given.within, given.across)
        found |= {"near_across": len(apart), "near_within": len(together)}
        show(f"NEARLY the same (from {given.across:g} %) in SEVERAL intents", paired(apart), given.top)
        print("  most between: " + crossings(tuple(sorted((p.first.intent, p.second.intent))) for p in apart))
        show(f"Nearly the same (from {given.within:g} %) within an intent", paired(together), given.top)
    if "frames" in sections:
        often = frames(examples, given.frame_share)
        found["frames"] = len(often)
        show(f"Frames that begin or end {given.frame_share:.0%} of an intent's sentences or more",
             [f"{f.share:4.0%} ({f.count:3})  {f.intent:18}  {f.words}" for f in often], given.top)
    if "balance" in sections:
        counts = balance(examples)
        found["imbalance"] = sum(c.short for c in counts)
        mean = sum(not marked(e.text) for e in examples) / len(examples)
        print(f"\n{len(examples)} examples, {len(counts)} intents, {mean:.0%} without diacritics, most/fewest "
              f"{counts[-1].examples}/{counts[0].examples}; too few: {found['imbalance']}")
        for c in counts:
            print(f"  {c.examples:4}  {c.bare:4.0%} bare  {c.intent}" + (f"  TOO FEW, wanted {c.wanted}" if c.short else ""))
    if "misplaced" in sections:
        began = time.monotonic()
        wrong, accuracy = misplaced(examples, given.confident,
                                    progress=lambda said: print(f"[{time.monotonic() - began:3.0f} s] {said}", file=sys.stderr, flush=True))
        found["misplaced"] = len(wrong)
        show(f"Held out, put into another intent with confidence from {given.confident:g} (accuracy held out: {accuracy:.1%})",
             [f"{m.confidence:.2f}  margin {m.margin:.2f}  {m.example.place} {m.example.intent} -> {m.predicted}  “{m.example.text}”"
              for m in wrong], given.top)
        print("  most, written/predicted: " + crossings((m.example.intent, m.predicted) for m in wrong))
    return found


class OneSentence(argparse.ArgumentParser):
    """Wrong usage is one sentence on stderr and exit code 2."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"nlu_quality: {message}; see --help.\n")


def limit(text: str) -> tuple[str, int]:
    name, _, number = text.partition("=")
    if name not in LIMITS or not number.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=NUMBER with a name among {', '.join(LIMITS)}")
    return name, int(number)


def between(low: float, high: float) -> Callable[[str], float]:
    def checked(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text!r} is no number from {low:g} to {high:g}")
        return value
    return checked


SECTIONS = {"duplicates": "sentences that are the same after folding", "near": "nearly the same sentences",
            "frames": "words that too many sentences begin or end with", "balance": "examples per intent, and without diacritics",
            "misplaced": "sentences a cross-validated model puts into another intent (about a minute)"}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = OneSentence(description="Data quality of the training sentences.")
    for name, meaning in SECTIONS.items():
        parser.add_argument(f"--{name}", action="store_true", help=meaning)
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="Rasa YAML files; default: nlu_data/*.yml")
    parser.add_argument("--top", type=lambda t: int(between(0, 1e6)(t)), default=20, help="findings to list in each section (20)")
    parser.add_argument("--within", type=between(50, 100), default=NEAR_WITHIN, help=f"similarity within an intent ({NEAR_WITHIN:g})")
    parser.add_argument("--across", type=between(50, 100), default=NEAR_ACROSS, help=f"similarity across intents ({NEAR_ACROSS:g})")
    parser.add_argument("--frame-share", type=between(0, 1), default=FRAME_SHARE, help=f"share that makes a frame ({FRAME_SHARE:g})")
    parser.add_argument("--confident", type=between(0, 1), default=CONFIDENT, help=f"confidence of a misplacement ({CONFIDENT:g})")
    parser.add_argument("--strict", action="store_true", help="exit code 1 when findings are above the limits")
    parser.add_argument("--limit", type=limit, action="append", default=[], metavar="NAME=NUMBER",
                        help="another limit for --strict; as they are: " + ", ".join(f"{k}={v}" for k, v in LIMITS.items()))
    given = parser.parse_args(arguments)
    try:
        examples = [e for path in given.files or sorted((ROOT / "nlu_data").glob("*.yml")) for e in read(path)]
    except Unreadable as error:
        parser.error(str(error))
    if not examples:
        parser.error("there is no example of an intent in the files")
    found = report(examples, {s for s in SECTIONS if getattr(given, s)} or set(SECTIONS), given)
    over = [f"{name} {found[name]} > {most}" for name, most in (LIMITS | dict(given.limit)).items() if found.get(name, 0) > most]
    print("\nabove the limits: " + (", ".join(over) or "nothing"))
    return 1 if given.strict and over else 0


if __name__ == "__main__":
    sys.exit(main())
