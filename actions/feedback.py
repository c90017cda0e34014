"""Reports and proposals in the chat: written step by step, sent, followed, answered, scored.

The steps stand in the draft's row (bot/services/tickets/drafts.py), so a restart or another subject in between loses nothing.
`Conversation.awaiting` "words:give_feedback" makes whatever is typed next part of it.
"""

import json
import re

from actions._turn import Turn, acts, payload
from bot import places
from bot.clock import local
from bot.language.choices import squeeze
from bot.messages import Reply
from bot.services.tickets import citizen, drafts, photos, rules
from bot.store.tables import Ticket, TicketDraft
from bot.wording import say

AWAITED = "words:give_feedback"
YES = re.compile(r"(?:gui|co|u|uh|um|ok|oke|dong y|duoc|vang|da|dung|phai|xong|gui di|gui nhe|gui luon|gui giup toi)(?: (?:a|nhe|di|luon|roi|em|chau))*")
NO = re.compile(r"(?:thoi|khong|ko|k|dung|huy|bo|thoi khong gui|khong gui nua|khong gui|huy di|dung lai|bo di)(?: (?:a|nhe|di|nua|em|chau))*")
NEW = re.compile(r"\b(?:phan anh|kien nghi)\b")
NOT_KNOWN = re.compile(r"(?:toi |em )?(?:khong|ko|k|chua|chang) (?:biet|ro)(?: \w+){0,2}|bo qua")


@acts("action_give_feedback")
def give_feedback(turn: Turn) -> list[Reply] | Reply:
    """value: cat:<category>, cat, place:<commune>, place, text, send, own, join:<ticket>, keep:<yes or no>, stop, no, answer:<ticket>,
    score:<ticket>:<n>, said:<ticket>:<words>, unsaid, new:<words>; without one the words themselves."""
    step, _, rest = turn.value.partition(":")
    if step == "said":
        return answered(turn, rest.partition(":")[0], rest.partition(":")[2])
    if step == "unsaid":
        turn.remember("pending", None)
        return Reply(say("ticket_not_answer"), ((say("menu_button"), "/help_menu"),))
    if step == "new":
        turn.remember("pending", None)
        return begun(turn, rest)
    if step == "answer" and rest.isdigit():
        return ask_answer(turn, int(rest))
    if step == "score":
        return score(turn, rest)
    if turn.awaiting.startswith(photos.ANSWERING) and turn.text:
        return answered(turn, turn.awaiting.removeprefix(photos.ANSWERING))
    if step == "no":
        drafts.drop(turn.session, turn.talk)
        turn.remember("pending", None)
        return Reply(say("feedback"))
    draft = drafts.of(turn.session, turn.talk, turn.now)
    if draft is None and step and turn.value:
        return wait_for_words(turn, Reply(say("ticket_nothing")))
    if draft is None and not NEW.search(squeeze(turn.text)) and (found := for_officer(turn, new=True)) is not None:
        return found
    if draft is None or not turn.may(rules.PURPOSE):
        return begun(turn)
    return chosen(turn, draft, step, rest) if step else typed(turn, draft)


def begun(turn: Turn, text: str = "") -> list[Reply] | Reply:
    """A first word: kept for the button when consent is still to be asked for. text: what was typed before, where a button began it."""
    drafts.begin(turn.session, turn.talk, turn.text or text, turn.now)
    if turn.may(rules.PURPOSE):
        return go_on(turn)
    turn.talk.asked_consent_at = turn.talk.asked_consent_at or turn.now  # one question at a time
    turn.remember("pending", f"consent:{rules.PURPOSE}|ticket")
    return Reply(say("ticket_consent"), ((say("agree"), payload("consent_give", f"{rules.PURPOSE}|ticket")), (say("refuse"), payload("give_feedback", "no"))),
                 quick=True)


def go_on(turn: Turn, *before: str) -> list[Reply] | Reply:
    """The next question of the draft; before: sentences to stand above it."""
    draft = drafts.begin(turn.session, turn.talk, "", turn.now)
    lead = "".join(f"{sentence}\n" for sentence in before)
    if draft.asked == "text":
        return wait_for_words(turn, Reply(lead + say("ticket_which_text"), (stop_button(),), quick=True))
    if draft.asked == "category":
        return wait_for_words(turn, categories(lead))
    if draft.asked == "place":
        return wait_for_words(turn, which_place(draft, lead))
    return wait_for_words(turn, summary(turn, draft, lead))


def wait_for_words(turn: Turn, reply: Reply) -> Reply:
    turn.talk.awaiting = AWAITED
    return reply


def stop_button() -> tuple[str, str]:
    return say("ticket_stop_button"), payload("give_feedback", "stop")


