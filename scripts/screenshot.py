"""Makes docs/web-chat.png from the running page: `.venv/bin/python -m scripts.screenshot http://127.0.0.1:8080`."""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]
OUT = Path(__file__).resolve().parent.parent / "docs" / "web-chat.png"


def main(url: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_page(viewport={"width": 430, "height": 932}, device_scale_factor=1.5, locale="vi-VN")
        page.goto(url)
        for words in ("dang ky tam tru het bao nhieu tien", "làm hộ chiếu mất bao lâu"):
            page.get_by_test_id("input").fill(words)
            page.get_by_test_id("input").press("Enter")
            page.wait_for_timeout(1500)
        page.screenshot(path=OUT)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1])
