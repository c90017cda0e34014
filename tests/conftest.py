"""Fixtures shared by all tests: databases of both kinds, and one served bot for the tests that need the whole."""

import os
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from bot.store.db import Database
from tests.databases import POSTGRES, postgres_given_back, postgres_migrated, sqlite_at
from tests.served import ROOT, Served

TOGETHER = "tests/integration/"
"""What starts the whole bot stays together: it is started once, and no two kill each other's time."""


def pytest_collection_modifyitems(items):
    """What takes longest comes first, so that two cores end at about the same time."""
    items.sort(key=lambda item: not item.nodeid.startswith(TOGETHER))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """For runs on two cores (`make test`): a file stays on one core, TOGETHER as a whole."""
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            path = nodeid.partition("::")[0]
            return TOGETHER if path.startswith(TOGETHER) else path

    return ByFile(config, log)


NEEDED = re.compile(r"chromium|TEST_POSTGRES_URL|TEST_REDIS_URL|haproxy|systemd-analyze|pg_dump", re.IGNORECASE)
"""What .ci/run installs and starts."""


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport():
    """In CI a test that skips because something of NEEDED is missing has failed: else the suite would go green without it."""
    outcome = yield
    report = outcome.get_result()
    if os.environ.get("CI") and report.skipped and isinstance(report.longrepr, tuple) and NEEDED.search(report.longrepr[2]):
        report.outcome, report.longrepr = "failed", f"CI must not skip this: {report.longrepr[2]}"


# how long one example takes is not what the tests ask
settings.register_profile("any machine", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path: Path):
    """A migrated database of each kind, empty."""
    if request.param == "sqlite":
        found = sqlite_at(tmp_path / "test.db")
        yield found
        found.close()
        return
    if not POSTGRES:
        pytest.skip("TEST_POSTGRES_URL is not set: no PostgreSQL to test on")
    url, admin = postgres_migrated()
    found = Database(url)
    yield found
    found.close()
    postgres_given_back(url, admin)


@pytest.fixture(scope="session")
def served(tmp_path_factory):
    """The whole bot on SQLite, for tests that only talk to it."""
    if not list((ROOT / "models").glob("*.tar.gz")):
        pytest.fail("no trained model: run through `make test`, which trains it")
    # a page in a browser shows the honest sentence too: here an answer that is merely slow is no matter
    bot = Served(tmp_path_factory.mktemp("served"), REPLY_WAIT_SECONDS="15").start()
    yield bot
    bot.stop()


@pytest.fixture
def citizen(served):
    """Somebody who has never been here."""
    return served.citizen()
