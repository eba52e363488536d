"""Lists of a class as learning platforms export them, and how they are merged into the roster.

Canvas's gradebook export has ``Student`` (or ``LastName,FirstName``), ``ID``, ``SIS User ID``, ``SIS Login ID`` and
``Section``, and below that a row of points and perhaps one of posting policies (``lib/gradebook_exporter.rb``).
Moodle's exports have names, e-mail address and ID number under headings in the language of the site; its grading
worksheets begin with ``Participant 4711``, a number that is the person's in this assignment only
(``mod/assign/gradingtable.php``). Any other file has a column ``student``, or is a list with one student per line.

Nothing in such a file is trusted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection as AnyOf
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from autograder import sheets
from autograder.people import roster
from autograder.people.roster import Entry, Roster, RosterError, folded
from autograder.sheets import Row, Sheet
from autograder.text import listed, quoted

# Headings in the words of Moodle's language packs and in our own, without case, accents and punctuation.
_HEADINGS: Mapping[str, frozenset[str]] = {
    field: frozenset(words.split())
    for field, words in {
        "student": "student",
        "first_name": "firstname givenname forename vorname prenom nombre nome voornaam imie fornamn fornavn etunimi "
        "krestnijmeno keresztnev ad имя",
        "last_name": "lastname surname familyname nachname nom nomdefamille apellido apellidos cognome sobrenome "
        "apelido achternaam nazwisko efternamn efternavn etternavn sukunimi prijmeni vezeteknev soyad фамилия",
        "full_name": "fullname name displayname vollstandigername nomcomplet nombrecompleto nomecompleto volledigenaam "
        "imieinazwisko fullstandigtnamn fuldenavn fulltnavn kokonimi celejmeno teljesnev adsoyad полноеимя",
        "email": "emailaddress email mail emailadresse emailadress adressedecourriel adressemail courriel "
        "direcciondecorreo direcciondecorreoelectronico direccionemail correoelectronico indirizzoemail "
        "enderecodeemail enderecodecorreioeletronico emailadres adresemail adresemailowy epostadress epostadresse "
        "sahkopostiosoite emailovaadresa emailcim epostaadresi адресэлектроннойпочты",
        "sis_id": "idnumber studentnumber studentid matriculationnumber sisuserid idnummer matrikelnummer "
        "numerodidentification numerodeid numerodeidentificacao codiceidentificativo matricola numerid idnumero",
        "login": "login loginid username sisloginid anmeldename benutzername nomdutilisateur nombredeusuario "
        "nomeutente nomedeutilizador nomedeusuario identificacaodeusuario gebruikersnaam "
        "nazwauzytkownika anvandarnamn brugernavn brukernavn kayttajatunnus uzivatelskejmeno felhasznalonev",
        "canvas_id": "canvasid",
        "moodle_id": "moodleid",
        "number": "id identifier identifikator identifiant identificador identificativo identificatie identifikaattori",
    }.items()
}
_PARTICIPANT = re.compile(r"(\D+)(\d{1,18})")
_LONGEST_CODE = 6  # letters that student numbers may begin with; "Participant" is longer in every language
_GUARDED = re.compile(r'="(.*)"', re.DOTALL)  # Canvas writes a name that a spreadsheet would take for a formula so
_ROUNDED = re.compile(r"\d([.,]\d+)?E\+\d+")
_TEST_LOGIN = re.compile(r"[0-9a-f]{40}")
_TEST_NAMES = frozenset({"student, test", "test student"})
_SURE = ("canvas_id", "moodle_id", "login", "email")
"""What names one person only, the surest first."""
_LASTING = tuple(name for name in _SURE if name != "moodle_id")  # different in each assignment


Sign = tuple[str, str]


@dataclass(frozen=True)
class Person:
    """Somebody in an export: what it says about them, and in which line.

    `is_split` says that the whole name is in one cell, so that it is a guess where the last name begins.
    """

    line: int
    student: str = ""
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    canvas_id: str = ""
    moodle_id: str = ""
    login: str = ""
    sis_id: str = ""
    is_split: bool = False


@dataclass(frozen=True)
class Merge:
    """The roster after an import, and what changes; `renamed` maps ids that are kept to those of the file."""

    students: tuple[Entry, ...]
    added: tuple[str, ...]
    updated: tuple[str, ...]
    only_before: tuple[str, ...]
    renamed: Mapping[str, str]


def read(path: Path, id_column: str | None = None) -> tuple[list[Person], list[str]]:
    """Return who is in the export at `path`, and a line for each row that was left out.

    Parameters
    ----------
    path
        A CSV file, or a list of names or ids.
    id_column
        The heading of the column whose text is the student's id.

    Raises
    ------
    CourseError
        If the file can't be read or its columns aren't understood, or if a row names nobody.
    """
    sheet = sheets.read(path)
    if not sheet.rows:
        raise RosterError(f"{path} is empty; export the class again")
    fields, is_canvas = _fields(sheet.rows[0].cells)
    if id_column is not None:
        if folded(id_column) not in map(folded, sheet.rows[0].cells):
            raise RosterError(f"{path} has no column `{id_column}`; it has: {listed(sheet.rows[0].cells, most=12)}")
        at = [folded(cell) for cell in sheet.rows[0].cells].index(folded(id_column))
        fields = {**{index: field for index, field in fields.items() if field != "student"}, at: fields.get(at, "")}
    elif not fields:
        return _listed_people(sheet), []
    else:
        at = next((index for index, field in fields.items() if field == "student"), -1)
    if id_column is None and not set(fields.values()) & {"student", "full_name", "last_name", *_SURE, "sis_id"}:
        raise RosterError(
            f"{path} has no column that says who is who (Moodle's grading worksheet has none while marking is "
            "blind; export the participants then). Call one `student`, or pass --id with the heading of one: "
            f"{listed(sheet.rows[0].cells, most=12)}"
        )
    columns = [index for index, field in fields.items() if field == "number"]
    numbers = [row.cells[index] for index in columns for row in sheet.rows[1:] if index < len(row.cells)]
    are_participants = _are_participants(numbers)
    sheet.refuse_wide_rows()
    people, left_out = [], []
    for row in sheet.rows[1:]:
        values = {field: _clean(row.cells[index]) for index, field in fields.items() if index < len(row.cells)}
        if is_canvas and (reason := _no_person(values, row, path)):
            left_out += [reason] if reason.isprintable() else []
            continue
        person = _person(values, row, path, are_participants)
        if at >= 0:
            student = roster.normal(_clean(row.cells[at]) if at < len(row.cells) else "")
            if problem := roster.complaint(student):
                raise RosterError(
                    f"{path}, line {row.line}: the id {quoted(student)} {problem}; correct it, or pass --id with the "
                    "heading of another column"
                )
            person = replace(person, student=student)
        if person == Person(row.line):
            raise RosterError(f"{path}, line {row.line} names nobody; complete it or remove it")
        people.append(person)
    if not people:
        raise RosterError(f"{path} names no students; export the class again")
    return people, left_out


def merge(path: Path, people: Iterable[Person], before: Roster, known: Iterable[Entry] = ()) -> Merge:
    """Return the roster with `people`, who are in `path`, added or updated.

    Nobody is dropped and no id changes. `known` are students of the gradebook, who keep the ids that they have there.

    Raises
    ------
    RosterError
        If two lines are the same student, one line fits two students, or no unique id can be made for a student.
    """
    # Two equal rows are the same person, unless they hold only a name.
    unique = {(p if _is_only_a_name(p) else replace(p, line=0)): p for p in reversed(list(people))}
    everybody = list(unique.values())[::-1]
    by_student = {entry.student: entry for entry in (*known, *before.students)}
    ids = _ids(path, everybody, by_student, before)
    listed = {entry.student for entry in before.students}
    merged = {entry.student: entry for entry in before.students}
    added, updated, renamed = [], [], {}
    for person, student in ids.items():
        entry = by_student.get(student, Entry(student))
        said = {name: value for name in roster.COLUMNS[1:] if (value := getattr(person, name))}
        same = _folded_name(entry), folded(entry.last_name + entry.first_name)
        if person.is_split and _folded_name(person) in same:
            said |= {"first_name": entry.first_name, "last_name": entry.last_name}
        merged[student] = replace(entry, **said)
        if student not in listed:
            added.append(student)
        elif merged[student] != entry:
            updated.append(student)
        if person.student and before.student_of(person.student) != student:
            renamed[student] = person.student
    named = set(ids.values())
    gone = tuple(entry.student for entry in before.students if entry.student not in named)
    return Merge(tuple(merged.values()), tuple(added), tuple(updated), gone, renamed)


def meaning(heading: str) -> str | None:
    """Return what a column with this heading holds: a field of `Person`, `full_name`, or None for anything else."""
    key = folded(heading)
    return next((field for field, words in _HEADINGS.items() if key in words), None)


def _fields(header: Sequence[str]) -> tuple[dict[int, str], bool]:
    """Return what each column holds (the first of two equal ones counts), and whether the file is Canvas's."""
    keys = [folded(cell) for cell in header]
    found: dict[int, str] = {}
    for index, cell in enumerate(header):
        field = meaning(cell)
        if field is not None and field not in found.values():
            found[index] = field
    named = "student" in found.values() or {"first_name", "last_name"} <= set(found.values())
    is_canvas = named and "number" in found.values() and "section" in keys
    canvas = {"student": "full_name", "number": "canvas_id"} if is_canvas else {}
    return {index: canvas.get(field, field) for index, field in found.items()}, is_canvas


