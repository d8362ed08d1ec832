"""Closed forms and exact solutions against other evaluations of them, and when which expectation applies."""

import numpy as np
import pytest
from scipy import integrate, special

from emergent_dynamics.causal import theory

SEED = {
    "beta": 49, "tokens": 256, "dimension": 2, "integrator": "map", "step_size": 0.05, "steps": 10_000, "runs": 64,
    "end_time": 3.0, "mask": "causal", "attention": "softmax", "initial": None, "gap": {"scaled": 0.49},
    "value": "identity", "query": "identity", "key": [[1, 0], [0, 1]], "capture": 1,
}  # fmt: skip

ELSEWHERE = [
    {"tokens": 128}, {"dimension": 3, "key": "identity"}, {"mask": "none"}, {"attention": "unnormalised"},
    {"initial": "mine.npy"}, {"gap": 0.1}, {"gap": {"scaled": 0.496}}, {"value": "axis"}, {"query": "axis"},
    {"key": [[1, 0], [0, 2]]},
]  # fmt: skip
FLOW = {"integrator": "ode"}
OTHER_ENDS = [{"steps": 9000}, {"steps": 12_000}, FLOW | {"end_time": 450.0}, FLOW | {"end_time": 550.0}]
SAME = [
    {"gap": 0.07}, {"gap": {"scaled": 0.494}}, FLOW | {"end_time": 500.0}, {"runs": 7},
    {"value": {"diagonal": [1, 1]}}, FLOW | {"end_time": 450.1}, FLOW | {"end_time": 549.9},
]  # fmt: skip


# ---- Closed forms ----


@pytest.mark.parametrize(
    ("dimension", "delta"), [(2, 0.3), (2, 2.5), (3, 0.3), (3, 2.5), (5, 1.0), (5, 2.0), (4, np.pi / 2)]
)
def test_the_share_of_a_cap_is_its_integral(dimension, delta):
    """int_0^delta sin^(d - 2) over int_0^pi: delta / pi in d = 2, sin^2(delta / 2) in d = 3."""
    density = lambda t: np.sin(t) ** (dimension - 2)  # noqa: E731
    expected = integrate.quad(density, 0, delta)[0] / integrate.quad(density, 0, np.pi)[0]
    assert theory.cap_share(delta, dimension) == pytest.approx(expected, rel=1e-10)


def test_a_cap_of_half_the_circle_and_more_is_everything():
    assert [theory.cap_share(delta, 3) for delta in (np.pi, 4.0, 7.0)] == [1.0] * 3
    assert theory.cap_share(np.pi - 1e-3, 3) == pytest.approx(np.cos(5e-4) ** 2, rel=1e-12)


@pytest.mark.parametrize(
    ("delta", "tokens", "dimension"), [(0.5, 256, 2), (0.5, 7, 3), (3.5, 9, 2), (0.1, 1, 2)]
)
def test_the_number_of_strong_centres_is_the_sum_over_tokens(delta, tokens, dimension):
    """Lemma C.1: token k is one with probability (1 - p)^k."""
    share = {2: min(1.0, delta / np.pi), 3: np.sin(delta / 2) ** 2}[dimension]
    expected = sum((1 - share) ** k for k in range(tokens))
    assert theory.strong_centres(delta, tokens, dimension) == pytest.approx(expected, rel=1e-12)


def coverage_by_series(attempts, terms=4000):
    """theta(t) by the trapezoidal rule on a fine grid of both integrals."""
    u = np.linspace(0.0, attempts, 200_001)
    inner = np.where(u > 0, -np.expm1(-u) / np.where(u > 0, u, 1.0), 1.0)
    ein = integrate.cumulative_simpson(inner, x=u, initial=0)
    return integrate.simpson(np.exp(-2 * ein), x=u)


@pytest.mark.parametrize("attempts", [1e-9, 0.01, 1.0, 5.0, 19.9])
def test_the_coverage_of_random_parking_is_its_double_integral(attempts):
    assert theory.parking_coverage(attempts) == pytest.approx(coverage_by_series(attempts), rel=1e-8)


