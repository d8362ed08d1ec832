"""The map of causal attention on CUDA in many dimensions, float64: matrix units through Triton's dot, no n x n array.

Equal to `model.step` within rounding. (Tile of rows, chunk of keys) per program; partial sums are added in order. It
is for more than 8 dimensions; with fewer, `cuda_kernels` is faster. Coordinates are padded to a power of two with
zeros.
"""

# mypy: allow-untyped-defs, allow-incomplete-defs
import numpy as np
import torch
import triton
import triton.language as tl

from emergent_dynamics.causal.kernels import cpu
from emergent_dynamics.causal.model import TINY
from emergent_dynamics.causal.parameters import Parameters

ROWS, KEYS, CHUNK, WARPS = 64, 32, 1024, 4  # without chunks the longest rows take 1.75 instead of 1.12 ms
LEAST = 16  # fewest coordinates that `tl.dot` takes
STEPS = 4  # steps of a CUDA graph


@triton.jit
def _attend(
    x, query, summed, total, top, n, shift, D: tl.constexpr, M: tl.constexpr, N: tl.constexpr, CHUNK: tl.constexpr,
    CAUSAL: tl.constexpr, KNOWN: tl.constexpr,
):  # fmt: skip
    # Floor at 16,384 tokens, d = 64: 4 d operations per pair on the matrix units at 57 Tflop/s, 0.62 ms. Measured
    # 1.18 ms on an H100, the move included (H200, sums alone: 1.12; cuBLAS on tiles of rows 3.0 to 4.9). mma.sync,
    # not wgmma, which has no float64.
    tile, chunk, run = tl.program_id(0), tl.program_id(1), tl.program_id(2)
    first, begin = tile * M, chunk * CHUNK
    seen = tl.minimum(first + M, n) if CAUSAL else n
    if begin >= seen:  # buffers of keys that no row sees keep their initial values
        return
    rows = first + tl.arange(0, M)
    columns = tl.arange(0, D)
    x += run.to(tl.int64) * n * D
    query += run.to(tl.int64) * n * D
    weights = tl.zeros((M,), tl.float64)
    sums = tl.zeros((M, D), tl.float64)
    largest = tl.full((M,), -float("inf"), tl.float64)
    inside = rows[:, None] < n
    asks = tl.load(query + rows[:, None] * D + columns[None, :], mask=inside, other=0.0)
    stop = tl.minimum(begin + CHUNK, seen)
    for start in range(begin, stop, N):
        keys = start + tl.arange(0, N)
        key = tl.load(x + keys[:, None] * D + columns[None, :], mask=keys[:, None] < n, other=0.0)
        score = tl.dot(asks, tl.trans(key), out_dtype=tl.float64)
        sees = keys[None, :] < n
        if CAUSAL:
            sees = sees & (keys[None, :] <= rows[:, None])
        if KNOWN:
            weight = tl.where(sees, tl.exp(score - shift), 0.0)
        else:
            score = tl.where(sees, score, -float("inf"))
            new = tl.maximum(largest, tl.max(score, 1))
            safe = tl.where(new == -float("inf"), 0.0, new)
            scale = tl.exp(largest - safe)
            weight = tl.exp(score - safe[:, None])
            weights = weights * scale
            sums = sums * scale[:, None]
            largest = new
        weights += tl.sum(weight, 1)
        sums = tl.dot(weight, key, sums, out_dtype=tl.float64)
    to = (run.to(tl.int64) * tl.num_programs(1) + chunk) * n + rows
    tl.store(summed + to[:, None] * D + columns[None, :], sums, mask=inside)
    tl.store(total + to, weights, mask=rows < n)
    if not KNOWN:
        tl.store(top + to, largest, mask=rows < n)


def unsupported(p: Parameters) -> str:
    """Why these kernels cannot compute an experiment, as text for `engine_reason`; "" if they can."""
    return "" if p.integrator == "map" else "the Triton kernel has no flow"


