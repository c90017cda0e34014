"""Courses in the chat: which there are, start, go on, answer, stop, leave."""

import re

from actions import news, ratings
from actions._second import POSSIBLE, procedure_meant, unless_procedure
from actions._turn import Turn, acts, payload
from bot.language.normalise import fold, normalise
from bot.language.small_talk import asks_why
from bot.learning.asking import Say
from bot.learning.model import Course
from bot.learning.replies import picked, replies_of
from bot.messages import Reply
from bot.procedures.search import words_of
from bot.services import learn, revise, study
from bot.services.study import Moved
from bot.store.tables import Learner
from bot.wording import say

SCAMS = payload("course_begin", "scams")
"""Begins the first course about scams, whichever is live."""
LISTED = 5
"""Courses with a button of their own in one message; the rest is a button away."""
CLEAR_LEAD = 1.2
"""So many times better than the next must the course be that a text names."""


def replies(turn: Turn, says: tuple[Say, ...]) -> list[Reply]:
    """The engine's messages with its commands as payloads and its pictures as addresses."""
    return replies_of(says, turn.app.settings.public_url)


def after(turn: Turn, moved: Moved) -> list[Reply]:
    """What a move led to; once a first lesson is done, whoever may be reminded is asked for an hour."""
    found = replies(turn, moved.says)
    if any(e.kind == "lesson_done" for e in moved.events) and turn.may("reminders"):
        learner = turn.session.get_one(Learner, turn.learner_id)
        if learner.nudge_hour is None and not turn.slots.get("nudge_asked"):
            turn.remember("nudge_asked", True)
            found.insert(len(found) - 1, nudge_question(learner.id))
    if found and any(e.kind in ("lesson_done", "course_done") for e in moved.events):
        found[-1] = ratings.offered(turn, found[-1], lesson=True)
    return found


def nudge_question(learner_id: int) -> Reply:
    """When a revision that is due for this learner may be mentioned."""
    hours = tuple((say("nudge_hour", hour=hour), payload("choose_nudge", f"{hour}|{learner_id}")) for hour in revise.NUDGE_HOURS)
    return Reply(say("nudge_ask"), (*hours, (say("nudge_never"), payload("choose_nudge", f"none|{learner_id}"))))


def named(turn: Turn) -> Course | None:
    """The course whose title or alias the text names better than any other; the only one there is when it names none."""
    courses = [c for _, c in learn.live(turn.session)]
    if turn.value:
        slug = turn.value.partition("|")[0]
        return next((c for c in courses if c.slug == slug or (slug == "scams" and c.scams and c.group == "citizens")), None)
    said = f" {words_of(turn.text)} "
    best = sorted(((likeness(said, c), c) for c in courses), key=lambda pair: -pair[0])[:2]
    if best and best[0][0] > 0 and (len(best) == 1 or best[0][0] >= CLEAR_LEAD * best[1][0]):
        return best[0][1]
    return courses[0] if len(courses) == 1 and not subject(said) else None


def likeness(said: str, course: Course) -> float:
    """How well the text names the course: words of its best-fitting name that the text has, less when it lacks others."""
    best = 0.0
    for name in (course.title, *course.aliases):
        words = [w for w in words_of(name).split() if w not in EVERYDAY]
        hits = sum(f" {w} " in said for w in words)
        if words and hits * 2 >= len(words):
            best = max(best, hits * hits / len(words))
    return best


EVERYDAY = set(words_of("tôi ai đang đấy học bài khóa cho muốn bắt đầu vào về cái lớp mở một cách qua xã cán bộ").split())


def subject(said: str) -> bool:
    """Does the text name a subject at all ("học về nông nghiệp") or only ask to learn ("học đi")?"""
    return bool([w for w in said.split() if w not in EVERYDAY and w not in fold(normalise(
        "thôi đi nhé ạ em anh chị bác cháu con mình nào ngay luôn với giúp xin được không nha bot ơi hoc bai moi nao tôi vào thử cần tiếp")).split()])


@acts("action_list_courses")
def list_courses(turn: Turn) -> list[Reply] | Reply:
    """What there is; who already names a subject ("muốn học chống lừa đảo") is taken to it. value: "<group>:<from>", or
    "course:<slug>" for one course, of a deep link."""
    if turn.value.startswith("course:"):
        return one_course(turn, turn.value.removeprefix("course:"))
    if not turn.value:
        said = f" {words_of(turn.text)} "
        if any(likeness(said, c) >= 2 for _, c in learn.live(turn.session)):
            return start_course(turn)
        if STAFF.search(said):
            return offer(turn, say("courses_staff"), "staff")
        return offer(turn, say("courses"))
    group, _, at = turn.value.partition(":")
    return offer(turn, say("courses_staff" if group == "staff" else "courses"), group, int(at) if at.isdigit() else 0)