def which_place(draft: TicketDraft, lead: str = "", text: str = "") -> Reply:
    """Asks where it is, with the communes near the point that was sent and the one that is noted, if any. text: instead of the usual question."""
    near = drafts.near(draft)
    one_of = tuple((one, payload("give_feedback", f"place:{one}")) for one in dict.fromkeys([*near, *([draft.commune] if near and draft.commune else [])]))
    asks = text or say("ticket_place_near" if near else "ticket_which_place")
    return Reply(lead + asks, (*one_of, (say("ticket_place_skip"), payload("give_feedback", "place:")), stop_button()), quick=True)


def categories(lead: str = "") -> Reply:
    return Reply(lead + say("ticket_which_category"), (*((words, payload("give_feedback", f"cat:{name}")) for name, words in rules.CATEGORIES.items()),
                                                       stop_button()), quick=True)


def summary(turn: Turn, draft: TicketDraft, lead: str = "") -> Reply:
    """What will be sent, and the last choices before."""
    count = drafts.photos(turn.session, turn.talk)
    shown = say("ticket_summary", category=rules.CATEGORIES[draft.category], place=draft.commune or say("ticket_no_place"), text=draft.text,
                photos=say("ticket_photo_count", count=count) if count else say("ticket_no_photo"))
    buttons = tuple((say(f"ticket_{name}_button"), payload("give_feedback", value))
                    for name, value in (("send", "send"), ("category", "cat"), ("place", "place"), ("again", "text"), ("stop", "stop")))
    return Reply(f"{lead}{shown}\n{say('ticket_summary_ask', most=rules.MOST_PHOTOS)}", buttons, quick=True, extra={"photo": True})


def typed(turn: Turn, draft: TicketDraft) -> list[Reply] | Reply:
    """Words while a draft is open: an answer to what was asked, else a further word of the report."""
    plain = squeeze(turn.text)
    if not plain:
        return go_on(turn)
    if NO.fullmatch(plain):
        return stop(turn)
    if YES.fullmatch(plain):
        return send(turn, draft) if draft.asked == "send" else go_on(turn, say("ticket_not_yet"))
    if draft.asked == "category":
        return sorted_by(turn, draft, plain)
    if draft.asked == "place":
        return placed(turn, draft)
    if draft.asked == "send" and not turn.awaiting and not rules.says_something(turn.text):
        return go_on(turn)  # "tôi muốn phản ánh" with one half written: here it is
    drafts.take(draft, turn.text, more=draft.asked == "send")
    return go_on(turn, *([say("ticket_cut", most=rules.MOST_CHARACTERS)] if len(draft.text) == rules.MOST_CHARACTERS else []))


def sorted_by(turn: Turn, draft: TicketDraft, plain: str) -> list[Reply] | Reply:
    """The category, by its title, a part of it ("rác", "đường") or words that name one. What says something else is kept as a part of the report."""
    if re.fullmatch(r"(?:\w+ )?khac", plain):
        named = "other"
    else:
        named = next((name for name, words in rules.CATEGORIES.items()
                      if any(f"{squeeze(part)} ".startswith(f"{plain} ") for part in (words, *words.split(", ")))), None)
    if named is not None:
        draft.category = named
        return go_on(turn)
    where = places.find(turn.text)
    if rules.says_something(turn.text):
        drafts.take(draft, turn.text, more=True)
    elif where is not None and len(where.communes) == 1:
        draft.commune = where.communes[0]
    draft.category = draft.category or rules.guess(turn.text)
    return go_on(turn) if draft.category is not None else wait_for_words(turn, categories(f"{say('ticket_category_unread')}\n"))


def placed(turn: Turn, draft: TicketDraft) -> list[Reply] | Reply:
    """The place; words that say more than a place are a further part of the report."""
    named = places.find(turn.text)
    if named is None and rules.says_something(turn.text):
        drafts.take(draft, turn.text, more=True)
        return wait_for_words(turn, which_place(draft, f"{say('ticket_more_kept')}\n"))
    if named is not None and len(named.communes) == 1 and set(rules.telling(turn.text)) - set(rules.telling(f"{named.said} {named.communes[0]}")):
        drafts.take(draft, turn.text, more=True)  # "thôn 3, gần trạm điện" beside the commune
    if named is None and NOT_KNOWN.fullmatch(squeeze(turn.text)):
        draft.place_asked = True
        return go_on(turn)
    if named is None:
        return wait_for_words(turn, which_place(draft, text=say("ticket_place_unknown")))
    if len(named.communes) > 1:
        return wait_for_words(turn, Reply(say("ticket_place_many", old=named.said), tuple(
            (one, payload("give_feedback", f"place:{one}")) for one in named.communes), quick=True))
    draft.commune, draft.place_asked = named.communes[0], True
    return go_on(turn)


