"""Question types: one module each. A type is a frozen model with `ask`, `read` and `grade` (see base.py)."""
