"""One ACT step of the network with k tangents beside every example: `model.step` and its derivative, by hand.

The step has the bits of `model.step`, the tangents are torch.func's JVPs to rounding. A function here is the one of the
same name in `model` and returns its derivative in addition, x (length, example, ...). The derivative is applied to one
tangent after another, in place, so that no memory but that of the tangents grows with their number.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from emergent_dynamics.reasoning import model
from emergent_dynamics.reasoning.model import Weights
from emergent_dynamics.reasoning.parameters import Network

Derivative = Callable[[Tensor], Tensor]  # of a tangent (length, example, width), to a tangent of that shape
Dual = tuple[Tensor, Tensor]


def pushing(w: Weights, x: Tensor, p: Network) -> Callable[[Tensor, Tensor], Dual]:
    """z (example, n), q (example, n, k) -> F(z), J q of one ACT step, the input x (example, length, width)
    held.
    """

    def push(z: Tensor, q: Tensor) -> Dual:
        shape = (2, p.length, p.width)
        dz = q.unflatten(1, shape).permute(1, 4, 2, 0, 3).contiguous()
        moved = step(w, z.unflatten(1, shape), dz, x, p)
        return moved.flatten(1), dz.permute(3, 0, 2, 4, 1).flatten(1, 3)

    return push


def step(w: Weights, z: Tensor, dz: Tensor, x: Tensor, p: Network) -> Tensor:
    """`model.step`; dz (2, k, length, example, width) is overwritten with the tangents of its result."""
    # Measured on TRM 4x4, batch 64, k = 8: 3.1 ms per example, 0.27 for the step alone. With positions as the
    # second axis they are 5.3 and 0.52, since mixing then copies and the halves of a product are strided.
    low, high = model.nets(p)
    z_h, z_l, x = (model.positions_first(y) for y in (z[:, 0], z[:, 1], x))
    d_h, d_l = dz
    for _ in range(p.h_cycles):
        for _ in range(p.l_cycles):
            z_l = net(w, low, z_l + (z_h + x), d_l.add_(d_h), p)
        z_h = net(w, high, z_h + z_l, d_h.add_(d_l), p)
    return torch.stack([z_h, z_l]).permute(2, 0, 1, 3)


def net(w: Weights, name: str, x: Tensor, dx: Tensor, p: Network) -> Tensor:
    """`model.net`; its tangents dx (k, length, example, width) are overwritten."""
    for layer in range(p.layers):
        at = f"{name}_{layer}"
        if p.mixer == "mlp":
            mixed, along_mixing = mix(x, w[f"{at}_mix_up"], w[f"{at}_mix_down"])
        else:
            mixed, along_mixing = attention(x, w[f"{at}_qkv"], w[f"{at}_out"], p)
        x, along_norm = rms(x + mixed, model.norm_axis(p))
        thought, along_gate = gated(x, w[f"{at}_up"], w[f"{at}_down"])
        x, along_last = rms(x + thought)
        for d in dx:
            along_norm(d.add_(along_mixing(d)))
            along_last(d.add_(along_gate(d)))
    return x


def rms(x: Tensor, axis: int = -1) -> tuple[Tensor, Derivative]:
    """y = x r, r = (mean x^2 + 1e-5)^(-1/2);  dy = r (dx - y mean(y dx)), in place, means along `axis`."""
    y = model.rms(x, axis)
    r = torch.rsqrt(x.square().mean(dim=axis, keepdim=True) + 1e-5)

    def along(d: Tensor) -> Tensor:
        if axis == 0:
            return d.addcmul_(y, (d * y).mean(dim=0, keepdim=True).neg_()).mul_(r)
        return d.addcmul_(y, torch.linalg.vecdot(d, y).div_(-y.shape[-1])[..., None]).mul_(r)

    return y, along


def gated(x: Tensor, up: Tensor, down: Tensor) -> tuple[Tensor, Derivative]:
    """`model.gated` and its derivative."""
    gate, value = up.chunk(2, dim=1)
    y, slope, silu = swiglu(x @ gate, x @ value)
    return y @ down, lambda d: (d @ gate).mul_(slope).addcmul_(d @ value, silu) @ down


def mix(x: Tensor, up: Tensor, down: Tensor) -> tuple[Tensor, Derivative]:
    """`model.mix` and its derivative."""
    gate, value = (up.mT @ x.flatten(1)).chunk(2)
    y, slope, silu = swiglu(gate, value)

    def along(d: Tensor) -> Tensor:
        d_gate, d_value = (up.mT @ d.flatten(1)).chunk(2)
        return (down.mT @ d_gate.mul_(slope).addcmul_(d_value, silu)).view_as(d)

    return (down.mT @ y).view_as(x), along


def swiglu(gate: Tensor, value: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """a v, and its two derivatives: s = sigmoid(g), a = g s;  d(a v) = v (s + a (1 - s)) dg + a dv."""
    sigmoid, silu = torch.sigmoid(gate), functional.silu(gate)
    return silu * value, value * (sigmoid + silu * (1.0 - sigmoid)), silu


def attention(x: Tensor, qkv: Tensor, out: Tensor, p: Network) -> tuple[Tensor, Derivative]:
    """W = softmax(S), dW = W (dS - sum W dS);  d(W V) = dW V + W dV; both times the matrix `out`."""
    width, heads = x.shape[-1], p.heads
    scale = (width // heads) ** -0.5

    def split(y: Tensor) -> tuple[Tensor, ...]:  # each (example, head, length, width / heads)
        parts = y.unflatten(-1, (3, heads, width // heads)).movedim(-5, -2)
        return tuple(parts.select(-4, i) for i in range(3))

    q, k, v = split(x @ qkv)
    q, k = model.rope(q, p), model.rope(k, p)
    weight = torch.softmax(scale * (q @ k.mT), dim=-1)

    def joined(y: Tensor) -> Tensor:
        return y.movedim(-2, -4).flatten(-2) @ out

    def along(d: Tensor) -> Tensor:
        d_q, d_k, d_v = split(d @ qkv)
        d_q, d_k = model.rope(d_q, p), model.rope(d_k, p)
        d_score = scale * (d_q @ k.mT + q @ d_k.mT)
        d_weight = weight * (d_score - (weight * d_score).sum(dim=-1, keepdim=True))
        return joined(d_weight @ v + weight @ d_v)

    return joined(weight @ v), along
