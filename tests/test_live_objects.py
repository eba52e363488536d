"""Objects that stay in the child, and what checks can do with them: gradients, parameters, seeds, decoders."""

import numpy as np
import pytest

from autograder.checks import answers
from autograder.checks.answers import WrongAnswer, approx, array, number, parts, tensor
from autograder.remote.calls import RemotePath
from autograder.remote.faults import RemoteFault
from autograder.sandbox.wire import Tensor
from autograder.verdict import Verdict

STUDENT = """
import os
import torch
from collections import namedtuple
from torch import nn

Outputs = namedtuple("Outputs", "square total")

class Net(nn.Module):
    def __init__(self, n_in=3, n_out=2):
        super().__init__()
        self.layer = nn.Linear(n_in, n_out)

    def forward(self, x):
        return self.layer(x)

    def hang(self):
        while True:
            pass

    def end(self):
        os._exit(3)

def square(x):
    return Outputs(x ** 2, (x ** 2).sum())

def named(x):
    return {"twice": 2 * x}

def cut(x):
    return (x ** 2).detach()

def noise(n):
    return torch.randn(n)

def mean_of(decoder, z):
    return decoder(z).mean()

def name_of(net):
    return type(net).__name__

def pair():
    return Net(), [Net(), 1]

class Endless(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.clone()

    @staticmethod
    def backward(ctx, g):
        while True:
            pass

def endless(x):
    return Endless.apply(x)
"""

X = np.array([[1.0, -2.0, 0.5], [0.0, 3.0, 1.5]], dtype=np.float32)


@pytest.fixture
def session(session_with):
    return session_with(STUDENT)


@pytest.fixture
def work(session):
    return session.module("work.py")


@pytest.fixture
def live(session):
    return session.live()


def test_gradients_of_an_output_with_respect_to_an_input(work, live):
    x = live.leaf(tensor(X))
    outputs = work.square.call_live(x)
    cotangent = np.arange(6.0).reshape(2, 3)

    (plain,) = live.gradients(outputs[1], [x])
    (weighted,) = live.gradients(outputs[0], [x], tensor(cotangent))

    assert plain == approx(2 * X, 1e-6)
    assert weighted == approx(2 * X * cotangent, 1e-6)
    assert outputs[0].fetch() == approx(X**2, 1e-6)


def test_what_does_not_depend_on_an_input_has_no_gradient(work, live):
    x, other = live.leaf(tensor(X)), live.leaf(tensor(X))

    assert live.gradients(work.cut.call_live(x), [x]) == [None]
    gradients = live.gradients(work.square.call_live(x)[0], [x, other])
    assert gradients[1] is None
    assert gradients[0] == approx(2 * X, 1e-6)


def test_elements_are_named_by_number_or_by_key(work, live):
    x = live.leaf(tensor(X))

    assert live.gradients(work.named.call_live(x)["twice"], [x])[0] == approx(np.full((2, 3), 2.0), 1e-6)
    with pytest.raises(RemoteFault, match=r"no `\['thrice'\]`") as fault:
        _ = work.named.call_live(x)["thrice"]
    assert fault.value.verdict is Verdict.MISSING


def test_parameters_are_read_set_counted_and_frozen(work, live):
    net = work.Net(3, 2)
    weight, bias = np.array([[1.0, 2.0, 3.0], [0.0, -1.0, 0.5]]), np.array([0.25, -0.5])

    live.load(net, {"layer.weight": tensor(weight), "layer.bias": tensor(bias)})

    assert net(tensor(X)) == approx(X @ weight.T + bias, 1e-6)
    values = live.parameters(net)
    assert values.keys() == {"layer.weight", "layer.bias"}
    assert values["layer.weight"] == approx(weight)
    gradients = live.parameter_gradients(net.call_live(tensor(X)), net)
    assert gradients["layer.weight"] == approx(np.tile(X.sum(axis=0), (2, 1)), 1e-6)
    live.trainable(net, False)
    assert live.parameter_gradients(net.call_live(tensor(X)), net) == {"layer.weight": None, "layer.bias": None}


def test_a_seed_makes_randomness_repeat(work, live):
    live.seed(3)
    first = array(work.noise(5))
    second = array(work.noise(5))
    live.seed(3)

    assert np.array_equal(array(work.noise(5)), first)
    assert not np.array_equal(second, first)


def test_a_decoder_computes_what_the_judge_can_compute_and_counts_its_calls(work, live):
    weight, bias = np.array([[1.0, 2.0], [0.5, -1.0], [0.0, 1.0]]), np.array([0.1, 0.2, 0.3])
    z = np.array([[0.5, -0.5], [1.0, 2.0]])
    decoder = live.affine(tensor(weight), tensor(bias), "sigmoid")
    expected = (1 / (1 + np.exp(-(z @ weight.T + bias)))).mean()

    assert work.mean_of(decoder, tensor(z)) == approx(expected, 1e-6)
    assert live.calls(decoder) == 1


def test_objects_are_arguments_of_other_functions(work):
    assert work.name_of(work.Net()) == "Net"
    assert work.name_of(work.Net) == "type"


