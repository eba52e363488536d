"""Captions say what is shown: each figure is drawn with other numbers, and its caption says other numbers."""

from __future__ import annotations

import importlib
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from scipy.special import entr, rel_entr

from autograder import course
from tests.conftest import ROOT

SECTIONS = [section.id for section in course.load(ROOT).sections]

# Nothing in these figures is computed in the notebook: how to read a table or a diagram, the data as they are.
FIXED = {"self_information_curve", "joint_table", "some_digits", "network"}

Arguments = Callable[[np.random.Generator], tuple[Any, ...]]


def entropy(p: Any) -> float:
    return float(entr(p).sum() / np.log(2))


def joint(rng: np.random.Generator, rows: int = 2, columns: int = 2) -> Any:
    return rng.dirichlet(np.ones(rows * columns)).reshape(rows, columns)


def bell(x: Any, mean: float, width: float) -> Any:
    return np.exp(-(((x - mean) / width) ** 2) / 2) / width


def bits_of_table(table: Any) -> dict[str, float]:
    h_x, h_y, h_xy = entropy(table.sum(axis=1)), entropy(table.sum(axis=0)), entropy(table.ravel())
    names = ("H(X,Y)", "H(X)", "H(Y)", "H(X|Y)", "I(X;Y)", "H(Y|X)")
    return dict(zip(names, (h_xy, h_x, h_y, h_xy - h_y, h_x + h_y - h_xy, h_xy - h_x), strict=True))


def wrong_code(rng: np.random.Generator) -> tuple[Any, ...]:
    p, q = rng.dirichlet(np.ones(4), size=2)
    return p, q, "ABCD", rel_entr(p, q).sum() / np.log(2)


def directions(rng: np.random.Generator) -> tuple[Any, ...]:
    x = np.linspace(-9, 9, 91)
    width = rng.uniform(0.5, 3)
    p, q = bell(x, 0, 1), bell(x, 0, width)
    return x, p, q, ("N(0, 1)", f"N(0, {width:.2f})"), (rng.uniform(), rng.uniform())


def fits(rng: np.random.Generator) -> tuple[Any, ...]:
    x = np.linspace(-8, 8, 161)
    target = bell(x, -2, 0.8) + rng.uniform(0.2, 0.9) * bell(x, 2.5, 0.8)
    return x, target, [("D(P‖Q)", bell(x, 0, rng.uniform(1, 2)), rng.uniform()), ("D(Q‖P)", bell(x, -2, 1), 0.4)]


def surprises(rng: np.random.Generator) -> tuple[Any, ...]:
    text = "".join(rng.choice(list("ab "), size=80))
    return text, rng.uniform(0, 5, size=80), 30


def bias(rng: np.random.Generator) -> tuple[Any, ...]:
    sizes = (10, 100)
    return sizes, {(5, 3): rng.uniform(0.01, 1, size=(2, 9))}, {(5, 3): np.array([0.5, 0.05]) * rng.uniform(1, 2)}


def scored(rng: np.random.Generator) -> tuple[Any, list[str]]:
    return rng.uniform(0, 0.3, size=8), list(rng.permutation(["informative"] * 2 + ["redundant"] * 2 + ["noise"] * 4))


def points(rng: np.random.Generator) -> dict[float, tuple[float, float]]:
    rates = np.sort(rng.uniform(0, 20, size=3))[::-1]
    return {beta: (rate, 30 - rate) for beta, rate in zip((0.5, 1.0, 2.0), rates, strict=True)}


def plane(rng: np.random.Generator) -> tuple[Any, ...]:
    costs = np.sort(rng.uniform(0.1, 2.4, size=5))
    return dict(zip((1.5, 2.0, 3.0, 10.0, 100.0), zip(costs, costs / 3, strict=True), strict=True)), 2.585, 0.9


def encoders(rng: np.random.Generator) -> tuple[Any, ...]:
    codes = {beta: np.eye(4)[:, : int(rng.integers(1, 5))] for beta in (1.2, 10.0)}
    return codes, ["a", "b", "c", "d"]


def curves(rng: np.random.Generator) -> tuple[Any, ...]:
    margins = np.linspace(-6, 12, 37)
    steepness = rng.uniform(0.3, 0.9)
    loss = np.log1p(np.exp(-steepness * margins))
    return margins, {"K = 2": (loss, np.gradient(loss, margins))}


def smoothed(rng: np.random.Generator) -> tuple[Any, ...]:
    margins, found = curves(rng)
    return margins, {0.1: found["K = 2"]}, {0.1: (rng.uniform(1, 5), rng.uniform())}


