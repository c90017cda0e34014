"""What a worker does in its slower ticks: end talks nobody goes on with, send announcements, ask for files that are followed, hand events on.

No transaction is open while the network is asked: rows are put off first, then asked for, then what came is written.
"""

import logging
import time
from urllib.parse import urlsplit

import httpx

from bot.app import App
from bot.channels.photos import NotFetched, fetch
from bot.clock import local
from bot.services import announcing, dossiers, handover, webhooks
from bot.services.tickets import photos
from bot.systems.dossiers import SystemUnavailable
from bot.wording import say

logger = logging.getLogger(__name__)

SEND_SECONDS = 8.0
ASK_SECONDS = 20.0
"""Longest that files are asked for in one run: a gateway that hangs must not hold up announcements."""


def run(app: App) -> None:
    app.database.again(lambda session: handover.tick(session, app.clock()))
    announcing.run(app.database, app.clock)
    ask_for_dossiers(app)
    while fetch_photos(app):
        pass
    failing: set[int] = set()
    while hand_on(app, failing):
        pass


def ask_for_dossiers(app: App) -> int:
    """Asks the province's system for files that are due; returns how many citizens were told of a change."""
    if app.dossiers is None:
        return 0
    with app.database.write() as session:
        waiting = dossiers.due(session, app.clock())
    told, until = 0, time.monotonic() + ASK_SECONDS
    for n, (row_id, code) in enumerate(waiting):
        if time.monotonic() > until:
            app.database.again(lambda session: dossiers.put_back(session, [one for one, _ in waiting[n:]], app.clock()))  # noqa: B023  called at once
            break
        try:
            found = app.dossiers.look_up(code, fresh=True)
        except SystemUnavailable as error:
            logger.warning("dossier %s of ours: %s; again later", row_id, error.why)
            continue
        now = app.clock()
        told += app.database.again(lambda session: dossiers.told(session, row_id, found, say("dossier_system"), now, local(now).date()))  # noqa: B023  called at once
    return told


def fetch_photos(app: App) -> int:
    """Gets photos of reports from the platforms they were sent on; returns how many were tried."""
    with app.database.write() as session:
        waiting = photos.claim(session, app.clock())
    for photo_id, channel, ref in waiting:
        try:
            clean = photos.cleaned(fetch(app.settings, channel, ref, photos.MOST_BYTES))
        except (NotFetched, photos.Unusable) as error:
            why, again = (error.why, error.again) if isinstance(error, NotFetched) else (str(error), False)
            logger.warning("photo %s on %s: %s", photo_id, channel, why)
            app.database.again(lambda session: photos.failed(session, photo_id, why, again, app.clock()))  # noqa: B023  called at once
            continue
        app.database.again(lambda session: photos.fetched(session, photo_id, clean, app.clock()))  # noqa: B023  called at once
    return len(waiting)


def hand_on(app: App, failing: set[int]) -> int:
    """Sends events that are due, one of each receiver; returns how many were tried.

    failing: receivers that took none in this run and are left alone until the next, as everything else waits meanwhile; grows.
    """
    private = app.settings.webhooks_to_private
    with app.database.write() as session:
        parcels = webhooks.claim(session, webhooks.seal_of(app.settings.key()), app.clock(), failing)
    for parcel in parcels:
        # asked anew each time: a name that was public yesterday may lead into our own network today
        error = "private_address" if not private and not webhooks.is_public(urlsplit(parcel.url).hostname or "") else send(parcel, app)
        if error is not None:
            failing.add(parcel.endpoint_id)
            logger.warning("event %s: %s", parcel.id, error)
        app.database.again(lambda session: webhooks.done(session, parcel.id, error, app.clock()))  # noqa: B023  called at once
    return len(parcels)


def send(parcel: webhooks.Parcel, app: App) -> str | None:
    """None when the receiver took it, else the class of the failure. Its answer is not read: only that it came."""
    try:
        with httpx.stream("POST", parcel.url, content=parcel.body.encode(), headers=webhooks.headers(parcel, app.clock()), timeout=SEND_SECONDS,
                          follow_redirects=False) as answer:
            return None if answer.is_success else f"HTTP {answer.status_code}"
    except httpx.HTTPError as error:
        return type(error).__name__
