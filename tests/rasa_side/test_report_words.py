"""Words typed while a trick is being reported, as the last component of the pipeline reads them."""

import pytest

from bot.rasa_glue.context import read


def intent(text, step, name="out_of_scope", confidence=0.5):
    found = {"name": name, "confidence": confidence}
    return read(text, found, [found], {"kind": "report", "step": step, "on_screen": False})


@pytest.mark.parametrize("step, text", [
    ("trick", "giả công an"), ("trick", "trung thuong"), ("channel", "nó gọi"), ("channel", "qua zalo"), ("indicator", "0912 345 678"),
    ("indicator", "evn-hoantien.xyz"), ("indicator", "[số tài khoản]"), ("loss", "mất 20 triệu"), ("loss", "chưa mất gì"), ("happened", "hôm qua"),
    ("happened", "20/11"), ("confirm", "gửi đi"), ("confirm", "thôi"), ("place", "Nam Trực"), ("place", "tôi ở thôn 2, xã nam truc"),
    ("place", "xã Bến Lạ"), ("place", "ở xã nam truc huyện Nam Trực cũ"), ("place", "bỏ qua"),
    ("place", "gửi đi"), ("place", "thôi"), ("trick", "bỏ qua"), ("indicator", "không có"), ("loss", "thôi không báo nữa")])
@pytest.mark.parametrize("name", ["out_of_scope", "deny", "stop_lesson", "affirm", "check_suspicious"])
def test_an_answer_is_an_answer_whatever_else_it_might_be(step, text, name):
    assert intent(text, step, name, 0.9) == "report_answer"


@pytest.mark.parametrize("step", ["trick", "channel", "indicator", "happened", "place", "confirm"])
@pytest.mark.parametrize("text", ["tôi vừa chuyển 20 triệu cho kẻ lừa", "lỡ đọc mã otp cho nó rồi mất hết tiền"])
def test_an_emergency_comes_before_any_report(text, step):
    assert intent(text, step) == "scam_emergency"


@pytest.mark.parametrize("step", ["channel", "indicator", "loss", "happened", "place", "confirm"])
def test_another_subject_is_another_subject(step):
    assert intent("làm giấy khai sinh cho con ở đâu", step, "ask_place", 0.9) == "ask_place"


@pytest.mark.parametrize("text, name, found", [
    ("đăng ký khai sinh ở xã Nam Trực", "ask_procedure", "ask_procedure"), ("công an xã Nam Trực ở đâu", "ask_office_contact", "ask_office_contact"),
    ("đổi xã sang Nam Trực", "set_commune", "set_commune"), ("chào bạn", "greet", "greet"), ("Bến Lạ", "nlu_fallback", "report_answer"),
    ("bác ở nam trưc", "set_commune", "report_answer"),
    ("dạ nhà em ở thôn 5 xã Nam Trực, gần chợ ạ", "set_commune", "report_answer")])
def test_the_place_of_a_report_is_what_is_typed_there(text, name, found):
    assert intent(text, "place", name, 0.8) == found


@pytest.mark.parametrize("text, name, confidence, found", [
    ("evn-hoantien.xyz", "out_of_scope", 0.5, "check_suspicious"), ("0912345678", "nlu_fallback", 0.3, "check_suspicious"),
    ("Chúc mừng quý khách đã được chọn nhận một phần quà nhân dịp sinh nhật siêu thị vui lòng liên hệ", "give_feedback", 0.4, "check_suspicious"),
    ("lệ phí làm hộ chiếu", "ask_fee", 0.9, "ask_fee"), ("hồ sơ H40-251120-0007", "check_dossier", 0.9, "check_dossier")])
def test_what_is_shown_to_be_judged(text, name, confidence, found):
    assert intent(text, "suspect", name, confidence) == found
