"""The rule for names that are almost right, by examples and by what must hold of any names."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.submissions.near_names import Choice, Names, archive_stem, choose, common_folder, meaning, plain

EXPECTED = ("entropy.py", "1_entropy.ipynb")
NAMES = Names(EXPECTED, ("entropy_figures.py",))
SECTION = Names(["1_entropy"])


@pytest.mark.parametrize(
    "name",
    [
        "entropy (1).py", "entropy(2).py", "entropy_(3).py", "entropy 2.py", "entropy-1.py", "entropy - Copy.py",
        "entropy - Copy (2).py", "entropy copy.py", "entropy copy 3.py", "entropy_copy.py", "Copy of entropy.py",
        "Copy (2) of entropy.py", "Kopie von entropy.py", "entropy – Kopie.py", "entropy (Kopie).py", "entropy (copy).py",
        "entropy (another copy).py", "entropy (3rd copy).py", "entropy-Copy1.py", "entropy.py.txt", "entropy.py.py",
        "entropy (1).py.txt", "entropy.py (1).txt", "entropy.py - Copy.txt", "Entropy.py", "ENTROPY.PY", " entropy.py",
        "entropy.py ", "entropy .py", "entropy\u00a0(1).py", "entropy.py\u200b", "\ufeffentropy.py", "entropy.py.",
        "ｅｎｔｒｏｐｙ.py", "entropy (1) (1).py", "entropy.py.download", "entropy (1) - Copy.PY.TXT",
    ],
)  # fmt: skip
def test_marks_of_copies_are_taken_off(name: str) -> None:
    assert NAMES.meant(name) == "entropy.py"


@pytest.mark.parametrize(
    "name",
    ["1_entropy (1).ipynb", "1_entropy-Copy1.ipynb", "1_entropy.ipynb.json", "1_entropy.ipynb.txt", "1_Entropy.IPYNB"],
)
def test_notebooks_too(name: str) -> None:
    assert NAMES.meant(name) == "1_entropy.ipynb"


@pytest.mark.parametrize(
    "name",
    [
        "entopy.py", "entropy_final.py", "entropy_1.py", "entropy2.py", "my_entropy.py", "entropy.txt", "entropy", "py",
        "entropy.pyc", "entropy_figures.py", "entropy_figures (1).py", "old entropy.py", "entropycopy.py", ".py", "",
        "1_entropy.py", "entropy.ipynb", "entropy.py.ipynb", "entropy.py.zip", "entropy (1234).py", "x" * 5000,
    ],
)  # fmt: skip
def test_other_names_stay_other_names(name: str) -> None:
    assert NAMES.meant(name) is None


def test_accents_are_one_in_both_unicode_forms() -> None:
    names = Names(["\u00fcbung.py"])

    assert names.meant(unicodedata.normalize("NFD", "\u00fcbung (1).py")) == "\u00fcbung.py"


def test_names_that_hold_a_mark_themselves_are_met_exactly() -> None:
    names = Names(["lab-1", "lab-2", "Lab 3"])

    assert [names.meant(name) for name in ("lab-1", "lab-2", "lab", "lab-3", "LAB-1", "Lab 3")] == [
        "lab-1", "lab-2", None, None, None, "Lab 3",
    ]  # fmt: skip


def test_names_that_differ_in_case_only_are_met_exactly() -> None:
    names = Names(["model.py"], ["Model.py"])

    assert [names.meant(name) for name in ("model.py", "Model.py", "MODEL.py")] == ["model.py", None, None]


@given(st.text(max_size=60))
def test_what_was_meant_was_meant_to_be_itself(name: str) -> None:
    assert plain(plain(name)) == plain(name) or len(plain(name)) > 255


@pytest.mark.parametrize(
    "name",
    ["1_entropy.zip", "1_entropy.tar.gz", "1_entropy.tgz", "1_entropy.TAR", "1_entropy.7z", "1_entropy.tar (1).gz"],
)
def test_archives_are_called_like_what_was_packed(name: str) -> None:
    stem, kind = archive_stem(name)

    assert (stem, bool(kind)) == ("1_entropy", True)


def test_other_files_are_no_archives() -> None:
    assert archive_stem("data.csv.gz") == ("data.csv.gz", "")


def chosen(files: dict[str, str], top: str = "") -> Choice:
    return choose(files, "entropy.py", top, SECTION, files.__getitem__, {"", "stub"})


@pytest.mark.parametrize(
    ("files", "taken"),
    [
        ({}, None),
        ({"entropy.py": "a"}, "entropy.py"),
        ({"x/y/Entropy.py": "a"}, "x/y/Entropy.py"),
        ({"entropy.py": "a", "entropy (1).py": "b"}, "entropy.py"),
        ({"entropy.py": "stub", "entropy (1).py": "b"}, "entropy (1).py"),
        ({"entropy.py": "", "old/entropy (1).py": "b"}, "old/entropy (1).py"),
        ({"entropy.py": "a", "1_entropy/entropy.py": "b"}, "entropy.py"),
        ({"1_entropy/entropy.py": "a", "1_entropy_backup/entropy.py": "b"}, "1_entropy/entropy.py"),
        ({"1_entropy/entropy.py": "a", "1_entropy (1)/entropy.py": "b"}, "1_entropy/entropy.py"),
        ({"1_Entropy.zip/entropy.py": "a", "work/entropy.py": "b"}, "1_Entropy.zip/entropy.py"),
        ({"entropy (1).py": "a", "Entropy.py": "a"}, "Entropy.py"),
        ({"entropy (1).py": "a", "Entropy.py": "b"}, None),
        ({"Entropy.py": "a", "old/entropy.py": "b"}, None),
        ({"old/entropy.py": "a", "new/entropy.py": "b"}, None),
        ({"entropy.py": "stub", "entropy (1).py": "a", "entropy (2).py": "b"}, None),
        ({"entropy.py": "stub", "entropy (1).py": ""}, "entropy.py"),
    ],
)
def test_one_is_taken_only_if_none_is_better_or_as_good(files: dict[str, str], taken: str | None) -> None:
    assert chosen(files).path == taken


def test_the_folder_that_holds_everything_is_the_top() -> None:
    files = {"Ada's work/entropy.py": "a", "Ada's work/old/entropy.py": "b"}

    assert chosen(files, common_folder(list(files))).path == "Ada's work/entropy.py"
    assert chosen(files).path is None


paths = st.lists(st.sampled_from("ab"), min_size=1, max_size=4).map("/".join)


@given(st.lists(paths, min_size=1))
def test_the_common_folder_is_the_longest_that_holds_all(some: list[str]) -> None:
    folder = common_folder(some)
    parts = [path.split("/")[:-1] for path in some]
    depth = 0
    while all(len(part) > depth and part[depth] == parts[0][depth] for part in parts):
        depth += 1

    assert folder == "/".join(parts[0][:depth])


places = st.sampled_from(["", "1_entropy/", "1_Entropy (1)/", "x/", "y/z/"])
names = st.sampled_from(["entropy.py", "Entropy.py", "entropy (1).py"])
candidates = st.dictionaries(st.tuples(places, names).map("".join), st.sampled_from(["", "stub", "a", "b"]), min_size=1)


@given(candidates, st.randoms(use_true_random=False))
def test_the_choice_is_work_that_is_there_and_order_has_no_say(files: dict[str, str], random: object) -> None:
    choice = chosen(files)
    shuffled = list(files)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert choice == chosen({path: files[path] for path in shuffled})
    work = {path for path, content in files.items() if content not in ("", "stub")}
    if choice.path is None:
        assert len({files[path] for path in choice.others}) > 1
    else:
        assert choice.path in (work or files)
        assert choice.is_work == bool(work)
        assert set(choice.others) == {path for path in work if files[path] != files[choice.path]}


def test_blanks_and_what_is_no_cell_mean_nothing() -> None:
    cells = b'{"cells": [{"cell_type": "code", "source": %s, "outputs": %s}], "metadata": {"a": %s}}'

    assert meaning("a.py", b"x = 1 \r\n\r\ny = 2") == meaning("a.py", b"x = 1\ny = 2\n")
    assert meaning("a.py", b"  x = 1") != meaning("a.py", b"x = 1")
    assert meaning("a.ipynb", cells % (b'["x\\n", "y"]', b"[1]", b"1")) == meaning(
        "a.ipynb", cells % (b'"x\\ny"', b"[]", b"2")
    )
    assert meaning("a.ipynb", cells % (b'"x"', b"[]", b"1")) != meaning("a.ipynb", cells % (b'"y"', b"[]", b"1"))


@pytest.mark.parametrize(
    "content", [b"", b"[" * 100_000, b"1" * 10_000, b'{"cells": 1}', b'{"cells": [1]}', b"\xff", b"null"]
)
def test_what_is_no_notebook_means_its_bytes(content: bytes) -> None:
    assert meaning("a.ipynb", content) == meaning("a.ipynb", content)
