"""What a public-service procedure is. Frozen; no I/O. `document.py` reads it from YAML, `store` keeps it."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Channel = Literal["online", "in_person", "post"]
Grade = Literal["A", "B", "C"]


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(Part):
    """Where a fact comes from. grade: A text of the law or of the national portal, B official press, C second hand."""

    id: str
    title: str
    url: str = ""
    grade: Grade


class Paper(Part):
    """One paper to bring. originals and copies: counts, None when the source does not say."""

    name: str
    originals: int | None = Field(default=None, ge=0, le=20)
    copies: int | None = Field(default=None, ge=0, le=20)
    form: str = ""
    when: str = ""


class Method(Part):
    """One way to file. days: in words, as the source counts them. fee_vnd: whole đồng, None when not stated."""

    channel: Channel
    days: str = ""
    fee_vnd: int | None = Field(default=None, ge=0)
    note: str = ""


class Case(Part):
    """A variant that changes the answer. ways: how people name the variant."""

    when: str
    answer: str
    ways: tuple[str, ...] = ()


class Procedure(Part):
    """A procedure as one file under `procedures/` states it. Texts are Vietnamese, for citizens."""

    format: Literal[1]
    code: str = Field(pattern=r"^[0-9A-Z][0-9A-Za-z.\-]{1,60}$")
    also_codes: tuple[str, ...] = ()
    name: str = Field(min_length=3, max_length=200)
    aliases: tuple[str, ...] = ()
    ways_people_ask: tuple[str, ...]
    field: str
    level: str
    agency: str
    applicants: str
    papers: tuple[Paper, ...]
    steps: tuple[str, ...]
    methods: tuple[Method, ...]
    fee: str
    duration: str
    result: str
    conditions: str = ""
    legal_basis: tuple[str, ...] = ()
    official_url: str = ""
    effective_from: date | None = None
    checked_on: date
    review_by: date
    sources: tuple[Source, ...] = Field(min_length=1)
    cases: tuple[Case, ...] = ()
    related: tuple[str, ...] = ()
    changed: str = ""
    ask_at: str = Field(min_length=3)

    @model_validator(mode="after")
    def consistent(self) -> "Procedure":
        """Rules a single field cannot check. The message is the remedy shown to the author."""
        folded = {w.casefold() for w in self.ways_people_ask}
        if len(folded) < 10:
            raise ValueError(f"ways_people_ask needs 10 or more different ways, has {len(folded)}")
        if self.review_by <= self.checked_on:
            raise ValueError("review_by must be later than checked_on")
        if not self.steps:
            raise ValueError("steps needs at least one step")
        if not self.methods:
            raise ValueError("methods needs at least one way to file")
        return self
