"""The report names what is wrong with training sentences, where it stands, and nothing else."""

import pytest

from scripts.nlu_quality import BUSY, Example, Unreadable, balance, duplicates, frames, main, misplaced, near_duplicates, read


def examples(**texts: list[str]) -> list[Example]:
    """intent=[text, …] as examples of one file, numbered from line 1."""
    rows = [(intent, text) for intent, found in texts.items() for text in found]
    return [Example(text, intent, "topic.yml", number) for number, (intent, text) in enumerate(rows, 1)]


def texts(group) -> list[str]:
    return [e.text for e in group]


TOPIC = """\
version: "3.1"
nlu:
  - lookup: commune
    examples: |
      - Hoa Lư
  # a comment
  - intent: greet
    examples: |
      - chào bạn

      - xin chào [Lan](name)
  - intent: goodbye
    examples: |
      - tạm biệt
rules: []
"""


class TestReading:
    def test_examples_come_with_their_lines_and_without_annotations(self, tmp_path):
        (tmp_path / "talk.yml").write_text(TOPIC, encoding="utf-8")
        assert read(tmp_path / "talk.yml") == [
            Example("chào bạn", "greet", "talk.yml", 9), Example("xin chào Lan", "greet", "talk.yml", 11),
            Example("tạm biệt", "goodbye", "talk.yml", 14)]

    @pytest.mark.parametrize(("content", "said"), [
        ("nlu: [", "cannot be read"), ("- a\n", "no mapping"),
        ("nlu:\n  - intent: greet\n    examples:\n      - chào\n", "bad.yml:2: the examples of greet must be a block"),
    ])
    def test_what_cannot_be_read_is_told(self, tmp_path, content, said):
        (tmp_path / "bad.yml").write_text(content, encoding="utf-8")
        with pytest.raises(Unreadable, match=said):
            read(tmp_path / "bad.yml")


class TestTheSame:
    def test_diacritics_case_and_punctuation_make_no_difference(self):
        across, within = duplicates(examples(ask_fee=["Phí bao nhiêu?", "phi bao nhieu", "nộp ở đâu"], ask_place=["nop o dau"], greet=["chào"]))
        assert [texts(g) for g in across] == [["nộp ở đâu", "nop o dau"]]
        assert [texts(g) for g in within] == [["Phí bao nhiêu?", "phi bao nhieu"]]

    def test_sentences_of_signs_alone_are_compared_as_they_are(self):
        across, within = duplicates(examples(greet=["👋", "🙂"], thank=["🙂"]))
        assert ([texts(g) for g in across], within) == ([["🙂", "🙂"]], [])


class TestNearlyTheSame:
    def test_two_intents_must_be_more_alike_than_one(self):
        found = examples(list_reminders=["cho tôi xem lịch nhắc", "cho toi xem lich nhac a"], cancel_reminder=["cho tôi xóa lịch nhắc"])
        apart, together = near_duplicates(found, within=85, across=95)
        assert (apart, [texts(p[1:]) for p in together]) == ([], [["cho tôi xem lịch nhắc", "cho toi xem lich nhac a"]])
        apart, _ = near_duplicates(found, within=85, across=90)
        assert [texts(p[1:]) for p in apart] == [["cho tôi xem lịch nhắc", "cho tôi xóa lịch nhắc"]]

    def test_the_same_words_in_another_order_are_alike(self):
        apart, together = near_duplicates(examples(start_course=["khóa an sinh, học", "học khóa an sinh"]))
        assert (apart, [p.similarity for p in together]) == ([], [100.0])

    def test_what_is_wholly_the_same_is_not_told_again(self):
        assert near_duplicates(examples(a=["nộp ở đâu", "nop o dau"], b=["nộp ở đâu"])) == ([], [])

    def test_blocks_lose_and_double_nothing(self):
        found = examples(a=[f"hỏi về giấy tờ số {n:02}" for n in range(9)], b=["giấy tờ hỏi về số 03 ạ"])
        whole = near_duplicates(found, 80, 80)
        assert len(whole[1]) == 36 and len(whole[0]) == 9
        for block in (1, 2, 4):
            apart, together = near_duplicates(found, 80, 80, block=block)
            assert (sorted(apart), sorted(together)) == (sorted(whole[0]), sorted(whole[1]))

    def test_the_most_alike_come_first(self):
        _, together = near_duplicates(examples(a=["lệ phí bao nhiêu tiền", "lệ phí bao nhiêu tiền ạ", "lệ phí bao nhiêu tiền vậy ạ"]), within=70)
        assert [round(p.similarity) for p in together] == sorted((round(p.similarity) for p in together), reverse=True)
        assert len(together) == 3


