"""What people do with an answer on a procedure."""

from datetime import date

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.db import Base, Key


class Reaction(Base):
    """What somebody did with an answer or with the choices of a question back, tied to nobody; for the figures of the service page.

    kind: chosen (picked out of choices we had asked back with), more (a button under the answer: aspect), denied (said right
    after the answer that it was not this one). day: local. commune: theirs, if known.
    """

    __tablename__ = "reactions"
    __table_args__ = (Index("ix_reactions_where", "day", "kind", "procedure_code", "aspect", "channel", "commune"),)
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    day: Mapped[date]
    kind: Mapped[str] = mapped_column(String(10))
    procedure_code: Mapped[str] = mapped_column(String(80))
    aspect: Mapped[str] = mapped_column(String(20))
    channel: Mapped[str] = mapped_column(String(20))
    commune: Mapped[str | None] = mapped_column(String(80))
