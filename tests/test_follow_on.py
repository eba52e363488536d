"""A repeat finds out which checks fail only because another function is broken, and reveals nothing else."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autograder.corpus.reader import load_samples
from autograder.corpus.samples import write_sample
from autograder.course import Course, CourseError
from autograder.judge import follow_on
from autograder.judge.follow_on import Asked, Repeat
from autograder.judge.suite import Suite
from autograder.judge.trial import judge
from autograder.records import score
from autograder.records.record import Header, Record
from autograder.remote.calls import Call
from autograder.remote.faults import RemoteFault
from autograder.remote.link import Link
from autograder.remote.session import Session
from autograder.remote.true_answers import MAX_ASKED, TrueAnswers
from autograder.sandbox.walls import WALLS
from autograder.submissions.collect import collect
from autograder.verdict import Verdict
from tests.conftest import QUICK, ROOT
from tests.test_layers import files

P, W, E, M, R = Verdict.PASSED, Verdict.WRONG, Verdict.ERROR, Verdict.MISSING, Verdict.REFUSED
TABLE = {"b": ("a",), "c": ("a", "b"), "n1": ("a",), "n2": ("a",)}


def asked(*verdicts: tuple[str, Verdict]) -> list[Asked]:
    return [Asked(name, "work", "cell", name.startswith("n"), verdict) for name, verdict in verdicts]


def planned(
    checks: Sequence[Asked], source: str = "a() b()", settled: Sequence[int] = (), written: str = "abc"
) -> list[Repeat]:
    return list(follow_on.repeats(TABLE, checks, set(settled), lambda _: source, lambda name: name in written))


def test_failed_checks_are_repeated_where_a_function_below_is_broken() -> None:
    checks = asked(("a", W), ("b", P), ("b", W), ("c", E), ("n1", W), ("n2", W), ("n2", P))

    assert planned(checks, source="a()") == [
        Repeat((2,), ("a",), frozenset({"work:b"})),
        Repeat((4, 5), ("a",), frozenset({"notebook:cell:cell"})),
        Repeat((3,), ("a",), frozenset({"work:c"})),
    ]


def test_what_follows_itself_is_not_answered_for() -> None:
    """Otherwise it would not show whether the function in the middle is right."""
    checks = asked(("a", W), ("b", W), ("c", W))
    following: set[int] = set()
    found = []
    for repeat in follow_on.repeats(TABLE, checks, following, lambda _: "a() b()", lambda _: True):
        found.append((repeat.checks, repeat.broken))
        following |= set(repeat.checks)

    assert found == [((1,), ("a",)), ((2,), ("a",))]
    assert [(repeat.checks, repeat.broken) for repeat in planned(checks)] == [((1,), ("a",)), ((2,), ("a", "b"))]


@pytest.mark.parametrize(
    "checks",
    [
        asked(("a", P), ("b", W)),
        asked(("a", W), ("b", P)),
        asked(("a", M), ("b", W)),
        asked(("a", W), ("a", R), ("b", W)),
        asked(("a", W), ("b", R)),
        asked(("a", W), ("b", M)),
        asked(("b", W), ("d", W)),
    ],
    ids=[
        "below-is-right",
        "above-is-right",
        "unwritten",
        "below-refused",
        "above-refused",
        "above-unwritten",
        "no-table",
    ],
)
def test_nothing_is_repeated_where_nothing_can_follow(checks: list[Asked]) -> None:
    assert planned(checks) == []


def test_nothing_is_repeated_for_a_function_that_is_not_named_or_not_written() -> None:
    checks = asked(("a", W), ("b", W))

    assert planned(checks, source="def a(): ...") == []
    assert planned(checks, written="bc") == []


def test_a_function_is_written_if_its_answers_differ() -> None:
    fault = RemoteFault(E, "no")

    assert follow_on.is_written([Call("f", (), {}, 1.0), Call("f", (), {}, 2.0)])
    assert not follow_on.is_written([Call("f", (), {}, 1.0)] * 5 + [Call("f", (), {}, fault=fault)])
    assert not follow_on.is_written([Call("f", (), {}, object()), Call("f", (), {}, object())])
    assert not follow_on.is_written([])


def test_a_table_that_leads_round_in_a_circle_is_refused() -> None:
    with pytest.raises(CourseError, match="circle"):
        follow_on.in_order({"kl": ("cross",), "cross": ("kl",)})


# --- the student's process ------------------------------------------------------------------------------------------

Open = Callable[..., Session]


def halved(x: float) -> float:
    if x < 0:
        raise ValueError("negative")
    return x / 2


@pytest.fixture
def repeating(link: Link) -> Any:
    """Open a session in which `Work.half` of the module or `half` of the notebook is answered for."""
    opened = []

    def open_session(
        module: str = "", cells: Sequence[tuple[str, str]] = (), window: str = "work:Work.double"
    ) -> Session:
        homes = {"Work.half": "work", "half": "notebook"}
        true_answers = TrueAnswers({"Work.half": halved, "half": halved}, homes, frozenset({window}))
        files = {"work.py": textwrap.dedent(module).encode()}
        opened.append(Session(link, files, list(cells), QUICK, seed=0, true_answers=true_answers))
        return opened[-1]

    yield open_session
    for session in opened:
        session.close()


MODULE = """
    import sys
    class Work:
        @staticmethod
        def half(x):
            return -1
        @classmethod
        def double(cls, x):
            return 4 * Work.half(x) if x < 10 else 4 * cls.half(x=x)
        @staticmethod
        def triple(x):
            return 6 * Work.half(x)
        def modules():
            return sorted(name for name in sys.modules if name.startswith("autograder"))
        def ask(name, *args):
            return Work.__dict__["half"].__func__._ask(name, args, {})
    at_import = Work.half(2)
