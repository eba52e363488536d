"""A class run on a real Dask cluster on this machine: same bytes, and only workers that are like the grader take part."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import pickle
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import psutil
import pytest

from autograder import course as course_module
from autograder.cli import main
from autograder.course import Course
from autograder.grading import cluster, node
from autograder.grading.batch import Batch
from autograder.grading.cluster import Cluster, ClusterError
from autograder.grading.jobs import Job, not_judged
from autograder.grading.node import Fingerprint, Node, Refused
from autograder.records.record import Header
from autograder.records.store import Store, encode
from autograder.remote.errors import WorkerUnavailableError
from autograder.sandbox.walls import WALLS
from autograder.submissions.attempts import Attempt

from . import mini_course
from .conftest import ROOT, attempt_of, notebook_bytes

ASLEEP = b"import time\ntime.sleep(1.5)\n"  # for longer than judges wait at first
ABORTS = b"import os\nclass InformationMeasures:\n    @staticmethod\n    def entropy(p, base=2):\n        os.abort()\n"


@dataclasses.dataclass
class Dask:
    """A scheduler, and its workers by name."""

    address: str
    workers: dict[str, subprocess.Popen[bytes]]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A copy of the course that has only its first section, so that judges are ready at once."""
    return first_section(tmp_path_factory.mktemp("course") / "copy")


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """The same, with one more remark in a suite."""
    root = tmp_path_factory.mktemp("other") / "copy"
    first_section(root)
    shutil.copytree(ROOT / "autograder" / "suites", root / "suites")
    table = root / "source" / "course.toml"
    table.write_text(table.read_text().replace((ROOT / "autograder" / "suites").as_posix(), "suites"))
    with (root / "suites" / "1_entropy" / "test_exercise_1.py").open("a") as suite:
        suite.write("# changed\n")
    return course_module.load(root)


def first_section(root: Path) -> Course:
    mini_course.copy_course(root)
    table = root / "source" / "course.toml"
    written = table.read_text().split("[[section]]\n")
    table.write_text("[[section]]\n".join(written[:2]))
    return course_module.load(root)


@pytest.fixture(scope="module")
def dask(small: Course, other: Course, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dask]:
    """Two workers that are like this process and one with another suite; what they may know of the course is a path."""
    folder = tmp_path_factory.mktemp("dask")
    told = folder / "scheduler.json"
    host = ["--host", "127.0.0.1", "--no-dashboard"]
    with contextlib.ExitStack() as stack:

        def start(program: str, *options: str, course: Course) -> subprocess.Popen[bytes]:
            command = [sys.executable, "-m", f"distributed.cli.{program}", *host, *options]
            log = stack.enter_context((folder / f"{program}-{len(options)}.log").open("ab"))
            environment = {**os.environ, node.COURSE: str(course.root)}
            process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
            stack.callback(process.wait, 30)
            stack.callback(process.terminate)
            return process

        start("dask_scheduler", "--port", "0", "--scheduler-file", str(told), course=small)
        wait_for(told.is_file)
        address = json.loads(told.read_text())["address"]
        preload = ("--preload", "autograder.grading.node")
        options = (address, "--no-nanny", "--nthreads", "2", "--memory-limit", "0", "--local-directory", str(folder))
        courses = {"ada": small, "bob": small, "eve": other}
        workers = {
            name: start("dask_worker", *options, "--name", name, *preload, course=course)
            for name, course in courses.items()
        }
        from distributed import Client

        with Client(address, set_as_default=False) as client:
            client.wait_for_workers(3, timeout=60)
        yield Dask(address, workers)


