from __future__ import annotations

import json
import os
import re
import stat
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

from autograder.corpus.disagreements import disagreements
from autograder.corpus.reader import load_samples
from autograder.corpus.samples import Sample, SampleError, write_class
from autograder.corpus.tables import KEYS
from autograder.course import Course, CourseError, Item, Limits, Section
from autograder.submissions.collect import collect
from tests.conftest import ROOT

SECTION = Section(
    "1_entropy",
    "Entropy",
    "1_entropy.ipynb",
    ("entropy.py",),
    ("helpers.py",),
    (Item("example-1", "", "module", 10, "entropy.py"), Item("exercise-1", "", "notebook", 6)),
    Limits(1, 1, 1, 1, 1, 1, 1, 1, 1),
)
PROSE_SECTION = Section(
    "1_entropy",
    "Entropy",
    "1_entropy.ipynb",
    ("entropy.py",),
    ("helpers.py",),
    (*SECTION.items, Item("exercise-1-explanation", "", "prose", 2)),
    SECTION.limits,
)
MINIMAL = 'student = "ada"\nabout = "x"\nbase = "reference"\n[expect]\n'


def based_on(base: str) -> str:
    return MINIMAL.replace("reference", base)


def replace(there: str, text: str, by: str) -> str:
    return f'{MINIMAL}\n[[replace]]\nin = "{there}"\ntext = "{text}"\nby = "{by}"\n'


def notebook(solution: str) -> bytes:
    def cell(grade_id: str, source: str, **nbgrader: bool) -> dict[str, Any]:
        return {
            "cell_type": "code", "execution_count": None, "outputs": [], "source": source,
            "metadata": {"nbgrader": {"grade_id": grade_id, "solution": False, **nbgrader}},
        }  # fmt: skip

    cells = [cell("imports", "import entropy", locked=True), cell("exercise-1", solution, solution=True)]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


@pytest.fixture
def course(tmp_path: Path) -> Course:
    for tree, module, solution in (("assignments", b"stub", "..."), ("solutions", b"right", "x = 1")):
        folder = tmp_path / tree / "1_entropy"
        folder.mkdir(parents=True)
        (folder / "entropy.py").write_bytes(module)
        (folder / "helpers.py").write_bytes(b"help")
        (folder / "1_entropy.ipynb").write_bytes(notebook(solution))
    return Course(tmp_path, tmp_path / "suites", "course", "Course", 0, (SECTION,))


def add(course: Course, text: str = MINIMAL, name: str = "sample", shelf: str = "class", **files: bytes) -> Path:
    folder = course.root / "tests" / "corpus" / shelf / "1_entropy" / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sample.toml").write_text(text, encoding="utf-8")
    for file, content in files.items():
        (folder / file.replace("__", ".").replace("_1", "-1")).write_bytes(content)
    return folder


def loaded(course: Course, text: str = MINIMAL, **files: bytes) -> Sample:
    add(course, text, **files)
    (sample,) = load_samples(course)
    return sample


def sources(sample: Sample) -> list[str]:
    return [cell["source"] for cell in json.loads(sample.files["1_entropy.ipynb"])["cells"]]