def test_the_coverage_tends_to_renyis_constant():
    """0.7475979202534114 (OEIS A050996), approached like e^(-2 gamma) / t; both formulas meet at t = 20."""
    assert theory.parking_coverage(1e12) == pytest.approx(0.7475979202534114, abs=1e-12)
    assert theory.parking_coverage(20.0) == pytest.approx(theory.parking_coverage(20.0 + 1e-9), abs=1e-9)
    assert theory.parking_coverage(40.0) == pytest.approx(
        0.7475979202534114 - np.exp(-2 * 0.5772156649015329) / 40
    )


@pytest.mark.parametrize("u", [1e-9, 1e-3, 1.0, 30.0])
def test_the_entire_exponential_integral_is_its_series(u):
    """Ein(u) = sum over k of (-1)^(k + 1) u^k / (k k!), by quadrature."""
    expected = integrate.quad(lambda v: -np.expm1(-v) / v, 0, u, epsabs=0, epsrel=1e-12)[0]
    assert theory._ein(u) == pytest.approx(expected, rel=1e-9)


def test_the_limit_of_many_tokens_is_renyis_constant():
    """Beta 64 and c = 4: 9.395 centres on the circle; few tokens are nearly all centres."""
    assert theory.renyi_centres(0.5, 10**9) == pytest.approx(9.395, abs=5e-4)
    assert theory.renyi_centres(1e-6, 5) == pytest.approx(5.0, rel=1e-4)


def test_the_number_of_renyi_centres_has_its_two_terms():
    """L theta(t) + e^(-2 Ein(t)) (1 - e^-t) at L = 4 pi, t = 256 / L, from the integrals above."""
    attempts = 256 / (4 * np.pi)
    ein = integrate.quad(lambda v: -np.expm1(-v) / v, 0, attempts, epsrel=1e-12)[0]
    tail = np.exp(-2 * np.euler_gamma) / attempts  # of the coverage; past t = 20 the same to 1e-10
    expected = 4 * np.pi * (0.7475979202534114 - tail) + np.exp(-2 * ein) * (1 - np.exp(-attempts))
    assert theory.renyi_centres(0.5, 256) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize(
    ("beta", "tokens", "dimension"), [(49.0, 256, 2), (9.0, 32, 3), (1.0, 1, 5), (5.0, 2, 4)]
)
def test_the_energy_of_uniform_tokens_is_an_integral_over_one_angle(beta, tokens, dimension):
    density = lambda t: np.sin(t) ** (dimension - 2)  # noqa: E731
    weight = integrate.quad(lambda t: density(t) * np.exp(beta * (np.cos(t) - 1)), 0, np.pi, epsabs=1e-14)[0]
    pair = weight / integrate.quad(density, 0, np.pi)[0]
    expected = (tokens + tokens * (tokens - 1) * pair) / (2 * beta * tokens**2)
    assert theory.uniform_energy(beta, tokens, dimension) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("dimension", [2, 3, 6])
def test_the_mean_resultant_is_that_of_many_tokens(dimension):
    """sqrt(pi / 4n) in d = 2, 0.0554 for 256 tokens, and 20,000 draws of 256 tokens, within 4 standard errors."""
    x = np.random.default_rng(dimension).standard_normal((20_000, 64, dimension))
    length = np.linalg.norm((x / np.linalg.norm(x, axis=-1, keepdims=True)).mean(axis=1), axis=-1)
    allowed = 4 * length.std() / 20_000**0.5 + length.mean() / (8 * 64)  # the next term is of order 1 / n
    assert abs(theory.mean_resultant(64, dimension) - length.mean()) < allowed
    assert theory.mean_resultant(256, 2) == pytest.approx((np.pi / 1024) ** 0.5, rel=1e-12)


# ---- Exact solutions ----


def test_the_lifetime_of_a_pair_of_clusters():
    """beta = 49, from 0.7 to 0.1 rad: 5437.238101988, by another quadrature."""
    assert theory.pair_lifetime(49.0, 0.7, 0.1) == pytest.approx(5437.238101988, rel=1e-12)
    assert theory.pair_lifetime(1e-9, 1.0, 0.5) == pytest.approx(
        2 * np.log(np.tan(0.5) / np.tan(0.25)), rel=1e-6
    )


