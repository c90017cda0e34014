"""Does something spread faster than it used to? Counted in different people, tested against its own past.

Days of the past are taken as draws of one rate, itself uncertain (a gamma prior worth one quiet day), so the number to expect in
the window is negative binomial; a window so full that this hardly ever happens counts as growth. What is new has no past, and
five people in a day are enough.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

WINDOWS_HOURS = (24, 72)
PAST_DAYS = 21
LEAST_PEOPLE = 5
RARE = 1e-4
"""How seldom a window so full may happen by chance; there are some thousands of looks a month."""
PRIOR_PEOPLE, PRIOR_DAYS = 0.5, 1.0


@dataclass(frozen=True)
class Growth:
    """people: different ones within the last `hours`. usual: how many the past lets expect in as long. chance: of so many or more."""

    people: int
    usual: float
    hours: int
    chance: float

    @property
    def fast(self) -> bool:
        return self.people >= LEAST_PEOPLE and self.chance < RARE


def growth(seen: Sequence[tuple[datetime, str]], now: datetime, since: datetime | None = None) -> Growth:
    """seen: (instant, who) of every report and question, in any order. The window that is least likely by chance.

    since: when anything at all was first heard; where that is less than the past looked at, the past is as short.
    """
    return min((_within(seen, now, hours, since) for hours in WINDOWS_HOURS), key=lambda g: (g.people < LEAST_PEOPLE, g.chance, g.hours))


def _within(seen: Sequence[tuple[datetime, str]], now: datetime, hours: int, since: datetime | None) -> Growth:
    from scipy.stats import nbinom

    begin = now - timedelta(hours=hours)
    people = len({who for at, who in seen if begin < at <= now})
    # a person counts once a day, as in the window nearly everybody does
    past = len({((begin - at).days, who) for at, who in seen if begin - timedelta(days=PAST_DAYS) < at <= begin})
    heard_days = PAST_DAYS if since is None else min(max((begin - since) / timedelta(days=1), 0.0), PAST_DAYS)
    shape, days, window = past + PRIOR_PEOPLE, heard_days + PRIOR_DAYS, hours / 24
    chance = float(nbinom.sf(people - 1, shape, days / (days + window)))
    return Growth(people, shape * window / days, hours, chance)
