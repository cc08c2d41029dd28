"""What commands give out: files, their places looked at before the work and written whole; counted things."""

import os
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from county.errors import BadInput, Fault

_ANOTHER = "expected a file in a folder that exists"


def require_places(places: Mapping[str, Path | None], *, inputs: Iterable[Path | None] = ()) -> None:
    """Refuse places where a command cannot or must not write; called before the work begins.

    Takes: `places` by the options that name them, `None` for an option not given; `inputs`, what the command
    reads and must not write over.
    Refuses: `BadInput` with a fault for each place that is a folder or no plain file, is in no folder that
    can be written in, is one of the inputs, or is a place twice.
    """
    given = [path for path in inputs if path is not None]
    wanted = {option: place for option, place in places.items() if place is not None}
    faults = [
        Fault(f"{place}:1", f"{option} {what}")
        for option, place in wanted.items()
        if (what := _find_fault(place, inputs=given))
    ]
    first: dict[Path, str] = {}
    for option, place in wanted.items():
        other = first.setdefault(Path(os.path.abspath(place)), option)
        if other != option:
            faults.append(Fault(f"{place}:1", f"{option} and {other} are the same file; expected two"))
    if faults:
        raise BadInput(faults)


def write_text(place: Path, lines: Iterable[str]) -> None:
    """Write pieces of text as a file in UTF-8; refuses as `write_files`."""

    def write(beside: Path) -> None:
        with beside.open("w", encoding="utf-8") as file:
            file.writelines(lines)

    write_files({place: write})


def write_files(files: Mapping[Path, Callable[[Path], None]]) -> None:
    """Write every file beside its place first, so that a failure leaves all places as they were.

    Takes: `files`, for each place a function that writes the file to the path that it is given.
    Refuses: `BadInput` when the system does not let a file be written: no room, no right.
    """
    done: list[tuple[Path, Path]] = []
    try:
        for place, write in files.items():
            beside = _make_beside(place)
            done.append((beside, place))
            write(beside)
            beside.chmod(0o644)
        for beside, place in done:
            os.replace(beside, place)
    except OSError as error:
        what = f"cannot be written ({error.strerror or error}); expected a place with room for the file"
        raise BadInput([Fault(f"{place}:1", what)]) from error
    finally:
        for beside, _ in done:
            beside.unlink(missing_ok=True)


def counted(number: int, thing: str) -> str:
    """Say how many things there are, as in `1 line` and `2 lines`."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _make_beside(place: Path) -> Path:
    # Names may have 255 bytes and a letter four of them.
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name[:40]}.")
    os.close(handle)
    return Path(name)


def _find_fault(place: Path, *, inputs: Iterable[Path]) -> str | None:
    try:
        if place.is_dir():
            return f"is a folder; {_ANOTHER}"
        if place.exists() and not place.is_file():
            return f"is no plain file; {_ANOTHER}"
        if not place.parent.is_dir():
            return f"cannot be written there; {_ANOTHER}"
        if not os.access(place.parent, os.W_OK):
            return "is in a folder that cannot be written in; expected one that can"
    except OSError as error:
        return f"cannot be written there ({error.strerror}); {_ANOTHER}"
    if any(_is_same(place, given) for given in inputs):
        return "is one of the files to read; expected a file of its own"
    return None


def _is_same(place: Path, given: Path) -> bool:
    try:
        return place.samefile(given)
    except OSError:
        # One of them is not there.
        return False
