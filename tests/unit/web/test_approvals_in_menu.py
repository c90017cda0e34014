"""Whoever may approve sees in the menu how many drafts of others wait for them; who wrote them, and who may not approve, does not."""

import re

import pytest
from sqlalchemy import update

from bot.services import authoring
from bot.services.staff import Who
from bot.store.tables import Draft, ProcedureDraft, Staff
from tests.unit.procedure_desk import fill
from tests.unit.web.staff_pages import app_on, signed_in
from tests.unit.web.test_announcement_pages import written
from tests.unit.web.test_procedure_pages import drafted


@pytest.fixture
def app(database, tmp_path):
    fill(database)
    one = app_on(database, tmp_path)
    one.clock.forward(minutes=1)
    return one


def waits(browser) -> dict[str, int]:
    """Title in the menu -> how many wait there."""
    page = browser.get("/tai-khoan").text
    return {title.strip(): int(n) for title, n in re.findall(r'<li><a href="[^"]+">([^<]+)<span class="tag">(\d+) chờ bạn</span>', page)}


def test_what_waits_for_approval_is_counted_for_whoever_may_give_it(app):
    author, approver, officer = (signed_in(app, role) for role in ("author", "approver", "officer"))
    far = signed_in(app, "approver", ("Phường Đông A",))
    with app.database.write() as session:
        person = session.query(Staff).filter_by(role="author").one()
        who = Who(person.id, person.login, person.name, person.role, (), "", "")
        authoring.create(session, who, "Gác máy với người lạ", "citizens", app.clock())
    drafted(app, author)
    assert waits(approver) == {}
    with app.database.write() as session:  # sent for approval; what that takes is tested where it is done
        session.execute(update(Draft).values(state="review"))
        session.execute(update(ProcedureDraft).values(state="review"))
    address = written(officer, communes="Phường Hoa Lư")
    assert waits(approver) == {"Khoá học": 1, "Thủ tục": 1, "Thông báo": 1}
    assert waits(far) == {"Khoá học": 1, "Thủ tục": 1}
    assert waits(author) == waits(officer) == {}
    with app.database.write() as session:
        ident = session.query(Staff).filter_by(role="approver").filter(Staff.login.is_not(None)).order_by(Staff.id).first().id
        session.execute(update(Draft).values(editors=[person.id, ident]))
        session.execute(update(ProcedureDraft).values(editors=[person.id, ident]))
    approver.post(f"{address}/duyet")
    assert waits(approver) == {}
