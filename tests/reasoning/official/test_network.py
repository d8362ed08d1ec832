"""The forward pass and its tangents against the official modules' own numbers, and what an error would look like."""

import numpy as np
import pytest
import torch

from emergent_dynamics.reasoning.kernels import exponents
from emergent_dynamics.reasoning.official import cost, diagnosis, network
from tests.reasoning.official.cases import CASES, PUBLISHED, STEPS, filled, load

torch.set_num_threads(1)
SPREAD = 10  # times the official float32 run's own distance from float64
FIRST = dict(reversed(STEPS))


@pytest.mark.parametrize(("case", "step"), STEPS)
def test_every_state_of_the_official_modules_in_float64(case, step):
    """Drift, logits of halting, slices of all states: 1e-10 absolute (reached 1.4e-11); answers and halting equal."""
    golden = load(case, step)
    net, wanted = golden.network(), golden.expected
    states = golden.states(net)
    found = diagnosis.outcomes(net, list(states.unbind(1)), golden.drawn.answer)
    for name in ("drift_zH", "drift_zL"):
        assert np.abs(found[name] - wanted[f"f64_{name}"]).max() < 1e-10
    slices = states[:, :, :, wanted["slice_positions"], :4].numpy()
    assert np.abs(slices - wanted["f64_slice"]).max() < 1e-10
    logits, _ = network.observe(net, states[:, -1])
    assert np.abs(logits[:2].numpy() - wanted["f64_logits_final"]).max() < 1e-10
    q = np.stack([network.observe(net, z)[1].numpy() for z in states[:, 1:].unbind(1)], axis=1)
    assert np.abs(q - wanted["f64_q"]).max() < 1e-10
    predicted = [network.observe(net, z)[0].argmax(-1).numpy() for z in states[:, 1:].unbind(1)]
    assert np.array_equal(np.stack(predicted, axis=1), wanted["f64_pred"])
    for name in ("exact_t", "exact_correct", "halted_at"):
        assert np.array_equal(found[name], wanted[name]), name
    assert np.array_equal(found["token_acc"].astype(np.float32), wanted["token_acc"].astype(np.float32))


@pytest.mark.parametrize(("case", "step"), STEPS)
def test_float32_is_as_near_as_the_official_float32_run(case, step):
    """max |dz| of an example at each step at most 10 times the official run's own distance and 1e-5."""
    golden = load(case, step)
    net, wanted = golden.network(torch.float32), golden.expected
    states = golden.states(net)[:, 1:]
    slices = states[:, :, :, wanted["slice_positions"], :4].numpy()
    distance = np.abs(slices - wanted["f64_slice"][:, 1:]).max(axis=(2, 3, 4))
    allowed = SPREAD * wanted["f32_minus_f64"]
    assert (distance <= allowed + 1e-5).all()
    predicted = [network.observe(net, z)[0].argmax(-1).numpy() for z in states.unbind(1)]
    differs = (np.stack(predicted, axis=1) != wanted["f64_pred"]).any(axis=2)
    assert not (differs & (wanted["f64_margin_min"] > allowed)).any()


@pytest.mark.parametrize("case", CASES)
def test_bfloat16_rounds_about_where_the_official_inference_does(case):
    """After one step nearer to the official bfloat16 run than that is to float64, in the median; no more."""
    golden = load(case, FIRST[case])
    wanted = golden.expected
    net = golden.network(torch.bfloat16)
    drift = golden.states(net, steps=1).double().diff(dim=1)[:, 0, 0].flatten(1).norm(dim=1).numpy()
    own = np.abs(drift - wanted["bf16_drift_zH"][:, 0])
    assert np.median(own) <= np.median(np.abs(wanted["bf16_drift_zH"] - wanted["f64_drift_zH"])[:, 0]) + 1e-2
    assert net.start.dtype == torch.bfloat16


@pytest.mark.parametrize(("case", "step"), STEPS)
def test_exponents_from_the_official_start_are_those_of_the_official_modules(case, step):
    """log R of examples 0 and 1, T steps, four columns of cosines: 1e-9 (reached 6e-12)."""
    golden = load(case, step)
    net = golden.network()
    act, z, q = system(golden, net, slice(2))
    with torch.no_grad():
        log_r, _ = exponents.qr_log_r(act, z, q, golden.sizes.act_steps)
    assert np.abs(log_r.numpy() - golden.expected["logR"]).max() < 1e-9
    assert np.abs(log_r.mean(dim=1).numpy() - golden.expected["lyap_qr"]).max() < 1e-9


