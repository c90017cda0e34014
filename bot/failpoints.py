"""Places where a test ends the process by SIGKILL. Without the variable KILL_AT every one of them is an empty function.

KILL_AT=@<file>: the file names one point; the process that passes there takes the file away, so that only one dies and
only once, and kills itself. tests/integration/test_kill_matrix.py writes it before each step.
"""

import os
import signal
from typing import Callable, Dict

POINTS: Dict[str, str] = {
    "inbox.storing": "a citizen's message is about to be committed",
    "inbox.stored": "it is committed; the platform or the browser has no answer yet",
    "gateway.claimed": "the message is leased; Rasa knows nothing",
    "action.acted": "the action has written, but not committed",
    "action.committed": "the action's work is committed; Rasa has no answer",
    "rasa.received": "Rasa has the message and has done nothing",
    "rasa.answering": "Rasa has saved its side; the gateway has no answer",
    "gateway.answered": "the replies are here and not in the outbox",
    "gateway.finishing": "replies and end of the message are written, but not committed",
    "gateway.finished": "they are committed; nobody has been told",
    "web.handed_over": "the replies are marked as given; the browser has nothing",
    "stream.taken": "a message is marked as streamed; the browser has nothing",
    "worker.planning": "due reminders are written into the outbox, but not committed",
    "worker.planned": "they are committed",
    "worker.claimed": "messages are leased; nothing is sent",
    "worker.part_accepted": "the platform has taken a part of a message, perhaps all of it; its id is not noted anywhere",
    "worker.accepted": "the platform has taken the last part; that all are out is not noted anywhere",
    "worker.noted": "its id is noted on this machine and not in the database",
    "worker.recorded": "it is recorded as sent",
}
"""Every point and what is true when the process ends there. Only worker.part_accepted can lead to a second copy, of that part."""


def _nothing(point: str) -> None:
    """No test is running."""


def _killer(file: str) -> Callable[[str], None]:
    def kill(point: str) -> None:
        if point not in POINTS:
            raise KeyError(point)
        try:
            with open(file) as wanted:
                if wanted.read().strip() != point:
                    return
            os.remove(file)  # of several processes one succeeds
        except OSError:
            return
        os.kill(os.getpid(), signal.SIGKILL)

    return kill


_WANTED = os.environ.get("KILL_AT", "")
at: Callable[[str], None] = _killer(_WANTED[1:]) if _WANTED.startswith("@") else _nothing
"""Ends the process here when a test wants that."""
