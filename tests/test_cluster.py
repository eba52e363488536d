"""A class run on a real Dask cluster on this machine: same bytes, and only workers that are like the grader take part."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import json
import os
import pickle
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from pathlib import Path
from typing import Any

import psutil
import pytest

from autograder import course as course_module
from autograder.cli import main
from autograder.course import Course
from autograder.grading import cluster, node
from autograder.grading.batch import Batch
from autograder.grading.cluster import Cluster, ClusterError
from autograder.grading.jobs import Job, Over, not_judged
from autograder.grading.node import Fingerprint, Node, Refused
from autograder.records.record import Header, Status
from autograder.records.store import Store, encode
from autograder.remote.errors import LibraryMissingError, WorkerUnavailableError
from autograder.sandbox.walls import WALLS
from autograder.submissions.attempts import Attempt
from autograder.verdict import Verdict

from . import mini_course
from .conftest import ROOT, attempt_of, notebook_bytes

ASLEEP = b"import time\ntime.sleep(1.5)\n"  # for longer than judges wait at first
ABORTS = b"import os\nclass InformationMeasures:\n    @staticmethod\n    def entropy(p, base=2):\n        os.abort()\n"


@dataclasses.dataclass
class Dask:
    """A scheduler of its own, whose workers end with it; all they are told of the course is a path."""

    folder: Path
    stack: contextlib.ExitStack
    settings: dict[str, str] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        self.workers: dict[str, subprocess.Popen[bytes]] = {}
        told = self.folder / "scheduler.json"
        protocol = ("--protocol", "tls") if self.settings else ()
        self.scheduler = self._start("dask_scheduler", "--port", "0", "--scheduler-file", str(told), *protocol)
        wait_for(lambda: told.is_file() and told.read_text().endswith("}"))
        self.address: str = json.loads(told.read_text())["address"]

    def worker(self, name: str, course: Course, **environment: str) -> subprocess.Popen[bytes]:
        """Return the worker of this name, started unless it runs."""
        if name in self.workers and self.workers[name].poll() is None:
            return self.workers[name]
        options = ("--no-nanny", "--nthreads", "2", "--memory-limit", "0", "--local-directory", str(self.folder))
        preload = ("--preload", "autograder.grading.node")
        given = {node.COURSE: str(course.root), **environment}
        self.workers[name] = self._start("dask_worker", self.address, *options, "--name", name, *preload, **given)
        return self.workers[name]

    def wait_for(self, *names: str) -> None:
        """Wait until exactly these workers are there."""
        from distributed import Client

        def there() -> set[str]:
            workers = client.scheduler_info(n_workers=-1)["workers"].values()
            return {worker["name"] for worker in workers}

        with Client(self.address, set_as_default=False) as client:
            wait_for(lambda: there() == set(names))

    def _start(self, program: str, *options: str, **environment: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.{program}", "--host", "127.0.0.1", "--no-dashboard"]
        log = self.stack.enter_context((self.folder / "log").open("ab"))
        settings = {
            f"DASK_{name.upper()}".replace(".", "__").replace("-", "_"): value for name, value in self.settings.items()
        }
        given = {**os.environ, **settings, **environment}
        process = subprocess.Popen([*command, *options], cwd=self.folder, env=given, stdout=log, stderr=log)
        self.stack.callback(process.wait, 30)
        self.stack.callback(process.terminate)
        return process


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
    """A worker that is like this process, bob, and one with another suite, eve. Tests add what they break."""
    with contextlib.ExitStack() as stack:
        dask = Dask(tmp_path_factory.mktemp("dask"), stack)
        dask.worker("bob", small)
        dask.worker("eve", other)
        yield dask


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


def test_the_command_writes_on_a_cluster_what_it_writes_on_one_machine(
    small: Course, dask: Dask, tmp_path: Path
) -> None:
    dask.worker("ada", small)
    dask.wait_for("ada", "bob", "eve")
    solution = (ROOT / "solutions" / "1_entropy" / "entropy.py").read_bytes()
    for number, module in enumerate([solution, b"class (", solution + b"# mine\n"]):
        work = tmp_path / "submitted" / f"student-{number}" / "1_entropy"
        work.mkdir(parents=True)
        (work / "entropy.py").write_bytes(module)
    command = [sys.executable, "-m", "autograder", "grade", "--course", str(small.root), "--format", "json"]
    command += ["--submitted", str(tmp_path / "submitted"), "--no-gradebook", "--output"]

    alone = subprocess.run([*command, str(tmp_path / "alone")], capture_output=True)
    shutil.rmtree(small.root / ".autograder")  # what was judged
    there = subprocess.run(
        [*command, str(tmp_path / "there"), "--scheduler", dask.address], capture_output=True, text=True
    )

    assert (alone.returncode, there.returncode) == (0, 0), there.stderr
    assert there.stdout == alone.stdout.decode()
    assert '"status": "judged"' in there.stdout
    assert "autograder: 2 workers of the cluster with 4 judges" in there.stderr
    assert results(tmp_path / "there") == results(tmp_path / "alone")
    assert "grades.csv" in results(tmp_path / "there")


def results(folder: Path) -> dict[str, bytes]:
    """Return what a run wrote, without the history, which says when."""
    return {name: kept for name, kept in mini_course.files(folder).items() if "history" not in name}


@pytest.fixture(scope="module")
def here(small: Course, attempts: list[Attempt], tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What one machine stores of the attempts, by the name of the file."""
    folder = tmp_path_factory.mktemp("here")
    Batch(small, Store(folder), seed=small.seed, jobs=2, walls=WALLS).run(attempts)
    return stored(folder)


