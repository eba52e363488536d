from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.submissions.outputs import MAX_DEPTH, MAX_DIGITS, MAX_KEY_BYTES, without_outputs

LIMIT = 1 << 20
BEGIN = b'{"cells": [{"outputs": ['
END = b'], "source": ["x = 1"]}]}'
EMPTY = BEGIN + END
SMALL = (
    '{"cells": [{"cell_type": "code", "outputs": [{"data": {"image/png": "iVBO\\n"}, "n": [-1.5e3, true, {}]}], '
    '"source": ["é = \\"[\\u00e9\\\\\\""]}], "metadata": {"widgets": {"state": [1]}, "x": null}, "nbformat": 4}\n'
).encode()
SMALL_LEFT = (
    '{"cells": [{"cell_type": "code", "outputs": [], '
    '"source": ["é = \\"[\\u00e9\\\\\\""]}], "metadata": {"widgets": {}, "x": null}, "nbformat": 4}\n'
).encode()


def emptied(notebook: Any, limit: int = LIMIT) -> Any:
    """Return what is left of a notebook that is written as JSON."""
    left = without_outputs([json.dumps(notebook).encode()], limit)
    return None if left is None else json.loads(left)


def cut(data: bytes, size: int) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


# An oracle that has all of a notebook in memory.


def without(holder: Any, *keys: str) -> Any:
    if not isinstance(holder, dict):
        return holder
    return {key: blank(value) if key in keys else value for key, value in holder.items()}


def blank(value: Any) -> Any:
    return type(value)() if isinstance(value, list | dict | str) else value


def with_empty_cells(holder: Any) -> Any:
    if not isinstance(holder, dict) or not isinstance(holder.get("cells"), list):
        return holder
    return {**holder, "cells": [without(cell, "outputs", "attachments") for cell in holder["cells"]]}


def expected(notebook: dict[str, Any]) -> dict[str, Any]:
    left = with_empty_cells(notebook)
    if isinstance(left.get("worksheets"), list):
        left = {**left, "worksheets": [with_empty_cells(sheet) for sheet in left["worksheets"]]}
    return {key: without(value, "widgets") if key == "metadata" else value for key, value in left.items()}


KEYS = st.sampled_from(["cells", "worksheets", "metadata", "outputs", "attachments", "widgets", "source"]) | st.text(
    max_size=3
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8) | KEYS
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)
CELLS = st.dictionaries(st.sampled_from(["outputs", "attachments", "source", "metadata", "id"]), VALUES) | VALUES
SHEETS = st.fixed_dictionaries({"cells": st.lists(CELLS, max_size=3)}) | VALUES
NOTEBOOKS = st.fixed_dictionaries(
    {},
    optional={
        "cells": st.lists(CELLS, max_size=4) | VALUES,
        "worksheets": st.lists(SHEETS, max_size=2) | VALUES,
        "metadata": st.dictionaries(KEYS, VALUES, max_size=4) | VALUES,
        "outputs": VALUES,
    },
).filter(bool)
BYTES = st.sampled_from(sorted(b'{}[],:"\\ \n/0u1eE.+-tfnNI\x00\x1f\x7f\xef\xbb\xbf\xff'))


@st.composite
def written(draw: st.DrawFn) -> tuple[dict[str, Any], bytes]:
    """Return a notebook, and one of the ways to write it."""
    notebook = draw(NOTEBOOKS)
    blanks = draw(st.lists(st.text(" \t\n\r", max_size=2), min_size=3, max_size=3))
    text = json.dumps(
        notebook,
        ensure_ascii=draw(st.booleans()),
        indent=draw(st.sampled_from([None, 0, 1])),
        separators=(blanks[0] + "," + blanks[1], blanks[1] + ":" + blanks[2]),
    )
    mark = draw(st.sampled_from([b"", b"\xef\xbb\xbf"]))
    return notebook, mark + (blanks[2] + text + blanks[0]).encode("utf-8", "surrogatepass")


