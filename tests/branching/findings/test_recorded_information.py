"""What events tell about stimuli: closed forms, what chance gives, and the same from every kind of recording."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from emergent_dynamics.runtime import provenance
from emergent_dynamics import driver
from emergent_dynamics.branching import recording, simulation
from emergent_dynamics.branching.checks import check
from emergent_dynamics.branching.figures import recorded_information as figure
from emergent_dynamics.branching.findings import analyse, recorded_information
from emergent_dynamics.branching.findings.recorded_information import classes, find, summarise
from emergent_dynamics.branching.front import FRONT
from emergent_dynamics.branching.recording import Recording
from emergent_dynamics.config.schema import read_schemas, resolve
from emergent_dynamics.plotting import style


def trials(counts, labels):
    """A recording with one step of 10 for each trial, which holds its count, and a stimulus 3 before it."""
    onset = 10.0 * np.arange(len(counts)) - 3
    onset[0] = -3  # whose window, from 3 on, begins with the recording
    return Recording(
        counts=np.asarray(counts), step=10.0, duration=10.0 * len(counts), stimuli=(onset, labels)
    )


def measure(counts, labels, most=8):
    return find(trials(counts, labels), (3, 13), most, 5)


def binary(first, second):
    """I in bits of two labels, equally likely, with these laws of the response."""
    mean = (first + second) / 2
    return sum((p[p > 0] * np.log2(p[p > 0] / mean[p > 0])).sum() for p in (first, second)) / 2


def test_counts_that_name_the_label_tell_all_of_it():
    labels = np.repeat([7, -2, 30], [200, 100, 100])
    row = measure(np.repeat([4, 0, 9], [200, 100, 100]), labels)["recorded_information"].iloc[0]
    assert row["mi_plain"] == pytest.approx(1.5) and row["entropy"] == pytest.approx(1.5)
    assert (row["labels"], row["classes"], row["n"], row["by_chance"]) == (3, 3, 400, 0.0)
    assert row["mi"] == pytest.approx(1.5) and row["mi_hi"] == pytest.approx(1.5)


def laws_of(tables, means):
    """The laws of the classes that were made, for Poisson counts of these means."""
    lowest = tables["recorded_responses"].groupby("lowest").first().index.to_numpy()
    edges = np.append(lowest[1:], np.inf) - 0.5
    return [np.diff(stats.poisson.cdf(np.append(-1, edges), mean)) for mean in means]


@pytest.mark.slow  # 800 recordings
def test_the_interval_covers_the_exact_information_in_90_to_97_of_100(monkeypatch):
    """200 repeats of each of four pairs of Poisson laws; with the docs' words: 90 to 97 %."""
    monkeypatch.setattr(recorded_information, "SHUFFLES", 1)
    shares = []
    for n, means in ((800, (2.0, 6.0)), (800, (4.0, 5.0)), (300, (2.0, 6.0)), (2000, (4.0, 5.0))):
        inside = 0
        for seed in range(200):
            rng = np.random.default_rng(seed)
            labels = rng.integers(0, 2, n)
            tables = measure(rng.poisson(np.array(means)[labels]), labels)
            row = tables["recorded_information"].iloc[0]
            inside += row["mi_lo"] <= binary(*laws_of(tables, means)) <= row["mi_hi"]
        shares.append(inside / 200)
    assert round(min(shares), 2) == 0.90 and round(max(shares), 2) == 0.97


@pytest.mark.parametrize("most", [2, 3, 64])
def test_poisson_counts_tell_what_their_laws_say(most):
    """Two labels, means 2 and 6: the information of the classes by their exact laws, within four standard errors."""
    rng = np.random.default_rng(3)
    labels = rng.integers(0, 2, 40_000)
    counts = rng.poisson(np.where(labels == 0, 2.0, 6.0))
    tables = measure(counts, labels, most)
    row = tables["recorded_information"].iloc[0]
    laws = laws_of(tables, (2.0, 6.0))
    error = (row["mi_hi"] - row["mi_lo"]) / 2 / 1.96
    assert abs(row["mi"] - binary(*laws)) < 4 * error
    assert row["by_chance"] == 0.0 and row["mi_lo"] > 0
    k = np.arange(60)
    every = binary(*(stats.poisson.pmf(k, mean) for mean in (2.0, 6.0)))
    assert binary(*laws) <= every + 1e-12  # classes tell less than counts
    assert most < 64 or binary(*laws) > 0.999 * every


