"""Exponents of a recording: what comes out of known laws, what shuffling leaves, and what is undefined."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from emergent_dynamics.branching import galton_watson, recording
from emergent_dynamics.branching.figures import recorded_avalanches as figure
from emergent_dynamics.branching.findings import recorded_avalanches
from emergent_dynamics.branching.findings.recorded_avalanches import chosen, find, summarise
from emergent_dynamics.branching.recording import Avalanches, Recording, Settings
from emergent_dynamics.config.schema import read_schemas, resolve
from emergent_dynamics.plotting import style

SETTINGS = Settings(0, 1.0, (None, None), (None, None), 50, 0.2, 1)


def trees(n, seed):
    """Critical trees, one after another with a silent bin between them: avalanches whose laws are known."""
    grown = galton_watson.simulate(1.0, n, seed, 2**62, 100_000)
    return Avalanches(grown.size, grown.duration, None)


def test_given_sizes_and_durations_of_critical_trees_have_mean_field_exponents():
    """tau = 3/2, alpha = 2, gamma = 2 in the limit; from 30 on they are within 3 %."""
    settings = replace(SETTINGS, sizes=(30, None), durations=(30, 300))
    found = find(Recording(given=trees(200_000, 4)), settings)["recorded_avalanches"].iloc[0]
    assert found["tau"] == pytest.approx(1.5, rel=0.03) and found["alpha"] == pytest.approx(2.0, rel=0.05)
    assert found["gamma"] == pytest.approx(2.0, rel=0.05)
    assert found["gamma_predicted"] == pytest.approx((found["alpha"] - 1) / (found["tau"] - 1))
    assert found["dcc"] == pytest.approx(abs(found["gamma"] - found["gamma_predicted"]))
    assert np.isnan(found["gamma_collapse"]) and found["reason"] == ""


def test_sizes_alone_give_tau_alone():
    sizes = stats.zipf.rvs(1.95, size=5000, random_state=1)
    tables = find(Recording(given=Avalanches(sizes, None, None)), SETTINGS)
    headlines = summarise(tables)
    assert (
        list(headlines) == ["recorded_tau", "recorded_tau_p"]
        and headlines["recorded_tau"].expectation is None
    )
    assert headlines["recorded_tau_p"].note == "`criticality.resamples` is 0"
    row = tables["recorded_avalanches"].iloc[0]
    assert np.isnan(row["alpha"]) and recorded_avalanches.NO_DURATIONS in row["reason"]
    assert np.isnan(row["dcc_lo"]) and np.isnan(row["mean_duration"])


def test_the_first_row_says_how_plausible_the_power_laws_are():
    """Critical trees from 30 on are; geometric durations are not."""
    settings = replace(SETTINGS, sizes=(30, None), durations=(1, 100), resamples=40)
    given = trees(20_000, 4)._replace(durations=stats.geom.rvs(0.2, size=20_000, random_state=1))
    tables = find(Recording(given=given), settings)
    row = tables["recorded_avalanches"].iloc[0]
    assert row["tau_p"] > 0.1 and row["alpha_p"] == 0.0 and row["resamples"] == 40
    assert row["tau_p_lo"] < row["tau_p"] < row["tau_p_hi"] and row["alpha_p_hi"] < 0.1
    headlines = summarise(tables)
    assert (headlines["recorded_alpha_p"].value, headlines["recorded_alpha_p"].n) == (0.0, 40)
    assert headlines["recorded_alpha_p"].note.startswith("durations from 1 to 100; below 0.1")
    assert headlines["recorded_tau_p"].note.startswith("sizes from 30; below 0.1")


def test_rows_are_the_setting_half_twice_and_four_times_its_bin_and_the_shuffled_record():
    activity = galton_watson.driven(0.95, 0.1, 20_000, 2)
    table = find(Recording(counts=activity, step=1.0), replace(SETTINGS, bin=2.0))["recorded_avalanches"]
    assert table["bin"].tolist() == [2.0, 1.0, 4.0, 8.0, 2.0]
    assert table["series"].tolist() == ["recorded"] * 4 + ["shuffled"]
    assert table["p_silent"].iloc[0] == table["p_silent"].iloc[4]  # the same bins in another order
    assert table["n"].iloc[4] > 1.5 * table["n"].iloc[0]
    single = find(Recording(counts=activity, step=1.0), SETTINGS)["recorded_avalanches"]
    assert single["bin"].tolist() == [1.0, 2.0, 4.0, 1.0]  # half a step is none


def test_shuffled_bins_have_geometric_runs():
    """Bins that are independent: P(duration = d) = q^(d-1) (1 - q), mean 1 / (1 - q)."""
    counts = np.random.default_rng(3).poisson(1.0, 100_000)
    table = find(Recording(counts=counts, step=1.0), SETTINGS)["recorded_avalanches"].iloc[-1]
    q = 1 - table["p_silent"]
    assert table["mean_duration"] == pytest.approx(
        1 / (1 - q), abs=4 * np.sqrt(q) / (1 - q) / np.sqrt(table["n"])
    )
    assert table["p_exponential"] < 1  # compared at all


@pytest.mark.parametrize("counts", [np.ones(50, int), np.array([0, 0, 3, 0])])
def test_a_record_without_silence_or_with_one_moment_says_so(counts, tmp_path):
    found = Recording(counts=counts, step=1.0)
    settings = replace(SETTINGS, bin={"intervals": 1.0})
    tables = find(found, settings)
    row = tables["recorded_avalanches"].iloc[0]
    assert np.isnan(row["tau"]) and row["reason"]
    headline = summarise(tables)["recorded_tau"]
    assert np.isnan(headline.value) and headline.note == row["reason"]
    style.save(figure.draw(chosen(found, settings), row), tmp_path / "none.svg")


@pytest.mark.parametrize("panels", [1, 2, 4])
def test_the_figure_has_a_panel_for_everything_that_is_known(panels):
    if panels == 4:
        found = Recording(counts=galton_watson.driven(0.95, 0.1, 20_000, 2), step=1.0)
    else:
        given = trees(5000, 1)
        found = Recording(given=given if panels == 2 else given._replace(durations=None))
    row = find(found, SETTINGS)["recorded_avalanches"].iloc[0]
    drawing = figure.draw(chosen(found, SETTINGS), row)
    assert len(drawing.axes) == panels
    assert all(axis.get_lines() for axis in drawing.axes)
    assert f"{row['tau']:.3f}" in drawing.axes[0].get_legend().get_texts()[1].get_text()
    for p, said in ((0.05, True), (0.5, False), (np.nan, False)):
        told = row.to_frame().T.assign(tau_p=p, tau_p_lo=0.0, tau_p_hi=0.9).iloc[0]
        title = " ".join(figure.draw(chosen(found, SETTINGS), told).get_suptitle().split())
        assert ("a power law is ruled out: p = 0.0" in title) is said


def test_settings_come_from_the_configuration():
    found = Settings.from_config(
        resolve(read_schemas()[1]["branching"], {"criticality": {"sizes": [3, None]}})
    )
    assert found == Settings(
        0, {"intervals": 1.0}, (3, None), (None, None), 300, 0.1, found.seed, 100, 99, 10
    )
    assert recording.LONGEST == 200
