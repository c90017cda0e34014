"""Staff: signing in and out, passwords, second factor, invitations, roles. Flushes only; the caller commits."""

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from bot.clock import local
from bot.config import Settings
from bot.errors import Refusal
from bot.services import audit
from bot.services.keep import Seal
from bot.store.tables import Invitation, Staff, StaffSession

LEAST_PASSWORD = 12
TRIES, PAUSE = 5, timedelta(minutes=15)
"""After so many wrong passwords in a row nothing is tried for so long."""
IDLE, LONGEST = timedelta(hours=1), timedelta(hours=12)
"""A browser stays signed in so long without a request, and so long at most."""
NOTED_EVERY = timedelta(minutes=1)
INVITED_FOR = timedelta(days=7)
LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{2,79}")
SECRET = re.compile(r"[A-Z2-7]{32}")
COMMON = ("matkhau", "password", "12345678", "qwerty", "congdanso", "ninhbinh")
"""No password contains one of these."""

hasher = PasswordHasher()
NOBODY = hasher.hash("nobody has this password")
"""Checked when there is no such login, so that the answer takes as long."""


@dataclass(frozen=True)
class Who:
    """A member of staff who is signed in. communes: names as bot/places lists them, () for the whole province. session: hash of the cookie's token."""

    id: int
    login: str
    name: str
    role: str
    communes: tuple[str, ...]
    csrf: str
    session: str
    stale: bool = False
    """It is time to write down that the browser is in use."""


def add(session: Session, login: str, name: str, password: str, role: str, communes: Sequence[str], now: datetime) -> Staff:
    """A new member of staff. Raises Refusal."""
    login = checked_login(session, login)
    row = Staff(login=login, name=checked_name(name), password_hash=hasher.hash(checked_password(password, login)), role=role,
                communes=list(communes), created_at=now)
    session.add(row)
    session.flush()
    return row


def checked_login(session: Session, login: str) -> str:
    """The login as it is kept. Raises Refusal."""
    login = login.strip().lower()
    if not LOGIN.fullmatch(login):
        raise Refusal("Tên đăng nhập cần từ 3 ký tự, gồm chữ không dấu, số, dấu chấm, gạch ngang hoặc @.", "login")
    if session.scalar(select(Staff.id).where(Staff.login == login)):
        raise Refusal(f"Đã có người dùng tên đăng nhập {login}.", "login")
    return login


def checked_name(name: str) -> str:
    name = " ".join(name.split())
    if not 2 <= len(name) <= 80:
        raise Refusal("Hãy ghi họ tên, từ 2 đến 80 ký tự.", "name")
    return name


def checked_password(password: str, login: str) -> str:
    """Long rather than odd: length stops guessing, rules about signs only make people write passwords down. Raises Refusal."""
    plain = password.lower()
    if len(password) < LEAST_PASSWORD:
        raise Refusal(f"Mật khẩu cần ít nhất {LEAST_PASSWORD} ký tự; một câu ngắn dễ nhớ là tốt nhất.", "password")
    if len(password) > 200:
        raise Refusal("Mật khẩu dài quá 200 ký tự.", "password")
    if len(set(plain)) < 5 or login.partition("@")[0] in plain or any(word in plain for word in COMMON):
        raise Refusal("Mật khẩu này dễ đoán. Hãy dùng một câu của riêng bạn.", "password")
    return password


@dataclass(frozen=True)
class Tried:
    """What became of a try to sign in. token: for the cookie, None when it failed; code_wanted: password right, second factor missing."""

    token: str | None = None
    sentence: str = ""
    code_wanted: bool = False


WRONG = "Tên đăng nhập, mật khẩu hoặc mã xác thực không đúng."


