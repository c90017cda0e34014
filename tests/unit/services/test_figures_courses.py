"""The page of a course: every table equals what is counted one by one from what learners really did, on both databases."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from statistics import mean, median

import pytest

from bot.clock import local
from bot.learning.answer_words import in_words
from bot.services.figures import finishing, funnel, questions, revising
from bot.services.figures.periods import Filter, Period, monday_of
from bot.services.figures.table import FEW, KEPT, Hidden
from tests.unit.services.figures_learners import NOW, SLUG, World, world

ALL = Filter(Period(date(2026, 8, 1), date(2026, 11, 24)))
FILTERS = {"all": (ALL, None), "ten weeks": (Filter(Period(date(2026, 9, 14), date(2026, 11, 22))), None),
           "one commune": (Filter(ALL.period, commune="Phường Hoa Lư"), None), "bound": (Filter(ALL.period, allowed=("Xã Giao Minh", "Xã Bình Lục")), None),
           "one channel": (Filter(ALL.period, channel="zalo"), None), "first version": (ALL, 0), "second version": (ALL, 1)}


@pytest.fixture
def known(database, tmp_path) -> World:
    with database.write() as session:
        return world(session, tmp_path)


def asked_of(known: World):
    """For every filter (itself, version id or None, the rounds the page is about)."""
    for flt, version in FILTERS.values():
        version_id = None if version is None else sorted(known.courses)[version]
        rounds = firsts(known, flt, version_id)
        assert len(rounds) > 30
        yield flt, version_id, rounds


def firsts(known: World, flt: Filter, version_id=None):
    """Each learner's first round that the filter lets through."""
    found = {}
    for one in sorted(known.rounds, key=lambda r: r.id):
        day = local(one.started_at).date()
        if flt.period.first <= day <= flt.period.last and (not flt.communes or one.commune in flt.communes) \
                and (not flt.channel or one.channel == flt.channel) and version_id in (None, one.version):
            found.setdefault(one.learner, one)
    return list(found.values())


def took(one) -> timedelta:
    return one.completed_at - one.started_at if one.completed_at else timedelta.max


def first_answers(rounds):
    """{(part, item): {learner: (answer, right, version)}} of everybody's first answers."""
    found = defaultdict(dict)
    for one in rounds:
        for lesson, item, answer, correct, _, _ in one.answers:
            found[lesson if lesson in ("before", "after") else "lesson", item].setdefault(one.learner, (answer, correct, one.version))
    return found


