import math
import resource
import struct
import time
from pathlib import Path

import msgpack
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from autograder.sandbox import wire
from autograder.sandbox.wire import Frame, Handle, WireError


def through(value, keep=None):
    return wire.decode(wire.encode(Frame(7, "kind", value), keep)[4:]).body


def same(one, other):
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        equal_nan = one.dtype.kind in "fc"
        return one.dtype == other.dtype and one.shape == other.shape and np.array_equal(one, other, equal_nan=equal_nan)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, float | np.floating) and math.isnan(one):
        return math.isnan(other)
    return bool(one == other)


@pytest.mark.parametrize(
    "value",
    [
        None, True, 0, -1, 2**63, -(2**63), 2**64, -(2**200), 1.5, -0.0, math.nan, math.inf, -math.inf, 1 + 2j,
        "", "größer", "lone \udc80", b"bytes", [], [1, [2, "x"]], (), (1, (2,)), {"a": (1,)}, {1: 2}, {(1, 2): 3},
        {1, 2}, frozenset({"a"}), np.float64(1.5), np.float32(0.1), np.int8(-3), np.bool_(True), np.complex128(1j),
        np.str_("x"), np.arange(6).reshape(2, 3), np.arange(6).reshape(2, 3).T, np.array(1.5), np.zeros((0, 3)),
        np.array([True, False]), np.array(["ab", "c"]), np.array([], "U1"), np.array(["\U0010ffff"], ">U1"), np.array([1, "a", None], dtype=object), np.array([b"xy"]),
    ],
)  # fmt: skip
def test_plain_values_arrive_with_their_type(value):
    assert same(through(value), value)


@pytest.mark.parametrize(
    "tensor",
    [
        torch.arange(6).reshape(2, 3), torch.zeros(0, 2), torch.tensor(1.5), torch.tensor([True]),
        torch.ones(2, dtype=torch.bfloat16), torch.ones(2, 2, dtype=torch.float64).T,
        torch.ones(2, requires_grad=True), torch.tensor([1 + 2j]).conj(),
    ],
)  # fmt: skip
def test_tensors_arrive_by_value_with_dtype_and_shape(tensor):
    arrived = through(tensor)

    assert f"torch.{arrived.dtype}" == str(tensor.dtype)
    assert arrived.array.shape == tuple(tensor.shape)
    numbers = tensor.detach().resolve_conj()
    assert np.array_equal(arrived.array, (numbers.float() if tensor.dtype is torch.bfloat16 else numbers).numpy())
    again = through(arrived)
    assert again.dtype == arrived.dtype
    assert np.array_equal(again.array, arrived.array)


class Liar(float):
    def __float__(self):
        return 99.0

    def __eq__(self, other):
        return True

    __hash__ = float.__hash__


class LyingList(list):
    def __iter__(self):
        return iter([99])


@pytest.mark.parametrize(
    ("value", "plain"), [(Liar(1.5), 1.5), (LyingList([1]), [1]), (np.ma.masked_array([1.0]), np.array([1.0]))]
)
def test_subclasses_travel_as_the_plain_value_that_they_are(value, plain):
    assert same(through(value), plain)


def test_named_tuples_travel_as_tuples():
    from collections import namedtuple

    assert same(through(namedtuple("Pair", "a b")(1, 2)), (1, 2))


def test_other_objects_stay_behind_as_handles():
    kept = []

    def keep(value):
        kept.append(value)
        return Handle(len(kept), type(value).__name__)

    thing = object()

    assert through([thing, 1], keep) == [Handle(1, "object"), 1]
    assert kept == [thing]


def test_an_object_without_a_keeper_is_refused():
    with pytest.raises(WireError, match="type object"):
        through(object())


def test_cycles_and_deep_nesting_are_refused():
    cycle = []
    cycle.append(cycle)
    deep = ()
    for _ in range(wire.MAX_DEPTH + 2):
        deep = (deep,)

    for value in (cycle, deep):
        with pytest.raises(WireError):
            through(value)


def test_a_value_over_the_cap_is_refused(monkeypatch):
    monkeypatch.setattr(wire, "MAX_FRAME_BYTES", 1000)

    with pytest.raises(WireError, match="too large"):
        through(bytes(1001))
    with pytest.raises(WireError, match="announced"):
        wire.body_length(struct.pack(">I", 1001))


def crafted(code, content):
    return msgpack.packb([wire.VERSION, 1, "value", msgpack.ExtType(code, msgpack.packb(content))])


@pytest.mark.parametrize(
    "body",
    [
        b"", b"\xc1", b"\x93\x01", msgpack.packb(1), msgpack.packb([1, 2, 3]), msgpack.packb([99, 1, "k", None]),
        msgpack.packb([True, 1, "k", None]), msgpack.packb([1, "t", "k", None]), msgpack.packb([1, True, "k", None]),
        msgpack.packb([1, 1, 2, None]), msgpack.packb([1, 1, "k", None]) + b"x", b"\xdd\xff\xff\xff\xff",
        crafted(2, ["O", [1], b"12345678"]), crafted(2, ["<f8", [2**39, 2**39], b""]), crafted(2, ["<f8", [-1], b""]),
        crafted(2, ["<f8", [1], b"1234567"]), crafted(2, ["<U0", [2**39], b""]), crafted(2, ["V8", [1], b"12345678"]),
        crafted(2, ["<f8", [1] * 40, b"12345678"]), crafted(4, ["qint8", [1], b"1"]), crafted(4, ["float32", [3], b"1"]),
        crafted(9, ["x", "y"]), crafted(10, [[3], [1]]), crafted(99, None), crafted(7, [[]]),
    ],
)  # fmt: skip
def test_hostile_bytes_are_refused(body):
    with pytest.raises(WireError):
        wire.decode(body)


