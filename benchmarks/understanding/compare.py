"""Three intent classifiers on the same sentences in the same run, each trained by `rasa train nlu` and asked through Rasa.

DIET as Rasa's default configuration has it (without entities, with fewer epochs), Rasa's LogisticRegressionClassifier on the
same count vectors, and ours with our tokenizer, as config.yml has them. No fallback classifier in any: what counts is the
first intent. The Rasa side is in_rasa.py, a process of .venv-rasa for each set of sentences.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.understanding.sentences import ASKED_SLIPS_SEED, VARIANTS, Sentence, Unreadable, limited, questions, split, unseen

ROOT = Path(__file__).resolve().parents[2]
RASA = ROOT / ".venv-rasa/bin/python"
QUESTIONS = Path(__file__).with_name("questions.jsonl")
SEED = 7
EPOCHS = 5
WARM_UP = 20
DIET, LOGISTIC, OURS = "rasa_diet", "rasa_logistic_regression", "ours"

COUNTS = [{"name": "CountVectorsFeaturizer"},
          {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4}]


def pipelines(epochs: int) -> dict[str, list[dict[str, Any]]]:
    return {
        DIET: [{"name": "WhitespaceTokenizer"}, {"name": "RegexFeaturizer"}, {"name": "LexicalSyntacticFeaturizer"}, *COUNTS,
               {"name": "DIETClassifier", "epochs": epochs, "constrain_similarities": True, "entity_recognition": False, "random_seed": SEED}],
        LOGISTIC: [{"name": "WhitespaceTokenizer"}, *COUNTS, {"name": "LogisticRegressionClassifier"}],
        OURS: [{"name": "bot.rasa_glue.tokenizer.VietnameseTokenizer"}, {"name": "bot.rasa_glue.classifier.FoldedNgramClassifier"}],
    }


class WrongUsage(Exception):
    """For whoever runs the benchmark: one sentence about what was given."""


class Failed(Exception):
    """For whoever runs the benchmark: the Rasa side stopped; its last words."""


def in_rasa(job: dict, folder: Path, say: Callable[[str], None]) -> dict:
    """The answer of in_rasa.py to the job. Raises WrongUsage for a file Rasa cannot read, Failed."""
    if not RASA.exists():
        raise Failed(f"there is no {RASA}; `make setup` prepares it")
    question, answer, log = folder / "job.json", folder / "answer.json", folder / "log.txt"
    question.write_text(json.dumps(job, ensure_ascii=False), encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore", "PYTHONIOENCODING": "utf-8",
                   "TF_CPP_MIN_LOG_LEVEL": "3", "RASA_TELEMETRY_ENABLED": "false", "LOG_LEVEL": "ERROR"}
    command = [str(RASA), str(Path(__file__).with_name("in_rasa.py")), str(question), str(answer)]
    with log.open("w", encoding="utf-8") as noise, subprocess.Popen(
            command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=noise, encoding="utf-8") as process:
        for line in process.stdout or ():
            if line.startswith("step "):
                say("  " + line[5:].strip())
    if process.returncode:
        last = [line for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()][-1:]
        raise Failed(f"the Rasa side ended with code {process.returncode}: {(last or ['no message'])[0]}")
    given = json.loads(answer.read_text(encoding="utf-8"))
    if "unreadable" in given:
        raise WrongUsage(given["unreadable"])
    return given


def read(files: Sequence[Path], say: Callable[[str], None]) -> list[Sentence]:
    """The sentences of NLU files as Rasa's own loader reads them. Raises WrongUsage, Failed."""
    with tempfile.TemporaryDirectory() as folder:
        found = in_rasa({"read": [str(f.resolve()) for f in files]}, Path(folder), say)["sentences"]
    sentences = [Sentence(text, intent) for text, intent in found]
    if len({s.intent for s in sentences}) < 2:
        raise WrongUsage(f"{', '.join(map(str, files))}: a comparison needs sentences of two intents or more")
    return sentences


