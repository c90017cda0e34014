"""Safety first: these need no consent and come before everything else."""

from actions import _sos, procedures
from actions._turn import Turn, acts
from actions.learning import SCAMS
from bot.language.emergency import is_calm
from bot.messages import Reply
from bot.services import sos
from bot.wording import say

DOUBTFUL = 0.75
"""Below this the classifier alone makes no emergency of words that ask for a paper."""
LIKELY_PAPER = 0.4
"""Search must find some procedure so likely, where the words do not name one."""
OF_CRIMES = "Tố giác"
"""How the name of the procedure begins that victims ask for."""


@acts("action_scam_emergency")
def scam_emergency(turn: Turn) -> list[Reply] | Reply:
    """All the steps; when they have just been said, only what fits the words; for a lost paper, the paper. value "again": all of them once more."""
    paper = rather_a_paper(turn)
    if paper is not None:
        return [paper, Reply(say("emergency_maybe"), ((say("emergency_maybe_button"), "/scam_emergency"),))]
    again = turn.sos and turn.text
    turn.sos = sos.TURNS
    if again:
        return _sos.step(turn)
    turn.talk.awaiting = sos.mark(sos.TURNS, turn.now)
    return [Reply(say("emergency")), Reply(say("emergency_source"), ((say("report_button"), "/report_scam"), (say("human_button"), "/request_human"),
                                                                     (say("learn_scams"), SCAMS)))]


def rather_a_paper(turn: Turn) -> Reply | None:
    """The answer to "căn cước mất rồi giờ làm lại", which a doubtful classifier takes for a theft; None at the least sign of a real one."""
    if not turn.text or turn.robbed >= DOUBTFUL or "questions" in turn.off or not is_calm(turn.text):
        return None
    turn.app.catalogue.refresh()
    found = turn.app.catalogue.index.search(turn.text)
    if found.decision == "none" or found.hits[0].name.startswith(OF_CRIMES):
        return None
    if found.decision == "clarify" and found.hits[0].score < LIKELY_PAPER and not _sos.names_procedure(turn.text):
        return None
    turn.intent = "ask_procedure"
    return procedures.respond(turn, turn.text, "overview", only_if_found=True)
