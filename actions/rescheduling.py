"""Another time for a reminder that stands, and reminders wanted again after they were stopped."""

import json
import re
from collections.abc import Callable, Sequence

from actions._turn import Turn, payload
from bot.clock import local
from bot.language import times
from bot.language.normalise import fold
from bot.language.reminder_words import Change, change_in
from bot.messages import Reply
from bot.reminders import policy
from bot.reminders.moving import Moved, moved
from bot.services import remind
from bot.store.tables import Reminder
from bot.wording import say

CHANGE = "change:"
"""Before "<reminder>|<words of the time>|<off or new>" in the value of a button."""
MOST_CHOICES = 8
LITTLE = frozenset("di cho o len ve lam viec cua voi va ra toi minh em bac chau ba ong me bo la thi giup nhe nha cai nay do ay mot nhac loi lich gio ban dan "
                   "hen bot oi huy xoa go het tat dung khong can nua thoi roi dat sang".split())
"""Folded words of which no reminder is recognised."""
Arrange = Callable[[Turn, str, str], Reply]


def changed(turn: Turn, change: Change, arrange: Arrange) -> Reply | None:
    """What the change comes to; None when it is about a reminder that has just come, which is put off instead. arrange: sets one that
    still waits for consent."""
    on = remind.listed(turn.session, turn.citizen_id) if turn.citizen_id is not None else []
    pending = str(turn.slots.get("pending") or "")
    if pending.startswith("remind:") and not on:
        return asked_again(turn, change, pending.removeprefix("remind:"), arrange)
    shown, came = on_screen(turn, "cancel_reminder"), on_screen(turn, "snooze_reminder")
    named = named_by(change.about, on)
    if not named and change.old:
        named = [r for r in on if was_at(r, change.old, turn)]
    if not named and not change.about:
        if came and (change.puts_off or not any(r.id in came for r in on)):
            return None
        named = [r for r in on if r.id in shown | came]
        last = remind.came_within(turn.session, turn.citizen_id, turn.now) if not named else None
        if last is not None and (change.puts_off or not on):
            return None
        if last is not None and last not in on:
            return which(turn, [last, *on], change)
        named = named or (on if len(on) == 1 else [])
    if len(named) == 1:
        return changed_to(turn, named[0], change.said, change.puts_off)
    if on:
        return which(turn, named or on, change)
    return None if came else Reply(say("reminder_change_none"))


def on_screen(turn: Turn, intent: str) -> set[int]:
    """The reminders that buttons of this intent below the newest message are for, unless they are choices among several."""
    values = [json.loads(b["payload"].removeprefix(f"/{intent}"))["value"] for b in turn.talk.offered or [] if b["payload"].startswith(f"/{intent}{{")]
    found = {int(v.partition("|")[0]) for v in values if v.partition("|")[0].isdigit()}
    return found if len(found) == 1 else set()


def named_by(words: Sequence[str], reminders: Sequence[Reminder], least: int | None = None) -> list[Reminder]:
    """Those that share most of the folded words with what they are about, or at least so many; none where none shares any."""
    wanted = set(words) - LITTLE
    shared = [(len(wanted & set(re.findall(r"[a-z0-9]+", fold(r.about)))), r) for r in reminders]
    most = max((count for count, _ in shared), default=0)
    return [r for count, r in shared if count >= (least or most)] if most else []


def named_change(turn: Turn, text: str) -> Reply | None:
    """ "Dời họp tổ sang thứ ba", where there is one reminder of that name; else None."""
    change = change_in(text, of_anything=True)
    if change is None or not change.about or not change.said or turn.citizen_id is None:
        return None
    named = named_by(change.about, remind.listed(turn.session, turn.citizen_id))
    return changed_to(turn, named[0], change.said, change.puts_off) if len(named) == 1 else None


def meant(turn: Turn, found: Sequence[Reminder]) -> list[Reminder]:
    """Those of `found` that the text names by their time, by their words, or as the newest."""
    said = fold(turn.text)
    if NEWEST.search(said):
        return [max(found, key=lambda r: (r.created_at, r.id))]
    when = times.parse(turn.text, turn.now)
    words = re.findall(r"[a-z0-9]+", fold(turn.text if when is None else f"{turn.text[:when.start]} {turn.text[when.end:]}"))
    at = [r for r in found if was_at(r, turn.text[when.start:when.end], turn)] if when is not None else list(found)
    named = named_by(words, at, 1)
    return named or (at if when is not None else [])


NEWEST = re.compile(r"\b(?:cai|loi nhac|nhac|lich|hen) (?:\w+ )?(?:luc nay|hoi nay|khi nay|vua (?:dat|hen|tao|them|roi|xong|nay)|moi (?:dat|tao|hen))\b")
"""Folded words for the reminder that was set last."""


def was_at(reminder: Reminder, said: str, turn: Turn) -> bool:
    """Is the reminder for the time in these words ("từ 7h", "từ thứ hai")?"""
    when, due = times.parse(said, turn.now), local(reminder.next_due_at)
    if when is None or not when.clocks:
        return False
    hour = not when.exact or any((c.hour, c.minute) == (due.hour, due.minute) for c in when.clocks)
    return hour and (not when.day_said or when.at.weekday() == due.weekday())