def _no_person(values: Mapping[str, str], row: Row, path: Path) -> str | None:
    r"""Return why a row of Canvas's is not a person, or None; a lone ``\n`` if no message is needed."""
    name = values.get("full_name", "") or values.get("last_name", "")
    login = values.get("login", "")
    if not values.get("canvas_id"):
        if not name or name.lower() == "points possible":
            return "\n"
        raise RosterError(f"{path}, line {row.line}: {quoted(name)} has no ID; export the gradebook again")
    if _TEST_LOGIN.fullmatch(login) or (name.lower() in _TEST_NAMES and not values.get("sis_id")):
        return f"line {row.line}: {quoted(name)} is Canvas's test student and was left out"
    return None


def _are_participants(numbers: Iterable[str]) -> bool:
    """Whether a column has Moodle's ``Participant 4711`` in any language, and not the students' own numbers."""
    matches = [_PARTICIPANT.fullmatch(number) for number in numbers]
    words = {match[1].strip() if match else "" for match in matches}
    return len(words) == 1 and all(len(word) > _LONGEST_CODE or not word.isascii() for word in words) and words != {""}


def _person(values: dict[str, str], row: Row, path: Path, are_participants: bool) -> Person:
    number = values.pop("number", "")
    if are_participants and (match := _PARTICIPANT.fullmatch(number)):
        values.setdefault("moodle_id", match[2])
    elif number:
        values.setdefault("sis_id", number)
    for field in ("canvas_id", "sis_id", "moodle_id"):
        if _ROUNDED.fullmatch(values.get(field, "")):
            raise RosterError(
                f"{path}, line {row.line}: a spreadsheet has rounded the number `{values[field]}`; export the file "
                "again and import it unchanged"
            )
    full = values.pop("full_name", "")
    is_split = bool(full) and not values.get("last_name")
    if is_split:
        values["first_name"], values["last_name"] = _split(full)
    values = {name: value for name, value in values.items() if name in Person.__dataclass_fields__}
    values.pop("student", None)
    return Person(row.line, **values, is_split=is_split and "," not in full)


