"""Numbers of docs/causal.md that no test of a kernel or a theorem recomputes."""

import re
from pathlib import Path

import numpy as np
import pytest
import yaml
from scipy import special

from emergent_dynamics import store
from emergent_dynamics.causal import exact, groups, model, second_code, theory
from emergent_dynamics.causal.findings import lifetime
from emergent_dynamics.causal.kernels import fourier, variants
from emergent_dynamics.causal.parameters import Parameters, chord_gap
from emergent_dynamics.config import load
from emergent_dynamics.statistics import mean_interval
from performance import interval_coverage
from tests.causal.experiments import parameters
from tests.causal.kernels.test_ode import flow

ATTENTION = Path(__file__).parents[2] / "config" / "attention.yaml"
PAGE = " ".join((Path(__file__).parents[2] / "docs" / "causal.md").read_text().split())


def overlap_error(beta, tolerance):
    """Largest error of the overlap of 32 orthonormal tokens at t = 2, unmasked."""
    p = parameters(beta=beta, tokens=32, dimension=32, runs=1, mask="none", tolerance=tolerance)
    end, _ = flow(np.eye(32)[None], p, 2.0)
    gram = end[0] @ end[0].T
    return np.abs(gram[~np.eye(32, dtype=bool)] - exact.equiangular_overlap(beta, 32, 2.0)).max()


def test_the_table_of_exact_solutions_comes_out():
    """Errors as printed, to a tenth (1e-6 at beta = 9: to its one digit); they fall as the tolerance's power 2/3."""
    late = re.search(r"t = 5437\.238 \| ([\d.]+) % of that time \|", PAGE)[1]
    p = parameters(tokens=2, runs=1, tolerance=1e-6)
    lifetime = exact.pair_lifetime(49.0, 0.7, 0.1)
    end, _ = flow(np.array([[[1.0, 0.0], [np.cos(0.7), np.sin(0.7)]]]), p, lifetime)
    angle = np.arctan2(end[0, 1, 1], end[0, 1, 0])
    apart = exact.pair_lifetime(49.0, max(angle, 0.1), min(angle, 0.1)) / lifetime
    assert f"{100 * apart:.2f}" == late
    cold = re.search(r"4\.96510840e-4 \| (\S+) \|", PAGE)[1]
    hot, fine = re.search(r"0\.58977282 \| (\S+); at tolerance 1e-10 (\S+) \|", PAGE).groups()
    assert overlap_error(9.0, 1e-6) == pytest.approx(float(cold), rel=0.17)
    found = overlap_error(1.0, 1e-6), overlap_error(1.0, 1e-10)
    assert found == pytest.approx((float(hot), float(fine)), rel=0.1)
    assert np.log(found[0] / found[1]) / np.log(1e4) == pytest.approx(2 / 3, abs=0.02)


@pytest.mark.parametrize("beta", [16.0, 49.0, 256.0])
def test_the_series_has_about_nine_harmonics_per_root_of_beta(beta):
    assert "about 9 sqrt(beta) harmonics" in PAGE
    assert fourier.series(beta).rows.shape[1] / beta**0.5 == pytest.approx(9.0, abs=1.0)


def test_the_clock_of_uniform_tokens_is_off_by_what_the_page_says():
    """dt / (1 + dt) against dt / (1 + dt I_1 / I_0) at beta = 1 and dt = 0.05."""
    ratio = 1.05 / (1 + 0.05 * special.iv(1, 1.0) / special.iv(0, 1.0))
    assert f"which is {100 * (ratio - 1):.1f} % off at beta = 1" in PAGE


def test_the_thresholds_of_noise_are_those_of_the_page_and_of_its_experiment():
    found = [f"{exact.tricritical_beta(d):.3f}" for d in (2, 3, 4)]
    assert "{} on the circle, {} in d = 3, {} in d = 4".format(*found) in PAGE
    assert (
        f"the threshold, {exact.noise_threshold(1.0, 2, softmax=True):.3f} at beta 1" in ATTENTION.read_text()
    )
    assert len(load(yaml.safe_load(ATTENTION.read_text()), [ATTENTION]).names("causal")) == 6 + 7 + 15 + 7 + 4


