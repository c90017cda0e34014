"""deploy/ agrees with the program: settings, commands, addresses, units."""

import os
import re
import shlex
import shutil
import subprocess

import pytest
from ruamel.yaml import YAML

from bot.cli import cli
from bot.config import Settings
from scripts.run_as_deployed import FOLDER_OF_UNITS, UNITS, environment_of, template, unit
from scripts.settings_doc import TEMPLATE, default
from scripts.settings_doc import template as generated
from tests.served import ROOT

DEPLOY = ROOT / "deploy"
COMPOSE = YAML(typ="safe").load((DEPLOY / "compose.yml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]
OURS = {name: one for name, one in SERVICES.items() if str(one["image"]).startswith("tro-ly-cong-dan-so/")}
OF_OTHERS = {"REDIS_HOST", "REDIS_PORT", "ACTIONS_URL"}
"""What deploy/endpoints.yml reads, in Rasa's processes."""
FILES = sorted(UNITS.glob("*.service"))


def test_every_setting_stands_in_the_template_of_the_environment_file():
    lines = TEMPLATE.read_text(encoding="utf-8").splitlines()
    named = [line.lstrip("#").partition("=")[0] for line in lines if re.match(r"#?[A-Z][A-Z0-9_]*=", line)]
    assert sorted(named) == sorted({*(name.upper() for name in Settings.model_fields), *OF_OTHERS})


def test_what_the_template_says_of_defaults_is_so():
    assert TEMPLATE.read_text(encoding="utf-8") == generated(), "run: PYTHONPATH=. .venv/bin/python scripts/settings_doc.py"


def test_the_template_is_taken_as_it_is():
    read = Settings(_env_file=None, **{name.lower(): value for name, value in template().items() if name not in OF_OTHERS})
    assert read.database_url.startswith("postgresql+psycopg://") and read.redis_url and read.log_format == "json"
    assert not {name for name, value in template().items() if value and Settings.model_fields.get(name.lower()) and "SecretStr" in
                str(Settings.model_fields[name.lower()].annotation)}, "a secret is filled in"


def test_a_default_with_quotes_keeps_them_where_quotes_are_taken_away():
    assert default("embed_ancestors") == "'self'" and "#EMBED_ANCESTORS=\"'self'\"" in TEMPLATE.read_text(encoding="utf-8")


class TestUnits:
    @pytest.mark.parametrize("path", FILES, ids=[p.name for p in FILES])
    def test_systemd_finds_no_fault(self, path, tmp_path):
        if not shutil.which("systemd-analyze"):
            pytest.skip("systemd-analyze is not installed")
        for one in UNITS.iterdir():  # the commands have to be there
            (tmp_path / one.name).write_text(one.read_text(encoding="utf-8").replace(FOLDER_OF_UNITS, str(ROOT)), encoding="utf-8")
        name = path.name.replace("@.", "@5005.")
        if name != path.name:
            (tmp_path / name).symlink_to(tmp_path / path.name)
        found = subprocess.run(["systemd-analyze", "verify", "--man=no", str(tmp_path / name)], capture_output=True, text=True)
        assert (found.returncode, [line for line in found.stderr.splitlines() if str(tmp_path) in line or path.stem in line]) == (0, [])

    @pytest.mark.parametrize("path", FILES, ids=[p.name for p in FILES])
    def test_a_unit_runs_what_there_is_and_sets_only_settings(self, path):
        found = unit(path.name, "5005")
        command = shlex.split(found["ExecStart"][0])
        if "-m bot" in found["ExecStart"][0]:
            assert command[command.index("bot") + 1] in cli.commands
            assert {name.lower() for name in environment_of(found)} <= set(Settings.model_fields)
        files = [command[command.index(flag) + 1] for flag in ("--endpoints", "--credentials") if flag in command]
        assert [name for name in files if not (ROOT / name).exists()] == []
        assert found["EnvironmentFile"] == ["/etc/tro-ly-cong-dan-so/bot.env"] and found["User"] == ["bot"]

    def test_the_target_wants_units_that_exist_at_the_addresses_of_the_template(self):
        wanted = re.findall(r"(bot-\w+)@(\w+)\.service", (UNITS / "bot.target").read_text(encoding="utf-8"))
        assert {name for name, _ in wanted} == {"bot-rasa", "bot-web", "bot-worker"}
        assert {f"http://127.0.0.1:{port}" for name, port in wanted if name == "bot-rasa"} == set(template()["RASA_URL"].split(","))


class TestCompose:
    """The file as a whole has been read by the compose specification's own parser; here is what only we can know."""

    def test_names_lead_somewhere(self):
        for name, one in SERVICES.items():
            assert set(one.get("networks", ())) <= set(COMPOSE["networks"]), name
            assert set(one.get("depends_on", ())) <= set(SERVICES), name
            sources = [volume.partition(":")[0] for volume in one.get("volumes", ())]
            assert [s for s in sources if not s.startswith(".") and s not in COMPOSE["volumes"]] == [], name

    def test_our_services_run_commands_of_ours_with_settings_of_ours(self):
        assert sorted(OURS) == ["migrate", "rasa-1", "rasa-2", "web-1", "web-2", "worker-1", "worker-2"]
        for name, one in OURS.items():
            assert "rasa" in name or one["command"][0] in cli.commands
            assert {key for key in one["environment"] if key.lower() not in Settings.model_fields} <= OF_OTHERS, name

    def test_every_address_is_that_of_a_service(self):
        addresses = re.findall(r"(?:https?|redis|postgresql)://(?:[^@\s/]*@)?([a-z0-9-]+):(\d+)", (DEPLOY / "compose.yml").read_text(encoding="utf-8"))
        front = SERVICES["front"]["environment"]
        addresses += [tuple(value.split(":")) for key, value in front.items() if key.startswith(("WEB_", "ACTIONS_")) and not value.startswith(":")]
        assert {host for host, _ in addresses} <= set(SERVICES) and len(addresses) >= 8

    def test_only_the_front_is_published_and_only_it_and_the_app_reach_outside(self):
        assert [name for name, one in SERVICES.items() if "ports" in one] == ["front"]
        assert [name for name, one in SERVICES.items() if "outside" in one["networks"]] == ["web-1", "web-2", "worker-1", "worker-2", "front"]
        assert COMPOSE["networks"]["inside"]["internal"] is True

    def test_what_is_copied_into_the_images_is_there(self):
        copied = re.findall(r"^COPY (.+) \S+$", (DEPLOY / "Dockerfile").read_text(encoding="utf-8"), re.M)
        assert [name for line in copied for name in line.split() if not (ROOT / name).exists()] == []
        assert {one["build"]["target"] for one in OURS.values()} == set(re.findall(r"AS (\w+)", (DEPLOY / "Dockerfile").read_text(encoding="utf-8")))


class TestFront:
    def test_haproxy_takes_it_with_and_without_a_certificate(self, tmp_path):
        if not shutil.which("haproxy"):
            pytest.skip("haproxy is not installed")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", tmp_path / "key.pem", "-out", tmp_path / "cert.pem",
                        "-subj", "/CN=tro-ly.example.vn", "-days", "1"], check=True, capture_output=True)
        (tmp_path / "site.pem").write_bytes((tmp_path / "cert.pem").read_bytes() + (tmp_path / "key.pem").read_bytes())
        plain = {"PATH": os.environ["PATH"], "HTTP_BIND": "127.0.0.1:18080", "ACTIONS_BIND": "127.0.0.1:5050", "WEB_1": "127.0.0.1:8080",
                 "WEB_2": "127.0.0.1:8081", "ACTIONS_1": "127.0.0.1:5055", "ACTIONS_2": "127.0.0.1:5056"}
        for more in ({}, {"HTTPS_BIND": "127.0.0.1:18443", "TLS_PEM": str(tmp_path / "site.pem")}):
            found = subprocess.run(["haproxy", "-c", "-f", DEPLOY / "haproxy.cfg"], env={**plain, **more}, capture_output=True, text=True)
            assert (found.returncode, found.stderr) == (0, "")

    def test_it_is_given_in_compose_what_it_asks_for(self):
        asked = set(re.findall(r"\$\{(\w+)\}", (DEPLOY / "haproxy.cfg").read_text(encoding="utf-8")))
        assert asked == set(SERVICES["front"]["environment"])
