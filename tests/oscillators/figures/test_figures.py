"""Figures say what they show, films run at the right colours, pages stay small. No pixel is compared."""

import json
import re

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from emergent_dynamics.oscillators import frames
from emergent_dynamics.oscillators.classifiers import CLASSIFIERS
from emergent_dynamics.oscillators.figures import (
    accuracy,
    confusion,
    defects,
    energy,
    epochs,
    film,
    gain,
    locking,
    order,
    ring,
    spikes,
    trajectories,
    viewer,
)
from emergent_dynamics.oscillators.findings import defects as find_defects
from emergent_dynamics.oscillators.findings import energy as find_energy
from emergent_dynamics.oscillators.findings import locking as find_locking
from emergent_dynamics.oscillators.findings import order as find_order
from emergent_dynamics.oscillators.findings import projection, training
from emergent_dynamics.oscillators.findings import ring as find_ring
from emergent_dynamics.oscillators.findings import spikes as find_spikes
from emergent_dynamics.plotting import page as pages
from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import CYCLIC, table
from emergent_dynamics.plotting.page import unpack
from tests.oscillators.experiments import by_hand, complete

SIZES = {"height": 6, "width": 7, "channels": 2}


@pytest.fixture(scope="module")
def config():
    return complete(**SIZES, runs=2, local_radius=1)


@pytest.fixture(scope="module")
def trajectory():
    """Two runs of nine frames of random phases."""
    rng = np.random.default_rng(1)
    theta = rng.uniform(-np.pi, np.pi, (2, 9, 2, 6, 7))
    field, frame = ("run", "time", "channel", "y", "x"), ("run", "time")
    mean = np.exp(1j * theta).mean((3, 4))
    speed = rng.random((2, 9))
    speed[:, 0] = np.nan
    columns = {
        "theta": (field, theta), "spike": (field, theta > 0), "order": (frame, np.abs(mean.mean(2))),
        "channel_order": (("run", "time", "channel"), np.abs(mean)), "speed": (frame, speed),
        "energy": (frame, np.linspace(-1, -3, 18).reshape(2, 9)),
        "input_phase": (("run", "channel", "y", "x"), theta[:, 0]),
    }  # fmt: skip
    return xr.Dataset(columns, {"time": ("time", np.arange(9) / 2), "step": ("time", np.arange(9))})


def test_curves_have_labels_with_units_and_theory_dashed(trajectory, config, tmp_path):
    """Every axis is labelled; the random order, the energy's zero and 1/3 of squares are drawn from `theory`."""
    synchrony = find_order.find(trajectory, config)
    locked = find_locking.find(trajectory, config)
    rates = find_spikes.find(trajectory, config)["rates"]
    drawings = [
        order.draw(synchrony["order"], synchrony["convergence"], config),
        energy.draw(find_energy.find(trajectory, config)["energy"], proven=False),
        spikes.draw(rates, frames.raster(trajectory), trajectory["time"].values),
        defects.draw(find_defects.find(trajectory, config)["defects"]),
        locking.draw(locked["plv"], locked["histogram"]),
    ]
    for k, drawing in enumerate(drawings):
        assert all(axis.get_ylabel() or axis.get_label() == "<colorbar>" for axis in drawing.axes)
        inked, paper = drawing.get_tightbbox(), drawing.get_size_inches()
        assert (inked.min >= 0).all() and (inked.max <= paper).all()  # fixed margins cut nothing off
        style.save(drawing, tmp_path / f"{k}.svg")
        assert (tmp_path / f"{k}.svg").stat().st_size < 300_000
    dashed = [line for line in drawings[3].axes[0].lines if line.is_dashed()]
    assert dashed[0].get_ydata()[0] == pytest.approx(1 / 3)


def test_a_ring_is_drawn_beside_the_published_solution_where_there_is_one(tmp_path):
    """A step in phase and noise beside it is called a chimera; equal phases are none, and no line is dashed."""
    ring_of = {"topology": "ring", "normalise": "mean", "height": 1, "channels": 1, "bias": 0, "frequency": 0}
    theta = np.random.default_rng(2).uniform(-1, 1, (2, 6, 1, 1, 60)) * np.pi
    theta[0, ..., 15:45] = 0.4
    theta[1] = 0.1
    frames = xr.Dataset({"theta": (("run", "time", "channel", "y", "x"), theta)},
                        {"time": ("time", np.arange(6.0)), "step": ("time", np.arange(6))})  # fmt: skip
    for width, lag, dashed in ((60, np.pi / 2 - 0.18, 1), (60, 0.0, 0)):
        own = complete(**ring_of, width=width, lag=lag)
        tables = find_ring.find(frames, own)
        drawing = ring.draw(tables["ring"], tables["profile"], own)
        assert drawing.get_suptitle().startswith("1 of 2 runs are chimeras; their order parameter is 0.")
        assert sum(line.is_dashed() for line in drawing.axes[1].lines) == dashed
        assert len(drawing.axes[0].lines[0].get_xdata()) == 60
    none = find_ring.find(frames.isel(run=[1]), own)
    assert (
        ring.draw(none["ring"], none["profile"], own).get_suptitle()
        == "0 of 1 runs are chimeras: all end in phase"
    )