"""


def test_a_broken_function_is_answered_for_while_its_caller_runs(repeating: Open) -> None:
    work = repeating(MODULE).module("work.py").Work

    assert work.double(3) == 6
    assert work.double(12) == 24
    assert work.triple(3) == -6
    assert work.half(3) == -1
    with pytest.raises(RemoteFault, match="ValueError"):
        work.double(-3)


def test_neither_import_nor_cells_learn_anything(repeating: Open) -> None:
    session = repeating(MODULE, [("cell", "import work\nlearnt = work.Work.half(2)")])
    session.prepare(["work.py"])

    assert session.module("work.py").at_import.fetch() == -1
    assert session.notebook().learnt.fetch() == -1


def test_no_judging_code_is_in_the_process(repeating: Open) -> None:
    names = repeating(MODULE).module("work.py").Work.modules()

    own = {f"autograder.sandbox.{path.stem}" for path in files("sandbox")} - {
        f"autograder.sandbox.{name}" for name in ("__init__", "worker")
    }
    assert set(names) == {"autograder", "autograder.sandbox"} | own


@pytest.mark.parametrize("name", ["Work.double", "Work.triple", "anything", ""])
def test_to_ask_for_another_function_ends_the_process(repeating: Open, name: str) -> None:
    work = repeating(MODULE, window="work:Work.ask").module("work.py").Work

    with pytest.raises(RemoteFault) as caught:
        work.ask(name, 1)

    assert caught.value.verdict is Verdict.REFUSED


def test_to_ask_without_end_ends_the_process(repeating: Open) -> None:
    module = f"""
        class Work:
            def half(x):
                return -1
            def double(x):
                return max(Work.half(x) for _ in range({MAX_ASKED + 1}))
    """

    with pytest.raises(RemoteFault) as caught:
        repeating(module).module("work.py").Work.double(1)

    assert caught.value.verdict is Verdict.REFUSED


def test_an_ordinary_session_answers_nothing(session_with: Open) -> None:
    session = session_with("""
        import os, struct, msgpack, sys
        def ask(token):
            from autograder.sandbox import wire
            frame = wire.Frame(token, "ask", {"function": "Work.half", "args": [1], "kwargs": {}})
            os.write(3, wire.encode(frame))
            return wire.decode(os.read(3, 1000)[4:]).body
        def token():
            frame = sys._getframe()
            while "request" not in frame.f_locals:
                frame = frame.f_back
            return ask(frame.f_locals["request"].token)
    """)

    with pytest.raises(RemoteFault) as caught:
        session.module("work.py").token()

    assert caught.value.verdict is Verdict.REFUSED


def test_a_function_of_the_notebook_is_answered_for_in_the_cell_of_the_item(repeating: Open) -> None:
    cells = [
        ("before", "def half(x):\n    return -1\nearly = half(2)"),
        ("exercise", "def half(x):\n    return -2\nnumber = half(2)\nown = half('two')"),
        ("after", "late = half(2)"),
    ]
    session = repeating(cells=cells, window="notebook:cell:exercise")
    session.prepare([])
    notebook = session.notebook()

    assert [notebook.early.fetch(), notebook.number.fetch()] == [-1, 1]
    assert session.cell_faults["exercise"].verdict is Verdict.ERROR  # TypeError: a truth takes no text
    assert notebook.late.fetch() == -2


ENDS_WHEN_CHANGED = """
import os
class Changed(type):
    def __setattr__(cls, name, value):
        os._exit(3)
