"""Whatever bytes a hostile process sends, the judge reads plain values or gives a verdict; `make fuzz` sends more."""

import contextlib
import importlib.util
import math
import mmap
import resource
import signal
import struct
from pathlib import Path

import msgpack
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.checks import misconceptions
from autograder.remote.faults import of_ending
from autograder.sandbox import wire
from autograder.sandbox.wire import Frame, Handle
from autograder.verdict import Verdict

from . import fuzz_targets
from .fuzz_targets import TARGETS, TOKEN, bounded

SETTINGS = settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.data_too_large, HealthCheck.too_slow])  # fmt: skip

DTYPES = ["<f8", ">f4", "<i8", "|b1", "<u2", "<c16", "<f16", "<U2", "|S3", "<U0", "|O", "|V8", "M8[s]", "float32", "bfloat16", "bool", "complex128", "qint8", "", "\udce4"]  # fmt: skip
SIZES = st.sampled_from([0, 1, 2, 3, -1, 2**31, 2**39, 2**63, True, 1.5, None, "2"])


def packed(value):
    return msgpack.packb(value, unicode_errors="surrogatepass")


def extension(code, content):
    return msgpack.packb(msgpack.ExtType(code, content))


def array_head(count):
    return bytes(msgpack.Packer().pack_array_header(count))


def map_head(count):
    return bytes(msgpack.Packer().pack_map_header(count))


@st.composite
def arrays(draw):
    """An array, scalar or tensor: sometimes a sound one, sometimes with a wrong dtype, shape, or number of bytes."""
    dtype = draw(st.sampled_from(DTYPES))
    shape = draw(st.lists(SIZES, max_size=3) | st.just([1] * 40) | st.just([2, 3]))
    size = 8 * math.prod(shape) if all(type(n) is int for n in shape) else -1
    with contextlib.suppress(TypeError, ValueError):
        size = size // 8 * np.dtype(dtype).itemsize
    raw = bytes(min(size, 64)) if draw(st.booleans()) and size >= 0 else draw(st.binary(max_size=20))
    code = draw(st.sampled_from([2, 3, 4, 10]))
    parts = [dtype, raw] if code == 3 else [shape, shape] if code == 10 else [dtype, shape, raw]
    return extension(code, packed(parts))


scalars = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text(max_size=8) | st.binary(max_size=8)
    | st.sampled_from(["0x7fff12345678", "/x/slot-3/scratch/a", "\x1b[31m", "\u202e", "\udce4", "NotImplementedError", "MemoryError"])
).map(packed)  # fmt: skip
odd = (
    st.tuples(st.integers(-2, 12), st.binary(max_size=12)).map(lambda parts: extension(parts[0] % 128, parts[1]))
    | st.binary(min_size=1, max_size=20).map(lambda data: extension(5, data))  # a large integer
    | st.tuples(st.integers(), st.text(max_size=4)).map(lambda parts: extension(9, packed([parts[0] % 2**63, parts[1]])))
    | st.just(packed(msgpack.Timestamp(1, 2)))
    | st.sampled_from([b"\xdd\x00\x03\xff\xff", b"\xdf\xff\xff\xff\xff", b"\xc6\xff\xff\xff\xff", b"\xc1"])
)  # fmt: skip


