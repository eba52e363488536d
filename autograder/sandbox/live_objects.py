"""Operations on live torch objects, for checks that need more than the value of a call.

They run in the child, in the same process as the student's code. The judge asks for gradients, parameters or a seed,
gets plain arrays back, and compares them with its own numbers. Like everything in the child, this is not trusted, and
it holds no expected values.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Mapping, Sequence
from typing import Any

ACTIVATIONS = ("identity", "sigmoid")


class Held:
    """A value that stays in the child although it could be sent."""

    def __init__(self, value: Any) -> None:
        self.value = value


class Affine:
    """A decoder for checks: a callable z -> activation(z Wᵀ + b) on torch tensors, which counts its calls."""

    def __init__(self, weight: Any, bias: Any, activation: str) -> None:
        if activation not in ACTIVATIONS:
            raise ValueError(f"`activation` must be one of {', '.join(ACTIVATIONS)}; got {activation!r}")
        self._weight, self._bias = weight, bias
        self._activation = activation
        self.calls = 0

    def __call__(self, z: Any) -> Any:
        """Return the decoded `z`, shape (..., n_latent) to (..., n_out)."""
        self.calls += 1
        out = z.to(self._weight.dtype) @ self._weight.T + self._bias
        return out.sigmoid() if self._activation == "sigmoid" else out


class Live:
    """The operations behind a suite's fixture `live`; arguments and results are live objects or plain values."""

    def seed(self, number: int) -> None:
        """Seed the global generators of torch, NumPy and Python."""
        seed_generators(number)

    def leaf(self, values: Any) -> Held:
        """Return a copy of the tensor `values` that requires gradients."""
        return Held(values.detach().clone().requires_grad_())

    def gradients(self, output: Any, inputs: Sequence[Any], cotangent: Any = None) -> list[Any]:
        """Return d(sum of `cotangent` * `output`) / d(input) for each of `inputs`, None where there is none."""
        return self._gradients(output, list(inputs), cotangent)

    def parameters(self, module: Any) -> dict[str, Any]:
        """Return the registered parameters of `module` by name."""
        return dict(module.named_parameters())

    def parameter_gradients(self, output: Any, module: Any, cotangent: Any = None) -> dict[str, Any]:
        """Return d(sum of `cotangent` * `output`) / d(parameter) by name, None where there is none."""
        named = dict(module.named_parameters())
        return dict(zip(named, self._gradients(output, list(named.values()), cotangent), strict=True))

    def load(self, module: Any, values: Mapping[str, Any]) -> None:
        """Set parameters of `module` to `values`, by name; other parameters keep their values."""
        named = dict(module.named_parameters())
        with _torch().no_grad():
            for name, value in values.items():
                named[name].copy_(value)

    def trainable(self, module: Any, flag: bool) -> None:
        """Make all parameters of `module` trainable, or freeze them."""
        for parameter in module.parameters():
            parameter.requires_grad_(flag)

    def affine(self, weight: Any, bias: Any, activation: str = "sigmoid") -> Affine:
        """Return a decoder z -> activation(z `weight`ᵀ + `bias`); weight (n_out, n_latent), bias (n_out,)."""
        return Affine(weight, bias, activation)

    def calls(self, decoder: Affine) -> int:
        """Return how often a decoder made by `affine` was called."""
        return decoder.calls

    @staticmethod
    def _gradients(output: Any, inputs: list[Any], cotangent: Any) -> list[Any]:
        """Return the gradients, None for each input if the result has no graph."""
        torch = _torch()
        if not isinstance(output, torch.Tensor) or not output.requires_grad:
            return [None] * len(inputs)
        weighted = output if cotangent is None else output * cotangent
        wanted = [number for number, tensor in enumerate(inputs) if tensor.requires_grad]
        found = torch.autograd.grad(
            weighted.sum(), [inputs[number] for number in wanted], retain_graph=True, allow_unused=True
        )
        by_number = dict(zip(wanted, found, strict=True))
        return [by_number.get(number) for number in range(len(inputs))]


def seed_generators(number: int) -> None:
    """Seed the global generators of Python and of the libraries that are loaded."""
    random.seed(number)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(number % 2**32)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(number)


def _torch() -> Any:
    import torch

    return torch
