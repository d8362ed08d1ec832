"""The Euler step of `model.step`, fused: one pass over the field, float32 (or float64), one thread.

A site is read, moved, normalised and tested for a spike, and its input is moved, all in registers; only the new field
is written. Everything constant over the field is folded into one matrix per channel pair.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from emergent_dynamics.oscillators.kernels import planes
from emergent_dynamics.oscillators.model import INPUT_RATE, rotation, share
from emergent_dynamics.oscillators.parameters import Parameters
from emergent_dynamics.runtime.compiler import numba

# Fused multiply-add and LLVM's refined reciprocal root are allowed; sums keep their order, and NaN and infinity remain.
FLAGS = {"contract", "arcp", "afn", "nsz"}
BLOCK_BYTES = 1 << 20  # size of a block of rows whose planes stay in the second-level cache


@dataclass(frozen=True, eq=False)
class Constants:
    """`Parameters` in the form and the precision of the kernel."""

    where: planes.Layout
    periodic: tuple[bool, bool, bool]
    mix: np.ndarray  # (channel, rounded up to 4): dt k_omega Omega, the own term and the channel neighbours
    mask: np.ndarray  # (cell,): 1 on the field, 0 on the halo
    share: np.ndarray | None  # (channel, cell): dt k / degree, where it varies from site to site
    turn: np.ndarray | None  # (run or 1, channel, cell): dt rate of rotation, with `share`
    lag: np.ndarray | None  # (2,): cosine and sine of the phase lag, with `share`
    follow: np.floating | None  # dt input rate, where the input evolves
    scalars: np.ndarray  # dt k, dt k of all to all, dt k_b, sin of the spike threshold


def constants(p: Parameters, dtype: np.dtype | type = np.float32) -> Constants:
    """Fold an experiment into kernel constants."""
    if p.integrator != "euler":
        raise ValueError(
            f"integrator = {p.integrator}: the cpu engine supports only euler; use engine: reference"
        )
    where, dt, n = planes.layout(p.shape), p.step_size, p.channels
    everyone = p.topology == "all_to_all"
    varies = p.normalise == "mean" or everyone or p.lag != 0 or rotation(p).any()
    mix = np.zeros((n, -(-n // 4) * 4))
    if p.omega_mode == "componentwise":
        mix[:, :n] = dt * p.frequency * p.omega
    mix[np.arange(n), np.arange(n)] += 1 - dt * (p.coupling + p.bias)
    if not varies:
        for d in range(n):
            for e in (d - 1, d + 1):
                if p.periodic[0] or 0 <= e < n:
                    mix[d, e % n] += dt * p.coupling
    weight = dt * share(p)
    scalars = [
        dt * p.coupling,
        weight.flat[0] if everyone else 0.0,
        dt * p.bias,
        np.sin(min(p.spike_threshold, np.pi / 2)),
    ]
    return Constants(
        where,
        p.periodic,
        mix.astype(dtype),
        planes.spread(np.ones(p.shape[1:]), where, dtype),
        planes.spread(np.zeros(p.shape) if everyone else weight, where, dtype) if varies else None,
        planes.spread(dt * rotation(p), where, dtype) if varies else None,
        np.array([np.cos(p.lag), np.sin(p.lag)], dtype) if p.lag else None,
        np.dtype(dtype).type(dt * INPUT_RATE) if p.evolve_input else None,
        np.array(scalars, dtype),
    )


class Uniform(NamedTuple):
    """Constants that are equal at every site, and the mask; as in `Constants`."""

    mix: np.ndarray
    mask: np.ndarray
    scalars: np.ndarray


class Varying(NamedTuple):
    """Constants that vary from site to site: dt k / degree (channel, cell) and dt rate (run or 1, channel, cell)."""

    share: np.ndarray
    turn: np.ndarray


class Geometry(NamedTuple):
    """Where the field lies in a plane, how many rows a block has, and which axes are periodic."""

    start: int
    pitch: int
    height: int
    width: int
    block: int
    wraps_c: bool
    wraps_y: bool
    wraps_x: bool


class Rooms(NamedTuple):
    """Arrays for states: scratch (2, channel, cell) is overwritten; its halo must be 0, or hold the opposite edge.

    history (run, step, 2, channel, cell), or no step of it, receives every state; spikes (run, step or 1, channel,
    cell).
    """

    scratch: np.ndarray
    history: np.ndarray
    spikes: np.ndarray


def advance(z: np.ndarray, c: np.ndarray, k: Constants, steps: int) -> np.ndarray:
    """Compute `steps` Euler steps of packed z and c in place. Returns the last step's spikes (run, channel, cell)."""
    spikes = np.zeros((z.shape[0], 1, *z.shape[2:]), bool)
    rooms = Rooms(planes.zeros(z.shape[1:], z.dtype), np.zeros((1, 0, 2, 1, 1), z.dtype), spikes)
    drive(z, c, rooms, steps, *arguments(k))
    return spikes[:, 0]


