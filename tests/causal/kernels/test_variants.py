"""The map with heads, normalisations and noise: the reference, exact recursions, diffusion and its threshold."""

import numpy as np
import pytest
from scipy import integrate, special

from emergent_dynamics import streams
from emergent_dynamics.causal import engines, exact, model
from emergent_dynamics.causal.checks import check
from emergent_dynamics.causal.findings import order
from emergent_dynamics.causal.kernels import variants
from emergent_dynamics.causal.simulation import CausalSimulation
from emergent_dynamics.findings import agrees
from tests.causal.experiments import experiment, parameters, random_matrix
from tests.causal.findings.test_lifetime import simulated

SPHERE = {"dimension": 3, "tokens": 40}
CASES = {
    "noise on the circle": {"noise": 0.1, "tokens": 100},
    "noise on the circle, full": {"noise": 0.1, "tokens": 100, "mask": "none", "beta": 4.0},
    "noise on the sphere": {"noise": 0.2, **SPHERE, "value": random_matrix(3, 1)},
    "noise, unnormalised": {"noise": 0.2, "attention": "unnormalised", "beta": 2.0, "mask": "none"},
    "pre": {"normalisation": "pre"},
    "peri": {"normalisation": "peri", **SPHERE, "value": random_matrix(3, 2)},
    "ngpt": {"normalisation": "ngpt", **SPHERE, "mask": "none"},
    "odd number of draws": {"noise": 0.1, "dimension": 3, "tokens": 33},
}


def moved(p, engine, start, stop, state=None):
    x, length = state or (model.initial(p), np.ones((p.runs, p.tokens)))
    x, length = x.copy(), length.copy()
    engine(x, length, p, start, stop)
    return x, length


@pytest.mark.parametrize("case", CASES)
def test_the_kernel_is_the_reference_on_the_same_draws(case):
    p = parameters(**CASES[case])
    assert p.varied
    for found, expected in zip(
        moved(p, variants.advance, 3, 9), moved(p, engines.reference_vary, 3, 9), strict=True
    ):
        assert np.abs(found - expected).max() < 1e-13


@pytest.mark.parametrize("case", CASES)
def test_steps_in_pieces_and_runs_apart_have_the_same_bits(case):
    p = parameters(**CASES[case])
    whole = moved(p, variants.advance, 0, 8)
    pieces = moved(p, variants.advance, 3, 8, moved(p, variants.advance, 0, 3))
    alone = parameters(**CASES[case], runs=1)
    first = moved(alone, variants.advance, 0, 8)
    for a, b, c in zip(whole, pieces, first, strict=True):
        assert np.array_equal(a, b) and np.array_equal(a[:1], c)


def heads_of(folder, shape, **changes):
    """An experiment whose Q, K and V are random files of this shape, and the matrices."""
    rng = np.random.default_rng(5)
    matrices = {name: rng.normal(size=(*shape, 3, 3)) / 3 for name in ("value", "query", "key")}
    for name, matrix in matrices.items():
        np.save(folder / f"{name}.npy", matrix)
    files = {name: {"file": str(folder / f"{name}.npy")} for name in matrices}
    return experiment(
        **SPHERE, **files, beta=4.0, steps=4, step_size=0.1, save={"every": 1}, **changes
    ), matrices


@pytest.mark.parametrize("shape", [(3,), (4, 3)])
@pytest.mark.parametrize("engine", ["reference", "cpu"])
def test_heads_are_added_layer_by_layer(tmp_path, shape, engine):
    """Against the equations with a loop over layers and heads."""
    given, matrices = heads_of(tmp_path, shape, heads=3, engine=engine)
    assert list(check(given)) == []
    p = parameters(**given)
    simulation = CausalSimulation(p)
    x = model.initial(p)
    for layer in range(4):
        y = np.zeros_like(x)
        for head in range(3):
            v, q, k = (matrices[name][layer, head] if len(shape) == 2 else matrices[name][head]
                       for name in ("value", "query", "key"))  # fmt: skip
            score = 4.0 * np.einsum("ca,rka,cb,rjb->rkj", q, x, k, x)
            weight = np.exp(np.where(np.tri(40, dtype=bool), score, -np.inf))
            y += np.einsum("rkj,ab,rjb->rka", weight / weight.sum(-1, keepdims=True), v, x)
        x = x + 0.1 * y
        x /= np.linalg.norm(x, axis=-1, keepdims=True)
    assert np.abs(simulation.advance(simulation.initial(), 0, 4)["x"] - x).max() < 1e-13


