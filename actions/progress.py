"""The learner's own view: results, revision, its hour, and who is learning on this phone."""

import json
import re
from itertools import takewhile

from actions import reminders
from actions._turn import Turn, acts, payload
from actions.learning import continue_course, nudge_question, offer, replies
from bot.clock import local
from bot.learning import review
from bot.messages import Reply
from bot.reminders import policy
from bot.services import inbox, learn, learners, remind, revise
from bot.store.tables import Learner
from bot.wording import say

BAR = 10
"""Squares of a progress bar."""
_BEFORE_NAME = re.compile(r"\b(?:người học|cho|là|tên|bạn|cháu|em|con|bé|anh|chị|cô|chú|bác|ông|bà)\s+", re.IGNORECASE)
NAME_WORDS = 4


def bar(done: int, total: int) -> str:
    """"▰▰▰▱▱▱▱▱▱▱" for three of ten; full only when everything is done."""
    full = BAR * done // total if total else 0
    return "▰" * full + "▱" * (BAR - full)


@acts("action_my_progress")
def my_progress(turn: Turn) -> Reply:
    """Courses with bars, days in a row, what is due, the way on."""
    found = learn.results(turn.session, turn.learner_id) if turn.learner_id is not None else []
    if not found:
        return offer(turn, say("progress_none"))
    learner = turn.session.get_one(Learner, turn.learner_id)
    lines = [say("progress_head_named", name=learner.name) if learner.name else say("progress_head")]
    lines += [say("progress_line", bar=bar(r.lessons_done, r.lessons), title=r.title, done=r.lessons_done, lessons=r.lessons, right=r.right,
                  total=r.total, share=r.share_percent, state=state_of(r)) for r in found]
    days = learn.streak_days(turn.session, turn.learner_id, local(turn.now).date())
    if days >= 2:
        lines.append(say("streak", days=days))
    due, later = revise.due_count(turn.session, turn.learner_id, turn.now), revise.next_due(turn.session, turn.learner_id)
    if due:
        lines.append(say("review_due", count=due))
    elif later is not None:
        lines.append(say("review_later", day=f"{local(later):%d/%m}"))
    buttons = []
    if any(r.completed_at is None and r.left_at is None for r in found):
        buttons.append((say("go_on_button"), "/continue_course"))
    if due:
        buttons.append((say("review_button"), "/review_now"))
    if any(r.completed_at for r in found):
        buttons.append((say("certificates_button"), "/get_certificate"))
    if learners.shared(turn.session, turn.citizen_id):
        buttons.append((say("switch_button"), "/switch_learner"))
    return Reply("\n".join(lines), tuple(buttons))


def state_of(result: learn.Result) -> str:
    if result.completed_at is not None:
        return say("state_passed", day=f"{local(result.completed_at):%d/%m/%Y}")
    return say("state_left") if result.left_at is not None else say("state_open")


@acts("action_review_now")
def review_now(turn: Turn) -> list[Reply] | Reply:
    """Revision at any time: what is due, else what comes next. value: the learner a nudge was for."""
    learner = learner_of(turn, turn.value)
    if learner is not None:
        turn.talk.learner_id = learner.id
    begun = revise.begin(turn.session, turn.learner_id, turn.now) if turn.learner_id is not None else None
    if begun is None:
        return offer(turn, say("review_nothing"))
    sitting = begun.outcome.sitting
    head = say("review_early" if begun.early else "review_begin", count=len(sitting.queue) if sitting else review.AT_ONCE)
    return [Reply(head), *replies(turn, begun.outcome.says)]


@acts("action_choose_nudge")
def choose_nudge(turn: Turn) -> list[Reply] | Reply:
    """The buttons of what we send of our own accord. value: "<what>|<number of a learner or reminder>".

    what: an hour, none, go (on with the course), or why, why-course, why-reminder ("vì sao tôi nhận tin này").
    """
    if not turn.value:
        return why_anything(turn)
    what, _, about = turn.value.partition("|")
    if what == "why-reminder":
        return reminders.why(turn, about)
    learner = learner_of(turn, about) or learner_of(turn, str(turn.learner_id))
    if learner is None:
        return Reply(say("nudge_none"))
    if what == "go":
        turn.talk.learner_id = learner.id
        return continue_course(turn)
    if what in ("why", "why-course") and learner.nudge_hour is not None:
        days = policy.COURSE_IDLE.days
        because = say("nudge_because_course", hour=learner.nudge_hour, days=days) if what == "why-course" else say("nudge_because", hour=learner.nudge_hour)
        return Reply(because, nudge_question(learner.id).buttons)
    if what.isdigit() and int(what) in revise.NUDGE_HOURS:
        revise.choose_hour(turn.session, learner.id, int(what))
        return Reply(say("nudge_set", hour=what), ((say("go_on_button"), "/continue_course"),))
    revise.choose_hour(turn.session, learner.id, None)
    return Reply(say("nudge_none"))


