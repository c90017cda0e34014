"""One turn of an action: who is speaking, one transaction, what to say, what Rasa shall remember.

`@acts("action_name")` makes a Rasa action of a function Turn -> replies. Everything the turn does to the database is
committed once, together with the turn's result; if the same inbound message comes again after a crash, the stored
result is returned and nothing is done twice.
"""

import asyncio
import json
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from bot import failpoints
from bot.app import App, app
from bot.language.normalise import fold, words
from bot.messages import Reply, payload
from bot.services import drills, people, sos, study, switches
from bot.store.tables import Citizen, Conversation
from bot.store.tables import Turn as TurnRow
from bot.wording import say

logger = logging.getLogger(__name__)

LESSON_ACTIONS = {"action_start_course", "action_continue_course", "action_next_step", "action_repeat_step",
                  "action_stop_lesson", "action_lesson_answer", "action_my_progress", "action_review_now", "action_list_courses",
                  "action_choose_nudge", "action_switch_learner", "action_leave_course", "action_get_certificate",
                  "action_course_test"}
MASK_TOKEN, LITTLE_WORDS = re.compile(r"\[[^\]]*\]"), 4

NAMES_IT = frozenset("so the ma cua toi em minh con chau bac tui chi anh la day ne nay kia do gui cho ban bot ad nhe nha a ah da u dung khong ko k phai sai "
                     "chua roi otp pin mat khau can cuoc cong dan cccd cmnd dinh danh tai khoan ngan hang xem giup ho voi duoc".split())
"""Folded words that only name a secret, its owner or a "right?"."""

LEAST_IDEA = 0.08

BARE = ("affirm", "deny")

ASKING = {"action_ask_reminder_when", "action_ask_erase_confirmed"}
"""Questions of forms: nothing may come after them."""
REPORTING = {"action_report_scam", "action_report_answer"}
"""Questions of a report: nothing may come after them either, but an open form ends with them."""
SILENT_ABOUT_CONSENT = REPORTING | {"action_scam_emergency", "action_consent_give", "action_consent_refuse", "action_erase",
                        "action_ask_erase_confirmed", "action_join_drill", "action_drill_agree", "action_link_account"}
"""Actions after which the first-contact notice would be in the way; it comes with a later reply."""

SWITCHED = {"action_answer_procedure": "questions", "action_choose_procedure": "questions", "action_list_courses": "courses",
            "action_start_course": "courses", "action_continue_course": "courses", "action_next_step": "courses", "action_repeat_step": "courses",
            "action_lesson_answer": "courses", "action_course_test": "courses", "action_review_now": "courses", "action_join_drill": "drills",
            "action_drill_agree": "drills"}
"""Actions that say, while that part of the service is switched off, that it is. What only reads or ends something is never among them,
nor is the emergency, nor what citizens may do with their data. Functions that give the part's content from other actions ask `Turn.needs`."""

DRILL_ACTIONS = {"action_drill_choice", "action_drill_stop"}
"""They themselves say that a fake message was a drill; with one on the screen every other action is told it beside its own."""


class Resting(Exception):
    """A part of the service that is switched off was asked for; the citizen reads why."""

    def __init__(self, part: str):
        self.part = part
        super().__init__(part)


@dataclass
class Turn:
    """What an action needs. text is masked; value is the content of a button; now is UTC."""

    app: App
    session: Session
    talk: Conversation
    text: str
    intent: str
    value: str
    slots: dict[str, Any]
    now: datetime
    address: str | None
    awaiting: str = ""
    """What a typed name or choice would answer, if one was asked for just before."""
    ranking: list[str] = field(default_factory=list)
    """Intents from the likeliest down, where the classifier has any idea."""
    events: list[dict[str, Any]] = field(default_factory=list)
    forget: bool = False
    heard: set[str] = field(default_factory=set)
    """Kinds of masked numbers that were taken on purpose, of which no warning is due."""
    off: dict[str, switches.Off] = field(default_factory=dict)
    """Parts of the service that are switched off now (bot/services/switches.py)."""
    robbed: float = 1.0
    """How likely the classifier takes the words for those of somebody who has just been robbed, 0 to 1."""
    sos: int = 0
    """Turns left in which the talk is still about that (bot/services/sos.py); then nothing else is awaited."""

    def __post_init__(self) -> None:
        self.sos = sos.left(self.awaiting, self.now)
        if self.awaiting.startswith(sos.AWAITED):
            self.awaiting = ""

    def needs(self, part: str) -> None:
        """Raises Resting, which `acted` turns into the reply, when the part is switched off."""
        if part in self.off:
            raise Resting(part)

    def rests(self, part: str) -> str:
        """The sentence that the part is switched off, to stand behind what was done all the same; "" when it is on."""
        return f" {switches.sentence(self.off[part], self.now)}" if part in self.off else ""

    @property
    def citizen_id(self) -> int | None:
        return self.talk.citizen_id

    @property
    def learner_id(self) -> int | None:
        """Who of the people on this phone is learning."""
        return self.talk.learner_id

    @property
    def commune(self) -> str | None:
        """Where the citizen lives, if they said so and agreed to its being kept."""
        return self.session.get_one(Citizen, self.citizen_id).commune if self.citizen_id is not None else None

    def may(self, purpose: str) -> bool:
        """Has this person consented to the purpose?"""
        return purpose in people.consents(self.session, self.citizen_id)

    def remember(self, slot: str, value: Any) -> None:
        """Sets a Rasa slot."""
        self.slots[slot] = value
        self.events.append({"event": "slot", "name": slot, "value": value, "timestamp": None})