def test_counts_that_tell_nothing_are_called_so_and_the_shuffles_have_their_bias():
    """Plug-in bias (L - 1)(K - 1) / (2 n ln 2) to first order: Miller 1955."""
    rng = np.random.default_rng(8)
    labels, counts = rng.integers(0, 4, 2000), rng.poisson(5.0, 2000)
    row = measure(counts, labels)["recorded_information"].iloc[0]
    assert 0.025 < row["by_chance"] < 0.975 and row["mi_lo"] == 0
    bias = 3 * (row["classes"] - 1) / (2 * 2000 * np.log(2))
    assert row["mi_shuffled"] == pytest.approx(bias, rel=0.05)


def test_classes_are_about_equally_full_ordered_and_blind_to_labels():
    counts = np.random.default_rng(2).poisson(20, 10_000)
    found = classes(counts, 5)
    assert np.bincount(found).size == 5 and np.bincount(found).min() > 1500
    assert all(found[counts == c].min() == found[counts == c].max() for c in np.unique(counts))
    assert all(counts[found == k].max() < counts[found == k + 1].min() for k in range(4))
    assert (
        np.unique(classes(np.array([0, 0, 0, 1]), 4)).size == 2
        and np.unique(classes(np.zeros(9), 4)).size == 1
    )


def test_few_trials_have_fewer_classes_and_then_no_interval():
    rng = np.random.default_rng(4)
    labels = rng.integers(0, 2, 130)
    tables = measure(rng.poisson(np.where(labels == 0, 2.0, 9.0)), labels)
    row = tables["recorded_information"].iloc[0]
    assert (
        row["classes"] == 3 and np.isfinite(row["mi_lo"]) and row["reason"] == ""
    )  # 130 trials: 20 for each of 6
    tables = measure(rng.poisson(4.0, 60), np.repeat([0, 1], 30))
    row = tables["recorded_information"].iloc[0]
    assert row["classes"] == 2 and np.isnan(row["mi_lo"]) and "60 trials for 4 pairs" in row["reason"]
    assert summarise(tables, (3, 13))["recorded_information"].note == row["reason"]
    none = find(replace(trials([1, 2], np.array([0, 1]))), (500, 600), 8, 1)
    headline = summarise(none, (500, 600))["recorded_information"]
    assert np.isnan(headline.value) and headline.note == "no trial whose window lies in the recording"
    assert len(none["recorded_responses"]) == 0


def test_headlines_say_what_was_measured(tmp_path):
    labels = np.repeat([0, 1], 400)
    tables = measure(np.random.default_rng(1).poisson(1 + 3 * labels), labels)
    found = summarise(tables, (3, 13))
    row = tables["recorded_information"].iloc[0]
    one, chance = found["recorded_information"], found["recorded_information_by_chance"]
    assert (one.value, one.ci, one.n, one.unit) == (row["mi"], (row["mi_lo"], row["mi_hi"]), 800, "bit")
    assert "2 labels of 1 bit, counts from 3 to 13 after the stimulus" in one.note and one.expectation is None
    assert (chance.value, chance.n, chance.ci[0]) == (0.0, 999, 0.0) and 0 < chance.ci[1] < 0.004
    drawing = figure.draw(tables["recorded_responses"], row)
    shown = drawing.axes[0].images[0].get_array()
    assert np.allclose(shown.sum(1), 1) and shown.shape == (2, row["classes"])
    style.save(drawing, tmp_path / "x.svg")


RASTER = np.random.default_rng(6).poisson(0.3, (400, 5))
ONSETS = np.array([0.0, 20.0, 34.0, 700.0, 794.0])


@pytest.fixture
def written(tmp_path):
    """One activity as raster, spike times and counts, in steps of 2, and five stimuli."""
    np.save(tmp_path / "raster.npy", RASTER)
    np.save(tmp_path / "counts.npy", RASTER.sum(1))
    row, unit = np.nonzero(RASTER)
    often = RASTER[row, unit]
    np.save(tmp_path / "spikes.npy", np.stack([np.repeat(row * 2.0, often), np.repeat(unit, often)], 1))
    lines = [f"{label},{onset}" for label, onset in zip([3, 3, 1, 1, 3], ONSETS, strict=True)]
    (tmp_path / "stimuli.csv").write_text("\n".join(["label,time", *lines]))
    return tmp_path