def record(z: np.ndarray, c: np.ndarray, k: Constants, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Compute `steps` Euler steps of packed z and c in place, and store every state on the way.

    Returns z (run, step, 2, channel, cell) and spike (run, step, channel, cell) after each step. The kernel writes
    each state once, into its place in the history, and reads it from there in the next step.
    """
    runs, _, channels, cells = z.shape
    history = planes.zeros((runs, steps, 2, channels, cells), z.dtype)
    spikes = np.zeros((runs, steps, channels, cells), bool)
    drive(z, c, Rooms(planes.zeros(z.shape[1:], z.dtype), history, spikes), steps, *arguments(k))
    return history, spikes


def arguments(k: Constants) -> tuple:
    """The last arguments of `drive`: uniform, geometry, and the tuple of those that may be None."""
    channels, height, width = k.where.shape
    row_bytes = k.where.pitch * k.mask.itemsize * 6 * channels  # z, z' and c, two parts each
    block = max(4, min(height, BLOCK_BYTES // row_bytes))
    more = np.empty((2, block * k.where.pitch), k.mask.dtype) if channels > 4 else None
    geometry = Geometry(k.where.start, k.where.pitch, height, width, block, *k.periodic)
    varying = None if k.share is None or k.turn is None else Varying(k.share, k.turn)
    return Uniform(k.mix, k.mask, k.scalars), geometry, (varying, k.lag, k.follow, more)


@numba.extending.intrinsic
def _independent(_):
    """Mark the calling kernel's array arguments as not overlapping: LLVM then compares no pointers before a loop.

    Numba has no option for it. Of an array's fields, the fifth is the address of its data.
    """

    def mark(context, builder, _, __):
        for argument in builder.function.args:
            if argument.name.endswith(".4") and argument.type.is_pointer:
                argument.add_attribute("noalias")
        return context.get_dummy_value()

    return numba.types.none(), mark


@numba.njit(cache=True, fastmath=FLAGS, error_model="numpy")
def _gather(planes_, mix, first, d, length, out):
    """out[:length] = sum over channels e >= 4 of mix[d, e] z_e."""
    channels = planes_.shape[0]
    out[:length] = 0
    for e in range(4, mix.shape[1], 4):
        a, b = planes_[e, first:], planes_[min(e + 1, channels - 1), first:]
        g, h = planes_[min(e + 2, channels - 1), first:], planes_[min(e + 3, channels - 1), first:]
        ma, mb, mg, mh = mix[d, e], mix[d, e + 1], mix[d, e + 2], mix[d, e + 3]
        for i in range(length):
            out[i] += ma * a[i] + mb * b[i] + mg * g[i] + mh * h[i]


@numba.njit(cache=True, inline="always")
def _turned(r, i, lag):
    """The vector (r, i) rotated by minus the phase lag; `lag` has its cosine and sine."""
    return lag[0] * r + lag[1] * i, lag[0] * i - lag[1] * r


@numba.njit(cache=True, fastmath=FLAGS, error_model="numpy")
def sweep(cells, uniform, at, varying, lag, follow, more):
    """One Euler step of `length` cells from `first`, all channels, from z into new; c is moved in place.

    cells: z, new, c (2, channel, cell) and spike (channel, cell). at: run, first, length, pitch, whether channels
    wrap, pull of all units. varying, lag, follow, more are None if all sites are equal, there is no lag, the input is
    fixed, or there are at most four channels; their code is then not compiled. The mask keeps cells outside at 0.
    """
    # Floor at 28 x 28 x 4: 43 arithmetic operations per vector of 16 units, 224 vectors: 2.4 us per step at
    # two per cycle and 2 GHz. Measured 4 to 7 us, 5 to 9 with history, depending on other work on the host
    # (performance/oscillators.py); 97 instructions per vector, 24 of them addresses that do not fit in
    # registers. The rest is the second-level cache: 120 kB of fields, and four passes over them. Beyond 256^2
    # x 4 the limit is memory; blocks of rows keep the planes of all channels in cache between passes.
    _independent()
    z, new, c, spike = cells
    mix, mask, scalars = uniform
    run, first, length, pitch, wraps, mean = at
    channels = mix.shape[0]
    coupling, bias, level = scalars[0], scalars[2], scalars[3]
    tiny, one = mask.dtype.type(1e-30), mask.dtype.type(1.0)
    m = mask[first:]
    for d in range(channels):
        up_r, up_i = z[0, d, first - pitch :], z[1, d, first - pitch :]
        down_r, down_i = z[0, d, first + pitch :], z[1, d, first + pitch :]
        left_r, left_i = z[0, d, first - 1 :], z[1, d, first - 1 :]
        right_r, right_i = z[0, d, first + 1 :], z[1, d, first + 1 :]
        own_r, own_i = z[0, d, first:], z[1, d, first:]
        e1, e2, e3 = min(1, channels - 1), min(2, channels - 1), min(3, channels - 1)
        r0, r1, r2, r3 = z[0, 0, first:], z[0, e1, first:], z[0, e2, first:], z[0, e3, first:]
        i0, i1, i2, i3 = z[1, 0, first:], z[1, e1, first:], z[1, e2, first:], z[1, e3, first:]
        m0, m1, m2, m3 = mix[d, 0], mix[d, 1], mix[d, 2], mix[d, 3]
        to_r, to_i = new[0, d, first:], new[1, d, first:]
        in_r, in_i, fired = c[0, d, first:], c[1, d, first:], spike[d, first:]
        if varying is not None:
            w = varying.share[d, first:]
            t = varying.turn[min(run, varying.turn.shape[0] - 1), d, first:]
            below, above = (d - 1) % channels, (d + 1) % channels
            has_below = one if (wraps or d > 0) else one - one
            has_above = one if (wraps or d < channels - 1) else one - one
            below_r, below_i = z[0, below, first:], z[1, below, first:]
            above_r, above_i = z[0, above, first:], z[1, above, first:]
        if more is not None:
            more_r, more_i = more[0], more[1]
            _gather(z[0], mix, first, d, length, more_r)
            _gather(z[1], mix, first, d, length, more_i)
        for i in range(length):
            near_r = (up_r[i] + down_r[i]) + (left_r[i] + right_r[i])
            near_i = (up_i[i] + down_i[i]) + (left_i[i] + right_i[i])
            f_r = m0 * r0[i] + m1 * r1[i] + m2 * r2[i] + m3 * r3[i] + bias * in_r[i]
            f_i = m0 * i0[i] + m1 * i1[i] + m2 * i2[i] + m3 * i3[i] + bias * in_i[i]
            if more is not None:
                f_r += more_r[i]
                f_i += more_i[i]
            if varying is not None:
                near_r += has_below * below_r[i] + has_above * above_r[i]
                near_i += has_below * below_i[i] + has_above * above_i[i]
                if lag is not None:
                    near_r, near_i = _turned(near_r, near_i, lag)
                f_r += w[i] * near_r - t[i] * own_i[i] + mean[0]
                f_i += w[i] * near_i + t[i] * own_r[i] + mean[1]
            else:
                f_r += coupling * near_r
                f_i += coupling * near_i
            q = m[i] / np.sqrt(f_r * f_r + f_i * f_i + tiny)
            new_r, new_i = f_r * q, f_i * q
            to_r[i], to_i[i] = new_r, new_i
            fired[i] = abs(new_i * own_r[i] - new_r * own_i[i]) > level
            if follow is not None:
                g_r = in_r[i] + follow * (new_r - in_r[i])
                g_i = in_i[i] + follow * (new_i - in_i[i])
                s = one / np.sqrt(g_r * g_r + g_i * g_i + tiny)
                in_r[i], in_i[i] = g_r * s, g_i * s


@numba.njit(cache=True)
def drive(z, c, rooms, steps, uniform, geometry, optional):
    """`steps` steps of every run: runs outermost, so that a small field stays in cache; then steps, blocks of rows.

    rooms: `Rooms`; uniform: `Uniform`; geometry: `Geometry`; optional: what `sweep` takes as varying, lag, follow,
    more.
    """
    start, pitch, height, width, block, wraps_c, wraps_y, wraps_x = geometry
    scratch, history, spikes = rooms
    varying, lag, follow, more = optional
    records = history.shape[1] > 0
    for run in range(z.shape[0]):
        now, other = z[run], scratch
        for step in range(steps):
            new = history[run, step] if records else other
            cells = (now, new, c[run], spikes[run, step if records else 0])
            mean = _pull(now, uniform.mask, uniform.scalars[1], lag)
            for row in range(0, height, block):
                at = (run, start + row * pitch, min(block, height - row) * pitch, pitch, wraps_c, mean)
                sweep(cells, uniform, at, varying, lag, follow, more)
            if wraps_y or wraps_x:
                planes.wrap(new, start, pitch, height, width, wraps_y, wraps_x)
            now, other = new, now
        if steps % 2 == 1 or records:
            z[run] = now


@numba.njit(cache=True)
def _pull(z, mask, coupling, lag):
    """coupling times the sum of z over the field, rotated by minus the lag; 0 on a lattice, where coupling is 0."""
    if coupling == 0:
        return coupling, coupling
    total_r, total_i = 0.0, 0.0
    for d in range(z.shape[1]):
        for i in range(mask.size):
            total_r += z[0, d, i] * mask[i]
            total_i += z[1, d, i] * mask[i]
    if lag is not None:
        total_r, total_i = _turned(total_r, total_i, lag)
    return mask.dtype.type(coupling * total_r), mask.dtype.type(coupling * total_i)
