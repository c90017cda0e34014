"""Results leave the house without names: CSV for people, xAPI statements for record stores."""

import csv
import io
import json
import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import text

from bot.clock import local
from bot.services import learn, learners, people, results, study
from bot.services.results import CHUNK, pseudonym
from bot.store.tables import Attempt, Citizen, Conversation
from tests.factories import TUESDAY_TEN, talk_of
from tests.small_course import RIGHT, answer, finish, publish, small

KEY, HOME = b"the server's key", "https://tro-ly.example"
PHONE_OWNER = "Nguyễn Văn Bí Mật"


@pytest.fixture
def class_(database, tmp_path):
    """A session over three learners: one done, one under way in two courses, one who left; the names are secret."""
    with database.write() as session:
        publish(session, tmp_path / "courses", small(), small("khoa-hai", title="Khóa hai, \"nâng cao\""))
        first = talk_of(session, consent=("learning",))
        session.get_one(Citizen, first.citizen_id).commune = "phường Hoa Lư"
        learners.rename(session, first.learner_id, PHONE_OWNER)
        one, _, _ = learn.enrol(session, first.learner_id, "khoa-nho", TUESDAY_TEN)
        learn.show(session, one, TUESDAY_TEN)
        study.test_first(session, first.learner_id, TUESDAY_TEN)
        answer(session, one, right=False)
        finish(session, one, TUESDAY_TEN + timedelta(days=1))
        second = talk_of(session, address="sender-two-0123456", consent=("learning",))
        for slug in ("khoa-nho", "khoa-hai"):
            going, _, _ = learn.enrol(session, second.learner_id, slug, TUESDAY_TEN + timedelta(days=2))
            answer(session, going, right=slug == "khoa-hai", now=TUESDAY_TEN + timedelta(days=2))
        third, _ = learners.switch(session, second, "Lan", TUESDAY_TEN)
        learn.enrol(session, third.id, "khoa-nho", TUESDAY_TEN)
        learn.leave(session, third.id, "khoa-nho", TUESDAY_TEN + timedelta(days=3))
    with database.read() as session:
        yield session


def table(session, **given) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO("".join(results.as_csv(session, KEY, **given)).removeprefix("\ufeff"))))


def statements(session, **given) -> list[dict]:
    return [json.loads(line) for line in results.as_xapi(session, KEY, HOME, **given)]


