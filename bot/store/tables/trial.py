"""Staff's own phones, on which they try lessons out."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.db import Base


class PhoneCode(Base):
    """A code that somebody of the staff types to the bot, so that their chat is known (`Staff.conversation_id`). The newest counts.

    Only its keyed hash is kept; the row goes when the code is typed.
    """

    __tablename__ = "phone_codes"
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True, autoincrement=False)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime]
