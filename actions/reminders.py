"""Reminders: a form asks for the time when it is missing."""

import dataclasses
import re
from datetime import datetime, timedelta

from rasa_sdk import FormValidationAction

from actions import rescheduling
from actions._turn import Turn, acts, payload
from bot.app import app
from bot.clock import local
from bot.language import reminder_words, times
from bot.language.normalise import fold
from bot.messages import Reply
from bot.reminders import deadline, policy
from bot.services import learn, remind
from bot.wording import say

SAME_SUBJECT = {"set_reminder", "snooze_reminder", "nlu_fallback", "out_of_scope", "affirm", "greet", "ask_duration",
                "ask_office_contact", "continue_course", "list_courses", "start_course", "goodbye", "thank"}
"""Intents a bare time is easily mistaken for; any other, with no time in the text, is a new subject."""

ALWAYS_LEAVE = {"scam_emergency", "deny", "stop_lesson", "cancel_reminder", "list_reminders", "unsubscribe", "help_menu",
                "delete_my_data", "my_data", "lesson_answer", "choose_procedure", "course_begin", "consent_give",
                "consent_refuse", "join_drill", "drill_choice", "drill_agree", "drill_stop"}
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
        text = counted_back(text, tracker.get_slot("reminder_about") or "")
        when = None if text.startswith("/") else when_of(text)
        subject, before = subject_of(text, when), tracker.get_slot("reminder_about") or ""
        lunar = times.is_lunar(text)
        if before and tracker.get_slot("requested_slot") == "reminder_when" and (not subject or (when is None and lunar)):
            subject = before  # the answer to "when?" says no more what it is about
        about = slot("reminder_about", subject)
        leaves = intent in ALWAYS_LEAVE
        if when is not None and not leaves:
            kept = [about] if intent == "set_reminder" or not tracker.get_slot("reminder_about") else []
            return [slot("reminder_when", text), *kept, slot("requested_slot", None)]
        if intent == "set_reminder":
            return [slot("reminder_when", None), about, slot("requested_slot", "reminder_when")]
        if (intent in SAME_SUBJECT or (lunar and not asks(text))) and not leaves:
            if not lunar:  # else the question itself says why
                dispatcher.utter_message(text=say("reminder_unclear"))
            return [slot("reminder_when", None), slot("requested_slot", "reminder_when")]
        return [{"event": "action_execution_rejected", "name": "reminder_form", "policy": None, "confidence": None,
                 "timestamp": None}]


def slot(name: str, value) -> dict:
    return {"event": "slot", "name": name, "value": value, "timestamp": None}


_QUESTION = re.compile(r"\b(?:thu tuc|ho so|the nao|lam sao|bao nhieu|o dau|giay to|tro cap|ho tro|la gi)\b")


def asks(text: str) -> bool:
    """Is something asked in which a lunar day only happens to be named ("trợ cấp tết cần giấy gì")?"""
    return text.rstrip().endswith("?") or _QUESTION.search(fold(text)) is not None


def counted_back(text: str, about: str) -> str:
    """The answer to "hạn là ngày nào?" with what was said before it ("trước 3 ngày"), so that both are read together."""
    before = deadline.lead(about)
    return f"{text}, {before.said}" if before is not None and deadline.lead(text) is None and not text.startswith("/") else text


def when_of(text: str) -> times.When | None:
    """The time the text names; of "trước hạn 3 ngày" its deadline, and nothing while no date is named."""
    now = app().clock()
    before = deadline.lead(text)
    if before is None:
        return times.parse(text, now)
    found = deadline.read(text, now)
    return found.due if found is not None else None


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
_I = re.compile(r"(?i)^(?:tôi|toi|tui|tớ)\s+(?=\S+)")
"""Who is to do it is who asked."""
_OF_DEADLINES = re.compile(
    r"(?i)[\s,]*\b(?:(?:thì |thi )?(?:báo|bao|nhắn|nhan|kêu|keu|gọi|goi)(?: (?:cho|biết|biet|tôi|toi|em|mình|minh|bác|bac|cháu|chau|con|anh|chị|chi|tui))*"
    r"|(?:sắp |sap )?(?:(?:hết|het|đến|den|tới|toi) )?(?:hạn|han)(?: (?:là|la))?)\b[\s,]*(?=[,.;]|$)")
