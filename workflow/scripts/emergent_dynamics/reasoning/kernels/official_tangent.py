"""One ACT step of an official model with k tangents beside every example: `official.network.step` and its derivative.

A function here is the one of the same name in `official.network` with its differential: x (L, example, D) and
dx (L, k, example, D) in, both out. The step has the bits of `official.network.step`.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from emergent_dynamics.reasoning.kernels.tangent import swiglu
from emergent_dynamics.reasoning.official import cost, network
from emergent_dynamics.reasoning.official.network import Attention, Block, Gated, Network

Dual = tuple[Tensor, Tensor]


def pushing(net: Network, x: Tensor) -> Callable[[Tensor, Tensor], Dual]:
    """z (example, n), q (example, n, k) -> F(z), J q of one ACT step, the input x (example, L, D) held."""
    shape = (2, net.sizes.length, net.sizes.width)

    def push(z: Tensor, q: Tensor) -> Dual:
        d_h, d_l = q.unflatten(1, shape).permute(1, 2, 4, 0, 3).contiguous()
        z_h, z_l, injected = (y.transpose(0, 1).contiguous() for y in (*z.unflatten(1, shape).unbind(1), x))
        for _ in range(net.sizes.h_cycles):
            for _ in range(net.sizes.l_cycles):
                z_l, d_l = apply(net, net.low, z_l + (z_h + injected), d_l + d_h)
            z_h, d_h = apply(net, net.high, z_h + z_l, d_h + d_l)
        moved = torch.stack([z_h, z_l]).permute(2, 0, 1, 3).flatten(1)
        return moved, torch.stack([d_h, d_l]).permute(3, 0, 1, 4, 2).flatten(1, 3)

    return push


def apply(net: Network, blocks: list[Block], x: Tensor, dx: Tensor) -> Dual:
    """Apply all blocks of a net, with tangents. dx is overwritten."""
    for block in blocks:
        if isinstance(block.mixing, Gated):
            mixed, d_mixed = glu_over_positions(x, dx, block.mixing)
            axis = 0
        else:
            mixed, d_mixed = attention(net, x, dx, block.mixing)
            mixed, d_mixed = (functional.linear(y, block.mixing.out) for y in (mixed, d_mixed))
            axis = -1
        x, dx = rms(x + mixed, d_mixed.add_(dx), axis, net.sizes.epsilon)
        thought, d_thought = glu(x, dx, block.thinking)
        x, dx = rms(x + thought, d_thought.add_(dx), -1, net.sizes.epsilon)
    return x, dx


def rms(x: Tensor, dx: Tensor, axis: int, epsilon: float) -> Dual:
    """y = x r, r = (mean x^2 + epsilon)^(-1/2);  dy = r (dx - y mean(y dx)). dx is overwritten."""
    r = torch.rsqrt(x.square().mean(axis, keepdim=True) + epsilon)
    y = x * r
    beside = y[:, None]
    if axis == 0:
        along = torch.einsum("led,lked->ked", y, dx).div_(len(x))[None]
    else:
        along = torch.linalg.vecdot(dx, beside).div_(x.shape[-1])[..., None]
    return y, dx.addcmul_(beside, along, value=-1).mul_(r[:, None])


def glu(x: Tensor, dx: Tensor, w: Gated) -> Dual:
    """`official.network.glu` with its tangents."""
    y, slope, silu = swiglu(functional.linear(x, w.gate), functional.linear(x, w.up))
    inner = functional.linear(dx, w.gate).mul_(slope[:, None])
    inner.addcmul_(functional.linear(dx, w.up), silu[:, None])
    return functional.linear(y, w.down), functional.linear(inner, w.down)


def glu_over_positions(x: Tensor, dx: Tensor, w: Gated) -> Dual:
    """`official.network.glu_over_positions` with its tangents."""
    flat, d_flat = x.flatten(1), dx.flatten(1)
    y, slope, silu = swiglu(w.gate @ flat, w.up @ flat)
    each = (len(w.gate), dx.shape[1], -1)
    inner = (w.gate @ d_flat).view(each).mul_(slope[:, None])
    inner.addcmul_((w.up @ d_flat).view(each), silu[:, None])
    return (w.down @ y).view_as(x), (w.down @ inner.flatten(1)).view_as(dx)


def attention(net: Network, x: Tensor, dx: Tensor, w: Attention) -> Dual:
    """W = softmax(S), G = W dS;  d(W V) = G V - (sum G) W V + W dV. A few tangents at a time are computed, to save
    memory.
    """
    q, k, v = (network.heads(net, functional.linear(x, matrix)) for matrix in (w.q, w.k, w.v))
    q, k, v = (y.permute(1, 2, 0, 3) for y in (network.rotate(net, q), network.rotate(net, k), v))
    scale = q.shape[-1] ** -0.5
    weight = torch.softmax(q @ k.mT * scale, dim=-1)
    out = weight @ v
    d_out = torch.empty_like(dx)
    at_once = max(1, int(cost.SCORES / (weight.numel() * weight.element_size())))
    for start in range(0, dx.shape[1], at_once):
        d = dx[:, start : start + at_once]
        d_q, d_k, d_v = (network.heads(net, functional.linear(d, matrix)) for matrix in (w.q, w.k, w.v))
        d_q, d_k, d_v = (
            y.permute(1, 2, 3, 0, 4) for y in (network.rotate(net, d_q), network.rotate(net, d_k), d_v)
        )
        inner = (d_q @ k.mT).add_(q @ d_k.mT).mul_(weight).mul_(scale)
        one = (inner @ v).addcmul_(inner.sum(dim=-1, keepdim=True), out, value=-1).add_(weight @ d_v)
        d_out[:, start : start + at_once] = one.permute(3, 0, 1, 2, 4).flatten(3)
    return out.permute(2, 0, 1, 3).flatten(2), d_out