def one_course(turn: Turn, slug: str) -> list[Reply] | Reply:
    """Somebody opened the link or QR code of a course. Who has never been here learns first whom they talk to."""
    course = next((c for _, c in learn.live(turn.session) if c.slug == slug), None)
    if course is None:
        return offer(turn, say("course_later"))
    line = say("course_line", title=course.title, summary=course.summary, lessons=len(course.lessons), minutes=course.minutes)
    offered = Reply(f"{say('start_course_offer')}\n{line}", ((say("start_named", title=f"“{course.title}”"), payload("course_begin", slug)),
                                                            (say("other_courses_button"), "/list_courses")))
    return offered if turn.citizen_id is not None or turn.talk.asked_consent_at is not None else [Reply(say("greet")), offered]


STAFF = re.compile(r" (?:cong chuc|vien chuc|can bo|cong vu|uy ban) ")
"""Words by which civil servants ask for courses of their own ("khóa cho công chức"), folded."""


def offer(turn: Turn, head: str, group: str = "citizens", at: int = 0) -> Reply:
    """A few courses with their buttons, those not yet completed first, and the way to the others."""
    turn.needs("courses")
    done = {r.slug for r in learn.results(turn.session, turn.learner_id) if r.completed_at} if turn.learner_id else set()
    courses = sorted((c for _, c in learn.live(turn.session) if c.group == group), key=lambda c: c.slug in done)
    here = courses[at:at + LISTED]
    lines = [say("course_done_line" if c.slug in done else "course_line", title=c.title, summary=c.summary,
                 lessons=len(c.lessons), minutes=c.minutes) for c in here]
    buttons = [(say("start_named", title=f"“{c.title}”"), payload("course_begin", c.slug)) for c in here]
    if at + LISTED < len(courses):
        buttons.append((say("courses_more", count=len(courses) - at - LISTED), payload("list_courses", f"{group}:{at + LISTED}")))
    elif group == "citizens" and any(c.group == "staff" for _, c in learn.live(turn.session)):
        buttons.append((say("courses_staff_button"), payload("list_courses", "staff:0")))
    return Reply("\n".join([head, *lines]), tuple(buttons))


@acts("action_start_course")
def start_course(turn: Turn) -> list[Reply] | Reply:
    """Begins or takes up a course; asks for consent first, and says what is better taken before. value: "<slug>[|anyway]"."""
    course = named(turn)
    if course is None and (procedure := procedure_meant(turn)) is not None:
        return procedure  # "con tôi vào lớp 1"
    if course is None:
        return offer(turn, say("course_later" if subject(f" {words_of(turn.text)} ") else "courses"))
    anyway = turn.value.endswith("|anyway")
    if not turn.may("learning"):
        turn.remember("pending", f"start:{course.slug}")
        return Reply(say("consent_needed_learning"), (
            (say("agree"), payload("consent_give", f"learning|start:{course.slug}")), (say("refuse"), "/consent_refuse")),
            quick=True)
    first = learn.lacking(turn.session, turn.learner_id, course)
    going = learn.open_enrolment(turn.session, turn.learner_id)
    if first and not anyway and not (going and going.slug == course.slug):
        return Reply(say("course_requires", title=course.title, first=first[0].title),
                     ((say("start_named", title=f"“{first[0].title}”"), payload("course_begin", first[0].slug)),
                      (say("start_anyway"), payload("course_begin", f"{course.slug}|anyway"))), quick=True)
    return begin(turn, course.slug)


