"""Gradient flossing: the penalty in closed form, its gradient, and what a training with it does."""

import dataclasses
from functools import partial

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from emergent_dynamics.reasoning import diagnose, estimators, flossing, model, tasks, training  # noqa: E402
from emergent_dynamics.reasoning.kernels import exponents  # noqa: E402
from emergent_dynamics.reasoning.parameters import Diagnosis, Flossing, Network, Recipe  # noqa: E402
from tests.reasoning.test_training import TASK  # noqa: E402

torch.set_num_threads(1)
PLAIN = Recipe(16, 4e-3, 0.9, 0.95, 0.1, 1.0, 0.9, 0.1, 0.5)
FLOSSED = dataclasses.replace(PLAIN, flossing=Flossing(1.0, 1, 1, 4, 8))


@pytest.fixture(scope="module")
def task():
    return tasks.make(TASK, 1)


@pytest.fixture(scope="module")
def p(task):
    return Network("trm", task.n_tokens, task.n_labels, 16, 8, 1, "mlp", 1, 2.0, 1, 2, 2, 6, 1, "positions")


def test_flossing_a_gain_takes_it_to_one():
    """x <- g x has lambda = ln g; gradient descent on lambda^2 with its exact derivative 2 ln g / g ends at g = 1."""
    gain = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
    start, q = torch.ones(1, 3, dtype=torch.float64), torch.eye(3, dtype=torch.float64)[None, :, :2]
    for _ in range(12):
        square = estimators.differentiable(partial(torch.mul, gain), start, q, 4).square().mean()
        (slope,) = torch.autograd.grad(square, gain)
        now = float(gain.detach())
        assert float(square.detach()) == pytest.approx(np.log(now) ** 2, abs=1e-14)
        assert float(slope) == pytest.approx(2 * np.log(now) / now, abs=1e-12)
        with torch.no_grad():
            gain -= 0.4 * slope
    assert float(gain.detach()) == pytest.approx(1.0, abs=1e-6)


def test_the_penalty_is_the_mean_square_of_the_exponents_of_the_network(task, p):
    """The same tangents pushed by the hand-written derivative; and its gradient is that of central differences."""
    w = {name: v.requires_grad_() for name, v in model.initial_weights(p, torch.float64).items()}
    x = model.embed(w, torch.from_numpy(task.test.question[:5]), p)
    z = model.initial(p, torch.float64).expand(5, -1, -1, -1)
    asked = Flossing(1.0, 2, 3, 1, 4)
    found = flossing.penalty(w, z, x, p, asked, 7)
    plain = {name: v.detach() for name, v in w.items()}
    act = diagnose.dynamics(plain, x[:4].detach(), p)
    drawn = flossing.streams.normal(p.seed, "reasoning.flossing", 0, 7, 4 * p.state_size * 2)
    q, _ = exponents.orthonormal(torch.from_numpy(drawn).reshape(4, p.state_size, 2))
    log_r, _ = exponents.qr_log_r(act, z[:4].flatten(1), q, 3, warm_up=1)
    assert float(found.detach()) == pytest.approx(float(log_r.mean(dim=1).square().mean()), rel=1e-10)
    asked = dataclasses.replace(asked, warm_up=0)  # whose states and tangents are held constant
    (slope,) = torch.autograd.grad(flossing.penalty(w, z, x, p, asked, 7), w["net_0_up"], retain_graph=True)
    with torch.no_grad():
        ends = []
        for side in (1e-6, -1e-6):
            w["net_0_up"][0, 0] += side
            ends.append(float(flossing.penalty(w, z, x, p, asked, 7)))
            w["net_0_up"][0, 0] -= side
    assert float(slope[0, 0]) == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-4)


def test_a_training_with_flossing_has_exponents_nearer_to_zero(task, p):
    """Twenty updates from the same weights on the same batches: the mean square of the leading exponent over steps 9 to
    16 of the test puzzles, after tangents have aligned, is less than half."""
    squares, long = [], dataclasses.replace(p, act_steps=16)
    for recipe in (PLAIN, FLOSSED):
        state = training.advance(training.initial(p, recipe), 0, 20, task, p, recipe)
        w = model.to_torch(training.under(state, "raw"))
        found = diagnose.diagnose(w, long, task.test, Diagnosis(1, ("qr",), 0, "auto"), 1)
        squares.append(float((found["logR"][:, 8:, 0].mean(axis=1) ** 2).mean()))
    assert squares[1] < 0.5 * squares[0]


def test_a_training_with_flossing_resumes_to_the_bit(task, p):
    whole = training.advance(training.initial(p, FLOSSED), 0, 6, task, p, FLOSSED)
    half = training.advance(training.initial(p, FLOSSED), 0, 3, task, p, FLOSSED)
    half = training.advance(half, 3, 6, task, p, FLOSSED)
    for name in whole:
        if name.startswith("raw/"):
            assert np.array_equal(whole[name], half[name]), name
    assert np.array_equal(whole["flossing"][3:], half["flossing"]) and len(whole["flossing"]) == 6


def test_without_a_weight_nothing_changes(task, p):
    """The weights of a recipe that never heard of flossing."""
    none = dataclasses.replace(PLAIN, flossing=Flossing(0.0, 4, 4, 4, 4))
    one, other = (
        training.advance(training.initial(p, recipe), 0, 3, task, p, recipe) for recipe in (PLAIN, none)
    )
    assert all(np.array_equal(one[name], other[name]) for name in one) and "flossing" not in other


def test_a_configured_training_stores_the_penalty_of_every_update(tmp_path):
    from emergent_dynamics.runtime import provenance
    from emergent_dynamics import driver, store
    from emergent_dynamics.config import schema
    from emergent_dynamics.reasoning import simulation

    asked = {"source": "train", "examples": 8, "act_steps": 4, "checkpoints": [3]}
    asked |= {"network": {"width": 8, "layers": 1, "heads": 1}, "training": {"flossing": {"weight": 1}}}
    asked |= {"task": {"puzzles": 100, "test": 8, "validation": 8}}
    given = schema.resolve(schema.read_schemas()[1]["reasoning"], asked)
    about = provenance.attributes("reasoning", "t", given, "")
    driver.run(simulation.build(given), tmp_path / "c", tmp_path / "t.zarr", about)
    stored = store.open_complete(tmp_path / "t.zarr")
    assert stored["flossing"].attrs["units"] == "nat^2" and (stored["flossing"].values > 0).all()
    assert stored["flossing"].sizes == {"update": 3}
