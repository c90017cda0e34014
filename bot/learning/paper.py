"""PDF pages with a Vietnamese font (Roboto, shipped in a wheel). What is printed comes from the caller. Pure."""

import io
from importlib.resources import files

import font_roboto
import segno
from fpdf import FPDF
from fpdf.enums import XPos, YPos

FONT = "Roboto"
INK, SOFT, ACCENT = (28, 36, 48), (90, 100, 112), (0, 92, 138)


def page(orientation: str = "portrait", kind: type[FPDF] = FPDF) -> FPDF:
    """An A4 document with the font in regular and bold. kind: a class of the caller's, with a footer of its own."""
    pdf = kind(orientation=orientation, unit="mm", format="A4")  # type: ignore[arg-type]
    folder = files(font_roboto) / "files"
    pdf.add_font(FONT, "", str(folder / "Roboto-Regular.ttf"))
    pdf.add_font(FONT, "B", str(folder / "Roboto-Bold.ttf"))
    pdf.set_font(FONT, size=12)
    pdf.set_text_color(*INK)
    return pdf


def line(pdf: FPDF, text: str, size: float, bold: bool = False, colour: tuple[int, int, int] = INK, align: str = "C", gap: float = 1.35) -> None:
    """A paragraph over the whole width, then a new line."""
    pdf.set_font(FONT, "B" if bold else "", size)
    pdf.set_text_color(*colour)
    pdf.multi_cell(0, size * 0.3528 * gap, printable(text), align=align, new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def printable(text: str) -> str:
    """The text in characters the font has: emoji go, arrows become dashes."""
    text = text.replace("→", "–").replace("\ufe0f", "")
    return "".join(c for c in text if ord(c) < 0x2500 and not 0x2190 <= ord(c) < 0x2200).strip()


def certificate(payload: dict, address: str, qr: str, file_token: str) -> bytes:
    """The certificate as PDF. address: printed beneath the QR code; qr: what the code holds; file_token: attached, for
    checking the file without a network."""
    pdf = page("landscape")
    pdf.set_auto_page_break(False)
    pdf.set_title(f"Chứng nhận hoàn thành khoá học {payload['number']}")
    pdf.set_author(payload["issuer"])
    pdf.set_lang("vi")
    pdf.add_page()
    pdf.set_draw_color(*ACCENT)
    pdf.set_line_width(1.2)
    pdf.rect(10, 10, 277, 190)
    pdf.set_margins(25, 22, 25)
    pdf.set_y(24)
    line(pdf, payload["issuer"], 14, colour=SOFT)
    pdf.ln(5)
    line(pdf, "CHỨNG NHẬN HOÀN THÀNH KHOÁ HỌC", 28, bold=True, colour=ACCENT)
    pdf.ln(8)
    line(pdf, "Người học", 13, colour=SOFT)
    line(pdf, payload["name"] or "(không ghi tên)", 26, bold=True)
    pdf.ln(4)
    line(pdf, "đã hoàn thành khoá học", 13, colour=SOFT)
    line(pdf, f"“{payload['course']}”", 22, bold=True)
    pdf.ln(4)
    line(pdf, f"Kết quả {payload['score_percent']} % · Ngày hoàn thành {day(payload['completed_on'])} · Bản nội dung {payload['version']}", 13)
    pdf.ln(3)
    line(pdf, f"Số {payload['number']} · Cấp ngày {day(payload['issued_on'])}", 13, bold=True)
    image = io.BytesIO()
    segno.make(qr, error="l", micro=False).save(image, kind="png", scale=6, border=2)
    image.seek(0)
    pdf.image(image, x=26, y=141, w=50, alt_text="Mã QR dẫn tới trang kiểm tra chứng nhận")
    pdf.set_xy(82, 150)
    pdf.set_left_margin(82)
    line(pdf, "Kiểm tra: quét mã hoặc mở", 11, colour=SOFT, align="L")
    line(pdf, address, 12, bold=True, align="L")
    pdf.ln(2)
    line(pdf, "Xác nhận việc hoàn thành một khoá học ngắn của trợ lý này. Không phải giấy xác nhận phổ cập kỹ năng số "
              "của cơ quan nhà nước. Tên do người học tự khai.", 10, colour=SOFT, align="L")
    pdf.embed_file(bytes=file_token.encode(), basename="chung-nhan.txt", desc="Nội dung và chữ ký Ed25519",
                   mime_type="text/plain")
    return bytes(pdf.output())


def day(iso: str) -> str:
    """"2026-11-24" as "24/11/2026"."""
    year, month, number = iso.split("-")
    return f"{number}/{month}/{year}"
