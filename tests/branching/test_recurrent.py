"""The recurrent graph: kernel against reference, small graphs against the chain on all their states, laws of sparse
activity.
"""

import itertools

import numpy as np
import pytest

from emergent_dynamics.branching import recurrent, regression, theory
from emergent_dynamics.branching.parameters import Graph, Members, Record


def equal(nodes, degree, sigma, refractory=0, seed=1):
    return recurrent.Synapses(
        recurrent.targets(seed, nodes, degree), np.full((1, degree), sigma / degree), 0, refractory
    )


def chain(synapses, drive=0.0):
    """(state, state) exactly: given who is active the nodes fire independently (no refractoriness)."""
    nodes, degree = synapses.reach.shape
    probability = np.broadcast_to(synapses.probability, (nodes, degree))
    states = np.array(list(itertools.product((0, 1), repeat=nodes)), bool)
    fires = np.empty((len(states), nodes))
    for i, active in enumerate(states):
        quiet, spared = np.full(nodes, 1.0 - drive), np.ones(nodes)
        for node in np.flatnonzero(active):
            np.multiply.at(
                spared if node < synapses.inhibiting else quiet, synapses.reach[node], 1 - probability[node]
            )
        fires[i] = (1.0 - quiet) * spared
    return states, np.where(states, fires[:, None], 1.0 - fires[:, None]).prod(-1)


@pytest.mark.parametrize(
    "refractory, inhibiting, probability",
    [
        (0, 0, np.full((1, 6), 1.1 / 6)),
        (2, 0, np.full((1, 6), 1.1 / 6)),
        (1, 15, np.random.default_rng(1).random((60, 6)) / 2),
    ],
)
def test_the_graph_takes_the_same_steps_as_its_reference(refractory, inhibiting, probability):
    """Event by event against dense arrays on the same words; the drive is replayed as given."""
    nodes, degree, drive = 60, 6, 0.02
    synapses = recurrent.Synapses(recurrent.targets(1, nodes, degree), probability, inhibiting, refractory)
    none = recurrent.Synapses(synapses.reach, np.zeros((1, degree)), 0, refractory)
    active, ready = np.zeros(nodes, bool), np.zeros(nodes, np.int64)
    silent_active, silent_ready = active.copy(), ready.copy()
    for time in range(300):
        before, ready_before = active.copy(), ready.copy()
        recurrent.advance(synapses, drive, Members(1, 0, time, 1), active, ready)
        recurrent.advance(none, drive, Members(1, 0, time, 1), silent_active, silent_ready)
        driven = recurrent.driven_nodes(1, 0, time, nodes, drive)
        after = recurrent.step(
            synapses,
            before,
            ready_before,
            time,
            recurrent.random_words(1, 0, time, nodes, degree),
            driven,
        )
        assert np.array_equal(after, active) and np.array_equal(ready_before, ready)


def test_graph_activity_does_not_depend_on_the_cut():
    """One call or many: equal activity."""
    synapses = equal(200, 10, 1.0, refractory=1, seed=2)
    whole = recurrent.advance(
        synapses, 0.001, Members(2, 0, 0, 500), np.zeros(200, bool), np.zeros(200, np.int64)
    )
    active, ready = np.zeros(200, bool), np.zeros(200, np.int64)
    parts = [
        recurrent.advance(synapses, 0.001, Members(2, 0, a, n), active, ready)
        for a, n in ((0, 7), (7, 243), (250, 250))
    ]
    assert np.array_equal(np.concatenate(parts), whole)


def test_a_weakly_driven_graph_has_the_mean_of_a_branching_process():
    """sigma 0.5, h 1e-3, sparse activity: mean N h / (1 - sigma) less collisions, 4 standard errors plus 1
    %.
    """
    nodes = 2000
    seen = recurrent.advance(
        equal(nodes, 20, 0.5),
        1e-3,
        Members(1, 0, 0, 40_000),
        np.zeros(nodes, bool),
        np.zeros(nodes, np.int64),
    )[500:]
    expected = nodes * 1e-3 / 0.5
    error = np.sqrt(seen.var() / seen.size * (1 + 0.5) / (1 - 0.5))
    assert abs(seen.mean() - expected) < 4 * error + 0.01 * expected
    assert regression.multistep(regression.lagged(seen, 20)).value == pytest.approx(0.5, abs=0.02)


WEIGHTED = Graph(5, 3, (0.9,), (0.0,), 100, 0, "exponential", 0.2, 10, Record(0.0, 1))


def test_a_small_weighted_graph_with_inhibition_has_the_law_of_its_chain():
    """Five nodes, 32 states: mean activity under drive and every state's frequency, 4 standard errors at 2e5 steps
    (time of the chain's second eigenvalue).
    """
    synapses, drive, steps = recurrent.build(WEIGHTED, 3)[0], 0.1, 200_000
    states, matrix = chain(synapses, drive)
    assert synapses.inhibiting == 1 and matrix.sum(1) == pytest.approx(np.ones(32))
    law = np.linalg.matrix_power(matrix, 4096)[0]
    second = np.sort(np.abs(np.linalg.eigvals(matrix)))[-2]
    seen = recurrent.advance(
        synapses, drive, Members(1, 0, 0, steps), np.zeros(5, bool), np.zeros(5, np.int64)
    )
    time = (1 + second) / (1 - second)
    for n in range(6):
        p = law[states.sum(1) == n].sum()
        assert abs((seen == n).mean() - p) < 4 * np.sqrt(p * (1 - p) * time / steps), n