def test_the_reduced_equation_is_drawn_where_it_holds(trajectory):
    lorentzian = {"distribution": "lorentzian"}
    own = complete(**SIZES, topology="all_to_all", normalise="mean", bias=0, frequency=0, natural=lorentzian,
                   coupling=3, start={"form": "clustered", "order": 0.4}, integrator="heun")  # fmt: skip
    found = find_order.find(trajectory, own)
    drawing = order.draw(found["order"], found["convergence"], own)
    (drawn,) = [line for line in drawing.axes[0].lines if line.get_label().startswith("Ott")]
    assert drawn.get_ydata()[0] == pytest.approx(0.4) and len(drawn.get_ydata()) == 9
    assert f"equation gives {drawn.get_ydata()[-1]:.4f}" in drawing.get_suptitle()
    alone = order.draw(found["order"], found["convergence"], own | {"channels": 1}).axes
    mean = found["order"].groupby("time")["order"].mean()
    np.testing.assert_allclose(alone[1].lines[0].get_ydata(), mean - drawn.get_ydata())
    assert (
        len(order.draw(found["order"], found["convergence"], complete(**SIZES | {"channels": 1})).axes) == 3
    )


def test_the_phase_film_takes_the_circular_mean(trajectory):
    """Channels at +3.1 and -3.1 rad average to pi, not to 0 as a plain mean of angles has it."""
    theta = np.array([3.1, -3.1]).reshape(1, 2, 1, 1)
    assert abs(film.mean_phase(theta).item()) == pytest.approx(np.pi)
    colours = table(CYCLIC, 256)
    assert np.abs(colours[film.phase_codes(np.full((1, 1, 1, 1), np.pi))] - colours[0].astype(int)).max() == 0
    assert film.phase_codes(np.zeros((1, 1, 1, 1))).item() == 128


def test_films_have_a_frame_per_saved_step(trajectory):
    for made in (film.phase_frames(trajectory), film.spike_frames(trajectory)):
        shown = list(made)
        assert len(shown) == 9 and all(f.dtype == np.uint8 and f.shape == shown[0].shape for f in shown)


def test_a_few_frames_of_many_are_read_in_order(trajectory):
    """Frames 0, 3, 5, 8 of nine, whatever the chunks; a film has at most FILM_FRAMES."""
    assert list(frames.spaced(9, 4)) == [0, 3, 5, 8] and list(frames.spaced(3, 9)) == [0, 1, 2]
    found = np.concatenate(list(frames.read(trajectory, "theta", np.array([0, 3, 5, 8]), run=1)))
    np.testing.assert_array_equal(found, trajectory["theta"].values[1, [0, 3, 5, 8]])


def test_pages_are_whole_and_small(trajectory):
    page = viewer.page(trajectory, "field")
    assert page.count('class="data"') == trajectory.sizes["run"] and "9 of 9 frames." in page
    assert page.startswith("<!doctype html>") and page.rstrip().endswith("</html>")
    assert len(page) < 200_000 and 'src="http' not in page


def test_a_page_is_the_same_however_many_frames_are_decoded_at_a_time(trajectory, monkeypatch):
    whole = viewer.page(trajectory, "field")
    monkeypatch.setattr(frames, "PIECE", 2 * trajectory["theta"][0, 0].size)
    assert all(len(part) <= 2 for part in frames.read(trajectory, "theta", np.arange(9)))
    assert viewer.page(trajectory, "field") == whole


def test_a_page_has_no_more_frames_than_its_largest_number(trajectory, monkeypatch):
    """However small frames are when compressed, so that the memory of the page does not grow with the run."""
    monkeypatch.setattr(viewer, "MOST", 4)
    assert "4 of 9 frames." in viewer.page(trajectory, "field")


def found_store(found):
    """projection.zarr in memory."""
    return xr.Dataset({name: (v.dims, found[name]) for name, v in projection.variables(found).items()})


def runs_of(text):
    """The data of each run of a page, as JSON."""
    return re.findall(r'class="data">(.*?)</script>', text)


@pytest.mark.parametrize("method", ["pca", "per_frame", "tsne"])
def test_the_page_of_pixels_has_every_frame_of_every_run(trajectory, method):
    """To half a step of ten bits; by t-SNE the frames of run 0 that were embedded."""
    found = projection.find(trajectory, complete(projection={"method": method, "frames": 5, "points": 20}))
    text = trajectories.page(found_store(found), trajectory, method, "pixels")
    runs = [json.loads(run) for run in runs_of(text)]
    if method == "tsne":
        assert "20 pixels, the same in all frames; 5 of 9 frames of run 0." in text
        np.testing.assert_allclose(unpack(runs[0]["position"]), found["position"], rtol=0, atol=0.01)
        assert len(runs) == 1 and runs[0]["axes"] == ["first t-SNE axis", "second t-SNE axis"]
        return
    assert "20 pixels, the same in all frames and runs; 9 of 9 frames." in text
    assert len(runs) == trajectory.sizes["run"]
    for run, data in enumerate(runs):
        shown = projection.positions(trajectory, found, method, run, np.arange(9))
        step = np.ptp(shown) / (2**10 - 2)
        np.testing.assert_allclose(unpack(data["position"]), shown, rtol=0, atol=step / 2 + 1e-6)
        np.testing.assert_allclose(unpack(data["time"]), trajectory["time"])
        assert data["axes"][0].endswith(f"{found['explained'][run, 0]:.0%} of the variance")


