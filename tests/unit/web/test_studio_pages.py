"""The studio's pages of courses: the list, one course, approving it, versions, its file, pictures, imported questions."""

import io
import re

import pytest
from openpyxl import load_workbook
from PIL import Image
from sqlalchemy import select

from bot.learning.exchange import sheet
from bot.services import authoring, pictures
from bot.services.versions import live
from bot.store.tables import AuditEntry, Draft, PublishedPicture
from tests.factories import TUESDAY_TEN
from tests.studio import published, somebody, sound
from tests.unit.web.staff_pages import app_on, signed_in

SLUG = "nuoi-ca-mua-lanh"
HERE = f"/studio/khoa-hoc/{SLUG}"


@pytest.fixture
def app(database, tmp_path):
    return app_on(database, tmp_path)


@pytest.fixture
def author(app):
    return signed_in(app, "author")


@pytest.fixture
def approver(app):
    return signed_in(app, "approver")


@pytest.fixture
def course(app):
    """A published course, written by two others."""
    with app.database.write() as session:
        return published(session, somebody(session, "lan"), somebody(session, "minh", "approver"))


def revision(app) -> int:
    with app.database.read() as session:
        return authoring.open_draft(session, SLUG).revision


def change(app, **changes) -> None:
    """The open draft edited by somebody else."""
    with app.database.write() as session:
        draft = authoring.open_draft(session, SLUG)
        who = somebody(session, f"nguoi{draft.revision}")
        authoring.save(session, who, draft.id, draft.revision, {**draft.document, **changes}, TUESDAY_TEN)


def alert(answer) -> str:
    return re.search(r'role="alert">([^<]+)', answer.text).group(1)


class TestCourse:
    def test_a_new_course_is_made_from_its_title_and_says_what_is_missing_with_links_to_the_form(self, app, author):
        page = author.post("/studio/khoa-hoc", {"title": "Nuôi cá mùa lạnh", "group": "citizens"})
        assert page.url.path == HERE and "Đang soạn" in page.text and "chỗ phải sửa" in page.text
        assert f'href="{HERE}/bai/l1#' in page.text and f'href="{HERE}/cai-dat#' in page.text
        assert "Nuôi cá mùa lạnh" in author.get("/studio").text

    def test_a_course_without_a_title_is_not_made_and_what_was_chosen_stays(self, app, author):
        page = author.post("/studio/khoa-hoc", {"title": "", "group": "staff"})
        assert page.status_code == 400 and "từ 3 đến 120" in alert(page)
        assert '<option value="staff" selected>' in page.text

    @pytest.mark.parametrize("path", ["", "/duyet", "/phien-ban", "/phien-ban/so-sanh?cu=1&moi=2", "/tep", "/nhap"])
    def test_an_unknown_course_is_not_found(self, author, path):
        assert author.get(f"/studio/khoa-hoc/khong-co{path}").status_code == 404

    def test_from_form_to_published_course_with_two_people(self, app, course, author, approver):
        assert "Sửa khoá học này" in author.get(HERE).text
        page = author.post(f"{HERE}/mo")
        assert "Đang soạn" in page.text and "Không còn gì phải sửa" in page.text
        change(app, summary="Cách giữ cá sống qua mùa rét.")
        page = author.post(f"{HERE}/gui", {"note": "Sửa phần giới thiệu"})
        assert "Chờ duyệt" in page.text and "Rút về để sửa" in page.text
        assert f"{HERE}/duyet" in approver.get("/studio").text
        page = approver.get(f"{HERE}/duyet")
        assert "Sửa phần giới thiệu" in page.text and "Tóm tắt" in page.text and "<ins>" in page.text
        page = approver.post(f"{HERE}/duyet/cong-bo")
        assert page.url.path == HERE and "Đang dùng: bản 2" in page.text
        with app.database.read() as session:
            assert [c.summary for _, c in live(session)] == ["Cách giữ cá sống qua mùa rét."]

    def test_who_wrote_cannot_publish_and_reads_why(self, app, course, approver):
        approver.post(f"{HERE}/mo")
        change(app, summary="Khác hẳn.")
        approver.post(f"{HERE}/gui")
        assert "Phải một người khác duyệt" in approver.get(f"{HERE}/duyet").text
        page = approver.post(f"{HERE}/duyet/cong-bo")
        assert page.status_code == 400 and "Phải một người khác duyệt" in alert(page)

    def test_what_blocks_keeps_it_from_being_submitted(self, app, course, author):
        author.post(f"{HERE}/mo")
        change(app, summary="Gọi 0912 345 678 để hỏi.")
        page = author.post(f"{HERE}/gui", {"note": "Xem giúp nhé"})
        assert page.status_code == 400 and "Còn 1 chỗ phải sửa" in alert(page) and "Xem giúp nhé" in page.text

    def test_a_day_to_come_and_a_wrong_day(self, app, course, author, approver):
        author.post(f"{HERE}/mo")
        change(app, summary="Khác hẳn.")
        author.post(f"{HERE}/gui")
        assert approver.post(f"{HERE}/duyet/cong-bo", {"ngay": "32/13"}).status_code == 400
        page = approver.post(f"{HERE}/duyet/cong-bo", {"ngay": "2026-12-01"})
        assert "Khoá học ra mắt ngày 01/12/2026" in page.text and "Hẹn ngày công bố: 01/12/2026" in page.text
        with app.database.read() as session:
            assert session.scalars(select(Draft.effective_at)).one().isoformat() == "2026-11-30T17:00:00+00:00"

    def test_sent_back_with_a_reason_that_the_author_reads(self, app, course, author, approver):
        author.post(f"{HERE}/mo")
        change(app, summary="Khác hẳn.")
        author.post(f"{HERE}/gui")
        page = approver.post(f"{HERE}/duyet/tra-lai", {"reason": "ngắn"})
        assert page.status_code == 400 and "ngắn" in page.text
        approver.post(f"{HERE}/duyet/tra-lai", {"reason": "Phần giới thiệu chưa rõ ý."})
        assert "Phần giới thiệu chưa rõ ý." in author.get(HERE).text

    def test_a_draft_is_thrown_away(self, app, author):
        author.post("/studio/khoa-hoc", {"title": "Nuôi cá mùa lạnh", "group": "citizens"})
        assert author.post(f"{HERE}/bo").url.path == "/studio"
        assert author.get(HERE).status_code == 404

    def test_a_text_of_the_course_is_never_markup(self, app, course, author):
        author.post(f"{HERE}/mo")
        change(app, title="<script>alert(1)</script> cá")
        for path in (HERE, f"{HERE}/duyet", f"{HERE}/nhap"):
            text = author.get(path).text
            assert "<script>alert" not in text and "&lt;script&gt;" in text


