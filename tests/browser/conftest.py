"""What every test in a browser starts with."""

import pytest

from tests.browser.light import chromium


@pytest.fixture(scope="module")
def browser():
    """One Chromium for a file."""
    with chromium() as found:
        yield found
