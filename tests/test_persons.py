"""Who somebody is that a platform names: found by number, address or name, never guessed, never merged, never split."""

import pytest

from autograder.intake import persons
from autograder.intake.collected import HandedIn
from autograder.intake.lists import Row
from autograder.intake.persons import Earlier
from autograder.intake.platforms import Participant
from autograder.people.roster import Entry

ADA = Participant("moodle", "1", "Ada Lovelace")
ADA_AGAIN = Participant("moodle", "2", "Ada Lovelace")
CANVAS = Participant("canvas", "40312", "lovelaceada")
AL15 = Entry("al15", "Ada", "Lovelace")


@pytest.mark.parametrize(
    ("participant", "known", "student"),
    [
        (ADA, [], "ada_lovelace"),
        (ADA, [AL15], "al15"),
        (ADA, [Entry("al15", "ADA", "Lovelace"), Entry("bb", "Bob", "B")], "al15"),
        (Participant("moodle", "1", "Zoë Żak"), [Entry("zz", "Zoe", "Zak")], "zz"),
        (Participant("moodle", "1", "Zoe\u0308 Zak"), [Entry("zz", "Zoë", "Zak")], "zz"),
        (Participant("moodle", "1", "Miles OBrien"), [Entry("mo", "Miles", "O'Brien")], "mo"),
        (CANVAS, [], "lovelaceada"),
        (CANVAS, [AL15], "al15"),
        (CANVAS, [Entry("al15", "Someone", "Else", canvas_id="40312"), Entry("x", "Ada", "Lovelace")], "al15"),
        (Participant("moodle", "1", "李 伟"), [], "李_伟"),
        (Participant("moodle", "1", "../.."), [], "student"),
        (Participant("moodle", "4711", "Participant"), [], "participant_4711"),
        (Participant("moodle", "4711", "Teilnehmerin"), [Entry("p", "Teilnehmer", "in")], "teilnehmerin_4711"),
        (Participant("canvas", "Ab3xZ", "anon", is_anonymous=True), [], "anon_Ab3xZ"),
        (
            Participant("canvas", "40312", "anon", is_anonymous=True),
            [Entry("al15", "", "", canvas_id="40312")],
            "anon_40312",
        ),
    ],
)
def test_one_is_found_or_called_after_their_name(participant: Participant, known: list[Entry], student: str) -> None:
    found, doubts, _ = persons.recognised([participant], {}, known)

    assert (found, doubts) == ({participant: student}, [])


@pytest.mark.parametrize("group", ["Group A", "Lab-1", "Jean-Luc's team"])
def test_the_name_of_a_group_in_front_makes_no_second_student(group: str) -> None:
    participant = Participant("moodle", "1", f"{group}-Jean-Luc Picard".replace("'", ""))

    found, doubts, notes = persons.recognised([participant], {}, [Entry("jlp", "Jean-Luc", "Picard"), AL15])

    assert (found, doubts) == ({participant: "jlp"}, [])
    assert "taken for `jlp`, in the group" in notes[0]


def test_where_all_names_begin_with_groups_any_word_is_one() -> None:
    people = [Participant("moodle", "1", "Blue-Ada Lovelace"), Participant("moodle", "2", "Red-Maria Lopez")]

    found, _, _ = persons.recognised(people, {}, [AL15, Entry("ml", "Maria", "Lopez")])

    assert list(found.values()) == ["al15", "ml"]


@pytest.mark.parametrize("others", [[], [Participant("moodle", "2", "Bob Smith")]])
def test_a_double_name_is_not_a_group_and_a_name(others: list[Participant]) -> None:
    anna = Participant("moodle", "1", "Anna-Maria Lopez")

    found, _, notes = persons.recognised([anna, *others], {}, [Entry("ml", "Maria", "Lopez")])

    assert found[anna] == "anna_maria_lopez"
    assert "neither on the roster" in notes[0]


def test_two_persons_of_one_name_are_kept_apart_and_named() -> None:
    found, doubts, _ = persons.recognised([ADA, ADA_AGAIN], {}, [AL15])

    assert found == {ADA: "ada_lovelace_1", ADA_AGAIN: "ada_lovelace_2"}
    assert len(doubts) == 2
    assert "autograder roster rename ada_lovelace_1 ID" in doubts[0]


