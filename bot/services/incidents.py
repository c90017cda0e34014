"""Reports of tricks and rumours, asked for step by step in the chat, and questions whether something is one. Flushes only.

What is kept leads to nobody: a keyed hash that changes every ninety days counts people; words are kept only with consent to
`improve`, masked, for thirty days. While a report is being asked for, its row knows the conversation; sending it ends that.
"""

import re
import secrets
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot import places
from bot.clock import local
from bot.incidents import indicators, judging, kinds
from bot.incidents.indicators import Found
from bot.incidents.judging import Judgement
from bot.incidents.reporter import reporter
from bot.language import incident_words as words
from bot.language.normalise import fold
from bot.services import webhooks
from bot.services.incident_handover import event_of
from bot.store.tables import Citizen, Conversation, Incident, Indicator, Mention, SpreadAlert

AWAITED = "incident:"
"""How `Conversation.awaiting` begins while a report is asked for; "suspect" behind it: the message to be judged is."""
SUSPECT = f"{AWAITED}suspect"
DRAFT_FOR = timedelta(days=1)
TEXT_FOR = timedelta(days=30)
COUNTS_FOR = timedelta(days=180)
"""How long a report counts for "so many people have reported it"."""
KEPT_FOR = timedelta(days=730)
MOST_A_DAY = 5
"""Reports of one conversation: nobody makes an outbreak alone."""
MOST_INDICATORS = 10
HERE = re.compile(r"\b(?:o|tai|dan|que|nha)(?: (?:toi|em|minh|chau|bac))?(?: (?:o|tai))?(?: (?:thon|xom|lang|khu|to)(?: \w+){1,3}?,?)? (?:xa|phuong) ")
"""Folded words before the commune where it happened."""


# --- the report that is being asked for -----------------------------------------------------------------------------

def draft_of(session: Session, talk: Conversation, ident: int | None = None) -> Incident | None:
    """The report this conversation has begun, if it was today's; ident: only that one."""
    query = select(Incident).where(Incident.conversation_id == talk.id, Incident.state == "draft")
    return session.scalars((query.where(Incident.id == ident) if ident is not None else query).order_by(Incident.id.desc()).limit(1)).first()


def begin(session: Session, key: bytes, talk: Conversation, text: str, keep_text: bool, now: datetime) -> Incident:
    """The report that is under way in this conversation, or a new one, with what the words already say of it."""
    draft = draft_of(session, talk)
    if draft is not None and draft.at < now - DRAFT_FOR:
        drop(session, draft)
        draft = None
    if draft is None:
        draft = row_of(session, key, talk, "report", now)
        draft.conversation_id = talk.id
        session.flush()
    told(session, draft, text, keep_text, now)
    return draft


def row_of(session: Session, key: bytes, talk: Conversation, source: str, now: datetime) -> Incident:
    row = Incident(source=source, state="draft", reporter=reporter(key, talk.id, now), asked=[], signs=[], chat_channel=talk.channel, at=now)
    session.add(row)
    return row


def home_of(session: Session, talk: Conversation) -> str | None:
    """The citizen's own commune, where it is known. A trick need not have happened there: a report is offered it, not given it."""
    return session.get_one(Citizen, talk.citizen_id).commune if talk.citizen_id is not None else None


def told(session: Session, draft: Incident, text: str, keep_text: bool, now: datetime) -> None:
    """Takes from free words what they say: kind, way, loss, day, numbers and links."""
    judged = judging.judge(text)
    draft.trick = draft.trick or judged.trick
    draft.channel = draft.channel or words.channel_in(text)
    draft.loss = draft.loss or words.loss_in(text)
    if draft.happened is None:
        draft.happened, draft.happened_on = words.happened_in(text, local(now).date())
    draft.signs = sorted({*draft.signs, *judged.signs})
    draft.commune = draft.commune or place_in(text)
    if keep_text and len(text.split()) > 3:
        draft.text = "\n".join(filter(None, [draft.text, text]))[:2000]
    noted(session, draft, judged.found, now)


