"""Lists of a class as Canvas, Moodle and people write them, merged into the roster.

The fixtures follow what the platforms' own code writes: Canvas's ``lib/gradebook_exporter.rb``, Moodle's
``mod/assign/gradingtable.php`` and its language packs.
"""

from pathlib import Path

import pytest

from autograder.course import CourseError
from autograder.people import enrolment
from autograder.people.enrolment import Person
from autograder.people.roster import Entry, Roster, RosterError

CANVAS = '''\
Student,ID,SIS User ID,SIS Login ID,Section,1 Entropy (501),Current Score
,,,,,Manual Posting,
    Points Possible,,,,,16.00,(read only)
"Lovelace, Ada",1001,s-17,alovelace,"Group 1 and Group 2",12.00,75
"Núñez, José",1002,s-18,jnunez@uni.example,Group 1,,
"=""=1+1, Eve""",1003,,eve@uni.example,Group 1,,
"Student, Test",1099,,f0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3,Group 1,,
'''
MOODLE = """\
"First name","Last name","ID number","Email address",Groups
Ada,Lovelace,17,ada@uni.example,"A, B"
José,Núñez,18,j.nunez@uni.example,
"""
WORKSHEET = """\
Identifier,"Full name","Email address",Status,Grade,"Maximum Grade"
"Participant 4711","Ada Lovelace",ada@uni.example,"Submitted for grading",,16.00
"Participant 4712","José Núñez",j.nunez@uni.example,"No submission",,16.00
"""