plain_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary()
    | npst.arrays(npst.scalar_dtypes().filter(lambda d: d.kind in "biufc" and d.itemsize <= 16), npst.array_shapes(max_dims=3, max_side=3)),
    lambda inner: st.lists(inner, max_size=4) | st.lists(inner, max_size=4).map(tuple) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(plain_values)
@settings(max_examples=300, deadline=None)
def test_every_plain_value_survives_the_way(value):
    assert same(through(value), value)


def colliding(count, size=12):
    """Return integers that all have the hash 0, and differ only in their last bytes."""
    base = (1 << 8 * size - 9) // (2**61 - 1)
    return [msgpack.ExtType(5, ((2**61 - 1) * (base + k)).to_bytes(size, "big")) for k in range(count)]


def nested(levels, inner=b"\x01"):
    """Lists in tuples in lists, deeper than msgpack alone would go."""
    for _ in range(levels):
        inner = b"\x91" * 30 + inner
        inner = b"\xc9" + len(inner).to_bytes(4, "big") + b"\x01" + inner
    return inner


def announced(levels):
    """Lists that announce what never comes, a thousand inside one another, in extensions inside one another."""
    heads = b"\xdd" + wire.MAX_ITEMS.to_bytes(4, "big")
    inner = heads * 900
    for _ in range(levels):
        inner = heads * 900 + b"\xc9" + len(inner).to_bytes(4, "big") + b"\x01" + inner
    return inner


def copied(levels, size):
    """Bytes in tuples inside one another, each of them one more copy."""
    inner = b"\xc6" + size.to_bytes(4, "big") + bytes(size)
    for _ in range(levels):
        inner = b"\x91" + inner
        inner = b"\xc9" + len(inner).to_bytes(4, "big") + b"\x01" + inner
    return inner


@pytest.mark.parametrize(
    "value",
    [
        announced(0), announced(40), copied(40, 2**23),
        msgpack.packb(msgpack.ExtType(7, msgpack.packb(colliding(wire.MAX_KEYS // 2, 200)))),
        msgpack.packb(msgpack.ExtType(7, msgpack.packb([msgpack.ExtType(9, msgpack.packb([k, "x"])) for k in range(2000)]))),
        msgpack.packb(msgpack.ExtType(7, msgpack.packb(colliding(wire.MAX_KEYS + 1)))),
        msgpack.packb([{1: 2}] * (wire.MAX_KEYS + 1)),
        b"\xdd" + (2**20).to_bytes(4, "big") + b"\x90" * 2**20,
        msgpack.packb([[0] * 1000] * 300),
        nested(10),
        msgpack.packb(msgpack.ExtType(2, msgpack.packb(["<f8", [2**39, 0], b""]))),
        msgpack.packb(msgpack.ExtType(4, msgpack.packb(["float32", [2**39, 2**39, 0], b""]))),
        msgpack.packb(msgpack.ExtType(10, msgpack.packb([[2**39, 0], []]))),
        msgpack.packb(msgpack.ExtType(2, msgpack.packb(["<U1", [1], b"\xff\xff\xff\xff"]))),
        msgpack.packb(msgpack.ExtType(3, msgpack.packb(["<U1", b"\xff\xff\xff\xff"]))),
    ],
    ids=[
        "lists announced", "lists announced in tuples", "copies of copies", "long keys that share a hash", "many handles as keys",
        "keys that share a hash", "many small dicts", "a byte for a list", "many lists", "deep nesting",
        "an array that is empty and endless", "a tensor whose size overflows", "objects, none and endless",
        "characters that do not exist", "a character that does not exist",
    ],
)  # fmt: skip
def test_few_bytes_cannot_cost_the_judge_much(value):
    body = b"\x94\x01\x01\xa5value" + value
    Path("/proc/self/clear_refs").write_text("5")  # forgets the peak of memory that other tests have left, proc(5)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()

    with pytest.raises(WireError):
        wire.decode(body)

    assert time.process_time() - start < 2.0
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 2 * wire.MAX_COPIED_BYTES // 1024


def test_a_time_of_msgpacks_own_arrives_as_a_number():
    body = msgpack.packb([wire.VERSION, 1, "value", [msgpack.Timestamp(1, 500_000_000)]])

    assert wire.decode(body).body == [1.5]


def test_keys_of_ordinary_length_are_carried():
    names = {f"feature {number}": number for number in range(4000)}

    assert same(through(names), names)


@pytest.mark.parametrize(
    "version", [msgpack.ExtType(5, b"\x01" * 2100), msgpack.ExtType(2, msgpack.packb(["|b1", [2], b"\x01\x01"])), 1.0]
)
def test_a_version_that_is_no_number_is_refused(version):
    with pytest.raises(WireError, match="version"):
        wire.decode(msgpack.packb([version, 1, "value", None]))


def test_the_weight_of_a_frame_counts_bytes_and_items():
    few, many = (wire.decode(wire.encode(Frame(1, "value", value))[4:]) for value in (0, [[]] * 1000))

    assert few.weight < 2000
    assert many.weight > 1000 * 56