def place_in(text: str) -> str | None:
    """The one commune of which the words say that it is there: "ở thôn 2, xã Nam Trực". One that only the trickster names is not meant."""
    named = places.find(text) if HERE.search(fold(text)) else None
    return named.communes[0] if named is not None and len(named.communes) == 1 else None


def from_question(session: Session, draft: Incident, ident: int, now: datetime) -> None:
    """What the same person asked about a moment ago belongs to the report."""
    asked = session.get(Incident, ident)
    if asked is None or asked.source != "question" or asked.reporter != draft.reporter:
        return
    draft.trick, draft.channel = draft.trick or asked.trick, draft.channel or asked.channel
    if asked.commune != home_of(session, session.get_one(Conversation, draft.conversation_id)):
        draft.commune = draft.commune or asked.commune  # said in the words, not merely where its sender lives
    draft.signs, draft.text = sorted({*draft.signs, *asked.signs}), draft.text or asked.text
    noted(session, draft, indicators_of(session, asked.id), now)


def is_another(session: Session, draft: Incident, text: str, question_id: int | None, now: datetime) -> bool:
    """Do the words, or the question this person asked a moment ago, name another kind of trick than the report that is under way?"""
    asked = session.get(Incident, question_id) if question_id is not None else None
    trick = asked.trick if asked is not None and asked.reporter == draft.reporter else judging.judge(text).trick
    return draft.at >= now - DRAFT_FOR and draft.trick is not None and trick not in (None, draft.trick)


def next_step(session: Session, draft: Incident) -> str:
    """What is to be asked next; "confirm" when all else was said or left out."""
    has = {"trick": draft.trick, "channel": draft.channel, "loss": draft.loss, "happened": draft.happened, "indicator": bool(indicators_of(session, draft.id)),
           "place": draft.commune}
    return next((step for step in kinds.STEPS[:-1] if not has[step] and step not in draft.asked), kinds.STEPS[-1])


def chosen(session: Session, draft: Incident, step: str, value: str, now: datetime) -> bool:
    """A button of a step; False when that step has no such choice."""
    if value == kinds.SKIP and step in kinds.STEPS[:-1]:
        pass
    elif step == "place" and (commune := places.by_code(value)) is not None:
        draft.commune = commune
    elif value in kinds.CHOICES.get(step, {}):
        setattr(draft, step, value)
        if step == "happened":
            days = {"today": 0, "yesterday": 1}.get(value)
            draft.happened_on = None if days is None else local(now).date() - timedelta(days=days)
    else:
        return False
    draft.asked = sorted({*draft.asked, step})
    session.flush()
    return True


def typed(session: Session, draft: Incident, step: str, text: str, keep_text: bool, now: datetime) -> bool:
    """Words typed at a step; what they say beyond it is taken as well. False when they say nothing to it."""
    if words.skips(text):
        return chosen(session, draft, step, kinds.SKIP, now)
    if step == "place" and (named := places.find(text)) is not None:
        draft.commune = named.communes[0] if len(named.communes) == 1 else None
        session.flush()
        return draft.commune is not None
    if step == "trick":
        draft.trick = words.trick_in(text) or draft.trick
    elif step == "channel":
        draft.channel = words.channel_in(text, True) or draft.channel
    elif step == "loss":
        draft.loss = words.loss_in(text, True) or draft.loss
    told(session, draft, text, keep_text, now)
    before, draft.asked = next_step(session, draft), sorted({*draft.asked, *(["indicator"] if step == "indicator" else [])})
    session.flush()
    return before != step or step == "indicator" or words.names_something(text)


def clear_indicators(session: Session, draft: Incident) -> None:
    """The citizen wants none of the numbers and links in it."""
    session.execute(delete(Mention).where(Mention.incident_id == draft.id))
    draft.asked = sorted({*draft.asked, "indicator"})
    session.flush()


