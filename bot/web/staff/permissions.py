"""Who may do what: the one table. A route names its permission with `needs` (guard.py); a test walks every route."""

from collections.abc import Sequence
from typing import Literal, get_args

Role = Literal["viewer", "author", "approver", "officer", "administrator"]
ROLES: tuple[Role, ...] = get_args(Role)

ROLE_NAMES = {"viewer": "Người xem", "author": "Người soạn", "approver": "Người duyệt", "officer": "Cán bộ xử lý", "administrator": "Quản trị"}

EVERYBODY: frozenset[Role] = frozenset(ROLES)
WRITERS: frozenset[Role] = frozenset({"author", "approver", "administrator"})
DESK: frozenset[Role] = frozenset({"officer", "administrator"})
ADMINISTRATORS: frozenset[Role] = frozenset({"administrator"})

PERMISSIONS: dict[str, frozenset[Role]] = {
    "self": EVERYBODY,  # one's own account: password, second factor, own phone, signing out
    "figures.see": EVERYBODY,
    "figures.export": DESK | {"approver"},
    "course.see": WRITERS,
    "course.edit": WRITERS,
    "course.publish": frozenset({"approver", "administrator"}),
    "procedure.see": WRITERS | DESK,
    "procedure.edit": WRITERS,
    "procedure.publish": frozenset({"approver", "administrator"}),
    "golden.edit": frozenset({"approver", "administrator"}),
    "questions.see": WRITERS,
    "questions.work": WRITERS,
    "operations.see": DESK,
    "operations.switch": ADMINISTRATORS,
    "operations.replay": ADMINISTRATORS,
    "reports.see": DESK,
    "reports.make": DESK,
    "reports.schedule": ADMINISTRATORS,
    "privacy.see": DESK,
    "privacy.work": DESK,
    "incidents.see": DESK,
    "incidents.export": DESK,
    "tickets.see": DESK,
    "tickets.work": DESK,
    "news.see": WRITERS | DESK,
    "news.write": WRITERS | DESK,
    "news.approve": frozenset({"approver", "administrator"}),
    "talks.work": DESK,
    "talks.read": ADMINISTRATORS,  # what others said, with a reason that is written down
    "staff.manage": ADMINISTRATORS,
    "audit.see": ADMINISTRATORS,
    "systems.manage": ADMINISTRATORS,
    "commune.see": WRITERS | DESK,
    "commune.edit": ADMINISTRATORS,
    "data.edit": WRITERS,
    "data.publish": frozenset({"approver", "administrator"}),
    "quality.see": WRITERS | DESK,
    "quality.export": DESK | {"approver"},
    "quality.work": WRITERS | DESK,
    "quality.manage": frozenset({"approver", "administrator"}),
}
"""Nobody approves or publishes what they wrote themselves, whatever their role; that is the services' to see to."""

PROVINCE: frozenset[str] = frozenset({"operations.switch", "operations.replay", "audit.see", "systems.manage"})
"""What holds for the whole province or shows it: not for whoever is bound to communes. What goes by commune, services hold to theirs."""


def may(role: str, permission: str, communes: Sequence[str] = ()) -> bool:
    """communes: those a person is bound to. Raises KeyError for a permission that is not in the table: a programming error."""
    return role in PERMISSIONS[permission] and not (communes and permission in PROVINCE)
