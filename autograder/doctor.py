"""Shows which walls this machine has, and tests each by trying to break it from inside a confined child.

A probe is a piece of code that does what a hostile submission would do. It runs exactly like a student's cell; the
wall is proved if every probe against it is refused.
"""

from __future__ import annotations

import importlib.metadata
import platform
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.course import Course, Limits
from autograder.grading.workers import Pools
from autograder.judge.levels import usual_level
from autograder.prose.embeddings import PACKAGE
from autograder.remote.errors import DisturbedError, LibraryMissingError, WorkerUnavailableError
from autograder.remote.faults import RemoteFault
from autograder.remote.link import Link
from autograder.remote.session import Session
from autograder.sandbox.levels import LEVELS
from autograder.sandbox.walls import WALLS, missing_walls
from autograder.verdict import Verdict

PACKAGES = ("nbgrader", "numpy", "scipy", "torch", "scikit-learn", "matplotlib", "pytest", "msgpack", PACKAGE)
_LIMITS = Limits(
    call_cpu_seconds=5,
    sleep_seconds=20,
    import_cpu_seconds=10,
    cell_cpu_seconds=5,
    attempt_cpu_seconds=60,
    attempt_sleep_seconds=60,
    memory_mb=512,
    file_mb=16,
    replacements=40,
)


@dataclass(frozen=True)
class Probe:
    """One attempt to break a wall: `code` must not reach its end."""

    wall: str
    tries: str
    code: str


@dataclass(frozen=True)
class Proof:
    """How a probe ended. `held` says whether the wall held; `how` is what stopped the probe."""

    probe: Probe
    held: bool
    how: str


@dataclass(frozen=True)
class Wall:
    """One wall: why it is missing, or how it withstood its probes."""

    name: str
    missing: str | None
    proofs: tuple[Proof, ...]

    @property
    def stands(self) -> bool:
        """Whether the wall is there and withstood every probe."""
        return self.missing is None and bool(self.proofs) and all(proof.held for proof in self.proofs)


def versions() -> dict[str, str]:
    """Return the versions of Python, the kernel, and the packages that decide how grading runs."""
    found = {"python": platform.python_version(), "kernel": f"{platform.system()} {platform.release()}"}
    for package in PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            found[package] = "missing"
    return found


def examine(course: Course) -> tuple[tuple[Wall, ...], dict[str, str]]:
    """Set up every wall that this machine has and try to break it; find out which sections can be graded.

    Returns
    -------
    tuple
        The walls, and the sections that can't be graded, each with the reason.

    Raises
    ------
    WorkerUnavailableError
        If no confined child could be started at all.
    """
    missing = missing_walls()
    raised = tuple(wall for wall in WALLS if wall not in missing)
    levels = {section.id: usual_level(course, section) for section in course.sections}
    refused: dict[str, str] = {}
    with Pools(raised) as pools:
        for level in reversed(LEVELS):  # the more can be imported, the more could leave a hole
            try:
                folder = pools.folder(level)
            except LibraryMissingError as error:
                refused[level] = str(error)
                continue
            tried = [probe for probe in probes(course) if probe.wall in (*raised, PROCESS)]
            proofs = list(prove(folder, tried))
            break
        else:
            raise LibraryMissingError(refused[next(iter(LEVELS))])
    found = tuple(
        Wall(wall, missing.get(wall), tuple(proof for proof in proofs if proof.probe.wall == wall))
        for wall in (*WALLS, PROCESS)
    )
    return found, {section: refused[level] for section, level in levels.items() if level in refused}


def prove(folder: Path, tried: Iterable[Probe]) -> Iterator[Proof]:
    """Run each probe in a confined child of the worker in `folder`, and see whether it was stopped."""
    link = Link(folder)
    try:
        for probe in tried:
            try:
                proof = _proof(link, probe)
            except DisturbedError:  # other writes to the disk prove nothing
                link.slack = 64
                proof = _proof(link, probe)
            yield proof
    except DisturbedError as error:
        raise WorkerUnavailableError(str(error)) from error
    finally:
        link.close()


def _proof(link: Link, probe: Probe) -> Proof:
    code = f"def probe():\n{textwrap.indent(probe.code, '    ')}\n    return True\n\nwent_through = probe()\n"
    session = Session(link, {}, [("probe", code)], _LIMITS, 0)
    try:
        session.notebook().went_through.fetch()
    except RemoteFault as fault:
        stopped = session.cell_faults.get("probe")
        held = stopped is not None and stopped.verdict in _REFUSALS
        return Proof(probe, held, stopped.message if stopped else fault.message)
    else:
        return Proof(probe, False, "it went through")
    finally:
        session.close()


PROCESS = "process"
"""What every child does besides setting up its walls: it keeps nothing of the grader's. It can't be missing."""

_REFUSALS = (Verdict.REFUSED, Verdict.MEMORY_LIMIT, Verdict.TIME_LIMIT)

_SYSCALL = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
def call(*arguments):
    if libc.syscall(*arguments) == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
