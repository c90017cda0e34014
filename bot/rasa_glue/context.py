"""Reads a message in its context: an emergency before anything else, then an answer to what is on the screen.

The gateway sends along what the open lesson expects (`metadata.expect`); the same words mean different things with a
question on the screen and without. Comes last in the pipeline, so that it sees what the classifier thought.
"""

import re
from typing import Any, Dict, List, Optional, Tuple

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.language.choices import SOFT, is_answer, is_next, nearest, squeeze
from bot.language.choices import read as choice_in
from bot.language.emergency import is_emergency
from bot.language.ending import ENDING, ends_something, of_offices
from bot.language.entities import PATTERNS
from bot.language.following import ends_following_of_a_file
from bot.language.incident_words import answers, names_a_strangers_number, names_something, sends
from bot.language.normalise import fold
from bot.language.reminder_words import asks_why_we_wrote, change_in, turns_on
from bot.language.small_talk import asks_why, is_a_mark, of_the_day
from bot.language.yes_no import begins_with_no, is_no, is_yes

EMERGENCY = "scam_emergency"
LABEL = re.compile(r"(?i)(?:câu|cau|đáp án|dap an|chọn|chon)?\s*[a-f1-6](?:[\s,;-]+[a-f1-6])*\s*[.ạ]?")
"""A bare label such as "b", "câu 2" or "a, c"."""
STOP_DRILL = re.compile(
    r"\b(?:thoi|dung|ngung|huy|bo|tat|nghi|cham dut)"
    r"(?: (?:giup|ho|gium|cho|toi|em|bac|minh|tui|viec|buoi|cai|lich|tham gia|khong|gui|het|may|tin|vu|nhe|di)){0,4} dien tap\b"
    r"|\b(?:khong|ko|k|khoi|het|chang)(?: (?:muon|can|thich|tham gia|choi|nhan|lam|tap|them|gui|tin)){0,3} dien tap (?:nua|dau|gi)\b"
    r"|\bdien tap (?:thi )?(?:thoi|dung|huy|bo|ngung)(?: lai)?(?: (?:nhe|di|giup|toi|nha|a|em|bac)){0,3}$")