@pytest.mark.parametrize("case", CASES)
def test_float32_tangents_along_the_float64_trajectory_are_enough(case):
    """At most 1e-3 nat per ACT step from float64 (reached 1e-4), of examples 0 and 1."""
    golden = load(case, FIRST[case])
    exact = golden.network()
    net = golden.network(torch.float32)
    act, _, q = system(golden, net, slice(2))
    rows = []
    with torch.no_grad():
        for z in golden.states(exact, slice(2)).float()[:, :-1].unbind(1):
            _, pushed = act.push(z.flatten(1), q)
            q, r = exponents.orthonormal(pushed)
            rows.append(exponents.log_diagonal(r))
    found = torch.stack(rows, dim=1).mean(dim=1).numpy()
    assert np.abs(found - golden.expected["lyap_qr"]).max() < 1e-3


def test_the_exact_exponents_are_the_official_ones():
    """Example 0 of the HRM, singular values of the product of 16 Jacobians: 1e-6 after the passes that converge."""
    golden = load("hrm_rope_16_no_prefix")
    net = golden.network()
    act, z, _ = system(golden, net, slice(1))
    q = exponents.tangents(1, np.arange(1), golden.sizes.state_size, 8)
    found, _ = exponents.svd_exponents(act, z, q, golden.sizes.act_steps, 4, passes=8, tolerance=1e-8)
    assert np.abs(found.numpy() - golden.expected["lyap_svd"]).max() < 1e-6


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("held", [cost.SCORES, 1.0])
def test_tangents_are_torch_s_jvps_and_carry_the_step(case, held, monkeypatch):
    """1e-9 relative in float64 by the official tolerance (reached 1e-14), also one tangent of the scores at a time."""
    monkeypatch.setattr(cost, "SCORES", held)
    golden = load(case, FIRST[case])
    net = golden.network()
    act, z, q = system(golden, net, slice(2))
    z = act.step(z)
    before = z.clone(), q.clone()
    with torch.no_grad():
        moved, pushed = act.push(z, q)
    by_jvp = exponents.push(act.step, z, q)[1]
    assert torch.equal(moved, act.step(z))
    assert (pushed - by_jvp).norm() < 1e-9 * by_jvp.norm()
    assert torch.equal(z, before[0]) and torch.equal(q, before[1])  # nothing that was handed in is changed


@pytest.mark.parametrize("case", CASES)
def test_a_batch_of_one_is_a_batch_of_twelve(case):
    """States to 1e-9: sums in another order, no more."""
    golden = load(case, FIRST[case])
    net = golden.network()
    together = golden.states(net)
    for row in (0, 7, 11):
        assert (golden.states(net, slice(row, row + 1)) - together[row]).abs().max() < 1e-9


def without_rotation(net, case):
    return net._replace(rotation=None)


def neighbouring_pairs(net, case):
    """Angles of entries 2i, 2i + 1 in the place of i, i + d/2."""
    half = net.rotation[0].shape[-1] // 2
    return net._replace(rotation=tuple(t[..., :half].repeat_interleave(2, -1) for t in net.rotation))


def counted_from_the_first_cell(net, case):
    p = case.sizes.prefix
    return net._replace(rotation=tuple(torch.roll(t, p, dims=0) for t in net.rotation))


def qkv_interleaved(net, case):
    def mixed(block):
        parts = torch.cat(block.mixing[:3]).unflatten(0, (net.sizes.heads, 3, -1)).unbind(1)
        return block._replace(mixing=network.Attention(*(p.flatten(0, 1) for p in parts), block.mixing.out))

    return net._replace(low=[mixed(b) for b in net.low], high=[mixed(b) for b in net.high])


def gate_and_up_swapped(net, case):
    def swapped(block):
        gate, up, down = block.thinking
        return block._replace(thinking=network.Gated(up, gate, down))

    return net._replace(low=[swapped(b) for b in net.low], high=[swapped(b) for b in net.high])


def inits_swapped(net, case):
    return net._replace(start=net.start.flip(0))


def one_net_for_two(net, case):
    return net._replace(high=net.low)


def puzzle_left_out(net, case):
    case.puzzle = np.zeros_like(case.puzzle)
    return net


def identifier_by_example(net, case):
    case.puzzle = np.roll(case.puzzle, 1, axis=0)
    return net


