"""Every page of staff has its two pictures in docs/screens, made by scripts/screenshots.py."""

import pytest

from scripts.screenshots import FOLDER, WIDTHS
from tests.browser.staff_walk import PAGES


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", WIDTHS)
def test_each_page_has_its_picture_and_nothing_else_stands_there(name, width):
    assert (FOLDER / f"{name}-{width}.png").stat().st_size > 2000
    assert {path.stem.rpartition("-")[0] for path in FOLDER.glob("*.png")} == set(PAGES)