"""Folded words that end drills, whatever is on the screen."""
CLEAR_COMMANDS = {"stop_lesson", "unsubscribe", "help_menu", "request_human"}
SURE = 0.6
FREE_WORDS = {"words", "report", "name", "fill", "drill"}
"""At these questions anything that is typed may be the answer."""
COMPARES = re.compile(r"\b(?:so sanh|khac gi (?:voi|so)|khac nhau|khac biet|phan biet)\b")
UNSURE = {"ask_office_contact", "set_commune", "nlu_fallback", "out_of_scope", "bot_wrong"}
"""What a question that compares two procedures is taken for, because it asks about none of their aspects."""
COURTESIES = {"affirm", "deny", "greet", "thank", "goodbye"}
"""A bare "chamcong.apk" is none of these, least of all a consent."""
CLEARLY_ELSEWHERE = 0.7
YES_NO = ("affirm", "deny")
HOW_LONG = re.compile(r"\b(?:may|bao nhieu) (?:phut|tieng|gio)\b|\bbao lau\b")
"""Folded; asks for a time, where one who puts off a reminder names it."""
LEAST_LIKELY, UNDERSTOOD = 0.25, 0.4
"""Of the next likeliest intent, where the likeliest cannot be; the second is the threshold of config.yml."""
BESIDE = ("words", "report", "name", "drill")
"""What is expected of others than a lesson."""
LIKELY_EMERGENCY = 0.3
"""A missed emergency costs savings, a false one a card of advice: the classifier need not be sure."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class ContextReader(GraphComponent):
    """Overrides the intent where wording or context says more than the classifier."""

    @classmethod
    def create(cls, config: Dict[str, Any], model_storage: ModelStorage, resource: Resource,
               execution_context: ExecutionContext) -> "ContextReader":
        return cls()

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            intent = read(message.get(TEXT) or "", message.get(INTENT) or {}, message.get(INTENT_RANKING_KEY) or [],
                          (message.get("metadata") or {}).get("expect"))
            if intent != (message.get(INTENT) or {}).get("name"):
                message.set(INTENT, {"name": intent, "confidence": 1.0}, add_to_output=True)
        return messages


def read(text: str, intent: Dict[str, Any], ranking: List[Dict[str, Any]], expect: Any) -> str:
    """The intent after context: text as typed, intent and ranking as the classifiers left them."""
    name, confidence = believed(text, intent.get("name") or "nlu_fallback", intent.get("confidence") or 0.0, ranking)
    chances = {r["name"]: r["confidence"] for r in ranking}
    labelled = expect and expect["kind"] not in ("fill", "card", "name", "drill", "words", "report") and is_answer(text, expect, name, confidence) and (
        # with something newer on the screen only a letter or number can still mean the lesson; "không" answers the newer
        expect.get("on_screen", True) or bool(LABEL.fullmatch(text.strip())))
    if expect and expect["kind"] == "report" and expect["step"] == "loss" and len(text.split()) <= SHORT_WORDS and answers("loss", text):
        return "report_answer"  # how much was lost has just been asked; the report itself ends with what to do at once
    # "otp" is what a scammer took and what a lesson asks for: typed at that very question it is the answer
    filled = bool(expect) and expect["kind"] == "fill" and expect.get("on_screen", True) and is_answer(text, expect, EMERGENCY, 1.0)
    if not labelled and (is_emergency(text) or (not filled and chances.get(EMERGENCY, 0) >= LIKELY_EMERGENCY
                                                and EMERGENCY in [r["name"] for r in ranking[:3]])):
        return EMERGENCY
    if STOP_DRILL.search(squeeze(text)):
        return "drill_stop"
    if ends_following_of_a_file(text):
        return "check_dossier"
    free = expect and (labelled or (expect["kind"] in FREE_WORDS and expect.get("on_screen", True)))
    if not free and (wish := of_reminders(text)) is not None:
        return wish
    if name in UNSURE and COMPARES.search(squeeze(text)) and not (name == "out_of_scope" and confidence >= CLEARLY_ELSEWHERE):
        name = "ask_procedure"
    if TICKET.search(text) and len(text.split()) <= MOST_COMMAND_WORDS:
        return "check_feedback"
    if not labelled and not filled and (not expect or expect["kind"] not in ("words", "report", "drill")) and shown_to_judge(text, name, confidence):
        return "check_suspicious"
    on_screen = bool(expect) and expect["kind"] not in BESIDE and expect.get("on_screen", True)
    if is_a_mark(text) and (not expect or expect["kind"] not in BESIDE):
        return "repeat_step" if on_screen else "help_menu"
    if of_the_day(text) is not None and not labelled and not filled and (not expect or expect["kind"] not in BESIDE):
        return "out_of_scope"
    if on_screen and not labelled and not filled and asks_why(text):
        return "repeat_step"
    if not expect:
        return name
    if expect["kind"] == "report":
        return of_report(text, name, confidence, expect["step"])
    if expect["kind"] == "drill":
        return of_drill(text, name, confidence, expect)
    if expect["kind"] == "words":
        return of_words(text, name, confidence, expect)
    if expect["kind"] == "name":
        return "give_name" if is_name(text, name, confidence) else name
    if labelled:
        return "lesson_answer"
    if not expect.get("on_screen", True):
        return name  # something else was said since: a bare "có" or a short word belongs to that
    if expect["kind"] == "card":
        if is_next(text):
            return "next_step"
        if LABEL.fullmatch(text.strip()):
            return "repeat_step"  # an answer where nothing is asked: the card is shown once more
        return "stop_lesson" if name in ("deny", "goodbye") else name
    return "lesson_answer" if is_answer(text, expect, name, confidence) else name


def believed(text: str, name: str, confidence: float, ranking: List[Dict[str, Any]]) -> Tuple[str, float]:
    """The likeliest intent that the words bear out: a yes or no must be one, and nothing is ended without a word of ending.

    Behind one that is not borne out the next counts as likely as it is among those that are left.
    """
    if name in YES_NO and is_yes(text) != is_no(text):  # the marks may tell what the classifier did not: "đừng", "đúng"
        return ("affirm" if is_yes(text) else "deny"), confidence
    if borne_out(text, name):
        return name, confidence
    left = [r for r in ranking if borne_out(text, r["name"])]
    total = sum(r["confidence"] for r in left)
    if left and left[0]["confidence"] >= LEAST_LIKELY and left[0]["confidence"] >= UNDERSTOOD * total:
        return left[0]["name"], left[0]["confidence"] / total
    return "nlu_fallback", 0.0


def borne_out(text: str, name: str) -> bool:
    if name == "affirm":
        return is_yes(text)
    if name == "deny":
        return is_no(text) or begins_with_no(text)
    if name == "snooze_reminder":
        return HOW_LONG.search(fold(text)) is None
    return name not in ENDING or (ends_something(text) and not (name == "delete_my_data" and of_offices(text)))


def of_reminders(text: str) -> Optional[str]:
    """What is wanted of reminders beside setting one, whatever the classifier took it for."""
    return "choose_nudge" if asks_why_we_wrote(text) else "snooze_reminder" if turns_on(text) or change_in(text) is not None else None


def of_drill(text: str, name: str, confidence: float, expect: Dict[str, Any]) -> str:
    """With a fake message on the screen (no options) any words are a reaction to it; an incident takes its choices only.

    A clear command is obeyed in either case.
    """
    if name in CLEAR_COMMANDS and confidence >= SURE:
        return name
    options = expect.get("options")
    answers = options is None or nearest(squeeze(text), options) is not None or \
        "picks" in (choice_in(text, {"kind": "single", "options": options}) or {})
    return "drill_choice" if answers else name


def of_report(text: str, name: str, confidence: float, step: str) -> str:
    """While a report asks for something only what answers it is an answer. With "show us the message" on the screen, anything that may be one."""
    if step != "suspect":
        return "report_answer" if answers(step, text) or strays(text) or (step == "place" and may_be_a_place(text, name)) else name
    if name in ("check_dossier", "report_scam") and confidence >= SURE:
        return name
    return "check_suspicious" if names_something(text) or (answers(step, text) and (name in UNSURE or confidence < SURE)) else name


def may_be_a_place(text: str, name: str) -> bool:
    """Where a report asks for the place: words of where somebody lives, or a few of which the classifier makes nothing, such as a name in no list of ours."""
    most = MOST_PLACE_WORDS if name == "set_commune" else MOST_STRAY_WORDS if name in ("nlu_fallback", "out_of_scope") else 0
    return len(text.split()) <= most and "?" not in text and CHANGES.search(fold(text)) is None


CHANGES = re.compile(r"\b(?:doi|luu|cap nhat|sua|nao|dau|gi)\b")
"""Folded: who wants their own commune changed, or asks."""


LINK = re.compile(r"(?i)\w\.apk\b")
"""Files of apps, beside the addresses of bot/language/entities.py."""


def shows_link(text: str) -> bool:
    return LINK.search(text) is not None or any(pattern.search(text) for entity, pattern in PATTERNS if entity == "url")


def shown_to_judge(text: str, name: str, confidence: float) -> bool:
    """A link, or a stranger's number, beside words of which the classifier makes little. An office's own address is no part of it."""
    if name in UNSURE | COURTESIES and shows_link(text):
        return True
    if name.startswith("ask_") and confidence < SURE and shows_link(OFFICIAL.sub(" ", text)):
        return True
    return name in ("nlu_fallback", "out_of_scope") and names_a_strangers_number(text)


OFFICIAL = re.compile(r"(?i)(?:https?://)?(?:[a-z0-9-]+\.)*(?:[a-z0-9-]+\.gov\.vn|chinhphu\.vn)(?![\w.-]*\w)(?:/\S*)?")
"""Addresses under which only offices are; what merely holds such a name in front of another ending is none of them."""


def strays(text: str) -> bool:
    """A few words that answer another step than the one on the screen, or "gửi đi" before its time: taken, and asked on."""
    short = len(text.split()) <= MOST_STRAY_WORDS
    return short and ((sends(text) and "gui" in fold(text).split()) or any(answers(step, text) for step in ("loss", "happened", "channel")))


MOST_STRAY_WORDS, MOST_PLACE_WORDS = 4, 15
SHORT_WORDS = 6


def of_words(text: str, name: str, confidence: float, expect: Dict[str, Any]) -> str:
    """Free words were asked for, and are taken as such: only a short clear command (of two words or more) or a clear question leads elsewhere."""
    short = 1 < len(text.split()) <= MOST_COMMAND_WORDS
    if name in LEAVES_WORDS and confidence >= CLEARLY_ELSEWHERE and short:
        return name
    asks = name.startswith("ask_") and confidence >= CLEARLY_ELSEWHERE and (text.rstrip().endswith("?") or bool(QUESTION.search(fold(text))))
    return name if asks else expect["intent"]


QUESTION = re.compile(r"\b(?:bao nhieu|bao lau|may ngay|(?:o|cho|den) dau|giay (?:to )?(?:gi|nao)|can (?:nhung )?gi|lam sao|the nao|thu tuc gi)\b")
"""Folded words of a question, which few end with its mark."""
TICKET = re.compile(r"(?i)(?<![a-z0-9])PA[ -]?20\d{2}[ -]?\d{6}[ -]?[a-z](?![a-z0-9])")
"""The number of a report, as bot/services/tickets/rules.py writes it."""
LEAVES_WORDS = {"unsubscribe", "help_menu", "request_human", "my_data", "delete_my_data", "check_feedback"}
MOST_COMMAND_WORDS = 8
MOST_NAME_WORDS = 8
NAME = re.compile(r"[^\W\d_]+(?:[ .'’-]+[^\W\d_]+)*\s*")


def is_name(text: str, intent: str, confidence: float) -> bool:
    """A name was asked for: a few words of letters, unless the classifier is sure that they want something."""
    plain = text.strip(" .,!")
    return bool(NAME.fullmatch(plain)) and len(plain.split()) <= MOST_NAME_WORDS and (
        confidence < 0.6 or intent in SOFT | {"switch_learner", "get_certificate"})
