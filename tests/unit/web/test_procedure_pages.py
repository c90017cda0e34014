"""Pages of procedures, golden questions, imports and unanswered questions, as staff use them."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.services import tell_later
from bot.store.tables import Asked, AuditEntry, ProcedureDraft
from tests.factories import talk_of
from tests.unit.procedure_desk import BEES, BIRTH, DEATH, SWIFTS, fill, jsonl, record
from tests.unit.web.staff_pages import app_on, signed_in

FEE = "Thu 8.000 đồng mỗi bản sao."


@pytest.fixture
def app(database, tmp_path):
    fill(database)
    one = app_on(database, tmp_path)
    one.clock.forward(minutes=1)
    return one


def form_in(page) -> dict:
    """What the browser would send of the procedure's form, unchanged."""
    from html import unescape

    html = re.search(r'<form method="post" action="/studio/ban-soan/\d+" id="text">(.*?)</form>', page.text, re.S).group(1)
    found: dict[str, list[str]] = {}
    for tag in re.finditer(r"<(input)\b([^>]*)>|<(select|textarea)\b([^>]*)>(.*?)</(?:select|textarea)>", html, re.S):
        kind, attributes, inside = tag.group(1) or tag.group(3), tag.group(2) or tag.group(4), tag.group(5)
        name = re.search(r'name="([^"]+)"', attributes).group(1)
        if kind == "input":
            value = re.search(r'value="([^"]*)"', attributes)
            given = value.group(1) if value else ""
        elif kind == "textarea":
            given = inside
        else:
            chosen = re.search(r'value="([^"]*)" selected', inside) or re.search(r'value="([^"]*)"', inside)
            given = chosen.group(1)
        found.setdefault(name, []).append(unescape(given))
    return found


def drafted(app, browser, code=BIRTH, gi="curated", **changed) -> str:
    """Begins a draft in the browser and saves it with these fields changed; gives its address."""
    address = browser.post(f"/studio/thu-tuc/{code}/soan", {"gi": gi}).url.path
    given = form_in(browser.get(address)) | {name: [value] for name, value in changed.items()}
    given.pop("csrf", None)
    assert "Đã lưu bản soạn" in browser.post(address, given).text
    return address


def document_of(app, address) -> dict:
    with app.database.read() as session:
        return session.get_one(ProcedureDraft, int(address.rsplit("/", 1)[1])).document


def test_a_form_saved_as_it_was_opened_changes_nothing(app):
    author = signed_in(app, "author")
    for code in (BIRTH, DEATH):
        address = drafted(app, author, code)
        assert "Bản soạn chưa khác gì bản đang dùng." in author.post(f"{address}/gui-duyet").text
    address = drafted(app, author, BEES, "ways")
    assert "Bản soạn chưa khác gì bản đang dùng." in author.post(f"{address}/gui-duyet").text


def test_a_fee_goes_from_the_author_over_the_approver_to_the_citizen(app):
    author, approver = signed_in(app, "author"), signed_in(app, "approver")
    address = drafted(app, author, fee=FEE)
    page = author.get(address)
    assert "Lệ phí" in page.text and FEE in page.text and "Khác gì bản đang dùng" in page.text
    assert "Đã gửi duyệt" in author.post(f"{address}/gui-duyet", {"note": "Mức thu mới"}).text
    assert author.post(f"{address}/cong-bo", {"revision": "2"}).status_code == 403
    assert "Chờ duyệt" in approver.get("/studio/thu-tuc").text
    page = approver.get(address)
    assert "Mức thu mới" in page.text
    revision = re.search(r'name="revision" value="(\d+)"', page.text).group(1)
    done = approver.post(f"{address}/cong-bo", {"revision": revision})
    assert done.url.path == f"/studio/thu-tuc/{BIRTH}" and "Đã công bố" in done.text and FEE in done.text
    assert app.catalogue.facts(BIRTH).fee == FEE


