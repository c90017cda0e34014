"""Renders courses/pictures/*.svg to PNG beside them, under 100 KB: `.venv/bin/python scripts/pictures.py [--check]`.

The PNG carries the hash of its drawing, so that --check (and a test) can tell when it is out of date without rendering:
another machine's fonts draw the same letters with other pixels.
"""

import hashlib
import io
import sys
from pathlib import Path

from PIL import Image, PngImagePlugin

FOLDER = Path(__file__).resolve().parent.parent / "courses" / "pictures"
KEY = "drawing-sha256"
WIDTH = 800
COLOURS = 64


def hash_of(drawing: Path) -> str:
    return hashlib.sha256(drawing.read_bytes()).hexdigest()


def up_to_date(drawing: Path) -> bool:
    """Is the PNG beside the drawing made from it?"""
    made = drawing.with_suffix(".png")
    return made.exists() and Image.open(made).text.get(KEY) == hash_of(drawing)  # type: ignore[attr-defined]


def render(drawing: Path) -> int:
    """Writes the PNG; returns its size in bytes."""
    import vl_convert

    image = Image.open(io.BytesIO(vl_convert.svg_to_png(drawing.read_text(encoding="utf-8"), scale=2))).convert("RGB")
    image = image.resize((WIDTH, round(image.height * WIDTH / image.width)), Image.Resampling.LANCZOS)
    note = PngImagePlugin.PngInfo()
    note.add_text(KEY, hash_of(drawing))
    made = drawing.with_suffix(".png")
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(made, optimize=True, pnginfo=note)
    return made.stat().st_size


def main() -> int:
    old = [d for d in sorted(FOLDER.glob("*.svg")) if not up_to_date(d)]
    if "--check" in sys.argv:
        print("\n".join(f"{d.name}: run scripts/pictures.py" for d in old))
        return 1 if old else 0
    for drawing in old:
        print(f"{drawing.stem}: {render(drawing) // 1024} KB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
