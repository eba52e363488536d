import datetime as dt
import json
import shutil

import pytest

from autograder.course import Allowance, CourseError, Late, check_notebooks, find_root, load

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
        ("seed = 1", 'seed = "x"', "`seed` must be a whole number; got 'x'"),
        ("seed = 1", "seed = 1\nsede = 2", "unknown key `sede`; did you mean `seed`"),
        ("file_mb = 6\n", "", "lacks the key `file_mb`"),
        ("memory_mb = 50", "memory_mb = 0", "must be positive"),
        ("memory_mb = 50", "slow_calls = { train = -1 }", "the limit `train` must be positive"),
        ("memory_mb = 50", 'slow_calls = { train = "long" }', "limits, slow_calls: `train` must be a number"),
        ("points = 10", "points = 0", "must be positive"),
        ("points = 10", "points = inf", "finite"),
        ('kind = "module"', 'kind = "essay"', "must be one of"),
        ('module = "a.py"', 'module = "b.py"', "must be one of the section's modules"),
        ('notebook = "1_a.ipynb"', 'notebook = "../1_a.ipynb"', "plain name"),
        ("[[section.item]]", "[[section.item]]\n[[section.item]]", "lacks the key"),
        ("[limits]", "[limits", "not valid TOML"),
    ],
)
def test_a_course_that_contradicts_itself_is_refused_with_file_and_reason(root, old, new, reason):
    rewrite(root, old, new)

    with pytest.raises(CourseError, match=r"course\.toml") as refusal:
        load(root)
    assert reason in str(refusal.value)


def test_an_id_that_appears_twice_is_refused(root):
    rewrite(
        root,
        "[section.limits]",
        '[[section.item]]\nid = "example-1"\ntitle = "T"\nkind = "notebook"\npoints = 1\n[section.limits]',
    )

    with pytest.raises(CourseError, match="appears twice"):
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


def dated(root, section="", top="", whole=""):
    """Write lines into the section, the top level, and a table ``[late]``; return the course."""
    path = root / "source" / "course.toml"
    text = TEXT.replace("seed = 1\n", f"seed = 1\n{top}\n").replace("[limits]", f"{whole}\n[limits]", 1)
    path.write_text(text.replace("files = []\n", f"files = []\n{section}\n"))
    return load(root)


def late(root, whole="", own=""):
    whole = whole and f"[late]\n{whole}"
    own = own and f"[section.late]\n{own}"
    path = root / "source" / "course.toml"
    path.write_text(TEXT.replace("[limits]", f"{whole}\n[limits]", 1) + own)
    return load(root).sections[0].late


def test_without_a_word_on_time_nothing_is_due_and_nbgrader_decides(root):
    course = load(root)

    assert (course.sections[0].due, course.sections[0].late, course.attempts) == (None, None, "last")
    assert course.timezone == dt.UTC


@pytest.mark.parametrize(
    ("top", "due", "utc"),
    [
        ("", "2026-11-30T23:59:00", "2026-11-30T23:59:00"),
        ('timezone = "Europe/Berlin"', "2026-11-30T23:59:00", "2026-11-30T22:59:00"),
        ('timezone = "Europe/Berlin"', "2026-07-31 23:59:00", "2026-07-31T21:59:00"),
        ('timezone = "America/New_York"', "2026-11-30T23:59:00", "2026-12-01T04:59:00"),
        ('timezone = "Europe/Berlin"', "2026-11-30T23:59:00Z", "2026-11-30T23:59:00"),
        ('timezone = "Asia/Kolkata"', "2026-11-30T23:59:00-08:00", "2026-12-01T07:59:00"),
        # Clocks show 02:30 twice that night: nobody is late by that.
        ('timezone = "Europe/Berlin"', "2026-10-25T02:30:00", "2026-10-25T01:30:00"),
    ],
)
def test_a_due_date_is_a_moment_of_the_courses_zone_or_of_its_own_offset(root, top, due, utc):
    (section,) = dated(root, section=f"due = {due}", top=top).sections

    assert section.due.astimezone(dt.UTC).replace(tzinfo=None).isoformat() == utc


def test_due_dates_and_policies_decide_nothing_that_records_are_filed_under(root):
    plain = repr(load(root).sections[0])

    (section,) = dated(root, "due = 2026-11-30T23:59:00", whole='[late]\npolicy = "zero"').sections
    assert section.late is not None
    assert repr(section) == plain


@pytest.mark.parametrize(
    ("whole", "own", "wanted"),
    [
        ('policy = "none"', "", Late("none")),
        ('policy = "zero"\ngrace_days = 2', "", Late("zero", grace_days=2)),
        ('policy = "per_day"\nper_day = 0.1', "", Late("per_day", 0.1)),
        ('policy = "per_day"\nper_day = 1\nfloor = 0.25\ngrace_days = 0.5', "", Late("per_day", 1, 0.25, 0.5)),
        ("", 'policy = "zero"', Late("zero")),
        ('policy = "per_day"\nper_day = 0.1\nfloor = 0.5', "per_day = 0.2", Late("per_day", 0.2, 0.5)),
        ('policy = "zero"\ngrace_days = 2', "grace_days = 0", Late("zero")),
    ],
)
def test_a_section_says_what_differs_from_the_late_policy_of_the_course(root, whole, own, wanted):
    assert late(root, whole, own) == wanted