def overhear(session: Session, talk: Conversation, text: str, now: datetime) -> None:
    """The trickster's account, where a number was just asked for: taken here, because the words go no further than masked.

    What looks like a citizen's number or a bank card is not taken (bot/incidents/indicators.py, accounts).
    """
    ident = (talk.awaiting or "").removeprefix(AWAITED).removesuffix(":indicator")
    if talk.awaiting == f"{AWAITED}{ident}:indicator" and ident.isdigit() and (draft := draft_of(session, talk, int(ident))) is not None:
        noted(session, draft, [Found("account", number) for number in indicators.accounts(text)], now)


def drop(session: Session, draft: Incident) -> None:
    session.execute(delete(Mention).where(Mention.incident_id == draft.id))
    session.delete(draft)
    session.flush()


def too_many(session: Session, draft: Incident, now: datetime) -> bool:
    """Has this conversation sent as many reports within a day as we take?"""
    sent = session.scalar(select(func.count()).select_from(Incident).where(
        Incident.reporter == draft.reporter, Incident.state == "sent", Incident.source == "report", Incident.at > now - timedelta(days=1)))
    return (sent or 0) >= MOST_A_DAY


def send(session: Session, draft: Incident, now: datetime) -> Incident:
    """The report has a number and is handed on; from now on it leads to nobody."""
    draft.state, draft.number, draft.at, draft.conversation_id = "sent", f"BC-{secrets.token_hex(4).upper()}", now, None
    session.flush()
    recount(session, [one.id for one in rows_of(session, draft.id)], now)
    webhooks.enqueue(session, "incident", event_of(draft, rows_of(session, draft.id)), f"incident:{draft.id}", now)
    return draft


def expectation(session: Session, talk: Conversation) -> dict[str, object] | None:
    """What a typed text would answer, for the pipeline."""
    if talk.awaiting == SUSPECT:
        return {"kind": "report", "step": "suspect"}
    ident, _, step = (talk.awaiting or "").removeprefix(AWAITED).partition(":")
    if not (talk.awaiting or "").startswith(AWAITED) or not ident.isdigit() or draft_of(session, talk, int(ident)) is None:
        return None
    return {"kind": "report", "step": step}


# --- questions ------------------------------------------------------------------------------------------------------

def judged(session: Session, text: str, now: datetime) -> Judgement:
    """The text with what others have reported."""
    return judging.judge(text, reported(session, indicators.find(text), now))


def question(session: Session, key: bytes, talk: Conversation, text: str, seen: Judgement, keep_text: bool, now: datetime) -> Incident:
    """That somebody asked about such a message."""
    row = row_of(session, key, talk, "question", now)
    row.state, row.trick, row.channel, row.signs = "sent", seen.trick, words.channel_in(text), sorted(seen.signs)
    row.text, row.commune = text[:2000] if keep_text else None, place_in(text) or home_of(session, talk)
    session.flush()
    noted(session, row, seen.found, now)
    recount(session, [one.id for one in rows_of(session, row.id)], now)
    return row


# --- indicators -----------------------------------------------------------------------------------------------------

