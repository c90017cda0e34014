"""Consent, what is known, erasure, where the citizen lives."""

from rasa_sdk import FormValidationAction

from actions import learning, reminders
from actions._turn import Turn, acts
from bot import places
from bot.clock import local
from bot.messages import Reply
from bot.services import people
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
    what = " và ".join(say(f"purpose_{p}") for p in purposes)
    return Reply(say("consent_thanks", what=what), ((say("learn_scams"), "/start_course"), (say("menu_button"), "/help_menu")))


@acts("action_consent_refuse")
def consent_refuse(turn: Turn) -> Reply:
    turn.remember("pending", None)
    turn.talk.asked_consent_at = turn.now
    return Reply(say("consent_refused"), ((say("menu_button"), "/help_menu"),))


@acts("action_my_data")
def my_data(turn: Turn) -> Reply:
    known = people.known_about(turn.session, turn.talk)
    consents = ", ".join(say(f"purpose_{p}") for p in sorted(known["consents"])) or say("nothing")
    return Reply(say("my_data", **{**known, "consents": consents, "since": f"{local(known['since']):%d/%m/%Y}",
                                   "commune": known["commune"] or say("no_commune"),
                                   "learners": ", ".join(n or say("learner_first") for n in known["learners"]) or say("nothing")}),
                 ((say("erase_yes"), "/delete_my_data"),))


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
    receipt = people.erase(turn.session, turn.talk, turn.now)
    turn.remember("procedure", None)
    turn.remember("pending", None)
    turn.forget = True
    return Reply(say("erased", receipt=receipt, when=f"{local(turn.now):%H:%M %d/%m/%Y}"))


@acts("action_set_commune")
def set_commune(turn: Turn) -> Reply:
    """Recognises new and old names; stores only with consent."""
    named = places.find(turn.text)
    if named is None:
        return Reply(say("commune_unknown"))
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


@acts("action_link_account")
def link_account(turn: Turn) -> Reply:
    return Reply(say("link"))


@acts("action_change_settings")
def change_settings(turn: Turn) -> Reply:
    return Reply(say("settings"))
