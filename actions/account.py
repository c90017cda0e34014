"""Consent, what is known, erasure, where the citizen lives."""

import re

from rasa_sdk import FormValidationAction

from actions import dossiers, feedback, learning, news, progress, reminders, rescheduling
from actions._second import POSSIBLE, procedure_meant, unless_procedure
from actions._turn import Turn, acts, consent_question, payload
from bot import places
from bot.clock import local
from bot.messages import Reply
from bot.places import home
from bot.services import incidents, linking, people, privacy
from bot.services.privacy_law import KINDS, SOURCE
from bot.store.tables import Citizen
from bot.wording import say


@acts("action_consent_give")
def consent_give(turn: Turn) -> list[Reply] | Reply:
    """A consent button: "<purposes>" or "<purpose>|<what was wanted>"; what was wanted is then done at once."""
    purposes, _, wanted = turn.value.partition("|")
    return agree(turn, [p for p in purposes.split(",") if p in people.PURPOSES], wanted)


def agree(turn: Turn, purposes: list[str], wanted: str) -> list[Reply] | Reply:
    people.give_consent(turn.session, turn.talk, turn.address, purposes, turn.now)
    turn.remember("pending", None)
    if wanted.startswith("start:"):
        return learning.begin(turn, wanted.removeprefix("start:"))
    if wanted.startswith("remind:"):
        said, _, about = wanted.removeprefix("remind:").partition("|")
        return reminders.arrange(turn, said, about)
    if wanted.startswith("dossier:"):
        found = dossiers.look_up(turn, wanted.removeprefix("dossier:"))
        return found if isinstance(found, Reply) else dossiers.follow(turn, found)
    if wanted == "ticket":
        return feedback.go_on(turn)
    if wanted.startswith("news:"):
        return news.joined(turn, wanted.removeprefix("news:"))
    if wanted == rescheduling.AGAIN:
        return Reply(say("reminders_again"))
    if wanted == "switch":
        return progress.ask_who(turn)
    if wanted.startswith("commune:"):
        return live_in(turn, wanted.removeprefix("commune:"))
    what = " và ".join(say(f"purpose_{p}") for p in purposes)
    return Reply(say("consent_thanks", what=what), ((say("learn_scams"), learning.SCAMS), (say("menu_button"), "/help_menu")))


@acts("action_consent_refuse")
def consent_refuse(turn: Turn) -> Reply:
    turn.remember("pending", None)
    turn.talk.asked_consent_at = turn.now
    return Reply(say("consent_refused"), ((say("menu_button"), "/help_menu"),))


@acts("action_my_data")
def my_data(turn: Turn) -> Reply:
    """What is stored; or a request that staff are to answer. value: ask, kind:<kind>, send:<kind>, no."""
    step, _, kind = turn.value.partition(":")
    if step == "no":
        return Reply(say("privacy_kept"))
    if step == "send" and kind in privacy.IN_THE_CHAT:
        return sent(turn, kind)
    wanted = kind if step == "kind" and kind in privacy.IN_THE_CHAT else privacy.wanted(turn.text)
    if wanted in privacy.IN_THE_CHAT:
        turn.talk.awaiting = f"{privacy.AWAITED}{wanted}"
        turn.talk.asked_consent_at = turn.talk.asked_consent_at or turn.now  # a second question now would be mistaken for this one
        return Reply(say("privacy_confirm", kind=KINDS[wanted].words), (
            (say("privacy_send"), payload("my_data", f"send:{wanted}")), (say("privacy_not_now"), payload("my_data", "no"))), quick=True)
    if step == "ask" or wanted:
        return Reply(say("privacy_which"), (*((KINDS[k].words, payload("my_data", f"kind:{k}")) for k in privacy.IN_THE_CHAT),), quick=True)
    known = people.known_about(turn.session, turn.talk)
    consents = ", ".join(say(f"purpose_{p}") for p in sorted(known["consents"])) or say("nothing")
    channels = dict.fromkeys(linking.name_of(t.channel) for t in (turn.talk, *linking.others(turn.session, turn.talk)))
    return Reply(say("my_data", **{**known, "consents": consents, "channel": ", ".join(channels), "since": f"{local(known['since']):%d/%m/%Y}",
                                   "commune": known["commune"] or say("no_commune"), "news": known["news"] or say("nothing"),
                                   "trial": ("\n" + say("my_data_trial") if known["trial"] else "") + reports_of(turn),
                                   "learners": ", ".join(n or say("learner_first") for n in known["learners"]) or say("nothing")}),
                 ((say("erase_yes"), "/delete_my_data"), (say("privacy_offer_button"), payload("my_data", "ask"))))


