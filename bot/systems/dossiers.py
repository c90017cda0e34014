"""What a submitted file is, whichever system tells of it."""

from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, Protocol

from ruamel.yaml import YAML

from bot.errors import BotError

State = Literal["submitted", "accepted", "not_accepted", "processing", "more_papers", "payment", "withdrawn", "stopped", "done", "delivered", "unknown"]
OVER: frozenset[State] = frozenset({"not_accepted", "withdrawn", "stopped", "delivered"})
"""States after which nothing more comes."""


class SystemUnavailable(BotError):
    """The system cannot be asked now, or answers nonsense. why: a word for logs and the operations page, never from its answer."""

    def __init__(self, why: str):
        self.why = why
        super().__init__(f"the province's system cannot be asked: {why}")


@dataclass(frozen=True)
class Dossier:
    """A submitted file without its owner: no name, number or address is taken from the other system.

    due_on: when the result was promised; reason: why it was returned or what is missing, in the office's words.
    """

    code: str
    state: State
    procedure: str = ""
    office: str = ""
    received_on: date | None = None
    due_on: date | None = None
    finished_on: date | None = None
    reason: str = ""
    missing: tuple[str, ...] = field(default=())


class Dossiers(Protocol):
    """Where the state of a file is looked up."""

    def look_up(self, code: str, fresh: bool = False) -> Dossier | None:
        """The file; None when the system knows no such code. fresh: not from a cache. Raises SystemUnavailable."""


@lru_cache
def states() -> dict[str, dict[str, Any]]:
    """Raw code of the other system -> {state}, and our state -> {title, next}: dossier_states.yml."""
    return YAML(typ="safe").load((Path(__file__).parent / "dossier_states.yml").read_text(encoding="utf-8"))


def state_of(raw: object) -> State:
    """Our state for the other system's code; "unknown" for one that is not in the table."""
    return states()["codes"].get(str(raw).strip().lower(), "unknown")
