"""Safety first: these need no consent and come before everything else."""

from actions._turn import Turn, acts
from actions.learning import SCAMS
from bot.messages import Reply
from bot.wording import say


@acts("action_scam_emergency")
def scam_emergency(turn: Turn) -> list[Reply]:
    return [Reply(say("emergency")), Reply(say("emergency_source"), ((say("report_button"), "/report_scam"), (say("human_button"), "/request_human"),
                                                                     (say("learn_scams"), SCAMS)))]
