"""Phase-locking values of known differences."""

import numpy as np
import pytest

from emergent_dynamics.oscillators.findings import locking
from tests.oscillators.experiments import assert_headline, by_hand, complete, cut


def test_locking_of_equal_and_of_drifting_frequencies():
    """Equal frequencies with any offset: PLV 1. One turn apart over the window: 0."""
    t = np.arange(200) * 2 * np.pi / 100
    theta = np.stack([t, t + 1.0, 2 * t])[:, :].T.reshape(1, 200, 1, 1, 3)
    tables = locking.find(by_hand(np.angle(np.exp(1j * theta))), complete())
    plv = tables["plv"][0]
    assert plv[0, 1] == pytest.approx(1.0) and plv[0, 2] == pytest.approx(0.0, abs=1e-12)
    assert locking.summarise(tables, complete())["phase_locked_pairs"].value == pytest.approx(1 / 3)


def test_headlines_of_locking_are_means_over_runs():
    """Two of three runs of four units with known PLV; 0.99 counts as locked, 0.98 does not."""
    plv = np.ones((3, 3, 3))
    for run, values in enumerate([(0.2, 0.4, 0.99), (1.0, 0.995, 0.98), (0.1, 0.2, 0.3)]):
        for (i, j), value in zip(((0, 1), (0, 2), (1, 2)), values, strict=True):
            plv[run, i, j] = plv[run, j, i] = value
    rows = locking.summarise({"plv": plv}, complete())
    assert_headline(rows["phase_locking"], [1.59 / 3, 2.975 / 3, 0.2], 1, "1", rank=4)
    assert_headline(rows["phase_locked_pairs"], [1 / 3, 2 / 3, 0], 1, "share")
    assert locking.summarise({"plv": plv[:1]}, complete())["phase_locking"].note == "no interval: one run"
    one = locking.summarise({"plv": np.ones((2, 1, 1))}, complete())
    assert np.isnan(one["phase_locked_pairs"].value) and one["phase_locked_pairs"].n == 0
    assert {h.note for h in one.values()} == {"one oscillator has no pair"}


def test_the_histogram_has_fifty_bins_of_shares():
    theta = np.random.default_rng(7).uniform(-np.pi, np.pi, (2, 9, 2, 4, 5))
    tables = locking.find(by_hand(theta), complete())
    table, z = tables["histogram"], np.exp(1j * theta[:, 4:].reshape(2, 5, -1))
    assert list(tables["sampled_cell"]) == list(range(40)) and len(table) == 100
    for run in range(2):
        pairs = [
            abs((z[run, :, i] * z[run, :, j].conj()).mean()) for i in range(40) for j in range(i + 1, 40)
        ]
        own = table[table["run"] == run]
        assert list(own["lo"]) == pytest.approx(np.arange(50) / 50)
        assert list(own["hi"]) == pytest.approx(np.arange(1, 51) / 50)
        assert list(own["share"]) == pytest.approx(np.histogram(pairs, 50, (0, 1))[0] / len(pairs))
        np.testing.assert_allclose(tables["plv"][run][np.triu_indices(40, 1)], pairs, atol=1e-12)
    assert {n: v.shape for n, v in locking.variables(tables).items()} == {"plv": (2, 40, 40), "cell": (40,)}


@pytest.mark.parametrize(("frames", "chunk"), [(9, 2), (8, 3), (7, 7), (1, 1)])
def test_the_second_half_is_found_however_the_store_is_cut(frames, chunk, monkeypatch):
    monkeypatch.setattr(locking, "slices", cut(chunk))
    theta = np.random.default_rng(8).uniform(-np.pi, np.pi, (1, frames, 1, 2, 2))
    z = np.exp(1j * theta[0, frames // 2 :].reshape(-1, 4))
    found = locking.find(by_hand(theta), complete())["plv"][0]
    np.testing.assert_allclose(found, abs(z.T @ z.conj()) / len(z), atol=1e-12)


def test_a_large_field_is_sampled_evenly():
    found = locking.find(by_hand(np.zeros((1, 2, 2, 16, 16))), complete())["sampled_cell"]
    assert len(found) == 256 and (found[0], found[-1]) == (0, 511) and set(np.diff(found)) == {2, 3}
    assert locking.find(by_hand(np.zeros((1, 1, 1, 1, 1))), complete())["histogram"]["share"].sum() == 0


def test_the_share_of_the_only_pair_is_whole():
    assert locking.find(by_hand(np.zeros((1, 2, 1, 1, 2))), complete())["histogram"]["share"].sum() == 1