def price(rng: np.random.Generator) -> tuple[Any, ...]:
    scale = rng.uniform()
    return (lambda mu, sigma: scale * (mu**2 + sigma**2 - 1 - 2 * np.log(sigma)),)


def images(rng: np.random.Generator, n: int = 6) -> Any:
    return rng.uniform(size=(n, 64))


CASES: dict[str, Arguments] = {
    "code_length_boxes": lambda rng: (rng.dirichlet(np.ones(4)), "ABCD", entropy),
    "huffman_boxes": lambda rng: (rng.dirichlet(np.ones(4)), [2, 2, 2, 2], "ABCD", entropy),
    "binary_entropy_curve": lambda rng: (entropy, (rng.uniform(), rng.uniform())),
    "coin_boxes": lambda rng: (rng.uniform(0.1, 0.9), entropy),
    "before_and_after": lambda rng: (joint(rng), ("a", "b"), ("c", "d"), entropy),
    "entropy_bars": lambda rng: (bits_of_table(joint(rng)),),
    "questions_per_roll": lambda rng: ((1, 2), rng.uniform(2.6, 2.8, size=2), rng.uniform(2.5, 2.6)),
    "mass_and_density": lambda rng: ([np.linspace(-4, 4, 9)], [rng.dirichlet(np.ones(8))]),
    "wrong_code_boxes": wrong_code,
    "letter_code_boxes": lambda rng: (
        rng.dirichlet(np.ones(4)), [1, 2, 3, 3], rng.permutation([1, 2, 3, 3]), "ABCD", tuple(rng.uniform(size=2)),
    ),
    "gaussian_directions": directions,
    "directions_against_width": lambda rng: (np.geomspace(0.25, 4, 9), rng.uniform(size=9), rng.uniform(size=9)),
    "two_fits": fits,
    "coin_divergences": lambda rng: (
        np.linspace(0, 1, 9), rng.uniform(),
        {name: rng.uniform(size=9) for name in ("D(P‖Q)", "D(Q‖P)", "JS", "root of JS")},
    ),
    "surprise_along_a_text": surprises,
    "classifier_losses": lambda rng: ([("good", rng.dirichlet(np.ones(4)), rng.uniform())], int(rng.integers(4))),
    "loss_curves": lambda rng: ({"two classes": (rng.uniform(size=5), np.log(2))},),
    "epsilon_line": lambda rng: (10.0 ** -np.arange(2, 8, 2), np.sort(rng.uniform(1, 9, size=3))),
    "joint_against_product": lambda rng: (joint(rng), ("a", "b"), ("c", "d")),
    "noisy_copy": lambda rng: (rng.uniform(), rng.uniform(), ([0, 0.5, 1], rng.uniform(size=3))),
    "number_and_square": lambda rng: ((-1, 0, 1), (0, 1), joint(rng, 3, 2)),
    "bias_against_sample_size": bias,
    "shuffled_estimates": lambda rng: ({"independent": (rng.uniform(), rng.uniform(size=30)),
                                        "related": (rng.uniform(), rng.uniform(size=30))},),
    "neighbours": lambda rng: (rng.normal(size=12), [0] * 6 + [1] * 6, int(rng.integers(6))),
    "scores_by_feature": lambda rng: ((drawn := scored(rng))[0], [0, 1], drawn[1]),
    "scores_by_rank": lambda rng: (*scored(rng), 3),
    "exclusive_or": lambda rng: (
        *rng.normal(size=(2, 20)), rng.integers(2, size=20), dict(zip("abc", rng.uniform(size=3), strict=True)),
    ),
    "accuracy_by_columns": lambda rng: ({"5 largest\nscores": rng.uniform(), "all 20": rng.uniform()}, 0.5),
    "autoencoder": lambda rng: ({"data": images(rng), "rebuilt": images(rng)}, {"data": rng.uniform()}),
    "bound_against_guess": lambda rng: (np.linspace(0.01, 0.99, 9), -1 - rng.uniform(size=9), -0.9, rng.uniform()),
    "price_of_a_code": price,
    "reconstructions": lambda rng: (images(rng), {"β = 1": images(rng)}),
    "kl_of_dimensions": lambda rng: ({0.5: rng.uniform(0, 0.2, size=8), 1.0: rng.uniform(0, 0.2, size=8)},),
    "latent_map": lambda rng: ({1.0: rng.normal(size=(20, 4))}, {1.0: [1, 2, 3, 4]}, rng.integers(10, size=20)),
    "traversal": lambda rng: ({"largest KL": images(rng, 3)}, (-2, 0, 2)),
    "interpolation": lambda rng: ({"pixels\nmixed": images(rng)}, {"pixels\nmixed": rng.uniform()}),
    "prior_samples": lambda rng: ({1.0: images(rng)}, {1.0: rng.uniform(1, 5)}, {1.0: rng.uniform()}),
    "rate_distortion": lambda rng: (
        {beta: (rate, loss * rng.uniform(0.5, 1)) for beta, (rate, loss) in points(rng).items()}, 27.2,
    ),
    "information_plane": plane,
    "bottleneck_codes": encoders,
    "loss_against_confidence": lambda rng: (
        np.linspace(0.01, 1, 50), -rng.uniform(0.5, 1) * np.log(np.linspace(0.01, 1, 50)), {"1 of 2": (0.5, 0.693)},
    ),
    "loss_against_margin": curves,
    "smoothed_loss_against_margin": smoothed,
    "margins_during_training": lambda rng: (range(1, 9), {"hard": np.cumsum(rng.uniform(size=8))}, rng.uniform(1, 5)),
    "calibration": lambda rng: ({0.1: rng.uniform(0.5, 1, size=(2, 4))},),
    "estimates_against_samples": lambda rng: ([4, 16], rng.normal(size=(3, 2)), rng.normal(), 1.0, 2.0),
    "posterior_by_dimension": lambda rng: (
        rng.normal(size=(30, 4)), rng.uniform(0.1, 1, size=(30, 4)), rng.uniform(0, 0.3, size=4),
    ),
}  # fmt: skip


