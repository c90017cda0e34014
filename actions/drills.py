"""Drills in the chat: agree to a fake message, play an incident, answer either, stop."""

import re

from actions._turn import Turn, acts, payload
from actions.learning import SCAMS
from bot.language.normalise import fold
from bot.learning.asking import Say
from bot.messages import Reply
from bot.services import drills, people
from bot.services.drills import Told
from bot.wording import say

OF_STAFF = re.compile(r"\b(?:su co|ma doc|can bo|cong chuc|vien chuc|co quan|ung pho|tong tien)\b")
"""Words by which civil servants mean the drill of their own."""


def replies(told: Told, says: tuple[Say, ...] | None = None) -> list[Reply]:
    """The engine's messages with its choices as payloads."""
    return [Reply(s.text, tuple((title, drills.payload_of(told.run_id, command)) for title, command in s.buttons),
                  quick=bool(s.buttons)) for s in (told.says if says is None else says)]


def after(told: Told) -> list[Reply]:
    """What a reaction led to, with the way on under the last message once it is over."""
    found = replies(told)
    if not told.ended:
        return found
    more = ((say("drill_again"), "/join_drill"),)
    if told.kind == "scam":
        more = (*more, (say("learn_scams"), SCAMS), (say("drill_real"), "/scam_emergency"))
    return [*found[:-1], Reply(found[-1].text, more)]


@acts("action_join_drill")
def join_drill(turn: Turn) -> list[Reply] | Reply:
    """The choice of a period, or of an incident; an incident that is under way is shown again."""
    going = drills.going(turn.session, turn.talk)
    if going is not None:
        return [Reply(say("drill_going")), *replies(going)]
    if OF_STAFF.search(fold(turn.text)):
        return incidents(turn)
    waiting = any(r.state == "waiting" for r in drills.opened(turn.session, turn.learner_id))
    periods = tuple((say("drill_period", days=days), payload("drill_agree", str(days))) for days in drills.PERIODS)
    last = (say("drill_stop_button"), "/drill_stop") if waiting else (say("refuse"), "/deny")
    text = f"{say('drill_waiting')}\n{say('drill_join')}" if waiting else say("drill_join")
    return Reply(text, (*periods, (say("drill_staff_button"), payload("drill_agree", "incident")), last))


@acts("action_drill_agree")
def drill_agree(turn: Turn) -> list[Reply] | Reply:
    """value: a number of days; "incident", "incident:<slug>" and "go:<slug>:<timed or quick>" for civil servants."""
    kind, _, rest = turn.value.partition(":")
    if kind == "incident":
        return pace(turn, rest) if rest else incidents(turn)
    if kind == "go":
        slug, _, how = rest.partition(":")
        return begun(turn, slug, how == "quick")
    if not kind.isdigit() or int(kind) not in drills.PERIODS:
        return join_drill(turn)
    consent(turn)
    run = drills.agree(turn.session, turn.talk, turn.app.settings.courses_dir, int(kind), turn.now)
    if run is None:
        return Reply(say("drill_none"))
    return Reply(say("drill_agreed", days=kind), ((say("drill_stop_button"), "/drill_stop"),))


def consent(turn: Turn) -> None:
    """The tap on the notice that said what is kept is the consent."""
    if not turn.may("drills"):
        people.give_consent(turn.session, turn.talk, turn.address, ["drills"], turn.now)
    elif turn.address:
        turn.talk.address = turn.address


def incidents(turn: Turn) -> Reply:
    """Which incident."""
    found = drills.incidents(turn.app.settings.courses_dir)
    if not found:
        return Reply(say("drill_none"))
    lines = [say("drill_incident_line", title=one.title, summary=one.summary) for one in found[:4]]
    return Reply("\n".join([say("drill_incidents"), *lines]),
                 tuple((one.title[:35].rstrip(), payload("drill_agree", f"incident:{one.slug}")) for one in found[:4]))


def pace(turn: Turn, slug: str) -> Reply:
    """By the clock or as fast as one answers; what is kept."""
    chosen = next((one for one in drills.incidents(turn.app.settings.courses_dir) if one.slug == slug), None)
    if chosen is None:
        return incidents(turn)
    return Reply(say("drill_pace", title=chosen.title, injects=len(chosen.injects), minutes=chosen.minutes), (
        (say("drill_timed", minutes=chosen.minutes), payload("drill_agree", f"go:{slug}:timed")),
        (say("drill_quick"), payload("drill_agree", f"go:{slug}:quick")), (say("refuse"), "/deny")))


def begun(turn: Turn, slug: str, quick: bool) -> list[Reply] | Reply:
    consent(turn)
    try:
        run, says = drills.start_incident(turn.session, turn.talk, turn.app.settings.courses_dir, slug, quick, turn.now)
    except LookupError:
        return incidents(turn)
    return replies(Told("incident", says, run.id))


@acts("action_drill_choice")
def drill_choice(turn: Turn) -> list[Reply] | Reply:
    """A tapped choice ("<run>:<step>:<index>") or words typed with a drill's message on the screen."""
    numbers = turn.value.split(":")
    if len(numbers) == 3 and all(n.isdigit() for n in numbers):
        run_id, step, index = map(int, numbers)
        return after(drills.tapped(turn.session, turn.talk, run_id, step, index, turn.now))
    told = drills.typed(turn.session, turn.talk, turn.awaiting, turn.text, turn.now)
    return Reply(say("drill_over")) if told is None else after(told)


@acts("action_drill_stop")
def drill_stop(turn: Turn) -> Reply:
    """No more drills; a fake message that is out is explained with it."""
    if turn.citizen_id is None:
        return Reply(say("drill_stopped_none"))
    stopped = drills.stop(turn.session, turn.talk, turn.now)
    text = say("drill_stopped") if stopped.count else say("drill_stopped_none")
    return Reply(f"{stopped.fake}\n{text}" if stopped.fake else text, ((say("drill_again"), "/join_drill"),) if stopped.count else ())
