"""`make bench`: which parts there are, what becomes of their results, and that one that fails is named."""

import argparse
import json
import subprocess
import sys

import pytest

from benchmarks.all import APART, PARTS, RESULTS, kept, run_apart, written
from tests.served import ROOT

HEAD = {"commit": "abc1234", "at": "2026-11-29 10:00 UTC", "machine": {"cpus": 2, "loop_ms": 12.0}, "not_measured": {}}


def given(out, short=False):
    return argparse.Namespace(out=out, short=short)


@pytest.mark.parametrize("name", sorted(APART))
def test_a_part_apart_is_a_command_that_knows_the_arguments_it_is_given(name):
    for arguments in APART[name].runs:
        done = subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *arguments, *APART[name].short, "--help"], cwd=ROOT, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")
        options = [one for one in (*arguments, *APART[name].short) if one.startswith("--")]
        assert [one for one in options if one not in done.stdout] == []


def test_what_was_measured_last_is_shown_with_its_commit(tmp_path):
    for name in ("load", "delivery"):
        (tmp_path / f"{name}.json").write_bytes((RESULTS / f"{name}.json").read_bytes())
    page = written(HEAD, kept(tmp_path, {}))
    load = json.loads((RESULTS / "load.json").read_text())
    load = load[0] if isinstance(load, list) else load
    assert f"At commit {load['commit']}." in page and f"| {load['runs'][0]['p95_ms']} ms |" in page
    assert "| postgresql, 2 worker(s), 10000 reminders, 50 kills, 2 restarts of the database | 0 | 0 |" in page


def test_this_runs_figures_go_before_those_of_the_last_time(tmp_path):
    (tmp_path / "figures.json").write_text('[{"commit": "old"}]')
    assert kept(tmp_path, {"figures": [{"commit": "new"}]}) == {"figures": [{"commit": "new"}]}
    assert kept(tmp_path, {}) == {"figures": [{"commit": "old"}]}


def test_a_part_that_fails_says_why_and_keeps_no_result(tmp_path, monkeypatch):
    monkeypatch.setitem(APART, "figures", APART["figures"].__class__((("--no-such-option",),), (), APART["figures"].table))
    with pytest.raises(RuntimeError, match="no-such-option"):
        run_apart("figures", given(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_part_is_wrong_usage():
    done = subprocess.run([sys.executable, "-m", "benchmarks.all", "--only", "bogus"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2 and all(name in done.stderr for name in (*PARTS, *APART))
