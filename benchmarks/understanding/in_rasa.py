"""The part that runs under .venv-rasa, Python 3.10: reads NLU files, trains with Rasa's own graph, asks the trained models.

    python in_rasa.py JOB.json ANSWER.json

A job is {"read": [FILE …]} -> {"sentences": [[text, intent] …]} or {"folder", "train": [[text, intent] …],
"pipelines": {name: [component …]}, "ask": {variant: [[text, intent] …]}, "warm": [text …]} ->
{"results": {name: {variant: share right, "train_seconds", "median_ms", "p95_ms"}}}. What stands on stdout after "step " is
for the eyes of whoever waits. A file that Rasa cannot read gives {"unreadable": sentence}.
"""

import asyncio
import json
import os
import statistics
import sys
import time
import warnings
from pathlib import Path
from typing import Any, Dict, List

os.environ["RASA_TELEMETRY_ENABLED"] = "false"
os.environ["RASA_MAX_CACHE_SIZE"] = "0"  # else the second pipeline would take the first one's count vectors from the cache
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
warnings.filterwarnings("ignore")
TIMED_FIRST = "as_written"


def step(said: str) -> None:
    print(f"step {said}", flush=True)


def read(files: List[str]) -> Dict[str, Any]:
    """Every example with an intent, in the order of the files."""
    from rasa.shared.nlu.constants import INTENT, TEXT
    from rasa.shared.nlu.training_data.loading import load_data

    found = []
    for file in files:
        try:
            examples = load_data(file).intent_examples
        except Exception as error:  # the loader raises whatever its parsers raise
            return {"unreadable": f"{file} cannot be read by Rasa: {' '.join(str(error).split())[:300]}"}
        found += [[e.get(TEXT), e.get(INTENT)] for e in examples if e.get(TEXT) and e.get(INTENT)]
    return {"sentences": found}


def trained(name: str, pipeline: List[Dict[str, Any]], data: Path, folder: Path) -> "tuple[str, float]":
    """(path of the model, seconds that `rasa train nlu` took without starting Python)."""
    from rasa.model_training import train_nlu

    config = folder / f"{name}.yml"
    # JSON is YAML; no policies: nothing but understanding is trained
    config.write_text(json.dumps({"recipe": "default.v1", "language": "vi", "assistant_id": "benchmark", "pipeline": pipeline}))
    began = time.perf_counter()
    model = train_nlu(str(config), str(data), str(folder / "models"), fixed_model_name=name)
    if not model:
        raise RuntimeError(f"Rasa trained no model of {name}")
    return model, time.perf_counter() - began


async def asked(agents: Dict[str, Any], job: Dict[str, Any]) -> Dict[str, Dict[str, float]]:
    """The models answer in turns, sentence by sentence, so that a noisy machine is noisy for all."""
    results: Dict[str, Dict[str, float]] = {name: {} for name in agents}
    for text in job["warm"]:
        for agent in agents.values():
            await agent.parse_message(text)
    for variant in sorted(job["ask"], key=lambda v: v != TIMED_FIRST):
        sentences = job["ask"][variant]
        step(f"asking {len(sentences)} sentences {variant.replace('_', ' ')}")
        right = dict.fromkeys(agents, 0)
        spent: Dict[str, List[float]] = {name: [] for name in agents}
        for text, intent in sentences:
            for name, agent in agents.items():
                began = time.perf_counter()
                parsed = await agent.parse_message(text)
                spent[name].append(1000 * (time.perf_counter() - began))
                right[name] += parsed["intent"].get("name") == intent
        for name, count in right.items():
            results[name][variant] = count / len(sentences)
            if variant == TIMED_FIRST:  # later variants find our normalised words in a cache
                results[name]["median_ms"] = statistics.median(spent[name])
                results[name]["p95_ms"] = sorted(spent[name])[int(0.95 * len(sentences))]
    return results


def measure(job: Dict[str, Any]) -> Dict[str, Any]:
    import logging

    import rasa.engine.recipes.default_components  # noqa: F401  (TensorFlow's import is not training)
    from rasa.core.agent import Agent

    logging.getLogger().setLevel(logging.ERROR)
    folder = Path(job["folder"])
    data = folder / "nlu.json"  # not YAML: there "[a](b)" inside a sentence would be an entity
    data.write_text(json.dumps({"rasa_nlu_data": {"common_examples": [
        {"text": text, "intent": intent, "entities": []} for text, intent in job["train"]]}}), encoding="utf-8")
    agents, seconds = {}, {}
    for name, pipeline in job["pipelines"].items():
        step(f"training {name} on {len(job['train'])} sentences")
        model, seconds[name] = trained(name, pipeline, data, folder)
        agents[name] = Agent.load(model)
    results = asyncio.run(asked(agents, job))
    return {"results": {name: {**result, "train_seconds": seconds[name]} for name, result in results.items()}}


def main() -> None:
    job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    answer = read(job["read"]) if "read" in job else measure(job)
    Path(sys.argv[2]).write_text(json.dumps(answer, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