@pytest.mark.parametrize("beta, overlap", [(1.0, 0.58977282289977), (9.0, 4.96510840061e-4)])
def test_the_overlap_of_orthonormal_tokens(beta, overlap):
    """n = 32 at t = 2, by Runge-Kutta of order 4 with h = 1e-3 on the same formula."""
    assert theory.orthonormal_overlap(beta, 32, 2.0) == pytest.approx(overlap, rel=1e-11)


def test_a_centres_lifetime_is_that_of_the_lemma():
    """beta = 9, c = 2, slack 0.5: 0.5 e^(2 - 16/216) = 3.4307, divided by the place counted from 1."""
    assert theory.centre_lifetime(9.0, 2.0, 0.5, np.array([0, 4])) == pytest.approx(
        [3.430749, 0.686150], rel=1e-6
    )


# Fastest harmonic by beta, derived and checked by simulation; 3 at beta = 5 is figure 4 of Bruno et al. 2025.
FASTEST = {1: 1, 2: 2, 3: 2, 4: 3, 5: 3, 7: 4, 9: 4, 16: 6, 25: 7, 36: 8, 49: 10, 64: 11, 81: 13, 100: 14}


@pytest.mark.parametrize("beta, k", FASTEST.items())
def test_the_fastest_harmonic_grows_like_the_root_of_two_beta(beta, k):
    assert theory.fastest_harmonic(beta) == k


@pytest.mark.parametrize("beta", [0.5, 1e4, 1e5])
def test_no_faster_harmonic_lies_outside_the_search(beta):
    """k from 1 to far beyond sqrt(2 beta)."""
    k = np.arange(1, 3000)
    rate = special.ive(k, beta) * k**2
    assert theory.fastest_harmonic(beta) == k[np.argmax(rate)]


def test_the_growth_of_a_harmonic():
    """k = 1, beta = 2: I_1(2) / (2 I_0(2)) = 1.59063685 / (2 x 2.27958530); for large beta it tends to 2 / e."""
    assert theory.uniform_growth(2.0, np.array([1]))[0] == pytest.approx(
        1.59063685 / (2 * 2.2795853), rel=1e-8
    )
    beta = 1e6
    fastest = theory.uniform_growth(beta, np.array([round((2 * beta) ** 0.5)]))[0]
    assert fastest == pytest.approx(2 / np.e, rel=1e-4)


def test_the_map_of_a_pair_becomes_its_flow():
    """Halving the step halves the distance between map and flow, when each step counts dt / (1 + dt)."""
    errors = []
    for dt in (0.01, 0.005):
        end = theory.pair_map(9.0, 0.5, dt, round(1.0 / dt))
        errors.append(theory.pair_lifetime(9.0, 0.5, end) - 1.0 / (1.0 + dt))
    assert errors[1] / errors[0] == pytest.approx(0.5, abs=0.04)


# ---- What is expected, and when ----


def test_the_end_of_the_map_is_in_ode_time():
    """A step of 0.05 with V = I advances 0.05 / 1.05: the seed's 10,000 steps end at 476.19, not 500."""
    assert theory.end_time(SEED) == pytest.approx(476.190476)
    assert theory.end_time(SEED | {"integrator": "ode", "end_time": 12.0}) == 12.0


