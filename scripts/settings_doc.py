"""Writes docs/settings.md from the settings class; a test fails when it is out of date."""

from pathlib import Path

from pydantic import SecretStr

from bot.config import ROOT, Settings

FILE = ROOT / "docs" / "settings.md"


def document() -> str:
    """The whole page."""
    rows = []
    for name, field in Settings.model_fields.items():
        kind = "secret" if field.annotation is SecretStr else getattr(field.annotation, "__name__", str(field.annotation)).lower()
        default = "" if field.annotation is SecretStr else str(field.default).replace(str(ROOT), ".")
        rows.append(f"| `{name.upper()}` | {kind} | {f'`{default}`' if default else ''} | {field.description} |")
    return ("# Settings\n\nEnvironment variables, or lines of a file `.env`. Made by `scripts/settings_doc.py` from `bot/config.py`.\n\n"
            "| variable | type | default | meaning |\n|---|---|---|---|\n" + "\n".join(rows) + "\n")


if __name__ == "__main__":
    Path(FILE).write_text(document(), encoding="utf-8")
