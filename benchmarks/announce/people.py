"""Citizens for the announcement: made by the database itself, a statement a table, in seconds.

Numbers 1 to COUNT want news of their commune; behind them, a twentieth each, stand those it must not reach: who has unsubscribed, who
wants another topic, who has blocked us, who never agreed. Every twentieth of the reached has an older chat on another channel as well.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from bot.services.staff import Who
from bot.store.db import Database
from bot.store.tables import Staff

TOPIC = "local"
NUMBERS = "WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {last}) "
CHAT = ("INSERT INTO conversations (id, channel, citizen_id, address, offered, lesson_on_screen, created_at, seen_at, closed_at) "
        "SELECT '{channel}:' || i, '{channel}', i, CAST({address} AS VARCHAR(80)), '[]', false, {at}, {at}, {closed} FROM n{where}")


def fill(database: Database, count: int, now: datetime) -> int:
    """Returns how many citizens there are in all. now: they wrote an hour before."""
    now, part = now.astimezone(UTC), max(1, count // 20)
    left, elsewhere, blocked, silent = (count + part * n for n in range(1, 5))
    at = f"'{now - timedelta(hours=1):%Y-%m-%d %H:%M:%S}{'' if database.url.startswith('sqlite') else '+00:00'}'"
    before = at.replace(f"{now - timedelta(hours=1):%Y-%m-%d}", f"{now - timedelta(days=3):%Y-%m-%d}")
    if not database.url.startswith("sqlite"):
        at, before = (f"CAST({one} AS TIMESTAMPTZ)" for one in (at, before))

    def yes(first: int, last: int, given: str) -> str:
        return (NUMBERS.format(first=first, last=last) + "INSERT INTO consents (citizen_id, purpose, given, notice_version, channel, at) "
                f"SELECT i, 'news', {given}, 'bench', 'telegram', {at} FROM n")

    everybody = NUMBERS.format(first=1, last=silent)
    topic = f"CASE WHEN i > {left} AND i <= {elsewhere} THEN 'scam' ELSE '{TOPIC}' END"
    statements = [
        everybody + f"INSERT INTO citizens (id, created_at) SELECT i, {at} FROM n",
        everybody + CHAT.format(channel="telegram", address="i", at=at, where="", closed=f"CASE WHEN i > {elsewhere} AND i <= {blocked} THEN {at} END"),
        NUMBERS.format(first=1, last=count) + CHAT.format(channel="zalo_bot", address="i", at=before, where=" WHERE i % 20 = 0", closed="NULL"),
        yes(1, blocked, "true"), yes(count + 1, left, "false"),
        NUMBERS.format(first=1, last=blocked) + f"INSERT INTO news_topics (citizen_id, topic) SELECT i, {topic} FROM n"]
    with database.write() as session:
        for one in statements:
            session.execute(text(one))
    if database.url.startswith("postgresql"):
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")  # as autovacuum would within a minute
    return silent


def staff(database: Database, now: datetime) -> tuple[Who, Who, Who]:
    """A writer and two who approve."""
    with database.write() as session:
        found = []
        for login in ("nguoi-soan", "nguoi-duyet", "nguoi-duyet-hai"):
            row = Staff(login=login, name=login, password_hash="x", role="approver", communes=[], created_at=now)
            session.add(row)
            session.flush()
            found.append(Who(row.id, login, login, "approver", (), "", ""))
        return tuple(found)