def wait_for(happened: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it takes too long"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def attempts(small: Course) -> list[Attempt]:
    solution = (ROOT / "solutions" / "1_entropy" / "entropy.py").read_bytes()
    stub = (ROOT / "assignments" / "1_entropy" / "entropy.py").read_bytes()
    cell = notebook_bytes(("exercise-1", "die_entropy = 2.584962500721156"))
    modules = [stub, ABORTS, ASLEEP, b"class (", *(solution + b"# %d\n" % number for number in range(6))]
    return [
        attempt_of(small, {"entropy.py": module, "1_entropy.ipynb": cell}, f"student-{number}")
        for number, module in enumerate(modules)
    ]


def test_a_cluster_that_loses_a_worker_gives_the_bytes_of_one_machine(
    small: Course, dask: Dask, attempts: list[Attempt], tmp_path: Path
) -> None:
    here = Batch(small, Store(tmp_path / "here"), seed=small.seed, jobs=2, walls=WALLS).run(attempts)
    said: list[str] = []
    judging = partial(Cluster, dask.address, small, WALLS, said.append)
    batch = Batch(small, Store(tmp_path / "there"), seed=small.seed, jobs=1, walls=WALLS, judging=judging)
    victim = dask.workers["ada"]
    family = psutil.Process(victim.pid).children(recursive=True)
    judged: list[int] = []

    def advance() -> None:
        judged.append(1)
        if len(judged) == 2:
            family.extend(psutil.Process(victim.pid).children(recursive=True))
            victim.kill()

    there = batch.run(attempts, advance)

    assert [encode(outcome.record) for outcome in there] == [encode(outcome.record) for outcome in here]
    assert [outcome.attempt.student for outcome in there] == [attempt.student for attempt in attempts]
    assert {path.name: path.read_bytes() for path in (tmp_path / "there").rglob("*.json")} == {
        path.name: path.read_bytes() for path in (tmp_path / "here").rglob("*.json")
    }
    assert len(judged) == len(attempts)
    assert "2 workers of the cluster with 4 judges" in said
    assert "1 worker of the cluster with 2 judges" in said
    refused = [line for line in said if "takes no part" in line]
    assert len(refused) == 1
    assert "another suite, release or table of 1_entropy" in refused[0]
    assert family
    wait_for(lambda: not any(process.is_running() for process in family))


def test_a_grader_that_no_worker_is_like_is_told_by_each_why(course: Course, dask: Dask) -> None:
    with (
        Cluster(dask.address, course, WALLS, lambda line: None) as judging,
        pytest.raises(ClusterError, match=r"no worker of the cluster can judge \(tcp://127") as caught,
    ):
        next(judging.round([job_of(course)], False, None))

    assert "another suite, release or table of 2_divergence, 3_mutual_information, 4_vae, 5_losses" in str(caught.value)


def job_of(course: Course, student: str = "ada", module: bytes = b"") -> Job:
    """A job with an attempt at the first section."""
    attempt = attempt_of(course, {"entropy.py": module}, student)
    mine = Fingerprint.of(course, WALLS)
    header = Header(attempt.section, attempt.digest, mine.suites[attempt.section], course.seed, mine.grader, WALLS)
    return Job(attempt, header)


def jobs_of(course: Course, number: int) -> list[Job]:
    """Different jobs."""
    first = job_of(course)
    headers = [dataclasses.replace(first.header, attempt=f"{attempt:064}") for attempt in range(number)]
    return [dataclasses.replace(first, header=header) for header in headers]


def test_a_fingerprint_names_whatever_differs(course: Course) -> None:
    asked = Fingerprint.of(course, WALLS)
    parts = {**asked.parts, "numpy": "2.0.1", "torch": "none", "Python": "3.99.0"}
    mine = Fingerprint({**asked.suites, "4_vae": "0" * 64}, parts, WALLS[1:])

    assert asked.unlike(asked) == ""
    assert mine.unlike(asked) == (
        f"it has Python 3.99.0, not {asked.parts['Python']}; numpy 2.0.1, not {asked.parts['numpy']}; "
        f"torch none, not {asked.parts['torch']}; another suite, release or table of 4_vae; "
        f"the walls {', '.join(WALLS[1:])}, not {', '.join(WALLS)}"
    )


def test_no_name_no_secret_and_no_suite_is_sent(course: Course) -> None:
    job = job_of(course, "ada-lovelace", b"x = 1\n")
    attempt = dataclasses.replace(
        job.attempt, path=Path("/submitted/ada-lovelace"), secret="exchange-secret", timestamp="2026-01-01", late=True
    )
    job = dataclasses.replace(job, attempt=attempt)

    sent = pickle.dumps((node.judge, cluster.without_person(job), 1.0))

    assert b"x = 1\n" in sent
    assert not [word for word in (b"lovelace", b"exchange-secret", b"2026-01-01", b"/submitted") if word in sent]
    lines = {line for path in course.suites.rglob("*.py") for line in path.read_bytes().splitlines() if len(line) > 40}
    assert not [line for line in lines if line in sent]
    assert pickle.loads(sent)[1].key == job.key


@pytest.fixture
def here(other: Course) -> Iterator[Node]:
    made = Node(other, WALLS, 1)
    yield made
    made.close()


def test_a_node_refuses_what_asks_for_another_suite(here: Node, small: Course) -> None:
    refused = here.judge(job_of(small), None, "tcp://here:1")

    assert refused == Refused("tcp://here:1", "it has other suites, versions or walls than this attempt asks for")


@pytest.mark.parametrize("lacks", ["grader", "walls"])
def test_a_node_refuses_what_asks_for_other_versions_or_walls(here: Node, other: Course, lacks: str) -> None:
    job = job_of(other)
    value = ("landlock",) if lacks == "walls" else "0.0+0"
    job = dataclasses.replace(job, header=dataclasses.replace(job.header, **{lacks: value}))

    assert isinstance(here.judge(job, None), Refused)


def test_a_suite_that_is_changed_on_the_disk_is_seen_before_the_next_run(here: Node, other: Course) -> None:
    before, job = here.fingerprint(), job_of(other)
    suite = other.suites / "1_entropy" / "test_exercise_1.py"
    written = suite.read_text()
    suite.write_text(written + "# again\n")

    after = here.fingerprint()

    suite.write_text(written)
    assert isinstance(before, Fingerprint)
    assert isinstance(after, Fingerprint)
    assert after.unlike(before) == "it has another suite, release or table of 1_entropy"
    assert isinstance(here.judge(job, None), Refused)


def test_a_worker_whose_packages_changed_must_be_started_again(here: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograder.records.keys._version", lambda library: "9.9")

    assert here.fingerprint() == "its packages were changed after it had started; start it again"


def test_a_node_whose_suite_contradicts_the_course_refuses(here: Node, other: Course) -> None:
    suite = other.suites / "1_entropy" / "test_exercise_1.py"
    written = suite.read_text()
    suite.write_text(written + "\n\ndef test_without_points():\n    pass\n")
    here.fingerprint()

    refused = here.judge(job_of(other), None)

    suite.write_text(written)
    assert isinstance(refused, Refused)
    assert "check `without_points` needs an item, points" in refused.reason


def test_a_worker_under_a_nanny_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node, "_here", "it was not started")
    monkeypatch.setattr(node.multiprocessing, "current_process", lambda: Fake(daemon=True))

    node.dask_setup(Fake())

    assert node.fingerprint() == "it says: under Dask's nanny it can't start judges; start it with `--no-nanny`"


class Fake:
    """Anything with attributes."""

    def __init__(self, **attributes: object) -> None:
        self.__dict__.update(attributes)


class FakeClient:
    """A client of a cluster without processes; `answers` says what a worker answers to a job."""

    def __init__(self, there: dict[str, int], prints: dict[str, object]) -> None:
        self.there, self.prints = there, prints
        self.sent: list[tuple[Job, list[str]]] = []
        self.most = self.out = 0
        self.answers: Callable[[Job, list[str]], object] = lambda job, workers: None

    def __call__(self, address: str, **options: object) -> FakeClient:
        return self

    def __enter__(self) -> FakeClient:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def nthreads(self) -> dict[str, int]:
        return dict(self.there)

    def run(self, function: object, workers: list[str], on_error: str) -> dict[str, object]:
        return {address: self.prints[address] for address in workers}

    def submit(self, function: object, job: Job, patience: float | None, workers: list[str], pure: bool) -> Fake:
        self.sent.append((job, workers))
        self.out += 1
        self.most = max(self.most, self.out)
        key = f"judge-{len(self.sent)}"

        def result(timeout: float) -> object:
            self.out -= 1
            answer = self.answers(job, workers)
            if isinstance(answer, RuntimeError):
                raise answer
            return answer

        def add_done_callback(done: Callable[[Fake], None]) -> None:
            if self.answers(job, workers) != "never":
                done(future)

        future = Fake(key=key, result=result, add_done_callback=add_done_callback, cancel=lambda: None)
        return future


@pytest.fixture
def fake(small: Course, monkeypatch: pytest.MonkeyPatch) -> FakeClient:
    client = FakeClient({"tcp://a:1": 1, "tcp://b:1": 1}, {})
    client.prints = dict.fromkeys(("tcp://a:1", "tcp://b:1", "tcp://new:1"), Fingerprint.of(small, WALLS))
    monkeypatch.setattr("distributed.Client", client)
    monkeypatch.setattr(cluster, "_LOOK_SECONDS", 0.02)
    return client


def round_of(small: Course, jobs: list[Job], one_by_one: bool = False) -> tuple[dict[str, object], list[str]]:
    said: list[str] = []
    with Cluster("tcp://head:1", small, WALLS, said.append) as judging:
        return {job.key: result for job, result in judging.round(jobs, one_by_one, None)}, said


def test_a_job_whose_workers_are_gone_goes_to_one_that_came_later(small: Course, fake: FakeClient) -> None:
    def answers(job: Job, workers: list[str]) -> object:
        if workers == ["tcp://new:1"]:
            return None
        fake.there = {"tcp://new:1": 1}
        return "never"

    fake.answers = answers
    job = job_of(small)

    found, said = round_of(small, [job])

    assert found == {job.key: None}
    assert [workers for _, workers in fake.sent][-1] == ["tcp://new:1"]
    assert said[-1] == "1 worker of the cluster with 1 judge"


def test_what_one_worker_refuses_another_one_judges(small: Course, fake: FakeClient) -> None:
    def answers(job: Job, workers: list[str]) -> object:
        return Refused("tcp://a:1", "its judges end") if "tcp://a:1" in workers else None

    fake.answers = answers
    jobs = jobs_of(small, 3)

    found, said = round_of(small, jobs)

    assert found == dict.fromkeys([job.key for job in jobs])
    assert [line for line in said if "no part" in line] == ["the worker tcp://a:1 takes no part: its judges end"]


def test_no_more_is_sent_than_judges_need_and_one_by_one_is_one(small: Course, fake: FakeClient) -> None:
    jobs = jobs_of(small, 20)

    round_of(small, jobs)
    several, fake.most = fake.most, 0
    round_of(small, jobs, one_by_one=True)

    assert 1 < several <= 4
    assert fake.most == 1


def test_what_is_no_record_of_the_job_is_a_fault_of_ours(small: Course, fake: FakeClient) -> None:
    answers: dict[str, object] = {}
    fake.answers = lambda job, workers: answers[job.key]
    lost, garbled, foreign = jobs_of(small, 3)
    record = encode(not_judged(small.sections[0], lost, "as if judged"))
    answers |= {lost.key: RuntimeError("killed"), garbled.key: (b"{}", {}), foreign.key: (record, {})}

    found, _ = round_of(small, [lost, garbled, foreign])

    said = [str(found[job.key]) for job in (lost, garbled, foreign)]
    assert said[0] == "the cluster failed: RuntimeError: killed"
    assert said[1].startswith("a worker of the cluster sent no record: ")
    assert said[2] == "a worker of the cluster sent the record of something else"
    assert all(isinstance(result, WorkerUnavailableError) for result in found.values())


def test_a_cluster_without_workers_is_waited_for_and_then_given_up(
    small: Course, fake: FakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.there = {}
    monkeypatch.setattr(cluster, "_WITHOUT_SECONDS", 0.1)

    with pytest.raises(ClusterError, match="the cluster has no worker; start some"):
        round_of(small, [job_of(small)])


def test_a_scheduler_that_is_not_there_is_a_message(
    small: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    work = tmp_path / "submitted" / "ada" / "1_entropy"
    work.mkdir(parents=True)
    (work / "entropy.py").write_text("x = 1\n")
    monkeypatch.setattr(cluster, "_CONNECT_SECONDS", 0.2)
    command = ["grade", "--course", str(small.root), "--submitted", str(work.parents[1]), "--no-gradebook"]

    code = main([*command, "--output", str(tmp_path / "out"), "--scheduler", "tcp://127.0.0.1:1"])

    assert code == 3
    assert "no Dask scheduler answers at tcp://127.0.0.1:1" in capsys.readouterr().err


def test_a_certificate_that_is_missing_is_a_message(small: Course) -> None:
    with pytest.raises(ClusterError, match="no certificate is configured for tls://"):
        Cluster("tls://127.0.0.1:1", small, WALLS, lambda line: None)


def test_without_the_extra_the_option_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    assert main(["grade", "--scheduler", "tcp://head:1"]) == 2
    assert "--scheduler needs the package `distributed`: `make cluster`" in capsys.readouterr().err


def test_without_the_option_dask_is_not_imported() -> None:
    program = "import sys, autograder.cli, autograder.grading.run; print('distributed' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout == "False\n"
