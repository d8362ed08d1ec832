"""Phenotypic diversity: hand-worked boards, plain loops, bounds."""

import numpy as np
import pytest

from emergent_dynamics.nca import phenotype, theory


def measured(board):
    counts, clogv = phenotype.measure(np.array(board, np.uint8)[None])
    return phenotype.gep(counts)[0], phenotype.gcvp(counts)[0], clogv[0]


def by_loops(q):
    """The definitions, cell by cell, on alpha rounded to one decimal."""
    height, width = q.shape
    values = (q / 10).round(1)
    n = {v: int((values == v).sum()) for v in np.unique(values)}
    share = np.array(list(n.values())) / q.size
    gep = -(share * np.log(share)).sum() / np.log(len(n)) if len(n) > 1 else 0.0
    median = round(float(np.median(values)), 1)
    gcvp = np.sqrt(np.mean([v != median for v in values.reshape(-1)]))
    low, high = min(n.values()), max(n.values())
    f = np.array([[(n[v] - low) / (high - low) if high > low else 0.0 for v in row] for row in values])
    local = [
        np.std([f[(y + dy) % height, (x + dx) % width] for dy in (-1, 0, 1) for dx in (-1, 0, 1)])
        for y in range(height)
        for x in range(width)
    ]
    return gep, gcvp, np.std(local)


def test_a_uniform_board_has_no_diversity():
    """One value: GEP, GCVP and CLOGV are 0."""
    assert measured(np.full((5, 7), 3)) == (0, 0, 0)


def test_two_equal_halves_have_full_entropy_and_no_local_order():
    """GEP 1; CLOGV 0 because both values are equally frequent; the median 0.4 is held by nobody: GCVP 1."""
    assert measured(np.repeat([[0], [8]], [4, 4], axis=0) + np.zeros((8, 6), int)) == (1, 1, 0)


def test_a_single_odd_cell_is_worked_out_by_hand():
    """One 5 among 35 zeros: f = 0 there, 1 elsewhere; sd of a window with it is sqrt(8)/9, 9 of 36 windows have it."""
    board = np.zeros((6, 6), int)
    board[2, 3] = 5
    gep, gcvp, clogv = measured(board)
    share = np.array([1, 35]) / 36
    assert gep == pytest.approx(-(share * np.log2(share)).sum(), abs=1e-14)
    assert gcvp == pytest.approx(1 / 6, abs=1e-14)
    assert clogv == pytest.approx(np.sqrt(8) / 9 * np.sqrt(0.25 * 0.75), abs=1e-14)


@pytest.mark.parametrize("seed", range(5))
def test_the_measures_equal_their_definitions_in_plain_loops(seed):
    """To 1e-12 on random boards, even and odd numbers of cells; and within their bounds."""
    rng = np.random.default_rng(seed)
    q = rng.choice(11, p=rng.dirichlet(np.ones(11)), size=(9 + seed, 10)).astype(np.uint8)
    found = measured(q)
    assert found == pytest.approx(by_loops(q), abs=1e-12)
    assert 0 <= found[0] <= 1 and 0 <= found[1] <= 1 and 0 <= found[2] <= theory.CLOGV_MAX


def test_order_takes_fewer_bits_than_entropy_and_noise_does_not():
    """A uniform board deflates to almost nothing, stripes to less than their 1 bit, noise of 11 values to log2 11."""
    stripes = np.tile(np.arange(100, dtype=np.uint8) % 2, (100, 1))
    noise = np.random.default_rng(0).integers(0, 11, (100, 100)).astype(np.uint8)
    uniform, ordered, random = phenotype.complexity(np.stack([0 * stripes, stripes, noise]))
    assert uniform < 0.1 and ordered < 0.5
    assert np.log2(11) <= random < 1.3 * np.log2(11)  # Huffman codes and false matches cost the rest
