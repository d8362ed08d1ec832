"""Recursive reasoning networks, TRM-like (one net for both latents) and HRM-like (two), on two latent
tensors.

    one ACT step:  repeat H_cycles:  { repeat L_cycles:  z_L <- L(z_L, z_H + x) ;  z_H <- H(z_H, z_L) }

All examples start from the same fixed vectors; only the injected input x differs. Norms have no gain, so
every token has norm sqrt(width) and the state's norm is constant: sqrt((prefix + positions) width) per
latent. Attention is softmax(Q K^T) V written out: the fused kernels of scaled_dot_product_attention have no
JVP. Sources: Jolicoeur-Martineau 2025, arXiv:2510.04871; Wang et al. 2025, arXiv:2506.21734.
"""

from collections.abc import Mapping

import numpy as np
import torch
from scipy import special
from torch import Tensor
from torch.nn import functional

from emergent_dynamics import streams
from emergent_dynamics.reasoning.parameters import Network

Weights = dict[str, Tensor]
Q_BIAS = -5.0  # an untrained network must not halt


def nets(p: Network) -> tuple[str, str]:
    """Names of the low-level and the high-level network, which in TRM are the same one."""
    return ("net", "net") if p.kind == "trm" else ("low", "high")


def shapes(p: Network) -> dict[str, tuple[int, ...]]:
    """Name and shape of every trained weight; matrices are (in, out)."""
    hidden, across = p.hidden(p.width), p.hidden(p.length)
    sizes: dict[str, tuple[int, ...]] = {
        "token_embedding": (p.tokens, p.width),
        "head": (p.width, p.labels),
        "q_head": (p.width, 2),
        "q_bias": (2,),
    }
    if p.form == "official":
        sizes["puzzle_embedding"] = (1, p.width)
    if has_table(p):
        sizes["position_embedding"] = (p.length, p.width)
    for net in dict.fromkeys(nets(p)):
        for layer in range(p.layers):
            name = f"{net}_{layer}"
            sizes[f"{name}_up"] = (p.width, 2 * hidden)
            sizes[f"{name}_down"] = (hidden, p.width)
            if p.mixer == "mlp":
                sizes[f"{name}_mix_up"] = (p.length, 2 * across)
                sizes[f"{name}_mix_down"] = (across, p.length)
            else:
                sizes[f"{name}_qkv"] = (p.width, 3 * p.width)
                sizes[f"{name}_out"] = (p.width, p.width)
    return sizes


def has_table(p: Network) -> bool:
    """Return whether positions have a learned embedding; mixing by an MLP over positions needs none."""
    return p.mixer == "attention" and p.encoding == "learned"


def initial_weights(p: Network, dtype: torch.dtype = torch.float32) -> Weights:
    """LeCun's normal, truncated at two SD, from the stream of each weight's name; the halting head starts so that the
    network never halts.
    """
    weights = {}
    for name, shape in shapes(p).items():
        fan_in = p.width if name.endswith("embedding") else shape[0]
        value = truncated_normal(p.seed, f"reasoning.weights.{name}", shape) / np.sqrt(fan_in)
        if name in ("q_head", "puzzle_embedding"):
            value[:] = 0.0
        if name == "q_bias":
            value[:] = Q_BIAS
        weights[name] = torch.from_numpy(value).to(dtype)
    return weights


def initial(p: Network, dtype: torch.dtype = torch.float32) -> Tensor:
    """(2, length, width): z_H and z_L before the first step, the same for every example, fixed by the seed. In the
    official form they are rounded to bfloat16, the type in which the authors store them.
    """
    start = truncated_normal(p.seed, "reasoning.initial_state", (2, 1, p.width))
    repeated = torch.from_numpy(np.repeat(start, p.length, axis=1))
    return (repeated.bfloat16() if p.form == "official" else repeated).to(dtype)


def truncated_normal(seed: int, stream: str, shape: tuple[int, ...]) -> np.ndarray:
    """Draws of a standard normal variable truncated at 2 standard deviations and rescaled to standard deviation 1.

    Computed by inverting the distribution function, so that a draw depends on its address alone.
    """
    low = special.ndtr(-2.0)
    drawn = special.ndtri(low + (1 - 2 * low) * streams.uniform(seed, stream, 0, 0, int(np.prod(shape))))
    return (drawn / 0.8796256610342398).reshape(shape)  # SD of the truncated normal


def embed(w: Weights, question: Tensor, p: Network) -> Tensor:
    """x (example, length, width) injected at every update; question (example, positions). Embeddings of variance
    1/width, scaled to unit variance. Tokens of the prefix inject nothing, except in the official form: there the first
    one has the puzzle embedding, which is the same for all puzzles and learned from 0.
    """
    x = functional.pad(functional.embedding(question, w["token_embedding"]), (0, 0, p.prefix, 0))
    if p.form == "official":
        x = x + functional.pad(w["puzzle_embedding"], (0, 0, 0, p.length - 1))
    if not has_table(p):
        return p.width**0.5 * x
    return (p.width / 2) ** 0.5 * (x + w["position_embedding"])


