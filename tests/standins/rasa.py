"""A stand-in for Rasa behind the gateway's protocol, so that the web chat can be tested in seconds: it repeats what it is told.

"nút" is answered with buttons; "ảnh" as where a photo may be sent; a payload is answered with itself; "chậm" takes two seconds. turns: what was asked.
"""

import asyncio
from typing import Any

from fastapi import FastAPI, Request

from tests.standins.serving import Serving


class RasaStandIn(Serving):
    """The server, in a thread of its own while the context lasts."""

    def __init__(self) -> None:
        self.turns: list[dict[str, Any]] = []
        super().__init__(self._app())

    def _app(self) -> FastAPI:
        app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

        @app.get("/webhooks/gateway/ready")
        async def ready() -> dict[str, bool]:
            return {"ready": True}

        @app.post("/webhooks/gateway/turn")
        async def turn(request: Request) -> dict[str, Any]:
            body = await request.json()
            self.turns.append(body)
            text = body["payload"] or body["text"]
            if text == "chậm":
                await asyncio.sleep(2)
            buttons = [{"title": "Học bài", "payload": "/start_course"}, {"title": "Thôi", "payload": "/help_menu"}] if text in ("nút", "ảnh") else []
            custom = {"quick": True, "photo": True} if text == "ảnh" else {}
            return {"replies": [{"text": f"Nghe rồi: {text}", "buttons": buttons, "image": None, "custom": custom}]}

        return app
