"""What the engine says between the course's own words."""

MY_RESULTS = "Kết quả của tôi"
CERTIFICATE = "Nhận chứng nhận"
AFTER_COURSE = ((CERTIFICATE, "certificate"), (MY_RESULTS, "progress"))
DONE = "Xong"
RESET = "Chọn lại"
HUMAN = "Gặp người hỗ trợ"
QUESTION = "❓"
CARD_BUTTONS = (("Tiếp", "next"), ("Dừng", "stop"))
GO_ON = (("Bắt đầu bài", "next"), ("Dừng ở đây", "stop"))

TEST_FIRST = "Thử sức trước ({count} câu)"
SKIP_TEST = "Bỏ qua phần này"
TEST_BEFORE = "Thử sức trước khi học nhé. Chưa biết cũng không sao, học xong mình làm lại để xem tiến bộ."
TEST_BEFORE_DONE = "Cảm ơn, phần thử sức xong rồi. Giờ mình vào bài."
TEST_AFTER = "Hết các bài rồi. Còn {count} câu cuối, để xem mình vững đến đâu."
TEST_PLACE = "Câu thử sức {number}/{total}"
NOTED = "Đã ghi."
GAIN = "Phần thử sức: lúc đầu đúng {before}/{total}, giờ đúng {after}/{total}."
EASIER = "Mình thử một câu dễ hơn cho rõ ý nhé."

NEXT_LESSON = "Bài {number}/{total}: {title}\n{goal}\nKhoảng {minutes} phút. Dừng lúc nào cũng được."
ANSWER_FIRST = "Trả lời câu này đã nhé. Chưa rõ thì gõ “không biết”."
UNREADABLE = "Tôi chưa đọc được câu trả lời này."
WHICH_REASON = "Vì lý do nào ạ?"
OLD_BUTTON = "Nút đó của câu trước rồi. Câu đang hỏi là:"
SO_FAR = "Đã chọn: {letters}. Chọn tiếp nhé."
RIGHT = "✅"
NOT_YET = "🔸 Chưa đúng."
GAVE_UP = "Không sao. Câu trả lời là: {solution}. Lát nữa mình làm lại."
SOLUTION = "Câu trả lời là: {solution}. Nếu còn vướng, hỏi người hỗ trợ ở xã, phường."
AGAIN = "Sắp xong bài. Mình làm lại {count} câu lúc nãy chưa đúng nhé."
LESSON_DONE = "🎉 Xong bài {number}: đúng {right}/{total} câu.\nĐiều cần nhớ: {remember}"
COURSE_DONE = "🎓 Đã hoàn thành khoá “{title}”: đúng {right}/{total} câu, {score} %."
RETAKE = "Hiện đúng {score} %, cần {needed} % để hoàn thành khoá. Làm lại {count} câu chưa vững, không vội."
FINISHED_ALREADY = "Khoá “{title}” đã hoàn thành."

REVISION = "🔁 Ôn tập"
REVISION_DONE = "🔁 Ôn xong: nhớ {right}/{total} câu ngay lần đầu."
ENOUGH = "Thôi, để sau"


def place(lesson: int, at: int, steps: int) -> str:
    """Where in the course: "Bài 2 · 3/8"; both arguments 0-based."""
    return f"Bài {lesson + 1} · {at + 1}/{steps}"
