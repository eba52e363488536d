"""The child is like a student's machine if possible: files, libraries, and messages about what is not available."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from autograder.remote.faults import RemoteFault
from autograder.remote.link import Link
from autograder.remote.session import Session
from autograder.verdict import Verdict

from .conftest import QUICK

Open = Callable[..., Session]


def answer(session_with: Open, body: str) -> Any:
    """Return what a function of the student's with this body gives."""
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    return session_with(f"def twice(x):\n    return 2 * x\ndef work():\n{lines}\n").module("work.py").work()


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ("import matplotlib\nmatplotlib.use('TkAgg')\nimport matplotlib.pyplot as plt\nplt.plot([1]); plt.show()\nreturn 1", 1),
        ("import matplotlib.pyplot as plt\nplt.switch_backend('QtAgg')\nplt.ion(); plt.plot([1]); plt.pause(0.01)\nreturn 1", 1),
        ("import matplotlib\nmatplotlib.use('svg')\nreturn matplotlib.get_backend()", "svg"),
        ("import matplotlib.pyplot as plt\nplt.plot([1]); plt.savefig('x.png', dpi=30)\nreturn plt.imread('x.png').ndim", 3),
        ("import multiprocessing as mp\nwith mp.Pool(2) as pool:\n    return pool.map(twice, range(4))", [0, 2, 4, 6]),
        ("import multiprocessing as mp\nwith mp.get_context('spawn').Pool(2) as pool:\n    return list(pool.imap(twice, [1]))", [2]),
        ("import multiprocessing as mp\nq = mp.Queue()\np = mp.Process(target=lambda: q.put(3))\np.start(); p.join()\nreturn q.get()", 3),
        ("import multiprocessing as mp\nwith mp.Manager() as m, mp.Lock():\n    d = m.dict(a=1)\n    return dict(d)", {"a": 1}),
        ("import multiprocessing as mp\nv = mp.Value('i', 3)\nreturn v.value", 3),
        ("from multiprocessing.pool import ThreadPool\nwith ThreadPool(2) as pool:\n    return pool.map(twice, [1, 2])", [2, 4]),
        ("from concurrent.futures import ProcessPoolExecutor as P\nwith P(2) as p:\n    return list(p.map(twice, [1, 2]))", [2, 4]),
        ("import multiprocessing as mp, numpy as np\ndef f(seed):\n    np.random.seed(seed)\n    return sum(np.random.rand() for _ in range(2000))\n"
         "with mp.Pool(4) as pool:\n    once, twice_ = pool.map(f, range(8)), pool.map(f, range(8))\nreturn once == twice_", True),
        ("from joblib import Parallel, delayed\nreturn Parallel(n_jobs=2)(delayed(twice)(x) for x in range(3))", [0, 2, 4]),
        ("import joblib\nreturn joblib.cpu_count() >= 1", True),
        ("from threadpoolctl import threadpool_info, threadpool_limits\nwith threadpool_limits(1):\n    return len(threadpool_info()) > 0", True),
        ("import torch\nmodel = torch.compile(torch.nn.Linear(2, 1))\nreturn tuple(model(torch.ones(3, 2)).shape)", (3, 1)),
        ("import torch\nf = torch.compile(lambda x: x + 1)\nreturn f(torch.ones(1)).item()", 2.0),
        ("import torch.utils.data as d\nreturn sum(len(b) for b in d.DataLoader(range(5), batch_size=2, num_workers=2, prefetch_factor=4, persistent_workers=True))", 5),
        ("import asyncio\nasync def f():\n    return await asyncio.to_thread(twice, 2)\nreturn asyncio.run(f())", 4),
        ("import platform, os\nplatform.freedesktop_os_release(); platform.platform()\nreturn os.cpu_count() >= 1", True),
        ("with open('/proc/self/status') as f:\n    return f.readline().split()[0]", "Name:"),
        ("import sklearn.cluster as c, numpy as np\nreturn c.KMeans(2, n_init=1, random_state=0).fit([[0.0], [1.0]]).n_clusters", 2),
        ("import sklearn.ensemble as e\nreturn e.RandomForestClassifier(3, n_jobs=-1, random_state=0).fit([[0.0], [1.0]], [0, 1]).n_features_in_", 1),
    ],
)  # fmt: skip
def test_what_is_written_for_another_machine_runs(session_with: Open, body: str, value: Any) -> None:
    assert answer(session_with, body) == value


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("import urllib.request\nurllib.request.urlopen('http://127.0.0.1:9/x')", "asks for the network"),
        ("import socket\nsocket.create_connection(('127.0.0.1', 9))", "asks for the network"),
        ("import socket\nsocket.getaddrinfo('example.org', 80)", "asks for the network"),
        ("import subprocess\nsubprocess.run(['ls'])", "starts another process"),
        ("import subprocess\nsubprocess.check_output('ls', shell=True)", "starts another process"),
        ("import os\nos.popen('ls')", "starts another process"),
        ("open('/etc/passwd')", "uses a file outside of its own folder"),
        ("import numpy as np\nnp.loadtxt('/etc/hostname')", "uses a file outside of its own folder"),
        ("import os\nos.listdir('/')", "uses a file outside of its own folder"),
        ("import os\nos.fork()", "asks the system for something"),
    ],
)
def test_what_is_not_there_is_said_without_an_accusation(session_with: Open, body: str, said: str) -> None:
    with pytest.raises(RemoteFault) as fault:
        answer(session_with, body)

    assert fault.value.message.startswith(f"`work` {said}, which is not available while your work is graded")
    assert fault.value.verdict in (Verdict.REFUSED, Verdict.ERROR)


