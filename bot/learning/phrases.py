"""What the engine says between the course's own words."""

MY_RESULTS = "Kết quả của tôi"
DONE = "Xong"
RESET = "Chọn lại"
HUMAN = "Gặp người hỗ trợ"
QUESTION = "❓"
CARD_BUTTONS = (("Tiếp", "next"), ("Dừng", "stop"))
GO_ON = (("Bắt đầu bài", "next"), ("Dừng ở đây", "stop"))

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


def place(lesson: int, at: int, steps: int) -> str:
    """Where in the course: "Bài 2 · 3/8"; both arguments 0-based."""
    return f"Bài {lesson + 1} · {at + 1}/{steps}"
