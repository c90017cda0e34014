"""Communes as data: contacts, renamed and new units, how often their links were opened. Flushes only; the caller commits.

What staff enter lies over the shipped list (bot/places/communes.yml). Every process reads it again within seconds (`refresh`, called
by its heartbeat), so that a new or renamed unit needs no restart.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot import places
from bot.clock import local
from bot.errors import Refusal
from bot.language.normalise import clean
from bot.services import audit
from bot.services.staff import Who
from bot.store.db import Base, Database
from bot.store.tables import CommuneSheet, CourseVersion, LinkOpened, Staff
from bot.wording import say

CONTACTS = {"address": "Địa chỉ", "hours": "Giờ làm việc", "phone": "Điện thoại", "site": "Trang thông tin"}
MOST = {"address": 300, "hours": 300, "phone": 40, "site": 200, "source": 300}
FRESH = timedelta(days=365)
"""A contact that was checked longer ago is not told to citizens any more."""
NAME = re.compile(r"(?:Xã|Phường) [^\W\d_][\w .'’-]{1,70}")
CODE = re.compile(r"\d{5}")
PHONE = re.compile(r"\+?\d[\d .]{6,18}\d")
MOST_FORMERLY = 40


@dataclass(frozen=True)
class Form:
    """What staff typed. checked_on: ISO date or ""; formerly: old names, a line each (of a new unit only)."""

    name: str
    address: str = ""
    hours: str = ""
    phone: str = ""
    site: str = ""
    source: str = ""
    checked_on: str = ""
    formerly: str = ""


# --- the list ---------------------------------------------------------------------------------------------------------

def units(session: Session) -> tuple[dict, ...]:
    """The units as they are now, in the shape of communes.yml."""
    sheets = {s.code: s for s in session.scalars(select(CommuneSheet).order_by(CommuneSheet.code))}
    known = {u["code"]: u for u in places.shipped()}
    found = {code: {"code": code, "name": known[code]["name"], "old": list(known[code]["old"])} for code in known}
    for code, sheet in sheets.items():
        one = found.setdefault(code, {"code": code, "name": sheet.name, "old": []})
        one["name"] = sheet.name
        one["old"] += [{"name": name, "was_in": ""} for name in sheet.formerly if name not in {o["name"] for o in one["old"]}]
    for code, sheet in sheets.items():
        if sheet.into is not None and sheet.into in found:
            gone = found.pop(code)
            found[sheet.into]["old"] += [{"name": gone["name"], "was_in": ""}, *gone["old"]]
    return tuple(found.values())


def names(session: Session) -> frozenset[str]:
    """What the units are called at this moment, whatever this process has read before."""
    return frozenset(unit["name"] for unit in units(session))


def refresh(database: Database) -> None:
    """Makes this process know the units that staff have changed."""
    with database.read() as session:
        places.know(units(session))


def refreshed(database: Database) -> bool:
    """The same for a command that also runs before there is a database: False when it cannot be read, and the shipped list stands."""
    try:
        refresh(database)
    except SQLAlchemyError:
        return False
    return True


# --- contacts ---------------------------------------------------------------------------------------------------------

def sheet_of(session: Session, code: str) -> CommuneSheet | None:
    return session.get(CommuneSheet, code)


def sheets(session: Session) -> dict[str, CommuneSheet]:
    """What staff have entered, by code."""
    return {s.code: s for s in session.scalars(select(CommuneSheet))}


def told(sheet: CommuneSheet | None, today: date) -> bool:
    """May the contacts be told: is there any, with a source, checked within a year? today: local."""
    return sheet is not None and any(getattr(sheet, c) for c in CONTACTS) and bool(sheet.source) and sheet.checked_on is not None \
        and today - FRESH <= sheet.checked_on <= today


def contact_lines(session: Session, commune: str | None, today: date) -> list[str]:
    """The contacts of the commune of that name as citizens read them, with what is not known, source and day; [] when none may be told. today: local."""
    code = places.code_of(commune) if commune else None
    sheet = sheet_of(session, code) if code else None
    if not told(sheet, today):
        return []
    missing = [label.lower() for column, label in CONTACTS.items() if not getattr(sheet, column)]
    return [say("office_of", commune=commune), *(f"{label}: {getattr(sheet, column)}" for column, label in CONTACTS.items() if getattr(sheet, column)),
            *([say("office_missing", what=", ".join(missing))] if missing else []),
            say("office_source", source=sheet.source, day=f"{sheet.checked_on:%d/%m/%Y}")]


def line(text: str) -> str:
    return " ".join(clean(text).split())


def contacts_of(form: Form, today: date) -> dict:
    """The columns as they are stored. Raises Refusal."""
    found = {name: line(getattr(form, name)) or None for name in (*CONTACTS, "source")}
    for name, most in MOST.items():
        if len(found[name] or "") > most:
            raise Refusal(f"Ô này dài quá {most} ký tự.", name)
    if found["phone"] and not PHONE.fullmatch(found["phone"]):
        raise Refusal("Số điện thoại chỉ gồm chữ số, dấu cách, dấu chấm và dấu + ở đầu.", "phone")
    if found["site"] and not government(found["site"]):
        raise Refusal("Trang thông tin phải bắt đầu bằng https:// và có tên miền .gov.vn.", "site")
    try:
        checked = date.fromisoformat(form.checked_on) if form.checked_on else None
    except ValueError:
        raise Refusal("Ngày đối chiếu không đúng.", "checked_on")
    if checked is not None and checked > today:
        raise Refusal("Ngày đối chiếu không thể ở tương lai.", "checked_on")
    if any(found[c] for c in CONTACTS):
        if not found["source"]:
            raise Refusal("Hãy ghi nguồn: văn bản hoặc trang nào nêu các thông tin này.", "source")
        if checked is None:
            raise Refusal("Hãy ghi ngày đối chiếu với nguồn.", "checked_on")
    return {**found, "checked_on": checked}


def government(address: str) -> bool:
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return False
    return parts.scheme == "https" and host.endswith(".gov.vn") and parts.username is None and " " not in address


def name_of(session: Session, text: str, but: str | None = None) -> str:
    """A name for a unit. but: the one it has now. Raises Refusal."""
    name = line(text)
    if not NAME.fullmatch(name):
        raise Refusal("Tên phải bắt đầu bằng “Xã” hoặc “Phường”, rồi tên riêng.", "name")
    with session.no_autoflush:  # the caller's new row is not whole yet
        if name != but and name in names(session):
            raise Refusal("Đã có xã, phường mang tên này.", "name")
    return name


def sheet_for(session: Session, code: str) -> CommuneSheet:
    """The row of a unit of today, made when there is none. Raises Refusal."""
    now_called = next((u["name"] for u in units(session) if u["code"] == code), None)
    if now_called is None:
        raise Refusal("Không có xã, phường này.")
    row = session.get(CommuneSheet, code, with_for_update=True)
    if row is None:
        row = CommuneSheet(code=code, name=now_called, formerly=[])
        session.add(row)
    return row


def save(session: Session, who: Who, code: str, form: Form, now: datetime) -> CommuneSheet:
    """Contacts, and the name when it has changed: then everything that stands under the old name follows. Raises Refusal."""
    contacts, row = contacts_of(form, local(now).date()), sheet_for(session, code)
    before, name = row.name, name_of(session, form.name, row.name)
    for column, value in contacts.items():
        setattr(row, column, value)
    if name != before:
        row.name, row.formerly = name, [*(f for f in row.formerly if f != name), before]
    row.updated_by, row.updated_at = who.login, now
    session.flush()
    if name != before:
        follow(session, before, name)
    audit.note(session, who.id, who.login, "commune", code, now, name=name, before=before if name != before else None,
               source=row.source, checked_on=row.checked_on.isoformat() if row.checked_on else None)
    return row


def add(session: Session, who: Who, code: str, form: Form, now: datetime) -> CommuneSheet:
    """A new unit. Raises Refusal."""
    if not CODE.fullmatch(code):
        raise Refusal("Mã đơn vị hành chính gồm 5 chữ số, theo danh mục quốc gia.", "code")
    if session.get(CommuneSheet, code) is not None or any(u["code"] == code for u in places.shipped()):
        raise Refusal("Mã này đã có trong danh sách.", "code")
    formerly = list(dict.fromkeys(line(f) for f in form.formerly.splitlines() if f.strip()))
    if len(formerly) > MOST_FORMERLY or any(not re.fullmatch(r"(?:Xã|Phường|Thị trấn) \S.{0,70}", f) for f in formerly):
        raise Refusal("Mỗi dòng một tên cũ, bắt đầu bằng “Xã”, “Phường” hoặc “Thị trấn”.", "formerly")
    row = CommuneSheet(code=code, name=name_of(session, form.name), formerly=formerly, updated_by=who.login, updated_at=now,
                       **contacts_of(form, local(now).date()))
    session.add(row)
    session.flush()
    audit.note(session, who.id, who.login, "commune", code, now, name=row.name, added=True)
    return row


def merge(session: Session, who: Who, code: str, into: str, now: datetime) -> None:
    """The unit went into another one: its name leads there, and what stood under it follows. Raises Refusal."""
    target = next((u["name"] for u in units(session) if u["code"] == into), None)
    if target is None or into == code:
        raise Refusal("Hãy chọn xã, phường mà đơn vị này nhập vào.", "into")
    row = sheet_for(session, code)
    row.into, row.updated_by, row.updated_at = into, who.login, now
    # a unit that went into this one before goes on to where this one goes
    session.execute(update(CommuneSheet).where(CommuneSheet.into == code).values(into=into))
    session.flush()
    follow(session, row.name, target)
    audit.note(session, who.id, who.login, "commune", code, now, name=row.name, into=target)


def follow(session: Session, before: str, after: str) -> None:
    """Everything that stands under the old name, in whatever table, stands under the new one."""
    for table in Base.metadata.sorted_tables:
        if "commune" in table.c:
            session.execute(update(table).where(table.c.commune == before).values(commune=after))
        if "communes" in table.c:
            key = next(iter(table.primary_key.columns))
            for ident, names in session.execute(select(key, table.c.communes)).all():
                if before in (names or []):
                    changed = list(dict.fromkeys(after if name == before else name for name in names))
                    session.execute(update(table).where(key == ident).values(communes=changed))
    session.expire_all()


def officers(session: Session) -> Mapping[str, list[str]]:
    """The active staff bound to each commune, by its name."""
    found: dict[str, list[str]] = {}
    for name, communes in session.execute(select(Staff.name, Staff.communes).where(Staff.active).order_by(Staff.name)):
        for commune in communes or []:
            found.setdefault(commune, []).append(name)
    return found


# --- links that were opened -------------------------------------------------------------------------------------------

def opened(session: Session, start: str, channel: str, now: datetime) -> None:
    """Counts a link that was opened; one that leads to nothing of ours is not counted, so that nobody can fill the table."""
    kind, _, value = start.partition("-")
    known = places.by_code(value) is not None if kind == "x" else kind == "c" and session.scalar(
        select(CourseVersion.id).where(CourseVersion.slug == value, CourseVersion.live).limit(1)) is not None
    if not known:
        return
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.execute(insert(LinkOpened).values(day=local(now).date(), start=start, channel=channel, count=1).on_conflict_do_update(
        index_elements=["day", "start", "channel"], set_={"count": LinkOpened.count + 1}))


def openings(session: Session, starts: Iterable[str], since: date) -> dict[str, int]:
    """How often each of these links was opened since that local day; those never opened are left out."""
    rows = session.execute(select(LinkOpened.start, func.sum(LinkOpened.count)).where(LinkOpened.start.in_(list(starts)), LinkOpened.day >= since)
                           .group_by(LinkOpened.start))
    return {start: int(count) for start, count in rows}
