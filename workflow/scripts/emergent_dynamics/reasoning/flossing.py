"""Gradient flossing: the squares of leading exponents as a penalty of the training (torch).

    penalty = mean over examples and exponents of lambda_i^2,   lambda_i = (1/T) sum_t log |R_t,ii|

An exponent of 0 neither shrinks nor grows a disturbance, nor a gradient. Tangents are aligned by steps that are not
counted: without them the exponents of a short window are too low (`theory.qr_bias`), and the penalty would drive
another quantity to 0. Source: Engelken 2023, arXiv:2312.17306.
"""

import torch
from torch import Tensor

from emergent_dynamics import streams
from emergent_dynamics.reasoning import estimators, model
from emergent_dynamics.reasoning.kernels import exponents
from emergent_dynamics.reasoning.parameters import Flossing, Network


def penalty(weights: model.Weights, z: Tensor, x: Tensor, p: Network, asked: Flossing, now: int) -> Tensor:
    """The penalty of the first examples of a batch at update `now`, with its gradient through every sub-update.

    z (example, 2, length, width) the states at which the warm-up begins; x (example, length, width). Tangents are drawn
    anew in every update, and addressed by it. The states and tangents of the warm-up are held constant.
    """
    some = min(asked.examples, len(z))
    shape = (2, p.length, p.width)
    size = some * p.state_size * asked.exponents
    drawn = torch.from_numpy(streams.normal(p.seed, "reasoning.flossing", 0, now, size))
    q, _ = exponents.orthonormal(drawn.to(z.dtype).reshape(some, p.state_size, asked.exponents))

    def step(state: Tensor) -> Tensor:
        return model.step(weights, state.unflatten(1, shape), x[:some], p).flatten(1)

    start = z[:some].detach().flatten(1).contiguous()
    with torch.no_grad():
        for _ in range(asked.warm_up):
            start, pushed = exponents.push(step, start, q)
            q, _ = exponents.orthonormal(pushed)
    return estimators.differentiable(step, start, q, asked.steps).square().mean()
