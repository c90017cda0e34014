"""Who says nothing but where they live, by a name that staff have added: understood at once, while Rasa has never seen the name.

Behind "xã" and "phường" Rasa understands names it does not know; "Bến Mới" alone, or "bác ở Bến Mới", it does not.
"""

import re

from bot import places

SAID = "said:"
"""Before the words in the value of set_commune; without it the value is a unit's code."""
LEAD = (r"(?:(?:da|vang|chao|thua|toi|em|con|chau|bac|ong|ba|co|chu|anh|chi|minh|tui|nha|gia dinh|que|hien|nay|dang|gio|vua|moi|thi|la|nguoi|dan|song"
        r"|cu tru|thuong tru|tam tru|tru|thuoc|chuyen|doi|sang|ve|o|tai|ben) )*(?:xa |phuong |thi tran )?")
TAIL = r"(?: (?:cu|nhe|nha|a|da|roi|day|nay|do|tinh ninh binh|ninh binh))*"
"""Folded words around the name by which people say that they live there."""
MOST_LETTERS = 120


def is_said(text: str) -> bool:
    """Is the text the name of such a unit, alone or within words of living there? False for questions and for everything the shipped list has."""
    if not places.newer() or len(text) > MOST_LETTERS or "?" in text:
        return False
    named = places.find(text)
    if named is None or named.said not in places.newer():
        return False
    return bool(re.fullmatch(LEAD + re.escape(places.plain(named.proper)) + TAIL, places.plain(text)))
