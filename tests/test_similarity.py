"""`autograder similar` finds copies, points at nobody who worked alone, and shows both texts without a verdict."""

import csv
import io
import itertools
import json
import random
import re
import tomllib
from dataclasses import replace

import pytest

from autograder import cli
from autograder.commands.common import DONE, USAGE
from autograder.similarity import groups, page, tokens
from autograder.similarity.likeness import MAX_TOKENS, MEASURES, Comparison
from autograder.similarity.written import MAX_CHARACTERS
from autograder.submissions.attempts import make_attempt
from autograder.text import count
from benchmarks.similarity import (
    ROOT,
    alike_explanations,
    attempt,
    class_of,
    disguised,
    find,
    pairs,
    programs,
    release_of,
    shuffled,
)

from .disguises import DISGUISES, renamed, renamed_and_reordered

SECTIONS = ["1_entropy", "2_divergence", "3_mutual_information", "4_vae", "5_losses"]
EVIL = "<script>alert(1)</script>\u202e"
BANKS = ROOT / "tests" / "corpus" / "prose"


@pytest.fixture(scope="module")
def release():
    return release_of(ROOT)


@pytest.fixture(scope="module")
def first(course):
    return course.section("1_entropy")


@pytest.fixture(scope="module")
def thirty(course, first):
    """A class of thirty, five of whom have another's module in disguise, each in another one."""
    rng = random.Random(4)
    written = class_of(25, rng)
    written |= {
        f"copy{number}": disguised(written["s003"], DISGUISES[name], rng)
        for number, name in enumerate(
            [
                "names and order",
                "constants and messages",
                "comments, docstrings, layout",
                "names",
                "order of definitions",
            ]
        )
    }
    return find(course, first, written)


def everyone(found):
    """Return that each student is called by their name."""
    return {student: student for group in found.groups for student in group.students}


def code(text):
    return [token.text for token in tokens.code(text)]


# Whom it points at


@pytest.mark.parametrize("section", SECTIONS)
def test_nobody_who_wrote_a_right_program_alone_is_pointed_at(course, section):
    section = course.section(section)
    written = programs(course, section)

    assert len(written) >= 6
    assert pairs(find(course, section, written)) == set()


@pytest.mark.parametrize(
    ("section", "name"),
    [
        *((section, "names and order") for section in SECTIONS),
        *zip(itertools.cycle(SECTIONS), DISGUISES, strict=False),
    ],
)
def test_a_copy_is_found_in_every_disguise(course, section, name):
    section = course.section(section)
    rng = random.Random(7)
    written = programs(course, section)
    original = rng.choice(sorted(written))
    copy = disguised(written[original], DISGUISES[name], rng)

    assert copy != written[original]
    assert pairs(find(course, section, {**written, "copy": copy})) == {tuple(sorted(("copy", original)))}


def test_copies_of_one_source_are_one_group_in_a_class_that_wrote_much_alike(thirty):
    assert thirty.groups[0].students == ("copy0", "copy1", "copy2", "copy3", "copy4", "s003")


def test_what_the_course_gave_out_is_nobodys_own(course, first):
    stub = (ROOT / "assignments" / first.id / "entropy.py").read_text(encoding="utf-8")
    helper = (ROOT / "assignments" / "5_losses" / "losses.py").read_text(encoding="utf-8")

    found = find(
        course, first, {"a": {"entropy.py": f"{stub}\n{helper}\na = 1\n"}, "b": {"entropy.py": f"{stub}\n{helper}"}}
    )

    assert found.groups == ()


