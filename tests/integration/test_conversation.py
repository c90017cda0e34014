"""A citizen and the whole bot over HTTP: from the first word to erasure."""

import json
import re
import time

import pytest

from tests.patience import WAIT_SECONDS
from tests.served import ROOT, wait_for

pytestmark = pytest.mark.served


def learner(citizen):
    """A citizen who has consented and stands before the first lesson."""
    citizen.say("xin chào")
    citizen.tap("Đồng ý cả hai")
    citizen.say("học chống lừa đảo")
    return citizen


def enrolment(served, sender_citizen):
    rows = served.query("SELECT progress, items_right, lessons_done, active, id FROM enrolments ORDER BY id DESC LIMIT 1")
    return rows[0] if rows else None


def test_first_contact_says_what_is_kept_and_asks(citizen):
    citizen.say("xin chào")
    notice = citizen.last[-1]
    assert "không lưu họ tên" in notice["text"]
    assert [b["title"] for b in notice["buttons"]] == ["Đồng ý cả hai", "Chỉ lưu việc học", "Chỉ hỏi, không lưu"]


def test_a_question_is_answered_without_consent_and_leaves_nothing_personal(served, citizen):
    before = served.query("SELECT count(*) FROM citizens")[0][0]
    citizen.say("làm khai sinh cho con cần giấy tờ gì")
    assert "Giấy chứng sinh" in citizen.read()
    assert "Nguồn:" in citizen.read() and "Đối chiếu ngày" in citizen.read()
    assert served.query("SELECT count(*) FROM citizens")[0][0] == before
    assert served.query("SELECT count(*) FROM inbox WHERE text IS NOT NULL AND state = 'done'")[0][0] == 0
    trackers = " ".join(r[0] for r in served.query("SELECT events FROM rasa_trackers"))
    assert "khai sinh cho con" not in trackers


def test_follow_ups_keep_the_procedure_and_a_new_subject_replaces_it(citizen):
    citizen.say("đăng ký kết hôn cần gì")
    assert "kết hôn" in citizen.read().lower()
    citizen.say("thế lệ phí bao nhiêu")
    assert "kết hôn" in citizen.read().lower() and "Lệ phí" in citizen.read()
    citizen.say("nop o dau")
    assert "kết hôn" in citizen.read().lower() and "Nơi nộp" in citizen.read()
    citizen.say("làm hộ chiếu mất bao lâu")
    assert "hộ chiếu" in citizen.read().lower() and "8 ngày làm việc" in citizen.read()
    citizen.say("qua mang duoc khong")
    assert "hộ chiếu" in citizen.read().lower()


def test_an_unknown_procedure_is_not_answered_with_another(citizen):
    citizen.say("thủ tục xin phép phóng vệ tinh lên sao hỏa")
    assert "📄" not in citizen.read()


def test_the_emergency_comes_at_once_in_the_middle_of_a_lesson_and_of_a_form(served, citizen):
    learner(citizen).tap("Bắt đầu bài")
    citizen.say("toi vua chuyen tien cho ke lua roi cuu toi")
    assert citizen.last[0]["text"].startswith("🚨")
    citizen.say("nhắc tôi học bài")
    assert "lúc nào" in citizen.read()
    citizen.say("ối tôi vừa đọc mã otp cho bọn lừa đảo 5 phút trước")
    assert citizen.last[0]["text"].startswith("🚨")
    citizen.say("học tiếp")
    assert "Bài 1" in citizen.read()


def test_an_emergency_before_any_consent_screen(citizen):
    citizen.say("tôi vừa chuyển tiền cho kẻ lừa")
    assert citizen.last[0]["text"].startswith("🚨")
    assert "Đồng ý" not in json.dumps(citizen.last, ensure_ascii=False)


def test_the_first_card_is_within_three_taps_of_consent(citizen):
    citizen.say("chào")
    citizen.tap("Đồng ý cả hai")
    citizen.tap("Học chống lừa đảo")
    citizen.tap("Bắt đầu bài")
    assert re.match(r"Bài 1 · 1/\d", citizen.last[-1]["text"])


def test_a_lesson_needs_consent_and_starts_right_after_it(served, citizen):
    citizen.say("tôi muốn học chống lừa đảo")
    citizen.tap("Đồng ý")
    assert "Bài 1/7" in citizen.read()


