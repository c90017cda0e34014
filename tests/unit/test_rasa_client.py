"""Several Rasas behind one client: each conversation at one of them, the others when it does not answer."""

import asyncio
import json

import httpx
import pytest

from bot.rasa_client import REST_SECONDS, RasaClient, RasaFailed, RasaUnavailable

URLS = "http://rasa-1:5005, http://rasa-2:5005,http://rasa-3:5005/"


class Steady:
    now = 100.0

    def __call__(self) -> float:
        return self.now


class Rasas:
    """What each address does: replies, or an exception or status."""

    def __init__(self, client: RasaClient):
        self.does = dict.fromkeys(client.addresses, "ok")
        self.asked: list[str] = []
        for address in client.addresses:
            client._http[address] = httpx.AsyncClient(base_url=address, transport=httpx.MockTransport(lambda r, a=address: self.answer(a, r)))

    def answer(self, address: str, request: httpx.Request) -> httpx.Response:
        self.asked.append(address)
        does = self.does[address]
        if isinstance(does, int):
            return httpx.Response(does, json={})
        if does == "silent":
            return httpx.Response(200, json={"replies": []})
        if does != "ok":
            raise {"refused": httpx.ConnectError, "hangs": httpx.ReadTimeout, "cut": httpx.RemoteProtocolError}[does](does, request=request)
        return httpx.Response(200, json={"replies": [{"text": address, "to": json.loads(request.content)["sender"]}]} if request.method == "POST" else {})


@pytest.fixture
def steady():
    return Steady()


@pytest.fixture
def client(steady):
    return RasaClient(URLS, "token", 1.0, steady)


@pytest.fixture
def rasas(client):
    return Rasas(client)


def turn(client, sender="web:abc"):
    return asyncio.run(client.turn(sender, "chào", None, 1, {}))[0]["text"]


def test_a_conversation_stays_at_one_address_and_many_are_spread(client, rasas):
    assert len({turn(client) for _ in range(5)}) == 1
    shares = [sum(client.order(f"web:{n}")[0] == address for n in range(600)) for address in client.addresses]
    assert min(shares) > 140


def test_a_lost_address_moves_only_its_own_conversations(client):
    fewer = RasaClient("http://rasa-1:5005,http://rasa-2:5005", "token", 1.0)
    for n in range(200):
        first = client.order(f"web:{n}")[0]
        assert first == "http://rasa-3:5005" or fewer.order(f"web:{n}")[0] == first


@pytest.mark.parametrize("how", ["refused", 404])
def test_one_that_cannot_have_begun_is_passed_over_at_once_and_rests(client, rasas, steady, how):
    own = turn(client)
    rasas.does[own] = how
    other = turn(client)
    assert other != own
    rasas.asked.clear()
    assert turn(client) == other and rasas.asked == [other]
    rasas.does[own] = "ok"
    steady.now += REST_SECONDS + 0.1
    assert turn(client) == own


@pytest.mark.parametrize("how", ["hangs", "cut", 503])
def test_one_that_may_have_begun_is_not_doubled_and_the_next_try_goes_elsewhere(client, rasas, how):
    own = turn(client)
    rasas.does[own] = how
    rasas.asked.clear()
    with pytest.raises(RasaUnavailable):
        turn(client)
    assert rasas.asked == [own]
    assert turn(client) != own


def test_with_all_of_them_down_it_says_so(client, rasas):
    rasas.does = dict.fromkeys(rasas.does, "refused")
    with pytest.raises(RasaUnavailable):
        turn(client)
    assert sorted(set(rasas.asked)) == sorted(client.addresses)
    assert asyncio.run(client.each_ready()) == dict.fromkeys(client.addresses, False)


@pytest.mark.parametrize("how", [500, "silent"])
def test_a_turn_that_failed_is_the_messages_own_failure(client, rasas, how):
    rasas.does = dict.fromkeys(rasas.does, how)
    with pytest.raises(RasaFailed):
        turn(client)
    assert len(rasas.asked) == 1


def test_one_ready_is_enough(client, rasas):
    rasas.does = {**dict.fromkeys(rasas.does, "refused"), client.addresses[1]: "ok"}
    assert asyncio.run(client.each_ready()) == {a: a == client.addresses[1] for a in client.addresses}
