r"""Names that learning platforms give to what was handed in: whose a file is, what they called it, whether it is late.

**Moodle**, *Download all submissions* (``mod/assign/classes/downloader.php``, before 4.1 ``mod/assign/locallib.php``).
A folder, or the beginning of each file's name, is ``<who>_<number>_assignsubmission_<plugin>``, before 4.1 with another
``_`` behind it. ``<who>`` is a full name; in older versions ``<group>-<full name>`` where groups hand in; with blind
marking the word for *Participant* in the site's language. If a team hands in, newer versions write its work once, under
the group's name and number, or under *Default group* without a number for those without a group. ``_`` in names becomes
a blank, and ``clean_filename`` takes ``&<>"`|':\/`` and control characters out. The plugin is ``file``, or
``onlinetext`` for text that was typed in; files of ``assignfeedback`` are the teacher's.

**Canvas**, *Download Submissions* (``lib/content_zipper.rb``). All files lie in one folder, called
``<name>[_LATE]_<user>_<attachment>_<file>`` or, where grading is anonymous, ``[LATE_]anon_<id>_<attachment>_<file>``;
text that was typed in is ``…_<user>_text.html``, an address ``…_link.html``. The name is the sortable one (last name
first) in lower case, of letters, digits and ``_``. A file that was handed in again gets ``-1``, ``-2`` before its
extension, after seven of them a UUID (``Attachment.make_unique_filename``).

Nothing here trusts a name. The functions are pure, their cost is linear in what they read, and names of more than
`MAX_NAME` characters are not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from autograder.course import Section
from autograder.people.roster import folded
from autograder.submissions.near_names import Names, archive_stem

MAX_NAME = 4096  # characters; no disk takes a longer path
MAX_FOLDERS = 32  # nested, searched for a list or a folder around a download

_MOODLE = re.compile(
    r"(?P<who>.*?)(?:_(?P<number>[0-9]{1,19}))?_assign(?P<kind>submission|feedback)_(?P<plugin>[a-z0-9]+)(?:_(?P<file>.*))?",
    re.DOTALL,
)
_NUMBER = re.compile(r"[0-9]{1,19}")
_ANONYMOUS = re.compile(r"[0-9A-Za-z]{1,40}")
_TYPED = re.compile(r"(?:text|link)(?:-[0-9]+)?\.html")
_AGAIN = re.compile(
    r"-(?:[0-9]{1,2}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?P<kind>(?:\.[A-Za-z][A-Za-z0-9]*)?\.[A-Za-z0-9]+)$"
)
# What Moodle calls everybody with blind marking, in lower case and without accents and signs; from its language packs.
_PARTICIPANT = frozenset({
    "participant", "teilnehmerin", "teilnehmerinnen", "teilnehmer", "teilnehmende", "participante", "participantes",
    "partecipante", "deelnemer", "katılımcı", "deltagare", "deltager", "deltaker", "osallistuja", "uczestnik",
    "ucastnik", "partaidea", "resztvevo", "участник", "учасник", "参加者", "参与者", "參與者", "참가자",
})  # fmt: skip


@dataclass(frozen=True, order=True)
class Participant:
    """Somebody who handed in work: the platform, its number for them, and their name as the platform writes it."""

    platform: str
    number: str
    name: str
    is_anonymous: bool = False

    @property
    def key(self) -> tuple[str, ...]:
        """A key that is equal for one person: Canvas's numbers are the user's, Moodle's are for one assignment only."""
        if self.platform == "canvas":
            return self.platform, self.number, str(self.is_anonymous)
        return self.platform, self.number, folded(self.name)


@dataclass(frozen=True)
class Named:
    """Whose a file is: `file` is what they called it, `under` the name that the platform made for it or its folder.

    `kind` is "file", "typed" for text that was typed in, or "feedback"; `late` is "yes", "no" or empty; a later
    `attachment` replaces an earlier one of the same name.
    """

    participant: Participant
    file: str
    under: str
    root: str
    kind: str = "file"
    late: str = ""
    attachment: int = 0


def named(paths: Iterable[str], section: Section) -> dict[str, Named]:
    """Return whose each of the `paths` of a download is, for those that a platform named.

    A folder around all of it makes no difference. If names are nested, the outermost counts: everything in somebody's
    folder is theirs, whatever it is called.
    """
    found: dict[str, Named] = {}
    folders: dict[str, list[str]] = {}
    for path in paths:
        if len(path) > MAX_NAME:
            continue
        if moodle := _moodle(path):
            found[path] = moodle
        else:
            folders.setdefault(path.rpartition("/")[0], []).append(path)
    roots: set[str] = set()
    for folder in sorted(folders, key=lambda folder: folder.count("/") + bool(folder)):
        # Canvas doesn't write folders, so a folder beside its files was unpacked by hand and may be anybody's.
        if not roots.isdisjoint(folders_of(folder)) or (folder and "" in roots):
            continue
        if here := _canvas(folder, folders[folder], section):
            roots.add(folder)
            found |= here
    return found


