"""The flow of causal attention on CUDA: `ode.flow`, a block per run with its own step size, up to 8 dimensions.

Runge, Kutta and Chebyshev's stages, error estimate and step control are those of `ode`; the attention is that of
`cuda_kernels.resident`. Tokens belong to threads, so that only the keys of the attention pass through shared memory.
"""

import math
from functools import cache
from typing import Any

import numpy as np
from numba import float64, int64

from emergent_dynamics.causal.kernels import cpu, ode
from emergent_dynamics.causal.kernels.cuda_kernels import (
    COPIES,
    MOST_DIMENSIONS,
    SIZE,
    UNIT,
    Shape,
    make_sums,
    powers,
    resident_lanes,
    shape_of,
)
from emergent_dynamics.causal.model import TINY
from emergent_dynamics.causal.parameters import Parameters
from emergent_dynamics.device import cuda, kernel, most_registers, upload

WARP = 32
SPARE = 8 * (512 + WARP)  # bytes of shared memory for sums over a block


def lanes_of(p: Parameters) -> int:
    """Threads that share a pair of rows (two at most: four spill registers), or 0 where a run does not fit a block."""
    return resident_lanes(p.tokens, p.dimension, p.runs, 0, SPARE)


def unsupported(p: Parameters) -> str:
    """Why this kernel cannot compute a flow, as text for `engine_reason`; "" if it can."""
    if p.dimension > MOST_DIMENSIONS:
        return f"the CUDA kernel of the flow takes at most {MOST_DIMENSIONS} dimensions"
    return "" if lanes_of(p) else "the CUDA kernel of the flow takes as many tokens as a block holds"


class Flow:
    """All runs x (run, token, coord) float64 on the device, and the step that each tries next.

    The same bits in every run on the same card; the steps of a run do not depend on other runs.
    """

    def __init__(self, p: Parameters, state: dict[str, np.ndarray]) -> None:
        self.p, (self.runs, _, _) = p, state["x"].shape
        field = cpu.prepare(p)
        known = not np.isnan(field.shift)
        self.stream = cuda.stream()
        self.x = upload(state["x"].astype(np.float64))
        self.work = cuda.device_array((self.runs, 4, *state["x"].shape[1:]), np.float64)
        self.step_size, self.evaluations = upload(state["step_size"]), upload(state["evaluations"])
        self.given = (
            upload(powers()), upload(field.form * UNIT), float(field.shift) * UNIT if known else 0.0,
            upload(field.value),
        )  # fmt: skip
        general = ode.general_radius(p)
        self.control = p.tolerance, ode.known_radius(p), *general
        self._kernel, self._threads = make_flow(shape_of(p, p.tokens, known), lanes_of(p))

    def advance(self, start: float, stop: float) -> None:
        """Carry every run from time `start` to `stop`."""
        self._kernel[self.runs, self._threads, self.stream](
            self.x, self.work, self.step_size, self.evaluations, *self.given, *self.control, start, stop
        )
        self.stream.synchronize()

    def state(self) -> dict[str, np.ndarray]:
        """x (run, token, coord), step_size (run,) and evaluations (run,) on the host, from which it can continue."""
        names = ("x", "step_size", "evaluations")
        return {name: np.asarray(getattr(self, name).copy_to_host()) for name in names}


