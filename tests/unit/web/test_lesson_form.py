"""The lesson form by posting, as a browser without scripts does it, and the saving that the page's script asks for."""

import io
import re
from html import unescape
from typing import ClassVar, Literal

import pytest
from PIL import Image
from pydantic import Field

from bot.learning.document import of
from bot.learning.form import Blank, Form
from bot.learning.items import TYPES
from bot.learning.items.base import Part, Question
from bot.services import authoring
from tests.small_course import publish
from tests.unit.web.staff_pages import Browser, app_on, signed_in

LESSON, SETTINGS = "/studio/khoa-hoc/khoa-nho/bai/l1", "/studio/khoa-hoc/khoa-nho/cai-dat"


@pytest.fixture
def app(database, tmp_path):
    made = app_on(database, tmp_path)
    with made.database.write() as session:
        publish(session, tmp_path / "courses")
    return made


@pytest.fixture
def author(app):
    browser = signed_in(app, "author")
    browser.post(SETTINGS, {"lam": "begin"})
    return browser


def draft(app):
    with app.database.read() as session:
        return authoring.open_draft(session, "khoa-nho")


def lesson(app, number: int = 0) -> dict:
    return draft(app).document["lessons"][number]


def parts(app, number: int = 0) -> list[str]:
    return [part["id"] for step in lesson(app, number)["steps"] for part in step.values()]


def revision(page) -> str:
    return re.search(r'name="revision" value="(\d+)"', page.text).group(1)


def press(browser: Browser, todo: str, address: str = LESSON, **typed) -> object:
    """Presses a button of the page as it stands."""
    return browser.post(address, {"lam": todo, "revision": revision(browser.get(address)), **typed})


def saved(browser: Browser, fields: dict, address: str = LESSON, todo: str = "", at: int | None = None) -> dict:
    body = {"revision": int(revision(browser.get(address))) if at is None else at, "fields": fields, "todo": todo}
    answer = browser.post_json(f"{address}/luu", body)
    assert answer.status_code == 200, answer.text
    return answer.json()


class TestPages:
    def test_what_is_live_is_shown_and_edited_only_in_a_draft(self, app):
        browser = signed_in(app, "author")
        page = browser.get(LESSON)
        assert "bản người dân đang học" in page.text and re.search(r'<fieldset class="all" disabled>', page.text)
        assert browser.post(LESSON, {"lam": "save", "revision": "0", "bai.title": "Khác"}).status_code == 400
        assert draft(app) is None
        begun = browser.post(LESSON, {"lam": "begin"})
        assert begun.url.path == LESSON and 'class="all" disabled' not in begun.text and draft(app).document["lessons"][0]["title"] == "Bài số 1"

    @pytest.mark.parametrize("address", [LESSON, SETTINGS])
    def test_looking_and_saving_without_a_change_changes_nothing(self, app, author, address):
        before = draft(app)
        assert author.get(address).status_code == 200
        press(author, "save", address)
        assert (draft(app).revision, draft(app).document) == (before.revision, before.document)

    @pytest.mark.parametrize("address", ["/studio/khoa-hoc/khoa-nho/bai/l9", "/studio/khoa-hoc/khong-co/bai/l1", "/studio/khoa-hoc/khong-co/cai-dat"])
    def test_what_is_not_there_is_a_404(self, app, author, address):
        assert author.get(address).status_code == 404
        assert author.post(address, {"lam": "save"}).status_code in (400, 404)

    def test_what_awaits_an_approver_is_not_edited(self, app, author):
        with app.database.write() as session:
            authoring.open_draft(session, "khoa-nho").state = "review"
        assert "chờ duyệt" in author.get(LESSON).text
        answer = press(author, "add lessons/0/steps/0 card")
        assert answer.status_code == 400 and "chờ duyệt" in answer.text and len(parts(app)) == 3

    def test_no_yaml_and_no_id_is_to_be_read(self, author):
        for address in (LESSON, SETTINGS):
            seen = unescape(re.sub(r"<(script|style).*?</\1>|<[^>]*>", " ", author.get(address).text, flags=re.S))
            assert not re.search(r"l1c1|l1q2|feedback_right|options|YAML|\bS1\b", seen.replace("(l1q1)", "").replace("(l1q2)", "").replace("(l1e)", ""))


