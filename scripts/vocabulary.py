"""Makes bot/language/vocabulary.tsv: the words and pairs of words of our own texts with their counts.

Run by hand when much text was added: `.venv/bin/python scripts/vocabulary.py [JSONL with "name" …]`. Names of
procedures given on the command line are counted too; nothing but counts is kept of them.
"""

import json
import re
import sys
from collections import Counter, defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from ruamel.yaml import YAML  # noqa: E402

from bot.language.normalise import clean, fold, place_tones  # noqa: E402
from bot.language.syllables import decode, is_syllable  # noqa: E402

LEAST_WORD, LEAST_PAIR = 2, 4
STRANGE = 12
"""A word that is no Vietnamese syllable must be this common to be believed, and no keystrokes of another word ("giaays"):
training examples and ways to ask hold slips on purpose."""


def main() -> None:
    words: Counter[str] = Counter()
    pairs: Counter[str] = Counter()
    spellings: dict[str, Counter[str]] = defaultdict(Counter)
    for text in texts(sys.argv[1:]):
        found = re.findall(r"[^\W_\d]+", place_tones(clean(text).lower()))
        folded = [fold(w) for w in found]
        for word, plain in zip(found, folded, strict=True):
            words[plain] += 1
            if word != plain:
                spellings[plain][word] += 1
        pairs.update(f"{a} {b}" for a, b in zip(folded, folded[1:], strict=False))
    kept = {w: n for w, n in words.items() if len(w) > 1 and (
        n >= LEAST_WORD if is_syllable(w) else n >= STRANGE and decode(w) is None)}
    lines = [f"{w}\t{n}\t{spellings[w].most_common(1)[0][0] if spellings[w] else w}" for w, n in sorted(kept.items())]
    lines += [f"{p}\t{n}" for p, n in sorted(pairs.items()) if n >= LEAST_PAIR and all(w in kept for w in p.split(" "))]
    (ROOT / "bot/language/vocabulary.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(kept)} words, {len(lines) - len(kept)} pairs")


def texts(extra: list[str]) -> list[str]:
    """Everything we wrote for people or as people, line by line."""
    found: list[str] = []

    def walk(node: object) -> None:
        if isinstance(node, str):
            found.extend(line.strip(" -") for line in node.splitlines())
        elif isinstance(node, dict):
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    for folder in ("nlu_data", "procedures", "courses"):
        for path in sorted((ROOT / folder).rglob("*.yml")):
            walk(YAML(typ="safe").load(path.read_text(encoding="utf-8")))
    walk(YAML(typ="safe").load((ROOT / "bot/wording.yml").read_text(encoding="utf-8")))
    for path in extra:
        walk([json.loads(line)["name"] for line in Path(path).read_text(encoding="utf-8").splitlines() if line.strip()])
    return found


if __name__ == "__main__":
    main()