def test_the_second_codes_runs_are_as_many_as_the_page_says():
    cases = {(beta, tokens) for _, beta, tokens, _ in second_code.NUMBERS}
    assert cases == {(64.0, 200)} | {(b**2 * 1.0, 256) for b in (4, 5, 6, 7, 8, 10, 12, 16)}
    assert {number for *_, number in second_code.NUMBERS.values()} == {20_000}
    assert "every number from 20,000 runs and with its standard error" in PAGE


def exponent_rows():
    """{d: (mean counts at beta 16, 25, 36, 49, 64, the other cells)} of the page's table of exponents."""
    page = (ATTENTION.parents[1] / "docs" / "causal.md").read_text()
    table = page.partition("| d | beta = 16 |")[2].partition("\n\n")[0]
    rows = [re.findall(r"[^|]+", line) for line in table.splitlines() if re.match(r"\| \d", line)]
    return {
        int(row[0]): ([float(cell) for cell in row[1:6]], [cell.strip() for cell in row[6:]]) for row in rows
    }


def test_the_exponents_of_the_page_are_those_of_its_counts_and_of_strong_centres():
    """Least squares through five logarithms; counts are multiples of 1 / 40, so three decimals are exact."""
    axis = np.log([16.0, 25.0, 36.0, 49.0, 64.0])
    rows = exponent_rows()
    assert list(rows) == [2, 3, 4]
    for d, (counts, (found, centres, limit)) in rows.items():
        slope = np.polyfit(axis, np.log(counts), 1)[0]
        value, lo, hi = map(float, re.match(r"(\S+) \[(\S+), (\S+)\]$", found).groups())
        assert value == pytest.approx(slope, abs=5.1e-4) and lo < value < hi
        exact_counts = [exact.strong_centres(4.0 / b**0.5, 1024, d) for b in np.exp(axis)]
        assert float(centres) == pytest.approx(np.polyfit(axis, np.log(exact_counts), 1)[0], abs=5.1e-4)
        assert float(limit) == (d - 1) / 2


@pytest.mark.slow  # 40 runs of 1,024 tokens on the sphere to t = 500 take 16 s
def test_a_member_of_the_exponent_has_the_count_of_the_page():
    given = load(yaml.safe_load(ATTENTION.read_text()), [ATTENTION])
    member = given.parameters("causal", "exponent/beta=16,dimension=3")
    end, _ = flow(model.initial(Parameters.from_config(member)), Parameters.from_config(member), 500.0)
    found = groups.n_clusters(groups.label(end, chord_gap(member["gap"], 16.0)))
    assert found.mean() == pytest.approx(exponent_rows()[3][0][0], abs=0.05)


NOISY = re.findall(r"\| (0\.\d) \| (\S+) \[(\S+), (\S+)\] \| ?([^|\s]*) ?\|", PAGE)


def noisy(noise):
    given = load(yaml.safe_load(ATTENTION.read_text()), [ATTENTION])
    return given.parameters("causal", f"noise/noise={noise}")


def test_the_lengths_expected_under_noise_are_those_of_the_page():
    assert len(NOISY) == 7
    for noise, *_, expected in NOISY:
        known = theory.noisy_resultant(noisy(noise))
        places = len(expected.partition(".")[2])
        assert expected == ("" if known is None else f"{known.value:.{places}f}")


def ended(member):
    """The tokens of a member of the map at its end, from other blocks of steps than the driver's: the same bits."""
    p = Parameters.from_config(member)
    x, length = model.initial(p), np.ones((p.runs, p.tokens))
    variants.advance(x, length, p, 0, p.steps)
    return x, groups.n_clusters(groups.label(x, chord_gap(member["gap"], member["beta"])))


