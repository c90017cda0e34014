"""How content somebody was: five buttons, or a number of stars in words. Counted, tied to nobody (Nghị định 224/2026)."""

import re
from dataclasses import dataclass, replace
from datetime import timedelta

from actions._turn import Turn, acts, payload
from bot.language.normalise import fold
from bot.messages import Reply
from bot.procedures import facts as cards
from bot.services import counted, learn
from bot.wording import say

JUST_LEARNED = timedelta(hours=1)
LOW = 2
_STARS = re.compile(r"\b([1-5]|mot|hai|ba|bon|nam) ?(?:sao\b|\*|/ ?5\b)")
_NUMBERS = {"mot": 1, "hai": 2, "ba": 3, "bon": 4, "nam": 5}
_LESSON = re.compile(r"\b(?:bai hoc|bai|khoa|hoc)\b")
_OFFICE = re.compile(r"\b(?:can bo|cong chuc|uy ban|ubnd|mot cua|quay|tru so|nhan vien|(?:o|tren|ngoai) (?:xa|phuong)|di lai)\b")
"""People and places, which nobody rates here: what citizens think of them is a feedback, with a number and an answer."""


@dataclass(frozen=True)
class Subject:
    """What is rated. about, key: as in the table of ratings; words: what it is called."""

    about: str
    key: str
    words: str

    @property
    def mark(self) -> str:
        return f"{self.about}|{self.key}"


@acts("action_rate_service")
def rate_service(turn: Turn) -> Reply:
    """value: "<about>|<key>|<score>" of one of our buttons, "lesson", or nothing; then the words tell."""
    about, _, rest = turn.value.partition("|")
    key, _, score = rest.rpartition("|")
    if score.isdigit() and int(score) in counted.SCORES and about in ("answer", "lesson", "chat"):
        return rated(turn, Subject(about, key, ""), int(score))
    plain = fold(turn.text)
    if turn.text and _OFFICE.search(plain):
        return Reply(say("rate_office"), ((say("rate_feedback_button"), "/give_feedback"),))
    found = subject(turn, lesson=about == "lesson" or bool(_LESSON.search(plain)))
    stars = stars_in(plain)
    return ask(found) if stars is None else rated(turn, found, stars)


def stars_in(plain: str) -> int | None:
    """The one number of stars of five that folded words name ("cho 5 sao", "4/5"); None for none or several, and for points of ten."""
    found = {int(n) if n.isdigit() else _NUMBERS[n] for n in _STARS.findall(plain)}
    return found.pop() if len(found) == 1 else None


def subject(turn: Turn, lesson: bool) -> Subject:
    """What the rating is about: the course just learned, the answer under discussion, else the whole talk. lesson: the words name one."""
    course, code = course_of(turn), turn.slots.get("procedure")
    if course is not None and (lesson or turn.talk.lesson_on_screen or not code):
        return course
    facts = turn.app.catalogue.facts(code) if code else None
    return Subject("answer", code, say("rate_answer", name=cards.shorten(facts.name, 60))) if facts is not None else Subject("chat", "", say("rate_chat"))


def course_of(turn: Turn) -> Subject | None:
    """The course that was learned within the last hour."""
    newest = next(iter(learn.results(turn.session, turn.learner_id)), None) if turn.learner_id is not None else None
    if newest is None or turn.now - newest.touched_at > JUST_LEARNED:
        return None
    return Subject("lesson", newest.slug, say("rate_lesson", title=newest.title))


def ask(about: Subject) -> Reply:
    """Five buttons in the order of their numbers, so that a typed number is the score."""
    return Reply(say("rate_ask", what=about.words), tuple((say(f"rate_{n}"), payload("rate_service", f"{about.mark}|{n}")) for n in counted.SCORES), quick=True)


def rated(turn: Turn, about: Subject, score: int) -> Reply:
    """Counts it, unless it is the same thing once more."""
    if turn.slots.get("rated") == about.mark:
        return Reply(say("rated_before"))
    # what was said with a low rating is for whoever answers for the text, where the citizen lets such words be kept
    words = turn.text if score <= LOW and turn.text and turn.may("improve") else None
    counted.rated(turn.session, about.about, about.key, score, turn.talk.channel, turn.commune, turn.now, words)
    turn.remember("rated", about.mark)
    if score <= LOW:
        return Reply(say("rated_low", score=score), ((say("human_button"), "/request_human"),))
    return Reply(say("rated", score=score))


def offered(turn: Turn, reply: Reply, lesson: bool = False) -> Reply:
    """The reply with a small button for rating, where there is something to rate that has not been."""
    about = subject(turn, lesson)
    if about.about == "chat" or turn.slots.get("rated") == about.mark:
        return reply
    return replace(reply, buttons=(*reply.buttons, (say("rate_button"), payload("rate_service", "lesson") if about.about == "lesson" else "/rate_service")))
