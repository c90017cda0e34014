"""Open tables and offices in the chat: cards with source and date, choices, and what is said when nothing is known."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from actions import opendata, places, procedures, talk
from bot import places as gazetteer
from bot.app import App
from bot.config import Settings
from bot.services import catalogue, communes, people
from bot.services import opendata as tables
from bot.services.staff import Who
from bot.store.tables import Asked, Citizen
from tests.databases import sqlite_at
from tests.factories import ROOT, FrozenClock, talk_of
from tests.unit.actions.test_learning_view import Chat

HERE = Who(None, "quantri", "Quản trị", "administrator", (), "", "")  # type: ignore[arg-type]
HOA_LU = gazetteer.code_of("Phường Hoa Lư")
FORM = communes.Form("Phường Hoa Lư", address="Số 1 đường Một", hours="Thứ Hai đến thứ Sáu, 7:30 đến 17:00", site="https://hoalu.ninhbinh.gov.vn",
                     source="Trang của phường", checked_on="2026-11-20")


@pytest.fixture
def app(tmp_path):
    database = sqlite_at(tmp_path / "bot.db")
    app = App(Settings(_env_file=None, database_url=database.url), database, FrozenClock())
    with database.write() as session:
        tables.publish_shipped(session, tables.SHIPPED, app.clock())
        catalogue.publish_curated(session, ROOT / "procedures", app.clock())
    yield app
    database.close()


@pytest.fixture
def chat(app):
    with app.database.write() as session:
        yield Chat(app, session, talk_of(session, consent=("learning",)))


class TestTables:
    @pytest.mark.parametrize(("asked", "said"), [
        ("làng La Xuyên làm nghề gì", "chạm khắc gỗ"), ("lang la xuyen lam nghe gi", "Xã Vũ Dương"), ("làng nghề thêu ở đâu", "Phú Nhai"),
        ("lang nao duc dong, lang nghe y", "Tống Xá")])
    def test_a_row_comes_with_source_and_date(self, chat, asked, said):
        found = chat.do(opendata.open_data, text=asked)
        assert said in found and "Nguồn: " in found and "29/11/2026" in found and "Hỏi thêm: " in found

    @pytest.mark.parametrize("asked", ["thủ tục công nhận làng nghề", "dang ky ho kinh doanh nghe moc la xuyen"])
    def test_who_wants_something_of_the_administration_gets_no_list_of_villages(self, chat, asked):
        assert "Khớp với câu hỏi" not in chat.do(opendata.open_data, text=asked) and not {"La Xuyên", "Phú Nhai"} & set(chat.titles)

    def test_several_rows_are_a_choice_and_a_button_opens_one(self, chat):
        said = chat.do(opendata.open_data, text="làng nghề ở Ý Yên")
        assert "Khớp với câu hỏi" in said and "Chưa kiểm chứng" in said
        assert chat.titles == ["La Xuyên", "Cát Đằng", "Tống Xá"]
        assert "sơn mài" in chat.tap(opendata.open_data, "Cát Đằng")

    def test_the_whole_table_and_what_is_not_in_any(self, chat):
        assert "Bạn muốn xem mục nào" in chat.do(opendata.open_data, text="tỉnh mình có làng nghề nào") and len(chat.titles) == 8
        assert "Hiện tôi tra được: Làng nghề" in chat.do(opendata.open_data, text="danh sách chợ đêm")
        assert "không còn trong bảng" in chat.do(opendata.open_data, value="lang-nghe|Không Có")
        assert "không còn trong bảng" in chat.do(opendata.open_data, value="khong-co|Phú Nhai")

    def test_a_table_that_was_taken_out_is_no_longer_told(self, app):
        assert app.opendata.table("lang-nghe")
        with app.database.write() as session:
            tables.end(session, HERE, tables.listed(session)[0].id, app.clock.forward(hours=1))
        with app.database.write() as session:
            assert "chưa có bảng" in Chat(app, session, talk_of(session)).do(opendata.open_data, text="làng La Xuyên làm nghề gì")


class TestCounting:
    """Every question of a citizen stands in the log once, whatever answered it."""

    def logged(self, chat):
        return [(row.decision, row.aspect, row.procedure_code, row.text) for row in chat.session.scalars(select(Asked).order_by(Asked.id))]

    @pytest.mark.parametrize(("act", "asked", "decision"), [
        (opendata.open_data, "làng La Xuyên làm nghề gì", "answer"), (opendata.open_data, "làng nghề ở Ý Yên", "answer"),
        (opendata.open_data, "danh sách chợ đêm", "none"), (procedures.answer_procedure, "Tống Xá bây giờ thế nào", "answer"),
        (talk.fallback, "Tống Xá bây giờ thế nào", "answer"), (talk.out_of_scope, "làng nghề thêu", "answer")])
    def test_a_typed_question_counts_once(self, chat, act, asked, decision):
        chat.do(act, text=asked)
        assert self.logged(chat) == [(decision, "data", None, None)]
        assert chat.session.scalar(select(Asked.first))

    def test_a_procedure_asked_for_here_counts_once_as_that(self, chat):
        chat.do(opendata.open_data, text="thủ tục đăng ký khai sinh")
        [(decision, aspect, code, _)] = self.logged(chat)
        assert (decision, aspect) == ("answer", "overview") and code

    def test_words_are_kept_with_consent_and_a_button_is_no_question(self, chat):
        people.give_consent(chat.session, chat.talk, "address", ["improve"], chat.clock())
        chat.do(opendata.open_data, text="làng nghề ở Ý Yên")
        chat.tap(opendata.open_data, "Cát Đằng")
        chat.do(opendata.open_data)
        assert self.logged(chat) == [("answer", "data", None, "làng nghề ở Ý Yên")]


class TestUnderOtherIntents:
    @pytest.mark.parametrize("act", [procedures.answer_procedure, talk.fallback, talk.out_of_scope])
    def test_a_name_of_a_row_is_answered_before_not_covered(self, chat, act):
        assert "đúc đồng" in chat.do(act, text="Tống Xá bây giờ thế nào")

    def test_a_table_s_own_words_are_enough_where_nothing_else_was_understood(self, chat):
        assert "Phú Nhai" in chat.do(talk.out_of_scope, text="làng nghề thêu")

    @pytest.mark.parametrize("asked", ["xin phép xây cầu phao ở Vị Khê", "đăng ký nuôi chim yến ở Vị Khê"])
    def test_a_name_that_is_a_commune_s_too_is_no_craft_village(self, chat, asked):
        assert "cây cảnh" not in chat.do(procedures.answer_procedure, text=asked)

    def test_a_procedure_goes_first(self, chat):
        assert "khai sinh" in chat.do(procedures.answer_procedure, text="làm giấy khai sinh cho con ở La Xuyên").lower()


class TestOffice:
    def save(self, chat, **changed):
        communes.save(chat.session, HERE, HOA_LU, replace(FORM, **changed), chat.clock())

    def test_nothing_unchecked_is_told(self, chat):
        assert "chưa có địa chỉ" in chat.do(places.office_contact, text="địa chỉ ubnd phường Hoa Lư")
        self.save(chat, address="", hours="", site="", source="", checked_on="")
        assert "chưa có địa chỉ" in chat.do(places.office_contact, text="địa chỉ ubnd phường Hoa Lư")

    def test_what_was_checked_is_told_with_source_date_and_what_is_missing(self, chat):
        self.save(chat)
        said = chat.do(places.office_contact, text="dia chi ubnd phuong hoa lu o dau")
        for words in ("Phường Hoa Lư", "Số 1 đường Một", "7:30", "https://hoalu.ninhbinh.gov.vn", "Chưa có trong dữ liệu: điện thoại",
                      "Nguồn: Trang của phường. Đối chiếu ngày 20/11/2026"):
            assert words in said

    def test_a_year_later_it_is_no_longer_told(self, chat):
        self.save(chat)
        chat.clock.forward(days=370)
        assert "chưa có địa chỉ" in chat.do(places.office_contact, text="giờ làm việc phường Hoa Lư")

    def test_without_a_name_it_is_the_citizen_s_own(self, chat):
        self.save(chat)
        assert "chưa có địa chỉ" in chat.do(places.office_contact, text="mấy giờ xã làm việc")
        chat.session.get_one(Citizen, chat.talk.citizen_id).commune = "Phường Hoa Lư"
        chat.session.flush()
        assert "7:30" in chat.do(places.office_contact, text="mấy giờ xã làm việc")

    def test_an_old_name_says_where_it_went_and_one_that_was_divided_asks(self, chat):
        self.save(chat)
        old = next(o["name"] for u in gazetteer._units() if u["code"] == HOA_LU for o in u["old"] if len(gazetteer.find(o["name"]).communes) == 1)
        assert f"{old} nay thuộc Phường Hoa Lư" in chat.do(places.office_contact, text=f"địa chỉ ubnd {old}")
        divided = next(o["name"] for u in gazetteer._units() for o in u["old"] if (n := gazetteer.find(f"ở {o['name']}")) and len(n.communes) > 1)
        assert "Bạn ở nơi nào" in chat.do(places.office_contact, text=f"địa chỉ ubnd {divided}")
