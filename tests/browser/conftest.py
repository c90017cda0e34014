"""What every test in a browser starts with."""

import pytest
from playwright.sync_api import expect

from tests.browser.light import chromium

expect.set_options(timeout=60_000)  # how soon is not what these tests ask: Playwright's five seconds are short on a busy machine


@pytest.fixture(scope="module")
def browser():
    """One Chromium for a file."""
    with chromium() as found:
        yield found
