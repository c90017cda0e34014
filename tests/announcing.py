"""Staff, subscribers and announcements for tests, with as few words as possible."""

from datetime import datetime

import pytest
from sqlalchemy import select

from bot.services import announcements, announcing, news
from bot.services.announcements import Given
from bot.services.staff import Who
from bot.store.tables import AnnouncementSend, Citizen, Staff
from tests.factories import TUESDAY_TEN, talk_of
from tests.patience import WAIT_SECONDS

TEXT = "Ngày mai xã tiêm phòng cho trẻ nhỏ tại trạm y tế, từ 7 giờ 30 sáng."


def member(session, login: str, role: str = "approver", communes: tuple[str, ...] = (), now: datetime = TUESDAY_TEN) -> Who:
    """Somebody of staff; the password is too dear to hash in every test."""
    row = Staff(login=login, name=f"Người {login}", password_hash="x", role=role, communes=list(communes), created_at=now)
    session.add(row)
    session.flush()
    return Who(row.id, login, row.name, role, communes, "", "")


def subscriber(session, number: int, channel: str = "telegram", commune: str | None = None, topics: tuple[str, ...] = (), now: datetime = TUESDAY_TEN):
    """The conversation of somebody who wants news."""
    talk = talk_of(session, f"subscriber-{number:08}", channel, now, consent=("news",))
    news.choose(session, talk.citizen_id, topics)
    session.get_one(Citizen, talk.citizen_id).commune = commune
    session.flush()
    return talk


def given(**more) -> Given:
    return Given(**{"sender": "UBND phường Hoa Lư", "title": "Lịch tiêm phòng", "text": TEXT, **more})


def approved(session, writer: Who, *approvers: Who, now: datetime = TUESDAY_TEN, **more) -> int:
    """An announcement that may go out."""
    row = announcements.save(session, writer, None, given(**more), now)
    announcements.submit(session, writer, row.id, now)
    for one in approvers:
        announcements.approve(session, one, row.id, now)
    return row.id


def tick(database, now: datetime) -> int:
    """All that can be done now, however long it takes here."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(announcing, "TICK_SECONDS", float(WAIT_SECONDS))
        return announcing.run(database, lambda: now)


def sends(database, ident: int) -> list[AnnouncementSend]:
    with database.read() as session:
        return list(session.scalars(select(AnnouncementSend).where(AnnouncementSend.announcement_id == ident).order_by(AnnouncementSend.id)))
