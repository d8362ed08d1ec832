"""The network of the atlas against exact laws: numbers by linear algebra elsewhere, closed forms, and its twins."""

import numpy as np
import pytest

from emergent_dynamics.branching import exact, theory
from emergent_dynamics.branching.findings import atlas
from emergent_dynamics.config.schema import read_schemas, resolve
from emergent_dynamics.findings import agrees

SCHEMA = read_schemas()[1]["branching"]["atlas"]
SMALL = {"sigma": [0.7, 1, 1.3], "sizes": [{"neurons": 20, "layers": 35, "runs": 4000}]}
SIGMAS = [0.5, 0.7, 0.9, 1.0, 1.1, 1.2, 1.5]
# growth of one neuron's difference, window 5, p = 0.005, by other code
GROWTH = {
    ("linear", 20, 35): [-0.6982, -0.3617, -0.1104, -0.0050, 0.0757, 0.1434, 0.3127],
    ("linear", 100, 70): [-0.6982, -0.3617, -0.1104, -0.0050, 0.0173, 0.0183, 0.0973],
    ("noisy_or", 400, 140): [-0.7035, -0.3738, -0.1479, -0.0968, -0.1348, -0.2154, -0.4801],
}


@pytest.fixture(scope="module")
def table():
    return atlas.find(resolve(SCHEMA, SMALL))["atlas"]


def rows(table, quantity):
    return table[(table["quantity"] == quantity) & (table["n"] > 0)].sort_values("control")


@pytest.mark.parametrize("network", GROWTH)
def test_the_growth_of_a_difference_is_that_of_the_exact_laws(network):
    rule, neurons, layers = network
    found = [atlas.exact_growth(sigma, neurons, layers, rule, 0.005) for sigma in SIGMAS]
    assert found == pytest.approx(GROWTH[network], abs=1e-4)


@pytest.mark.parametrize("sigma", [0.5, 0.9, 1.0])
def test_without_saturation_rates_are_closed_forms(sigma):
    """Linear rule, sigma <= 1: ln(sigma (1 - p)) of the driven network, ln sigma from one neuron, to 1e-10."""
    assert atlas.exact_growth(sigma, 20, 35, "linear", 0.005) == pytest.approx(
        np.log(sigma * 0.995), abs=1e-10
    )
    assert atlas.exact_onset(sigma, 20, "linear") == pytest.approx(np.log(sigma), abs=1e-10)


def test_the_onset_of_finite_layers_above_one():
    """ln sigma until a layer saturates."""
    found = [
        atlas.exact_onset(*of) for of in ((1.5, 100, "linear"), (1.5, 20, "linear"), (1.2, 400, "noisy_or"))
    ]
    assert found == pytest.approx([0.4055, 0.3887, 0.1780], abs=1e-4)


CROSSINGS = {
    "linear": [0.99893, 0.99970, 0.99992],
    "noisy_or": [1.01072, 1.00250],
}  # of a ladder, by other code


def test_the_scaled_probability_to_reach_the_end_crosses_nearer_and_nearer_to_one(table):
    """L P(reach) at sigma = 1 tends to a constant with N proportional to L; the main crossing is one of the ladder."""
    own = table[table["quantity"] == "critical"].set_index("size")["value"]
    assert own.loc[[40, 80, 160]].tolist() == pytest.approx(CROSSINGS["linear"], abs=1e-5)
    assert own.iloc[0] == own[80] and len(own) == 4
    found = atlas.crossing("noisy_or", *atlas.LADDERS["noisy_or"][:2])
    assert found == pytest.approx(CROSSINGS["noisy_or"][0], abs=1e-5)
    scaled = [layers * atlas.exact_reach(1.0, n, layers, "linear") for n, layers in atlas.LADDERS["linear"]]
    assert scaled == pytest.approx([2.59458, 2.64458, 2.67322, 2.68927], abs=1e-5)


def test_the_crossing_of_wide_networks_that_saturate_is_nearer_to_one_than_that_of_narrow_ones():
    found = atlas.crossing("noisy_or", *atlas.LADDERS["noisy_or"][1:])
    assert found == pytest.approx(CROSSINGS["noisy_or"][1], abs=1e-5)


def test_reaching_the_end_is_what_the_avalanches_law_says():
    matrix = exact.transition(1.1, 20, "linear")
    found = exact.avalanches(matrix, 35, with_sizes=False).reach
    assert atlas.exact_reach(1.1, 20, 35, "linear") == pytest.approx(found, rel=1e-10)
    assert atlas.exact_reach(0.5, 400, 140, "linear") == 0.0
    alive = theory.survival(6, 0.9)[6]
    assert atlas.exact_reach(0.9, 900, 7, "noisy_or") == pytest.approx(alive, rel=0.01)


