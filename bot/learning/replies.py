"""What the engine says, as messages for a chat: its commands as payloads, its pictures as addresses. Pure."""

from collections.abc import Iterable

from bot.learning.asking import Say
from bot.messages import Reply, payload

COMMANDS = {"next": "/next_step", "stop": "/stop_lesson", "progress": "/my_progress", "human": "/request_human",
            "certificate": "/get_certificate", "test": payload("course_test", "begin"), "skip": payload("course_test", "skip")}


def replies_of(says: Iterable[Say], public_url: str) -> list[Reply]:
    """public_url: of our web server, before which pictures of published courses stand."""
    def of(command) -> str:
        return COMMANDS[command] if isinstance(command, str) else payload("lesson_answer", f"{command[1]}:{command[2]}")

    return [Reply(s.text, tuple((title, of(c)) for title, c in s.buttons), quick=True,
                  image=f"{public_url.rstrip('/')}/pictures/{s.picture.sha}.png" if s.picture else None,
                  extra={"lesson": True, **({"alt": s.picture.alt} if s.picture else {})}) for s in says]


def picked(value: str) -> tuple[str, int | str]:
    """(item id, what was picked) of the value of an answer's button, "<item>:<index or word>"."""
    item, _, pick = value.rpartition(":")
    return item, int(pick) if pick.isdigit() else pick
