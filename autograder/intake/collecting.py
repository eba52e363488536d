"""Takes downloads of a learning platform into ``submitted/``: ``autograder collect`` and ``nbgrader zip_collect``.

A person's work is written beside its place and moved there in one step, so a grader that is running sees the old work
or the new. Earlier work is never deleted: it goes to ``.autograder/replaced/<section>/<student>/<n>``. Collecting the
same download again changes nothing, so a correction by hand in ``submitted/`` survives a second run.

Nothing in a download is trusted, names and sizes included. What earlier runs wrote below ``.autograder`` is trusted.

Nobody is left out silently: each person who is not collected has a line, and the last line counts everyone.
"""

from __future__ import annotations

import ctypes
import datetime as dt
import errno
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from autograder import atomic, digests
from autograder.course import Course, Section
from autograder.intake import collected, downloads, persons
from autograder.intake.collected import HandedIn, Left
from autograder.intake.downloads import Downloads, HandIn, Work
from autograder.intake.lists import Row
from autograder.intake.persons import Earlier
from autograder.intake.platforms import Participant
from autograder.people import roster
from autograder.people.roster import Entry, Roster, folded
from autograder.submissions import times
from autograder.submissions.limits import MAX_NOTES
from autograder.submissions.paths import EXCHANGE_FILES, is_junk
from autograder.text import count, path_component, printable, quoted

_STAMP = "timestamp.txt"
_NOTES = 5  # shown for one person


class _LeftError(Exception):
    """Somebody is not collected; `left` says why and what to do."""

    def __init__(self, why: str, remedy: str = "") -> None:
        super().__init__(why)
        self.left = Left(why, remedy)


@dataclass
class Outcome:
    """Students by outcome, and lines on what was not collected, on doubtful identities, and on anything else."""

    section: str
    collected: list[str] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    why_left: dict[str, Left] = field(default_factory=dict)  # of those who have an id

    @property
    def is_complete(self) -> bool:
        """Whether everybody was collected and identified."""
        return not (self.left or self.doubts or self.problems)

    def lines(self) -> list[str]:
        """All lines of the report, the counts of people last."""
        replaced = f" ({len(self.replaced)} replaced earlier work)" if self.replaced else ""
        closing = (
            f"{self.section}: {len(self.collected)} collected{replaced}, {len(self.unchanged)} unchanged, "
            f"{len(self.left)} not collected"
        )
        if self.doubts:
            closing += f"; {len(self.doubts)} not identified for certain"
        if self.problems:
            closing += f"; {count(len(self.problems), 'thing')} in the download not used, see above"
        return [*self.notes, *self.problems, *self.doubts, *self.left, closing]


def run(
    course: Course, section: Section, paths: Sequence[Path], submitted: Path, students: Iterable[Entry], ordered: bool
) -> Outcome:
    """Take what was handed in for `section` from the downloads at `paths` into `submitted`, and say what was done.

    Parameters
    ----------
    students
        Those of the gradebook; those of the roster and of `submitted` are known anyway.
    ordered
        Whether somebody named the downloads one by one; then a later one replaces an earlier one.

    Raises
    ------
    CourseError
        If roster, aliases or an earlier collection can't be read.
    OSError
        If nothing can be written.
    """
    outcome = Outcome(section.id)
    (course.root / ".autograder").mkdir(exist_ok=True)
    # Two collections at once would miss what the other writes, and a student may be renamed meanwhile.
    with atomic.alone(course.root / ".autograder"), ExitStack() as stack:
        the_roster = roster.load(course.root)
        found = downloads.opened(paths, section, course.timezone, stack)
        outcome.problems += found.problems
        outcome.notes += found.notes
        if found.feedback:
            outcome.notes.append(
                f"{count(found.feedback, 'file')} of feedback left out: those are yours, not a student's work"
            )
        earlier = collected.load(course.root, section.id)
        hand_ins = _described(found)
        named = _named(course, section, hand_ins, found.rows, the_roster, students, submitted, earlier, outcome)
        rows = dict(earlier)
        try:
            for student in sorted(named):
                if row := _one(
                    course, section, student, named[student], submitted, earlier.get(student), ordered, outcome
                ):
                    rows[student] = row
        finally:
            if rows != earlier:
                collected.save(course.root, section.id, rows)
        for student, whys in found.unlisted.items():
            if the_roster.student_of(student) in named:
                outcome.problems += [f"{quoted(student)}: {why}" for why in whys]
            else:
                outcome.left.append(f"{quoted(student)} is not collected: {whys[0]}")
                outcome.why_left[the_roster.student_of(student)] = whys[0]
        left_before = collected.load_left(course.root, section.id)
        left = {student: why for student, why in left_before.items() if student not in named} | outcome.why_left
        if left != left_before:
            collected.save_left(course.root, section.id, left)
        _missing(hand_ins, found.rows, outcome)
    return outcome