def sign_in(session: Session, seal: Seal, login: str, password: str, code: str, now: datetime) -> Tried:
    """Checks and opens a session; writes what happened to the audit log, so the caller commits whatever comes back."""
    login = login.replace("\0", "").strip().lower()  # a database cannot be asked for a NUL
    row = session.scalars(select(Staff).where(Staff.login == login).with_for_update()).first()
    if row is not None and row.locked_until is not None and row.locked_until > now:
        return Tried(sentence=f"Sai nhiều lần nên tạm khoá đến {local(row.locked_until):%H:%M}. Quên mật khẩu thì nhờ quản trị gửi lại lời mời.")
    right = matches(row.password_hash if row is not None else NOBODY, password)
    if row is None or not row.active or not right:
        return failed(session, row, login, now)
    if row.totp_secret:
        if not code.strip():
            return Tried(sentence="Nhập thêm mã 6 số trong ứng dụng xác thực.", code_wanted=True)
        if not code_is_right(row, seal.open(f"totp:{row.id}", row.totp_secret), code, now):
            return failed(session, row, login, now)
    if hasher.check_needs_rehash(row.password_hash):
        row.password_hash = hasher.hash(password)
    return Tried(opened(session, row, now, second_factor=bool(row.totp_secret)))


def opened(session: Session, row: Staff, now: datetime, **how: object) -> str:
    """The token of a new browser session of somebody who has shown who they are. how: for the audit log."""
    row.failures, row.locked_until, row.signed_in_at = 0, None, now
    token = secrets.token_urlsafe(32)
    session.add(StaffSession(token_hash=hashed(token), staff_id=row.id, csrf=secrets.token_urlsafe(24), created_at=now, seen_at=now))
    audit.note(session, row.id, row.login, "sign_in", row.login, now, **how)
    return token


def sign_in_elsewhere(session: Session, login: str, issuer: str, now: datetime) -> Tried:
    """The province's own sign-in vouches for this login. Only those an administrator has added or invited come in."""
    login = login.strip().lower()
    row = session.scalars(select(Staff).where(Staff.login == login).with_for_update()).first()
    invited = session.scalars(select(Invitation).where(
        Invitation.login == login, Invitation.staff_id.is_(None), Invitation.used_at.is_(None), Invitation.expires_at > now).with_for_update()).first()
    if row is None and invited is not None:
        # who they are has been shown; a password that nobody knows keeps the other door shut until they ask for one
        row = taken_up(session, invited, secrets.token_urlsafe(32), now)
    if row is None or not row.active:
        audit.note(session, row.id if row else None, row.login if row else "(không rõ)", "sign_in_failed", row.login if row else "", now, issuer=issuer)
        return Tried(sentence="Tài khoản này chưa được quản trị cho vào. Hãy xin một lời mời.")
    return Tried(opened(session, row, now, issuer=issuer))


def matches(password_hash: str, password: str) -> bool:
    try:
        return hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def failed(session: Session, row: Staff | None, login: str, now: datetime) -> Tried:
    """Counts it, locks after too many. The sentence is the same for every reason."""
    if row is not None:
        row.failures += 1
        if row.failures >= TRIES:
            row.failures, row.locked_until = 0, now + PAUSE
    # what was typed as a login may be a password typed into the wrong field: only known logins are written down
    audit.note(session, row.id if row else None, row.login if row else "(không rõ)", "sign_in_failed", row.login if row else "", now,
               locked=bool(row and row.locked_until and row.locked_until > now))
    return Tried(sentence=WRONG)


def code_is_right(row: Staff, secret: str, code: str, now: datetime) -> bool:
    """The code of this half minute or the one beside it; none is good twice."""
    totp, step = pyotp.TOTP(secret), int(now.timestamp()) // 30
    for one in (step, step - 1, step + 1):
        if (row.totp_used is None or one > row.totp_used) and pyotp.utils.strings_equal(totp.at(one * 30), re.sub(r"\s", "", code)):
            row.totp_used = one
            return True
    return False


def hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def who(session: Session, token: str, now: datetime) -> Who | None:
    """Who is signed in with this cookie; None when nobody is (any more)."""
    found = session.execute(select(StaffSession, Staff).join(Staff, Staff.id == StaffSession.staff_id)
                            .where(StaffSession.token_hash == hashed(token))).first()
    if found is None:
        return None
    one, row = found
    if not row.active or now - one.seen_at > IDLE or now - one.created_at > LONGEST:
        return None
    return Who(row.id, row.login, row.name, row.role, tuple(row.communes), one.csrf, one.token_hash, now - one.seen_at > NOTED_EVERY)