class TestFiles:
    def test_the_reference_is_the_released_notebook_with_the_solutions_in_it(self, course: Course) -> None:
        sample = loaded(course)

        assert sample.files["entropy.py"] == b"right"
        assert sample.files["helpers.py"] == b"help"
        assert sources(sample) == ["import entropy", "x = 1"]

    def test_the_stub_is_what_was_released(self, course: Course) -> None:
        sample = loaded(course, MINIMAL.replace("reference", "stub"))

        assert sample.files["entropy.py"] == b"stub"
        assert sources(sample) == ["import entropy", "..."]

    def test_files_of_the_sample_replace_those_of_the_base(self, course: Course) -> None:
        sample = loaded(course, entropy__py=b"mine", exercise_1__py=b"x = 2\n", numpy__py=b"")

        assert sample.files["entropy.py"] == b"mine"
        assert sample.files["numpy.py"] == b""
        assert "exercise-1.py" not in sample.files
        assert sources(sample) == ["import entropy", "x = 2"]

    def test_code_can_be_added_to_the_bases(self, course: Course) -> None:
        sample = loaded(course, entropy__append__py=b" and more")

        assert sample.files["entropy.py"] == b"right and more"
        assert "entropy.append.py" not in sample.files

    def test_files_can_be_missing_and_made(self, course: Course) -> None:
        sample = loaded(course, f'''remove = ["helpers.py"]
            {MINIMAL}
            [[make]]
            file = "a/b.bin"
            hex = "ff00"
            repeat = 2
            [[make]]
            symlink = "entropy.py"
            target = "/etc/passwd"
            [[make]]
            fifo = "pipe"''')  # fmt: skip

        assert set(sample.files) == {"1_entropy.ipynb", "a/b.bin"}
        assert sample.files["a/b.bin"] == b"\xff\x00\xff\x00"
        assert sample.links == {"entropy.py": "/etc/passwd"}
        assert sample.pipes == ("pipe",)

    def test_files_can_have_other_names_and_lie_beside_what_was_released(self, course: Course, tmp_path: Path) -> None:
        text = f'rename = {{ "entropy.py" = "a/entropy (1).py" }}\nreleased = ["entropy.py"]\ncalled = "1_Entropy"\n{MINIMAL}'
        sample = loaded(course, text)

        write_class(load_samples(course), tmp_path / "class")

        assert sample.files["a/entropy (1).py"] == b"right"
        assert sample.files["entropy.py"] == b"stub"
        assert (tmp_path / "class" / "ada" / "1_Entropy" / "a" / "entropy (1).py").is_file()

    @pytest.mark.parametrize("name", ["x.zip", "x.tar", "x.tar.gz", "x.tar.bz2", "x.tar.xz"])
    def test_files_can_be_packed_and_packed_again(self, course: Course, tmp_path: Path, name: str) -> None:
        sample = loaded(course, f'pack = ["{name}", "y.zip"]\n{MINIMAL}')

        assert set(sample.files) == {"y.zip"}
        write_class(load_samples(course), tmp_path / "class")
        (attempt,) = collect(course, tmp_path / "class").attempts
        assert attempt.files["entropy.py"] == b"right"

    def test_files_that_no_editor_makes_are_written(self, course: Course, tmp_path: Path) -> None:
        loaded(course, f'''{MINIMAL}
            [[make]]
            file = "n{{}}.txt"
            text = "x"
            count = 3
            [[make]]
            file = "caf\u00e9.py"
            text = "y"
            latin1 = true
            [[make]]
            socket = "socket"
            [[make]]
            device = "device"
            [[make]]
            hardlink = "again.py"
            target = "entropy.py"
            [[make]]
            sparse = "deep/sparse.bin"
            size = 1000000000''')  # fmt: skip

        write_class(load_samples(course), tmp_path / "class")

        folder = tmp_path / "class" / "ada" / "1_entropy"
        assert [(folder / f"n{n}.txt").read_bytes() for n in range(3)] == [b"x"] * 3
        assert (folder / os.fsdecode(b"caf\xe9.py")).read_bytes() == b"y"
        assert (folder / "socket").is_socket()
        assert (folder / "device").is_char_device()
        assert (folder / "again.py").samefile(folder / "entropy.py")
        assert (folder / "deep" / "sparse.bin").stat().st_size == 10**9
        assert (folder / "deep" / "sparse.bin").stat().st_blocks == 0

    def test_cells_can_be_edited(self, course: Course) -> None:
        sample = loaded(course, f'''{MINIMAL}
            [[cell]]
            at = "imports"
            source = "import evil"
            [[cell]]
            before = "imports"
            source = "# first"
            tags = ["demonstration"]
            [[cell]]
            after = "exercise-1"
            source_of = "exercise-1"
            grade_id = "exercise-1"
            [[cell]]
            remove = "exercise-1"''')  # fmt: skip

        cells = json.loads(sample.files["1_entropy.ipynb"])["cells"]
        assert sources(sample) == ["# first", "import evil", "x = 1"]
        assert cells[0]["metadata"]["tags"] == ["demonstration"]
        assert cells[2]["metadata"]["nbgrader"]["solution"] is True

    def test_the_source_or_the_output_of_a_cell_can_be_repeated(self, course: Course) -> None:
        edit = '[[cell]]\nat = "exercise-1"\nsource = "x"\nrepeat = 3\n'

        written, printed = (loaded(course, f"{MINIMAL}\n{edit}{output}") for output in ("", 'output = "y"'))

        assert sources(written)[-1] == "xxx"
        assert sources(printed)[-1] == "x"
        assert b'"yyy"' in printed.files["1_entropy.ipynb"]

    def test_zips_hold_what_no_tool_would_pack(self, course: Course, tmp_path: Path) -> None:
        loaded(course, f'''zip = true
            zip_top = "1_entropy"
            {MINIMAL}
            [[zip_entry]]
            name = "../../evil.py"
            text = "x"
            repeat = 3
            [[zip_entry]]
            name = "link"
            symlink = "/etc/passwd"''')  # fmt: skip
        write_class(load_samples(course), tmp_path / "class")

        path = tmp_path / "class" / "ada" / "1_entropy.zip"
        with zipfile.ZipFile(path) as archive:
            assert archive.read("1_entropy/entropy.py") == b"right"
            assert archive.read("../../evil.py") == b"xxx"
            assert stat.S_ISLNK(archive.getinfo("link").external_attr >> 16)

    def test_bytes_of_a_zip_can_be_exchanged(self, course: Course) -> None:
        archive = loaded(course, f'zip = true\nzip_replace = [["656e74726f7079", "454e54524f5059"]]\n{MINIMAL}').archive

        assert archive is not None
        assert b"ENTROPY.py" in archive
        assert b"entropy.py" not in archive

    def test_a_zip_can_be_cut_short(self, course: Course) -> None:
        whole = loaded(course, f"zip = true\n{MINIMAL}").archive
        cut = loaded(course, f"zip = true\nzip_cut = 10\n{MINIMAL}").archive

        assert whole is not None
        assert cut == whole[:-10]


