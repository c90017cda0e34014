"""Where an office is: contacts of a commune that were checked, else the way to find them."""

from actions._turn import Turn, acts
from bot import places
from bot.clock import local
from bot.messages import Reply
from bot.services import communes
from bot.wording import say


@acts("action_office_contact")
def office_contact(turn: Turn) -> Reply:
    """Of the commune that is named, else the citizen's own."""
    named = places.find(turn.text)
    if named is not None and len(named.communes) > 1:
        return Reply(say("commune_many", old=named.said, new=", ".join(named.communes)))
    commune = named.communes[0] if named is not None else turn.commune
    code = places.code_of(commune) if commune else None
    sheet = communes.sheet_of(turn.session, code) if code else None
    if not communes.told(sheet, local(turn.now).date()):
        return Reply(say("office_contact"))
    lines = [say("office_of", commune=commune)]
    if named is not None and named.old:
        lines.insert(0, say("commune_merged", old=named.said, new=commune))
    lines += [f"{label}: {getattr(sheet, column)}" for column, label in communes.CONTACTS.items() if getattr(sheet, column)]
    missing = [label.lower() for column, label in communes.CONTACTS.items() if not getattr(sheet, column)]
    if missing:
        lines.append(say("office_missing", what=", ".join(missing)))
    lines.append(say("office_source", source=sheet.source, day=f"{sheet.checked_on:%d/%m/%Y}"))
    return Reply("\n".join(lines))