def why_anything(turn: Turn) -> list[Reply] | Reply:
    """Why the newest message of our own accord came, asked in words: what its own button would say."""
    row = remind.came_lately(turn.session, turn.talk.id, turn.now)
    if row is None:
        return Reply(say("why_nothing"))
    if row.kind == "reminder":
        return reminders.why(turn, row.cause.split(":")[1])
    ident = next((b["payload"] for b in row.body.get("buttons") or [] if b["title"] == say("nudge_why")), None)
    asked = inbox.pressed(turn.session, turn.talk, ident) if ident else None
    if asked is None:
        return Reply(say("why_agreed"))
    turn.value = json.loads(asked.partition("{")[1] + asked.partition("{")[2])["value"]
    return choose_nudge(turn)


def learner_of(turn: Turn, number: str) -> Learner | None:
    """The learner with this id, if they learn on this phone."""
    if not number.isdigit() or turn.citizen_id is None:
        return None
    learner = turn.session.get(Learner, int(number))
    return learner if learner is not None and learner.citizen_id == turn.citizen_id else None


@acts("action_switch_learner")
def switch_learner(turn: Turn) -> list[Reply] | Reply:
    """Who is learning now: by button (value: a learner's id), or by a name in the text ("cháu Lan học")."""
    if not turn.may("learning"):
        turn.remember("pending", "switch")
        return Reply(say("consent_needed_learning"), ((say("agree"), payload("consent_give", "learning|switch")), (say("refuse"), "/consent_refuse")),
                     quick=True)
    known = learners.of_citizen(turn.session, turn.citizen_id)
    if turn.value.isdigit():
        chosen = next((one for one in known if one.id == int(turn.value)), None)
        if chosen is not None:
            turn.talk.learner_id = chosen.id
            return taken_over(chosen)
    name = name_in(turn.text)
    if name:
        return switch_to(turn, name)
    return ask_who(turn)


def ask_who(turn: Turn) -> Reply:
    """The learners of this phone to choose from; a name may be typed."""
    turn.talk.awaiting = "learner"
    known = learners.of_citizen(turn.session, turn.citizen_id)
    buttons = tuple((one.name or say("learner_first"), payload("switch_learner", str(one.id))) for one in known if one.id != turn.learner_id)
    return Reply(say("learners_who"), buttons, quick=True)


def switch_to(turn: Turn, name: str) -> Reply:
    """The learner with this name takes over, or begins."""
    try:
        learner, new = learners.switch(turn.session, turn.talk, name, turn.now)
    except learners.TooManyLearners:
        return Reply(say("learners_too_many", most=learners.MOST_PER_PHONE))
    return Reply(say("learner_new", name=learner.name), ((say("other_courses_button"), "/list_courses"),)) if new else taken_over(learner)


def taken_over(learner: Learner) -> Reply:
    return Reply(say("learner_switched", name=learner.name or say("learner_first")),
                 ((say("go_on_button"), "/continue_course"), (say("results_button"), "/my_progress")))


def name_in(text: str) -> str:
    """The name somebody gives, as written: up to four words that begin with a capital, behind a word that people put before
    names ("giờ cháu Lan học"); "" when there is none."""
    for lead in _BEFORE_NAME.finditer(text):
        words = list(takewhile(lambda w: w[0].isupper() and w.isalpha(), re.findall(r"[^\W_]+|[^\w\s]", text[lead.end():])))
        if words and not _BEFORE_NAME.match(f"{words[0]} "):
            return " ".join(words[:NAME_WORDS])
    return ""


_LEADS = re.compile(r"(?i)^(?:(?:dạ|da|vâng|ghi|họ|ho|tên|ten|là|la|tôi|toi|em|cháu|chau|con|mình|minh|bác|người học|nguoi hoc|cho)[ :,]+)+")
_TAILS = re.compile(r"(?i)[ ,]+(?:ạ|nhé|nhe|nha|giúp|giùm|với|bot ơi)[ .!]*$")


def name_of(text: str) -> str:
    """The name in an answer to "which name?": "dạ ghi tên Trần Văn Tám ạ" -> "Trần Văn Tám"; typed small, it is capitalised."""
    plain = _TAILS.sub("", text.strip(" .,!"))
    plain = _LEADS.sub("", plain).strip(" .,!")
    return plain if any(c.isupper() for c in plain) else " ".join(w.capitalize() for w in plain.split())
