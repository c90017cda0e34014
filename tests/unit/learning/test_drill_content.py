"""Every shipped drill keeps to the rules of the check, states only verified facts, and can be played to its end."""

import re
import subprocess
from datetime import date

import pytest

from bot.errors import ContentError
from bot.language.normalise import fold
from bot.learning import document, drill
from bot.learning.check import texts
from bot.learning.drill import IncidentDrill, ScamDrill
from tests.factories import ROOT

COURSES = ROOT / "courses"
FILES = document.drill_files_of(COURSES)
DRILLS = [document.load_drill(path) for path in FILES]
SCAMS = [d for d in DRILLS if isinstance(d, ScamDrill)]
INCIDENTS = [d for d in DRILLS if isinstance(d, IncidentDrill)]

every_drill = pytest.mark.parametrize("one", DRILLS, ids=lambda d: d.slug)
every_scam = pytest.mark.parametrize("one", SCAMS, ids=lambda d: d.slug)
every_incident = pytest.mark.parametrize("one", INCIDENTS, ids=lambda d: d.slug)


def test_there_are_drills_for_citizens_and_for_civil_servants():
    assert {"gia-cong-an-vneid", "gia-ngan-hang-otp", "gia-shipper", "gia-tro-cap", "nguoi-than-muon-tien", "nhan-qua-quet-ma"} <= {d.slug for d in SCAMS}
    assert {"ma-doc-mot-cua", "mat-may-lo-danh-sach"} <= {d.slug for d in INCIDENTS}


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_it_may_go_out(path):
    one = document.load_drill(path)
    assert document.checked_drill(path, document.claims_of(COURSES), one.checked_on)


def test_the_claims_are_there_to_be_checked_against():
    assert len(document.claims_of(COURSES)) >= 10


@every_drill
def test_no_fact_of_grade_c_is_stated(one):
    """NĐ 331/2026 and its 24 hours, TCVN numbers, the law on cyber security: privacy.md grades them C."""
    told = fold(" | ".join(t for _, t in texts(one)))
    assert re.findall(r"tcvn|331/2026|330/2026|333/2026|116/2025|an ninh mang 2025|bao cao nam|20/12|25/12", told) == []
    if isinstance(one, IncidentDrill):
        assert "24 gio" not in told
    assert {s.grade for s in one.sources} <= {"A", "B", "KD"}


@every_drill
def test_no_number_to_call_is_told(one):
    from bot.learning.check import TELEPHONE

    assert [t for _, t in texts(one) if TELEPHONE.search(t)] == []


@every_scam
def test_the_fake_message_is_not_marked_and_every_reaction_is(one):
    assert "dien tap" not in fold(drill.fake(one, 1).text)
    assert all(drill.reaction(one, at).text.startswith("Đây là tin DIỄN TẬP") for at in (*range(len(one.options)), None))


@every_scam
def test_the_best_thing_to_do_stops_first(one):
    assert [o.text for o in one.options if o.outcome == "best"] and all(
        o.text.startswith("Dừng") and o.feedback.startswith("Đúng") for o in one.options if o.outcome == "best")


@every_incident
def test_the_story_says_at_once_that_nothing_has_happened(one):
    assert "DIỄN TẬP" in one.opening.split("\n")[0]


@every_incident
def test_the_best_choice_is_not_given_away_by_its_place_or_its_length(one):
    assert len({i.choices.index(i.best) for i in one.injects}) > 1
    longest = [max(i.choices, key=lambda c: len(c.text)) is i.best for i in one.injects]
    assert sum(longest) * 2 <= len(longest)


@every_incident
def test_it_is_played_to_the_end_by_the_clock(one):
    outcome = drill.begin(one, 1, quick=False)
    for _ in one.injects:
        outcome = drill.forward(one, outcome.exercise)
    assert outcome.ended and all(len(s.text) <= 1900 for s in outcome.says) and len(outcome.says) <= 6


def test_the_command_checks_drills_with_the_courses(tmp_path):
    """File, line, field and remedy, and exit code 1."""
    (tmp_path / "drills").mkdir()
    path = tmp_path / "drills" / "gia-shipper.yml"
    path.write_text((COURSES / "drills" / path.name).read_text().replace("huy-hoivien.example", "huy-hoivien.com"))
    done = subprocess.run([str(ROOT / ".venv" / "bin" / "bot"), "courses", "check", str(tmp_path)], cwd=ROOT, text=True, capture_output=True)
    line = path.read_text().splitlines().index("message: |-") + 1
    assert (done.returncode, done.stderr.strip()) == (
        1, f"{path}:{line}: message: holds the address huy-hoivien.com, which somebody may own; end it in .example")


def test_a_single_drill_file_and_the_folder_of_drills_can_be_named():
    for what in (COURSES / "drills" / "gia-shipper.yml", COURSES / "drills"):
        done = subprocess.run([str(ROOT / ".venv" / "bin" / "bot"), "courses", "check", str(what)], cwd=ROOT, text=True, capture_output=True)
        assert (done.returncode, done.stderr) == (0, "")
        assert "gia-shipper: ok, scam drill" in done.stdout


@pytest.mark.parametrize(("content", "said"), [
    ("kind: quiz\n", "1: kind: write one of: scam, incident"),
    ("format: 1\n", "kind: write one of: scam, incident"),
    ("kind: [scam]\n", "kind: write one of: scam, incident"),
])
def test_another_kind_is_named_with_its_line(tmp_path, content, said):
    path = tmp_path / "x.yml"
    path.write_text(content)
    with pytest.raises(ContentError) as raised:
        document.load_drill(path)
    assert said in str(raised.value.problems[0])


def test_every_defect_of_a_drill_is_named_with_its_line(tmp_path):
    path = tmp_path / "gia-tro-cap.yml"
    good = (COURSES / "drills" / "gia-tro-cap.yml").read_text()
    path.write_text(good.replace("outcome: safe", "outcome: fine").replace("slug: gia-tro-cap", "slug: gia-tro-cap"))
    with pytest.raises(ContentError) as raised:
        document.load_drill(path)
    (problem,) = raised.value.problems
    lines = path.read_text().splitlines()
    assert (lines[problem.line - 1].strip(), problem.field) == ("outcome: fine", "options.2.outcome")
    path.write_text(good.replace("slug: gia-tro-cap", "slug: gia-khac"))
    with pytest.raises(ContentError, match="1 problem"):
        document.load_drill(path)


def test_a_drill_past_its_review_is_named():
    with pytest.raises(ContentError) as raised:
        document.checked_drill(COURSES / "drills" / "gia-shipper.yml", (), date(2030, 1, 1))
    assert [p.field for p in raised.value.problems] == ["review_by"]
