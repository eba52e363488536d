"""Throws bytes at the judge's side of the wire, guided by coverage, and adds the figures to `docs/quality.md`.

    make fuzz                                  # a million inputs
    make fuzz ARGS="--inputs 10000000"         # more
    make fuzz ARGS="--target reply --inputs 500000"

The targets are functions in `tests/fuzz_targets.py`; the inputs come from atheris, which is libFuzzer for Python, and
from a mutator that knows msgpack: half of the inputs are damaged bytes, the other half whole frames with one part
changed. libFuzzer stops at exceptions that are not outcomes of the judge, at an input that takes `TIMEOUT_SECONDS`,
and at `MEMORY_MB` of memory; the targets themselves stop at an input that takes much memory for its length.

Inputs that reached new code are kept in `.autograder/fuzz`, so the next call goes on where this one ended. Counts are
kept in `docs/measured/fuzz.json`, by target and by the code that was fuzzed, and are written after every round: a
call that is interrupted loses the round it was in.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgpack

ROOT = Path(__file__).resolve().parents[1]
WORK = ROOT / ".autograder" / "fuzz"
SEEDS = ROOT / "tests" / "corpus" / "frames"
# What each target is about, and its share of the inputs: the slower ones get fewer.
FUZZED = {
    "decode": ("wire",),
    "reply": ("wire", "link", "remote", "faults"),
    "answer": ("wire", "suite", "diagnose"),
}
SHARES = {"decode": 0.8, "reply": 0.12, "answer": 0.08}
ROUND = 500_000
# Of the inputs, damaged bytes; the rest are whole frames with a part changed, which take longer to make.
BYTES_SHARE = 0.9
# Most of what can be wrong with a frame fits into few bytes; one round in eight is of longer inputs.
SHORT, LONG = 256, 4096
TIMEOUT_SECONDS = 10
MEMORY_MB = 2048
FINDING = 1


def main() -> int:
    parser = argparse.ArgumentParser(description="Fuzz the judge's side of the wire.")
    parser.add_argument("--inputs", type=int, default=1_000_000, help="inputs in all")
    parser.add_argument("--target", choices=FUZZED, help="only this target, with all the inputs")
    parser.add_argument("--inner", choices=FUZZED, help=argparse.SUPPRESS)
    options, rest = parser.parse_known_args()
    if options.inner:
        fuzz(options.inner, rest)
        return 0
    shares = {options.target: 1.0} if options.target else SHARES
    left = {target: round(options.inputs * share) for target, share in shares.items()}
    rounds = 0
    while any(left.values()):
        for target in [name for name, inputs in left.items() if inputs]:
            inputs = min(ROUND, left[target])
            left[target] -= inputs
            rounds += 1
            code = digest(target)
            figures = one_round(target, inputs, SHORT if rounds % 8 else LONG)
            add(target, code, figures)
            sys.stdout.write(f"{target:<8}{figures['inputs']:>9} inputs in {figures['seconds']:.0f} s\n")
            sys.stdout.flush()
            if figures["findings"]:
                return FINDING
    return 0


def one_round(target: str, inputs: int, length: int) -> dict[str, Any]:
    """Run `inputs` inputs of at most `length` bytes in a process of their own; return its figures."""
    corpus, findings = WORK / target, WORK / "findings"
    for folder in (corpus, findings):
        folder.mkdir(parents=True, exist_ok=True)
    command = [
        sys.executable, "-m", "benchmarks.fuzz", "--inner", target, f"-runs={inputs}", f"-max_len={length}",
        f"-timeout={TIMEOUT_SECONDS}", f"-rss_limit_mb={MEMORY_MB}", f"-artifact_prefix={findings}/{target}-",
        "-print_final_stats=1", "-len_control=0", "-reload=0", str(corpus), str(SEEDS / target),
    ]  # fmt: skip
    start = time.monotonic()
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as log:
        code = subprocess.run(command, stdout=log, stderr=subprocess.STDOUT, check=False, cwd=ROOT).returncode
        seconds = time.monotonic() - start
        log.seek(0)
        text = log.read()
    stats = {name: int(value) for name, value in re.findall(r"stat::(\w+):\s+(\d+)", text)}
    if "number_of_executed_units" not in stats:
        raise SystemExit(f"the fuzzer did not run:\n{text[-3000:]}")
    if code:
        sys.stdout.write(text[-4000:])
    return {
        "inputs": stats["number_of_executed_units"],
        "seconds": round(seconds),
        "peak_mb": stats["peak_rss_mb"],
        "slowest_seconds": stats["slowest_unit_time_sec"],
        "findings": int(code != 0),
    }


def add(target: str, code: str, figures: dict[str, Any]) -> None:
    """Add the figures of one round to those of the same target and the same `code`, and write the document anew."""
    from benchmarks import quality
    from benchmarks.figures import measured

    rows = measured("fuzz") or []
    row = next((row for row in rows if (row["target"], row["code"]) == (target, code)), None)
    if row is None:
        row = {"target": target, "code": code, **dict.fromkeys(figures, 0)}
        rows.append(row)
    for name in ("inputs", "seconds", "findings"):
        row[name] += figures[name]
    for name in ("peak_mb", "slowest_seconds"):
        row[name] = max(row[name], figures[name])
    quality.keep("fuzz", rows)


def digest(target: str) -> str:
    """Return what the code that `target` is about is known by."""
    content = b"\0".join((ROOT / "autograder" / f"{name}.py").read_bytes() for name in FUZZED[target])
    return hashlib.sha256(content).hexdigest()[:12]


def fuzz(target: str, options: Sequence[str]) -> None:
    """Hand this process over to libFuzzer; never returns."""
    import atheris

    with atheris.instrument_imports(include=[f"autograder.{name}" for name in FUZZED[target]]):
        from tests import fuzz_targets
    run = fuzz_targets.bounded(fuzz_targets.TARGETS[target])
    prefix = 3 if target == "reply" else 0

    def mutate(data: bytes, max_size: int, seed: int) -> bytes:
        rng = random.Random(seed)  # noqa: S311  libFuzzer's own seed, so that it can repeat itself
        if rng.random() < BYTES_SHARE:
            return bytes(atheris.Mutate(data, max_size))
        try:
            changed = data[:prefix] + (change_stream if prefix else change_frame)(data[prefix:], rng)
        except Exception:  # noqa: BLE001  the bytes are no frame: they are changed as bytes
            return bytes(atheris.Mutate(data, max_size))
        return changed if len(changed) <= max_size else bytes(atheris.Mutate(data, max_size))

    atheris.Setup([sys.argv[0], *options], run, custom_mutator=mutate)
    atheris.Fuzz()


class Pairs(list):
    """A msgpack map as it is written, keys that occur twice and all."""


class Extension:
    """A msgpack extension: its code, and what is in it, if that is msgpack again."""

    def __init__(self, code: int, data: bytes) -> None:
        self.code = code
        try:
            self.content: Any = [parse(data)]
        except Exception:  # noqa: BLE001  an extension may hold bytes of any kind
            self.content = data


def parse(body: bytes) -> Any:
    """Return the tree that `body` spells, with maps as `Pairs`."""
    return msgpack.unpackb(
        body, ext_hook=Extension, object_pairs_hook=Pairs, strict_map_key=False, unicode_errors="surrogateescape"
    )


_PACKER = msgpack.Packer(unicode_errors="surrogateescape")


def pack(node: Any) -> bytes:
    """Return the bytes of a tree."""
    kind = type(node)
    if kind is Extension:
        data = node.content if isinstance(node.content, bytes) else pack(node.content[0])
        return bytes(_PACKER.pack_ext_type(node.code, data))
    if kind is Pairs:
        return bytes(_PACKER.pack_map_header(len(node))) + b"".join(pack(part) for pair in node for part in pair)
    if kind is list or kind is tuple:
        return bytes(_PACKER.pack_array_header(len(node))) + b"".join(map(pack, node))
    return bytes(_PACKER.pack(node))


def change_stream(stream: bytes, rng: random.Random) -> bytes:
    """Return a stream of frames with one of them changed, removed, sent twice, or announced with a wrong length."""
    frames = []
    rest = stream
    while len(rest) >= 4:
        length = int.from_bytes(rest[:4], "big")
        frames.append(rest[4 : 4 + length])
        rest = rest[4 + length :]
    if not frames:
        raise ValueError("no frame")
    number = rng.randrange(len(frames))
    lengths = [len(frame) for frame in frames]
    match rng.randrange(12):
        case 0:
            frames.insert(number, frames[number])
        case 1:
            del frames[number]
        case 2:
            lengths[number] = max(0, lengths[number] + rng.choice((-1, 1, 256, 2**26, 2**31)))
            return b"".join(n.to_bytes(4, "big") + frame for n, frame in zip(lengths, frames, strict=True)) + rest
        case _:
            frames[number] = change_frame(frames[number], rng)
    return b"".join(len(frame).to_bytes(4, "big") + frame for frame in frames) + rest


VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2, 27, 2**31, 2**32, 2**53, 2**63, -(2**63), 2**64 - 1, 0.0, -0.0, 1.5, 1e308,
    5e-324, float("nan"), float("inf"), "", "value", "error", "confined", "types", "message", "where", "errno",
    "name", "missing", "ValueError", "MemoryError", "PermissionError", "NotImplementedError",
    "ModuleNotFoundError", "DefaultCPUAllocator", "/x/slot-1/scratch", "0xdeadbeef", "\x1b[31m", "\u202e",
    "\udce4", "<f8", ">f4", "|b1", "<i8", "<u2", "<U1", "<U0", "|S0", "<f16", "<c32", "|O", "|V8", "float32",
    "bfloat16", "complex128", b"", bytes(8), bytes(16), b"\xff" * 8,
)  # fmt: skip


def change_frame(body: bytes, rng: random.Random) -> bytes:
    """Return a frame with one part of it replaced, wrapped, moved, doubled or removed."""
    root = [parse(body)]
    places: list[tuple[Any, int]] = []
    unseen: list[Any] = [root]
    while unseen:
        node = unseen.pop()
        if isinstance(node, Extension):
            node = node.content
        if isinstance(node, list) and len(places) < 300:
            for index, part in enumerate(node):
                if isinstance(node, Pairs):
                    node[index] = part = list(part)
                else:
                    places.append((node, index))
                unseen.append(part)
    for _ in range(rng.choice((1, 1, 2, 4))):
        parent, index = rng.choice(places)
        if index >= len(parent):
            continue
        node = parent[index]
        other, other_index = rng.choice(places)
        match rng.randrange(10):
            case 0 | 1:
                parent[index] = rng.choice(VALUES)
            case 2 if type(node) is int:
                parent[index] = max(-(2**63), min(2**64 - 1, node + rng.choice((-1, 1, 2**8, 2**32, -node - node))))
            case 3:
                parent[index] = [node] * rng.choice((1, 2, 17))
            case 4:
                code = rng.randrange(-1, 12)
                parent[index] = wrapped = Extension(code, b"\xc0")
                wrapped.content = [node]
            case 5 if isinstance(node, Extension):
                node.code = rng.randrange(-1, 12)
            case 6 if other_index < len(other):
                parent[index] = parse(pack(other[other_index]))
            case 7 if parent is not root:
                parent.insert(index, node)
            case 8 if parent is not root and len(parent) > 1:
                del parent[index]
            case _:
                parent[index] = Pairs([[rng.choice(VALUES), node]])
    return pack(root[0])


if __name__ == "__main__":
    sys.exit(main())
