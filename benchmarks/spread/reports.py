"""Generated reports of tricks over sixty days: what always goes round, and five outbreaks that were planted."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from ruamel.yaml import YAML

from bot import places
from bot.incidents.spreading import Sighting
from bot.language.normalise import fold

BEGIN = datetime(2026, 9, 1, tzinfo=UTC)
DAYS, REPORTS = 60, 5000
WITH_TEXT = 0.6
"""Share of people who consent to their words being kept."""
NAMES_SOMETHING = 0.55
"""Share of reports with a number or link."""

SCENARIOS = YAML(typ="safe").load((Path(__file__).parent / "scenarios.yml").read_text(encoding="utf-8"))
EVERYDAY, OUTBREAKS, OPENINGS, CLOSINGS = (SCENARIOS[part] for part in ("everyday", "outbreaks", "openings", "closings"))
SIZES, STARTS, LASTS = (90, 60, 45, 35, 70), (14, 24, 31, 40, 47), (8, 7, 6, 8, 5)
"""Reports, first day, and days over which they come, of each outbreak."""


@dataclass(frozen=True)
class Planted:
    """truth: by id of the sighting, which outbreak it belongs to; absent for what always goes round."""

    seen: tuple[Sighting, ...]
    truth: dict[int, int]


def made(seed: int, reports: int = REPORTS) -> Planted:
    random = Random(seed)
    plan: list[tuple[datetime, int | None, int]] = []
    for number, (size, start, lasts) in enumerate(zip(SIZES, STARTS, LASTS, strict=True)):
        # slowly, fast, slowly again
        plan += [(BEGIN + timedelta(days=start + lasts * random.betavariate(2, 2.2)), number, number) for _ in range(size)]
    shares = [random.uniform(0.4, 1.6) for _ in EVERYDAY]
    for _ in range(reports - len(plan)):
        day = random.choices(range(DAYS), [1 + 0.25 * (d % 7 < 5) for d in range(DAYS)])[0]
        at = BEGIN + timedelta(days=day, hours=random.triangular(-3, 16, 4) % 24, minutes=random.random() * 60)
        plan.append((at, None, random.choices(range(len(EVERYDAY)), shares)[0]))
    plan.sort(key=lambda p: p[0])
    pools = {("noise", n): pool(random, 40) for n in range(len(EVERYDAY))} | {("outbreak", n): pool(random, 12) for n in range(len(OUTBREAKS))}
    towns = places.listed()
    centres = [random.randrange(len(towns)) for _ in OUTBREAKS]
    seen, truth = [], {}
    for ident, (at, outbreak, which) in enumerate(plan, 1):
        scenario = (EVERYDAY if outbreak is None else OUTBREAKS)[which]
        numbers = pools["noise" if outbreak is None else "outbreak", which]
        found = frozenset(random.sample(numbers, random.choice((1, 1, 2)))) if random.random() < NAMES_SOMETHING else frozenset()
        text = worded(random, scenario["slots"]) if random.random() < WITH_TEXT else ""
        town = towns[random.randrange(len(towns))] if outbreak is None else towns[(centres[which] + int(abs(random.gauss(0, 6)))) % len(towns)]
        seen.append(Sighting(ident, at, f"r{random.randrange(4000)}", random.choice(("report", "question", "question")),
                             scenario["trick"] if random.random() < 0.85 else None, random.choice(("web", "zalo_oa", "telegram")), town, found, text))
        if outbreak is not None:
            truth[ident] = outbreak
    return Planted(tuple(seen), truth)


def pool(random: Random, count: int) -> list[str]:
    """Numbers, hosts and accounts that one kind of trickster uses."""
    return [random.choice([f"phone:0{random.choice('3579')}{random.randrange(10**8):08d}",
                           f"host:{''.join(random.choices('abcdeghiklmnopqrstuvxy', k=9))}.{random.choice(('top', 'vip', 'com'))}",
                           f"account:{random.randrange(10**9, 10**12)}"]) for _ in range(count)]


def worded(random: Random, slots: list[list[str]]) -> str:
    """One wording: parts left out, half without diacritics, some with slips."""
    parts = [random.choice(slot) for slot in slots if random.random() < 0.88] or [random.choice(slots[1])]
    text = f"{random.choice(OPENINGS)}{' '.join(parts)}{random.choice(CLOSINGS)}"
    if random.random() < 0.5:
        text = fold(text)
    if random.random() < 0.35:
        text = " ".join(slip(random, word) if random.random() < 0.15 else word for word in text.split())
    return text


def slip(random: Random, word: str) -> str:
    """A letter left out, doubled or changed places."""
    if len(word) < 3:
        return word
    at = random.randrange(len(word) - 1)
    return random.choice((word[:at] + word[at + 1:], word[:at] + word[at] + word[at:], word[:at] + word[at + 1] + word[at] + word[at + 2:]))
