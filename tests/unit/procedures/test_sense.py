"""The shipped map to meaning: the same one by one and in batches, near for both spellings, nearer for the same affair."""

import numpy as np
import pytest

from bot.language.normalise import fold, marked
from bot.procedures.search import accented_words_of, words_of
from bot.procedures.sense import FEW, Sense

SENTENCES = [
    "đăng ký khai sinh cho con", "làm giấy khai sinh cho cháu", "đăng ký tạm trú cho sinh viên", "đăng ký thường trú về nhà chồng",
    "cấp lại giấy phép lái xe", "đổi bằng lái xe hết hạn", "làm hộ chiếu phổ thông", "chứng thực bản sao giấy tờ", "đăng ký kết hôn với người nước ngoài",
    "đăng ký thành lập hộ kinh doanh", "sang tên sổ đỏ cho con", "xin giấy phép xây dựng nhà", "trợ cấp thất nghiệp", "bảo hiểm y tế hộ gia đình",
    "xác nhận tình trạng hôn nhân", "cấp căn cước cho trẻ em"]


@pytest.fixture(scope="module")
def sense():
    return Sense.shipped()


def vectors(sense, *texts):
    return sense.vectors([words_of(t) for t in texts], [accented_words_of(t) if marked(t) else "" for t in texts])


def test_one_by_one_is_the_same_as_in_a_batch(sense):
    texts = [*SENTENCES, *map(fold, SENTENCES), "zzzz qqqq", "", "a"]
    assert len(texts) > FEW
    batch = vectors(sense, *texts)
    single = np.vstack([vectors(sense, t) for t in texts])
    assert np.abs(batch - single).max() < 1e-5


def test_rows_have_length_one_or_nothing_at_all(sense):
    lengths = np.linalg.norm(vectors(sense, *SENTENCES, "", "1234567"), axis=1)
    assert lengths[:-2] == pytest.approx(np.ones(len(SENTENCES)), abs=1e-5)
    assert lengths[-2] == 0


def test_a_batch_without_one_word_is_nothing(sense):
    assert not sense.vectors([""] * (FEW + 1), [""] * (FEW + 1)).any()


@pytest.mark.parametrize("sentence", SENTENCES)
def test_both_spellings_are_near(sense, sentence):
    typed, folded = vectors(sense, sentence, fold(sentence))
    assert typed @ folded > 0.9


@pytest.mark.parametrize("spell", [str, fold], ids=["accented", "folded"])
@pytest.mark.parametrize(("said", "same", "other"), [
    ("ông nội mới mất", "bà ngoại qua đời", "mở quán ăn"), ("vợ mới sinh em bé", "làm giấy khai sinh cho con", "đổi bằng lái xe"),
    ("bằng lái xe hết hạn", "đổi giấy phép lái xe", "đăng ký kết hôn"), ("làm passport đi nước ngoài", "cấp hộ chiếu", "hộ nghèo"),
    ("cưới vợ", "đăng ký kết hôn", "sổ đỏ bị mất"), ("công ty cho nghỉ việc", "trợ cấp thất nghiệp", "chứng thực bản sao"),
    ("mất sổ đỏ", "cấp lại giấy chứng nhận quyền sử dụng đất", "lý lịch tư pháp"), ("thuê trọ ở thành phố", "đăng ký tạm trú", "trợ cấp mai táng")])
def test_the_same_affair_in_other_words_is_nearer_than_another(sense, spell, said, same, other):
    asked, near, far = vectors(sense, spell(said), spell(same), spell(other))
    assert asked @ near > asked @ far + 0.05


def test_the_shipped_map_is_whole(sense):
    widths = [len(c) for c in (sense.folded, sense.accented, sense.runs)]
    assert sense.weights.shape[0] == sum(widths) == len(sense.rareness)
    assert np.isfinite(sense.weights).all()
    assert (sense.rareness > 0).all()
