"""Numba against the readable step on the same draws, and both against the exact laws."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from emergent_dynamics import streams
from emergent_dynamics.branching import alias, ensembles, exact, model
from emergent_dynamics.branching.histograms import goodness
from emergent_dynamics.branching.parameters import Members, Train
from emergent_dynamics.branching.tally import Tally

LAYERS, NEURONS = 35, 20


def table(sigma, rule="linear", spontaneous=0.0, neurons=NEURONS):
    return alias.build(exact.transition(sigma, neurons, rule, spontaneous))


@pytest.mark.parametrize("neurons", [1, 2, 20, 31, 32, 255, 256, 1023])
def test_the_alias_table_has_the_matrix_as_its_law(neurons):
    """The integers in the table give the transition matrix to 2^-32 times the columns joined, exactly 0 where
    it is 0.
    """
    matrix = exact.transition(1.1, neurons, "linear", 0.01)
    built = alias.build(matrix)
    law = alias.law(built)
    width = 1 << built.bits
    assert np.abs(law[:, : neurons + 1] - matrix).max() < 2.0 ** -(32 - built.bits)
    assert np.array_equal(law[:, neurons + 1 :], np.zeros((neurons + 1, width - neurons - 1)))


@pytest.mark.parametrize(
    "sigma, spontaneous, neurons", [(0.7, 0.01, 20), (1.0, 0.005, 20), (1.3, 0.0, 200), (1.0, 0.001, 600)]
)
def test_the_kernel_takes_the_same_steps_as_the_reference(sigma, spontaneous, neurons):
    """Equal bits, diagonal by diagonal."""
    built = table(sigma, spontaneous=spontaneous, neurons=neurons)
    start = streams.integers(3, "start", 0, 0, 700, neurons + 1).astype(np.uint16)
    both = [
        ensembles.diagonals(built, start, 11, Members(5, 2, 1234, start.size), "x", engine)
        for engine in ("cpu", "reference")
    ]
    assert np.array_equal(*both)


def test_avalanche_sums_are_those_of_the_reference():
    """Sizes, durations, sums and shapes from the kernel that drops the dead, and from whole diagonals."""
    found = []
    for engine in ("cpu", "reference"):
        tally = ensembles.empty_tally(LAYERS, NEURONS)
        ensembles.add_avalanches(tally, table(1.1), LAYERS, Members(1, 0, 77, 1000), engine)
        found.append(tally)
    for name in Tally._fields:
        assert np.array_equal(getattr(found[0], name), getattr(found[1], name)), name


@settings(deadline=None, max_examples=25)
@given(st.lists(st.integers(1, 900), min_size=1, max_size=6), st.integers(2, 40), st.integers(0, 2**40))
def test_cuts_leave_no_trace(lengths, layers, first):
    """Any division of an ensemble into blocks gives the same diagonals and the same sums, also beyond
    2^32.
    """
    built, total = table(1.0, spontaneous=0.01), sum(lengths)
    whole = ensembles.raster(built, layers, Members(1, 0, first, total), "cpu")
    edges = np.cumsum([0, *lengths])
    parts = [
        ensembles.raster(built, layers, Members(1, 0, first + int(a), n), "cpu")
        for a, n in zip(edges, lengths, strict=False)
    ]
    assert np.array_equal(np.concatenate(parts, 1), whole)
    together, cut = (ensembles.empty_tally(layers, NEURONS) for _ in range(2))
    ensembles.add_avalanches(together, table(1.0), layers, Members(1, 0, first, total), "cpu")
    for a, n in zip(edges, lengths, strict=False):
        ensembles.add_avalanches(cut, table(1.0), layers, Members(1, 0, first + int(a), n), "cpu")
    assert np.array_equal(together.profile, cut.profile) and np.array_equal(together.sizes, cut.sizes)


def test_draws_are_common_to_all_sigmas():
    """Thresholds move with sigma, words do not: neighbouring sigmas share nearly all of their first steps."""
    counts = [
        ensembles.raster(table(s, spontaneous=0.05), 2, Members(1, 0, 0, 20_000), "cpu")[1]
        for s in (1.0, 1.001)
    ]
    assert (counts[0] == counts[1]).mean() > 0.99


def test_neurons_are_as_many_as_counted_and_evenly_chosen():
    """Sums over neurons give the counts; each neuron is active equally often (chi-squared over 20
    neurons).
    """
    counts = ensembles.raster(table(1.0, spontaneous=0.005), LAYERS, Members(1, 0, 0, 4000), "cpu")
    mask = ensembles.masks(counts, (NEURONS,) * LAYERS, 1, 0, 0)
    assert np.array_equal(mask.sum(-1), counts)
    for k in (1, 2, 18):
        chosen = ensembles.masks(np.full((1, 100_000), k, np.uint8), (NEURONS,), 1, 0, 0)[0] ^ (
            k > NEURONS / 2
        )
        assert stats.chisquare(chosen.sum(0)).pvalue > 1e-3
        together = (chosen.T.astype(float) @ chosen)[np.triu_indices(NEURONS, 1)]
        assert k == 1 or stats.chisquare(together).pvalue > 1e-3
    layers = ensembles.masks(np.full((2, 100_000), 10, np.uint8), (NEURONS,) * 2, 2, 0, 0)
    shared = (layers[0] & layers[1]).sum(1)  # hypergeometric: mean 5, variance 25 / 19
    assert abs(shared.mean() - 5) < 4 * np.sqrt(25 / 19 / shared.size)


def floyd(k, width, layer, diagonal):
    """Bentley & Floyd's sample in plain Python: neurons of one layer, seed 1."""
    key = streams.key(1, ensembles.NEURON)
    address = [np.uint32(diagonal), np.uint32(0), np.uint32(0)]
    words = [int(w) for q in range(8) for w in streams.philox4x32(np.uint32(64 * layer + q), *address, *key)]
    m, chosen, product = min(k, width - k), set(), 0
    for j in range(m):
        product = (words[j // 2] if j % 2 == 0 else product & 0xFFFFFFFF) * (width - m + j + 1)
        chosen.add(width - m + j if product >> 32 in chosen else product >> 32)
    return chosen if 2 * k <= width else set(range(width)) - chosen


@pytest.mark.parametrize("width", [20, 64, 65])
def test_neurons_are_those_of_floyds_sampling(width):
    """Up to 64 neurons what is taken is kept in a register, above in the mask: the same draws."""
    counts = np.arange(2 * (width + 1)).reshape(2, -1) % (width + 1)
    mask = ensembles.masks(counts.astype(np.uint8), (width,) * 2, 1, 0, 0)
    for (layer, diagonal), k in np.ndenumerate(counts):
        assert set(np.flatnonzero(mask[layer, diagonal])) == floyd(int(k), width, layer, diagonal)


def test_neurons_do_not_depend_on_the_window():
    """A mask is a function of the diagonal's number."""
    counts = ensembles.raster(table(1.0, spontaneous=0.005), 10, Members(1, 0, 0, 300), "cpu")
    widths = (NEURONS,) * 10
    part = ensembles.masks(counts[:, 100:150], widths, 1, 0, 100)
    assert np.array_equal(part, ensembles.masks(counts, widths, 1, 0, 0)[:, 100:150])


def test_a_silent_network_stays_silent_and_a_full_one_full():
    """0 is absorbing without drive; N is absorbing from sigma = 1 on (linear rule)."""
    empty = ensembles.diagonals(
        table(1.3), np.zeros(500, np.uint8), LAYERS, Members(1, 0, 0, 500), "x", "cpu"
    )
    full = ensembles.diagonals(
        table(1.0), np.full(500, NEURONS, np.uint8), LAYERS, Members(1, 0, 0, 500), "x", "cpu"
    )
    assert empty.max() == 0 and full.min() == NEURONS


@pytest.mark.parametrize("rule", ["linear", "noisy_or"])
@pytest.mark.parametrize("sigma", [0.7, 1.0, 1.2])
def test_a_million_avalanches_have_the_exact_law(rule, sigma):
    """Mean size, P(reach the end) and P(S = 1) within 4 standard errors, sizes by chi-squared (p > 1e-3)."""
    n = 1_000_000
    tally = ensembles.empty_tally(LAYERS, NEURONS)
    ensembles.add_avalanches(tally, table(sigma, rule), LAYERS, Members(1, 0, 0, n), "cpu")
    law = exact.avalanches(exact.transition(sigma, NEURONS, rule), LAYERS)
    s = np.arange(law.size.size)
    mean = law.size @ s
    error = np.sqrt((law.size @ s**2 - mean**2) / n)
    assert abs(tally.sizes @ s / n - mean) < 4 * error
    for seen, p in ((tally.durations[-1], law.reach), (tally.sizes[1], law.size[1])):
        assert abs(seen - n * p) < 4 * np.sqrt(n * p * (1 - p)) + 1e-9
    assert goodness(tally.sizes, law.size) > 1e-3


def test_wright_fisher_moments_are_met_by_simulation():
    """k0 = 5: mean 5 and variance 61.888 in the last layer, 4 standard errors at 1e6 diagonals."""
    n = 1_000_000
    end = ensembles.diagonals(table(1.0), np.full(n, 5, np.uint8), LAYERS, Members(1, 0, 0, n), "wf", "cpu")[
        -1
    ].astype(float)
    law = exact.channel(exact.transition(1.0, NEURONS, "linear"), LAYERS)[5]
    k = np.arange(NEURONS + 1.0)
    variance, fourth = law @ (k - 5) ** 2, law @ (k - 5) ** 4
    assert abs(end.mean() - 5) < 4 * np.sqrt(variance / n)
    assert abs(((end - 5) ** 2).mean() - variance) < 4 * np.sqrt((fourth - variance**2) / n)


@pytest.mark.parametrize("sigma, spontaneous", [(0.7, 0.01), (1.0, 0.005), (1.2, 0.001)])
def test_the_driven_raster_is_stationary_with_the_exact_moments(sigma, spontaneous):
    """E[A] within 4 standard errors (correlated frames: 2 sum r_k), r_1 within 0.01, at 1e5 frames."""
    counts = ensembles.raster(table(sigma, spontaneous=spontaneous), LAYERS, Members(1, 0, 0, 100_000), "cpu")
    activity = model.activity(counts)
    expected = exact.raster(exact.transition(sigma, NEURONS, "linear", spontaneous), LAYERS)
    time = 1 + 2 * expected.autocorrelation[1:].sum()
    assert abs(activity.mean() - expected.mean) < 4 * np.sqrt(expected.variance * time / activity.size)
    deviation = activity - activity.mean()
    assert deviation[1:] @ deviation[:-1] / (deviation @ deviation) == pytest.approx(
        expected.autocorrelation[1], abs=0.01
    )
    assert np.array_equal(model.frames(counts).sum(1), activity)


@pytest.mark.parametrize("sigma, spontaneous", [(0.7, 0.01), (1.0, 0.005), (1.2, 0.001)])
def test_counts_have_the_law_of_the_neuron_by_neuron_network(sigma, spontaneous):
    """The original's synchronous update of 700 neurons, every 40th frame (independent: nothing lives 35
    steps).
    """
    rng = np.random.default_rng(1)
    network, seen = np.zeros((LAYERS, NEURONS), bool), []
    for step in range(40 * 400):
        spikes = rng.random(network.shape) < spontaneous
        network = model.network_step(network, spikes, rng.random(network.shape), sigma, "linear")
        if step % 40 == 39:
            seen.append(network.sum())
    counts = ensembles.raster(
        table(sigma, spontaneous=spontaneous), LAYERS, Members(1, 0, 0, 40 * 4000), "cpu"
    )
    ours = model.activity(counts)[::40]
    edges = np.unique(np.quantile(ours, np.linspace(0, 1, 11)))
    edges[0], edges[-1] = -1, NEURONS * LAYERS + 1
    cells = np.array([np.histogram(x, edges)[0] for x in (seen, ours)])
    assert stats.chi2_contingency(cells).pvalue > 1e-3


def test_spontaneous_spikes_are_never_seen_only_their_offspring():
    """With sigma -> 0 a driven network looks silent: spikes are consumed by the update that receives them."""
    rng = np.random.default_rng(1)
    network = np.zeros((5, 6), bool)
    after = model.network_step(
        network, rng.random(network.shape) < 0.5, rng.random(network.shape), 0.0, "linear"
    )
    assert not after.any()
    assert exact.raster(exact.transition(1e-12, NEURONS, "linear", 0.5), LAYERS).mean == pytest.approx(
        0.0, abs=1e-8
    )


WIDTHS = (6, 20, 3, 11, 20, 8, 14, 5)


def test_layers_of_unequal_width_have_the_law_of_their_neurons():
    """Each active neuron makes sigma others active whatever the widths: E[k] is conserved at sigma = 1 (linear rule,
    nothing saturates), P(S = 1) = (1 - 1/20)^20; 1e6 avalanches of either engine's law within 4 standard errors.
    """
    matrix = exact.links(1.0, (6, 20, 20, 30, 40), "linear")
    law = exact.avalanches(matrix, 5)
    assert law.size @ np.arange(law.size.size) == pytest.approx(5.0, abs=1e-12)
    assert law.size[1] == pytest.approx(0.95**20, rel=1e-12)
    matrix, n = exact.links(1.1, WIDTHS, "linear"), 1_000_000
    law, tally = exact.avalanches(matrix, len(WIDTHS)), ensembles.empty_tally(len(WIDTHS), 20)
    ensembles.add_avalanches(tally, alias.build(matrix), len(WIDTHS), Members(1, 0, 0, n), "cpu")
    assert goodness(tally.sizes, law.size) > 1e-3
    assert goodness(tally.durations, law.duration) > 1e-3
    seen = tally.durations > 0
    assert np.array_equal(np.flatnonzero(seen), np.flatnonzero(law.duration > 0))
    z = (tally.mean_size - law.mean_size)[seen][1:] / tally.mean_size_error[seen][1:]  # D = 1 is S = 1
    assert np.abs(z).max() < 4


def test_engines_agree_on_unequal_widths_and_no_layer_overflows():
    """Equal bits; counts and neurons stay inside each layer; masks sum to the counts."""
    built = alias.build(exact.links(1.2, WIDTHS, "noisy_or", 0.02))
    both = [
        ensembles.raster(built, len(WIDTHS), Members(3, 0, 0, 900), e, Train(7, 6))
        for e in ("cpu", "reference")
    ]
    assert np.array_equal(*both)
    assert (both[0].max(1) <= WIDTHS).all() and (both[0][0, ::7] == 6).all()
    mask = ensembles.masks(both[0], WIDTHS, 3, 0, 0)
    assert np.array_equal(mask.sum(-1), both[0])
    assert not any(mask[layer, :, width:].any() for layer, width in enumerate(WIDTHS))


def test_equal_widths_are_the_special_case():
    """The laws from one matrix a link, all equal, are those from the one matrix."""
    one = exact.transition(1.1, 9, "linear", 0.01)
    for found, expected in zip(
        (
            exact.avalanches(np.stack([one] * 11), 12),
            exact.raster(np.stack([one] * 11), 12, Train(5, 3)),
        ),
        (exact.avalanches(one, 12), exact.raster(one, 12, Train(5, 3))),
        strict=True,
    ):
        for name in expected.__dataclass_fields__:
            assert getattr(found, name) == pytest.approx(getattr(expected, name), abs=1e-12, nan_ok=True), (
                name
            )


@pytest.mark.parametrize("interval, spontaneous", [(10, 0.0), (50, 0.005), (3, 0.02)])
def test_an_input_train_has_the_exact_moments(interval, spontaneous):
    """Mean (4 standard errors of its fluctuating part), variance, silence and autocorrelation over whole periods."""
    train, layers, frames = Train(interval, 4), 12, 120_000
    matrix = exact.transition(0.9, NEURONS, "linear", spontaneous)
    expected = exact.raster(matrix, layers, train)
    counts = ensembles.raster(
        alias.build(matrix), layers, Members(1, 0, 0, frames + layers - 1), "cpu", train
    )
    seen = model.activity(counts)
    error = np.sqrt(expected.variance * 2 * layers / frames)  # nothing lives longer than the layers
    assert abs(seen.mean() - expected.mean) < 4 * error
    assert seen.var() == pytest.approx(expected.variance, rel=0.03)
    assert (seen == 0).mean() == pytest.approx(expected.silent, abs=4 * np.sqrt(layers * 0.25 / frames))
    deviation = seen - seen.mean()
    for lag in (1, 3, layers - 1):
        slope = deviation[lag:] @ deviation[: frames - lag] / (deviation @ deviation)
        assert slope == pytest.approx(expected.autocorrelation[lag], abs=0.015)
