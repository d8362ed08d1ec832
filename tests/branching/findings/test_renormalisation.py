"""Coarse-graining: exponents of recordings whose laws are known."""

import numpy as np
import pytest

from emergent_dynamics.branching.figures import renormalisation as figure
from emergent_dynamics.branching.findings import renormalisation
from emergent_dynamics.branching.findings.renormalisation import find, summarise
from emergent_dynamics.branching.recording import Recording, Settings
from emergent_dynamics.plotting import style

SETTINGS = Settings(0, 1.0, (None, None), (None, None), 50, 0.2, 1)
K = 2.0 ** np.arange(5)  # of 64 units: 1 to 16 are fitted


def recording(active):
    row, unit = np.nonzero(active)
    return Recording(times=row.astype(float), units=unit, step=1.0, duration=float(len(active)))


def exponents(active):
    return find(recording(active), SETTINGS)["renormalisation_exponents"].set_index("quantity")


def common(seed, rows=4000, units=64):
    """Units that fire independently with a common probability, 0.02 or 0.2, that changes from row to row."""
    rng = np.random.default_rng(seed)
    p = np.where(rng.random((rows, 1)) < 0.5, 0.02, 0.2)
    return rng.random((rows, units)) < p


def law_of_common():
    """Exponents of the exact law: Var = K v + K (K - 1) c, P(silent) = E[(1 - p)^K]."""
    p = np.array([0.02, 0.2])
    v, c = p.mean() * (1 - p.mean()), p.var()
    silent = ((1 - p) ** K[:, None]).mean(1)
    x = np.log(K)
    return {
        "variance": np.polyfit(x, np.log(K * v + K * (K - 1) * c), 1)[0],
        "silence": np.polyfit(x, np.log(-np.log(silent)), 1)[0],
    }


def test_independent_units_have_exponents_of_one():
    """Var = K p (1 - p), P(silent) = (1 - p)^K; eigenvalues are equal but for the noise of 40 rows per unit."""
    found = exponents(np.random.default_rng(1).random((20_000, 64)) < 0.05)
    for name in ("variance", "silence"):
        r = found.loc[name]
        assert r["value"] == pytest.approx(1.0, abs=0.02) and r["lo"] < 1 < r["hi"]
    assert 0 < found.loc["spectrum", "value"] < 0.05


def test_perfectly_correlated_units_have_two_and_zero():
    """Var = K^2 p (1 - p), P(silent) = 1 - p for every K, and a single eigenvalue above rounding."""
    active = np.repeat(np.random.default_rng(2).random((4000, 1)) < 0.1, 64, axis=1)
    found = exponents(active)
    assert found.loc["variance", "value"] == pytest.approx(2.0, abs=1e-9)
    assert found.loc["silence", "value"] == pytest.approx(0.0, abs=1e-9)
    table = find(recording(active), SETTINGS)["renormalisation"]
    assert table["variance"].to_numpy() == pytest.approx(
        table["variance"].iloc[0] * table["size"].to_numpy() ** 2.0
    )
    assert table["silence"].to_numpy() == pytest.approx(table["silence"].iloc[0])


def test_units_with_a_common_rate_have_the_exponents_of_their_exact_law():
    found, law = exponents(common(1)), law_of_common()
    assert law["variance"] > 1.25 and law["silence"] < 0.8
    for name, value in law.items():
        r = found.loc[name]
        assert abs(r["value"] - value) < 4 * (r["hi"] - r["lo"]) / (2 * 2.262)


def test_rows_are_sizes_ranks_and_quantities():
    tables = find(recording(common(3)), SETTINGS)
    sizes = tables["renormalisation"]
    assert sizes["size"].tolist() == [1, 2, 4, 8, 16, 32, 64] and sizes["clusters"].tolist() == [
        64,
        32,
        16,
        8,
        4,
        2,
        1,
    ]
    assert sizes["fitted"].tolist() == [True] * 5 + [False] * 2 and (sizes["n"] == 10).all()
    assert (sizes["variance_lo"] <= sizes["variance"]).all()
    spectrum = tables["renormalisation_spectrum"]
    assert spectrum.groupby("size").size().to_dict() == {4: 4, 8: 8, 16: 16}
    exponents = tables["renormalisation_exponents"]
    assert exponents["quantity"].tolist() == ["variance", "silence", "spectrum"]
    assert (exponents["units"] == 64).all() and (exponents["bins"] == 2000).all()
    top = spectrum[spectrum["size"] == 16]["eigenvalue"].to_numpy()[:8]
    assert exponents["value"].iloc[2] == pytest.approx(
        -np.polyfit(np.log(np.arange(1, 9)), np.log(top), 1)[0]
    )


@pytest.mark.parametrize(
    ("active", "reason"),
    [
        (np.ones((2000, 15), bool), renormalisation.FEW_UNITS),
        (np.random.default_rng(1).random((500, 16)) < 0.5, renormalisation.FEW_BINS),
        (np.ones((2000, 16), bool), renormalisation.FLAT),
    ],
)
def test_what_cannot_be_coarse_grained_says_why(active, reason, tmp_path):
    tables = find(recording(active), SETTINGS)
    headlines = summarise(tables)
    assert all(np.isnan(h.value) and h.note == reason for h in headlines.values()) and len(headlines) == 3
    style.save(figure.draw(*tables.values()), tmp_path / "none.svg")


def test_headlines_say_what_the_limits_are():
    headlines = summarise(find(recording(common(4)), SETTINGS))
    assert (
        headlines["recorded_variance_exponent"].note
        == "1 for independent units, 2 for perfectly correlated ones"
    )
    assert all(h.n == 10 and h.ci and h.expectation is None for h in headlines.values())


def test_the_figure_shows_recorded_and_independent_units():
    tables = find(recording(common(5)), SETTINGS)
    left, middle, right = figure.draw(*tables.values()).axes
    for axis in (left, middle):
        labels = [text.get_text() for text in axis.get_legend().get_texts()]
        assert sorted(labels) == ["independent units", "recorded"]
    independent = next(line for line in left.get_lines() if line.get_label() == "independent units")
    assert independent.get_ydata()[-1] == pytest.approx(64 * tables["renormalisation"]["variance"].iloc[0])
    assert [text.get_text() for text in right.get_legend().get_texts()] == ["K = 4", "K = 8", "K = 16"]


@pytest.mark.slow  # 200 recordings of two kinds: 30 s
@pytest.mark.parametrize("kind", ["independent", "common"])
def test_the_intervals_cover(kind):
    law = law_of_common() if kind == "common" else {"variance": 1.0, "silence": 1.0}
    inside = {name: [] for name in law}
    for seed in range(200):
        active = common(seed) if kind == "common" else np.random.default_rng(seed).random((4000, 64)) < 0.05
        found = exponents(active)
        for name, value in law.items():
            inside[name].append(found.loc[name, "lo"] <= value <= found.loc[name, "hi"])
    shares = {name: np.mean(held) for name, held in inside.items()}
    assert min(shares.values()) >= 0.9, shares
