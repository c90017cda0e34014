"""The command line as its users meet it: exit codes, one sentence on stderr, no traceback."""

import json
import os
import socket
import subprocess
import sys

import pytest

from tests.served import ROOT

BOT = str(ROOT / ".venv" / "bin" / "bot")


def bot(*arguments: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run([BOT, *arguments], cwd=ROOT, input=stdin, text=True, capture_output=True,
                          env={**os.environ, **environment})


@pytest.fixture
def database_url(tmp_path):
    return f"sqlite:///{tmp_path}/bot.db"


def rows(tmp_path, *lines):
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines))
    return str(path)


YEN = {"code": "9.000001", "name": "Cấp phép nuôi chim yến", "level": "Cấp xã", "steps": ["Nộp"], "scope": "toàn quốc"}


def test_migrate_import_and_search_work_one_after_another(tmp_path, database_url):
    done = bot("migrate", DATABASE_URL=database_url)
    assert done.returncode == 0 and "55 curated procedures" in done.stdout, done.stderr
    done = bot("import-procedures", rows(tmp_path, YEN), DATABASE_URL=database_url)
    assert (done.returncode, done.stdout.strip()) == (0, "rows.jsonl: 1 new, 0 changed, 0 unchanged")
    done = bot("import-procedures", rows(tmp_path, YEN), DATABASE_URL=database_url)
    assert "0 new, 0 changed, 1 unchanged" in done.stdout
    done = bot("search", "--jsonl", "--top", "3", stdin='{"question": "nuoi chim yen"}\n{"question": "đăng ký kết hôn"}\n', DATABASE_URL=database_url)
    first, second = map(json.loads, done.stdout.splitlines())
    assert first["results"][0]["code"] == "9.000001" and first["decision"] == "answer"
    assert second["results"][0]["code"] == "1.000894" and len(second["results"]) == 3
    assert set(first) == {"question", "results", "decision", "ms"} and set(first["results"][0]) == {"code", "name", "score"}


def test_search_reads_files_without_a_database(tmp_path):
    done = bot("search", "--procedures", rows(tmp_path, YEN), stdin="nuôi chim yến\nkhai sinh\n", DATABASE_URL="sqlite:////nowhere/x.db")
    codes = [json.loads(line)["results"][0]["code"] for line in done.stdout.splitlines()]
    assert codes == ["9.000001", "1.001193"]


def test_defects_of_an_import_are_named_by_row_and_field_and_nothing_is_imported(tmp_path, database_url):
    done = bot("import-procedures", rows(tmp_path, YEN, {"code": "1", "name": 5}, "{"), DATABASE_URL=database_url)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "rows.jsonl:2: name:" in done.stderr and "rows.jsonl:3:" in done.stderr
    done = bot("import-procedures", rows(tmp_path, YEN), DATABASE_URL=database_url)
    assert "1 new" in done.stdout


def test_courses_check_names_file_line_field_and_remedy(tmp_path):
    assert bot("courses", "check").returncode == 0
    course = (ROOT / "courses" / "gia-danh-cong-an.yml").read_text()
    broken = tmp_path / "gia-danh-cong-an.yml"
    broken.write_text(course.replace("minutes: 30", "minutes: nhiều", 1))
    done = bot("courses", "check", str(broken))
    assert done.returncode == 1
    line = next(i for i, text in enumerate(broken.read_text().splitlines(), 1) if text.startswith("minutes: nhiều"))
    assert done.stderr.startswith(f"{broken}:{line}: minutes:")


@pytest.mark.parametrize("arguments, code", [
    ((), 0), (("--help",), 0), (("nonsense",), 2), (("search", "--top", "x"), 2), (("import-procedures",), 2),
    (("import-procedures", "/no/such/file"), 2), (("courses", "check", "/no/such/file"), 2), (("parse", "--what"), 2),
])
def test_wrong_usage_is_exit_2(arguments, code):
    done = bot(*arguments)
    assert done.returncode in (code, 2 if not arguments else code) and "Traceback" not in done.stderr


def test_a_bad_line_for_search_is_one_sentence(tmp_path):
    done = bot("search", "--jsonl", "--procedures", rows(tmp_path, YEN), stdin='{"question": "a"}\nnot json\n')
    assert done.returncode == 1 and done.stderr.strip() == 'bot: line 2 is not a JSON object with "question"'


@pytest.mark.parametrize("environment", [{"PORT": "x"}, {"DATABASE_URL": "nonsense"}, {"CHAT_RATE_PER_MINUTE": "-1"},
                                         {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/x"}])
def test_a_bad_setting_is_one_sentence_without_a_traceback(environment):
    done = bot("migrate", **environment)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr and len(done.stderr.strip().splitlines()) == 1, done.stderr


def test_a_taken_port_is_one_sentence(database_url):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        for command in ([BOT, "run"], [sys.executable, "scripts/bootstrap.py", "run"]):
            done = subprocess.run(command, cwd=ROOT, text=True, capture_output=True,
                                  env={**os.environ, "PORT": port, "DATABASE_URL": database_url})
            assert done.returncode == 1
            assert port in done.stderr and "Traceback" not in done.stderr and len(done.stderr.strip().splitlines()) == 1, done.stderr


def test_chat_without_a_server_is_one_sentence():
    done = bot("chat", "--url", "http://127.0.0.1:9")
    assert done.returncode == 1 and "make run" in done.stderr and "Traceback" not in done.stderr


def test_the_terminal_talks_to_the_same_server(served, tmp_path):
    done = bot("chat", "--url", served.url, stdin="xin chào\n3\nlàm hộ chiếu mất bao lâu\nthoát\n", DATABASE_URL=f"sqlite:///{tmp_path}/x.db")
    assert done.returncode == 0, done.stderr
    assert "[1] " in done.stdout and "8 ngày làm việc" in done.stdout


def test_no_python_310_is_one_sentence(tmp_path):
    """A machine without any Python 3.10: an empty PATH for it, an empty home, and a uv that cannot download."""
    uv = tmp_path / "uv"
    uv.write_text("#!/bin/sh\nexit 1\n")
    uv.chmod(0o755)
    script = f"import sys; sys.path.insert(0, 'scripts'); import bootstrap\ntry: bootstrap.rasa_python({str(uv)!r})\n" \
             "except bootstrap.Stop as s: print(s)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, text=True, capture_output=True,
                          env={"PATH": "/nonexistent", "HOME": str(tmp_path)})
    assert "Rasa needs Python 3.10" in done.stdout and len(done.stdout.strip().splitlines()) == 1, done.stderr


def test_a_pyenv_shim_that_does_not_run_is_passed_over(tmp_path):
    """pyenv puts a python3.10 on PATH that only complains; the real one stands under versions."""
    shim = tmp_path / "bin" / "python3.10"
    shim.parent.mkdir()
    shim.write_text("#!/bin/sh\necho 'pyenv: python3.10: command not found' >&2\nexit 127\n")
    shim.chmod(0o755)
    real = tmp_path / ".pyenv" / "versions" / "3.10.99" / "bin" / "python"
    real.parent.mkdir(parents=True)
    real.write_text("#!/bin/sh\necho 3 10\n")
    real.chmod(0o755)
    script = "import sys; sys.path.insert(0, 'scripts'); import bootstrap; print(bootstrap.rasa_python('/bin/false'))"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, text=True, capture_output=True,
                          env={"PATH": f"{shim.parent}:/usr/bin:/bin", "HOME": str(tmp_path)})
    assert done.stdout.strip() == str(real), done.stderr