def seen(session: Session, one: Who, now: datetime) -> None:
    """The browser is in use."""
    row = session.get(StaffSession, one.session)
    if row is not None:
        row.seen_at = now


def sign_out(session: Session, one: Who, now: datetime) -> None:
    session.execute(delete(StaffSession).where(StaffSession.token_hash == one.session))
    audit.note(session, one.id, one.login, "sign_out", one.login, now)


def end_sessions(session: Session, staff_id: int, keep: str = "") -> None:
    """Everywhere but in the browser whose session is kept."""
    session.execute(delete(StaffSession).where(StaffSession.staff_id == staff_id, StaffSession.token_hash != keep))


def change_password(session: Session, one: Who, old: str, new: str, now: datetime) -> None:
    """Raises Refusal. Signs all other browsers out."""
    row = session.get_one(Staff, one.id)
    if not matches(row.password_hash, old):
        raise Refusal("Mật khẩu đang dùng không đúng.", "old")
    row.password_hash = hasher.hash(checked_password(new, row.login))
    end_sessions(session, row.id, keep=one.session)
    audit.note(session, row.id, row.login, "password", row.login, now)


def has_second_factor(session: Session, one: Who) -> bool:
    return session.get_one(Staff, one.id).totp_secret is not None


def reset(session: Session, login: str, password: str) -> Staff:
    """For whoever runs the server: a new password, no second factor, no pause, active again. Raises Refusal."""
    row = session.scalars(select(Staff).where(Staff.login == login.strip().lower())).first()
    if row is None:
        raise Refusal(f"Không có tên đăng nhập {login}.")
    row.password_hash = hasher.hash(checked_password(password, row.login))
    row.totp_secret, row.failures, row.locked_until, row.active = None, 0, None, True
    end_sessions(session, row.id)
    return row


def begin_second_factor(province: str, login: str, secret: str = "") -> tuple[str, str]:
    """(secret, otpauth:// address for the QR code). Nothing is kept until `confirm_second_factor`. secret: one shown before."""
    secret = secret if SECRET.fullmatch(secret) else pyotp.random_base32()
    return secret, pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=f"Trợ lý Công dân số {province}")


def confirm_second_factor(session: Session, seal: Seal, one: Who, secret: str, code: str, now: datetime) -> None:
    """Keeps the secret once a code of it was typed. Raises Refusal."""
    row = session.get_one(Staff, one.id)
    if not SECRET.fullmatch(secret) or not code_is_right(row, secret, code, now):
        raise Refusal("Mã không khớp. Hãy quét lại và nhập mã đang hiện trong ứng dụng.", "code")
    row.totp_secret = seal.close(f"totp:{row.id}", secret)
    audit.note(session, row.id, row.login, "second_factor", row.login, now, on=True)


def drop_second_factor(session: Session, one: Who, password: str, now: datetime) -> None:
    """Raises Refusal."""
    row = session.get_one(Staff, one.id)
    if not matches(row.password_hash, password):
        raise Refusal("Mật khẩu không đúng.", "password")
    row.totp_secret = None
    audit.note(session, row.id, row.login, "second_factor", row.login, now, on=False)


def invite(session: Session, by: Who, login: str, name: str, role: str, communes: Sequence[str], now: datetime) -> str:
    """The token of the link that lets somebody in, good once and for a week. Raises Refusal."""
    within_reach(by, communes)
    login = checked_login(session, login)
    token = secrets.token_urlsafe(24)
    session.execute(delete(Invitation).where(Invitation.login == login, Invitation.used_at.is_(None)))
    session.add(Invitation(token_hash=hashed(token), login=login, name=checked_name(name), role=role, communes=list(communes), invited_by=by.id,
                           created_at=now, expires_at=now + INVITED_FOR))
    session.flush()
    audit.note(session, by.id, by.login, "staff_invited", login, now, role=role, communes=list(communes))
    return token


def within_reach(by: Who, *bound: Sequence[str]) -> None:
    """Who is bound to communes may see to nobody, and make nobody, of other communes or of the whole province. Raises Refusal."""
    if by.communes and not all(communes and set(communes) <= set(by.communes) for communes in bound):
        raise Refusal("Bạn chỉ quản lý được người làm việc ở xã, phường được giao cho mình. Hãy chọn trong các xã, phường đó.", "communes")


