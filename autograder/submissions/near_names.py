"""The one rule for names that are almost right: what a file or folder was meant to be, and which of several is taken.

**What a name was meant to be** (`plain`). Browsers and systems change names: `entropy (1).py`, `entropy - Copy.py`,
`Copy of entropy.py`, `1_entropy-Copy1.ipynb`, `ENTROPY.PY`, `entropy.py.txt`, an accent in two pieces, a non-breaking
space. Only those marks are removed: `entopy.py` and `entropy_final.py` stay different names. An expected name that has
such a mark itself (`lab-2`), or that equals another one without marks, must match exactly.

**Which file is taken** (`choose`). Files with work come before those that are empty or as released, and equal files
count as one. Of the rest, a file is taken if no other has a better place or name, or is as good in both:

- place: the top; then a folder called like the section; then one that was meant to be; then any other;
- name: the one that was asked for; then one that was meant to be it.

Otherwise none is taken, because that would be a guess. These are pure functions of names and of what files mean; no
file is opened here.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass

ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
"""Archives that can be opened."""
CLOSED = (".7z", ".rar")
"""Archives that can't be opened."""

_LONGEST = 255
_KINDS = (".ipynb", ".py")
_SECOND = (".txt", ".json", ".text", ".download")  # what browsers and editors put behind an extension
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"))
_COPY = "(?:copy|copie|kopie|kopia|kopi|kopio|copia|cópia|копия|副本|コピー)"
# Every repetition has a bound, so that the cost is linear in the length of the name.
_MARK = re.compile(
    rf"[ _–—-]{{0,3}}\((?:\d{{1,3}}|(?:another |\d{{1,2}}(?:st|nd|rd|th) )?{_COPY}(?: \d{{1,3}})?)\)$"
    rf"|[ _–—-]{{1,3}}{_COPY}[ _-]?\(?\d{{0,3}}\)?$"
    r"|[ -]\d{1,2}$"
)
_BEFORE = re.compile(rf"{_COPY}(?: \(?\d{{1,3}}\)?)? (?:of|von|van|de|di|da|av|af) ")
_LARGEST_NOTEBOOK = 1 << 20  # of a notebook that is compared cell by cell


def plain(name: str) -> str:
    """Return what `name` was meant to be: one Unicode form and case, without marks of copies and second extensions."""
    if len(name) > _LONGEST:
        return name
    text, kind = folded(name), ""
    while True:
        before = text, kind
        text = _unmarked(text)
        ending = next((ending for ending in _SECOND if text.endswith(ending)), "")
        if ending and not kind and (rest := _unmarked(text.removesuffix(ending))).endswith(_KINDS):
            text = rest
        for known in (kind,) if kind else _KINDS:
            if text.endswith(known) and text != known:
                text, kind = text.removesuffix(known), known
                break
        if (text, kind) == before:
            return text + kind


def folded(name: str) -> str:
    """Return `name` in one Unicode form and case, with plain spaces, none of them at an end."""
    return unicodedata.normalize("NFC", tidied(unicodedata.normalize("NFKC", name)).casefold())


def tidied(name: str) -> str:
    """Return `name` with single, plain spaces in place of all others, and without characters that nobody sees."""
    return " ".join(unicodedata.normalize("NFC", name).translate(_INVISIBLE).split())


def archive_stem(name: str) -> tuple[str, str]:
    """Split the name of an archive into what it was called before it was packed, and the kind; else the kind is empty.

    A browser's mark may also come between the two: `work.tar (1).gz`.
    """
    text = tidied(name)
    lower = text.casefold()
    for kind in (*ARCHIVES, *CLOSED):
        if lower.endswith(kind):
            return text[: -len(kind)], kind
    for kind in (".gz", ".bz2", ".xz"):
        if lower.endswith(kind) and len(text) <= _LONGEST and (rest := _unmarked(lower[: -len(kind)])).endswith(".tar"):
            return rest[:-4], f".tar{kind}"
    return name, ""