class TestAnotherSampleAsBase:
    """A base `<shelf>/<sample>`: the files of that sample are where this one starts."""

    def test_its_files_and_cells_are_handed_in_too(self, course: Course) -> None:
        add(course, name="plain", shelf="bases", entropy__py=b"plain", exercise_1__py=b"x = 2\n")

        sample = loaded(course, based_on("bases/plain"), helpers__py=b"mine")

        assert sample.files["entropy.py"] == b"plain"
        assert sample.files["helpers.py"] == b"mine"
        assert sources(sample) == ["import entropy", "x = 2"]

    def test_its_expectation_is_its_own(self, course: Course) -> None:
        add(course, f"{MINIMAL}points = {{ exercise-1 = 3 }}", name="plain", shelf="bases")

        sample = loaded(course, based_on("bases/plain"))

        assert (sample.name, sample.expect.points) == ("sample", {})

    def test_it_may_have_a_base_of_the_kind_itself(self, course: Course) -> None:
        add(course, name="first", shelf="bases", entropy__py=b"first")
        add(course, based_on("bases/first"), name="second", shelf="bases", exercise_1__py=b"x = 2\n")

        sample = loaded(course, based_on("bases/second"))

        assert sample.files["entropy.py"] == b"first"
        assert sources(sample)[1] == "x = 2"

    def test_a_circle_is_named(self, course: Course) -> None:
        add(course, based_on("bases/second"), name="first", shelf="bases")
        path = add(course, based_on("bases/first"), name="second", shelf="bases")

        with pytest.raises(SampleError) as caught:
            loaded(course, based_on("bases/first"))

        reason = "`base` refers to itself in a circle: bases/first -> bases/second -> bases/first"
        assert str(caught.value) == f"{path / 'sample.toml'}: {reason}"

    @pytest.mark.parametrize("base", ["bases/other", "bases", "bases/", "../class/plain", "bases/..", "/bases/plain"])
    def test_one_that_is_not_there_is_named(self, course: Course, base: str) -> None:
        add(course, name="plain", shelf="bases")
        path = add(course, based_on(base))

        with pytest.raises(SampleError) as caught:
            load_samples(course)

        assert str(caught.value).startswith(
            f"{path / 'sample.toml'}: `base` must be reference, stub, empty, or <shelf>"
        )
        assert str(caught.value).endswith(f"got {base!r}")

    def test_cells_of_a_notebook_that_is_broken_cannot_be_changed(self, course: Course) -> None:
        add(course, name="plain", shelf="bases", **{"1_entropy__ipynb": b"{"})
        add(course, based_on("bases/plain"), exercise_1__py=b"x = 2")

        with pytest.raises(SampleError, match="its notebook is not JSON"):
            load_samples(course)

    @pytest.mark.parametrize(
        "key",
        ['pack = ["x.zip"]\n{}', "zip = true\n{}", '{}[[make]]\nfile = "x"\ntext = ""'],
        ids=["pack", "zip", "make"],
    )
    def test_one_that_hands_in_more_than_plain_files_is_refused(self, course: Course, key: str) -> None:
        add(course, key.format(MINIMAL), name="plain", shelf="bases")

        with pytest.raises(
            SampleError, match="names 'bases/plain', which can't be started from because it has the key"
        ):
            loaded(course, based_on("bases/plain"))