@cache  # a compilation takes seconds
def make_flow(s: Shape, lanes: int) -> tuple[Any, int]:
    """The kernel, with a block per run, and its number of threads. work (run, 4, token, coord) is scratch."""
    n, D, E, L = s.tokens, s.dimension, s.dimension + 1, lanes
    softmax, pairs = s.softmax, (s.tokens + 1) // 2
    parts, threads = 2 * pairs * L, -(-pairs * L // WARP) * WARP
    sums = make_sums(s, lanes)
    first_step, damping = ode.FIRST_STEP, ode.DAMPING
    next_step, n_stages, proposal = (
        cuda.jit(device=True)(f.py_func) for f in (ode.next_step, ode.n_stages, ode.proposal)
    )

    @cuda.jit(device=True)
    def joined(values, low, t, value, adds):
        """The sum (or, without `adds`, the largest) of the values of all threads, in a fixed order."""
        values[t] = value
        cuda.syncthreads()
        if t < WARP:
            found = values[t]
            for i in range(t + WARP, threads, WARP):
                found = found + values[i] if adds else max(found, values[i])
            low[t] = found
        cuda.syncthreads()
        found = low[0]
        for i in range(1, WARP):
            found = found + low[i] if adds else max(found, low[i])
        return found

    @kernel(registers=most_registers(threads))
    def flow(
        x,
        work,
        step_size,
        evaluations,
        bits,
        form,
        shift,
        value,
        tolerance,
        known,
        radius_a,
        radius_b,
        start,
        stop,
    ):
        # Floor: that of `resident` per evaluation, 5.0 us; measured 18 to 20 us on an H200 (64 runs of 256 tokens,
        # d = 3, 627 evaluations): two threads per pair of rows, and the tokens of the stages are in global memory.
        t, run = cuda.threadIdx.x, cuda.blockIdx.x
        table = cuda.shared.array(SIZE, int64)
        here = cuda.shared.array((n, D), float64)
        part = cuda.shared.array((parts, E), float64)
        values = cuda.shared.array(threads, float64)
        low = cuda.shared.array(WARP, float64)
        query = cuda.local.array(D, float64)
        total = cuda.local.array(E, float64)
        before, slope, older, old = work[run, 0], work[run, 1], work[run, 2], work[run, 3]
        for i in range(t, SIZE, threads):
            table[i] = bits[i // COPIES]
        for k in range(t, n, threads):
            for e in range(D):
                old[k, e] = x[run, k, e]
        now, counted = start, 0
        h = step_size[run] if step_size[run] > 0.0 else first_step
        tried, spread, w0, w1 = 0.0, 0.0, 0.0, 0.0
        t2, t1, p2, p1, q2, q1, b2, b1 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        stages, stage = 0, -1  # stage -1: velocity at the start; stage `stages`: that at the end of a step
        while now < stop:
            # Now the velocity at old / |old| is computed.
            for k in range(t, n, threads):
                square = 0.0
                for e in range(D):
                    square += old[k, e] * old[k, e]
                scale = 1.0 / math.sqrt(square)
                for e in range(D):
                    here[k, e] = old[k, e] * scale
            cuda.syncthreads()
            sums(here, part, table, form, shift, t, query, total)
            cuda.syncthreads()
            most = 0.0
            for k in range(t, n, threads):
                row = k if k < pairs else pairs + n - 1 - k
                for e in range(E):
                    total[e] = 0.0
                    for i in range(L):
                        total[e] += part[row * L + i, e]
                scale = 1.0 / (total[D] if softmax else n)
                square, along = 0.0, 0.0
                for e in range(D):
                    total[e] *= scale
                    square += total[e] * total[e]
                for e in range(D):
                    query[e] = 0.0
                    for f in range(D):
                        query[e] += value[e, f] * total[f]
                    along += query[e] * here[k, e]
                for e in range(D):
                    slope[k, e] = query[e] - along * here[k, e]
                rest = max(0.0, 1.0 - square)
                most = max(most, rest + math.sqrt(rest))
            counted += 1
            begins = stage < 0
            if stage == stages:  # a step has ended
                most = joined(values, low, t, most, False)
                error = 0.0
                for k in range(t, n, threads):
                    for e in range(D):
                        local = 0.8 * (x[run, k, e] - old[k, e]) + 0.4 * tried * (before[k, e] + slope[k, e])
                        error += local * local
                error = math.sqrt(joined(values, low, t, error, True) / n) / tolerance
                h = proposal(h, tried, error)
                begins = True
                if error <= 1.0:
                    now = stop if tried == stop - now else now + tried
                    spread = most
                    for k in range(t, n, threads):
                        for e in range(D):
                            x[run, k, e] = old[k, e]
                            before[k, e] = slope[k, e]
            elif stage < 0:
                spread = joined(values, low, t, most, False)
                for k in range(t, n, threads):
                    for e in range(D):
                        before[k, e] = slope[k, e]
            else:
                a1, b0 = 1.0 - b1 * t1, b1
                t2, t1, p2, p1, q2, q1 = (
                    t1, 2.0 * w0 * t1 - t2, p1, 2.0 * t1 + 2.0 * w0 * p1 - p2, q1, 4.0 * p1 + 2.0 * w0 * q1 - q2,
                )  # fmt: skip
                b = q1 / (p1 * p1)
                mu, nu, mu_h = 2.0 * b * w0 / b0, -b / b2, 2.0 * b * w1 / b0
                b2, b1 = b0, b
                stage += 1
                for k in range(t, n, threads):
                    square = 0.0
                    for e in range(D):
                        new = (
                            (1.0 - mu - nu) * x[run, k, e] + mu * old[k, e] + nu * older[k, e]
                            + mu_h * tried * (slope[k, e] - a1 * before[k, e])
                        )  # fmt: skip
                        older[k, e] = old[k, e]
                        old[k, e] = new
                        square += new * new
                    if stage == stages:  # back to the sphere
                        scale = 1.0 / math.sqrt(square)
                        for e in range(D):
                            new = old[k, e] * scale
                            old[k, e] = new if abs(new) >= TINY else 0.0
            if begins and now < stop:
                radius = known if known == known else radius_a + radius_b * spread
                h, tried = next_step(h, stop - now, radius)
                stages, stage = n_stages(tried, radius), 1
                w0 = 1.0 + damping / (stages * stages)
                root = math.sqrt(w0 * w0 - 1.0)
                angle = stages * math.log(w0 + root)
                rise, fall = math.exp(angle), math.exp(-angle)
                sinh, cosh = 0.5 * (rise - fall), 0.5 * (rise + fall)
                w1 = sinh * root * root / (cosh * stages * root - w0 * sinh)
                t2, t1, p2, p1, q2, q1 = 1.0, w0, 0.0, 1.0, 0.0, 0.0
                b2 = b1 = 1.0 / (4.0 * w0 * w0)
                for k in range(t, n, threads):
                    for e in range(D):
                        older[k, e] = x[run, k, e]
                        old[k, e] = x[run, k, e] + b1 * w1 * tried * before[k, e]
        if t == 0:
            step_size[run] = h
            evaluations[run] += counted

    return flow, threads
