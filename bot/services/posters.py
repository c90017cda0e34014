"""Posters with a QR code, one page, A4 or A5: for the counter of a commune, or for a course."""

import io
from typing import Literal

import segno
from fpdf.enums import XPos, YPos

from bot.learning.paper import ACCENT, INK, SOFT, line, page

Size = Literal["a4", "a5"]
WIDTHS = {"a4": (210, 297), "a5": (148, 210)}
"""Millimetres, upright."""


def draw(size: Size, head: str, title: str, lines: list[str], address: str, foot: str) -> bytes:
    """The poster as PDF. head: who invites; title: to what; lines: what it is good for, short; address: what the code opens, printed beneath it."""
    width, height = WIDTHS[size]
    scale = width / 210
    pdf = page()
    pdf.set_auto_page_break(False)
    pdf.set_lang("vi")
    pdf.set_title(title)
    pdf.set_margins(16 * scale, 14 * scale, 16 * scale)
    pdf.add_page(format=(width, height))
    pdf.set_draw_color(*ACCENT)
    pdf.set_line_width(1.2 * scale)
    pdf.rect(7 * scale, 7 * scale, width - 14 * scale, height - 14 * scale)
    pdf.set_y(18 * scale)
    line(pdf, head, 17 * scale, colour=SOFT)
    pdf.ln(3 * scale)
    line(pdf, title, (32 if len(title) <= 40 else 25) * scale, bold=True, colour=ACCENT, gap=1.2)
    pdf.ln(4 * scale)
    for one in lines:
        line(pdf, one, 16 * scale)
    side = min(115 * scale, height - pdf.get_y() - 78 * scale)
    image = io.BytesIO()
    segno.make(address, error="q", micro=False).save(image, kind="png", scale=12, border=4)
    image.seek(0)
    top = pdf.get_y() + 5 * scale
    pdf.image(image, x=(width - side) / 2, y=top, w=side, alt_text=f"Mã QR mở {address}")
    pdf.set_xy(16 * scale, top + side + 2 * scale)
    line(pdf, "Mở máy ảnh của điện thoại, đưa vào mã này, rồi bấm vào đường dẫn hiện ra", 16 * scale, bold=True)
    pdf.ln(1.5 * scale)
    line(pdf, address, 12 * scale, colour=INK)
    pdf.set_xy(16 * scale, height - 32 * scale)
    pdf.set_font(style="", size=11 * scale)
    pdf.set_text_color(*SOFT)
    pdf.multi_cell(0, 5.2 * scale, foot, align="C", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    return bytes(pdf.output())


FOOT = ("Miễn phí. Trợ lý là máy trả lời tự động, không thay cán bộ. Không gửi số căn cước, số thẻ, mã OTP hay mật khẩu vào đây. "
        "Trợ lý không bao giờ hỏi các thông tin đó.")


def of_commune(size: Size, commune: str, province: str, address: str) -> bytes:
    return draw(size, f"{commune}, tỉnh {province}", "Trợ lý Công dân số", [
        "Hỏi thủ tục bằng lời thường: giấy tờ, lệ phí, bao lâu, nộp ở đâu", "Học dùng dịch vụ công và tránh lừa đảo, mỗi bài vài phút",
        "Lỡ bị lừa: biết việc cần làm ngay"], address, FOOT)


def of_course(size: Size, title: str, summary: str, province: str, address: str) -> bytes:
    return draw(size, f"Khoá học ngắn của Trợ lý Công dân số, tỉnh {province}", title, [
        summary, "Học ngay trong khung chat, mỗi bài vài phút, nghỉ lúc nào cũng được"], address, FOOT)