class TestWhatIsDropped:
    @settings(max_examples=200)
    @given(written(), st.integers(1, 200))
    def test_what_is_left_is_the_notebook_with_empty_outputs(
        self, notebook: tuple[dict[str, Any], bytes], size: int
    ) -> None:
        content, data = notebook

        left = without_outputs(cut(data, size), len(data))

        assert left is not None
        assert json.loads(left.decode("utf-8-sig", "surrogatepass")) == expected(content)
        assert len(left) <= len(data)

    def test_outputs_attachments_and_widgets_are(self) -> None:
        assert without_outputs([SMALL], LIMIT) == SMALL_LEFT

    def test_cells_of_old_worksheets_lose_their_outputs(self) -> None:
        assert emptied({"worksheets": [{"cells": [{"outputs": [1], "input": "x"}]}]}) == {
            "worksheets": [{"cells": [{"outputs": [], "input": "x"}]}]
        }

    @pytest.mark.parametrize(
        "notebook",
        [
            {"outputs": [1], "attachments": {"a": 1}, "widgets": {"a": 1}},
            {
                "cells": [
                    {"metadata": {"outputs": [1], "attachments": [1], "widgets": [1], "cells": [{"outputs": [1]}]}}
                ]
            },
            {"cells": [{"source": ['"outputs": [1]', '{"cells": [{"outputs": ["']}]},
            {"cells": [["outputs", [1]], "outputs", 1, {"cells": [{"outputs": [1]}]}]},
            {"cells": {"a": {"outputs": [1]}, "outputs": [1]}},
            {"worksheets": {"cells": [{"outputs": [1]}]}, "metadata": [{"widgets": [1]}]},
            {"metadata": {"widgets_state": [1], "metadata": {"widgets": [1]}, "cells": [{"outputs": [1]}]}},
            {"cells": [{"Outputs": [1], "outputs ": [1], "output": [1], "outputs": None, "attachments": 12}]},
        ],
    )
    def test_things_of_that_name_elsewhere_are_not(self, notebook: dict[str, Any]) -> None:
        assert emptied(notebook) == notebook

    def test_a_key_that_is_written_with_escapes_leads_to_what_stays(self) -> None:
        data = rb'{"cells": [{"\u006futputs": [1], "outputs": [2]}], "\u0063ells": [{"outputs": [3]}]}'

        assert without_outputs([data], LIMIT) == data.replace(b"[2]", b"[]")

    def test_of_keys_that_stand_twice_each_is_emptied(self) -> None:
        data = b'{"cells": [{"outputs": [1], "outputs": "2"}], "cells": [{"outputs": {"a": 3}}]}'

        left = without_outputs([data], LIMIT)

        assert left == b'{"cells": [{"outputs": [], "outputs": ""}], "cells": [{"outputs": {}}]}'

    def test_brackets_and_quotes_in_outputs_are_read_as_text(self) -> None:
        nasty = ['"', "\\", '\\"]', "]", "}]}", '", "source": ["', "\u2028é\x7f"]

        assert emptied({"cells": [{"outputs": nasty, "source": nasty}]}) == {
            "cells": [{"outputs": [], "source": nasty}]
        }

    def test_the_limit_counts_what_is_kept(self) -> None:
        notebook = {"cells": [{"outputs": ["x" * 1000], "source": "y" * 1000}]}
        kept = len(json.dumps(expected(notebook)))

        assert emptied(notebook, kept) == expected(notebook)
        assert emptied(notebook, kept - 1) is None

    def test_nothing_is_read_behind_the_limit(self) -> None:
        def endless() -> Iterator[bytes]:
            yield b'{"source": "'
            while True:
                yield b"x" * 1000

        assert without_outputs(endless(), LIMIT) is None