def test_avalanches_on_a_small_graph_have_the_exact_sizes_and_durations():
    """E[S] = sum over states of visits (fundamental matrix), P(D = d) from powers, roots uniform over the nodes; 1e5
    avalanches, 4 standard errors. The cap at as many spikes as nodes does not bind: only avalanches below it count.
    """
    synapses, n = recurrent.build(WEIGHTED, 3)[0], 100_000
    states, matrix = chain(synapses)
    size, duration = recurrent.avalanches(synapses, Members(1, 0, 0, n))
    law = np.zeros((5, 32))  # (size so far, state) alive and below the cap
    for node in range(5):
        law[1, np.flatnonzero((states.sum(1) == 1) & states[:, node])[0]] += 0.2
    finished = np.zeros((5, 6))  # (size, duration)
    for generation in range(1, 6):
        after = np.zeros_like(law)
        for s in range(1, 5):
            moved = law[s] @ matrix
            finished[s, generation] += moved[0]
            for state in range(1, 32):
                if s + states[state].sum() < 5:
                    after[s + states[state].sum(), state] += moved[state]
        law = after
    for s, d in itertools.product(range(1, 5), range(1, 5)):
        p = finished[s, d]
        assert abs(((size == s) & (duration == d)).mean() - p) < 4 * np.sqrt(p * (1 - p) / n) + 1e-12, (s, d)
    large = 1 - finished.sum()
    assert abs((size >= 5).mean() - large) < 4 * np.sqrt(large * (1 - large) / n)


def test_avalanches_of_a_large_graph_are_those_of_the_tree():
    """10,000 nodes, 10 synapses, sigma 0.8: collisions are rare, sizes 1 to 5 follow Otter and Dwass (4 standard errors
    and 0.2 % of collisions); without inhibition P(S = 1) is exact.
    """
    n = 200_000
    size, _ = recurrent.avalanches(equal(10_000, 10, 0.8), Members(1, 0, 0, n))
    expected = theory.otter_dwass(np.arange(1, 6), 0.8, 10)
    found = np.array([(size == s).mean() for s in range(1, 6)])
    assert (np.abs(found - expected) < 4 * np.sqrt(expected / n) + 0.002 * expected).all()
    assert abs(found[0] - 0.92**10) < 4 * np.sqrt(0.92**10 / n)


def test_an_avalanche_does_not_depend_on_the_others():
    """One call or three: equal sizes and durations."""
    synapses = equal(300, 8, 1.1, refractory=2)
    whole = recurrent.avalanches(synapses, Members(1, 0, 0, 400))
    parts = [recurrent.avalanches(synapses, Members(1, 0, a, n)) for a, n in ((0, 1), (1, 250), (251, 149))]
    for i in range(2):
        assert np.array_equal(np.concatenate([part[i] for part in parts]), whole[i])


def test_the_profile_holds_every_generation_of_the_avalanches_that_end():
    """Summed over generations it is the sum of sizes by duration; the first generation is one root each."""
    synapses = equal(300, 8, 1.0)
    profile = np.zeros((13, 12), np.int64)
    size, duration = recurrent.avalanches(synapses, Members(1, 0, 0, 4000), profile)
    for d in range(13):
        those = (duration == d) & (size < 300)
        assert (profile[d].sum(), profile[d, 0]) == (size[those].sum(), those.sum())
        assert (profile[d, d:] == 0).all()
    assert (size >= 300).any() and (duration > 12).any()
    halves = np.zeros_like(profile)
    for first in (0, 2000):
        recurrent.avalanches(synapses, Members(1, 0, first, 2000), halves)
    assert np.array_equal(halves, profile)


def test_weights_have_the_spectral_radius_asked_for():
    """Against NumPy's eigenvalues at 200 nodes; a graph of equal synapses has its degree."""
    g = Graph(200, 10, (1.2,), (0.0,), 100, 0, "exponential", 0.0, 10, Record(0.0, 1))
    synapses = recurrent.build(g, 1)[0]
    dense = np.zeros((200, 200))
    np.add.at(dense, (np.arange(200)[:, None], synapses.reach), synapses.probability)
    assert synapses.probability.max() < 1  # nothing was cut off, so the radius is exact
    assert np.abs(np.linalg.eigvals(dense)).max() == pytest.approx(1.2, rel=1e-8)
    assert recurrent.spectral_radius(synapses.reach, np.ones((200, 10))) == pytest.approx(10.0, rel=1e-10)


def test_everybody_inhibitory_is_silence():
    """With every node inhibitory only the drive makes spikes, and avalanches are their roots."""
    g = Graph(100, 5, (3.0,), (0.0,), 100, 0, "equal", 1.0, 10, Record(0.0, 1))
    size, duration = recurrent.avalanches(recurrent.build(g, 1)[0], Members(1, 0, 0, 1000))
    assert (size == 1).all() and (duration == 1).all()
