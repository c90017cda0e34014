"""Certificates of completed courses: issued, found, revoked, printed. Flushes only; the caller commits.

The signing key is CERTIFICATE_KEY, else one kept under var/; a second server needs the same one.
"""

import logging
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pypdf import PdfReader
from pypdf.errors import PdfReadError
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.clock import local
from bot.config import Settings
from bot.errors import BotError
from bot.learning import certificate, paper
from bot.services.versions import course_of
from bot.store.tables import Certificate, CourseVersion, Enrolment

MOST_NAME = 80
"""Characters; two lines on paper."""


class NotCompleted(BotError):
    """There is no completed course to certify; seen by the citizen as a sentence."""


@dataclass(frozen=True)
class Office:
    """Who issues, with which key, and where certificates are looked up."""

    key: bytes
    issuer: str
    base: str

    @classmethod
    def of(cls, settings: Settings) -> "Office":
        return cls(settings.certificate_seed(), f"Trợ lý Công dân số tỉnh {settings.province}", settings.base_url)

    @property
    def public_key(self) -> str:
        return certificate.public_pem(certificate.key_of(self.key))

    def address(self, number: str) -> str:
        return f"{self.base}/chung-nhan/{number}"


def completed(session: Session, learner_id: int) -> list[tuple[Enrolment, Certificate | None]]:
    """Courses the learner has completed, the newest round of each, with the certificate in force if there is one."""
    rows = session.scalars(select(Enrolment).where(Enrolment.learner_id == learner_id, Enrolment.passed)
                           .order_by(Enrolment.slug, Enrolment.round)).all()
    newest = {e.slug: e for e in rows}
    found = []
    for enrolment in sorted(newest.values(), key=lambda e: e.completed_at, reverse=True):
        issued = session.scalars(select(Certificate).where(Certificate.enrolment_id == enrolment.id, Certificate.revoked_at.is_(None))
                                 .order_by(Certificate.issued_at.desc())).first()
        found.append((enrolment, issued))
    return found


def issue(session: Session, office: Office, learner_id: int, enrolment_id: int, name: str, now: datetime) -> Certificate:
    """A certificate in this name; one already in force for the same course and name is returned. Raises NotCompleted.

    A new name takes the place of the old one: the certificate before is revoked.
    """
    enrolment = session.get(Enrolment, enrolment_id)
    if enrolment is None or enrolment.learner_id != learner_id or not enrolment.passed:
        raise NotCompleted("no completed course")
    name = paper.printable(" ".join(unicodedata.normalize("NFC", name).split()))[:MOST_NAME].strip()
    for before in session.scalars(select(Certificate).where(Certificate.enrolment_id == enrolment_id, Certificate.revoked_at.is_(None))):
        if before.payload["name"] == name:
            return before
        revoke(session, before.number, "cấp lại với tên khác", now)
    course = course_of(session, enrolment.version_id)
    version = session.get_one(CourseVersion, enrolment.version_id).sha256[:12]
    made = certificate.Certificate(certificate.new_number(), name, course.title, course.slug, version, enrolment.score_percent or 0,
                                   f"{local(enrolment.completed_at):%Y-%m-%d}", f"{local(now):%Y-%m-%d}", office.issuer)
    row = Certificate(number=made.number, learner_id=learner_id, enrolment_id=enrolment_id, payload=made.payload(),
                      signature=certificate.signature(certificate.key_of(office.key), made.payload()), issued_at=now)
    session.add(row)
    session.flush()
    return row


def find(session: Session, number: str) -> Certificate | None:
    """The certificate with this number, however it is written."""
    plain = "".join(c for c in number.upper() if c.isascii() and c.isalnum())
    plain = plain[2:] if len(plain) == 14 and plain.startswith("CN") else plain
    return session.get(Certificate, f"CN-{plain[:4]}-{plain[4:8]}-{plain[8:12]}") if len(plain) == 12 else None


def revoke(session: Session, number: str, why: str, now: datetime) -> Certificate | None:
    """Takes a certificate back; None when there is none with this number."""
    row = find(session, number)
    if row is not None and row.revoked_at is None:
        row.revoked_at, row.revoked_why = now, why[:200]
        session.flush()
    return row


def token_of(path: Path) -> str:
    """The signed text attached to a certificate's PDF. Raises BadCertificate."""
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it tells on stderr what it thinks of a file that is no PDF
    try:
        attached = PdfReader(path).attachments.get("chung-nhan.txt")
    except (OSError, PdfReadError) as error:
        raise certificate.BadCertificate(f"{path.name} cannot be read as a PDF") from error
    if not attached:
        raise certificate.BadCertificate(f"{path.name} is no certificate of ours: nothing signed is attached")
    return attached[0].decode("utf-8", "replace")


def pdf(office: Office, row: Certificate) -> bytes:
    """The certificate on paper, with its QR code and its signed text attached."""
    token = certificate.token(row.payload, row.signature)
    address = office.address(row.number)
    return paper.certificate(row.payload, address, f"{address}#{token}", token)