def measured(name: str, train: list[Sentence], ask: list[Sentence], epochs: int, say: Callable[[str], None]) -> dict:
    """One set of sentences: counts, a result for each classifier, and ratios of times that hold on any machine."""
    fresh = unseen(ask, train)
    if not fresh:
        raise WrongUsage(f"{name}: nothing is left to ask that is not trained on")
    say(f"{name}: {len(train)} sentences to train on, {len(fresh)} to ask")
    variants = {variant: [(change(s.text), s.intent) for s in fresh] for variant, change in VARIANTS.items()}
    known = {s.intent for s in train}
    with tempfile.TemporaryDirectory() as folder:
        results = in_rasa({"folder": folder, "train": train, "pipelines": pipelines(epochs), "ask": variants,
                           "warm": [s.text for s in train[::max(1, len(train) // WARM_UP)]]}, Path(folder), say)["results"]
    digits = {"train_seconds": 1, "median_ms": 2, "p95_ms": 2}
    results = {who: {key: round(value, digits.get(key, 4)) for key, value in result.items()} for who, result in results.items()}
    ratios = {f"{what}_ours_to_{who}": round(results[OURS][what] / results[who][what], 4)
              for who in (DIET, LOGISTIC) for what in ("median_ms", "train_seconds") if results[who][what]}
    return {"name": name, "trained_on": len(train), "asked": len(fresh), "left_out_as_trained_on_or_twice": len(ask) - len(fresh),
            "intents": len(known), "intents_asked_but_never_trained": sorted({s.intent for s in fresh} - known),
            "classifiers": results, "ratios": ratios}


def run(nlu: Sequence[Path] = (), epochs: int = EPOCHS, most: int | None = None, seed: int = SEED,
        say: Callable[[str], None] = lambda said: print(said, file=sys.stderr, flush=True)) -> dict:
    """Everything measured, as JSON-able data. Raises WrongUsage, Failed.

    nlu: further NLU files, each a set of its own; most: about so many sentences of each set are used, by all three alike.
    """
    for path in nlu:
        if not path.is_file():
            raise WrongUsage(f"there is no file {path}")
    try:
        asked = questions(QUESTIONS) if QUESTIONS.exists() else []
    except Unreadable as error:
        raise WrongUsage(str(error)) from error
    # read before anything is trained: what cannot be read is told at once
    own = limited(read(sorted((ROOT / "nlu_data").glob("*.yml")), say), most, seed)
    sets = [("own data, a fifth held out", *split(own, seed))]
    if asked:
        sets.append(("questions.jsonl, trained on all own data", own, asked))
    for path in nlu:
        sets.append((f"{path.name}, a fifth held out", *split(limited(read([path], say), most, seed), seed)))
    return {"benchmark": "understanding", "diet_epochs": epochs, "diet_epochs_stock": 100, "most": most, "split_seed": seed,
            "slips_seed": ASKED_SLIPS_SEED, "sets": [measured(name, train, ask, epochs, say) for name, train, ask in sets]}


def table(result: dict) -> str:
    """The result for people."""
    lines = [f"Epochs of DIET: {result['diet_epochs']}; Rasa's default is {result['diet_epochs_stock']}. With fewer it trains faster than stock and "
             "is less accurate than stock: its times a sentence can be compared, its accuracy and training time are not stock's."]
    if result["most"] is not None:
        lines.append(f"LIMITED to about {result['most']} sentences of each set, for all three alike: no figures to quote.")
    for one in result["sets"]:
        lines += ["", f"{one['name']}: trained on {one['trained_on']}, asked {one['asked']}, {one['intents']} intents"
                  + (f"; left out, trained on or twice: {n}" if (n := one["left_out_as_trained_on_or_twice"]) else "")]
        if one["intents_asked_but_never_trained"]:
            lines.append(f"never trained, so wrong for all: {', '.join(one['intents_asked_but_never_trained'])}")
        lines.append(f"{'':26}{'as written':>11}{'folded':>9}{'slips':>9}{'training s':>12}{'ms, median':>12}{'ms, p95':>9}")
        for who, r in one["classifiers"].items():
            lines.append(f"{who:26}{r['as_written']:11.1%}{r['folded']:9.1%}{r['slips']:9.1%}"
                         f"{r['train_seconds']:12.1f}{r['median_ms']:12.2f}{r['p95_ms']:9.2f}")
        lines.append("ours to theirs: " + ", ".join(f"{name.replace('_ours_to_', ' / ')} {value:.2f}" for name, value in one["ratios"].items()))
    return "\n".join(lines)
