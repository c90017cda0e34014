"""Drills play as written: a fake message explains itself whatever is done, an incident counts points and hides nothing."""

import json
import re
from datetime import date, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.clock import local
from bot.learning import drill, drill_check
from bot.learning.drill import Exercise, IncidentDrill, ScamDrill
from tests.factories import HANOI, TUESDAY_TEN

DATES = {"checked_on": "2026-11-23", "review_by": "2027-03-01"}
SCAM = {
    "format": 1, "kind": "scam", "slug": "thu", "title": "Thử", **DATES,
    "sources": [{"id": "S", "title": "Báo", "grade": "B", "rows": ["scams K1"]}],
    "sender": "Số lạ", "message": "Bác bấm vào nhanlai.example để nhận tiền nhé.",
    "options": [{"text": "Bấm vào link", "outcome": "falls", "feedback": "Vì ai cũng muốn nhận tiền."},
                {"text": "Bỏ qua", "outcome": "safe", "feedback": "Không mất gì, vậy cũng được."},
                {"text": "Dừng, hỏi công an xã", "outcome": "best", "feedback": "Đúng, hỏi là chắc nhất."}],
    "signs": [{"text": "Có đường link lạ.", "source": ["S"]}, {"text": "Hứa cho tiền vô cớ.", "source": []}],
    "earnest": {"text": "Dừng lại và hỏi công an xã.", "source": ["S"]},
}
INCIDENT = {
    "format": 1, "kind": "incident", "slug": "su-co", "title": "Sự cố", "summary": "Một sự cố để thử.", **DATES,
    "opening": "Đây là buổi DIỄN TẬP ở một xã.", "minutes": 20, "closing": "Nhớ ba việc trên nhé.",
    "procedure": [{"id": "p1", "text": "Dừng tay và ghi giờ."}, {"id": "p2", "text": "Tách máy khỏi mạng."}, {"id": "p3", "text": "Báo người phụ trách."}],
    "injects": [
        {"id": "i1", "minute": 0, "title": "Một đây", "text": "Máy báo lỗi liên tục từ sáng.", "choices": [
            {"text": "Ghi giờ lại", "points": 10, "comment": "Giờ là chứng cứ đầu tiên.", "step": "p1"},
            {"text": "Bật lại máy", "points": 0, "comment": "Bật lại thì mất dấu vết.", "step": "p2"},
            {"text": "Chờ xem sao", "points": 3, "comment": "Chờ thì hại lan thêm.", "step": "p1"}]},
        {"id": "i2", "minute": 5, "title": "Hai đây", "text": "Máy bên cạnh cũng bắt đầu chậm.", "choices": [
            {"text": "Rút dây mạng", "points": 8, "comment": "Tách ra thì hết lan.", "step": "p2"},
            {"text": "Quét vi-rút", "points": 2, "comment": "Quét không kịp lan.", "step": "p2"},
            {"text": "Kệ nó", "points": 0, "comment": "Kệ thì lan hết cả.", "step": "p2"}]},
        {"id": "i3", "minute": 12, "title": "Ba đây", "text": "Đồng nghiệp hỏi giờ gọi ai.", "choices": [
            {"text": "Gọi người phụ trách", "points": 9, "comment": "Đúng người thì nhanh.", "step": "p3"},
            {"text": "Gọi cháu sửa máy", "points": 0, "comment": "Người lạ vào máy của dân.", "step": "p3"},
            {"text": "Nhắn nhóm chung", "points": 4, "comment": "Nhóm chung thì lan tin.", "step": "p3"}]}],
}


@pytest.fixture
def scam() -> ScamDrill:
    return drill.of(SCAM)


@pytest.fixture
def incident() -> IncidentDrill:
    return drill.of(INCIDENT)


def changed(base: dict, *path, value) -> dict:
    """A copy of the document with the value at the path."""
    if not path:
        return value
    head, *rest = path
    copy = list(base) if isinstance(base, list) else dict(base)
    copy[head] = changed(base[head] if rest else None, *rest, value=value)
    return copy


