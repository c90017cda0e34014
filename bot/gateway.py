"""inbox -> Rasa -> outbox: one conversation in order, different ones side by side.

A message is leased, put to Rasa, and finished in one transaction with its replies. Whatever dies in between, the lease
expires and the message is taken up again; the action's own record (table turns) keeps it from acting twice.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Sequence

from bot import failpoints
from bot.app import App
from bot.language.emergency import is_emergency
from bot.messages import Incoming, payload
from bot.places import home
from bot.rasa_client import RasaClient, RasaFailed, RasaUnavailable
from bot.services import drills, inbox, incidents, linking, outbox, parking, people, privacy, sos, study, titles
from bot.store.db import Session
from bot.store.tables import Conversation, Inbound, Outbound
from bot.wording import say

logger = logging.getLogger(__name__)

SIDE_BY_SIDE = 16
LOOK_EVERY_SECONDS = 0.5
"""How often messages stored by other processes, or waiting for another try, are looked for."""


class Waiting:
    """The web requests that wait for the answer to one message."""

    def __init__(self) -> None:
        self.over = asyncio.Event()
        self.requests = 0
        self.writing = False
        """The replies are being written as given to these requests: whoever is out of patience waits for that all the same."""
        self.done = False
        self.rows: list[Outbound] | None = None
        """The replies, when they were written for these requests alone."""


class Gateway:
    """Takes messages in and works them off. Runs in the web process; any number of them share one database.

    Replies that a web request waits for are written as given to it: if it is gone when they are committed, the page asks
    again with the same id and gets the same rows.
    """

    def __init__(self, app: App, rasa: RasaClient, holder: str | None = None):
        self._app, self._rasa, self.holder = app, rasa, holder
        self._busy: dict[str, asyncio.Task] = {}
        self._requests: dict[int, Waiting] = {}
        self._request_lock = threading.Lock()
        self._limit = asyncio.Semaphore(SIDE_BY_SIDE)
        self._loop: asyncio.Task | None = None
        self._unattended: set[int] = set()
        """Messages whose web request no longer waits: their replies need not be held for it."""

    async def start(self) -> None:
        self._loop = asyncio.create_task(self._look())

    async def stop(self) -> None:
        """Stops looking and lets turns under way go; their leases expire and they are taken up after the restart."""
        for task in [t for t in (self._loop, *self._busy.values()) if t]:
            task.cancel()

    async def accept(self, message: Incoming) -> inbox.Stored:
        """Stores the message durably and starts work on it; when this returns, it will be answered."""
        stored = await asyncio.to_thread(parking.store, self._app.database, self._app.settings.key(), message, self._app.clock())
        failpoints.at("inbox.stored")
        if not message.read:
            self._work_on(stored.conversation_id)
        return stored

    async def answer(self, stored: inbox.Stored, wait_seconds: float) -> Sequence[Outbound] | None:
        """The replies to a stored message, taken over for the web response; None when they are not there in time."""
        def take(told: bool) -> Sequence[Outbound] | None:
            now = self._app.clock()
            with self._app.database.write() as session:
                if not told and inbox.under_way(session, stored.inbox_id):
                    return None
                rows = outbox.replies_to(session, stored.conversation_id, stored.inbox_id)
                outbox.hand_over(session, [r for r in rows if r.state == "due"], now)
            return rows

        with self._request_lock:
            waiting = self._requests.setdefault(stored.inbox_id, Waiting())
            waiting.requests += 1
        rows = None
        try:
            if not stored.new:
                rows = await asyncio.to_thread(take, False)
            if rows is None:
                await asyncio.wait_for(waiting.over.wait(), wait_seconds)
        except TimeoutError:
            pass
        finally:
            self._leave(stored.inbox_id, waiting)
        if rows is None and waiting.writing:
            await waiting.over.wait()
        if rows is None:
            rows = waiting.rows
        if rows is None:
            rows = await asyncio.to_thread(take, waiting.done)
        if rows is None:
            self._unattended.add(stored.inbox_id)
        else:
            failpoints.at("web.handed_over")
        return rows

    def _leave(self, inbox_id: int, waiting: Waiting) -> None:
        """One request less; who comes after that finds none to write for."""
        with self._request_lock:
            waiting.requests -= 1
            if not waiting.requests and not waiting.writing:
                self._requests.pop(inbox_id, None)

    def _to_write_for(self, inbox_id: int) -> Waiting | None:
        """The requests that wait for this message, from now on until its replies are committed; None when there are none."""
        with self._request_lock:
            waiting = self._requests.get(inbox_id)
            if waiting is not None:
                waiting.writing = True
            return waiting

    def _work_on(self, conversation_id: str) -> None:
        if conversation_id not in self._busy:
            task = asyncio.create_task(self._drain(conversation_id))
            self._busy[conversation_id] = task
            task.add_done_callback(lambda _: self._busy.pop(conversation_id, None))

    async def _look(self) -> None:
        """Finds work that nobody started here: other processes' messages, retries, expired leases."""
        while True:
            await asyncio.sleep(LOOK_EVERY_SECONDS)
            try:
                for conversation_id in await asyncio.to_thread(self._waiting):
                    self._work_on(conversation_id)
            except Exception:
                logger.exception("looking for waiting messages failed; trying again")

    def _waiting(self) -> list[str]:
        with self._app.database.read() as session:
            return inbox.waiting(session, self._app.clock(), SIDE_BY_SIDE * 2)

    async def _drain(self, conversation_id: str) -> None:
        """Works off one conversation until nothing in it can be done now."""
        while True:
            async with self._limit:
                if not await self._one(conversation_id):
                    return

    async def _one(self, conversation_id: str) -> bool:
        """One message: lease, turn, finish. False when there was none or it has to wait."""
        taken = await asyncio.to_thread(self._claim, conversation_id)
        if taken is None:
            return False
        message, context, pressed = taken
        failpoints.at("gateway.claimed")
        began = time.perf_counter()
        turn = asyncio.create_task(self._rasa.turn(message.conversation_id, message.text or "", pressed, message.id,
                                                   context))
        try:
            await asyncio.wait({turn}, timeout=self._app.settings.reply_wait_seconds)
            if not turn.done():
                await asyncio.to_thread(self._notice, message)
            replies = await turn
        except RasaUnavailable as error:
            await asyncio.to_thread(self._put_back, message, str(error), True)
            return False
        except RasaFailed as error:
            await asyncio.to_thread(self._put_back, message, str(error), False)
            return False
        failpoints.at("gateway.answered")
        self._app.tallies.observe("rasa_seconds", time.perf_counter() - began)
        await asyncio.to_thread(self._finish, message, replies)
        return True

    def _claim(self, conversation_id: str) -> tuple[Inbound, dict, str | None] | None:
        """(message, what Rasa is told beside it, the payload of the button that was pressed or might as well have been)."""
        with self._app.database.write() as session:
            message = inbox.claim(session, self._app.clock(), conversation_id, self.holder)
            if message is None:
                return None
            talk = session.get_one(Conversation, message.conversation_id)
            words = words_asked(talk.awaiting)
            name_asked = not words and talk.awaiting and not talk.awaiting.startswith((
                drills.AWAITED, linking.AWAITED, privacy.AWAITED, incidents.AWAITED, sos.AWAITED))
            asked = words or ({"kind": "name"} if name_asked else None)
            expect = asked or incidents.expectation(session, talk) or drills.expectation(session, talk) or study.expectation(session, talk.learner_id)
            if expect is not None:
                expect["on_screen"] = talk.lesson_on_screen
            context = {"inbox_id": message.id, "address": message.address, "masked": message.masked or [], "expect": expect}
            asks = expect is not None and expect["kind"] != "card" and expect["on_screen"]
            course = titles.typed(session, message.text) if message.text and not message.payload and not asks else None
            # a unit that staff have added is in none of Rasa's lists; at a question what is typed is its answer
            home_said = bool(message.text) and not message.payload and (expect is None or expect["kind"] == "card") \
                and (not talk.awaiting or talk.awaiting.startswith(sos.AWAITED)) and home.is_said(message.text)
            meant = payload("course_begin", course) if course else payload("set_commune", home.SAID + message.text) if home_said else message.payload
            return message, context, meant

    def _notice(self, message: Inbound) -> None:
        """On push channels: the honest sentence that it takes longer, once; the web request says it by itself."""
        if message.channel == "web":
            return
        now = self._app.clock()
        with self._app.database.write() as session:
            talk = session.get_one(Conversation, message.conversation_id)
            outbox.enqueue(session, talk, f"busy:{message.id}", "notice", {"text": waiting_words(message.text or "")}, now,
                           address=message.address)

    def _put_back(self, message: Inbound, error: str, ours: bool) -> None:
        now = self._app.clock()
        with self._app.database.write() as session:
            state = inbox.failed(session, message, error, now, ours)
            if state == "parked":
                talk = session.get_one(Conversation, message.conversation_id)
                outbox.enqueue(session, talk, f"inbox:{message.id}:0", "reply", {"text": say("parked")}, now,
                               address=message.address)
        logger.warning("message %s: %s, now %s", message.id, error, state)
        if state == "new":
            self._notice(message)
        if state == "parked":
            self._tell(message.id)

    def _finish(self, message: Inbound, replies: list[dict]) -> None:
        """Replies queued, message done, the action's record gone: one transaction."""
        now = self._app.clock()
        request = self._to_write_for(message.id) if message.channel == "web" else None

        def write(session: Session) -> list[Outbound | None]:
            # the conversation first, as inbox.store has it: the other way round two transactions wait for each other
            talk = people.held(session, message.conversation_id)
            held = message.channel == "web" and message.id not in self._unattended
            lesson = bool((replies[-1].get("custom") or {}).get("lesson")) if replies else False
            asks = study.expectation(session, talk.learner_id) if lesson else None
            by_number = numbers_choose(asks)
            bodies = bodies_of(replies, by_number)
            forget = any(body.get("forget") for body in bodies)
            given: list[Outbound | None] = []
            for number, body in enumerate(bodies):
                cause = f"inbox:{message.id}:{number}"
                if request is not None and not forget:
                    given.append(outbox.give(session, talk, cause, body, now))
                else:
                    outbox.enqueue(session, talk, cause, "reply", body, now, not_before=now + outbox.WEB_HOLD if held else None, address=message.address)
            inbox.done(session, message.id, now)
            if forget:
                session.flush()
                people.forget(session, talk.id, keep_inbox=message.id)
            else:
                talk.offered = offered_by(replies, by_number)
                talk.lesson_on_screen = lesson
            failpoints.at("gateway.finishing")
            return given

        try:
            given = self._app.database.again(write)
            failpoints.at("gateway.finished")
        except BaseException:
            self._tell(message.id, False)
            raise
        if request is not None and given and None not in given:
            request.rows = given
        self._app.tallies.observe("answer_seconds", max(0.0, (now - message.received_at).total_seconds()), channel=message.channel)
        self._tell(message.id)

    def _tell(self, inbox_id: int, done: bool = True) -> None:
        """The message is finished; or the requests that wait have to go on without its replies."""
        self._unattended.discard(inbox_id)
        with self._request_lock:
            waiting = self._requests.pop(inbox_id, None)
        if waiting is not None:
            waiting.done = done
            self._main_loop.call_soon_threadsafe(waiting.over.set)

    @property
    def _main_loop(self) -> asyncio.AbstractEventLoop:
        return self._loop.get_loop()