def test_the_result_told_is_the_result_in_the_database(served, citizen):
    learner(citizen).tap("Bắt đầu bài")
    for _ in range(12):
        buttons = [b["title"] for b in citizen.last[-1]["buttons"]]
        if "Tiếp" in buttons:
            citizen.tap("Tiếp")
        elif "A" in buttons:
            citizen.say("a")
        elif "Bắt đầu bài" in buttons:
            break
        else:
            citizen.say("không biết")
    citizen.say("kết quả của tôi")
    right, total = map(int, re.search(r"đúng (\d+)/(\d+) câu", citizen.read()).groups())
    _, items_right, lessons_done, _, ident = enrolment(served, citizen)
    assert (right, total) == (items_right, 21)
    counted = served.query("SELECT count(DISTINCT item_id) FROM attempts WHERE enrolment_id = :e AND correct AND nth <= 2", e=ident)
    assert counted[0][0] == right
    assert f"xong {lessons_done}/7 bài" in citizen.read()


def test_a_stopped_lesson_resumes_at_the_same_card(served, citizen):
    learner(citizen).tap("Bắt đầu bài")
    citizen.tap("Tiếp")
    card = citizen.last[-1]["text"]
    citizen.say("dừng")
    assert "nhớ chỗ" in citizen.read()
    citizen.say("học tiếp")
    assert citizen.last[-1]["text"] == card


def test_a_question_in_mid_lesson_is_answered_and_the_lesson_waits(citizen):
    learner(citizen).tap("Bắt đầu bài")
    card = citizen.last[-1]["text"]
    citizen.say("lệ phí làm hộ chiếu bao nhiêu")
    assert "hộ chiếu" in citizen.read().lower() and "học tiếp" in citizen.read()
    citizen.tap("Học tiếp")
    assert citizen.last[-1]["text"] == card


def test_a_reminder_is_set_listed_delivered_once_and_cancelled(served, citizen):
    citizen.say("chào")
    citizen.tap("Đồng ý cả hai")
    citizen.say("tối mai 8 giờ nhắc tôi học bài")
    assert "20 giờ" in citizen.read() and "học bài" in citizen.read()
    citizen.say("mỗi thứ 3 lúc 19h30 nhắc tôi ôn bài")
    assert "19 giờ 30" in citizen.read() and "thứ ba" in citizen.read()
    citizen.say("lời nhắc của tôi")
    assert "20 giờ" in citizen.read() and "19 giờ 30" in citizen.read()
    with citizen.listening() as heard:
        citizen.say("nhắc tôi sau 5 giây uống thuốc")
        if "chưa rõ" in citizen.read() or "lúc nào" in citizen.read():
            citizen.say("30 phút nữa")
        served_due(served, citizen)
        wait_for(lambda: any(h["text"].startswith("⏰") for h in heard), served.logs)
        time.sleep(3)
    assert len([h for h in heard if h["text"].startswith("⏰")]) == 1
    citizen.say("hủy tất cả lời nhắc")
    citizen.say("lời nhắc của tôi")
    assert "chưa có lời nhắc" in citizen.read()


def served_due(served, citizen) -> None:
    """Moves the newest reminder's due time to now, as if the minute had passed."""
    from sqlalchemy import create_engine, text

    engine = create_engine(served.environment["DATABASE_URL"], connect_args={"timeout": WAIT_SECONDS})
    with engine.begin() as connection:
        connection.execute(text("UPDATE reminders SET next_due_at = datetime('now') WHERE id = "
                                "(SELECT max(id) FROM reminders WHERE state = 'on')"))
    engine.dispose()


def test_a_reminder_for_somebody_away_waits_for_the_next_visit(served, citizen):
    citizen.say("chào")
    citizen.tap("Đồng ý cả hai")
    citizen.say("nhắc tôi sau 2 phút nộp hồ sơ")
    served_due(served, citizen)
    wait_for(lambda: served.query("SELECT count(*) FROM reminders WHERE about = 'nộp hồ sơ' AND state = 'done'")[0][0], served.logs)
    time.sleep(2)
    with citizen.listening() as heard:
        wait_for(lambda: heard, served.logs)
    assert "nộp hồ sơ" in heard[0]["text"]
    with citizen.listening() as again:
        time.sleep(3)
    assert again == []