"""

_THREADS = """
import threading, time
threading.stack_size(2**17)  # small ones, so that memory is not what stops them; aarch64 has none below
for _ in range(1000): threading.Thread(target=time.sleep, args=(9,), daemon=True).start()
"""
_TIMERS = """
import ctypes
libc = ctypes.CDLL(None)
for _ in range(1000):
    if libc.timer_create(1, None, ctypes.byref(ctypes.c_void_p())) != 0:
        raise PermissionError("the kernel gives no more timers")
"""

# What a fork could inherit, each with an expression that finds it.
_INHERITED = {
    "find a descriptor of the grader": "[n for n in range(4, 4096) if os.path.exists(n)]",
    "find the grader's environment": "set(os.environ) - set("
    "'PATH LANG USER HOME TMPDIR MPLCONFIGDIR IPYTHONDIR MPLBACKEND JOBLIB_MULTIPROCESSING TORCHDYNAMO_DISABLE "
    "OMP_NUM_THREADS OPENBLAS_NUM_THREADS MKL_NUM_THREADS PYTHONHASHSEED PYTHONDONTWRITEBYTECODE'.split())",
    "stay in the grader's session": "os.getsid(0) != os.getpid()",
    "find a signal handler of the grader": "[n for n in (1, 2, 10, 15) if signal.getsignal(n) != signal.SIG_DFL]",
    "find a right of root": "0 in os.getresuid() + os.getresgid() or 0 in os.getgroups()",
}


def _number(name: str) -> int:
    """Return the number of a system call on this architecture."""
    import pyseccomp

    return int(pyseccomp.resolve_syscall(pyseccomp.system_arch(), name))


def probes(course: Course) -> tuple[Probe, ...]:
    """Return the attempts to break each wall; the suites and sources of `course` are what a student would want."""
    secret = next(iter(sorted(course.suites.rglob("test_*.py"))), Path(__file__))

    def system_call(name: str, arguments: str) -> str:
        return _SYSCALL + f"call({_number(name)}, {arguments})"

    landlock = (
        Probe("landlock", "read a hidden suite", f"open({str(secret)!r}).read()"),
        Probe("landlock", "read the course's sources", f"open({str(course.root / 'source' / 'course.toml')!r}).read()"),
        Probe("landlock", "read /etc/passwd", "open('/etc/passwd').read()"),
        Probe("landlock", "list the root folder", "import os; os.listdir('/')"),
        Probe(
            "landlock", "read the environment of the grader", "import os; open(f'/proc/{os.getppid()}/environ').read()"
        ),
        Probe("landlock", "write beside its scratch folder", "open('../beside', 'w').write('x')"),
        Probe("landlock", "read the memory of the process by its file", "open('/proc/self/mem', 'rb').read(1)"),
        Probe("landlock", "list the processes", "import os; os.listdir('/proc')"),
        Probe("landlock", "change its own submission", "open('../submission/new.py', 'w').write('x')"),
        Probe("landlock", "leave a file in /tmp", "open('/tmp/left-behind', 'w').write('x')"),
    )
    rlimits = (
        Probe("rlimits", "allocate 50 GB", "bytearray(50 * 2**30)"),
        Probe("rlimits", "write a large file", "with open('large', 'wb') as file: file.write(bytes(64 * 2**20))"),
        Probe("rlimits", "hold a thousand files open", "import os\nfor _ in range(1000): os.dup(0)"),
        Probe("rlimits", "start a thousand threads", _THREADS),
        Probe("rlimits", "set a thousand timers", _TIMERS),
        Probe("rlimits", "compute for ever", "while True: pass"),
    )
    process = tuple(
        Probe(PROCESS, tries, f"import os, signal\nif not ({found}):\n    raise PermissionError('there is none')")
        for tries, found in _INHERITED.items()
    )
    if "seccomp" in missing_walls():
        return landlock + rlimits + process
    seccomp = (
        Probe("seccomp", "open a socket", "import socket; socket.socket()"),
        Probe("seccomp", "start a program", "import os; os.execv('/bin/true', ['true'])"),
        Probe("seccomp", "fork", "import os; os.fork() or os._exit(0)"),
        Probe("seccomp", "signal the grader", "import os; os.kill(os.getppid(), 0)"),
        Probe("seccomp", "change limits of the grader", "import os, resource; resource.prlimit(os.getppid(), 7)"),
        Probe("seccomp", "change modes of files", "import os; os.chmod('.', 0o777)"),
        Probe("seccomp", "trace the grader", system_call("ptrace", "16, os.getppid(), 0, 0")),
        Probe("seccomp", "read the grader's memory", system_call("process_vm_readv", "os.getppid(), 0, 0, 0, 0, 0")),
        Probe("seccomp", "make an io_uring", system_call("io_uring_setup", "1, ctypes.create_string_buffer(256)")),
        Probe("seccomp", "watch the grader's clock", "import os, time; time.clock_gettime(~os.getppid() << 3 | 2)"),
        Probe("seccomp", "become root", "import os; os.setresuid(0, 0, 0)"),
    )
    return landlock + seccomp + rlimits + process
