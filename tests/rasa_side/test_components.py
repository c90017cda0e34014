"""Our Rasa components in Rasa's own environment; run by tests/integration/test_rasa_side.py, not by the app's pytest."""

import json
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa
from rasa.core.actions.action import RemoteAction
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.core import events
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, BotUttered, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.language.normalise import fold
from bot.rasa_glue import context, history, speed
from bot.rasa_glue.channel import GatewayInput
from bot.rasa_glue.classifier import FoldedNgramClassifier
from bot.rasa_glue.entities import TypedEntityExtractor
from bot.rasa_glue.history import BoundedTrackerStore
from bot.rasa_glue.importer import TopicImporter
from bot.rasa_glue.tokenizer import VietnameseTokenizer

ROOT = Path(__file__).resolve().parents[2]
SENTENCES = {
    "ask_fee": ["lệ phí bao nhiêu", "mất bao nhiêu tiền", "có mất phí không", "giá tiền thế nào", "đóng bao nhiêu"],
    "greet": ["xin chào", "chào bot", "chào em", "hello", "chào buổi sáng"],
}


@pytest.fixture
def storage(tmp_path):
    return LocalModelStorage(tmp_path)


CONTEXT = ExecutionContext(GraphSchema({}))


def trained(storage):
    component = FoldedNgramClassifier.create({}, storage, Resource("classifier"), CONTEXT)
    component.train(TrainingData([Message({TEXT: t, INTENT: i}) for i, texts in SENTENCES.items() for t in texts]))
    return component


def classify(component, text):
    message = Message({TEXT: text})
    component.process([message])
    return message


def test_the_classifier_understands_accented_and_folded_text(storage):
    component = trained(storage)
    for intent, texts in SENTENCES.items():
        for text in texts:
            assert classify(component, text).get(INTENT)["name"] == intent
            assert classify(component, fold(text)).get(INTENT)["name"] == intent


def test_what_is_loaded_from_storage_says_the_same(storage):
    component = trained(storage)
    loaded = FoldedNgramClassifier.load({}, storage, Resource("classifier"), CONTEXT)
    for text in ("le phi", "chào nhé", "mấy tiền"):
        assert classify(loaded, text).get(INTENT_RANKING_KEY) == classify(component, text).get(INTENT_RANKING_KEY)


def test_the_ranking_is_sorted_and_sums_to_one_for_familiar_text(storage):
    ranking = classify(trained(storage), "mất bao nhiêu tiền phí").get(INTENT_RANKING_KEY)
    confidences = [r["confidence"] for r in ranking]
    assert confidences == sorted(confidences, reverse=True) and abs(sum(confidences) - 1) < 1e-6


def test_text_that_is_hardly_familiar_has_hardly_any_confidence(storage):
    component = trained(storage)
    familiar, foreign = (classify(component, t).get(INTENT)["confidence"] for t in ("mất bao nhiêu tiền", "wxq mất vbnj klrt"))
    assert foreign < 0.5 * familiar


@pytest.mark.parametrize("text", ["🎉", "", "…", "你好"])
def test_text_that_shares_nothing_with_training_has_no_confidence(storage, text):
    assert classify(trained(storage), text).get(INTENT)["confidence"] == 0.0


def test_an_untrained_model_loads_and_understands_nothing(storage):
    component = FoldedNgramClassifier.create({}, storage, Resource("empty"), CONTEXT)
    component.train(TrainingData([]))
    loaded = FoldedNgramClassifier.load({}, storage, Resource("empty"), CONTEXT)
    assert classify(loaded, "xin chào").get(INTENT)["name"] is None


def tokens(text):
    component = VietnameseTokenizer.create(VietnameseTokenizer.get_default_config(), None, Resource("t"), CONTEXT)
    message = Message({TEXT: text})
    component.process([message])
    return [(t.text, t.start, t.end) for t in message.get("text_tokens")]


def test_accented_text_is_cut_into_words_with_their_offsets():
    text = "Tôi muốn làm giấy khai sinh"
    found = tokens(text)
    assert any(" " in word for word, _, _ in found)
    assert all(text[start:end] == word for word, start, end in found)


def test_unaccented_text_is_cut_into_syllables():
    assert [w for w, _, _ in tokens("can giay to gi")] == ["can", "giay", "to", "gi"]