class TestVersions:
    def test_compared_and_brought_back(self, app, course, author, approver):
        author.post(f"{HERE}/mo")
        change(app, summary="Cách giữ cá sống qua mùa rét.")
        author.post(f"{HERE}/gui")
        approver.post(f"{HERE}/duyet/cong-bo")
        with app.database.read() as session:
            new, old = authoring.history(session, SLUG)
        page = author.get(f"{HERE}/phien-ban/so-sanh", cu=old.id, moi=new.id)
        assert "<del>Một khóa nhỏ.</del>" in page.text and "1 chỗ khác nhau" in page.text
        assert author.get(f"{HERE}/phien-ban/so-sanh", cu=old.id, moi=99).status_code == 400
        page = approver.post(f"{HERE}/phien-ban/{old.id}/quay-ve", {"reason": ""})
        assert page.status_code == 400 and "vì sao" in alert(page)
        assert author.post(f"{HERE}/phien-ban/{old.id}/quay-ve", {"reason": "Bản mới viết sai."}).status_code == 403
        page = approver.post(f"{HERE}/phien-ban/{old.id}/quay-ve", {"reason": "Bản mới viết sai."})
        assert page.url.path == f"{HERE}/phien-ban" and "Đã quay về bản 1" in page.text
        with app.database.read() as session:
            assert [c.summary for _, c in live(session)] == ["Một khóa nhỏ."]


