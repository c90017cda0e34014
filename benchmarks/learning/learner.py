"""A simulated learner: how able, how often there, what is remembered. The memory is not FSRS's own model, so that FSRS is
tested and not flattered: after t days an item is remembered with chance 1 / (1 + t / s), s grows with each right answer
by a factor of the learner's own and shrinks after a wrong one.
"""

import math
from dataclasses import dataclass, field
from datetime import datetime
from random import Random


@dataclass
class Memory:
    """stability_days: after so many days the chance to remember is one half."""

    stability_days: float
    at: datetime


@dataclass
class Pupil:
    """ability: standard normal. diligence: chance to open the chat on a day. revises: answers nudges at all."""

    dice: Random
    ability: float
    diligence: float
    revises: bool
    growth: float
    memory: dict[str, Memory] = field(default_factory=dict)

    @classmethod
    def drawn(cls, seed: int) -> "Pupil":
        dice = Random(seed)
        return cls(dice, dice.gauss(0, 1), dice.betavariate(3, 2), seed % 2 == 0, dice.uniform(1.6, 3.0))

    def chance(self, key: str, options: int, now: datetime) -> float:
        """The chance to answer right: knowing it, by ability or memory, or guessing."""
        hard = Random(key).gauss(0.2, 0.8)
        knows = 1 / (1 + math.exp(-(self.ability - hard)))
        if key in self.memory:
            recalled = self.recall(key, now)
            knows = max(knows * 0.6, recalled * 0.95)
        return knows + (1 - knows) / max(2, options)

    def recall(self, key: str, now: datetime) -> float:
        """The chance to remember, 0..1, by the simulated memory alone."""
        kept = self.memory.get(key)
        if kept is None:
            return 0.0
        days = (now - kept.at).total_seconds() / 86400
        return 1 / (1 + days / kept.stability_days)

    def answers(self, key: str, options: int, now: datetime) -> bool:
        """One answer; the feedback that follows is learned from."""
        right = self.dice.random() < self.chance(key, options, now)
        before = self.memory.get(key)
        if before is None:
            self.memory[key] = Memory(1.5 if right else 0.8, now)
        elif (now - before.at).total_seconds() > 3600 * 12:
            grown = before.stability_days * self.growth if right else max(0.5, before.stability_days * 0.5)
            self.memory[key] = Memory(grown, now)
        else:
            self.memory[key] = Memory(before.stability_days * 1.05, now)
        return right
