"""The class report: its numbers are those of others' formulas, it names nobody unasked, and no text in it does harm."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import itertools
import json
import random
import shutil
import statistics
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Page
from scipy import stats

from autograder import cli
from autograder import course as course_module
from autograder.class_report import item_analysis
from autograder.class_report.contents import ClassReport, class_report
from autograder.class_report.one_check import check_text
from autograder.class_report.page import page
from autograder.class_report.places import Places
from autograder.class_report.plots import Plots
from autograder.class_report.tables import csv_report, json_text
from autograder.cli import DONE, USAGE
from autograder.course import Course
from autograder.grading import deliver
from autograder.records.record import DecisionRecord, Header, Hint, Record, Status, TimeRecord
from autograder.records.standing import Result
from autograder.report.attention import Entry, Kind
from autograder.sandbox.walls import WALLS
from autograder.submissions.collect import collect
from autograder.text import visible

from . import mini_course
from .browser import chromium_started, needs_chromium, page_of
from .records import COURSE, SECRET, check, explanation, item, record
from .test_report import NAMES, NASTY

LEVELS = range(1, 8)
NATS = Hint("nats-for-bits", "The natural logarithm gives bits.", "Divide by `np.log(base)`.")
DUE = "2026-10-15T12:00:00+02:00"


def attempt(rank: int, of: int, **changes: Any) -> Record:
    """Return the work of the student of a rank: the higher, the more of seven checks they win, and they lose the eighth."""
    checks = [check(f"level_{level}", "passed" if rank >= level * of / 8 else "wrong") for level in LEVELS]
    suspect = check("suspect", "wrong" if rank >= of / 2 else "passed", got="<b>0.5</b>", message="It was 0.5.")
    return record(item(*checks, suspect, full=10), attempt=f"{rank:064x}", **changes)


def cohort(size: int) -> list[Result]:
    return [(f"zoe-{rank:03d}", attempt(rank, size)) for rank in range(size)]


def explained(points: float | None, suggested: bool = True) -> Record:
    """Return an explanation for which 1.5 points may be suggested, and on which a person has decided or not."""
    changes: dict[str, Any] = {} if suggested else {"suggestion": None}
    if points is not None:
        changes |= {"points": points, "status": Status.JUDGED, "decision": DecisionRecord(points, "", current=True)}
    items = {"exercise-3": item(full=6), "exercise-3-explanation": explanation(**changes)}
    status = "needs review" if points is None else "judged"
    return record(item(full=10), section="3_explained", status=status, items=items)


def timed(of: Record, came: str | None, due: str = DUE) -> Record:
    return replace(of, time=TimeRecord(due, came, None, late=False, penalty=0.0, policy="none"))


@pytest.fixture(scope="module")
def large() -> ClassReport:
    return class_report(COURSE, cohort(40))


@pytest.fixture(scope="module")
def hostile() -> ClassReport:
    """A class with every part of the report, whose students have names that do harm where they are taken for code."""
    names = [name for name in dict.fromkeys((*NAMES, *NASTY, "=1+1")) if name]
    wrong = check("in_bits", "wrong", hints=(NATS,))
    results: list[Result] = [
        (name, timed(record(item(wrong, full=10), attempt=f"{rank:064x}"), "2026-10-15T09:00:00+02:00"))
        for rank, name in enumerate(names)
    ]
    results += [(name, explained(1.0)) for name in names[:3]] + cohort(40)
    entries = [Entry(Kind.NOTHING, name, "1_entropy", f"`{name}` is empty.", "Ask for it.") for name in names]
    return class_report(COURSE, results, entries=entries, names=True)


@pytest.fixture(scope="module")
def drawn(hostile: ClassReport) -> str:
    return page(hostile)


@pytest.fixture(scope="module")
def soup(drawn: str) -> BeautifulSoup:
    return BeautifulSoup(drawn, "html.parser")


class TestItemAnalysis:
    def test_discrimination_is_the_point_biserial_correlation_with_everything_else(self, large: ClassReport) -> None:
        ranks = range(40)
        won = [rank >= 10 for rank in ranks]  # the second of seven levels
        # All checks of the other item, and two that fill this one up, are won by everybody.
        rest = [sum(rank >= level * 5 for level in LEVELS if level != 2) + (rank < 20) for rank in ranks]
        found = next(row.discrimination for row in large.checks if row.check == "level_2")

        assert found is not None
        assert found.r == pytest.approx(stats.pointbiserialr(won, rest).statistic, abs=1e-9)
        assert found.n == 40

    def test_the_interval_is_that_of_scipy(self) -> None:
        rng = random.Random(3)
        x = [rng.random() for _ in range(25)]
        y = [each + rng.random() for each in x]
        found = item_analysis.correlation(x, y)

        assert found is not None
        assert (found.low, found.high) == pytest.approx(tuple(stats.pearsonr(x, y).confidence_interval(0.95)), abs=1e-6)

    def test_a_check_that_strong_students_lose_is_suspected_and_no_other(self, large: ClassReport) -> None:
        assert [row.check for row in large.checks if row.backwards] == ["suspect"]

    def test_nothing_is_suspected_in_a_small_class_and_below_ten_nothing_is_said(self) -> None:
        small, tiny = class_report(COURSE, cohort(29)), class_report(COURSE, cohort(9))

        assert any(row.discrimination for row in small.checks)
        assert not any(row.backwards for row in small.checks)
        assert {row.why_not for row in tiny.checks} == {"too few students"}

    def test_checks_that_say_nothing_about_students_are_hardly_ever_suspected(self) -> None:
        """One side of a 99 % interval: 1 in 200, so 10 of 2,000, with a standard error of 3.2."""
        rng = random.Random(11)
        suspected = 0
        for _ in range(2000):
            won = [float(rng.random() < 0.5) for _ in range(40)]
            found = item_analysis.correlation(won, [rng.gauss(0, 1) for _ in won])
            suspected += item_analysis.works_backwards(found, round(sum(won)))

        assert suspected <= 10 + 4 * 3.2

    @pytest.mark.parametrize(("winners", "suspected"), [(4, False), (5, True), (35, True), (36, False)])
    def test_a_suspect_was_won_by_five_and_lost_by_five(self, winners: int, suspected: bool) -> None:
        found = item_analysis.Correlation(-0.6, -0.77, -0.35, 40)

        assert item_analysis.works_backwards(found, winners) is suspected

    def test_a_check_that_all_won_has_no_discrimination(self, large: ClassReport) -> None:
        row = next(row for row in large.checks if row.check == "other_0")

        assert (row.difficulty, row.discrimination, row.why_not) == (1.0, None, "all won it")

    def test_difficulty_is_the_share_of_points_won(self, large: ClassReport) -> None:
        shares = {row.check: row.difficulty for row in large.checks}

        assert (shares["level_2"], shares["level_6"], shares["suspect"]) == (30 / 40, 10 / 40, 20 / 40)

    def test_work_that_could_not_be_judged_counts_neither_for_nor_against_a_check(self) -> None:
        stopped = record(item(*(check(f"level_{n}", "time limit") for n in range(10)), full=10))
        report = class_report(COURSE, [*cohort(12), ("zoe-stopped", stopped)])
        row = next(row for row in report.items if row.item == "example-1")

        assert (row.students, row.technical) == (12, 1)
        assert report.items[0].difficulty == class_report(COURSE, cohort(12)).items[0].difficulty


class TestContents:
    def test_points_are_described_as_the_standard_library_does(self, large: ClassReport) -> None:
        points = [sum(rank >= level * 5 for level in LEVELS) + (rank < 20) + 8.0 for rank in range(40)]
        (row,) = [row for row in large.points if row.section == "1_entropy"]

        assert row.mean == pytest.approx(statistics.fmean(points))
        assert row.sd == pytest.approx(statistics.pstdev(points))
        assert [row.lower_quartile, row.median, row.upper_quartile] == pytest.approx(
            statistics.quantiles(points, n=4, method="inclusive")
        )
        assert (row.lowest, row.highest) == (min(points), max(points))
        assert list(row.histogram) == [sum(min(9, int(each / 1.6)) == bin_ for each in points) for bin_ in range(10)]

    def test_who_was_not_judged_is_not_a_zero(self) -> None:
        fault = record(item(full=10), status="not judged", reason="A fault of ours.", items={})
        report = class_report(COURSE, [*cohort(3), ("zoe-fault", fault)], enrolled=["zoe-000", "zoe-absent"])

        total, entropy, _ = report.points
        for row in (total, entropy):
            assert (row.handed_in, row.counted, row.not_judged, row.absent) == (4, 3, 1, 1)
            assert row.lowest is not None
            assert row.lowest > 0

    def test_a_misconception_is_counted_once_a_student_with_what_to_say_and_where(self, course: Course) -> None:
        twice = item(check("one", "wrong", hints=(NATS,)), check("two", "wrong", hints=(NATS,)), full=10)
        report = class_report(course, [("ada", record(twice)), ("bob", record(item(full=10)))])

        (row,) = report.misconceptions
        assert (row.misconception, row.students, row.of, row.share, row.names) == ("nats-for-bits", 1, 2, 0.5, ())
        assert [(each.believed, each.hint) for each in row.sayings] == [(NATS.believed, NATS.hint)]
        assert row.place.endswith("`entropy`")

    def test_the_place_of_every_item_is_a_heading_of_its_notebook(self, course: Course) -> None:
        for section in course.sections:
            released = course.root / "assignments" / section.id / section.notebook
            cells = json.loads(released.read_text(encoding="utf-8"))["cells"]
            plain = "".join(itertools.chain.from_iterable(cell["source"] for cell in cells)).replace("$", "")
            for each in section.items:
                place = Places(course, section).of(each.id).rpartition(" › ")[2]
                assert place, each.id
                # Formulas are shown without their marks, so the words before the first one are compared.
                assert f"# {place[:12]}" in plain, each.id

    def test_explanations_are_counted_by_suggestion_and_decision(self) -> None:
        decided = [explained(1.5), explained(1.5), explained(0.5), explained(None), explained(1.0, suggested=False)]
        report = class_report(COURSE, [(f"zoe-{place}", each) for place, each in enumerate(decided)])

        (row,) = report.explanations
        pairs = {(pair.suggested, pair.decided): pair.students for pair in row.pairs}
        assert pairs == {(1.5, 1.5): 2, (1.5, 0.5): 1, (1.5, None): 1, (None, 1.0): 1}
        assert (row.students, row.waiting, row.decided, row.both, row.as_suggested) == (5, 1, 4, 3, 2)
        assert (row.mean_suggested, row.mean_decided) == (1.5, pytest.approx(3.5 / 3))
        assert [(each.kind, each.title, each.students) for each in row.found] == [("idea", SECRET, 4)]

    def test_late_is_late_by_the_due_date_of_each_student(self) -> None:
        base = record(item(full=10))
        came = {
            "a": timed(base, "2026-10-15T11:59:00+02:00"),
            "b": timed(base, "2026-10-15T10:00:01+00:00"),  # a second late, in another zone
            "c": timed(base, "2026-10-16T12:00:00+02:00", due="2026-10-17T12:00:00+02:00"),
            "d": timed(base, None),
        }
        (row,) = class_report(COURSE, came.items()).arrivals

        assert (row.attempts, row.known, row.late) == (4, 3, 1)
        assert {period.name: period.attempts for period in row.periods if period.attempts} == {
            "3 days to 1 day before": 1, "the last hour": 1, "up to a day late": 1,
        }  # fmt: skip
        assert row.due is not None
        assert row.due.startswith("2026-10-15T")

    def test_only_the_sections_that_are_asked_for_are_in_it(self) -> None:
        report = class_report(COURSE, [*cohort(3), ("zoe-000", explained(1.0))], sections=["3_explained"])

        assert {row.section for row in (*report.items, *report.checks)} == {"3_explained"}
        assert (report.students, report.attempts) == (1, 1)

    def test_nobody_is_named_unless_that_is_asked_for(self, hostile: ClassReport) -> None:
        entries = [Entry(Kind.NOTHING, "zoe-001", "1_entropy", "`zoe-001` is empty.", "Ask zoe-001.")]
        wrong = record(item(check("in_bits", "wrong", hints=(NATS,)), full=10))
        results = [*cohort(12), ("zoe-nats", wrong)]
        silent = class_report(COURSE, results, entries=entries, enrolled=["zoe-absent"])

        for text in (
            page(silent),
            csv_report(silent),
            json_text(silent),
            check_text(COURSE, results, silent, "level_2"),
        ):
            assert text
            assert "zoe" not in text
        named = class_report(COURSE, results, entries=entries, names=True)
        for text in (csv_report(named), json_text(named), check_text(COURSE, results, named, "level_2")):
            assert "zoe-001" in text
        assert hostile.with_names

    def test_who_lost_a_check_is_listed_with_the_best_first(self, large: ClassReport) -> None:
        text = check_text(COURSE, cohort(40), replace(large, with_names=True), "suspect")

        names = [word.rstrip(":") for word in text.split() if word.startswith("zoe-")]
        assert names[0] == "zoe-035"  # the first of those who won all seven levels
        assert names == sorted(names, key=lambda name: -(int(name[4:]) * 8 // 40))
        assert "works backwards" in text
        assert "got <b>0.5</b>" in text


class TestTables:
    def test_csv_has_every_row_of_the_json(self, hostile: ClassReport) -> None:
        data = json.loads(json_text(hostile))
        rows = list(csv.DictReader(io.StringIO(csv_report(hostile))))
        parts = {"item": "items", "check": "checks", "misconception": "misconceptions", "points": "points"}
        parts |= {"explanation": "explanations", "arrivals": "arrivals", "attention": "attention"}

        for part, key in parts.items():
            assert data[key]
            assert sum(row["part"] == part for row in rows) == len(data[key]), part
        suspect = next(row for row in rows if row["check"] == "suspect")
        same = next(row for row in data["checks"] if row["check"] == "suspect")
        assert float(suspect["difficulty"]) == same["difficulty"]
        assert float(suspect["r"]) == same["discrimination"]["r"]

    def test_no_name_is_a_formula_in_a_spreadsheet(self, hostile: ClassReport) -> None:
        students = [row["student"] for row in csv.DictReader(io.StringIO(csv_report(hostile))) if row["student"]]

        assert any("=1+1" in student for student in students)
        assert not [student for student in students if student[0] in "=+-@\t\r"]


class TestPage:
    def test_it_loads_nothing_and_runs_its_own_script_only(self, soup: BeautifulSoup) -> None:
        (script,), (style,) = soup.find_all("script"), soup.find_all("style")
        (policy,) = [meta["content"] for meta in soup.find_all("meta") if meta.get("http-equiv")]
        hashes = [base64.b64encode(hashlib.sha256(tag.string.encode()).digest()).decode() for tag in (style, script)]

        assert policy == (
            f"default-src 'none'; style-src 'sha256-{hashes[0]}'; script-src 'sha256-{hashes[1]}'; "
            "base-uri 'none'; form-action 'none'"
        )
        assert "url(http" not in style.string
        assert not soup.find_all(["img", "link", "iframe", "object", "embed", "form"])
        for tag in soup.find_all(True):
            assert not [name for name in tag.attrs if name.startswith("on") or name in ("src", "style", "srcset")]
            assert tag.get("href", "#").startswith("#")

    def test_names_are_text_and_nothing_else(self, hostile: ClassReport, soup: BeautifulSoup) -> None:
        shown = {tag.get_text() for tag in soup.find_all("bdi")}

        assert shown >= {visible(row.student or "", limit=80) for row in hostile.attention}
        assert not soup.find_all("b")

    def test_everything_can_be_read_by_ear(self, soup: BeautifulSoup) -> None:
        ids = [tag["id"] for tag in soup.find_all(id=True)]
        references = [
            word for tag in soup.find_all(attrs={"aria-labelledby": True}) for word in tag["aria-labelledby"].split()
        ]
        levels = [int(tag.name[1]) for tag in soup.find_all(["h1", "h2", "h3"])]
        anchors = [tag["href"][1:] for tag in soup.find_all("a")]

        assert len(ids) == len(set(ids))
        assert set(references) | set(anchors) <= set(ids)
        assert levels[0] == 1
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
        for table in soup.find_all("table"):
            assert table.caption.get_text()
            assert all(heading.get("scope") for heading in table.find_all("th"))
            widths = {len(row.find_all(["th", "td"])) for row in table.find_all("tr")}
            assert len(widths) == 1, "as many cells as headings"
        plots = soup.find_all("svg", class_="plot")
        assert len(plots) >= 5
        assert all(plot["role"] == "img" and plot.title.get_text() and plot.desc.get_text() for plot in plots)

    def test_a_suspect_is_called_ours_with_the_command_that_shows_more(self, soup: BeautifulSoup) -> None:
        text = soup.find(id="suspects").get_text()

        assert "suspect the check, not the students" in text
        assert "autograder report --section 1_entropy --check suspect" in text

    def test_the_same_class_gives_the_same_bytes(self, hostile: ClassReport, drawn: str) -> None:
        assert page(hostile) == drawn

    @pytest.mark.parametrize(
        ("size", "caveat"),
        [(9, "Too few students for discrimination"), (29, "A small class"), (40, "Not a large class")],
    )
    def test_small_classes_get_a_caveat(self, size: int, caveat: str, monkeypatch: pytest.MonkeyPatch) -> None:
        report = class_report(COURSE, cohort(size))
        monkeypatch.setattr("autograder.class_report.page.plots", lambda _: Plots([], None, None, None, ""))

        assert caveat in BeautifulSoup(page(report), "html.parser").find(class_="caveat").get_text()


@pytest.fixture(scope="module")
def opened(drawn: str) -> Iterator[Page]:
    with chromium_started() as browser, page_of(browser, 360) as tab:
        tab.set_content(drawn)
        yield tab


@needs_chromium
def test_tables_sort_and_filter_without_a_server(opened: Page) -> None:
    table = opened.locator("table", has=opened.locator("#checks-table-caption"))
    names = table.locator("tbody th")
    before = names.all_inner_texts()

    table.get_by_role("button", name="Share won").click()
    shares = [float(cell.get_attribute("data-value") or "nan") for cell in table.locator("tbody td:nth-child(2)").all()]
    assert shares == sorted(shares, reverse=True)
    assert len(set(shares)) > 3
    assert table.locator("thead th:nth-child(2)").get_attribute("aria-sort") == "descending"
    table.get_by_role("button", name="What is asked").click()
    assert names.all_inner_texts() == before

    field = opened.locator("section[aria-labelledby=checks]").get_by_label("Only rows with")
    field.fill("LEVEL example-1")
    assert table.locator("tbody tr:visible").count() == len(LEVELS)
    assert opened.get_by_role("status").filter(has_text=f"{len(LEVELS)} of {len(before)} rows").count() == 1
    field.fill("")
    assert table.locator("tbody tr:visible").count() == len(before)


@needs_chromium
def test_it_fits_every_screen_and_paper_shows_every_row(opened: Page) -> None:
    for width in (360, 768, 1280):
        opened.set_viewport_size({"width": width, "height": 800})
        assert opened.evaluate("document.documentElement.scrollWidth") <= width
    region = opened.locator(".wide", has=opened.locator("#attention-table-caption"))
    hidden = "region => region.scrollHeight - region.clientHeight"

    assert region.evaluate(hidden) > 0, "a long table scrolls by itself"
    opened.emulate_media(media="print")
    assert region.evaluate(hidden) <= 0


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with a class of three, of whom two are judged."""
    root = tmp_path_factory.mktemp("report")
    mini_course.copy_course(root)
    for student in ("ada", "bela", "chen"):
        shutil.copytree(root / "assignments" / "1_entropy", root / "submitted" / student / "1_entropy")
        with (root / "submitted" / student / "1_entropy" / "entropy.py").open("a") as module:
            module.write(f"# {student}\n")
    the_course = course_module.load(root)
    made = deliver.batch(the_course, WALLS)
    works = {one.student: one for one in collect(the_course, root / "submitted").attempts}
    for rank, student in enumerate(("ada", "bela")):
        header = Header("1_entropy", works[student].digest, made.suites["1_entropy"], made.seed, made.grader, WALLS)
        made.store.put(header.key, replace(attempt(5 * rank, 8), header=header))
    return root


