"""The build: stubs, released notebooks, executed solutions, and trees that are replaced whole or not at all."""

import ast
import json
import re
from pathlib import Path

import pytest

from autograder.build import BuildError, build, modules, notebooks, release, solution, stale
from autograder.course import Course, CourseError
from tests import mini_course
from tests.mini_course import CELLS, EXAMPLE, EXERCISE, MODULE, SETUP, STUB, code, files

SHARING = mini_course.COURSE.replace("seed = 1", 'seed = 1\nshared = ["support/plots.py"]')


@pytest.fixture
def mini(tmp_path: Path) -> Course:
    return mini_course.write(tmp_path)


@pytest.fixture
def unexecuted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the build take the master for the executed notebook: a kernel takes seconds."""
    monkeypatch.setattr(notebooks, "executed", lambda path, *others: path.read_bytes())


class TestStubs:
    def test_a_stub_keeps_all_but_the_solutions(self) -> None:
        assert modules.stub(MODULE, "measures.py") == STUB

    def test_a_complete_module_keeps_all_but_the_markers(self) -> None:
        complete = modules.complete(MODULE, "measures.py")

        assert "SOLUTION" not in complete
        assert ast.dump(ast.parse(complete)) == ast.dump(ast.parse(MODULE))

    def test_imports_of_one_block_are_not_torn_apart_by_what_was_taken_out(self) -> None:
        source = "import math\n\n### BEGIN SOLUTION\nimport sys\n\n### END SOLUTION\nimport numpy\n\nX = math.pi\n"

        assert modules.stub(source, "m.py") == "import math\n\nimport numpy\n\nX = math.pi\n"
        assert modules.complete(source, "m.py") == "import math\nimport sys\n\nimport numpy\n\nX = math.pi\n"

    def test_a_long_hint_is_wrapped_and_stays_the_same_text(self) -> None:
        hint = 'say `what` is "to do" — ' + "and then some more of it " * 8
        source = f"def f():\n    ### BEGIN SOLUTION: {hint}\n    return 1\n    ### END SOLUTION\n"

        stub = modules.stub(source, "m.py")

        assert max(map(len, stub.splitlines())) <= modules.MAX_LINE
        with pytest.raises(NotImplementedError, match=re.escape(f"f: {hint.strip()}")):
            _run(stub, "f()")

    def test_the_stub_of_an_inner_function_names_the_inner_function(self) -> None:
        source = (
            "def outer():\n    def inner():\n        ### BEGIN SOLUTION: go in\n        return 1\n"
            "        ### END SOLUTION\n    return inner\n"
        )

        with pytest.raises(NotImplementedError, match=r"^inner: go in$"):
            _run(modules.stub(source, "m.py"), "outer()()")

    def test_a_helper_that_only_the_solution_needs_is_left_out(self) -> None:
        source = (
            "A = 1\n\n\n### BEGIN SOLUTION\ndef helper():\n    return 1\n\n\n### END SOLUTION\ndef f():\n"
            "    ### BEGIN SOLUTION: call\n    return helper()\n    ### END SOLUTION\n"
        )

        assert modules.stub(source, "m.py") == 'A = 1\n\n\ndef f():\n    raise NotImplementedError("f: call")\n'

    @pytest.mark.parametrize(
        ("source", "line", "reason"),
        [
            ("### BEGIN SOLUTION\nx = 1\n### BEGIN SOLUTION\n### END SOLUTION\n", 3, "begins inside the one of line 1"),
            ("x = 1\n### END SOLUTION\n", 2, "without a `### BEGIN SOLUTION`"),
            ("### BEGIN SOLUTION\nx = 1\n", 1, "has no `### END SOLUTION`"),
            ("## BEGIN SOLUTION\nx = 1\n### END SOLUTION\n", 1, "is not a marker"),
            ("### begin solution\nx = 1\n### END SOLUTION\n", 1, "is not a marker"),
            ("x = 1  ### BEGIN SOLUTION\n### END SOLUTION\n", 1, "is not a marker"),
            ("### BEGIN SOLUTION\n### END SOLUTION\n", 1, "is empty"),
            ("### BEGIN SOLUTION\n# only words\n### END SOLUTION\n", 1, "is empty"),
            ("if True:\n    x = 1\n### BEGIN SOLUTION\nelse:\n    x = 2\n### END SOLUTION\n", 4, "whole statements"),
            ("def f():\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION\n", 2, "has no hint"),
            ("### BEGIN SOLUTION\nx = 1\n### END SOLUTION: done\n", 3, "the hint belongs to"),
            ("x = (\n", 1, "not Python"),
        ],
    )
    def test_a_mistake_in_the_markers_is_named_with_its_line(self, source: str, line: int, reason: str) -> None:
        with pytest.raises(BuildError, match=f"^m.py:{line}: .*{re.escape(reason)}"):
            modules.stub(source, "m.py")

    def test_a_stub_that_is_no_python_is_refused(self) -> None:
        source = "class A:\n    ### BEGIN SOLUTION\n    x = 1\n    ### END SOLUTION\n"

        with pytest.raises(BuildError, match=r"m\.py: without its solution regions the module is not Python"):
            modules.stub(source, "m.py")


class TestRelease:
    def test_students_get_what_the_course_lists_and_nothing_else(self, mini: Course) -> None:
        (mini.root / "source" / "1_mini" / "notes_for_staff.txt").write_text("secret", encoding="utf-8")
        (mini.root / "source" / "1_mini" / "old.py").write_text("secret = 1", encoding="utf-8")

        released = release(mini, mini.sections[0])

        assert list(released) == ["1_mini.ipynb", "data.csv", "measures.py"]
        assert released["measures.py"].decode() == STUB
        assert released["data.csv"] == b"a,b\n1,2\n"

    def test_what_is_not_listed_is_named(
        self, mini: Course, unexecuted: None, caplog: pytest.LogCaptureFixture
    ) -> None:
        (mini.root / "source" / "1_mini" / "notes.txt").write_text("secret", encoding="utf-8")
        (mini.root / "source" / "1_mini" / "__pycache__").mkdir()

        build(mini, mini.root)

        assert [record.getMessage() for record in caplog.records] == [
            "source/1_mini/notes.txt is not released: course.toml doesn't list it among the `files` of section `1_mini`"
        ]

    def test_what_all_sections_share_is_written_once_and_released_with_each(self, tmp_path: Path) -> None:
        mini = mini_course.write(tmp_path, course_table=SHARING)
        shared = tmp_path / "source" / "shared" / "support"
        shared.mkdir(parents=True)
        (shared / "plots.py").write_bytes(b"COLOURS = 8\n")

        assert release(mini, mini.sections[0])["support/plots.py"] == b"COLOURS = 8\n"
        (shared / "plots.py").unlink()
        with pytest.raises(BuildError, match=r"source/shared/support/plots\.py can't be read"):
            release(mini, mini.sections[0])

    def test_a_solution_in_what_all_sections_share_is_found(self, tmp_path: Path) -> None:
        mini = mini_course.write(tmp_path, course_table=SHARING)
        shared = tmp_path / "source" / "shared" / "support"
        shared.mkdir(parents=True)
        (shared / "plots.py").write_text("def f(p):\n    total = entr(np.asarray(p)).sum()\n", encoding="utf-8")

        with pytest.raises(BuildError, match=r"assignments/1_mini/support/plots\.py:2 gives away the solution"):
            release(mini, mini.sections[0])

    @pytest.mark.parametrize("shared", ["../plots.py", "/plots.py", ".plots.py", "a//b.py", "a\\\\b.py", "measures.py"])
    def test_a_shared_file_stays_in_the_section_and_has_a_name_of_its_own(self, tmp_path: Path, shared: str) -> None:
        with pytest.raises(CourseError, match=r"must be a path in the section's folder|appears twice"):
            mini_course.write(tmp_path, course_table=SHARING.replace("support/plots.py", shared))

    def test_the_released_notebook_has_no_solutions_and_is_locked(self, mini: Course) -> None:
        cells = {cell["id"]: cell for cell in json.loads(release(mini, mini.sections[0])["1_mini.ipynb"])["cells"]}

        assert "".join(cells["exercise-1"]["source"]) == notebooks.CODE_STUB
        assert cells["example-1"]["metadata"]["editable"] is False
        assert "checksum" in cells["exercise-1"]["metadata"]["nbgrader"]

    @pytest.mark.parametrize(
        ("cells", "reason"),
        [
            ((*CELLS, {**code("c", "1"), "outputs": [{"output_type": "stream", "name": "stdout", "text": "x"}]}),
             "cell `c` has outputs"),
            ((*CELLS, {**code("c", "1"), "execution_count": 3}), "cell `c` has outputs"),
            ((*CELLS, {key: value for key, value in code("c", "1").items() if key != "id"}), "cell 5 has no id"),
            ((*CELLS, code("c", "### BEGIN SOLUTION\nx = 1\n### END SOLUTION")), "cell `c` has a solution region but"),
            ((*CELLS, code("c", "### BEGIN SOLUTION\nx = 1", solution=True)), "cell `c`:1: the solution region has no"),
            ((*CELLS, code("c", "### BEGIN HIDDEN TESTS\nx", locked=True)), "has hidden tests"),
            ((SETUP, EXAMPLE), "has no graded cell with the grade_id `exercise-1`"),
            ((*CELLS, EXERCISE), "nbgrader refuses the notebook"),
        ],
    )  # fmt: skip
    def test_a_master_that_is_not_in_order_is_refused(self, tmp_path: Path, cells: list[dict], reason: str) -> None:  # type: ignore[type-arg]
        mini = mini_course.write(tmp_path, cells=cells)

        with pytest.raises(CourseError, match=reason):
            build(mini, mini.root)
        assert not (mini.root / "assignments").exists()

    def test_a_second_notebook_is_refused(self, mini: Course) -> None:
        (mini.root / "source" / "1_mini" / "copy.ipynb").write_bytes(mini_course.notebook(*CELLS))

        with pytest.raises(BuildError, match=r"source/1_mini/copy\.ipynb is a second notebook"):
            release(mini, mini.sections[0])

    def test_a_missing_file_is_named(self, mini: Course) -> None:
        (mini.root / "source" / "1_mini" / "data.csv").unlink()

        with pytest.raises(BuildError, match=r"source/1_mini/data\.csv can't be read"):
            release(mini, mini.sections[0])


class TestSolutions:
    def test_the_solution_is_complete_and_executed_and_names_neither_run_nor_machine(self, tmp_path: Path) -> None:
        nosy = "import os, sys, warnings\nprint(os.getcwd(), sys.prefix, object())\nwarnings.warn('careful')"
        plot = "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([0, 1])\nplt.gcf()"
        mini = mini_course.write(tmp_path, cells=(*CELLS, code("nosy", nosy), code("plot", plot)))

        made = solution(mini, mini.sections[0])
        cells = {cell["id"]: cell for cell in json.loads(made["1_mini.ipynb"])["cells"]}

        assert made["measures.py"].decode() == modules.complete(MODULE, "measures.py")
        assert "".join(cells["exercise-1"]["source"]) == "coin = Measures.entropy([0.8, 0.2])"
        assert cells["example-1"]["outputs"][0]["text"] == ["1.0\n"]
        texts = ["".join(output["text"]) for output in cells["nosy"]["outputs"]]
        assert texts[0] == ". <python> <object object at 0x…>\n"
        assert texts[1].startswith("<cell>:3: UserWarning: careful")
        assert "image/png" in cells["plot"]["outputs"][-1]["data"]

    def test_a_notebook_is_run_again_only_if_what_it_was_made_from_is_not_the_same(
        self, mini: Course, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        build(mini, mini.root)

        class RunError(Exception):
            pass

        def run(*_args: object, **_options: object) -> None:
            raise RunError

        monkeypatch.setattr("nbclient.NotebookClient", run)
        assert stale(mini) == []
        source, made = mini.root / "source" / "1_mini", mini.root / "solutions" / "1_mini" / "1_mini.ipynb"
        for path, old, new in (
            (source / "measures.py", "H(p)", "the entropy"),
            (source / "1_mini.ipynb", "0.8, 0.2", "0.7, 0.3"),
            (source / "data.csv", "", "more"),
            (made, "1.0", "2.0"),  # an output
            (made, "0.8, 0.2", "0.2, 0.8"),
            (made, "\n ", "\n  "),
            (mini.root / "requirements.lock", "", "numpy==1.0"),
        ):
            before = path.read_text(encoding="utf-8") if path.is_file() else None
            assert old in (before or "")
            path.write_text((before or "").replace(old, new) if old else new, encoding="utf-8")
            with pytest.raises(RunError):
                stale(mini)
            if before is None:
                path.unlink()
            else:
                path.write_text(before, encoding="utf-8")
        assert stale(mini) == []

    def test_a_cell_that_fails_fails_the_build_with_its_traceback(self, tmp_path: Path) -> None:
        mini = mini_course.write(tmp_path, cells=(*CELLS, code("broken", "print(1)\n1 / 0")))

        with pytest.raises(BuildError, match=r"(?s)1_mini\.ipynb, cell `broken` fails.*ZeroDivisionError"):
            build(mini, mini.root)
        assert not (mini.root / "assignments").exists()


class TestTrees:
    def test_two_builds_in_different_folders_are_the_same_to_the_byte(self, tmp_path: Path) -> None:
        plot = "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([0, 1])\nprint({'a', 'b', 'c'})"
        trees = []
        for name in ("one", "a longer name/two"):
            mini = mini_course.write(tmp_path / name, cells=(*CELLS, code("plot", plot)))
            build(mini, tmp_path / name)
            trees.append(files(tmp_path / name))

        assert trees[0] == trees[1]
        assert set(trees[0]) >= {"assignments/1_mini/measures.py", "solutions/1_mini/1_mini.ipynb"}

    def test_a_failed_build_leaves_the_old_trees(self, mini: Course, unexecuted: None) -> None:
        build(mini, mini.root)
        before = files(mini.root / "assignments") | files(mini.root / "solutions")
        leaking = (*CELLS, code("leak", "coin = Measures.entropy([0.8, 0.2])"))
        mini = mini_course.write(mini.root, module=MODULE.replace("H(p)", "the entropy"), cells=leaking)

        with pytest.raises(BuildError, match="gives away the solution"):
            build(mini, mini.root)

        assert files(mini.root / "assignments") | files(mini.root / "solutions") == before
        assert sorted(path.name for path in mini.root.iterdir()) == ["assignments", "solutions", "source"]

    def test_trees_that_can_not_be_replaced_are_put_back(
        self, mini: Course, unexecuted: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        build(mini, mini.root)
        (mini.root / "assignments" / "1_mini" / "mark").touch()
        rename = Path.rename

        def fail_for_solutions(self: Path, target: Path) -> Path:
            if "new/solutions" in self.as_posix():
                raise PermissionError(13, "Permission denied", str(target))
            return rename(self, target)

        monkeypatch.setattr(Path, "rename", fail_for_solutions)
        with pytest.raises(BuildError, match="the old trees are as they were"):
            build(mini, mini.root)

        assert (mini.root / "assignments" / "1_mini" / "mark").exists()
        assert (mini.root / "solutions" / "1_mini" / "1_mini.ipynb").exists()

    def test_both_trees_say_that_they_are_generated_and_students_what_to_install(
        self, tmp_path: Path, unexecuted: None
    ) -> None:
        table = mini_course.COURSE.replace("seed = 1", 'seed = 1\npackages = ["NumPy", "torch==2.0.1", "pytest"]')
        mini = mini_course.write(tmp_path, course_table=table)
        (tmp_path / "requirements.lock").write_text("numpy==2.4.6 \\\n    --hash=sha256:0\nx==1\n", encoding="utf-8")
        (tmp_path / "source" / "README.md").write_text("## Hand in\n\nAll of it.\n", encoding="utf-8")

        build(mini, tmp_path)

        for tree in ("assignments", "solutions"):
            assert "Made by `autograder build`" in (tmp_path / tree / "README.md").read_text(encoding="utf-8")
        page = (tmp_path / "assignments" / "README.md").read_text(encoding="utf-8")
        assert "| [Mini](1_mini/1_mini.ipynb) | `1_mini/` | `measures.py` | 16 |" in page
        assert page.endswith("## Hand in\n\nAll of it.\n")
        assert (tmp_path / "assignments" / "requirements.txt").read_text(encoding="utf-8").splitlines()[2:] == [
            'NumPy==2.4.6; python_version >= "3.11"',
            'NumPy; python_version < "3.11"',
            "--extra-index-url https://download.pytorch.org/whl/cpu",
            'torch==2.0.1; python_version >= "3.11"',
            'torch; python_version < "3.11"',
            "pytest",
        ]
        assert stale(mini) == []
        (tmp_path / "assignments" / "requirements.txt").unlink()
        (tmp_path / "solutions" / "README.md").write_text("mine", encoding="utf-8")
        assert stale(mini) == [
            "assignments/requirements.txt is missing",
            "solutions/README.md is not what its source makes",
        ]

    def test_a_course_may_have_a_page_of_overview(self, mini: Course, unexecuted: None) -> None:
        build(mini, mini.root)
        script, page = mini.root / "source" / "overview.py", mini.root / "assignments" / "README.md"
        assert "overview.html" not in page.read_text(encoding="utf-8")

        script.write_text("def page():\n    return '<p>All at once.'\n", encoding="utf-8")
        build(mini, mini.root)

        assert "](overview.html)" in page.read_text(encoding="utf-8")
        for tree in ("assignments", "solutions"):
            assert (mini.root / tree / "overview.html").read_text(encoding="utf-8") == "<p>All at once."
        assert stale(mini) == []
        script.write_text("page = None\n", encoding="utf-8")
        with pytest.raises(BuildError, match=r"source/overview\.py has no `page`"):
            build(mini, mini.root)

    def test_stale_files_are_listed(self, mini: Course, unexecuted: None) -> None:
        build(mini, mini.root)
        assert stale(mini) == []
        assignments = mini.root / "assignments"
        (assignments / "1_mini" / "measures.py").write_text("changed", encoding="utf-8")
        (assignments / "1_mini" / "data.csv").unlink()
        (assignments / "1_mini" / "more.txt").touch()
        (assignments / "2_gone").mkdir()

        assert stale(mini) == [
            "assignments/1_mini/data.csv is missing",
            "assignments/1_mini/measures.py is not what its source makes",
            "assignments/1_mini/more.txt is not made by the build; remove it",
            "assignments/2_gone belongs to no section of the course; remove it",
        ]


class TestCourse:
    """The course itself."""

    def test_every_stub_imports_and_says_what_to_do(self, course: Course) -> None:
        for section in course.sections:
            for module in section.modules:
                stub = modules.stub((course.root / "source" / section.id / module).read_text(encoding="utf-8"), module)
                functions = [node for node in ast.walk(ast.parse(stub)) if isinstance(node, ast.FunctionDef)]

                exec(compile(stub, module, "exec"), {"__name__": "stub"})
                assert "SOLUTION" not in stub
                assert stub.count("raise NotImplementedError(") == len(functions)

    def test_the_generated_trees_are_not_stale(self, course: Course) -> None:
        assert stale(course) == []


def _run(module: str, expression: str) -> object:
    namespace: dict[str, object] = {}
    exec(module, namespace)
    return eval(expression, namespace)