@pytest.mark.slow  # 32 runs of 8,000 steps take 5 s
def test_a_member_of_the_noise_has_the_length_of_the_page_and_one_group():
    x, count = ended(noisy("0.6"))
    printed = {row[0]: float(row[1]) for row in NOISY}["0.6"]
    assert np.linalg.norm(x.mean(axis=1), axis=-1).mean() == pytest.approx(printed, abs=5.1e-4)
    assert (count == 1).all()


def test_uniform_tokens_leave_no_gap_at_beta_1_but_with_the_probability_of_the_page():
    """The bound of n (1 - arc / 2 pi)^(n - 1): a token is followed by no other within the arc of the gap."""
    member = noisy("0.4")
    arc = 2 * np.arcsin(chord_gap(member["gap"], 1.0) / 2)
    bound = member["tokens"] * (1 - arc / (2 * np.pi)) ** (member["tokens"] - 1)
    assert f"a probability of {bound:.1e}" in PAGE and f"the gap is {arc:.2f} rad" in PAGE


NORMALISED = re.findall(r"\| `(post|pre|peri|ngpt)` \| (\S+) \[(\S+), (\S+)\] \|", PAGE)


@pytest.mark.slow  # 32 runs of 10,000 steps take 10 s
def test_a_normalisation_has_the_groups_of_the_page():
    assert [row[0] for row in NORMALISED] == ["post", "ngpt", "pre", "peri"]
    given = load(yaml.safe_load(ATTENTION.read_text()), [ATTENTION])
    _, count = ended(given.parameters("causal", "normalisation/normalisation=ngpt"))
    e = mean_interval(count)
    assert tuple(f"{value:.2f}" for value in (e.value, e.lo, e.hi)) == NORMALISED[1][1:]


PAIRS = re.findall(r"\| (\d+) \| (\S+) \[(\S+), (\S+)\] \| (\S+) \| (\S+) \[(\S+), (\S+)\] \| (\S+) \|", PAGE)


def paired(beta):
    given = load(yaml.safe_load(ATTENTION.read_text()), [ATTENTION])
    return given.parameters("causal", f"pairs/beta={beta}")


def test_the_collapse_of_pairs_is_expected_as_the_page_says():
    """The median of the exact times, and the share that has met by the end; measured ones agree with both."""
    assert [row[0] for row in PAIRS] == ["1", "2", "4", "6", "8", "10"]
    for beta, *numbers, expected, share, low, high, met in PAIRS:
        member = paired(beta)
        known = theory.pair_collapse(member, 1.1), theory.pair_collapsed(member, member["end_time"])
        assert (f"{np.exp(known[0].value):.4g}", f"{known[1].value:.4f}") == (expected, met)
        assert float(low) <= known[1].value <= float(high) and float(low) <= float(share) <= float(high)
        _, least, most = map(float, numbers)
        assert least / np.exp(0.0581) <= float(expected) <= most * np.exp(0.0581)


LIVES = re.findall(r"\| (\d+) \| (\S+) \[(\S+), (\S+)\] \| (\S+) \[(\S+), (\S+)\] \|", PAGE)


@pytest.mark.slow  # 4,000 pairs take half a minute, 200 runs of 64 tokens two
@pytest.mark.parametrize(
    ("name", "row"),
    [("pairs/beta=6", [*PAIRS[3][1:4], *PAIRS[3][5:8]]), ("lifetime/beta=1", [*LIVES[0][1:]])],
)
def test_a_member_of_the_collapse_has_the_times_of_the_page(name, row, tmp_path):
    given = load(yaml.safe_load(ATTENTION.read_text()), [ATTENTION])
    member = given.parameters("causal", name)
    x = store.open_complete(interval_coverage.simulated("causal", member, str(tmp_path)))
    grouped = groups.compute(x, chord_gap(member["gap"], member["beta"]))
    found = lifetime.summarise(lifetime.find(grouped, x, member), grouped, member)
    time, met = found["log_collapse_time"], found["collapsed"]
    assert [f"{np.exp(value):.4g}" for value in (time.value, *time.ci)] == row[:3]
    assert [f"{value:.4f}" for value in (met.value, *met.ci)] == row[3:]
