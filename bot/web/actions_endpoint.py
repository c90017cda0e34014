"""The action endpoint that Rasa calls, on loopback only, in the web process: rasa-sdk's executor behind one route."""

import logging

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException

logger = logging.getLogger(__name__)


def make() -> FastAPI:
    """POST /webhook as Rasa's action server protocol has it."""
    executor = ActionExecutor()
    executor.register_package("actions")
    endpoint = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @endpoint.post("/webhook")
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

    return endpoint
