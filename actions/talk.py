"""Greetings, yes and no, and what was not understood."""

from actions import account, learning, procedures
from actions._turn import Turn, acts
from bot.messages import Reply
from bot.procedures.search import ANSWER_AT, CLARIFY_AT
from bot.wording import say


def menu_buttons() -> tuple[tuple[str, str], ...]:
    return ((say("learn_scams"), "/start_course"), (say("human_button"), "/request_human"))


@acts("action_greet")
def greet(turn: Turn) -> list[Reply]:
    return [Reply(say("greet")), Reply(say("menu"), menu_buttons())]


@acts("action_help_menu")
def help_menu(turn: Turn) -> Reply:
    return Reply(say("menu"), menu_buttons())


@acts("action_goodbye")
def goodbye(turn: Turn) -> Reply:
    return Reply(say("goodbye"))


@acts("action_thank")
def thank(turn: Turn) -> Reply:
    return Reply(say("thanks"))


@acts("action_verify_bot")
def verify_bot(turn: Turn) -> Reply:
    return Reply(say("verify"))


@acts("action_bot_wrong")
def bot_wrong(turn: Turn) -> Reply:
    return Reply(say("bot_wrong"), menu_buttons())


@acts("action_abusive")
def abusive(turn: Turn) -> Reply:
    return Reply(say("abusive"))


@acts("action_affirm")
def affirm(turn: Turn) -> list[Reply] | Reply:
    """A bare "có" answers the question that is open, if there is one."""
    pending = turn.slots.get("pending") or ""
    kind, _, rest = pending.partition(":")
    if kind == "consent":
        return account.agree(turn, rest.split(","), "")
    if kind == "start":
        return account.agree(turn, ["learning"], pending)
    if kind == "remind":
        return account.agree(turn, ["reminders"], pending)
    if kind == "again" and turn.citizen_id is not None:
        return learning.begin(turn, rest, again=True)
    return Reply(say("affirm_nothing"), menu_buttons())


@acts("action_deny")
def deny(turn: Turn) -> Reply:
    pending = turn.slots.get("pending") or ""
    if pending.split(":")[0] in ("consent", "start", "remind"):
        return account.consent_refuse(turn)
    turn.remember("pending", None)
    return Reply(say("deny_nothing"))


@acts("action_out_of_scope")
def out_of_scope(turn: Turn) -> Reply:
    """Off the subject, unless the words are a procedure's own."""
    found = procedures.respond(turn, turn.text, "overview", only_if_found=True) if sure(turn) else None
    return found or Reply(say("out_of_scope"), menu_buttons())


def sure(turn: Turn) -> bool:
    """Do the words themselves name a procedure beyond doubt? Only then the classifier is overruled."""
    turn.app.catalogue.refresh()
    hits = turn.app.catalogue.index.search(turn.text) if turn.text else []
    return bool(hits) and hits[0].score >= max(ANSWER_AT, 0.6)


@acts("action_fallback")
def fallback(turn: Turn) -> Reply:
    """Not understood: the words may still name a procedure; else the menu, and at the second time a person."""
    found = procedures.respond(turn, turn.text, "overview", only_if_found=True) if turn.text and likely(turn) else None
    if found is not None:
        return found
    again = turn.slots.get("pending") == "fallback"
    turn.remember("pending", turn.slots.get("pending") or "fallback")
    return Reply(say("fallback_again" if again else "fallback"), ((say("menu_button"), "/help_menu"), *menu_buttons()))


def likely(turn: Turn) -> bool:
    turn.app.catalogue.refresh()
    hits = turn.app.catalogue.index.search(turn.text)
    return bool(hits) and hits[0].score >= CLARIFY_AT + 0.1
