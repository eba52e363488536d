"""Sections and their cells, entered in the gradebook from the notebooks that students got."""

from __future__ import annotations

import functools
import json
import logging
from pathlib import Path
from typing import Any

from autograder.course import Course, CourseError, Section
from autograder.gradebook.database import GradebookError

_log = logging.getLogger(__name__)


def released(course: Course, section: Section) -> bytes:
    """Return the notebook that students got.

    Raises
    ------
    CourseError
        If it has not been built.
    """
    path = course.root / "assignments" / section.id / section.notebook
    try:
        return path.read_bytes()
    except OSError as error:
        raise CourseError(f"{path} can't be read ({error.strerror}); run `autograder build`") from error


def register(gradebook: Any, url: str, section: Section, released: bytes) -> None:
    """Enter the section and the cells of its notebook, unless the gradebook already has exactly these."""
    from autograder.nbgrader_seam import MissingEntry

    notebook, wanted = _read(released)
    name = Path(section.notebook).stem
    try:
        known = gradebook.find_notebook(name, section.id)
    except MissingEntry:
        _enter(gradebook, section, name, notebook)
        return
    there = _cells_in_gradebook(known)
    if wanted == there:
        return
    if known.submissions:
        if _graded(wanted) != _graded(there):
            raise GradebookError(
                f"the graded cells of {section.notebook} are not those that the gradebook has points for; give "
                "them their old ids back, or back up the gradebook and run `nbgrader db assignment remove "
                f"{section.id} --force`, which forgets the manual grades of this section"
            )
        _keep_source_cells_in_step(gradebook, section, known, wanted)
    gradebook.db.commit()
    from autograder.nbgrader_seam import SaveCells

    # With its own logger it would show the formgrader a line for every cell, above the output of the button.
    SaveCells(log=_log).preprocess(notebook, {"nbgrader": {"notebook": name, "assignment": section.id, "db_url": url}})
    gradebook.db.expire_all()


@functools.lru_cache(maxsize=8)  # `autograder watch` asks for the same again and again
def _read(released: bytes) -> tuple[Any, set[tuple[Any, ...]]]:
    """Return a notebook and the cells that the gradebook should have for it; nobody may change either."""
    import nbformat

    notebook = nbformat.reads(released.decode(), as_version=4)
    return notebook, _cells_in_notebook(notebook)


def _enter(gradebook: Any, section: Section, name: str, notebook: Any) -> None:
    """Enter a notebook that the gradebook doesn't have, with the rows that nbgrader's ``SaveCells`` writes for it.

    That is the one way to change a notebook that is there. It looks each cell up and commits it alone, and imports all
    of nbconvert, which takes seconds before the first student has a grade.
    """
    from autograder.nbgrader_seam import (
        GradeCell,
        Notebook,
        SolutionCell,
        SourceCell,
        TaskCell,
        is_grade,
        is_locked,
        is_solution,
        is_task,
    )

    gradebook.check_course()  # `SaveCells` opens the gradebook of nbgrader's default course, which enters that too
    rows: dict[tuple[Any, str], dict[str, Any]] = {}  # of several cells with one name the last counts
    for cell in notebook.cells:
        marks, of = cell.metadata.get("nbgrader", {}), {"cell_type": cell.cell_type}
        kinds = [kind for kind, holds in ((GradeCell, is_grade), (TaskCell, is_task)) if holds(cell)]
        rows |= {(kind, marks["grade_id"]): {"max_score": float(marks["points"]), **of} for kind in kinds}
        if is_solution(cell):
            rows[SolutionCell, marks["grade_id"]] = {}
        if kinds or is_solution(cell) or is_locked(cell):
            of |= {"locked": is_locked(cell), "source": cell.source, "checksum": marks.get("checksum")}
            rows[SourceCell, marks["grade_id"]] = of
    kernel = json.dumps(notebook.metadata.get("kernelspec", {}))
    assignment = gradebook.update_or_create_assignment(section.id)
    entered = Notebook(name=name, assignment=assignment, kernelspec=kernel)
    gradebook.db.add_all(kind(name=grade_id, notebook=entered, **values) for (kind, grade_id), values in rows.items())
    gradebook.db.commit()


def _cells_in_notebook(notebook: Any) -> set[tuple[Any, ...]]:
    from autograder.nbgrader_seam import is_grade, is_locked, is_solution

    found: set[tuple[Any, ...]] = set()
    for cell in notebook.cells:
        marks = cell.metadata.get("nbgrader", {})
        if is_grade(cell):
            found.add(("grade", marks["grade_id"], float(marks["points"]), cell.cell_type))
        if is_solution(cell):
            found.add(("solution", marks["grade_id"]))
        if marks.get("grade_id") and (is_grade(cell) or is_solution(cell) or is_locked(cell)):
            found.add(("source", marks["grade_id"], cell.source, is_locked(cell), marks.get("checksum")))
    return found


def _cells_in_gradebook(notebook: Any) -> set[tuple[Any, ...]]:
    return {
        *(("grade", cell.name, cell.max_score, cell.cell_type) for cell in notebook.grade_cells),
        *(("solution", cell.name) for cell in notebook.solution_cells),
        *(("source", cell.name, cell.source, cell.locked, cell.checksum) for cell in notebook.source_cells),
    }


def _graded(cells: set[tuple[Any, ...]]) -> set[tuple[Any, ...]]:
    return {cell[:2] for cell in cells if cell[0] != "source"}


def _keep_source_cells_in_step(gradebook: Any, section: Section, known: Any, wanted: set[tuple[Any, ...]]) -> None:
    """Add and remove locked cells without points, which nbgrader itself refuses once there are submissions."""
    sources = {entry[1]: entry for entry in wanted if entry[0] == "source"}
    there = {cell.name: cell for cell in known.source_cells}
    for grade_id in there.keys() - sources.keys():
        gradebook.db.delete(there[grade_id])
    for grade_id in sources.keys() - there.keys():
        _, _, source, locked, checksum = sources[grade_id]
        gradebook.update_or_create_source_cell(
            grade_id, known.name, section.id, source=source, locked=locked, checksum=checksum, cell_type="code"
        )