def _listed_people(sheet: Sheet) -> list[Person]:
    """Return the people of a file without headings: each line is an id, or a name if it contains a blank."""
    people = []
    for row in sheet.rows:
        cells = [_clean(cell) for cell in row.cells if cell]
        if len(cells) > 2 or (len(cells) == 2 and sheet.separator != ","):
            raise RosterError(
                f"{sheet.path} has columns but no headings that say what they hold; write a line above them, with "
                "`student` over the students' ids"
            )
        text = ", ".join(cells)
        if " " in text:
            first, last = _split(text)
            people.append(Person(row.line, first_name=first, last_name=last, is_split="," not in text))
            continue
        if problem := roster.complaint(roster.normal(text)):
            raise RosterError(f"{sheet.path}, line {row.line}: {quoted(text)} {problem}; correct it")
        people.append(Person(row.line, roster.normal(text)))
    return people


def _split(name: str) -> tuple[str, str]:
    """Return first and last name."""
    last, comma, first = name.partition(",")
    if not comma:
        first, _, last = name.rpartition(" ")
    return first.strip(), last.strip()


def _clean(cell: str) -> str:
    match = _GUARDED.fullmatch(cell)
    text = match[1].replace('""', '"') if match else sheets.plain(cell)
    return "".join(c for c in " ".join(text.split()) if c.isprintable())


def _ids(path: Path, people: Sequence[Person], by_student: Mapping[str, Entry], before: Roster) -> dict[Person, str]:
    """Return the id of each person: the one they have, or else the first of `_candidates` that nobody else has."""
    found: dict[Person, str] = {}
    whose: dict[str, Person] = {}
    fresh: dict[Person, list[str]] = {}
    index = _index(by_student.values())
    count = Counter(sign for person in people for sign in _signs(person))
    count.update(("name", _folded_name(person)) for person in people)
    for person in people:
        candidates = [before.student_of(name) for name in _candidates(person)]
        if not candidates:
            raise RosterError(
                f"{path}, line {person.line} has nothing to make an id from; complete it, or pass --id with the "
                "heading of another column"
            )
        if person.student and candidates[0] in by_student:
            student: str | None = candidates[0]
        else:
            student = _recognised(person, candidates, index, count)
        shares = any(count[sign] > 1 for sign in _signs(person))
        if student is None and _is_same(person, by_student.get(candidates[0]), also_by_name=shares):
            student = candidates[0]
        if student is None:
            fresh[person] = candidates
            continue
        if student in whose:
            raise RosterError(
                f"{path}: lines {whose[student].line} and {person.line} are both `{student}`; correct one of them, or "
                f"`{student}` in {roster.ROSTER}"
            )
        whose[student] = person
        found[person] = student
    found |= _new_ids(path, fresh, {student.casefold() for student in by_student})
    return {person: found[person] for person in people}