def test_an_approver_who_wrote_it_is_told_to_find_another(app):
    approver = signed_in(app, "approver")
    address = drafted(app, approver, fee=FEE)
    page = approver.post(f"{address}/gui-duyet")
    assert "người khác phải duyệt" in page.text and "Duyệt và công bố" not in page.text
    assert approver.post(f"{address}/cong-bo", {"revision": "2"}).status_code == 400


def test_rows_of_lists_are_added_changed_and_taken_out(app):
    author = signed_in(app, "author")
    address = author.post(f"/studio/thu-tuc/{BIRTH}/soan").url.path
    given = form_in(author.get(address))
    count = len(given["papers-name"])
    given["papers-name"][0], given["papers-name"][-1], given["papers-copies"][-1] = "", "Giấy mới", "2"
    given["methods-channel"][0] = ""
    given["methods-fee_vnd"][1] = "12.000"
    given["cases-ways"][0] = "một\n\nhai"
    author.post(address, given)
    doc = document_of(app, address)
    assert len(doc["papers"]) == count - 1
    assert doc["papers"][-1] == {"name": "Giấy mới", "originals": None, "copies": 2, "form": "", "when": ""}
    assert [m["channel"] for m in doc["methods"]] == ["in_person", "post"] and doc["methods"][0]["fee_vnd"] == 12000
    assert doc["cases"][0]["ways"] == ["một", "hai"] and doc["related"]
    given = form_in(author.get(address))
    given["papers-originals"][0] = "vài"
    page = author.post(address, given)
    assert "Giấy tờ, dòng 1, bản chính" in page.text and "Phải là số nguyên." in page.text


def test_somebody_elses_save_in_between_keeps_what_was_typed(app):
    author, other = signed_in(app, "author"), signed_in(app, "author")
    address = author.post(f"/studio/thu-tuc/{BIRTH}/soan").url.path
    mine, theirs = form_in(author.get(address)), form_in(other.get(address))
    other.post(address, theirs | {"fee": ["Của người kia."]})
    page = author.post(address, mine | {"fee": ["Của tôi."]})
    assert page.status_code == 400 and "Người khác vừa lưu" in page.text and "Của tôi." in page.text


def test_trying_a_question_shows_both_rankings_and_saves_nothing(app):
    author = signed_in(app, "author")
    address = drafted(app, author, BEES, "ways", ways="tổ ong vò vẽ to quá gọi ai\nnhờ người phá tổ ong\nong đốt trẻ con\nbầy côn trùng chích trong nhà")
    page = author.post(f"{address}/thu-hoi", {"question": "bầy côn trùng chích"})
    before, after = re.findall(r"<table class=\"ranking\">(.*?)</table>", page.text, re.S)
    assert "Hiện nay" in before and "Với bản soạn" in after and BEES in after.split("</tr>")[1]
    assert "bầy côn trùng" not in str(app.catalogue.procedure(BEES).ways)
    assert author.post(f"{address}/thu-hoi", {"question": " "}).status_code == 400
    fresh = author.post("/studio/ban-soan", {"code": "NB.0001", "name": "Bài còn trống"}).url.path
    assert "Chưa thử được" in author.post(f"{fresh}/thu-hoi", {"question": "gì"}).text


def test_golden_questions_are_added_from_a_procedure_imported_and_checked(app):
    approver, author = signed_in(app, "approver"), signed_in(app, "author")
    page = approver.post("/studio/thu-tuc/cau-hoi-chuan", {"question": "làm khai sinh", "code": BIRTH, "back": f"/studio/thu-tuc/{BIRTH}"})
    assert page.url.path == f"/studio/thu-tuc/{BIRTH}" and "làm khai sinh" in page.text
    away = approver.post("/studio/thu-tuc/cau-hoi-chuan", {"question": "khai tử", "code": DEATH, "back": "//evil.example"})
    assert away.url.path == "/studio/thu-tuc/cau-hoi-chuan" and away.url.host == "testserver"
    file = {"file": ("c.txt", f"nuôi chim yến\t{SWIFTS}\nđăng ký kết hôn\t{BIRTH}".encode())}
    assert "Đã thêm 2 câu" in approver.post("/studio/thu-tuc/cau-hoi-chuan/nhap", files=file).text
    page = approver.get("/studio/thu-tuc/cau-hoi-chuan", kiem="true")
    assert "Đúng 3 trên 4 câu" in page.text and page.text.count("chưa đúng") == 1
    bad = approver.post("/studio/thu-tuc/cau-hoi-chuan/nhap", files={"file": ("c.txt", b"khong co tab")})
    assert bad.status_code == 400 and "Dòng 1" in bad.text
    assert author.post("/studio/thu-tuc/cau-hoi-chuan", {"question": "x", "code": BIRTH}).status_code == 403
    ident = re.search(r"/cau-hoi-chuan/(\d+)/bo", page.text).group(1)
    assert "Đã bỏ" in approver.post(f"/studio/thu-tuc/cau-hoi-chuan/{ident}/bo").text


