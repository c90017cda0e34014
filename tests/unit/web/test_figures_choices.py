"""Pages of figures with two or three things chosen: what is left of them, or a sentence that says why nothing is."""

import pytest

from tests.unit.web.staff_pages import app_on, signed_in

PLACE = {"xa": "Phường Hoa Lư", "kenh": "web"}


@pytest.fixture
def viewer(database, tmp_path):
    return signed_in(app_on(database, tmp_path), "viewer")


def test_two_choices_leave_the_figures_as_a_whole(viewer):
    page = viewer.get("/admin", **PLACE)
    assert page.status_code == 200 and "Trang chỉ hiện số chung" in page.text and "Theo tuần" not in page.text
    assert "Theo tuần" in viewer.get("/admin", xa="Phường Hoa Lư").text


@pytest.mark.parametrize(("address", "more", "said"), [("/admin", {"khoa": "khoa-nho"}, "nhiều nhất hai"), ("/admin/khoa-hoc", {}, "không theo cả hai"),
                                                       ("/admin/dich-vu", {}, "không theo cả hai")])
def test_what_would_be_too_small_is_refused_above_the_form(viewer, address, more, said):
    page = viewer.get(address, **PLACE, **more)
    assert page.status_code == 400 and 'role="alert"' in page.text and said in page.text and '<select id="ky"' in page.text
