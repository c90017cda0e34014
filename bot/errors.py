"""Errors of the application. Each says who is to see its message."""


class BotError(Exception):
    """The root of our errors. The message is one sentence for whoever ran the command or sent the request."""


class ContentError(BotError):
    """A course or procedure file is wrong; seen by its author. `problems` holds every place, not only the first."""

    def __init__(self, problems: list["Problem"]):
        self.problems = problems
        super().__init__(f"{len(problems)} problem(s) in content files")


class Problem:
    """One wrong place in a content file: where it is, what is wrong, what to do.

    file: path as given. line: 1-based, or 0 when the file cannot be read. field: dotted path such as `papers.2.name`.
    """

    def __init__(self, file: str, line: int, field: str, remedy: str):
        self.file, self.line, self.field, self.remedy = file, line, field, remedy

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.field or '(file)'}: {self.remedy}"


class SetupError(BotError):
    """The machine or its settings are not as the command needs; seen on the command line."""


class NaiveTime(BotError, ValueError):
    """A datetime without a zone was passed where an instant is needed; a programming error."""


class Unreadable(BotError):
    """What was kept under another SECRET_KEY cannot be read with this one; seen in the log and on /health."""


class Refusal(BotError):
    """What a member of staff asked for cannot be done; the message is a Vietnamese sentence for them, shown on the page.

    field: the name of the form's field that is wrong, "" when it is none in particular.
    """

    def __init__(self, sentence: str, field: str = ""):
        self.field = field
        super().__init__(sentence)
