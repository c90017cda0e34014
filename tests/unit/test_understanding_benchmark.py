"""The comparison is fair: nobody is asked what was trained, and everybody gets the same."""

import pytest

from benchmarks.understanding.__main__ import main
from benchmarks.understanding.sentences import ASKED_SLIPS_SEED, LEAST, Sentence, Unreadable, limited, questions, split, unseen
from bot.language.intent_model import SLIPS_SEED

SENTENCES = [Sentence(f"câu {n} của {intent}", intent) for intent, count in (("a", 50), ("b", 10), ("c", 2), ("d", 1)) for n in range(count)]


def counts(sentences) -> dict[str, int]:
    return {intent: sum(s.intent == intent for s in sentences) for intent in "abcd"}


def test_a_fifth_of_every_intent_is_held_out_and_nothing_is_lost():
    train, ask = split(SENTENCES, seed=1)
    assert (counts(ask), sorted(train + ask)) == ({"a": 10, "b": 2, "c": 1, "d": 0}, sorted(SENTENCES))


def test_the_split_is_that_of_its_seed():
    assert split(SENTENCES, seed=1) == split(list(SENTENCES), seed=1) != split(SENTENCES, seed=2)


def test_a_limit_keeps_every_intent():
    assert counts(limited(SENTENCES, 20, seed=1)) == {"a": 16, "b": LEAST, "c": 2, "d": 1}
    assert limited(SENTENCES, None, 1) == limited(SENTENCES, 1000, 1) == SENTENCES


def test_what_was_trained_is_not_asked_however_it_is_spelt():
    ask = [Sentence("Nop o dau?", "p"), Sentence("phí", "f"), Sentence("phí", "f")]
    assert unseen(ask, [Sentence("nộp ở đâu", "p")]) == [Sentence("phí", "f")]


def test_the_slips_asked_are_not_those_trained():
    assert ASKED_SLIPS_SEED != SLIPS_SEED


@pytest.mark.parametrize(("line", "said"), [
    ("{", "q.jsonl:2 is not a line"), ('{"text": "a"}', "q.jsonl:2 is not a line"), ('{"text": " ", "intent": "a"}', "q.jsonl:2 needs a text"),
])
def test_a_wrong_question_is_told_with_its_line(tmp_path, line, said):
    (tmp_path / "q.jsonl").write_text('{"text": " nộp ở đâu ", "intent": "ask_place"}\n' + line + "\n", encoding="utf-8")
    with pytest.raises(Unreadable, match=said):
        questions(tmp_path / "q.jsonl")


def test_questions_are_read_trimmed(tmp_path):
    (tmp_path / "q.jsonl").write_text('{"text": " nộp ở đâu ", "intent": "ask_place"}\n\n', encoding="utf-8")
    assert questions(tmp_path / "q.jsonl") == [Sentence("nộp ở đâu", "ask_place")]


@pytest.mark.parametrize("wrong", [["--epochs", "0"], ["--most", "few"], ["--nlu", "no_such.yml"], ["--out", "/no/such/folder/r.json"], ["file"]])
def test_wrong_usage_is_one_sentence_and_exit_code_2(wrong, capsys):
    with pytest.raises(SystemExit) as ended:
        main(wrong)
    said = capsys.readouterr().err
    assert (ended.value.code, said.count("\n"), said.startswith("benchmarks.understanding: ")) == (2, 1, True)
