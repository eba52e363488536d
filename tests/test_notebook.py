from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from autograder.submissions.notebook import Cell, NotebookError, Plan, execution_plan, notebook_cells


def cell(source: Any, grade_id: str | None = None, kind: str = "code", **nbgrader: Any) -> dict[str, Any]:
    metadata: dict[str, Any] = {}
    if grade_id:
        defaults = {"grade": False, "solution": False, "locked": False, "schema_version": 3}
        metadata["nbgrader"] = {**defaults, "grade_id": grade_id, **nbgrader}
    return {"cell_type": kind, "metadata": metadata, "source": source}


def notebook(*cells: dict[str, Any]) -> bytes:
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


IMPORTS = cell("import math", "imports", locked=True)
CHECK = cell("assert True", "example-1", locked=True, grade=True, points=10)
FIGURE = {**cell("draw()", "figure", locked=True), "id": "figure-cell"}
FIGURE["metadata"]["tags"] = ["demonstration"]
SOLUTION = cell("raise NotImplementedError", "exercise-1", solution=True, grade=True, points=6)
HELPERS = cell("def helper(): ...", "helpers", locked=True)
FREE = {**cell("play = 1"), "id": "playground"}
TEXT = cell("# Theory", "theory", kind="markdown", locked=True)
RELEASED = notebook_cells(notebook(TEXT, IMPORTS, CHECK, FIGURE, FREE, HELPERS, SOLUTION))


def plan(*cells: dict[str, Any]) -> Plan:
    return execution_plan(RELEASED, notebook_cells(notebook(*cells)))


def solved(source: str = "x = 1", **changes: Any) -> dict[str, Any]:
    return {**SOLUTION, "source": source, **changes}


