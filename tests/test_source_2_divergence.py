"""The reference module of section 2 against independent libraries, identities and bounds."""

from __future__ import annotations

import doctest
import importlib.util
import json
import math
from itertools import pairwise
from types import ModuleType

import mpmath
import numpy as np
import pytest
import torch
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy
from sklearn.metrics import log_loss

from tests.conftest import ROOT


def _module() -> ModuleType:
    spec = importlib.util.spec_from_file_location("divergence", ROOT / "source" / "2_divergence" / "divergence.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MODULE = _module()
MEASURES = MODULE.DivergenceMeasures
FUNCTIONS = (MEASURES.kl_divergence, MEASURES.cross_entropy, MEASURES.js_divergence)
RNG = np.random.default_rng(20)
PAIRS = [tuple(RNG.dirichlet(np.full(size, 0.4), size=2)) for size in (2, 3, 5, 20, 200) for _ in range(20)]
SPARSE = [
    tuple(np.where(mask, d, 0) / d[mask].sum() for d, mask in ((p, RNG.random(p.size) > 0.4), (q, RNG.random(q.size) > 0.4)))
    for p, q in ((RNG.dirichlet(np.ones(12)), RNG.dirichlet(np.ones(12))) for _ in range(40))
]  # fmt: skip


def test_the_examples_of_the_docstrings_are_true() -> None:
    assert doctest.testmod(MODULE).failed == 0


def test_kl_equals_scipy_and_torch() -> None:
    for p, q in PAIRS:
        by_torch = torch.nn.functional.kl_div(torch.tensor(q).log(), torch.tensor(p), reduction="sum")
        assert MEASURES.kl_divergence(p, q) == pytest.approx(entropy(p, q), rel=1e-12, abs=1e-14)
        assert MEASURES.kl_divergence(p, q) == pytest.approx(float(by_torch), rel=1e-10, abs=1e-12)


def test_kl_and_js_equal_a_sum_in_fifty_digits() -> None:
    def kl(p: np.ndarray, q: np.ndarray) -> mpmath.mpf:
        terms = zip(p.tolist(), q.tolist(), strict=True)
        return mpmath.fsum(mpmath.mpf(x) * mpmath.log(mpmath.mpf(x) / mpmath.mpf(y)) for x, y in terms if x)

    with mpmath.workdps(50):
        for p, q in PAIRS[::4]:
            total = [mpmath.mpf(x) + mpmath.mpf(y) for x, y in zip(p.tolist(), q.tolist(), strict=True)]
            js = mpmath.fsum(
                mpmath.mpf(z) * mpmath.log(2 * mpmath.mpf(z) / both) / 2
                for d in (p, q)
                for z, both in zip(d.tolist(), total, strict=True)
                if z
            )
            assert MEASURES.kl_divergence(p, q) == pytest.approx(float(kl(p, q)), rel=1e-11, abs=1e-15)
            assert MEASURES.js_divergence(p, q) == pytest.approx(float(js), rel=1e-11, abs=1e-15)


def test_cross_entropy_of_labels_is_the_log_loss() -> None:
    for _, q in PAIRS[20:60]:
        label = int(q.argmin())
        expected = log_loss([label], [q], labels=range(q.size))
        assert MEASURES.cross_entropy(np.eye(q.size)[label], q) == pytest.approx(expected, rel=1e-10)


def test_cross_entropy_is_entropy_plus_kl() -> None:
    for p, q in PAIRS + SPARSE:
        total = entropy(p) + MEASURES.kl_divergence(p, q)
        assert MEASURES.cross_entropy(p, q) == pytest.approx(total, rel=1e-12)


def test_kl_is_never_negative_and_zero_for_equal_distributions_only() -> None:
    for p, q in PAIRS + SPARSE:
        assert MEASURES.kl_divergence(p, q) > 0
        assert MEASURES.kl_divergence(p, p) == 0
        assert math.copysign(1, MEASURES.kl_divergence(p, p)) == 1


def test_kl_and_cross_entropy_are_infinite_exactly_where_q_rules_out_what_p_does_not() -> None:
    kinds = set()
    for p, q in SPARSE:
        ruled_out = bool(((q == 0) & (p > 0)).any())
        kinds.add(ruled_out)
        assert math.isinf(MEASURES.kl_divergence(p, q)) is ruled_out
        assert math.isinf(MEASURES.cross_entropy(p, q)) is ruled_out
    assert True in kinds
    assert MEASURES.kl_divergence([0.5, 0.5, 0], [0.25, 0.25, 0.5]) == pytest.approx(math.log(2))


def test_js_is_the_square_of_the_distance_of_scipy_symmetric_and_at_most_log_2() -> None:
    for p, q in PAIRS + SPARSE:
        js = MEASURES.js_divergence(p, q)
        assert js == pytest.approx(jensenshannon(p, q) ** 2, rel=1e-10, abs=1e-13)
        assert js == pytest.approx(MEASURES.js_divergence(q, p), rel=1e-14)
        assert 0 <= js <= math.log(2) + 1e-15


def test_the_root_of_js_keeps_the_triangle_inequality_and_js_and_kl_do_not() -> None:
    def sides(distance: object, triple: list[np.ndarray]) -> list[float]:
        return [distance(a, b) for a, b in (*pairwise(triple), (triple[0], triple[2]))]  # type: ignore[operator]

    broken = {"kl": 0, "js": 0}
    for _ in range(500):
        triple = list(RNG.dirichlet(np.full(3, 0.5), size=3))
        near, far, direct = sides(lambda a, b: math.sqrt(MEASURES.js_divergence(a, b)), triple)
        assert direct <= near + far + 1e-12
        for name, function in (("kl", MEASURES.kl_divergence), ("js", MEASURES.js_divergence)):
            near, far, direct = sides(function, triple)
            broken[name] += direct > near + far + 1e-9
    assert min(broken.values()) > 20


def test_the_base_is_a_factor() -> None:
    for p, q in PAIRS[::7]:
        for function in FUNCTIONS:
            for base in (2, 10, 1.5, np.float32(3)):
                assert function(p, q, base) == pytest.approx(function(p, q) / math.log(base), rel=1e-14)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_tiny_probabilities_are_no_zeros(function: object) -> None:
    tiny = 5e-324

    assert math.isfinite(function([1 - tiny, tiny], [tiny, 1 - tiny]))  # type: ignore[operator]
    assert math.isfinite(function([1.0, tiny], [1.0, tiny]))  # type: ignore[operator]


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize(
    ("p", "q"),
    [
        ([0.5, 0.5], [0.5, 0.25, 0.25]),
        ([1.0], [0.5, 0.5]),
        ([], []),
        ([3, 1], [0.5, 0.5]),
        ([0.5, 0.5], [2.0, -1.0]),
        ([math.nan, 1.0], [0.5, 0.5]),
        ([0.5, 0.5], [math.inf, 0.5]),
        ([[0.5, 0.5]], [[0.5, 0.5]]),
        ([0.5, 0.5], ["a", "b"]),
        ([0.5, 0.5], None),
        (1.0, 1.0),
        ([0.5, 0.5], [[0.5], [0.25, 0.25]]),
        ([0.5 + 0.5j, 0.5], [0.5, 0.5]),
    ],
)
def test_bad_input_is_refused(function: object, p: object, q: object) -> None:
    with pytest.raises(ValueError, match=r"`[pq]`"):
        function(p, q)  # type: ignore[operator]


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("base", [1, 0, -2, 0.5, math.nan, math.inf, "2", None, 2j])
def test_bad_base_is_refused(function: object, base: object) -> None:
    with pytest.raises(ValueError, match="`base` must be a finite real number greater than 1"):
        function([0.5, 0.5], [0.25, 0.75], base)  # type: ignore[operator]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_input_is_left_alone_and_the_answer_is_a_float(function: object) -> None:
    p, q = np.array([0.0, 0.25, 0.75]), np.array([0.5, 0.0, 0.5])

    answer = function(p, q)  # type: ignore[operator]

    assert type(answer) is float
    assert p.tolist() == [0.0, 0.25, 0.75]
    assert q.tolist() == [0.5, 0.0, 0.5]


def test_the_solved_notebook_passes_every_visible_check_and_draws_every_figure() -> None:
    notebook = json.loads((ROOT / "solutions" / "2_divergence" / "2_divergence.ipynb").read_text(encoding="utf-8"))
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", ())]
    text = "\n".join("".join(output.get("data", {}).get("text/plain", ())) for output in outputs)

    assert {output["output_type"] for output in outputs} <= {"stream", "display_data"}
    assert "✓" in text
    assert not {"✗", "○"} & set(text)
    assert [number for number in range(1, 11) if f"\nFigure {number}. " not in text] == []
