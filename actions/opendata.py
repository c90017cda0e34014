"""Answers from open tables: craft villages and whatever else staff publish as a table."""

import re

from actions import _tables, procedures, talk
from actions._turn import Turn, acts
from bot.language.normalise import fold, normalise
from bot.messages import Reply
from bot.opendata import lookup
from bot.opendata.lookup import Found
from bot.wording import say

PROCEDURAL = re.compile(r"\b(?:thu tuc|ho so|giay phep|xin phep|xin cap|dang ky|cong nhan|le phi|giay to)\b")
"""Folded words of who wants something of the administration, and not to know of a place."""


@acts("action_open_data")
def open_data(turn: Turn) -> Reply:
    """A question about a table, or a button "<slug>|<name of the row>"."""
    if turn.value:
        slug, _, name = turn.value.partition("|")
        table = turn.app.opendata.table(slug)
        rows = [at for at, row in enumerate(table.rows) if row[table.description.name] == name] if table is not None else []
        return _tables.reply(Found("row", table, (rows[0],))) if rows else Reply(say("open_data_gone"), ((say("menu_button"), "/help_menu"),))
    if PROCEDURAL.search(fold(normalise(turn.text))):
        return procedures.respond(turn, turn.text, "overview")
    tables = turn.app.opendata.tables()
    found = lookup.find(tables, turn.text)
    if found.kind != "none":
        return _tables.answered(turn, found)
    about = procedures.respond(turn, turn.text, "overview", only_if_found=True) if talk.decided(turn) == "answer" else None
    if about is not None:
        return about
    _tables.log(turn, "none")
    titles = "; ".join(t.description.title for t in tables)
    return Reply(say("open_data_unknown", titles=titles) if titles else say("open_data_empty"), ((say("menu_button"), "/help_menu"),))