@pytest.mark.parametrize("text", ["🎉", "!!!", "a", "   b  "])
def test_odd_text_has_tokens_too(text):
    assert tokens(text)


def test_entities_with_a_form_of_their_own():
    message = Message({TEXT: "hồ sơ H40-251120-0007 thủ tục 1.001193 gọi 0912 345 678 mất 5 triệu ở http://la.vn/x tối mai 8 giờ"})
    TypedEntityExtractor().process([message])
    found = {e["entity"]: message.get(TEXT)[e["start"]:e["end"]] for e in message.get(ENTITIES)}
    assert found["dossier_code"] == "H40-251120-0007" and found["procedure_code"] == "1.001193"
    assert found["phone_number"] == "0912 345 678" and found["money"] == "5 triệu"
    assert found["url"] == "http://la.vn/x" and "tối mai" in found["time"]


def test_entities_that_are_names_stand_beside_those_with_a_form():
    component = TypedEntityExtractor.create({}, None, Resource("entities"), CONTEXT)
    message = Message({TEXT: "em ở xã hải hậu, tối mai 8 giờ học khoá lừa đảo, mất so do"})
    component.process([message])
    found = {e["entity"]: (e["value"], message.get(TEXT)[e["start"]:e["end"]]) for e in message.get(ENTITIES)}
    assert found["commune"] == ("Hải Hậu", "xã hải hậu") and found["course"] == ("lừa đảo", "lừa đảo")
    assert found["procedure"] == ("sổ đỏ", "so do") and "time" in found
    assert {e["extractor"] for e in message.get(ENTITIES)} == {"TypedEntityExtractor"}


def test_entities_are_known_to_the_domain_and_sway_no_rule():
    domain = TopicImporter("config.yml", "domain.yml", ["nlu_data"]).get_domain()
    assert {"procedure", "commune", "course"} <= set(domain.entities)
    assert not {"procedure", "commune", "course"} & set(domain.intent_properties["ask_fee"]["used_entities"])


RANKING = [{"name": "ask_place", "confidence": 0.9}, {"name": "greet", "confidence": 0.1}]
SINGLE = {"kind": "single", "options": ["Gọi công an xã", "Chuyển tiền"], "on_screen": True}


@pytest.mark.parametrize("text, expect, intent", [
    ("gọi công an xã", SINGLE, "lesson_answer"), ("b", SINGLE, "lesson_answer"), ("b", {**SINGLE, "on_screen": False}, "lesson_answer"),
    ("nộp hồ sơ ở đâu", SINGLE, "ask_place"), ("nộp ở đâu", None, "ask_place"), ("tiếp", {"kind": "card", "on_screen": True}, "next_step"),
    ("có", {"kind": "card", "on_screen": False}, "ask_place"), ("tôi vừa chuyển tiền cho kẻ lừa", SINGLE, "scam_emergency"),
    ("toi vua chuyen tien cho ke lua", {"kind": "fill", "options": [], "accept": ["otp"]}, "scam_emergency"),
    ("không", {"kind": "true_false", "options": ["Đúng: a", "Sai: b"], "verdicts": [True, False], "on_screen": False}, "ask_place"),
    ("không", {"kind": "true_false", "options": ["Đúng: a", "Sai: b"], "verdicts": [True, False], "on_screen": True}, "lesson_answer"),
    ("câu 2", {**SINGLE, "on_screen": False}, "lesson_answer"), ("gọi công an xã", {**SINGLE, "on_screen": False}, "ask_place"),
    ("otp", {"kind": "fill", "options": [], "accept": ["otp"]}, "lesson_answer"),
])
def test_context_decides_what_a_text_is(text, expect, intent):
    assert context.read(text, RANKING[0], RANKING, expect) == intent


SURE_OF_A_THEFT = [{"name": "scam_emergency", "confidence": 0.98}, {"name": "greet", "confidence": 0.02}]
FILL_OTP = {"kind": "fill", "options": [], "accept": ["otp", "mã otp"]}


