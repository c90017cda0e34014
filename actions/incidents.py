"""Something suspicious is judged; a trick, an incident or a rumour is reported, one small question after another."""

from actions._turn import Turn, acts
from actions.learning import SCAMS
from bot import places
from bot.incidents import indicators, kinds, links
from bot.incidents.judging import SHOWN, Judgement, defanged, shown
from bot.language import incident_words as words
from bot.messages import Reply, payload
from bot.services import incidents, webhooks
from bot.store.tables import Incident
from bot.wording import say

LOST = ("under2", "2to10", "10to50", "over50")


def already() -> tuple[str, str]:
    """The button of whoever has done what the trickster wanted."""
    return say("already_sent"), "/scam_emergency"


# --- questions ------------------------------------------------------------------------------------------------------

@acts("action_check_suspicious")
def check_suspicious(turn: Turn) -> list[Reply] | Reply:
    """What gives the message away, in plain words; never "safe". Without a message to judge: the signs, and the offer to look."""
    seen = incidents.judged(turn.session, turn.text, turn.now)
    if seen.empty and len(turn.text.split()) < words.LONG_WORDS:
        turn.talk.awaiting = incidents.SUSPECT
        return [Reply(say("suspicious")), Reply(say("suspicious_paste"), (already(), (say("learn_scams"), SCAMS)))]
    asked = incidents.question(turn.session, turn.app.settings.key(), turn.talk, turn.text, seen, turn.may("improve"), turn.now)
    return [Reply(verdict(turn.text, seen)),
            Reply(say("suspicious_do"), (already(), (say("report_button"), payload("report_scam", str(asked.id))), (say("learn_scams"), SCAMS)))]


def verdict(text: str, seen: Judgement) -> str:
    """The reasons, the weightiest first; a real address is named as one, without calling the message good."""
    owners = dict.fromkeys(owner for link in indicators.links(text) if (owner := indicators.official(link.ascii)) and not links.look(link))
    real = [say("suspicious_official", owner=owner) for owner in list(owners)[:1]]
    if seen.level == "nothing":
        return "\n".join([say("suspicious_nothing"), *real])
    return "\n".join([say(f"suspicious_{seen.level}", reasons="\n".join(f"• {r.says}" for r in seen.reasons[:SHOWN])), *real])


# --- reports --------------------------------------------------------------------------------------------------------

@acts("action_report_scam")
def report_scam(turn: Turn) -> list[Reply] | Reply:
    """Begins or goes on. value: the number of a question this person has just asked about the same thing; other: or same: before that or
    before the words that seemed to tell of something else than the report under way."""
    choice, _, rest = turn.value.partition(":")
    said = rest if choice in ("other", "same") else turn.value or turn.text
    question, text = (int(said), "") if said.isdecimal() and turn.value else (None, said)
    before = incidents.draft_of(turn.session, turn.talk)
    if before is not None and choice == "other":
        incidents.drop(turn.session, before)
        before = None
    elif before is not None and choice != "same" and incidents.is_another(turn.session, before, text, question, turn.now):
        return Reply(say("report_other", what="; ".join(said_of(turn, before))),
                     tuple((say(f"report_other_{name}"), payload("report_scam", f"{key}:{said}")) for name, key in (("yes", "other"), ("no", "same"))),
                     quick=True)
    draft = incidents.begin(turn.session, turn.app.settings.key(), turn.talk, text, turn.may("improve"), turn.now)
    if question is not None:
        incidents.from_question(turn.session, draft, question, turn.now)
    if incidents.too_many(turn.session, draft, turn.now):
        incidents.drop(turn.session, draft)
        return Reply(say("report_too_many"), (already(),))
    handed_on = webhooks.wanted(turn.session, "incident")  # nobody is told of a security centre that hears nothing
    lead = say("report_go_on") if before is draft else say("report_begin" if handed_on else "report_begin_here")
    what = said_of(turn, draft)
    return asked(turn, draft, f"{lead}\n{say('report_noted', what='; '.join(what))}" if what else lead)