def test_who_is_sure_keeps_their_id_beside_one_of_the_same_name() -> None:
    rows = {"1": Row("1", "Ada Lovelace", "ada@x.org"), "2": Row("2", "Ada Lovelace", "other@x.org")}

    found, doubts, _ = persons.recognised([ADA, ADA_AGAIN], rows, [Entry("al15", "Ada", "Lovelace", email="ADA@x.org")])

    assert found == {ADA: "al15", ADA_AGAIN: "ada_lovelace_2"}
    assert len(doubts) == 1


def test_one_name_of_two_students_is_not_guessed() -> None:
    found, doubts, _ = persons.recognised([ADA], {}, [Entry("a1", "Ada", "Lovelace"), Entry("a2", "Ada", "Lovelace")])

    assert found == {ADA: "ada_lovelace_1"}
    assert "`a1` and `a2` have that name" in doubts[0]


def test_one_canvas_id_of_two_students_is_not_guessed() -> None:
    found, doubts, _ = persons.recognised(
        [CANVAS], {}, [Entry("a1", canvas_id="40312"), Entry("a2", canvas_id="40312")]
    )

    assert found == {CANVAS: "lovelaceada_40312"}
    assert len(doubts) == 1


@pytest.mark.parametrize(
    "other", [Entry("al15", "Alan", "L"), Entry("al15"), Entry("al15", email="x@y.z"), Entry("al15", canvas_id="5")]
)
def test_a_display_name_that_is_somebody_elses_id_is_not_that_person(other: Entry) -> None:
    participant = Participant("moodle", "7", "AL15")

    found, doubts, _ = persons.recognised([participant], {}, [other])

    assert found == {participant: "al15_7"}
    assert "the id `al15` is somebody else's" in doubts[0]


def test_an_id_that_spells_another_students_names_is_not_taken() -> None:
    found, doubts, _ = persons.recognised([ADA], {}, [Entry("ada_lovelace", "Augusta", "King")])

    assert found == {ADA: "ada_lovelace_1"}
    assert len(doubts) == 1


@pytest.mark.parametrize("name", ["1 mini", "venv", "__pycache__"])
def test_nobody_gets_an_id_that_is_never_collected(name: str) -> None:
    participant = Participant("moodle", "7", name)

    found, doubts, _ = persons.recognised([participant], {}, [], reserved={"1_mini"})

    assert found[participant].endswith("_7") or name == "__pycache__"
    assert len(doubts) == (name != "__pycache__")


def test_who_was_collected_before_keeps_the_id_that_grading_put_into_the_gradebook() -> None:
    known = [Entry("ada"), Entry("emmy_noether")]
    ada, emmy = Participant("moodle", "91", "Ada"), Participant("moodle", "92", "Emmy Noether")
    before = [Earlier(HandedIn("ada", "moodle", "81", "Ada"), here=False)]

    found, doubts, _ = persons.recognised([ada, emmy], {}, known, before)

    assert (found, doubts) == ({ada: "ada", emmy: "emmy_noether"}, [])


def test_who_was_renamed_stays_renamed() -> None:
    before = [Earlier(HandedIn("ada_lovelace", "moodle", "1", "Ada Lovelace"), here=True)]
    aliases = {"ada_lovelace": "al15"}

    found, doubts, _ = persons.recognised([ADA], {}, [Entry("al15")], before, lambda name: aliases.get(name, name))

    assert (found, doubts) == ({ADA: "al15"}, [])


def test_a_roster_that_comes_later_splits_nobody() -> None:
    before = [Earlier(HandedIn("ada_lovelace", "moodle", "1", "Ada Lovelace"), here=True)]

    found, _, notes = persons.recognised([ADA], {}, [AL15, Entry("ada_lovelace")], before)

    assert found == {ADA: "ada_lovelace"}
    assert "`autograder roster rename ada_lovelace al15`" in notes[0]


def test_who_takes_an_id_for_a_name_puts_nobody_in_doubt() -> None:
    found, doubts, _ = persons.recognised([ADA, Participant("moodle", "7", "AL15")], {}, [AL15])

    assert found[ADA] == "al15"
    assert sorted(found.values()) == ["al15", "al15_7"]
    assert len(doubts) == 1