def _new_ids(path: Path, fresh: Mapping[Person, list[str]], taken: AnyOf[str]) -> dict[Person, str]:
    """Return an id for each person who has none: the first of their candidates that nobody else has or would get."""
    left = {person: list(candidates) for person, candidates in fresh.items()}
    while True:
        ids = {person: candidates[0].casefold() for person, candidates in left.items()}
        count = Counter(ids.values())
        clashes = [person for person, student in ids.items() if count[student] > 1 or student in taken]
        if not clashes:
            return {person: candidates[0] for person, candidates in left.items()}
        for person in clashes:
            if len(left[person]) == 1:
                other = next((str(one.line) for one in left if one != person and ids[one] == ids[person]), None)
                raise RosterError(
                    f"{path}, line {person.line} would be the student {quoted(left[person][0])}, who is "
                    f"{f'in line {other} too' if other else f'somebody else in {roster.ROSTER}'}; "
                    "pass --id with the heading of a column that tells them apart"
                )
            left[person].pop(0)


def _candidates(person: Person) -> list[str]:
    """Return the ids that a person can get, the best first, by the rule in docs/roster.md."""
    if person.student:
        return [person.student]
    made = re.sub(r"\W+", "_", f"{person.first_name} {person.last_name}".casefold()).strip("_")
    names = (
        *(text.partition("@")[0] for text in (person.login, person.email.lower())),
        person.login, person.email.lower(), person.sis_id, person.canvas_id, made,
        f"{made}_{person.moodle_id}" if made and person.moodle_id else "",
    )  # fmt: skip
    return [name for name in dict.fromkeys(map(roster.normal, names)) if not roster.complaint(name)]


def _is_only_a_name(person: Person) -> bool:
    first, last = person.first_name, person.last_name
    return person == Person(person.line, first_name=first, last_name=last, is_split=person.is_split)


def _signs(one: Person | Entry) -> list[Sign]:
    """Return what names one person only, the surest first."""
    return [(name, getattr(one, name).casefold()) for name in _SURE if getattr(one, name)]


def _index(entries: Iterable[Entry]) -> dict[Sign, set[str]]:
    """Return which students have each identifier or name."""
    index: dict[Sign, set[str]] = {}
    for entry in entries:
        for sign in (*_signs(entry), ("name", _folded_name(entry))):
            if sign[1]:
                index.setdefault(sign, set()).add(entry.student)
    return index


def _recognised(
    person: Person, candidates: Sequence[str], index: Mapping[Sign, set[str]], count: Mapping[Sign, int]
) -> str | None:
    """Return the student that a person is by the identifiers that both have, or by name if there are none.

    An identifier that several in the file have, such as a family's address, counts only together with the name.
    """
    signs = _signs(person)
    found: set[str] = set()
    for sign in [sign for sign in signs if count[sign] == 1]:
        found = found & index.get(sign, set()) or found or index.get(sign, set())
    if not found:
        name = ("name", _folded_name(person))
        for sign in signs:
            found = found & index.get(sign, set()) or found or index.get(sign, set())
        if found:
            found = found & index.get(name, set())
        elif count[name] == 1 and not person.student and all(sign[0] == "moodle_id" for sign in signs):
            found = index.get(name, set())
    ids = [name for name in candidates if name in found] if len(found) > 1 else [*found]
    return ids[0] if ids else None


def _is_same(person: Person, entry: Entry | None, *, also_by_name: bool) -> bool:
    """Whether nothing distinguishes a person from the student who has their id."""
    if entry is None:
        return False
    signs = [(getattr(person, name).casefold(), getattr(entry, name).casefold()) for name in _LASTING]
    if also_by_name:
        signs.append((_folded_name(person), _folded_name(entry)))
    return all(one == other for one, other in signs if one and other)


def _folded_name(one: Person | Entry) -> str:
    return folded(one.first_name + one.last_name)
