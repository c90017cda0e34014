"""Fail points are nothing without their variable; logs hold ids and classes, not words."""

import io
import json
import logging
import re
import subprocess
import sys

import pytest

from bot import failpoints, logs
from bot.failpoints import POINTS
from tests.factories import ROOT

SECRET = "079 123 456 của bác Tám"


def test_without_the_variable_a_point_is_an_empty_function():
    assert failpoints.at is failpoints._nothing


def test_every_point_is_passed_somewhere_and_no_other():
    passed = [p for path in [*(ROOT / "bot").rglob("*.py"), *(ROOT / "actions").rglob("*.py")]
              for p in re.findall(r'failpoints\.at\("([a-z_.]+)"\)', path.read_text())]
    assert sorted(passed) == sorted(POINTS)


@pytest.mark.parametrize(("wanted", "code"), [("worker.noted", -9), ("worker.planned", 0), ("", 0)])
def test_the_process_dies_at_the_point_that_the_file_names_and_only_once(tmp_path, wanted, code):
    file = tmp_path / "kill"
    file.write_text(wanted)
    run = lambda: subprocess.run([sys.executable, "-c", "from bot import failpoints; failpoints.at('worker.noted')"], cwd=ROOT,
                                 env={"KILL_AT": f"@{file}", "PYTHONPATH": str(ROOT)}).returncode
    assert run() == code
    assert file.exists() is (code == 0)
    assert run() == 0


@pytest.fixture
def said():
    """(form) -> a logger's stream; the root's handlers are put back."""
    root, before = logging.getLogger(), logging.getLogger().handlers[:]
    level = root.level

    def start(form: str) -> io.StringIO:
        stream = io.StringIO()
        logs.start("INFO", form, stream)
        return stream

    yield start
    root.handlers[:] = before
    root.setLevel(level)


def fail() -> None:
    try:
        raise ValueError(SECRET)
    except ValueError:
        logging.getLogger("bot.test").exception("outbox %s on %s: failed", 7, "telegram")


def test_json_lines_have_ids_and_the_class_of_an_error_without_its_message(said):
    stream = said("json")
    fail()
    logging.getLogger("bot.test").info("message 12: no reply, now parked", extra={"error": "no_reply"})
    first, second = map(json.loads, stream.getvalue().splitlines())
    assert (first["level"], first["ids"], first["error"]) == ("ERROR", {"outbox": 7}, "ValueError")
    assert first["where"][-1].endswith(" fail") and re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+\+00:00", first["at"])
    assert (second["ids"], second["error"]) == ({"message": 12}, "no_reply")
    assert SECRET not in stream.getvalue()


def test_plain_lines_do_not_show_an_exceptions_message_either(said):
    stream = said("text")
    fail()
    assert "ValueError" in stream.getvalue() and SECRET not in stream.getvalue()


@pytest.mark.parametrize("form", ["text", "json"])
def test_what_logs_whole_urls_is_silent(said, form):
    stream = said(form)
    for name in logs.NOISY:
        logging.getLogger(f"{name}.inner").info("GET https://api.telegram.org/bot1:TOKEN/x")
    assert stream.getvalue() == ""