def test_locked_cells_that_were_changed_are_not_a_students_work(course, first):
    notebook = json.loads((ROOT / "assignments" / first.id / first.notebook).read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("locked") and cell["cell_type"] == "code":
            cell["source"] = "\n".join(f"x{n} = [{n} + k for k in range({n})] or sum(x{n - 1}, {n})" for n in range(40))
    attempts = [
        make_attempt(
            first, student, ROOT, {first.notebook: json.dumps({**notebook, "metadata": {"by": student}}).encode()}
        )
        for student in ("a", "b")
    ]

    assert [part for each in attempts for part in release_of(ROOT).written(each)] == []


def test_what_much_of_a_large_class_wrote_is_how_it_is_written(course, first, release):
    """Twelve of forty share a passage: no copies, a habit. Three who share one are alike."""
    rng = random.Random(3)

    def mine():
        return "\n".join(
            f"q[{rng.choice('abc')}.n{rng.random()}({rng.choice('+-*/')}k)] {rng.choice('+-*/')}= a" for _ in range(30)
        )

    passage = "\n".join(f"total = total + values[{n}].part{n} ** {n} if total < {n} else total" for n in range(12))

    def found(number):
        texts = {f"s{n:02}": [tokens.code(passage if n < number else mine())] for n in range(40)}
        texts |= {name: [*pieces, tokens.code(mine())] for name, pieces in texts.items()}
        return [pair.students for pair in Comparison(texts, release.given["code"]).alike(0.2)]

    assert found(12) == []
    assert found(3) == [("s00", "s01"), ("s00", "s02"), ("s01", "s02")]


def test_the_same_file_is_found_however_many_have_it_and_however_short(course, first):
    source = "class InformationMeasures:\n    entropy = staticmethod(lambda p, base=2: 7)\n"

    found = find(course, first, {f"s{number:02}": {"entropy.py": source} for number in range(15)})

    assert [len(group.students) for group in found.groups] == [15]
    assert all(pair.identical and pair.share == 1 for pair in found.groups[0].pairs)


# Explanations


@pytest.mark.parametrize("item", ["exercise-3-explanation", "exercise-5-explanation"])
def test_explanations_written_alone_are_not_alike_and_copies_are(item):
    table = tomllib.loads((BANKS / f"{item}.toml").read_text(encoding="utf-8"))
    bank = {entry["id"]: entry["text"] for entry in table["answer"]}
    rng = random.Random(2)
    long = [name for name, text in bank.items() if len(tokens.prose(text)) >= MEASURES["prose"].least]
    least = MEASURES["prose"].alike

    copied = {f"{name} copied": shuffled(bank[name], rng).upper() for name in long[:15]}
    found = {pair for pair, share in alike_explanations({**bank, **copied}).items() if share >= least}

    assert len(long) >= 40
    assert found == {(name, f"{name} copied") for name in long[:15]}


def test_an_explanation_with_another_one_behind_it_is_still_a_copy():
    one = "If the mutual information is zero then the joint distribution is the product, so both are independent."
    other = "Knowing the weather would tell you nothing at all about which of my two umbrellas was stolen yesterday."

    assert alike_explanations({"a": one, "b": f"{other} {one}", "c": other})[("a", "b")] == 1


# Tokens


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("def f(a):\n    return a + 1", "def f(value):\n    return value + 2"),
        ("x = 1  # first", "x = 1\n# second\n"),
        ('def f():\n    """What it does."""\n    return 1', "def f():\n    return 1"),
        ("f(a, b)", "f(\n    a,\n    b,\n)"),
        ("raise ValueError('bad')", 'raise ValueError("no good")'),
        ("self.total += 1", "self.amount += 1"),
        ("x = (a + b) * c", "x = ((a + b)) * c"),
        ("a = 0x1F", "a = 2.5e-3"),
    ],
    ids=["names", "comments", "docstrings", "layout", "strings", "attributes", "brackets", "numbers"],
)
def test_what_tells_nothing_is_not_compared(one, other):
    assert code(one) == code(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("a + b", "a - b"), ("np.log(x)", "np.log2(x)"), ("sum(x)", "max(x)"), ("while a: b", "if a: b"), ("'a' % b", "f'{b}'")],
)  # fmt: skip
def test_what_a_program_does_is_compared(one, other):
    assert code(one) != code(other)