@pytest.mark.parametrize("text, expect, intent", [
    ("otp", FILL_OTP, "lesson_answer"), ("là mã otp", FILL_OTP, "lesson_answer"), ("mất mã otp rồi", FILL_OTP, "scam_emergency"),
    ("otp", {**FILL_OTP, "on_screen": False}, "scam_emergency"), ("otp", None, "scam_emergency"),
    ("otp", {"kind": "card", "on_screen": True}, "scam_emergency"),
    ("tôi vừa đọc mã otp cho nó", FILL_OTP, "scam_emergency"), ("mã pin", FILL_OTP, "scam_emergency"),
])
def test_only_the_very_answer_of_a_gap_outweighs_a_classifier_that_is_sure_of_a_theft(text, expect, intent):
    assert context.read(text, SURE_OF_A_THEFT[0], SURE_OF_A_THEFT, expect) == intent


def test_the_importer_merges_every_topic_into_the_domain():
    importer = TopicImporter("config.yml", "domain.yml", ["nlu_data"])
    domain = importer.get_domain()
    assert {"ask_fee", "scam_emergency", "lesson_answer", "out_of_scope"} <= set(domain.intents)
    assert {"action_answer_procedure", "action_scam_emergency"} <= set(domain.user_actions)
    assert {"reminder_form", "erase_form"} <= set(domain.form_names)


def test_every_intent_of_the_catalogue_has_examples_and_a_rule():
    importer = TopicImporter("config.yml", "domain.yml", ["nlu_data"])
    counts = importer.get_nlu_data().number_of_examples_per_intent
    assert len(counts) >= 50 and min(counts.values()) >= 25, counts
    steps = importer.get_stories().story_steps
    ruled = {e.intent_name for s in steps for e in s.events if isinstance(e, UserUttered)}
    assert set(counts) <= ruled


def test_three_in_ten_examples_are_without_diacritics():
    examples = TopicImporter("config.yml", "domain.yml", ["nlu_data"]).get_nlu_data().intent_examples
    plain = [e.get(TEXT) for e in examples if fold(e.get(TEXT)) == e.get(TEXT).lower()]
    assert len(plain) >= 0.3 * len(examples)


def test_the_speed_fixes_are_in_place_and_still_strict():
    GatewayInput.from_credentials({"token": "t"})
    assert RemoteAction._validate_action_result is speed.validate_action_result
    assert events.Event.resolve_by_type is speed.resolve_by_type
    with pytest.raises(Exception, match="did not return a valid response"):
        speed.validate_action_result(None, {"events": "no list"})
    assert speed.validate_action_result(None, {"events": [], "responses": []})
    assert speed.resolve_by_type("user") is UserUttered and speed.resolve_by_type("slot") is SlotSet
    assert speed.resolve_by_type("nothing", SlotSet) is SlotSet
    with pytest.raises(ValueError, match="Unknown event"):
        speed.resolve_by_type("nothing")


DOMAIN = Domain.from_yaml("""
slots:
  procedure: {type: text, influence_conversation: false, mappings: [{type: custom}]}
  requested_slot: {type: text, influence_conversation: false, mappings: [{type: custom}]}
intents: [a]
forms: {f: {required_slots: [procedure]}}
""")


@pytest.fixture
def store(tmp_path):
    connection = sqlite3.connect(tmp_path / "t.db")
    connection.execute("CREATE TABLE rasa_trackers (sender_id TEXT PRIMARY KEY, events TEXT, updated_at REAL)")
    connection.commit()
    return BoundedTrackerStore(DOMAIN, url=f"sqlite:///{tmp_path}/t.db")


def turn(tracker, text, **slots):
    tracker.update(UserUttered(text, {"name": "a", "confidence": 1.0}, parse_data={"text": text, "intent": {"name": "a"}}))
    tracker.update(ActionExecuted("action_x"))
    for name, value in slots.items():
        tracker.update(SlotSet(name, value))
    tracker.update(BotUttered(f"trả lời {text}"))
    tracker.update(ActionExecuted("action_listen"))


async def saved_turns(store, count):
    for number in range(count):
        tracker = await store.retrieve("c") or DialogueStateTracker.from_events("c", [
            ActionExecuted("action_session_start"), SessionStarted(), ActionExecuted("action_listen")], slots=DOMAIN.slots)
        turn(tracker, f"lời riêng {number}", procedure=f"1.{number}")
        await store.save(tracker)
    return await store.retrieve("c")


def run(coroutine):
    import asyncio

    return asyncio.new_event_loop().run_until_complete(coroutine)