class Work(metaclass=Changed):
    def half(x):
        return -1
    def double(x):
        return 4 * Work.half(x)
"""


def test_a_process_that_ends_while_it_is_made_ready_is_a_fault_of_the_call(repeating: Open) -> None:
    session = repeating(ENDS_WHEN_CHANGED)
    session.prepare(["work.py"])

    with pytest.raises(RemoteFault, match=r"`Work.half` ended the Python process \(exit code 3\)"):
        session.module("work.py").Work.double(1)


# --- whole attempts -------------------------------------------------------------------------------------------------


def records(course: Course, link: Link, tmp_path: Path, shelf: str, name: str) -> Mapping[str, Record]:
    """Return the record of a sample of section 1 for each setting of `follow_on`."""
    samples = load_samples(course, ROOT / "tests" / "corpus" / shelf)
    (sample,) = (one for one in samples if (one.section, one.name) == ("1_entropy", name))
    write_sample(sample, tmp_path)
    (attempt,) = collect(course, tmp_path).attempts
    section = course.section("1_entropy")
    judgement = judge(Suite(course, section), attempt, link, course.seed)
    header = Header(section.id, attempt.digest, "suite", course.seed, "grader", WALLS)
    return {
        choice: score.record(replace(section, follow_on=choice), judgement, header)  # type: ignore[arg-type]
        for choice in ("waived", "lost")
    }


def test_what_follows_is_waived_by_default_and_marked_in_any_case(course: Course, link: Link, tmp_path: Path) -> None:
    assert {section.follow_on for section in course.sections} == {"waived"}
    found = records(course, link, tmp_path, "variants", "mistake-follows")

    for choice, points in (("waived", (8.5, 6.0)), ("lost", (6.0, 1.5))):
        items = found[choice].items
        assert tuple(items[name].points for name in ("example-1", "exercise-1")) == points, choice
        following = {check.name: check for item in items.values() for check in item.checks if check.follows_from}
        assert {check.verdict for check in following.values()} == {"wrong"}
        assert {cause for check in following.values() for cause in check.follows_from} == {
            "InformationMeasures.entropy"
        }
        assert all(check.points == (check.max if choice == "waived" else 0) for check in following.values())
        assert not any(check.hints for check in following.values())


def test_nothing_is_repeated_and_no_door_is_opened_where_the_course_says_so(
    course: Course, link: Link, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Session, "again", lambda *_: pytest.fail("a repeat"))
    section = replace(course.section("1_entropy"), follow_on="off")
    samples = load_samples(course, ROOT / "tests" / "corpus" / "variants")
    sample = next(one for one in samples if (one.section, one.name) == ("1_entropy", "mistake-follows"))
    write_sample(sample, tmp_path)
    (attempt,) = collect(course, tmp_path).attempts

    judgement = judge(Suite(course, section), attempt, link, course.seed)

    header = Header(section.id, attempt.digest, "suite", course.seed, "grader", WALLS)
    items = score.record(section, judgement, header).items
    assert [item.points for item in items.values()] == [6.0, 1.5]
    assert not any(check.follows_from for item in items.values() for check in item.checks)


def test_the_time_that_answers_take_is_the_attempts(link: Link) -> None:
    """Questions that take the judge long count for the attempt, which is stopped as if it had computed itself."""

    def slow(x: float) -> float:
        began = time.process_time()
        while time.process_time() - began < 0.2:
            pass
        return x / 2

    true_answers = TrueAnswers({"Work.half": slow}, {"Work.half": "work"}, frozenset({"work:Work.double"}))
    module = (
        b"class Work:\n    def half(x): return -1\n    def double(x):\n        for n in range(100): x = Work.half(x)\n"
    )
    limits = replace(QUICK, attempt_cpu_seconds=1.0)
    session = Session(link, {"work.py": module}, [], limits, seed=0, true_answers=true_answers)

    with pytest.raises(RemoteFault, match="all code together") as caught:
        session.module("work.py").Work.double(1)
    session.close()

    assert caught.value.verdict is Verdict.TIME_LIMIT
    assert 1.0 < session.clock.children < 3.0


def test_who_waits_for_an_answer_does_not_sleep(link: Link) -> None:
    """The judge may be slow, on a busy machine or with a hard question; sleep of the child's own still counts."""

    def slow(x: float) -> float:
        time.sleep(0.3)
        return x / 2

    true_answers = TrueAnswers({"Work.half": slow}, {"Work.half": "work"}, frozenset({"work:Work.double"}))
    module = (
        b"import time\nclass Work:\n    def half(x): return -1\n"
        b"    def double(x, nap):\n        for n in range(8): x = 2 * Work.half(x); time.sleep(nap)\n        return x\n"
    )
    session = Session(
        link, {"work.py": module}, [], replace(QUICK, sleep_seconds=1.0), seed=0, true_answers=true_answers
    )

    assert session.module("work.py").Work.double(1, 0.0) == 1
    with pytest.raises(RemoteFault, match="seconds of waiting"):
        session.module("work.py").Work.double(1, 0.3)
    session.close()