class TestButtons:
    @pytest.mark.parametrize("kind", TYPES)
    def test_a_question_of_each_type_is_added_and_can_be_typed_into(self, app, author, kind):
        page = press(author, f"add lessons/0/steps/1 {kind}")
        assert page.status_code == 200 and page.url.fragment.startswith("f-p-q") and TYPES[kind].form.name in page.text
        assert f'id="{page.url.fragment}"' in page.text, "the place to go on is not on the page"
        added = lesson(app)["steps"][1]["question"]
        assert added["type"] == kind and len(parts(app)) == 4

    def test_what_most_questions_are_is_offered_first(self, app, author):
        offered = re.findall(r'value="add lessons/0/steps/\d+ (\w+)"', author.get(LESSON).text)
        assert offered[:5] == ["card", "single", "true_false", "multiple", "fill"]
        assert set(TYPES) <= set(offered)

    def test_a_type_that_comes_new_is_on_the_form_with_nothing_done_for_it(self, app, author, monkeypatch):
        class Ranked(Part):
            words: str = Field(max_length=40)
            sure: bool = False

        class Ranking(Question):
            form: ClassVar[Form] = Form("Xếp hạng", "Loại thứ mười, chỉ có trong kiểm thử.", (
                Blank("wish", "Hỏi gì", "text"),
                Blank("rungs", "Các bậc", "list", one="Bậc", begin=2, blanks=(Blank("words", "Bậc này là gì"), Blank("sure", "Chắc chắn", "tick")))))
            type: Literal["ranking"]
            wish: str
            rungs: tuple[Ranked, ...] = Field(min_length=2, max_length=3)

        monkeypatch.setitem(TYPES, "ranking", Ranking)
        assert "Loại thứ mười" in author.get(LESSON).text
        page = press(author, "add lessons/0/steps/3 ranking")
        key = page.url.fragment.removeprefix("f-").removesuffix("-wish")
        typed = {f"{key}.wish": "Xếp đi", f"{key}.rungs.1.words": "Bậc hai", f"{key}.rungs.1.sure": "co"}
        page = press(author, "add lessons/0/steps/3/question/rungs/2", **typed)
        made = lesson(app)["steps"][3]["question"]
        assert made["wish"] == "Xếp đi" and made["rungs"] == [{}, {"words": "Bậc hai", "sure": True}, {}]
        assert re.search(r'value="add lessons/0/steps/3/question/rungs/3" disabled', page.text)

    def test_what_was_typed_is_saved_with_the_button(self, app, author):
        press(author, "add lessons/0/steps/3 card", **{"bai.title": "Tên mới", "bai.goal": "Gác máy được.", "p-l1c1.text": "Chữ mới của thẻ này."})
        assert lesson(app)["title"] == "Tên mới" and lesson(app)["steps"][0]["card"]["text"] == "Chữ mới của thẻ này." and len(parts(app)) == 4

    def test_up_down_copy_and_drop(self, app, author):
        moved = press(author, "down lessons/0/steps/0")
        assert parts(app) == ["l1q1", "l1c1", "l1q2"] and moved.url.fragment == "b-down-lessons-0-steps-1"
        ended = press(author, "down lessons/0/steps/1")
        assert parts(app) == ["l1q1", "l1q2", "l1c1"] and ended.url.fragment == "b-up-lessons-0-steps-2"
        press(author, "up lessons/0/steps/2")
        press(author, "copy lessons/0/steps/0")
        assert parts(app)[0] == "l1q1" and parts(app)[2:] == ["l1c1", "l1q2"] and len(set(parts(app))) == 4
        dropped = press(author, "drop lessons/0/steps/1")
        assert parts(app) == ["l1q1", "l1c1", "l1q2"] and dropped.url.fragment == "f-p-l1c1" and "Hoàn tác" in dropped.text

    def test_answers_of_a_question_are_entries_of_their_own(self, app, author):
        added = press(author, "add lessons/0/steps/1/question/options/3")
        assert added.url.fragment == "f-p-l1q1-options-3-text"
        press(author, "up lessons/0/steps/1/question/options/3", **{"p-l1q1.options.3.text": "Câu thứ tư", "p-l1q1.options.correct": "3"})
        options = lesson(app)["steps"][1]["question"]["options"]
        assert [o.get("text") for o in options][2] == "Câu thứ tư" and [bool(o.get("correct")) for o in options] == [False, False, True, False]
        press(author, "drop lessons/0/steps/1/question/options/2")
        assert len(lesson(app)["steps"][1]["question"]["options"]) == 3

    def test_undo_and_redo(self, app, author):
        press(author, "drop lessons/0/steps/0")
        assert parts(app) == ["l1q1", "l1q2"]
        assert press(author, "undo").url.fragment == "b-undo" and parts(app) == ["l1c1", "l1q1", "l1q2"]
        press(author, "redo")
        assert parts(app) == ["l1q1", "l1q2"]
        assert "Không có bước nào để làm lại" in press(author, "redo").text

    def test_lessons_sources_and_test_questions_of_the_settings(self, app, author):
        press(author, "add lessons/2", SETTINGS, **{"khoa.title": "Tên khoá mới", "khoa.aliases": "một\r\nhai", "khoa.sources.0.url": "https://a.example"})
        press(author, "copy lessons/0", SETTINGS)
        press(author, "add sources/1", SETTINGS)
        press(author, "add test/1 true_false", SETTINGS)
        document = draft(app).document
        assert [one["title"] for one in document["lessons"]] == ["Bài số 1", "Bài số 1 (bản sao)", "Bài số 2", "Bài mới"]
        assert document["title"] == "Tên khoá mới" and document["aliases"] == ["một", "hai"] and document["sources"][0]["url"] == "https://a.example"
        assert len(document["sources"]) == 2 and document["test"][1]["type"] == "true_false"
        new = document["lessons"][3]["id"]
        assert author.get(f"/studio/khoa-hoc/khoa-nho/bai/{new}").status_code == 200

    def test_a_lesson_that_undo_takes_away_leads_to_the_settings(self, app, author):
        press(author, "add lessons/2", SETTINGS)
        new = f"/studio/khoa-hoc/khoa-nho/bai/{lesson(app, 2)['id']}"
        assert press(author, "undo", new).url.path == SETTINGS
        press(author, "redo", SETTINGS)
        assert saved(author, {}, new, "undo")["go"] == SETTINGS

    @pytest.mark.parametrize("todo", ["add lessons/0/steps/99 card", "add lessons/0/steps/0 hologram", "drop slug", "drop lessons/0/steps/-1", "up", "",
                                      "fly lessons/0", "copy lessons/0/goal/0", "add sources/x", "drop lessons/0/steps/0/card/id"])
    def test_buttons_of_a_page_that_is_not_ours_change_nothing(self, app, author, todo):
        before = draft(app).document
        assert press(author, todo).status_code == 400 and draft(app).document == before

    def test_the_easier_question(self, app, author):
        press(author, "drop lessons/0/easier")
        assert "easier" not in lesson(app)
        page = press(author, "add lessons/0/easier true_false")
        assert lesson(app)["easier"]["type"] == "true_false" and page.url.fragment.endswith("-statement")