def test_objects_inside_an_answer_can_be_called_too(work):
    net, (other, one) = work.pair()

    assert isinstance(net, RemotePath)
    assert array(other(tensor(X))).shape == (2, 2)
    assert one == 1


def test_methods_are_recorded_and_barred_under_the_name_that_students_know(session, work):
    work.Net().forward(tensor(X))
    for _ in range(2):  # the second object is another one, but the function is known to hang
        with pytest.raises(RemoteFault, match=r"`Net.hang` was stopped") as fault:
            work.Net().hang()
        assert fault.value.verdict is Verdict.TIME_LIMIT

    assert [call.function for call in session.calls[:2]] == ["Net", "Net.forward"]
    assert session._child._generation == 2


def test_an_object_is_lost_with_its_process(work):
    net = work.Net()
    with pytest.raises(RemoteFault):
        work.Net().end()
    work.Net()  # the first object of the next process has the number that the lost one had

    with pytest.raises(RemoteFault, match="lost") as fault:
        net(tensor(X))
    assert fault.value.verdict is Verdict.CRASHED


def test_a_gradient_that_hangs_is_laid_at_the_door_of_what_the_check_is_about(session, work, live):
    session.about = "endless"
    x = live.leaf(tensor(X))
    with pytest.raises(RemoteFault, match="`endless` was stopped") as fault:
        live.gradients(work.endless.call_live(x), [x])
    assert fault.value.verdict is Verdict.TIME_LIMIT

    session.about = "square"
    x = live.leaf(tensor(X))
    assert live.gradients(work.square.call_live(x)[1], [x])[0] == approx(2 * X, 1e-6)


def test_operations_of_ours_are_no_calls_of_the_student(session, live):
    live.leaf(tensor(X))

    assert session.calls == []


def test_what_is_made_once_is_shared_and_so_is_its_failure(session, work):
    made = []

    def net():
        made.append(1)
        return work.Net()

    def missing():
        made.append(2)
        return work.nothing()

    assert session.once("net", net) is session.once("net", net)
    for _ in range(2):
        with pytest.raises(RemoteFault, match="nothing"):
            session.once("missing", missing)

    assert made == [1, 2]


def test_dtypes_of_arguments_arrive(work):
    assert str(work.named(tensor([1, 2], "int64"))["twice"].dtype) == "int64"
    assert str(work.named(tensor([1, 2], "float64"))["twice"].dtype) == "float64"


def test_the_first_optimiser_costs_no_student_a_second(session_with):
    session = session_with("""
        import time, torch
        def first_step():
            start = time.process_time()
            weight = torch.nn.Parameter(torch.ones(3))
            optimiser = torch.optim.Adam([weight])
            weight.sum().backward()
            optimiser.step()
            return "torch._dynamo" in __import__("sys").modules, torch.get_num_threads()
    """)

    assert session.module("work.py").first_step() == (True, 1)


@pytest.mark.parametrize(
    ("answer", "shape"),
    [
        (tensor(X), (2, 3)),
        ([[1, 2.5], [3, 4]], (2, 2)),
        (3, ()),
        (np.float32(2), ()),
        ((1, True), (2,)),
        ([tensor(1), tensor(2)], (2,)),
        ([[tensor(1)], (tensor(2),)], (2, 1)),
        ([tensor([1, 2])], (1, 2)),
    ],
)
def test_numbers_of_every_kind_make_an_array(answer, shape):
    assert array(answer).dtype == np.float64
    assert array(answer).shape == shape


@pytest.mark.parametrize("answer", ["text", None, [1, "2"], [[1], [1, 2]], {"a": 1}, np.array(["x"])])
def test_what_holds_no_numbers_is_no_array(answer):
    with pytest.raises(WrongAnswer, match="array of numbers"):
        array(answer)


def test_parts_of_an_answer():
    assert parts((1, 2), 2) == (1, 2)
    assert parts([1, 2], 2) == (1, 2)
    assert parts(np.array([1.5, 2]), 2) == (1.5, 2)
    assert [number(part) for part in parts(tensor([1.5, 2]), 2)] == [1.5, 2]
    assert {type(part) for part in parts(tensor([1.5, 2]), 2)} == {Tensor}
    with pytest.raises(WrongAnswer, match="tuple of 3 values was expected; got 2"):
        parts((1, 2), 3)
    with pytest.raises(WrongAnswer, match="tuple of 2 values was expected; got None"):
        parts(None, 2)
    with pytest.raises(WrongAnswer, match="tuple of 2 values was expected; got 3"):
        parts(tensor([1, 2, 3]), 2)
    for table in (np.zeros((2, 2)), tensor(np.zeros((2, 2))), np.array(1.0)):
        with pytest.raises(WrongAnswer, match="tuple of 2 values was expected; got a"):
            parts(table, 2)


def test_tensors_are_shown_as_a_student_writes_them():
    assert answers.show(tensor([[1.0, 0.5]])) == "torch.tensor([[1, 0.5]])"
    assert answers.show(tensor(np.zeros((20, 20)))) == "<array of shape (20, 20)>"
