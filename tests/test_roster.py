"""The roster and its aliases: what is read of files that spreadsheets and people write."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder import sheets
from autograder.course import CourseError
from autograder.people import roster
from autograder.people.roster import Entry


def put(path: Path, content: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(content.encode(encoding))
    return path


class TestLoad:
    def test_without_files_there_is_an_empty_roster(self, tmp_path: Path) -> None:
        found = roster.load(tmp_path)

        assert found.students == ()
        assert found.student_of("ada") == "ada"

    def test_columns_may_be_missing_in_any_order_and_of_ones_own(self, tmp_path: Path) -> None:
        put(tmp_path / "roster.csv", "email,Student,tutor,First Name\nada@example.org,ada,mei,Ada\n,bob\n")

        assert roster.load(tmp_path).students == (Entry("ada", "Ada", "", "ada@example.org"), Entry("bob"))

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
    @pytest.mark.parametrize("separator", [",", ";", "\t"])
    @pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
    def test_whatever_a_spreadsheet_makes_of_it_is_read(
        self, tmp_path: Path, encoding: str, separator: str, newline: str
    ) -> None:
        lines = (separator.join(row) for row in (["student", "last_name"], ["josé", '"Núñez, Jr.; III"'], []))
        put(tmp_path / "roster.csv", newline.join(lines), encoding)

        assert roster.load(tmp_path).students == (Entry("josé", "", "Núñez, Jr.; III"),)

    @pytest.mark.parametrize(
        ("content", "says"),
        [
            ("name\nada\n", "needs one column `student`"),
            ("student,student\nada,bob\n", "needs one column `student`"),
            ("student\nada\nada\n", "line 3: `ada` is already in line 2"),
            ("student\njos\u00e9\njose\u0301\n", "line 3: `josé` is already in line 2"),
            ("student,email\n,ada@example.org\n", "line 2: the student `` is empty"),
            ("student\n../ada\n", "line 2: the student `../ada` can't be the name of a folder"),
            ("student\n\x1b[31mada\n", "characters that can't be printed"),
            ("student\n" + "a" * 256, "longer than 255 bytes"),
            ("student,email\nada,Lovelace,ada@example.org\n", "line 2 has more cells than the first line"),
            ('student\n"ada\nbob\n', "line 2: unexpected end of data"),
        ],
    )
    def test_what_cannot_be_meant_is_refused_with_its_line(self, tmp_path: Path, content: str, says: str) -> None:
        put(tmp_path / "roster.csv", content)

        with pytest.raises(CourseError) as error:
            roster.load(tmp_path)
        assert says in str(error.value)
        assert str(error.value).isprintable()
        assert "roster.csv" in str(error.value)

    def test_a_workbook_a_folder_and_a_huge_file_are_refused(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "roster.csv").write_bytes(b"PK\x03\x04rest")
        with pytest.raises(CourseError, match="save it as CSV"):
            roster.load(tmp_path)
        (tmp_path / "roster.csv").unlink()
        (tmp_path / "roster.csv").mkdir()
        with pytest.raises(CourseError, match="can't be read"):
            roster.load(tmp_path)
        (tmp_path / "roster.csv").rmdir()
        monkeypatch.setattr(sheets, "MAX_BYTES", 20)
        put(tmp_path / "roster.csv", "student\n" + "ada\n" * 20)
        with pytest.raises(CourseError, match="larger than"):
            roster.load(tmp_path)


class TestAliases:
    def test_a_name_stands_for_a_student_over_others_and_in_either_unicode_form(self, tmp_path: Path) -> None:
        put(tmp_path / "aliases.csv", "alias,student\njos\u00e9_1,jose\njose,jgarcia\n")

        found = roster.load(tmp_path)

        assert found.student_of("jose") == "jgarcia"
        assert found.student_of(unicodedata.normalize("NFD", "josé_1")) == "jgarcia"
        assert found.student_of("jos\u0065\u0301") == "josé"

    def test_names_that_lead_in_a_circle_are_refused(self, tmp_path: Path) -> None:
        put(tmp_path / "aliases.csv", "alias,student\na,b\nb,c\nc,b\n")

        with pytest.raises(CourseError, match="leads back to itself"):
            roster.load(tmp_path)

    def test_a_name_that_stands_for_two_students_is_refused(self, tmp_path: Path) -> None:
        put(tmp_path / "aliases.csv", "alias,student\na,b\na,c\n")

        with pytest.raises(CourseError, match="line 3: `a` is already in line 2"):
            roster.load(tmp_path)


class TestSheets:
    def test_excels_own_line_for_the_separator_is_obeyed(self, tmp_path: Path) -> None:
        path = put(tmp_path / "a.csv", "sep=;\r\nstudent;name\r\nada;Lovelace, Ada\r\n")

        rows = sheets.read(path).rows

        assert [row.cells for row in rows] == [("student", "name"), ("ada", "Lovelace, Ada")]
        assert [row.line for row in rows] == [2, 3]

    def test_lines_are_those_of_the_file_also_behind_cells_of_several(self, tmp_path: Path) -> None:
        path = put(tmp_path / "a.csv", 'student,note\n\nada,"two\nlines"\nbob,\n')

        assert [row.line for row in sheets.read(path).rows] == [1, 3, 5]

    @given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Z"]), min_size=1), min_size=1))
    def test_what_is_written_is_read_again_and_no_formula(
        self, tmp_path_factory: pytest.TempPathFactory, cells: list[str]
    ) -> None:
        path = tmp_path_factory.mktemp("sheet") / "a.csv"

        sheets.write(path, [["a", "b", "c"], *([cell, "x", "y"] for cell in cells)])
        read = [row.cells[0] for row in sheets.read(path).rows[1:]]

        assert [sheets.plain(cell) for cell in read] == [cell.strip() for cell in cells]
        assert not any(cell.startswith(tuple(sheets.FORMULA_STARTS)) for cell in read)

    @pytest.mark.parametrize(
        ("rows", "prefer_old", "after"),
        [
            ("ada;1;a\nbob;1;ada\n", False, "adal;1;a\nbob;1;ada\n"),
            ("ada;1;a\nadal;2;b\n", False, "adal;1;a\nadal;2;b\n"),
            ("ada;1;a\nadal;1;\nada;2;\n", False, "adal;1;a\nadal;2;\n"),
            ("ada;1;a\nadal;1;b\n", False, "adal;1;b\n"),
            ("ada;1;a\nadal;1;b\n", True, "adal;1;a\n"),
            ("bob;1;a\n", False, "bob;1;a\n"),
        ],
    )
    def test_rows_of_one_name_become_rows_of_another(
        self, tmp_path: Path, rows: str, prefer_old: bool, after: str
    ) -> None:
        path = put(tmp_path / "a.csv", f"Student;section;due\n{rows}", "utf-8-sig")

        for _ in range(2):
            sheets.rename_rows(path, "student", "ada", "adal", ("section",), prefer_old=prefer_old)

            assert path.read_bytes().decode("utf-8-sig") == f"Student;section;due\n{after}"
            assert path.read_bytes().startswith(b"\xef\xbb\xbf")