class TestFunnel:
    def test_everybody_is_counted_wherever_something_was_on_their_screen(self, database, known):
        for flt, version_id, rounds in asked_of(known):
            with database.read() as session:
                found = funnel.counted(session, flt, SLUG, NOW, version_id)
            shown = known.courses[version_id or max(known.courses)]
            reached = {"done": sum(r.standing == "done" for r in rounds), "after": sum(r.standing in ("after", "done") for r in rounds)}
            for lesson in shown.lessons:
                reached[f"lesson:{lesson.id}"] = sum(lesson.id in r.doors for r in rounds)
                for step in lesson.steps:
                    ident = step.card.id if hasattr(step, "card") else step.question.id
                    reached[f"step:{ident}"] = sum(ident in r.seen for r in rounds)
            assert {p.key: n for p, n in zip(found.places, found.reached, strict=True)} == reached

    def test_who_stopped_stopped_where_they_stand(self, database, known):
        for flt, version_id, rounds in asked_of(known):
            with database.read() as session:
                found = funnel.counted(session, flt, SLUG, NOW, version_id)
            gone = Counter(r.standing for r in rounds if r.completed_at is None and (r.left_at or r.touched_at < NOW - timedelta(days=7)))
            told = {p.key.partition(":")[2] or p.key: n for p, n in zip(found.places, found.stopped, strict=True)}
            assert told == {key: gone[key] for key in told}
            assert found.going_on == sum(r.completed_at is None and not r.left_at and r.touched_at >= NOW - timedelta(days=7) for r in rounds)

    def test_a_card_of_one_version_is_a_share_of_those_who_have_it(self, database, known):
        rounds = firsts(known, ALL)
        with database.read() as session:
            found = funnel.counted(session, ALL, SLUG, NOW)
        having = {p.key: n for p, n in zip(found.places, found.having, strict=True)}
        assert having["step:l1c2"] == sum(r.version == max(known.courses) for r in rounds) < having["step:l1c1"] == len(rounds)

    def test_the_card_where_most_stop_is_named_with_its_words(self, database, known):
        with database.read() as session:
            found = funnel.counted(session, ALL, SLUG, NOW)
        place, people = funnel.worst(found)
        assert people == max(found.stopped) and place in found.places and place.text

    def test_the_table_shows_no_step_of_one_to_four_people(self, database, known):
        for flt, version_id, _ in asked_of(known):
            with database.read() as session:
                table = funnel.table(funnel.counted(session, flt, SLUG, NOW, version_id))
            shown = [n for n in table.column("reached") if isinstance(n, int)]
            assert all(abs(a - b) not in range(1, 5) for a, b in zip(shown, shown[1:], strict=False)) and not {1, 2, 3, 4} & set(shown)
            assert not {1, 2, 3, 4} & {n for n in table.column("stopped") if isinstance(n, int)}

    def test_an_unknown_course_has_none(self, database, known):
        with database.read() as session:
            assert funnel.counted(session, ALL, "khong-co", NOW) is None


@pytest.mark.parametrize(("counts", "cells"), [
    ([20, 20, 12], [20, 20, 12]), ([20, 18, 12], [20, KEPT, 12]), ([20, 18, 16, 9], [20, KEPT, KEPT, 9]), ([9, 3, 0], [9, FEW, 0]), ([], []),
    ([20, 22, 30], [20, KEPT, 30]), ([30, 20, 18], [30, KEPT, 18]), ([30, 28], [30, KEPT]), ([30, 12, 3], [30, 12, FEW])])
def test_falling_counts(counts, cells):
    assert funnel.falling(counts) == cells


class TestQuestions:
    def test_first_tries_are_counted_one_by_one(self, database, known):
        for flt, version_id, rounds in asked_of(known):
            with database.read() as session:
                found = questions.counted(session, flt, SLUG, version_id)
            naive = {key: [right for _, right, _ in answers.values()] for key, answers in first_answers(rounds).items()}
            keys = [(i.part, i.question.id) for i in found]
            assert [(i.asked, i.right) for i in found] == [(len(naive.get(key, ())), sum(naive.get(key, ()))) for key in keys]
            assert naive.keys() <= set(keys)
            assert sum(i.asked for i in found) > len(rounds) / 2

    def test_the_commonest_wrong_answer_is_the_one_most_gave_in_the_words_of_their_version(self, database, known):
        for flt, version_id, rounds in asked_of(known):
            with database.read() as session:
                found = questions.counted(session, flt, SLUG, version_id)
            naive = first_answers(rounds)
            for one in found:
                wrong = Counter(in_words(known.courses[version].item(one.question.id), answer)
                                for answer, right, version in naive[one.part, one.question.id].values() if not right)
                most = max(wrong.values(), default=0)
                assert one.wrong_words is None if most < 5 else wrong[one.wrong_words] == most

    def test_discrimination_is_the_correlation_with_the_other_questions(self, database, known):
        rounds = firsts(known, ALL)
        with database.read() as session:
            found = {i.question.id: i.discrimination for i in questions.counted(session, ALL, SLUG) if i.part == "lesson"}
        own = {f"l{lesson}q{n}" for lesson in (1, 2) for n in (1, 2, 3, 4)}
        people = defaultdict(dict)
        for (part, item), answers in first_answers(rounds).items():
            for learner, (_, right, _) in answers.items():
                if part == "lesson" and item in own:
                    people[learner][item] = right
        assert {item for item, value in found.items() if value is not None} == own
        for item in own:
            pairs = [(float(r[item]), (sum(r.values()) - r[item]) / (len(r) - 1)) for r in people.values() if len(r) >= questions.LEAST_ANSWERS and item in r]
            assert len(pairs) >= questions.LEAST_LEARNERS and found[item] == pytest.approx(pearson(pairs))

    def test_hidden_counts_take_their_share_with_them(self, database, known):
        for flt, version_id, _ in asked_of(known):
            with database.read() as session:
                items = questions.counted(session, flt, SLUG, version_id)
            table = questions.table(items)
            for item, share, asked in zip(items, table.column("share"), table.column("asked"), strict=True):
                few = 0 < item.right < 5 or 0 < item.asked - item.right < 5
                assert share is None if few or not item.asked else share == pytest.approx(100 * item.right / item.asked, abs=0.5 if asked is KEPT else 1e-6)


