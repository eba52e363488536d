"""What people read is complete, says only what the record says, and cannot be led astray by what students wrote."""

from __future__ import annotations

import base64
import copy
import csv
import hashlib
import io
import itertools
import json
import os
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from rich.cells import cell_len

from autograder import course as courses
from autograder.course import Course
from autograder.records.record import CellRecord, CheckRecord, Hint, ItemRecord, Record, RequestRecord
from autograder.records.standing import section_standing
from autograder.report import feedback, table
from autograder.report.feedback import feedback_object, page
from autograder.report.files import ReportError, write_csv, write_feedback
from autograder.report.grades_csv import csv_text
from autograder.text import number, path_component, visible
from autograder.verdict import Verdict
from tests.mini_course import ROOT
from tests.records import COURSE, FUNCTION, check, explanation, item, record

THE_COURSE = courses.load(ROOT)
CONDITIONAL = "InformationMeasures.conditional_entropy"
NATS = Hint(
    "nats-for-bits",
    "entropy in nats: the natural logarithm where bits were asked for.",
    "Divide by `np.log(base)`, or start from `np.log2`.",
)
OTHER = Hint("one-term", "a single term of the sum.", "Add up *all* outcomes.")
HOSTILE = "<img src=x onerror=alert(1)>"
NASTY = (
    HOSTILE,
    "\"'><script>alert(1)</script>",
    "</style><style>body{display:none}</style>",
    "{{ 7*7 }}{% raw %}",
    "`<b>x</b>`",
    "\x1b[31mred\x1b[0m\x1b]0;title\x07",
    "a\u202egnp.exe\u2066\u200b\ufeff",
    "</details></li></article></section>",
    "-->",
    "\udcff",
    "x" * 50_000,
)
NAMES = (
    "ada",
    "Ada",
    "ada.l+x@uni-1",
    HOSTILE,
    "$(touch pwned); rm -rf ~",
    "..",
    ".",
    "",
    "../../etc/passwd",
    "a/b",
    "a\\b",
    "a\nb",
    "a b",
    "-rf",
    "_ada",
    "n" * 300,
    "n" * 301,
    "名前",
    "ada\u202e",
    "\udcff",
    "NUL\x00",
)


@pytest.fixture(scope="module")
def course() -> Course:
    return COURSE


@pytest.fixture(scope="module")
def nats() -> Record:
    """Return the record of a student who answers in nats and swaps the axis."""
    return record(
        item(
            check(
                "fair_coin",
                "wrong",
                reason="A fair coin has an entropy of exactly 1 bit.",
                message="The answer was 0.6931472.",
                call="InformationMeasures.entropy([0.5, 0.5])",
                expected="1 bit",
                got="0.6931472",
                hints=(NATS,),
            ),
            check("random", "wrong", message="The answer was 0.693 times the right one.", hints=(NATS,)),
            check("loops", "time limit", function=CONDITIONAL, message="Stopped after 2 s."),
            full=10,
        ),
        cells=(CellRecord("cell 7", Verdict.ERROR, "NameError: name 'q' is not defined (line 3)"),),
        notes=("`notes.txt` is a symbolic link and was left out.",),
    )


def soup(course: Course, attempt: Record, student: str = "ada") -> BeautifulSoup:
    return BeautifulSoup(page(course, student, attempt), "html.parser")


def words(element: Any) -> str:
    return " ".join(element.get_text(" ").split())


