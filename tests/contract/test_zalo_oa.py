"""The Official Account as a whole: its settings, what is kept quiet, and the stand-in the other files try it against."""

import logging

import pytest

from bot.channels import all_channels
from bot.channels.base import SendError
from bot.channels.zalo_oa import ZaloOaChannel, make
from bot.config import Settings
from bot.errors import SetupError
from tests.patience import get, post
from tests.standins.zalo_oa import MESSAGE, TOKEN, UPLOAD
from tests.zalo_oa_channel import APP, CITIZEN, PICTURE, PNG, MemoryKeep, die_while_saving, media, posted, relation, sent, stand_in, text

api = pytest.fixture(stand_in)


# --- what is kept quiet


def test_logs_carry_no_words_people_or_secrets(api, caplog):
    caplog.set_level(logging.DEBUG)
    keep = MemoryKeep()
    posted(api, [api.signed(text("bí mật")), (api.signed(text("bí mật"))[0], "mac=0"), api.signed(media("image", {"url": "u"}))])
    for kind in ("garbage", "disconnect", "429", -201, -216, -230):
        api.fail_next(1, kind, MESSAGE)
        try:
            sent(api, {"text": "bí mật", "image": PICTURE, "alt": "bí mật"}, keep=keep)
        except SendError as error:
            assert "bí mật" not in str(error)
    die_while_saving(api, MemoryKeep())
    mine = "\n".join(r.getMessage() for r in caplog.records if r.name.split(".")[0] in ("bot", "httpx", "httpcore"))
    assert "a wrong signature" in mine
    secret = [api.access_token, api.refresh_token, api.first_refresh_token, api.secret, api.app_secret]
    assert [word for word in ("bí mật", CITIZEN, *secret) if word in mine] == []


def test_name_and_picture_of_a_citizen_are_never_asked_for(api):
    sent(api, {"text": "một", "image": PICTURE, "buttons": [{"title": "Có", "payload": "b1"}]})
    posted(api, [api.signed(relation("follow")), api.signed(text("chào"))])
    assert set(api.paths()) == {TOKEN, MESSAGE, UPLOAD}


# --- the stand-in itself


def test_the_stand_in_keeps_to_the_fact_sheet(api):
    def token(refresh, secret=api.app_secret, **fields):
        data = {"app_id": APP, "refresh_token": refresh, "grant_type": "refresh_token", **fields}
        return post(api.url + TOKEN, headers={"secret_key": secret}, data=data).json()

    def message(content, token=None, path=MESSAGE):
        answer = post(api.url + path, headers={"access_token": token or api.access_token}, json=content)
        assert answer.status_code == 200, "errors, too"
        return answer.json()["error"]

    def saying(words="a", user=CITIZEN, **attachment):
        return {"recipient": {"user_id": user}, "message": {"text": words, **({"attachment": attachment} if attachment else {})}}

    def choices(number, title="Nút", payload="b1", **more):
        return saying(type="template", payload={"buttons": [{"title": title, "type": "oa.query.hide", "payload": payload}] * number, **more})

    assert token("refresh-token-EXAMPLE", secret="wrong")["error"] < 0 and token("refresh-token-EXAMPLE", app_id="1")["error"] == -118
    first = token("refresh-token-EXAMPLE")
    assert (first["expires_in"], first["access_token"]) == ("90000", api.access_token)
    assert token("refresh-token-EXAMPLE") == {"error": -14014, "error_name": "Invalid refresh token"}
    second = token(first["refresh_token"])
    assert message(saying(), first["access_token"]) == -216, "the old one dies"
    assert message(saying(), second["access_token"]) == 0
    assert (message(saying("a" * 2000)), message(saying("a" * 2001))) == (0, -201)
    assert (message(choices(5)), message(choices(6)), message(choices(1, "a" * 36)), message(choices(1, payload=""))) == (0, -201, -201, -201)
    assert message(choices(1, template_type="button")) == -233
    assert message({"recipient": {"user_id": CITIZEN}, "message": {"text": "a"}, "more": 1}) == -201
    assert (message(saying(user="404")), message(saying(user="An"))) == (-232, -201)
    api.meet("8", hours_ago=168.1)
    assert message(saying(user="8")) == -230
    api.refusals["9"] = -213
    assert message(saying(user="9")) == -213
    assert get(api.url + "/v3.0/oa/user/detail").status_code == 404
    assert post(api.url + "/v2.0/oa/message", json={}).status_code == 404
    assert post(api.url + UPLOAD, headers={"access_token": api.access_token}, files={"file": ("picture", PNG)}).json()["data"] == {}
    api.forward(25.1)
    assert message(saying()) == -220
    with pytest.raises(ValueError):
        api.fail_next(1, "nonsense")


# --- settings


def test_the_channel_is_on_when_an_app_id_is_set(api):
    assert make(Settings(_env_file=None, zalo_oa_app_id=" ")) is None
    settings = Settings(_env_file=None, **api.settings())
    with pytest.raises(SetupError):
        make(settings)
    found = [c for c in all_channels(settings, keep=MemoryKeep(), picture=lambda path: None) if c.name == "zalo_oa"]
    assert len(found) == 1 and (found[0].limits.characters, found[0].limits.buttons) == (2000, 5)
    assert api.secret not in repr(settings) + repr(found[0])


def test_every_callers_limit_is_below_zalos():
    assert ZaloOaChannel.limits.per_second * 60 < 4000