def test_a_publication_that_breaks_a_golden_question_shows_which_and_how(app):
    author, approver = signed_in(app, "author"), signed_in(app, "approver")
    approver.post("/studio/thu-tuc/cau-hoi-chuan", {"question": "khai sinh cho con", "code": BIRTH})
    ways = "\n".join(f"khai sinh cho con {w}" for w in "tôi em cháu nhỏ trai gái đầu lòng mới sinh út".split())
    address = drafted(app, author, DEATH, name="Khai sinh cho con", aliases="khai sinh cho con", ways_people_ask=ways)
    author.post(f"{address}/gui-duyet")
    revision = re.search(r'name="revision" value="(\d+)"', approver.get(address).text).group(1)
    page = approver.post(f"{address}/cong-bo", {"revision": revision})
    assert page.status_code == 400 and f"“khai sinh cho con” cần ra {BIRTH}" in page.text
    assert "Hiện nay" in page.text and "Sau khi công bố" in page.text


def test_a_review_date_is_renewed_and_the_list_follows(app):
    app.clock.forward(days=75)
    approver = signed_in(app, "approver")
    assert "Đăng ký khai sinh" in approver.get("/studio/thu-tuc", han="true").text
    page = approver.post(f"/studio/thu-tuc/{BIRTH}/da-xem-lai", {"review_by": "2027-09-01"})
    assert "Hạn xem lại mới: 01/09/2027" in page.text
    assert BIRTH not in approver.get("/studio/thu-tuc", han="true", tim="khai sinh").text.split("<tbody>")[1]
    assert approver.post(f"/studio/thu-tuc/{BIRTH}/da-xem-lai", {"review_by": "2027-02-30"}).status_code == 400
    assert signed_in(app, "author").post(f"/studio/thu-tuc/{BIRTH}/da-xem-lai").status_code == 403


def test_a_file_is_uploaded_looked_at_and_confirmed(app):
    approver = signed_in(app, "approver")
    page = approver.post("/studio/nhap-thu-tuc", files={"file": ("p.jsonl", jsonl(record(agency="UBND phường"), record("9.000002", "Đăng ký tàu cá nhỏ")))})
    assert "Cơ quan thực hiện" in page.text and "Đăng ký tàu cá nhỏ" in page.text
    mark = re.search(r'name="mark" value="(\w+)"', page.text).group(1)
    assert app.catalogue.facts("9.000002") is None
    assert "1 mới, 1 đổi, 0 giữ nguyên" in approver.post(page.url.path, {"mark": mark}).text
    assert app.catalogue.facts("9.000002") is not None
    bad = approver.post("/studio/nhap-thu-tuc", files={"file": ("p.jsonl", jsonl("{x", record("9.000003", "x"), record("9.000004", steps="a")))})
    assert bad.status_code == 400 and all(said in bad.text for said in ("không phải JSON", "Quá ngắn", "Phải là danh sách"))
    assert approver.post("/studio/nhap-thu-tuc").status_code == 400
    assert signed_in(app, "author").get("/studio/nhap-thu-tuc").status_code == 403


