"""Smoothing against the original's kernel, and what the films' frames must contain."""

import numpy as np
import pytest
import xarray as xr

from emergent_dynamics.branching.figures import activity, cells, guessing_game, rearrangement
from emergent_dynamics.branching.figures.smoothing import FADE, smooth
from emergent_dynamics.branching.resources import PIECE


def impulse(step=30, steps=60):
    spikes = np.zeros((steps, 1), bool)
    spikes[step] = True
    return spikes


def test_the_original_smoothing_glows_before_the_spike():
    """A spike at frame 90 peaks at 88 and 89 (both 1) and falls by 0.5455 a frame on either side."""
    glow = smooth(impulse(), "seed", 3)[:, 0]
    assert np.flatnonzero(glow > 0.999).tolist() == [88, 89]
    assert glow[90] == pytest.approx(0.5455, abs=1e-4) and glow[87] == pytest.approx(0.5455, abs=1e-4)


def test_the_original_smoothing_overshoots_for_a_neuron_that_is_always_on():
    """It oscillates between 1.302 and 1.549."""
    glow = smooth(np.ones((100, 1), bool), "seed", 3)[120:180, 0]
    assert (glow.min(), glow.max()) == (pytest.approx(1.302, abs=1e-3), pytest.approx(1.549, abs=1e-3))


def test_causal_smoothing_starts_with_the_spike_and_never_exceeds_one():
    """Zero lag, nothing before, a constant factor per frame after; at most 1 for any spikes."""
    glow = smooth(impulse(), "causal", 3)[:, 0]
    assert glow[:90].max() == 0.0 and glow[90] == 1.0
    assert glow[91:100] == pytest.approx(FADE ** np.arange(1, 10), rel=1e-5)
    spikes = np.random.default_rng(1).random((200, 50)) < 0.5
    bright = smooth(spikes, "causal", 3)
    assert bright.max() == 1.0 and (bright[::3][spikes] == 1.0).all()


def test_no_smoothing_shows_the_spikes():
    """Each step `stretch` times, 0 or 1."""
    spikes = np.random.default_rng(1).random((20, 7)) < 0.3
    assert np.array_equal(smooth(spikes, "none", 4), np.repeat(spikes, 4, axis=0))


@pytest.fixture
def windows():
    """A film of two panels, 5 layers of 4 neurons, 8 steps, two trials, the second selected one missing."""
    rng = np.random.default_rng(1)
    return xr.Dataset(
        {
            "mask": (("panel", "frame", "layer", "neuron"), rng.random((2, 8, 5, 4)) < 0.3),
            "guess_mask": (
                ("ensemble", "panel", "guess_frame", "layer", "neuron"),
                rng.random((2, 2, 16, 5, 4)) < 0.3,
            ),
            "excited": (
                ("ensemble", "panel", "trial"),
                np.array([[[3, 2], [3, 2]], [[2, -1], [3, -1]]], np.int16),
            ),
            "reached": (
                ("ensemble", "panel", "trial"),
                np.array([[[0, 0], [4, 4]], [[2, -1], [3, -1]]], np.int16),
            ),
            "width": ("layer", np.array([4, 2, 4, 3, 4])),
            "accept_rate": (("ensemble", "panel"), np.array([[1.0, 1.0], [0.1, 0.03]])),
        },
        coords={"sigma": ("panel", [0.7, 1.0]), "spontaneous": ("panel", [0.01, 0.005])},
    )


def test_the_score_counts_the_trials_that_have_ended_near_their_input():
    excited, reached = np.array([3, 5, 9], np.int16), np.array([2, 7, 9], np.int16)
    texts = [guessing_game.score(excited, reached, ended) for ended in range(4)]
    assert texts == [f"{near} of {ended} within one neuron" for ended, near in enumerate((0, 1, 1, 2))]


