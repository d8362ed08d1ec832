"""Causal attention on the sphere, written as in the equations: the reference with which every engine is compared.

Karagodin, Polyanskiy & Rigollet 2024, arXiv:2411.04990; the map is Euler's step with a normalisation.
"""

import numpy as np

from emergent_dynamics import streams
from emergent_dynamics.causal.parameters import Parameters
from emergent_dynamics.inputs.conditions import Wanted, faults
from emergent_dynamics.inputs.files import read

TINY = 1e-150  # smaller coordinates become zero: squares underflow, and subnormal numbers are slow
STREAM, NOISE = "causal.initial", "causal.noise"


def initial(p: Parameters) -> np.ndarray:
    """(run, token, coord) float64 unit vectors: independent and uniform on the sphere, or the given ones.

    Run r is the same for every number of runs, mask, attention, matrix and beta.
    """
    if p.initial is not None:
        return normalised(start_from_file(p.initial, (p.runs, p.tokens, p.dimension)))
    size = p.tokens * p.dimension
    draws = [streams.normal(p.seed, STREAM, run=run, step=0, n=size) for run in range(p.runs)]
    return normalised(np.stack(draws).reshape(p.runs, p.tokens, p.dimension))


def start_from_file(path: str, shape: tuple[int, int, int]) -> np.ndarray:
    """The initial tokens from a user's file, (run, token, coord) float64.

    Raises ValueError, in one line, where the file has another shape or a token of length 0.
    """
    wanted = Wanted({"(runs, tokens, dimension)": shape}, directions=True)
    for _, _, allowed in faults("initial", path, wanted):
        raise ValueError(f"{path}: must be {allowed}")
    x = read(path).astype(np.float64)
    return x / np.abs(x).max(axis=-1, keepdims=True)  # so that no square overflows


def step(x: np.ndarray, p: Parameters) -> np.ndarray:
    """Move every token one step towards what it attends to, and back onto the sphere.

        x_k' = (x_k + dt drift_k) / |...|

    x : (run, token, coord) float64, unit vectors; left unchanged. Returns the same shape.

    Never divides by zero: the configuration demands dt gain |V|_2 < 1 (`checks`), so the norm is positive.
    Exact: with causal softmax and V = v I, v > 0, token 0 stays where it is. Clock: see `Parameters.clock`.
    The seed applies V^T here (rows times V); this is the paper's V.
    """
    return normalised(x + p.step_size * drift(x, p))


def vary(x: np.ndarray, length: np.ndarray, p: Parameters, number: int) -> tuple[np.ndarray, np.ndarray]:
    """Compute one step with several heads, another normalisation, or noise; return tokens and lengths after it.

        z = r x + dt y + sqrt(2 D dt) P_x xi,    x' = z / |z|,    r' = |z| (pre, peri), else r = 1

    x : (run, token, coord) unit vectors. length : (run, token) r. number : of the step, from 0; its draws xi are
    independent standard normal numbers. y is the drift, divided by its length for peri and ngpt, and projected, P_x y,
    if D > 0. Then x' is the step of Euler and Maruyama on the sphere, of weak order 1 in dt; the noise has the
    generator D times the Laplacian. Karagodin, Ge, Polyanskiy & Rigollet 2025, arXiv:2510.22026: the normalisations.
    """
    y = drift(x, p)
    if p.unit_output:
        y /= np.linalg.norm(y, axis=-1, keepdims=True)
    if p.noise > 0:
        draws = [streams.normal(p.seed, NOISE, run, number, x[run].size) for run in range(len(x))]
        y = p.step_size * y + np.sqrt(2.0 * p.noise * p.step_size) * np.reshape(draws, x.shape)
        moved = x + y - (x * y).sum(-1, keepdims=True) * x
    else:
        moved = length[..., None] * x + p.step_size * y
    return normalised(moved), np.linalg.norm(moved, axis=-1) if p.residual else length


def velocity(x: np.ndarray, p: Parameters) -> np.ndarray:
    """dx/dt of the flow, (run, token, coord) in units of the sphere's radius per unit of ODE time.

    P_x drift with P_x y = y - <x, y> x, at x / |x|, so that it is defined near the sphere too.
    """
    x = normalised(x)
    y = drift(x, p)
    return y - (x * y).sum(-1, keepdims=True) * x


def drift(x: np.ndarray, p: Parameters) -> np.ndarray:
    """sum_j a_kj V x_j, (run, token, coord), with

        a_kj = softmax over j of beta <Q x_k, K x_j>,    or  exp(beta <Q x_k, K x_j>) / tokens,

    over j <= k if causal, and summed over the heads. The largest score of a row is subtracted first: no overflow for
    any Q, K.
    """
    if p.heads > 1:
        return np.sum([drift(x, p.head(h)) for h in range(p.heads)], axis=0)
    score = p.beta * (x @ p.query.T) @ (x @ p.key.T).swapaxes(-1, -2)  # (run, token k, token j)
    if p.causal:
        score = np.where(np.tri(x.shape[-2], dtype=bool), score, -np.inf)
    if p.softmax:
        weight = np.exp(score - score.max(-1, keepdims=True))
        weight /= weight.sum(-1, keepdims=True)
    else:
        weight = np.exp(score) / x.shape[-2]
    return weight @ (x @ p.value.T)


def observe(x: np.ndarray) -> dict[str, np.ndarray]:
    """One frame: the tokens themselves."""
    return {"x": x}


def normalised(x: np.ndarray) -> np.ndarray:
    """x / |x| over the last axis, with coordinates below `TINY` set to zero."""
    x = x / np.linalg.norm(x, axis=-1, keepdims=True)
    x[np.abs(x) < TINY] = 0.0
    return x
