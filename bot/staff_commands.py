"""`bot staff …`: the first administrator, and a way back in for whoever has lost theirs."""

import sys

import click

from bot.errors import BotError, Refusal

ROLES = ("viewer", "author", "approver", "officer", "administrator")


@click.group()
def staff() -> None:
    """Who may sign in at /studio and /admin."""


@staff.command()
@click.argument("login")
@click.option("--name", required=True, help="As colleagues see it, such as “Nguyễn Thị Hoa”.")
@click.option("--role", type=click.Choice(ROLES), default="administrator", show_default=True)
@click.option("--commune", "communes", multiple=True, help="Commune this person is bound to, such as “Phường Hoa Lư”; repeatable; none: the province.")
def add(login: str, name: str, role: str, communes: tuple[str, ...]) -> None:
    """Add LOGIN. The password is asked for, or read from the first line of standard input when that is no terminal."""
    from bot.app import app
    from bot.services import audit
    from bot.services import communes as units
    from bot.services import staff as people

    one = app()
    if communes:
        with one.database.read() as session:
            known = units.names(session)
        unknown = [c for c in communes if c not in known]
        if unknown:
            raise BotError(f"there is no commune {unknown[0]}; write its name as the page /admin, Xã, phường, has it")
    password = read_password()
    try:
        with one.database.write() as session:
            row = people.add(session, login, name, password, role, communes, one.clock())
            audit.note(session, None, "bot staff", "staff_added", row.login, one.clock(), role=role, communes=list(communes))
            made = row.login
    except Refusal as refusal:
        raise BotError(str(refusal)) from refusal
    click.echo(f"{made} added as {role}; sign in at {one.settings.base_url}/dang-nhap")


@staff.command("list")
def listed() -> None:
    """Everybody, a line each."""
    from bot.app import app
    from bot.services import staff as people

    with app().database.read() as session:
        for row in people.everybody(session):
            click.echo(f"{row.login:24} {row.role:14} {'on' if row.active else 'off':4} {row.name}")


@staff.command()
@click.argument("login")
def reset(login: str) -> None:
    """Set a new password for LOGIN, take the second factor off and end the pause after wrong passwords."""
    from bot.app import app
    from bot.services import audit
    from bot.services import staff as people

    password = read_password()
    one = app()
    try:
        with one.database.write() as session:
            row = people.reset(session, login, password)
            audit.note(session, None, "bot staff", "password", row.login, one.clock(), by_command=True)
    except Refusal as refusal:
        raise BotError(str(refusal)) from refusal
    click.echo(f"{login}: new password set")


def read_password() -> str:
    """Never on the command line, where other users of the machine could see it."""
    if sys.stdin.isatty():
        return click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return sys.stdin.readline().rstrip("\n")
