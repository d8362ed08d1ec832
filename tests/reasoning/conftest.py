"""Synthetic diagnostics with known structure, in the shapes of the seed's npz files."""

import numpy as np
import pytest
import xarray as xr

from emergent_dynamics.reasoning import assemble, capture_map
from emergent_dynamics.reasoning.parameters import Capture


@pytest.fixture(scope="session")
def deposit():
    """A factory of npz contents: two drift modes, exponents that follow drift and correctness."""

    def make(n=400, steps=16, exponents=8, seed=0, ties=False, zeros=0.0):
        rng = np.random.default_rng(seed)
        correct = rng.random(n) < 0.6
        settled = rng.random(n) < np.where(correct, 0.8, 0.25)
        level = np.where(settled, -3.0, 0.5) + 0.4 * rng.standard_normal(n)
        drift = 10.0 ** (level[:, None] + 0.1 * rng.standard_normal((n, steps)))
        if ties:
            drift = np.round(drift, 1)
        drift[rng.random(n) < zeros] = 0.0
        spectrum = 0.1 * level[:, None] - 0.1 * correct[:, None] - 0.05 * np.arange(exponents)
        spectrum = spectrum + 0.05 * rng.standard_normal((n, exponents))
        return {
            "drift_zH": drift.astype(np.float32),
            "drift_zL": (drift * 1.3).astype(np.float32),
            "lyap_spec": spectrum.astype(np.float32),
            "exact_correct": correct.astype(np.int64),
            "token_acc": np.where(correct, 1.0, rng.uniform(0.5, 0.95, n)).astype(np.float32),
            "halted_at": np.where(settled, rng.integers(1, steps + 1, n), 0),
            "q_halt": rng.standard_normal((n, steps)).astype(np.float32),
            "q_continue": rng.standard_normal((n, steps)).astype(np.float32),
            "idx": np.arange(n),
        }

    return make


@pytest.fixture
def saved(tmp_path):
    """Write arrays as an npz file and hand back its path."""

    def save(arrays, name="diag.npz"):
        np.savez(tmp_path / name, **arrays)
        return tmp_path / name

    return save


@pytest.fixture(scope="module")
def map_table():
    """512 examples of the capture map as one table of diagnostics, closed-form exponents."""
    p = Capture(512, 16, 0.4, 0.04, 0.8, 0.0, 0.5, 1)
    trajectory = xr.Dataset({"x": (("run", "act_step", "example"), capture_map.trajectory(p)[None])})
    return assemble.captured(trajectory, p)