PRECISION_RECALL_F1 = {  # kind, c: mean and error of 200 runs
    ("strong", 3): ((0.769, 0.0094), (0.945, 0.0056), (0.848, 0.0064)),
    ("strong", 3.5): ((0.867, 0.0087), (0.907, 0.0070), (0.886, 0.0060)),
    ("strong", 4): ((0.952, 0.0064), (0.869, 0.0079), (0.909, 0.0056)),
    ("strong", 4.4): ((0.996, 0.0018), (0.833, 0.0093), (0.907, 0.0057)),
    ("strong", 5): ((1.0, 0.0005), (0.742, 0.0110), (0.852, 0.0074)),
    ("renyi", 3): ((0.534, 0.0069), (0.974, 0.0038), (0.690, 0.0060)),
    ("renyi", 4): ((0.699, 0.0092), (0.967, 0.0040), (0.812, 0.0068)),
    ("renyi", 4.4): ((0.756, 0.0090), (0.956, 0.0054), (0.844, 0.0068)),
    ("renyi", 5): ((0.760, 0.0099), (0.852, 0.0092), (0.803, 0.0087)),
}
AT_END = {
    "leaders_mean": (5.845, 0.058),
    "leaders_sd": (0.749, 0.039),
    "min_separation_p10": (2.88, 0.064),
    "min_separation_p25": (3.23, 0.068),
    "min_separation_p50": (3.60, 0.048),
    "min_separation_p75": (3.98, 0.038),
    "min_separation_p90": (4.19, 0.030),
    "max_separation_p10": (2.44, 0.128),
    "max_separation_p25": (2.96, 0.106),
    "max_separation_p50": (3.66, 0.146),
    "max_separation_p75": (4.54, 0.094),
    "max_separation_p90": (5.10, 0.204),
    "perfect_threshold": (0.54, 0.035),
    "strong_c4_exact": (0.325, 0.034),
} | {
    f"{kind}_c{c}_{score}": number
    for (kind, c), numbers in PRECISION_RECALL_F1.items()
    for score, number in zip(("precision", "recall", "f1"), numbers, strict=True)
}


@pytest.mark.parametrize("name", AT_END)
def test_numbers_about_the_end_are_the_second_codes(name):
    """The note of the second code's runs (V8 to V10), with the errors that 200 runs have."""
    found = theory.at_end(name, SEED)
    assert (found.value, found.standard_error) == AT_END[name]
    assert (found.kind, found.relation, found.tolerance) == ("second code", "=", 0.0)
    assert "200 runs" in found.source


def test_the_second_code_has_no_other_numbers_about_the_end():
    assert theory.at_end("renyi_c3.5_precision", SEED) is None
    assert len(theory._AT_END) == len(AT_END)


@pytest.mark.parametrize("change", [{"beta": 64}, *ELSEWHERE, *OTHER_ENDS])
def test_other_experiments_are_not_held_against_them(change):
    assert theory.at_end("leaders_mean", SEED | change) is None


@pytest.mark.parametrize("change", SAME)
def test_equivalent_experiments_are(change):
    assert theory.at_end("leaders_mean", SEED | change).value == 5.845


COUNTS = {  # time: mean and error
    49: {
        1: (16.59, 0.183), 2: (18.03, 0.196), 5: (12.87, 0.171), 10: (9.05, 0.093), 20: (7.76, 0.070),
        50: (6.85, 0.064), 100: (6.44, 0.061),
        200: (6.17, 0.059), 300: (5.89, 0.058), 476: (5.76, 0.058), 500: (5.75, 0.058),
    },
    64: {
        1: (22.27, 0.200), 2: (21.90, 0.214), 5: (14.92, 0.174), 10: (10.38, 0.097), 20: (8.77, 0.075),
        50: (7.77, 0.071), 100: (7.44, 0.069),
        200: (7.16, 0.067), 300: (6.94, 0.068), 476: (6.71, 0.066), 500: (6.68, 0.066),
    },
    16: {1: (3.49, 0.114), 500: (3.06, 0.042)},
    256: {1: (63.85, 0.295), 500: (13.37, 0.087)},
}  # fmt: skip
CAPTURED = {
    "renyi": {
        0: (0.390, 0.0030), 5: (0.778, 0.0079), 10: (0.904, 0.0063), 20: (0.955, 0.0043), 50: (0.983, 0.0027),
        100: (0.990, 0.0017), 200: (0.993, 0.0016),
    },
    "strong": {
        0: (0.274, 0.0035), 5: (0.562, 0.0090), 10: (0.696, 0.0096), 20: (0.777, 0.0094), 50: (0.853, 0.0074),
        100: (0.892, 0.0067), 200: (0.926, 0.0056),
    },
}  # fmt: skip


def numbers(curve):
    return {t: (number.value, number.standard_error) for t, number in curve.items()}