def _described(found: Downloads) -> list[HandIn]:
    """Return each hand-in with what the worksheet says about it; one of a team is repeated for each member."""
    told = []
    teams: dict[str, list[Row]] = {}
    for row in found.rows.values():
        if row.group:
            teams.setdefault(folded(row.group), []).append(row)
    for one in found.hand_ins:
        who = one.participant
        is_moodle = who.platform == "moodle"
        of_person = found.rows.get(who.number) if is_moodle else None
        members = teams.get(folded(who.name), []) if is_moodle and one.student is None else []
        if members and not (of_person and folded(of_person.name) == folded(who.name)):
            for member in members:
                of_team = Participant("moodle", member.number, member.name or who.name)
                told.append(replace(one, participant=of_team, late=member.late, came=member.came))
            continue
        if of_person:
            one = replace(one, late=one.late or of_person.late, came=one.came or of_person.came)
        told.append(one)
    return told


def _named(
    course: Course, section: Section, hand_ins: Sequence[HandIn], rows: Mapping[str, Row], the_roster: Roster,
    students: Iterable[Entry], submitted: Path, earlier: Mapping[str, HandedIn], outcome: Outcome,
) -> dict[str, list[HandIn]]:  # fmt: skip
    """Return the hand-ins of each student."""
    known = [
        *the_roster.students,
        *(replace(one, student=the_roster.student_of(one.student)) for one in students),
        *(Entry(the_roster.student_of(name)) for name in _folders(submitted)),
    ]
    before = [Earlier(row, here=True) for row in earlier.values()]
    for other in course.sections:
        if other.id != section.id:
            before += [Earlier(row, here=False) for row in collected.load(course.root, other.id).values()]
    # A user of Canvas may be renamed between two downloads; the name on the newest file counts.
    latest = {one.participant.key: one.participant for one in sorted(hand_ins, key=lambda one: one.newest)}
    people = [latest[one.participant.key] for one in hand_ins if one.student is None]
    reserved = {one.id for one in course.sections}
    who, doubts, notes = persons.recognised(people, rows, known, before, the_roster.student_of, reserved)
    outcome.doubts += doubts
    outcome.notes += notes
    named: dict[str, list[HandIn]] = {}
    for one in hand_ins:
        student = who[latest[one.participant.key]] if one.student is None else the_roster.student_of(one.student)
        named.setdefault(student, []).append(one)
    return named


def _missing(hand_ins: Sequence[HandIn], rows: Mapping[str, Row], outcome: Outcome) -> None:
    """Name those who submitted according to Moodle's worksheet but have nothing in the download."""
    seen = {one.participant.number for one in hand_ins if one.participant.platform == "moodle"}
    if rows and not seen & rows.keys():
        outcome.problems.append(
            "Moodle's worksheet names nobody who is in the download: it is for another assignment; put the "
            "worksheet of this one beside the download instead"
        )
        return
    outcome.left += [
        f"{quoted(row.name or row.number)} is not collected: Moodle's worksheet says that they submitted, "
        "and the download has nothing of theirs; download it again"
        for number, row in sorted(rows.items())
        if row.handed_in and number not in seen
    ]


def _folders(submitted: Path) -> list[str]:
    return [path.name for path in submitted.iterdir() if path.is_dir()] if submitted.is_dir() else []