def pearson(pairs):
    xs, ys = [x for x, _ in pairs], [y for _, y in pairs]
    across = sum((x - mean(xs)) ** 2 for x in xs) * sum((y - mean(ys)) ** 2 for y in ys)
    return sum((x - mean(xs)) * (y - mean(ys)) for x, y in pairs) / across ** 0.5 if across else None


@pytest.mark.parametrize(("share", "discrimination", "begins"), [
    (70, 0.4, ""), (70, -0.2, "Nên xem: người học khá"), (20, 0.4, "Nên xem: phần lớn"), (70, 0.02, "Nên xem: đúng hay sai"),
    (99, 0.4, "Hầu như"), (None, None, "")])
def test_when_a_question_deserves_a_look(share, discrimination, begins):
    said = questions.advice(share, discrimination, True)
    assert said.startswith(begins) and bool(said) == bool(begins)


class TestFinishing:
    def test_durations_are_those_of_everybody_who_finished(self, database, known):
        for flt, version_id, rounds in asked_of(known):
            with database.read() as session:
                found = finishing.durations(session, flt, SLUG, version_id)
            assert found == pytest.approx(sorted((r.completed_at - r.started_at).total_seconds() for r in rounds if r.completed_at))

    def test_the_middle_of_the_quarters_is_the_median(self, database, known):
        with database.read() as session:
            took = finishing.durations(session, ALL, SLUG)
        low, middle, high = finishing.quarters(took)
        assert middle == pytest.approx(median(took))
        assert sum(t <= low for t in took) >= len(took) / 4 and sum(t >= high for t in took) >= len(took) / 4
        assert finishing.quarters(took[:4]) is None

    def test_spans_add_up(self, database, known):
        with database.read() as session:
            took = finishing.durations(session, ALL, SLUG)
        cells = finishing.time_table(took).column("people")
        assert sum(n for n in cells if isinstance(n, int)) <= len(took) and any(isinstance(n, int) and n for n in cells)

    @pytest.mark.parametrize(("seconds", "words"), [(20, "1 phút"), (2400, "40 phút"), (7200, "2 giờ"), (47 * 3600, "47 giờ"), (3 * 86_400, "3 ngày")])
    def test_durations_in_words(self, seconds, words):
        assert finishing.in_words(seconds) == words

    def test_cohorts_are_weeks_of_local_days(self, database, known):
        for flt, version_id, rounds in asked_of(known):
            with database.read() as session:
                found = finishing.cohorts(session, flt, SLUG, version_id)
            naive = defaultdict(list)
            for one in rounds:
                naive[monday_of(local(one.started_at).date())].append(one)
            assert [(c.monday, c.people, c.finished) for c in found] == [
                (monday, len(naive[monday]), tuple(sum(took(r) <= timedelta(weeks=w) for r in naive[monday]) for w in finishing.WEEKS))
                for monday in sorted(naive, reverse=True)]

    def test_a_week_that_is_not_yet_old_enough_tells_no_share(self):
        table = finishing.cohort_table([finishing.Cohort(date(2026, 11, 9), 40, (20, 30, 30, 30)), finishing.Cohort(date(2026, 11, 16), 40, (7, 7, 7, 7)),
                                        finishing.Cohort(date(2026, 9, 7), 40, (8, 10, 30, 30))], NOW)
        assert table.rows == ((date(2026, 11, 9), 40, 50.0, None, None, None), (date(2026, 11, 16), 40, None, None, None, None),
                              (date(2026, 9, 7), 40, 20.0, KEPT, 75.0, 75.0))

    def test_a_small_week_tells_nothing(self):
        (row,) = finishing.cohort_table([finishing.Cohort(date(2026, 9, 7), 4, (1, 2, 2, 4))], NOW).rows
        assert row == (date(2026, 9, 7), FEW, FEW, FEW, FEW, FEW)