def reports_of(turn: Turn) -> str:
    """A line on reports and questions about tricks, where some can still be traced to this chat."""
    count = incidents.count_of(turn.session, turn.app.settings.key(), turn.talk, turn.now)
    return "\n" + say("report_mine", count=count) if count else ""


def request_answered(turn: Turn, yes: bool) -> Reply | None:
    """A bare yes or no to whether a request is to be sent; None when that was not the question."""
    kind = turn.awaiting.removeprefix(privacy.AWAITED)
    if kind == turn.awaiting or kind not in privacy.IN_THE_CHAT:
        return None
    return sent(turn, kind) if yes else Reply(say("privacy_kept"))


def sent(turn: Turn, kind: str) -> Reply:
    row = privacy.ask(turn.session, turn.talk, kind, turn.address, turn.now)
    by = privacy.shown(row, turn.now).clock
    return Reply(say("privacy_sent", receipt=row.receipt, kind=KINDS[kind].words, reply_by=f"{by.reply_by:%d/%m/%Y}", done_by=f"{by.done_by:%d/%m/%Y}",
                     source=SOURCE))


class ValidateEraseForm(FormValidationAction):
    """Yes or no, nothing in between; another subject leaves the form."""

    def name(self) -> str:
        return "validate_erase_form"


@acts("action_ask_erase_confirmed")
def ask_erase_confirmed(turn: Turn) -> Reply:
    return Reply(say("erase_ask"), ((say("erase_yes"), "/affirm"), (say("erase_no"), "/deny")), quick=True)


@acts("action_erase")
def erase(turn: Turn) -> Reply:
    confirmed = turn.slots.get("erase_confirmed")
    turn.remember("erase_confirmed", None)
    if not confirmed:
        return Reply(say("erase_kept"))
    incidents.unlink(turn.session, turn.app.settings.key(), turn.talk, turn.now)
    receipt = people.erase(turn.session, turn.talk, turn.now)
    turn.remember("procedure", None)
    turn.remember("pending", None)
    turn.forget = True
    return Reply(say("erased", receipt=receipt, when=f"{local(turn.now):%H:%M %d/%m/%Y}"))


@acts("action_set_commune")
def set_commune(turn: Turn) -> list[Reply] | Reply:
    """Recognises new and old names; stores only with consent. value: a commune's code, of a deep link, or SAID and what was typed."""
    if turn.value and not turn.value.startswith(home.SAID):
        return from_link(turn, turn.value)
    named = places.find(turn.value.removeprefix(home.SAID) or turn.text)
    if named is None:
        return procedure_meant(turn, least=POSSIBLE) or Reply(say("commune_unknown"))
    lines = []
    if named.old and len(named.communes) > 1:
        return Reply(say("commune_many", old=named.said, new=", ".join(named.communes)))
    if named.old:
        lines.append(say("commune_merged", old=named.said, new=named.communes[0]))
    if turn.citizen_id is not None:
        turn.session.get_one(Citizen, turn.citizen_id).commune = named.communes[0]
        lines.append(say("commune_saved", commune=named.communes[0]))
    else:
        lines.append(say("commune_noted", commune=named.communes[0]))
    return Reply(" ".join(lines))


def from_link(turn: Turn, code: str) -> list[Reply] | Reply:
    """Somebody opened the link or QR code of a commune: it is theirs once they agree to its being kept."""
    commune = places.by_code(code)
    if commune is None:
        return Reply(say("commune_unknown"))
    if turn.citizen_id is not None:
        return live_in(turn, commune)
    noted = Reply(say("commune_from_link", commune=commune))
    if turn.talk.asked_consent_at is not None:
        return noted
    turn.talk.asked_consent_at = turn.now
    turn.remember("pending", f"consent:learning,reminders|commune:{commune}")
    return [Reply(say("greet")), noted, consent_question(f"|commune:{commune}")]


def live_in(turn: Turn, commune: str) -> Reply:
    turn.session.get_one(Citizen, turn.citizen_id).commune = commune
    return Reply(say("commune_saved", commune=commune), ((say("learn_scams"), learning.SCAMS), (say("menu_button"), "/help_menu")))


