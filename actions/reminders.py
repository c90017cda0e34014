"""Reminders: a form asks for the time when it is missing."""

import re

from rasa_sdk import FormValidationAction

from actions._turn import Turn, acts, payload
from bot.app import app
from bot.clock import local
from bot.language import times
from bot.language.normalise import fold
from bot.messages import Reply
from bot.services import learn, remind
from bot.wording import say

SAME_SUBJECT = {"set_reminder", "snooze_reminder", "nlu_fallback", "out_of_scope", "affirm", "greet", "ask_duration",
                "ask_office_contact", "continue_course", "list_courses", "start_course", "goodbye", "thank"}
"""Intents a bare time is easily mistaken for; any other, with no time in the text, is a new subject."""

ALWAYS_LEAVE = {"scam_emergency", "deny", "stop_lesson", "cancel_reminder", "list_reminders", "unsubscribe", "help_menu",
                "delete_my_data", "my_data", "lesson_answer", "choose_procedure", "course_begin", "consent_give",
                "consent_refuse"}
"""Intents that leave the form even when their text holds a time ("bị lừa 5 phút trước")."""


class ValidateReminderForm(FormValidationAction):
    """Takes the time from the first message already; a text without a time that means something else leaves the form."""

    def name(self) -> str:
        return "validate_reminder_form"

    async def required_slots(self, domain_slots, dispatcher, tracker, domain) -> list[str]:
        return domain_slots

    async def run(self, dispatcher, tracker, domain):
        message = tracker.latest_message or {}
        text, intent = message.get("text") or "", (message.get("intent") or {}).get("name")
        when = None if text.startswith("/") else times.parse(text, app().clock())
        about = {"event": "slot", "name": "reminder_about", "value": subject_of(text, when), "timestamp": None}
        leaves = intent in ALWAYS_LEAVE
        if when is not None and not leaves:
            kept = [about] if intent == "set_reminder" or not tracker.get_slot("reminder_about") else []
            return [slot("reminder_when", text), *kept, slot("requested_slot", None)]
        if intent == "set_reminder":
            return [slot("reminder_when", None), about, slot("requested_slot", "reminder_when")]
        if intent in SAME_SUBJECT and not leaves:
            dispatcher.utter_message(text=say("reminder_unclear"))
            return [slot("reminder_when", None), slot("requested_slot", "reminder_when")]
        return [{"event": "action_execution_rejected", "name": "reminder_form", "policy": None, "confidence": None,
                 "timestamp": None}]


def slot(name: str, value) -> dict:
    return {"event": "slot", "name": name, "value": value, "timestamp": None}


_ASKING = re.compile(
    r"(?i)\b(?:nhớ |hãy |hay |làm ơn |lam on |xin )?(?:đặt |dat |hẹn |hen |cài |cai )?(?:lịch |lich |giờ |gio )?"
    r"(?:nhắc nhở|nhac nho|nhắc|nhac|báo thức|bao thuc|(?:hẹn|hen|đặt|dat) (?:giờ|gio|lịch|lich))"
    r"(?: (?:nhở|nho|lịch|lich|hẹn|hen|giùm|gium|giúp|giup|hộ|ho|cho|dùm|dum|tôi|toi|em|mình|minh|bác|bac|cháu|chau|con|"
    r"anh|chị|chi|tui|tớ|to|ông|ong|bà|ba))*\b")
"""What asks to be reminded, with and without diacritics, and to whom."""
_EDGES = re.compile(
    r"(?i)^(?:\W|là|la|rằng|rang|việc|viec|để|de|phải|phai|vào|vao|lúc|luc|thì|thi|về|ve)+\s|"
    r"(?:\W|\b(?:nhé|nhe|nha|nghen|ạ|với|voi|giúp|giup|giùm|gium|hộ|lúc|luc|vào|vao|bot ơi|bot oi|em ơi|em oi|cháu ơi|"
    r"chau oi))+$")
"""Words that hang on either end of what is left."""


def subject_of(text: str, when: times.When | None) -> str:
    """What to be reminded of: the text without the time and without the asking; "" when nothing is left."""
    if when is not None:
        text = f"{text[:when.start]} {text[when.end:]}"
    text = _ASKING.sub(" ", text)
    for _ in range(4):
        text = _EDGES.sub("", text.strip())
    text = re.sub(r"\s+", " ", text).strip(" ,.!?;:")
    return text if len(text) > 2 else ""


@acts("action_ask_reminder_when")
def ask_reminder_when(turn: Turn) -> Reply:
    return Reply(say("reminder_when"))


