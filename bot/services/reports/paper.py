"""The report on paper: a cover, then a section for each area with its tables and definitions. PDF with outline and tagged headings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fpdf import FPDF
from fpdf.enums import TableCellFillMode
from fpdf.fonts import FontFace, TextStyle

from bot.clock import local
from bot.learning import paper
from bot.services.figures.periods import Period
from bot.services.figures.table import FEW, KEPT, Column, Hidden, Table

MARGIN = 16
HEAD_FILL, STRIPE = (231, 240, 238), (246, 249, 248)
ACROSS = 8
"""Columns beside each other on a page; a wider table goes on below, its first column repeated."""
MOST_ROWS = 200
"""A longer table is cut on paper, and says so: the whole of it is in the XLSX export."""

HIDDEN_NOTE = (f"Ô ghi “{FEW.mark}” là có người nhưng dưới năm người; ô ghi “{KEPT.mark}” có đủ người nhưng được giấu để không ai tính ngược ra ô kia. "
               "Làm vậy để không ai bị nhận ra.")
REMARKS = (
    "Số liệu đếm từ nhật ký của trợ lý, không hỏi thêm người dân và không ghi tên ai. Người đã xoá dữ liệu chỉ còn trong các số đếm ẩn danh.",
    "Xã, phường là nơi người dân tự nói; ai chưa nói thì không nằm trong số của xã, phường nào.",
    "Một người dùng hai kênh chưa nối với nhau được đếm là hai.",
    "“–” nghĩa là không có số để tính, không phải bằng không.",
)


@dataclass(frozen=True)
class Part:
    """A section of the report: its heading and its tables."""

    heading: str
    tables: Sequence[Table]


@dataclass(frozen=True)
class Report:
    """All that is printed. communes: () for the whole province. made_at: UTC."""

    name: str
    province: str
    period: Period
    communes: Sequence[str]
    made_at: datetime
    parts: Sequence[Part]


class Pages(FPDF):
    """Pages with a number at the foot, and headings that screen readers and the outline know as such."""

    title_below = ""

    def footer(self) -> None:
        self.set_y(-12)
        self.set_font(paper.FONT, "", 9)
        self.set_text_color(*paper.SOFT)
        self.cell(0, 6, f"{self.title_below} · Trang {self.page_no()}/{{nb}}", align="C")

    def section(self, text: str, level: int) -> None:
        """level: 0 for parts, 1 for tables."""
        self.set_text_color(*paper.ACCENT)
        self.start_section(paper.printable(text), level)
        element = self._outline[-1].struct_elem
        if element is not None:
            element.s = f"/H{level + 1}"  # the library calls every marked text a figure
        self.set_text_color(*paper.INK)


def write(report: Report) -> bytes:
    """The report as PDF, A4."""
    pdf = paper.page(kind=Pages)
    assert isinstance(pdf, Pages)
    pdf.title_below = paper.printable(report.name)
    pdf.set_title(report.name)
    pdf.set_author(f"Trợ lý Công dân số {report.province}")
    pdf.set_lang("vi")
    pdf.set_creation_date(report.made_at)
    pdf.set_margins(MARGIN, MARGIN, MARGIN)
    pdf.set_auto_page_break(True, MARGIN + 4)
    pdf.set_section_title_styles(TextStyle(paper.FONT, "B", 16, paper.ACCENT, t_margin=4, b_margin=2),
                                 TextStyle(paper.FONT, "B", 12, paper.INK, t_margin=3, b_margin=1))
    cover(pdf, report)
    for part in report.parts:
        pdf.add_page()
        pdf.section(part.heading, 0)
        for table in part.tables:
            _table(pdf, table)
    pdf.add_page()
    pdf.section("Về chất lượng số liệu", 0)
    hidden = any(isinstance(cell, Hidden) for part in report.parts for table in part.tables for row in table.rows for cell in row)
    for remark in ((HIDDEN_NOTE, *REMARKS) if hidden else REMARKS):
        paper.line(pdf, f"• {remark}", 11, align="L")
        pdf.ln(1)
    return bytes(pdf.output())


def cover(pdf: FPDF, report: Report) -> None:
    """What the report is of, and what is in it."""
    pdf.add_page()
    pdf.ln(40)
    paper.line(pdf, f"TRỢ LÝ CÔNG DÂN SỐ {report.province.upper()}", 13, colour=paper.SOFT)
    pdf.ln(4)
    paper.line(pdf, report.name, 26, bold=True, colour=paper.ACCENT)
    pdf.ln(6)
    paper.line(pdf, f"Kỳ báo cáo: {report.period}", 14, bold=True)
    paper.line(pdf, f"Phạm vi: {', '.join(report.communes) if report.communes else f'toàn tỉnh {report.province}'}", 13)
    paper.line(pdf, f"Lập lúc {local(report.made_at):%H:%M ngày %d/%m/%Y}", 12, colour=paper.SOFT)
    pdf.ln(12)
    paper.line(pdf, "Trong báo cáo này", 13, bold=True, align="L")
    for part in report.parts:
        paper.line(pdf, f"• {part.heading}: {', '.join(t.title for t in part.tables) or 'không có số liệu'}", 11, align="L")


def _table(pdf: Pages, table: Table) -> None:
    if pdf.will_page_break(40):  # a heading never stands alone at the foot of a page
        pdf.add_page()
    pdf.section(table.title, 1)
    if not table.rows:
        paper.line(pdf, "Không có số liệu trong kỳ này.", 11, colour=paper.SOFT, align="L")
    else:
        for first in range(1, max(2, len(table.columns)), ACROSS - 1):
            _grid(pdf, table, (0, *range(first, min(len(table.columns), first + ACROSS - 1))))
    cut = f" Bảng trên giấy dừng ở {MOST_ROWS} dòng; bản XLSX có đủ {len(table.rows)} dòng." if len(table.rows) > MOST_ROWS else ""
    if table.note or cut:
        paper.line(pdf, f"{table.note}{cut}".strip(), 10, colour=paper.SOFT, align="L")
    for term, meaning in table.definitions:
        paper.line(pdf, f"{term}: {meaning}", 10, colour=paper.SOFT, align="L")
    pdf.ln(2)


def _grid(pdf: Pages, table: Table, across: Sequence[int]) -> None:
    """across: the columns to print."""
    size = 8.5 if len(across) > 5 else 10
    pdf.set_font(paper.FONT, "", size)
    pdf.set_text_color(*paper.INK)
    pdf.set_draw_color(185, 196, 192)
    bold = FontFace(emphasis="BOLD", fill_color=HEAD_FILL)
    columns = [table.columns[at] for at in across]
    lines = range(len(table.rows)) if len(table.rows) <= MOST_ROWS else (*range(MOST_ROWS - 1), len(table.rows) - 1)
    with pdf.table(col_widths=widths(table, across), headings_style=bold, line_height=size * 0.3528 * 1.45, cell_fill_color=STRIPE,
                   cell_fill_mode=TableCellFillMode.ROWS, padding=1,
                   text_align=tuple("LEFT" if _words(c) else "RIGHT" for c in columns)) as grid:
        heading = grid.row()
        for column in columns:
            heading.cell(paper.printable(column.heading))
        for line in lines:
            row = grid.row(style=bold if table.totals and line == len(table.rows) - 1 else None)
            for at in across:
                row.cell(paper.printable(table.shown(line, at)))
    pdf.set_xy(MARGIN, pdf.get_y() + 2)


def _words(column: Column) -> bool:
    return column.kind in ("text", "day")


def widths(table: Table, across: Sequence[int]) -> tuple[int, ...]:
    """Shares of the width: words get as much as they need, up to five times a number's."""
    def share(at: int) -> int:
        longest = max(len(table.shown(line, at)) for line in range(min(len(table.rows), MOST_ROWS)))
        return max(14, min(60, longest)) if _words(table.columns[at]) else 12

    return tuple(share(at) for at in across)