def experiment(folder, source, **changes):
    own = {"path": str(folder / f"{source}.npy"), "stimuli": str(folder / "stimuli.csv"), "time_unit": "ms"}
    own["time_step"] = 1 if source == "spikes" else 2
    given = {"source": source, "recording": own, "information": {"window": [2, 10]}} | changes
    return resolve(read_schemas()[1]["branching"], given)


def stored(folder, parameters):
    assert list(check(parameters)) == []
    attributes = provenance.attributes("branching", "mine", parameters, "")
    name = parameters["source"]
    driver.run(
        simulation.build(parameters), folder / f"{name} checkpoint", folder / f"{name}.zarr", attributes
    )
    return folder / f"{name}.zarr"


def test_events_are_counted_in_the_window_of_every_kind_of_recording(written):
    """From its start up to its end; a window that leaves a raster is no trial, the end of spike times is unknown."""
    expected = [RASTER[(2 + int(t)) // 2 : (10 + int(t)) // 2].sum() for t in ONSETS]
    for source, kept in (("raster", 4), ("counts", 4), ("spikes", 5)):
        found = recording.opened(stored(written, experiment(written, source)))
        labels, counts = found.responses((2, 10))
        assert labels.tolist() == [3, 3, 1, 1, 3][:kept] and counts.tolist() == expected[:kept]


def test_a_recording_without_stimuli_has_no_information(written):
    own = experiment(written, "counts")
    tables, headlines = analyse(stored(written, own), own)
    assert "recorded_information" in headlines and "recorded_responses" in tables
    told = {
        name: {"value": 1.2345, "ci": (1.1, 1.3), "unit": "bit"}
        for name in ("recorded_tau", "recorded_information")
    }
    assert "after a stimulus tells 1.2" in FRONT.answer(told).text
    without = experiment(written, "raster", information={})
    without = without | {"recording": {**without["recording"], "stimuli": None}}
    assert "recorded_information" not in analyse(stored(written, without), without).headlines


@pytest.mark.parametrize(
    ("rows", "changes", "key", "says"),
    [("label,time\n1,2\n1,3\n", {}, "recording.stimuli", "a file with at least two labels, which are whole numbers"),
     ("label,time\n1.5,2\n1,3\n", {}, "recording.stimuli", "a file with at least two labels"),
     ("kind,time\n1,2\n2,3\n", {}, "recording.stimuli", "a table with the columns time and label; it has kind, time"),
     ("1,2,3\n4,5,6\n", {}, "recording.stimuli", "an array of shape (trial, 2) = (any, 2); it has (2, 3)"),
     ("1,nan\n4,5\n", {}, "recording.stimuli", "an array of finite numbers"),
     ("1500,2\n9000,5\n", {}, "recording.stimuli",
      f"times of the recording, which extends from 0 to {2 * len(RASTER)} ms; all windows lie outside"),
     ("-90,2\n1500,5\n", {"source": "spikes"}, "recording.stimuli", "times of the recording, which extends from"),
     ("1,2\n4,5\n", {"information": {}}, "information.window", "two times after a stimulus"),
     ("1,2\n4,5\n", {"information": {"window": [5, 5]}}, "information.window", "two times after a stimulus"),
     ("1,2\n4,5\n", {"source": "sizes"}, "recording.stimuli", "absent, as source is sizes"),
     ("1,2\n4,5\n", {"source": "model"}, "recording.path", "absent, as source is model")],
)  # fmt: skip
def test_stimuli_that_cannot_be_used_are_one_line_before_the_run(written, rows, changes, key, says):
    (written / "stimuli.csv").write_text(rows)
    np.save(written / "sizes.npy", np.array([3, 4]))
    found, _, allowed = next(iter(check(experiment(written, "counts") | _of(written, changes))))
    assert found == key and allowed.startswith(says)


def _of(folder, changes):
    given = experiment(folder, "counts", **{key: value for key, value in changes.items() if key != "source"})
    source = changes.get("source", "counts")
    own = given["recording"]
    if source != "model":
        own = {**own, "path": str(folder / f"{source}.npy")}
    return given | {"source": source, "recording": own}


def test_a_window_without_stimuli_is_refused(written):
    given = experiment(written, "counts")
    given = given | {"recording": {**given["recording"], "stimuli": None}}
    assert [fault[0] for fault in check(given)] == ["information.window"]
