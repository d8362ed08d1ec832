"""Exponents of a network in a single array: every matrix product of an ACT step is computed once for the trajectory
and its tangents.

    state (2, 1 + k, length, example, width): z_H and z_L; slice 0 the trajectory, the others its tangents

The results equal those of `tangent.pushing` and `exponents.orthonormal` within rounding, for networks that mix by an
MLP. Between the products there are two functions, which are here in torch and in `triton_fused` for a GPU, where the
step and its QR are one CUDA graph. On a CPU `tangent` is faster.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn import functional

from emergent_dynamics.reasoning import model
from emergent_dynamics.reasoning.kernels import exponents
from emergent_dynamics.reasoning.model import Weights
from emergent_dynamics.reasoning.parameters import Network

EVEN = 8  # inner widths are padded to a multiple: 85 -> 88 takes a product from 23 to 27 Tflop/s (H200)
COPIES = 8  # bound on the copies of a puzzle's state on the device: the state, those in a net, the trajectory
Between = Callable[[Tensor, Tensor], Tensor]


def unsupported(p: Network, k: int) -> str:
    """Return the reason why a network cannot be computed here, as text for `engine_reason`; empty if it can."""
    able = p.mixer == "mlp" and k > 0
    return "" if able else "the fused path needs exponents and a network that mixes by an MLP"


def rms(x: Tensor, m: Tensor) -> Tensor:
    """Normalise s = x + m by its root mean square, with the derivative along each tangent.

    Slice 0 holds values, y = s / rms(s); the others hold tangents, r (ds - y mean(y ds)) with r = 1 / rms(s).

    x, m : (slice, length, example, width).
    """
    s = x + m
    r = torch.rsqrt(s[:1].square().mean(-1, keepdim=True) + 1e-5)
    y = s[:1] * r
    along = (s * y).mean(-1, keepdim=True)
    along[0] = 0.0
    return (s - y * along) * r


def rms_positions(x: Tensor, m: Tensor) -> Tensor:
    """`rms` with means over the positions of each channel instead of the width; `triton_fused` has no kernel for it."""
    s = x + m
    r = torch.rsqrt(s[:1].square().mean(1, keepdim=True) + 1e-5)
    y = s[:1] * r
    along = (s * y).mean(1, keepdim=True)
    along[0] = 0.0
    return (s - y * along) * r


def swiglu(both: Tensor, axis: int) -> Tensor:
    """silu(g) v in slice 0; with a = g s, s = sigmoid(g): v (s + a (1 - s)) dg + a dv in the others.

    both : gates, then values along `axis`, 1 (mixing, (slice, 2 hidden, column)) or 3 ((slice, length, example,
    2 hidden)). Returns half of it.
    """
    gate, value = both.chunk(2, dim=axis)
    sigmoid = torch.sigmoid(gate[:1])
    silu = gate[:1] * sigmoid
    slope = value[:1] * (sigmoid + silu * (1.0 - sigmoid))
    return torch.cat([silu * value[:1], gate[1:] * slope + value[1:] * silu])


def padded(w: Weights) -> Weights:
    """The weights; inner widths of gated layers are padded with zeros to `EVEN`, mixing layers transposed."""
    found = {}
    for name, value in w.items():
        if name.endswith("_up"):
            more = -(value.shape[1] // 2) % EVEN
            value = torch.cat([functional.pad(half, (0, more)) for half in value.chunk(2, dim=1)], dim=1)
        elif name.endswith("_down"):
            value = functional.pad(value, (0, 0, 0, -value.shape[0] % EVEN))
        found[name] = (value.mT if "_mix_" in name else value).contiguous()
    return found


class Roll:
    """A batch of puzzles in the ACT window, with k tangents each; `step` moves all by one ACT step.

    x : (example, length, width) the injected input. q : (example, n, k) orthonormal tangents of the start. On CUDA
    everything stays there; `step` is a graph of torch's products, `triton_fused` and the QR of `cuda_qr`.
    """

    # Floor at 2,048 puzzles of 6 x 6, k = 8: 421 Gflop of products at 50.6 Tflop/s, 8.3 ms per ACT step. Measured
    # 34 ms on an H100 and 28.9 on an H200, with QR (3.4 ms): cuBLAS runs products with an inner width of 37 to 88
    # at 23 to 31 Tflop/s. A kernel that keeps an example's tile through a whole net would be next.
    def __init__(self, w: Weights, p: Network, x: Tensor, q: Tensor) -> None:
        self.w, self.p, self.k = padded(w), p, q.shape[2]
        self.examples = len(x)
        self.on_device = x.device.type == "cuda"
        self.x = model.positions_first(x)
        start = model.initial(p, x.dtype).to(x.device)[:, None, :, None].expand(2, 1, -1, self.examples, -1)
        tangents = q.unflatten(1, (2, p.length, p.width)).permute(1, 4, 2, 0, 3)
        self.state = torch.cat([start, tangents], dim=1).contiguous()
        self.log_r = torch.zeros(self.examples, self.k, dtype=torch.float64, device=x.device)
        self.rms: Between = rms
        self.swiglu: Callable[[Tensor, int], Tensor] = swiglu
        self.orthonormalise: Callable[[Tensor, Tensor], None] = orthonormalise
        self._graph: torch.cuda.CUDAGraph | None = None
        self._steps = 0
        if self.on_device and x.dtype == torch.float32:
            from emergent_dynamics.reasoning.kernels import cuda_qr, triton_fused

            self.rms, self.swiglu = triton_fused.rms, triton_fused.swiglu
            if self.k <= cuda_qr.MOST:
                self.orthonormalise = cuda_qr.Orthonormalise(self.k, p.length, p.width)

    @torch.no_grad()
    def step(self, at: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """z (example, n) after the step, a copy, and log |R_ii| (example, k) float64 of its QR, a copy.

        at : states (example, n) from which the step is taken instead of its own.
        """
        self._steps += 1
        if at is not None:
            self.state[:, 0].copy_(at.unflatten(1, (2, self.p.length, self.p.width)).permute(1, 2, 0, 3))
        if not self.on_device or self._steps == 1:  # the first step compiles kernels and makes handles
            self._move()
        else:
            if self._graph is None:
                torch.cuda.synchronize()
                self._graph = torch.cuda.CUDAGraph()
                with torch.cuda.graph(self._graph):
                    self._move()
            self._graph.replay()
        z = self.state[:, 0].permute(2, 0, 1, 3).reshape(self.examples, -1)
        return z.clone(), self.log_r.clamp_min(exponents.FLOOR)

    def tangents(self) -> Tensor:
        """q (example, n, k), orthonormal columns."""
        return self.state[:, 1:].permute(3, 0, 2, 4, 1).flatten(1, 3)

    def _move(self) -> None:
        low, high = model.nets(self.p)
        z_h, z_l = self.state[0], self.state[1]
        for _ in range(self.p.h_cycles):
            for _ in range(self.p.l_cycles):
                z = z_l + z_h
                z[0] += self.x  # slice 0 is the state; x is constant, so the tangents get nothing
                z_l = self._net(low, z)
            z_h = self._net(high, z_h + z_l)
        self.state[0].copy_(z_h)
        self.state[1].copy_(z_l)
        self.orthonormalise(self.state, self.log_r)

    def _net(self, name: str, x: Tensor) -> Tensor:
        """`model.net` of all slices; x (slice, length, example, width)."""
        for layer in range(self.p.layers):
            up, down, mix_up, mix_down = (
                self.w[f"{name}_{layer}_{part}"] for part in ("up", "down", "mix_up", "mix_down")
            )
            mixed = torch.matmul(mix_down, self.swiglu(torch.matmul(mix_up, x.flatten(2)), 1)).view_as(x)
            x = rms_positions(x, mixed) if self.p.norm == "positions" else self.rms(x, mixed)
            thought = self.swiglu((x.reshape(-1, x.shape[-1]) @ up).view(*x.shape[:-1], -1), 3)
            x = self.rms(x, (thought.view(-1, thought.shape[-1]) @ down).view_as(x))
        return x


def orthonormalise(state: Tensor, log_r: Tensor) -> None:
    """QR of each example's tangents in place, and log |R_ii| into log_r (example, k)."""
    shape = state[:, 1:].shape
    q, r = exponents.orthonormal(state[:, 1:].permute(3, 0, 2, 4, 1).flatten(1, 3))
    state[:, 1:] = q.unflatten(1, (2, shape[2], shape[4])).permute(1, 4, 2, 0, 3)
    log_r.copy_(exponents.log_diagonal(r))


def batch(p: Network, k: int, free: int) -> int:
    """Return how many puzzles fit into so many free bytes: usually all of a checkpoint (1.4 MB per puzzle of 6 x 6, k
    = 8).
    """
    return max(1, free // (COPIES * 4 * p.state_size * (1 + k)))


@torch.no_grad()
def along(w: Weights, p: Network, x: Tensor, q: Tensor, states: Sequence[Tensor]) -> Tensor:
    """log |R_ii| (example, step, k) of tangents q (example, n, k) pushed from each of the states (example, n)."""
    moving = Roll(w, p, x, q)
    return torch.stack([moving.step(z)[1] for z in states], dim=1)
