"""Which code computes an experiment: the reference, the Numba kernels or torch; chosen once and recorded."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from emergent_dynamics.causal import fourier, kernels, lanes, model, ode
from emergent_dynamics.causal.model import Parameters


@dataclass(frozen=True)
class Engine:
    """advance(x, p, steps): the map; flow(x, step_size, evaluations, p, start, stop): the flow; in place."""

    name: str
    device: str
    reason: str
    advance: Callable[[np.ndarray, Parameters, int], None]
    flow: Callable[[np.ndarray, np.ndarray, np.ndarray, Parameters, float, float], None]


def choose(p: Parameters) -> Engine:
    """The engine that `engine` and `device` ask for; `auto` is torch where the device is cuda, else cpu.

    Without a CUDA device what asks for one is computed on the CPU, and the reason says so.
    """
    if p.engine == "reference":
        return Engine("reference", "cpu", "asked for", reference_advance, reference_flow)
    if p.engine == "torch" or (p.engine == "auto" and p.device == "cuda"):
        from emergent_dynamics.causal import gpu

        if gpu.available() and p.device != "cpu":
            return Engine("torch", "cuda", "asked for", gpu.on("cuda").advance, gpu.on("cuda").flow)
        if p.engine == "torch":
            reason = "asked for" if p.device != "cuda" else "asked for cuda, there is no such device"
            return Engine("torch", "cpu", reason, gpu.on("cpu").advance, gpu.on("cpu").flow)
        return Engine("cpu", "cpu", f"no CUDA device; {describe(p)}", kernels.advance, ode.flow)
    return Engine("cpu", "cpu", describe(p), kernels.advance, ode.flow)


def describe(p: Parameters) -> str:
    """Which kernel computes the attention, and why, in one line."""
    if kernels.uses_fourier(p):
        scale, _ = kernels.scaled_orthogonal(p.form)
        count = fourier.series(p.beta * scale).rows.shape[1]
        alone = p.integrator == "ode" or not kernels.uses_lanes(p) or p.runs <= lanes.FEW_RUNS
        layout = "a segment of a run" if alone else "a run"
        return (
            f"Fourier kernel, {count} harmonics, {layout} in every SIMD lane: d = 2, Q^T K scaled orthogonal"
        )
    if p.dimension != 2 or np.isnan(kernels.scaled_orthogonal(p.form)[0]):
        return "direct kernel: d > 2 or Q^T K not scaled orthogonal"
    return f"direct kernel: {p.tokens} tokens are too few for the Fourier series at this beta"


def reference_advance(x: np.ndarray, p: Parameters, steps: int) -> None:
    """`model.step`, `steps` times, one run after the other, in place."""
    for run in x:
        for _ in range(steps):
            run[:] = model.step(run[None], p)[0]


def reference_flow(
    x: np.ndarray, step_size: np.ndarray, evaluations: np.ndarray, p: Parameters, start: float, stop: float
) -> None:
    """`model.velocity` integrated by SciPy's DOP853 at the tolerance, one run after the other, in place."""
    from scipy.integrate import solve_ivp

    for r, run in enumerate(x):
        found = solve_ivp(
            lambda _, y, shape=run.shape: model.velocity(y.reshape(1, *shape), p).reshape(-1),
            (start, stop),
            run.reshape(-1),
            method="DOP853",
            rtol=p.tolerance,
            atol=p.tolerance,
            first_step=min(step_size[r], stop - start) or None,
        )
        if not found.success:
            raise RuntimeError(f"run {r}, time {found.t[-1]:g}: {found.message}")
        evaluations[r] += found.nfev
        step_size[r] = found.t[-1] - found.t[-2]
        run[:] = model.normalised(found.y[:, -1].reshape(run.shape))