def stored(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*.json")}


def batch_on(address: str, course: Course, folder: Path, say: Callable[[str], None] = lambda line: None) -> Batch:
    judging = functools.partial(Cluster, address, course, WALLS, say)
    return Batch(course, Store(folder), seed=course.seed, jobs=1, walls=WALLS, judging=judging)


@pytest.mark.parametrize("when", ["before its first attempt", "in the middle", "after its last attempt"])
def test_a_cluster_that_loses_a_worker_gives_the_bytes_of_one_machine(
    small: Course, dask: Dask, attempts: list[Attempt], here: dict[str, bytes], tmp_path: Path, when: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """After its last attempt means: once that is judged, and before the record is fetched."""
    victim = dask.worker("ada", small)
    dask.wait_for("ada", "bob", "eve")
    family = psutil.Process(victim.pid).children(recursive=True)
    if when != "in the middle":
        attempts = attempts[3:7]
    said: list[str] = []
    judged: list[int] = []
    fetch = Cluster._fetch

    def kill() -> None:
        with contextlib.suppress(psutil.NoSuchProcess):  # it is killed once
            family.extend(psutil.Process(victim.pid).children(recursive=True))
            victim.kill()
            victim.wait()

    def say(line: str) -> None:
        said.append(line)
        if line.startswith("2 workers") and when == "before its first attempt":
            kill()

    def advance() -> None:
        judged.append(1)
        if len(judged) == 2 and when == "in the middle":
            kill()

    def fetch_late(self: Cluster, future: Any) -> None:
        workers = future.client.scheduler_info(n_workers=-1)["workers"]
        if any(
            workers[place]["name"] == "ada" for place in future.client.who_has([future])[future.key] if place in workers
        ):
            kill()
        fetch(self, future)

    if when == "after its last attempt":
        monkeypatch.setattr(Cluster, "_fetch", fetch_late)

    there = batch_on(dask.address, small, tmp_path, say).run(attempts, advance)

    assert [outcome.attempt.student for outcome in there] == [attempt.student for attempt in attempts]
    names = {f"{outcome.record.header.key}.json" for outcome in there}
    assert stored(tmp_path) == {name: kept for name, kept in here.items() if name in names}
    assert len(judged) == len(attempts) == len(stored(tmp_path))
    assert victim.returncode is not None
    assert "2 workers of the cluster with 4 judges" in said
    refused = [line for line in said if "takes no part" in line]
    assert len(refused) == 1
    assert "another suite, release or table of 1_entropy" in refused[0]
    wait_for(lambda: not any(process.is_running() for process in family))


def test_a_worker_that_is_broken_is_left_out_and_costs_no_attempt(
    small: Course, dask: Dask, attempts: list[Attempt], here: dict[str, bytes], tmp_path: Path
) -> None:
    """Its folder for temporary files is gone, so no sandbox can be made there: it fails fast, and would get most."""
    gone = tmp_path / "gone"
    gone.mkdir()
    broken = dask.worker("joe", small, TMPDIR=str(gone))
    dask.wait_for("joe", "bob", "eve")
    shutil.rmtree(gone)
    said: list[str] = []

    batch_on(dask.address, small, tmp_path, said.append).run(attempts)

    broken.terminate()
    assert stored(tmp_path) == here
    (line,) = [line for line in said if "in a row failed" in line]
    assert line.startswith("the worker tcp://127.0.0.1:")
    assert "takes no part: " in line
    assert "FileNotFoundError" in line
    assert "run `autograder doctor` there and start it again" in line


def certificate(folder: Path, name: str) -> dict[str, str]:
    """Make a certificate; return the settings of Dask that name it, for all ends and as the only one to trust."""
    key, made = f"{folder}/{name}-key.pem", f"{folder}/{name}.pem"
    program = f"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN={name}"
    subprocess.run([*program.split(), "-keyout", key, "-out", made], check=True, capture_output=True)
    ends = [f"distributed.comm.tls.{end}" for end in ("scheduler", "worker", "client")]
    mine = {f"{end}.{what}": path for end in ends for what, path in (("key", key), ("cert", made))}
    return {"distributed.comm.tls.ca-file": made, **mine}


@pytest.fixture(scope="module")
def tls(small: Course, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dask]:
    """A cluster with a worker that only those reach who have its certificate."""
    folder = tmp_path_factory.mktemp("tls")
    with contextlib.ExitStack() as stack:
        dask = Dask(folder, stack, certificate(folder, "ours"))
        dask.worker("tim", small)
        yield dask


def test_with_certificates_a_cluster_judges_only_for_those_who_have_one(
    small: Course, tls: Dask, attempts: list[Attempt], here: dict[str, bytes], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    from dask import config

    with config.set(tls.settings):
        batch_on(tls.address, small, tmp_path).run(attempts[3:6])
    monkeypatch.setattr(cluster, "_CONNECT_SECONDS", 5.0)
    with config.set(certificate(tmp_path, "foreign")), pytest.raises(ClusterError, match="no Dask scheduler answers"):
        Cluster(tls.address, small, WALLS, lambda line: None)

    assert tls.address.startswith("tls://")
    assert len(stored(tmp_path)) == 3
    assert stored(tmp_path).items() < here.items()


def test_a_run_that_loses_the_scheduler_says_so_and_the_next_one_goes_on(
    small: Course, dask: Dask, tls: Dask, attempts: list[Attempt], here: dict[str, bytes], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """The last test that uses this scheduler."""
    from dask import config

    monkeypatch.setattr(cluster, "_CONNECT_SECONDS", 5.0)
    judged: list[int] = []

    def advance() -> None:
        judged.append(1)
        if len(judged) == 3:
            tls.scheduler.kill()

    with (
        config.set(tls.settings),
        pytest.raises(ClusterError, match=r"connection to the scheduler is lost: .*; run the same command again"),
    ):
        batch_on(tls.address, small, tmp_path).run(attempts, advance)
    kept = stored(tmp_path)
    again = batch_on(dask.address, small, tmp_path)
    missing = again.missing(attempts)

    again.run(attempts)

    assert 3 <= len(judged) < len(attempts)
    assert len(kept) == len(judged)
    assert missing == len(attempts) - len(judged)
    assert stored(tmp_path) == here


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
    headers = [dataclasses.replace(first.header, attempt=f"{attempt:064}") for attempt in range(1, number + 1)]
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


@pytest.fixture
def this_node(other: Course) -> Iterator[Node]:
    made = Node(other, WALLS, 1)
    yield made
    made.close()


def test_a_node_refuses_what_asks_for_another_suite(this_node: Node, small: Course) -> None:
    refused = this_node.judge(job_of(small), None)

    assert refused == Refused("it has other suites, versions or walls than this attempt asks for")


@pytest.mark.parametrize("lacks", ["grader", "walls"])
def test_a_node_refuses_what_asks_for_other_versions_or_walls(this_node: Node, other: Course, lacks: str) -> None:
    job = job_of(other)
    value = ("landlock",) if lacks == "walls" else "0.0+0"
    job = dataclasses.replace(job, header=dataclasses.replace(job.header, **{lacks: value}))

    assert isinstance(this_node.judge(job, None), Refused)


def test_a_suite_that_is_changed_on_the_disk_is_seen_before_the_next_run(this_node: Node, other: Course) -> None:
    before, job = this_node.fingerprint(), job_of(other)
    suite = other.suites / "1_entropy" / "test_exercise_1.py"
    written = suite.read_text()
    suite.write_text(written + "# again\n")

    after = this_node.fingerprint()

    suite.write_text(written)
    assert isinstance(before, Fingerprint)
    assert isinstance(after, Fingerprint)
    assert after.unlike(before) == "it has another suite, release or table of 1_entropy"
    assert isinstance(this_node.judge(job, None), Refused)


def test_a_worker_whose_packages_changed_must_be_started_again(
    this_node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autograder.records.keys._version", lambda library: "9.9")

    assert this_node.fingerprint() == "its packages were changed after it had started; start it again"


def test_a_node_whose_suite_contradicts_the_course_refuses(this_node: Node, other: Course) -> None:
    suite = other.suites / "1_entropy" / "test_exercise_1.py"
    written = suite.read_text()
    suite.write_text(written + "\n\ndef test_without_points():\n    pass\n")
    this_node.fingerprint()

    refused = this_node.judge(job_of(other), None)

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


@functools.cache
def whole_course() -> Course:
    return course_module.load(ROOT)


def judged(job: Job, address: str = "") -> object:
    """Return the answer of a worker that judged a job."""
    section = whole_course().section(job.header.section)
    return encode(dataclasses.replace(not_judged(section, job, ""), status=Status.JUDGED, reason=None)), {}


def was_judged(found: dict[str, object]) -> set[str]:
    """Return the keys of results that are records of judged attempts."""
    return {key for key, result in found.items() if isinstance(result, tuple) and result[0].reason is None}


class FakeClient:
    """A client of a cluster without processes; `answers` says what the worker at an address answers to a job."""

    def __init__(self, there: dict[str, int], prints: dict[str, object]) -> None:
        self.there, self.prints = there, prints
        self.sent: list[tuple[Job, list[str]]] = []
        self.asked: list[object] = []
        self.answered: list[str] = []
        self.most = self.out = 0
        self.answers: Callable[[Job, str], object] = judged

    def __call__(self, address: str, **options: object) -> FakeClient:
        return self

    def __enter__(self) -> FakeClient:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def nthreads(self) -> dict[str, int]:
        return dict(self.there)

    def run(self, function: object, workers: list[str], on_error: str) -> dict[str, object]:
        self.asked.append(function)
        return {address: self.prints[address] for address in workers}

    def submit(self, function: object, job: Job, patience: float | None, workers: list[str], pure: bool) -> Fake:
        self.sent.append((job, workers))
        self.out += 1
        self.most = max(self.most, self.out)
        key = f"judge-{len(self.sent)}"
        address = workers[len(self.sent) % len(workers)]
        self.answered.append(address)
        answer = self.answers(job, address)

        def result(timeout: float) -> object:
            self.out -= 1
            if isinstance(answer, Exception) and not isinstance(answer, WorkerUnavailableError):
                raise answer
            return address, answer

        def add_done_callback(done: Callable[[Fake], None]) -> None:
            if answer != "never":
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


def test_no_name_no_secret_and_no_suite_is_sent(small: Course, fake: FakeClient) -> None:
    """Work is sent as bytes, so that it need not be on a disk that the worker sees."""
    job = job_of(small, "ada-lovelace", b"x = 1\n")
    attempt = dataclasses.replace(
        job.attempt, path=Path("/submitted/ada-lovelace"), secret="exchange-secret", timestamp="2026-01-01", late=True
    )
    job = dataclasses.replace(job, attempt=attempt)

    round_of(small, [job])

    sent = pickle.dumps((fake.asked, fake.sent))
    assert b"x = 1\n" in sent
    assert not [word for word in (b"lovelace", b"exchange-secret", b"2026-01-01", b"/submitted") if word in sent]
    lines = {line for path in small.suites.rglob("*.py") for line in path.read_bytes().splitlines() if len(line) > 40}
    assert not [line for line in lines if line in sent]
    ((arrived, _),) = pickle.loads(sent)[1]
    assert arrived.key == job.key
    assert arrived.attempt.files == {"entropy.py": b"x = 1\n"}


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"suites": {"1_entropy": "0" * 64}}, "it has another suite, release or table of 1_entropy"),
        ({"parts": {}}, "it has Python none, not "),
        ({"walls": ("landlock",)}, "it has the walls landlock, not "),
    ],
    ids=["suites", "libraries", "walls"],
)
def test_a_worker_that_is_unlike_the_grader_gets_nothing(
    small: Course, fake: FakeClient, other: dict[str, Any], said: str
) -> None:
    fake.prints["tcp://a:1"] = dataclasses.replace(Fingerprint.of(small, WALLS), **other)
    jobs = jobs_of(small, 6)

    found, lines = round_of(small, jobs)

    assert was_judged(found) == {job.key for job in jobs}
    assert {address for _, workers in fake.sent for address in workers} == {"tcp://b:1"}
    assert lines[0].startswith(f"the worker tcp://a:1 takes no part: {said}")


def test_a_worker_that_fails_in_a_row_is_left_out_and_others_judge_its_attempts(
    small: Course, fake: FakeClient
) -> None:
    fake.answers = lambda job, address: WorkerUnavailableError("no memory") if "a:1" in address else judged(job)
    jobs = jobs_of(small, 40)

    found, said = round_of(small, jobs)

    assert was_judged(found) == {job.key for job in jobs}
    (line,) = [line for line in said if "no part" in line]
    assert re.fullmatch(
        r"the worker tcp://a:1 takes no part: [3-5] attempts in a row failed there by a fault of that machine, and then "
        r"one that can be judged \(no memory\); run `autograder doctor` there and start it again",
        line,
    )
    assert all(workers == ["tcp://b:1"] for _, workers in fake.sent[-30:])


@pytest.mark.parametrize("fault", [None, WorkerUnavailableError("gone"), LibraryMissingError("no torch"), "not judged"])
@pytest.mark.parametrize("others", [0, 20])
def test_attempts_that_fail_everywhere_cost_no_worker_and_are_tried_a_few_times(
    small: Course, fake: FakeClient, fault: object, others: int
) -> None:
    fake.there = {"tcp://a:1": 1, "tcp://b:1": 1, "tcp://new:1": 1, "tcp://old:1": 1}
    fake.prints["tcp://old:1"] = fake.prints["tcp://a:1"]
    jobs = jobs_of(small, 12 + others)
    bad = {job.key for job in jobs[:12]}

    def answers(job: Job, address: str) -> object:
        if job.key not in bad:
            return judged(job)
        return (encode(not_judged(small.sections[0], job, "a check failed")), {}) if fault == "not judged" else fault

    fake.answers = answers

    found, said = round_of(small, jobs)

    assert found.keys() == {job.key for job in jobs}
    assert was_judged(found) == found.keys() - bad
    assert said == ["4 workers of the cluster with 4 judges"]
    tried = Counter(job.key for job, _ in fake.sent)
    assert {tried[key] for key in bad} == {3}


def test_a_suite_that_fails_everywhere_costs_no_worker(course: Course, fake: FakeClient) -> None:
    """Not even an empty attempt at its section can be judged."""
    fake.prints = dict.fromkeys(fake.prints, Fingerprint.of(course, WALLS))
    fake.answers = lambda job, address: None if job.header.section == "1_entropy" else judged(job)
    jobs = jobs_of(course, 12)

    found, said = round_of(course, jobs)

    assert found == dict.fromkeys(job.key for job in jobs)
    assert said == ["2 workers of the cluster with 2 judges"]


def test_a_run_whose_workers_are_all_broken_ends_and_says_why(
    small: Course, fake: FakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "_WITHOUT_SECONDS", 0.1)
    fake.answers = lambda job, address: WorkerUnavailableError(f"no memory at {address}")

    with pytest.raises(ClusterError, match=r"no worker of the cluster can judge \(tcp://") as caught:
        round_of(small, jobs_of(small, 20))

    assert "no memory at tcp://a:1" in str(caught.value)
    assert "no memory at tcp://b:1" in str(caught.value)
    assert str(caught.value).endswith("run the same command again to go on")


def test_an_attempt_that_meets_a_limit_of_a_judge_is_given_to_another_worker_in_the_next_round(
    small: Course, fake: FakeClient
) -> None:
    """So a machine that is short of memory does not decide the verdict."""
    fake.answers = lambda job, address: Over(Verdict.MEMORY_LIMIT)
    job = job_of(small)

    with Cluster("tcp://head:1", small, WALLS, lambda line: None) as judging:
        first = list(judging.round([job], False, None))
        second = list(judging.round([job], False, None))

    assert first == second == [(job, Over(Verdict.MEMORY_LIMIT))]
    assert fake.answered[0] != fake.answered[1]


def test_what_the_scheduler_has_forgotten_is_sent_again(small: Course, fake: FakeClient) -> None:
    fake.answers = lambda job, address: CancelledError() if len(fake.sent) == 1 else judged(job)
    job = job_of(small)

    found, _ = round_of(small, [job])

    assert was_judged(found) == {job.key}
    assert len(fake.sent) == 2


def test_a_job_whose_workers_are_gone_goes_to_one_that_came_later(small: Course, fake: FakeClient) -> None:
    def answers(job: Job, address: str) -> object:
        if address == "tcp://new:1":
            return judged(job)
        fake.there = {"tcp://new:1": 1}
        return "never"

    fake.answers = answers
    job = job_of(small)

    found, said = round_of(small, [job])

    assert was_judged(found) == {job.key}
    assert [workers for _, workers in fake.sent][-1] == ["tcp://new:1"]
    assert said[-1] == "1 worker of the cluster with 1 judge"


def test_what_one_worker_refuses_another_one_judges(small: Course, fake: FakeClient) -> None:
    def answers(job: Job, address: str) -> object:
        return Refused("its judges end") if address == "tcp://a:1" else judged(job)

    fake.answers = answers
    jobs = jobs_of(small, 3)

    found, said = round_of(small, jobs)

    assert was_judged(found) == {job.key for job in jobs}
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
    fake.answers = lambda job, address: answers[job.key]
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
