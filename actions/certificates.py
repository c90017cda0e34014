"""Certificates in the chat: for which course, in which name, and is this one real."""

import re

from actions import procedures
from actions._second import LIKELY, procedure_meant
from actions._turn import Turn, acts, payload
from actions.learning import LEARNING, offer
from actions.progress import name_of
from bot.language.normalise import fold
from bot.learning.paper import day
from bot.messages import Reply
from bot.services import certificates
from bot.services.certificates import NotCompleted, Office
from bot.services.versions import course_of
from bot.store.tables import Certificate, Learner
from bot.wording import say

NUMBER = re.compile(r"(?i)\bcn[\s-]*((?:[a-z0-9]{4}[\s-]*){3})\b")
OF_OFFICES = re.compile(
    r"\bchung (?:nhan|chi)(?: (?:dang ky|du|dieu kien|co so|da))* (?:an toan|attp|ve sinh|suc khoe|hanh nghe|hoc nghe|nghe|ngoai ngu|tieng|tin hoc"
    r"|ket hon|doc than|ho (?:ngheo|can ngheo|kinh doanh)|quyen|su dung|so huu|nha|dat|xe|oto|o to|kinh doanh|dau tu|thue|tam tru|thuong tru|cu tru"
    r"|khuyet tat|thuong binh|tham nien|phong chay|pccc|xuat xu|nguon goc|lao dong|an ninh|mau|tu vong|khai sinh|dang kiem|tau|thuyen|trang trai)\b")
"""Folded: what the state certifies, as against "chứng nhận hoàn thành khóa"."""
CHECKING = re.compile(r"\b(?:kiem tra|that hay gia|co that|that khong|xac minh|tra cuu|thu hoi|hop le)\b")


@acts("action_get_certificate")
def get_certificate(turn: Turn) -> list[Reply] | Reply:
    """Checks a number typed in the text; else the courses that can be certified, or the only one at once."""
    number = NUMBER.search(turn.text)
    if number:
        return checked(turn, number.group(0))
    if CHECKING.search(fold(turn.text)):
        return Reply(say("certificate_check", address=f"{turn.app.settings.base_url}/chung-nhan"))
    if (procedure := procedure_meant(turn, LEARNING, LIKELY)) is not None:
        return procedure
    if OF_OFFICES.search(fold(turn.text)):
        return procedures.respond(turn, turn.text, "overview")  # an office's paper, covered or not
    done = certificates.completed(turn.session, turn.learner_id) if turn.learner_id is not None else []
    if not done:
        return offer(turn, say("certificate_none"))
    if len(done) == 1:
        enrolment, issued = done[0]
        return given(turn, issued) if issued is not None else ask_name(turn, enrolment.id)
    lines, buttons = [say("certificate_which")], []
    for enrolment, issued in done:
        title = course_of(turn.session, enrolment.version_id).title
        lines.append(f"• {title}" + (f": {issued.number}" if issued else ""))
        buttons.append((f"“{title}”", payload("name_certificate", str(enrolment.id))))
    return Reply("\n".join(lines), tuple(buttons[:8]))


def checked(turn: Turn, number: str) -> Reply:
    """The sentence about a number: real, revoked or unknown."""
    row = certificates.find(turn.session, number)
    if row is None:
        return Reply(say("certificate_unknown"))
    return Reply(say("certificate_revoked" if row.revoked_at else "certificate_real", number=row.number, course=row.payload["course"],
                     day=day(row.payload["completed_on"])))


def ask_name(turn: Turn, enrolment_id: int) -> Reply:
    """In which name: typed, the learner's own, or none."""
    turn.talk.awaiting = f"certificate:{enrolment_id}"
    learner = turn.session.get_one(Learner, turn.learner_id)
    own = ((say("certificate_own_name", name=learner.name), payload("name_certificate", f"{enrolment_id}|own")),) if learner.name else ()
    return Reply(say("certificate_name"), (*own, (say("certificate_no_name"), payload("name_certificate", f"{enrolment_id}|none"))), quick=True)


@acts("action_name_certificate")
def name_certificate(turn: Turn) -> Reply:
    """A button: "<enrolment>" asks for the name (or shows what is there), "<enrolment>|own" and "|none" issue."""
    number, _, how = turn.value.partition("|")
    if not number.isdigit() or turn.learner_id is None:
        return offer(turn, say("certificate_none"))
    issued = next((c for e, c in certificates.completed(turn.session, turn.learner_id) if e.id == int(number)), None)
    if not how:
        return given(turn, issued) if issued is not None else ask_name(turn, int(number))
    if how == "again":
        return ask_name(turn, int(number))
    return issue(turn, int(number), (turn.session.get_one(Learner, turn.learner_id).name or "") if how == "own" else "")


@acts("action_give_name")
def give_name(turn: Turn) -> Reply | list[Reply]:
    """A name was asked for and typed: for a certificate, or for who is learning."""
    from actions.progress import switch_to

    kind, _, number = turn.awaiting.partition(":")
    name = name_of(turn.text)
    if kind == "certificate" and number.isdigit() and name:
        return issue(turn, int(number), name)
    if kind == "learner" and name:
        return switch_to(turn, name)
    return Reply(say("fallback"))


def issue(turn: Turn, enrolment_id: int, name: str) -> Reply:
    try:
        row = certificates.issue(turn.session, Office.of(turn.app.settings), turn.learner_id, enrolment_id, name, turn.now)
    except NotCompleted:
        return offer(turn, say("certificate_none"))
    return given(turn, row)


def given(turn: Turn, row: Certificate) -> Reply:
    """Where the certificate is to be had."""
    return Reply(say("certificate_here", course=row.payload["course"], number=row.number, name=row.payload["name"] or say("certificate_nameless"),
                     address=f"{Office.of(turn.app.settings).address(row.number)}.pdf"),
                 ((say("certificate_rename"), payload("name_certificate", f"{row.enrolment_id}|again")),
                  (say("results_button"), "/my_progress")))
