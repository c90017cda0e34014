"""Why something looks like a trick."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Reason:
    """key: what was seen. weight: 3 alone says keep off, 2 is a doubt, 1 only counts beside others. says: the sentence citizens read."""

    key: str
    weight: int
    says: str
