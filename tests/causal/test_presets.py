"""Named matrices: the five cases of the paper's Table 1."""

import numpy as np
import pytest

from emergent_dynamics.causal import presets


@pytest.mark.parametrize(
    "name, diagonal, largest, times",
    [
        ("identity", [1, 1, 1], 1, 3),
        ("plane", [1, 1, 0], 1, 2),
        ("axis", [1, 0.5, 0], 1, 1),
        ("negative_identity", [-1, -1, -1], -1, 3),
        ("negative_axis", [-1, -2, -3], -1, 1),
    ],
)
def test_a_name_is_its_case_of_the_atlas(name, diagonal, largest, times):
    """Largest eigenvalue of V and how often it occurs: Karagodin et al. 2024, Table 1."""
    found = presets.matrix(name, 3)
    assert np.array_equal(found, np.diag(diagonal))
    assert np.diag(found).max() == largest
    assert (np.diag(found) == largest).sum() == times


def test_every_name_has_a_matrix_in_every_dimension():
    for name in presets.NAMES:
        for d in (2, 3, 17):
            assert presets.matrix(name, d).shape == (d, d)


def test_a_diagonal_and_rows_are_taken_as_written():
    assert np.array_equal(presets.matrix({"diagonal": [1, -2]}, 2), [[1, 0], [0, -2]])
    assert np.array_equal(presets.matrix([[1, 2], [3, 4]], 2), [[1, 2], [3, 4]])


def test_a_matrix_of_another_size_is_refused():
    with pytest.raises(ValueError, match="2x2 matrix where dimension is 3"):
        presets.matrix([[1, 2], [3, 4]], 3)