def which(turn: Turn, found: Sequence[Reminder], change: Change) -> Reply:
    if not change.said and times.is_lunar(turn.text):
        return Reply(say("reminder_lunar"))
    if not change.said:
        return Reply("\n".join([say("reminder_change_how"), *lines(turn, found)]))
    how = f"{change.said.replace('|', ' ')}|{'off' if change.puts_off else 'new'}"
    buttons = tuple((f"{n}. {r.about[:30]}", payload("snooze_reminder", f"{CHANGE}{r.id}|{how}")) for n, r in enumerate(found[:MOST_CHOICES], 1))
    return Reply("\n".join([say("reminder_change_which"), *lines(turn, found[:MOST_CHOICES])]), buttons, quick=True)


def lines(turn: Turn, found: Sequence[Reminder]) -> list[str]:
    return [say("reminder_line", number=n, when=at_words(turn, r), about=r.about) for n, r in enumerate(found, 1)]


def at_words(turn: Turn, reminder: Reminder) -> str:
    return remind.in_words(reminder, turn.now) if reminder.next_due_at else say("reminder_just_came")


def pressed(turn: Turn) -> Reply:
    """A button that changes one: value as at CHANGE."""
    number, said, how = (turn.value.removeprefix(CHANGE).split("|") + ["", ""])[:3]
    found = remind.own(turn.session, turn.citizen_id, int(number)) if number.isdigit() else None
    return changed_to(turn, found, said, how == "off") if found is not None and found.state != "cancelled" else Reply(say("reminder_change_none"))


def changed_to(turn: Turn, reminder: Reminder, said: str, puts_off: bool) -> Reply:
    if not said and times.is_lunar(turn.text):
        return Reply(say("reminder_lunar"))
    if not said:
        return Reply(say("reminder_change_when", about=reminder.about, when=at_words(turn, reminder)))
    new = times.parse(said, turn.now)
    if new is None:
        return Reply(say("reminder_lunar" if times.is_lunar(said) else "reminder_unclear"))
    to = moved(reminder.next_due_at or turn.now, reminder.rule, new, turn.now, puts_off and "nua" not in fold(said).split())
    if to.past:
        return Reply(say("reminder_past", when=times.say(to.at, local(turn.now))))
    one = remind.change(turn.session, turn.citizen_id, reminder.id, to, turn.now)
    return told(turn, one, to, new) if one is not None else Reply(say("reminder_change_none"))


def told(turn: Turn, reminder: Reminder, to: Moved, new: times.When) -> Reply:
    """The confirmation, with the new time in full."""
    text = say("reminder_changed_once" if to.once else "reminder_changed_rule" if to.rule else "reminder_changed", about=reminder.about,
               when=times.say(to.at, local(turn.now)), rule=times.say_rule(to.rule) if to.rule else "")
    text += f" {say('reminder_night')}" if policy.quiet(to.at) else ""
    more, buttons = doubt(new, reminder.id)
    return Reply(text + more + turn.rests("reminders"), ((say("reminder_cancel_button"), payload("cancel_reminder", str(reminder.id))), *buttons))


def doubt(when: times.When, number: int) -> tuple[str, tuple[tuple[str, str], ...]]:
    """What is said where the hour may be twelve hours off, and the button that takes the other one."""
    if when.otherwise is None:
        return "", ()
    hour = times.say_clock(when.otherwise)
    return f" {say('reminder_unsure')}", ((say("reminder_instead", hour=hour), payload("snooze_reminder", f"{CHANGE}{number}|{hour}|new")),)


def asked_again(turn: Turn, change: Change, waiting: str, arrange: Arrange) -> Reply:
    """The question for consent once more, with the new time. waiting: "<words of the time>|<about>"."""
    said, _, about = waiting.partition("|")
    before, new = times.parse(said, turn.now), times.parse(change.said, turn.now) if change.said else None
    if before is None or new is None:
        return Reply(say("reminder_unclear"))
    to = moved(before.at, before.rule, new, turn.now, change.puts_off and "nua" not in fold(change.said).split())
    if to.past:
        return Reply(say("reminder_past", when=times.say(to.at, local(turn.now))))
    return arrange(turn, times.say_rule(to.rule) if to.rule and not to.once else times.say(to.at, local(turn.now)), about)


def on_again(turn: Turn) -> Reply:
    """Reminders are wanted again: consent is asked for in the usual way, since stopping took it back."""
    if not turn.may("reminders"):
        turn.remember("pending", f"consent:reminders|{AGAIN}")
        yes, no = (say("agree"), payload("consent_give", f"reminders|{AGAIN}")), (say("refuse"), "/consent_refuse")
        return Reply(say("reminders_again_ask"), (yes, no), quick=True)
    found = remind.listed(turn.session, turn.citizen_id)
    return Reply("\n".join([say("reminders_are_on"), *lines(turn, found)]) if found else say("reminders_again"))


AGAIN = "again"
"""What was wanted, behind the consent that is asked for."""