class TestTheMoment:
    @given(st.integers(0, 2**32), st.sampled_from([7, 14, 30]),
           st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(HANOI)))
    def test_it_lies_in_the_period_by_day_and_never_within_24_hours(self, seed, days, agreed):
        at = drill.moment(Random(seed), agreed, days)
        assert timedelta(hours=24) <= at - agreed < timedelta(days=days)
        assert 8 <= local(at).hour < 20

    def test_every_day_of_the_period_comes_up(self):
        found = {local(drill.moment(Random(seed), TUESDAY_TEN, 7)).date() for seed in range(300)}
        assert found == {date(2026, 11, 25) + timedelta(days=n) for n in range(7)}

    @given(st.integers(0, 2**32), st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(HANOI)))
    def test_put_off_is_soon_and_by_day(self, seed, now):
        at = drill.put_off(Random(seed), now)
        assert timedelta(0) < at - now <= timedelta(days=2) and drill.by_day(at)

    @pytest.mark.parametrize(("hour", "minute", "day"), [(7, 59, False), (8, 0, True), (19, 59, True), (20, 0, False), (2, 0, False)])
    def test_the_hours_by_day(self, hour, minute, day):
        assert drill.by_day(TUESDAY_TEN.replace(hour=hour, minute=minute)) is day


class TestTheFakeMessage:
    def test_it_looks_like_a_message_and_says_nothing_of_a_drill(self, scam):
        said = drill.fake(scam, 7)
        assert said.text == "📩 Số lạ\nBác bấm vào nhanlai.example để nhận tiền nhé."
        assert {title for title, _ in said.buttons} == {o.text for o in scam.options}
        assert all(scam.options[index].text == title for title, (_, _, index) in said.buttons)

    def test_its_choices_stay_in_one_order_and_differ_between_people(self, scam):
        orders = {tuple(t for t, _ in drill.fake(scam, seed).buttons) for seed in range(40)}
        assert drill.fake(scam, 3) == drill.fake(scam, 3) and len(orders) == 6

    @pytest.mark.parametrize("index", [0, 1, 2, None])
    def test_the_first_words_say_that_it_was_a_drill(self, scam, index):
        text = drill.reaction(scam, index).text
        assert text.startswith("Đây là tin DIỄN TẬP")
        assert (scam.options[index].feedback if index is not None else "không lưu lời bạn gõ") in text
        for told in (*(s.text for s in scam.signs), scam.earnest.text, "Nguồn: Báo. Đối chiếu ngày 23/11/2026."):
            assert told in text

    def test_unanswered_it_names_its_sender_and_says_the_same(self, scam):
        text = drill.reveal(scam).text
        assert text.startswith("Tin “Số lạ” gửi hôm trước là tin DIỄN TẬP") and scam.signs[0].text in text

    @pytest.mark.parametrize(("text", "index"), [
        ("bấm vào link", 0), ("Bam vao link", 0), ("dung, hoi cong an xa", 2), ("bỏ qua", 1), ("bo qua", 1),
        ("ủa tin gì vậy", None), ("dạ em chuyển rồi", None), ("123456", None), ("", None), ("🙂", None), ("không biết", None)])
    def test_typed_words_name_an_option_or_none(self, scam, text, index):
        assert drill.chosen_by(scam, 5, text) == index

    def test_a_typed_number_means_the_place_on_the_screen(self, scam):
        shown = [index for _, (_, _, index) in drill.fake(scam, 5).buttons]
        assert [drill.chosen_by(scam, 5, t) for t in ("1", "2", "c")] == shown


def through(incident: IncidentDrill, picks: list[int | None], quick: bool) -> tuple[drill.Exercise, tuple]:
    """Plays the picks, None for an inject left to its time; the exercise at the end and the debrief."""
    exercise = drill.begin(incident, 1, quick).exercise
    for step, pick in enumerate(picks):
        if pick is not None:
            outcome = drill.chosen(incident, exercise, step, pick)
            exercise = outcome.exercise
        if not quick or pick is None:
            outcome = drill.forward(incident, exercise)
            exercise = outcome.exercise
    assert outcome.ended
    return exercise, outcome.says


