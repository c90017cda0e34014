"""The desk for reports: an officer's work, whose tickets are whose, what the citizen is told, the figures in public."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.services import audit, people
from bot.services.tickets import citizen, drafts
from bot.store.tables import AuditEntry, Outbound, Ticket, TicketEvent, TicketFollower, TicketPhoto
from tests.factories import KEY
from tests.unit.web.staff_pages import app_on, signed_in

DESK = "/admin/phan-anh"
HERE, THERE = "Xã Xuân Trường", "Xã Xuân Hưng"
WORDS = "đèn đường đầu ngõ 5 hỏng cả tháng rồi tối om"


@pytest.fixture
def app(database, tmp_path):
    return app_on(database, tmp_path)


def reported(app, commune=HERE, address="sender-one-0123456", text=WORDS, category="lighting") -> int:
    with app.database.write() as session:
        now = app.clock()
        talk = people.conversation(session, KEY, "web", address, now)
        if talk.citizen_id is None:
            people.give_consent(session, talk, address, ["feedback"], now)
        draft = drafts.begin(session, talk, text, now)
        draft.commune, draft.category = commune, category
        return drafts.send(session, talk, draft, 10, now).id


def ticket(app, ident) -> Ticket:
    with app.database.read() as session:
        return session.get_one(Ticket, ident)


def pushed(app) -> list[str]:
    with app.database.read() as session:
        return [row.body["text"] for row in session.scalars(select(Outbound).where(Outbound.kind == "ticket").order_by(Outbound.id))]


def test_an_officer_takes_asks_back_replies_and_closes(app):
    ident, officer = reported(app), signed_in(app, "officer")
    listed = officer.get(DESK).text
    assert ticket(app, ident).number in listed and WORDS not in listed
    address = f"{DESK}/{ident}"
    assert WORDS in officer.get(address).text
    officer.post(address, {"step": "take"})
    assert ticket(app, ident).state == "assigned" and "Đã có cán bộ nhận việc" in pushed(app)[-1]
    officer.post(address, {"step": "ask_back", "text": "Cột số mấy?"})
    assert ticket(app, ident).state == "asked_back" and "Cán bộ hỏi thêm: Cột số mấy?" in pushed(app)[-1]
    with app.database.write() as session:
        row = session.get_one(Ticket, ident)
        citizen.add(session, row, "cột số 7", app.clock())
    shown = officer.get(address).text
    assert ticket(app, ident).state == "assigned" and "cột số 7" in shown
    officer.post(address, {"step": "reply", "text": "Tổ điện sẽ thay bóng trong tuần."})
    assert ticket(app, ident).state == "answered" and ticket(app, ident).replied_at == app.clock()
    officer.post(address, {"step": "close", "text": "Đã thay bóng mới."})
    with app.database.read() as session:
        last = session.scalars(select(Outbound).order_by(Outbound.id.desc())).first()
    assert "Kết quả: Đã thay bóng mới." in last.body["text"] and [b["title"][0] for b in last.body["buttons"]] == list("12345")
    officer.post(address, {"step": "reopen", "text": "Bóng lại hỏng."})
    assert ticket(app, ident).state == "reopened" and ticket(app, ident).closed_at is None
    with app.database.read() as session:
        kinds = session.scalars(select(TicketEvent.kind).where(TicketEvent.ticket_id == ident).order_by(TicketEvent.id)).all()
        steps = [row.detail["step"] for row in session.scalars(select(AuditEntry).where(AuditEntry.action == "ticket").order_by(AuditEntry.id))]
        assert audit.first_broken(session) is None
    assert kinds == ["sent", "assigned", "asked_back", "said", "replied", "closed", "reopened"]
    assert [s for s in steps if s != "seen"] == ["assigned", "asked_back", "replied", "closed", "reopened"] and "seen" in steps


def test_an_officer_of_one_commune_sees_and_touches_nothing_of_another(app):
    mine, theirs, nowhere = reported(app), reported(app, THERE, "sender-two-0123456"), reported(app, None, "sender-six-0123456")
    with app.database.write() as session:
        session.add(TicketPhoto(channel="web", source_id="x", ticket_id=theirs, state="here", data=b"x", attempts=0, next_try_at=app.clock(),
                                created_at=app.clock()))
    officer = signed_in(app, "officer", (HERE,))
    listed = officer.get(DESK, xa=THERE).text + officer.get(DESK).text
    assert ticket(app, mine).number in listed
    for other in (theirs, nowhere):
        assert ticket(app, other).number not in listed and f"{DESK}/{other}" not in listed
        assert officer.get(f"{DESK}/{other}").status_code == 404
        for step in ("take", "reply", "ask_back", "close", "hand", "note", "reopen"):
            assert officer.post(f"{DESK}/{other}", {"step": step, "text": "lời", "commune": HERE}).status_code == 404
        assert ticket(app, other).state == "new"
    assert officer.get(f"{DESK}/{theirs}/anh/1.jpg").status_code == 404 and officer.get(f"{DESK}/{mine}/anh/1.jpg").status_code == 404
    assert signed_in(app, "officer").get(f"{DESK}/{theirs}/anh/1.jpg").content == b"x"
    assert '<p class="figure">1</p><a href="/admin/phan-anh">' in listed


def test_handed_on_it_leaves_the_officers_sight(app):
    ident, officer, there = reported(app), signed_in(app, "officer", (HERE,)), signed_in(app, "officer", (THERE,))
    officer.get(f"{DESK}/{ident}")
    gone = officer.post(f"{DESK}/{ident}", {"step": "hand", "commune": THERE, "unit": "", "text": "Ngõ này thuộc xã bên."})
    assert gone.url.path == DESK and officer.get(f"{DESK}/{ident}").status_code == 404
    assert WORDS in there.get(f"{DESK}/{ident}").text and f"Đã chuyển tới {THERE}" in pushed(app)[-1]


@pytest.mark.parametrize("text", ["Gọi 0912 345 678 nhé", "CCCD 034082001234", "", "x" * 1501])
def test_words_with_numbers_of_people_do_not_go_out(app, text):
    ident, officer = reported(app), signed_in(app, "officer")
    officer.get(f"{DESK}/{ident}")
    shown = officer.post(f"{DESK}/{ident}", {"step": "reply", "text": text})
    assert shown.status_code == 400 and 'role="alert"' in shown.text
    assert ticket(app, ident).state == "new" and pushed(app) == []


def test_a_ticket_goes_only_to_somebody_of_its_commune(app):
    ident, officer = reported(app), signed_in(app, "officer", (HERE,))
    signed_in(app, "officer", (THERE,))
    signed_in(app, "viewer")
    shown = officer.get(f"{DESK}/{ident}").text
    assert shown.split('id="officer"')[1].split("</select>")[0].count("<option") == 1
    assert officer.post(f"{DESK}/{ident}", {"step": "assign", "officer": "999"}).status_code == 400


def test_overdue_ones_come_first_with_their_hours(app):
    old = reported(app)
    app.clock.forward(days=20)
    new = reported(app, address="sender-two-0123456")
    officer = signed_in(app, "officer")
    page = officer.get(DESK).text
    hours = int((app.clock() - ticket(app, old).due_at) / timedelta(hours=1))
    assert page.index(ticket(app, old).number) < page.index(ticket(app, new).number) and f"Quá hạn {hours} giờ" in page
    late = officer.get(DESK, trang_thai="late").text
    assert ticket(app, old).number in late and ticket(app, new).number not in late


def test_those_who_joined_hear_of_it_too(app):
    ident = reported(app)
    with app.database.write() as session:
        talk = people.conversation(session, KEY, "web", "sender-two-0123456", app.clock())
        people.give_consent(session, talk, "sender-two-0123456", ["feedback"], app.clock())
        draft = drafts.begin(session, talk, WORDS, app.clock())
        draft.commune = HERE
        assert drafts.join(session, talk, draft, ident, app.clock()).id == ident
        assert session.scalars(select(TicketFollower)).one().ticket_id == ident
    officer = signed_in(app, "officer")
    officer.get(f"{DESK}/{ident}")
    officer.post(f"{DESK}/{ident}", {"step": "reply", "text": "Sẽ thay bóng."})
    with app.database.read() as session:
        assert len(set(session.scalars(select(Outbound.conversation_id).where(Outbound.kind == "ticket")))) == 2


def test_a_step_that_is_none_is_refused(app):
    ident, officer = reported(app), signed_in(app, "officer")
    officer.get(f"{DESK}/{ident}")
    assert officer.post(f"{DESK}/{ident}", {"step": "sai"}).status_code == 400
    assert officer.post(f"{DESK}/{ident}", {"step": "reopen", "text": "lời"}).status_code == 400


class TestPublicFigures:
    def test_few_people_are_hidden_and_no_word_is_shown(self, app):
        for n in range(6):
            reported(app, address=f"sender-{n}-0123456789")
        reported(app, THERE, "sender-x-0123456789", "bãi rác cạnh chợ bốc mùi hôi thối", "waste")
        page = signed_in(app, "viewer").client.get("/phan-anh").text
        rows = dict(re.findall(r'<th scope="row">([^<]+)</th><td class="n">([^<]+)</td>', page))
        assert rows["11/2026"] == "7" and "<dd>7</dd>" in page
        # with the total shown, the one hidden number could be worked out from the other: both are hidden
        assert rows[HERE] == rows[THERE] == rows["Điện, đèn đường"] == "ẩn"
        assert "đèn đường đầu" not in page and "bãi rác" not in page

    def test_time_to_the_answer_and_share_in_time(self, app):
        idents = [reported(app, address=f"sender-{n}-0123456789") for n in range(10)]
        assert "chưa đủ số" in signed_in(app, "viewer").client.get("/phan-anh").text
        app.clock.forward(days=3)
        officer = signed_in(app, "officer")
        officer.get(DESK)
        for ident in idents[:5]:
            assert officer.post(f"{DESK}/{ident}", {"step": "reply", "text": "Đang xử lý."}).status_code == 200
        page = officer.client.get("/phan-anh").text
        assert "3,0 ngày" in page and "100 %" in page
        app.clock.forward(days=30)
        assert "50 %" in officer.client.get("/phan-anh").text

    def test_one_person_who_sends_ten_is_no_ten(self, app):
        for _ in range(10):
            reported(app)
        page = signed_in(app, "viewer").client.get("/phan-anh").text
        assert ">10<" not in page and "dưới 5 người gửi" in page