class TestFrames:
    def test_beginnings_and_ends_are_counted_per_intent(self):
        found = examples(ask_place=["nộp ở đâu", "đi làm ở đâu", "gặp ai ở đâu", "lên xã nào"], ask_fee=["tôi làm ở đâu"])
        assert [tuple(f) for f in frames(found, share=0.5)] == [("ask_place", "… o dau", 3, 0.75)]

    def test_three_words_stand_for_two_that_say_no_more(self):
        found = examples(set_reminder=["tôi muốn nhắc đóng điện", "toi muon nhac nop", "tôi muốn nhắc sáng mai", "mai gọi nhé"])
        assert [(f.words, f.count) for f in frames(found, share=0.5)] == [("toi muon nhac …", 3)]

    def test_two_words_stay_when_they_are_commoner_than_the_three(self):
        found = examples(a=["tôi muốn nhắc điện", "tôi muốn nhắc nước", "tôi muốn nhắc ga", "tôi muốn hỏi phí"])
        assert [(f.words, f.count) for f in frames(found, share=0.5)] == [("toi muon …", 4), ("toi muon nhac …", 3)]

    def test_a_sentence_is_no_frame_of_itself_and_two_are_no_frame(self):
        assert frames(examples(a=["xin chào"] * 5, b=["xin chào bạn", "xin chào em"]), share=0.1) == []


class TestBalance:
    def test_the_busy_intents_need_more(self):
        counts = {c.intent: c for c in balance(examples(ask_fee=["phí"] * 3, greet=["chào"] * 3, thank=["ơn"] * 2), few=3, few_busy=4)}
        assert [i for i in ("ask_fee", "greet", "thank") if counts[i].short] == ["ask_fee", "thank"]

    def test_a_busy_intent_without_any_example_is_told(self):
        counts = balance(examples(greet=["chào"]))
        assert {c.intent for c in counts if c.examples == 0} == set(BUSY)

    def test_the_share_without_diacritics(self):
        [count] = [c for c in balance(examples(greet=["chào", "chao", "xin chao", "Đ"])) if c.intent == "greet"]
        assert count.bare == 0.5


FEES = ["lệ phí bao nhiêu", "phí là bao nhiêu tiền", "hết bao nhiêu tiền", "mất bao nhiêu lệ phí", "lệ phí bao nhiêu tiền vậy", "phí bao nhiêu ạ"]
PLACES = ["nộp ở đâu", "nộp hồ sơ ở đâu", "đến chỗ nào nộp", "nộp chỗ nào ở xã", "hồ sơ nộp ở chỗ nào", "ở đâu nộp hồ sơ"]


class TestMisplaced:
    def test_a_sentence_among_strangers_is_found_with_its_home(self):
        found, accuracy = misplaced(examples(ask_fee=[*FEES, "nộp hồ sơ ở đâu vậy"], ask_place=PLACES), confident=0.5)
        assert [(m.example.text, m.example.intent, m.predicted) for m in found] == [("nộp hồ sơ ở đâu vậy", "ask_fee", "ask_place")]
        assert found[0].margin > 0 and accuracy == pytest.approx(12 / 13)

    def test_confidence_bounds_the_list(self):
        assert misplaced(examples(ask_fee=[*FEES, "nộp hồ sơ ở đâu vậy"], ask_place=PLACES), confident=1.01)[0] == []

    def test_intents_too_small_to_hold_out_are_left_out(self):
        assert misplaced(examples(ask_fee=FEES, greet=["chào", "phí bao nhiêu"])) == ([], 1.0)


class TestTheCommand:
    @pytest.fixture
    def file(self, tmp_path):
        path = tmp_path / "talk.yml"
        path.write_text(TOPIC.replace("- tạm biệt", "- tạm biệt\n      - chao ban"), encoding="utf-8")
        return str(path)

    def test_findings_fail_only_when_strict(self, file, capsys):
        assert main(["--duplicates", file]) == 0
        assert main(["--duplicates", "--strict", file]) == 1
        out = capsys.readouterr().out
        assert "talk.yml:9 greet “chào bạn”  =  talk.yml:15 goodbye “chao ban”" in out
        assert "duplicates_across 1 > 0" in out

    def test_a_limit_can_be_moved(self, file):
        assert main(["--duplicates", "--strict", "--limit", "duplicates_across=1", file]) == 0

    def test_only_the_chosen_sections_are_printed(self, file, capsys):
        main(["--balance", file])
        out = capsys.readouterr().out
        assert "without diacritics" in out and "THE SAME" not in out and "Held out" not in out

    @pytest.mark.parametrize("wrong", [["--nonsense"], ["--limit", "dups=1"], ["--within", "much"], ["--top", "-1"], ["no_such_file.yml"]])
    def test_wrong_usage_is_one_sentence_and_exit_code_2(self, wrong, capsys):
        with pytest.raises(SystemExit) as ended:
            main(wrong)
        said = capsys.readouterr().err
        assert (ended.value.code, said.count("\n"), said.startswith("nlu_quality: ")) == (2, 1, True)
