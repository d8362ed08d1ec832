"""What each kind of surrogate keeps and what it destroys, and p-values that are right under their own null."""

import numpy as np
import pytest

from emergent_dynamics.branching import shuffling
from emergent_dynamics.branching.recording import Recording

ROWS, UNITS = 400, 6


def raster(seed=1):
    """Units with bursts of their own, all with the same rhythm, as a recording of 4 ms rows."""
    rng = np.random.default_rng(seed)
    active = rng.random((ROWS, UNITS)) < 0.05 + 0.5 * (np.arange(ROWS) % 20 < 4)[:, None]
    row, unit = np.nonzero(active)
    return Recording(times=row * 4.0, units=unit, step=4.0, duration=ROWS * 4.0), active


def units_of(found, kind, jitter=6.0):
    """(row, unit) of one surrogate: a surrogate of each unit alone, with the draws of all of them."""
    parts = []
    for unit in np.unique(found.units):
        kept = found.units == unit
        single = Recording(
            times=found.times[kept], units=found.units[kept], step=found.step, duration=found.duration
        )
        parts.append(shuffling.draw(single, kind, 4.0, jitter, np.random.default_rng(unit)))
    return np.array(parts).T


@pytest.mark.parametrize("kind", list(shuffling.KEEPS))
def test_the_number_of_events_stays(kind):
    found, active = raster()
    drawn = shuffling.draw(found, kind, 4.0, 6.0, np.random.default_rng(1))
    assert drawn.size == ROWS and drawn.sum() == active.sum()
    assert not np.array_equal(drawn, active.sum(1))


def test_shuffled_bins_are_the_same_bins():
    found, active = raster()
    drawn = shuffling.draw(found, "shuffled", 4.0, 6.0, np.random.default_rng(1))
    assert np.array_equal(np.sort(drawn), np.sort(active.sum(1)))


def test_a_rotated_unit_is_its_own_train_from_another_start():
    """Some rotation of the row gives it back, so that each unit keeps rate and rhythm; the rhythms come apart."""
    found, active = raster()
    for unit, train in enumerate(units_of(found, "rotated").T):
        assert any(np.array_equal(np.roll(active[:, unit], k), train) for k in range(ROWS))
    drawn = shuffling.draw(found, "rotated", 4.0, 6.0, np.random.default_rng(3))
    assert drawn.var() < 0.7 * active.sum(1).var()


def test_a_jittered_event_moves_by_half_the_jitter_at_most():
    """Six rows: 3 to either side, around the ends of the recording too."""
    one = Recording(times=np.array([0.0]), units=np.array([0]), step=4.0, duration=80.0)
    rows = [
        shuffling.draw(one, "jittered", 4.0, 6.0, np.random.default_rng(seed)).argmax() for seed in range(300)
    ]
    assert set(rows) == {17, 18, 19, 0, 1, 2, 3}
    slow, _ = raster()
    kept = shuffling.draw(slow, "jittered", 4.0, 2.0, np.random.default_rng(1))
    lost = shuffling.draw(slow, "jittered", 4.0, 40.0, np.random.default_rng(1))
    assert kept.var() > 2 * lost.var()


def test_redrawn_events_are_uniform_and_independent():
    found, active = raster()
    drawn = np.array(
        [shuffling.draw(found, "redrawn", 4.0, 6.0, np.random.default_rng(s)) for s in range(50)]
    )
    assert drawn.mean(0) == pytest.approx(active.sum() / ROWS, abs=5 * np.sqrt(active.sum() / ROWS / 50))
    assert drawn.var() == pytest.approx(active.sum() / ROWS, rel=0.1)  # as Poisson's


def test_times_without_steps_stay_between_the_first_and_the_last_event():
    rng = np.random.default_rng(2)
    found = Recording(times=np.sort(rng.uniform(5, 905, 500)), units=rng.integers(0, 4, 500))
    for kind in shuffling.KEEPS:
        drawn = shuffling.draw(found, kind, 1.0, 6.0, np.random.default_rng(1))
        assert drawn.size == int(found.times[-1] - found.times[0]) and 495 <= drawn.sum() <= 500


def test_without_units_only_bins_are_shuffled():
    counts = Recording(counts=np.array([1, 0, 2]), step=1.0)
    assert shuffling.kinds(counts) == ["shuffled"]
    with pytest.raises(ValueError, match="no events of single units"):
        shuffling.draw(counts, "rotated", 1.0, 6.0, np.random.default_rng(1))


@pytest.mark.parametrize(("recorded", "p"), [(20.0, 0.1), (0.0, 0.1), (10.5, 1.0), (3.0, 0.4)])
def test_p_counts_the_recording_among_its_surrogates(recorded, p):
    """19 surrogates 1 to 19: outside all of them 2 / 20; 3 has three at or below."""
    assert shuffling.two_sided(recorded, np.arange(1.0, 20.0)) == pytest.approx(p)


def test_p_of_what_is_undefined_is_undefined():
    assert np.isnan(shuffling.two_sided(np.nan, np.ones(19)))
    assert np.isnan(shuffling.two_sided(1.0, np.array([1.0, np.nan])))