class TestFile:
    def test_downloaded_changed_and_uploaded(self, app, course, author):
        author.post(f"{HERE}/mo")
        file = author.get(f"{HERE}/tep")
        assert 'filename="nuoi-ca-mua-lanh.yml"' in file.headers["content-disposition"]
        assert "correct: false" not in file.text
        changed = file.text.replace("Một khóa nhỏ.", "Từ tệp mà ra.").replace(f"slug: {SLUG}", "slug: khac-hẳn".replace("ẳ", "a"))
        page = author.post(f"{HERE}/tep", {"revision": revision(app)}, files={"tep": ("x.yml", changed.encode())})
        assert "Đã nạp tệp" in page.text
        with app.database.read() as session:
            document = authoring.open_draft(session, SLUG).document
        assert (document["summary"], document["slug"]) == ("Từ tệp mà ra.", SLUG)
        assert {**course.document, "summary": "Từ tệp mà ra."} == authoring_document(document)

    def test_a_file_that_is_no_course_is_told_line_by_line_and_changes_nothing(self, app, course, author):
        author.post(f"{HERE}/mo")
        before = revision(app)
        text = author.get(f"{HERE}/tep").text
        bad = text.replace("minutes: 6", "minutes: sáu").replace("grade: B", "grade: X")
        page = author.post(f"{HERE}/tep", {"revision": before}, files={"tep": ("x.yml", bad.encode())})
        assert page.status_code == 400 and "2 chỗ sai" in alert(page)
        line = 1 + text[:text.index("minutes: 6")].count("\n")
        assert f'<td class="n">{line}</td><th scope="row">Số phút</th><td>Số phút phải là một số nguyên.</td>' in page.text
        assert revision(app) == before

    @pytest.mark.parametrize("data", [b"", b"title: [", b"- 1", b"\xff\xfe", b"a: &x [1]\nb: *x\n", b"x" * 1000, b"a: \x01"])
    def test_no_file_and_rubbish(self, app, course, author, data):
        author.post(f"{HERE}/mo")
        assert author.post(f"{HERE}/tep", {"revision": revision(app)}, files={"tep": ("x.yml", data)}).status_code == 400

    def test_a_file_for_a_page_that_is_old_is_not_taken(self, app, course, author):
        author.post(f"{HERE}/mo")
        text = author.get(f"{HERE}/tep").text
        change(app, summary="Của người khác.")
        page = author.post(f"{HERE}/tep", {"revision": 1}, files={"tep": ("x.yml", text.encode())})
        assert page.status_code == 400 and "người khác vừa sửa" in alert(page)


def authoring_document(document):
    from bot.learning import document as reading
    return reading.of(document).model_dump(mode="json")


def picture(kind="PNG", size=(600, 400), **more) -> bytes:
    """A picture with noise in it, so that it does not shrink to nothing."""
    made = Image.effect_noise(size, 60).convert("RGB")
    out = io.BytesIO()
    made.save(out, kind, **more)
    return out.getvalue()


class TestPictures:
    CARD = "lessons/0/steps/0/card"

    def put(self, author, app, data, **more):
        return author.post(f"{HERE}/hinh", {"mo_ta": "Một con cá trong ao.", "cho": self.CARD, "revision": revision(app), **more},
                           files={"hinh": ("a.jpg", data)})

    def test_it_is_shrunk_stripped_and_put_into_the_card(self, app, course, author):
        author.post(f"{HERE}/mo")
        exif = Image.Exif()
        exif[0x010F], exif[0x0112] = "MAY ANH CUA LAN", 6  # maker; turned by a quarter
        page = self.put(author, app, picture("JPEG", (2000, 1500), exif=exif, quality=95), tro_ve=f"{HERE}/bai/l1")
        assert page.url.path == f"{HERE}/bai/l1"
        with app.database.read() as session:
            shown = authoring.open_draft(session, SLUG).document["lessons"][0]["steps"][0]["card"]["picture"]
            kept = session.get(PublishedPicture, shown["sha"])
            places = authoring.findings(session, authoring.open_draft(session, SLUG), TUESDAY_TEN.date())
        assert shown["alt"] == "Một con cá trong ao." and [p for p in places if p.blocking] == []
        assert len(kept.data) <= pictures.MOST_BYTES and b"MAY ANH" not in kept.data
        stored = Image.open(io.BytesIO(kept.data))
        assert stored.format == "PNG" and stored.height > stored.width and not stored.getexif()
        assert author.get(f"/pictures/{shown['sha']}.png").status_code == 200

    def test_a_script_gets_its_hash_and_address(self, app, course, author):
        author.post(f"{HERE}/mo")
        answer = author.client.post(f"{HERE}/hinh", data={"mo_ta": "Một con cá trong ao.", "cho": self.CARD, "revision": revision(app)},
                                    files={"hinh": ("a.png", picture())}, headers={"X-CSRF-Token": author.csrf})
        assert answer.json() == {"file": f"anh-{answer.json()['sha'][:16]}", "alt": "Một con cá trong ao.", "sha": answer.json()["sha"],
                                 "address": f"/pictures/{answer.json()['sha']}.png", "revision": revision(app)}

    @pytest.mark.parametrize(("more", "data", "told"), [
        ({"mo_ta": "Cá"}, picture(), "tả ảnh bằng một câu"), ({}, b"GIF89a" + b"0" * 100, "PNG hoặc JPEG"), ({}, b"", "chọn ảnh"),
        ({}, b"<svg xmlns='http://www.w3.org/2000/svg'/>", "PNG hoặc JPEG"), ({}, picture()[:200], "Không đọc được ảnh"),
        ({"cho": "lessons/9/steps/0/card"}, picture(), "Không còn thẻ"), ({"cho": "title"}, picture(), "Không còn thẻ"),
        ({"cho": ""}, picture(), "Không còn thẻ"), ({}, picture(size=(20, 20)), "nhỏ quá")])
    def test_what_is_no_picture_is_refused_and_nothing_is_kept(self, app, course, author, more, data, told):
        author.post(f"{HERE}/mo")
        page = self.put(author, app, data, **more)
        assert page.status_code == 400 and told in page.text
        with app.database.read() as session:
            assert session.scalars(select(PublishedPicture)).all() == []

    def test_a_card_whose_picture_is_missing_cannot_go_out(self, app, course, author):
        author.post(f"{HERE}/mo")
        document = sound(SLUG)
        document["lessons"][0]["steps"][0]["card"]["picture"] = {"file": "anh-cu", "alt": "Một con cá trong ao."}
        change(app, lessons=document["lessons"])
        assert "Chưa có tệp ảnh" in author.get(HERE).text


