import json
import shutil

import pytest

from autograder.course import CourseError, check_notebooks, find_root, load

TEXT = """
id = "c"
title = "C"
seed = 1
[limits]
call_cpu_seconds = 1.0
sleep_seconds = 2.0
import_cpu_seconds = 3.0
cell_cpu_seconds = 1.0
attempt_cpu_seconds = 4.0
attempt_sleep_seconds = 4.0
memory_mb = 5
file_mb = 6
replacements = 7
[[section]]
id = "1_a"
title = "A"
notebook = "1_a.ipynb"
modules = ["a.py"]
files = []
[[section.item]]
id = "example-1"
title = "One"
kind = "module"
module = "a.py"
points = 10
[section.limits]
memory_mb = 50
"""


@pytest.fixture
def root(tmp_path):
    (tmp_path / "source" / "1_a").mkdir(parents=True)
    (tmp_path / "source" / "course.toml").write_text(TEXT)
    return tmp_path


def rewrite(root, old, new):
    path = root / "source" / "course.toml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def write_notebook(root, **nbgrader):
    metadata = {"grade": True, "grade_id": "example-1", "points": 10} | nbgrader
    cells = [{"cell_type": "code", "metadata": {"nbgrader": metadata}, "source": ""}]
    (root / "source" / "1_a" / "1_a.ipynb").write_text(json.dumps({"cells": cells}))


def test_the_course_is_read_with_its_limits(root):
    course = load(root)

    assert course.points == 10
    assert course.section("1_a").item("example-1").module == "a.py"
    assert course.section("1_a").limits.memory_mb == 50
    assert course.section("1_a").limits.file_mb == 6
    assert course.section("1_a").expected_files == ("a.py", "1_a.ipynb")


def test_the_real_course_agrees_with_its_notebooks(course):
    check_notebooks(course)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('id = "c"', "", "lacks the key `id`"),
        ("seed = 1", "seed = -1", "must not be negative"),
        ("seed = 1", 'seed = "x"', "wrong type"),
        ("seed = 1", "seed = 1\nsede = 2", "unknown key `sede`"),
        ("file_mb = 6\n", "", "lacks the key `file_mb`"),
        ("memory_mb = 50", "memory_mb = 0", "must be positive"),
        ("memory_mb = 50", "slow_calls = { train = -1 }", "the limit `train` must be positive"),
        ("memory_mb = 50", 'slow_calls = { train = "long" }', "wrong type"),
        ("points = 10", "points = 0", "must be positive"),
        ("points = 10", "points = inf", "finite"),
        ('kind = "module"', 'kind = "essay"', "must be one of"),
        ('module = "a.py"', 'module = "b.py"', "must be one of the section's modules"),
        ('notebook = "1_a.ipynb"', 'notebook = "../1_a.ipynb"', "plain name"),
        ("[[section.item]]", "[[section.item]]\n[[section.item]]", "lacks the key"),
        ("[limits]", "[limits", "no valid TOML"),
    ],
)
def test_a_course_that_contradicts_itself_is_refused_with_file_and_reason(root, old, new, reason):
    rewrite(root, old, new)

    with pytest.raises(CourseError, match=r"course\.toml") as refusal:
        load(root)
    assert reason in str(refusal.value)


def test_an_id_that_stands_twice_is_refused(root):
    rewrite(
        root,
        "[section.limits]",
        '[[section.item]]\nid = "example-1"\ntitle = "T"\nkind = "notebook"\npoints = 1\n[section.limits]',
    )

    with pytest.raises(CourseError, match="stands twice"):
        load(root)


@pytest.mark.parametrize(
    ("whole", "section", "chosen"),
    [("", "", "waived"), ("lost", "", "lost"), ("", "lost", "lost"), ("lost", "waived", "waived"), ("off", "", "off")],
)
def test_losses_that_follow_are_waived_unless_the_course_or_a_section_says_otherwise(root, whole, section, chosen):
    rewrite(root, "seed = 1", f'seed = 1\nfollow_on = "{whole}"' if whole else "seed = 1")
    rewrite(root, 'title = "A"', f'title = "A"\nfollow_on = "{section}"' if section else 'title = "A"')

    assert load(root).sections[0].follow_on == chosen


def test_another_word_for_losses_that_follow_is_refused(root):
    rewrite(root, "seed = 1", 'seed = 1\nfollow_on = "halved"')

    with pytest.raises(CourseError, match="`follow_on` must be one of `waived`, `lost`, `off`; got `halved`"):
        load(root)


def test_a_missing_course_says_where_it_was_looked_for(root):
    (root / "source" / "course.toml").unlink()

    with pytest.raises(CourseError, match="is missing"):
        load(root)


def test_the_root_is_found_from_below(root):
    below = root / "deep" / "down"
    below.mkdir(parents=True)

    assert find_root(below) == root


def test_a_notebook_that_agrees_is_accepted(root):
    write_notebook(root)

    check_notebooks(load(root))


@pytest.mark.parametrize(
    ("nbgrader", "reason"),
    [
        ({"grade_id": "other"}, "has no graded cell with the grade_id `example-1`"),
        ({"points": 9}, "gives `example-1` 9 points, course.toml 10"),
        ({"grade": False}, "has no graded cell"),
    ],
)
def test_a_notebook_that_contradicts_the_course_is_refused(root, nbgrader, reason):
    write_notebook(root, **nbgrader)

    with pytest.raises(CourseError, match=reason):
        check_notebooks(load(root))


def test_a_graded_cell_that_is_no_item_is_refused(root):
    write_notebook(root)
    rewrite(root, 'id = "example-1"', 'id = "example-9"')

    with pytest.raises(CourseError, match="example-9"):
        check_notebooks(load(root))


@pytest.mark.parametrize("content", [None, "no json", "[]", '{"cells": 3}'])
def test_a_notebook_that_is_none_is_refused(root, content):
    path = root / "source" / "1_a" / "1_a.ipynb"
    if content is None:
        shutil.rmtree(path.parent)
    else:
        path.write_text(content)

    with pytest.raises(CourseError, match=r"1_a\.ipynb"):
        check_notebooks(load(root))