@pytest.mark.parametrize("text", ["def f(:\n  '''", "\0\ud800 \\", "x = '", "((((", "\x0c\tif"])
def test_what_is_no_python_is_read_all_the_same(text):
    found = tokens.code(text)

    assert all(0 <= token.start < token.end <= len(text) for token in found)


def test_only_names_that_students_are_asked_to_define_are_kept(release):
    """A name that a helper of the course happens to have can be changed like any other."""
    assert [token.text for token in release.tokens("code", "def require(a):\n    call = joint_entropy(a)")] == [
        "def", "v", "v", ":", "v", "=", "joint_entropy", "v",
    ]  # fmt: skip


# Bounds


def test_what_is_too_long_is_compared_up_to_there_and_said_to_be(course, first):
    endless = "# " + 190_000 * "a" + "\n" + "\n".join(f"x{n} = {n} + y" for n in range(3_000))
    assert len(endless) > MAX_CHARACTERS

    found = find(course, first, {"a": {"entropy.py": endless}, "b": {"entropy.py": f"{endless}\n1"}})

    assert found.notes == ("a and b 1_entropy: `entropy.py` is longer than what is compared",)
    (pair,) = found.groups[0].pairs
    assert 0 < pair.tokens <= MAX_TOKENS
    assert len(page.page(course, found, {"a": "a", "b": "b"}, 40)) < 500_000


# The page


def test_every_match_leads_to_its_other_side_and_back(course, thirty):
    shown = page.page(course, thirty, everyone(thirty), 40)

    ids = re.findall(r' id="([^"]+)"', shown)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', shown)) <= set(ids)
    assert len(re.findall(r"<mark>", shown)) > 20


def test_a_pair_is_marked_where_it_is_the_same(course, first):
    """Each function of a renamed and reordered copy is marked on both sides."""
    written = programs(course, first)
    source = written["correct-loop"]
    copy = {name: renamed_and_reordered(text, random.Random(1)) for name, text in source.items()}

    shown = page.page(course, find(course, first, {"a": source, "b": copy}), {"a": "a", "b": "b"}, 40)

    marked = re.sub(r"<[^>]+>", "", "".join(re.findall(r"<mark>(.*?)</mark>", shown, re.DOTALL)))
    for function in ("entropy(p,", "joint_entropy(joint_p, base=2)", "conditional_entropy(joint_p, axis=1, base=2)"):
        assert marked.count(function) == 2


def test_it_says_that_it_judges_nobody(course, thirty):
    shown = page.page(course, thirty, everyone(thirty), 40)

    text = re.sub(r"<[^>]+>", " ", shown).lower()
    assert "never a verdict" in text
    assert not re.search(r"plagiari|cheat|fraud|guilty|stole|offen[cs]e", text)


def test_what_students_wrote_can_not_do_anything_on_the_page(course, first):
    source = f"# {EVIL}\n" + "\n".join(f"a{n} = b{n} * {n} + f'{EVIL}' // c.d{n}" for n in range(30))

    found = find(course, first, {EVIL: {"entropy.py": source}, "b": {"entropy.py": source}})
    shown = page.page(course, found, {EVIL: EVIL, "b": "b"}, 40)

    assert "<script" not in shown
    assert "\u202e" not in shown
    assert "&lt;script&gt;" in shown
    assert "default-src 'none'" in shown
    assert not re.search(r"(?:src|href)=\"(?!#)", shown)


def test_how_much_is_shown_has_a_bound(course, first):
    """A class of sixty that handed in the same: one group, and a few of its pairs."""
    source = programs(course, first)["correct-loop"]

    found = find(course, first, {f"s{number:02}": source for number in range(60)})
    shown = page.page(course, found, everyone(found), 40)

    assert shown.count("<article") == page.MAX_OF_A_GROUP
    assert f"{count(len(found.groups[0].pairs) - page.MAX_OF_A_GROUP, 'more pair')} in this group" in shown


