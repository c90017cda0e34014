"""The register holds everything citizens are told; owners are reminded once; corrective actions open, are worked, verified, measured."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from bot.config import Settings
from bot.errors import Refusal
from bot.services import catalogue, corrective, opendata, quality
from bot.services.corrective import work
from bot.services.staff import Who
from bot.store.tables import Asked, CorrectiveAction, Outbound, ProcedureRow, Rating, Reaction, ShippedVersion, Staff, Ticket, TicketEvent
from tests.factories import ROOT, talk_of
from tests.factories import TUESDAY_TEN as NOW
from tests.small_course import publish, small

SETTINGS = Settings(_env_file=None)
TODAY = NOW.date()
CODE = "1.001193"
DOC = f"procedure:{CODE}"
WHY = "Câu trả lời thiếu trường hợp cha mẹ chưa kết hôn"


@pytest.fixture
def filled(database, tmp_path):
    """A province with procedures, a course, an open table and the texts of the release."""
    with database.write() as session:
        catalogue.publish_curated(session, ROOT / "procedures", NOW)
        catalogue.put(session, "imported", {"9.000001": {"name": "Cấp giấy phép một việc"}}, NOW)
        publish(session, tmp_path / "courses", small("khoa-1"))
        opendata.publish_shipped(session, opendata.SHIPPED, NOW)
        quality.note_shipped(session, SETTINGS, NOW)
    return database


def person(session, login, talk=None, communes=()) -> Who:
    row = Staff(login=login, name=login.title(), password_hash="x", role="approver", communes=list(communes), active=True, failures=0, created_at=NOW,
                conversation_id=talk.id if talk else None)
    session.add(row)
    session.flush()
    return Who(row.id, login, row.name, "approver", tuple(communes), "", "")


def told(database) -> list[str]:
    with database.read() as session:
        return [b["text"] for b in session.scalars(select(Outbound.body).where(Outbound.kind == quality.NOTICE).order_by(Outbound.id))]


class TestRegister:
    def test_every_kind_is_in_it_with_version_dates_and_approver(self, filled):
        with filled.read() as session:
            found = {d.key: d for d in quality.register(session)}
        assert {d.kind for d in found.values()} == set(quality.KINDS)
        assert sum(k.startswith("procedure:") for k in found) == sum(1 for p in (ROOT / "procedures").glob("*.yml"))
        assert sum(k.startswith("drill:") for k in found) == sum(1 for p in (ROOT / "courses/drills").glob("*.yml"))
        assert found[DOC].own_date and found[DOC].effective_on == TODAY and found[DOC].where == f"/studio/thu-tuc/{CODE}"
        assert found["data:lang-nghe"].review_on == TODAY + timedelta(days=365)
        assert found["reply:ticket"].title.startswith("Câu có sẵn: phản ánh")

    def test_every_canned_sentence_is_in_one_group(self):
        from bot.wording import sentences
        assert sorted(name for group in quality.groups().values() for name in group) == sorted(sentences())
        assert set(quality.GROUPS) <= set(quality.groups())

    def test_a_release_with_other_words_is_a_new_version_and_nothing_is_noted_twice(self, filled, monkeypatch):
        with filled.write() as session:
            assert quality.note_shipped(session, SETTINGS, NOW) == 0
            quality.approve_shipped(session, person(session, "b.duyet"), "reply:ticket", NOW)
        changed = quality.groups() | {"ticket": {"ticket_x": "Câu khác"}}
        monkeypatch.setattr(quality, "groups", lambda: changed)
        with filled.write() as session:
            assert quality.note_shipped(session, SETTINGS, NOW + timedelta(days=1)) == 1
            assert [v.approver for v in quality.history(session, "reply:ticket")] == ["", "B.Duyet"]
            assert quality.document(session, "reply:ticket").versions == 2
        monkeypatch.undo()
        with filled.write() as session:  # the release is taken back
            assert quality.note_shipped(session, SETTINGS, NOW + timedelta(days=2)) == 1
            assert session.query(ShippedVersion).filter_by(key="reply:ticket", live=True).count() == 1
            assert quality.document(session, "reply:ticket").approver == "B.Duyet"

    def test_an_owner_and_a_date_are_given_where_they_may(self, filled):
        with filled.write() as session:
            who = person(session, "b.duyet")
            quality.assign(session, who, DOC, who.id, date(2027, 1, 1), NOW)
            quality.assign(session, who, "reply:ticket", who.id, date(2027, 1, 1), NOW)
            own, chosen = quality.document(session, DOC), quality.document(session, "reply:ticket")
            assert (own.owner, own.review_on == date(2027, 1, 1)) == ("B.Duyet", False)
            assert (chosen.owner, chosen.review_on) == ("B.Duyet", date(2027, 1, 1))
            for key, owner, day, said in ((DOC, 999, None, "người đang làm"), ("reply:khong-co", None, None, "Không có tài liệu"),
                                          ("reply:ticket", None, TODAY, "sau hôm nay")):
                with pytest.raises(Refusal, match=said):
                    quality.assign(session, who, key, owner, day, NOW)
            with pytest.raises(Refusal, match="Chỉ xác nhận ở đây"):
                quality.approve_shipped(session, who, DOC, NOW)


class TestReminders:
    def owned(self, database, key, days_ahead, linked=True):
        with database.write() as session:
            who = person(session, "chu.tri", talk_of(session) if linked else None)
            quality.assign(session, who, key, who.id, TODAY + timedelta(days=days_ahead), NOW)

    def at(self, database, days):
        with database.write() as session:
            return quality.remind(session, NOW + timedelta(days=days))

    def test_thirty_and_seven_days_before_once_each(self, filled):
        self.owned(filled, "reply:ticket", 40)
        assert [self.at(filled, day) for day in (0, 9, 10, 11, 32, 33, 34, 45)] == [0, 0, 1, 0, 0, 1, 0, 0]
        assert "còn 30 ngày" in told(filled)[0] and "còn 7 ngày" in told(filled)[1] and "phản ánh" in told(filled)[1]

    def test_a_new_date_is_reminded_of_anew(self, filled):
        self.owned(filled, "reply:ticket", 20)
        assert self.at(filled, 0) == 1
        with filled.write() as session:
            who = person(session, "b.duyet")
            quality.assign(session, who, "reply:ticket", session.query(Staff).filter_by(login="chu.tri").one().id, TODAY + timedelta(days=100), NOW)
        assert [self.at(filled, day) for day in (1, 80)] == [0, 1]

    def test_many_come_in_one_message_and_nobody_without_a_phone_is_told(self, filled):
        self.owned(filled, "reply:ticket", 20)
        with filled.write() as session:
            who = person(session, "b.duyet")
            owner = session.query(Staff).filter_by(login="chu.tri").one()
            others = [d.key for d in quality.register(session) if d.kind == "reply" and d.key != "reply:ticket"][:7]
            for key in others:
                quality.assign(session, who, key, owner.id, TODAY + timedelta(days=25), NOW)
        assert self.at(filled, 0) == 1
        assert told(filled)[0].count("•") == 6 and "và 3 tài liệu khác" in told(filled)[0]

    def test_nobody_without_a_phone_is_told_and_none_is_marked(self, filled):
        self.owned(filled, "reply:ticket", 20, linked=False)
        assert self.at(filled, 0) == 0 and told(filled) == []


def rate(session, *scores, day=TODAY):
    for score in scores:
        session.add(Rating(day=day, about="answer", key=CODE, score=score, channel="web", commune=None))
        session.flush()


def look(database, days=0):
    with database.write() as session:
        return corrective.look(session, NOW + timedelta(days=days))


def only(session) -> CorrectiveAction:
    return session.query(CorrectiveAction).one()


class TestOpening:
    @pytest.mark.parametrize(("scores", "kinds"), [((1, 2, 1), ["rating"]), ((1, 2, 5), ["low"]), ((2,), ["low"]), ((1, 1, 1, *[5] * 7), ["rating"]),
                                                   ((1, 1, 1, *[5] * 8), ["low"]), ((3, 4, 5), []), ((), [])])
    def test_one_low_rating_opens_and_three_of_the_last_ten_are_more_urgent(self, filled, scores, kinds):
        with filled.write() as session:
            rate(session, *scores)
        assert (look(filled), look(filled)) == (len(kinds), 0)
        with filled.read() as session:
            assert [row.kind for row in session.query(CorrectiveAction)] == kinds

    def test_the_second_joins_and_the_third_makes_it_more_urgent(self, filled):
        with filled.write() as session:
            rate(session, 1)
        assert look(filled) == 1
        for day, kind in ((1, "low"), (2, "rating"), (3, "rating")):
            with filled.write() as session:
                rate(session, 2, day=TODAY + timedelta(days=day))
            assert look(filled, day) == 0
            with filled.read() as session:
                row = only(session)
                assert (row.kind, len(corrective.lows(session, row)), row.due_on) == (kind, day + 1, TODAY + timedelta(days=14))
                assert row.before["low"] == (3 if kind == "rating" else 1)

    @pytest.mark.parametrize(("age", "opened"), [(30, 1), (31, 0)])
    def test_an_old_single_rating_opens_nothing(self, filled, age, opened):
        with filled.write() as session:
            rate(session, 1, day=TODAY - timedelta(days=age))
        assert look(filled) == opened

    def test_a_lesson_and_the_reports_of_a_commune(self, filled):
        with filled.write() as session:
            who = person(session, "chu.tri")
            quality.assign(session, who, "course:khoa-1", who.id, None, NOW)
            session.add(Ticket(number="PA-1", category="roads", text="x", commune="Phường Hoa Lư", state="closed", channel="web", created_at=NOW, due_at=NOW))
            session.flush()
            session.add_all([
                Rating(day=TODAY, about="lesson", key="khoa-1", score=2, channel="web", commune="Xã Vũ Dương"),
                Rating(day=TODAY, about="ticket", key="", score=1, channel="web", commune="Phường Hoa Lư"),
                Rating(day=TODAY, about="ticket", key="", score=5, channel="web", commune="Xã Vũ Dương"),
                Rating(day=TODAY, about="chat", key="", score=1, channel="web", commune=None),
                TicketEvent(ticket_id=session.query(Ticket).one().id, at=NOW, kind="scored", by="", text="1/5")])
        assert (look(filled), look(filled)) == (2, 0)
        with filled.read() as session:
            lesson, reports = session.query(CorrectiveAction).order_by(CorrectiveAction.about)
            assert (lesson.about, lesson.kind, lesson.owner_id, lesson.before["low"]) == ("course:khoa-1", "low", who.id, 1)
            assert lesson.subject == quality.document(session, "course:khoa-1").title
            assert (reports.about, reports.subject, reports.owner_id) == ("tickets:Phường Hoa Lư", "Phản ánh ở Phường Hoa Lư", None)
            assert (reports.before["rating"], reports.before["ratings"]) == (1.0, 1)
            assert [(low.score, low.ticket[1]) for low in corrective.lows(session, reports)] == [(1, "PA-1")]
            assert corrective.lows(session, lesson) == [corrective.Low(TODAY, 2)]

    def test_an_imported_procedure_and_one_known_by_its_name_are_answered_for_by_whoever_answers_for_the_lot(self, filled):
        with filled.write() as session:
            importer, of_ways = person(session, "chu.tri"), person(session, "b.duyet")
            found = {d.key: d for d in quality.register(session)}
            assert "1 thủ tục" in found[f"import:{TODAY}"].title and found[f"import:{TODAY}"].effective_on == TODAY
            assert [v.name for v in quality.history(session, f"import:{TODAY}")] == [found[f"import:{TODAY}"].version]
            quality.imported(session, importer.id, NOW)
            quality.assign(session, of_ways, quality.WAYS, of_ways.id, None, NOW)
            named = next(code.removeprefix("ways:") for code in session.scalars(select(ProcedureRow.code).where(ProcedureRow.origin == "ways")))
            session.add_all([Rating(day=TODAY, about="answer", key=key, score=1, channel="web", commune=None) for key in ("9.000001", named, CODE)])
        assert look(filled) == 3
        with filled.write() as session:
            owners = dict(session.execute(select(CorrectiveAction.about, CorrectiveAction.owner_id)).all())
            assert owners == {"procedure:9.000001": importer.id, f"procedure:{named}": of_ways.id, DOC: None}
            later = NOW + timedelta(days=40)
            catalogue.put(session, "imported", {"9.000001": {"name": "Cấp giấy phép một việc khác"}}, later)
            assert f"import:{later.date()}" in {d.key for d in quality.register(session)}
            assert corrective.owner_of(session, "procedure:9.000001") == importer.id
            quality.imported(session, of_ways.id, later)
            assert corrective.owner_of(session, "procedure:9.000001") == of_ways.id

    def test_an_owner_who_left_owns_nothing(self, filled):
        with filled.write() as session:
            who = person(session, "chu.tri")
            quality.assign(session, who, DOC, who.id, None, NOW)
            session.get_one(Staff, who.id).active = False
            rate(session, 1)
        look(filled)
        with filled.read() as session:
            assert only(session).owner_id is None

    def test_a_single_one_stands_behind_what_is_urgent(self, filled):
        with filled.write() as session:
            rate(session, 1)
        look(filled)
        with filled.write() as session:
            session.add_all([Reaction(day=TODAY, kind="denied", procedure_code="x", aspect="x", channel="web") for _ in range(3)])
        look(filled, 1)
        with filled.read() as session:
            assert [row.kind for row in corrective.listed(session, Who(1, "x", "x", "approver", (), "", ""))] == ["denied", "low"]

    def test_it_names_the_document_and_takes_its_owner_and_measures(self, filled):
        with filled.write() as session:
            who = person(session, "chu.tri")
            quality.assign(session, who, DOC, who.id, None, NOW)
            rate(session, 1, 2, 1)
            session.add_all([Asked(at=NOW, day=TODAY, channel="web", intent="x", aspect="x", decision="answer", procedure_code=CODE) for _ in range(3)])
            session.add(Reaction(day=TODAY, kind="chosen", procedure_code=CODE, aspect="x", channel="web"))
        look(filled)
        with filled.read() as session:
            row = only(session)
            assert (row.kind, row.about, row.owner_id, row.due_on) == ("rating", DOC, who.id, TODAY + timedelta(days=14))
            assert "khai sinh" in row.subject.lower()
            assert {k: row.before[k] for k in ("rating", "low", "answers", "asked_back")} == {"rating": 1.33, "low": 3, "answers": 4, "asked_back": 25.0}

    @pytest.mark.parametrize(("count", "age", "opened"), [(3, 0, 1), (2, 0, 0), (3, 31, 0)])
    def test_three_denials_within_thirty_days(self, filled, count, age, opened):
        with filled.write() as session:
            session.add_all([Reaction(day=TODAY - timedelta(days=age), kind="denied", procedure_code=CODE, aspect="x", channel="web") for _ in range(count)])
        assert look(filled) == opened

    def test_three_overdue_reports_of_one_commune_seen_by_its_officers_only(self, filled):
        with filled.write() as session:
            for n in range(4):
                late = n < 3
                session.add(Ticket(number=f"PA-{n}", category="roads", text="x", commune="Phường Hoa Lư" if late else "Xã Vũ Dương", state="assigned",
                                   channel="web", created_at=NOW - timedelta(days=9), due_at=NOW - timedelta(days=1)))
        assert look(filled) == 1
        with filled.read() as session:
            row = only(session)
            assert (row.about, row.before["late"], row.before["waiting"]) == ("tickets:Phường Hoa Lư", 3, 3)
            seen = [bool(corrective.listed(session, Who(1, "x", "x", "officer", communes, "", ""))) for communes in
                    ((), ("Phường Hoa Lư",), ("Xã Vũ Dương",))]
            assert seen == [True, True, False]
            with pytest.raises(Refusal, match="Không có việc"):
                corrective.held(session, Who(1, "x", "x", "officer", ("Xã Vũ Dương",), "", ""), row.id)


class TestDesk:
    @pytest.fixture
    def opened(self, filled):
        with filled.write() as session:
            rate(session, 1, 2, 1)
            people = [person(session, login) for login in ("chu.tri", "b.duyet")]
        look(filled)
        return filled, *people

    def finish(self, database, owner, days=2):
        with database.write() as session:
            work(session, owner, only(session).id, owner.id, TODAY + timedelta(days=9), WHY, WHY, True, NOW + timedelta(days=days))

    def test_another_person_closes_it_and_the_effect_is_measured(self, opened):
        database, owner, other = opened
        self.finish(database, owner)
        with database.write() as session:
            rate(session, 5, 4, day=TODAY + timedelta(days=4))
            with pytest.raises(Refusal, match="không tự xác nhận"):
                corrective.verify(session, owner, only(session).id, True, WHY, NOW + timedelta(days=5))
            row = corrective.verify(session, other, only(session).id, True, WHY, NOW + timedelta(days=5))
            assert (row.state, row.effective, row.before["rating"], row.after["rating"], row.after["low"]) == ("closed", True, 1.33, 4.5, 0)
            assert corrective.closure([row], TODAY) == corrective.Closure(0, 0, 0, 1, 5.0)
        assert look(database, 6) == 0  # what was looked into does not open again
        with database.write() as session:
            rate(session, 1, day=TODAY + timedelta(days=7))
        assert look(database, 7) == 1

    @pytest.mark.parametrize(("days", "closes"), [(2, False), (4, False), (5, True)])
    def test_nobody_closes_it_before_three_days_have_shown_anything(self, opened, days, closes):
        database, owner, other = opened
        self.finish(database, owner)
        with database.write() as session:
            if closes:
                assert corrective.verify(session, other, only(session).id, True, WHY, NOW + timedelta(days=days)).state == "closed"
                return
            with pytest.raises(Refusal, match="phải qua 3 ngày .* Khép được từ 29/11/2026"):
                corrective.verify(session, other, only(session).id, True, WHY, NOW + timedelta(days=days))
            assert only(session).state == "done"
            assert corrective.verify(session, other, only(session).id, False, WHY, NOW + timedelta(days=days)).state == "open"

    def test_what_did_not_help_goes_back(self, opened):
        database, owner, other = opened
        self.finish(database, owner)
        with database.write() as session:
            row = corrective.verify(session, other, only(session).id, False, WHY, NOW + timedelta(days=5))
            assert (row.state, row.effective, row.done_at, row.due_on, row.remark) == ("open", False, None, TODAY + timedelta(days=19), WHY)
        self.finish(database, owner, 6)
        with database.write() as session:
            assert corrective.verify(session, other, only(session).id, True, WHY, NOW + timedelta(days=9)).state == "closed"

    @pytest.mark.parametrize(("changed", "field"), [({"cause": "x"}, "cause"), ({"remedy": ""}, "remedy"), ({"owner_id": None}, "owner_id"),
                                                    ({"owner_id": 999}, "owner_id"), ({"due_on": None}, "due_on"),
                                                    ({"due_on": TODAY - timedelta(days=1)}, "due_on")])
    def test_nothing_is_done_without_cause_remedy_owner_and_deadline(self, opened, changed, field):
        database, owner, _ = opened
        given = {"owner_id": owner.id, "due_on": TODAY, "cause": WHY, "remedy": WHY, "done": True, **changed}
        with database.write() as session, pytest.raises(Refusal) as caught:
            work(session, owner, only(session).id, **given, now=NOW)
        assert caught.value.field == field

    def test_it_is_worked_while_open_and_verified_when_done(self, opened):
        database, owner, other = opened
        with database.write() as session, pytest.raises(Refusal, match="chưa được báo xong"):
            corrective.verify(session, other, only(session).id, True, WHY, NOW)
        self.finish(database, owner)
        with database.write() as session, pytest.raises(Refusal, match="không còn đang xử lý"):
            work(session, owner, only(session).id, owner.id, TODAY, WHY, WHY, False, NOW)
