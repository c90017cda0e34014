"""What the province is to hear. Not built yet in this chat: each says so, and where to go instead."""

from actions._turn import Turn, acts
from bot.messages import Reply
from bot.services import people, remind
from bot.wording import say


@acts("action_give_feedback")
def give_feedback(turn: Turn) -> Reply:
    return Reply(say("feedback"))


@acts("action_check_feedback")
def check_feedback(turn: Turn) -> Reply:
    return Reply(say("check_feedback"))


@acts("action_request_human")
def request_human(turn: Turn) -> Reply:
    return Reply(say("human"))


@acts("action_subscribe_news")
def subscribe_news(turn: Turn) -> Reply:
    return Reply(say("subscribe"))


@acts("action_unsubscribe")
def unsubscribe(turn: Turn) -> Reply:
    """Nothing more of our own accord: consent to reminders is withdrawn, and those set are cancelled."""
    count = 0
    if turn.citizen_id is not None:
        count = len(remind.listed(turn.session, turn.citizen_id))
        people.withdraw(turn.session, turn.talk, ["reminders"], turn.now)
    return Reply(say("unsubscribed", count=count))
