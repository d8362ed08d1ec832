"""Order parameters: perfect states, exact means over uniform tokens, gradient flow, blocks."""

import numpy as np
import pytest
import xarray as xr

from emergent_dynamics.causal import model
from emergent_dynamics.causal.findings import order
from emergent_dynamics.causal.parameters import Parameters
from emergent_dynamics.findings import agrees

BETA = 9.0
FREE = {
    "beta": BETA, "tokens": 40, "dimension": 3, "runs": 400, "initial": None, "mask": "none",
    "value": "identity", "query": "identity", "key": "identity", "integrator": "ode",
}  # fmt: skip


def uniform(seed, *shape):
    x = np.random.default_rng(seed).standard_normal(shape)
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


def test_tokens_in_one_place_have_every_metric_at_its_maximum_of_order():
    x = np.broadcast_to(uniform(1, 1, 4), (32, 4))
    found = order.metrics(x, BETA)
    assert found["resultant"] == pytest.approx(1.0, abs=1e-15)
    assert found["energy"] == pytest.approx(1 / (2 * BETA), rel=1e-14)
    assert found["aligned"] == 1.0
    assert found["participation"] == pytest.approx(1.0, abs=1e-14)


def test_orthonormal_tokens_have_known_values():
    """n = d = 5: |mean| = 1 / sqrt 5, energy (5 + 20 e^-beta) / (50 beta), nobody aligned, 5 directions."""
    found = order.metrics(np.eye(5), BETA)
    assert found["resultant"] == pytest.approx(5**-0.5)
    assert found["energy"] == pytest.approx((5 + 20 * np.exp(-BETA)) / (50 * BETA), rel=1e-14)
    assert found["aligned"] == 0.0
    assert found["participation"] == pytest.approx(5.0)


def test_an_antipodal_pair_uses_one_direction_and_has_no_mean():
    found = order.metrics(np.array([[1.0, 0.0], [-1.0, 0.0]]), BETA)
    assert found["resultant"] == 0.0
    assert found["participation"] == 1.0
    assert found["energy"] == pytest.approx((2 + 2 * np.exp(-2 * BETA)) / (8 * BETA), rel=1e-14)


def test_a_single_token_has_no_pair_to_be_aligned():
    found = order.metrics(np.array([[1.0, 0.0]]), BETA)
    assert np.isnan(found["aligned"])
    assert found["energy"] == pytest.approx(1 / (2 * BETA))


@pytest.mark.parametrize("beta", [0.1, 9.0, 2000.0])
def test_the_energy_equals_the_dense_sum_and_does_not_overflow(beta):
    x = uniform(2, 60, 3)
    dense = np.exp(beta * (x @ x.T - 1)).sum() / (2 * beta * 60**2)
    assert order.metrics(x, beta)["energy"] == pytest.approx(dense, rel=1e-13)


@pytest.mark.parametrize(("dimension", "beta"), [(2, 49.0), (3, 9.0), (5, 1.0)])
def test_uniform_tokens_have_the_exact_means(dimension, beta):
    """1 / n for |mean|^2, Bessel's I for the energy, the share of a cap for aligned pairs."""
    x = uniform(3, 400, 1, 40, dimension)
    trajectory = xr.Dataset({"x": (("run", "time", "token", "coord"), x)}, coords={"time": [0.0]})
    parameters = FREE | {"dimension": dimension, "beta": beta}
    found = order.summarise(order.measure(trajectory, beta), parameters)
    for name in ("energy_start", "aligned_start", "resultant_squared_start"):
        if name == "aligned_start" and dimension == 5:  # less than one pair is expected
            assert found[name].expectation is None
            continue
        assert found[name].expectation.value > 0
        assert agrees(found[name]).outcome == "agrees" or agrees(found[name]).weak, name
    assert agrees(found["energy_start"]).outcome == "agrees"
    given = order.summarise(order.measure(trajectory, beta), parameters | {"initial": "mine.npy"})
    assert given["energy_start"].expectation is None


def test_an_orthogonal_map_leaves_every_metric_alone():
    x = uniform(4, 6, 50, 3)
    turn, _ = np.linalg.qr(np.random.default_rng(5).standard_normal((3, 3)))
    before, after = order.metrics(x, BETA), order.metrics(x @ turn.T, BETA)
    for name in order.METRICS:
        np.testing.assert_allclose(after[name], before[name], rtol=1e-12)


def flow(causal):
    """12 frames of 8 runs of the map at beta 9, 40 tokens on the sphere."""
    p = Parameters(
        beta=BETA, tokens=40, dimension=3, runs=8, integrator="map", step_size=0.05, steps=400, end_time=0.0,
        tolerance=0.0, value=np.eye(3), query=np.eye(3), key=np.eye(3), causal=causal, softmax=True, seed=1,
        heads=1, normalisation="post", noise=0.0, initial=None, save={}, engine="reference", device="cpu",
    )  # fmt: skip
    x, frames = uniform(6, 8, 40, 3), []
    for step in range(441):
        if step % 40 == 0:
            frames.append(x)
        x = model.step(x, p)
    return xr.Dataset(
        {"x": (("run", "time", "token", "coord"), np.stack(frames, axis=1))}, coords={"time": np.arange(12.0)}
    )


def test_full_attention_climbs_its_energy():
    """Geshkovski et al. 2023: a gradient flow of the interaction energy; the headline expects 1."""
    found = order.summarise(order.measure(flow(causal=False), BETA), FREE)["energy_never_falls"]
    assert (found.value, found.expectation.value, agrees(found).outcome) == (1.0, 1.0, "agrees")


