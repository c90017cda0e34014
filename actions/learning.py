"""Courses in the chat: start, go on, answer, stop, results."""

from actions._turn import Turn, acts, payload
from bot.clock import local
from bot.language.normalise import fold, normalise
from bot.learning import engine
from bot.learning.engine import Outcome
from bot.learning.model import Course
from bot.messages import Reply
from bot.procedures.search import words_of
from bot.services import learn
from bot.wording import say

COMMANDS = {"next": "/next_step", "stop": "/stop_lesson", "progress": "/my_progress", "human": "/request_human"}


def replies(outcome: Outcome) -> list[Reply]:
    """The engine's messages with its commands as payloads."""
    def of(command) -> str:
        return COMMANDS[command] if isinstance(command, str) else payload("lesson_answer", f"{command[1]}:{command[2]}")

    return [Reply(s.text, tuple((title, of(c)) for title, c in s.buttons), quick=True,
                  extra={"lesson": True}) for s in outcome.says]


def named(turn: Turn) -> Course | None:
    """The course whose title or alias the text names; the only one there is when it names none."""
    courses = [c for _, c in learn.live(turn.session)]
    if turn.value:
        return next((c for c in courses if c.slug == turn.value), None)
    said = f" {words_of(turn.text)} "
    best = max(courses, key=lambda c: shared(said, c), default=None)
    if best is not None and shared(said, best) > 0:
        return best
    return courses[0] if len(courses) == 1 and not subject(said) else None


def shared(said: str, course: Course) -> int:
    """How many words of the course's best-fitting name the text has; 0 when it has less than half of one."""
    found = 0
    for name in (course.title, *course.aliases):
        words = [w for w in words_of(name).split() if w not in EVERYDAY]
        hits = sum(f" {w} " in said for w in words)
        if words and hits * 2 >= len(words):
            found = max(found, hits)
    return found


EVERYDAY = set(words_of("tôi ai đang đấy học bài khóa cho muốn bắt đầu vào về cái lớp mở một cách qua xã cán bộ").split())


def subject(said: str) -> bool:
    """Does the text name a subject at all ("học về nông nghiệp") or only ask to learn ("học đi")?"""
    return bool([w for w in said.split() if w not in EVERYDAY and w not in fold(normalise(
        "thôi đi nhé ạ em anh chị bác cháu con mình nào ngay luôn với giúp xin được không nha bot ơi hoc bai moi nao tôi vào thử cần tiếp")).split()])


@acts("action_list_courses")
def list_courses(turn: Turn) -> list[Reply] | Reply:
    """What there is; who already names a subject ("muốn học chống lừa đảo") is taken to it."""
    said = f" {words_of(turn.text)} "
    if any(shared(said, c) > 1 for _, c in learn.live(turn.session)):
        return start_course(turn)
    return offer(turn, say("courses"))


def offer(turn: Turn, head: str) -> Reply:
    courses = [c for _, c in learn.live(turn.session)]
    lines = [say("course_line", title=c.title, summary=c.summary, lessons=len(c.lessons), minutes=c.minutes) for c in courses]
    buttons = tuple((say("start_named", title=f"“{c.title}”"), payload("course_begin", c.slug)) for c in courses)
    return Reply("\n".join([head, *lines]), buttons)


@acts("action_start_course")
def start_course(turn: Turn) -> list[Reply] | Reply:
    course = named(turn)
    if course is None:
        return offer(turn, say("course_later"))
    if not turn.may("learning"):
        turn.remember("pending", f"start:{course.slug}")
        return Reply(say("consent_needed_learning"), (
            (say("agree"), payload("consent_give", f"learning|start:{course.slug}")), (say("refuse"), "/consent_refuse")),
            quick=True)
    return begin(turn, course.slug)