def test_the_import_takes_larger_files_than_other_pages(app):
    approver = signed_in(app, "approver")
    nine_mb = {"file": ("p.jsonl", b" " * (9 * 1024 * 1024))}
    assert "không có dòng nào" in approver.post("/studio/nhap-thu-tuc", files=nine_mb).text
    assert approver.post("/studio/thu-tuc/cau-hoi-chuan/nhap", files=nine_mb).status_code == 413


# unanswered questions

@pytest.fixture
def asked(app):
    with app.database.write() as session:
        for n, text in enumerate(("bay flycam xin phép ai", "xin phep bay flycam", "mấy giờ đá bóng")):
            at = app.clock() - timedelta(hours=n)
            session.add(Asked(at=at, day=at.date(), channel="web", intent="x", aspect="overview", decision="none", text=text))
        talk = talk_of(session)
        tell_later.agree(session, talk, "x", tell_later.offer(session, talk, "bay flycam phải xin phép ở đâu", False, app.clock()), app.clock())


def opened(app, role="author"):
    browser = signed_in(app, role)
    return browser, browser.post("/studio/cau-hoi", {"reason": "soạn câu trả lời còn thiếu"})


def test_words_are_shown_after_a_reason_and_that_is_written_down(app, asked):
    author = signed_in(app, "author")
    page = author.get("/studio/cau-hoi")
    assert "Có 4 câu đang mở" in page.text and "flycam" not in page.text
    assert author.get("/studio/cau-hoi/a1").status_code == 404
    assert author.post("/studio/cau-hoi", {"reason": "xem"}).status_code == 400
    page = author.post("/studio/cau-hoi", {"reason": "soạn câu trả lời còn thiếu"})
    assert "flycam" in page.text and "2 nhóm" in page.text and "10:" not in page.text.split("<tbody>")[1]
    with app.database.read() as session:
        assert [e.reason for e in session.scalars(select(AuditEntry).where(AuditEntry.action == "raw_text_seen"))] == ["soạn câu trả lời còn thiếu"]
    assert signed_in(app, "officer").get("/studio/cau-hoi").status_code == 403


def group(page) -> str:
    return re.search(r'href="(/studio/cau-hoi/[aw]\d+)"', page.text).group(1)


def test_three_clicks_make_a_way_to_ask(app, asked):
    author, page = opened(app)
    address = group(page)
    page = author.get(address)
    assert "1 người chờ được báo" in page.text
    assert "đăng ký tàu" not in page.text and BEES in author.get(address, tim="bắt ong").text
    done = author.post(f"{address}/cach-hoi", {"code": BEES, "ways": "bay flycam xin phép ai\ncho bay flycam không"})
    assert done.url.path == "/studio/cau-hoi" and "gửi duyệt" in done.text and "1 nhóm" in done.text
    assert author.get(address).status_code == 404
    with app.database.read() as session:
        assert session.scalars(select(ProcedureDraft)).one().state == "review"


def test_a_group_becomes_a_draft_or_leaves_for_the_developers(app, asked):
    author, page = opened(app)
    draft = author.post(f"{group(page)}/bai-moi", {"name": "Xin phép bay flycam"})
    assert draft.url.path.startswith("/studio/ban-soan/") and "xin phep bay flycam" in draft.text
    other = group(author.get("/studio/cau-hoi"))
    assert author.post(f"{other}/cach-hoi", {"ways": "x"}).status_code == 400
    assert "ngoài phạm vi" in author.post(f"{other}/ngoai-pham-vi", {"texts": "mấy giờ có bóng đá"}).text
    listed = author.get("/studio/cau-hoi/ngoai-pham-vi")
    assert "mấy giờ có bóng đá" in listed.text
    assert author.post("/studio/cau-hoi/ngoai-pham-vi/tai-ve").text == "      - mấy giờ có bóng đá\n"
    up_to = re.search(r'name="up_to" value="(\d+)"', listed.text).group(1)
    assert "Đã xoá 1 câu" in author.post("/studio/cau-hoi/ngoai-pham-vi/da-lay", {"up_to": up_to}).text
