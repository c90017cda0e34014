"""A submitted file: its state now, and word when that changes."""

import re

from actions._turn import Turn, acts, payload
from bot.clock import local
from bot.language.entities import DOSSIER_CODE
from bot.language.following import ends_following
from bot.language.normalise import fold
from bot.messages import Reply
from bot.services import dossiers
from bot.systems.dossiers import OVER, Dossier, SystemUnavailable
from bot.wording import say

FOLLOW = re.compile(r"\b(?:theo doi|bao (?:cho )?(?:toi|em|chau|minh|bac|con|tui) (?:khi|luc|biet khi)|co gi (?:thi )?bao)\b")


@acts("action_check_dossier")
def check_dossier(turn: Turn) -> Reply:
    """By the code in the text, else by the file last spoken of."""
    if turn.app.dossiers is None:
        return Reply(say("check_dossier"))
    plain = fold(turn.text)
    code = code_in(turn.text) or turn.slots.get("dossier")
    if ends_following(turn.text):
        return stop_following(turn, code_in(turn.text) or None)
    if not code:
        return Reply(say("dossier_which"))
    found = look_up(turn, code)
    if isinstance(found, Reply):
        return found
    return follow(turn, found) if FOLLOW.search(plain) else card(turn, found)


@acts("action_follow_dossier")
def follow_dossier(turn: Turn) -> Reply:
    """The button below a file's card."""
    found = look_up(turn, turn.value) if turn.app.dossiers is not None else Reply(say("check_dossier"))
    return found if isinstance(found, Reply) else follow(turn, found)


@acts("action_unfollow_dossier")
def unfollow_dossier(turn: Turn) -> Reply:
    return stop_following(turn, turn.value or None)


def code_in(text: str) -> str:
    """The first code of a file in the text, in capitals; "" without one."""
    found = re.search(DOSSIER_CODE, text, re.IGNORECASE)
    return found.group(0).upper() if found else ""


def look_up(turn: Turn, code: str) -> Dossier | Reply:
    """The file, or the sentence that says why there is none."""
    told = next((row.state for row in dossiers.followed(turn.session, turn.citizen_id) if row.code == code), None)
    try:
        found = turn.app.dossiers.look_up(code)
        if told is not None and (found is None or found.state != told):  # the worker, whose cache is another, has told something newer
            found = turn.app.dossiers.look_up(code, fresh=True)
    except SystemUnavailable:
        return Reply(say("dossier_down"))
    if found is None:
        return Reply(say("dossier_unknown", code=code))
    turn.remember("dossier", found.code)
    return found


def card(turn: Turn, found: Dossier) -> Reply:
    text = dossiers.in_words(found, local(turn.now).date(), say("dossier_system"))
    mine = {row.code for row in dossiers.followed(turn.session, turn.citizen_id)}
    if found.code in mine:
        return Reply(text, ((say("dossier_unfollow"), payload("unfollow_dossier", found.code)),))
    return Reply(text, () if found.state in OVER else ((say("dossier_follow"), payload("follow_dossier", found.code)),))


def follow(turn: Turn, found: Dossier) -> Reply:
    """With consent to reminders at once, else after asking for it."""
    if found.state in OVER:
        return Reply(f"{dossiers.in_words(found, local(turn.now).date(), say('dossier_system'))}\n{say('dossier_over')}")
    if not turn.may("reminders"):
        turn.remember("pending", f"consent:reminders|dossier:{found.code}")
        return Reply(say("dossier_follow_consent"), (
            (say("agree"), payload("consent_give", f"reminders|dossier:{found.code}")), (say("refuse"), "/consent_refuse")), quick=True)
    try:
        dossiers.follow(turn.session, turn.talk, found, turn.now)
    except dossiers.TooMany:
        return Reply(say("dossier_too_many"))
    return Reply(say("dossier_followed", code=found.code), ((say("dossier_unfollow"), payload("unfollow_dossier", found.code)),))


def stop_following(turn: Turn, code: str | None) -> Reply:
    codes = dossiers.unfollow(turn.session, turn.citizen_id, code, turn.now) if turn.citizen_id is not None else []
    return Reply(say("dossier_unfollowed", codes=", ".join(codes)) if codes else say("dossier_none_followed"))