def invite_again(session: Session, by: Who, staff_id: int, now: datetime) -> str:
    """A link by which somebody who has lost their password or phone sets both anew; all their browsers are signed out."""
    row = session.get(Staff, staff_id)
    if row is None:
        raise Refusal("Không có người này.")
    within_reach(by, row.communes)
    token = secrets.token_urlsafe(24)
    session.execute(delete(Invitation).where(Invitation.login == row.login, Invitation.used_at.is_(None)))
    session.add(Invitation(token_hash=hashed(token), login=row.login, name=row.name, role=row.role, communes=row.communes, invited_by=by.id,
                           staff_id=row.id, created_at=now, expires_at=now + INVITED_FOR))
    end_sessions(session, row.id)
    audit.note(session, by.id, by.login, "staff_invited", row.login, now, again=True)
    return token


def invitation(session: Session, token: str, now: datetime) -> Invitation | None:
    """The invitation behind a link; None when it is unknown, used or over."""
    row = session.get(Invitation, hashed(token), with_for_update=True)
    return row if row is not None and row.used_at is None and row.expires_at > now else None


def accept(session: Session, token: str, password: str, now: datetime) -> Staff:
    """The invited person becomes staff with this password. Raises Refusal."""
    row = invitation(session, token, now)
    if row is None:
        raise Refusal("Lời mời này đã dùng hoặc quá hạn. Hãy xin quản trị một lời mời mới.")
    if row.staff_id is not None:
        person = session.get_one(Staff, row.staff_id)
        person.password_hash = hasher.hash(checked_password(password, person.login))
        person.totp_secret, person.failures, person.locked_until = None, 0, None
        audit.note(session, person.id, person.login, "password", person.login, now, by_invitation=True)
        row.used_at = now
        return person
    return taken_up(session, row, password, now)


def taken_up(session: Session, row: Invitation, password: str, now: datetime) -> Staff:
    """Whoever was invited for the first time is staff from now on. Raises Refusal for the password."""
    person = add(session, row.login, row.name, password, row.role, row.communes, now)
    audit.note(session, person.id, person.login, "staff_added", person.login, now, role=person.role, communes=person.communes)
    row.used_at = now
    return person


def change(session: Session, by: Who, staff_id: int, role: str, communes: Sequence[str], active: bool, now: datetime) -> Staff:
    """A role, its communes, or whether the person may come in at all. Raises Refusal for what would leave no administrator."""
    row = session.get(Staff, staff_id, with_for_update=True)
    if row is None:
        raise Refusal("Không có người này.")
    within_reach(by, row.communes, communes)
    administrators = session.scalar(select(func.count()).select_from(Staff).where(
        Staff.role == "administrator", Staff.active, Staff.id != row.id))
    if row.role == "administrator" and (role != "administrator" or not active) and not administrators:
        raise Refusal("Phải còn ít nhất một người quản trị.")
    was = {"role": row.role, "communes": row.communes, "active": row.active}
    row.role, row.communes, row.active = role, list(communes), active
    end_sessions(session, row.id, keep=by.session if row.id == by.id else "")
    audit.note(session, by.id, by.login, "staff_changed", row.login, now, was=was,
               became={"role": role, "communes": list(communes), "active": active})
    return row


def everybody(session: Session) -> Sequence[Staff]:
    return session.scalars(select(Staff).order_by(Staff.active.desc(), Staff.name)).all()


def waiting_invitations(session: Session, now: datetime) -> Sequence[Invitation]:
    return session.scalars(select(Invitation).where(Invitation.used_at.is_(None), Invitation.expires_at > now)
                           .order_by(Invitation.created_at.desc())).all()


def clean(session: Session, now: datetime) -> int:
    """Sessions that are over and invitations nobody used; returns how many rows went."""
    rows = session.execute(delete(StaffSession).where((StaffSession.seen_at < now - IDLE) | (StaffSession.created_at < now - LONGEST))).rowcount
    return rows + session.execute(delete(Invitation).where(Invitation.expires_at < now - timedelta(days=30))).rowcount


def seal_of(settings: Settings) -> Seal:
    """What second factors are sealed with."""
    return Seal(settings.key(), b"staff")
