"""News of the province: who wants it, of what, and no more."""

import re

from actions import feedback
from actions._second import LIKELY, procedure_meant
from actions._turn import Turn, acts, payload
from bot import places
from bot.language.ending import ends_something
from bot.language.normalise import fold
from bot.messages import Reply
from bot.services import news, people, remind
from bot.store.tables import Citizen
from bot.wording import say

STOP_WORDS = ("dung", "stop", "dung nhan tin", "thoi nhan tin", "huy nhan tin", "huy dang ky nhan tin", "khong nhan tin nua", "dung gui tin")
"""Folded: alone they mean the news when some has come lately, with "tin" always."""
MESSAGES = re.compile(r"\b(?:tin|nhan|thong bao|gui|nhac|lam phien)\b")
"""Folded: said of what we send, not of a procedure."""


@acts("action_subscribe_news")
def subscribe_news(turn: Turn) -> Reply:
    """Asks for consent of its own, with the topics as its buttons. A commune named in the request is kept with the consent, not before."""
    commune = turn.commune or named(turn.text)
    held = news.topics_of(turn.session, turn.citizen_id) if turn.may(news.PURPOSE) else []
    buttons = tuple((say("news_all_button") if topic == "all" else say(f"news_topic_{topic}"),
                     payload("consent_give", f"news|news:{topic}:{commune or ''}")) for topic in ("all", *news.TOPICS))
    if held:
        return Reply(say("news_already", topics=in_words(held)), (*buttons, (say("news_stop_button"), payload("unsubscribe", "news"))), quick=True)
    turn.remember("pending", f"consent:news|news:all:{commune or ''}")
    turn.talk.asked_consent_at = turn.talk.asked_consent_at or turn.now  # this is the question; a second one would be mistaken for it
    place = f" {say('news_ask_place', commune=commune)}" if commune else ""
    return Reply(say("news_ask", place=place), (*buttons, (say("refuse"), "/consent_refuse")), quick=True)


def named(text: str) -> str | None:
    """The one commune that the words name; None for none, and where an old name has become several."""
    found = places.find(text) if text else None
    return found.communes[0] if found is not None and len(found.communes) == 1 else None


def joined(turn: Turn, wanted: str) -> Reply:
    """After the consent. wanted: "<topic or all>:<commune or nothing>" of the button."""
    topic, _, commune = wanted.partition(":")
    chosen = news.choose(turn.session, turn.citizen_id, [topic])
    citizen = turn.session.get_one(Citizen, turn.citizen_id)
    if commune in places.listed():
        citizen.commune = commune
    text = say("news_joined", topics=in_words(chosen))
    return Reply(text if citizen.commune else f"{text}\n{say('news_joined_place')}")


def in_words(topics: list[str]) -> str:
    return "; ".join(say(f"news_topic_{topic}") for topic in topics)


@acts("action_unsubscribe")
def unsubscribe(turn: Turn) -> list[Reply] | Reply:
    """value "news", or words that name it: no more news. Else nothing more of our own accord: consent to reminders is withdrawn, those set are cancelled."""
    if not turn.value and (found := feedback.of_draft(turn)) is not None:
        return found
    if not turn.value and turn.text and not ends_something(turn.text):
        return Reply(say("fallback"), ((say("menu_button"), "/help_menu"), (say("human_button"), "/request_human")))
    if (procedure := procedure_meant(turn, MESSAGES, LIKELY)) is not None:
        return procedure
    if turn.value == news.PURPOSE or (turn.may(news.PURPOSE) and means_news(turn)):
        return leave(turn)
    count = 0
    if turn.citizen_id is not None:
        count = len(remind.listed(turn.session, turn.citizen_id))
        people.withdraw(turn.session, turn.talk, ["reminders"], turn.now)
    return Reply(say("unsubscribed", count=count) if count else say("unsubscribed_none"))


def leave(turn: Turn) -> Reply:
    people.withdraw(turn.session, turn.talk, [news.PURPOSE], turn.now)
    return Reply(say("news_left"))


def means_news(turn: Turn) -> bool:
    """"Dừng nhận tin" does; a bare "dừng" when news came lately and no lesson is on the screen."""
    said = fold(turn.text).strip(" .!")
    return said in STOP_WORDS and ("tin" in said.split() or (not turn.talk.lesson_on_screen and news.lately(turn.session, turn.talk.id, turn.now)))
