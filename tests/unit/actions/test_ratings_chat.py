"""Ratings in the chat: what they are about, five buttons, stars in words, once each, tied to nobody."""

import pytest
from sqlalchemy import select

from actions import learning, ratings, talk
from bot.app import App
from bot.config import Settings
from bot.services import catalogue, people
from bot.services.people import Citizen
from bot.store.tables import Rating
from tests.databases import sqlite_at
from tests.factories import ROOT, TUESDAY_TEN, FrozenClock, talk_of
from tests.small_course import RIGHT, publish, small
from tests.unit.actions.test_learning_view import Chat

BIRTH = "1.001193"


@pytest.fixture
def chat(tmp_path):
    """A citizen of Hoa Lư with the shipped procedures and one course."""
    database = sqlite_at(tmp_path / "bot.db")
    app = App(Settings(_env_file=None, database_url=database.url), database, FrozenClock())
    with database.write() as session:
        catalogue.publish_curated(session, ROOT / "procedures", TUESDAY_TEN)
        publish(session, tmp_path / "courses", small(title="Ai đang gọi?"))
    app.catalogue.refresh()
    with database.write() as session:
        citizen = talk_of(session, consent=("learning",), channel="telegram")
        session.get_one(Citizen, citizen.citizen_id).commune = "Phường Hoa Lư"
        yield Chat(app, session, citizen)
    database.close()


def stored(chat) -> list[tuple]:
    return [(r.about, r.key, r.score, r.channel, r.commune) for r in chat.session.scalars(select(Rating).order_by(Rating.id))]


def learn_a_lesson(chat) -> None:
    """To the end of the first lesson, everything right."""
    chat.do(learning.start_course, value="khoa-nho")
    while "Đánh giá" not in chat.titles:
        asked = chat.last[-1].text
        answer = RIGHT if "Bác làm gì" in asked else "OTP" if "Mã chỉ mình biết" in asked else ""
        chat.do(learning.lesson_answer if answer else learning.next_step, answer)


class TestAnswers:
    @pytest.fixture
    def answered(self, chat):
        chat.slots["procedure"] = BIRTH
        return chat

    def test_five_buttons_ask_how_content_one_is_with_the_answer(self, answered):
        assert "khai sinh" in answered.do(ratings.rate_service, "câu trả lời tốt")
        assert [t[0] for t in answered.titles] == list("12345")
        assert "không ghi ai đã chấm" in answered.last[0].text and stored(answered) == []

    def test_a_button_counts_with_channel_and_commune_and_no_name(self, answered):
        answered.do(ratings.rate_service, "đánh giá")
        assert "4 điểm" in answered.tap(ratings.rate_service, "4")
        assert stored(answered) == [("answer", BIRTH, 4, "telegram", "Phường Hoa Lư")]

    @pytest.mark.parametrize(("said", "score"), [
        ("cho 5 sao", 5), ("bot nay xai duoc do, cho 4/5", 4), ("1 sao thoi cham qua", 1), ("bình thường, cho ba sao", 3), ("vote 5* nhé ad", 5)])
    def test_stars_in_words_count_at_once(self, answered, said, score):
        answered.do(ratings.rate_service, said)
        assert stored(answered) == [("answer", BIRTH, score, "telegram", "Phường Hoa Lư")]

    @pytest.mark.parametrize("said", ["tôi chấm bot 9 điểm", "hài lòng", "tệ, 2 điểm", "cho 4 hay 5 sao? cho 3 sao vậy, à 5 sao"])
    def test_points_of_ten_and_vague_words_are_asked_about(self, answered, said):
        answered.do(ratings.rate_service, said)
        assert stored(answered) == [] and len(answered.titles) == 5

    def test_the_same_thing_counts_once(self, answered):
        for said in ("5 sao", "1 sao"):
            answered.do(ratings.rate_service, said)
        assert [score for _, _, score, *_ in stored(answered)] == [5] and "một lần" in answered.last[0].text

    @pytest.mark.parametrize(("said", "consent", "kept"), [
        ("1 sao thôi, thiếu trường hợp mẹ đơn thân", True, "1 sao thôi, thiếu trường hợp mẹ đơn thân"), ("1 sao thôi, thiếu", False, None),
        ("5 sao, quá tốt", True, None)])
    def test_words_are_kept_with_a_low_score_and_consent_alone(self, answered, said, consent, kept):
        if consent:
            people.give_consent(answered.session, answered.talk, "address", ["improve"], TUESDAY_TEN)
        answered.do(ratings.rate_service, said)
        assert [row.text for row in answered.session.scalars(select(Rating))] == [kept]

    def test_a_low_score_offers_a_person(self, answered):
        answered.do(ratings.rate_service, "1 sao")
        assert "/request_human" in [p for _, p in answered.last[0].buttons]

    def test_thanks_offer_a_rating_until_it_was_given(self, answered):
        answered.do(talk.thank)
        assert answered.titles == ["Đánh giá"]
        answered.do(ratings.rate_service, "5 sao")
        answered.do(talk.thank)
        assert answered.titles == []

    @pytest.mark.parametrize("value", ["answer|x|9", "staff|x|3", "answer|x|", "||", "lesson|"])
    def test_a_value_that_is_none_of_ours_counts_nothing(self, answered, value):
        answered.do(ratings.rate_service, value=value)
        assert stored(answered) == []


class TestOtherThings:
    def test_without_anything_under_discussion_the_talk_is_rated_and_thanks_offer_nothing(self, chat):
        chat.do(talk.thank)
        assert chat.titles == []
        chat.do(ratings.rate_service, "5 sao")
        assert stored(chat) == [("chat", "", 5, "telegram", "Phường Hoa Lư")]

    @pytest.mark.parametrize("said", [
        "đánh giá cán bộ tiếp tôi sáng nay", "khong hai long voi cach phuc vu o bo phan mot cua", "toi muon cham diem cho chi o quay so 3"])
    def test_people_at_counters_are_no_matter_of_stars(self, chat, said):
        chat.do(ratings.rate_service, said)
        assert stored(chat) == [] and chat.last[0].buttons == (("Gửi phản ánh", "/give_feedback"),)

    def test_the_end_of_a_lesson_offers_a_rating_of_its_course(self, chat):
        learn_a_lesson(chat)
        assert "Ai đang gọi?" in chat.tap(ratings.rate_service, "Đánh giá")
        chat.tap(ratings.rate_service, "5")
        assert stored(chat) == [("lesson", "khoa-nho", 5, "telegram", "Phường Hoa Lư")]

    def test_a_lesson_of_long_ago_is_not_what_stars_are_for(self, chat):
        learn_a_lesson(chat)
        chat.clock.forward(hours=2)
        chat.talk.lesson_on_screen = False
        chat.slots["procedure"] = BIRTH
        chat.do(ratings.rate_service, "5 sao")
        assert stored(chat)[0][:2] == ("answer", BIRTH)
