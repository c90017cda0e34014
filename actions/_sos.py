"""What follows the steps for whoever was robbed: the one step that fits what is said now, for some turns."""

from actions._turn import Turn, payload
from bot.language import gazetteer
from bot.language.victim_words import asks_police, steps_meant
from bot.messages import Reply
from bot.services import sos
from bot.wording import say


def step(turn: Turn, *wanted: str) -> Reply:
    """The steps wanted, else those the words mean, else how it goes on either way. The talk stays with it."""
    turn.talk.awaiting = sos.mark(turn.sos, turn.now)
    lines = [say(f"emergency_{name}") for name in wanted or steps_meant(turn.text)] or [say("emergency_next")]
    text = "\n".join(f"{'•' if at else '🚨'} {line}" for at, line in enumerate(lines))
    return Reply(text, ((say("report_button"), "/report_scam"), (say("emergency_again_button"), payload("scam_emergency", "again")),
                        (say("human_button"), "/request_human")))


def beside(turn: Turn, guessed: bool = False) -> Reply | None:
    """For what was not understood, or is none of our procedures, right behind the steps; None once the talk has gone on.

    guessed: search offers procedures that the words may mean; then they must mean a step and name no procedure.
    """
    if turn.sos < sos.FRESH or not turn.text or (guessed and (names_procedure(turn.text) or not steps_meant(turn.text))):
        return None
    found = step(turn)
    turn.talk.awaiting = None  # this one counts down: whoever speaks of something else is not kept here
    return found


def where_to_report(turn: Turn) -> Reply | None:
    """Behind the steps "công an ở đâu", "gọi công an số mấy" asks where to report it, unless a paper is spoken of."""
    if not turn.sos or not asks_police(turn.text) or names_procedure(turn.text):
        return None
    return step(turn, *[name for name in steps_meant(turn.text) if name == "stop"], "report")  # the fraudster may still be on the line


def names_procedure(text: str) -> bool:
    return any(e["entity"] == "procedure" for e in gazetteer.find(text))
