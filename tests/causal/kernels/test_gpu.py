"""The torch engine against the reference and the compiled flow; on the CPU, and on a GPU where there is one."""

import numpy as np
import pytest

from emergent_dynamics.causal import model
from emergent_dynamics.causal.kernels import cpu, gpu, ode
from tests.causal.experiments import CASES, parameters

DEVICES = ["cpu", pytest.param("cuda", marks=pytest.mark.gpu)]


@pytest.fixture
def engine(request):
    """The torch engine on the device asked for; skipped where there is none."""
    if request.param == "cuda" and not gpu.available():
        pytest.skip("no CUDA device")
    return gpu.on(request.param)


@pytest.mark.parametrize("engine", DEVICES, indirect=True)
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_one_step_is_the_references(engine, case):
    """1e-14; with scores to 5000 one ulp of a score is 1e-12 of a weight."""
    p = parameters(**case)
    x = model.initial(p)
    expected = model.step(x, p)
    engine.advance(x, p, 1)
    assert np.abs(x - expected).max() < (5e-14 if p.beta * np.abs(p.form).max() > 1e3 else 1e-14)


@pytest.mark.parametrize("engine", DEVICES, indirect=True)
def test_a_tile_of_few_rows_changes_nothing(engine, monkeypatch):
    """7 rows of 64 tokens at a time, and runs in groups: equal to the whole to rounding."""
    p = parameters(runs=5)
    whole, tiled = model.initial(p), model.initial(p)
    engine.advance(whole, p, 5)
    monkeypatch.setattr(gpu, "TILE", 64 * 64 * 2)
    engine.advance(tiled, p, 5)
    assert np.abs(whole - tiled).max() < 1e-14


@pytest.mark.parametrize("engine", DEVICES, indirect=True)
def test_a_hundred_steps_end_with_the_numba_kernels(engine):
    p = parameters(runs=10)
    x, expected = model.initial(p), model.initial(p)
    engine.advance(x, p, 100)
    cpu.advance(expected, p, 100)
    assert np.abs(x - expected).max() < 1e-11


@pytest.mark.parametrize("engine", DEVICES, indirect=True)
@pytest.mark.parametrize("case", ["circle", "full", "sphere, any Q, K, V", "unnormalised"])
def test_the_flow_takes_the_steps_of_the_compiled_one(engine, case):
    """Same scheme, same step control: evaluations equal, ends within 1e-11."""
    p = parameters(**{**CASES[case], "tokens": 50, "tolerance": 1e-5})
    ends = []
    for flow in (engine.flow, ode.flow):
        x, step_size, evaluations = model.initial(p), np.zeros(p.runs), np.zeros(p.runs, np.int64)
        flow(x, step_size, evaluations, p, 0.0, 1.0)
        flow(x, step_size, evaluations, p, 1.0, 3.0)
        ends.append((x, evaluations))
    assert np.array_equal(ends[0][1], ends[1][1])
    assert np.abs(ends[0][0] - ends[1][0]).max() < 1e-11
