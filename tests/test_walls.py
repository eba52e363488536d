"""The probes of `doctor` prove each wall; if a wall is switched off, its probes must notice."""

import dataclasses
import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder import doctor
from autograder.course import load
from autograder.doctor import Wall
from autograder.grading.workers import Pool
from autograder.remote.errors import WorkerUnavailableError
from autograder.remote.faults import RemoteFault
from autograder.remote.link import Link
from autograder.sandbox import walls
from autograder.sandbox.walls import WALLS
from autograder.verdict import Verdict

from .conftest import QUICK, ROOT
from .test_layers import files

PROBES = doctor.probes(load(ROOT))


@pytest.fixture(scope="module")
def proofs(worker):
    return {proof.probe.tries: proof for proof in doctor.prove(worker, PROBES)}


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.tries)
def test_the_walls_withstand(proofs, probe):
    proof = proofs[probe.tries]

    assert proof.held, proof.how


@pytest.mark.parametrize("wall", WALLS)
def test_a_wall_that_is_switched_off_is_noticed(wall):
    others = tuple(name for name in WALLS if name != wall)
    tried = [
        probe for probe in PROBES if probe.wall == wall and "signal" not in probe.tries and "/tmp" not in probe.tries
    ]
    with Pool(others, "numpy") as pool:
        pool.ensure()
        fallen = [proof for proof in doctor.prove(pool.folder, tried) if not proof.held]

    assert fallen


# Runs probes in a confined fork, without a worker: argv holds the folder, and a Python statement that changes `confine`.
FORK = """
import json, os, signal, sys
from pathlib import Path
from autograder.sandbox import walls

folder = Path(sys.argv[1])
for name in ("submission", "scratch", "home"):
    (folder / name).mkdir(exist_ok=True)
folder.chmod(0o755)
signal.signal(signal.SIGTERM, lambda *args: None)
os.environ["SECRET_OF_THE_GRADER"] = "1"
exec(sys.argv[2])
inherited = os.open("/etc/passwd", os.O_RDONLY)
confinement = walls.Confinement(folder / "submission", folder / "scratch", folder / "home", walls.WALLS, 0)
ends = os.pipe()
os.dup2(ends[1], 3)
if os.fork() == 0:
    try:
        confinement.enter(walls.Bounds(memory_mb=512, cpu_seconds=10, file_mb=4), 4)
        held = {}
        for tries, code in json.load(sys.stdin).items():
            try:
                exec(code, {})
                held[tries] = False
            except PermissionError:
                held[tries] = True
        os.write(3, json.dumps(held).encode())
    finally:
        os._exit(0)
os.close(3)
os.close(ends[1])
print(open(ends[0]).read())
"""
TRUNCATE = {
    "empty a file by opening it": "import os\nos.open(os.__file__, os.O_RDONLY | os.O_TRUNC)",
    "empty a file by name": "import os\nos.truncate(os.__file__, 0)",
    "move a file out of the scratch folder": "import os\nopen('x', 'w').close()\nos.rename('x', '../submission/x')",
}


def forked(folder: Path, probes: dict[str, str], change: str = "") -> dict[str, bool]:
    """Return which of `probes` are refused in a fork whose confinement the statement `change` has changed."""
    done = subprocess.run(
        [sys.executable, "-c", FORK, str(folder), change],
        input=json.dumps(probes), capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.stdout, done.stderr
    held: dict[str, bool] = json.loads(done.stdout)
    return held


@pytest.mark.parametrize("abi", [1, 2, 3, 4, 5, 6, 7, 99])
def test_landlock_holds_with_what_any_kernel_knows_of_it(tmp_path, abi):
    probes = {probe.tries: probe.code for probe in PROBES if probe.wall == "landlock"} | TRUNCATE
    newest = min(abi, walls._landlock_abi())

    held = forked(tmp_path, probes, f"walls._landlock_abi = lambda: {newest if abi < 99 else 99}")

    assert held == dict.fromkeys(probes, True)


SWITCHED_OFF = {
    "find a descriptor of the grader": "walls.os.closerange = lambda *args: None",
    "find the grader's environment": "walls.Confinement._environment = lambda self: os.chdir(self.scratch)",
    "stay in the grader's session": "walls.os.setsid = lambda: None",
    "find a signal handler of the grader": "walls.signal.signal = lambda *args: None",
    "find a right of root": "walls._drop_root = lambda *args: None",
}


def test_a_fork_that_keeps_something_of_the_graders_is_noticed(tmp_path):
    probes = {probe.tries: probe.code for probe in PROBES if probe.wall == doctor.PROCESS}
    assert set(probes) == set(SWITCHED_OFF)
    assert forked(tmp_path, probes) == dict.fromkeys(probes, True)

    for tries, change in SWITCHED_OFF.items():
        if tries == "find a right of root" and os.geteuid() != 0:
            change = "walls.os.getresuid = lambda: (0, 0, 0)"  # no user to give up: only the probe is tried
        assert forked(tmp_path, probes, change)[tries] is False, tries


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM], ids=["old", "off", "filtered"])
def test_without_landlock_grading_names_it_and_refuses(tmp_path, number):
    """A kernel before 5.13, one that was booted without Landlock, and a container's filter that denies it."""
    script = (
        "import sys, pyseccomp\n"
        "rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)\n"
        f"rules.add_rule(pyseccomp.ERRNO({number}), 'landlock_create_ruleset')\n"
        "rules.load()\n"
        "from autograder.cli import main\n"
        "sys.exit(main(['grade', '--submitted', sys.argv[1]]))\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=False, cwd=ROOT, timeout=60
    )

    assert done.returncode == 2
    assert "the wall `landlock` is missing on this machine: the kernel offers no Landlock" in done.stderr
    assert "--allow-weaker-isolation" in done.stderr


