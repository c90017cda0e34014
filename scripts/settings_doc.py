"""Writes docs/settings.md and the end of deploy/bot.env.example from the settings class; a test fails when they are out of date."""

from pydantic import SecretStr

from bot.config import ROOT, Settings

FILE = ROOT / "docs" / "settings.md"
TEMPLATE = ROOT / "deploy" / "bot.env.example"
REST = "# --- Every other setting, with its default. Made by scripts/settings_doc.py; what is changed goes above this line."


def document() -> str:
    """The whole page."""
    rows = []
    for name, field in Settings.model_fields.items():
        kind = "secret" if field.annotation is SecretStr else getattr(field.annotation, "__name__", str(field.annotation)).lower()
        given = f"`{default(name)}`" if field.annotation is not SecretStr and default(name) else ""
        rows.append(f"| `{name.upper()}` | {kind} | {given} | {field.description} |")
    return ("# Settings\n\nEnvironment variables, or lines of a file `.env`. Made by `scripts/settings_doc.py` from `bot/config.py`.\n\n"
            "| variable | type | default | meaning |\n|---|---|---|---|\n" + "\n".join(rows) + "\n")


def default(name: str) -> str:
    """As a line of a file of settings has it, "" for none and for secrets; paths from the checkout."""
    field = Settings.model_fields[name]
    return "" if field.annotation is SecretStr else str(field.default).replace(str(ROOT), ".")


def template() -> str:
    """The template: what was written by hand, and behind the line REST the settings that it does not name, commented out."""
    by_hand = TEMPLATE.read_text(encoding="utf-8").partition(REST)[0].rstrip("\n")
    named = {line.partition("=")[0] for line in by_hand.splitlines() if "=" in line and not line.startswith("#")}
    quoted = lambda value: f'"{value}"' if "'" in value else value  # systemd and compose take single quotes away
    rest = [f"# {field.description}\n#{name.upper()}={quoted(default(name))}" for name, field in Settings.model_fields.items() if name.upper() not in named]
    return "\n\n".join([by_hand, REST, *rest]) + "\n"


if __name__ == "__main__":
    FILE.write_text(document(), encoding="utf-8")
    TEMPLATE.write_text(template(), encoding="utf-8")