"""What is left of "…, đến hạn thì báo cho anh": the deadline itself stands behind the subject."""


def subject_of(text: str, when: times.When | None) -> str:
    """What to be reminded of: the text without the time and without the asking; "" when nothing is left."""
    before = deadline.lead(text)
    if before is not None and when is not None:  # without a date the words that count back are kept for the answer
        text = before.rest
    if when is not None:
        text = f"{text[:when.start]} {text[when.end:]}"
    text = _ASKING.sub(" ", text)
    for _ in range(4):
        text = _EDGES.sub("", text.strip())
        text = re.sub(r"(?i)\s(?:là|la)$", "", _OF_DEADLINES.sub("", text)) if before is not None else text
    text = _I.sub("", re.sub(r"\s+", " ", text).strip(" ,.!?;:"))
    return text if len(text) > 2 else ""


@acts("action_ask_reminder_when")
def ask_reminder_when(turn: Turn) -> Reply:
    if times.is_lunar(turn.text):
        return Reply(say("reminder_lunar"))
    return Reply(say("deadline_when" if deadline.lead(turn.slots.get("reminder_about") or "") else "reminder_when"))


@acts("action_set_reminder")
def set_reminder(turn: Turn) -> list[Reply] | Reply:
    """The form is complete: confirm with the resolved time, or ask for consent first and do it then."""
    said, about = turn.slots.get("reminder_when") or turn.text, turn.slots.get("reminder_about") or ""
    turn.remember("reminder_when", None)
    turn.remember("reminder_about", None)
    return rescheduling.named_change(turn, said) or arrange(turn, said, about)


def arrange(turn: Turn, said: str, about: str) -> Reply:
    counted = deadline.read(said, turn.now)
    if counted is not None:
        if counted.past and not counted.due.past:
            return Reply(say("deadline_near", when=times.say(counted.due.at, local(turn.now))))
        when = dataclasses.replace(counted.due, at=counted.at)
    else:
        when = times.parse(said, turn.now)
    if when is None:
        return Reply(say("reminder_lunar" if times.is_lunar(said) else "reminder_unclear"))
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
    if counted is not None:
        left = deadline.lead(about)
        plain = _OF_DEADLINES.sub("", subject_of(left.rest, None)).strip() if left is not None else about
        about = say("about_deadline", about=plain or say("about_default"), day=f"{counted.due.at:%d/%m/%Y}")
    about = about or say("about_learning" if learning else "about_default")
    try:
        reminder = remind.add(turn.session, turn.talk, when, about, turn.now)
    except remind.TooMany:
        return Reply(say("reminder_too_many", most=remind.MOST_PER_CITIZEN))
    text = say("reminder_set_rule" if when.rule else "reminder_set", about=about,
               when=times.say(when.at, local(turn.now)), rule=times.say_rule(when.rule) if when.rule else "")
    text += f" {say('reminder_assumed')}" if not (when.exact or when.unsure) else ""
    text += f" {say('reminder_night')}" if policy.quiet(when.at) else ""
    more, buttons = rescheduling.doubt(when, reminder.id)
    text += more + turn.rests("reminders")
    return Reply(text, ((say("reminder_cancel_button"), payload("cancel_reminder", str(reminder.id))), *buttons))


@acts("action_list_reminders")
def list_reminders(turn: Turn) -> Reply:
    found = remind.listed(turn.session, turn.citizen_id) if turn.citizen_id is not None else []
    if not found:
        return Reply(say("reminder_none"))
    button = (say("reminder_cancel_button"), payload("cancel_reminder", str(found[0].id))) if len(found) == 1 else (say("reminder_fewer"), "/cancel_reminder")
    return Reply("\n".join([say("reminder_list"), *lines(found, turn)]) + turn.rests("reminders"), (button,))


def lines(found, turn: Turn) -> list[str]:
    return [say("reminder_line", number=n, when=remind.in_words(r, turn.now), about=r.about) for n, r in enumerate(found, 1)]


