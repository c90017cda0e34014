"""Where an office is: contacts of a commune that were checked, else the way to find them."""

from actions import _sos
from actions._turn import Turn, acts
from bot import places
from bot.clock import local
from bot.messages import Reply
from bot.services import communes
from bot.wording import say


@acts("action_office_contact")
def office_contact(turn: Turn) -> Reply:
    """Of the commune that is named, else the citizen's own."""
    if (reporting := _sos.where_to_report(turn)) is not None:
        return reporting
    named = places.find(turn.text)
    if named is not None and len(named.communes) > 1:
        return Reply(say("commune_many", old=named.said, new=", ".join(named.communes)))
    commune = named.communes[0] if named is not None else turn.commune
    lines = communes.contact_lines(turn.session, commune, local(turn.now).date())
    if not lines:
        return Reply(say("office_contact"))
    if named is not None and named.old:
        lines.insert(0, say("commune_merged", old=named.said, new=commune))
    return Reply("\n".join(lines))
