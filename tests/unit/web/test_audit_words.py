"""What the audit log keeps is read in Vietnamese, whatever wrote it."""

import ast

import pytest

from bot.web.staff.audit_words import NAMES, in_words
from tests.factories import ROOT
from tests.unit.web.staff_pages import app_on, signed_in

PASSED_ON = {"complete", "taken_back", "stopped", "officer", "second_factor"}
"""Details that reach the log through a function in between."""


def details() -> set[str]:
    """The names of every detail that any call of audit.note writes."""
    found = set()
    for path in (ROOT / "bot").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "audit.note":
                found |= {keyword.arg for keyword in node.keywords if keyword.arg and keyword.arg != "reason"}
    return found


def test_every_detail_has_its_words():
    assert len(details()) > 40
    assert (details() | PASSED_ON) - NAMES.keys() == set()


@pytest.mark.parametrize(("detail", "words"), [
    ({"second_factor": False}, "có xác thực hai bước: không"),
    ({"role": "author", "communes": ["Phường Hoa Lư", "Xã Bình Lục"]}, "vai trò: Người soạn; xã, phường: Phường Hoa Lư, Xã Bình Lục"),
    ({"rows": 12, "first": "2026-11-01", "channel": "", "course": ""}, "số dòng: 12; từ ngày: 01/11/2026"),
    ({"on": False, "until": "2026-11-30T02:00:00+00:00"}, "bật: không; đến lúc: 09:00 30/11/2026"),
    ({"step": "ledger_seen", "kind": "erasure"}, "bước: xem sổ đồng ý; loại: Xóa dữ liệu"),
    ({"was": {"role": "viewer", "communes": [], "active": True}, "became": {"role": "officer", "communes": [], "active": True}},
     "trước đó: (vai trò: Người xem; đang hoạt động: có); thành: (vai trò: Cán bộ xử lý; đang hoạt động: có)"),
    ({"name": "2026-11-30 là ngày hội"}, "tên: 2026-11-30 là ngày hội"), ({}, "")])
def test_details_in_words(detail, words):
    assert in_words(detail) == words


def test_the_page_shows_no_names_of_ours(database, tmp_path):
    app = app_on(database, tmp_path)
    admin = signed_in(app, "administrator")
    admin.post("/admin/nhan-su/moi", {"login": "hoa", "name": "Cô Hoa", "role": "author"})
    page = admin.get("/admin/nhat-ky").text
    assert "vai trò: Người soạn" in page
    assert "&#34;" not in page and "<code>" not in page
