"""The leak check: no statement of a solution may stand in what is released, however it is written there."""

import json
import warnings
from pathlib import Path

import pytest

from autograder.build import BuildError, build
from autograder.build.leaks import Code, Solutions
from tests import mini_course
from tests.mini_course import CELLS, MODULE, code, files, markdown, notebook

SOLUTION = """\
from scipy.special import entr
import numpy as np
total = 0.0
for value in p:
    if value > 0:
        total -= value * np.log2(value)
label = "in bits"
print(label, total)
return total
"""


@pytest.fixture(scope="module")
def solutions() -> Solutions:
    hidden = Code(SOLUTION, "source/s/m.py", 40)
    return Solutions([hidden], [Code("import numpy as np\n", "source/s/m.py")])


def found(solutions: Solutions, file: str, text: str | bytes) -> list[str]:
    data = text if isinstance(text, bytes) else text.encode()
    return [f"{leak.line} {leak.origin}" for leak in solutions.leaks({file: data})]


class TestPython:
    @pytest.mark.parametrize(
        "released",
        [
            "total -= value * np.log2(value)",
            "total-=value*np . log2( value )  # a comment",
            "total -= (\n    value\n    * np.log2(value)\n)",
            "total -= value * \\\n    np.log2((value))",
            "def f(p):\n    if p:\n        total -= value * np.log2(value)",
            "'''\n>>> total -= value * np.log2(value)\n'''",
            "# total -= value * np.log2(value)",
            "#   total -= value * \\\n#      np.log2(value)",
            "HINT = 'total -= value * np.log2(value)'",
            "HINT = 'first\\ntotal -= value * np.log2(value)\\nlast'",
        ],
    )
    def test_a_statement_is_found_however_it_is_written(self, solutions: Solutions, released: str) -> None:
        assert found(solutions, "m.py", released)[0].endswith(" source/s/m.py:45")

    def test_other_quotes_make_no_difference(self, solutions: Solutions) -> None:
        assert found(solutions, "m.py", "x = 1\nlabel = '''in bits'''\n") == ["2 source/s/m.py:46"]

    def test_a_compound_statement_is_found_as_a_whole_and_in_parts(self, solutions: Solutions) -> None:
        assert found(solutions, "m.py", SOLUTION) == [
            f"{line} source/s/m.py:{39 + line}" for line in (1, 4, 5, 6, 7, 8)
        ]

    def test_the_formula_of_a_statement_is_found_in_another_statement(self) -> None:
        solutions = Solutions([Code("return -np.sum(p * np.log2(p))\n", "source/s/m.py")])

        assert found(solutions, "m.py", "assert h == -np.sum(p * np.log2(p))\n") == ["1 source/s/m.py:1"]
        assert found(solutions, "a.md", "Use h = -np.sum(p*np.log2(p)) here.") == ["1 source/s/m.py:1"]

    @pytest.mark.parametrize(
        "released",
        [
            "total = 0.0", "return total", "import numpy as np", "pass", "total = []", "'''Return the sum.'''",
            "raise NotImplementedError('f: add up')", "total -= value * np.log(value)", "h = x * np.log2(x)",
        ],
    )  # fmt: skip
    def test_what_says_nothing_about_the_solution_is_no_leak(self, solutions: Solutions, released: str) -> None:
        assert found(solutions, "m.py", released) == []

    def test_an_import_that_only_the_solution_has_is_a_leak(self, solutions: Solutions) -> None:
        assert found(solutions, "m.py", "from scipy.special import (\n    entr,\n)\n") == ["1 source/s/m.py:40"]

    def test_a_number_that_answers_an_exercise_is_a_leak(self) -> None:
        solutions = Solutions([Code("die = 2.584962500721156\ncount = 1\n", "nb")])

        assert found(solutions, "m.py", "count = 1\ndie = 2.584962500721156\n") == ["2 nb:1"]


