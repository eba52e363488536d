"""Runs hidden checks that ask for gradients and decoders in this process, against functions that follow a given rule.

Rules are plain functions of arrays, so there is no graph: gradients are central differences of the rule itself.
"""

from __future__ import annotations

import inspect
import zlib
from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
from scipy.special import expit

from autograder.remote.calls import Call
from autograder.remote.faults import RemoteFault
from autograder.sandbox.wire import Tensor
from tests.suite_harness import Student, SuiteInProcess

STEP = 1e-4


class Leaf:
    """A tensor that gradients can be asked for."""

    def __init__(self, array: Any) -> None:
        self.array = np.array(array, dtype=float)


class LiveStudent(Student):
    """A student whose answers can stay behind a handle."""

    def call_live(self, *args: Any) -> Any:
        self(*args)
        return SimpleNamespace(rule=self.rule, args=args)


class Affine:
    """What `live.affine` gives: a decoder that counts its calls."""

    def __init__(self, weight: Tensor, bias: Tensor, activation: str) -> None:
        assert activation == "sigmoid"
        self.weight, self.bias, self.calls = weight.array.astype(float), bias.array.astype(float), 0

    def __call__(self, z: Any) -> Any:
        self.calls += 1
        return expit(z @ self.weight.T + self.bias)


class LiveInProcess:
    """The fixture `live`."""

    def __init__(self) -> None:
        self.rng = np.random.default_rng(0)
        self.leaf = lambda tensor: Leaf(tensor.array)
        self.affine = Affine
        self.calls = lambda decoder: decoder.calls

    def seed(self, number: int) -> None:
        self.rng = np.random.default_rng(number)

    def gradients(self, output: Any, inputs: Sequence[Leaf]) -> list[Any]:
        if not isinstance(output.rule(*output.args), float | np.ndarray):
            return [None] * len(inputs)
        found = []
        for leaf in inputs:
            gradient = np.zeros_like(leaf.array)
            for index in np.ndindex(leaf.array.shape):
                for sign in (1, -1):
                    leaf.array[index] += sign * STEP
                    with np.errstate(all="ignore"):
                        gradient[index] += sign * np.sum(output.rule(*output.args)) / (2 * STEP)
                    leaf.array[index] -= sign * STEP
            found.append(gradient)
        return found


class LiveSuiteInProcess(SuiteInProcess):
    """The checks and the misconceptions of one item, with the fixture `live`, for modules and for the notebook."""

    def __init__(self, section: str, checks: str, module: str) -> None:
        super().__init__(section, checks, module)
        self.live = LiveInProcess()
        self.wrong_functions = [wrong for wrong in self.wrong_functions if wrong.rule is not None]

    def failed(self, rules: Mapping[str, Callable[..., Any]], seed: int = 0) -> tuple[list[Any], list[Call]]:
        calls: list[Call] = []
        root: dict[str, Any] = {}
        for name, rule in rules.items():
            owner, _, method = name.rpartition(".")
            student = LiveStudent(name, rule, calls)
            if owner:
                root.setdefault(owner, SimpleNamespace()).__dict__[method] = student
            else:
                root[method] = student
        failed = []
        for check in self.checks:
            if check.function not in rules:
                continue
            rng = np.random.default_rng([seed, zlib.crc32(check.__name__.encode())])
            available = {self.module: SimpleNamespace(**root), "rng": rng, "live": self.live}
            try:
                check(**{name: available[name] for name in inspect.signature(check).parameters})
            except (AssertionError, RemoteFault) as error:
                check.error = error
                failed.append(check)
        return failed, calls
