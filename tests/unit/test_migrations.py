"""The numbered scripts lead from any old database to the tables the code describes, on both databases, and lose nothing."""

import re
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import UniqueConstraint, inspect, text
from sqlalchemy.exc import IntegrityError

from bot.store import tables
from bot.store.db import Base, Database
from tests.databases import POSTGRES, drop_postgres_database, new_postgres_database

MIGRATIONS = Path(tables.__file__).parent.parent / "migrations"
OF_RASA = {"rasa_trackers", "alembic_version"}


@contextmanager
def empty(kind: str, folder: Path):
    """An empty database of this kind, without tables."""
    if kind == "sqlite":
        made = Database(f"sqlite:///{folder}/old.db")
        yield made
        made.close()
        return
    if not POSTGRES:
        pytest.skip("TEST_POSTGRES_URL is not set: no PostgreSQL to test on")
    url, admin = new_postgres_database()
    made = Database(url)
    yield made
    made.close()
    drop_postgres_database(url, admin)


@pytest.fixture(params=["sqlite", "postgresql"])
def old(request, tmp_path):
    """A database at version 0001."""
    with empty(request.param, tmp_path) as made:
        upgrade(made, "0001")
        yield made


def upgrade(database: Database, version: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["engine"] = database.engine
    command.upgrade(config, version)


ROWS = (
    "INSERT INTO citizens (id, created_at, commune) VALUES (5, '2026-11-01', 'phường Hoa Lư'), (9, '2026-11-02', NULL)",
    "INSERT INTO conversations (id, channel, citizen_id, address, offered, lesson_on_screen, created_at, seen_at) VALUES "
    "('web:a', 'web', 5, 'x', '[]', false, '2026-11-01', '2026-11-01'), ('telegram:a', 'telegram', 5, '7', '[]', false, '2026-11-01', '2026-11-03'), "
    "('web:b', 'web', 9, 'y', '[]', true, '2026-11-02', '2026-11-02'), ('web:c', 'web', NULL, NULL, '[]', false, '2026-11-02', '2026-11-02')",
    "INSERT INTO course_versions (id, slug, sha256, document, published_at, live) VALUES "
    "(1, 'a', 'x', '{}', '2026-11-01', true), (2, 'b', 'y', '{}', '2026-11-01', true)",
    "INSERT INTO enrolments (id, citizen_id, slug, round, version_id, progress, active, lessons_done, items_right, items_total, score_percent, "
    "passed, started_at, touched_at, completed_at) VALUES "
    "(3, 9, 'a', 1, 1, '{\"seed\": 4}', false, 7, 20, 21, 95, true, '2026-11-02', '2026-11-03', '2026-11-03'), "
    "(4, 9, 'a', 2, 1, '{\"seed\": 5}', true, 0, 1, 21, NULL, NULL, '2026-11-04', '2026-11-04', NULL), "
    "(8, 5, 'b', 1, 2, '{\"seed\": 6}', true, 1, 3, 12, NULL, NULL, '2026-11-02', '2026-11-05', NULL)",
    "INSERT INTO attempts (id, enrolment_id, lesson_id, item_id, nth, answer, correct, at) VALUES (1, 3, 'l1', 'l1q1', 1, '0', true, '2026-11-02'), "
    "(2, 8, 'l1', 'l1q1', 1, '1', false, '2026-11-02')",
    "INSERT INTO reminders (id, citizen_id, conversation_id, about, rule, next_due_at, state, created_at) VALUES "
    "(1, 5, 'web:a', 'học', 'null', '2026-12-01', 'on', '2026-11-01')",
)


@pytest.fixture
def filled(old):
    """A database of version 0001 with rows, brought to the newest."""
    with old.write() as session:
        for statement in ROWS:
            session.execute(text(statement))
    old.migrate()
    return old


def rows(database: Database, sql: str) -> list[tuple]:
    with database.read() as session:
        return [tuple(r) for r in session.execute(text(sql))]


class TestRows:
    def test_every_citizen_gets_a_first_learner_without_a_name(self, filled):
        found = rows(filled, "SELECT citizen_id, name, nudge_hour, nudges_unanswered FROM learners ORDER BY citizen_id")
        assert found == [(5, None, None, 0), (9, None, None, 0)]

    def test_enrolments_go_to_the_learner_of_their_citizen_and_keep_everything(self, filled):
        found = rows(filled, "SELECT e.id, l.citizen_id, e.slug, e.round, e.version_id, e.lessons_done, e.items_right, e.items_total, e.score_percent, "
                             "e.test_total, e.before_right, e.left_at FROM enrolments e JOIN learners l ON l.id = e.learner_id ORDER BY e.id")
        assert found == [(3, 9, "a", 1, 1, 7, 20, 21, 95, 0, None, None), (4, 9, "a", 2, 1, 0, 1, 21, None, 0, None, None),
                         (8, 5, "b", 1, 2, 1, 3, 12, None, 0, None, None)]

    def test_attempts_and_reminders_stay(self, filled):
        assert rows(filled, "SELECT id, enrolment_id, item_id FROM attempts ORDER BY id") == [(1, 3, "l1q1"), (2, 8, "l1q1")]
        assert rows(filled, "SELECT id, citizen_id, about FROM reminders") == [(1, 5, "học")]

    def test_conversations_know_who_is_learning(self, filled):
        found = rows(filled, "SELECT c.id, l.citizen_id FROM conversations c LEFT JOIN learners l ON l.id = c.learner_id ORDER BY c.id")
        assert found == [("telegram:a", 5), ("web:a", 5), ("web:b", 9), ("web:c", None)]

    def test_rows_may_be_read_and_written_by_the_code(self, filled):
        with filled.write() as session:
            enrolment = session.get_one(tables.Enrolment, 3)
            assert (enrolment.passed, enrolment.progress) == (True, {"seed": 4})
            session.add(tables.Enrolment(learner_id=enrolment.learner_id, slug="c", version_id=1, progress={}, active=False, items_total=3,
                                         started_at=enrolment.started_at, touched_at=enrolment.started_at))
        assert rows(filled, "SELECT count(*) FROM enrolments WHERE slug = 'c'") == [(1,)]

    @pytest.mark.parametrize("statement", [
        "INSERT INTO enrolments (id, learner_id, slug, round, version_id, progress, active, lessons_done, items_right, items_total, test_total, "
        "started_at, touched_at) SELECT 99, learner_id, slug, round, version_id, progress, active, 0, 0, 1, 0, started_at, touched_at "
        "FROM enrolments WHERE id = 3",
        "UPDATE enrolments SET learner_id = 12345 WHERE id = 3", "UPDATE conversations SET learner_id = 12345",
        "DELETE FROM learners", "DELETE FROM enrolments WHERE id = 3"],
        ids=["the same round twice", "no such learner", "no such learner in a conversation", "learners with enrolments", "an enrolment with attempts"])
    def test_the_rules_hold_afterwards(self, filled, statement):
        with pytest.raises(IntegrityError), filled.write() as session:
            session.execute(text(statement))

    def test_migrating_again_changes_nothing(self, filled):
        before = rows(filled, "SELECT * FROM enrolments ORDER BY id")
        filled.migrate()
        assert rows(filled, "SELECT * FROM enrolments ORDER BY id") == before


def test_an_empty_database_of_the_first_version_is_migrated(old):
    old.migrate()
    assert rows(old, "SELECT count(*) FROM learners") == [(0,)]


@pytest.fixture
def inspector(database):
    return inspect(database.engine)


def kind_of(column_type, dialect) -> str:
    """A column's type as the database calls it; the two names of one thing made one."""
    name = re.sub(r"\s+", " ", column_type.compile(dialect=dialect).upper())
    return {"DATETIME": "TIMESTAMP", "TIMESTAMP WITH TIME ZONE": "TIMESTAMP", "DOUBLE": "FLOAT", "DOUBLE PRECISION": "FLOAT"}.get(name, name)


class TestTables:
    def test_there_are_the_tables_the_code_describes_and_rasa_s(self, inspector):
        assert set(inspector.get_table_names()) - OF_RASA == set(Base.metadata.tables)

    def test_columns_are_as_described(self, database, inspector):
        dialect = database.engine.dialect
        for name, table in Base.metadata.tables.items():
            found = {c["name"]: (kind_of(c["type"], dialect), bool(c["nullable"])) for c in inspector.get_columns(name)}
            assert (name, found) == (name, {c.name: (kind_of(c.type, dialect), bool(c.nullable)) for c in table.columns})

    def test_keys_and_references_are_as_described(self, inspector):
        for name, table in Base.metadata.tables.items():
            assert (name, inspector.get_pk_constraint(name)["constrained_columns"]) == (name, [c.name for c in table.primary_key])
            found = {(f["constrained_columns"][0], f["referred_table"]) for f in inspector.get_foreign_keys(name)}
            assert (name, found) == (name, {(f.parent.name, f.column.table.name) for f in table.foreign_keys})

    def test_unique_columns_are_as_described(self, inspector):
        for name, table in Base.metadata.tables.items():
            unique = {tuple(u["column_names"]) for u in inspector.get_unique_constraints(name)}
            unique |= {tuple(i["column_names"]) for i in inspector.get_indexes(name) if i["unique"]}
            described = {tuple(c.name for c in u.columns) for u in table.constraints if isinstance(u, UniqueConstraint)}
            assert (name, unique) == (name, described | {(c.name,) for c in table.columns if c.unique})

    def test_every_index_that_is_described_is_there(self, inspector):
        for name, table in Base.metadata.tables.items():
            found = {tuple(i["column_names"]) for i in inspector.get_indexes(name) if not i["unique"]}
            assert {tuple(c.name for c in i.columns) for i in table.indexes if not i.unique} - found == set(), name


def test_the_scripts_are_one_chain_and_import_nothing_of_ours():
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    chain = [s.revision for s in ScriptDirectory.from_config(config).walk_revisions()]
    assert chain == sorted(chain, reverse=True) and len(chain) == len(list((MIGRATIONS / "versions").glob("0*.py")))
    for path in (MIGRATIONS / "versions").glob("0*.py"):
        assert not re.search(r"^\s*(?:from|import) bot\b", path.read_text(), re.MULTILINE)
