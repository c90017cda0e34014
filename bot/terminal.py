"""The terminal chat: the same HTTP API as the web page; buttons are numbers."""

import json
import sys
import threading
import uuid

import httpx

from bot.config import settings
from bot.errors import BotError

KEEP = "terminal_sender"


def talk(url: str) -> None:
    """Reads lines until end of input or "thoát". Raises BotError when no server answers."""
    http = httpx.Client(base_url=url, timeout=30)
    try:
        http.get("/health")
    except httpx.HTTPError as error:
        raise BotError(f"no server answers at {url}; start one with `make run`") from error
    place = settings().var / KEEP
    sender = place.read_text().strip() if place.exists() else ""
    buttons: list[dict] = []
    if sender:
        threading.Thread(target=listen, args=(url, sender), daemon=True).start()
    print("Gõ câu hỏi rồi Enter. Số để chọn nút. “thoát” để dừng.", flush=True)
    for line in sys.stdin:
        text = line.strip()
        if text.lower() in ("thoát", "thoat", "exit", "quit"):
            return
        if not text:
            continue
        body: dict = {"id": uuid.uuid4().hex, **({"sender": sender} if sender else {})}
        if text.isdigit() and 1 <= int(text) <= len(buttons):
            body["payload"] = buttons[int(text) - 1]["payload"]
        else:
            body["text"] = text
        try:
            answer = http.post("/api/chat", json=body)
        except httpx.HTTPError as error:
            raise BotError(f"the server at {url} does not answer any more") from error
        data = answer.json()
        if answer.status_code != 200:
            print(data.get("error", answer.status_code), flush=True)
            continue
        if not sender:
            sender = data["sender"]
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(sender)
            threading.Thread(target=listen, args=(url, sender), daemon=True).start()
        # with nothing to tap on the screen a number is an answer ("15 ngày"), not an old button
        buttons = show(data["messages"])


def show(messages: list[dict]) -> list[dict]:
    """Prints messages; returns the buttons of them all, in the order of their numbers."""
    lines, buttons = lines_of(messages)
    print(*lines, "", sep="\n", flush=True)
    return buttons


def lines_of(messages: list[dict]) -> tuple[list[str], list[dict]]:
    """(what is printed for messages, their buttons in the order of their numbers)."""
    lines: list[str] = []
    buttons: list[dict] = []
    for message in messages:
        if message.get("alt"):
            lines.append(f"\n🖼 {message['alt']}")
        lines.append(f"\n{message['text']}")
        for button in message["buttons"]:
            buttons.append(button)
            lines.append(f"  [{len(buttons)}] {button['title']}")
    return lines, buttons


def listen(url: str, sender: str) -> None:
    """Prints messages that are not answers (reminders) while the chat is open."""
    try:
        with httpx.stream("GET", f"{url}/api/chat/events", params={"sender": sender}, timeout=None) as stream:
            for line in stream.iter_lines():
                if line.startswith("data:"):
                    show([json.loads(line[5:])])
    except (httpx.HTTPError, ValueError):
        return


