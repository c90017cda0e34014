"""Events handed on: each a row, signed, tried again, never into our own network; the receiver is a server of our own."""

import hashlib
import hmac
import json

import pytest
from sqlalchemy import select, text

from bot import errands
from bot.errors import Refusal
from bot.services import webhooks
from bot.store.tables import WebhookDelivery
from tests.standins.receiver import PATH, Receiver
from tests.unit.web.staff_pages import app_on


@pytest.fixture
def receiver():
    with Receiver() as found:
        yield found


@pytest.fixture
def app(database, tmp_path):
    return app_on(database, tmp_path, webhooks_to_private=True)


def endpoint(app, receiver, kinds=("incident",)) -> tuple[int, str]:
    with app.database.write() as session:
        row, secret = webhooks.add_endpoint(session, webhooks.seal_of(app.settings.key()), "SOC", receiver.url, kinds, True, app.clock())
        return row.id, secret


def put(app, cause="incident:1", kind="incident", **body) -> int:
    with app.database.write() as session:
        return webhooks.enqueue(session, kind, body or {"loại": "giả danh"}, cause, app.clock())


def state(app) -> list[tuple]:
    with app.database.read() as session:
        return [tuple(r) for r in session.execute(select(WebhookDelivery.state, WebhookDelivery.attempts, WebhookDelivery.error).order_by(WebhookDelivery.id))]


class TestSent:
    def test_the_receiver_can_check_the_signature(self, app, receiver):
        _, secret = endpoint(app, receiver)
        assert put(app) == 1
        errands.run(app)
        ((path, headers, body),) = receiver.got
        stamp, signature = (part.split("=", 1)[1] for part in headers["X-Signature"].split(","))
        assert hmac.new(secret.encode(), f"{stamp}.{body}".encode(), hashlib.sha256).hexdigest() == signature
        assert int(stamp) == int(app.clock().timestamp()) and path == PATH
        assert json.loads(body)["data"] == {"loại": "giả danh"} and headers["X-Event-Kind"] == "incident"
        assert state(app) == [("sent", 1, None)]

    def test_an_event_goes_once_to_each_that_wants_it(self, app, receiver):
        endpoint(app, receiver)
        endpoint(app, receiver, ("incident", "ticket"))
        endpoint(app, receiver, ("ticket",))
        assert (put(app), put(app)) == (2, 0)
        errands.run(app)
        errands.run(app)
        assert len(receiver.got) == 2

    @pytest.mark.parametrize("answer, error", [(500, "HTTP 500"), (302, "HTTP 302"), (410, "HTTP 410"), ("cut", "RemoteProtocolError")])
    def test_a_failure_is_tried_again_later(self, app, receiver, answer, error):
        endpoint(app, receiver)
        receiver.answers = [answer]
        put(app)
        errands.run(app)
        assert state(app) == [("due", 1, error)] and [p for p, *_ in receiver.got] == [PATH]
        errands.run(app)
        assert len(receiver.got) == 1
        app.clock.forward(seconds=6)
        errands.run(app)
        assert state(app) == [("sent", 2, None)]
        assert len(set(receiver.events())) == 1

    def test_after_ten_tries_it_is_given_up_and_can_be_replayed(self, app, receiver):
        endpoint(app, receiver)
        receiver.answers = [500] * 10
        put(app)
        for _ in range(12):
            errands.run(app)
            app.clock.forward(hours=5)
        assert state(app) == [("dead", 10, "HTTP 500")] and len(receiver.got) == 10
        with app.database.write() as session:
            ident = session.scalar(select(WebhookDelivery.id))
            assert webhooks.replay(session, [ident], app.clock()) == 1
        errands.run(app)
        assert state(app) == [("sent", 1, None)]

    def test_a_worker_that_dies_while_sending_leaves_it_to_the_next(self, app, receiver):
        endpoint(app, receiver)
        put(app)
        with app.database.write() as session:
            assert len(webhooks.claim(session, webhooks.seal_of(app.settings.key()), app.clock())) == 1
        errands.run(app)
        assert receiver.got == []
        app.clock.forward(seconds=61)
        errands.run(app)
        assert state(app) == [("sent", 2, None)]

    def test_what_waits_for_one_that_is_off_stays(self, app, receiver):
        ident, _ = endpoint(app, receiver)
        put(app)
        with app.database.write() as session:
            webhooks.switch(session, ident, False)
        errands.run(app)
        assert put(app, "incident:2", number=2) == 1  # what happens meanwhile waits as well
        errands.run(app)
        assert receiver.got == []
        with app.database.write() as session:
            webhooks.switch(session, ident, True)
        errands.run(app)
        errands.run(app)
        assert len(receiver.got) == 2 and {s for s, *_ in state(app)} == {"sent"}

    def test_what_waits_for_one_that_stays_off_goes_after_thirty_days(self, app, receiver):
        ident, _ = endpoint(app, receiver)
        with app.database.write() as session:
            webhooks.switch(session, ident, False)
        put(app)
        with app.database.write() as session:
            assert webhooks.clean(session, app.clock.forward(days=29)) == 0
            assert webhooks.clean(session, app.clock.forward(days=2)) == 1

    def test_one_that_is_down_is_left_alone_for_the_rest_of_the_run(self, app, receiver):
        endpoint(app, receiver)
        for n in range(3):
            put(app, f"incident:{n}", number=n)
        receiver.answers = [503]
        errands.run(app)
        assert len(receiver.got) == 1 and [s for s, *_ in state(app)] == ["due"] * 3
        errands.run(app)  # the first waits for its time and holds up no others
        assert [json.loads(body)["data"]["number"] for *_, body in receiver.got] == [0, 1, 2]
        app.clock.forward(seconds=6)
        errands.run(app)
        assert {s for s, *_ in state(app)} == {"sent"} and len(receiver.got) == 4

    def test_a_long_queue_of_one_keeps_no_other_waiting(self, app, receiver):
        first, _ = endpoint(app, receiver)
        for n in range(300):
            put(app, f"incident:{n}")
        other, _ = endpoint(app, receiver, ("ticket",))
        put(app, "ticket:1", "ticket")
        with app.database.write() as session:
            parcels = webhooks.claim(session, webhooks.seal_of(app.settings.key()), app.clock())
        assert [p.endpoint_id for p in parcels] == [first, other]

    def test_order_is_kept_for_one_receiver(self, app, receiver):
        endpoint(app, receiver)
        for n in range(5):
            put(app, f"incident:{n}", number=n)
        errands.run(app)
        assert [json.loads(body)["data"]["number"] for *_, body in receiver.got] == [0, 1, 2, 3, 4]