def test_mistakes_are_told_in_the_users_words(tmp_path):
    for change, expected in (
        ({"integrator": "ode", "noise": 0.1}, ("noise", 0.1, "0, as integrator is ode")),
        (
            {"integrator": "ode", "normalisation": "pre"},
            ("normalisation", "pre", "post, as integrator is ode"),
        ),
        ({"integrator": "ode", "heads": 2}, ("heads", 2, "1, as integrator is ode")),
        ({"noise": 0.1, "normalisation": "ngpt"}, ("noise", 0.1, "0, as normalisation is ngpt")),
        ({"heads": 30}, ("step_size", 0.05, "less than 0.0333333, 1 / heads |V|: else a token can vanish")),
    ):
        assert list(check(experiment(**change))) == [expected]
    (fault,) = check(experiment(noise=20.0, dimension=3))
    assert fault[:2] == ("step_size", 0.05) and fault[2].startswith("less than 0.0125, 1 / (2 noise")
    given, _ = heads_of(tmp_path, (3,), heads=2)
    assert [fault[0] for fault in check(given)] == ["value.file", "query.file", "key.file"]
    assert "(heads, dimension, dimension) = (2, 3, 3)" in next(check(given))[2]


# ---- Normalisations: equiangular tokens ----


def recursion(beta, n, h, steps, normalisation):
    """(gamma, r) of n tokens, orthonormal at first, by the exact recursion of their Gram matrix, q 1 + g 1 1^T."""
    gamma, r = 0.0, 1.0
    for _ in range(steps):
        own, other = np.exp(beta), np.exp(beta * gamma)
        own, other = own / (own + (n - 1) * other), other / (own + (n - 1) * other)
        gram = (1 - gamma) * np.eye(n) + gamma
        weight = (own - other) * np.eye(n) + other
        size = np.sqrt((weight @ gram @ weight)[0, 0]) if normalisation in ("peri", "ngpt") else 1.0
        row = r * np.eye(n) + h / size * weight
        after = row @ gram @ row
        gamma = after[0, 1] / after[0, 0]
        r = np.sqrt(after[0, 0]) if normalisation in ("pre", "peri") else 1.0
    return gamma, r


@pytest.mark.parametrize("normalisation", ["post", "pre", "peri", "ngpt"])
def test_orthonormal_tokens_follow_the_exact_recursion_and_in_the_limit_the_closed_rates(normalisation):
    """8 tokens in 8 dimensions, beta = 1, to t = 2: 1e-12; halving the step halves the distance to the rates."""
    p = parameters(dimension=8, tokens=8, runs=1, beta=1.0, mask="none", normalisation=normalisation)
    x, length = moved(p, variants.advance, 0, 40, (np.eye(8)[None], np.ones((1, 8))))
    gamma, r = recursion(1.0, 8, 0.05, 40, normalisation)
    gram = x[0] @ x[0].T
    assert np.abs(gram[~np.eye(8, dtype=bool)] - gamma).max() < 1e-12
    assert np.abs(length - r).max() < 1e-12
    exactly = exact.equiangular_overlap(1.0, 8, 2.0, normalisation)
    errors = [recursion(1.0, 8, 2.0 / k, k, normalisation)[0] - exactly for k in (400, 800)]
    assert errors[1] / errors[0] == pytest.approx(0.5, abs=0.02) and abs(errors[1]) < 2e-3