# The command


@pytest.fixture(scope="module")
def handed_in(course, first, tmp_path_factory):
    """A folder of submissions: two alike, one alone."""
    folder = tmp_path_factory.mktemp("similar") / "submitted"
    written = programs(course, first)
    copy = disguised(written["correct-loop"], renamed, random.Random(1))
    for student, program in {"ada": written["correct-loop"], "bo": copy, "cy": written["correct-scipy"]}.items():
        for name, content in attempt(course, first, student, program).files.items():
            (folder / student / first.id).mkdir(parents=True, exist_ok=True)
            (folder / student / first.id / name).write_bytes(content)
    return folder


def similar(handed_in, output, *more):
    return cli.main(
        ["similar", "--course", str(ROOT), "--submitted", str(handed_in), "--output", str(output), *more]
    )  # fmt: skip


def test_the_command_writes_a_page_for_staff_and_nothing_for_students(handed_in, tmp_path, capsys):
    assert similar(handed_in, tmp_path) == DONE

    assert [path.name for path in tmp_path.iterdir()] == ["similar.html"]
    shown = capsys.readouterr()
    assert re.fullmatch(r"likeness +section +part +students\n\d+ % +1_entropy +entropy.py +ada and bo\n", shown.out)
    assert "compared 3 submissions (3 of 1_entropy): 1 group of students with work that is alike" in shown.err
    assert "never a verdict" in shown.err
    before = (tmp_path / "similar.html").read_bytes()
    assert similar(handed_in, tmp_path) == DONE
    assert (tmp_path / "similar.html").read_bytes() == before


def test_rows_for_other_programs(handed_in, tmp_path, capsys):
    assert similar(handed_in, tmp_path, "--format", "csv") == DONE
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert similar(handed_in, tmp_path, "--format", "json") == DONE
    (group,) = json.loads(capsys.readouterr().out)["groups"]

    assert (row["student"], row["other"], row["part"], row["identical"]) == ("ada", "bo", "entropy.py", "no")
    assert 0.7 <= float(row["likeness"]) <= 1
    assert (group["section"], group["students"]) == ("1_entropy", ["ada", "bo"])


def test_names_can_be_hidden(handed_in, tmp_path, capsys):
    assert similar(handed_in, tmp_path, "--hide-names") == DONE

    shown = capsys.readouterr()
    assert "student 1 and student 2" in shown.out
    texts = [shown.out, shown.err.replace(str(handed_in), ""), (tmp_path / "similar.html").read_text(encoding="utf-8")]
    assert not any(re.search(r"\b(ada|bo|cy)\b", text) for text in texts)


def test_one_student_and_lower_likeness(handed_in, tmp_path, capsys):
    assert similar(handed_in, tmp_path, "--student", "cy") == DONE
    assert capsys.readouterr().out == ""

    assert similar(handed_in, tmp_path, "--student", "cyy") == USAGE
    assert "`cyy` has handed in nothing to compare; did you mean `cy`?" in capsys.readouterr().err
    with pytest.raises(SystemExit) as stop:
        similar(handed_in, tmp_path, "--least", "7")
    assert stop.value.code == USAGE
    assert "a share from 0.1 to 1 is needed, as 0.7; got `7`" in capsys.readouterr().err


def test_a_group_tells_of_each_student_at_least_once():
    """A chain of three, of whom the ends are not alike."""
    links = (groups.Alike("a.py", ("a", "b"), 0.9, 90), groups.Alike("a.py", ("b", "c"), 0.8, 80))
    group = groups.Group("1_entropy", ("a", "b", "c"), links)

    assert group.told == links
    assert replace(group, pairs=(*links, groups.Alike("a.py", ("a", "c"), 0.71, 71))).told == links