def test_numbers_are_written_into_the_panels_of_the_guessing_game(windows, monkeypatch):
    """White on the lowest row of cells, where every layer has a neuron; nothing where no trial was found."""
    made, panels = [], cells.panels
    monkeypatch.setattr(cells, "panels", lambda *given: made.append(panels(*given)) or made[-1])
    frames = list(guessing_game.frames(windows, "none", 2))
    for pane, found in zip(made[0][1], (True, True, False), strict=True):
        top, bottom, left, right = pane.box
        written = [
            (f[bottom - (bottom - top) // 5 : bottom - 3, left + 3 : right - 3] == 255).all(-1).any()
            for f in frames
        ]
        assert written[-1] == found


@pytest.mark.parametrize("make, length", [(activity.frames, 16), (guessing_game.frames, 32)])
def test_films_have_a_frame_per_step_and_stretch_of_one_even_size(windows, make, length):
    """As the encoder needs them; not all the same picture."""
    frames = list(make(windows, "causal", 2))
    assert len(frames) == length
    assert {f.shape for f in frames} == {frames[0].shape} and frames[0].shape[0] % 2 == frames[0].shape[
        1
    ] % 2 == 0
    assert not np.array_equal(frames[0], frames[-1])


@pytest.mark.parametrize("kind", ["causal", "seed", "none"])
@pytest.mark.parametrize("stretch", [1, 3])
def test_pictures_in_pieces_are_the_pictures_of_the_whole_film(kind, stretch):
    """Spikes are rare; those of the last step of a piece glow in the next one."""
    mask = np.random.default_rng(1).random((3 * PIECE + 7, 2, 3)) < 0.02
    mask[PIECE - 1 :: PIECE, 0, 0] = True
    mask[PIECE::PIECE, 0, 0] = False
    whole = cells.picture(mask, np.array([2, 3]), kind, stretch)
    pieces = list(cells.pictures(mask, np.array([2, 3]), kind, stretch))
    assert np.array_equal(whole, pieces)
    alone = cells.picture(mask[PIECE:], np.array([2, 3]), kind, stretch)
    assert kind == "none" or not np.array_equal(whole[PIECE * stretch :], alone)  # the edge is crossed


def test_a_narrow_layer_is_drawn_narrow(windows):
    """Cells of neurons that a layer does not have are white in every frame; all others never are."""
    frames = list(activity.frames(windows, "causal", 2, 700))
    white = np.all([(f == 255).all(-1) for f in frames], axis=0)
    levels = cells.picture(windows["mask"].values[0], windows["width"].values, "none", 1)
    assert (levels[:, 1, 2:] == len(cells.CELLS) - 1).all() and (levels[:, 0] < len(cells.GLOW)).all()
    assert (levels == len(cells.CELLS) - 1).sum() == 3 * len(levels) and white.any()


def test_the_rearrangement_starts_scattered_and_ends_in_layers():
    """Still until 5/12, still from 7/12, monotone between; every node once; edges join neighbouring layers."""
    progress = np.linspace(0, 1, 121)
    path = np.array([rearrangement.arrangement(x) for x in progress])
    assert (path[progress <= 5 / 12] == 0).all() and (path[progress >= 7 / 12] == 1).all()
    assert (np.diff(path) >= 0).all()
    scattered, layered, edges = rearrangement.graph(6, 5, seed=1)
    assert len(np.unique(scattered, axis=0)) == len(np.unique(layered, axis=0)) == 30
    assert (scattered >= 0).all() and (scattered <= 1).all()
    assert (edges[:, 1] // 5 - edges[:, 0] // 5 == 1).all()
    share = len(edges) / (5 * 25)
    assert abs(share - rearrangement.EDGES) < 4 * np.sqrt(
        rearrangement.EDGES * (1 - rearrangement.EDGES) / 125
    )


def test_the_rearrangement_film_runs(windows):
    """Frames of one size, the first and the last with other places."""
    frames = list(rearrangement.frames(windows, "none", 2, seed=1, width=300, height=200))
    assert len(frames) == 16 and frames[0].shape == (854, 1280, 3)
    assert (frames[0] != frames[-1]).mean() > 0.02


@pytest.mark.slow
def test_manim_draws_the_same_film(windows, tmp_path):
    """As many frames as the film has, in an MP4. Manim has an environment of its own."""
    pytest.importorskip("manim", reason="manim is installed by envs/manim.yaml only")
    from emergent_dynamics.branching.figures import rearrangement_manim
    from emergent_dynamics.plotting import film

    rearrangement_manim.render(windows, "causal", 2, 30, 1, tmp_path / "film.mp4")
    assert len(list(film.read_film(tmp_path / "film.mp4"))) == 16