class TestRevising:
    def test_gaps_are_counted_one_by_one(self, database, known):
        for flt, version_id, rounds in asked_of(known):
            with database.read() as session:
                found = revising.reviewed(session, flt, SLUG, version_id)
            members = {r.learner for r in rounds}
            times = defaultdict(list)
            for one in known.rounds:
                for lesson, item, _, correct, at, nth in one.answers:
                    if one.learner in members and lesson not in ("before", "after") and nth == 1:
                        times[one.learner, item].append((at, 0, correct))
            for review in known.reviews:
                if review.learner in members:
                    times[review.learner, review.item].append((review.at, 1, review.correct))
            counts, people = Counter(), defaultdict(set)
            for (learner, _), moments in times.items():
                moments.sort()
                for (before, _, _), (at, revision, correct) in zip(moments, moments[1:], strict=False):
                    if revision:
                        days = (at - before) / timedelta(days=1)
                        span = next((n for n, (most, _) in enumerate(revising.GAPS) if days <= most), len(revising.GAPS))
                        counts[span, correct] += 1
                        people[span].add(learner)
            assert [(r.people, r.answers, r.right) for r in found] == [
                (len(people[n]), counts[n, True] + counts[n, False], counts[n, True]) for n in range(len(revising.GAPS) + 1)]
            assert sum(r.answers for r in found) > 0

    def test_what_waits_is_counted_one_by_one(self, database, known):
        for flt, version_id, rounds in asked_of(known):
            with database.read() as session:
                found = revising.due(session, flt, SLUG, NOW, version_id)
            members = {r.learner for r in rounds}
            mine = [(learner, at) for learner, at in known.cards if learner in members]
            now = [(learner, at) for learner, at in mine if at <= NOW]
            late = [(learner, at) for learner, at in mine if at <= NOW - timedelta(days=7)]
            assert found == revising.Due(*(n for group in (mine, now, late) for n in (len({learner for learner, _ in group}), len(group))))

    def test_the_tables_hide_what_few_people_stand_behind(self):
        table = revising.memory_table([revising.Remembered("a", 3, 40, 20), revising.Remembered("b", 30, 40, 20), revising.Remembered("c", 30, 40, 38)])
        assert [isinstance(n, Hidden) for n in table.column("people")] == [True, False, False]
        assert list(table.column("share")) == [None, 50.0, None]
        assert revising.due_table(revising.Due(30, 90, 20, 50, 18, 40)).rows == (
            ("Đã gặp", 30, 90), ("Đến hạn ôn", KEPT, KEPT), ("Quá hạn hơn 7 ngày", 18, 40))


@pytest.mark.parametrize(("discrimination", "said"), [
    (None, "chưa đủ người"), (-0.126, "−0,13 (ngược)"), (0.05, "0,05 (yếu)"), (0.2, "0,20 (vừa)"), (0.3, "0,30 (tốt)")])
def test_a_discrimination_says_what_it_means(discrimination, said):
    assert questions.said_of(discrimination) == said
