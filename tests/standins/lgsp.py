"""A province's LGSP-style gateway: tokens by key and secret, files and a catalogue; fails as it is told to, refuses all else."""

import secrets
import time
from collections import Counter, deque
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

from tests.standins.serving import Serving

KEY, SECRET = "ung-dung-cong-dan-so", "bí mật của ứng dụng"


class LgspStandIn(Serving):
    """dossiers: by code, as the gateway tells of them. upcoming: failures for the next requests of files and catalogue, in order:

    an HTTP status, "timeout", "disconnect", "malformed", "html", "huge", "list", "stateless", "drip". asked: requests by path.
    """

    def __init__(self) -> None:
        super().__init__(None)
        self.dossiers: dict[str, dict[str, Any]] = {}
        self.catalogue: list[dict[str, Any]] = []
        self.page_size = 2
        self.upcoming: deque[int | str] = deque()
        self.upcoming_token: deque[int | str] = deque()
        self.asked: Counter[str] = Counter()
        self.tokens: dict[str, float] = {}
        self.token_seconds = 3600
        self.retry_after = "1"
        self.hang_seconds = 3.0
        self.tokens_made = 0

    def revoke(self) -> None:
        self.tokens.clear()

    def _app(self) -> FastAPI:
        app = FastAPI(openapi_url=None)

        @app.post("/token")
        def token(request: Request) -> Response:
            self.asked["/token"] += 1
            failed = self._failure(self.upcoming_token)
            if failed is not None:
                return failed
            import base64
            given = request.headers.get("authorization", "").removeprefix("Basic ")
            try:
                pair = base64.b64decode(given, validate=True).decode()
            except ValueError:
                pair = ""
            if pair != f"{KEY}:{SECRET}":
                return JSONResponse({"error": "invalid_client"}, 401)
            made = secrets.token_urlsafe(12)
            self.tokens[made] = time.monotonic() + self.token_seconds
            self.tokens_made += 1
            return JSONResponse({"access_token": made, "token_type": "Bearer", "expires_in": self.token_seconds})

        @app.get("/dossiers/{code:path}")
        def dossier(request: Request, code: str) -> Response:
            self.asked["/dossiers"] += 1
            refused = self._refused(request)
            if refused is not None:
                return refused
            found = self.dossiers.get(code)
            return JSONResponse(found) if found is not None else JSONResponse({"error": "not found"}, 404)

        @app.get("/procedures")
        def procedures(request: Request, page: int = 1) -> Response:
            self.asked["/procedures"] += 1
            refused = self._refused(request)
            if refused is not None:
                return refused
            first = (page - 1) * self.page_size
            return JSONResponse({"items": self.catalogue[first:first + self.page_size], "next": first + self.page_size < len(self.catalogue)})

        return app

    def _refused(self, request: Request) -> Response | None:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self.tokens.get(token, 0.0) < time.monotonic():
            return JSONResponse({"error": "invalid_token"}, 401)
        return self._failure(self.upcoming)

    def _failure(self, upcoming: deque[int | str]) -> Response | None:
        if not upcoming:
            return None
        how = upcoming.popleft()
        if how == 429:
            return JSONResponse({"error": "slow down"}, 429, headers={"Retry-After": self.retry_after})
        if isinstance(how, int):
            return JSONResponse({"error": "failed"}, how)
        if how == "timeout":
            time.sleep(self.hang_seconds)
            return JSONResponse({"state": "4"})
        if how == "drip":
            return StreamingResponse(self._drip(), media_type="application/json")
        if how == "disconnect":
            return Response(b"{", headers={"content-length": "500"}, media_type="application/json")
        return {"malformed": lambda: Response(b'{"state": "4', media_type="application/json"),
                "html": lambda: Response("<html>Bảo trì hệ thống</html>", media_type="text/html"),
                "huge": lambda: Response(b'"' + b"x" * (5 * 1024 * 1024) + b'"', media_type="application/json"),
                "list": lambda: JSONResponse([1, 2, 3]),
                "stateless": lambda: JSONResponse({"code": "X"})}[how]()

    @staticmethod
    def _drip() -> Iterator[bytes]:
        """An answer that never stalls for long and takes three seconds."""
        for piece in (b" ",) * 10 + (b'{"state": "4"}',):
            time.sleep(0.3)
            yield piece
