"""One file that holds a database, its pictures and a manifest with checksums; written whole or not at all."""

import hashlib
import json
import os
import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from county.errors import BadInput, Fault

FORMAT = 1
MANIFEST = "manifest.json"
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Entry:
    """What the manifest says about one file of the archive."""

    bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What an archive says about itself."""

    made_at: str
    kind: str
    migration: str
    files: Mapping[str, Entry]
    format: int = FORMAT


def write(target: Path, *, made_at: str, kind: str, migration: str, files: Mapping[str, Path]) -> Manifest:
    """Pack files into an archive that appears under its name only when it is whole.

    Takes: `files`, the path of each file by its name in the archive.
    """
    beside = target.with_name(f".{target.name}.{os.getpid()}.new")
    entries = {}
    try:
        handle = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w+b") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as packed:
                for name, path in sorted(files.items()):
                    entries[name] = _pack(packed, name, path)
                manifest = Manifest(made_at=made_at, kind=kind, migration=migration, files=entries)
                packed.writestr(MANIFEST, json.dumps(asdict(manifest), indent=1))
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, target)
    finally:
        beside.unlink(missing_ok=True)
    return manifest


def read_manifest(source: Path) -> Manifest:
    """Read what an archive says about itself.

    Refuses: `BadInput` when it is no archive of ours or of a newer format.
    """
    if os.path.isdir(source):
        raise BadInput([Fault(f"{source}:1", "is a folder; expected the file that `backup` wrote")])
    if not os.path.isfile(source):
        raise BadInput([Fault(f"{source}:1", "there is no such file; expected one that `backup` wrote")])
    try:
        with zipfile.ZipFile(source) as packed:
            said = json.loads(packed.read(MANIFEST))
        entries = {name: Entry(**entry) for name, entry in said.pop("files").items()}
        manifest = Manifest(files=entries, **said)
    except (OSError, zipfile.BadZipFile, KeyError, TypeError, ValueError, AttributeError) as error:
        what = f"is not a backup of this program ({error}); expected the file that `backup` wrote"
        raise BadInput([Fault(f"{source}:1", what)]) from None
    if manifest.format != FORMAT:
        raise BadInput([Fault(str(source), f"has format {manifest.format}; expected {FORMAT}")])
    return manifest


def unpack(source: Path, into: Path) -> Manifest:
    """Unpack an archive into a folder and check every file against the manifest.

    Refuses: `BadInput` with one fault per file that is missing, too many, or not what was packed.
    """
    manifest = read_manifest(source)
    faults = []
    with zipfile.ZipFile(source) as packed:
        there = set(packed.namelist()) - {MANIFEST}
        for name in sorted(there | manifest.files.keys()):
            where = f"{source}:{name}"
            if name not in there or name not in manifest.files or not _is_inside(into, name):
                faults.append(
                    Fault(where, "is not in both the archive and its manifest, or has no safe name")
                )
            elif not _unpack(packed, name, into / name, manifest.files[name]):
                faults.append(Fault(where, "is damaged: its checksum is not the one in the manifest"))
    if faults:
        raise BadInput(faults)
    return manifest


def checksum(path: Path) -> str:
    """Compute the SHA-256 of a file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _pack(packed: zipfile.ZipFile, name: str, path: Path) -> Entry:
    digest, size = hashlib.sha256(), 0
    with open(path, "rb") as source, packed.open(zipfile.ZipInfo(name), "w", force_zip64=True) as target:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
            target.write(chunk)
    return Entry(bytes=size, sha256=digest.hexdigest())


def _unpack(packed: zipfile.ZipFile, name: str, path: Path, expected: Entry) -> bool:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with packed.open(name) as source, open(path, "wb") as target:
            shutil.copyfileobj(source, target, _CHUNK)
    except zipfile.BadZipFile:
        return False
    return path.stat().st_size == expected.bytes and checksum(path) == expected.sha256


def _is_inside(folder: Path, name: str) -> bool:
    return (folder / name).resolve().is_relative_to(folder.resolve())
