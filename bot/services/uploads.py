"""Pictures that staff upload: read, turned upright, stripped of everything but the picture, shrunk. Flushes only; the caller commits."""

import hashlib
import io
import warnings
from datetime import datetime

from PIL import Image, ImageOps, UnidentifiedImageError
from sqlalchemy.orm import Session

from bot.errors import Refusal
from bot.services.pictures import MOST_BYTES
from bot.store.tables import PublishedPicture

FORMATS = ("PNG", "JPEG")
MOST_PIXELS = 40_000_000
"""More than any phone's camera makes; a small file may claim more to fill the memory."""
SIZES = ((1024, 256), (1024, 64), (800, 128), (640, 128), (640, 64), (480, 64), (360, 64), (360, 16), (240, 16))
"""(longest side, colours) to try, the finest first."""


def take(session: Session, data: bytes, now: datetime) -> str:
    """Keeps the picture as a PNG of at most 100 KB; gives the SHA-256 that a course names it by. Raises Refusal."""
    made = shrunk(opened(data))
    sha = hashlib.sha256(made).hexdigest()
    if session.get(PublishedPicture, sha) is None:
        session.add(PublishedPicture(sha256=sha, media_type="image/png", data=made, created_at=now))
        session.flush()
    return sha


def opened(data: bytes) -> Image.Image:
    """The picture, upright, on white, without what cameras write beside it (place and time among that). Raises Refusal."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(data), formats=FORMATS)
            if picture.width * picture.height > MOST_PIXELS:
                raise Refusal("Ảnh quá lớn. Hãy chụp màn hình hoặc thu nhỏ rồi tải lên lại.", "hinh")
            upright = ImageOps.exif_transpose(picture).convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Refusal("Không đọc được ảnh. Hãy chọn tệp PNG hoặc JPEG.", "hinh") from error
    if min(upright.size) < 40:
        raise Refusal("Ảnh nhỏ quá, mỗi cạnh cần từ 40 điểm ảnh trở lên.", "hinh")
    plain = Image.new("RGB", upright.size, "white")
    plain.paste(upright, mask=upright.getchannel("A"))
    return plain


def shrunk(picture: Image.Image) -> bytes:
    """The PNG of the finest size that channels take. Raises Refusal when none is small enough."""
    for side, colours in SIZES:
        smaller = picture.copy()
        smaller.thumbnail((side, side), Image.Resampling.LANCZOS)
        out = io.BytesIO()
        smaller.quantize(colours).save(out, "PNG", optimize=True)
        if out.tell() <= MOST_BYTES:
            return out.getvalue()
    raise Refusal("Ảnh có quá nhiều chi tiết, thu nhỏ vẫn quá 100 KB. Hãy cắt bớt rồi tải lên lại.", "hinh")
