"""Signing staff in with the province's own account: OpenID Connect, authorisation code with PKCE."""

import hashlib
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx
from cachetools import TTLCache
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from bot.errors import BotError

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]
"""Signatures by a key of the issuer's own; never "none", never one made with the client's secret."""
DISCOVERY = "/.well-known/openid-configuration"
LEEWAY_SECONDS = 60
KEPT_SECONDS = 600


class NotSignedIn(BotError):
    """The issuer did not vouch for anybody. why: a word for the log; nothing of a token is in it."""

    def __init__(self, why: str):
        self.why = why
        super().__init__(f"not signed in: {why}")


@dataclass(frozen=True)
class Attempt:
    """What a browser carries, sealed, while it is at the issuer's. to: our page that was asked for."""

    state: str
    nonce: str
    verifier: str
    to: str


def begin(to: str) -> Attempt:
    return Attempt(secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48), to)


class Issuer:
    """An issuer and our registration with it. now: seconds since 1970, for the times in tokens."""

    def __init__(self, issuer: str, client_id: str, client_secret: str, callback: str, now: Callable[[], float] = time.time):
        self.issuer, self._client_id, self._client_secret, self._callback, self._now = issuer.rstrip("/"), client_id, client_secret, callback, now
        self._kept: TTLCache[str, Any] = TTLCache(4, KEPT_SECONDS)
        self._http = httpx.Client(timeout=5.0, follow_redirects=False)

    def address(self, attempt: Attempt) -> str:
        """Where the browser goes. Raises NotSignedIn when the issuer cannot be reached."""
        challenge = urlsafe_b64encode(hashlib.sha256(attempt.verifier.encode()).digest()).rstrip(b"=").decode()
        given = {"response_type": "code", "client_id": self._client_id, "redirect_uri": self._callback, "scope": "openid email profile",
                 "state": attempt.state, "nonce": attempt.nonce, "code_challenge": challenge, "code_challenge_method": "S256"}
        return f"{self._about('authorization_endpoint')}?{urlencode(given)}"

    def claims(self, attempt: Attempt, state: str, code: str) -> dict[str, Any]:
        """What the issuer says of who came back. Raises NotSignedIn."""
        if not code or not secrets.compare_digest(state.encode(), attempt.state.encode()):
            raise NotSignedIn("state")
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self._callback, "code_verifier": attempt.verifier}
        auth = (self._client_id, self._client_secret) if self._client_secret else None
        told = self._json("POST", self._about("token_endpoint"), data=form if auth else {**form, "client_id": self._client_id}, auth=auth)
        token = told.get("id_token")
        if not isinstance(token, str):
            raise NotSignedIn("no id token")
        return self._verified(token, attempt.nonce)

    def _verified(self, token: str, nonce: str) -> dict[str, Any]:
        try:
            claims = jwt.decode(token, self._keys(), algorithms=ALGORITHMS).claims
            jwt.JWTClaimsRegistry(now=int(self._now()), leeway=LEEWAY_SECONDS, iss={"essential": True, "value": self.issuer},
                                  aud={"essential": True, "value": self._client_id}, exp={"essential": True}, iat={"essential": True},
                                  nonce={"essential": True, "value": nonce}, sub={"essential": True}).validate(claims)
        except (JoseError, ValueError) as error:
            raise NotSignedIn(type(error).__name__) from error
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if claims.get("azp", "" if several else self._client_id) != self._client_id:
            raise NotSignedIn("azp")
        return claims

    def _keys(self) -> KeySet:
        if "keys" not in self._kept:
            self._kept["keys"] = KeySet.import_key_set(self._json("GET", self._about("jwks_uri")))
        return self._kept["keys"]

    def _about(self, name: str) -> str:
        """An address out of the issuer's own description, which must be of this issuer."""
        if "about" not in self._kept:
            about = self._json("GET", f"{self.issuer}{DISCOVERY}")
            if about.get("issuer", "").rstrip("/") != self.issuer:
                raise NotSignedIn("issuer")
            self._kept["about"] = about
        address = self._kept["about"].get(name)
        if not isinstance(address, str):
            raise NotSignedIn(f"no {name}")
        return address

    def _json(self, method: str, address: str, **more: Any) -> dict[str, Any]:
        try:
            answer = self._http.request(method, address, headers={"Accept": "application/json"}, **more)
            told = answer.json() if answer.status_code == 200 else None
        except (httpx.HTTPError, ValueError) as error:
            raise NotSignedIn(type(error).__name__) from error
        if not isinstance(told, dict):
            raise NotSignedIn(f"HTTP {answer.status_code}")
        return told