class Balance(HTMLParser):
    """Fails on a tag that is not closed where it must be."""

    VOID = frozenset({"meta", "br", "wbr"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, tuple[str, ...]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def structure(html: str) -> list[tuple[str, tuple[str, ...]]]:
    parser = Balance()
    parser.feed(html)
    parser.close()
    assert not parser.open
    return parser.tags


def test_page_says_points_of_section_and_items(course: Course, nats: Record) -> None:
    html = soup(course, nats)

    assert words(html.h1) == "Entropy"
    assert words(html.select_one("#points")) == "13 of 16 points"
    assert [words(item.h3) + " " + words(item.p) for item in html.select(".item")] == [
        "Entropy, joint entropy, conditional entropy 7 of 10",
        "A die & a biased coin 6 of 6",
    ]
    widths = [bar["width"] for bar in html.select(".fill")]
    assert widths == ["70.00", "100.00"]


def test_failed_check_shows_reason_verdict_call_and_values(course: Course, nats: Record) -> None:
    finding = soup(course, nats).select_one(".finding.wrong")

    text = words(finding)
    assert words(finding.summary) == "Nats for bits ✗ wrong : entropy , 2 points"
    assert "Required: A fair coin has an entropy of exactly 1 bit." in text
    assert [words(row) for row in finding.select("dl div")] == [
        "Called InformationMeasures.entropy([0.5, 0.5])",
        "Expected 1 bit",
        "Got 0.6931472",
    ]
    assert "The answer was 0.693 times the right one." in text


def test_message_that_only_repeats_the_value_beside_it_is_not_shown_twice(course: Course, nats: Record) -> None:
    assert words(soup(course, nats).main).count("0.6931472") == 1


def test_hint_of_several_checks_is_given_once(course: Course, nats: Record) -> None:
    text = words(soup(course, nats).main)

    assert text.count("This looks like: entropy in nats") == 1
    assert text.count("Try next: Divide by np.log(base)") == 1


def test_two_hints_that_fit_are_both_offered(course: Course) -> None:
    text = words(soup(course, record(item(check("c", "wrong", hints=(NATS, OTHER)), full=10))).main)

    assert "Nats for bits, or one term ✗ wrong : entropy , up to 1 point" in text
    assert "Two explanations fit your answers; it may be one of them or more:" in text
    assert text.count("This looks like") == text.count("Try next:") == 2


@pytest.mark.parametrize(
    ("points", "own", "cost"), [(1.0, "1 point", "costs nothing"), (0.0, "3 points", "2 points, counted above")]
)
def test_loss_that_only_follows_is_marked_with_its_cause(course: Course, points: float, own: str, cost: str) -> None:
    follows = {"function": "InformationMeasures.joint_entropy", "follows_from": (FUNCTION,), "points": points}
    checks = [check("own", "wrong"), check("a", "wrong", **follows), check("b", "wrong", **follows)]

    html = soup(course, record(item(*checks, full=10)))

    assert [words(finding.summary) for finding in html.select(".finding")] == [
        f"Wrong answers ✗ wrong : entropy , {own}",
        f"Only follows from entropy ✗ wrong : joint_entropy , {cost}",
    ]
    text = words(html.main)
    assert "This only follows from what is wrong in entropy" in text
    assert "with right answers there, these checks pass" in text
    assert text.count("Try next:") == 1


@pytest.mark.parametrize(
    ("verdict", "advice"),
    [
        ("refused", "Remove from entropy.py"),
        ("time limit", "a loop that never ends"),
        ("memory limit", "an array or list far larger than the input"),
        ("crashed", "os._exit()"),
        ("missing", "In entropy.py , write InformationMeasures.entropy : keep names"),
        ("error", "the last line of the traceback"),
        ("wrong", "work out on paper"),
    ],
)
def test_every_verdict_comes_with_its_explanation_and_what_to_try(course: Course, verdict: str, advice: str) -> None:
    finding = soup(course, record(item(check("c", verdict), full=10))).select_one(".finding")

    text = words(finding)
    assert finding.select_one(".verdict").get_text().split(maxsplit=1)[1] == verdict
    assert (Verdict(verdict).explanation in text) == (verdict != "wrong")
    assert advice in text


def test_missing_name_of_an_exercise_names_cell_and_notebook(course: Course) -> None:
    exercise = item(check("die", "missing", function="die_entropy"), full=6)

    text = words(soup(course, record(item(full=10), exercise)).select_one(".finding"))

    assert "In the cell exercise-1 of 1_entropy.ipynb , define die_entropy ." in text


def test_one_cause_behind_all_checks_is_told_once(course: Course) -> None:
    cause = "Importing `entropy.py` raised SyntaxError: '(' was never closed (entropy.py, line 12)."
    checks = [check(f"c{n}", "error", function=(FUNCTION, CONDITIONAL)[n % 2], message=cause) for n in range(10)]

    html = soup(course, record(item(*checks, full=10)))

    assert (
        words(html.select_one(".finding").summary)
        == "entropy.py can’t be loaded ! error : 2 functions, up to 10 points"
    )
    assert len(html.select(".finding")) == 1
    assert words(html.main).count("was never closed") == 1
    assert "One error stops all of these checks, so fix it first: open entropy.py" in words(html.main)
    assert len(html.select(".finding details li")) == 10


def test_passed_checks_are_folded_into_their_item(course: Course, nats: Record) -> None:
    example = soup(course, nats).find("h3", id="example-1").parent

    fold = example.select_one("details.passed")
    assert not fold.has_attr("open")
    assert words(fold.summary) == "✓ passed 7 of 10 checks"
    assert "Required" not in words(fold)


def test_first_finding_is_the_one_with_most_points_and_the_only_open_one(course: Course, nats: Record) -> None:
    findings = soup(course, nats).select(".finding")

    assert [words(finding.h3) for finding in findings] == ["Nats for bits", "Time limit"]
    assert [finding.has_attr("open") for finding in findings] == [True, False]


def test_finding_names_the_place_in_the_notebook_and_the_visible_check(nats: Record) -> None:
    finding = soup(THE_COURSE, nats).select_one(".finding")

    assert words(finding.select_one(".place")) == (
        "In 1_entropy.ipynb : “Your turn: entropy ”, check with visible_checks.check_entropy() and "
        "visible_checks.check_refusals()"
    )


@pytest.mark.parametrize(
    ("section", "names", "advice"),
    [
        ("1_entropy", ("die_entropy", "difference"), "of 1_entropy.ipynb , define die_entropy and difference ."),
        (
            "2_divergence",
            ("kl_forward", "gaussian_kl"),
            "of 2_divergence.ipynb , define the function gaussian_kl , and kl_forward .",
        ),
        (
            "4_vae",
            ("VAE.encode", "VAE", "vae_loss"),
            "In vae.py , write the method VAE.encode , and the class VAE , and the function vae_loss :",
        ),
        ("1_entropy", (CONDITIONAL, FUNCTION), "the functions conditional_entropy and entropy :"),
    ],
)
def test_what_is_missing_is_called_what_it_is(section: str, names: tuple[str, ...], advice: str) -> None:
    of = THE_COURSE.section(section)
    exercise = next((one for one in of.items if names[0] in one.defines), of.items[0])
    checks = [check(name, "missing", function=name) for name in names]
    items = {one.id: item(full=one.points) for one in of.items} | {exercise.id: item(*checks, full=exercise.points)}

    text = words(soup(THE_COURSE, record(item(full=10), section=section, items=items)).select_one(".next"))

    assert advice in text
    assert "a value" not in text


def test_failed_checks_read_as_requirements_and_passed_ones_as_facts(course: Course, nats: Record) -> None:
    html = soup(course, nats)

    failed = [words(reason) for reason in html.select(".finding .reason")]
    passed = [words(entry) for entry in html.select(".passed li")]
    assert len(failed) == 3
    assert all(reason.startswith("Required: ") for reason in failed)
    assert all(reason.startswith("Reason of other_") for reason in passed)


def test_json_says_the_causes_too(course: Course, nats: Record) -> None:
    data = feedback_object(course, "ada", nats)

    assert [(cause["title"], cause["points"], cause["certain"]) for cause in data["causes"]] == [
        ("Nats for bits", 2.0, True),
        ("Time limit", 1.0, False),
    ]
    assert data["causes"][0]["checks"][1] == {"item": "example-1", "name": "random"}


def test_notes_and_stopped_cells_are_shown(course: Course, nats: Record) -> None:
    text = words(soup(course, nats).main)

    assert "notes.txt is a symbolic link and was left out." in text
    assert "cell 7 ! error NameError: name 'q' is not defined (line 3)" in text


def test_of_very_many_stopped_cells_the_first_are_shown_and_the_rest_counted(course: Course, nats: Record) -> None:
    cells = tuple(CellRecord(f"cell {n}", Verdict.ERROR, f"{n} " + "x" * 300) for n in range(1000))

    html = page(course, "ada", replace(nats, cells=cells))

    assert "cell 19<" in html
    assert "cell 20<" not in html
    assert "980 more cells stopped as well." in html
    assert len(html) < len(page(course, "ada", nats)) + 20_000


def test_full_marks_are_said(course: Course) -> None:
    text = words(soup(course, record(item(full=10))).main)

    assert "16 of 16 points" in text
    assert "Full marks: every check passed." in text
    assert "What to work on" not in text
    assert "hand in again" not in text


def test_expected_value_that_the_record_keeps_back_is_nowhere(course: Course) -> None:
    @dataclass(frozen=True)
    class KnowsMore(CheckRecord):
        answer_key: str = "SECRET"

    more = KnowsMore(**vars(check("c", "wrong", got="0.5", message="The answer was 0.5.")))
    attempt = record(item(more, full=10))

    assert "Expected" not in words(soup(course, attempt).main)
    assert "SECRET" not in page(course, "ada", attempt)
    assert "SECRET" not in json.dumps(feedback_object(course, "ada", attempt))


@pytest.mark.parametrize(
    "broken",
    [
        item(full=10, status="not judged"),
        item(check("c", "not judged", message="INTERNAL traceback"), full=10),
        item(full=10, points=None),
        None,
    ],
)
def test_what_was_not_judged_gives_no_points_and_no_zero(course: Course, broken: ItemRecord | None) -> None:
    items = {"exercise-1": item(full=6)} | ({"example-1": broken} if broken else {})
    attempt = record(item(full=10), status="not judged", reason="INTERNAL: worker lost", items=items)

    html = soup(course, attempt)

    text = words(html.main)
    assert words(html.select_one("#points")) == "6 of 6 points so far"
    assert "10 of the section’s 16 points are not decided yet" in text
    assert "The grader itself failed here; this says nothing about your work." in text
    assert "will be judged again" in text
    assert "INTERNAL" not in str(html)
    data = feedback_object(course, "ada", attempt)
    assert data["points"] is None
    assert data["items"]["example-1"]["points"] is None
    assert "INTERNAL" not in json.dumps(data)


def test_attempt_without_any_judgement_says_so(course: Course) -> None:
    attempt = record(item(full=10), status="not judged", reason="no worker", items={})

    text = words(soup(course, attempt).main)

    assert "No points decided yet" in text
    assert "None of them is lost." in text


def test_prose_waits_for_a_person_and_its_suggestion_stays_with_staff(course: Course) -> None:
    items = {"exercise-3": item(full=6), "exercise-3-explanation": explanation()}
    attempt = record(item(full=10), section="3_explained", status="needs review", items=items)

    assert "A person reads this and decides; there is nothing for you to do." in words(soup(course, attempt).main)
    assert "SECRET" not in page(course, "ada", attempt)
    assert "SECRET" not in json.dumps(feedback_object(course, "ada", attempt))


def test_requests_are_shown_with_their_answers(course: Course) -> None:
    asked = (
        RequestRecord("example-1", "My base is right.", "3 May", "It is: see `base`.\nThe points are there now."),
        RequestRecord("", "And the rest?", "", None),
    )
    answered = record(item(full=10), requests=asked)

    text = words(soup(course, answered).select_one('section[aria-labelledby="requests"]'))

    assert "Your request of 3 May about Entropy, joint entropy, conditional entropy My base is right." in text
    assert "Answer: It is: see base . The points are there now." in text
    assert text.endswith("Your request And the rest? It waits for an answer.")
    assert feedback_object(course, "ada", answered)["requests"][1] == {
        "item": "", "text": "And the rest?", "asked": "", "answer": None
    }  # fmt: skip
    assert "requests" not in feedback_object(course, "ada", record(item(full=10)))


def test_footer_names_codes_and_the_walls_that_stood(course: Course) -> None:
    text = words(soup(course, record(item(full=10), walls=("rlimits",))).footer)

    assert "attempt a1b2c3d4e5f6 , suite f6e5d4c3b2a1 ." in text
    assert "resource limits" in text
    assert "seccomp" not in text
    assert "No confinement of your code was recorded." in words(soup(course, record(item(full=10), walls=())).footer)


def test_page_is_self_contained_and_its_policy_allows_its_own_style_only(course: Course, nats: Record) -> None:
    html = soup(course, nats)

    policy = html.select_one('meta[http-equiv="Content-Security-Policy"]')["content"]
    digest = base64.b64encode(hashlib.sha256(html.style.string.encode()).digest()).decode()
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}';")
    assert not html.select("script, link, img, iframe, object, form, [style], [src]")
    assert all(link["href"].startswith("#") for link in html.select("[href]"))
    assert "url(" not in html.style.string
    assert "@import" not in html.style.string


def test_page_is_well_formed_with_landmarks_and_headings_in_order(course: Course, nats: Record) -> None:
    text = page(course, "ada", nats)
    html = BeautifulSoup(text, "html.parser")

    structure(text)
    assert text.startswith("<!DOCTYPE html>")
    assert html.html["lang"] == "en"
    assert [len(html.find_all(tag)) for tag in ("header", "main", "footer", "h1", "title")] == [1] * 5
    levels = [int(heading.name[1]) for heading in html.find_all(re.compile(r"h[1-6]"))]
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    ids = [element["id"] for element in html.select("[id]")]
    assert len(ids) == len(set(ids))
    assert all(section["aria-labelledby"] in ids for section in html.find_all("section"))
    assert all(link["href"][1:] in ids for link in html.select("a"))


def hostile_record(text: str) -> Record:
    """Return a record with `text` wherever a student can put any."""
    fields = dict.fromkeys(("function", "reason", "message", "call", "expected", "got"), text)
    hints = (Hint(text, text, text),)
    checks = [check("c", verdict.value, **fields, hints=hints) for verdict in list(Verdict)[1:]]
    of_files = {"notes": (text,), "cells": (CellRecord(text, Verdict.ERROR, text),)}
    of_files["requests"] = (RequestRecord("example-1", text, text, text), RequestRecord(text, text, "", None))
    of_header = {"attempt": text, "suite": text, "grader": text, "walls": (text,)}
    return record(item(*checks, full=10), item(check("d", "error", **fields), full=6), **of_files, **of_header)


@pytest.mark.parametrize("text", NASTY)
def test_hostile_text_never_becomes_markup(course: Course, text: str) -> None:
    harmless = structure(page(course, "harmless", hostile_record("harmless")))

    html = page(course, text, hostile_record(text))

    tags = structure(html)
    # Backticks are our one piece of markup; they may add <code> and nothing else, and names <wbr>.
    assert [tag for tag in tags if tag[0] not in ("code", "wbr")] == [
        tag for tag in harmless if tag[0] not in ("code", "wbr")
    ]
    shown = html.replace("\n", "").replace("\t", "")
    assert shown.isprintable()


def test_page_stays_small_whatever_the_student_printed(course: Course) -> None:
    assert len(page(course, "x" * 10**6, hostile_record("y" * 10**6))) < 200_000


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("H(X) = 1 bit, é 名 𝟙", "H(X) = 1 bit, é 名 𝟙"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("a\x1b]0;t\x07\r\n", "a␛]0;t␇␍␊"),
        ("\x7f\x9b", "␡⟨U+009B⟩"),
        ("a\u202eb\u2066\u200b", "a⟨U+202E⟩b⟨U+2066⟩⟨U+200B⟩"),
        ("a\u00a0b", "a b"),
        ("\udcff", "⟨U+DCFF⟩"),
    ],
)
def test_characters_that_act_are_shown_instead(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_line_breaks_stay_where_they_are_wanted() -> None:
    assert visible("a\r\n\tb\x00", breaks=True) == "a\n\tb␀"


def test_points_are_written_as_people_do() -> None:
    assert [number(value) for value in (10.0, 7.5, 0.0, 0.1 + 0.2, 10 / 3)] == ["10", "7.5", "0", "0.3", "3.33"]
    with pytest.raises(ValueError, match="finite"):
        number(float("nan"))


def test_ordinary_names_stand_for_themselves() -> None:
    for name in (
        "ada",
        "Ada",
        "a.l+x@uni-1",
        "2_b",
        "zo\u00eb",
        "\u674e_\u4f1f",
        "\u0416\u0435\u043d\u044f",
        "\u0930\u0935\u093f",
    ):
        assert path_component(name) == name


def test_no_two_names_share_a_folder_and_none_leaves_the_output() -> None:
    folders = [path_component(name) for name in NAMES]

    assert len(set(folders)) == len(NAMES)
    assert all(re.fullmatch(r"\w[\w.@+-]{0,127}", folder) for folder in folders)
    assert all(len(folder.encode()) <= 255 and unicodedata.normalize("NFKC", folder) == folder for folder in folders)
    # A name that looks like a mapped one is mapped itself.
    assert path_component(path_component("..")) != path_component("..")


def test_feedback_of_hostile_names_stays_inside_in_nbgraders_layout(
    course: Course, nats: Record, tmp_path: Path
) -> None:
    output = tmp_path / "deep" / "feedback"

    pages = write_feedback(course, [(name, nats) for name in NAMES], output)

    assert len(set(pages)) == len(NAMES)
    assert output / "ada" / "1_entropy" / "1_entropy.html" in pages
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert sorted(written) == sorted([*pages, *(path.with_suffix(".json") for path in pages)])
    assert all(path.parent.parent.parent == output for path in pages)
    data = json.loads((output / path_component("\udcff") / "1_entropy" / "1_entropy.json").read_text("utf-8"))
    assert data["student"] == "\udcff"


def test_unchanged_files_are_not_written_again(course: Course, nats: Record, tmp_path: Path) -> None:
    def stamps() -> dict[Path, tuple[int, int]]:
        return {p: (p.stat().st_mtime_ns, p.stat().st_ino) for p in tmp_path.rglob("*") if p.is_file()}

    write_feedback(course, [("ada", nats)], tmp_path)
    write_csv(course, [("ada", nats)], tmp_path / "grades.csv")
    first = stamps()

    write_feedback(course, [("ada", nats)], tmp_path)
    write_csv(course, [("ada", nats)], tmp_path / "grades.csv")
    assert stamps() == first
    write_feedback(course, [("ada", record(item(full=10)))], tmp_path)
    assert stamps() != first


def test_symbolic_link_in_the_place_of_a_page_is_replaced_not_followed(
    course: Course, nats: Record, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.write_text("mine")
    place = tmp_path / "out" / "ada" / "1_entropy"
    place.mkdir(parents=True)
    (place / "1_entropy.html").symlink_to(outside)

    write_feedback(course, [("ada", nats)], tmp_path / "out")

    assert outside.read_text() == "mine"
    assert not (place / "1_entropy.html").is_symlink()


def test_place_that_cannot_be_written_is_named_and_leaves_nothing_half_done(
    course: Course, nats: Record, tmp_path: Path
) -> None:
    (tmp_path / "grades.csv").mkdir()

    with pytest.raises(ReportError, match=r"grades\.csv cannot be written .*--output"):
        write_csv(course, [("ada", nats)], tmp_path / "grades.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["grades.csv"]


def test_write_that_fails_keeps_the_old_file(
    course: Course, nats: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_csv(course, [("ada", nats)], tmp_path / "grades.csv")
    before = path.read_bytes()

    def full_disk(descriptor: int, mode: str) -> None:
        os.close(descriptor)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fdopen", full_disk)
    with pytest.raises(ReportError, match="No space left"):
        write_csv(course, [("bob", nats)], path)
    assert path.read_bytes() == before


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_csv_has_a_row_per_student_and_section_in_order(course: Course, nats: Record) -> None:
    table_rows = rows(csv_text(course, [("bob", record(item(full=10))), ("ada", nats)]))

    assert table_rows == [
        {"student": "ada", "section": "1_entropy", "example-1": "7", "exercise-1": "6"}
        | {"total": "13", "max": "16", "status": "judged", "notes": ""},
        {"student": "bob", "section": "1_entropy", "example-1": "10", "exercise-1": "6"}
        | {"total": "16", "max": "16", "status": "judged", "notes": ""},
    ]


def test_csv_leaves_what_is_not_judged_empty_and_keeps_a_judged_zero(course: Course) -> None:
    lost = record(item(full=10, status="not judged"), status="not judged")
    zero = record(item(*(check(f"c{n}", "wrong") for n in range(10)), full=10))

    first, second = rows(csv_text(course, [("a", lost), ("b", zero)]))

    assert (first["example-1"], first["exercise-1"], first["total"], first["status"]) == ("", "6", "", "not judged")
    assert (second["example-1"], second["total"]) == ("0", "6")


@pytest.mark.parametrize(
    "name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1", '=HYPERLINK("x")']
)
def test_csv_holds_no_formula(course: Course, nats: Record, name: str) -> None:
    assert rows(csv_text(course, [(name, nats)]))[0]["student"].startswith("'")


def test_csv_keeps_a_row_on_a_line_whatever_the_name_holds(course: Course, nats: Record) -> None:
    text = csv_text(course, [(name, nats) for name in NAMES])

    assert len(text.splitlines()) == len(NAMES) + 1
    assert len({row["student"] for row in rows(text)}) == len(NAMES)
    text.encode("utf-8")


def test_table_aligns_columns_and_shows_every_state(course: Course, nats: Record) -> None:
    lost = record(item(full=10, status="not judged"), status="not judged", reason="worker lost")
    items = {"exercise-3": item(full=6), "exercise-3-explanation": explanation()}
    review = record(item(full=10), section="3_explained", status="needs review", items=items)

    results = [("名前", lost), ("ada", nats), ("ada", review)]
    text = table.table_text(course, results, wide=True)

    assert [line.split() for line in text.splitlines()[0:3:2]] == [
        ["student", "example-1", "exercise-1", "exercise-3", "exercise-3-explanation", "total", "of"],
        ["ada", "7", "6", "6", "needs", "review", "19", "+", "2", "open", "24"],
    ]
    assert text.splitlines()[3].split() == ["名前", "not", "judged", "6", "-", "-", "?", "16"]
    assert len({cell_len(line) for line in text.splitlines()[:4]}) == 1
    assert table.table_text(course, results).splitlines() == [
        "student  1_entropy  3_explained        total  of",
        "-------  ---------  -----------  -----------  --",
        "ada             13           6+  19 + 2 open  24",
        "名前             ?           -             ?  16",
        "",
        "+  an explanation waits for a person; its points come on top",
        "?  not judged, by a fault of the grader",
        "-  nothing handed in",
    ]


def test_table_neutralises_names_and_cuts_long_ones(course: Course, nats: Record) -> None:
    text = table.table_text(course, [(name, nats) for name in (*NAMES, "\x1b[2J\x1b]0;x\x07", "名" * 200)])

    assert text.replace("\n", "").isprintable()
    assert len(text.splitlines()) == len(NAMES) + 4
    assert max(cell_len(line) for line in text.splitlines()) < 80


def test_table_of_nobody_says_so(course: Course) -> None:
    assert table.table_text(course, []) == "No attempts.\n"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_terminal_gets_a_coloured_table_and_a_pipe_plain_text(
    course: Course, nats: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("NO_COLOR", raising=False)
    results = [("[bold]ada[/bold]\x1b[2J", nats)]
    terminal, pipe = Terminal(), io.StringIO()

    table.show(course, results, "table", terminal)
    table.show(course, results, "table", pipe)

    assert "\x1b[1m" in terminal.getvalue()
    assert "\x1b[2J" not in terminal.getvalue()
    assert "[bold]ada[/bold]" in terminal.getvalue()
    assert pipe.getvalue() == table.table_text(course, results)


@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_same_results_in_any_order_give_the_same_text(course: Course, nats: Record, form: table.Format) -> None:
    results = [(name, nats) for name in NAMES]

    assert table.render(course, results, form) == table.render(course, results[::-1], form)


@pytest.mark.parametrize("renderer", [page, lambda *given: json.dumps(feedback_object(*given))])
def test_feedback_is_the_same_every_time(
    course: Course, nats: Record, renderer: Callable[[Course, str, Record], str]
) -> None:
    assert renderer(course, "ada", nats) == renderer(course, "ada", copy.deepcopy(nats))


def test_contradicting_record_is_not_judged(course: Course) -> None:
    standing = section_standing(course.sections[0], record(item(full=10), status="not judged"))

    assert standing.points is None
    assert standing.status == "not judged"


def test_json_is_the_documented_object(course: Course, nats: Record) -> None:
    weaker = replace(nats, header=replace(nats.header, walls=("rlimits",)))

    text = table.render(course, [("bob\x1b", weaker), ("ada", nats)], "json", seed=7)

    data = json.loads(text)
    assert text.isascii()
    assert list(data) == ["course", "seed", "suite", "walls", "attempts", "attention"]
    assert (data["course"], data["seed"], data["suite"], data["walls"]) == ("it4ml", 7, nats.header.suite, ["rlimits"])
    assert data["attempts"] == [{"student": "ada", **nats.to_json()}, {"student": "bob\x1b", **weaker.to_json()}]


def test_colours_of_text_have_enough_contrast_in_light_and_dark() -> None:
    css = (Path(feedback.__file__).parent / "templates" / "feedback.css").read_text("utf-8")
    blocks = re.findall(r":root \{[^}]*\}", css)
    palettes = [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block)) for block in blocks]

    assert len(palettes) == 3
    for palette in palettes:
        for ink in ("ink", "quiet", "red", "amber", "green", "blue"):
            for paper in ("paper", "card", "blue-paper", "code"):
                assert contrast(palette[ink], palette[paper]) >= 4.5, (ink, paper)


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of two colours (WCAG 2.2, relative luminance)."""

    def luminance(colour: str) -> float:
        channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