@pytest.mark.parametrize(
    "path", ["mem", "environ", "fd", "task", "root", "cwd/../../x", "mountinfo", "auxv", "syscall", "net/tcp"]
)
def test_of_the_process_itself_only_what_libraries_ask_for_can_be_read(session_with: Open, path: str) -> None:
    body = f"import os\npath = '/proc/self/{path}'\nreturn os.listdir(path) if os.path.isdir(path) else open(path, 'rb').read(1)"

    with pytest.raises(RemoteFault):
        answer(session_with, body)


def test_nothing_is_said_of_other_processes(session_with: Open) -> None:
    body = (
        "import os\nseen = []\nfor pid in (1, os.getppid()):\n    for name in ('stat', 'status', 'cmdline', 'maps', 'environ'):\n"
        "        try:\n            seen.append(open(f'/proc/{pid}/{name}', 'rb').read(1))\n        except PermissionError:\n"
        "            pass\nreturn seen"
    )

    assert answer(session_with, body) == []


def test_the_working_folder_holds_what_was_handed_in(link: Link) -> None:
    source = (
        "import os, pathlib, json\nhere = sorted(os.listdir())\n"
        "beside = json.loads((pathlib.Path(__file__).parent / 'data' / 'a.json').read_text())\n"
        "opened = open('data/a.json').read()\n"
    )
    session = Session(link, {"work.py": source.encode(), "data/a.json": b"[1]"}, [], QUICK, 0)
    work = session.module("work.py")

    assert work.here.fetch() == ["data", "work.py"]
    assert work.beside.fetch() == [1]
    assert work.opened.fetch() == "[1]"
    session.close()


def test_what_is_written_is_gone_with_the_process_and_what_was_handed_in_stays(link: Link) -> None:
    source = (
        "import os\ndef write():\n    open('a.txt', 'w').write('mine')\n    open('new.txt', 'w').write('x')\n"
        "    os._exit(1)\ndef read():\n    return open('a.txt').read(), os.path.exists('new.txt')\n"
    )
    session = Session(link, {"work.py": source.encode(), "a.txt": b"theirs"}, [], QUICK, 0)
    work = session.module("work.py")

    with pytest.raises(RemoteFault):
        work.write()

    assert work.read() == ("theirs", False)
    session.close()


def test_a_module_is_judged_as_it_was_handed_in_whatever_cells_write(link: Link) -> None:
    session = Session(
        link,
        {"work.py": b"def f():\n    return 1\n"},
        [("cell-0", "%%writefile work.py\ndef f():\n    return 2"), ("cell-1", "import work\nx = work.f()")],
        QUICK,
        0,
    )
    session.prepare(["work.py"])

    assert session.module("work.py").f() == 1
    assert session.notebook().x.fetch() == 1
    session.close()
