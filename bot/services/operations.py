"""How everything runs, for administrators: what bot/services/health.py knows and a little more, judged and put into words. Reads only."""

import shutil
from bisect import bisect_left
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bot.clock import local
from bot.services import health
from bot.services.health import SILENT_AFTER, Picture
from bot.services.tallies import BOUNDS_SECONDS
from bot.store.tables import Heartbeat, Inbound

State = Literal["good", "warn", "bad"]
STATE_WORDS = {"good": "Ổn", "warn": "Cần để ý", "bad": "Cần xử lý"}
WORST: tuple[State, ...] = ("good", "warn", "bad")
CHANNEL_NAMES = {"web": "Web", "telegram": "Telegram", "zalo_oa": "Zalo OA", "zalo_bot": "Zalo Bot", "shell": "Dòng lệnh"}
PROCESS_NAMES = {"web": "Máy chủ web", "worker": "Tiến trình gửi tin"}

UNANSWERED = (10.0, 60.0)
UNSENT = (120.0, 600.0)
ANSWER_SECONDS = (4.0, 15.0)
"""Seconds from which it is to be watched, from which something must be done."""
FREE_SHARE = (0.15, 0.05)
BACKUP_DAYS = (2.0, 7.0)
TOKEN_HOURS = (6.0, 1.0)
RECENT = timedelta(hours=1)
MOST_RECENT = 2000
"""Answers looked at for the time an answer takes now; more would not change it."""


@dataclass(frozen=True)
class Check:
    """One thing that is well or not. said: how it is; advice: what to do, "" while all is well."""

    key: str
    title: str
    state: State
    said: str
    advice: str = ""

    @property
    def words(self) -> str:
        return STATE_WORDS[self.state]


@dataclass(frozen=True)
class Spread:
    """How long something takes, in seconds; None without a single one. over: above the last bound, so that it only is "more than"."""

    count: int
    half: float | None = None
    most: float | None = None
    over: bool = False


@dataclass(frozen=True)
class Here:
    """What the database and this machine say besides. free_share: of the disk with var/, 0 to 1. processes: (kind, host, last beat)."""

    answers: Spread
    database_bytes: int
    free_share: float
    backup_at: datetime | None
    processes: tuple[tuple[str, str, datetime], ...]


def here(session: Session, var: Path, now: datetime) -> Here:
    postgresql = session.get_bind().dialect.name == "postgresql"
    size = "SELECT pg_database_size(current_database())" if postgresql else \
        "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    folder = var if var.exists() else var.parent
    disk = shutil.disk_usage(folder if folder.exists() else Path("/"))
    beats = session.execute(select(Heartbeat.process, Heartbeat.at).where(Heartbeat.at > now - SILENT_AFTER).order_by(Heartbeat.process))
    return Here(recent_answers(session, now), int(session.scalar(text(size)) or 0), disk.free / disk.total, health.backup_at(session),
                tuple((name.split(":")[0], (name.split(":") + [""])[1], at) for name, at in beats))


