"""A province's sign-in: OpenID Connect with codes, PKCE and signed tokens; tells lies when told to."""

import base64
import hashlib
import json
import secrets
import time
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI, Form, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.standins.serving import Serving

CLIENT, SECRET = "tro-ly", "mat-khau-ung-dung"


@lru_cache
def keys() -> tuple[RSAKey, RSAKey]:
    """The province's key and one it never published; made once, for making them takes a while."""
    return RSAKey.generate_key(2048, {"kid": "k1"}), RSAKey.generate_key(2048, {"kid": "k1"})


class OidcStandIn(Serving):
    """person: claims of whoever signs in. lie(claims) -> claims changes a token before it is signed; header: of the token.

    foreign: sign with a key nobody publishes. unsigned: an unsigned token. now: the clock of the tokens.
    """

    def __init__(self) -> None:
        super().__init__(None)
        self.key, self.strange = keys()
        self.person: dict[str, Any] = {"sub": "42", "email": "hoa@ninhbinh.example", "email_verified": True}
        self.codes: dict[str, dict[str, str]] = {}
        self.lie = lambda claims: claims
        self.foreign = self.unsigned = self.hmac = False
        self.now = time.time
        self.issuer_says = ""

    def _app(self) -> FastAPI:
        app = FastAPI(openapi_url=None)

        @app.get("/.well-known/openid-configuration")
        def about() -> dict:
            return {"issuer": self.issuer_says or self.url, "authorization_endpoint": f"{self.url}/authorize", "token_endpoint": f"{self.url}/token",
                    "jwks_uri": f"{self.url}/keys"}

        @app.get("/keys")
        def published() -> dict:
            return {"keys": [self.key.as_dict(private=False)]}

        @app.get("/authorize")
        def authorize(request: Request) -> Response:
            given = dict(request.query_params)
            if given.get("client_id") != CLIENT or given.get("code_challenge_method") != "S256" or given.get("response_type") != "code":
                return JSONResponse({"error": "invalid_request"}, 400)
            code = secrets.token_urlsafe(12)
            self.codes[code] = given
            return RedirectResponse(f"{given['redirect_uri']}?{urlencode({'code': code, 'state': given['state']})}", 303)

        @app.post("/token")
        def token(request: Request, code: str = Form(""), code_verifier: str = Form(""), redirect_uri: str = Form("")) -> Response:
            asked = self.codes.pop(code, None)
            pair = base64.b64decode(request.headers.get("authorization", "").removeprefix("Basic ")).decode()
            challenge = base64.urlsafe_b64encode(hashlib.sha256(code_verifier.encode()).digest()).rstrip(b"=").decode()
            if asked is None or pair != f"{CLIENT}:{SECRET}" or challenge != asked["code_challenge"] or redirect_uri != asked["redirect_uri"]:
                return JSONResponse({"error": "invalid_grant"}, 400)
            return JSONResponse({"access_token": "x", "token_type": "Bearer", "id_token": self._token(asked["nonce"])})

        return app

    def _token(self, nonce: str) -> str:
        now = int(self.now())
        claims = self.lie({"iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce, **self.person})
        if self.unsigned:
            part = lambda data: base64.urlsafe_b64encode(json.dumps(data).encode()).rstrip(b"=").decode()
            return f"{part({'alg': 'none'})}.{part(claims)}."
        if self.hmac:
            from joserfc.jwk import OctKey
            return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET.ljust(32, "x")))
        return jwt.encode({"alg": "RS256", "kid": "k1"}, claims, self.strange if self.foreign else self.key)