@pytest.fixture
def at_graded(graded: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(graded)
    monkeypatch.setattr("autograder.grading.batch.Pools", None)  # whoever judges, fails
    monkeypatch.setattr("autograder.grading.deliver.missing_walls", dict)
    return graded


def test_the_command_writes_what_is_stored_and_judges_nothing(
    at_graded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["report"]) == DONE
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("", f"report     {at_graded / 'class-report.html'}\n")
    assert (
        "ada" not in BeautifulSoup((at_graded / "class-report.html").read_text(), "html.parser").main.get_text().split()
    )

    assert cli.main(["report", "--format", "json"]) == DONE
    data = json.loads(capsys.readouterr().out)
    (row,) = [row for row in data["points"] if row["section"] == "1_entropy"]
    assert (row["handed_in"], row["counted"], row["not_judged"]) == (3, 2, 1)
    assert [row["entries"] for row in data["attention"] if row["kind"] == "not judged yet"] == [1]

    assert cli.main(["report", "--format", "csv", "--names", "--output", "report.csv"]) == DONE
    rows = list(csv.DictReader(io.StringIO((at_graded / "report.csv").read_text(encoding="utf-8-sig"))))
    assert [row["student"] for row in rows if row["kind"] == "not judged yet"] == ["chen"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--check", "suspct"], "no check `suspct` was judged; did you mean `suspect`?"),
        (["--check", "zzz"], "no check `zzz` was judged; `autograder report --format csv` lists them"),
        (["--section", "2_divergence"], "nothing has been graded for 2_divergence in "),
        (["--section", "1_entrpy"], "1_entrpy"),
        (["--output", "source"], "source is a folder; --output names the file to write"),
    ],
)
def test_what_the_command_cannot_do_is_said_in_one_line(
    at_graded: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert cli.main(["report", *arguments]) == USAGE
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("autograder: ")
    assert message in line