def step(w: Weights, z: Tensor, x: Tensor, p: Network) -> Tensor:
    """One ACT step of the joint state z (example, 2, length, width); x (example, length, width).

    Cannot overflow: both latents leave a norm without gain, so |z| stays sqrt(2) `p.scale`.
    """
    low, high = nets(p)
    z_h, z_l, x = positions_first(z[:, 0]), positions_first(z[:, 1]), positions_first(x)
    for _ in range(p.h_cycles):
        for _ in range(p.l_cycles):
            z_l = net(w, low, z_l + (z_h + x), p)
        z_h = net(w, high, z_h + z_l, p)
    return torch.stack([z_h, z_l]).permute(2, 0, 1, 3)


def training_step(w: Weights, z: Tensor, x: Tensor, p: Network) -> Tensor:
    """`step` with the gradient its authors take: TRM through the last H cycle, HRM through the last L and
    the last H update only. The numbers are those of `step`."""
    low, high = nets(p)
    z_h, z_l, x = positions_first(z[:, 0]), positions_first(z[:, 1]), positions_first(x)
    with torch.no_grad():
        for cycle in range(p.h_cycles):
            last = cycle == p.h_cycles - 1
            updates = p.l_cycles if not last else (0 if p.kind == "trm" else p.l_cycles - 1)
            for _ in range(updates):
                z_l = net(w, low, z_l + (z_h + x), p)
            if not last:
                z_h = net(w, high, z_h + z_l, p)
    for _ in range(p.l_cycles if p.kind == "trm" else 1):
        z_l = net(w, low, z_l + (z_h + x), p)
    z_h = net(w, high, z_h + z_l, p)
    return torch.stack([z_h, z_l]).permute(2, 0, 1, 3)


def positions_first(x: Tensor) -> Tensor:
    """(length, example, width) of (example, length, width): both mixings are then one product of matrices."""
    return x.transpose(0, 1).contiguous()


def net(w: Weights, name: str, x: Tensor, p: Network) -> Tensor:
    """x <- rms(x + mix(x)); x <- rms(x + gated(x)), once per layer; (length, example, width) in and out. The first norm
    runs along `norm_axis`, the second over the width."""
    for layer in range(p.layers):
        at = f"{name}_{layer}"
        if p.mixer == "mlp":
            mixed = mix(x, w[f"{at}_mix_up"], w[f"{at}_mix_down"])
        else:
            mixed = attention(x, w[f"{at}_qkv"], p) @ w[f"{at}_out"]
        x = rms(x + mixed, norm_axis(p))
        x = rms(x + gated(x, w[f"{at}_up"], w[f"{at}_down"]))
    return x


def norm_axis(p: Network) -> int:
    """The axis of (length, example, width) along which the norm after mixing runs."""
    return 0 if p.mixer == "mlp" and p.norm == "positions" else -1


def rms(x: Tensor, axis: int = -1) -> Tensor:
    """x / sqrt(mean x^2 + 1e-5) along the first axis or the last: no gain."""
    if axis == 0:
        return x * torch.rsqrt(x.square().mean(0, keepdim=True) + 1e-5)
    return functional.rms_norm(x, x.shape[-1:], eps=1e-5)


def gated(x: Tensor, up: Tensor, down: Tensor) -> Tensor:
    """SwiGLU over the width (Shazeer 2020, arXiv:2002.05202): (silu(x G) * x U) D, up = (G U)."""
    gate, value = up.chunk(2, dim=1)  # two products: silu of half a matrix costs as much as the product
    return (functional.silu(x @ gate) * (x @ value)) @ down


def mix(x: Tensor, up: Tensor, down: Tensor) -> Tensor:
    """The same gated layer over the positions."""
    gate, value = (up.mT @ x.flatten(1)).chunk(2)
    return (down.mT @ (functional.silu(gate) * value)).view_as(x)


def rope(x: Tensor, p: Network) -> Tensor:
    """(..., length, d) with entry i and i + d/2 turned by the angle m 10000^(-2i/d) at position m, counted from the
    prefix (Su et al. 2021, arXiv:2104.09864); x is unchanged for another encoding.
    """
    if p.encoding != "rope":
        return x
    d = x.shape[-1]
    frequency = 1e4 ** (-torch.arange(0, d, 2, dtype=torch.float64, device=x.device) / d)
    angle = torch.outer(torch.arange(p.length, dtype=torch.float64, device=x.device), frequency)
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, b * cos + a * sin], dim=-1)


def attention(x: Tensor, qkv: Tensor, p: Network) -> Tensor:
    """softmax(Q K^T / sqrt(d)) V over all positions; (length, example, width)."""
    length, example, width = x.shape
    heads = p.heads
    q, k, v = (x @ qkv).reshape(length, example, 3, heads, width // heads).permute(2, 1, 3, 0, 4)
    q, k = rope(q, p), rope(k, p)
    weight = torch.softmax(q @ k.mT * (width // heads) ** -0.5, dim=-1)
    return (weight @ v).permute(2, 0, 1, 3).reshape(length, example, width)


def observe(w: Weights, z: Tensor, p: Network) -> tuple[Tensor, Tensor]:
    """Logits of the answer (example, positions, labels) and of halting (example, 2), read off z_H; the
    halting logits are (halt, continue), the second never trained here."""
    z_h = z[:, 0]
    return z_h[:, p.prefix :] @ w["head"], z_h[:, 0] @ w["q_head"] + w["q_bias"]


def to_torch(
    arrays: Mapping[str, np.ndarray], dtype: torch.dtype = torch.float32, device: str = "cpu"
) -> Weights:
    """Stored weights as tensors."""
    return {name: torch.from_numpy(np.array(value)).to(device, dtype) for name, value in arrays.items()}
