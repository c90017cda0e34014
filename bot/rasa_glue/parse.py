"""`bot parse`, on Rasa's side: loads the newest trained model and parses lines of stdin."""

import argparse
import asyncio
import contextlib
import json
import logging
import os
import sys
import time
import warnings
from pathlib import Path


def main() -> int:
    """stdin lines ({"text"} or plain) to stdout lines; 0 done, 1 failed with one sentence on stderr."""
    arguments = argparse.ArgumentParser(prog="bot parse")
    arguments.add_argument("--jsonl", action="store_true")
    jsonl = arguments.parse_args().jsonl
    quiet()
    models = sorted(Path("models").glob("*.tar.gz"), key=lambda p: p.stat().st_mtime)
    if not models:
        print("bot: no trained model; run `make train` first", file=sys.stderr)
        return 1
    loop = asyncio.new_event_loop()
    try:
        with silent_stderr():
            from rasa.core.agent import Agent  # slow to import: after the checks

            agent = Agent.load(str(models[-1]))
            loop.run_until_complete(agent.parse_message("xin chào"))  # the first parse loads underthesea's model
    except Exception as error:
        print(f"bot: the model {models[-1]} cannot be loaded ({type(error).__name__}); run `make train`", file=sys.stderr)
        return 1
    for number, line in enumerate(sys.stdin, 1):
        if not line.strip():
            continue
        text = text_of(line, jsonl)
        if text is None:
            print(f"bot: line {number} is not a JSON object with \"text\"", file=sys.stderr)
            return 1
        began = time.perf_counter()
        parsed = loop.run_until_complete(agent.parse_message(text.lstrip("/ \t")))
        spent = 1000 * (time.perf_counter() - began)
        print(json.dumps({
            "text": text, "intent": parsed["intent"]["name"], "confidence": round(parsed["intent"]["confidence"], 4),
            "entities": [{k: e.get(k) for k in ("entity", "value", "start", "end")} for e in parsed["entities"]],
            "ms": round(spent, 3)}, ensure_ascii=False), flush=True)
    return 0


def text_of(line, jsonl):
    """The text of a line, or None when it is not what was promised."""
    if not jsonl and not line.lstrip().startswith("{"):
        return line.strip()
    try:
        text = json.loads(line)["text"]
    except (ValueError, KeyError, TypeError):
        return None
    return text if isinstance(text, str) else None


@contextlib.contextmanager
def silent_stderr():
    """TensorFlow, Keras and matplotlib print deprecation warnings past every filter; nobody here can act on them."""
    sys.stderr.flush()
    kept = os.dup(2)
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(null)


def quiet() -> None:
    """Only our lines on stdout, only errors on stderr."""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    warnings.filterwarnings("ignore")
    logging.basicConfig(level=logging.ERROR)
    for name in ("rasa", "tensorflow", "matplotlib"):
        logging.getLogger(name).setLevel(logging.ERROR)
    import structlog

    # Rasa's own debug lines go to stdout by default, and hold what was typed
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
                        logger_factory=structlog.PrintLoggerFactory(sys.stderr))


if __name__ == "__main__":
    sys.exit(main())
