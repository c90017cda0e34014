"""Open tables that are answered in the chat: a CSV and a small description beside it. Pure: no I/O but reading given bytes."""