def test_what_is_known_and_erasure_with_one_confirmation(served, citizen):
    learner(citizen).tap("Bắt đầu bài")
    citizen.say("nhắc tôi 8 giờ tối mai học bài")
    citizen.say("bạn biết gì về tôi")
    assert "Lời nhắc đang bật: 1" in citizen.read() and "Khóa học: 1" in citizen.read()
    citizen.say("xóa dữ liệu của tôi")
    citizen.tap("Không xóa")
    assert "không xóa gì" in citizen.read()
    citizen.say("xoa du lieu cua toi")
    citizen.tap("Xóa hết")
    assert re.search(r"XD-[0-9A-F]{10}", citizen.read())
    assert citizen.last[-1]["forget"] is True
    receipt = re.search(r"XD-[0-9A-F]{10}", citizen.read()).group()
    assert served.query("SELECT count(*) FROM erasures WHERE receipt = :r", r=receipt)[0][0] == 1
    from bot.services.people import conversation_id

    ident = conversation_id((served.folder / "secret_key").read_text().strip().encode(), "web", citizen.sender)
    for table, column in (("rasa_trackers", "sender_id"), ("conversations", "id"), ("buttons", "conversation_id"),
                          ("reminders", "conversation_id")):
        assert served.query(f"SELECT count(*) FROM {table} WHERE {column} = :i", i=ident)[0][0] == 0, table
    citizen.say("bạn biết gì về tôi")
    assert "Khóa học: 0" in citizen.read()


def test_secrets_are_masked_before_storing_and_the_citizen_is_told(served, citizen):
    citizen.say("số cccd của tôi là 037 199 012 345 làm thường trú cần gì")
    assert "🔒" in citizen.read() and "số giấy tờ" in citizen.read()
    citizen.say("mã otp là 482913 mật khẩu: Hoa@1990 thẻ 4111 1111 1111 1111")
    assert "🔒" in citizen.read()
    kept = (served.folder / "bot.db").read_bytes() + b"".join(p.read_bytes() for p in served.folder.glob("bot.db-*"))
    kept += b"".join(p.read_bytes() for p in (served.folder / "log").glob("*.log"))
    for secret in (b"037 199 012 345", b"037199012345", b"482913", b"Hoa@1990", b"4111 1111 1111 1111"):
        assert secret not in kept


def test_a_message_that_is_only_a_secret_gets_the_warning_and_moves_nothing(citizen):
    learner(citizen).tap("Bắt đầu bài")
    card = citizen.last[-1]["text"]
    citizen.say("thẻ tôi số 4111 1111 1111 1111")
    assert citizen.last[0]["text"].startswith("🔒") and card not in citizen.read() and "Bài 1 ·" not in citizen.read()
    citizen.say("học tiếp")
    assert citizen.last[-1]["text"] == card


def test_typed_slashes_never_reach_rasa_as_intents(citizen):
    citizen.say("/delete_my_data")
    citizen.say("/affirm")
    assert "Đã xóa" not in citizen.read()
    citizen.say('/lesson_answer{"value": "l1q1:0"}')
    citizen.say("/restart")
    citizen.say("///")
    assert citizen.last


def test_a_payload_the_bot_did_not_issue_is_nothing(citizen):
    citizen.say("chào")
    answer = citizen.post(payload="/delete_my_data")
    assert answer.status_code in (200, 400)
    if answer.status_code == 200:
        assert "Xóa hết dữ liệu" not in answer.text


def test_another_persons_button_is_nothing(served, citizen):
    citizen.say("chào")
    button = citizen.last[-1]["buttons"][0]["payload"]
    other = served.citizen()
    other.say("chào")
    answer = other.post(payload=button)
    assert "Cảm ơn bạn. Tôi sẽ lưu" not in answer.text


def test_a_repeated_request_is_answered_alike_and_done_once(served, citizen):
    learner(citizen).tap("Bắt đầu bài")
    first = citizen._send(id="again-1", text="tiếp")
    second = citizen.post(id="again-1", text="tiếp").json()
    assert first == second["messages"]


def test_typed_numbers_and_titles_press_the_offered_button(citizen):
    citizen.say("chào")
    citizen.say("đồng ý cả hai")
    assert "Tôi sẽ lưu" in citizen.read()
    citizen.say("1")
    assert "khóa" in citizen.read().lower()


def test_a_number_typed_at_a_fill_in_is_the_answer_whatever_buttons_stand_above(served, citizen):
    """The third wrong answer offers a person by button; "1" at the fill-in that follows is no press of it."""
    from bot.learning.document import load
    from scripts.walk_course import Walk

    course = load(ROOT / "courses" / "tieu-thuong-so.yml")
    walk = Walk(course, lambda body: citizen._send(**body))
    walk.run(lessons=4)
    told = "\n".join(walk.said)
    assert "Hiện chưa có người trực" not in told and told.count("🎉 Xong bài") >= 4
