"""No hidden cell can be worked out: checked against every table that fits what is shown, by trying them all."""

from itertools import product

from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.services.figures.hiding import hide_column, hide_parts
from bot.services.figures.table import FEW, KEPT

TOP = 40
"""More than any hidden value of these tables; "any number from 5" is tried up to here."""
counts = st.integers(0, 9)


def bounds(marks, place) -> range:
    """What may stand behind a mark. A table without "<5" was hidden whole, zeros too: then a mark says nothing."""
    if FEW not in marks.values():
        return range(TOP)
    return range(1, 5) if marks[place] is FEW else range(5, TOP)


def fitting_columns(values, marks):
    """Every way to fill the hidden cells of a column whose sum is known."""
    hidden = sorted(marks)
    missing = sum(values[r] for r, _ in hidden)
    shown = [v for r, v in enumerate(values) if v and (r, 0) not in marks]
    most = min(shown, default=TOP)  # whoever knows the rule knows that "ẩn" is no larger than what is shown

    def fill(at: int, rest: int):
        if at == len(hidden):
            if rest == 0:
                yield ()
            return
        for n in bounds(marks, hidden[at]):
            if n > rest or (marks[hidden[at]] is KEPT and n > most):
                break
            for others in fill(at + 1, rest - n):
                yield (n, *others)

    return hidden, list(fill(0, missing))


@settings(max_examples=400, deadline=None)
@given(st.lists(counts, min_size=2, max_size=6))
@example([3, 5, 5, 9])
@example([1, 1, 6])
@example([1, 1, 0])
@example([4, 4])
@example([1, 5])
def test_a_column_hides_who_are_few_and_nothing_can_be_worked_out(values):
    hiding = hide_column(values)
    for r, value in enumerate(values):
        assert (r, 0) in hiding.marks or value == 0 or value >= 5
        if FEW in hiding.marks.values():
            assert (hiding.cell(r, 0, value) is FEW) == (0 < value < 5)
    hidden, ways = fitting_columns(values, hiding.marks)
    assert tuple(values[r] for r, _ in hidden) in ways
    for at, place in enumerate(hidden):
        assert len({way[at] for way in ways}) > 1, (place, hiding.marks)


def test_nothing_is_hidden_where_nobody_is_few():
    assert hide_column([0, 5, 12]).marks == {}
    assert hide_parts([[11, 5, 6], [7, 0, 7]]).marks == {}


def test_the_next_smallest_is_hidden_beside():
    assert hide_column([100, 3, 8, 30]).marks == {(1, 0): FEW, (2, 0): KEPT}


def test_a_column_without_a_total_needs_nothing_beside():
    assert hide_column([100, 3, 8, 30], total=False).marks == {(1, 0): FEW}


def test_few_people_hide_many_things_of_theirs():
    assert hide_column([100, 40, 50], people=[20, 2, 30]).marks == {(1, 0): FEW, (2, 0): KEPT}


def test_where_marks_would_tell_all_cells_are_marked_alike():
    """6 in all, one "<5" and one of at least 5: that would be 1 and 5."""
    assert hide_column([1, 5, 0]).marks == {(0, 0): KEPT, (1, 0): KEPT, (2, 0): KEPT}


@st.composite
def tables_of_parts(draw):
    rows = draw(st.integers(2, 4))
    parts = draw(st.integers(2, 3))
    body = [[draw(counts) for _ in range(parts)] for _ in range(rows)]
    return [[sum(row), *row] for row in body]


MOST_WAYS = 15_000


def fitting_tables(values, marks):
    """Every way to fill the hidden cells so that sums of rows and columns hold, as {place: value}; None when there are too many to try."""
    parts = sorted(p for p in marks if p[1])
    missing = [sum(values[r][c] for r, c in parts if c == column) for column in range(1, len(values[0]))]
    spans = [[n for n in bounds(marks, p) if n <= missing[p[1] - 1]] for p in parts]
    size = 1
    for span in spans:
        size *= len(span)
    if size > MOST_WAYS:
        return None
    found = []
    for way in product(*spans):
        filled = dict(zip(parts, way, strict=True))
        if any(sum(filled[p] for p in parts if p[1] == c + 1) != m for c, m in enumerate(missing)):
            continue
        sums = {(r, 0): sum(filled.get((r, c), v) for c, v in enumerate(row) if c) for r, row in enumerate(values)}
        if all(total in bounds(marks, p) if p in marks else total == values[p[0]][0] for p, total in sums.items()):
            found.append({**filled, **{p: n for p, n in sums.items() if p in marks}})
    return found


@settings(max_examples=300, deadline=None)
@given(tables_of_parts())
@example([[9, 3, 6], [20, 9, 11]])
@example([[5, 2, 3], [12, 6, 6], [30, 0, 30]])
@example([[1, 1, 0], [0, 0, 0]])
def test_no_hidden_part_or_sum_can_be_worked_out(values):
    hiding = hide_parts(values)
    few = {(r, c) for r, row in enumerate(values) for c, v in enumerate(row) if 0 < v < 5}
    assert few <= hiding.marks.keys()
    if FEW in hiding.marks.values():
        assert few == {p for p, mark in hiding.marks.items() if mark is FEW}
    ways = fitting_tables(values, hiding.marks)
    if ways is not None:
        assert {p: values[p[0]][p[1]] for p in hiding.marks} in ways
        for place in hiding.marks:
            assert len({way[place] for way in ways}) > 1, (place, hiding.marks)


@given(tables_of_parts())
def test_the_same_numbers_always_hide_the_same_cells(values):
    assert hide_parts(values) == hide_parts([list(row) for row in values])


def test_a_large_table_is_done_at_once_and_hides_less_than_half():
    values = [[a + b + c, a, b, c] for a, b, c in ((20 + n * 7 % 90, 9 + n * 3 % 23, 3 + n % 9) for n in range(129))]
    hiding = hide_parts(values)
    assert FEW in hiding.marks.values() and len(hiding.marks) < 2 * 129
