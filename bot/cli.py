"""The command line: bot run, web, worker, migrate, import-procedures, courses check, chat, parse, search.

Exit codes: 0 done, 1 the work failed, 2 wrong usage. Errors go to stderr as one sentence. Heavy imports wait until a
command needs them, so that `bot --help` answers at once.
"""

import json
import logging
import sys
import time
from pathlib import Path

import click

from bot.errors import BotError, ContentError
from bot.staff_commands import staff

RASA_PYTHON = Path(__file__).resolve().parent.parent / ".venv-rasa" / "bin" / "python"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Trợ lý Công dân số: answers, lessons and reminders for the citizens of a province."""


cli.add_command(staff)


def main() -> None:
    """Runs the command line and turns our errors into one sentence and exit code 1."""
    try:
        cli(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.UsageError as error:
        error.show()
        sys.exit(2)
    except click.ClickException as error:
        error.show()
        sys.exit(1)
    except ContentError as error:
        for problem in error.problems:
            click.echo(str(problem), err=True)
        sys.exit(1)
    except BotError as error:
        click.echo(f"bot: {error}", err=True)
        sys.exit(1)
    except Exception as error:
        if isinstance(error, BrokenPipeError):
            sys.exit(1)
        click.echo(f"bot: {sentence_of(error)}", err=True)
        logging.getLogger(__name__).debug("the error in full", exc_info=True)
        sys.exit(1)


def sentence_of(error: Exception) -> str:
    """One line for an unforeseen error: its class and first line, without SQL or values."""
    from pydantic import ValidationError
    from sqlalchemy.exc import SQLAlchemyError

    if isinstance(error, ValidationError):
        first = error.errors(include_input=False, include_url=False)[0]
        return f"setting {'.'.join(map(str, first['loc'])).upper()}: {first['msg']}"
    if isinstance(error, SQLAlchemyError):
        return f"the database cannot be used: {str(getattr(error, 'orig', error)).splitlines()[0]}"
    return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'no details'}"


def log_to_stderr() -> None:
    from bot import logs
    from bot.config import settings

    logs.start(settings().log_level, settings().log_format)


@cli.command()
def run() -> None:
    """Start everything (Rasa, web, worker) and keep it running; what `make run` calls."""
    from bot import supervisor

    log_to_stderr()
    sys.exit(supervisor.run())


@cli.command()
def migrate() -> None:
    """Bring the database to the newest version and load courses/ and procedures/."""
    from bot.app import app
    from bot.services import catalogue, learn, opendata, quality

    one = app()
    one.database.migrate()
    with one.database.write() as session:
        courses = learn.publish(session, one.settings.courses_dir, one.clock())
        procedures = catalogue.publish_curated(session, one.settings.procedures_dir, one.clock())
        opendata.publish_shipped(session, opendata.SHIPPED, one.clock())
        quality.note_shipped(session, one.settings, one.clock())
    click.echo(f"database ready: {courses} course(s), {procedures} curated procedures")


@cli.command()
def web() -> None:
    """Serve the web chat, the channel webhooks and (on loopback) the action endpoint."""
    from bot.app import app
    from bot.web import server

    log_to_stderr()
    server.serve(app())


@cli.command()
def worker() -> None:
    """Run the ticks: plan reminders, deliver, poll, clean up."""
    import asyncio

    from bot.app import app
    from bot.channels import all_channels
    from bot.worker import Worker

    log_to_stderr()
    one = app()
    asyncio.run(Worker(one, all_channels(one.settings, **one.for_channels())).run())


@cli.command("import-procedures")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_procedures(file: Path) -> None:
    """Import procedures from a JSONL FILE, whole or not at all; again is an update."""
    from bot.app import app
    from bot.services import catalogue

    one = app()
    one.database.migrate()
    with one.database.write() as session:
        new, changed, same = catalogue.import_file(session, file, one.clock())
    click.echo(f"{file.name}: {new} new, {changed} changed, {same} unchanged")


@cli.group()
def courses() -> None:
    """Course files."""


@courses.command("check")
@click.argument("path", required=False, type=click.Path(exists=True, path_type=Path))
def check_courses(path: Path | None) -> None:
    """Check course and drill files (a file, a folder, default courses/): file, line, field, remedy."""
    from bot.clock import local, now
    from bot.config import settings
    from bot.learning import document

    path = path or settings().courses_dir
    of_drills = (path if path.is_dir() else path.parent).name == document.DRILLS
    folder = path if path.is_dir() else path.parent
    folder = folder.parent if of_drills else folder
    claims, problems = document.claims_of(folder) or document.claims_of(settings().courses_dir), []
    files = [] if of_drills else document.files_of(path) if path.is_dir() else [path]
    drills = [path] if of_drills and path.is_file() else document.drill_files_of(folder) if path.is_dir() else []
    today = local(now()).date()
    for file in files:
        try:
            course = document.checked(file, claims, today)
        except ContentError as error:
            problems += error.problems
            continue
        cards = sum(len(lesson.steps) for lesson in course.lessons) - len(course.items)
        click.echo(f"{course.slug}: ok, {len(course.lessons)} lessons, {cards} cards, {len(course.items)} questions")
    for file in drills:
        try:
            drill = document.checked_drill(file, claims, today)
        except ContentError as error:
            problems += error.problems
            continue
        click.echo(f"{drill.slug}: ok, {drill.kind} drill")
    if problems:
        raise ContentError(problems)


@courses.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--into", "course", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Course file.")
@click.option("--lesson", required=True, help="Id of the lesson, such as l3.")
def import_questions(file: Path, course: Path, lesson: str) -> None:
    """Add the questions of FILE (GIFT or XLSX) to a lesson of a course file, all of them or none."""
    from bot.clock import local, now
    from bot.learning.exchange import adding, gift, sheet

    if file.suffix.lower() in (".xlsx", ".xlsm"):
        questions = sheet.read(file.read_bytes())
    else:
        try:
            questions = gift.read(file.read_text(encoding="utf-8-sig"))
        except UnicodeDecodeError as error:
            raise BotError(f"{file.name} is not UTF-8 text; save it as UTF-8 or as .xlsx") from error
    ids = adding.add(course, lesson, questions, local(now()).date())
    click.echo(f"{course.name}: {len(ids)} questions added to {lesson} ({ids[0]} to {ids[-1]})")


@courses.command("template")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def question_template(file: Path) -> None:
    """Write the XLSX form for questions to FILE."""
    from bot.learning.exchange import sheet

    file.write_bytes(sheet.template())
    click.echo(f"{file} written")


@courses.command("export")
@click.argument("course", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export_course(course: Path, file: Path) -> None:
    """Write a COURSE file as GIFT (FILE ends in .gift or .txt) or as a printable hand-out (.pdf)."""
    from bot.learning import document
    from bot.learning.exchange import gift, handout

    made = document.load(course)
    if file.suffix.lower() == ".pdf":
        folder = course.parent / "pictures"
        pictures = {p.file: (folder / f"{p.file}.png").read_bytes() for p in made.pictures if (folder / f"{p.file}.png").exists()}
        file.write_bytes(handout.write(made, pictures))
    elif file.suffix.lower() in (".gift", ".txt"):
        file.write_text(gift.write(made), encoding="utf-8")
    else:
        raise click.UsageError("FILE must end in .gift, .txt or .pdf")
    click.echo(f"{file} written")


@cli.command()
@click.option("--format", "kind", type=click.Choice(["csv", "xapi"]), default="csv", help="CSV table or xAPI statements (JSON lines).")
def results(kind: str) -> None:
    """Print the results of all learners, who are named by pseudonyms."""
    from bot.app import app
    from bot.services import results as exporting

    one = app()
    with one.database.read() as session:
        lines = exporting.as_csv(session, one.settings.key()) if kind == "csv" else \
            (f"{line}\n" for line in exporting.as_xapi(session, one.settings.key(), one.settings.base_url))
        for line in lines:
            sys.stdout.write(line)


@cli.group()
def certificate() -> None:
    """Certificates of completed courses."""


@certificate.command("verify")
@click.argument("what")
@click.option("--key", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Public key (PEM); default: this server's own.")
def verify_certificate(what: str, key: Path | None) -> None:
    """Check WHAT, the PDF of a certificate or the text of its QR code, by its signature alone; no server, no database."""
    from bot.config import settings
    from bot.learning.certificate import verified
    from bot.services.certificates import Office, token_of

    payload = verified(token_of(Path(what)) if what.lower().endswith(".pdf") else what, key.read_text() if key else Office.of(settings()).public_key)
    click.echo(f"signature right: {payload['number']}, {payload['course']}, {payload['score_percent']} %, completed {payload['completed_on']}, "
               f"name: {payload['name'] or '-'}")


@certificate.command("revoke")
@click.argument("number")
@click.option("--why", required=True, help="Reason, shown on the verification page.")
def revoke_certificate(number: str, why: str) -> None:
    """Take the certificate NUMBER back; its page says so from now on."""
    from bot.app import app
    from bot.services import certificates

    one = app()
    with one.database.write() as session:
        row = certificates.revoke(session, number, why, one.clock())
    if row is None:
        raise BotError(f"there is no certificate {number}")
    click.echo(f"{row.number} is revoked")


@cli.command()
@click.option("--course", help="Course to offer, by its slug.")
@click.option("--commune", help="Commune to note, by its code.")
@click.option("--channel", type=click.Choice(["telegram", "web"]), help="Default: telegram when TELEGRAM_NAME is set, else web.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="PNG file to write; default: drawn in the terminal.")
def qr(course: str | None, commune: str | None, channel: str | None, out: Path | None) -> None:
    """QR code and link that open the bot at a course or for a commune."""
    from bot.config import settings
    from bot.services import invitations

    if (course is None) == (commune is None):
        raise click.UsageError("give either --course or --commune")
    from bot.app import app
    from bot.services import communes, versions

    live = versions.slugs(app().database)
    if live is None or not communes.refreshed(app().database):
        click.echo("bot: the database cannot be read; only the courses and communes that came with the program are known", err=True)
    channel = channel or ("telegram" if settings().telegram_name.strip("@") else "web")
    address = invitations.link(settings(), invitations.start_of(settings().courses_dir, course, commune, live or ()), channel)
    if out is None:
        click.echo(invitations.drawn(address))
    else:
        out.write_bytes(invitations.png(address))
    click.echo(address)


@cli.group()
def letters() -> None:
    """Messages that went wrong: parked in the inbox (in:<id>), dead in the outbox (out:<id>). Their words are not shown."""


@letters.command("list")
@click.option("--jsonl", is_flag=True, help="One JSON object a line.")
@click.option("--error", default="", help="Only those with this error, such as unreachable.")
def list_letters(jsonl: bool, error: str) -> None:
    """What went wrong, the newest first."""
    from bot.app import app
    from bot.services import letters as post

    with app().database.read() as session:
        found = [one for one in post.all_of(session) if not error or one.error == error]
    for one in found:
        if jsonl:
            click.echo(json.dumps(one.as_dict()))
        else:
            click.echo(f"{one.name:12} {one.since:%Y-%m-%d %H:%M:%S}Z {one.channel:10} {one.kind:10} {one.state:7} tries {one.attempts} {one.error}")
    click.echo(f"{len(found)} message(s)", err=True)


@letters.command("show")
@click.argument("name")
def show_letter(name: str) -> None:
    """Everything about one message but its words and its address."""
    from bot.app import app
    from bot.services import letters as post

    with app().database.read() as session:
        click.echo(json.dumps(post.find(session, name).as_dict(), indent=1))


@letters.command("replay")
@click.argument("names", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every message of `bot letters list`.")
@click.option("--error", default="", help="With --all: only those with this error.")
def replay_letters(names: tuple[str, ...], everything: bool, error: str) -> None:
    """Give messages another round of tries."""
    from bot.app import app
    from bot.services import letters as post

    if bool(names) == everything:
        raise click.UsageError("give names of messages, or --all")
    one = app()
    with one.database.write() as session:
        chosen = names or [found.name for found in post.all_of(session) if not error or found.error == error]
        count = post.replay(session, chosen, one.clock())
    click.echo(f"{count} of {len(chosen)} message(s) will be tried again")


@cli.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--portable", is_flag=True, help="In our own format, which both SQLite and PostgreSQL take back.")
def backup(file: Path, portable: bool) -> None:
    """Write the database to FILE while everything runs on. Keep var/secret_key with it, but not beside it."""
    from bot.app import app
    from bot.services import backup as keeping
    from bot.services import health

    how = keeping.save(app().database, file, portable)
    with app().database.write() as session:
        health.note_backup(session, app().clock())
    click.echo(f"{file}: {file.stat().st_size} bytes, {how}")


@cli.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Put it in place of the conversations that are there.")
def restore(file: Path, replace: bool) -> None:
    """Read the database back from FILE, whole or not at all; stop web, worker and Rasa before."""
    from bot.app import app
    from bot.services import backup as keeping

    click.echo(f"{file}: restored, {keeping.load(app().database, file, replace)}")


@cli.command()
@click.option("--url", default="", help="Address of the server; default http://127.0.0.1:PORT.")
def chat(url: str) -> None:
    """Talk in the terminal with the running server; buttons are numbers."""
    from bot.config import settings
    from bot.terminal import talk

    talk(url or f"http://127.0.0.1:{settings().port}")


@cli.command()
@click.option("--jsonl", is_flag=True, help="Lines are JSON objects {\"text\"} (the default reads plain lines too).")
def parse(jsonl: bool) -> None:
    """Intent and entities of each line of stdin, by the trained model, without a server."""
    import subprocess

    if not RASA_PYTHON.exists():
        raise click.ClickException("the Rasa environment is missing; run `make setup` first")
    arguments = [str(RASA_PYTHON), "-W", "ignore", "-m", "bot.rasa_glue.parse", *(["--jsonl"] if jsonl else [])]
    sys.exit(subprocess.run(arguments, cwd=RASA_PYTHON.parent.parent.parent).returncode)


@cli.command()
@click.option("--jsonl", is_flag=True, help="Lines are JSON objects {\"question\"} (the default reads plain lines too).")
@click.option("--top", default=10, type=click.IntRange(1, 100), help="How many results.")
@click.option("--procedures", "files", multiple=True, type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="Search this JSONL file merged with the curated ones instead of the database; repeatable.")
def search(jsonl: bool, top: int, files: tuple[Path, ...]) -> None:
    """Procedures for each question of stdin, ranked, with the decision: answer, clarify or none."""
    from bot.config import settings
    from bot.services import catalogue

    if files:
        index = catalogue.index_from_files(settings().procedures_dir, files, settings().var / "index")
    else:
        from bot.app import app

        app().catalogue.refresh()
        index = app().catalogue.index
    for line in lines_of(sys.stdin, "question", jsonl):
        began = time.perf_counter()
        found = index.search(line, max(top, 10))
        spent = 1000 * (time.perf_counter() - began)
        results = [{"code": h.code, "name": h.name, "score": h.score} for h in found.hits[:top]]
        click.echo(json.dumps({"question": line, "results": results, "decision": found.decision, "ms": round(spent, 3)},
                              ensure_ascii=False))


def lines_of(stream, key: str, jsonl: bool):
    """The texts of the lines: JSON objects with `key`, or plain text unless jsonl. Raises BotError with the line number."""
    for number, line in enumerate(stream, 1):
        line = line.strip()
        if not line:
            continue
        if not jsonl and not line.startswith("{"):
            yield line
            continue
        try:
            value = json.loads(line)[key]
        except (ValueError, KeyError, TypeError) as error:
            raise BotError(f"line {number} is not a JSON object with \"{key}\"") from error
        if not isinstance(value, str):
            raise BotError(f"line {number}: \"{key}\" must be text")
        yield value

