"""The details of a row of the audit log in words: the log keeps names of ours, staff read Vietnamese."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.clock import local
from bot.services import announcements, api_keys, webhooks
from bot.services.operations import CHANNEL_NAMES
from bot.services.privacy_law import KINDS
from bot.web.staff.permissions import ROLE_NAMES

NAMES = {
    "active": "đang hoạt động", "added": "thêm mới", "again": "làm lại", "approved": "bản đã xác nhận", "author": "người soạn", "became": "thành",
    "before": "tên cũ", "by_command": "bằng lệnh trên máy chủ", "by_invitation": "bằng lời mời", "bytes": "số byte", "changed": "số mục đổi",
    "channel": "kênh", "checked_on": "đối chiếu ngày", "commune": "xã, phường", "communes": "xã, phường", "complete": "đủ người duyệt", "count": "số câu",
    "course": "khoá học", "day": "ngày trong tháng", "draft": "bản soạn số", "due_on": "hạn", "effective": "hiệu lực", "first": "từ ngày",
    "from_number": "từ bản", "into": "nhập vào", "issuer": "nơi xác thực", "kind": "loại", "kinds": "loại", "last": "đến ngày", "lesson": "bài",
    "letters": "số thư", "locked": "bị tạm khoá", "made": "đang dùng", "name": "tên", "new": "số mục mới", "number": "bản", "officer": "cán bộ số",
    "on": "bật", "order": "báo cáo số", "owner": "người phụ trách", "period": "kỳ", "plan": "lịch số", "recipients": "người nhận số",
    "removed": "đã bỏ", "review_by": "hạn xem lại", "review_on": "hạn xem lại", "reviewed": "gia hạn xem lại", "role": "vai trò", "rows": "số dòng",
    "same": "số mục giữ nguyên", "scheduled": "theo lịch đã đặt", "scopes": "phạm vi", "second_factor": "có xác thực hai bước",
    "sign_in": "lần đăng nhập", "source": "nguồn", "state": "trạng thái", "step": "bước", "stopped": "số tin đã dừng", "taken_back": "số tin thu lại",
    "told": "số người được báo", "until": "đến lúc", "url": "địa chỉ", "version": "bản số", "was": "trước đó", "what": "nhập gì",
    "withdrawn": "người soạn rút về",
}
"""Every detail that anything writes; a test looks for what is missing."""

VALUES = {
    **ROLE_NAMES, **CHANNEL_NAMES, **announcements.KINDS, **announcements.STATES, **api_keys.SCOPES, **webhooks.KINDS,
    **{name: kind.words for name, kind in KINDS.items()},
    "questions": "câu hỏi", "submitted": "gửi duyệt", "refused": "từ chối", "approved": "duyệt", "cancelled": "huỷ", "taken": "nhận", "released": "trả lại",
    "seen": "xem", "note": "ghi chú", "assigned": "giao việc", "entered": "ghi vào sổ", "reply": "trả lời", "extended": "gia hạn", "done": "xong",
    "ledger_seen": "xem sổ đồng ý", "handed": "chuyển nơi khác", "asked_back": "hỏi lại", "replied": "trả lời", "closed": "khép lại", "open": "đang mở",
}
_WORDY = {"step", "kind", "kinds", "state", "role", "channel", "scopes", "what"}
_DAY = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d\S*)?\Z")


def in_words(detail: Mapping[str, Any]) -> str:
    """"vai trò: Người soạn; xã, phường: Phường Hoa Lư"; what is empty is left out."""
    return "; ".join(f"{NAMES.get(name, name)}: {_value(name, value)}" for name, value in detail.items() if value not in (None, "", [], {}))


def _value(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "có" if value else "không"
    if isinstance(value, Mapping):
        return f"({in_words(value)})"
    if isinstance(value, list | tuple):
        return ", ".join(_value(name, one) for one in value)
    if isinstance(value, str) and _DAY.match(value):
        at = datetime.fromisoformat(value)
        return f"{local(at):%H:%M %d/%m/%Y}" if "T" in value else f"{at:%d/%m/%Y}"
    return str(VALUES.get(value, value) if name in _WORDY and isinstance(value, str) else value)
