"""One ACT step of the network with k tangents beside every example: `model.step` and its derivative, by hand.

The step has the bits of `model.step`, the tangents are torch.func's JVPs to rounding. A function here is the
one of the same name in `model` with its differential: x (example, ...) and dx (k, example, ...) in, both out.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from emergent_dynamics.reasoning import model
from emergent_dynamics.reasoning.model import Parameters, Weights

Dual = tuple[Tensor, Tensor]


def pushing(w: Weights, x: Tensor, p: Parameters) -> Callable[[Tensor, Tensor], Dual]:
    """z (example, n), q (example, n, k) -> F(z), J q of one ACT step, the input x (example, length, width)
    held.
    """

    def push(z: Tensor, q: Tensor) -> Dual:
        shape = (2, p.length, p.width)
        moved, pushed = step(w, z.unflatten(1, shape), q.permute(2, 0, 1).unflatten(2, shape), x, p)
        return moved.flatten(1), pushed.flatten(2).permute(1, 2, 0)

    return push


def step(w: Weights, z: Tensor, dz: Tensor, x: Tensor, p: Parameters) -> Dual:
    """`model.step`; dz (k, example, 2, length, width)."""
    # Measured on TRM 4x4, k = 8: 4.0 ms per example against 7.3 by vmap of jvp, 0.45 for the step alone. Two
    # fifths are matrix products; the rest is one multiplication or addition per number of every tangent.
    low, high = model.nets(p)
    z_h, z_l, d_h, d_l = z[:, 0], z[:, 1], dz[:, :, 0].contiguous(), dz[:, :, 1].contiguous()
    for _ in range(p.h_cycles):
        for _ in range(p.l_cycles):
            z_l, d_l = net(w, low, z_l + (z_h + x), d_l + d_h, p)
        z_h, d_h = net(w, high, z_h + z_l, d_h + d_l, p)
    return torch.stack([z_h, z_l], dim=1), torch.stack([d_h, d_l], dim=2)


def net(w: Weights, name: str, x: Tensor, dx: Tensor, p: Parameters) -> Dual:
    """`model.net`."""
    for layer in range(p.layers):
        at = f"{name}_{layer}"
        if p.mixer == "mlp":
            mixed, d_mixed = gated(x.mT, dx.mT, w[f"{at}_mix_up"], w[f"{at}_mix_down"])
            mixed, d_mixed = mixed.mT, d_mixed.mT
        else:
            mixed, d_mixed = attention(x, dx, w[f"{at}_qkv"], p.heads)
            mixed, d_mixed = mixed @ w[f"{at}_out"], d_mixed @ w[f"{at}_out"]
        x, dx = rms(x + mixed, d_mixed.add(dx))
        thought, d_thought = gated(x, dx, w[f"{at}_up"], w[f"{at}_down"])
        x, dx = rms(x + thought, d_thought.add_(dx))
    return x, dx


def rms(x: Tensor, dx: Tensor) -> Dual:
    """y = x r, r = (mean x^2 + 1e-5)^(-1/2);  dy = r (dx - y mean(y dx)). dx is overwritten."""
    y = model.rms(x)
    r = torch.rsqrt(x.square().mean(dim=-1, keepdim=True) + 1e-5)
    along = (dx * y).mean(dim=-1, keepdim=True)
    return y, dx.addcmul_(y, along, value=-1.0).mul_(r)


def gated(x: Tensor, dx: Tensor, up: Tensor, down: Tensor) -> Dual:
    """s = sigmoid(g), a = g s;  d(a v) = v (s + a (1 - s)) dg + a dv."""
    gate, value = (x @ up).chunk(2, dim=-1)
    sigmoid = torch.sigmoid(gate)
    silu = functional.silu(gate)
    slope = value * (sigmoid + silu * (1.0 - sigmoid))
    d_gate, d_value = (dx @ up).chunk(2, dim=-1)
    return (silu * value) @ down, torch.addcmul(d_gate * slope, d_value, silu) @ down


def attention(x: Tensor, dx: Tensor, qkv: Tensor, heads: int) -> Dual:
    """W = softmax(S), dW = W (dS - sum W dS);  d(W V) = dW V + W dV."""
    width = x.shape[-1]
    scale = (width // heads) ** -0.5

    def split(y: Tensor) -> tuple[Tensor, ...]:  # each (..., example, head, length, width / heads)
        parts = y.unflatten(-1, (3, heads, width // heads))
        return tuple(parts.select(-3, i).transpose(-3, -2) for i in range(3))

    q, k, v = split(x @ qkv)
    d_q, d_k, d_v = split(dx @ qkv)
    weight = torch.softmax(scale * (q @ k.mT), dim=-1)
    d_score = scale * (d_q @ k.mT + q @ d_k.mT)
    d_weight = weight * (d_score - (weight * d_score).sum(dim=-1, keepdim=True))
    out, d_out = weight @ v, d_weight @ v + weight @ d_v
    return out.transpose(-3, -2).flatten(-2), d_out.transpose(-3, -2).flatten(-2)