def folders_of(path: str) -> list[str]:
    """Return the folders that contain `path`, the outermost first and no more than `MAX_FOLDERS`."""
    parts = path.split("/", MAX_FOLDERS)[:-1]
    return ["/".join(parts[: at + 1]) for at in range(len(parts))]


def is_blind(name: str) -> bool:
    """Whether `name` is what Moodle calls everybody with blind marking, perhaps after the name of a group."""
    return bool({folded(name), folded(name.rpartition("-")[2])} & _PARTICIPANT_FOLDED)


_PARTICIPANT_FOLDED = frozenset(map(folded, _PARTICIPANT))


def _moodle(path: str) -> Named | None:
    parts = path.split("/")
    for at, part in enumerate(parts):
        match = _MOODLE.fullmatch(part) if "_assign" in part else None
        if match is None:
            continue
        rest = [*([match["file"]] if match["file"] else []), *parts[at + 1 :]]
        if not rest:
            continue
        kind = "feedback" if match["kind"] == "feedback" else "file" if match["plugin"] == "file" else "typed"
        under = part if at + 1 < len(parts) else part[: match.start("file")]
        participant = Participant("moodle", match["number"] or "", match["who"])
        return Named(participant, "/".join(rest), under, "/".join(parts[:at]), kind)
    return None


def _canvas(folder: str, paths: list[str], section: Section) -> dict[str, Named]:
    """Return whose the files of one folder are, for those that Canvas named."""
    wanted, packed = Names(section.expected_files, section.released_names), Names([section.id])
    readings = {path: found for path in paths if (found := _readings(folder, path.rpartition("/")[2], wanted, section))}
    # Grading is anonymous for everybody or for nobody; a real student may be called Anon.
    anonymous = all(found[0].participant.is_anonymous for found in readings.values())
    chosen: dict[str, Named] = {}
    unsure: dict[str, list[Named]] = {}
    for path, found in readings.items():
        if not anonymous and len(found) > 1:
            found = [one for one in found if not one.participant.is_anonymous]
        meant = [one for one in found if wanted.meant(one.file) or packed.meant(archive_stem(one.file)[0])]
        if meant or len(found) == 1:
            chosen[path] = (meant or found)[0]
        else:
            unsure[path] = found
    # A user called `team_1` is not the user 1 called `team`; their other files show which it is.
    sure = {one.participant for one in chosen.values()}
    for path, found in unsure.items():
        chosen[path] = next((one for one in found if one.participant in sure), found[0])
    names: dict[tuple[str, ...], set[str]] = {}
    for one in chosen.values():
        names.setdefault(one.participant.key, set()).add(one.participant.name)
    # A user has one name in a download. If a number has two, a file that can be read in two ways belongs to nobody.
    return {path: one for path, one in chosen.items() if path not in unsure or len(names[one.participant.key]) == 1}


def _readings(folder: str, name: str, wanted: Names, section: Section) -> list[Named]:
    """Return the ways in which a file's name can be read as one of Canvas's; Canvas's own reading comes first.

    A student chooses what follows the two numbers, and a person's name may itself end in a number. So the numbers are
    the first two, or the second and third.
    """
    parts = name.split("_")
    found = []
    late = parts[0] == "LATE"
    first = parts[late:]
    if len(first) > 2 and first[0] == "anon" and _ANONYMOUS.fullmatch(first[1]):
        who = Participant("canvas", first[1], "anon", is_anonymous=True)
        if len(first) > 3 and _NUMBER.fullmatch(first[2]):
            file = _before_again("_".join(first[3:]), wanted, section)
            found.append(Named(who, file, name, folder, "file", "yes" if late else "no", int(first[2])))
        elif len(first) == 3 and _TYPED.fullmatch(first[2]):
            found.append(Named(who, first[2], name, folder, "typed", "yes" if late else "no"))
        if late:
            return found
    pairs = [at for at in range(1, len(parts) - 2) if _NUMBER.fullmatch(parts[at]) and _NUMBER.fullmatch(parts[at + 1])]
    for at in [at for at in pairs[:2] if at <= pairs[0] + 1]:
        late = parts[at - 1] == "LATE"
        who = Participant("canvas", parts[at], "_".join(parts[: at - late]))
        file = _before_again("_".join(parts[at + 2 :]), wanted, section)
        found.append(Named(who, file, name, folder, "file", "yes" if late else "no", int(parts[at + 1])))
    if not found and len(parts) > 2 and _TYPED.fullmatch(parts[-1]) and _NUMBER.fullmatch(parts[-2]):
        late = parts[-3] == "LATE"
        who = Participant("canvas", parts[-2], "_".join(parts[: -2 - late]))
        found.append(Named(who, parts[-1], name, folder, "typed", "yes" if late else "no"))
    return [one for one in found if one.file]


def _before_again(file: str, wanted: Names, section: Section) -> str:
    """Return a file's name before Canvas marked it as handed in again, if that name matters."""
    if (match := _AGAIN.search(file[-80:])) is None:
        return file
    plain = file[: len(file) - len(match[0])] + match["kind"]
    matters = wanted.meant(plain) or plain in section.released_names or archive_stem(plain)[1]
    return plain if matters else file