def chosen(turn: Turn, draft: TicketDraft, step: str, rest: str) -> list[Reply] | Reply:
    """A button of the draft."""
    if step == "stop":
        return stop(turn)
    if step == "cat":
        if rest not in rules.CATEGORIES:
            return wait_for_words(turn, categories())
        draft.category = rest
    elif step == "place":
        known = rest in places.listed()
        if not rest and draft.asked == "send":  # the button of the summary: asked for anew
            draft.commune, draft.place_asked, draft.asked = None, True, "place"
            return wait_for_words(turn, which_place(draft))
        draft.commune, draft.place_asked = rest if known else None, True
    elif step == "text":
        draft.text = None
    elif step == "keep":
        draft.keep_place = rest == "yes"
        if not draft.keep_place:
            draft.latitude = draft.longitude = None
        elif (near := drafts.near(draft)) and draft.commune not in near:  # the officer of another commune would get it
            draft.place_asked, draft.asked = True, "place"
            return wait_for_words(turn, which_place(draft))
        return send(turn, draft)
    elif step in ("send", "own"):
        return send(turn, draft, alone=step == "own")
    elif step == "join" and rest.isdigit():
        return join(turn, draft, int(rest))
    return go_on(turn)


def stop(turn: Turn) -> Reply:
    drafts.drop(turn.session, turn.talk)
    return Reply(say("ticket_stopped"), ((say("menu_button"), "/help_menu"),))


def send(turn: Turn, draft: TicketDraft, alone: bool = False) -> list[Reply] | Reply:
    """Asks about the place on the map and about what others reported, each once; then it is sent."""
    if draft.asked != "send":
        return go_on(turn)
    if draft.latitude is not None and draft.keep_place is None:
        return wait_for_words(turn, Reply(say("ticket_place_ask"), ((say("ticket_place_yes"), payload("give_feedback", "keep:yes")),
                                                                    (say("ticket_place_no"), payload("give_feedback", "keep:no"))), quick=True))
    found = [] if alone else drafts.alike(turn.session, turn.talk, draft, turn.now)
    if found:
        return wait_for_words(turn, offer(draft, found))
    days = turn.app.settings.ticket_working_days
    try:
        ticket = drafts.send(turn.session, turn.talk, draft, days, turn.now)
    except drafts.TooMany:
        return Reply(say("ticket_too_many", most=rules.MOST_A_DAY))
    turn.talk.address = turn.address or turn.talk.address  # word of it will be owed here
    return Reply(say("ticket_sent", number=ticket.number, due=f"{local(ticket.due_at):%d/%m/%Y}", days=days))


def offer(draft: TicketDraft, found: list[Ticket]) -> Reply:
    """What others reported, without their words: only those that both texts have."""
    lines = [say("ticket_alike_line", n=n, number=one.number, day=f"{local(one.created_at):%d/%m}", state=rules.STATES[one.state].lower(),
                 words=", ".join(rules.shared(draft.text, one.text))) for n, one in enumerate(found, 1)]
    buttons = tuple((say("ticket_join_button", number=one.number), payload("give_feedback", f"join:{one.id}")) for one in found)
    return Reply("\n".join([say("ticket_alike"), *lines]), (*buttons, (say("ticket_new_button"), payload("give_feedback", "own")), stop_button()), quick=True)


def join(turn: Turn, draft: TicketDraft, ticket_id: int) -> list[Reply] | Reply:
    ticket = drafts.join(turn.session, turn.talk, draft, ticket_id, turn.now)
    if ticket is None:
        return go_on(turn, say("ticket_join_over"))
    turn.talk.address = turn.address or turn.talk.address
    return Reply(say("ticket_joined", number=ticket.number, count=drafts.followers(turn.session, ticket.id)))


# --- afterwards


def ask_answer(turn: Turn, ticket_id: int) -> Reply:
    ticket = citizen.own(turn.session, turn.talk, ticket_id)
    if ticket is None or ticket.state not in rules.OPEN:
        return Reply(say("ticket_over"))
    turn.talk.awaiting = f"{photos.ANSWERING}{ticket.id}"
    return Reply(say("ticket_answer_ask", number=ticket.number), extra={"photo": True})


def answered(turn: Turn, ident: str, text: str = "") -> Reply:
    """text: what was typed before, where a button sends it."""
    turn.remember("pending", None)
    ticket = citizen.own(turn.session, turn.talk, int(ident)) if ident.isdigit() else None
    if ticket is None or ticket.state not in rules.OPEN:
        return Reply(say("ticket_over"))
    citizen.add(turn.session, ticket, text or turn.text, turn.now)
    return Reply(say("ticket_answered", number=ticket.number))