@acts("action_link_account")
def link_account(turn: Turn) -> list[Reply] | Reply:
    """Joins this channel with another, or parts them. value: code:<hash>, yes:<id>, no:<id>, drop:<conversation>, keep."""
    step, _, rest = turn.value.partition(":")
    if step == "code":
        return link_code_typed(turn, rest)
    if step in ("yes", "no") and rest.isdigit():
        return link_answered(turn, int(rest), step == "yes")
    if step == "drop":
        return unlink(turn, rest)
    if step == "keep":
        return Reply(say("unlink_kept"))
    if linking.asks_to_unlink(turn.text):
        return ask_unlink(turn)
    if turn.citizen_id is None:
        return Reply(say("link_nothing"))
    turn.talk.address = turn.address or turn.talk.address  # the question will be asked here
    code = linking.begin(turn.session, turn.app.settings.key(), turn.talk, turn.now)
    return [Reply(say("link_code", code=code, minutes=LINK_MINUTES)), Reply(say("link_again"))]


LINK_MINUTES = int(linking.VALID.total_seconds()) // 60


def link_code_typed(turn: Turn, code_hash: str) -> Reply:
    found = linking.typed(turn.session, turn.talk, code_hash, turn.now)
    if found.kind == "ask":
        return Reply(say("link_ask", channel=linking.name_of(found.channel)),
                     ((say("link_yes"), payload("link_account", f"yes:{found.code_id}")),
                      (say("link_no"), payload("link_account", f"no:{found.code_id}"))), quick=True)
    if found.kind == "linked":
        return Reply(say("link_already", channel=linking.name_of(found.channel)))
    if found.kind == "own":
        return Reply(say("link_own"))
    return Reply(say("link_too_often" if found.kind == "too_often" else "link_wrong"))


def link_answered(turn: Turn, code_id: int, yes: bool) -> Reply:
    """The answer in either channel."""
    answered = linking.answer(turn.session, turn.talk, code_id, yes, turn.address, turn.now)
    if answered.kind == "asked":
        turn.talk.asked_consent_at = turn.talk.asked_consent_at or turn.now  # a second question now would be mistaken for this one
        return Reply(say("link_asked", channel=linking.name_of(answered.channel), minutes=LINK_MINUTES))
    if answered.kind == "linked":
        return Reply(say("link_linked", channel=linking.name_of(answered.channel)))
    return Reply(say("link_refused") if answered.kind == "refused" else say("link_over"))


def ask_unlink(turn: Turn) -> Reply:
    """With which channel the data is to stay."""
    others = linking.others(turn.session, turn.talk)
    if not others:
        return Reply(say("unlink_none"))
    names = [linking.name_of(t.channel) for t in (turn.talk, *others)]
    stay = tuple((say("unlink_here", channel=linking.name_of(t.channel)), payload("link_account", f"drop:{t.id}")) for t in others)
    return Reply(say("unlink_ask", channels=", ".join(dict.fromkeys(names))),
                 (*stay, (say("unlink_there", channel=linking.name_of(others[0].channel)), payload("link_account", f"drop:{turn.talk.id}")),
                  (say("unlink_no"), payload("link_account", "keep"))), quick=True)


def unlink(turn: Turn, gone_id: str) -> Reply:
    others = linking.others(turn.session, turn.talk)
    gone = linking.part(turn.session, turn.talk, gone_id, turn.now)
    if gone is None:
        return Reply(say("unlink_none"))
    if gone is not turn.talk:
        return Reply(say("unlinked", channel=linking.name_of(gone.channel)))
    turn.remember("pending", None)
    return Reply(say("unlinked_here", channel=linking.name_of(others[0].channel)))


SETTINGS = re.compile(r"\b(?:chu(?! ky)|tieng|tin|gui|nhan|giong|mau|nen|bieu tuong|cai|bat|tat|thong bao|xung|noi|viet|doc|goi|ngu|nho|to|toi di|de hieu"
                      r"|ngan|eng\w*|im)\b")
"""Folded words of how we write and when."""


@acts("action_change_settings")
@unless_procedure(SETTINGS)
def change_settings(turn: Turn) -> Reply:
    return rescheduling.named_change(turn, turn.text) or Reply(say("settings"))