@pytest.mark.parametrize("normalisation", ["post", "pre", "peri", "ngpt"])
def test_first_and_last_rates_are_those_of_the_table(normalisation):
    """2 / (e^b + n - 1) or 2 / sqrt(e^2b + n - 1) at first; 1 - gamma falls as e^-2t or as t^-2 at last."""
    beta, n = 1.5, 10
    levels = normalisation in ("peri", "ngpt")
    first = 2 / np.sqrt(np.exp(2 * beta) + n - 1) if levels else 2 / (np.exp(beta) + n - 1)
    assert exact.equiangular_overlap(beta, n, 1e-5, normalisation) / 1e-5 == pytest.approx(first, rel=1e-4)
    if normalisation in ("post", "ngpt"):
        a, b = (1 - exact.equiangular_overlap(beta, n, t, normalisation) for t in (9.0, 10.0))
        assert np.log(a / b) == pytest.approx(2.0, rel=1e-2)
    else:
        a, b = (1 - exact.equiangular_overlap(beta, n, t, normalisation) for t in (500.0, 1000.0))
        assert np.log2(a / b) == pytest.approx(2.0, rel=1e-2)


def test_a_residual_stream_is_stored_with_its_length_and_goes_on_from_a_checkpoint():
    p = parameters(normalisation="pre", steps=6, save={"every": 3})
    simulation = CausalSimulation(p)
    state = simulation.advance(simulation.initial(), 0, 3)
    saved = {name: np.array(value) for name, value in state.items()}
    straight = simulation.advance(state, 3, 6)
    resumed = CausalSimulation(p).advance(saved, 3, 6)
    assert np.array_equal(straight["x"], resumed["x"]) and np.array_equal(straight["norm"], resumed["norm"])
    frame = simulation.observe(straight)
    assert frame.keys() == {"x", "norm", "time", "step"} and (frame["norm"] > 1.2).all()
    assert "norm" not in CausalSimulation(parameters(noise=0.1)).variables()


# ---- Noise ----


def test_draws_in_the_kernel_are_those_of_the_stream():
    for n in (5, 8):
        out = np.empty(n)
        variants.normal(out, streams.key(7, "causal.noise"), 3, 2**33 + 5)
        assert np.abs(out - streams.normal(7, "causal.noise", 3, 2**33 + 5, n)).max() < 1e-14


@pytest.mark.parametrize("dimension", [2, 3])
def test_tokens_without_attention_diffuse_at_the_exact_rate(dimension):
    """V = 0: the mean cosine to the start after k steps is q^k, q = E (1 + 2 D dt chi^2_{d-1})^{-1/2}; 4 s.e."""
    d, steps = dimension, 20
    p = parameters(runs=100, tokens=60, dimension=d, noise=0.5, value={"diagonal": [0.0] * d})
    start = model.initial(p)
    x, _ = moved(p, variants.advance, 0, steps)
    cosine = (x * start).sum(-1).reshape(-1)
    half = (d - 1) / 2
    law = lambda s: s ** (half - 1) * np.exp(-s / 2) / (2**half * special.gamma(half))  # noqa: E731
    q = integrate.quad(lambda s: law(s) / np.sqrt(1 + 0.05 * s), 0, np.inf)[0]
    assert q == pytest.approx(
        np.exp(-0.025 * (d - 1)), abs=4 * 0.05**2
    )  # the next term is of order (2 D dt)^2
    assert abs(cosine.mean() - q**steps) < 4 * cosine.std() / len(cosine) ** 0.5


def resultant(factor, **changes):
    """The headline of the mean token at the end, at a diffusion constant of `factor` thresholds."""
    full = {"mask": "none", "beta": 1.0, "tokens": 256, "runs": 16, "steps": 1600, "save": {"every": 1600}}
    given = experiment(**(full | changes))
    softmax = given["attention"] == "softmax"
    noise = factor * exact.noise_threshold(given["beta"], given["dimension"], softmax)
    given |= {"noise": noise}
    measured = order.measure(simulated(given), given["beta"])
    return order.summarise(measured, given)["resultant_end"]


@pytest.mark.parametrize(
    "changes", [{}, {"dimension": 3, "tokens": 64}, {"attention": "unnormalised", "tokens": 128}]
)
def test_full_attention_orders_below_the_threshold_and_not_above(changes):
    """At 0.6 and 1.6 thresholds the mean token has the length that theory says, from uniform starts."""
    below, above = resultant(0.6, **changes), resultant(1.6, **changes)
    assert below.value > 0.6 and above.value < 0.25
    for found in (below, above):
        assert agrees(found).outcome == "agrees"