class TestReplace:
    """A `[[replace]]`: as the base, but for one text."""

    def test_text_of_a_file_is_replaced(self, course: Course) -> None:
        sample = loaded(course, replace("entropy.py", "igh", "o"))

        assert sample.files["entropy.py"] == b"rot"

    def test_text_of_a_cell_is_replaced(self, course: Course) -> None:
        sample = loaded(course, replace("exercise-1", "1", "2"))

        assert sources(sample) == ["import entropy", "x = 2"]

    def test_text_of_the_samples_own_files_is_replaced_too(self, course: Course) -> None:
        sample = loaded(course, replace("entropy.py", "mine", "yours"), entropy__py=b"mine", exercise_1__py=b"x = 3")

        assert sample.files["entropy.py"] == b"yours"

    def test_several_are_made_one_after_the_other(self, course: Course) -> None:
        sample = loaded(
            course, replace("entropy.py", "right", "wrong") + replace("entropy.py", "wrong", "left")[len(MINIMAL) :]
        )

        assert sample.files["entropy.py"] == b"left"

    def test_text_that_occurs_as_often_as_said_is_replaced_everywhere(self, course: Course) -> None:
        sample = loaded(course, f"{replace('entropy.py', 'a', 'b')}times = 2\n", entropy__py=b"a = a")

        assert sample.files["entropy.py"] == b"b = b"

    def test_bytes_that_are_not_text_stay(self, course: Course) -> None:
        sample = loaded(course, replace("entropy.py", "a", "b"), entropy__py=b"\xff a \xfe")

        assert sample.files["entropy.py"] == b"\xff b \xfe"

    @pytest.mark.parametrize(
        ("there", "text", "more", "reason"),
        [
            ("entropy.py", "left", "", "must occur exactly once in `entropy.py`; it occurs 0 times: 'left'"),
            ("helpers.py", "h", "", "must occur exactly once in `helpers.py`; it occurs 2 times: 'h'"),
            ("helpers.py", "h", "times = 3", "must occur 3 times in `helpers.py`; it occurs 2 times: 'h'"),
            ("entropy.py", "x", "times = 0", "must occur 0 times in `entropy.py`; it occurs 0 times: 'x'"),
            ("entropy.py", "", "", "must occur exactly once in `entropy.py`; it occurs 0 times: ''"),
            ("exercise-1", "y", "", "must occur exactly once in `exercise-1`; it occurs 0 times: 'y'"),
            ("losses.py", "x", "", "names 'losses.py', which is neither a file of the base nor an item"),
            ("entropy.py", "right", "all = true", "replace 1 has the unknown key `all`"),
        ],
    )
    def test_text_that_is_not_there_as_often_as_said_is_named(
        self, course: Course, there: str, text: str, more: str, reason: str
    ) -> None:
        path = add(course, replace(there, text, "new") + more, helpers__py=b"hh")

        with pytest.raises(SampleError) as caught:
            load_samples(course)

        assert str(caught.value).startswith(f"{path / 'sample.toml'}: ")
        assert reason in str(caught.value)