def put(tmp_path: Path, content: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "export.csv"
    path.write_bytes(content.encode(encoding))
    return path


def merged(tmp_path: Path, content: str, before: Roster | None = None, **options: str) -> enrolment.Merge:
    path = put(tmp_path, content)
    people, _ = enrolment.read(path, **options)
    return enrolment.merge(path, people, before or Roster())


class TestCanvas:
    def test_students_without_the_rows_that_are_nobody(self, tmp_path: Path) -> None:
        people, left_out = enrolment.read(put(tmp_path, CANVAS))

        assert people == [
            Person(4, "", "Ada", "Lovelace", "", "1001", "", "alovelace", "s-17"),
            Person(5, "", "José", "Núñez", "", "1002", "", "jnunez@uni.example", "s-18"),
            Person(6, "", "Eve", "=1+1", "", "1003", "", "eve@uni.example", ""),
        ]
        assert left_out == ["line 7: `Student, Test` is Canvas's test student and was left out"]

    def test_first_and_last_name_in_columns_of_their_own_and_no_sis_id(self, tmp_path: Path) -> None:
        people, _ = enrolment.read(
            put(tmp_path, "LastName;FirstName;ID;SIS Login ID;Section\r\nLovelace;Ada;1001;alovelace;\r\n", "utf-8-sig")
        )

        assert people == [Person(2, "", "Ada", "Lovelace", "", "1001", "", "alovelace")]

    @pytest.mark.parametrize(
        ("before", "after", "says"),
        [
            ("1001,s-17", ",s-17", "line 4: `Lovelace, Ada` has no ID"),
            ("1001,s-17", "1.00E+13,s-17", "line 4: a spreadsheet has rounded"),
            ('"Lovelace, Ada",1001', "Lovelace, Ada,1001", "line 4 has more cells than the first line"),
        ],
    )
    def test_what_a_spreadsheet_has_broken_is_refused(self, tmp_path: Path, before: str, after: str, says: str) -> None:
        with pytest.raises(CourseError, match=says):
            enrolment.read(put(tmp_path, CANVAS.replace(before, after)))


class TestMoodle:
    def test_participants(self, tmp_path: Path) -> None:
        people, _ = enrolment.read(put(tmp_path, MOODLE))

        assert people == [
            Person(2, "", "Ada", "Lovelace", "ada@uni.example", sis_id="17"),
            Person(3, "", "José", "Núñez", "j.nunez@uni.example", sis_id="18"),
        ]

    def test_a_grading_worksheet_gives_the_numbers_of_participants(self, tmp_path: Path) -> None:
        people, _ = enrolment.read(put(tmp_path, WORKSHEET))

        assert [(person.first_name, person.last_name, person.moodle_id) for person in people] == [
            ("Ada", "Lovelace", "4711"),
            ("José", "Núñez", "4712"),
        ]

    @pytest.mark.parametrize(
        "header",
        [
            "Vorname;Nachname;ID-Nummer;E-Mail-Adresse",
            "Prénom;Nom de famille;Numéro d'identification;Adresse de courriel",
            "Nombre;Apellido(s);Número de ID;Dirección de correo",
            "Nome;Cognome;Codice identificativo;Indirizzo email",
            "Nome;Sobrenome;Número de identificação;Endereço de email",
            "Voornaam;Achternaam;ID-nummer;E-mailadres",
            "Imię;Nazwisko;Numer ID;Adres e-mail",
            "FIRST NAME;Surname;ID number;Email",
        ],
    )
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
    def test_in_the_language_of_the_site(self, tmp_path: Path, header: str, encoding: str) -> None:
        people, _ = enrolment.read(put(tmp_path, f"{header}\r\nAda;Lovelace;17;ada@uni.example\r\n", encoding))

        assert people == [Person(2, "", "Ada", "Lovelace", "ada@uni.example", sis_id="17")]

    @pytest.mark.parametrize("word", ["Participant ", "Teilnehmer/in", "Participante ", "参与者"])
    def test_a_participant_in_the_language_of_the_site(self, tmp_path: Path, word: str) -> None:
        people, _ = enrolment.read(put(tmp_path, f"ID,Full name\n{word}4711,Ada Lovelace\n{word}4712,Bob Roe\n"))

        assert [person.moodle_id for person in people] == ["4711", "4712"]

    def test_a_number_of_the_university_is_no_participant(self, tmp_path: Path) -> None:
        people, _ = enrolment.read(put(tmp_path, "ID,Name\nstud4711,Ada Lovelace\nstud4712,Bob Roe\n"))

        assert [(person.sis_id, person.moodle_id) for person in people] == [("stud4711", ""), ("stud4712", "")]


class TestPlain:
    def test_a_column_of_students_is_taken_as_it_is(self, tmp_path: Path) -> None:
        assert merged(tmp_path, "student,email\nAda L,ada@uni.example\n").students == (
            Entry("Ada L", email="ada@uni.example"),
        )

    def test_a_list_has_ids_or_names(self, tmp_path: Path) -> None:
        found = merged(tmp_path, "ada\nHopper, Grace\nJosé Núñez\n")

        assert found.students == (
            Entry("ada"), Entry("grace_hopper", "Grace", "Hopper"), Entry("josé_núñez", "José", "Núñez"),
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("content", "says"),
        [
            ("", "is empty"),
            ("student\n", "names no students"),
            ("tutor,group,room\nmei,1,2\n", "has columns but no heading"),
            ("ada\n../x\n", "line 2: `../x` can't be the name of a folder"),
            ("Status;Groups;First name\nx;y;Ada\n", "no column that says who is who"),
            ("student,email\n../ada,x\n", "line 2: the id `../ada` can't be the name of a folder"),
            ("First name,Last name,Email address\n,,\nAda,Lovelace,\n", None),
            ("First name,Last name,Groups\n,,A\n", "line 2 names nobody"),
        ],
    )
    def test_a_file_that_is_no_list_of_students_is_refused(
        self, tmp_path: Path, content: str, says: str | None
    ) -> None:
        if says is None:
            assert merged(tmp_path, content).added == ("ada_lovelace",)
            return
        with pytest.raises(RosterError, match=says):
            merged(tmp_path, content)

    def test_terminal_escapes_do_not_pass(self, tmp_path: Path) -> None:
        assert merged(tmp_path, "student,name\nada,\x1b[31mAda\u202e X\n").students == (Entry("ada", "[31mAda", "X"),)


class TestIds:
    @pytest.mark.parametrize(
        ("row", "student"),
        [
            ("alovelace,al@uni.example,17,Ada Lovelace", "alovelace"),
            ("AL@uni.example,,17,Ada Lovelace", "AL"),
            (",Ada.L@Uni.example,17,Ada Lovelace", "ada.l"),
            (",,17,Ada Lovelace", "17"),
            (",,,Ada Lovelace", "ada_lovelace"),
            ("a/b,../x@uni.example,17,Ada Lovelace", "17"),
        ],
    )
    def test_the_first_of_login_address_number_and_name_that_there_is(
        self, tmp_path: Path, row: str, student: str
    ) -> None:
        assert merged(tmp_path, f"Username,Email,ID number,Full name\n{row}\n").added == (student,)

    def test_another_column_can_be_chosen(self, tmp_path: Path) -> None:
        assert merged(tmp_path, CANVAS.replace("1003,,", "1003,s-19,"), id_column="sis user id").added == (
            "s-17", "s-18", "s-19",
        )  # fmt: skip

    def test_a_column_that_is_not_there_or_empty_is_said(self, tmp_path: Path) -> None:
        with pytest.raises(RosterError, match="has no column `matric`; it has: `Student`"):
            merged(tmp_path, CANVAS, id_column="matric")
        with pytest.raises(RosterError, match="line 6: the id `` is empty"):
            merged(tmp_path, CANVAS, id_column="SIS User ID")

    def test_two_persons_never_share_one(self, tmp_path: Path) -> None:
        found = merged(tmp_path, "Full name,Email\nA B,ab@one.example\nA B,AB@two.example\nC D,cd@one.example\n")

        assert found.added == ("ab@one.example", "ab@two.example", "cd")

    def test_where_nothing_tells_them_apart_both_lines_are_named(self, tmp_path: Path) -> None:
        with pytest.raises(RosterError, match=r"line 2 would be the student `ada_l`, who is in line 3 too; pass --id"):
            merged(tmp_path, "First name,Last name,Groups\nAda,L,A\nAda,L,B\n")

    def test_the_same_name_twice_is_told_apart_by_moodles_number(self, tmp_path: Path) -> None:
        before = Roster((Entry("ada", "Ada", "L"),))

        found = merged(tmp_path, "Identifier,Full name\nParticipant 1,Ada L\nParticipant 2,Ada L\n", before)

        assert found.added == ("ada_l_1", "ada_l_2")


class TestMerge:
    def test_nobody_is_dropped_and_what_is_known_is_kept(self, tmp_path: Path) -> None:
        before = Roster((Entry("ada", "Ada", "King", "ada@uni.example", login="al"), Entry("bob", "Bob")))

        found = merged(tmp_path, MOODLE, before)

        assert found.students == (
            Entry("ada", "Ada", "Lovelace", "ada@uni.example", login="al"),
            Entry("bob", "Bob"),
            Entry("j.nunez", "José", "Núñez", "j.nunez@uni.example"),
        )
        assert (found.added, found.updated, found.only_before) == (("j.nunez",), ("ada",), ("bob",))

    @pytest.mark.parametrize(
        ("first", "last", "full"),
        [
            ("小明", "王", "王小明"), ("娜", "李", "李 娜"), ("gboole", "", "gboole"),
            ("Anna", "De Rossi", "Anna De Rossi"), ("José", "Núñez", "Jose NUÑEZ"),
        ],
    )  # fmt: skip
    def test_a_full_name_never_spoils_first_and_last_name(
        self, tmp_path: Path, first: str, last: str, full: str
    ) -> None:
        before = Roster((Entry("ada", first, last, "a@uni.example"),))
        worksheet = f"Identifier,Full name,Email\nParticipant 4711,{full},a@uni.example\n"

        found = merged(tmp_path, worksheet, before)

        assert found.students == (Entry("ada", first, last, "a@uni.example", moodle_id="4711"),)

    def test_first_and_last_name_correct_what_was_taken_from_a_full_name(self, tmp_path: Path) -> None:
        before = Roster((Entry("ada", "Anna De", "Rossi", "a@uni.example"),))

        found = merged(tmp_path, "First name,Last name,Email\nAnna,De Rossi,a@uni.example\n", before)

        assert found.students == (Entry("ada", "Anna", "De Rossi", "a@uni.example"),)

    def test_a_second_import_changes_nothing(self, tmp_path: Path) -> None:
        family = "name,email,student id\nAda L,home@x.example,17\nBob L,home@x.example,18\n"
        logins = "name,login,email\nA,al,one@x.example\nB,al,two@x.example\n"
        for content in (CANVAS, MOODLE, WORKSHEET, "ada\nHopper, Grace\n", family, logins):
            first = merged(tmp_path, content)
            again = merged(tmp_path, content, Roster(first.students))

            assert (again.students, again.added, again.updated) == (first.students, (), ())

    def test_one_class_from_both_platforms_has_each_person_once(self, tmp_path: Path) -> None:
        canvas = merged(tmp_path, CANVAS.replace("alovelace", "ada@uni.example").replace("jnunez@", "j.nunez@"))

        found = merged(tmp_path, MOODLE, Roster(canvas.students))

        assert found.added == ()
        assert found.students[0] == Entry("ada", "Ada", "Lovelace", "ada@uni.example", "1001", "", "ada@uni.example")

    def test_who_shares_an_address_is_told_apart_by_name(self, tmp_path: Path) -> None:
        before = merged(tmp_path, "name,email\nAda L,home@x.example\n")

        found = merged(tmp_path, "name,email\nBob L,home@x.example\nAda L,home@x.example\n", Roster(before.students))

        assert [(entry.student, entry.first_name) for entry in found.students] == [
            ("home", "Ada"), ("home@x.example", "Bob"),
        ]  # fmt: skip

    def test_ids_that_are_in_use_stay_and_the_way_to_change_them_is_said(self, tmp_path: Path) -> None:
        before = Roster((Entry("ada.l", email="ada@uni.example"),))

        found = merged(tmp_path, "student,email\nalovelace,ada@uni.example\n", before)

        assert [entry.student for entry in found.students] == ["ada.l"]
        assert found.renamed == {"ada.l": "alovelace"}

    def test_an_id_of_somebody_else_is_not_taken(self, tmp_path: Path) -> None:
        before = Roster((Entry("ada", email="ada@one.example"),))

        assert merged(tmp_path, "name,email\nAda X,ada@two.example\n", before).added == ("ada@two.example",)

    def test_an_alias_in_the_file_is_the_student_it_stands_for(self, tmp_path: Path) -> None:
        before = Roster((Entry("adal"),), {"ada": "adal"})

        found = merged(tmp_path, "ada\n", before)

        assert (found.added, found.only_before, found.renamed) == ((), (), {})

    def test_students_keep_the_ids_of_the_gradebook(self, tmp_path: Path) -> None:
        path = put(tmp_path, CANVAS)
        people, _ = enrolment.read(path)

        found = enrolment.merge(path, people, Roster(), [Entry("ada_lovelace", canvas_id="1001")])

        assert found.added == ("ada_lovelace", "jnunez", "eve")