class TestCsv:
    def test_every_number_equals_a_direct_query(self, class_):
        def shown(value):
            return "" if value is None else str(int(value))

        rows = table(class_)
        naive = class_.execute(text("SELECT e.id, e.learner_id, e.slug, e.lessons_done, e.items_right, e.items_total, e.score_percent, e.passed, "
                                    "e.before_right, e.after_right, e.test_total, c.commune FROM enrolments e JOIN learners l ON l.id = e.learner_id "
                                    "JOIN citizens c ON c.id = l.citizen_id ORDER BY e.id")).all()
        assert len(rows) == len(naive) == 4
        for row, (_, learner, slug, lessons, right, total, score, passed, before, after, of, commune) in zip(rows, naive, strict=True):
            assert row["nguoi_hoc"] == pseudonym(KEY, learner)
            assert (row["khoa"], row["xa_phuong"]) == (slug, commune or "")
            assert (row["bai_xong"], row["cau_dung"], row["so_cau"]) == (str(lessons), str(right), str(total))
            assert (row["diem_phan_tram"], row["dat"]) == (shown(score), shown(passed))
            assert (row["thu_suc_truoc"], row["thu_suc_sau"], row["cau_thu_suc"]) == (shown(before), shown(after), str(of))

    def test_the_attempts_agree_with_what_the_table_says(self, class_):
        for row, (enrolment,) in zip(table(class_), class_.execute(text("SELECT id FROM enrolments ORDER BY id")), strict=True):
            right = class_.scalar(text("SELECT count(DISTINCT item_id) FROM attempts WHERE enrolment_id = :e AND correct AND nth <= 2 "
                                       "AND lesson_id LIKE 'l%'"), {"e": enrolment})
            assert row["cau_dung"] == str(right)

    def test_a_whole_course_a_test_and_a_course_given_up(self, class_):
        done, going, _, left = table(class_)
        assert (done["bai_xong"], done["so_bai"], done["diem_phan_tram"], done["dat"]) == ("2", "2", "100", "1")
        assert (done["thu_suc_truoc"], done["thu_suc_sau"]) == ("0", "1")
        assert (going["hoan_thanh"], going["dat"], going["thu_suc_truoc"]) == ("", "", "")
        assert left["thoi_hoc"] == f"{local(TUESDAY_TEN + timedelta(days=3)):%Y-%m-%d %H:%M:%S}"

    def test_times_are_local_and_excel_sees_vietnamese(self, class_):
        assert table(class_)[0]["bat_dau"] == "2026-11-24 10:00:00"
        assert next(results.as_csv(class_, KEY)).encode().startswith(b"\xef\xbb\xbfnguoi_hoc,")
        assert table(class_)[2]["ten_khoa"] == 'Khóa hai, "nâng cao"'

    def test_since_gives_only_what_was_touched_after(self, class_):
        assert [r["khoa"] for r in table(class_, since=TUESDAY_TEN + timedelta(days=2))] == ["khoa-nho", "khoa-hai"]

    @pytest.mark.parametrize("cell", ["=1+1", "+84", "-2", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x")'])
    def test_a_cell_that_looks_like_a_formula_stays_text(self, cell):
        (written,), = csv.reader(io.StringIO(results.line_of((cell,)), newline=""))
        assert written == f"'{cell}"

    def test_numbers_and_plain_text_stay_as_they_are(self):
        assert results.line_of((-2, "a=b", "", "Khóa 1")) == "-2,a=b,,Khóa 1\r\n"


class TestPseudonyms:
    def test_they_are_the_same_in_every_export_and_differ_by_learner(self, class_):
        names = [r["nguoi_hoc"] for r in table(class_)]
        assert names == [r["nguoi_hoc"] for r in table(class_)]
        assert len(set(names)) == 3 and all(re.fullmatch("[0-9a-f]{20}", n) for n in names)
        assert {s["actor"]["account"]["name"] for s in statements(class_)} == set(names)

    def test_without_the_key_they_lead_nowhere(self, class_):
        names = {r["nguoi_hoc"] for r in table(class_)}
        assert not names & {pseudonym(guess, learner) for guess in (b"", b"another key", KEY + b"!") for learner in range(100)}

    @pytest.mark.parametrize("kind", ["csv", "xapi"])
    def test_no_export_names_anybody(self, class_, kind):
        said = "".join(results.as_csv(class_, KEY) if kind == "csv" else results.as_xapi(class_, KEY, HOME))
        assert len(said) > 200
        for secret in (PHONE_OWNER, "Lan", "sender-one", "sender-two", *class_.scalars(text("SELECT id FROM conversations"))):
            assert secret not in said

    @pytest.mark.parametrize("kind", ["csv", "xapi"])
    def test_the_erased_are_in_no_export(self, database, class_, kind):
        with database.write() as session:
            talks = session.query(Conversation).order_by(Conversation.created_at, Conversation.id).all()
            gone = next(t for t in talks if t.learner_id == 1)
            people.erase(session, gone, TUESDAY_TEN)
        with database.read() as session:
            said = "".join(results.as_csv(session, KEY) if kind == "csv" else results.as_xapi(session, KEY, HOME))
        assert pseudonym(KEY, 1) not in said and pseudonym(KEY, 2) in said


class TestXapi:
    def test_every_statement_has_what_the_specification_requires(self, class_):
        """xAPI 1.0.3, part two: actor, verb and object; IRIs, a UUID, a language map, a score within its bounds, an aware timestamp."""
        for s in statements(class_):
            assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", s["id"])
            assert s["actor"]["objectType"] == "Agent" and set(s["actor"]["account"]) == {"homePage", "name"}
            assert set(s["verb"]) == {"id", "display"} and set(s["verb"]["display"]) == {"en"}
            assert s["object"]["objectType"] == "Activity" and s["object"]["definition"]["name"]["vi"]
            if s["object"]["definition"]["type"].endswith("cmi.interaction"):
                assert s["object"]["definition"]["interactionType"] == "other"
            for iri in (s["actor"]["account"]["homePage"], s["verb"]["id"], s["object"]["id"], s["object"]["definition"]["type"], *s["context"]["extensions"]):
                assert urlsplit(iri).scheme in ("http", "https") and urlsplit(iri).netloc
            assert re.search(r"(?:\+\d\d:\d\d|Z)$", s["timestamp"])
            assert set(s) <= {"id", "actor", "verb", "object", "result", "context", "timestamp"}
            result = s.get("result", {})
            assert set(result) <= {"success", "response", "completion", "score"}
            assert 0 <= result.get("score", {"scaled": 0})["scaled"] <= 1 and isinstance(result.get("response", ""), str)

    def test_what_happened_is_told_once_each(self, class_):
        verbs = [s["verb"]["display"]["en"] for s in statements(class_)]
        attempts = class_.scalar(text("SELECT count(*) FROM attempts"))
        assert {v: verbs.count(v) for v in set(verbs)} == {"answered": attempts, "initialized": 4, "completed": 1}
        (done,) = (s for s in statements(class_) if s["verb"]["display"]["en"] == "completed")
        assert done["result"] == {"completion": True, "success": True, "score": {"scaled": 1.0}}
        assert done["object"]["id"] == f"{HOME}/courses/khoa-nho"

    def test_ids_are_stable_and_unique(self, class_):
        ids = [s["id"] for s in statements(class_)]
        assert ids == [s["id"] for s in statements(class_)] and len(set(ids)) == len(ids)

    def test_since_gives_the_same_statements_and_fewer(self, class_):
        after = statements(class_, since=TUESDAY_TEN + timedelta(days=2))
        everything = {s["id"]: s for s in statements(class_)}
        assert 0 < len(after) < len(everything) and all(everything[s["id"]] == s for s in after)

    def test_a_typed_word_is_told_only_when_the_course_knows_it(self, database, class_):
        with database.write() as session:
            first = session.query(Attempt).filter_by(item_id="l1q2").first()
            first.answer = "toi la nguyen van bi mat"
        with database.read() as session:
            said = [s["result"]["response"] for s in statements(session) if s["object"]["id"].endswith("/l1q2")]
            assert "other" in said and "toi la nguyen van bi mat" not in said
            known = [s["result"]["response"] for s in statements(session) if s["object"]["id"].endswith("/l2q2")]
            assert set(known) == {"otp"}
            chosen = [s["result"]["response"] for s in statements(session) if s["object"]["id"].endswith("khoa-nho/l2q1")]
            assert chosen == ["0"]


def test_more_rows_than_are_read_at_once(database, tmp_path):
    with database.write() as session:
        publish(session, tmp_path / "courses")
        enrolment, _, _ = learn.enrol(session, talk_of(session, consent=("learning",)).learner_id, "khoa-nho", TUESDAY_TEN)
        session.add_all(Attempt(enrolment_id=enrolment.id, lesson_id="l1", item_id="l1q1", nth=n, answer="0", correct=True, at=TUESDAY_TEN)
                        for n in range(2 * CHUNK + 1))
    with database.read() as session:
        said = statements(session)
        assert [s["context"]["extensions"][f"{HOME}/xapi/nth"] for s in said[:-1]] == list(range(2 * CHUNK + 1))
        assert RIGHT not in json.dumps(said)