class TestKept:
    def test_the_secret_is_sealed(self, app, receiver):
        _, secret = endpoint(app, receiver)
        with app.database.read() as session:
            assert secret not in str(session.execute(text("SELECT * FROM webhook_endpoints")).all())

    @pytest.mark.parametrize("url", ["http://example.com/x", "https://127.0.0.1/x", "https://localhost/", "https://10.0.0.8/", "https://192.168.1.1", "ftp://a.b",
                                     "https://[::1]/", "https://169.254.169.254/latest", "https://a:b@example.com/", "https://khong-co.invalid/", "x",
                                     "https://example.com:8443/", "https://[::ffff:127.0.0.1]/", "https://0.0.0.0/"])
    def test_addresses_in_our_own_network_are_refused(self, app, url):
        with pytest.raises(Refusal), app.database.write() as session:
            webhooks.add_endpoint(session, webhooks.seal_of(app.settings.key()), "SOC", url, ["incident"], False, app.clock())

    def test_a_name_that_turns_private_later_gets_nothing(self, app, receiver, tmp_path):
        endpoint(app, receiver)
        put(app)
        strict = app_on(app.database, tmp_path)
        strict.clock.at = app.clock.at
        errands.run(strict)
        assert receiver.got == [] and state(app) == [("due", 1, "private_address")]

    @pytest.mark.parametrize("kinds", [[], ["nothing"], ["incident", "x"]])
    def test_unknown_kinds_are_refused(self, app, kinds):
        with pytest.raises(Refusal), app.database.write() as session:
            webhooks.add_endpoint(session, webhooks.seal_of(app.settings.key()), "SOC", "https://example.com", kinds, True, app.clock())
