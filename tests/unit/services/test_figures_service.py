"""The service page: every table equals what is counted one by one over generated rows, on both databases."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

import pytest

from bot.clock import local
from bot.errors import Refusal
from bot.services import audit, staff
from bot.services.figures import overview, service, words
from bot.services.figures.periods import Filter, Period, monday_of
from bot.services.figures.table import FEW, KEPT, Hidden, Table
from bot.services.staff import Who
from bot.store.tables import Asked, ProcedureRow, Rating, Reaction

NOW = datetime.fromisoformat("2026-11-24T03:00:00+00:00")
PERIOD = Period(date(2026, 9, 7), date(2026, 11, 22))
COMMUNES = ("Xã Bình Lục", "Phường Hoa Lư", "Xã Giao Minh", None)
CODES = [f"1.{n:06d}" for n in range(40)]
ASPECTS = list(service.ASPECT_NAMES)
FILTERS = {"all": Filter(PERIOD), "one commune": Filter(PERIOD, commune="Phường Hoa Lư"), "bound": Filter(PERIOD, allowed=("Xã Giao Minh", "Xã Bình Lục")),
           "one channel": Filter(PERIOD, channel="zalo_oa"), "one week": Filter(Period(date(2026, 11, 2), date(2026, 11, 8)))}


@dataclass
class World:
    asked: list[Asked]
    reactions: list[Reaction]
    ratings: list[Rating]

    def within(self, rows, flt: Filter):
        return [r for r in rows if flt.period.first <= r.day <= flt.period.last and (not flt.communes or r.commune in flt.communes)
                and (not flt.channel or r.channel == flt.channel)]


def instant(random: Random) -> datetime:
    """Some time of the last weeks; one in ten within a minute of a local midnight."""
    if random.random() < 0.1:
        return datetime.fromisoformat("2026-11-23T17:00:00+00:00") - timedelta(days=random.randrange(90), seconds=random.choice((-60, 0, 60)))
    return NOW - timedelta(seconds=random.randrange(90 * 86_400))


@pytest.fixture
def known(database) -> World:
    random = Random(11)

    def code() -> str:
        return CODES[int(len(CODES) * random.random() ** 3)]

    def where() -> dict:
        return {"channel": random.choice(("web", "telegram", "zalo_oa")), "commune": random.choice(COMMUNES)}

    asked, reactions, ratings = [], [], []
    for _ in range(3000):
        at = instant(random)
        decision = random.choices(("answer", "clarify", "none", "no_subject"), (70, 15, 10, 5))[0]
        aspect = random.choice(ASPECTS)
        asked.append(Asked(at=at, day=local(at).date(), intent="ask_procedure", aspect=aspect, decision=decision, first=random.random() < 0.4,
                           procedure_code=code() if decision == "answer" else None, **where()))
    for _ in range(900):
        kind = random.choice(("more", "chosen", "denied"))
        reactions.append(Reaction(day=local(instant(random)).date(), kind=kind, procedure_code=code(), aspect=random.choice(ASPECTS[1:]), **where()))
    for _ in range(600):
        about = random.choice(("answer", "answer", "lesson"))
        ratings.append(Rating(day=local(instant(random)).date(), about=about, key=code() if about == "answer" else "khoa-nho",
                              score=random.randint(1, 5), **where()))
    with database.write() as session:
        session.add_all([*asked, *reactions, *ratings])
        session.add_all([ProcedureRow(code=f"{origin}:{CODES[n]}", origin=origin, name=f"{origin} {n}", document={}, sha256=f"{n:064x}", updated_at=NOW)
                         for origin, numbers in (("imported", range(30)), ("curated", range(3))) for n in numbers])
    return World(asked, reactions, ratings)


def naive(known: World, flt: Filter) -> dict[str, service.Known]:
    found: dict[str, service.Known] = defaultdict(service.Known)
    for one in known.within(known.asked, flt):
        if one.decision == "answer":
            found[one.procedure_code].answered += 1
    for one in known.within(known.reactions, flt):
        if one.kind in ("chosen", "denied"):
            setattr(found[one.procedure_code], one.kind, getattr(found[one.procedure_code], one.kind) + 1)
    for one in known.within(known.ratings, flt):
        if one.about == "answer":
            known_ = found[one.key]
            known_.ratings, known_.scores, known_.low = known_.ratings + 1, known_.scores + one.score, known_.low + (one.score <= 2)
    return {code: one for code, one in found.items() if one.total}


def every(known, database):
    """(filter, session) for each filter."""
    for flt in FILTERS.values():
        with database.read() as session:
            yield flt, session


def test_counts_by_procedure_are_those_of_counting_one_by_one(database, known):
    for flt, session in every(known, database):
        found = service.by_procedure(session, flt)
        assert found == naive(known, flt) and len(found) > 15


def test_the_most_asked_come_first_and_the_others_together(database, known):
    for flt, session in every(known, database):
        counts = naive(known, flt)
        table = service.most_asked(counts, service.names_of(session, counts))
        codes = [code for code in table.column("code") if code in counts]
        assert codes == sorted((c for c in counts if counts[c].total >= 5), key=lambda c: (-counts[c].total, c))[:service.MOST_ROWS]
        for code, total, answered, chosen in zip(*(table.column(key) for key in ("code", "total", "answered", "chosen")), strict=True):
            mine = [counts[code]] if code in counts else [k for c, k in counts.items() if c not in codes]
            for cell, value in ((total, sum(k.total for k in mine)), (answered, sum(k.answered for k in mine)), (chosen, sum(k.chosen for k in mine))):
                assert cell == value or isinstance(cell, Hidden) and value
                assert (cell is FEW) == (0 < value < 5)


def test_our_own_name_of_a_procedure_comes_before_the_portal_s(database, known):
    with database.read() as session:
        assert service.names_of(session, [CODES[0], CODES[20], CODES[35]]) == {CODES[0]: "curated 0", CODES[20]: "imported 20"}


def test_the_worst_answered_come_first(database, known):
    with database.read() as session:
        counts = service.by_procedure(session, FILTERS["all"])
        table = service.worst_answered(counts, {})
    shares = {c: (k.chosen + k.denied + k.low) / k.total for c, k in counts.items() if k.total >= service.ENOUGH_ANSWERS}
    codes = table.column("code")
    assert list(codes) == sorted((c for c, share in shares.items() if share), key=lambda c: (-shares[c], c))[:service.MOST_ROWS] and codes
    for code, trouble, chosen, denied, low, score in zip(*(table.column(k) for k in ("code", "trouble", "chosen", "denied", "low", "score")), strict=True):
        one = counts[code]
        assert [chosen, denied, low] == [FEW if 0 < n < 5 else n for n in (one.chosen, one.denied, one.low)]
        assert trouble is KEPT if FEW in (chosen, denied, low) else trouble == pytest.approx(100 * shares[code])
        assert score == (pytest.approx(one.scores / one.ratings) if one.ratings >= 5 else None)


def test_follow_ups_are_counted_typed_and_tapped(database, known):
    for flt, session in every(known, database):
        table = service.aspects(session, flt)
        typed = Counter(service.ASPECT_NAMES[r.aspect] for r in known.within(known.asked, flt) if r.decision == "answer" and r.aspect != "overview")
        tapped = Counter(service.ASPECT_NAMES[r.aspect] for r in known.within(known.reactions, flt) if r.kind == "more")
        for name, cell, other in table.rows:
            assert [cell, other] == [FEW if 0 < n < 5 else n for n in (typed[name], tapped[name])]
        assert set(table.column("aspect")) == set(service.ASPECT_NAMES.values()) - {"Hỏi chung"}


def test_hours_are_the_province_s(database, known):
    for flt, session in every(known, database):
        table = service.hours(session, flt)
        hours = Counter(local(r.at).hour for r in known.within(known.asked, flt))
        assert len(table.rows) == 24
        for hour, cell in enumerate(table.column("questions")):
            assert cell == hours[hour] or isinstance(cell, Hidden)
            assert (cell is FEW) == (0 < hours[hour] < 5)


def test_first_questions_say_what_was_understood(database, known):
    for flt, session in every(known, database):
        table = service.first_questions(session, flt)
        mine = Counter((r.aspect, r.procedure_code) for r in known.within(known.asked, flt) if r.first)
        assert mine
        named = service.names_of(session, [c for _, c in mine if c])
        told = {(service.ASPECT_NAMES[a], named.get(c, c) if c else service.NOT_A_PROCEDURE if a == "data" else service.NO_PROCEDURE): n
                for (a, c), n in mine.items()}
        for aspect, procedure, cell in table.rows:
            if procedure == service.OTHERS:
                assert isinstance(cell, Hidden) or cell == sum(mine.values()) - sum(told[row[:2]] for row in table.rows if row[1] != service.OTHERS)
            else:
                assert (cell == told[aspect, procedure] or cell is KEPT) and told[aspect, procedure] >= 5


def test_what_was_not_covered_is_hidden_where_the_overview_hides_it(database, known):
    for flt, session in every(known, database):
        table = service.not_covered(session, flt)
        beside = next(t for t in overview.tables(session, flt) if t.key == "theo-week")
        weeks = defaultdict(Counter)
        for one in known.within(known.asked, flt):
            weeks[monday_of(one.day)][one.decision] += 1
        assert table.column("week") == tuple(flt.period.weeks()) == beside.column("week")[:-1]
        for week, asked, missing, share, theirs in zip(*(table.column(k) for k in ("week", "questions", "not_covered", "share")),
                                                       beside.column("not_covered"), strict=False):
            assert asked == weeks[week].total() or isinstance(asked, Hidden)
            assert missing == weeks[week]["none"] if not isinstance(missing, Hidden) else weeks[week].total()
            assert isinstance(missing, Hidden) or not isinstance(theirs, Hidden)
            assert share is KEPT if isinstance(missing, Hidden) or isinstance(asked, Hidden) else share == pytest.approx(100 * missing / asked)


def test_the_page_has_all_its_tables(database, known):
    with database.read() as session:
        assert [t.key for t in service.tables(session, FILTERS["all"])] == ["hoi-nhieu", "can-xem-lai", "hoi-them", "gio-trong-ngay", "cau-dau", "chua-co"]


def test_an_empty_database_is_no_error(database):
    with database.read() as session:
        tables = service.tables(session, FILTERS["all"])
    assert all(isinstance(t, Table) for t in tables) and tables[0].rows == tables[1].rows == tables[4].rows == ()


class TestWords:
    WHO = Who(1, "lan", "Lan", "administrator", (), "", "")

    @pytest.fixture
    def typed(self, database):
        def rows(text: str | None, times: int, first: bool = True, days_ago: int = 3, commune: str | None = None):
            at = NOW - timedelta(days=days_ago)
            return [Asked(at=at, channel="web", intent="ask_procedure", aspect="overview", decision="answer", procedure_code=CODES[0], text=text, first=first,
                          commune=commune) for _ in range(times)]

        with database.write() as session:
            staff.add(session, "lan", "Lan", "con trâu đi trước cái cày", "administrator", (), NOW)
            session.add_all([*rows("Làm giấy khai sinh", 3), *rows("lam giay khai sinh?", 2), *rows("xin cấp hộ chiếu", 4),
                             *rows("đổi bằng lái", 9, first=False),
                             *rows(None, 20), *rows("cấp căn cước", 8, days_ago=60), *rows("tách hộ khẩu", 6, commune="Phường Hoa Lư")])
        return database

    def test_only_what_five_typed_alike_first_is_shown(self, typed):
        with typed.read() as session:
            table = words.same_questions(session, Filter(PERIOD), NOW)
        assert table.rows == (("tách hộ khẩu", CODES[0], 6), ("Làm giấy khai sinh", CODES[0], 5))

    def test_who_is_bound_reads_only_their_communes(self, typed):
        with typed.read() as session:
            assert words.same_questions(session, Filter(PERIOD, allowed=("Xã Giao Minh",)), NOW).rows == ()

    def test_every_look_is_in_the_log_with_its_reason(self, typed):
        with typed.write() as session:
            words.look(session, self.WHO, Filter(PERIOD), "Soạn lại câu trả lời khai sinh", NOW)
        with typed.read() as session:
            (row,) = audit.listed(session, "raw_text_seen")
            assert (row.login, row.reason, row.about) == ("lan", "Soạn lại câu trả lời khai sinh", "dich-vu")
            assert "khai sinh" not in str(row.detail)

    def test_without_a_reason_nothing_is_shown(self, typed):
        with typed.write() as session, pytest.raises(Refusal):
            words.look(session, self.WHO, Filter(PERIOD), "  xem   ", NOW)
        with typed.read() as session:
            assert audit.listed(session, "raw_text_seen") == []

    def test_a_secret_that_slipped_through_is_masked_again(self, database):
        with database.write() as session:
            session.add_all([Asked(at=NOW - timedelta(days=1), channel="web", intent="ask_procedure", aspect="overview", decision="none", first=True,
                                   text="cccd của tôi 034082001234 hết hạn") for _ in range(5)])
        with database.read() as session:
            ((said, _, _),) = words.same_questions(session, Filter(Period(date(2026, 11, 1), date(2026, 11, 24))), NOW).rows
        assert "034082001234" not in said and "[số giấy tờ]" in said
