"""Combinations of keys that cannot run, each with the one thing that is allowed."""

import subprocess
import sys

import numpy as np
import pytest

from emergent_dynamics.causal import checks, presets, resources
from tests.causal.experiments import experiment

HUGE = [[1e200, 0.0], [0.0, 1e200]]


def faults(**changes):
    """What `check` finds."""
    return list(checks.check(experiment(**changes)))


def test_the_defaults_go_together():
    assert faults() == []
    assert faults(integrator="ode", save={"every": 0.5}) == []


@pytest.mark.parametrize("d", [2, 3, 7])
@pytest.mark.parametrize("value", ["identity", "plane", "axis", "negative_identity"])
def test_every_named_matrix_fits_every_dimension(value, d):
    assert faults(dimension=d, value=value, query=value, key=value) == []


@pytest.mark.parametrize(
    "changes, key, allowed",
    [
        ({"value": {"diagonal": [1, 2, 3]}}, "value.diagonal", "a list of 2 numbers (dimension is 2)"),
        ({"query": [[1, 2], [3, 4, 5]]}, "query", "a 2x2 matrix (dimension is 2)"),
        ({"key": [[1, 2], [3, 4]], "dimension": 3}, "key", "a 3x3 matrix (dimension is 3)"),
        ({"step_size": 1.0}, "step_size", "less than 1, 1 / |V|: else a token can vanish"),
        ({"value": "negative_axis", "step_size": 0.5}, "step_size", "less than 0.5, 1 / |V|"),
        (
            {"attention": "unnormalised", "beta": 4},
            "step_size",
            "less than 0.0183156, 1 / exp(beta |Q^T K|) |V|",
        ),
        ({"attention": "unnormalised", "beta": 800}, "beta", "at most 700"),
        ({"query": HUGE, "key": HUGE}, "query", "a matrix with which beta |Q^T K| is a finite number"),
        ({"query": HUGE, "key": HUGE, "attention": "unnormalised"}, "query", "a matrix with which"),
        ({"save": {"every": 1.5}}, "save.every", "a whole number of steps (integrator is map)"),
        ({"save": {"every": 200}, "steps": 100}, "save.every", "at most steps, 100"),
        ({"save": {"every": 9}, "integrator": "ode", "end_time": 5}, "save.every", "at most end_time, 5"),
    ],
)
def test_what_does_not_go_together_is_named_with_what_is_allowed(changes, key, allowed):
    found = faults(**changes)
    assert [fault[0] for fault in found] == [key]
    assert found[0][2].startswith(allowed)


def test_given_tokens_of_another_shape_are_found_before_the_run(tmp_path):
    np.save(tmp_path / "x.npy", np.ones((3, 5, 2)))
    zero = np.ones((3, 5, 2))
    zero[1, 4] = 0.0
    np.save(tmp_path / "zero.npy", zero)
    ((_, _, says),) = faults(tokens=5, initial=str(tmp_path / "zero.npy"))
    assert says == "an array of vectors with a direction, the one at [1, 4] is zero"
    assert faults(tokens=5, initial=str(tmp_path / "x.npy")) == []
    (found,) = faults(tokens=6, initial=str(tmp_path / "x.npy"))
    assert found[0] == "initial"
    assert found[2] == "an array of shape (runs, tokens, dimension) = (3, 6, 2); it has (3, 5, 2)"


@pytest.mark.parametrize("content", [b"", b"not numpy", b"PK\x03\x04", b"\x93NUMPY\x01\x00"])
def test_a_file_that_is_no_array_is_refused(tmp_path, content):
    (tmp_path / "x.npy").write_bytes(content)
    (found,) = faults(initial=str(tmp_path / "x.npy"))
    assert found[2].startswith("a file of numbers (.npy, .npz, .csv, Parquet or Zarr); it ")


def test_the_configuration_is_checked_without_numba_and_torch():
    """The Snakefile imports the module; Numba costs a second, torch three."""
    code = (
        "import emergent_dynamics.causal.checks, sys; sys.exit(bool({'numba', 'torch'} & set(sys.modules)))"
    )
    environment = {"PYTHONPATH": "workflow/scripts"}
    assert subprocess.run([sys.executable, "-c", code], env=environment, check=False).returncode == 0


@pytest.mark.parametrize(
    "value", [*presets.NAMES, {"diagonal": [3.0, -4.0, 0.5]}, [[0.0, 2.0, 0], [0, 0, 1], [1, 1, 1]]]
)
@pytest.mark.parametrize("other", ["identity", "negative_axis", [[1.0, 2.0, 0], [0, 0, 1], [1, 1, 1]]])
def test_norms_of_diagonal_matrices_are_those_of_the_matrices(value, other):
    own = {"dimension": 3, "value": value, "query": other, "key": value}
    v, q, k = (presets.matrix(own[name], 3) for name in presets.MATRICES)
    assert checks._norms(own) == pytest.approx((np.linalg.norm(v, 2), np.linalg.norm(q.T @ k, 2)), rel=1e-12)


def test_named_matrices_of_4096_dimensions_are_checked_without_building_them(monkeypatch):
    """A minute per load, by the singular values of identities."""
    monkeypatch.setattr(presets, "matrix", lambda *_: pytest.fail("built"))
    assert not list(checks.check(experiment(dimension=4096, value="plane", query="axis")))
    assert (
        resources.mem_mb(experiment(dimension=4096)) > 1500 > 3 * resources.mem_mb(experiment(dimension=64))
    )
