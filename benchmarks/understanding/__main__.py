"""Is a citizen understood better than by stock Rasa, and at what price?

    .venv/bin/python -m benchmarks.understanding [--nlu FILE ...] [--out results.json] [--epochs 5] [--most N]

Prints a table on stdout, progress on stderr, and writes the figures as JSON with --out. With all our data and five epochs
of DIET it takes a good ten minutes on two cores. Exit codes: 0 done, 1 the Rasa side failed, 2 wrong usage.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from benchmarks.understanding.compare import EPOCHS, Failed, WrongUsage, run, table


class OneSentence(argparse.ArgumentParser):
    """Wrong usage is one sentence on stderr and exit code 2."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"benchmarks.understanding: {message}.\n")


def from_(least: int):
    def checked(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {least} on")
        return int(text)
    return checked


def main(arguments: Sequence[str] | None = None) -> int:
    parser = OneSentence(prog="python -m benchmarks.understanding", description="Three intent classifiers compared.")
    parser.add_argument("--nlu", type=Path, nargs="+", action="extend", default=[], metavar="FILE",
                        help="NLU files that Rasa reads, each split 80/20 and measured as a set of its own")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the figures there as JSON")
    parser.add_argument("--epochs", type=from_(1), default=EPOCHS, metavar="N", help=f"epochs of DIET ({EPOCHS}; Rasa's default: 100)")
    parser.add_argument("--most", type=from_(100), metavar="N", help="use about N sentences of each set, for a quick look")
    given = parser.parse_args(arguments)
    if given.out and not given.out.resolve().parent.is_dir():
        parser.error(f"there is no folder {given.out.resolve().parent} to write {given.out.name} into")
    try:
        result = run(given.nlu, given.epochs, given.most)
    except WrongUsage as error:
        parser.error(str(error).rstrip("."))
    except Failed as error:
        print(f"benchmarks.understanding: {error}", file=sys.stderr)
        return 1
    print(table(result))
    if given.out:
        given.out.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
