"""A sample submission, the result that it must get, and how it is written into a class.

`tests/corpus/README.md` describes the files that samples are read from.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path


class SampleError(Exception):
    """A sample contradicts itself or can't be written; the message names the file and the reason."""


@dataclass(frozen=True)
class Expectation:
    """The result that a sample must get.

    ``all_of``, ``functions`` and ``checks`` map an item, a function or a check to the allowed verdicts, and
    ``suggestion`` maps an item in prose to the suggested points, None for no suggestion.
    """

    all_of: Mapping[str, tuple[str, ...]]
    functions: Mapping[str, tuple[str, ...]]
    checks: Mapping[str, tuple[str, ...]]
    points: Mapping[str, float]
    misconceptions: tuple[str, ...]
    follows: tuple[str, ...]
    notes: tuple[str, ...]
    status: str
    suggestion: Mapping[str, float | None]


@dataclass(frozen=True)
class Oddity:
    """A special file that can't be committed: its kind, its name in the file system, and what else its kind needs."""

    kind: str
    name: str
    target: str = ""
    size: int = 0
    content: bytes = b""


@dataclass(frozen=True)
class Sample:
    """One sample, ready to be written: ``files`` or the zip, and links, pipes and oddities beside them."""

    name: str
    section: str
    student: str
    about: str
    expect: Expectation
    files: Mapping[str, bytes]
    archive: bytes | None
    links: Mapping[str, str]
    pipes: tuple[str, ...]
    oddities: tuple[Oddity, ...] = ()
    by_the_clock: bool = False
    called: str = ""


def write_class(samples: Iterable[Sample], dest: Path) -> None:
    """Write `samples` to the new folder `dest` as ``<student>/<section>/`` or ``<student>/<section>.zip``.

    Raises
    ------
    SampleError
        If `dest` holds anything already.
    """
    if dest.exists() and any(dest.iterdir()):
        raise SampleError(f"{dest} is not empty; a class of samples is written to a new folder only")
    for sample in samples:
        write_sample(sample, dest)


def write_sample(sample: Sample, dest: Path, student: str | None = None) -> None:
    """Write one sample below `dest`, under another student's name if one is given."""
    home = dest / (student or sample.student)
    home.mkdir(parents=True, exist_ok=True)
    if sample.archive is not None:
        (home / f"{sample.called or sample.section}.zip").write_bytes(sample.archive)
        return
    folder = home / (sample.called or sample.section)
    folder.mkdir()
    for name, content in sample.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    for name, target in sample.links.items():
        (folder / name).symlink_to(target)
    for name in sample.pipes:
        os.mkfifo(folder / name)
    for oddity in sample.oddities:
        _write_oddity(folder, oddity)


def _write_oddity(folder: Path, oddity: Oddity) -> None:
    path = folder / oddity.name
    path.parent.mkdir(parents=True, exist_ok=True)
    match oddity.kind:
        case "socket":
            os.mknod(path, 0o600 | stat.S_IFSOCK)
        case "device":
            os.mknod(path, 0o600 | stat.S_IFCHR)  # numbers 0, 0: the only device that any user may make
        case "hardlink":
            path.hardlink_to(folder / oddity.target)
        case "sparse":
            with path.open("wb") as file:
                file.truncate(oddity.size)
        case _:
            path.write_bytes(oddity.content)