def begin(turn: Turn, slug: str, again: bool = False) -> list[Reply] | Reply:
    """Opens the course where the citizen left it, or at its beginning."""
    done = [r for r in learn.results(turn.session, turn.citizen_id) if r.slug == slug and r.completed_at]
    going = learn.open_enrolment(turn.session, turn.citizen_id)
    if done and not again and not (going and going.slug == slug) and turn.slots.get("pending") != f"again:{slug}":
        turn.remember("pending", f"again:{slug}")
        return Reply(say("course_taken", title=done[0].title), ((say("again_button"), payload("course_begin", slug)),
                                                                (say("refuse"), "/deny")), quick=True)
    turn.remember("pending", None)
    enrolment, course, new = learn.enrol(turn.session, turn.citizen_id, slug, turn.now)
    outcome = learn.play(turn.session, enrolment, engine.show, turn.now)
    checked = f"{course.checked_on:%d/%m/%Y}"
    head = say("started", title=course.title, lessons=len(course.lessons), minutes=course.minutes, checked=checked) if new \
        else say("resumed", title=course.title, checked=checked)
    return [Reply(head), *replies(outcome)]


@acts("action_continue_course")
def continue_course(turn: Turn) -> list[Reply] | Reply:
    going = learn.open_enrolment(turn.session, turn.citizen_id) if turn.citizen_id is not None else None
    if going is None:
        return offer(turn, say("no_course"))
    return begin(turn, going.slug)


def in_lesson(turn: Turn, move) -> list[Reply] | Reply:
    """A move in the open lesson; without one, the unfinished course is taken up or one is offered."""
    open_now = learn.active_enrolment(turn.session, turn.citizen_id) if turn.citizen_id is not None else None
    if open_now is None:
        return continue_course(turn)
    return replies(learn.play(turn.session, open_now, move, turn.now))


@acts("action_next_step")
def next_step(turn: Turn) -> list[Reply] | Reply:
    return in_lesson(turn, engine.go_on)


@acts("action_repeat_step")
def repeat_step(turn: Turn) -> list[Reply] | Reply:
    return in_lesson(turn, engine.show)


@acts("action_lesson_answer")
def lesson_answer(turn: Turn) -> list[Reply] | Reply:
    """A typed answer, or a tapped one ("<item>:<index>")."""
    if not turn.value:
        return in_lesson(turn, lambda c, p: engine.typed(c, p, turn.text))
    item, _, pick = turn.value.rpartition(":")
    return in_lesson(turn, lambda c, p: engine.tapped(c, p, item, int(pick) if pick.isdigit() else pick))


@acts("action_stop_lesson")
def stop_lesson(turn: Turn) -> Reply:
    stopped = turn.citizen_id is not None and learn.stop(turn.session, turn.citizen_id)
    if not stopped:
        return Reply(say("stopped_nothing"))
    return Reply(say("stopped"), ((say("go_on_button"), "/continue_course"), ("Kết quả của tôi", "/my_progress")))


@acts("action_my_progress")
def my_progress(turn: Turn) -> Reply:
    found = learn.results(turn.session, turn.citizen_id) if turn.citizen_id is not None else []
    if not found:
        return offer(turn, say("progress_none"))
    lines = [say("progress_line", title=r.title, done=r.lessons_done, lessons=r.lessons, right=r.right, total=r.total,
                 share=r.share_percent, state=say("state_passed", day=f"{local(r.completed_at):%d/%m/%Y}") if r.completed_at
                 else say("state_open")) for r in found]
    going = next((r for r in found if r.completed_at is None), None)
    buttons = ((say("go_on_button"), "/continue_course"),) if going else ()
    return Reply("\n".join([say("progress_head"), *lines]), buttons)


@acts("action_get_certificate")
def get_certificate(turn: Turn) -> Reply:
    return Reply(say("certificate"), (("Kết quả của tôi", "/my_progress"),))


@acts("action_review_now")
def review_now(turn: Turn) -> Reply:
    return Reply(say("review"), ((say("go_on_button"), "/continue_course"), ("Kết quả của tôi", "/my_progress")))