def words_asked(awaiting: str | None) -> dict | None:
    """"words:<intent>…": whatever is typed next is that intent's, however it reads; None when nothing of the kind is awaited."""
    kind, _, rest = (awaiting or "").partition(":")
    return {"kind": "words", "intent": rest.partition(":")[0]} if kind == "words" else None


def numbers_choose(asks: dict | None) -> bool:
    """May a typed number stand for a button? At a question that is answered by typing it is the answer, whatever stands above it.

    asks: what a typed text would answer in the lesson on the screen, None without one.
    """
    return not (asks and asks["kind"] == "fill")


def bodies_of(replies: Sequence[dict], by_number: bool) -> list[dict]:
    """The messages of one turn as the outbox takes them, buttons numbered as they may be typed."""
    bodies, counted = [], 0
    for reply in replies:
        custom = reply.get("custom") or {}
        # over all messages of the turn (inbox.offered_payload counts alike)
        buttons = [{**b, "n": counted + at if by_number and numbered(b) else None} for at, b in enumerate(reply["buttons"], 1)]
        counted += len(buttons)
        bodies.append({"text": reply["text"], "buttons": buttons, "image": reply["image"],
                       "alt": custom.get("alt"), "quick": bool(custom.get("quick")), **({"photo": True} if custom.get("photo") else {}),
                       **({"forget": True} if custom.get("forget") else {})})
    return bodies


def offered_by(replies: Sequence[dict], by_number: bool) -> list[dict]:
    """The buttons of one turn, as typed titles and numbers are read against them (Conversation.offered)."""
    return [{"title": b["title"], "payload": b["payload"], "numbered": by_number and numbered(b)}
            for reply in replies for b in reply["buttons"]]


def numbered(button: dict) -> bool:
    """May a typed number stand for it? Answers to a question are lettered, and a number there means a place among them."""
    return not button["payload"].startswith("/lesson_answer")


def waiting_words(text: str) -> str:
    """What to say when the answer takes longer. Somebody who has just been robbed gets the steps even then."""
    return say("emergency") if is_emergency(text) else say("busy")
