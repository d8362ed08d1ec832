"""Which code computes an experiment: the reference, Numba or CUDA kernels; chosen once and recorded."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from emergent_dynamics import device, engines
from emergent_dynamics.causal import model
from emergent_dynamics.causal.kernels import cpu, fourier, lanes, ode, variants
from emergent_dynamics.causal.parameters import Parameters

if TYPE_CHECKING:
    from emergent_dynamics.causal.kernels.on_device import Tokens


@dataclass(frozen=True)
class Engine:
    """The functions that compute an experiment, and the name, device and reason that the store records.

    advance(x, p, steps) : the map, in place. vary(x, length, p, start, stop) : the map with heads, another
    normalisation or noise, from step `start` up to `stop`, in place. flow(x, step_size, evaluations, p, start, stop) :
    the flow, in place.
    tokens : the object that holds x on a CUDA device and moves it there, else None.
    """

    name: str
    device: str
    reason: str
    advance: Callable[[np.ndarray, Parameters, int], None]
    vary: Callable[[np.ndarray, np.ndarray, Parameters, int, int], None]
    flow: Callable[[np.ndarray, np.ndarray, np.ndarray, Parameters, float, float], None]
    tokens: "Tokens | None" = None


def choose(p: Parameters) -> Engine:
    """The engine for the keys `engine` and `device`."""
    able = {"cpu": "", "reference": ""}
    if p.device == "cuda":
        from emergent_dynamics.causal.kernels import on_device

        layers = "matrices that differ between steps are used on the CPU only" if p.layered else ""
        varied = "heads, noise and other normalisations are computed on the CPU only" if p.varied else ""
        able["cuda"] = layers or varied or on_device.unsupported(p) or device.missing()
    choice = engines.choose(p.engine, p.device, able, device.available)
    if choice.name == "cuda":
        from emergent_dynamics.causal.kernels.on_device import Tokens

        return Engine(
            "cuda", device.used(), choice.reason, cpu.advance, variants.advance, ode.flow, Tokens(p)
        )
    if choice.name == "reference":
        return Engine(*choice, reference_advance, reference_vary, reference_flow)
    reason = f"{choice.reason}; {describe(p)}"
    return Engine(choice.name, choice.device, reason, cpu.advance, variants.advance, ode.flow)


def describe(p: Parameters) -> str:
    """Which kernel computes the attention, and why, in one line."""
    if p.layered:
        return "the kernel is chosen in every step, for the matrices of its layer"
    if p.heads > 1:
        return "the kernel is chosen for every head"
    if cpu.uses_fourier(p):
        scale, _ = cpu.scaled_orthogonal(p.form)
        count = fourier.series(p.beta * scale).rows.shape[1]
        alone = p.integrator == "ode" or p.varied or not cpu.uses_lanes(p) or p.runs <= lanes.FEW_RUNS
        layout = "a segment of a run" if alone else "a run"
        return (
            f"Fourier kernel, {count} harmonics, {layout} in every SIMD lane: d = 2, Q^T K scaled orthogonal"
        )
    if p.dimension != 2 or np.isnan(cpu.scaled_orthogonal(p.form)[0]):
        return "direct kernel: d > 2 or Q^T K not scaled orthogonal"
    return f"direct kernel: {p.tokens} tokens are too few for the Fourier series at this beta"


def reference_advance(x: np.ndarray, p: Parameters, steps: int) -> None:
    """`model.step`, `steps` times, one run after the other, in place."""
    for run in x:
        for _ in range(steps):
            run[:] = model.step(run[None], p)[0]


def reference_vary(x: np.ndarray, length: np.ndarray, p: Parameters, start: int, stop: int) -> None:
    """Apply `model.vary` from step `start` up to `stop`, in place."""
    for number in range(start, stop):
        x[:], length[:] = model.vary(x, length, p.layer(number), number)


def reference_flow(
    x: np.ndarray, step_size: np.ndarray, evaluations: np.ndarray, p: Parameters, start: float, stop: float
) -> None:
    """`model.velocity` integrated by SciPy's DOP853 at the tolerance, one run after the other, in place."""
    from scipy.integrate import solve_ivp

    for r, run in enumerate(x):
        solved = solve_ivp(
            lambda _, y, shape=run.shape: model.velocity(y.reshape(1, *shape), p).reshape(-1),
            (start, stop),
            run.reshape(-1),
            method="DOP853",
            rtol=p.tolerance,
            atol=p.tolerance,
            first_step=min(step_size[r], stop - start) or None,
        )
        if not solved.success:
            raise RuntimeError(f"run {r}, time {solved.t[-1]:g}: {solved.message}")
        evaluations[r] += solved.nfev
        step_size[r] = solved.t[-1] - solved.t[-2]
        run[:] = model.normalised(solved.y[:, -1].reshape(run.shape))