@pytest.mark.parametrize("beta", COUNTS)
def test_the_curves_of_counts_are_the_second_codes(beta):
    """V7 of the note of its runs."""
    assert numbers(theory.curve("n_clusters", SEED | {"beta": beta})) == COUNTS[beta]
    assert theory.curve("n_clusters", SEED | {"beta": beta, "steps": 10, "capture": 3})  # any end


@pytest.mark.parametrize("kind", CAPTURED)
def test_the_curves_of_capture_are_the_second_codes(kind):
    """V11: beta 64, 200 tokens, within 1 / sqrt(beta)."""
    own = SEED | {"beta": 64, "tokens": 200}
    assert numbers(theory.curve(f"captured_{kind}", own)) == CAPTURED[kind]
    for change in ({"capture": 2}, {"beta": 49}, {"tokens": 256}, {"mask": "none"}):
        assert theory.curve(f"captured_{kind}", own | change) == {}


@pytest.mark.parametrize("change", ELSEWHERE)
def test_other_experiments_have_no_curve(change):
    assert theory.curve("n_clusters", SEED | change) == {}


PER_ROOT = {
    16: (0.765, 0.0148), 25: (0.818, 0.0134), 36: (0.813, 0.0122), 49: (0.821, 0.0116), 64: (0.835, 0.0116),
    100: (0.852, 0.0101), 144: (0.828, 0.0091), 256: (0.836, 0.0077),
}  # fmt: skip


@pytest.mark.parametrize("beta", PER_ROOT)
def test_final_counts_over_the_root_of_beta_are_the_second_codes(beta):
    """V6, 100 runs."""
    found = theory.count_per_root(SEED | {"beta": beta})
    assert (found.value, found.standard_error) == PER_ROOT[beta]
    assert (found.kind, found.source) == ("second code", "second code, 100 runs")
    assert theory.count_per_root(SEED | {"beta": beta, "tokens": 255}) is None


@pytest.mark.parametrize("change", [{"beta": 50}, *ELSEWHERE, *OTHER_ENDS])
def test_other_experiments_have_no_final_count(change):
    assert theory.count_per_root(SEED | change) is None


def test_the_exponent_is_the_slope_through_the_second_codes_counts():
    """numpy's own fit of all eight gives 0.526 (V6); its covariance, the error, with these errors of ln count."""
    found = theory.count_exponent([SEED | {"beta": beta} for beta in PER_ROOT])
    axis, value = np.log(list(PER_ROOT)), np.array(list(PER_ROOT.values()))
    assert found.value == pytest.approx(np.polyfit(axis, np.log(value[:, 0]) + axis / 2, 1)[0], rel=1e-12)
    assert found.value == pytest.approx(0.526, abs=5e-4)
    draws = np.log(np.random.default_rng(1).normal(*value.T, (20_000, 8))) + axis / 2
    assert found.standard_error == pytest.approx(np.polyfit(axis, draws.T, 1)[0].std(), rel=0.03)
    assert (found.kind, "at each of 8 values" in found.source) == ("second code", True)


def test_without_two_known_counts_there_is_no_exponent():
    assert theory.count_exponent([SEED, SEED]) is None
    assert theory.count_exponent([SEED, SEED | {"beta": 50}]) is None
    assert theory.count_exponent(iter([SEED, SEED | {"beta": 64}])) is not None


def test_the_number_of_centres_is_expected_of_uniform_tokens():
    """c = 4 at beta = 49: delta = 4/7; strong on every sphere, Rényi's on a circle of 5 separations and more."""
    strong = theory.centres_mean("strong", 4.0, SEED)
    assert strong.value == pytest.approx(theory.strong_centres(4 / 7, 256, 2))
    assert (strong.kind, strong.tolerance, strong.standard_error) == ("exact", 0.0, 0.0)
    renyi = theory.centres_mean("renyi", 4.0, SEED)
    assert renyi.value == pytest.approx(theory.renyi_centres(4 / 7, 256))
    assert (renyi.kind, renyi.standard_error) == ("exact", 0.0)
    assert renyi.tolerance == pytest.approx(0.0005 * renyi.value) and "0.05 %" in renyi.reason
    sphere = SEED | {"dimension": 3}
    assert theory.centres_mean("strong", 4.0, sphere).value == pytest.approx(
        theory.strong_centres(4 / 7, 256, 3)
    )
    assert theory.centres_mean("renyi", 4.0, sphere) is None
    for kind in ("strong", "renyi"):
        assert theory.centres_mean(kind, 4.0, SEED | {"initial": "mine.npy"}) is None