class TestText:
    @pytest.mark.parametrize(
        ("text", "line"),
        [
            ("Look:\n\n```python\nx = 1\ntotal -= value * np.log2(value)\n```\n", 5),
            ("Look:\n\n~~~\n  total -= (value\n     * np.log2(value))\n~~~\n", 4),
            ("Look:\n\n    print(label, total)\n", 3),
            ("- write `print(label, total)` here", 1),
            ("> 1. print( label,total )", 1),
            ("so the line total -= value * np.log2(value) does it", 1),
            ("so the line <code>total -= value * np.log2(value)</code> does it", 1),
            ("if value &gt; 0: total -= value * np.log2(value)", 1),
            ("a,b\n1,total -= value * np.log2(value)\n", 2),
        ],
    )
    def test_a_statement_is_found_in_text(self, solutions: Solutions, text: str, line: int) -> None:
        assert found(solutions, "a.md", text)[0].split()[0] == str(line)

    def test_prose_and_formulas_are_no_leak(self, solutions: Solutions) -> None:
        text = (
            'The total is printed in bits; for every value $p > 0$ we add $p \\log_2 p$ and "\\sum" it up. total, label'
        )

        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert found(solutions, "a.md", text) == []

    def test_a_model_answer_is_found(self) -> None:
        answer = Code("Zero mutual information means that the joint factorises.\nYes.", "nb, cell `why`")
        solutions = Solutions([], prose=[answer])

        assert found(solutions, "a.md", "Hint:\nzero? *Zero mutual information means that the joint factorises.*") == [
            "2 nb, cell `why`:1"
        ]
        assert found(solutions, "a.md", "Yes. Zero mutual information.") == []

    def test_bytes_that_are_no_text_are_looked_through(self, solutions: Solutions) -> None:
        assert found(solutions, "a.bin", b"\xff\xfe\n total -= value * np.log2(value)\xff") == ["2 source/s/m.py:45"]


class TestNotebooks:
    @pytest.mark.parametrize(
        "cell",
        [
            code("c", "print(label, total)"),
            code("c", ["%matplotlib inline\n", "x = 1\n", "print(label,\n", "      total)"]),  # type: ignore[arg-type]
            markdown("c", "Try\n```\nprint(label, total)\n```"),
            {**code("c", "1"), "metadata": {"hint": {"deep": ["x", {"print(label, total)": 1}]}}},
            {**code("c", "1"), "outputs": [{"output_type": "stream", "name": "stdout", "text": "print(label, total)"}]},
            {"cell_type": "raw", "id": "c", "metadata": {}, "source": "print(label, total)"},
        ],
    )
    def test_a_statement_is_found_anywhere_in_a_notebook(self, solutions: Solutions, cell: dict) -> None:  # type: ignore[type-arg]
        data = notebook(markdown("a", "Theory"), cell)
        lines = data.decode().splitlines()

        [place] = found(solutions, "n.ipynb", data)

        assert place.endswith("source/s/m.py:47")
        assert "rint" in lines[int(place.split()[0]) - 1] or "matplotlib" in lines[int(place.split()[0]) - 1]

    def test_a_statement_is_found_in_the_metadata_of_the_notebook(self, solutions: Solutions) -> None:
        assert found(solutions, "n.ipynb", notebook(answer="print(label, total)"))

    def test_a_notebook_that_is_no_json_is_looked_through_as_text(self, solutions: Solutions) -> None:
        assert found(solutions, "n.ipynb", '{"cells": [\n"total -= value * np.log2(value)"') == ["2 source/s/m.py:45"]


class TestBuild:
    @pytest.mark.parametrize(
        ("module", "cells", "metadata", "place"),
        [
            (MODULE + "\n\n# return float(total / np.log(base))\n", CELLS, {}, r"measures\.py:\d+"),
            (MODULE, (*CELLS, code("c", "coin = Measures.entropy( [.8, .2] )")), {}, r"1_mini\.ipynb:\d+"),
            (MODULE, (*CELLS, markdown("c", "`coin = Measures.entropy([0.8, 0.2])`")), {}, r"1_mini\.ipynb:\d+"),
            (MODULE, CELLS, {"authors": ["coin = Measures.entropy([0.8, 0.2])"]}, r"1_mini\.ipynb:\d+"),
            (
                MODULE,
                (*CELLS, code("x", "coin = 3 + 4", solution=True), code("y", "coin = 3 + 4")),
                {},
                r"1_mini\.ipynb:\d+",
            ),
        ],
    )
    def test_nothing_is_written_if_a_solution_would_be_released(
        self,
        tmp_path: Path,
        module: str,
        cells: list[dict],
        metadata: dict,
        place: str,  # type: ignore[type-arg]
    ) -> None:
        mini = mini_course.write(tmp_path, module=module, cells=cells, **metadata)

        with pytest.raises(
            BuildError, match=rf"^assignments/1_mini/{place} gives away the solution `.*` of source/1_mini/"
        ):
            build(mini, mini.root)
        assert not any(path.startswith(("assignments", "solutions", ".build")) for path in files(mini.root))

    def test_a_data_file_that_holds_a_solution_is_refused(self, tmp_path: Path) -> None:
        mini = mini_course.write(tmp_path)
        data = json.dumps({"x": "total = entr(np.asarray(p)).sum()"})
        (mini.root / "source" / "1_mini" / "data.csv").write_text(data, encoding="utf-8")

        with pytest.raises(BuildError, match=r"data\.csv:1 gives away the solution"):
            build(mini, mini.root)
