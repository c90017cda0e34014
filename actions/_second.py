"""A second opinion on words that were taken for a command: those by which a procedure is asked for are a procedure's.

"Giấy chứng nhận độc thân" is no certificate of ours, "chế độ thương binh" no setting, "nghỉ bán" ends no lesson. Measured on
nlu_data with all procedures in the search, of each command's own examples at most two in a hundred are claimed.
"""

from collections.abc import Callable
from functools import wraps
from re import Pattern

from actions import procedures
from actions._turn import Turn
from bot.language.normalise import fold
from bot.messages import Reply
from bot.services import ask

SURE = 0.75
"""From here on the search outweighs the classifier."""
LIKELY = 0.55
"""Where no word says that it is the command's own business."""
POSSIBLE = 0.3
"""Where the command would come to nothing, besides."""

Act = Callable[[Turn], list[Reply] | Reply]


def procedure_meant(turn: Turn, ours: Pattern[str] | None = None, least: float = SURE) -> Reply | None:
    """What is to be said of the procedure that was typed; None for a button, within a lesson or another question of ours, and when there is none.

    ours: folded words that are the command's own. least: how likely the procedure must be.
    """
    if not turn.text or turn.value or turn.awaiting or turn.talk.lesson_on_screen or "questions" in turn.off or ask.is_pastime(turn.text):
        return None
    if ours is not None and ours.search(fold(turn.text)):
        return None
    catalogue = turn.app.catalogue
    if not catalogue.index.entries:
        catalogue.refresh()
    found = catalogue.index.search(turn.text)  # as it stands: a look at the database is due only once it claims the words
    if found.best < least or found.decision == "none":
        return None
    return procedures.respond(turn, turn.text, "overview", only_if_found=True)


def unless_procedure(ours: Pattern[str]) -> Callable[[Act], Act]:
    """The action, unless the words ask for a procedure."""

    def wrapped(act: Act) -> Act:
        @wraps(act)
        def acted(turn: Turn) -> list[Reply] | Reply:
            return procedure_meant(turn, ours, LIKELY) or act(turn)

        return acted

    return wrapped
