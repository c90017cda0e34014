"""A person instead of the machine: asked for, waited for, ended."""

from actions import news, places
from actions._turn import Turn, acts, payload
from bot.messages import Reply
from bot.reminders import staffed
from bot.services import handover
from bot.wording import say


@acts("action_request_human")
def request_human(turn: Turn) -> Reply:
    """value: nothing, "share" (the officer may see the last answers), or "end" (the machine is enough)."""
    if turn.value == "share":
        return Reply(say("human_shared" if handover.share(turn.session, turn.talk) else "human_not_waiting"))
    if turn.value == "end":
        return Reply(say("human_ended" if handover.end(turn.session, turn.talk, turn.now) else "human_not_waiting"))
    hours = staffed.read(turn.app.settings.staffed_hours)
    asked = handover.request(turn.session, turn.talk, turn.address, news.named(turn.text), hours, turn.now)
    if asked.kind == "waiting":
        turn.talk.asked_consent_at = turn.talk.asked_consent_at or turn.now  # nothing comes between the citizen and the person
        return Reply(say("human_waiting", place=asked.place), (
            (say("human_share"), payload("request_human", "share")), (say("human_cancel"), payload("request_human", "end"))))
    why = say("human_closed", hours=hours.words) if asked.kind == "closed" else say("human_nobody", hours=hours.words)
    office = places.office_contact(turn).text
    contacts = say("human_contacts") if office == say("office_contact") else f"{say('human_contacts')}\n{office}"  # unknown stays unknown
    return Reply(f"{why}\n{contacts}", ((say("rate_feedback_button"), "/give_feedback"),))