WITHOUT_RIGHTS = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--ambient-caps=-all", "--no-new-privs"]
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0 or shutil.which("setpriv") is None, reason="needs root and setpriv")


@AS_ROOT
@pytest.mark.parametrize("command", ["grade", "doctor"])
def test_root_without_its_rights_is_told_to_be_somebody_else(command):
    """A container often takes them away: such a root user can't run its children as other users."""
    done = subprocess.run(
        [*WITHOUT_RIGHTS, sys.executable, "-m", "autograder.cli", command],
        capture_output=True, text=True, check=False, cwd=ROOT, timeout=60,
    )  # fmt: skip

    assert done.returncode == 2
    assert "autograder: this root user lacks CAP_CHOWN, " in done.stderr
    assert "CAP_SETUID" in done.stderr
    assert done.stderr.endswith("grade as an ordinary user, who needs no rights at all\n")


def test_a_user_in_roots_group_is_told_to_be_in_another(monkeypatch):
    """A container that is started with only a user's number is in root's group by default; children would be too."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(os, "getresgid", lambda: (1000, 1000, 1000))
    monkeypatch.setattr(os, "getgroups", lambda: [1000])
    walls.check_user()

    monkeypatch.setattr(os, "getgroups", lambda: [1000, 0])

    with pytest.raises(walls.ConfinementError, match="in root's group"):
        walls.check_user()


@AS_ROOT
@pytest.mark.skipif(not walls._prefix_is_public(), reason="this interpreter lies in a folder that is closed to others")
def test_all_walls_rise_for_an_ordinary_user_without_any_right(tmp_path):
    """As in a container without extra rights: another user, no capability, and no way to get one."""
    tmp_path.chmod(0o777)
    done = subprocess.run(
        [*WITHOUT_RIGHTS, "--reuid=65534", "--regid=65534", "--clear-groups", sys.executable, "-m", "autograder.cli", "doctor"],
        capture_output=True, text=True, check=False, cwd=ROOT, timeout=120, env={**os.environ, "HOME": str(tmp_path)},
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count(": proved") == len(WALLS) + 1
    assert "Grading can run." in done.stdout


def test_a_wall_stands_only_if_it_is_there_and_withstood_every_probe(proofs):
    held = proofs["read /etc/passwd"]
    broken = doctor.Proof(held.probe, False, "it went through")

    assert Wall("landlock", None, (held,)).stands
    assert not Wall("landlock", None, (held, broken)).stands
    assert not Wall("landlock", None, ()).stands
    assert not Wall("landlock", "old kernel", (held,)).stands


def test_the_child_is_no_root_and_has_nothing_of_the_graders_environment(session_with, monkeypatch):
    monkeypatch.setenv("SECRET_OF_THE_GRADER", "1")
    session = session_with(
        """
        import os
        def who():
            return os.getresuid(), os.getgroups(), dict(os.environ), os.getpgrp() == os.getpid()
        """
    )

    uids, groups, environment, leads = session.module("work.py").who()

    assert 0 not in uids
    assert groups == ([] if os.geteuid() == 0 else groups)
    assert "SECRET_OF_THE_GRADER" not in environment
    assert leads


def test_the_child_inherits_no_descriptor_but_its_own(session_with):
    session = session_with(
        """
        import os
        def open_descriptors():
            found = []
            for number in range(4096):
                try:
                    os.fstat(number)
                    found.append(number)
                except OSError:
                    pass
            return found
        """
    )

    assert session.module("work.py").open_descriptors() == [0, 1, 2, 3]


def test_the_modules_of_the_judge_are_not_in_the_childs_memory(session_with):
    session = session_with(
        """
        import sys
        def loaded():
            return sorted(name for name in sys.modules if name.startswith(("autograder", "pytest", "_pytest")))
        """
    )

    own = {f"autograder.sandbox.{path.stem}" for path in files("sandbox")}
    assert set(session.module("work.py").loaded()) == {"autograder", "autograder.sandbox"} | (
        own - {"autograder.sandbox.__init__", "autograder.sandbox.worker"}
    )


@pytest.mark.parametrize(
    "body",
    [
        "import matplotlib.pyplot as plt, os\nplt.plot([1, 2]); plt.savefig('figure.png')\nreturn os.path.getsize('figure.png') > 0",
        "import threading\nseen = []\nworkers = [threading.Thread(target=seen.append, args=(1,)) for _ in range(8)]\n"
        "[w.start() for w in workers]; [w.join() for w in workers]\nreturn len(seen) == 8",
        "from sklearn.feature_selection import mutual_info_classif\nimport numpy as np\n"
        "return mutual_info_classif(np.arange(40.0).reshape(20, 2), np.arange(20) % 2, random_state=0).shape == (2,)",
        "import torch\nx = torch.ones(3, 4, requires_grad=True)\ntorch.nn.Linear(4, 1)(x).sum().backward()\nreturn x.grad.shape == (3, 4)",
        "import scipy.stats, decimal, fractions, statistics\nreturn True",
        "from sklearn.datasets import load_digits\nreturn load_digits().data.shape == (1797, 64)",
        "import tempfile, pathlib\nwith tempfile.TemporaryDirectory() as folder:\n"
        "    pathlib.Path(folder, 'a').write_text('b')\nreturn True",
        "import asyncio.tasks, csv, json, logging, re\nreturn True",
    ],
    ids=["plots", "threads", "scikit-learn", "torch", "imports", "data sets", "files", "late imports"],
)
def test_honest_work_goes_on_behind_the_walls(session_with, body):
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    session = session_with(f"def work():\n{lines}\n")

    assert session.module("work.py").work()


def test_a_missing_wall_is_named_with_its_reason(monkeypatch):
    def gone():
        raise walls.ConfinementError("the kernel offers no Landlock")

    monkeypatch.setattr(walls, "_landlock_abi", gone)

    assert walls.missing_walls() == {"landlock": "the kernel offers no Landlock"}


def test_other_systems_lack_the_walls_of_linux(monkeypatch):
    monkeypatch.setattr(walls.sys, "platform", "darwin")

    assert set(walls.missing_walls()) == {"landlock", "seccomp"}


def test_a_child_whose_walls_do_not_rise_runs_nothing(worker):
    """The worker is told to raise a wall with a limit that the kernel refuses; the judge is told and runs nothing."""
    link = Link(worker)

    with pytest.raises(WorkerUnavailableError, match="could not be confined"):
        link.start(dataclasses.replace(QUICK, memory_mb=2**60), seed=0)
    link.close()


def test_reading_the_suite_is_refused_with_a_verdict(session_with):
    suite = next((ROOT / "autograder" / "suites").rglob("test_*.py"))
    session = session_with(f"def spy():\n    return open({str(suite)!r}).read()\n")

    with pytest.raises(RemoteFault) as fault:
        session.module("work.py").spy()
    assert fault.value.verdict is Verdict.REFUSED


@pytest.mark.parametrize(
    "body",
    [
        "import fcntl\nfcntl.lockf(open('lock', 'w'), fcntl.LOCK_EX)",
        "import os\nos.open(__file__, os.O_RDONLY | os.O_TRUNC)",
        "import os\nopen('own', 'w').close()\nos.truncate('own', 0)",
    ],
    ids=["record locks", "empty by opening", "truncate"],
)
def test_what_landlock_and_limits_do_not_cover_is_refused(session_with, body):
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    session = session_with(f"def work():\n{lines}\n")

    with pytest.raises(RemoteFault) as fault:
        session.module("work.py").work()
    assert fault.value.verdict is Verdict.REFUSED


def test_files_are_preallocated_no_faster_than_they_are_written(session_with):
    source = """
    import ctypes, errno, os
    def fast():
        with open("big", "w") as file:
            libc = ctypes.CDLL(None, use_errno=True)
            libc.fallocate(file.fileno(), 0, ctypes.c_long(0), ctypes.c_long(2**20))
            return ctypes.get_errno() == errno.EOPNOTSUPP
    def slow():
        with open("big", "w") as file:
            os.posix_fallocate(file.fileno(), 0, 2**20)
        return os.path.getsize("big")
    """
    module = session_with(source).module("work.py")

    assert module.fast()
    assert module.slow() == 2**20


def test_only_the_child_reaches_its_slot(link):
    """Other users of the machine must not read submissions; the child may because of its group."""
    slot = Path(link.submission).parent.stat()

    assert slot.st_mode & 0o777 == 0o710
    assert slot.st_gid >= walls.FIRST_UID or os.geteuid() != 0