@pytest.mark.parametrize(
    ("whole", "reason"),
    [
        ("grace_days = 1", "late lacks the key `policy`"),
        ('policy = "half"', "`policy` must be one of `none`, `zero`, `per_day`; got `half`"),
        ('policy = "per_day"', "`per_day` must say which share of the points each day costs"),
        ('policy = "per_day"\nper_day = 10', "`per_day` must be a share from 0 to 1"),
        ('policy = "per_day"\nper_day = -0.1', "must be a share"),
        ('policy = "per_day"\nper_day = nan', "must be a share"),
        ('policy = "per_day"\nper_day = "10 %"', "`per_day` must be a number"),
        ('policy = "per_day"\nper_day = 0.1\nfloor = 50', "`floor` must be a share"),
        ('policy = "per_day"\nper_day = 0.1\ngrace_days = -1', "`grace_days` must be from 0 to 1000"),
        ('policy = "zero"\ngrace_days = inf', "`grace_days` must be from 0 to 1000"),
        ('policy = "zero"\nfloor = 0.5', '`floor` only applies with `policy = "per_day"`'),
        ('policy = "zero"\nper_week = 0.5', "late has the unknown key `per_week`"),
    ],
)
def test_a_late_policy_that_contradicts_itself_is_refused(root, whole, reason):
    with pytest.raises(CourseError, match=r"course\.toml: ") as refusal:
        late(root, whole)

    assert reason in str(refusal.value)


def watched(root, top="", section="", own=""):
    path = root / "source" / "course.toml"
    text = TEXT.replace("[limits]", f"{top}\n[limits]", 1).replace("files = []\n", f"files = []\n{section}\n")
    path.write_text(text + own)
    return load(root).sections[0]


def test_a_course_that_says_nothing_tells_everything_and_judges_everything_at_once(root):
    section = load(root).sections[0]

    assert (section.before_due, section.watch) == ("all", None)


@pytest.mark.parametrize(
    ("top", "own", "wanted"),
    [
        ('[watch]\nattempts = 5\nper = "24h"', "", Allowance(5, dt.timedelta(hours=24))),
        ('[watch]\nattempts = 1\nper = "90 m"', "", Allowance(1, dt.timedelta(minutes=90))),
        ("", '[section.watch]\nattempts = 3\nper = "7d"', Allowance(3, dt.timedelta(days=7))),
        ('[watch]\nattempts = 5\nper = "24h"', "[section.watch]\nattempts = 2", Allowance(2, dt.timedelta(days=1))),
        ('[watch]\nattempts = 5\nper = "24h"', '[section.watch]\nper = "1h"', Allowance(5, dt.timedelta(hours=1))),
    ],
)
def test_an_allowance_is_that_of_the_course_or_what_a_section_says_instead(root, top, own, wanted):
    assert watched(root, top, own=own).watch == wanted


@pytest.mark.parametrize(
    ("top", "section", "reason"),
    [
        ("[watch]\nattempts = 5", "", "watch lacks the key `per`"),
        ('[watch]\nper = "24h"', "", "watch lacks the key `attempts`"),
        ('[watch]\nattempts = 0\nper = "24h"', "", "`attempts` must be at least 1"),
        ('[watch]\nattempts = 1.5\nper = "24h"', "", "`attempts` must be a whole number"),
        ('[watch]\nattempts = 5\nper = "a day"', "", 'such as "90m", "24h" or "7d"; got `a day`'),
        ("[watch]\nattempts = 5\nper = 24", "", "`per` must be a text in quotes"),
        ('[watch]\nattempts = 5\nper = "400d"', "", "at most a year"),
        ('[watch]\nattempts = 5\nper = "1d"\nday = 1', "", "watch has the unknown key `day`"),
        ("", 'before_due = "nothing"', "`before_due` must be one of `all`, `functions`, `counts`; got `nothing`"),
        ("", 'before_due = "counts"', '`before_due = "counts"` needs a due date'),
    ],
)
def test_policies_that_can_not_hold_are_refused(root, top, section, reason):
    with pytest.raises(CourseError, match=r"course\.toml: ") as refusal:
        watched(root, top, section)

    assert reason in str(refusal.value)


def test_policies_decide_nothing_that_records_are_filed_under(root):
    plain = repr(load(root).sections[0])

    section = watched(root, '[watch]\nattempts = 5\nper = "24h"', 'due = 2026-11-30T23:59:00\nbefore_due = "counts"')
    assert (section.before_due, repr(section)) == ("counts", plain)


@pytest.mark.parametrize(
    ("top", "section", "reason"),
    [
        ('timezone = "Berlin"', "", "`timezone` must be a name such as `Europe/Berlin`"),
        ('timezone = "CEST"', "", "`timezone` must be a name"),
        ('timezone = "Europe"', "", "`timezone` must be a name"),
        ('timezone = "../../etc/passwd"', "", "`timezone` must be a name"),
        ('timezone = ""', "", "`timezone` must be a name"),
        ('attempts = "first"', "", "`attempts` must be one of `last`, `best`; got `first`"),
        ("", "due = 2026-11-30", "`due` must be a day and a time without quotes"),
        ("", 'due = "2026-11-30T23:59:00"', "without quotes"),
        ("", "due = 2026-11-30T23:59", "times need seconds, as in `due = 2026-11-30T23:59:00`"),
        ("", "due = 23:59:00", "`due` must be a day and a time"),
        ('timezone = "Europe/Berlin"', "due = 2026-03-29T02:30:00", "clocks in Europe/Berlin skip the time"),
    ],
)
def test_times_that_mean_nothing_are_refused_with_the_remedy(root, top, section, reason):
    with pytest.raises(CourseError, match=r"course\.toml") as refusal:
        dated(root, section, top)

    assert reason in str(refusal.value)
