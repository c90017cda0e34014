"""What has served its purpose goes, each job by itself, and each leaves a line that it ran."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from bot.services import inbox, outbox, people, privacy, retention
from bot.store.tables import Asked, Button, Conversation, Inbound, Outbound, RetentionRun
from tests.factories import KEY, TUESDAY_TEN, incoming, talk_of

NOW = TUESDAY_TEN


def runs(database):
    with database.read() as session:
        return {(r.job, r.day.isoformat()): r.rows for r in session.scalars(select(RetentionRun))}


def left(database, table):
    with database.read() as session:
        return len(session.scalars(select(table)).all())


def test_every_job_leaves_a_line_also_when_there_was_nothing_to_do(database):
    retention.run(database, NOW)
    assert set(runs(database)) == {(job.name, "2026-11-24") for job in retention.JOBS}
    assert set(runs(database).values()) == {0}
    with database.read() as session:
        assert [(one.at, one.late) for one in retention.last_runs(session, NOW + timedelta(hours=23))] == [(NOW, False)] * len(retention.JOBS)
        assert all(one.late for one in retention.last_runs(session, NOW + timedelta(hours=25)))


def test_a_job_that_has_never_run_is_late(database):
    with database.read() as session:
        assert all(one.late and one.at is None for one in retention.last_runs(session, NOW))


def test_the_lines_of_a_day_add_up_and_the_next_day_has_its_own(database):
    with database.write() as session:
        retention.note(session, "sent", 3, NOW)
        retention.note(session, "sent", 4, NOW + timedelta(hours=1))
        retention.note(session, "sent", 5, NOW + timedelta(hours=14))  # 00:00 of the next day in the province
    assert runs(database) == {("sent", "2026-11-24"): 7, ("sent", "2026-11-25"): 5}
    with database.read() as session:
        (sent,) = [one for one in retention.last_runs(session, NOW + timedelta(days=29)) if one.job.name == "sent"]
        assert sent.rows_30_days == 12
        (sent,) = [one for one in retention.last_runs(session, NOW + timedelta(days=30)) if one.job.name == "sent"]
        assert sent.rows_30_days == 5


def test_one_job_that_fails_leaves_no_line_and_stops_no_other(database, monkeypatch, caplog):
    def broken(session, now):
        session.execute(text("DELETE FROM buttons"))
        session.execute(text("SELECT * FROM no_such_table"))

    with database.write() as session:
        session.add(Button(id="b1", conversation_id="web:x", title="A", payload="/a", created_at=NOW))
    monkeypatch.setattr(retention, "JOBS", (retention.Job("broken", "", broken), *retention.JOBS))
    retention.run(database, NOW)
    assert "broken" not in {job for job, _ in runs(database)} and len(runs(database)) == len(retention.JOBS) - 1
    assert "retention broken: " in caplog.text and left(database, Button) == 1


@pytest.mark.parametrize(("days", "kept"), [(1.9, 1), (2.1, 0)])
def test_what_was_sent_and_answered_goes_after_two_days(database, days, kept):
    with database.write() as session:
        stored = inbox.store(session, KEY, incoming(), NOW)
        talk = session.get_one(Conversation, stored.conversation_id)
        row = outbox.enqueue(session, talk, "inbox:1:0", "reply", {"text": "a"}, NOW)
        inbox.done(session, stored.inbox_id, NOW)
        outbox.sent(session, row, "p1", NOW)
        talk.seen_at = NOW + timedelta(days=9)  # not idle
    retention.run(database, NOW + timedelta(days=days))
    assert (left(database, Inbound), left(database, Outbound)) == (kept, kept)


def test_what_is_due_or_waiting_stays_however_old(database):
    with database.write() as session:
        stored = inbox.store(session, KEY, incoming(), NOW)
        talk = session.get_one(Conversation, stored.conversation_id)
        outbox.enqueue(session, talk, "inbox:1:0", "reply", {"text": "a"}, NOW)
        talk.seen_at = NOW + timedelta(days=99)
    retention.run(database, NOW + timedelta(days=100))
    assert (left(database, Inbound), left(database, Outbound)) == (1, 1)


@pytest.mark.parametrize(("days", "words"), [(29, "làm căn cước"), (31, None)])
def test_the_words_of_a_question_go_and_the_question_stays(database, days, words):
    with database.write() as session:
        session.add(Asked(at=NOW, channel="web", intent="ask_procedure", aspect="overview", decision="none", text="làm căn cước"))
    retention.run(database, NOW + timedelta(days=days))
    with database.read() as session:
        assert [row.text for row in session.scalars(select(Asked))] == [words]
    assert runs(database)[("questions", (NOW + timedelta(days=days)).date().isoformat())] == (0 if words else 1)


class TestIdle:
    def clean(self, database, days):
        retention.run(database, NOW + timedelta(days=days))
        return left(database, Conversation)

    def test_a_conversation_without_consent_lives_a_day_after_the_last_word(self, database):
        with database.write() as session:
            talk_of(session, "nobody-0123456789")
            talk_of(session, "someone-0123456789", consent=("learning",))
        assert self.clean(database, 0.9) == 2
        assert self.clean(database, 1.1) == 1

    def test_one_that_waits_for_the_answer_to_a_request_stays_until_it_has_it(self, database):
        with database.write() as session:
            talk = talk_of(session, "nobody-0123456789")
            request = privacy.ask(session, talk, "correction", "nobody-0123456789", NOW)
        assert self.clean(database, 9) == 1
        with database.write() as session:
            request = session.merge(request)
            request.state, request.closed_at = "done", NOW
        assert self.clean(database, 9) == 0

    def test_who_consented_to_nothing_leaves_nothing(self, database):
        with database.write() as session:
            talk = people.conversation(session, KEY, "web", "nobody-0123456789", NOW)
            session.add(Button(id="b1", conversation_id=talk.id, title="A", payload="/a", created_at=NOW))
        assert self.clean(database, 2) == 0 and left(database, Button) == 0


def test_what_was_planned_long_ago_and_sent_now_is_kept_as_long_as_any_other(database):
    """A held message, one for the morning after, one that a platform took late: their receipts are asked for like others."""
    body = {"text": "chào", "buttons": [], "image": None, "quick": False}
    with database.write() as session:
        talk = talk_of(session, "77", "telegram", consent=("reminders",))
        for cause in ("sent", "dead"):
            outbox.enqueue(session, talk, cause, "reply", body, NOW - timedelta(days=5), address="77", not_before=NOW - timedelta(hours=1))
        sent, dead = outbox.claim(session, ["telegram"], NOW)
        outbox.sent(session, sent.id, "1", NOW)
        outbox.not_sent(session, dead, "bad_request", None, NOW)
    retention.run(database, NOW + timedelta(hours=47))
    assert left(database, Outbound) == 2
    retention.run(database, NOW + timedelta(hours=49))
    assert left(database, Outbound) == 0
