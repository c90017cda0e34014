"""Local days, weeks and hours inside the database, in words that SQLite and PostgreSQL both have."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Date, Integer
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from bot.services.figures.periods import Filter, Period


class local_day(FunctionElement):
    """The province's date of an instant. SQLite knows no zones: +07:00 holds for every instant since 1975."""

    type = Date()
    inherit_cache = True


class local_hour(FunctionElement):
    """The province's hour of an instant, 0 to 23."""

    type = Integer()
    inherit_cache = True


class week_of(FunctionElement):
    """The Monday on or before a date."""

    type = Date()
    inherit_cache = True


@compiles(local_day, "sqlite")
def _(element, compiler, **kw):
    return f"date({compiler.process(element.clauses, **kw)}, '+7 hours')"


@compiles(local_day, "postgresql")
def _(element, compiler, **kw):
    return f"CAST(timezone('Asia/Ho_Chi_Minh', {compiler.process(element.clauses, **kw)}) AS date)"


@compiles(local_hour, "sqlite")
def _(element, compiler, **kw):
    return f"CAST(strftime('%H', {compiler.process(element.clauses, **kw)}, '+7 hours') AS integer)"


@compiles(local_hour, "postgresql")
def _(element, compiler, **kw):
    return f"CAST(extract(hour FROM timezone('Asia/Ho_Chi_Minh', {compiler.process(element.clauses, **kw)})) AS integer)"


@compiles(week_of, "sqlite")
def _(element, compiler, **kw):
    return f"date({compiler.process(element.clauses, **kw)}, 'weekday 0', '-6 days')"


@compiles(week_of, "postgresql")
def _(element, compiler, **kw):
    return f"CAST(date_trunc('week', {compiler.process(element.clauses, **kw)}) AS date)"


class in_order(FunctionElement):
    """The column itself, by which SQLite is not to choose an index: it shall take the one in whose order the query groups."""

    type = Date()
    inherit_cache = True


@compiles(in_order, "sqlite")
def _(element, compiler, **kw):
    return f"+{compiler.process(element.clauses, **kw)}"


@compiles(in_order, "postgresql")
def _(element, compiler, **kw):
    return compiler.process(element.clauses, **kw)


LONG_DAYS = 60
"""From here on it is cheaper to read an index whole, in the order of the groups, than to sort what a range of days gives (SQLite)."""


def on_days(period: Period, day: ColumnElement[Any], whole: bool = False) -> ColumnElement[bool]:
    """The days of the period. whole: there is an index in the order of the query's groups, which ends with the day."""
    return (in_order(day) if whole and period.days > LONG_DAYS else day).between(period.first, period.last)


def within(flt: Filter, channel: ColumnElement[Any], commune: ColumnElement[Any]) -> Sequence[ColumnElement[bool]]:
    """The conditions for the filter's channel and communes on these columns."""
    found = [channel == flt.channel] if flt.channel else []
    return [*found, commune.in_(flt.communes)] if flt.communes else found