def for_officer(turn: Turn, new: bool = False) -> Reply | None:
    """Words that are nothing else, while an officer waits for this citizen's answer: perhaps they are it. They go only when the citizen says so.

    new: they may as well begin another report.
    """
    ticket = citizen.asked_back(turn.session, turn.citizen_id) if turn.text else None
    if ticket is None:
        return None
    if turn.slots.get("pending") == "officer" and (YES.fullmatch(squeeze(turn.text)) or NO.fullmatch(squeeze(turn.text))):
        waits = next((one["payload"] for one in turn.talk.offered if '"said:' in one["payload"]), None)
        if waits is not None and YES.fullmatch(squeeze(turn.text)):
            return answered(turn, str(ticket.id), json.loads(waits[waits.index("{"):])["value"].split(":", 2)[2])
        turn.remember("pending", None)
        return Reply(say("ticket_not_answer"), ((say("menu_button"), "/help_menu"),))
    turn.remember("pending", "officer")
    asked = citizen.last_words(turn.session, ticket)
    other = ((say("ticket_perhaps_new"), payload("give_feedback", f"new:{turn.text}")) if new
             else (say("ticket_perhaps_no"), payload("give_feedback", "unsaid")))
    return Reply(say("ticket_perhaps_answer", number=ticket.number, words=asked.text if asked is not None else ""),
                 ((say("ticket_perhaps_yes"), payload("give_feedback", f"said:{ticket.id}:{turn.text}")), other), quick=True)


def of_draft(turn: Turn) -> list[Reply] | Reply | None:
    """"Gửi đi", "thôi không gửi" once another subject came in between: said of the report that is still being written."""
    plain = squeeze(turn.text)
    if "gui" not in plain.split() or not (YES.fullmatch(plain) or NO.fullmatch(plain)) or not turn.may(rules.PURPOSE):
        return None
    draft = drafts.of(turn.session, turn.talk, turn.now)
    return typed(turn, draft) if draft is not None else None


def beside(turn: Turn) -> list[Reply] | Reply | None:
    """What words that mean nothing else may have to do with a report: its number, whether to send it, the answer an officer waits for."""
    if turn.text and rules.number_in(turn.text) is not None:
        return check_feedback(turn)
    return of_draft(turn) or for_officer(turn)


def score(turn: Turn, value: str) -> Reply:
    ident, _, points = value.partition(":")
    ticket = citizen.own(turn.session, turn.talk, int(ident)) if ident.isdigit() and points in ("1", "2", "3", "4", "5") else None
    if ticket is None or ticket.state != "closed" or ticket.score is not None:
        return Reply(say("ticket_scored_before"))
    again = citizen.scored(turn.session, ticket, int(points), turn.app.settings.ticket_working_days, turn.now)
    return Reply(say("ticket_scored_low", number=ticket.number, due=f"{local(ticket.due_at):%d/%m/%Y}") if again else say("ticket_scored"))


@acts("action_check_feedback")
def check_feedback(turn: Turn) -> Reply:
    """The citizen's own, with the officer's words; of anybody's number only the state."""
    number = rules.number_in(turn.text)
    if number == "":
        return Reply(say("ticket_number_wrong"))
    mine = list(citizen.mine(turn.session, turn.citizen_id))
    if number:
        ticket = citizen.by_number(turn.session, number)
        if ticket is None:
            return Reply(say("ticket_number_none", number=number))
        if ticket.id not in {one.id for one in mine} and (turn.citizen_id is None or ticket.citizen_id != turn.citizen_id):
            return Reply(say("ticket_state_only", number=number, state=rules.STATES[ticket.state].lower()))
        mine = [ticket]
    if not mine and drafts.of(turn.session, turn.talk, turn.now) is not None and turn.may(rules.PURPOSE):
        return go_on(turn)  # nothing sent, but one half written: that is the one that was meant
    if not mine:
        return Reply(say("ticket_none"))
    lines = [line for ticket in mine for line in lines_of(turn, ticket)]
    name = say("ticket_answer_button")
    buttons = tuple((name if len(mine) == 1 else f"{name}: {one.number}", payload("give_feedback", f"answer:{one.id}"))
                    for one in mine if one.state == "asked_back" and one.citizen_id == turn.citizen_id)
    return Reply("\n".join([say("ticket_mine"), *lines]), buttons)


def lines_of(turn: Turn, ticket: Ticket) -> list[str]:
    """A ticket as its sender reads it: state, when an answer is to be expected, what the desk wrote last."""
    due, more = f"{local(ticket.due_at):%d/%m/%Y}", ""
    if ticket.state in rules.WAITING:
        more = say("ticket_line_late" if ticket.due_at < turn.now else "ticket_line_due", day=due)
    line = say("ticket_line", number=ticket.number, category=rules.CATEGORIES[ticket.category], day=f"{local(ticket.created_at):%d/%m/%Y}",
               state=rules.STATES[ticket.state].lower(), more=more)
    last = citizen.last_words(turn.session, ticket)
    return [line, *([say("ticket_line_words", words=last.text)] if last is not None else [])]
