"""A whole course over the served web chat, every wrong answer given once: feedback of its own each time, and an end."""

import pytest

from bot.learning.document import load
from scripts.walk_course import Walk, wrong_answers
from tests.factories import ROOT

pytestmark = pytest.mark.served


def test_a_course_is_taken_with_every_wrong_answer_tried_once(served, citizen):
    course = load(ROOT / "courses" / "gia-danh-cong-an.yml")
    walk = Walk(course, lambda body: citizen._send(**body))
    walk.run()
    told = "\n".join(walk.said)
    # three tries a visit and two a round: a question with more wrong choices than that may be answered right in between
    lacking = {i.id: [w for w in wrong_answers(i) if w not in walk.tried.get(i.id, [])] for i in course.items}
    assert sum(map(len, lacking.values())) == 0, lacking
    for item in course.items:
        for picks, words in walk.tried[item.id]:
            assert item.grade(picks, words).feedback in told, (item.id, picks)
    (row,) = served.query("SELECT score_percent, passed, before_right, after_right, items_right, items_total FROM enrolments e "
                          "JOIN conversations c ON c.learner_id = e.learner_id WHERE e.slug = :slug ORDER BY e.id DESC LIMIT 1", slug=course.slug)
    assert row.passed and row.score_percent == 100 * row.items_right // row.items_total >= course.pass_percent
    assert (row.before_right, row.after_right) == (len(course.test), len(course.test))
    assert f"đúng {row.items_right}/{row.items_total} câu, {row.score_percent} %" in told