@pytest.fixture(scope="module", params=SECTIONS)
def figures(request: pytest.FixtureRequest) -> Iterator[tuple[ModuleType, list[str]]]:
    """Return the module of a section's figures, and the captions of what it has drawn since."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "assignments" / request.param))
        (name,) = (path.stem for path in (ROOT / "assignments" / request.param / "support").glob("*_figures.py"))
        module = importlib.import_module(f"support.{name}")
        captions: list[str] = []
        patch.setattr(module, "show_figure", lambda figure, caption, alt: captions.append(caption))
        yield module, captions
        for loaded in [loaded for loaded in sys.modules if loaded.partition(".")[0] == "support"]:
            del sys.modules[loaded]


def drawn_by(module: ModuleType) -> dict[str, Callable[..., None]]:
    """Return the functions of a module that show a figure."""
    return {
        name: function
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and "show_figure(" in inspect.getsource(function)
    }


def test_a_caption_says_other_numbers_when_other_numbers_are_drawn(figures: tuple[ModuleType, list[str]]) -> None:
    module, captions = figures

    for name, draw in drawn_by(module).items():
        if name in FIXED:
            continue
        captions.clear()
        for seed in (1, 2):
            draw(*CASES[name](np.random.default_rng(seed)))
        first, second = captions
        number, *_ = re.findall(r"^Figure \d+\. ", first)
        assert second.startswith(number), name
        assert re.findall(r"\d+(?:\.\d+)?", first) != re.findall(r"\d+(?:\.\d+)?", second), (name, first)


def test_captions_judge_by_what_is_drawn(figures: tuple[ModuleType, list[str]]) -> None:
    """Where a caption says more or less, best or worst, the opposite data make it say the opposite."""
    module, captions = figures
    captions.clear()
    if "before_and_after" in drawn_by(module):
        module.before_and_after([[0.4, 0.1], [0.1, 0.4]], "ab", "cd", entropy)
        module.before_and_after([[0.05, 0.25], [0.05, 0.65]], "ab", "cd", entropy)
        module.before_and_after([[0.12, 0.28], [0.18, 0.42]], "ab", "cd", entropy)

        assert ["less uncertain" in caption for caption in captions] == [True, True, False]
        assert ["more uncertain" in caption for caption in captions] == [False, True, False]
        assert "as uncertain as before" in captions[2]
    if "accuracy_by_columns" in drawn_by(module):
        module.accuracy_by_columns({"few": 0.9, "all": 0.8}, 0.5)
        module.accuracy_by_columns({"few": 0.7, "all": 0.8}, 0.5)

        assert "few 0.90; all 0.80" in captions[0]
        assert "all 0.80; few 0.70" in captions[1]
    if "gaussian_directions" in drawn_by(module):
        x = np.linspace(-5, 5, 11)
        for nats in ((0.3, 0.8), (0.8, 0.3), (0.5, 0.5)):
            module.gaussian_directions(x, bell(x, 0, 1), bell(x, 0, 2), ("p", "q"), nats)

        assert "more to believe p where q is true" in captions[0]
        assert "more to believe q where p is true" in captions[1]
        assert "both directions cost the same" in captions[2]