class TestTheIncident:
    def test_it_begins_with_the_story_and_the_first_inject(self, incident):
        begun = drill.begin(incident, 1, quick=False)
        assert begun.says[0].text == incident.opening
        assert "diễn biến 1/3 · phút 0" in begun.says[1].text
        assert [t for t, _ in begun.says[1].buttons] == ["A", "B", "C"]

    def test_letters_stand_for_the_texts_beside_them(self, incident):
        said = drill.begin(incident, 1, quick=False).says[1]
        for letter, (_, step, index) in said.buttons:
            assert f"{letter}. {incident.injects[step].choices[index].text}" in said.text

    @pytest.mark.parametrize("quick", [False, True])
    def test_who_chooses_the_best_every_time_has_every_point(self, incident, quick):
        exercise, says = through(incident, [0, 0, 0], quick)
        assert drill.score(incident, exercise) == incident.most == 27
        text = "\n".join(s.text for s in says)
        assert "Điểm: 27/27" in text and text.count("✅") == 3 and "🔸" not in text

    def test_a_choice_may_be_changed_until_the_next_inject(self, incident):
        exercise = drill.begin(incident, 1, quick=False).exercise
        for pick in (1, 2, 0):
            outcome = drill.chosen(incident, exercise, 0, pick)
            exercise = outcome.exercise
            assert "Đổi được cho tới khi có diễn biến mới" in outcome.says[0].text and not outcome.moved
        assert drill.forward(incident, exercise).exercise.choices == (0, None)

    def test_what_is_late_is_missed_and_cannot_be_made_up(self, incident):
        exercise = drill.forward(incident, drill.begin(incident, 1, quick=False).exercise).exercise
        late = drill.chosen(incident, exercise, 0, 0)
        assert late.exercise == exercise and "đã qua" in late.says[0].text
        exercise, says = through(incident, [None, 0, None], quick=False)
        assert (exercise.choices, drill.score(incident, exercise)) == ((None, 0, None), 8)
        assert "\n".join(s.text for s in says).count("▫️ Chưa kịp chọn") == 2

    def test_the_debrief_tells_choice_right_one_and_reason(self, incident):
        _, says = through(incident, [1, 2, 2], quick=True)
        text = "\n".join(s.text for s in says)
        for inject, pick in zip(incident.injects, (1, 2, 2), strict=True):
            mine, best = inject.choices[pick], inject.choices[0]
            assert f"🔸 Bạn chọn: {mine.text} ({mine.points}/{best.points} điểm). {mine.comment}" in text
            assert f"Đúng quy trình: {best.text}. {best.comment}" in text
        assert "Quy trình, bước 3: Báo người phụ trách." in text and incident.closing in text

    def test_quick_goes_on_with_the_answer(self, incident):
        outcome = drill.chosen(incident, drill.begin(incident, 1, quick=True).exercise, 0, 2)
        assert outcome.moved and outcome.exercise.step == 1 and "diễn biến 2/3 · phút 5" in outcome.says[0].text

    @pytest.mark.parametrize("text", ["A", "a", "câu a", "1", "dạ chọn A ạ"])
    def test_a_typed_letter_is_the_one_on_the_screen(self, incident, text):
        exercise = drill.begin(incident, 1, quick=False).exercise
        assert drill.typed(incident, exercise, text).exercise.choices == (drill.shown(incident, exercise)[0][0],)

    @pytest.mark.parametrize("text", ["làm giấy khai sinh", "gì vậy", "z", ""])
    def test_other_words_change_nothing_and_show_the_inject_again(self, incident, text):
        exercise = drill.begin(incident, 1, quick=False).exercise
        outcome = drill.typed(incident, exercise, text)
        assert outcome.exercise == exercise and outcome.says[0] == drill.inject(incident, exercise)

    @given(st.lists(st.one_of(st.none(), st.tuples(st.integers(-1, 4), st.integers(-1, 5)), st.text(max_size=12)), max_size=40), st.booleans())
    def test_any_inputs_leave_it_valid_and_the_clock_always_ends_it(self, inputs, quick):
        incident = drill.of(INCIDENT)
        exercise, ended = drill.begin(incident, 1, quick).exercise, False
        for one in inputs:
            if ended:
                break
            outcome = drill.forward(incident, exercise) if one is None else drill.typed(incident, exercise, one) \
                if isinstance(one, str) else drill.chosen(incident, exercise, *one)
            exercise, ended = outcome.exercise, outcome.ended
            assert outcome.says and len(exercise.choices) == exercise.step + 1 <= 3
            assert 0 <= drill.score(incident, exercise) <= incident.most
        while not ended:
            outcome = drill.forward(incident, exercise)
            exercise, ended = outcome.exercise, outcome.ended
        assert all(len(s.text) <= drill.MESSAGE_CHARACTERS for s in outcome.says)

    def test_a_long_debrief_is_packed_in_order_and_within_the_channel(self):
        parts = [f"{n}" * 700 for n in range(6)]
        assert drill.packed(parts) == ["\n\n".join(parts[n:n + 2]) for n in (0, 2, 4)]


