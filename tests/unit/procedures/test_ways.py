"""Files of ways to ask: every defect is named with its file and line, and what we ship can be read."""

import pytest

from bot.errors import ContentError
from bot.procedures import ways
from bot.procedures.search import words_of
from tests.factories import ROOT

ONE = '''  - code: "{code}"
    name: Nuôi chim yến
    ways:
      - nuôi yến trong nhà
      - làm nhà cho yến ở
      - gọi yến về
'''
HEAD = "format: 1\nprocedures:\n"


@pytest.fixture
def folder(tmp_path):
    def write(**files):
        for name, text in files.items():
            (tmp_path / f"{name}.yml").write_text(text, encoding="utf-8")
        return tmp_path

    return write


def problems(folder):
    with pytest.raises(ContentError) as error:
        ways.load_all(folder)
    return [str(p).removeprefix(f"{folder}/") for p in error.value.problems]


def test_procedures_of_all_files_are_found_by_code(folder):
    found = ways.load_all(folder(a=HEAD + ONE.format(code="1.000001"), b=HEAD + ONE.format(code="1.000002") + ONE.format(code="1.000003")))
    assert list(found) == ["1.000001", "1.000002", "1.000003"]
    assert found["1.000002"].ways == ("nuôi yến trong nhà", "làm nhà cho yến ở", "gọi yến về")
    assert (found["1.000001"].known, found["1.000001"].level) == ("record", "Cấp xã")


def test_no_folder_and_no_file_are_no_ways(tmp_path):
    assert ways.load_all(tmp_path) == ways.load_all(tmp_path / "none") == {}


def test_a_code_in_two_files_is_named_with_the_second_file_and_line(folder):
    wrong = folder(a=HEAD + ONE.format(code="1.000001"), b=HEAD + ONE.format(code="1.000002") + ONE.format(code="1.000001"))
    assert problems(wrong) == ["b.yml:9: procedures.1.code: 1.000001 has its ways already; keep them in one place"]


def test_a_code_twice_in_one_file_is_named(folder):
    assert problems(folder(a=HEAD + ONE.format(code="1.000001") * 2)) == [
        "a.yml:9: procedures.1.code: 1.000001 has its ways already; keep them in one place"]


def test_too_few_ways_are_named_with_their_line(folder):
    few = HEAD + ONE.format(code="1.000001") + '  - code: "1.000002"\n    name: Việc khác\n    ways:\n      - một\n      - hai\n'
    found = problems(folder(a=few))
    assert [f.partition(" ")[0] for f in found] == ["a.yml:11:"]
    assert "procedures.1.ways" in found[0]
    assert str(ways.LEAST) in found[0]


def test_problems_of_all_files_are_told_together(folder):
    wrong = folder(a=HEAD + ONE.format(code="x y"), b="format: 2\nprocedures: []\n", c="format: 1\nprocedures: [\n",
                   d=HEAD + ONE.format(code="1.000001") + "    known: maybe\n    more: 1\n", e="")
    assert [f.split(": ", 2)[:2] for f in problems(wrong)] == [
        ["a.yml:3", "procedures.0.code"], ["b.yml:1", "format"], ["c.yml:3", "(file)"], ["d.yml:9", "procedures.0.known"],
        ["d.yml:10", "procedures.0.more"], ["e.yml:1", "(file)"]]


# what we ship

@pytest.fixture(scope="module")
def shipped():
    return ways.load_all(ROOT / "procedures" / "ways")


def test_we_ship_ways_for_many_procedures_and_some_known_by_name(shipped):
    assert len(shipped) >= 100
    assert {a.known for a in shipped.values()} == {"record", "name_only"}


def test_the_ways_of_a_procedure_differ_when_folded(shipped):
    said = {code: [words_of(w, mending=False) for w in a.ways] for code, a in shipped.items()}
    assert {code: ws for code, ws in said.items() if len(set(ws)) < len(ws) or "" in ws} == {}