Act = Callable[[Turn], list[Reply] | Reply]

ACTIONS: dict[str, type[Action]] = {}
"""Every registered action; rasa-sdk finds classes through weak references only, so somebody has to hold them."""


def acts(name: str) -> Callable[[Act], Act]:
    """Registers the function as the Rasa action `name`."""

    def register(act: Act) -> Act:
        async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict) -> list[dict[str, Any]]:
            result = await asyncio.to_thread(perform, name, act, tracker)
            for reply in result["replies"]:
                custom = {k: v for k, v in reply.items() if k not in ("text", "buttons", "image")}
                dispatcher.utter_message(text=reply["text"], buttons=reply["buttons"], image=reply["image"],
                                         json_message=custom)
            return result["events"]

        ACTIONS[name] = type(name, (Action,), {"name": lambda self: name, "run": run, "__doc__": act.__doc__})
        return act

    return register


def perform(name: str, act: Act, tracker: Tracker) -> dict[str, Any]:
    """Runs the action in one transaction, or returns what it did when this message came before."""
    one = app()
    message = tracker.latest_message or {}
    context = message.get("metadata") or {}
    inbox_id = context.get("inbox_id")
    with one.database.write() as session:
        talk, before = session.execute(KNOWN, {"talk": tracker.sender_id, "inbox_id": inbox_id}).first() or (None, None)
        if before is not None:
            return before
        turn = turn_of(one, session, talk, tracker, message, context)
        turn.talk.awaiting = None  # whatever comes next answers or leaves what was asked
        if turn.text and turn.intent in BARE and stale(turn.slots.get("pending") or "", turn.talk.offered or []):
            turn.remember("pending", None)
        masked = context.get("masked") or []
        # a message that is little but a secret says nothing that could be acted on: the warning is the whole answer
        hardly = masked and name not in ASKING | REPORTING | {"action_scam_emergency", "action_drill_choice"} and little_said(turn.text)
        replies = [] if hardly else acted(name, act, turn)
        replies = [replies] if isinstance(replies, Reply) else list(replies)
        replies = framed(name, turn, replies, masked)
        if turn.talk.awaiting is None and not turn.forget:
            turn.talk.awaiting = sos.mark(turn.sos - 1, turn.now)
        fake = drills.aside(session, turn.talk, turn.awaiting, turn.now) if name not in DRILL_ACTIONS else None
        if fake is not None:
            # who has really been robbed meanwhile reads one sentence more before the steps; who believed the drill is calmed by it
            replies = [Reply(f"{fake} {say('drill_but_robbed')}" if name == "action_scam_emergency" else fake), *replies]
        if (tracker.active_loop or {}).get("name") and name not in ASKING:
            # another subject has been taken up: a form must not go on asking
            turn.events += [{"event": "active_loop", "name": None, "timestamp": None}]
            turn.remember("requested_slot", None)
        result = {"events": turn.events, "replies": [r.as_dict() for r in replies]}
        if turn.forget:
            result["replies"][-1]["forget"] = True
        if inbox_id is not None:
            session.execute(insert(TurnRow.__table__), {"inbox_id": inbox_id, "result": result, "at": turn.now})
            failpoints.at("action.acted")
    failpoints.at("action.committed")
    return result