class TestProse:
    @pytest.fixture
    def prose(self, course: Course) -> Course:
        """Return a course whose notebook has a cell for an explanation."""
        for tree, answer in (("assignments", "*Write here.*"), ("solutions", "Because.")):
            path = course.root / tree / "1_entropy" / "1_entropy.ipynb"
            document = json.loads(path.read_text(encoding="utf-8"))
            marks = {"grade_id": "exercise-1-explanation", "solution": True, "grade": True, "locked": False}
            document["cells"].append({"cell_type": "markdown", "source": answer, "metadata": {"nbgrader": marks}})
            path.write_text(json.dumps(document), encoding="utf-8")
        return Course(course.root, course.suites, "course", "Course", 0, (PROSE_SECTION,))

    def text(self, course: Course, toml: str = MINIMAL, **files: bytes) -> str:
        return sources(loaded(course, toml, **files))[-1]

    def test_a_markdown_file_is_the_students_text(self, prose: Course) -> None:
        sample = loaded(prose, **{"exercise-1-explanation.md": "Ein Würfel.\n".encode()})

        assert sources(sample) == ["import entropy", "x = 1", "Ein Würfel."]
        assert "exercise-1-explanation.md" not in sample.files

    def test_the_bases_have_the_model_answer_and_the_stub(self, prose: Course) -> None:
        assert self.text(prose) == "Because."
        assert self.text(prose, MINIMAL.replace("reference", "stub")) == "*Write here.*"

    def test_the_attempt_is_expected_to_wait_for_a_person(self, prose: Course) -> None:
        assert loaded(prose).expect.status == "needs review"
        assert loaded(prose, f'{MINIMAL}status = "not judged"').expect.status == "not judged"

    @pytest.mark.parametrize(("wanted", "suggested"), [("1.5", 1.5), ("2", 2.0), ('"none"', None)])
    def test_the_suggestion_is_compared(self, prose: Course, wanted: str, suggested: float | None) -> None:
        sample = loaded(prose, f"{MINIMAL}suggestion = {{ exercise-1-explanation = {wanted} }}")

        assert disagreements(sample, self.record(suggested)) == []
        (found,) = disagreements(sample, self.record(0.5))
        assert found == f"exercise-1-explanation: 0.5 points are suggested, not {suggested} (A remark.)"

    @pytest.mark.parametrize(
        ("suggestion", "reason"),
        [
            ("{ exercise-1 = 2 }", "'exercise-1', which is not an item in prose"),
            ('{ exercise-1-explanation = "two" }', "write points or"),
            ("{ exercise-1-explanation = true }", "write points or"),
        ],
    )
    def test_an_impossible_expectation_is_named(self, prose: Course, suggestion: str, reason: str) -> None:
        with pytest.raises(SampleError, match=reason):
            loaded(prose, f"{MINIMAL}suggestion = {suggestion}")

    def record(self, suggested: float | None) -> dict[str, Any]:
        suggestion = None if suggested is None else {"points": suggested}
        explanation = {"points": None, "checks": [], "suggestion": suggestion, "remarks": ["A remark."]}
        return {**record(status="needs review"), "items": {"exercise-1-explanation": explanation}}


