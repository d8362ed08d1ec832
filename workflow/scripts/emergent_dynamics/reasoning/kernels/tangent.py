"""One ACT step of the network with k tangents beside every example: `model.step` and its derivative, by hand.

The step has the bits of `model.step`, the tangents are torch.func's JVPs to rounding. A function here is the
one of the same name in `model` with its differential: x (length, example, ...) and dx (k, length, example, ...)
in, both out.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from emergent_dynamics.reasoning import model
from emergent_dynamics.reasoning.model import Weights
from emergent_dynamics.reasoning.parameters import Network

Dual = tuple[Tensor, Tensor]


def pushing(w: Weights, x: Tensor, p: Network) -> Callable[[Tensor, Tensor], Dual]:
    """z (example, n), q (example, n, k) -> F(z), J q of one ACT step, the input x (example, length, width)
    held.
    """

    def push(z: Tensor, q: Tensor) -> Dual:
        shape = (2, p.length, p.width)
        dz = q.unflatten(1, shape).permute(1, 4, 2, 0, 3).contiguous()
        moved, pushed = step(w, z.unflatten(1, shape), dz, x, p)
        return moved.flatten(1), pushed.permute(3, 0, 2, 4, 1).flatten(1, 3)

    return push


def step(w: Weights, z: Tensor, dz: Tensor, x: Tensor, p: Network) -> Dual:
    """`model.step`; dz (2, k, length, example, width)."""
    # Measured on TRM 4x4, batch 64, k = 8: 3.1 ms per example, 0.27 for the step alone. With positions as the
    # second axis they are 5.3 and 0.52, since mixing then copies and the halves of a product are strided.
    low, high = model.nets(p)
    z_h, z_l, x = (model.positions_first(y) for y in (z[:, 0], z[:, 1], x))
    d_h, d_l = dz
    for _ in range(p.h_cycles):
        for _ in range(p.l_cycles):
            z_l, d_l = net(w, low, z_l + (z_h + x), d_l + d_h, p)
        z_h, d_h = net(w, high, z_h + z_l, d_h + d_l, p)
    return torch.stack([z_h, z_l]).permute(2, 0, 1, 3), torch.stack([d_h, d_l])


def net(w: Weights, name: str, x: Tensor, dx: Tensor, p: Network) -> Dual:
    """`model.net` with its tangents."""
    for layer in range(p.layers):
        at = f"{name}_{layer}"
        if p.mixer == "mlp":
            mixed, d_mixed = mix(x, dx, w[f"{at}_mix_up"], w[f"{at}_mix_down"])
        else:
            mixed, d_mixed = attention(x, dx, w[f"{at}_qkv"], p)
            mixed, d_mixed = mixed @ w[f"{at}_out"], d_mixed @ w[f"{at}_out"]
        x, dx = rms(x + mixed, d_mixed.add_(dx), model.norm_axis(p))
        thought, d_thought = gated(x, dx, w[f"{at}_up"], w[f"{at}_down"])
        x, dx = rms(x + thought, d_thought.add_(dx))
    return x, dx


def rms(x: Tensor, dx: Tensor, axis: int = -1) -> Dual:
    """y = x r, r = (mean x^2 + 1e-5)^(-1/2);  dy = r (dx - y mean(y dx)), means along `axis`. dx is overwritten."""
    y = model.rms(x, axis)
    if axis == 0:
        r = torch.rsqrt(x.square().mean(dim=0, keepdim=True) + 1e-5)
        return y, dx.addcmul_(y, (dx * y).mean(dim=1, keepdim=True).neg_()).mul_(r)
    r = torch.rsqrt(x.square().mean(dim=-1, keepdim=True) + 1e-5)
    along = torch.linalg.vecdot(dx, y).div_(-x.shape[-1])[..., None]
    return y, dx.addcmul_(y, along).mul_(r)


def gated(x: Tensor, dx: Tensor, up: Tensor, down: Tensor) -> Dual:
    """`model.gated` with its tangents."""
    gate, value = up.chunk(2, dim=1)
    y, slope, silu = swiglu(x @ gate, x @ value)
    return y @ down, (dx @ gate).mul_(slope).addcmul_(dx @ value, silu) @ down


def mix(x: Tensor, dx: Tensor, up: Tensor, down: Tensor) -> Dual:
    """`model.mix` with its tangents."""
    gate, value = (up.mT @ x.flatten(1)).chunk(2)
    y, slope, silu = swiglu(gate, value)
    each = (len(dx), -1, -1)
    d_gate, d_value = torch.bmm(up.mT.expand(each), dx.flatten(2)).chunk(2, dim=1)
    d_y = d_gate.mul_(slope).addcmul_(d_value, silu)
    return (down.mT @ y).view_as(x), torch.bmm(down.mT.expand(each), d_y).view_as(dx)


def swiglu(gate: Tensor, value: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """a v, and its two derivatives: s = sigmoid(g), a = g s;  d(a v) = v (s + a (1 - s)) dg + a dv."""
    sigmoid, silu = torch.sigmoid(gate), functional.silu(gate)
    return silu * value, value * (sigmoid + silu * (1.0 - sigmoid)), silu


def attention(x: Tensor, dx: Tensor, qkv: Tensor, p: Network) -> Dual:
    """W = softmax(S), dW = W (dS - sum W dS);  d(W V) = dW V + W dV."""
    width, heads = x.shape[-1], p.heads
    scale = (width // heads) ** -0.5

    def split(y: Tensor) -> tuple[Tensor, ...]:  # each (..., example, head, length, width / heads)
        parts = y.unflatten(-1, (3, heads, width // heads)).movedim(-5, -2)
        return tuple(parts.select(-4, i) for i in range(3))

    q, k, v = split(x @ qkv)
    d_q, d_k, d_v = split(dx @ qkv)
    q, k, d_q, d_k = (model.rope(y, p) for y in (q, k, d_q, d_k))
    weight = torch.softmax(scale * (q @ k.mT), dim=-1)
    d_score = scale * (d_q @ k.mT + q @ d_k.mT)
    d_weight = weight * (d_score - (weight * d_score).sum(dim=-1, keepdim=True))
    out, d_out = weight @ v, d_weight @ v + weight @ d_v
    return out.movedim(-2, -4).flatten(-2), d_out.movedim(-2, -4).flatten(-2)