class TestWhatIsNoNotebook:
    @settings(max_examples=300)
    @given(written(), st.lists(st.tuples(st.integers(0), BYTES, st.integers(0, 2)), max_size=2), st.integers(1, 99))
    def test_json_is_what_python_reads_as_json(
        self, notebook: tuple[dict[str, Any], bytes], changes: list[tuple[int, int, int]], size: int
    ) -> None:
        """A byte is put in, replaced or lost here and there; whatever comes of it, both must agree."""
        data = bytearray(notebook[1])
        for where, byte, lost in changes:
            at = where % (len(data) + 1)
            data[at : at + lost] = bytes([byte]) if lost < 2 else b""
        try:
            content = json.loads(data.decode("utf-8-sig", "surrogatepass"))
        except UnicodeDecodeError:
            without_outputs(cut(bytes(data), size), LIMIT)  # text that is dropped may hold any bytes
            return
        except ValueError:
            content = None

        left = without_outputs(cut(bytes(data), size), LIMIT)

        assert (left is not None) == isinstance(content, dict)

    @given(st.binary(max_size=200) | st.lists(BYTES, max_size=200).map(bytes), st.integers(1, 99))
    def test_no_bytes_raise_anything(self, data: bytes, size: int) -> None:
        for before in (b"", b"{", EMPTY[: len(BEGIN)]):
            without_outputs(cut(before + data, size), LIMIT)

    @pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 1000])
    def test_what_is_cut_off_anywhere_is_damaged(self, size: int) -> None:
        whole = SMALL.rstrip()
        for end in range(len(whole)):
            assert without_outputs(cut(whole[:end], size), LIMIT) is None
        assert without_outputs(cut(whole, size), LIMIT) == SMALL_LEFT.rstrip()

    @pytest.mark.parametrize(
        "data",
        [
            b"", b"\n", b"[]", b"null", b'"{}"', b"\x89PNG", b"<!DOCTYPE html>", bytes(1000), b"{}{}", EMPTY + b"x",
            EMPTY + b"\0", SMALL.decode().encode("utf-16"), SMALL.decode().encode("utf-16-le"), b"\xef\xbb\xbf" * 2 + EMPTY,
            BEGIN + b"\n<<<<<<< HEAD\n" + END, BEGIN + b"1,]" + END[1:], BEGIN + b"1 2" + END, BEGIN + b"'a'" + END,
            BEGIN + b'"\\x"' + END, BEGIN + b'"\n"' + END, BEGIN + b'"' + END, BEGIN + b'"\\' + END, BEGIN + b'"\\u00g0"' + END,
            BEGIN + b"01" + END, BEGIN + b"-" + END, BEGIN + b"1." + END, BEGIN + b"+1" + END, BEGIN + b"nul" + END,
            BEGIN + b"{1: 2}" + END, BEGIN + b'{"a" 2}' + END, BEGIN + b'{"a": 2,}' + END, BEGIN + b"[}" + END, BEGIN + b"]" + END,
            BEGIN + b"\0" + END, BEGIN + "١".encode() + END, BEGIN + b"\x0b" + END,
        ],
    )  # fmt: skip
    def test_what_is_damaged_or_something_else_is_left_to_others(self, data: bytes) -> None:
        assert without_outputs([data], LIMIT) is None
        assert without_outputs(cut(data, 1), LIMIT) is None

    @pytest.mark.parametrize(
        "value",
        [
            b"01", b"tru", b"-NaN", b"", b'"\\x"', b'"\t"', b"[1 2]", b"[1,]", b"[,1]", b"[1}", b"{1: 2}", b'{"a" 1}', b'{"a": 1,}',
            b'{"a": 1, 2: 3, "b": 4}', b'{"a": 1, [2]: 3, "b": 4}', b'{"a": 1,, "b": 4}', b'{"a": 1]', b"1 2",
        ],
    )  # fmt: skip
    def test_one_wrong_value_among_many_is_enough(self, value: bytes) -> None:
        for right in (b"NaN", b"[-Infinity, 1e5]", b'{"a": "\\u00e9", "b": {}}'):
            assert without_outputs([BEGIN + b"0, %s, 0" % right + END], LIMIT) == EMPTY
            assert without_outputs([BEGIN + b"%s, %s, %s" % (right, value, right) + END], LIMIT) is None

    @pytest.mark.parametrize(
        ("inside", "outside"),
        [
            (b"[" * (MAX_DEPTH - 4) + b"]" * (MAX_DEPTH - 4), b"[" * (MAX_DEPTH - 3) + b"]" * (MAX_DEPTH - 3)),
            (b'{"%s": 1}' % (b"k" * (MAX_KEY_BYTES - 2)), b'{"%s": 1}' % (b"k" * (MAX_KEY_BYTES - 1))),
            (b'{"%s": [[]]}' % (b"\\n" * 2047), b'{"%s": [[]]}' % (b"\\n" * 2048)),
            (b"1" * MAX_DIGITS, b"1" * (MAX_DIGITS + 1)),
            (b"0." + b"1" * MAX_DIGITS, b"0." + b"1" * (MAX_DIGITS + 1)),
            (b"0e" + b"1" * MAX_DIGITS, b"0e" + b"1" * (MAX_DIGITS + 1)),
        ],
    )
    @pytest.mark.parametrize("size", [1, 1000, 1 << 16])
    @pytest.mark.parametrize("around", [b"%s", b"0, %s, 0"])
    def test_bounds_hold_however_the_bytes_come(self, inside: bytes, outside: bytes, size: int, around: bytes) -> None:
        assert without_outputs(cut(BEGIN + around % inside + END, size), LIMIT) == EMPTY
        assert without_outputs(cut(BEGIN + around % outside + END, size), LIMIT) is None

    @pytest.mark.parametrize("opening", [b"[", b'{"a":', b'{"cells":[', b"[[],", b'"\\', b'"', b'{"', b"-", b"1", b" "])
    def test_endless_beginnings_come_to_an_end(self, opening: bytes) -> None:
        for before in (b"", BEGIN, b'{"cells": ['):
            assert without_outputs([before, opening * (LIMIT // len(opening))], LIMIT) is None

    def test_what_the_source_of_bytes_raises_passes_through(self) -> None:
        def broken() -> Iterator[bytes]:
            yield BEGIN
            raise OSError("gone")

        with pytest.raises(OSError, match="gone"):
            without_outputs(broken(), LIMIT)


class TestMemory:
    def test_a_picture_of_two_hundred_megabytes_takes_less_than_one(self) -> None:
        def stream() -> Iterator[bytes]:
            yield BEGIN + b'"'
            for _ in range(3200):
                yield b"iVBORw0KGgo=\\n" * 4681
            yield b'"' + END

        assert peak(stream()) < 1 << 20

    @pytest.mark.parametrize(
        "element",
        [
            b'"' + b"\\n" * 20_000 + b'",', b'"' + b'\\"[1,2],[\\"' * 6000 + b'",', b'", ",', b'[1,2.5,-3e4],[[[]]],{"x":[0,{}]},',
            b"1,", b"[" + b"1," * 20 + b"1],", b"{" + b'"":1,' * 20 + b'"":1},', b"[],", b"{},",
            b"[" + b'"\\n\\n\\n\\n",' * 20 + b"1],", b'{"a":[{"b":[[]]}]},', b'"' + b"\\n" * 5000 + b'",', b" 1 ,",
            b"[" * 900 + b"]" * 900 + b",",
        ],
    )  # fmt: skip
    def test_no_mixture_of_brackets_takes_more(self, element: bytes) -> None:
        assert peak(iter([BEGIN, element * (300_000 // len(element)), b"0" + END])) < 8 << 20


def peak(chunks: Iterator[bytes]) -> int:
    """Return how many bytes of memory it takes to read what can be read as the empty notebook."""
    tracemalloc.start()
    try:
        left = without_outputs(chunks, LIMIT)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        assert left == EMPTY