@acts("action_report_answer")
def report_answer(turn: Turn) -> list[Reply] | Reply:
    """A tapped choice ("<report>:<step>:<choice>"), or words typed while a step was on the screen."""
    ident, step, choice = ([*turn.value.split(":"), "", ""] if turn.value else [*turn.awaiting.removeprefix(incidents.AWAITED).split(":"), "", "", ""])[:3]
    if turn.awaiting == incidents.SUSPECT and not turn.value:
        return check_suspicious(turn)
    draft = incidents.draft_of(turn.session, turn.talk, int(ident)) if ident.isdigit() else None
    if draft is None:
        return Reply(say("report_gone"))
    if not choice and turn.text:
        choice = kinds.STOP if words.stops(turn.text) else kinds.SEND if step == "confirm" and words.sends(turn.text) else ""
    if choice == kinds.STOP:
        incidents.drop(turn.session, draft)
        return Reply(say("report_stopped"), ((say("menu_button"), "/help_menu"),))
    if choice == kinds.SEND:
        return sent(turn, draft)
    if choice == kinds.CLEAR:
        incidents.clear_indicators(turn.session, draft)
        return asked(turn, draft)
    if choice == kinds.MORE:
        return asked(turn, draft, more=True)
    if choice:
        incidents.chosen(turn.session, draft, step, choice, turn.now)
        return asked(turn, draft)
    before, lines = incidents.indicators_of(turn.session, draft.id), said_of(turn, draft)
    understood = incidents.typed(turn.session, draft, step, turn.text, turn.may("improve"), turn.now)
    found = incidents.indicators_of(turn.session, draft.id)
    if any(one.kind == "account" for one in found):
        turn.heard |= {"account", "id_number"}  # taken on purpose, as the trickster's: no warning that it was hidden
    if step == "indicator" and not words.skips(turn.text):
        new = [one for one in found if one not in before or one.kind == "account"]
        return asked(turn, draft, say("report_noted", what="; ".join(map(shown, new))) if new else say("report_unread_indicator"))
    if understood:
        return asked(turn, draft)
    if words.sends(turn.text):
        return asked(turn, draft, say("ticket_not_yet"))
    if step == "place" and (named := places.find(turn.text)) is not None:  # one that is several today
        return asked(turn, draft, communes=named.communes, lead=say("report_place_many", old=named.said))
    new = [line for line in said_of(turn, draft) if line not in lines]  # an answer to another step
    return asked(turn, draft, say("report_noted", what="; ".join(new)) if new else say("report_place_unknown" if step == "place" else "report_unread"))


def asked(turn: Turn, draft: Incident, lead: str = "", more: bool = False, communes: tuple[str, ...] = ()) -> Reply:
    """The next question with its choices. lead: what is said before it; communes: the ones to choose from, where it is asked for a place."""
    step = incidents.next_step(turn.session, draft)
    turn.talk.awaiting = f"{incidents.AWAITED}{draft.id}:{step}"

    def button(title: str, choice: str) -> tuple[str, str]:
        return title, payload("report_answer", f"{draft.id}:{step}:{choice}")

    stop = button(say("report_stop"), kinds.STOP)
    if step == "confirm":
        found = incidents.indicators_of(turn.session, draft.id)
        text = say("report_ask_confirm", lines="\n".join(f"• {line}" for line in said_of(turn, draft)) or "• (chưa có chi tiết)")
        buttons = [button(say("report_send"), kinds.SEND), *([button(say("report_clear"), kinds.CLEAR)] if found else []), stop]
    else:
        text = say(f"report_ask_{step}")
        choices = list(kinds.CHOICES.get(step, {}).items())
        if step == "trick":
            choices = [(k, t) for k, t in choices if (k in kinds.FIRST_TRICKS) != more]
        if step == "place":
            home = incidents.home_of(turn.session, turn.talk)
            choices = [(code, one) for one in communes or ([home] if home else []) if (code := places.code_of(one)) is not None]
        buttons = [button(title, key) for key, title in choices]
        if step == "trick" and not more:
            buttons.append(button(say("report_more"), kinds.MORE))
        buttons += [button(say("report_skip"), kinds.SKIP), stop] if step != "loss" else [stop]
    return Reply("\n".join(filter(None, [lead, text])), tuple(buttons), quick=True)


def said_of(turn: Turn, draft: Incident) -> list[str]:
    """What the report holds so far, a short line each."""
    day = f" ({draft.happened_on:%d/%m/%Y})" if draft.happened_on else ""
    lines = [kinds.TRICKS.get(draft.trick or ""), f"qua {kinds.CHANNELS[draft.channel]}" if draft.channel else None,
             f"nơi: {draft.commune}" if draft.commune else None,
             *(f"{kinds.INDICATORS[one.kind].lower()} {one.value if one.kind in ('phone', 'account') else defanged(one.value)}"
               for one in incidents.indicators_of(turn.session, draft.id)),
             f"thiệt hại: {kinds.LOSSES[draft.loss].lower()}" if draft.loss else None,
             f"xảy ra: {kinds.HAPPENED[draft.happened].lower()}{day}" if draft.happened else None]
    return [line for line in lines if line]


def sent(turn: Turn, draft: Incident) -> list[Reply] | Reply:
    if incidents.too_many(turn.session, draft, turn.now):
        incidents.drop(turn.session, draft)
        return Reply(say("report_too_many"))
    row = incidents.send(turn.session, draft, turn.now)
    rumour, lost = row.trick == "rumour", row.loss in LOST
    urgent = [say("report_urgent")] if lost and row.happened in ("today", "yesterday", None) else []
    first = Reply("\n".join([*urgent, say("report_sent", number=row.number)]))
    last = Reply(say("report_official_rumour" if rumour else "report_official"),
                 (*([already()] if lost else []), (say("learn_scams"), SCAMS), (say("menu_button"), "/help_menu")))
    return [first, last] if rumour else [first, Reply(say("report_evidence")), last]