def recent_answers(session: Session, now: datetime) -> Spread:
    """From a citizen's message to its answer, over the last hour."""
    rows = session.execute(select(Inbound.received_at, Inbound.done_at).where(Inbound.state == "done", Inbound.done_at > now - RECENT)
                           .order_by(Inbound.id.desc()).limit(MOST_RECENT))
    took = sorted((done - received).total_seconds() for received, done in rows)
    return Spread(len(took), took[len(took) // 2], took[min(len(took) - 1, len(took) * 95 // 100)]) if took else Spread(0)


def spread_of(seen: Picture, name: str, **labels: str) -> Spread:
    """Half and 95 in a hundred of a histogram of all processes (bot/services/tallies.py), within its bucket by rule of three."""
    counts = [0.0] * (len(BOUNDS_SECONDS) + 1)
    for found, value in seen.counts.get(f"{name}_bucket", []):
        if all(found.get(k) == v for k, v in labels.items()):
            counts[len(BOUNDS_SECONDS) if found["le"] == "+Inf" else bisect_left(BOUNDS_SECONDS, float(found["le"]))] += value
    total = sum(counts)
    if not total:
        return Spread(0)
    half, _ = _quantile(counts, total * 0.5)
    most, over = _quantile(counts, total * 0.95)
    return Spread(int(total), half, most, over)


def _quantile(counts: list[float], wanted: float) -> tuple[float, bool]:
    below = 0.0
    for at, count in enumerate(counts[:-1]):
        if count and below + count >= wanted:
            low = BOUNDS_SECONDS[at - 1] if at else 0.0
            return low + (BOUNDS_SECONDS[at] - low) * (wanted - below) / count, False
        below += count
    return BOUNDS_SECONDS[-1], True


def checks(seen: Picture, more: Here, rasas: dict[str, bool], now: datetime) -> list[Check]:
    """Everything that can be well or not, the worst first. rasas: by address; empty when nobody could be asked."""
    found = [_rasa(rasas), _worker(seen), *(_channel(name, state) for name, state in sorted(seen.channels.items())), _unanswered(seen), _unsent(seen),
             _speed(more), _letters(seen), _backup(more, now), _disk(more)]
    return sorted(found, key=lambda one: -WORST.index(one.state))


def worst(found: list[Check]) -> State:
    return max((one.state for one in found), key=WORST.index, default="good")


def _rasa(rasas: dict[str, bool]) -> Check:
    title, up = "Bộ hiểu câu (Rasa)", sum(rasas.values())
    if rasas and up == len(rasas):
        return Check("rasa", title, "good", "Đang chạy" if up == 1 else f"Cả {up} đang chạy")
    if up:
        return Check("rasa", title, "warn", f"{up} trên {len(rasas)} đang chạy", "Người dân vẫn được phục vụ. Báo người trực máy chủ bật lại phần đã dừng.")
    return Check("rasa", title, "bad", "Không trả lời", "Tin của người dân vẫn được giữ, nhưng chưa ai được trả lời. Báo ngay người trực máy chủ: "
                 "khởi động lại dịch vụ Rasa; tin đang chờ sẽ được trả lời khi nó chạy lại.")


def _worker(seen: Picture) -> Check:
    up = seen.processes.get("worker", 0)
    if up:
        return Check("worker", PROCESS_NAMES["worker"], "good", f"{up} đang chạy")
    return Check("worker", PROCESS_NAMES["worker"], "bad", "Không có tiến trình nào chạy",
                 "Lời nhắc và tin Zalo, Telegram đang nằm chờ, không mất. Báo người trực máy chủ khởi động lại dịch vụ worker.")


def _channel(name: str, state: dict) -> Check:
    title, key = f"Kênh {CHANNEL_NAMES.get(name, name)}", f"channel:{name}"
    left = state["token_expires_seconds"]
    until = f", mã truy cập còn {length(left)}" if left is not None else ""
    if not state["up"]:
        return Check(key, title, "bad", f"Không gửi được: {state['why']}" if state["why"] else "Không gửi được",
                     "Cấp lại quyền cho ứng dụng trên trang quản lý Zalo rồi báo người trực máy chủ thay mã mới." if name.startswith("zalo")
                     else "Báo người trực máy chủ xem nhật ký của kênh này. Tin được giữ lại và gửi khi kênh chạy lại.")
    if left is not None and left < TOKEN_HOURS[0] * 3600:
        # it is renewed by itself long before; so late means that renewing fails
        return Check(key, title, "bad" if left < TOKEN_HOURS[1] * 3600 else "warn", f"Gửi được{until}",
                     "Mã lẽ ra đã tự gia hạn. Nhờ quản trị Zalo OA cấp lại quyền trước khi mã hết hạn.")
    return Check(key, title, "good", f"Gửi được{until}")


def _unanswered(seen: Picture) -> Check:
    waiting, age = seen.inbox.get("new", 0) + seen.inbox.get("working", 0), seen.oldest_inbox_seconds
    said = f"{waiting} tin, lâu nhất {length(age)}" if waiting else "Không có tin nào"
    return Check("unanswered", "Tin đến chờ trả lời", graded(age, UNANSWERED), said,
                 "Máy đang trả lời chậm hoặc dừng: xem Bộ hiểu câu và thời gian trả lời. Nếu kéo dài, báo người trực máy chủ."
                 if age >= UNANSWERED[0] else "")


def _unsent(seen: Picture) -> Check:
    waiting, age = sum(n for (channel, _), n in seen.depth.items() if channel != "web"), seen.oldest_unsent_seconds
    said = f"{waiting} tin, lâu nhất {length(age)}" if waiting else "Không có tin nào"
    return Check("unsent", "Tin đi chờ gửi", graded(age, UNSENT), said,
                 "Nếu đang gửi thông báo lớn thì hàng chờ tự vơi. Nếu không, xem lỗi gửi theo kênh bên dưới." if age >= UNSENT[0] else "")


def _speed(more: Here) -> Check:
    took = more.answers
    if took.most is None:
        return Check("speed", "Thời gian trả lời, 1 giờ qua", "good", "Chưa có tin nào trong giờ qua")
    return Check("speed", "Thời gian trả lời, 1 giờ qua", graded(took.most, ANSWER_SECONDS),
                 f"Một nửa trong {seconds(took.half)}, 95 % trong {seconds(took.most)} ({took.count} tin)",
                 "Máy chủ đang quá tải. Báo người trực máy chủ; có thể thêm một Rasa nữa." if took.most >= ANSWER_SECONDS[0] else "")


def _letters(seen: Picture) -> Check:
    parked, dead = seen.inbox.get("parked", 0), sum(seen.dead.values())
    if not parked + dead:
        return Check("letters", "Thư lỗi", "good", "Không có")
    return Check("letters", "Thư lỗi", "warn", f"{parked} tin đến chưa xử lý được, {dead} tin đi không gửi được",
                 "Xem mục Thư lỗi bên dưới: sửa nguyên nhân rồi bấm Gửi lại.")


def _backup(more: Here, now: datetime) -> Check:
    if more.backup_at is None:
        return Check("backup", "Sao lưu", "warn", "Chưa thấy lần nào", "Báo người trực máy chủ đặt lịch chạy lệnh bot backup mỗi ngày.")
    days = (now - more.backup_at).total_seconds() / 86400
    return Check("backup", "Sao lưu", graded(days, BACKUP_DAYS), f"Lần gần nhất {local(more.backup_at):%H:%M %d/%m/%Y}",
                 "Lịch sao lưu hằng ngày có vẻ đã dừng. Báo người trực máy chủ." if days >= BACKUP_DAYS[0] else "")


def _disk(more: Here) -> Check:
    free = more.free_share
    state: State = "bad" if free < FREE_SHARE[1] else "warn" if free < FREE_SHARE[0] else "good"
    return Check("disk", "Chỗ trống trên đĩa", state, f"Còn {free * 100:.0f} %; dữ liệu chiếm {size(more.database_bytes)}",
                 "Đĩa đầy thì máy dừng. Báo người trực máy chủ dọn hoặc thêm đĩa." if state != "good" else "")


def graded(value: float, bounds: tuple[float, float]) -> State:
    return "bad" if value >= bounds[1] else "warn" if value >= bounds[0] else "good"


def length(total_seconds: float) -> str:
    """"45 giây", "12 phút", "3 giờ", "2 ngày"."""
    for unit, one in (("ngày", 86400), ("giờ", 3600), ("phút", 60)):
        if total_seconds >= 2 * one:
            return f"{int(total_seconds // one)} {unit}"
    return f"{max(0, int(total_seconds))} giây"


def seconds(value: float | None) -> str:
    """"0,8 giây"; "–" for none."""
    return "–" if value is None else f"{value:.2f} giây".replace(".", ",") if value < 1 else f"{value:.1f} giây".replace(".", ",")


def size(count: int) -> str:
    """"12,3 MB"."""
    value, unit = float(count), "B"
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if value < 1000 or unit == "TB":
            break
        value /= 1000
    return f"{value:.1f} {unit}".replace(".", ",")