@acts("action_set_reminder")
def set_reminder(turn: Turn) -> list[Reply] | Reply:
    """The form is complete: confirm with the resolved time, or ask for consent first and do it then."""
    said, about = turn.slots.get("reminder_when") or turn.text, turn.slots.get("reminder_about") or ""
    turn.remember("reminder_when", None)
    turn.remember("reminder_about", None)
    return arrange(turn, said, about)


def arrange(turn: Turn, said: str, about: str) -> Reply:
    when = times.parse(said, turn.now)
    if when is None:
        return Reply(say("reminder_unclear"))
    if when.past:
        return Reply(say("reminder_past", when=times.say(when.at, local(turn.now))))
    if not turn.may("reminders"):
        turn.remember("pending", f"remind:{said}|{about}")
        understood = times.say_rule(when.rule) if when.rule else times.say(when.at, local(turn.now))
        return Reply(say("consent_needed_reminders", when=understood), (
            (say("agree"), payload("consent_give", f"reminders|remind:{said}|{about}")), (say("refuse"), "/consent_refuse")),
            quick=True)
    turn.remember("pending", None)
    learning = "hoc" in fold(said).split() or learn.open_enrolment(turn.session, turn.learner_id) is not None
    about = about or say("about_learning" if learning else "about_default")
    try:
        reminder = remind.add(turn.session, turn.talk, when, about, turn.now)
    except remind.TooMany:
        return Reply(say("reminder_too_many", most=remind.MOST_PER_CITIZEN))
    text = say("reminder_set_rule" if when.rule else "reminder_set", about=about,
               when=times.say(when.at, local(turn.now)), rule=times.say_rule(when.rule) if when.rule else "")
    text += f" {say('reminder_assumed')}" if not when.exact else ""
    text += f" {say('reminder_night')}" if remind.is_night(when.at) else ""
    return Reply(text, ((say("reminder_cancel_button"), payload("cancel_reminder", str(reminder.id))),))


@acts("action_list_reminders")
def list_reminders(turn: Turn) -> Reply:
    found = remind.listed(turn.session, turn.citizen_id) if turn.citizen_id is not None else []
    if not found:
        return Reply(say("reminder_none"))
    return Reply("\n".join([say("reminder_list"), *lines(found, turn)]))


def lines(found, turn: Turn) -> list[str]:
    return [say("reminder_line", number=n, when=remind.in_words(r, turn.now), about=r.about) for n, r in enumerate(found, 1)]


@acts("action_cancel_reminder")
def cancel_reminder(turn: Turn) -> Reply:
    """One by button, the only one there is, all when "tất cả" was said, else a choice."""
    found = remind.listed(turn.session, turn.citizen_id) if turn.citizen_id is not None else []
    if turn.value.isdigit():
        gone = remind.cancel(turn.session, turn.citizen_id, int(turn.value)) if found else []
        return Reply(say("reminder_cancelled", about=gone[0].about) if gone else say("reminder_none"))
    if not found:
        return Reply(say("reminder_none"))
    if turn.value == "all" or len(found) == 1 or re.search(r"\b(?:tat ca|het|toan bo|moi loi nhac|ca)\b", fold(turn.text)):
        gone = remind.cancel(turn.session, turn.citizen_id)
        return Reply(say("reminder_cancelled", about=gone[0].about) if len(gone) == 1
                     else say("reminder_cancelled_all", count=len(gone)))
    buttons = [(f"{n}. {r.about[:30]}", payload("cancel_reminder", str(r.id))) for n, r in enumerate(found[:8], 1)]
    return Reply("\n".join([say("reminder_which"), *lines(found, turn)]),
                 (*buttons, (say("reminder_cancel_all"), payload("cancel_reminder", "all"))), quick=True)


@acts("action_snooze_reminder")
def snooze_reminder(turn: Turn) -> Reply:
    """Later: at the time that was said, else in ten minutes."""
    when = times.parse(turn.text, turn.now) if turn.text else None
    at = when.at if when is not None and not when.past and not when.rule else turn.now + remind.SNOOZE
    again = None
    if turn.citizen_id is not None and turn.may("reminders"):
        again = remind.snooze(turn.session, turn.citizen_id, int(turn.value) if turn.value.isdigit() else None, at, turn.now)
    if again is None:
        return Reply(say("reminder_nothing_to_snooze"))
    return Reply(say("reminder_snoozed", about=again.about, when=times.say(local(at), local(turn.now))))


