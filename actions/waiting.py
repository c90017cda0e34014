"""To be told later what we could not answer now."""

from actions._turn import Turn, acts
from bot.messages import Reply
from bot.services import tell_later
from bot.wording import say


@acts("action_tell_me_later")
def tell_me_later(turn: Turn) -> Reply:
    """The button under "not covered", or the same in words: pressing it is the consent. value: the number of the offer."""
    if tell_later.count(turn.session, turn.talk) >= tell_later.MOST:
        return Reply(say("tell_later_many", most=tell_later.MOST))
    waits = tell_later.agree(turn.session, turn.talk, turn.address, int(turn.value) if turn.value.isdigit() else None, turn.now)
    return Reply(say("tell_later_agreed") if waits is not None else say("tell_later_nothing"), ((say("menu_button"), "/help_menu"),))
