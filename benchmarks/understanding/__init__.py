"""How well is a citizen's sentence understood, by us and by stock Rasa? `run` measures, `__main__` prints."""

from benchmarks.understanding.compare import Failed, WrongUsage, run

__all__ = ["Failed", "WrongUsage", "run"]
