"""What a request to the web chat may hold, on both databases: nothing in it reaches one that cannot store it."""

import pytest
from fastapi.testclient import TestClient

from bot.web import app as web
from tests.unit.web.staff_pages import app_on

SENDER = "sender-one-0123456"


@pytest.mark.parametrize("payload", ["\x00", "b\x00aaaaaaaaaaa", "b\naaaaaaaaaaaa"])
def test_a_button_that_cannot_be_one_is_a_bad_request(database, tmp_path, payload):
    with TestClient(web.make(app_on(database, tmp_path)), raise_server_exceptions=False) as client:
        assert client.post("/api/chat", json={"sender": SENDER, "payload": payload}).status_code == 400
        old = client.post("/api/chat", json={"sender": SENDER, "payload": "b" + "A" * 12})
        assert old.status_code == 200 and old.json()["messages"]
