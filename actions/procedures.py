"""Answers on public services."""

from actions._turn import Turn, acts, payload
from bot.messages import Reply
from bot.procedures import facts as cards
from bot.procedures.aspects import ASPECTS
from bot.procedures.search import Hit
from bot.services import ask
from bot.wording import say

FOLLOW_UPS = ("papers", "fee", "duration", "place", "online", "steps")
INTENT_OF = {aspect: intent for intent, aspect in ASPECTS.items()}
MOST_BUTTONS = 4


@acts("action_answer_procedure")
def answer_procedure(turn: Turn) -> Reply:
    """A question about a procedure: answer, ask back, or say that there is none."""
    return respond(turn, turn.text, ASPECTS.get(turn.intent, "overview"))


def respond(turn: Turn, text: str, aspect: str, only_if_found: bool = False) -> Reply | None:
    """The reply to `text`; with only_if_found, None instead of "not covered"."""
    found = ask.understand(turn.app.catalogue, text, turn.slots.get("procedure"), aspect)
    if found.decision == "none" and only_if_found:
        return None
    ask.log(turn.session, turn.talk.channel, turn.intent, aspect, found, text if turn.may("improve") else None, turn.now)
    if found.decision == "answer":
        return card(turn, found.code, aspect)
    if found.decision == "clarify":
        return which(found.hits, aspect)
    if found.decision == "no_subject":
        return Reply(say("no_subject", example="làm giấy khai sinh cần giấy tờ gì"))
    return Reply(say("not_covered"), ((say("human_button"), "/request_human"), (say("menu_button"), "/help_menu")))


def card(turn: Turn, code: str, aspect: str) -> Reply:
    """The card of one procedure, which becomes the one under discussion; buttons for what is asked next."""
    facts = turn.app.catalogue.facts(code)
    if facts is None:
        return Reply(say("not_covered"))
    turn.remember("procedure", code)
    more = [a for a in FOLLOW_UPS if a != aspect and not (aspect == "overview" and a in ("fee", "duration"))]
    buttons = tuple((say(f"aspect_{a}"), payload("choose_procedure", f"{code}|{a}")) for a in more[:MOST_BUTTONS])
    return Reply(cards.answer(facts, aspect), buttons)


def which(hits: list[Hit], aspect: str) -> Reply:
    """Asks back among two to four; the full names stand in the text, the buttons are numbered."""
    names = "\n".join(f"{n}. {cards.shorten(h.name, 150)}" for n, h in enumerate(hits, 1))
    buttons = [(f"{n}. {cards.shorten(h.name, 40)}", payload("choose_procedure", f"{h.code}|{aspect}"))
               for n, h in enumerate(hits, 1)]
    return Reply(f"{say('which_procedure')}\n{names}", (*buttons, (say("none_of_these"), "/bot_wrong")), quick=True)


@acts("action_choose_procedure")
def choose_procedure(turn: Turn) -> Reply:
    """A button that names procedure and aspect."""
    code, _, aspect = turn.value.rpartition("|")
    return card(turn, code, aspect if aspect in INTENT_OF else "overview")


@acts("action_office_contact")
def office_contact(turn: Turn) -> Reply:
    """Addresses and hours are not verified for any commune yet, so none is stated."""
    return Reply(say("office_contact"))


@acts("action_check_dossier")
def check_dossier(turn: Turn) -> Reply:
    return Reply(say("check_dossier"))
