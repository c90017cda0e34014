"""Greetings, yes and no, and what was not understood."""

import re

from actions import _sos, _tables, account, feedback, learning, procedures, ratings
from actions._second import LIKELY, procedure_meant
from actions._turn import Turn, acts
from actions.learning import SCAMS
from bot.clock import local
from bot.language import times
from bot.language.incident_words import sends
from bot.language.normalise import fold
from bot.language.small_talk import is_a_mark, of_the_day
from bot.language.yes_no import is_no, is_yes
from bot.messages import Reply
from bot.procedures.facts import shorten
from bot.services import ask, reactions
from bot.wording import say


def menu_buttons() -> tuple[tuple[str, str], ...]:
    return ((say("learn_scams"), SCAMS), (say("human_button"), "/request_human"))


@acts("action_greet")
def greet(turn: Turn) -> list[Reply]:
    return [Reply(say("greet")), Reply(say("menu"), menu_buttons())]


@acts("action_help_menu")
def help_menu(turn: Turn) -> Reply:
    """With a bare "?", more about the procedure just spoken of first."""
    if not is_a_mark(turn.text):
        return Reply(say("menu"), menu_buttons())
    code = reactions.answer_on_screen(turn.talk)
    facts = turn.app.catalogue.facts(code) if code else None
    if facts is None:
        return Reply(f"{say('mark')}\n{say('menu')}", menu_buttons())
    return Reply(say("mark_about", name=shorten(facts.name, 80)), (*procedures.more_of(facts.code, "overview"), (say("menu_button"), "/help_menu")))


@acts("action_goodbye")
def goodbye(turn: Turn) -> Reply:
    return Reply(say("goodbye"))


@acts("action_thank")
def thank(turn: Turn) -> Reply:
    return ratings.offered(turn, Reply(say("thanks")))


@acts("action_verify_bot")
def verify_bot(turn: Turn) -> Reply:
    return Reply(say("verify"))


@acts("action_bot_wrong")
def bot_wrong(turn: Turn) -> Reply:
    """What was meant instead, when the words or the last choices tell; else an apology and a way on."""
    return (procedures.instead(turn) if turn.text else None) or Reply(say("bot_wrong"), menu_buttons())


@acts("action_abusive")
def abusive(turn: Turn) -> Reply:
    return Reply(say("abusive"))


@acts("action_affirm")
def affirm(turn: Turn) -> list[Reply] | Reply:
    """A bare "có" answers the question that is open, if there is one."""
    if turn.text and not is_yes(turn.text):
        return fallback(turn)  # nobody agrees to anything by words that say more, or less, than yes
    pending = turn.slots.get("pending") or ""
    kind, _, rest = pending.partition(":")
    if (code := turn.awaiting.removeprefix("link:")) != turn.awaiting and code.isdigit():
        return account.link_answered(turn, int(code), True)
    if (request := account.request_answered(turn, True)) is not None:
        return request
    if kind == "consent":
        purposes, _, wanted = rest.partition("|")
        return account.agree(turn, purposes.split(","), wanted)
    if kind == "start":
        return account.agree(turn, ["learning"], pending)
    if kind == "remind":
        return account.agree(turn, ["reminders"], pending)
    if kind == "switch":
        return account.agree(turn, ["learning"], pending)
    if kind == "again" and turn.citizen_id is not None:
        return learning.begin(turn, rest, again=True)
    return feedback.beside(turn) or Reply(say("affirm_nothing"), menu_buttons())


@acts("action_deny")
def deny(turn: Turn) -> list[Reply] | Reply:
    """A bare "không" answers the question that is open. With more behind it ("không, cho người lớn cơ") it corrects the last answer."""
    if turn.text and not is_no(turn.text):
        return feedback.beside(turn) or procedures.instead(turn) or procedure_meant(turn, least=LIKELY) or Reply(say("deny_nothing"))
    pending = turn.slots.get("pending") or ""
    if (code := turn.awaiting.removeprefix("link:")) != turn.awaiting and code.isdigit():
        return account.link_answered(turn, int(code), False)
    if (request := account.request_answered(turn, False)) is not None:
        return request
    if pending.split(":")[0] in ("consent", "start", "remind", "switch"):
        return account.consent_refuse(turn)
    if (officer := feedback.beside(turn)) is not None:
        return officer
    turn.remember("pending", None)
    return (procedures.instead(turn) if turn.text else None) or Reply(say("deny_nothing"))


