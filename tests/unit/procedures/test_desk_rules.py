"""What staff read of texts: differences by field, what is wrong, questions grouped by meaning."""

from datetime import date

import pytest

from bot.procedures import clusters, faults
from bot.procedures.changes import FIELDS, between
from bot.procedures.imported import ImportedProcedure
from bot.procedures.model import Procedure
from bot.procedures.ways import Asked
from tests.unit.procedure_desk import BIRTH, shipped

TODAY = date(2026, 11, 24)


def test_every_field_has_words_for_staff():
    fields = {*Procedure.model_fields, *ImportedProcedure.model_fields, *Asked.model_fields}
    assert fields - FIELDS.keys() == set()


def test_a_change_names_only_the_lines_that_differ():
    old = {"fee": "Không thu.", "steps": ["Nộp", "Nhận"], "papers": [{"name": "Đơn", "originals": 1, "form": ""}], "result": ""}
    new = {"fee": "8.000 đồng", "steps": ["Nộp", "Chờ", "Nhận"], "papers": [{"name": "Đơn", "originals": 2, "form": ""}], "result": ""}
    assert [(c.label, c.gone, c.come) for c in between(old, new)] == [
        ("Lệ phí", ("Không thu.",), ("8.000 đồng",)), ("Các bước", (), ("Chờ",)),
        ("Giấy tờ", ("tên: Đơn; bản chính: 1",), ("tên: Đơn; bản chính: 2",))]


def test_lines_in_another_order_are_a_change():
    [change] = between({"steps": ["a", "b"]}, {"steps": ["b", "a"]})
    assert (change.gone, change.come) == (("a", "b"), ("b", "a"))


def test_a_new_text_differs_in_everything_it_says():
    assert [c.field for c in between(None, {"name": "A", "fee": "", "steps": ["x"]})] == ["name", "steps"]


@pytest.mark.parametrize("code", sorted(shipped()))
def test_nothing_is_wrong_with_what_we_ship(code):
    assert faults.of_curated(shipped()[code], TODAY, {}) == []


@pytest.mark.parametrize(("changed", "place"), [
    ({"papers": [{"name": "Đơn"}, {"name": "Ảnh", "copies": "vài"}]}, "Giấy tờ, dòng 2, bản sao"),
    ({"methods": [{"channel": "thuyền"}]}, "Cách nộp, dòng 1, cách"),
    ({"checked_on": "2026-12-01", "review_by": "2027-01-01"}, "Ngày đối chiếu"), ({"review_by": "2027-12-31"}, "Hạn xem lại"),
    ({"steps": ["Đem số 037088001234 tới"]}, "Các bước, dòng 1"), ({"name": ""}, "Tên thủ tục"),
    ({"sources": [{"id": "a", "title": "b", "url": "javascript:x", "grade": "A"}]}, "Nguồn, dòng 1, địa chỉ")])
def test_a_fault_names_its_place(changed, place):
    assert place in [f.place for f in faults.of_curated({**shipped()[BIRTH], **changed}, TODAY, {})]


def test_no_questions_make_no_group_and_one_makes_one():
    assert clusters.groups(()) == ()
    assert clusters.groups(("làm khai sinh", "lam khai sinh")) == ((0, 1),)


def test_questions_are_grouped_whether_or_not_search_knows_their_subject():
    texts = ("làm hộ chiếu", "bay flycam phải xin phép không", "lam ho chieu o dau", "xin phep bay flycam", "nuôi cá sấu", "hộ chiếu làm mất mấy ngày")
    assert [sorted(g) for g in clusters.groups(texts)] == [[0, 2, 5], [1, 3], [4]]
