"""Answers on public services."""

from actions import _sos, _tables
from actions._turn import Turn, acts, payload
from bot.messages import Reply
from bot.procedures import facts as cards
from bot.procedures.aspects import ASPECTS
from bot.procedures.search import Hit
from bot.services import ask, reactions, tell_later
from bot.wording import say

FOLLOW_UPS = ("papers", "fee", "duration", "place", "online", "steps")
INTENT_OF = {aspect: intent for intent, aspect in ASPECTS.items()}
MOST_BUTTONS = 4


@acts("action_answer_procedure")
def answer_procedure(turn: Turn) -> Reply:
    """A question about a procedure: answer, ask back, or say that there is none."""
    return _sos.where_to_report(turn) or respond(turn, turn.text, ASPECTS.get(turn.intent, "overview"))


def respond(turn: Turn, text: str, aspect: str, only_if_found: bool = False) -> Reply | None:
    """The reply to `text`; with only_if_found, None instead of "not covered"."""
    turn.needs("questions")
    catalogue, about, offered = turn.app.catalogue, turn.slots.get("procedure"), offered_before(turn)
    pair = ask.compared(catalogue, text, about, offered)
    if pair is not None:
        return comparison(turn, pair, text, aspect)
    found = ask.understand(catalogue, text, about, aspect, offered)
    if found.decision == "none" and only_if_found:
        return None
    if found.decision == "none" and (row := _tables.named(turn)) is not None:
        return row
    if found.decision != "answer" and (robbed := _sos.beside(turn, guessed=found.decision == "clarify")) is not None:
        return robbed  # no gap in what we know of procedures: the words are not logged either
    record(turn, found, aspect, text)
    if found.decision == "answer":
        turn.remember("offered", "|".join(h.code for h in found.hits[:MOST_BUTTONS + 1]) or None)
        return card(turn, found.code, aspect, text)
    if found.decision == "clarify":
        return which(turn, found.hits, aspect, text)
    if found.decision == "no_subject":
        return Reply(say("no_subject", example="làm giấy khai sinh cần giấy tờ gì"))
    offer = tell_later.offer(turn.session, turn.talk, text, turn.may("improve"), turn.now)
    # who writes the answers learns what is missing from those who let their questions be kept, and only from them
    improve = () if turn.may("improve") else ((say("improve_button"), payload("consent_give", "improve")),)
    return Reply(f"{say('not_covered')}\n{say('tell_later_offer')}", (
        (say("tell_later_button"), payload("tell_me_later", str(offer))), *improve, (say("human_button"), "/request_human"),
        (say("menu_button"), "/help_menu")))


def record(turn: Turn, found: ask.Found, aspect: str, text: str) -> None:
    ask.log(turn.session, turn.talk.channel, turn.intent, aspect, found, text if turn.may("improve") else None, turn.now, turn.commune,
            reactions.first_question(turn.talk, turn.now))


def offered_before(turn: Turn) -> tuple[str, ...]:
    """Codes that were asked back with, or came behind the last answer."""
    return tuple(c for c in (turn.slots.get("offered") or "").split("|") if c)


def card(turn: Turn, code: str, aspect: str, text: str = "") -> Reply:
    """The card of one procedure, which becomes the one under discussion; buttons for what is asked next.

    text: what was asked, so that the case it names ("con tôi 10 tuổi") comes first.
    """
    facts = turn.app.catalogue.facts(code)
    if facts is None:
        return Reply(say("not_covered"))
    turn.remember("procedure", code)
    if facts.named_only:
        return Reply(cards.answer(facts, aspect), ((say("human_button"), "/request_human"),))
    buttons = more_of(code, aspect)
    case = cards.case_named(facts, text)
    answer = cards.answer(facts, aspect)
    if case:
        head, _, rest = answer.partition("\n")
        answer = f"{head}\n{say('your_case', case=case)}\n{rest}"
    return Reply(answer, buttons)


def more_of(code: str, aspect: str) -> tuple[tuple[str, str], ...]:
    """Buttons for what may be asked next, after this aspect."""
    more = [a for a in FOLLOW_UPS if a != aspect and not (aspect == "overview" and a in ("fee", "duration"))]
    return tuple((say(f"aspect_{a}"), payload("choose_procedure", f"{code}|{a}")) for a in more[:MOST_BUTTONS])


def comparison(turn: Turn, pair: tuple[str, str], text: str, aspect: str) -> Reply:
    """Two procedures beside each other; the buttons open either."""
    both = [turn.app.catalogue.facts(code) for code in pair]
    if None in both:
        return Reply(say("compare_unclear"))
    record(turn, ask.Found("answer", pair[0]), aspect, text)
    turn.remember("offered", "|".join(pair))
    buttons = tuple((cards.shorten(f.name, 40), payload("choose_procedure", f"{f.code}|overview")) for f in both)
    return Reply(f"{say('compare_head')}\n\n{cards.beside(*both)}", buttons)


def which(turn: Turn, hits: list[Hit], aspect: str, text: str = "", again: bool = False) -> Reply:
    """Asks back among one to four; names and what people say of them stand in the text, the buttons are numbered."""
    turn.needs("questions")
    turn.remember("offered", "|".join(h.code for h in hits))
    lines = []
    for number, hit in enumerate(hits, 1):
        way = turn.app.catalogue.index.example(hit.code, text)
        lines.append(f"{number}. {cards.shorten(hit.name, 150)}" + (f" ({say('for_example', way=way)})" if way else ""))
    buttons = [(f"{n}. {cards.shorten(h.name, 40)}", payload("choose_procedure", f"{h.code}|{aspect}"))
               for n, h in enumerate(hits, 1)]
    head = say("which_instead") if again else say("which_one" if len(hits) == 1 else "which_procedure")
    return Reply("\n".join([head, *lines]), (*buttons, (say("none_of_these"), "/bot_wrong")), quick=True)


def instead(turn: Turn) -> Reply | None:
    """After "không phải": what was said instead, or the choices that are left; None when there is nothing to go on."""
    about, offered = turn.slots.get("procedure"), offered_before(turn)
    if not about and not offered:
        return None
    said = ask.correction(turn.text)
    denies = said is not None or turn.intent == "bot_wrong"
    if denies and about and about == reactions.answer_on_screen(turn.talk):
        reactions.note(turn.session, turn.talk, turn.commune, "denied", about, "overview", turn.now)
    if said:
        return respond(turn, turn.text, "overview", only_if_found=True)
    left = ask.others(turn.app.catalogue, offered, about)
    turn.remember("offered", None)
    return which(turn, left[:3], "overview", again=True) if left and said is not None else None


@acts("action_choose_procedure")
def choose_procedure(turn: Turn) -> Reply:
    """A button that names procedure and aspect."""
    code, _, aspect = turn.value.rpartition("|")
    aspect = aspect if aspect in INTENT_OF else "overview"
    if turn.app.catalogue.procedure(code) is not None:
        reactions.pressed(turn.session, turn.talk, turn.commune, code, aspect, turn.now)
    return card(turn, code, aspect)
