"""Posters: one page of the asked size, a code that scanners read, whatever is long stays on the page."""

import io

import pypdf
import pytest
import zxingcpp
from PIL import Image

from bot import places
from bot.services import posters

ADDRESS = "https://tro-ly.ninhbinh.gov.vn/?xa=13285"
LONGEST = max(places.listed(), key=len)


@pytest.mark.parametrize("size", ["a4", "a5"])
@pytest.mark.parametrize("draw", [
    lambda size: posters.of_commune(size, LONGEST, "Ninh Bình", ADDRESS),
    lambda size: posters.of_course(size, "Nhận ra cuộc gọi giả danh công an, toà án, ngân hàng và bưu điện", "Một câu tóm tắt dài. " * 6, "Ninh Bình",
                                   ADDRESS)],
    ids=["commune", "course"])
def test_one_page_with_a_code_that_is_read(draw, size):
    reader = pypdf.PdfReader(io.BytesIO(draw(size)))
    page, = reader.pages
    millimetres = [round(float(side) * 25.4 / 72) for side in (page.mediabox.width, page.mediabox.height)]
    assert millimetres == list(posters.WIDTHS[size])
    assert ADDRESS in page.extract_text() and "Miễn phí" in page.extract_text()
    image, = page.images
    assert zxingcpp.read_barcode(Image.open(io.BytesIO(image.data)).convert("L")).text == ADDRESS