PAPERWORK = re.compile(r"\b(?:thu tuc|ho so|xin phep|cap phep|giay phep|dang ky|xin cap|giay xac nhan|cong chung|chung thuc|le phi)\b")
"""Folded words of offices."""


@acts("action_out_of_scope")
def out_of_scope(turn: Turn) -> list[Reply] | Reply:
    """Off the subject, unless the words are a procedure's own or belong to a report."""
    if (asked := of_the_day(turn.text)) is not None:
        hour, _, day = times.say(turn.now, local(turn.now)).partition(", ")
        return Reply(say("today_hour", hour=hour, day=day) if asked == "hour" else say("today", day=day))
    found = _sos.where_to_report(turn)
    found = found or (procedures.respond(turn, turn.text, "overview", only_if_found=True) if decided(turn) == "answer" else None)
    found = found or _tables.beside(turn) or _sos.beside(turn)
    if found is None and PAPERWORK.search(fold(turn.text)):
        return procedures.respond(turn, turn.text, "overview")  # an office's business that we lack: staff are to hear of the gap
    return found or feedback.beside(turn) or Reply(say("out_of_scope"), menu_buttons())


def decided(turn: Turn) -> str:
    """What search alone would do with the words: only they may overrule the classifier."""
    if len(turn.text) < 2 or ask.is_pastime(turn.text) or sends(turn.text):  # a lone letter names nothing
        return "none"
    turn.app.catalogue.refresh()
    return turn.app.catalogue.index.search(turn.text).decision


MEANT = {"ask": ("help_menu", "ask_"), "learn": ("list_courses", "list_courses", "start_course", "continue_course", "review_now", "my_progress"),
         "remind": ("list_reminders", "set_reminder", "list_reminders", "cancel_reminder", "snooze_reminder"),
         "suspicious": ("check_suspicious", "check_suspicious"), "emergency": ("scam_emergency", "scam_emergency"),
         "report": ("report_scam", "report_scam", "give_feedback"), "data": ("my_data", "my_data", "delete_my_data"),
         "human": ("request_human", "request_human", "ask_office_contact")}
"""What a choice means (its wording is mean_…) -> (the intent its button stands for, the intents it covers, by their beginning)."""


@acts("action_fallback")
def fallback(turn: Turn) -> list[Reply] | Reply:
    """Not understood. The words may still name a procedure; else ask back between the two likeliest things, once;
    then the menu, and a person."""
    found = _sos.where_to_report(turn)
    found = found or (procedures.respond(turn, turn.text, "overview", only_if_found=True) if decided(turn) != "none" else None)
    if found is not None or (found := _tables.beside(turn)) is not None or (found := _sos.beside(turn) or feedback.beside(turn)) is not None:
        return found
    again = turn.slots.get("pending") == "fallback"
    turn.remember("pending", turn.slots.get("pending") or "fallback")
    choices = [] if again else likeliest(turn.ranking)
    if len(choices) == 2:
        return Reply(say("did_you_mean"), (*choices, (say("human_button"), "/request_human")), quick=True)
    return Reply(say("fallback_again" if again else "fallback"), ((say("menu_button"), "/help_menu"), *menu_buttons()))


def likeliest(ranking: list[str]) -> list[tuple[str, str]]:
    """Buttons for the two likeliest kinds of wishes; fewer when the classifier has no idea."""
    found: dict[str, str] = {}
    for intent in ranking[:4]:
        for label, (stands_for, *covered) in MEANT.items():
            if any(intent.startswith(c) for c in covered):
                found.setdefault(say(f"mean_{label}"), f"/{stands_for}")
    return list(found.items())[:2]
