"""From a cluster to words for the public: a draft of an announcement, a draft of a short course. People write the rest and approve it.

No number, no link and nobody's words go into them: what citizens say is not verified. Flushes only; the caller commits.
"""

from copy import deepcopy
from datetime import datetime

from sqlalchemy.orm import Session

from bot.incidents.judging import signs
from bot.incidents.kinds import TRICKS
from bot.services import drafts
from bot.services.spread import Detail
from bot.services.staff import Who
from bot.store.tables import Draft

ADVICE = "Dừng lại, gác máy, đừng bấm link. Gọi lại số bạn tự biết rồi mới tin."
REPORT = "Đã lỡ làm theo: gọi ngân hàng theo số sau thẻ, báo công an xã, phường."
MOST_SIGNS = 2


def gives_away(trick: str) -> list[str]:
    """How this kind of trick is known, in the words that citizens read when they ask; grade B each (bot/incidents/signs.yml)."""
    key = next((k for k, title in TRICKS.items() if title == trick), "")
    return [sign.reason.says for sign in signs() if sign.trick == key][:MOST_SIGNS]


def announcement(found: Detail) -> str:
    """The text an announcement begins with."""
    what = f"chiêu “{found.row.trick}”" if found.row.trick else "một chiêu lừa"
    return "\n".join([f"Nhiều người vừa báo về {what}.", *gives_away(found.row.trick), ADVICE, REPORT])


def draft(session: Session, who: Who, title: str, found: Detail, now: datetime) -> Draft:
    """A course with one lesson of two cards; its questions are for its author. Raises Refusal."""
    made = drafts.create(session, who, title, "citizens", now)
    document = deepcopy(made.document)
    document["scams"] = True
    lesson = document["lessons"][0]
    lesson["title"], lesson["goal"], lesson["remember"] = "Nhận ra và dừng lại", "Biết dấu hiệu và việc nên làm.", "Dừng, gác máy, gọi lại số mình biết."
    known = " ".join(gives_away(found.row.trick)) or "Có người vừa báo một chiêu lừa đang lan."
    lesson["steps"] = [{"card": {"id": "l1c1", "text": known, "source": ["KD"]}}, {"card": {"id": "l1c2", "text": f"{ADVICE} {REPORT}", "source": ["KD"]}}]
    return drafts.changed(session, who, made, document, now)
