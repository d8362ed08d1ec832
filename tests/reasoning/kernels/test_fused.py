"""One array for the trajectory and its tangents, against `tangent` and `exponents`, in float64 on the CPU."""

import numpy as np
import pytest
import torch

from emergent_dynamics.reasoning import model
from emergent_dynamics.reasoning.kernels import exponents, fused, tangent
from emergent_dynamics.reasoning.parameters import Network


def network(kind="trm", width=16, norm="width"):
    """A small one, whose inner widths are no multiples of 8."""
    return Network(kind, 5, 4, 16, width, 2, "mlp", 4, 2.0, 1, 2, 2, 3, 1, norm)


def start(p, k, examples=3, dtype=torch.float64):
    """Weights, injected input, orthonormal tangents."""
    w = model.initial_weights(p, dtype)
    question = torch.from_numpy(np.random.default_rng(0).integers(0, p.tokens, (examples, p.positions)))
    return w, model.embed(w, question, p), exponents.tangents(1, np.arange(examples), p.state_size, k, dtype)


def rolled(w, p, x, q):
    """states (example, step + 1, n) from the start on, and log |R_ii| (example, step, k), of all ACT steps."""
    moving = fused.Roll(w, p, x, q)
    states = [model.initial(p, x.dtype).to(x.device).flatten().repeat(len(x), 1)]
    log_r = []
    for _ in range(p.act_steps):
        z, r = moving.step()
        states.append(z)
        log_r.append(r)
    return torch.stack(states, dim=1), torch.stack(log_r, dim=1)


@pytest.mark.parametrize("kind", ["trm", "hrm"])
@pytest.mark.parametrize("k", [1, 4])
@pytest.mark.parametrize("norm", ["width", "positions"])
def test_steps_and_tangents_are_those_of_one_at_a_time(kind, k, norm):
    """Three ACT steps with QR after each: states, tangents and log R to the rounding of float64."""
    p = network(kind, norm=norm)
    w, x, q = start(p, k)
    push = tangent.pushing(w, x, p)
    z = model.initial(p, torch.float64).flatten().repeat(3, 1)
    states, log_r = rolled(w, p, x, q)
    with torch.no_grad():
        for step in range(p.act_steps):
            z, pushed = push(z, q)
            q, r = exponents.orthonormal(pushed)
            assert (states[:, step + 1] - z).abs().max() < 1e-11
            assert (log_r[:, step] - exponents.log_diagonal(r)).abs().max() < 1e-9


def test_tangents_can_be_pushed_from_the_states_of_another_trajectory():
    """Those of `tangent` at states that are not the network's own: log R to the rounding of float64."""
    p = network()
    w, x, q = start(p, 3)
    generator = torch.Generator().manual_seed(5)
    states = [torch.randn(3, p.state_size, dtype=torch.float64, generator=generator) for _ in range(3)]
    log_r = fused.along(w, p, x, q, states)
    push = tangent.pushing(w, x, p)
    for step, z in enumerate(states):
        q, r = exponents.orthonormal(push(z, q)[1])
        assert (log_r[:, step] - exponents.log_diagonal(r)).abs().max() < 1e-9


def test_padding_adds_nothing():
    """85 -> 88 inner units, all of whose weights are zero. Builds of torch add the two widths in different orders."""
    p = network(width=64)
    w, x, q = start(p, 2)
    wide = fused.padded(w)
    assert wide["net_0_up"].shape == (64, 2 * 88)
    assert wide["net_0_mix_up"].shape[0] % 16 == 0
    even, fused.EVEN = fused.EVEN, 1
    try:
        narrow = rolled(w, p, x, q)
    finally:
        fused.EVEN = even
    for a, b in zip(rolled(w, p, x, q), narrow, strict=True):
        assert (a - b).abs().max() < 1e-9


def test_a_batch_takes_all_puzzles_that_fit():
    """At 6 x 6 with 8 exponents about 1.4 MB each: 2,048 need less than 3 GB."""
    p = Network("trm", 7, 6, 36, 64, 2, "mlp", 4, 2.0, 1, 2, 2, 16, 1)
    assert fused.batch(p, 8, 3 << 30) > 2048
    assert fused.batch(p, 8, 1) == 1


def test_attention_has_no_fused_path():
    """It falls back to `tangent`, and says why."""
    p = Network("trm", 5, 4, 16, 16, 1, "attention", 4, 2.0, 1, 2, 2, 3, 1)
    assert "MLP" in fused.unsupported(p, 4)
    assert fused.unsupported(network(), 4) == ""
