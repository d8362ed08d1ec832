"""A network trained here with the official norm or RoPE is the official one of its size: every state, in float64."""

import dataclasses

import numpy as np
import pytest
import torch

from emergent_dynamics.reasoning import model
from emergent_dynamics.reasoning.official import network
from emergent_dynamics.reasoning.parameters import Network
from tests.reasoning.official.cases import PUBLISHED

OWN = Network("trm", 5, 4, 16, 16, 2, "mlp", 2, 2.0, 3, 2, 2, 4, 1)
TRM = dataclasses.replace(PUBLISHED["trm_mlp"], width=16, heads=2, positions=16, prefix=3, puzzle_width=16)
TRM = dataclasses.replace(TRM, h_cycles=2, l_cycles=2, expansion=2.0, vocabulary=5)
ROPE = {"mixer": "attention", "encoding": "rope"}
CASES = {
    "trm_positions": ({"norm": "positions"}, {}),
    "trm_rope": (ROPE, ROPE),
    "hrm_positions": ({"norm": "positions", "kind": "hrm"}, {"kind": "hrm"}),
    "hrm_rope": (ROPE | {"kind": "hrm"}, ROPE | {"kind": "hrm"}),
}


def official(weights, own, sizes):
    """The official network of our weights: matrices are (out, in) there, and (in, out) here."""

    def gated(name):
        gate, up = weights[f"{name}_up"].chunk(2, dim=1)
        return network.Gated(gate.T, up.T, weights[f"{name}_down"].T)

    def mixing(name):
        if own.mixer == "mlp":
            return gated(f"{name}_mix")
        q, k, v = weights[f"{name}_qkv"].chunk(3, dim=1)
        return network.Attention(q.T, k.T, v.T, weights[f"{name}_out"].T)

    def level(name):
        return [network.Block(mixing(f"{name}_{i}"), gated(f"{name}_{i}")) for i in range(own.layers)]

    low, high = map(level, model.nets(own))
    rotates = own.mixer == "attention" and sizes.encoding == "rope"
    return network.Network(
        sizes=sizes,
        low=low,
        high=low if own.kind == "trm" else high,
        start=model.initial(own, torch.float64)[:, 0],
        tokens=weights["token_embedding"],
        learned=None,
        rotation=network.rotation(sizes, torch.float64, "cpu") if rotates else None,
        head=weights["head"].T,
        q_weight=weights["q_head"].T,
        q_bias=weights["q_bias"],
    )


def steps(own, sizes):
    """z(1)..z(4) by both, and the logits of the last."""
    weights = model.initial_weights(own, torch.float64)
    puzzle = torch.zeros(1, 16, dtype=torch.float64)
    if own.form == "official":  # as learned: it begins at 0, and would test nothing
        puzzle = weights["puzzle_embedding"].copy_(torch.linspace(-1, 1, 16))
    tokens = torch.from_numpy(np.random.default_rng(0).integers(0, 5, (3, 16)))
    theirs = official(weights, own, sizes)
    x = network.embed(theirs, tokens, puzzle.expand(3, -1))
    z, found = network.initial(theirs, 3), []
    ours = model.initial(own, torch.float64).expand(3, -1, -1, -1)
    for _ in range(4):
        z, ours = (
            network.step(theirs, z, x),
            model.step(weights, ours, model.embed(weights, tokens, own), own),
        )
        found.append((ours, z))
    return [*found, (model.observe(weights, ours, own)[0], network.observe(theirs, z)[0])]


@pytest.mark.parametrize("form", ["plain", "official"])
@pytest.mark.parametrize("case", CASES)
def test_every_state_is_the_official_one(case, form):
    """An untrained network grows errors: 1e-9 after four steps."""
    change, sizes = CASES[case]
    own = dataclasses.replace(OWN, **change, form=form)
    for ours, theirs in steps(own, dataclasses.replace(TRM, **sizes)):
        assert (ours - theirs).abs().max() < 1e-9


@pytest.mark.parametrize("case", CASES)
def test_the_official_form_has_the_sizes_and_initial_states_of_the_official_code(case):
    """Every weight has the shape of the state dict's, transposed; z_H and z_L are bfloat16 numbers."""
    change, sizes = CASES[case]
    own = dataclasses.replace(OWN, **change, form="official")
    theirs = dataclasses.replace(TRM, **sizes, h_layers=2 if "kind" in sizes else 0, identifiers=1)
    shapes, names = model.shapes(own), {"trm": {"net": "L"}, "hrm": {"low": "L", "high": "H"}}[own.kind]
    wanted = {"puzzle_embedding": (1, 16), "token_embedding": (5, 16)}
    parts = {"up": "mlp.gate_up_proj", "down": "mlp.down_proj"}
    parts |= {"mix_up": "mlp_t.gate_up_proj", "mix_down": "mlp_t.down_proj"}
    parts |= {"qkv": "self_attn.qkv_proj", "out": "self_attn.o_proj"}
    for net, level in names.items():
        for layer in range(2):
            for part, name in parts.items():
                full = f"{level}_level.layers.{layer}.{name}.weight"
                if full in theirs.shapes():
                    wanted[f"{net}_{layer}_{part}"] = theirs.shapes()[full][::-1]
    assert {name: shapes[name] for name in wanted} == wanted
    assert len(wanted) == 2 + 4 * 2 * len(names)
    start = model.initial(own, torch.float64)
    assert torch.equal(start, start.bfloat16().double())
    assert not torch.equal(start, model.initial(dataclasses.replace(own, form="plain"), torch.float64))


@pytest.mark.parametrize(
    ("change", "case"), [({"norm": "width"}, "trm_positions"), ({"encoding": "none"}, "trm_rope")]
)
def test_without_the_option_the_first_step_is_another(change, case):
    own = dataclasses.replace(OWN, **(CASES[case][0] | change))
    ours, theirs = steps(own, dataclasses.replace(TRM, **CASES[case][1]))[0]
    assert (ours - theirs).abs().max() > 0.1