def stale(pending: str, offered: list[dict[str, str]]) -> bool:
    """Has something else come on the screen since this question for consent was asked? Its buttons would still answer it, bare words do not.

    offered: the buttons of the newest replies; those of the question hold what is pending.
    """
    kind, _, rest = pending.partition(":")
    if kind in ("start", "remind", "switch"):
        tail = f"{json.dumps(f'|{pending}', ensure_ascii=False)[1:]}}}"
        return not any(b["payload"].endswith(tail) for b in offered)
    asked = {"consent": payload("consent_give", rest), "again": payload("course_begin", rest)}.get(kind)
    return asked is not None and all(b["payload"] != asked for b in offered)


def acted(name: str, act: Act, turn: Turn) -> list[Reply] | Reply:
    """What the action says; of a part that is switched off, that it is."""
    try:
        turn.needs(SWITCHED.get(name, ""))
        return act(turn)
    except Resting as resting:
        return Reply(switches.sentence(turn.off[resting.part], turn.now), ((say("menu_button"), "/help_menu"),))


def little_said(text: str) -> bool:
    """Are there hardly any words around the tokens that stand for masked secrets, or none that says what is wanted?

    "thẻ tôi số [số thẻ]", "số thẻ của tôi [số thẻ] đúng không ạ".
    """
    left = [fold(word) for word in words(MASK_TOKEN.sub(" ", text))]
    return len(left) <= LITTLE_WORDS or all(word in NAMES_IT for word in left)


KNOWN = select(Conversation, TurnRow.result).outerjoin(TurnRow, TurnRow.inbox_id == bindparam("inbox_id")).where(Conversation.id == bindparam("talk"))
"""The conversation, and what was done when this message came before."""


def turn_of(one: App, session: Session, talk: Conversation | None, tracker: Tracker, message: dict, context: dict) -> Turn:
    """The turn as the action sees it. A conversation Rasa knows but we do not (rasa shell) gets a row."""
    now = one.clock()
    if talk is None:
        talk = Conversation(id=tracker.sender_id, channel="shell", offered=[], created_at=now, seen_at=now)
        session.add(talk)
        session.flush()
    values = [e["value"] for e in message.get("entities") or [] if e.get("entity") == "value"]
    text = message.get("text") or ""
    return Turn(one, session, talk, "" if text.startswith("/") else text, (message.get("intent") or {}).get("name") or "",
                str(values[0]) if values else "", dict(tracker.slots), now, context.get("address"), talk.awaiting or "",
                [r["name"] for r in message.get("intent_ranking") or [] if r.get("confidence", 0) >= LEAST_IDEA],
                off=switches.off(session, now), robbed=likely(message, "scam_emergency"))


def likely(message: dict, intent: str) -> float:
    """The classifier's confidence in the intent; 1 where it had no say (buttons)."""
    ranking = message.get("intent_ranking") or []
    return next((r.get("confidence", 0.0) for r in ranking if r["name"] == intent), 0.0 if len(ranking) > 1 else 1.0)


def framed(name: str, turn: Turn, replies: list[Reply], masked: list[str]) -> list[Reply]:
    """The replies with what belongs around them: a warning about secrets, a lesson that waits, the consent question."""
    masked = [kind for kind in masked if kind not in turn.heard]
    if masked:
        what = ", ".join(say(f"secret_{kind}") for kind in sorted(masked))
        warning = Reply(say("secret_warning", what=what))
        # whoever typed a code to a fake message is told first of all that it was a drill
        replies = [*replies, warning] if name == "action_drill_choice" else [warning, *replies]
    shows_it = bool(replies) and bool(replies[-1].extra.get("lesson"))
    if name not in LESSON_ACTIONS | ASKING | REPORTING and "courses" not in turn.off and not shows_it and not turn.forget \
            and study.is_open(turn.session, turn.learner_id):
        replies = [*replies, Reply(say("lesson_waits"), ((say("go_on_button"), "/continue_course"),), quick=True)]
    if turn.talk.asked_consent_at is None and turn.citizen_id is None and name not in SILENT_ABOUT_CONSENT \
            and turn.sos < sos.FRESH and not turn.slots.get("pending"):
        turn.talk.asked_consent_at = turn.now
        turn.remember("pending", "consent:learning,reminders")
        replies = [*replies, consent_question()]
    return replies


def consent_question(wanted: str = "") -> Reply:
    """First contact: what is kept, and the choice. wanted: "|" and what is to be done at once when it is yes."""
    return Reply(say("consent_notice"), (
        (say("consent_both"), payload("consent_give", f"learning,reminders{wanted}")),
        (say("consent_learning_only"), payload("consent_give", f"learning{wanted}")),
        (say("consent_none"), "/consent_refuse")), quick=True)
