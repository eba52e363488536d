"""Workers of several levels: what code mentions decides how much its worker has imported."""

import pytest

from autograder.confine import WALLS
from autograder.course import load
from autograder.link import Link
from autograder.pool import Pools, level_of, usual_level
from autograder.remote import Session
from autograder.worker import LEVELS

from .conftest import QUICK, ROOT

LOADED = "import sys\ndef loaded(name):\n    return name in sys.modules\n"


@pytest.mark.parametrize(
    ("code", "level"),
    [
        (b"import numpy as np", "numpy"),
        (b"", "numpy"),
        (b"from sklearn.metrics import mutual_info_score", "sklearn"),
        (b"import matplotlib.pyplot as plt", "matplotlib"),
        (b"%matplotlib inline\nx = 1", "numpy"),
        (b"  !pip install torch", "numpy"),
        (b"def f():\n    import torch", "torch"),
        (b"import sklearn, torch", "torch"),
        (b"flashtorch_like = 1", "numpy"),
        (b"\xff\xfe\x00", "numpy"),
    ],
)
def test_the_level_is_the_least_that_has_what_is_mentioned(code, level):
    assert level_of([code], {}) == level


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
