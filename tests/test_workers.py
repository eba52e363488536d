"""Workers of several levels: what code mentions decides how much its worker has imported."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import tracemalloc
from pathlib import Path

import psutil
import pytest

from autograder.course import load
from autograder.grading import workers as workers_module
from autograder.grading.workers import Pools
from autograder.judge.levels import level_of, usual_level
from autograder.remote.link import Link
from autograder.remote.session import Session
from autograder.sandbox.levels import LEVELS, Place, leash_path
from autograder.sandbox.walls import WALLS

from .conftest import QUICK, ROOT


def workers():
    """Return the workers of this process and of its workers; other tests may have some too."""
    return {child for child in psutil.Process().children(recursive=True) if child.name().startswith("worker-")}


LOADED = "import sys\ndef loaded(name):\n    return name in sys.modules\n"


@pytest.mark.parametrize(
    ("code", "level"),
    [
        (b"import numpy as np", "numpy"),
        (b"", "numpy"),
        (b"from sklearn.metrics import mutual_info_score", "sklearn"),
        (b"import matplotlib.pyplot as plt", "matplotlib"),
        (b"%matplotlib inline\nx = 1", "matplotlib"),
        (b"%pylab", "matplotlib"),
        (b"%pip install torch", "numpy"),
        (b"  !pip install torch", "numpy"),
        (b"def f():\n    import torch", "torch"),
        (b"import sklearn, torch", "torch"),
        (b"flashtorch_like = 1", "numpy"),
        (b"\xff\xfe\x00", "numpy"),
    ],
)
def test_the_level_is_the_least_that_has_what_is_mentioned(code, level):
    assert level_of([code], {}) == level


def test_lines_that_are_commands_name_no_library():
    assert level_of([b"  !pip install torch\n%pip install sklearn\n%conda x torch\nx = 1"], {}) == level_of([b""], {})
    assert level_of([b"x !torch"], {}) == "torch"


def test_very_many_words_are_read_one_by_one():
    code = [b"!a\n" * 10**6, b"ab " * 10**6]
    tracemalloc.start()

    level_of(code, {})

    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 2**20


def test_modules_that_are_mentioned_are_looked_into_and_others_are_not():
    files = {
        "helper.py": b"import other",
        "other.py": b"import torch",
        "unused.py": b"import sklearn",
        "a.txt": b"torch",
    }

    assert level_of([b"x = 1"], files) == "numpy"
    assert level_of([b"import helper"], files) == "torch"
    assert level_of([b"import other"], {"other.py": b"import other"}) == "numpy"


EARLY = """
import importlib.abc, os, runpy, sys
class Keeps(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name == "ctypes":
            os.open("/dev/zero", os.O_RDONLY)
sys.meta_path.insert(0, Keeps())
sys.argv[1:] = [sys.argv[1], "--level", "numpy"]
runpy.run_module("autograder.sandbox.worker", run_name="__main__", alter_sys=True)
"""


def test_a_library_that_keeps_a_file_open_is_not_in_the_way(tmp_path):
    """Newer releases of libffi do, from the import of ctypes on."""
    folder = tempfile.mkdtemp()  # a socket's path is short
    worker = subprocess.Popen(
        [sys.executable, "-c", EARLY, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )

    said = worker.stdout.readline()
    kept = [os.readlink(f"/proc/{worker.pid}/fd/{number}") for number in (3, 4)] if said else []  # noqa: PTH115
    _, complaint = worker.communicate()

    assert said == b"ready\n", complaint
    assert kept == ["/dev/null", "/dev/zero"]


def test_a_worker_that_has_ended_before_anybody_looks_is_heard():
    """One that can't import what it should says so, removes its folder and ends; a busy grader may be slower."""
    folder = Path(tempfile.mkdtemp())

    class Quick:
        def ask_to_grow(self, place):
            with socket.socket(socket.AF_UNIX) as leash:
                leash.connect(str(leash_path(place.folder)))
                leash.sendall(b"torch can't be imported\n")
            shutil.rmtree(place.folder)

    worker = workers_module._Grown(Place(folder, "torch"), Quick())

    assert worker.is_there()
    assert worker.first_words() == b"torch can't be imported\n"
    assert not worker.is_there()
    worker._leash.close()


def test_every_level_holds_the_ones_before_it():
    with Pools(WALLS) as pools:
        found = {}
        for level in LEVELS:
            link = Link(pools.folder(level))
            session = Session(link, {"work.py": LOADED.encode()}, [], QUICK, seed=0)
            loaded = session.module("work.py").loaded
            found[level] = [
                loaded(name) for name in ("scipy.special", "matplotlib.pyplot", "sklearn.metrics", "torch._dynamo")
            ]
            session.close()
            link.close()

    assert found == {
        "numpy": [True, False, False, False],
        "matplotlib": [True, True, False, False],
        "sklearn": [True, True, True, False],
        "torch": [True, True, True, True],
    }


def test_children_of_two_workers_are_two_users():
    with Pools(WALLS) as pools:
        links = [Link(pools.folder(level)) for level in ("numpy", "sklearn")]
        slots = {link.submission.split("/")[-2] for link in links}
        for link in links:
            link.close()

    assert len(slots) == 2


def test_sections_ask_for_what_their_solutions_import():
    course = load(ROOT)

    assert usual_level(course, course.section("1_entropy")) == "numpy"


def test_a_worker_grows_from_one_that_has_imported_less_and_outlives_it():
    others = workers()
    with Pools(WALLS) as pools:
        base = pools.folder("numpy")
        grown = pools.folder("sklearn")
        (program,) = {worker for worker in workers() - others if worker.ppid() == os.getpid()}
        program.kill()
        program.wait()
        link = Link(grown)
        session = Session(link, {"work.py": LOADED.encode()}, [], QUICK, seed=0)

        assert session.module("work.py").loaded("sklearn.metrics")

        session.close()
        link.close()
        assert pools.folder("numpy") == base, "started anew, in its place"
        again = pools.folder("torch")
        assert sorted(path.name for path in again.iterdir()) == ["worker.sock"]


def test_a_worker_that_was_grown_and_ended_is_grown_anew():
    others = workers()
    with Pools(WALLS) as pools:
        pools.folder("numpy")
        grown = pools.folder("matplotlib")
        (worker,) = {worker for worker in workers() - others if worker.name() == "worker-matplotl"}
        worker.kill()
        while worker.status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.01)
        link = Link(pools.folder("matplotlib"))
        session = Session(link, {"work.py": LOADED.encode()}, [], QUICK, seed=0)

        assert session.module("work.py").loaded("matplotlib.pyplot")

        session.close()
        link.close()
    assert not grown.exists()


@pytest.mark.parametrize("level", ["numpy", "matplotlib"])
def test_workers_end_with_their_pools(level):
    others = workers()
    with Pools(WALLS) as pools:
        pools.folder("numpy")
        pools.folder(level)
        ours = workers() - others
        assert ours

    _, alive = psutil.wait_procs(ours, timeout=10)
    assert not alive


def test_workers_end_with_a_grader_that_is_killed_and_leave_nothing():
    program = (
        "import time; from autograder.grading.workers import Pools; from autograder.sandbox.walls import WALLS\n"
        "pools = Pools(WALLS)\n"
        "print(pools.folder('numpy'), pools.folder('matplotlib'), flush=True)\n"
        "time.sleep(1000)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as grader:
        assert grader.stdout is not None
        folders = [Path(name) for name in grader.stdout.readline().split()]
        ours = psutil.Process(grader.pid).children(recursive=True)
        grader.kill()

    _, alive = psutil.wait_procs(ours, timeout=20)
    assert len(ours) == len(folders) == 2
    assert not alive
    assert not [folder for folder in folders if folder.exists()]
