"""Screenshots of every page of staff at 360 and 1280 px into docs/screens/, with made-up data.

    .venv/bin/python scripts/screenshots.py [NAME …]
"""

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from PIL import Image  # noqa: E402

from tests.browser.light import chromium  # noqa: E402
from tests.browser.staff_walk import PAGES, furnished, sign_in  # noqa: E402

FOLDER = ROOT / "docs" / "screens"
WIDTHS = {360: 760, 1280: 900}
"""Width of the window -> height."""
COLOURS = 64


def main() -> None:
    wanted = sys.argv[1:] or list(PAGES)
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, furnished(Path(folder)) as served, chromium() as browser:
        for width, height in WIDTHS.items():
            context = browser.new_context(viewport={"width": width, "height": height}, locale="vi-VN", color_scheme="light", reduced_motion="reduce")
            page = context.new_page()
            sign_in(page, served)
            for name in wanted:
                page.goto(f"{served.url}{PAGES[name]}")
                page.wait_for_load_state("networkidle")
                path = FOLDER / f"{name}-{width}.png"
                page.screenshot(path=path)
                # a palette makes them a third of the size
                Image.open(path).convert("P", palette=Image.Palette.ADAPTIVE, colors=COLOURS).save(path, optimize=True)
                print(f"· {path.relative_to(ROOT)} ({path.stat().st_size // 1024} KB)", flush=True)
            context.close()


if __name__ == "__main__":
    main()