def test_nothing_is_expected_of_the_energy_under_the_causal_mask():
    """Karagodin et al. 2024, lemma 5.3: each token climbs its own energy; the sum is no gradient flow's."""
    found = order.summarise(order.measure(flow(causal=True), BETA), FREE | {"mask": "causal"})
    assert found["energy_never_falls"].expectation is None


def test_blocks_of_frames_give_what_the_whole_gives():
    whole = flow(causal=True)
    chunked = whole.copy()
    chunked["x"].encoding["chunks"] = (8, 5, 40, 3)
    xr.testing.assert_identical(order.measure(chunked, BETA), order.measure(whole, BETA))
    whole["time"].attrs = {"long_name": "time", "units": "1"}
    assert [b["energy"].shape for b in order.blocks(chunked, BETA)] == [(8, 5), (8, 5), (8, 2)]
    assert set(order.variables(whole)) >= set(order.METRICS)


def test_the_table_has_a_row_for_every_metric_and_frame():
    table = order.find(order.measure(flow(causal=True), BETA), FREE)["order"]
    assert len(table) == len(order.METRICS) * 12
    assert (table["lo"] <= table["value"]).all()


def measured(**metrics):
    """What `measure` gives, metric[run][frame]; others are 1/20, which every metric but participation can be."""
    shape = np.shape(next(iter(metrics.values())))
    values = {name: np.full(shape, 0.05) for name in order.METRICS} | {"participation": np.full(shape, 1.5)}
    values |= {name: np.array(value, float) for name, value in metrics.items()}
    return xr.Dataset(
        {name: (("run", "time"), value) for name, value in values.items()},
        coords={"time": np.arange(shape[1], dtype=float)},
    )


def test_headlines_are_the_first_and_the_last_frame():
    found = order.summarise(measured(resultant=[[0.1, 0.5, 0.6], [0.2, 0.5, 0.7], [0.3, 0.5, 0.8]]), FREE)
    assert (found["resultant_start"].value, found["resultant_end"].value) == pytest.approx((0.2, 0.7))
    assert found["resultant_squared_start"].value == pytest.approx((0.01 + 0.04 + 0.09) / 3)
    assert found["resultant_start"].ci == pytest.approx((0.0, 0.2 + 4.302653 * 0.1 / 3**0.5), abs=1e-6)
    assert found["resultant_end"].ci == pytest.approx(
        (0.7 - 4.302653 * 0.1 / 3**0.5, 0.7 + 4.302653 * 0.1 / 3**0.5)
    )
    assert found["aligned_start"].unit == "share" and found["resultant_start"].unit == "1"
    assert found["resultant_squared_start"].expectation.value == 1 / 40
    assert [name for name in found if found[name].expectation] == [
        "energy_start", "aligned_start", "resultant_squared_start", "energy_never_falls",
    ]  # fmt: skip
    assert found["energy_start"].sentence == "Mean interaction energy, times e^-beta, at the start"


@pytest.mark.parametrize(
    ("metric", "low", "high"),
    [("resultant", 0, 1), ("energy", 0, 1 / 18), ("aligned", 0, 1), ("participation", 1, 3)],
)
def test_no_interval_leaves_the_range_of_its_metric(metric, low, high):
    """Two runs at both ends: 12.7 standard errors reach beyond, and are cut."""
    found = measured(**{metric: [[low, low], [high, high]]})
    assert order.summarise(found, FREE)[f"{metric}_end"].ci == pytest.approx((low, high))
    row = order.find(found, FREE)["order"].set_index(["metric", "time"]).loc[(metric, 1.0)]
    assert row.tolist() == pytest.approx([(low + high) / 2, low, high, 2])


@pytest.mark.parametrize(("fall", "share"), [(0.9e-12, 1.0), (1.2e-12, 0.5), (1e-3, 0.5)])
def test_a_fall_beyond_rounding_is_one(fall, share):
    """One of two runs falls between two frames by that much of its value; the other rises."""
    energy = [[0.01, 0.01 * (1 - fall), 0.02], [0.01, 0.01, 0.02]]
    assert order.summarise(measured(energy=energy), FREE)["energy_never_falls"].value == share


def test_a_single_token_says_that_it_forms_no_pair():
    found = order.summarise(measured(aligned=[[np.nan, np.nan]] * 2), FREE | {"tokens": 1})
    assert found["aligned_start"].note == "a single token forms no pair"
    assert found["aligned_start"].expectation is None and found["energy_start"].note is None


def test_pairs_count_as_aligned_above_a_cosine_of_0_999():
    """0.0446 rad has cosine 0.99901, 0.0448 has 0.99900 less 3e-6."""
    for angle, share in ((0.0446, 1.0), (0.0448, 0.0)):
        x = np.array([[1.0, 0.0], [np.cos(angle), np.sin(angle)]])
        assert order.metrics(x, BETA)["aligned"] == share
    together = np.array([[1.0, 0.0]] * 2 + [[0.0, 1.0]])
    assert order.metrics(together, BETA)["aligned"] == pytest.approx(1 / 3)


def test_far_pairs_of_a_cold_state_are_left_out_of_the_energy():
    """e^-46 = 1e-20 of a pair; at beta = 22 and 24 an antipodal pair weighs e^-44 and e^-48, both below rounding."""
    attraction, near = np.empty(1), np.empty(1)
    x = np.array([[[1.0, 0.0], [-1.0, 0.0]]])
    order._pairs(x, 22.9, 0.999, attraction, near)
    assert attraction[0] == pytest.approx(np.exp(-45.8), rel=1e-12)
    order._pairs(x, 23.1, 0.999, attraction, near)
    assert (attraction[0], near[0]) == (0.0, 0.0)