@acts("action_cancel_reminder")
def cancel_reminder(turn: Turn) -> Reply:
    """One by button, the one that is named, the only one there is, all when "tất cả" was said, else a choice. value: a number, all, clear, keep."""
    found = remind.listed(turn.session, turn.citizen_id) if turn.citizen_id is not None else []
    if turn.value.isdigit():
        gone = remind.cancel(turn.session, turn.citizen_id, int(turn.value)) if found else []
        return Reply(say("reminder_cancelled", about=gone[0].about) if gone else say("reminder_none"))
    if not found:
        return Reply(say("reminder_none"))
    if turn.value == "clear":
        return Reply(say("reminder_clear_ask", count=len(found)), (
            (say("reminder_cancel_all"), payload("cancel_reminder", "all")), (say("reminder_clear_no"), payload("cancel_reminder", "keep")),
            (say("reminder_clear_data"), "/delete_my_data")), quick=True)
    if turn.value == "keep":
        return Reply(say("reminder_kept"))
    if turn.value == "all" or len(found) == 1 or re.search(r"\b(?:tat ca|het|toan bo|moi loi nhac|ca)\b", fold(turn.text)):
        gone = remind.cancel(turn.session, turn.citizen_id)
        return Reply(say("reminder_cancelled", about=gone[0].about) if len(gone) == 1
                     else say("reminder_cancelled_all", count=len(gone)))
    named = rescheduling.meant(turn, found)
    if len(named) == 1:
        gone = remind.cancel(turn.session, turn.citizen_id, named[0].id)
        return Reply(say("reminder_cancelled", about=gone[0].about))
    buttons = [(f"{n}. {r.about[:30]}", payload("cancel_reminder", str(r.id))) for n, r in enumerate(found[:8], 1)]
    return Reply("\n".join([say("reminder_which"), *lines(found, turn)]),
                 (*buttons, (say("reminder_cancel_all"), payload("cancel_reminder", "all"))), quick=True)


@acts("action_snooze_reminder")
def snooze_reminder(turn: Turn) -> Reply:
    """Later: at the time that was said, else in ten minutes. value: "<reminder>[|hour or day]".

    Another time for one that is still to come, too, and reminders on again (see actions/rescheduling.py).
    """
    if turn.value.startswith(rescheduling.CHANGE):
        return rescheduling.pressed(turn)
    if not turn.value and reminder_words.turns_on(turn.text):
        return rescheduling.on_again(turn)
    change = reminder_words.change_in(turn.text) if not turn.value else None
    if change is not None and (done := rescheduling.changed(turn, change, arrange)) is not None:
        return done
    if not turn.value and change is None and (done := rescheduling.named_change(turn, turn.text)) is not None:
        return done
    number, _, by = turn.value.partition("|")
    at = snoozed_to(turn, by)
    again = None
    if turn.citizen_id is not None and turn.may("reminders"):
        again = remind.snooze(turn.session, turn.citizen_id, int(number) if number.isdigit() else None, at, turn.now)
    if again is None:
        return _asked_anew(turn) or Reply(say("reminder_nothing_to_snooze"))
    return Reply(say("reminder_snoozed", about=again.about, when=times.say(local(at), local(turn.now))) + turn.rests("reminders"))


def _asked_anew(turn: Turn) -> Reply | None:
    """With nothing to put off, "nhắc … 6 giờ uống thuốc" asks for a new one, whatever the classifier took it for."""
    when = times.parse(turn.text, turn.now) if not turn.value and turn.text and _ASKING.search(turn.text) else None
    about = subject_of(turn.text, when) if when is not None else ""
    return arrange(turn, turn.text, about) if " " in about else None


def snoozed_to(turn: Turn, by: str) -> datetime:
    """The instant a reminder is put off to; one the citizen named is kept, at night too."""
    if by:
        return turn.now + (timedelta(days=1) if by == "day" else timedelta(hours=1))
    when = times.parse(turn.text, turn.now) if turn.text else None
    return when.at if when is not None and not when.past and not when.rule else turn.now + remind.SNOOZE


def why(turn: Turn, number: str) -> Reply:
    """Why a reminder came: because it was asked for, when, and how to stop it."""
    found = remind.own(turn.session, turn.citizen_id, int(number)) if number.isdigit() else None
    if found is None:
        return Reply(say("reminder_none"))
    asked = f"{local(found.created_at):%H:%M %d/%m/%Y}"
    if found.state == "on":
        return Reply(say("reminder_because_rule", asked=asked, about=found.about, rule=remind.in_words(found, turn.now)),
                     ((say("reminder_cancel_button"), payload("cancel_reminder", str(found.id))),))
    return Reply(say("reminder_because", asked=asked, about=found.about))
