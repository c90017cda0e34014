"""The only door into Rasa: the gateway posts one message, gets the turn's replies or an honest failure.

Why not the `rest` channel: it turns every exception into an empty answer, splits replies at blank lines, and lets typed
text that begins with "/" act as an intent.
"""

import hmac
import logging
import os
from typing import Any, Awaitable, Callable, Dict, Optional

from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot import failpoints
from bot.rasa_glue import history, speed

logger = logging.getLogger(__name__)


class TurnOutput(CollectingOutputChannel):
    """Collects the replies of a turn, each as the action or response gave it."""

    async def send_response(self, recipient_id: str, message: Dict[str, Any]) -> None:
        reply = {"text": message.get("text") or "", "buttons": message.get("buttons") or [],
                 "image": message.get("image"), "custom": message.get("custom") or {}}
        self.messages.append(reply)


class GatewayInput(InputChannel):
    """POST /webhooks/gateway/turn {sender, text | payload, message_id, context} -> {"replies": [...]} or 503."""

    def __init__(self, token: str) -> None:
        self._token = token

    @classmethod
    def name(cls) -> str:
        return "gateway"

    @classmethod
    def from_credentials(cls, credentials: Optional[Dict[str, Any]]) -> "GatewayInput":
        speed.install()
        return cls((credentials or {}).get("token") or os.environ.get("RASA_GATEWAY_TOKEN", ""))

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        routes = Blueprint("gateway_turns", __name__)

        @routes.route("/ready", methods=["GET"])
        async def ready(request: Request) -> HTTPResponse:
            agent = getattr(request.app.ctx, "agent", None)
            loaded = agent is not None and agent.is_ready()
            return response.json({"ready": loaded}, status=200 if loaded else 503)

        @routes.route("/turn", methods=["POST"])
        async def turn(request: Request) -> HTTPResponse:
            given = request.headers.get("x-gateway-token", "")
            if not self._token or not hmac.compare_digest(given.encode(), self._token.encode()):
                return response.json({"error": "forbidden"}, status=403)
            body = request.json
            text = body["payload"] if body.get("payload") else (body.get("text") or "").lstrip("/ \t\n")
            failpoints.at("rasa.received")
            sender, output = body["sender"], TurnOutput()
            history.FAILED.discard(sender)
            try:
                await on_new_message(UserMessage(text, output, sender, input_channel=self.name(),
                                                 message_id=body.get("message_id"), metadata=body.get("context") or {}))
            except Exception as error:
                # the class only: the message of an exception may hold what the citizen typed
                logger.error(f"turn {body.get('message_id')} failed: {type(error).__name__}")
                return response.json({"error": type(error).__name__}, status=503)
            if sender in history.FAILED:
                return response.json({"error": "the conversation could not be saved"}, status=503)
            failpoints.at("rasa.answering")
            return response.json({"replies": output.messages})

        return routes
