"""Pictures of published courses. Their address is the hash of their bytes, so browsers may keep them for ever."""

from fastapi import APIRouter, HTTPException, Request, Response

from bot.services import pictures
from bot.wording import say

router = APIRouter()


@router.get("/pictures/{sha}.png")
def picture(request: Request, sha: str) -> Response:
    """The PNG with this SHA-256; 404 when no published course has shown it."""
    with request.app.state.app.database.read() as session:
        found = pictures.find(session, sha)
    if found is None:
        raise HTTPException(404, say("no_picture"))
    return Response(found.data, media_type=found.media_type, headers={"Cache-Control": "public, max-age=31536000, immutable"})
