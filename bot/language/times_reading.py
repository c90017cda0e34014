"""One reading of one text: first the rhythm, then the day, then spans of time, then the hour; each takes its words away."""

from datetime import date, datetime, timedelta
from typing import Callable, Dict, List, Match, Optional, Pattern, Tuple

from bot.language import times_grammar as g
from bot.language.times_calendar import NoSuchTime, add_months, next_date, next_day_of_month, part_of_month, real
from bot.language.times_hours import ASSUMED, Clock, readings
from bot.language.times_lexicon import Line, number

Found = Dict[str, Optional[str]]


class Reading:
    """What the words of a line name. now: aware, Asia/Ho_Chi_Minh. Raises NoSuchTime for what does not exist.

    every: day, week, month or None. weekdays: those named, 0 is Monday. day: the day named, with `roll` to the next such
    day where there is one. later: "2 phút nữa". clocks: hours that may be meant, likeliest first; part: of the day;
    exact: an hour was said; unsure: it may be twelve hours off. day_said: how a day was named ("weekday", "day of a month",
    "date"), "" if it was not. places: where the time words stand; empty when there are none.
    """

    def __init__(self, line: Line, now: datetime):
        self.line, self.now, self.today = line, now, now.date()
        self.text = line.text
        self.places: List[Tuple[int, int]] = []
        self.weekdays: List[int] = []
        self.named_first: List[int] = []
        self.weekday_rel = ""
        self.day: Optional[date] = None
        self.day_of_month: Optional[int] = None
        self.roll: Optional[Callable[[date], date]] = None
        self.unsure, self.day_said = False, ""
        self._drop()
        self.whole = self.text
        self.every = self._rhythm()
        self._read_day()
        self.later = None if self.every else self._later()
        self.clocks, self.part, self.exact = self._hours()

    def span(self) -> Tuple[int, int]:
        """The time words in the text as typed, with the prepositions that lead in."""
        start, end = min(p[0] for p in self.places), max(p[1] for p in self.places)
        before = self.line.text[:start].split()
        while before and before[-1] in g.LEADING_WORDS:
            start -= len(before.pop()) + 1
        return self.line.typed(start, end)

    def _cut(self, start: int, end: int, keep: bool = True) -> None:
        self.text = self.text[:start] + "#" * (end - start) + self.text[end:]
        if keep:
            self.places.append((start, end))

    def _take(self, pattern: Pattern[str]) -> Optional[Match[str]]:
        match = pattern.search(self.text)
        if match:
            self._cut(*match.span())
        return match

    def _drop(self) -> None:
        """What looks like a time and is none. Raises NoSuchTime for lunar dates."""
        for pattern in (g.ORDINAL, g.PAST):
            for match in pattern.finditer(self.text):
                self._cut(*match.span(), keep=False)
        if g.LUNAR.search(self.text):
            raise NoSuchTime

    # the rhythm

    def _rhythm(self) -> Optional[str]:
        """Raises NoSuchTime for a rhythm that no rule can hold."""
        for pattern in g.OTHER_RHYTHM:
            match = pattern.search(self.text)
            if match and ("n" not in match.groupdict() or number(match["n"]) > 1):
                raise NoSuchTime
        per = g.TIMES_PER.search(self.text)
        marked = g.EVERY_WEEKDAY.search(self.text)
        repeated = self._read_weekdays()
        if marked and self.weekdays:
            self.places.append(marked.span())
        month, week, day = self._take(g.EVERY_MONTH), self._take(g.EVERY_WEEK), self._take(g.EVERY_DAY)
        if month and self.weekdays or per and not self.weekdays and number(per["n"] or per["n2"]) > 1 and (month or week or day):
            raise NoSuchTime
        if month:
            part = month["part"] or month["part2"] or month["part3"]
            self.day_of_month = {"dau": 1, "giua": 15, "cuoi": 31}.get(part)
            return "month"
        if week and (week["end"] or week["end2"]):
            self.weekdays = [5]
        if week or (self.weekdays and (marked or repeated or day)):
            return "week"
        return "day" if day else None

    def _read_weekdays(self) -> bool:
        """Reads every weekday named; True when the way they are named already means every week ("t2-t6")."""
        found, repeated = [], False
        for match in g.WEEKDAYS.finditer(self.text):
            days = _weekday_list(match)
            if g.EXCEPT.search(self.text[:match.start()].rstrip()):
                days, repeated = [d for d in range(7) if d not in days], True
            repeated = repeated or len(days) > 2 or bool(match["last"])
            found.append((match, days))
        # "trước thứ sáu, tối thứ năm báo em": the deadline is not the reminder
        asked = [f for f in found if not self.text[:f[0].start()].endswith("truoc ")] or found
        for match, _ in found:
            self._cut(*match.span(), keep=any(match is m for m, _ in asked))
        if asked:
            self.weekdays = sorted({d for _, days in asked for d in days})
            self.named_first = asked[0][1][:1]
            self.weekday_rel = _rel(asked[0][0]["rel"])
        return repeated

    # the day

    def _read_day(self) -> None:
        """By the most definite of the words: a date, "mai", a weekday, a week, a month."""
        week = self._week()
        if self._date():
            return
        if not self._ahead():
            if self.named_first:
                self._weekday(week)
                self.day_said = "weekday" if week is None and not self.weekday_rel else ""
            elif week is not None:
                self.day = week
            else:
                self._period()
        self.day_said = self.day_said or ("date" if self.day else "")

    def _monday(self) -> date:
        return self.today - timedelta(days=self.today.weekday())

    def _week(self) -> Optional[date]:
        """The day that "tuần sau", "cuối tuần" mean by themselves; next to a weekday, a day of the week meant."""
        for match in g.WEEK.finditer(self.text):
            part, to, rel = match["part"], match["to"], _rel(match["rel"])
            if not (part or to or rel) or (rel == "nay" and not part and not self.named_first):
                continue
            self._cut(*match.span())
            days = {"giua": 2, "cuoi": 5}.get(part, 0)
            if not rel and not to:
                self.roll = lambda d: d + timedelta(days=7)
                sunday = part == "cuoi" and self.today.weekday() == 6
                return self.today if sunday else self._monday() + timedelta(days=days)
            weeks = 2 if rel.endswith("nua") else 0 if rel == "nay" else 1
            return self._monday() + timedelta(weeks=weeks, days=days)
        return None

    def _weekday(self, week: Optional[date]) -> None:
        first, rel = self.named_first[0], self.weekday_rel
        if week is not None and not self.roll:
            self.day = week - timedelta(days=week.weekday()) + timedelta(days=first)
        elif rel.startswith("sau"):
            self.day = self._monday() + timedelta(weeks=2 if rel.endswith("nua") else 1, days=first)
        else:
            soon = (first - self.today.weekday()) % 7
            self.day = self.today + timedelta(days=soon or (7 if rel in ("tới", "toi") else 0))
            self.roll = lambda d: d + timedelta(days=7)

    def _ahead(self) -> bool:
        for days, pattern in g.DAYS_AHEAD:
            if days == 0 and self.named_first and self.named_first[0] != self.today.weekday():
                continue  # "hôm nay xã nghỉ, dời sang thứ hai"
            if self._take(pattern):
                self.day, self.roll = self.today + timedelta(days=days), None
                return True
        return False

    def _date(self) -> bool:
        for pattern in g.DATES:
            match = pattern.search(self.text)
            if match and self._set_date(match.groupdict()):
                self._cut(*match.span())
                return True
        return False

    def _set_date(self, found: Found) -> bool:
        """Raises NoSuchTime for a date that no calendar has; False for 12/25, a fraction."""
        day = number(found.get("d") or found.get("d2") or "0")
        month = number(found["m"] or "0") if "m" in found else None
        if not 1 <= day <= 31 or month is not None and not 1 <= month <= 12:
            if month is not None and "s" not in found and not found.get("named"):
                return False
            raise NoSuchTime
        self.day_of_month, self.roll = day, None
        self.day_said = "date" if month or "to" in found or found.get("rel") else "day of a month"
        year, rel = _year(found, self.today), _rel(found.get("rel"))
        if month and year:
            self.day = real(year, month, day)
        elif month:
            self.day = next_date(self.today, month, day)
            if self.day > self.today:  # else its hour may have passed today, which is not a wish for next year
                self.roll = lambda d: next_date(d + timedelta(days=1), month, day)
        elif "to" in found:
            first = add_months(self.today.replace(day=1), 0 if rel == "nay" else 1)
            self.day = real(first.year, first.month, day)
        else:
            self.day = next_day_of_month(self.today, day)
            if rel != "nay":
                self.roll = lambda d: next_day_of_month(d + timedelta(days=1), day)
        return True

    def _period(self) -> None:
        """ "cuối tháng", "đầu tháng sau", "tháng 3 sang năm", "cuối năm"."""
        for match in g.MONTHS.finditer(self.text):
            part, rel, year = match["part"], _rel(match["rel"]), _year(match.groupdict(), self.today)
            if match["m"] and (part or year or match["vague"] or match["to"]):
                month = number(match["m"])
                first = real(year or self.today.year, month, 1)
                if not year and part_of_month(first, part) < self.today:
                    first = add_months(first, 12)
            elif match["m"] or not (part or match["to"] or rel) or (rel == "nay" and not part):
                continue
            else:
                ahead = 2 if rel.endswith("nua") else 0 if rel == "nay" or not (rel or match["to"]) else 1
                first = add_months(self.today.replace(day=1), ahead)
            self._cut(*match.span())
            self.day = part_of_month(first, part)
            if not (match["m"] or rel or match["to"]):
                self.roll = lambda d, part=part: part_of_month(add_months(d.replace(day=1), 1), part)
            return
        years = self._take(g.YEARS)
        if years:
            coming = not years["part"] or _rel(years["rel"]) in ("sau", "tới", "toi") or (years["part"] == "dau" and not years["rel"])
            year = self.today.year + coming
            self.day = date(year, 12, 31) if years["part"] == "cuoi" else date(year, 1, 1)

    def _later(self) -> Optional[timedelta]:
        """ "2 phút nữa"; "3 ngày nữa" sets the day instead."""
        for pattern in g.LATER:
            for match in pattern.finditer(self.text):
                amount = _amount(match, self.text[match.end():])
                if amount is None:
                    continue
                span, days, months = amount
                if not (span or days or months):
                    raise NoSuchTime
                self._cut(*match.span())
                if span:
                    return span
                self.day, self.roll, self.day_said = add_months(self.today, months) + timedelta(days=days), None, "days ahead"
                return None
        return None

    # the hour

    def _hours(self) -> Tuple[List[Clock], Optional[str], bool]:
        if self._take(g.MIDNIGHT):
            return [Clock(0, 0, 1)], "dem", True
        if self._take(g.NOON):
            return [Clock(12)], "trua", True
        match = self._clock()
        part = self._part(match)
        if match:
            return readings(match, part), part, True
        if (self.day or self.every) and self._take(g.THIS_HOUR):
            return [Clock(self.now.hour, self.now.minute)], None, True
        return [Clock(ASSUMED[part])], part, False

    def _clock(self) -> Optional[Match[str]]:
        """The first hour that is said. A span of hours ("trong 48 giờ", "24 giờ đầu") is none."""
        found = [m for p in g.CLOCKS for m in p.finditer(self.text)]
        found += [m for m in g.HOUR_BY_PART.finditer(self.text) if m["before"] not in g.COUNTING]
        found = [m for m in found if number(m["h"]) < 24 or g.HOUR_MARK.search(self.text[:m.start("h")])
                 or (number(m["h"]) == 24 and g.PART_AFTER_HOUR.match(self.text, m.end()))]
        if not found:
            return None
        best = min(found, key=lambda m: (m.start("h"), -m.end()))
        self._cut(best.start("h"), best.end())
        return best

    def _part(self, clock: Optional[Match[str]]) -> Optional[str]:
        """The part of the day: right after the hour if there is one, else where it stands with the other time words."""
        after = clock and g.PART_AFTER_HOUR.match(self.whole, clock.end())
        if after and after["part"] in g.OTHER_WORDS:
            return self._doubtful(after, number(clock["h"]))
        if after:
            self.places.append(after.span("part"))
            return g.PART_OF[after["part"]]
        found = self._part_elsewhere(clock)
        if found:
            self.places.append(found)
        return g.PART_OF[self.whole[slice(*found)]] if found else None

    def _doubtful(self, after: Match[str], hour: int) -> Optional[str]:
        """The part of the day where a word without marks stands behind the hour that may be another: "toi" is I, "sang" is over to.

        It gives way to a part that is named already ("sang mai 6h toi uong thuoc"). unsure: both readings are left.
        """
        word, place = after["part"], after.span("part")
        other = g.GOES_OVER if word.startswith("sang") else g.CARRIES
        is_other = hour < 5 if word == "toi" else other.match(self.whole, place[1]) is not None and (word == "dem" or hour < 5)
        sure = g.PART_ENDS.match(self.text, place[1]) is not None and not (is_other and word != "toi")
        if word == "toi" or not sure:
            named = self._part_elsewhere(after, but=place)
            said = self.whole[slice(*named)] if named else "toi"
            if named and (word == "toi" or said != "toi"):
                self.places.append(named)
                return g.PART_OF[said]
        self.unsure = word == "toi" and not sure and 5 <= hour <= 12
        if is_other or (self.unsure and hour > 9):
            return None
        self.places.append(place)
        return g.PART_OF[word]

    def _part_elsewhere(self, clock: Optional[Match[str]], but: Optional[Tuple[int, int]] = None) -> Optional[Tuple[int, int]]:
        """The place of a word for a part of the day that stands with the other time words, other than `but`. clock: if an hour is said."""
        for pattern in (g.PART_SURE, g.PART_BARE, g.PART_NAMED, g.PART_MOI, g.PART_ONLY):
            for match in pattern.finditer(self.whole):
                start, end = match.span("part" if match["part"] else "part2")
                word = self.whole[start:end]
                # "dời sang mai" moves it to tomorrow, not to a morning
                if pattern is g.PART_BARE and word.startswith("sang") and g.POSTPONE.search(self.whole[:start]):
                    continue
                if (start, end) == but:
                    continue
                touching = (self.text[start] == "#" or g.TOUCHING_BEFORE.search(self.text[:start])
                            or g.TOUCHING_AFTER.match(self.text, end))
                if touching or (word not in g.NEVER_ALONE and not (clock or self.day or self.every)):
                    return start, end
        return None