def _one(
    course: Course, section: Section, student: str, hand_ins: Sequence[HandIn], submitted: Path,
    earlier: HandedIn | None, ordered: bool, outcome: Outcome,
) -> HandedIn | None:  # fmt: skip
    """Collect what one student handed in; return its row, or None if it was not collected."""
    name = printable(hand_ins[0].participant.name) or hand_ins[0].participant.number
    shown = f"`{name}`" if name == student else f"`{name}` ({quoted(student)})"
    try:
        row, notes, kept = _taken(course, section, student, hand_ins, submitted, earlier, ordered)
    except (_LeftError, OSError) as error:
        if isinstance(error, OSError):
            why = Left(f"it can't be written: {error.strerror} ({error.filename}); nothing of theirs was changed")
        else:
            why = error.left
        outcome.left.append(f"{shown} is not collected: {why}")
        outcome.why_left[student] = why
        return None
    outcome.notes += [f"{shown}: {note}" for note in notes[:_NOTES]]
    if len(notes) > _NOTES:
        outcome.notes.append(f"{shown}: {len(notes) - _NOTES} more things were left out")
    (outcome.unchanged if kept is None else outcome.collected).append(student)
    if kept:
        outcome.replaced.append(student)
        outcome.notes.append(f"{shown}: this replaces earlier work, which is kept in {kept}")
    return row


def _taken(
    course: Course, section: Section, student: str, hand_ins: Sequence[HandIn], submitted: Path,
    earlier: HandedIn | None, ordered: bool,
) -> tuple[HandedIn, list[str], str | None]:  # fmt: skip
    """Put what a student handed in into its place.

    Returns its row, what was left out, and where earlier work went: empty if there was none, None if nothing changed.
    """
    problem = roster.complaint(student) or ("is a name that is always ignored" if is_junk(student) else None)
    if problem := problem or ("is the name of a section" if student in {one.id for one in course.sections} else None):
        raise _LeftError(f"the id {problem}", "correct it on the roster or in the list")
    one, work = _chosen(hand_ins, section, ordered)
    notes = list(work.notes)
    if one.typed:
        if not one.files:
            raise _LeftError(
                "they typed text or a web address into the platform and handed in no file",
                "read it there, or ask for the files",
            )
        notes.insert(0, "text or a web address that they typed into the platform was left out; the files were taken")
    if work.damage:
        raise _LeftError(work.damage.why, work.damage.remedy)
    if not work.files:
        why = f": {notes[0]}" if notes else ""
        raise _LeftError(f"there is no file that can be taken{why}", "ask for it again")
    who = one.participant
    lost = "\n".join(f"{note}." for note in work.lost[:MAX_NOTES])
    digest = digests.of_files(work.files)
    row = HandedIn(student, who.platform, who.number, who.name, one.late, one.came, one.under, digest, lost)
    place = _home(submitted, student) / section.id
    _sweep(place, course.root, student)
    if earlier and earlier.digest == row.digest:  # what a list or worksheet said then is still true
        row = replace(row, late=row.late or earlier.late, came=row.came or earlier.came)
    if (earlier and earlier.digest == row.digest and place.is_dir()) or _holds(place, work.files):
        if one.came and (not earlier or earlier.came != one.came):
            atomic.write(place / _STAMP, _stamp(one.came))
        return row, notes, None
    if one.came and (there := _time_of(course, place)) and there > dt.datetime.fromisoformat(one.came):
        raise _LeftError(f"{place} came later ({there:%Y-%m-%d %H:%M %Z}) than what is in the download, and was kept")
    files = work.files | ({_STAMP: _stamp(one.came)} if one.came else {})
    kept = _put(place, files, course.root, student)
    return row, notes, str(kept) if kept else ""


def _chosen(hand_ins: Sequence[HandIn], section: Section, ordered: bool) -> tuple[HandIn, Work]:
    """Return which of several hand-ins of one student is taken."""
    works = [downloads.work(one, section) for one in hand_ins]
    if all(work.files == works[0].files and not work.damage for work in works[1:]):
        return hand_ins[0], works[0]
    places = " and ".join(f"{quoted(one.place)}" for one in hand_ins[:3])
    if len({one.participant.key for one in hand_ins}) > 1:
        raise _LeftError(f"{places} have different work of this student under two names; remove one of them")
    newest = max(one.newest for one in hand_ins)
    if newest and sum(one.newest == newest for one in hand_ins) == 1:
        at = next(at for at, one in enumerate(hand_ins) if one.newest == newest)
    elif ordered and len({one.place for one in hand_ins}) == len(hand_ins):
        at = len(hand_ins) - 1
    else:
        raise _LeftError(
            f"{places} have different work of theirs; remove the older download, or name both, the newer one last"
        )
    return hand_ins[at], works[at]


