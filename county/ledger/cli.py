"""The command that writes the ledger out."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from sqlalchemy.exc import OperationalError, ProgrammingError

from county import config, database, outputs
from county.errors import BadInput, Fault
from county.ledger import export, service
from county.ledger.types import Book


@click.command()
@click.option(
    "--format",
    "form",
    type=click.Choice([each.value for each in export.Format]),
    required=True,
    help="The program that reads the text.",
)
@click.option(
    "--book", type=click.Choice(["all", *(each.value for each in Book)]), default="all", show_default=True
)
@click.option("--out", type=click.Path(path_type=Path), help="Write here instead of standard output.")
def export_command(form: str, book: str, out: Path | None) -> None:
    """Write all entries and balances as text that beancount or hledger checks."""
    settings = config.load()
    outputs.require_places({"--out": out}, inputs=[settings.database_file])
    database.connect(settings.database_url)
    books = tuple(Book) if book == "all" else (Book(book),)
    with _known_database(), database.reading() as db:
        service.read_at_one_moment(db)
        lines = service.export_lines(db, form=export.Format(form), books=books)
        if out is None:
            _write_lines(sys.stdout.fileno(), lines)
        else:
            outputs.write_text(out, (f"{line}\n" for line in lines))


@contextmanager
def _known_database() -> Iterator[None]:
    try:
        yield
    except (OperationalError, ProgrammingError) as error:
        said = str(error.orig).strip().splitlines()[0]
        what = f"the database cannot be read; is it migrated? It says: {said}"
        raise BadInput([Fault("SHANHUO_DATABASE_URL", what)]) from None


def _write_lines(handle: int, lines: Iterable[str]) -> None:
    # UTF-8 whatever the terminal's locale says: the readers expect it.
    with open(handle, "w", encoding="utf-8", closefd=False) as stream:
        stream.writelines(f"{line}\n" for line in lines)