def _rel(word: Optional[str]) -> str:
    return (word or "").replace("_", "")


def _year(found: Found, today: date) -> Optional[int]:
    said = found.get("y") or found.get("y2")
    if said:
        return int(said) + (2000 if len(said) == 2 else 0)
    if found.get("sang") or found.get("yr"):
        return today.year + (_rel(found.get("yr")) != "nay")
    return None


def _weekday_list(match: Match[str]) -> List[int]:
    """The weekdays of a match of times_grammar.WEEKDAYS in the order named; a span is filled in."""
    if match["working"]:
        return [0, 1, 2, 3, 4]

    def days(words: str) -> List[int]:
        read = [int(w) - 2 if w.isdigit() else g.WEEKDAY_WORDS.get(w) for w in words.split(" ")]
        return [d for d in read if d is not None]

    if match["last"]:
        first, last = days(match["first"])[0], days(match["last"])[0]
        return [(first + i) % 7 for i in range((last - first) % 7 + 1)]
    return list(dict.fromkeys(days(match["list"] or match["slashed"])))


def _amount(match: Match[str], following: str) -> Optional[Tuple[timedelta, int, int]]:
    """A match of times_grammar.LATER as time, days and months; None where an hour of the day is meant ("sau 8 giờ tối")."""
    found = match.groupdict()
    nua = found.get("nua") == "nua"
    if match.group().startswith("trong ") and not nua:
        return None
    if found.get("one"):
        return {"tieng": (timedelta(hours=1), 0, 0), "tieng ruoi": (timedelta(minutes=90), 0, 0),
                "tuan": (timedelta(0), 7, 0), "thang": (timedelta(0), 0, 1)}[found["one"]]
    if found["hours"]:
        hours = number(found["hours"])
        of_the_day = found["unit"] != "tieng" and not nua and (3 if found.get("shift") else 6) < hours < 24
        part = None if nua else g.PART_AFTER_HOUR.match(following)
        if part and part["part"] == "toi" and (found["unit"] == "tieng" or hours < 5):
            part = None  # "sau 2 tieng toi di hop"
        if of_the_day or part:
            return None
        minutes = 30 if found["half"] else number(found["rest"]) if found["rest"] else 0
        return timedelta(hours=hours, minutes=minutes), 0, 0
    if found["minutes"] or found["seconds"]:
        return timedelta(minutes=number(found["minutes"] or "0"), seconds=number(found["seconds"] or "0")), 0, 0
    if found["half_hour"]:
        return timedelta(minutes=30), 0, 0
    if found["count"] == "nua":
        return {"tuan": (timedelta(0), 3, 0), "thang": (timedelta(0), 15, 0), "nam": (timedelta(0), 0, 6)}.get(
            found["days"] or "", (timedelta(hours=12), 0, 0))
    count = number(found["count"] or "0")
    in_days = {"tuan": 7, "thang": 0, "nam": 0}.get(found["days"] or "", 1)
    return timedelta(0), count * in_days, count * {"thang": 1, "nam": 12}.get(found["days"] or "", 0)