def test_what_is_simulated_agrees_with_the_exact_laws(table):
    """Order, onset and growth at three sigmas, within 4 standard errors; an order of 0 within its interval."""
    for quantity in ("order", "onset", "growth"):
        found = rows(table, quantity)
        assert list(found["control"]) == [0.7, 1.0, 1.3]
        error = (found["hi"] - found["lo"]) / 2 / 1.96
        assert (np.abs(found["value"] - found["theory"]) < 4 * error).all(), quantity


def test_the_damage_of_twins_is_the_difference_of_two_means():
    """sigma 1.2 and noisy_or, 40,000 twins of 5 layers: the mean within 4 standard errors of linear algebra."""
    for rule in ("linear", "noisy_or"):
        draw = atlas.generator(1, "test", 1.2)
        damage = atlas.twins(draw, 1.2, {"neurons": 20, "layers": 12, "runs": 40_000}, rule, 0.02)
        expected = np.exp(atlas.WINDOW * atlas.exact_growth(1.2, 20, 12, rule, 0.02))
        assert abs(damage.mean() - expected) < 4 * damage.std() / np.sqrt(damage.size)


def test_the_twin_with_one_neuron_more_never_has_fewer_nor_more_than_fit():
    draw = atlas.generator(1, "test", 1.0)
    damage = atlas.twins(draw, 1.4, {"neurons": 20, "layers": 35, "runs": 5000}, "linear", 0.005)
    assert damage.min() >= 0 and damage.max() <= 20 and 0 < damage.size < 5000


def test_without_saturation_activity_settles_at_the_rate_of_its_mean():
    """Linear rule: the eigenvalue is sigma below 1 (to 1e-12), and 1 - 1 / N at 1, as of Wright and Fisher's chain."""
    for sigma in (0.5, 0.9):
        assert atlas.exact_settling(sigma, 20, "linear") == pytest.approx(-1 / np.log(sigma), rel=1e-12)
    for neurons in (20, 100):
        expected = -1 / np.log(1 - 1 / neurons)
        assert atlas.exact_settling(1.0, neurons, "linear") == pytest.approx(expected, rel=1e-10)


def test_times_to_settle_stand_in_the_table_without_a_measurement(table):
    own = table[(table["quantity"] == "relaxation") & (table["size"] == 20)].set_index("control")
    assert list(own.index) == [0.7, 1.0, 1.3] and (own["n"] == 0).all()
    assert own.loc[0.7, "theory"] == pytest.approx(-1 / np.log(0.7), rel=1e-10)


def test_few_runs_or_no_damage_give_no_rate():
    assert (
        atlas.sensitivity(np.ones(99))[1] == "the middle layer had room for one neuron more in 99 runs only"
    )
    rate, note = atlas.sensitivity(np.zeros(200))
    assert np.isnan(rate.value) and rate.n == 200
    assert note == "healed in all 200 twins: a share of at most 0.015 is not (95 %)"  # 1 - 0.05^(1/200)
    rate, note = atlas.sensitivity(np.full(100, 2.0))
    assert rate.value == pytest.approx(np.log(2) / 5, rel=1e-12) and note == ""


def test_a_member_does_not_depend_on_which_others_are_asked_for(table):
    alone = atlas.find(resolve(SCHEMA, SMALL | {"sigma": [1, 1.5]}))["atlas"]
    for quantity in ("order", "onset", "growth"):
        own, other = (rows(t, quantity) for t in (alone, table))
        assert own[own["control"] == 1]["value"].item() == other[other["control"] == 1]["value"].item()


def test_the_numbers_of_a_network_are_keyed_by_its_name_and_sigma():
    first = [atlas.generator(1, name, sigma).random() for name, sigma in (("a", 1), ("b", 1), ("a", 1.1))]
    assert len(set(first)) == 3 and atlas.generator(1, "a", 1).random() == first[0]


def test_headlines_and_panel_are_made_from_the_rows(table):
    found = atlas.summarise(table)
    assert set(found) == {"critical_sigma", "reach_above", "onset_above", "growth_at_peak"}
    assert [agrees(found[name]).outcome for name in found] == ["agrees"] * 4
    assert found["reach_above"].value == rows(table, "order")["value"].iloc[-1]
    assert found["growth_at_peak"].expectation.value == rows(table, "growth")["theory"].max()
    assert atlas.panel(table).title == "Carries from σ = 1 on; a wide network is most sensitive at 1.3"