def begin(turn: Turn, slug: str, again: bool = False) -> list[Reply] | Reply:
    """Opens the course where the learner left it, or at its beginning."""
    turn.needs("courses")
    done = [r for r in learn.results(turn.session, turn.learner_id) if r.slug == slug and r.completed_at]
    going = learn.open_enrolment(turn.session, turn.learner_id)
    if done and not again and not (going and going.slug == slug) and turn.slots.get("pending") != f"again:{slug}":
        turn.remember("pending", f"again:{slug}")
        return Reply(say("course_taken", title=done[0].title), ((say("again_button"), payload("course_begin", slug)),
                                                                (say("refuse"), "/deny")), quick=True)
    turn.remember("pending", None)
    enrolment, course, new = learn.enrol(turn.session, turn.learner_id, slug, turn.now, turn.talk.channel)
    outcome = learn.show(turn.session, enrolment, turn.now)
    checked = f"{course.checked_on:%d/%m/%Y}"
    head = say("started", title=course.title, lessons=len(course.lessons), minutes=course.minutes, checked=checked) if new \
        else say("resumed", title=course.title, checked=checked)
    return [Reply(head), *replies(turn, outcome.says)]


@acts("action_continue_course")
def continue_course(turn: Turn) -> list[Reply] | Reply:
    going = learn.open_enrolment(turn.session, turn.learner_id) if turn.learner_id is not None else None
    if going is None:
        return offer(turn, say("no_course"))
    return begin(turn, going.slug)


def moved(turn: Turn, move, *given) -> list[Reply] | Reply:
    """A move in what is open; when nothing is, the unfinished course is taken up or one is offered."""
    result = move(turn.session, turn.learner_id, *given, turn.now) if turn.learner_id is not None else None
    return continue_course(turn) if result is None else after(turn, result)


@acts("action_next_step")
def next_step(turn: Turn) -> list[Reply] | Reply:
    return moved(turn, study.go_on)


@acts("action_repeat_step")
def repeat_step(turn: Turn) -> list[Reply] | Reply:
    """What is on the screen, again; before it, to who asks why, the reason of the answer given last."""
    why = study.explained(turn.session, turn.learner_id) if turn.learner_id is not None and asks_why(turn.text) else None
    said = moved(turn, study.show)
    if why is None:
        return said
    return [Reply(say("answer_explained", solution=why[0].rstrip("."), why=why[1])), *([said] if isinstance(said, Reply) else said)]


@acts("action_lesson_answer")
def lesson_answer(turn: Turn) -> list[Reply] | Reply:
    """A typed answer, or a tapped one ("<item>:<index>")."""
    if not turn.value:
        return moved(turn, study.typed, turn.text)
    return moved(turn, study.tapped, *picked(turn.value))


@acts("action_course_test")
def course_test(turn: Turn) -> list[Reply] | Reply:
    """The test before the first lesson, or no (more) test. value: begin or skip."""
    return moved(turn, study.test_first if turn.value == "begin" else study.skip_test)


LEARNING = re.compile(r"\b(?:hoc|hc|bai|khoa|lop|thi|diem)\b")
"""Folded words of lessons."""


@acts("action_stop_lesson")
@unless_procedure(LEARNING)
def stop_lesson(turn: Turn) -> list[Reply] | Reply:
    revising = turn.learner_id is not None and revise.open_sitting(turn.session, turn.learner_id) is not None
    stopped = turn.learner_id is not None and study.stop(turn.session, turn.learner_id)
    if not stopped and turn.may("news") and news.means_news(turn):
        return news.leave(turn)
    if not stopped:
        return procedure_meant(turn, LEARNING, POSSIBLE) or Reply(say("stopped_nothing"))
    if revising:
        return Reply(say("revision_stopped"), ((say("review_button"), "/review_now"), (say("results_button"), "/my_progress")))
    return Reply(say("stopped"), ((say("go_on_button"), "/continue_course"), (say("results_button"), "/my_progress")))


@acts("action_leave_course")
@unless_procedure(LEARNING)
def leave_course(turn: Turn) -> list[Reply] | Reply:
    """Gives up the course one is in, after asking once. value: its slug, or "keep"."""
    going = learn.open_enrolment(turn.session, turn.learner_id) if turn.learner_id is not None else None
    if turn.value == "keep":
        return Reply(say("leave_kept"), ((say("go_on_button"), "/continue_course"),))
    if turn.value and turn.learner_id is not None and learn.leave(turn.session, turn.learner_id, turn.value, turn.now):
        return Reply(say("left"), ((say("other_courses_button"), "/list_courses"), (say("results_button"), "/my_progress")))
    if going is None:
        return offer(turn, say("leave_nothing"))
    title = learn.course_of(turn.session, going.version_id).title
    return Reply(say("leave_ask", title=title), ((say("leave_yes"), payload("leave_course", going.slug)),
                                                 (say("leave_pause"), "/stop_lesson"), (say("leave_no"), payload("leave_course", "keep"))),
                 quick=True)
