"""Log lines: for people, or with LOG_FORMAT=json one JSON object a line. Ids and error classes, never what citizens wrote."""

import json
import logging
import re
import sys
import traceback
from datetime import datetime, timezone
from typing import TextIO

NOISY = ("httpx", "httpcore", "telegram", "apscheduler", "alembic", "asyncio", "rasa_sdk", "uvicorn")
"""Their lines hold whole URLs, and a bot token is part of Telegram's; only what goes wrong with them is heard."""
IDS = re.compile(r"\b(?:(message|outbox|update|turn) )(\d+)\b")
KNOWN_EXTRA = ("channel", "error", "seconds", "count")


class JsonLines(logging.Formatter):
    """{"at", "level", "logger", "process", "text", "ids": {"outbox": 7}, "error": class of the exception, "where": its frames}."""

    def format(self, record: logging.LogRecord) -> str:
        text = record.getMessage()
        line: dict = {"at": datetime.fromtimestamp(record.created, timezone.utc).isoformat(timespec="milliseconds"), "level": record.levelname,
                      "logger": record.name, "process": record.process, "text": text}
        if ids := {kind: int(number) for kind, number in IDS.findall(text)}:
            line["ids"] = ids
        line |= {name: getattr(record, name) for name in KNOWN_EXTRA if hasattr(record, name)}
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            # files and lines only: the exception's own message may hold what somebody wrote
            line["where"] = [f"{f.filename.rsplit('/', 1)[-1]}:{f.lineno} {f.name}" for f in traceback.extract_tb(record.exc_info[2])[-8:]]
        return json.dumps(line, ensure_ascii=False)


class Plain(logging.Formatter):
    """A line for people; of an exception its class and frames, not its message."""

    def formatException(self, exc_info) -> str:
        frames = "".join(traceback.format_tb(exc_info[2]))
        return f"{frames}{exc_info[0].__name__}" if exc_info[0] is not None else ""


def start(level: str, form: str, stream: TextIO = sys.stderr) -> None:
    """Logging of this process, from here on. form: "text" or "json"."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines() if form == "json" else Plain("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in NOISY:
        logging.getLogger(noisy).setLevel(logging.WARNING)
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a tick that finds the one before still at work is no news