def noted(session: Session, incident: Incident, found: Iterable[Found], now: datetime) -> None:
    """Ties indicators to an incident; each once, however often it comes."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.flush()
    for one in sorted(set(list(found)[:MOST_INDICATORS]), key=lambda f: (f.kind, f.value)):
        row = session.execute(insert(Indicator).values(kind=one.kind, value=one.value, reporters=0, askers=0, first_seen_at=now, last_seen_at=now)
                              .on_conflict_do_update(index_elements=["kind", "value"], set_={"last_seen_at": now}).returning(Indicator.id)).scalar_one()
        session.execute(insert(Mention).values(incident_id=incident.id, indicator_id=row).on_conflict_do_nothing(
            index_elements=["incident_id", "indicator_id"]))


def rows_of(session: Session, incident_id: int) -> Sequence[Indicator]:
    return session.scalars(select(Indicator).join(Mention, Mention.indicator_id == Indicator.id).where(Mention.incident_id == incident_id)
                           .order_by(Indicator.id)).all()


def indicators_of(session: Session, incident_id: int) -> list[Found]:
    return [Found(row.kind, row.value) for row in rows_of(session, incident_id)]


def recount(session: Session, indicator_ids: Collection[int], now: datetime) -> None:
    """How many different people reported each, and how many more only asked."""
    for ident in indicator_ids:
        people: dict[str, set[str]] = {"report": set(), "question": set()}
        for source, who in session.execute(select(Incident.source, Incident.reporter).join(Mention, Mention.incident_id == Incident.id).where(
                Mention.indicator_id == ident, Incident.state == "sent", Incident.at > now - COUNTS_FOR)):
            people[source].add(who)
        session.execute(update(Indicator).where(Indicator.id == ident).values(
            reporters=len(people["report"]), askers=len(people["question"] - people["report"])))
    session.flush()


def reported(session: Session, found: Collection[Found], now: datetime) -> dict[Found, int]:
    """How many different people reported each of these of late."""
    counts = {}
    for one in found:
        count = session.scalar(select(Indicator.reporters).where(Indicator.kind == one.kind, Indicator.value == one.value,
                                                                 Indicator.last_seen_at > now - COUNTS_FOR))
        counts[one] = count or 0
    return counts


# --- forgetting -----------------------------------------------------------------------------------------------------

def count_of(session: Session, key: bytes, talk: Conversation, now: datetime) -> int:
    """How many reports and questions can still be traced to this conversation."""
    return session.scalar(select(func.count()).select_from(Incident).where(Incident.reporter.in_(_hashes(key, [talk.id], now)))) or 0


def unlink(session: Session, key: bytes, talk: Conversation, now: datetime) -> int:
    """The person is erased: what they reported stays counted, under words that lead to nobody, without words and place."""
    talks = [talk.id] if talk.citizen_id is None else [talk.id, *session.scalars(select(Conversation.id).where(Conversation.citizen_id == talk.citizen_id))]
    rows = session.scalars(select(Incident).where(Incident.reporter.in_(_hashes(key, talks, now)))).all()
    fresh: dict[str, str] = {}
    for row in rows:
        row.reporter = fresh.setdefault(row.reporter, f"gone{secrets.token_hex(30)}")
        row.text = row.commune = None
    session.flush()
    return len(rows)


def _hashes(key: bytes, talks: Iterable[str], now: datetime) -> list[str]:
    """Of this span and the one before; the earlier one's are older than any kept words."""
    return [reporter(key, ident, now, back) for ident in talks for back in (0, 1)]


def forget(session: Session, conversation_id: str) -> int:
    """Drafts of the conversation go."""
    drafts = select(Incident.id).where(Incident.conversation_id == conversation_id)
    session.execute(delete(Mention).where(Mention.incident_id.in_(drafts)))
    return session.execute(delete(Incident).where(Incident.conversation_id == conversation_id)).rowcount


def move(session: Session, old_id: str, new_id: str) -> None:
    session.execute(update(Incident).where(Incident.conversation_id == old_id).values(conversation_id=new_id))


def clean(session: Session, now: datetime) -> int:
    """Drafts nobody sent go after a day, words after thirty, rows after two years; returns how many."""
    old = select(Incident.id).where(((Incident.state == "draft") & (Incident.at < now - DRAFT_FOR)) | (Incident.at < now - KEPT_FOR))
    session.execute(delete(Mention).where(Mention.incident_id.in_(old)))
    rows = session.execute(delete(Incident).where(((Incident.state == "draft") & (Incident.at < now - DRAFT_FOR)) | (Incident.at < now - KEPT_FOR))).rowcount
    rows += session.execute(update(Incident).where(Incident.text.is_not(None), Incident.at < now - TEXT_FOR).values(text=None)).rowcount
    rows += session.execute(delete(SpreadAlert).where(SpreadAlert.at < now - KEPT_FOR)).rowcount
    return rows + session.execute(delete(Indicator).where(Indicator.last_seen_at < now - DRAFT_FOR, Indicator.id.not_in(select(Mention.indicator_id)))).rowcount