class TestReading:
    def test_source_may_be_text_or_a_list_of_lines(self) -> None:
        cells = notebook_cells(notebook(cell("a\nb"), cell(["a\n", "b"]), cell([1, "a", None])))

        assert [c.source for c in cells] == ["a\nb", "a\nb", "a"]

    def test_index_counts_all_cells_as_they_stand_in_the_file(self) -> None:
        data = json.dumps({"cells": [3, cell("x", kind="markdown"), None, cell("y", "g")]}).encode()

        assert [(c.index, c.grade_id) for c in notebook_cells(data)] == [(1, None), (3, "g")]

    def test_old_notebooks_with_worksheets_are_read(self) -> None:
        data = json.dumps({"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "code", "input": ["x = 1"]}]}, 7]})

        assert notebook_cells(data.encode())[0].source == "x = 1"

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
    def test_byte_order_marks_do_no_harm(self, encoding: str) -> None:
        assert notebook_cells(notebook(cell("x")).decode().encode(encoding))[0].source == "x"

    @pytest.mark.parametrize(
        "change",
        [
            {"metadata": None}, {"metadata": {"nbgrader": 3}}, {"metadata": {"nbgrader": {"grade_id": ["x"]}}},
            {"metadata": {"tags": "demonstration"}}, {"metadata": {"tags": [{}]}}, {"cell_type": 4}, {"source": {}},
            {"source": 1e400}, {"source": float("nan")}, {"id": []},
        ],
    )  # fmt: skip
    def test_wrong_types_inside_a_cell_are_taken_as_absent(self, change: dict[str, Any]) -> None:
        (read,) = notebook_cells(notebook({**cell("x"), **change}))

        assert isinstance(read.source, str)
        assert read.grade_id is None
        assert read.tags == frozenset()

    def test_huge_integers_and_nan_in_outputs_do_no_harm(self) -> None:
        data = notebook(cell("x")).replace(b'"nbformat": 4', b'"nbformat": 4, "a": NaN, "b": ' + b"9" * 10_000)

        assert notebook_cells(data)[0].source == "x"

    def test_half_a_surrogate_pair_becomes_a_question_mark(self) -> None:
        assert notebook_cells(notebook(cell("x = '\ud800'")))[0].source == "x = '?'"

    def test_outputs_count_for_nothing(self) -> None:
        """More brackets than are read, nested deeper than is read, and bytes that are no text."""
        plot = [[]] * 1_100_000
        deep = b"[" * 900 + b"]" * 900
        data = notebook({**cell("x = 1"), "outputs": [plot, "DEEP", "TEXT"], "attachments": {"a": plot[:10]}})
        data = data.replace(b'"DEEP"', deep).replace(b"TEXT", b"\xff\xfe")

        (read,) = notebook_cells(data)

        assert read.source == "x = 1"

    def test_brackets_of_anything_else_count(self) -> None:
        with pytest.raises(NotebookError, match="too large"):
            notebook_cells(notebook({**cell("x = 1"), "metadata": {"outputs": [[]] * 1_100_000}}))

    def test_the_line_where_a_notebook_is_damaged_is_that_of_the_file(self) -> None:
        data = json.dumps({"cells": [{**cell("x"), "outputs": ["a"] * 50}]}, indent=1).encode()

        with pytest.raises(NotebookError, match=f"line {len(data.splitlines()) + 1}"):
            notebook_cells(data + b"\n}")

    @pytest.mark.parametrize(
        ("data", "message"),
        [
            (b"", "empty"),
            (b" \n", "empty"),
            (b"\x89PNG\r\n", "UTF-8"),
            (b'{"cells": [', "damaged (no valid JSON, line 1)"),
            (b"<!DOCTYPE html><p>Log in", "web page"),
            (b'{\n<<<<<<< HEAD\n"cells": []', "conflict marks"),
            (b"[]", "JSON of another kind"),
            (b"null", "JSON of another kind"),
            (b'{"cells": {}}', "no list of cells"),
            (b'{"nbformat": 4}', "no list of cells"),
            (b'{"worksheets": 3}', "no list of cells"),
            (b"[" * 100_000, "nested too deeply"),
            (b'{"a":' * 100_000, "nested too deeply"),
            (b"[" * 2_000_000, "too large"),
            (b'{"cells": [' + b"{}," * 1000 + b"{}]}", "more than 1000"),
            (notebook(*[cell("x" * 600_000)] * 2), "characters of code"),
        ],
    )
    def test_what_is_no_notebook_is_said_in_one_sentence(self, data: bytes, message: str) -> None:
        with pytest.raises(NotebookError) as caught:
            notebook_cells(data)

        assert message in str(caught.value)
        assert str(caught.value).startswith("The notebook ")
        assert "\n" not in str(caught.value)


def labels(result: Plan) -> list[str]:
    """Return the labels of the cells that are run in any case."""
    return [cell.label for cell in result.cells if cell.origin != "deferred"]


class TestPlan:
    def test_an_honest_notebook_runs_in_order_without_text_and_with_checks_and_demonstrations_deferred(self) -> None:
        result = plan(TEXT, IMPORTS, CHECK, FIGURE, FREE, HELPERS, solved())

        assert result.cells == (
            ("imports", "import math", "master"),
            ("example-1", CHECK["source"], "deferred"),
            ("figure", FIGURE["source"], "deferred"),
            ("cell 5", "play = 1", "student"),
            ("helpers", "def helper(): ...", "master"),
            ("exercise-1", "x = 1", "solution"),
        )
        assert result.notes == ()

    def test_a_locked_cell_is_the_masters_whatever_the_submission_has(self) -> None:
        result = plan(
            IMPORTS, {**HELPERS, "source": "def helper(): return 'mine'"}, {**CHECK, "source": "pass"}, solved()
        )

        assert ("helpers", "def helper(): ...", "master") in result.cells
        assert result.notes == (
            "The locked cell `helpers` was changed; the original was taken.",
            "The locked cell `example-1` was changed; the original was taken.",
        )

    def test_white_space_at_the_end_of_lines_is_no_change(self) -> None:
        assert plan(TEXT, {**IMPORTS, "source": "import math  \n\n"}, CHECK, FIGURE, HELPERS, solved()).notes == ()

    def test_removed_locked_cells_are_put_back_at_their_place(self) -> None:
        result = plan(CHECK, FREE, solved())

        assert labels(result) == ["imports", "cell 2", "helpers", "exercise-1"]
        assert "The locked cell `helpers` was missing; it was put back." in result.notes

    def test_without_any_cell_of_the_release_the_students_own_still_run(self) -> None:
        result = plan(cell("x = 1"))

        assert labels(result) == ["imports", "helpers", "cell 1"]

    def test_the_students_own_cells_run_where_they_stand(self) -> None:
        result = plan(
            cell("a = 0"), IMPORTS, CHECK, FIGURE, HELPERS, cell("a = 1"), solved(), cell("a = 2"), cell(" \n")
        )

        assert labels(result) == ["cell 1", "imports", "helpers", "cell 6", "exercise-1", "cell 8"]

    def test_the_order_is_that_of_the_submission(self) -> None:
        result = plan(solved(), HELPERS, IMPORTS, CHECK, FIGURE)

        assert labels(result) == ["exercise-1", "helpers", "imports"]

    def test_a_solution_cell_that_stands_twice_runs_twice_and_is_noted(self) -> None:
        result = plan(IMPORTS, CHECK, HELPERS, FIGURE, solved("x = 1"), solved("x = 2"))

        assert result.cells[-2:] == (("exercise-1", "x = 1", "solution"), ("cell 6", "x = 2", "student"))
        assert result.notes == ("The cell `exercise-1` appears in the notebook more than once.",)

    def test_a_locked_cell_that_stands_twice_runs_once(self) -> None:
        result = plan(IMPORTS, {**IMPORTS, "source": "import evil"}, CHECK, HELPERS, FIGURE, solved())

        assert [c.source for c in result.cells].count("import math") == 1
        assert "import evil" not in [c.source for c in result.cells]

    def test_tags_in_the_submission_skip_nothing(self) -> None:
        mine = solved()
        mine["metadata"] = {**mine["metadata"], "tags": ["demonstration"]}
        helpers = {**HELPERS, "metadata": {**HELPERS["metadata"], "tags": ["demonstration"]}}

        assert labels(plan(IMPORTS, CHECK, FIGURE, helpers, mine))[-2:] == ["helpers", "exercise-1"]

    def test_a_demonstration_stays_one_without_its_tag_or_grade_id(self) -> None:
        bare = {"cell_type": "code", "id": "figure-cell", "metadata": {}, "source": "forever()"}

        result = plan(IMPORTS, CHECK, bare, HELPERS, solved())

        assert "forever()" not in [c.source for c in result.cells]

    def test_a_demonstration_that_may_be_changed_is_the_students_once_it_was(self) -> None:
        released = [Cell("code", "my_guess = None", None, 0, "guess", tags=frozenset({"demonstration"}))]

        def origin(source: str) -> str:
            return execution_plan(released, [replace(released[0], source=source)]).cells[0].origin

        assert origin("my_guess = None") == "deferred"
        assert origin("my_guess = 1.5") == "student"

    def test_magics_of_a_deferred_cell_are_left_out(self) -> None:
        released = [
            Cell("code", "%load_ext x\nimport math", "setup", 0, locked=True, tags=frozenset({"demonstration"}))
        ]

        assert execution_plan(released, []).cells == (("setup", "\nimport math", "deferred"),)

    def test_metadata_of_the_submission_grants_nothing(self) -> None:
        stolen = cell("evil()", "new", locked=True, grade=True)

        assert ("cell 5", "evil()", "student") in plan(IMPORTS, CHECK, FIGURE, HELPERS, stolen, solved()).cells

    def test_a_solution_turned_into_text_is_noted_and_not_run(self) -> None:
        result = plan(IMPORTS, CHECK, FIGURE, HELPERS, solved(cell_type="markdown"))

        assert "exercise-1" not in [c.label for c in result.cells]
        assert result.notes == (
            "The cell `exercise-1` is no longer a code cell and was not run; set its type to Code.",
        )

    def test_an_empty_release_leaves_the_students_cells(self) -> None:
        submitted = [Cell("code", "x = 1", None, 0)]

        assert execution_plan([], submitted).cells == (("cell 1", "x = 1", "student"),)

    def test_magics_and_code_stay_as_they_are(self) -> None:
        source = "%matplotlib inline\r\n!ls\n"

        assert plan(TEXT, IMPORTS, CHECK, HELPERS, FIGURE, solved(source)).cells[-1].source == source