class Sums:
    """Buffers of one experiment, and the map of x (run, token, coord padded) in place."""

    def __init__(self, p: Parameters, runs: int, device: torch.device) -> None:
        self.p, self.runs, self.n = p, runs, p.tokens
        self.d = max(LEAST, triton.next_power_of_2(p.dimension))
        field = cpu.prepare(p)
        self.known, self.shift = not np.isnan(field.shift), float(field.shift)
        self.form, self.value = (self._square(a, device) for a in (field.form, field.value))
        # A multiple of the identity needs no product.
        scale = field.form[0, 0]
        self.scale = float(scale) if np.array_equal(field.form, scale * np.eye(p.dimension)) else None
        self.chunks = triton.cdiv(self.n, CHUNK)
        new = {"dtype": torch.float64, "device": device}
        self.summed = torch.zeros(runs, self.chunks, self.n, self.d, **new)
        self.total = torch.zeros(runs, self.chunks, self.n, **new)
        self.top = torch.full((runs, self.chunks, self.n), -torch.inf, **new)

    def _square(self, a: np.ndarray, device: torch.device) -> torch.Tensor:
        padded = np.zeros((self.d, self.d))
        padded[: len(a), : len(a)] = a
        return torch.from_numpy(padded).to(device)

    def step(self, x: torch.Tensor) -> None:
        """`model.step`, in place."""
        mean = self.mean(x)
        x += self.p.step_size * (mean @ self.value.mT)
        x /= torch.linalg.vector_norm(x, dim=-1, keepdim=True)
        x.masked_fill_(x.abs() < TINY, 0.0)

    def mean(self, x: torch.Tensor) -> torch.Tensor:
        """sum_j a_kj x_j (run, token, coord)."""
        query = x * self.scale if self.scale is not None else x @ self.form
        grid = (triton.cdiv(self.n, ROWS), self.chunks, self.runs)
        shift = self.shift if self.known else 0.0
        _attend[grid](
            x, query, self.summed, self.total, self.top, self.n, shift, self.d, ROWS, KEYS, CHUNK, self.p.causal,
            self.known, num_warps=WARPS, num_stages=2,
        )  # fmt: skip
        if self.known:
            summed, total = self.summed.sum(1), self.total.sum(1)
        else:
            scale = torch.exp(self.top - self.top.amax(1, keepdim=True))
            summed, total = (self.summed * scale[..., None]).sum(1), (self.total * scale).sum(1)
        return summed / (total[..., None] if self.p.softmax else self.n)


class Device:
    """Tokens on the device in many dimensions, with the methods of `causal.cuda.Device`. Frames are copied singly."""

    def __init__(self, p: Parameters, x: np.ndarray, device: str = "cuda") -> None:
        self.p, self.dimension = p, x.shape[2]
        where = torch.device(device)
        self.sums = Sums(p, len(x), where)
        self.x = torch.zeros(*x.shape[:2], self.sums.d, dtype=torch.float64, device=where)
        self.x[..., : self.dimension] = torch.from_numpy(x)
        self._graph: torch.cuda.CUDAGraph | None = None
        self._steps = 0

    @torch.no_grad()
    def advance(self, steps: int) -> None:
        """Compute `model.step` `steps` times."""
        while steps > 0:
            replays = steps >= STEPS and self._steps > 0 and self.x.device.type == "cuda"
            if replays:
                if self._graph is None:
                    self._graph = self._record()
                self._graph.replay()
            else:
                self.sums.step(self.x)
            self._steps += 1
            steps -= STEPS if replays else 1

    def state(self) -> np.ndarray:
        """x (run, token, coord) on the host."""
        return self.x[..., : self.dimension].contiguous().cpu().numpy()

    def _record(self) -> torch.cuda.CUDAGraph:
        torch.cuda.synchronize()
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            for _ in range(STEPS):
                self.sums.step(self.x)
        return graph