def other_epsilon(net, case):
    from dataclasses import replace

    return net._replace(sizes=replace(net.sizes, epsilon=1e-6))


WRONG = [
    ("trm_rope_36", without_rotation, 1e-1),
    ("trm_rope_36", neighbouring_pairs, 1e-1),
    ("trm_rope_36", counted_from_the_first_cell, 1e-1),
    ("trm_rope_36", qkv_interleaved, 1e-1),
    ("trm_mlp_16", gate_and_up_swapped, 1e-1),
    ("trm_mlp_16", inits_swapped, 1e-1),
    ("trm_mlp_16", puzzle_left_out, 1e-1),
    ("trm_rope_36", identifier_by_example, 1e-1),
    ("hrm_rope_36", one_net_for_two, 1e-1),
    ("trm_mlp_16", other_epsilon, 1e-7),
]


@pytest.mark.parametrize(("case", "mistake", "least"), WRONG)
def test_a_mistake_in_the_architecture_is_seen_after_one_step(case, mistake, least):
    golden = load(case)
    net = mistake(golden.network(), golden)
    states = golden.states(net, steps=1)
    slices = states[:, :, :, golden.expected["slice_positions"], :4].numpy()
    assert np.abs(slices - golden.expected["f64_slice"][:, :2]).max() > least


@pytest.mark.parametrize(
    ("name", "attribute", "value", "least"),
    [
        (
            "trm_mlp_16",
            "rms",
            lambda x, axis, eps: x * torch.rsqrt((x * x).mean(-1, keepdim=True) + eps),
            1e-1,
        ),
        ("hrm_learned_36", "LEARNED_SCALE", 0.5**0.5, 2e-10),
        ("hrm_learned_36", "LEARNED_SCALE", 1.0, 1e-1),
    ],
)
def test_a_norm_over_the_width_and_another_scale_are_seen(name, attribute, value, least, monkeypatch):
    """The norm after mixing runs over the positions; the learned positions' scale has nine digits."""
    monkeypatch.setattr(network, attribute, value)
    golden = load(name)
    states = golden.states(golden.network(), steps=2)
    slices = states[:, :, :, golden.expected["slice_positions"], :4].numpy()
    assert np.abs(slices - golden.expected["f64_slice"][:, :3]).max() > least


def test_the_published_runs_have_their_published_numbers_of_weights():
    found = {name: cost.weights_count(sizes) for name, sizes in PUBLISHED.items()}
    assert found == {"trm_mlp": 5_028_866, "trm_attention": 6_828_034, "hrm": 27_275_266}
    assert [PUBLISHED[name].state_size for name in PUBLISHED] == [99_328, 99_328, 83_968]


FULL = {
    "trm_mlp": (0.3, [204.4449185, 73.52165412, 37.70370998], 0.7428314268),
    "trm_attention": (0.9, [315.4567775, 262.4758291, 282.9908005], 0.649013266),
    "hrm": (0.7, [254.3126786, 154.0392922, 134.9675233], 0.04859505475),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", FULL)
def test_models_of_full_size_drift_as_the_official_modules_do(name):
    """Three steps of example 0 in float64 to ten digits; weights by formula."""
    gain, drift, q_halt = FULL[name]
    made = filled(PUBLISHED[name], gain)
    puzzle = made.pop("puzzle_emb.weights")
    net = network.build(made, PUBLISHED[name], torch.float64)
    tokens = (7 * np.arange(81)[None]) % 11
    answer = np.zeros_like(tokens)
    question = diagnosis.Question(tokens, answer, puzzle, np.zeros(1, np.int64))
    _, states = diagnosis.trajectory(net, question, 3)
    found = diagnosis.outcomes(net, states, answer)
    assert found["drift_zH"][0] == pytest.approx(drift, rel=1e-9)
    assert found["q_halt"][0, -1] == pytest.approx(q_halt, rel=1e-8)


def system(golden, net, rows):
    """The map of one ACT step, its start and the golden tangents: columns of cosines."""
    x = golden.embedded(net, rows)
    n, j = golden.sizes.state_size, np.arange(1, 5)[None]
    cosines = np.sqrt(2 / n) * np.cos(np.pi * (2 * np.arange(n)[:, None] + 1) * j / (2 * n))
    start = network.initial(net, len(x)).flatten(1)
    q = torch.from_numpy(cosines).to(start.dtype).expand(len(x), -1, -1).contiguous()
    return diagnosis.dynamics(net, x), start, q
