"""Safety first: these need no consent and come before everything else."""

from actions._turn import Turn, acts
from actions.learning import SCAMS
from bot.messages import Reply
from bot.wording import say


@acts("action_scam_emergency")
def scam_emergency(turn: Turn) -> list[Reply]:
    return [Reply(say("emergency")), Reply(say("emergency_source"), ((say("human_button"), "/request_human"),
                                                                     (say("learn_scams"), SCAMS)))]


@acts("action_check_suspicious")
def check_suspicious(turn: Turn) -> Reply:
    """Never says "safe": the signs, and what to do."""
    return Reply(say("suspicious"), ((say("already_sent"), "/scam_emergency"), (say("learn_scams"), SCAMS)))


@acts("action_report_scam")
def report_scam(turn: Turn) -> Reply:
    return Reply(say("report_scam"), ((say("already_sent"), "/scam_emergency"),))
