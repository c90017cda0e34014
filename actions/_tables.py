"""What several actions say from open tables: the card of a row, a list of rows, a row that was named under another intent."""

from actions._turn import Turn, payload
from bot import places
from bot.messages import Reply
from bot.opendata import lookup
from bot.opendata.lookup import Found
from bot.services import ask, reactions
from bot.wording import say

ASPECT = "data"
"""Of questions about open tables, in the log of questions."""


def log(turn: Turn, outcome: ask.Outcome) -> None:
    """A typed question about open tables stands in the log like any other. No code: which row was asked for is no procedure's affair."""
    if not turn.text:
        return
    ask.log(turn.session, turn.talk.channel, turn.intent, ASPECT, ask.Found(outcome), turn.text if turn.may("improve") else None, turn.now, turn.commune,
            reactions.first_question(turn.talk, turn.now))


def answered(turn: Turn, found: Found) -> Reply:
    """The reply to a question that was typed, logged."""
    log(turn, "answer")
    return reply(found)


def reply(found: Found) -> Reply:
    """One row as its card; several as a list with buttons, source and date."""
    table = found.table
    if found.kind == "row":
        return Reply(lookup.card(table, found.rows[0]))
    said = table.description
    names = [table.rows[at][said.name] for at in found.rows[:lookup.MOST_LISTED]]
    more = len(found.rows) - len(names)
    lines = [say("open_data_table", title=said.title) if found.kind == "table" else say("open_data_rows", title=said.title),
             *(f"{n}. {name}" for n, name in enumerate(names, 1)), *([say("open_data_more", count=more)] if more else []),
             *([said.caution] if said.caution else []), lookup.source(table)]
    return Reply(lookup.warned(table) + "\n".join(lines), tuple((name, payload("ask_open_data", f"{said.slug}|{name}")) for name in names))


def named(turn: Turn) -> Reply | None:
    """The card of a row whose name the words say, for what was taken for another intent and has no other answer.

    A name that is also a commune's ("Vị Khê") counts only where the words say what the table is about.
    """
    found = lookup.find(turn.app.opendata.tables(), turn.text)
    if found.kind != "row":
        return None
    table, asked = found.table, lookup.plain(turn.text)
    row = table.rows[found.rows[0]]
    names = [n for n in lookup.names_of(table, row) if lookup.holds(asked, n)]
    about = any(lookup.holds(asked, lookup.plain(w)) for w in table.description.words) or any(
        lookup.holds(asked, f"lang {n}") for n in names)
    if not names or not (about or all(places.find(f"ở {n}") is None for n in names)):
        return None
    return answered(turn, found)


def beside(turn: Turn) -> Reply | None:
    """The same, and a table's own words are enough ("làng nghề thêu"): for words that nothing else was understood of."""
    found = lookup.find(turn.app.opendata.tables(), turn.text)
    if found.kind == "none":
        return None
    asked = lookup.plain(turn.text)
    return answered(turn, found) if any(lookup.holds(asked, lookup.plain(w)) for w in found.table.description.words) else named(turn)