def _unmarked(text: str) -> str:
    while True:
        shorter = _BEFORE.sub("", _MARK.sub("", text), count=1) if _BEFORE.match(text) else _MARK.sub("", text)
        shorter = shorter.strip(" .")
        if shorter == text or not shorter:
            return text
        text = shorter


class Names:
    """Names that are expected; `others` are known names that are never meant to be one of them."""

    def __init__(self, expected: Iterable[str], others: Iterable[str] = ()) -> None:
        self._exact = frozenset(expected)
        self._others = frozenset(others) - self._exact
        known = [plain(name) for name in (*self._exact, *self._others)]
        self._near = {
            plain(name): name for name in self._exact if known.count(plain(name)) == 1 and plain(name) == folded(name)
        }

    def meant(self, name: str) -> str | None:
        """Return the expected name that `name` is or was meant to be, or None."""
        if name in self._exact:
            return name
        if name in self._others or len(name) > _LONGEST:
            return None
        text = folded(name)
        if not any(near.rpartition(".")[0] in text for near in self._near):
            return None
        return self._near.get(plain(name))


names = functools.lru_cache(maxsize=64)(Names)
"""`Names` that are made once, for those that are the same for every attempt."""


@dataclass(frozen=True)
class Choice:
    """The file that is taken for an expected one, or None; `others` are files with different work."""

    path: str | None
    others: tuple[str, ...] = ()
    instead_of: str | None = None  # the file of the right name and place, which holds no work
    is_work: bool = True


def choose(
    paths: Iterable[str],
    expected: str,
    top: str,
    section: Names,
    meaning: Callable[[str], Hashable],
    no_work: Collection[Hashable],
) -> Choice:
    """Return which of `paths` is taken for the file `expected`.

    Parameters
    ----------
    paths
        Files whose names are, or were meant to be, `expected`.
    top, section
        The folder that all files lie in, and the name of the section.
    meaning, no_work
        Returns a key for what a file holds, equal for equal work. Keys in `no_work` mean that it holds no work.
    """

    def rank(path: str) -> tuple[int, int]:
        folder, _, name = path.rpartition("/")
        return _place(folder, top, section), name != expected

    ordered = sorted(paths, key=lambda path: (rank(path), path))
    if not ordered:
        return Choice(None)
    contents = {path: meaning(path) for path in ordered}
    work = [path for path in ordered if contents[path] not in no_work]
    if not work:
        return Choice(ordered[0], is_work=False)
    best, *rest = work
    others = tuple(path for path in rest if contents[path] != contents[best])
    (place, name) = rank(best)
    if any(rank(path) == (place, name) or rank(path)[1] < name for path in others):
        return Choice(None, (best, *others))
    passed = ordered[0]
    return Choice(best, others, instead_of=passed if passed != best and contents[passed] != contents[best] else None)


def _place(folder: str, top: str, section: Names) -> int:
    if folder == top:
        return 0
    name = folder.rpartition("/")[2]
    meant = section.meant(archive_stem(name)[0])
    return 3 if meant is None else 1 if meant == name else 2


def common_folder(paths: Sequence[str]) -> str:
    """Return the folder that all of `paths` lie in."""
    if not paths:
        return ""
    first, last = (path.split("/")[:-1] for path in (min(paths), max(paths)))
    length = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    return "/".join(first[:length])


def meaning(name: str, content: bytes) -> Hashable:
    """Return what a file holds: equal for texts that differ in blanks at line ends, and notebooks with equal cells."""
    if name.endswith(".ipynb") and len(content) <= _LARGEST_NOTEBOOK:
        try:
            cells = json.loads(content)["cells"]
            lines = [f"{cell['cell_type']}\n{''.join(cell['source'])}" for cell in cells]
            content = "\n".join(lines).encode("utf-8", "surrogatepass")
        except (ValueError, TypeError, KeyError, RecursionError):
            pass  # not a notebook; its bytes are compared
    lines_of = map(bytes.rstrip, content.removeprefix(b"\xef\xbb\xbf").splitlines())
    return hashlib.sha256(b"\n".join(filter(None, lines_of))).digest()