class TestClass:
    def test_it_is_written_in_the_layout_that_is_collected(self, course: Course, tmp_path: Path) -> None:
        odd = "<img src=x onerror=alert(1)> $(touch pwned)"
        add(course, MINIMAL.replace("ada", odd), "odd")
        add(course, f"zip = true\n{MINIMAL}", "zipped")

        write_class(load_samples(course), tmp_path / "class")

        first, second = collect(course, tmp_path / "class").attempts
        assert (first.student, second.student) == (odd, "ada")
        assert first.digest == second.digest

    @pytest.mark.parametrize(
        "text",
        [
            f'zip = true\n{MINIMAL}\n[[zip_entry]]\nname = "x"\ntext = ""',
            *(
                f'pack = ["x.{ending}"]\nzip = true\n{MINIMAL}'
                for ending in ("zip", "tar", "tar.gz", "tar.bz2", "tar.xz")
            ),
        ],
    )
    def test_it_is_the_same_every_time(
        self, course: Course, tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        add(course, text)

        write_class(load_samples(course), tmp_path / "one")
        monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
        write_class(load_samples(course), tmp_path / "two")

        one, two = (tmp_path / name / "ada" / "1_entropy.zip" for name in ("one", "two"))
        assert one.read_bytes() == two.read_bytes()

    def test_it_is_not_written_over_anything(self, course: Course, tmp_path: Path) -> None:
        with pytest.raises(SampleError, match="is not empty"):
            write_class(load_samples(course), tmp_path)

    def test_a_course_that_was_not_built_is_refused(self, course: Course) -> None:
        add(course)
        (course.root / "solutions" / "1_entropy" / "entropy.py").unlink()

        with pytest.raises(CourseError, match=r"entropy\.py is missing; run `autograder build`"):
            load_samples(course)


class TestReadme:
    """The description of the format in the README of the corpus."""

    @pytest.fixture
    def blocks(self) -> list[dict[str, Any]]:
        """Return the examples."""
        text = (ROOT / "tests" / "corpus" / "README.md").read_text(encoding="utf-8")
        return [tomllib.loads(block) for block in re.findall(r"(?ms)^```toml\n(.*?)^```", text)]

    def test_every_key_is_shown_and_no_other(self, blocks: list[dict[str, Any]]) -> None:
        shown: dict[str, set[str]] = {"": set()}
        for name, value in ((name, value) for block in blocks for name, value in block.items()):
            shown[""].add(name)
            if name in KEYS:
                for table in value if isinstance(value, list) else [value]:
                    shown.setdefault(name, set()).update(table)

        assert shown == KEYS

    def test_its_first_sample_is_one_of_the_corpus(self, blocks: list[dict[str, Any]]) -> None:
        path = ROOT / "tests" / "corpus" / "class" / "1_entropy" / "mistake-axis" / "sample.toml"

        assert blocks[0] == tomllib.loads(path.read_text(encoding="utf-8"))


class TestRefusals:
    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("", "lacks the key `student`"),
            ("student = ", "is not valid TOML"),
            (MINIMAL.replace("[expect]", "expect = 3"), "`expect` must be a table"),
            (
                MINIMAL.replace("reference", "references"),
                "`base` must be reference, stub, empty, or <shelf>/<sample> of this section; got 'references'",
            ),
            (MINIMAL.replace("ada", "a/b"), "the name of one folder; got 'a/b'"),
            (MINIMAL.replace("ada", ".."), "the name of one folder"),
            (MINIMAL.replace("ada", "é" * 128), "the name of one folder"),
            (MINIMAL.replace("about", "abuot"), "unknown key `abuot`"),
            (MINIMAL.replace('"x"', "3"), "`about` must be a text in quotes; got 3"),
            (f'remove = ["x.py"]\n{MINIMAL}', "`remove` names 'x.py'"),
            (f'rename = {{ "x.py" = "y.py" }}\n{MINIMAL}', "`rename` names 'x.py'"),
            (f'released = ["x.py"]\n{MINIMAL}', "`released` names 'x.py'"),
            (f'pack = ["x.7z"]\n{MINIMAL}', "`pack` can make a zip or a tar, not 'x.7z'"),
            (f'zip_top = "x"\n{MINIMAL}', "need `zip = true`"),
            (f'by_the_clock = "sometimes"\n{MINIMAL}', "`by_the_clock` must be true or false"),
            (f"{MINIMAL}[[make]]\n", "one of `symlink`, `fifo`, `file`"),
            (f'{MINIMAL}[[make]]\nfile = "../x"\ntext = ""', "a path inside of the submission"),
            (f'{MINIMAL}[[make]]\nfile = "x"\n', "needs one of `text`, `hex`"),
            (f'{MINIMAL}[[make]]\nfile = "x"\nhex = "x"\n', "can't be read"),
            (f'{MINIMAL}[[make]]\nsymlink = "x"\n', "lacks the key `target`"),
            (f'zip = true\n{MINIMAL}[[make]]\nfifo = "x"\n', "describe them in a"),
            (f"{MINIMAL}[[cell]]\n", "one of `at`, `before`"),
            (f'{MINIMAL}[[cell]]\nat = "x"\n', "no cell with the grade_id 'x'"),
            (f'{MINIMAL.replace("reference", "empty")}[[cell]]\nat = "imports"\n', "notebook of a base only"),
            (f'{MINIMAL}all_of = {{ exercise-2 = "wrong" }}', "'exercise-2', which is not an item"),
            (f'{MINIMAL}all_of = {{ exercise-1 = "wrnog" }}', "'exercise-1' must be one of not judged, refused,"),
            (f"{MINIMAL}functions = {{ f = [] }}", "'f' must be one of"),
            (f"{MINIMAL}points = {{ exercise-1 = 7 }}", "gives `exercise-1` 7 points; it is worth 6"),
            (f"{MINIMAL}points = {{ exercise-1 = nan }}", "it is worth 6"),
            (f'{MINIMAL}status = "done"', "`status` must be one of"),
        ],
    )
    def test_a_sample_that_contradicts_itself_is_named(self, course: Course, text: str, reason: str) -> None:
        path = add(course, text) / "sample.toml"

        with pytest.raises(SampleError) as caught:
            load_samples(course)

        assert reason in str(caught.value)
        assert str(caught.value).startswith(str(path))

    def test_code_that_belongs_to_no_file_is_named(self, course: Course) -> None:
        add(course, losses__append__py=b"")

        with pytest.raises(SampleError, match=r"no `losses\.py` to which"):
            load_samples(course)

    def test_a_missing_table_and_a_student_given_twice_are_named(self, course: Course) -> None:
        folder = add(course)
        add(course, name="second")
        with pytest.raises(SampleError, match="the student of `sample` appears here too"):
            load_samples(course)

        (folder / "sample.toml").unlink()
        with pytest.raises(SampleError, match=r"sample\.toml is missing"):
            load_samples(course)

    def test_a_folder_of_no_section_is_named(self, course: Course) -> None:
        (course.root / "tests" / "corpus" / "class" / "2_divergence").mkdir(parents=True)

        with pytest.raises(SampleError, match="is not named after a section"):
            load_samples(course)