class TestConflict:
    def test_somebody_elses_version_is_shown_with_what_was_typed_and_saving_again_keeps_both(self, app, author):
        old = revision(author.get(LESSON))
        press(signed_in(app, "approver"), "save", **{"bai.goal": "Mục tiêu của người khác."})
        page = author.post(LESSON, {"lam": "save", "revision": old, "bai.title": "Tên của tôi"})
        assert page.status_code == 409 and "vừa lưu bản mới hơn" in page.text and 'value="Tên của tôi"' in page.text
        assert "Mục tiêu của người khác." in page.text and lesson(app)["title"] == "Bài số 1"
        author.post(LESSON, {"lam": "save", "revision": revision(page), "bai.title": "Tên của tôi"})
        assert (lesson(app)["title"], lesson(app)["goal"]) == ("Tên của tôi", "Mục tiêu của người khác.")

    def test_fields_that_were_only_sent_along_do_not_undo_what_somebody_else_wrote(self, app, author):
        loaded = author.get(LESSON)
        old = {"lam": "save", "revision": revision(loaded), "bai.title": "Tên của tôi", "bai.goal": "Biết việc cần làm.", "nho.remember": "Gác máy, gọi lại.",
               "truoc": unescape(re.search(r'name="truoc" value="([^"]+)"', loaded.text).group(1))}
        press(signed_in(app, "approver"), "save", **{"bai.goal": "Mục tiêu của người khác."})
        page = author.post(LESSON, old)
        assert page.status_code == 409 and 'value="Tên của tôi"' in page.text and "Mục tiêu của người khác." in page.text
        again = {**old, "revision": revision(page), "bai.goal": "Mục tiêu của người khác.",
                 "truoc": unescape(re.search(r'name="truoc" value="([^"]+)"', page.text).group(1))}
        author.post(LESSON, again)
        assert (lesson(app)["title"], lesson(app)["goal"]) == ("Tên của tôi", "Mục tiêu của người khác.")
        saved(author, {**{k: [v] for k, v in old.items() if "." in k}, "bai.title": ["Lần nữa"], "truoc": [old["truoc"]]})  # the script, merging
        assert (lesson(app)["title"], lesson(app)["goal"]) == ("Lần nữa", "Mục tiêu của người khác.")

    def test_the_script_is_told_and_nothing_is_written(self, app, author):
        old = int(revision(author.get(LESSON)))
        saved(signed_in(app, "approver"), {"bai.goal": ["Của người khác."]})
        answer = saved(author, {"bai.title": ["Của tôi"]}, at=old)
        assert answer["conflict"] and answer["revision"] == old + 1 and lesson(app)["title"] == "Bài số 1"