def test_parking_needs_a_long_circle_and_enough_tokens():
    """Circumference over separation 5.0 and 4.99; 11 separations (4/7 rad) hold with 11 tokens, not with 10."""
    c = 7 * 2 * np.pi / 5
    assert theory.centres_mean("renyi", c * 0.9999, SEED) is not None
    assert theory.centres_mean("renyi", c * 1.0001, SEED) is None
    assert theory.centres_mean("renyi", 4.0, SEED | {"tokens": 11}) is not None
    assert theory.centres_mean("renyi", 4.0, SEED | {"tokens": 10}) is None


def test_order_at_the_start_is_exact_for_uniform_tokens():
    """d = 3: the share of pairs with cosine above 0.999 is 0.001 / 2."""
    p = SEED | {"dimension": 3, "beta": 9}
    values = {
        name: theory.uniform_start(name, p).value for name in ("energy", "aligned", "resultant_squared")
    }
    assert values["energy"] == theory.uniform_energy(9, 256, 3)
    assert values["aligned"] == pytest.approx(0.0005, rel=1e-9)
    assert values["resultant_squared"] == 1 / 256
    assert theory.uniform_start("energy", p).kind == "exact"
    assert theory.uniform_start("participation", p) is None
    assert theory.uniform_start("energy", p | {"initial": "mine.npy"}) is None
    assert theory.uniform_start("aligned", p | {"tokens": 1}) is None
    assert theory.uniform_start("aligned", p | {"tokens": 2}) is not None
    assert theory.uniform_start("energy", p | {"tokens": 1}).value == pytest.approx(1 / 18)


def test_only_the_flow_of_full_attention_climbs_its_energy():
    """An identity; the map is not a gradient flow, causal attention has no common energy, nor have other Q, K, V."""
    flow = SEED | {"mask": "none", "integrator": "ode"}
    found = theory.energy_never_falls(flow)
    assert (found.value, found.kind, found.tolerance) == (1.0, "identity", 0.0)
    for change in ({"mask": "causal"}, {"integrator": "map"}, {"value": "axis"}, {"key": "axis"}):
        assert theory.energy_never_falls(flow | change) is None
    assert theory.energy_never_falls(flow | {"attention": "unnormalised"}) is not None


def test_where_tokens_end():
    """Theorem 4.1 for V = I, Table 1 for symmetric V with a positive largest eigenvalue; nothing otherwise."""
    p = SEED | {"dimension": 3, "key": "identity"}
    assert theory.limit_law(p) == ("first token", "Karagodin et al. 2024, theorem 4.1")
    named = ("leading space", "Karagodin et al. 2024, Table 1, a conjecture")
    for value in ("plane", "axis", {"diagonal": [2.0, 2.0, 2.0]}, {"diagonal": [-1.0, 0.5, 0.0]}):
        assert theory.limit_law(p | {"value": value}) == named
    for value in (
        "negative_identity",
        "negative_axis",
        {"diagonal": [0.0, 0.0, -1.0]},
        [[1, 1, 0], [0, 1, 0], [0, 0, 1]],
    ):
        assert theory.limit_law(p | {"value": value}) is None
    assert theory.limit_law(p | {"mask": "none"}) is None
    assert theory.limit_law(p | {"attention": "unnormalised"}) is None


def test_the_identity_is_told_from_others():
    assert theory.is_identity(SEED)
    assert not theory.is_identity(SEED | {"query": "negative_identity"})
    assert theory.is_identity(SEED | {"value": "plane"})  # d = 2
    assert not theory.is_identity(SEED | {"dimension": 3, "value": "plane", "key": "identity"})
