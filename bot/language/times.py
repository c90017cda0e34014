"""Vietnamese time expressions to instants and recurrences, in Asia/Ho_Chi_Minh. Runs in both environments.

    parse("tối mai 8 giờ nhắc tôi học bài", now) -> 20:00 tomorrow, once
    parse("moi sang thu 2 4 6", now)             -> 08:00 every Monday, Wednesday and Friday; exact is False

Where people leave something out we take what an office day suggests and say so in `exact`: a morning is 08:00, noon
12:00, an afternoon 14:00, an evening 20:00, a night 21:00, a day alone 08:00, "next week" its Monday, "next month" its
first. A bare "8 giờ" is the next one between 07:00 and 21:00. Lunar dates and rhythms that a rule cannot hold (every two
days) give None: the bot asks back rather than guess.

The words are in times_lexicon.py, the patterns in times_grammar.py, the order they are tried in times_reading.py.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Optional, Tuple

from bot.language.times_calendar import ZONE, NoSuchTime, Rule, at, local, next_after
from bot.language.times_grammar import FEAST, LUNAR
from bot.language.times_hours import ENDS, Clock, sensible
from bot.language.times_lexicon import read
from bot.language.times_reading import Reading

__all__ = ["ZONE", "Clock", "Rule", "When", "is_lunar", "next_after", "parse", "say", "say_clock", "say_rule"]

FURTHEST_YEARS = 50
_WEEKDAYS = ("thứ hai", "thứ ba", "thứ tư", "thứ năm", "thứ sáu", "thứ bảy", "chủ nhật")


@dataclass(frozen=True)
class When:
    """What a text says about time. at: aware, Asia/Ho_Chi_Minh, the first or only occurrence, after `now` unless past.

    rule: None for once. start, end: where the time words stand in the text given, from the first to the last. exact:
    False when we had to assume the hour. past: a fully given date (or "sáng nay") that is over; `at` is then that instant.
    unsure: an hour was said, but it may be twelve hours off ("7h toi di hop" without marks); clocks: the hours that may be meant,
    none for "2 phút nữa". part: of the day, if one was named. day_said: how the day was named ("weekday", "day of a month", "days ahead"
    or "date"), "" if it was not; day, weekdays: what was named, Monday 0.
    """

    at: datetime
    rule: Optional[Rule]
    start: int
    end: int
    exact: bool
    past: bool = False
    unsure: bool = False
    clocks: Tuple[Clock, ...] = ()
    part: Optional[str] = None
    day_said: str = ""
    day: Optional[date] = None
    weekdays: Tuple[int, ...] = ()

    @property
    def otherwise(self) -> Optional[str]:
        """The other hour where we are unsure, "19:00"; None where we are not."""
        return next((c.said for c in self.clocks if self.unsure and (c.hour, c.minute) != (self.at.hour, self.at.minute)), None)


def parse(text: str, now: datetime) -> Optional[When]:
    """The time that the text names, or None when it names none that we can stand by. now: aware. Raises NaiveTime."""
    now = local(now)
    line = read(text)
    try:
        reading = Reading(line, now)
        if not reading.places:
            return None
        rule, past = None, False
        if reading.every:
            rule, instant = _recurrence(reading)
        elif reading.later:
            instant = (now + reading.later).replace(microsecond=0)
        else:
            instant, past = _once(reading)
    except (NoSuchTime, OverflowError):
        return None
    if not past and instant.year - now.year > FURTHEST_YEARS:
        return None
    start, end = reading.span()
    clocks = () if reading.later else tuple(reading.clocks)
    day = reading.day
    if day and not rule:  # it may have rolled on
        day = next((d for c in clocks if c.on(d := instant.date() - timedelta(days=c.shift)) == instant), instant.date())
    if reading.unsure and len(clocks) == 1:
        clocks = (*clocks, Clock((clocks[0].hour + 12) % 24, clocks[0].minute))
    return When(instant, rule, start, end, (reading.exact and not reading.unsure) or bool(reading.later), past, reading.unsure, clocks, reading.part,
                reading.day_said, day, tuple(reading.weekdays))


def is_lunar(text: str) -> bool:
    """Does the text name a day of the lunar calendar? `parse` gives None for it, and this is why."""
    line = read(text).text
    return LUNAR.search(line) is not None or FEAST.search(line) is not None


def _once(reading: Reading) -> Tuple[datetime, bool]:
    """The instant, and whether it is over."""
    now, today, clocks = reading.now, reading.today, reading.clocks
    if reading.day is None:
        days = [today + timedelta(days=d) for d in (-1, 0, 1)]  # yesterday for "12 giờ đêm" said in the evening
        ahead = sorted(i for i in (c.on(d) for c in clocks for d in days) if i > now)
        return next((i for i in ahead if sensible(i)), ahead[0]), False
    day = reading.day
    options = [c.on(day) for c in clocks]
    if clocks[0].shift and day == today:  # "1 giờ đêm nay" said after midnight
        options.insert(0, clocks[0].on(today - timedelta(days=1)))
    if reading.roll and max(options) <= now:
        day = reading.roll(day)
        while clocks[0].on(day) <= now:
            day = reading.roll(day)
        options = [c.on(day) for c in clocks]
    ahead = [i for i in options if i > now]
    if ahead:
        return ahead[0], False
    if not reading.exact and day == today:
        soon = now + timedelta(minutes=10)
        soon = soon.replace(minute=0, second=0, microsecond=0) + timedelta(minutes=30 * (soon.minute // 30 + 1))
        if soon.date() == day and soon.time() <= ENDS[reading.part]:
            return soon, False
    return options[-1], True


def _recurrence(reading: Reading) -> Tuple[Rule, datetime]:
    clock, day, today = reading.clocks[0], reading.day, reading.today
    rule: Rule = {"every": reading.every, "time": f"{clock.hour:02}:{clock.minute:02}"}
    if reading.every == "week":
        named = reading.weekdays or [(day or today).weekday()]
        rule["weekdays"] = sorted((d + clock.shift) % 7 for d in named)
    elif reading.every == "month":
        rule["day"] = reading.day_of_month or (day or today).day
    since = reading.now
    if day and day > today and not reading.roll:  # "từ mai", "từ tuần sau"
        since = max(since, at(day, 0, 0) - timedelta(seconds=1))
    return rule, next_after(rule, since)


def say(when: datetime, now: datetime) -> str:
    """ "20 giờ 05 tối mai, thứ tư 25/11/2026", for a confirmation. Both aware. Raises NaiveTime."""
    when, now = local(when), local(now)
    hour = f"{_say_hour(when.hour, when.minute)} {_part_name(when.hour)}"
    day = f"{_WEEKDAYS[when.weekday()]} {when:%d/%m/%Y}"
    near = {0: " nay,", 1: " mai,", 2: " ngày kia,"}.get((when.date() - now.date()).days, "")
    return f"{hour}{near} {day}"


def say_rule(rule: Rule) -> str:
    """ "19 giờ 30 mỗi thứ ba", "7 giờ sáng mỗi ngày", "8 giờ ngày 15 mỗi tháng". rule: as in When.rule."""
    hour, minute = (int(part) for part in rule["time"].split(":"))
    # the part of the day where a bare hour would be taken for another
    bare = hour >= 7 and rule["every"] != "day"
    said = _say_hour(hour, minute) + ("" if bare else " " + _part_name(hour))
    if rule["every"] == "month":
        short = ", tháng thiếu thì ngày cuối cùng" if rule["day"] > 28 else ""
        return f"{said} ngày {rule['day']} mỗi tháng{short}"
    if rule["every"] == "week" and len(set(rule["weekdays"])) < 7:
        return f"{said} mỗi {', '.join(_WEEKDAYS[d] for d in sorted(set(rule['weekdays'])))}"
    return f"{said} mỗi ngày"


def say_clock(said: str) -> str:
    """ "7 giờ 30 sáng" for "07:30"."""
    hour, minute = (int(part) for part in said.split(":"))
    return f"{_say_hour(hour, minute)} {_part_name(hour)}"


def _say_hour(hour: int, minute: int) -> str:
    return f"{hour} giờ {minute:02}" if minute else f"{hour} giờ"


def _part_name(hour: int) -> str:
    return "sáng" if hour < 11 else "trưa" if hour < 13 else "chiều" if hour < 18 else "tối"