class TestWhatIsRefused:
    @pytest.mark.parametrize(("path", "value", "said"), [
        (("options", 0, "outcome"), "safe", "outcome falls"),
        (("options", 2, "outcome"), "safe", "outcome best"),
        (("options", 0, "text"), "Một lựa chọn dài hơn ba mươi lăm ký tự", "at most 35"),
        (("review_by",), "2026-01-01", "review_by must be later"),
        (("signs",), [], "at least 2"),
    ])
    def test_a_fake_message(self, path, value, said):
        with pytest.raises(ValidationError, match=said):
            drill.of(changed(SCAM, *path, value=value))

    @pytest.mark.parametrize(("path", "value", "said"), [
        (("injects", 0, "minute"), 1, "first inject comes at minute 0"),
        (("injects", 2, "minute"), 5, "order of their minutes"),
        (("injects", 1, "id"), "i1", "used twice"),
        (("injects", 1, "choices", 0, "step"), "p9", "no step p9"),
        (("injects", 1, "choices", 1, "points"), 8, "most points alone"),
        (("injects", 1, "choices", 2, "points"), 1, "one must have 0"),
        (("minutes",), 12, "later than the last inject"),
        (("procedure", 0, "id"), "px", "no step p1"),
    ])
    def test_an_incident(self, path, value, said):
        with pytest.raises(ValidationError, match=said):
            drill.of(changed(INCIDENT, *path, value=value))

    def test_a_step_nobody_is_judged_by(self):
        steps = [*INCIDENT["procedure"], {"id": "p4", "text": "Một bước thừa ra."}]
        with pytest.raises(ValidationError, match="no choice is judged by the step p4"):
            drill.of(changed(INCIDENT, "procedure", value=steps))


TODAY = date(2026, 11, 24)


class TestTheCheck:
    def test_what_is_right_has_no_finding(self):
        assert drill_check.findings(drill.of(SCAM), (), TODAY) == [] == drill_check.findings(drill.of(INCIDENT), (), TODAY)

    @pytest.mark.parametrize(("path", "value", "loc", "said"), [
        (("message",), "Bác bấm vào ngay vneid-capnhat.com để nhận.", ("message",), "end it in .example"),
        (("sender",), "nganhang.vn", ("sender",), "end it in .example"),
        (("message",), "Bác gọi ngay 0912 345 678 để nhận tiền nhé.", ("message",), "number to call"),
        (("earnest", "text"), "Dừng lại và gọi ngay số 113.", ("earnest", "text"), "number to call"),
        (("signs", 0, "text"), "Thẻ 0123 4567 8901 2345 ở đây.", ("signs", 0, "text"), "number of a person"),
        (("signs", 0, "text"), "một " * 16 + "câu.", ("signs", 0, "text"), "a sentence of 17 words"),
        (("options", 0, "feedback"), "Sai rồi nhé.", ("options",), "explains nothing"),
        (("options", 1, "feedback"), "Vì ai cũng muốn nhận tiền.", ("options",), "same feedback"),
        (("options", 1, "text"), "bấm vào LINK", ("options",), "same words"),
        (("signs", 1, "source"), ["X"], ("signs", 1, "source", 0), "does not list"),
        (("sources", 0, "rows"), [], ("sources", 0), "nobody can look it up"),
        (("review_by",), "2026-11-23", ("review_by",), "was due"),
    ])
    def test_a_defect_of_a_fake_message_is_named_with_its_place(self, path, value, loc, said):
        made = changed(SCAM, *path, value=value)
        if path == ("review_by",):
            made = changed(made, "checked_on", value="2026-11-01")
        (found,) = drill_check.findings(drill.of(made), (), TODAY)
        assert found.loc == loc and said in found.message

    def test_a_source_nobody_names_is_told(self):
        more = [*SCAM["sources"], {"id": "T", "title": "Khác", "grade": "B", "rows": ["x"]}]
        (found,) = drill_check.findings(drill.of(changed(SCAM, "sources", value=more)), (), TODAY)
        assert found.loc == ("sources", 1, "id") and "not named anywhere" in found.message

    def test_an_unverified_claim_is_told(self):
        claim = drill_check.Claim(re.compile(r"\bcong an xa\b"), "chưa xác minh")
        found = drill_check.findings(drill.of(SCAM), (claim,), TODAY)
        assert {f.loc for f in found} == {("options", 2, "text"), ("earnest", "text")}

    def test_staff_may_read_longer_sentences_than_citizens(self):
        made = changed(INCIDENT, "closing", value="một " * 20 + "câu.")
        assert drill_check.findings(drill.of(made), (), TODAY) == []
        (found,) = drill_check.findings(drill.of(changed(INCIDENT, "closing", value="một " * 26 + "câu.")), (), TODAY)
        assert found.loc == ("closing",)


def test_the_state_survives_as_columns(incident):
    exercise = drill.chosen(incident, drill.begin(incident, 9, quick=False).exercise, 0, 1).exercise
    again = Exercise(seed=9, step=exercise.step, choices=tuple(json.loads(json.dumps(exercise.choices))))
    assert drill.forward(incident, again) == drill.forward(incident, exercise)
