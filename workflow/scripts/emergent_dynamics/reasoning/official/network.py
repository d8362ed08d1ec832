"""The forward pass of an official TRM or HRM, as its authors' code computes it (torch).

    rms(x)   = x / sqrt(mean(x^2) + epsilon), no gain
    glu(x)   = down (silu(gate x) * up x)
    block(x) : mlp:        x <- rms(x + glu over the L positions of each channel), the norm over the POSITIONS too
               attention:  x <- rms(x + o attention(x)), over the width
               then        x <- rms(x + glu(x)), over the width
    ACT step : H_cycles times { L_cycles times  z_L <- L(z_L + z_H + x) ;  z_H <- H(z_H + z_L) }

In float32 and float64 it is the smooth map whose drift and exponents are diagnosed. In bfloat16 it rounds where the
official inference rounds (weights, sums, gated layers and logits; norms and rotations in float32 inside): a step
function, which has an accuracy but no derivative.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from emergent_dynamics.reasoning.official.architecture import Architecture

LEARNED_SCALE = 0.707106781  # the nine digits of the official code, not sqrt(1/2)


class Gated(NamedTuple):
    """Matrices of one gated layer: gate and up (hidden, size), down (size, hidden)."""

    gate: Tensor
    up: Tensor
    down: Tensor


class Attention(NamedTuple):
    """Matrices of one attention, (D, D) each: queries, keys, values and output."""

    q: Tensor
    k: Tensor
    v: Tensor
    out: Tensor


class Block(NamedTuple):
    """One layer: the layer that mixes positions, and the gated layer over the width."""

    mixing: Gated | Attention
    thinking: Gated


class Network(NamedTuple):
    """The weights of a model on a device, ready to compute. low, high : blocks of the nets that update z_L and z_H.
    start : (2, D) z_H and z_L before the first step. rotation : cosines and sines (L, 1, 1, d) of RoPE, or None.
    """

    sizes: Architecture
    low: list[Block]
    high: list[Block]
    start: Tensor
    tokens: Tensor
    learned: Tensor | None
    rotation: tuple[Tensor, Tensor] | None
    head: Tensor
    q_weight: Tensor
    q_bias: Tensor


def build(
    weights: Mapping[str, np.ndarray], sizes: Architecture, dtype: torch.dtype, device: str = "cpu"
) -> Network:
    """Build the network in `dtype` on a device from float32 arrays, {official name: array}."""
    placed = {
        name: torch.from_numpy(np.ascontiguousarray(value)).to(device, dtype)
        for name, value in weights.items()
    }

    def gated(name: str) -> Gated:
        gate, up = placed[f"{name}.gate_up_proj.weight"].chunk(2)
        return Gated(gate, up, placed[f"{name}.down_proj.weight"])

    def attention(name: str) -> Attention:
        q, k, v = placed[f"{name}.qkv_proj.weight"].chunk(3)
        return Attention(q, k, v, placed[f"{name}.o_proj.weight"])

    def level(name: str, layers: int) -> list[Block]:
        names = [f"{name}.layers.{layer}" for layer in range(layers)]
        mixing = [
            gated(f"{at}.mlp_t") if sizes.mixer == "mlp" else attention(f"{at}.self_attn") for at in names
        ]
        return [Block(mixed, gated(f"{at}.mlp")) for mixed, at in zip(mixing, names, strict=True)]

    low = level("L_level", sizes.l_layers)
    rotates = sizes.mixer == "attention" and sizes.encoding == "rope"
    return Network(
        sizes=sizes,
        low=low,
        high=low if sizes.kind == "trm" else level("H_level", sizes.h_layers),
        start=torch.stack([placed["H_init"], placed["L_init"]]),
        tokens=placed["embed_tokens.embedding_weight"],
        learned=placed["embed_pos.embedding_weight"] if sizes.encoding == "learned" else None,
        rotation=rotation(sizes, torch.promote_types(dtype, torch.float32), device) if rotates else None,
        head=placed["lm_head.weight"],
        q_weight=placed["q_head.weight"],
        q_bias=placed["q_head.bias"],
    )


def rotation(sizes: Architecture, dtype: torch.dtype, device: str) -> tuple[Tensor, Tensor]:
    """Cosines and sines (L, 1, 1, d) of RoPE: angle m theta^(-2i/d) at position m, counted from the prefix; entries i
    and i + d/2 are a pair."""
    d = sizes.width // sizes.heads
    frequency = sizes.theta ** (-torch.arange(0, d, 2, dtype=torch.float64) / d)
    angle = torch.outer(torch.arange(sizes.length, dtype=torch.float64), frequency).repeat(1, 2)
    return angle.cos()[:, None, None].to(device, dtype), angle.sin()[:, None, None].to(device, dtype)


def embed(net: Network, question: Tensor, puzzle: Tensor | None) -> Tensor:
    """x (example, L, D), injected at every update, of tokens (example, S) and puzzle embeddings (example, numbers).

    The embedding of an example's puzzle fills the first tokens, zeros the rest of the prefix.
    """
    p = net.sizes
    x = functional.embedding(question, net.tokens)
    if p.prefix:
        assert puzzle is not None
        filled = functional.pad(puzzle.to(x.dtype), (0, p.prefix * p.width - p.puzzle_width))
        x = torch.cat([filled.unflatten(1, (p.prefix, p.width)), x], dim=1)
    if net.learned is not None:
        x = LEARNED_SCALE * (x + net.learned)
    return p.width**0.5 * x


def initial(net: Network, examples: int) -> Tensor:
    """(example, 2, L, D): z_H and z_L before the first step, the same for all examples and positions."""
    return net.start[None, :, None].expand(examples, 2, net.sizes.length, -1).contiguous()


def step(net: Network, z: Tensor, x: Tensor) -> Tensor:
    """One ACT step of z (example, 2, L, D); x (example, L, D). Cannot overflow: every token leaves a norm."""
    z_h, z_l, x = (y.transpose(0, 1).contiguous() for y in (z[:, 0], z[:, 1], x))
    for _ in range(net.sizes.h_cycles):
        for _ in range(net.sizes.l_cycles):
            z_l = apply(net, net.low, z_l + (z_h + x))
        z_h = apply(net, net.high, z_h + z_l)
    return torch.stack([z_h, z_l]).permute(2, 0, 1, 3)


def apply(net: Network, blocks: list[Block], x: Tensor) -> Tensor:
    """All blocks of a net; (L, example, D) in and out: both mixings are then single products of matrices."""
    for block in blocks:
        if isinstance(block.mixing, Gated):
            x = rms(x + glu_over_positions(x, block.mixing), 0, net.sizes.epsilon)
        else:
            mixed = functional.linear(attention(net, x, block.mixing), block.mixing.out)
            x = rms(x + mixed, -1, net.sizes.epsilon)
        x = rms(x + glu(x, block.thinking), -1, net.sizes.epsilon)
    return x


def rms(x: Tensor, axis: int, epsilon: float) -> Tensor:
    """x / sqrt(mean x^2 + epsilon) along an axis; for bfloat16 computed in float32 and rounded."""
    wide = x.float() if x.dtype == torch.bfloat16 else x
    return (wide * torch.rsqrt(wide.square().mean(axis, keepdim=True) + epsilon)).to(x.dtype)


def glu(x: Tensor, w: Gated) -> Tensor:
    """The gated layer over the width (Shazeer 2020, arXiv:2002.05202)."""
    inner = functional.silu(functional.linear(x, w.gate)) * functional.linear(x, w.up)
    return functional.linear(inner, w.down)


def glu_over_positions(x: Tensor, w: Gated) -> Tensor:
    """The gated layer over the positions of each channel; x (L, example, D)."""
    flat = x.flatten(1)
    return (w.down @ (functional.silu(w.gate @ flat) * (w.up @ flat))).view_as(x)


def heads(net: Network, x: Tensor) -> Tensor:
    """Reshape (L, ..., D) into (L, ..., head, d)."""
    return x.unflatten(-1, (net.sizes.heads, -1))


def rotate(net: Network, x: Tensor) -> Tensor:
    """RoPE of (L, ..., head, d): (a, b) becomes (a cos - b sin, b cos + a sin), in float32 at least."""
    if net.rotation is None:
        return x
    cos, sin = (table.view(table.shape[0], *[1] * (x.dim() - 2), -1) for table in net.rotation)
    a, b = x.chunk(2, dim=-1)
    return (x * cos + torch.cat([-b, a], dim=-1) * sin).to(x.dtype)


def attention(net: Network, x: Tensor, w: Attention) -> Tensor:
    """softmax(Q K^T / sqrt(d)) V over all L positions, prefix and padding included; (L, example, D)."""
    q, k, v = (heads(net, functional.linear(x, matrix)) for matrix in (w.q, w.k, w.v))
    q, k, v = (y.permute(1, 2, 0, 3) for y in (rotate(net, q), rotate(net, k), v))
    if x.dtype == torch.bfloat16:
        out = functional.scaled_dot_product_attention(q, k, v)
    else:  # written out, since the fused kernels have no forward derivative
        out = torch.softmax(q @ k.mT * q.shape[-1] ** -0.5, dim=-1) @ v
    return out.permute(2, 0, 1, 3).flatten(2)


def observe(net: Network, z: Tensor) -> tuple[Tensor, Tensor]:
    """Logits of the answer (example, S, vocabulary), and of halting and continuing (example, 2), read off z_H; the
    latter off its first token, in float32 at least."""
    z_h = z[:, 0]
    q = functional.linear(z_h[:, 0], net.q_weight, net.q_bias)
    logits = functional.linear(z_h[:, net.sizes.prefix :], net.head)
    return logits, q.float() if q.dtype == torch.bfloat16 else q
