"""What can be said of an incident, as citizens read it on buttons and staff in tables.

The kinds of tricks group the 24 forms and the scripts K1 to K12 of curriculum/scams.md (2 and 3, grade B): the numbers beside.
"""

TRICKS = {
    "police": "Giả công an, tòa án",  # 14, K1, K12
    "gov_app": "Giả VNeID, cơ quan, cán bộ",  # 9, K1 to K4
    "bank": "Giả ngân hàng, nhà mạng",  # 3, 10, K5, K6
    "shipper": "Giả shipper, bán hàng, đặt cọc",  # 1, 4, 15, K9, K10
    "prize": "Trúng thưởng, tặng quà",  # K4, K7
    "invest": "Đầu tư, tiền ảo, số đề",  # 8, 11, 24
    "job": "Việc nhẹ lương cao",  # 6, 12
    "account": "Giả người quen, chiếm nick",  # 2, 5, 13, 19
    "loan": "Cho vay, chuyển nhầm tiền",  # 7, 16, 17
    "love": "Kết bạn, tình cảm",  # 22, K8
    "recover": "Hứa lấy lại tiền",  # 18, 21
    "rumour": "Tin đồn, tin giả",  # 20
    "other": "Kiểu khác",
}
FIRST_TRICKS = ("police", "gov_app", "bank", "shipper", "prize", "invest")
"""Shown first: the commonest by the survey of 2025 and this year's scripts; the others one tap further."""

CHANNELS = {"call": "Gọi điện", "sms": "Tin nhắn SMS", "zalo": "Zalo", "facebook": "Facebook", "telegram": "Telegram", "web": "Trang web, ứng dụng",
            "face": "Gặp trực tiếp"}
LOSSES = {"none": "Chưa mất tiền", "under2": "Dưới 2 triệu", "2to10": "2 đến 10 triệu", "10to50": "10 đến 50 triệu", "over50": "Trên 50 triệu",
          "unsaid": "Không muốn nói"}
HAPPENED = {"today": "Hôm nay", "yesterday": "Hôm qua", "week": "Trong tuần qua", "month": "Trong tháng qua", "older": "Lâu hơn"}
INDICATORS = {"phone": "Số điện thoại", "host": "Tên miền", "link": "Đường link", "account": "Số tài khoản"}
SOURCES = {"report": "Tin báo", "question": "Câu hỏi"}

STEPS = ("trick", "channel", "indicator", "loss", "happened", "place", "confirm")
"""In the order in which they are asked. place: the commune where it happened, by the code of its unit; always free to leave out."""
CHOICES = {"trick": TRICKS, "channel": CHANNELS, "loss": LOSSES, "happened": HAPPENED}
SKIP, STOP, SEND, MORE, CLEAR = "skip", "stop", "send", "more", "clear"
"""Values of buttons beside the choices."""
