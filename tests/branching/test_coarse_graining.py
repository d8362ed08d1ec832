"""Clusters of correlated units: the pairs, and sums of covariances against sums of activity."""

import numpy as np
import pytest

from emergent_dynamics.branching import coarse_graining
from emergent_dynamics.branching.recording import Recording


def recording(active, names=None):
    row, unit = np.nonzero(active)
    units = unit if names is None else np.asarray(names)[unit]
    return Recording(times=row * 2.0, units=units, step=2.0, duration=2.0 * len(active))


def test_the_most_correlated_units_are_joined_first():
    """0 with 3 and 1 with 2 by 0.9, 4 with 7 and 5 with 6 by 0.5; then the two pairs of each half, by 0.2."""
    correlation = np.eye(8)
    for i, j, r in ((0, 3, 0.9), (1, 2, 0.9), (4, 7, 0.5), (5, 6, 0.5)):
        correlation[i, j] = correlation[j, i] = r
    half = np.arange(8) // 4
    correlation += 0.2 * ((half[:, None] == half) & (correlation == 0))
    order = coarse_graining.pairing(correlation)
    pairs = {frozenset(order[k : k + 2].tolist()) for k in range(0, 8, 2)}
    assert pairs == {frozenset(p) for p in ((0, 3), (1, 2), (4, 7), (5, 6))}
    assert {frozenset(order[:4].tolist()), frozenset(order[4:].tolist())} == {
        frozenset(range(4)), frozenset(range(4, 8)),
    }  # fmt: skip
    assert sorted(order.tolist()) == list(range(8))


def test_a_unit_that_never_changes_is_joined_last():
    covariance = np.array([[1.0, 0.1, 0, 0], [0.1, 1.0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 1.0]])
    order = coarse_graining.pairing(covariance).tolist()
    assert order == [0, 1, 2, 3]


def test_measures_are_those_of_the_summed_activity_in_the_odd_twentieths():
    """16 units whose names are no row numbers, 2,003 rows: variances, silence and eigenvalues by hand."""
    rng = np.random.default_rng(1)
    active = rng.random((2003, 16)) < 0.02 + 0.3 * (rng.random((2003, 1)) < 0.2)
    names = rng.permutation(100)[:16]
    found = recording(active, names)
    units = coarse_graining.selected(found)
    assert units.tolist() == sorted(names.tolist())
    clusters = coarse_graining.measure(found, 2.0, units)
    odd = np.searchsorted(np.arange(1, 20) * 2003 // 20, np.arange(2003), side="right") % 2 == 1
    train = active[:, np.argsort(names)].astype(float)
    order = coarse_graining.pairing(np.cov(train[~odd].T, bias=True))
    measured = train[odd][:, order]
    assert clusters.bins.sum() == odd.sum() and clusters.bins.size == 10
    variances = coarse_graining.variances(clusters.covariance())
    for level in range(5):
        summed = measured.reshape(len(measured), -1, 1 << level).sum(-1)
        assert variances[level] == pytest.approx(summed.var(0).mean(), rel=1e-12)
        assert clusters.silence()[level] == pytest.approx((summed == 0).mean(), rel=1e-12)
    spectrum = coarse_graining.spectrum(clusters.covariance(), 8)
    each = [np.linalg.eigvalsh(np.cov(measured[:, k : k + 8].T, bias=True))[::-1] for k in (0, 8)]
    assert spectrum == pytest.approx(np.mean(each, axis=0), rel=1e-9)
    without = coarse_graining.variances(clusters.covariance(3))[0]
    block = np.searchsorted(np.arange(1, 20) * 2003 // 20, np.arange(2003), side="right") == 7
    assert without == pytest.approx(train[odd & ~block].var(0).mean(), rel=1e-12)


def test_pieces_change_nothing(monkeypatch):
    rng = np.random.default_rng(2)
    found = recording(rng.random((2000, 16)) < 0.1)
    units = coarse_graining.selected(found)
    whole = coarse_graining.measure(found, 4.0, units)
    monkeypatch.setattr(coarse_graining, "PIECE", 7)
    for one, other in zip(
        vars(whole).values(), vars(coarse_graining.measure(found, 4.0, units)).values(), strict=True
    ):
        assert np.allclose(one, other, rtol=1e-12)


def test_the_most_active_units_are_chosen_and_their_number_is_a_power_of_two():
    """Of 20 units the 16 most active; of 600 the 512 most active."""
    active = np.arange(40)[:, None] < np.arange(1, 21)
    assert coarse_graining.selected(recording(active)).tolist() == list(range(4, 20))
    many = np.arange(700)[:, None] < np.arange(1, 601)
    assert coarse_graining.selected(recording(many)).tolist() == list(range(88, 600))
