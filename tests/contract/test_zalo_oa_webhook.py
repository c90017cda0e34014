"""The Official Account's webhook: signatures, what it stores, refuses and lets go."""

import hashlib

import pytest

from bot.channels.zalo_oa_events import parsed, signed
from bot.services.reads import NotYet
from tests.zalo_oa_channel import APP, CITIZEN, SECRET, STAMP, echo, event, media, posted, relation, stand_in, text

api = pytest.fixture(stand_in)

# --- the signature


VECTOR = (b'{"app_id":"360846524940903967","sender":{"id":"111"},"user_id_by_app":"222","recipient":{"id":"333"},"event_name":"user_send_text",'
          b'"message":{"text":"xin ch\xc3\xa0o","msg_id":"m1"},"timestamp":"1727000000000"}')
MAC = "9a7c09bda2070cab645bcea123f892acaa5438f3512fa72973ef2f1a08dedd5f"


@pytest.mark.parametrize("header", [f"mac={MAC}", MAC, f"mac={MAC.upper()}", f" mac={MAC} "])
def test_the_vector_of_the_fact_sheet_is_accepted_in_every_form(header):
    assert len(VECTOR) == 204
    assert signed(VECTOR, parsed(VECTOR), header, APP, SECRET)


@pytest.mark.parametrize(("raw", "header", "app", "secret"), [
    (VECTOR, "mac=" + MAC[:-1] + "e", APP, SECRET), (VECTOR, "", APP, SECRET), (VECTOR, "mac=", APP, SECRET), (VECTOR, "mac=é", APP, SECRET),
    (VECTOR, f"mac={MAC}", APP, "another"), (VECTOR, f"mac={MAC}", APP, ""), (VECTOR, f"mac={MAC}", "333", SECRET),
    (VECTOR.replace(b"xin", b"Xin"), f"mac={MAC}", APP, SECRET), (VECTOR + b"\n", f"mac={MAC}", APP, SECRET),
    (VECTOR.replace(b":{", b": {"), f"mac={MAC}", APP, SECRET),
], ids=range(10))
def test_any_other_signature_body_or_secret_is_not(raw, header, app, secret):
    assert not signed(raw, parsed(raw), header, app, secret)


def test_the_app_id_inside_must_be_ours_too():
    raw = VECTOR.replace(APP.encode(), b"999")
    mac = hashlib.sha256(APP.encode() + raw + STAMP.encode() + SECRET.encode()).hexdigest()
    assert not signed(raw, parsed(raw), mac, APP, SECRET)


@pytest.mark.parametrize("stamp", ['"\\ud800"', "null", "[]", "1.5", '"12a"', "true", '""', '"-1"', '"٣"'])
def test_a_time_that_is_none_signs_nothing(stamp):
    raw = VECTOR.replace(b'"1727000000000"', stamp.encode())
    assert not signed(raw, parsed(raw), MAC, APP, SECRET)


# --- what was seen, and whose account


def test_seen_events_at_the_webhook_good_repeated_forged_and_malformed(api):
    good = api.receipt("user_seen_message", CITIZEN, msg_ids=["s1", "s2"])
    forged_body, header = api.signed(good)
    forged = forged_body.replace(b'"s2"', b'"s3"'), header
    other_app = api.signed({**good, "app_id": "999"})
    malformed = [api.signed(api.receipt("user_seen_message", CITIZEN, **m)) for m in ({}, {"msg_ids": [[]]}, {"msg_ids": 1.5}, {"msg_id": ""})]
    answers, stored = posted(api, [api.signed(good), api.signed(good), api.signed(good, True), forged, other_app, (forged_body, None), *malformed,
                                   api.signed(api.receipt("user_received_message", CITIZEN, msg_id="s1"))])
    assert [a.status_code for a in answers] == [200, 200, 200, 403, 403, 200, 200, 200, 200, 200, 200]
    assert [(m.address, m.read, m.text, m.answer, m.opened) for m in stored] == [(CITIZEN, ("s1", "s2"), "", "", False)] * 3


def test_a_seen_event_that_cannot_be_written_yet_is_asked_for_again(api):
    async def store(found):
        raise NotYet("a message is being sent")

    answers, _ = posted(api, [api.signed(api.receipt("user_seen_message", CITIZEN, msg_ids=["s1"]))], store=store)
    assert [a.status_code for a in answers] == [503]


def test_the_webhook_goes_by_the_settings(api):
    person = echo(admin_id="7")
    _, stored = posted(api, [api.signed(person), api.signed(echo()), api.signed(text("chào", recipient={"id": "444"}))], id="333")
    assert [(m.platform_id, m.person_minutes) for m in stored] == [("m9", 30)]
    _, stored = posted(api, [api.signed(person)], staff_pause_minutes=0)
    assert stored == []


# --- the webhook


def test_what_a_citizen_does_is_stored_before_it_is_confirmed(api):
    events = [text("một"), text("một"), relation("follow"), relation("unfollow"), media("image", {"url": "u"}), event("something_new")]
    answers, stored = posted(api, [api.signed(e) for e in events])
    assert [a.status_code for a in answers] == [200] * 6
    assert [(m.text, m.left, bool(m.answer)) for m in stored] == [
        ("một", False, False), ("một", False, False), ("xin chào", False, False), ("", True, False), ("", False, True)]


@pytest.mark.parametrize("escaped", [False, True])
def test_the_raw_body_is_what_is_signed(api, escaped):
    (answer,), stored = posted(api, [api.signed(text("lệ phí 50/100 nghìn “đồng” 👩‍🌾"), escaped)])
    assert (answer.status_code, [m.text for m in stored]) == (200, ["lệ phí 50/100 nghìn “đồng” 👩‍🌾"])


def test_a_wrong_signature_is_refused_and_stores_nothing(api):
    api.secret = "somebody else's"
    forged = api.signed(text("chào"))
    other_app = api.signed(text("chào", app_id="999"))
    answers, stored = posted(api, [forged, other_app, (b"{", "mac=0"), (b"[]", "mac=0"), (b"\xff", "mac=0"), (b"[" * 50_000, "mac=0"),
                                   (b'{"timestamp":' + b"9" * 5000 + b"}", "mac=0"), (forged[0], "é")], secret=SECRET)
    assert ([a.status_code for a in answers], stored) == ([403] * 8, [])


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"null", VECTOR, b"[" * 100_000])
def test_the_consoles_probe_is_answered_and_goes_nowhere(api, body):
    """It comes when the URL is saved, before there is a secret to sign it with."""
    (answer,), stored = posted(api, [(body, None)])
    assert (answer.status_code, stored) == (200, [])
    (answer,), stored = posted(api, [(body, None)], secret="")
    assert (answer.status_code, stored) == (200, [])


def test_without_the_secret_nothing_is_believed(api, caplog):
    (answer,), stored = posted(api, [api.signed(text("chào"))], secret="")
    assert (answer.status_code, stored) == (200, [])
    assert "ZALO_OA_SECRET_KEY is not set" in caplog.text


def test_an_event_that_is_not_stored_is_asked_for_again(api, caplog):
    async def store(found):
        raise RuntimeError("bí mật")

    answers, _ = posted(api, [api.signed(text("một"))], store=store)
    assert [(a.status_code, "mật" in a.text) for a in answers] == [(503, False)]
    assert "bí mật" not in caplog.text