def containers(inner):
    lists = st.lists(inner, max_size=4)
    return (
        lists.map(lambda parts: array_head(len(parts)) + b"".join(parts))
        | st.tuples(st.sampled_from([1, 7, 8]), lists).map(
            lambda drawn: extension(drawn[0], array_head(len(drawn[1])) + b"".join(drawn[1]))
        )
        | lists.map(lambda parts: map_head(len(parts) // 2) + b"".join(parts[: len(parts) // 2 * 2]))
        | st.tuples(inner, st.sampled_from([3, 30, 80])).map(lambda drawn: b"\x91" * drawn[1] + drawn[0])
        | st.tuples(inner, st.sampled_from([3, 30, 80])).map(lambda drawn: tupled(*drawn))
    )


def tupled(inner, times):
    for _ in range(times):
        inner = extension(1, b"\x91" + inner)
    return inner


values = st.recursive(scalars | arrays() | odd, containers, max_leaves=8)
faults = st.fixed_dictionaries(
    {},
    optional={
        name: values | st.sampled_from([packed(["ValueError", "Exception"]), packed("`p` is wrong"), packed(27), packed(["a.py", 3, "f"])])
        for name in ("types", "message", "where", "errno", "name", "missing")
    },
).map(lambda body: map_head(len(body)) + b"".join(packed(name) + value for name, value in body.items()))  # fmt: skip


@st.composite
def bodies(draw):
    """A frame's body that is valid or nearly so."""
    heads = st.sampled_from([(wire.VERSION, TOKEN, "value")] * 6 + [(1, TOKEN, "error"), (1, 0, "confined"), (2, 7, "value"), (True, 7, "value"), (1, 7.0, "value"), (1, 8, "value"), (1, 7, b"value")])  # fmt: skip
    version, token, kind = draw(heads)
    content = draw(faults if kind == "error" else values)
    body = bytearray(b"\x94" + packed(version) + packed(token) + packed(kind) + content)
    match draw(st.sampled_from(["whole"] * 4 + ["flipped", "flipped", "cut", "longer"])):
        case "flipped":
            for _ in range(draw(st.integers(1, 3))):
                body[draw(st.integers(0, len(body) - 1))] ^= draw(st.integers(1, 255))
        case "cut":
            del body[draw(st.integers(0, len(body) - 1)) :]
        case "longer":
            body += draw(st.binary(min_size=1, max_size=4))
    return bytes(body)


@st.composite
def streams(draw):
    """What a child sends: a request and an ending that `fuzz_targets.reply` reads, and frames, some wrongly announced."""
    parts = [bytes([draw(st.integers(0, 21))]), struct.pack(">H", draw(st.sampled_from([0, 9, 11, 31, 34, 64, 0x100, 0x7F00]) | st.integers(0, 0x7FFF)))]  # fmt: skip
    for body in draw(st.lists(bodies(), max_size=3)):
        length = draw(st.sampled_from([len(body)] * 8 + [0, len(body) + 1, wire.MAX_FRAME_BYTES + 1, 2**32 - 1]))
        parts += [wire.HEADER.pack(length), body]
    return b"".join(parts)


@pytest.mark.parametrize("target", TARGETS)
@given(data=st.binary(max_size=200))
@SETTINGS
def test_arbitrary_bytes_are_read_or_judged(target, data):
    bounded(TARGETS[target])(data)


@pytest.mark.parametrize("target", ["decode", "answer"])
@given(body=bodies())
@SETTINGS
def test_nearly_valid_frames_are_read_or_refused(target, body):
    bounded(TARGETS[target])(body)


@given(stream=streams())
@SETTINGS
def test_nearly_valid_streams_end_in_a_value_or_a_verdict(stream):
    bounded(TARGETS["reply"])(stream)


@pytest.mark.parametrize("target", TARGETS)
def test_what_was_found_once_is_not_found_again(target):
    seeds = fuzz_targets.seeds(target)

    assert len(seeds) > 10
    for path in seeds:
        bounded(TARGETS[target])(path.read_bytes())


def new_peak():
    """Hold 128 MB more than this process ever held before: growth is measured at the peak.

    Pages of its own, not a long `bytes`: malloc would serve that from what other tests have freed, without any growth.
    """
    resident = int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - resident + 2**27
    return mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | mmap.MAP_POPULATE)


@pytest.mark.parametrize(
    ("target", "damage", "complaint"),
    [
        ("decode", {"sandbox.wire.decode": lambda body: Frame(7, "value", msgpack.Timestamp(1, 2), len(body))}, fuzz_targets.NotPlainError),
        ("decode", {"sandbox.wire.decode": lambda _: new_peak() and Frame(1, "value", 1, 99)}, fuzz_targets.GreedyError),
        ("reply", {"remote.child.no_answer": lambda _: fuzz_targets.RemoteFault(Verdict.CRASHED, "\x1b[31m")}, fuzz_targets.NotTidyError),
        ("reply", {"remote.child.no_answer": lambda _: fuzz_targets.RemoteFault(Verdict.NOT_JUDGED, "x")}, fuzz_targets.NotTidyError),
        ("answer", {"checks.answers.number": lambda _: {}["x"]}, KeyError),
    ],
)  # fmt: skip
def test_a_judge_that_gets_it_wrong_is_noticed(monkeypatch, target, damage, complaint):
    for name, wrong in damage.items():
        monkeypatch.setattr(f"autograder.{name}", wrong)
    frame = wire.encode(Frame(8, "value", 1.0))

    with pytest.raises(complaint):
        bounded(TARGETS[target])(b"\0\0\0" + frame if target == "reply" else frame[4:])


def test_an_exception_with_an_errno_that_is_an_array_is_an_ordinary_one():
    body = {"types": ["OSError"], "message": "full", "errno": np.array([27, 27])}

    TARGETS["reply"](b"\0\0\0" + wire.encode(Frame(TOKEN, "error", body)))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGRTMIN, 45, signal.SIGRTMAX])
def test_every_signal_is_a_crash(number):
    fault = of_ending(int(number), "`f`")

    assert fault.verdict is Verdict.CRASHED
    assert ("SIGKILL" if number == signal.SIGKILL else str(int(number)) if number == 45 else "SIGRT") in fault.message


def test_lists_of_long_texts_are_not_made_into_arrays():
    """NumPy would give a thousand empty texts the size of the longest: 1.2 GB for an answer of 0.5 MB."""

    def compare(_: bytes) -> None:
        assert not misconceptions._same(1.0, ["a" * 300_000] + [""] * 1000, 1e-7)

    bounded(compare)(b"")


def test_what_make_fuzz_mutates_stays_a_frame():
    """It must reach the code behind the first bytes: all that it makes is msgpack, and a part of it still a frame."""
    spec = importlib.util.spec_from_file_location("autograder_fuzz", fuzz_targets.SEEDS.parents[2] / "benchmarks" / "fuzz.py")  # fmt: skip
    fuzz = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(fuzz)
    body = wire.encode(Frame(TOKEN, "value", [1.0, (2, {"a": np.ones(3)}), Handle(1, "x")]))[4:]
    assert fuzz.pack(fuzz.parse(body)) == body

    rng = fuzz.random.Random(1)
    made = {fuzz.change_frame(body, rng) for _ in range(300)}
    sound = 0
    for changed in made:
        walker = msgpack.Unpacker()
        walker.feed(changed)
        walker.skip()
        assert walker.tell() == len(changed)
        with contextlib.suppress(wire.WireError):
            sound += isinstance(wire.decode(changed), Frame)

    assert len(made) > 200
    assert sound > len(made) / 10
