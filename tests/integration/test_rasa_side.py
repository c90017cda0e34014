"""The components that live beside Rasa are tested in Rasa's environment, and `rasa train` and `bot parse` as users run them."""

import json
import subprocess

import pytest

from tests.served import ROOT

RASA = ROOT / ".venv-rasa" / "bin" / "python"


def test_the_components_pass_their_tests_beside_rasa():
    done = subprocess.run([str(RASA), "-W", "ignore", "-m", "pytest", "-q", "--noconftest", "-c", "/dev/null", "--rootdir", ".",
                           "-p", "no:cacheprovider", "tests/rasa_side"], cwd=ROOT, capture_output=True, text=True,
                          env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3", "HOME": str(ROOT / "var")})
    assert done.returncode == 0, done.stdout[-6000:]
    assert " passed" in done.stdout


def parse(*lines: str, arguments=("--jsonl",)) -> subprocess.CompletedProcess:
    return subprocess.run([str(ROOT / ".venv" / "bin" / "bot"), "parse", *arguments], cwd=ROOT, input="\n".join(lines), text=True,
                          capture_output=True)


def test_parse_reads_lines_and_writes_lines_only():
    texts = ["tôi vừa chuyển tiền cho kẻ lừa", "lam giay khai sinh can giay to gi", "tối mai 8 giờ nhắc tôi học bài", "asdkjfh aksjdhf", "/restart", ""]
    done = parse(*[json.dumps({"text": t}, ensure_ascii=False) for t in texts])
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [f["text"] for f in found] == texts
    assert [f["intent"] for f in found[:3]] == ["scam_emergency", "ask_documents", "set_reminder"]
    assert all(set(f) == {"text", "intent", "confidence", "entities", "ms"} for f in found)
    assert found[3]["intent"] in ("nlu_fallback", "out_of_scope") and found[5]["intent"] == "nlu_fallback"
    (time,) = [e for e in found[2]["entities"] if e["entity"] == "time"]
    assert time["value"].endswith("T20:00:00+07:00") and texts[2][time["start"]:time["end"]] == "tối mai 8 giờ"
    assert done.stderr == ""


@pytest.mark.parametrize("line", ["not json", "[1]", '{"words": "x"}', '{"text": 5}'])
def test_a_bad_line_is_one_sentence_and_exit_1(line):
    done = parse('{"text": "chào"}', line)
    assert done.returncode == 1
    assert "line 2" in done.stderr and len(done.stderr.strip().splitlines()) == 1
