"""Who speaks of wanting to die is heard, whatever else the words look like; figures of speech, places and papers are none of it."""

import json
import re

import pytest
from ruamel.yaml import YAML

from bot.language.distress import in_distress
from bot.language.normalise import fold
from bot.procedures import ways
from bot.procedures.document import load_all
from tests.factories import ROOT

OWN = """
tôi muốn chết
tôi buồn quá, muốn chết đi cho xong
em không muốn sống nữa
con không thiết sống nữa
chả muốn sống nữa
sống làm gì nữa
tôi sống chi nữa trời
tôi không muốn sống trên đời nữa
chồng em mất rồi em không muốn sống nữa
muốn chết quá
chán đời muốn chết
nhiều lúc tôi chỉ muốn chết
mệt mỏi quá rồi, tôi chỉ muốn chết
nợ nần nhiều quá tôi muốn chết
mất hết tiền rồi, chỉ muốn chết thôi
bị lừa hết tiền rồi em muốn chết quá
ước gì mình chết đi
thà chết đi cho xong
tôi chết quách cho rồi
tôi nghĩ đến cái chết
làm sao để chết không đau
tôi muốn biến mất khỏi thế giới này
tôi không còn lý do gì để sống
sống không bằng chết
chắc tôi kết liễu cuộc đời cho xong
em định uống thuốc sâu
muốn nhảy cầu quá
tôi hay tự rạch tay
em muốn tự tử
"""
OTHERS = """
con tôi muốn tự tử
bạn cùng lớp em nhắn tin bảo muốn chết
con trai tôi bảo không muốn sống nữa
con gái tôi nói muốn chết
bà nội tôi cứ nói không muốn sống nữa
mẹ em lúc nào cũng muốn chết
nhà tôi muốn chết
"""
ONLY_WITH_MARKS = ["em muốn tự vẫn", "bạn em đòi tự sát", "chồng tôi dọa tự tử nếu tôi đi", "tôi từng nghĩ đến chuyện tự tử", "tôi tự tử đây",
                   "muốn quyên sinh"]
NO_DISTRESS = """
nóng muốn chết
mệt muốn chết
tôi mệt muốn chết
buồn cười muốn chết
buồn ngủ muốn chết
đợi muốn chết mà chưa tới lượt
hồ sơ khó muốn chết
chết rồi quên mật khẩu
chết rồi, tôi lỡ bấm link
cây muốn chết
cây nhà tôi muốn chết
con chó nhà em muốn chết
máy của tôi muốn chết
điện thoại muốn chết
bố muốn chết ở nhà
mẹ tôi muốn chết ở quê
khai tử cho người tự tử
người nhà tự tử
chồng tôi tự tử, làm giấy khai tử ở đâu
người tự tử có được tiền mai táng không
có clip rủ nhau tự tử, báo ở đâu
tin đồn học sinh tự tử
tôi muốn tư vấn
toi muon tu van
em muon duoc tu van lam ho chieu
toi muon hoc tu tu
tôi không muốn sống chung với chồng nữa
tôi không muốn sống ở xã này nữa
không muốn sống với bố mẹ nữa, tách hộ
tôi muốn sống ở Ninh Bình
mày muốn chết à
muốn chết hả bot
mày chán sống hả
bot chết đi cho rồi
bọ chét muốn diệt
muốn khai tử cho bố
ba tôi muốn để lại nhà khi chết
muốn hiến xác sau khi chết
cá chết trắng ao
tôi cắt tay khi làm việc có bảo hiểm không
con muốn nhảy lớp
tôi muốn rời khỏi nhóm
"""
OPEN_TO_BOTH = {"sống để làm gì"}
"""Asked idly in the training data; by whoever means it, too."""


def lines(text: str) -> list[str]:
    return [line for line in text.strip().split("\n") if line]


@pytest.mark.parametrize("spelled", [str, fold, str.upper], ids=["accented", "folded", "capitals"])
@pytest.mark.parametrize("text", lines(OWN) + lines(OTHERS))
def test_it_is_heard(text, spelled):
    assert in_distress(spelled(text))


@pytest.mark.parametrize("text", ONLY_WITH_MARKS)
def test_words_that_without_marks_are_others(text):
    assert in_distress(text)


@pytest.mark.parametrize("text", ["t k mún sống nữa", "e ko muon song nua", "tui hổng muốn sống", "toi muon tu sat", "em dinh tu tu"])
def test_as_people_type(text):
    assert in_distress(text)


@pytest.mark.parametrize("spelled", [str, fold], ids=["accented", "folded"])
@pytest.mark.parametrize("text", lines(NO_DISTRESS))
def test_it_is_something_else(text, spelled):
    assert not in_distress(spelled(text))


@pytest.mark.parametrize("text", ["tôi muốn từ từ", "muốn chết à", "em muốn mượn sách", "bọ chét"])
def test_marks_tell_it_apart(text):
    assert not in_distress(text)


def training() -> list[str]:
    return [re.sub(r"\[([^]]*)\](?:\([^)]*\)|\{[^}]*\})", r"\1", e[2:]) for file in sorted((ROOT / "nlu_data").glob("*.yml"))
            for block in YAML(typ="safe").load(file.read_text(encoding="utf-8")).get("nlu") or [] if "intent" in block
            for e in block["examples"].split("\n") if e.startswith("- ")]


@pytest.mark.parametrize("spelled", [str, fold], ids=["accented", "folded"])
def test_no_question_of_ours_is_taken_for_it(spelled):
    asked = [json.loads(line)["text"] for line in (ROOT / "benchmarks/understanding/questions.jsonl").read_text(encoding="utf-8").splitlines()]
    asked += [w for p in load_all(ROOT / "procedures").values()
              for w in (p.name, *p.aliases, *p.ways_people_ask, *(x for c in p.cases for x in (c.when, *c.ways)))]
    asked += [w for p in ways.load_all(ROOT / "procedures" / "ways").values() for w in (p.name, *p.ways)]
    assert len(asked) > 10_000
    assert [t for t in asked + training() if in_distress(spelled(t)) and fold(t) not in {fold(o) for o in OPEN_TO_BOTH}] == []