def test_history_stays_bounded_and_keeps_slots(store):
    tracker = run(saved_turns(store, 300))
    assert len(tracker.events) <= history.MAX_EVENTS
    assert tracker.get_slot("procedure") == "1.299"
    assert tracker.latest_action_name == "action_listen"


def test_no_word_of_anybody_is_stored(store):
    run(saved_turns(store, 5))
    with store.engine.connect() as connection:
        row = connection.execute(sa.text("SELECT events FROM rasa_trackers")).first()[0]
    assert "lời riêng" not in row and "trả lời" not in row and "\\u1eddi" not in row


def test_an_open_form_survives_the_compaction(store):
    async def play():
        await saved_turns(store, 5)
        tracker = await store.retrieve("c")
        tracker.update(ActiveLoop("f"))
        tracker.update(SlotSet("requested_slot", "procedure"))
        for number in range(60):
            turn(tracker, str(number))
        await store.save(tracker)
        return await store.retrieve("c")

    tracker = run(play())
    assert len(tracker.events) < 20
    assert tracker.active_loop_name == "f" and tracker.get_slot("requested_slot") == "procedure"


def test_a_save_that_fails_is_noted_for_the_channel(store):
    with store.engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE rasa_trackers"))
    history.FAILED.clear()
    with pytest.raises(Exception, match="rasa_trackers"):
        run(store.save(DialogueStateTracker.from_events("c", [ActionExecuted("action_listen")], slots=DOMAIN.slots)))
    assert {"c"} == history.FAILED


def test_stored_events_load_again_as_they_were(store):
    run(saved_turns(store, 3))
    with store.engine.connect() as connection:
        found = json.loads(connection.execute(sa.text("SELECT events FROM rasa_trackers")).first()[0])
    assert [e["event"] for e in found][:3] == ["action", "session_started", "action"]


@pytest.mark.parametrize("text, name, confidence, intent", [
    ("so sánh tạm trú với thường trú", "ask_office_contact", 0.5, "ask_procedure"),
    ("tam tru khac gi voi thuong tru", "nlu_fallback", 0.3, "ask_procedure"),
    ("so sánh messi với ronaldo", "out_of_scope", 0.95, "out_of_scope"),
    ("phân biệt công an thật với giả", "check_suspicious", 0.6, "check_suspicious"),
    ("uỷ ban xã ở đâu", "ask_office_contact", 0.9, "ask_office_contact"),
])
def test_a_comparison_is_a_question_about_procedures(text, name, confidence, intent):
    from bot.rasa_glue import context

    assert context.read(text, {"name": name, "confidence": confidence}, [{"name": name, "confidence": confidence}], None) == intent


@pytest.mark.parametrize("text, name, confidence, intent", [
    ("rác đổ đầy bờ sông", "give_feedback", 0.9, "give_feedback"),
    ("làm khai sinh ở xã phải đi lại ba lần", "ask_procedure", 0.9, "give_feedback"),
    ("làm khai sinh cần giấy tờ gì?", "ask_documents", 0.9, "ask_documents"),
    ("làm khai sinh cần giấy tờ gì?", "ask_documents", 0.4, "give_feedback"),
    ("không", "deny", 0.99, "give_feedback"),
    ("gửi", "unsubscribe", 0.9, "give_feedback"),
    ("gặp cán bộ", "request_human", 0.9, "request_human"),
    ("tôi đến xã ba lần mà lần nào cũng không được gặp cán bộ nào cả", "request_human", 0.9, "give_feedback"),
    ("tôi vừa bị lừa chuyển khoản 50 triệu", "report_scam", 0.9, "scam_emergency"),
])
def test_free_words_that_were_asked_for_are_taken_as_such(text, name, confidence, intent):
    expect = {"kind": "words", "intent": "give_feedback", "on_screen": False}
    assert context.read(text, {"name": name, "confidence": confidence}, [{"name": name, "confidence": confidence}], expect) == intent


def test_a_letter_typed_at_a_card_shows_the_card_again():
    from bot.rasa_glue import context

    assert context.read("b", {"name": "affirm", "confidence": 0.5}, [], {"kind": "card"}) == "repeat_step"
    assert context.read("tiếp", {"name": "affirm", "confidence": 0.5}, [], {"kind": "card"}) == "next_step"