def test_a_doubt_stays_until_somebody_says_who_it_is() -> None:
    before = [
        Earlier(HandedIn("ada_lovelace_1", "moodle", "1", "Ada Lovelace"), here=True),
        Earlier(HandedIn("ada_lovelace_2", "moodle", "2", "Ada Lovelace"), here=True),
    ]
    known = [AL15, Entry("ada_lovelace_1"), Entry("ada_lovelace_2")]

    found, doubts, _ = persons.recognised([ADA, ADA_AGAIN], {}, known, before)
    assert (list(found.values()), len(doubts)) == (["ada_lovelace_1", "ada_lovelace_2"], 2)

    aliases = {"ada_lovelace_2": "al15"}
    found, doubts, _ = persons.recognised([ADA, ADA_AGAIN], {}, known, before, lambda name: aliases.get(name, name))
    assert (list(found.values()), len(doubts)) == (["ada_lovelace_1", "al15"], 1)


def test_who_was_renamed_to_an_id_that_nothing_else_knows_is_not_in_doubt_any_more() -> None:
    who = Participant("moodle", "7", "AL15")
    before = [Earlier(HandedIn("al99", "moodle", "7", "AL15"), here=True)]

    found, doubts, _ = persons.recognised([who], {}, [AL15], before, lambda name: {"al15_7": "al99"}.get(name, name))

    assert (found, doubts) == ({who: "al99"}, [])


def test_what_a_list_said_before_still_holds() -> None:
    before = [Earlier(HandedIn("gb", "moodle", "1", "Ada Lovelace"), here=True)]

    found, doubts, _ = persons.recognised([ADA], {}, [AL15, Entry("gb", "George", "Boole")], before)

    assert (found, doubts) == ({ADA: "gb"}, [])


def test_who_was_filed_as_somebody_else_before_is_not_again() -> None:
    before = [Earlier(HandedIn("gb", "canvas", "40312", "lovelaceada"), here=True)]

    found, _, _ = persons.recognised(
        [CANVAS], {}, [Entry("gb", "George", "Boole"), Entry("al15", canvas_id="40312")], before
    )

    assert found == {CANVAS: "al15"}


def test_a_number_of_moodle_means_nothing_in_another_assignment() -> None:
    before = [Earlier(HandedIn("gb", "moodle", "1", "George Boole"), here=False)]

    found, _, _ = persons.recognised([ADA], {}, [], before)

    assert found == {ADA: "ada_lovelace"}


def test_moodles_worksheet_tells_who_is_behind_a_number() -> None:
    who = Participant("moodle", "4711", "Participant")

    found, doubts, _ = persons.recognised([who], {"4711": Row("4711", "Ada Lovelace")}, [AL15])

    assert (found, doubts) == ({who: "al15"}, [])


@pytest.mark.parametrize(
    ("name", "known", "student"),
    [
        ("Participant", Entry("al15", "Ada", "Lovelace", moodle_id="1"), "al15"),
        ("Ada Lovelace", Entry("al15", moodle_id="1"), "al15"),
        ("Blue-Ada Lovelace", Entry("al15", "Ada", "Lovelace", moodle_id="1"), "al15"),
        ("Team Blue", Entry("al15", "Ada", "Lovelace", moodle_id="1"), "team_blue"),
    ],
)
def test_a_number_of_moodle_on_the_roster_counts_where_no_name_speaks_against_it(
    name: str, known: Entry, student: str
) -> None:
    who = Participant("moodle", "1", name)

    assert persons.recognised([who], {}, [known])[:2] == ({who: student}, [])


def test_a_name_without_end_makes_an_id_that_a_disk_takes() -> None:
    people = [Participant("moodle", str(n), "ä" * 4000 + str(n)) for n in range(2)]

    found, _, _ = persons.recognised(people, {}, [])

    assert all(len(student.encode()) < 255 for student in found.values())
    assert len(set(found.values())) == 2


def test_a_name_on_canvas_is_not_the_student_who_has_another_number_there() -> None:
    found, doubts, _ = persons.recognised([CANVAS], {}, [Entry("al15", "Ada", "Lovelace", canvas_id="9")])

    assert found[CANVAS] == "lovelaceada_40312"
    assert "`al15` has that name and another Canvas id" in doubts[0]


def test_a_class_of_anonymous_people_is_one_line() -> None:
    people = [Participant("canvas", number, "anon", is_anonymous=True) for number in ("Ab3xZ", "aB3xZ", "12345")]

    _, doubts, notes = persons.recognised(people, {}, [AL15])

    assert doubts == []
    (note,) = notes
    assert note.startswith("`anon_12345` and 2 more are anonymous on Canvas")
