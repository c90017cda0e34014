"""The action endpoint that Rasa calls, on loopback only, in the web process: rasa-sdk's executor behind one route."""

import logging

from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

logger = logging.getLogger(__name__)


def make() -> Starlette:
    """POST /webhook as Rasa's action server protocol has it."""
    executor = ActionExecutor()
    executor.register_package("actions")

    async def webhook(request: Request) -> JSONResponse:
        call = await request.json()
        try:
            result = await executor.run(call)
        except ActionExecutionRejection as error:
            return JSONResponse({"error": str(error), "action_name": error.action_name}, 400)
        except ActionNotFoundException as error:
            logger.error("%s", error)
            return JSONResponse({"error": str(error), "action_name": error.action_name}, 404)
        except Exception:
            logger.exception("action %s failed", call.get("next_action"))
            return JSONResponse({"error": "action failed", "action_name": call.get("next_action")}, 500)
        return JSONResponse(result.model_dump() if hasattr(result, "model_dump") else result)

    return Starlette(routes=[Route("/webhook", webhook, methods=["POST"])])