def check(name: str, verdict: str, function: str | None = "f", hints: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "name": name, "verdict": verdict, "function": function, "message": "why",
        "hints": [{"misconception": hint} for hint in hints],
    }  # fmt: skip


def record(*checks: dict[str, Any], **changes: Any) -> dict[str, Any]:
    items = {"example-1": {"points": 5.0, "checks": list(checks)}, "exercise-1": {"points": 6.0, "checks": []}}
    return {"status": "judged", "reason": None, "notes": [], "items": items, **changes}


class TestExpectations:
    @pytest.mark.parametrize(
        ("expect", "checks"),
        [
            ("", [check("a", "passed")]),
            ('all_of = { example-1 = "missing" }', [check("a", "missing"), check("b", "missing", None)]),
            ('all_of = { example-1 = ["crashed", "error"] }', [check("a", "crashed"), check("b", "error")]),
            ('functions = { f = "error" }', [check("a", "error"), check("b", "passed"), check("c", "passed", "g")]),
            ('checks = { a = "wrong" }', [check("a", "wrong"), check("b", "passed")]),
            ("points = { example-1 = 5 }", [check("a", "passed")]),
            ('misconceptions = ["nats"]\nchecks = { a = "wrong" }', [check("a", "wrong", hints=("nats",))]),
        ],
    )
    def test_a_record_as_expected_has_no_disagreement(
        self, course: Course, expect: str, checks: list[dict[str, Any]]
    ) -> None:
        assert disagreements(loaded(course, MINIMAL + expect), record(*checks)) == []

    @pytest.mark.parametrize(
        ("expect", "checks", "complaint"),
        [
            ("", [check("a", "wrong")], "example-1, a: wrong (why), not passed"),
            ('all_of = { example-1 = "missing" }', [check("a", "passed")], "example-1, a: passed (why), not missing"),
            ('functions = { f = "error" }', [check("a", "wrong")], "example-1, a: wrong (why), not error or passed"),
            ('functions = { f = "error" }', [check("a", "passed")], "f passed every check"),
            (
                'functions = { f = "error" }',
                [check("a", "error"), check("b", "error", "g")],
                "error (why), not passed",
            ),
            ('checks = { a = "wrong" }', [], "no check named a was run"),
            ("points = { example-1 = 6 }", [], "example-1: 5.0 points, not 6"),
            ('misconceptions = ["nats"]', [check("a", "passed")], "misconception nats is not named"),
            ('notes = ["link"]', [], "no note says 'link'"),
            ('status = "not judged"', [], "status is 'judged' (None), not 'not judged'"),
        ],
    )
    def test_each_difference_is_named(
        self, course: Course, expect: str, checks: list[dict[str, Any]], complaint: str
    ) -> None:
        (found,) = disagreements(loaded(course, MINIMAL + expect), record(*checks))

        assert complaint in found