class TestImport:
    def upload(self, author, app, data, name="cau-hoi.xlsx", lesson="l1"):
        return author.post(f"{HERE}/nhap", {"bai": lesson, "revision": revision(app)}, files={"tep": (name, data)})

    def steps(self, app) -> list:
        with app.database.read() as session:
            return authoring.open_draft(session, SLUG).document["lessons"][0]["steps"]

    def test_the_template_is_taken_back_whole(self, app, course, author):
        author.post(f"{HERE}/mo")
        before = self.steps(app)
        template = author.get(f"{HERE}/nhap/mau.xlsx")
        page = self.upload(author, app, template.content)
        assert page.url.path == f"{HERE}/bai/l1" and "Đã nhập 3 câu hỏi" in page.text
        steps = self.steps(app)
        assert steps[:len(before)] == before and [s["question"]["type"] for s in steps[len(before):]] == ["single", "multiple", "fill"]
        ids = [p["id"] for s in steps for p in s.values()]
        assert len(set(ids)) == len(ids)
        with app.database.read() as session:
            entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "imported")).one()
        assert (entry.about, entry.detail["count"]) == (SLUG, 3)

    def test_three_bad_rows_are_named_with_column_and_remedy_and_nothing_is_imported(self, app, course, author):
        author.post(f"{HERE}/mo")
        before, at = self.steps(app), revision(app)
        book = load_workbook(io.BytesIO(sheet.template()))
        rows = book.active
        rows["A2"], rows["C3"], rows["D4"] = "Loại lạ", "A, F", None
        out = io.BytesIO()
        book.save(out)
        page = self.upload(author, app, out.getvalue())
        assert page.status_code == 400 and "3 chỗ sai" in alert(page)
        told = re.findall(r'<th scope="row" class="n">(\d+)</th><td>([^<]+)</td><td>([^<]+)</td>', page.text)
        assert [(row, column) for row, column, _ in told] == [("2", "A"), ("3", "C"), ("4", "D")]
        assert "Một đáp án, Nhiều đáp án, Điền" in told[0][2] and "không ứng với lựa chọn nào" in told[1][2] and "cần lời giải thích" in told[2][2]
        assert self.steps(app) == before and revision(app) == at

    def test_gift(self, app, course, author):
        author.post(f"{HERE}/mo")
        gift = "Ai được biết mã OTP?{=Chỉ mình tôi#Đúng, chỉ mình bác thôi. ~Ngân hàng#Họ không bao giờ hỏi mã ấy.}"
        assert "Đã nhập 1 câu hỏi" in self.upload(author, app, gift.encode(), "c.gift").text
        page = self.upload(author, app, b"Ai?{=A ~B}", "c.txt")
        assert page.status_code == 400 and "chưa nhập câu nào" in alert(page)

    @pytest.mark.parametrize(("data", "name", "lesson"), [(b"", "c.xlsx", "l1"), (b"x", "c.pdf", "l1"), (b"\xff\xfe", "c.gift", "l1"),
                                                          (b"PK\x03\x04xx", "c.xlsx", "l1"), (sheet.template(), "c.xlsx", "l9")])
    def test_what_cannot_be_read_is_refused(self, app, course, author, data, name, lesson):
        author.post(f"{HERE}/mo")
        before = self.steps(app)
        assert self.upload(author, app, data, name, lesson).status_code == 400
        assert self.steps(app) == before
