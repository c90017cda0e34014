"""What differs between two texts of a procedure, field by field, in the words staff read. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

FIELDS = {
    "name": "Tên thủ tục", "also_codes": "Mã khác", "aliases": "Tên gọi khác", "ways_people_ask": "Cách người dân hỏi", "ways": "Cách người dân hỏi",
    "field": "Lĩnh vực", "level": "Cấp thực hiện", "agency": "Cơ quan thực hiện", "applicants": "Ai làm", "papers": "Giấy tờ", "documents": "Giấy tờ",
    "steps": "Các bước", "methods": "Cách nộp", "fee": "Lệ phí", "duration": "Thời hạn", "result": "Kết quả", "conditions": "Điều kiện",
    "legal_basis": "Căn cứ pháp lý", "official_url": "Trang chính thức", "url": "Trang chính thức", "effective_from": "Hiệu lực từ",
    "checked_on": "Ngày đối chiếu", "review_by": "Hạn xem lại", "sources": "Nguồn", "cases": "Trường hợp riêng", "related": "Việc liên quan",
    "changed": "Điểm mới", "ask_at": "Nơi hỏi thêm", "code": "Mã thủ tục", "promulgated_by": "Nơi ban hành", "scope": "Phạm vi",
    "as_of": "Tháng chụp", "pre_reform": "Có từ trước 01/07/2025", "mentions_district_level": "Còn nhắc cấp huyện",
    "known": "Biết được gì", "format": "Dạng tệp",
}
"""Every field of curated texts, of ways to ask and of imported records."""

PARTS = {
    "name": "tên", "originals": "bản chính", "original": "bản chính", "copies": "bản sao", "form": "mẫu", "when": "khi", "case": "trường hợp",
    "channel": "cách", "method": "cách", "days": "thời gian", "duration": "thời gian", "fee_vnd": "lệ phí (đồng)", "fee": "lệ phí", "note": "ghi chú",
    "id": "ký hiệu", "title": "tên nguồn", "url": "địa chỉ", "grade": "hạng", "answer": "trả lời", "ways": "cách nói",
}
CHANNELS = {"online": "trực tuyến", "in_person": "trực tiếp", "post": "bưu chính"}


@dataclass(frozen=True)
class Change:
    """gone, come: the lines that only the old or only the new text has."""

    field: str
    label: str
    gone: tuple[str, ...]
    come: tuple[str, ...]


def label_of(field: str) -> str:
    return FIELDS.get(field.split(".", maxsplit=1)[0], field)


def between(old: Mapping[str, Any] | None, new: Mapping[str, Any]) -> list[Change]:
    """The fields that differ, in the order of the new document; of a list only the lines that do."""
    found = []
    for field in dict.fromkeys((*new, *(old or {}))):
        before, after = (lines(doc.get(field)) if doc else () for doc in (old, new))
        if before != after and field != "format":
            gone, come = (tuple(x for x in one if x not in set(other)) for one, other in ((before, after), (after, before)))
            moved = not gone and not come
            found.append(Change(field, label_of(field), before if moved else gone, after if moved else come))
    return found


def lines(value: Any) -> tuple[str, ...]:
    """A field's value as lines: one a list's entry, none for what is empty."""
    if isinstance(value, (list, tuple)):
        return tuple(text for one in value if (text := line(one)))
    return (text,) if (text := line(value)) else ()


def line(value: Any) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{PARTS.get(k, k)}: {line(v)}" for k, v in value.items() if v not in (None, "", [], ()))
    if isinstance(value, (list, tuple)):
        return ", ".join(map(line, value))
    if isinstance(value, bool):
        return "có" if value else ""
    return CHANNELS.get(value, str(value)) if value is not None else ""