# Writing


def _home(submitted: Path, student: str) -> Path:
    """Return the student's folder, whose name a Mac may have written in another Unicode form."""
    home = submitted / student
    if not home.is_dir():
        same = [name for name in _folders(submitted) if roster.normal(name) == student]
        home = submitted / min(same) if same else home
    if home.is_symlink() or (home / "x").parent.is_file():
        raise OSError(errno.ENOTDIR, "not a folder of its own", str(home))
    home.mkdir(parents=True, exist_ok=True)
    return home


def _put(place: Path, files: Mapping[str, bytes], root: Path, student: str) -> Path | None:
    """Make `files` the content of `place`, in one step; return where the earlier content went."""
    # Macs leave files with such names behind, so they are never collected.
    made = Path(tempfile.mkdtemp(prefix=f"._{place.name}.", dir=place.parent))
    try:
        for name, content in files.items():
            (made / name).parent.mkdir(parents=True, exist_ok=True)
            (made / name).write_bytes(content)
        made.chmod(0o755)
    except OSError:
        shutil.rmtree(made, ignore_errors=True)
        raise
    kept = None
    if os.path.lexists(place):
        kept = _keep_for(root, place, student)
        if not _exchanged(made, place):
            place.rename(made.with_name(f"{made.name}.old"))
            made.rename(place)
            made = made.with_name(f"{made.name}.old")
        shutil.move(made, kept)
    else:
        made.rename(place)
    packed = place.with_name(f"{place.name}.zip")
    if os.path.lexists(packed):  # the same section in its other form
        kept = kept or _keep_for(root, place, student)
        shutil.move(packed, kept if not kept.exists() else _keep_for(root, place, student))
    return kept


def _keep_for(root: Path, place: Path, student: str) -> Path:
    """Return an unused place for earlier work."""
    folder = root / ".autograder" / "replaced" / place.name / path_component(student)
    folder.mkdir(parents=True, exist_ok=True)
    number = 1
    while os.path.lexists(folder / str(number)):
        number += 1
    return folder / str(number)


def _sweep(place: Path, root: Path, student: str) -> None:
    """Keep what an interrupted collection left beside `place`, because it can be earlier work."""
    for path in list(place.parent.iterdir()):
        if path.name.startswith(f"._{place.name}."):
            shutil.move(path, _keep_for(root, place, student))


def _exchanged(one: Path, other: Path) -> bool:
    """Exchange two folders, in one step if the file system supports that."""
    try:
        exchange = ctypes.CDLL(None, use_errno=True).renameat2
    except AttributeError:
        return False
    at_working_folder, flag = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    return bool(exchange(at_working_folder, os.fsencode(one), at_working_folder, os.fsencode(other), flag) == 0)


def _holds(place: Path, files: Mapping[str, bytes]) -> bool:
    """Whether the folder holds exactly these files, apart from those that say when it came."""
    if not place.is_dir() or place.is_symlink():
        return False
    there = {path.relative_to(place).as_posix(): path for path in place.rglob("*") if not path.is_dir()}
    there = {name: path for name, path in there.items() if name not in EXCHANGE_FILES}
    return there.keys() == files.keys() and all(
        path.is_file() and not path.is_symlink() and path.stat().st_size == len(files[name])
        and path.read_bytes() == files[name]
        for name, path in there.items()
    )  # fmt: skip


def _stamp(came: str) -> bytes:
    return f"{times.written(dt.datetime.fromisoformat(came))}\n".encode()


def _time_of(course: Course, place: Path) -> dt.datetime | None:
    """Return when the work at `place` came, if that is certain."""
    try:
        with (place / _STAMP).open(encoding="utf-8", errors="replace") as file:
            return times.read(course, file.read(100))
    except OSError:
        return None
