"""Whoever is bound to communes reads what people of these asked in vain, and nobody else's words."""

import pytest

from bot.services import tell_later, unanswered
from bot.store.tables import Asked, Citizen
from tests.factories import TUESDAY_TEN, talk_of

HOME = ("Phường Hoa Lư",)


@pytest.fixture
def asked(database):
    """Asked, and waiting to be told, in two communes and nowhere."""
    with database.write() as session:
        for n, commune in enumerate(("Phường Hoa Lư", "Phường Đông A", None)):
            session.add(Asked(at=TUESDAY_TEN, channel="web", intent="ask_procedure", aspect="overview", decision="none", text=f"bay flycam {commune}",
                              commune=commune))
            talk = talk_of(session, address=f"somebody-{n}-0123", consent=("learning",))
            session.get_one(Citizen, talk.citizen_id).commune = commune
            tell_later.agree(session, talk, "x", tell_later.offer(session, talk, f"nuôi ong {commune}", False, TUESDAY_TEN), TUESDAY_TEN)
    return database


def test_only_what_was_asked_in_their_communes_is_listed_counted_and_opened(asked):
    with asked.read() as session:
        mine = unanswered.questions(session, TUESDAY_TEN, HOME)
        assert {q.text for q in mine} == {"bay flycam Phường Hoa Lư", "nuôi ong Phường Hoa Lư"}
        assert unanswered.count(session, TUESDAY_TEN, HOME) == 2
        everything = unanswered.questions(session, TUESDAY_TEN)
        assert len(everything) == unanswered.count(session, TUESDAY_TEN) == 6
        for one in everything:
            found = unanswered.group(session, one.ident, TUESDAY_TEN, HOME)
            assert (found is not None) == ("Hoa Lư" in one.text)
            assert found is None or all("Hoa Lư" in text for text in found.texts)