def test_a_full_page_of_pixels_keeps_every_run_and_drops_frames(monkeypatch):
    """With too little room coordinates have 8 bits, and then there are fewer frames; the caption says how many."""
    theta = np.random.default_rng(3).uniform(-3, 3, (2, 60, 2, 6, 7))
    stored = by_hand(theta)
    found = projection.find(stored, complete())
    whole = sum(map(len, runs_of(trajectories.page(found_store(found), stored, "pca", "pixels"))))
    monkeypatch.setattr(trajectories, "points_script", str)  # no script, which would fill such a small page
    shown = []
    for share in (1.0, 0.5):
        monkeypatch.setattr(pages, "LARGEST", round(share * whole))
        text = trajectories.page(found_store(found), stored, "pca", "pixels")
        runs = [json.loads(run) for run in runs_of(text)]
        assert len(runs) == 2 and {run["position"]["dtype"] for run in runs} == {"uint8"}
        shown.append(runs[0]["position"]["shape"][0])
        assert f"; {shown[-1]} of 60 frames." in text and runs[1]["position"]["shape"] == [shown[-1], 42, 2]
    assert shown[0] == 60 and 20 < shown[1] < 60


def test_the_legend_has_the_input_of_every_run():
    """Five classes between the extremes of all runs; equal inputs are one class."""
    phase = np.linspace(0, 1, 12).reshape(2, 2, 3)
    level, names = trajectories._levels(phase, np.array([0, 2, 5]))
    assert level.tolist() == [[0, 0, 2], [2, 3, 4]] and names[0] == "input 0.00 to 0.20 rad"
    assert trajectories._levels(np.ones((2, 2, 3)), np.array([1]))[1] == ["input 1.00 rad"]


def test_the_classification_is_drawn_whatever_the_gain(tmp_path):
    """A gain without interval (one split) is a point; rows of the confusion matrix sum to 1."""
    rng, rows = np.random.default_rng(1), []
    for noise in (0.0, 0.3):
        for name in ("raw", "encoding", "blur_1", "field"):
            for classifier in CLASSIFIERS:
                row = {"noise": noise, "features": name, "split": 0, "classifier": classifier, "n_test": 50}
                rows.append(
                    row
                    | {
                        "accuracy": rng.random(),
                        "confusion": rng.integers(0, 9, 9).tolist(),
                        "log": [[1, 1], [0.5, 0.7]],
                    }
                )
    tables = training.find(rows)
    style.save(accuracy.draw(tables["accuracy"], tables["gain"]), tmp_path / "a.svg")
    style.save(epochs.draw(tables["epochs"]), tmp_path / "b.svg")
    matrix = confusion.draw(tables["confusion"]).axes[0].images[0].get_array()
    np.testing.assert_allclose(np.asarray(matrix).sum(1), 1.0)
    assert "field − control" in gain.page(tables["gain"], "digits")
    assert tables["gain"]["lo"].isna().all()


def test_the_gain_of_a_trained_field_stands_beside_that_of_the_fixed_one():
    """In a row of its own and in the sentence."""
    rows = [
        {"noise": 0.3, "features": name, "split": split, "classifier": classifier, "n_test": 50,
         "accuracy": accurate + 0.02 * split, "confusion": [5] * 9, "log": [[1, 1]]}
        for name, accurate in (("raw", 0.5), ("blur_1", 0.6), ("field", 0.7), ("trained", 0.8))
        for split in range(3) for classifier in CLASSIFIERS
    ]  # fmt: skip
    tables = training.find(rows)
    accuracies = tables["accuracy"][tables["accuracy"]["features"] == "raw"].assign(features="encoding")
    drawing = accuracy.draw(pd.concat([tables["accuracy"], accuracies]), tables["gain"])
    left, right = drawing.axes
    assert left.get_yticklabels()[0].get_text() == "trained with Adam: trained field"
    np.testing.assert_allclose(right.containers[0].lines[0].get_xdata().astype(float), [0.2, 0.1] * 3)
    assert [label.get_text() for label in right.get_yticklabels()[-2:]] == [
        "ridge regression: trained field", "ridge regression: field"
    ]  # fmt: skip
    assert drawing.get_suptitle().replace("\n", " ") == (
        "With ridge regression the field gains 0.1000 over its best control, and 0.2000 if it is trained; "
        "3 splits are too few for a verdict"
    )