STUB = b"class M:\n    def a(x):\n        # Write it.\n        raise NotImplementedError\n\n    def b(x):\n        raise NotImplementedError\n"


@pytest.mark.parametrize(
    ("written", "is_more"),
    [
        (STUB, False),
        (STUB.replace(b"# Write it.", b"# I will write it tomorrow."), False),
        (b"class M:\n    def a(x):\n        return 1.0\n", False),
        (b"class M:\n    def a(x):\n        pass\n    def b(x):\n        return x * 2\n", False),
        (b"class M:\n    def a(x:\n        return x * 2\n", True),
        (b"class M:\n\tdef a(x):\n\t\treturn x.sum(\n", True),
        (b"class M:\n    def a_2(x):\n        return x * 2\n", False),
        (b"\x00\xff", False),
        (b"", False),
    ],
)
def test_in_a_module_that_cannot_be_imported_a_function_is_written_if_it_is_more_than_the_stub(
    written: bytes, is_more: bool
) -> None:
    assert follow_on.is_more_than("M.a", written, STUB) is is_more


def test_what_a_module_that_cannot_be_imported_builds_on_itself_is_lost_with_it() -> None:
    here = [
        replace(entry, home="work" if entry.function in "ab" else "notebook")
        for entry in asked(("a", E), ("b", E), ("n1", E))
    ]

    found = list(follow_on.repeats(TABLE, here, set(), lambda _: "a()", lambda _: True, {"work"}))

    assert found == [Repeat((2,), ("a",), frozenset({"notebook:cell:cell"}))]