class TestAutosave:
    def test_it_saves_says_when_and_what_is_missing_where(self, app, author):
        answer = saved(author, {"bai.title": ["Tên mới"], "p-l1q1.options.1.feedback": [""], "p-l1q1.options.correct": ["0"]})
        assert answer["saved"] == "10:00" and answer["undo"] and not answer["redo"] and "html" not in answer
        assert [(m["anchor"], m["blocking"]) for m in answer["missing"]] == [("f-p-l1q1-options-1-feedback", True)] and answer["left"] == {"f-p-l1q1": 1}
        page = author.get(LESSON).text
        assert "Còn 1 chỗ cần làm ở trang này" in page and '<a href="#f-p-l1q1-options-1-feedback">Bài 1 › Câu hỏi 1 › Lựa chọn B › Lời giải thích</a>' in page
        described = re.search(r'id="f-p-l1q1-options-1-feedback"[^>]*aria-describedby="([^"]+)" aria-invalid="true"', page).group(1)
        assert "f-p-l1q1-options-1-feedback-loi" in described.split()
        assert re.search(r'id="f-p-l1q1-options-1-feedback-loi"><p>Lời giải thích còn trống', page)

    def test_what_is_missing_elsewhere_is_counted(self, app, author):
        saved(author, {"khoa.title": [""]}, SETTINGS)
        answer = saved(author, {})
        assert answer["missing"] == [] and answer["elsewhere"] == 1 and "Các trang khác của khoá còn 1 chỗ" in author.get(LESSON).text

    def test_with_a_button_the_form_comes_back_anew(self, app, author):
        answer = saved(author, {"bai.title": ["Giữ lấy"]}, todo="add lessons/0/steps/0 card")
        assert answer["focus"] in answer["html"] and 'value="Giữ lấy"' in answer["html"] and "<html" not in answer["html"]
        assert f'name="revision" value="{answer["revision"]}"' in answer["html"] and answer["note"] == "Đã thêm thẻ 1."

    @pytest.mark.parametrize("body", [{}, {"revision": 1}, {"revision": "x", "fields": {}}, {"revision": 1, "fields": {"a": "b"}},
                                      {"revision": 1, "fields": {}, "x": 1}])
    def test_a_body_of_another_shape_is_refused(self, author, body):
        assert author.post_json(f"{LESSON}/luu", body).status_code == 400

    def test_any_half_done_work_is_kept(self, app, author):
        saved(author, {"bai.title": [""], "bai.minutes": ["một"], "p-l1c1.text": ["chữ " * 90], "p-l1q2.accept": [""]})
        assert lesson(app)["minutes"] == "một" and len(lesson(app)["steps"][0]["card"]["text"].split()) == 90
        assert author.get(LESSON).status_code == author.get(SETTINGS).status_code == 200


class TestPicture:
    def png(self, colour: str = "teal") -> bytes:
        out = io.BytesIO()
        Image.new("RGB", (300, 200), colour).save(out, "PNG")
        return out.getvalue()

    def test_an_uploaded_picture_stands_at_its_card_with_its_description(self, app, author):
        typed = {"lam": "save", "revision": revision(author.get(LESSON)), "p-l1c1.text": "Chữ gõ cùng lúc với ảnh.",
                 "p-l1c1.picture.alt": "Màn hình có nút gác máy."}
        page = author.post(LESSON, typed, files={"p-l1c1.picture.file": ("a.png", self.png(), "image/png")})
        card = lesson(app)["steps"][0]["card"]
        assert page.status_code == 200 and card["text"] == "Chữ gõ cùng lúc với ảnh." and card["picture"]["alt"] == "Màn hình có nút gác máy."
        address = f"/pictures/{card['picture']['sha']}.png"
        assert address in page.text and author.get(address).headers["content-type"] == "image/png"
        of(draft(app).document)
        press(author, "drop lessons/0/steps/0/card/picture")
        assert "picture" not in lesson(app)["steps"][0]["card"]

    def test_without_a_description_it_is_kept_and_the_description_is_missing(self, app, author):
        author.post(LESSON, {"lam": "save", "revision": revision(author.get(LESSON))}, files={"p-l1c1.picture.file": ("a.png", self.png(), "image/png")})
        assert lesson(app)["steps"][0]["card"]["picture"]["sha"]
        assert any(m["anchor"] == "f-p-l1c1-picture" and "mô tả" in m["message"] for m in saved(author, {})["missing"])

    def test_what_is_no_picture_is_refused_and_the_words_stay_on_the_page(self, app, author):
        typed = {"lam": "save", "revision": revision(author.get(LESSON)), "p-l1c1.text": "Chữ này không mất."}
        page = author.post(LESSON, typed, files={"p-l1c1.picture.file": ("a.png", b"GIF89a nothing", "image/png")})
        assert page.status_code == 400 and "PNG hoặc JPEG" in page.text and "Chữ này không mất." in page.text and draft(app).revision == 1
