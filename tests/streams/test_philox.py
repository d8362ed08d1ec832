"""Philox4x32-10 against the published known answers, and the properties every stream relies on."""

import numpy as np
import pytest
from scipy import stats

from emergent_dynamics import streams

KNOWN_ANSWERS = [  # Random123, kat_vectors, "philox4x32 10": counter, key, answer
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


@pytest.mark.parametrize("counter, key, answer", KNOWN_ANSWERS)
def test_philox_gives_the_published_words(counter, key, answer):
    """Random123's known-answer vectors."""
    words = streams.philox4x32(*(np.uint32(w) for w in counter), *(np.uint32(w) for w in key))
    assert tuple(int(w) for w in words) == answer


def test_a_draw_does_not_depend_on_how_many_are_asked_for():
    """Entry i is a function of the address and i only."""
    many = streams.uniform(7, "test", run=3, step=5, n=1000)
    for n in (1, 2, 3, 17, 999):
        assert np.array_equal(streams.uniform(7, "test", run=3, step=5, n=n), many[:n])


def test_every_part_of_the_address_changes_the_draws():
    """Seed, stream, run and step (its high word too) each select another sequence."""
    base = {"seed": 1, "stream": "a", "run": 0, "step": 0, "n": 64}
    changed = [{"seed": 2}, {"seed": 1 + 2**40}, {"stream": "b"}, {"run": 1}, {"step": 1}, {"step": 2**32}]
    reference = streams.bits(**base)
    for change in changed:
        assert (streams.bits(**{**base, **change}) != reference).mean() > 0.9


def test_a_seed_out_of_range_is_refused_by_name():
    """The key has 64 bits."""
    with pytest.raises(ValueError, match="seed = -1"):
        streams.key(-1, "a")


def test_uniform_and_normal_have_their_distributions():
    """Kolmogorov-Smirnov on 2e5 draws at a fixed seed."""
    assert stats.kstest(streams.uniform(1, "u", 0, 0, 200_000), "uniform").pvalue > 1e-3
    assert stats.kstest(streams.normal(1, "n", 0, 0, 200_000), "norm").pvalue > 1e-3


def test_integers_are_uniform_on_their_range():
    """Chi-squared over 10 values."""
    counts = np.bincount(streams.integers(1, "i", 0, 0, 100_000, high=10), minlength=10)
    assert counts.size == 10
    assert stats.chisquare(counts).pvalue > 1e-3


def test_choice_without_replacement_is_distinct_and_uniform():
    """Each of 20 items is among 5 chosen with probability 1/4: 2000 draws, 4 standard errors."""
    chosen = [streams.choice_without_replacement(1, "c", run, 0, n=20, size=5) for run in range(2000)]
    assert all(len(set(c.tolist())) == 5 for c in chosen)
    counts = np.bincount(np.concatenate(chosen), minlength=20)
    assert np.abs(counts - 500).max() < 4 * np.sqrt(2000 * 0.25 * 0.75)
