"""Frames: what is painted lies where matplotlib would have put it."""

import time

import numpy as np
import pytest

from emergent_dynamics.plotting import raster, style
from emergent_dynamics.plotting.canvas import Canvas, grid_canvas
from emergent_dynamics.plotting.film import write_film
from emergent_dynamics.plotting.glyphs import glyphs


def plain(scale=1.0, **limits):
    drawing, [[axis]] = style.figure(300, 200)
    axis.set(**({"xlim": (-1, 3), "ylim": (0, 2)} | limits))
    axis.grid(False)
    stage = Canvas(drawing, scale)
    return stage, stage.pane(axis), axis


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_a_disk_lies_on_matplotlib_s_marker(scale):
    """The centre of mass of the ink of both, for an off-centre point on a logarithmic axis."""
    drawing, [[axis]] = style.figure(300, 200)
    axis.set(xlim=(-1, 3), ylim=(0.1, 20), yscale="log")
    axis.grid(False)
    empty = Canvas(drawing, scale)
    painted = empty.blank()
    empty.pane(axis).disks(painted, np.array([0.73]), np.array([4.1]), "#000000", 5)
    # A dot as the round caps of a line without length, 7.5 pt = 10 CSS pixels wide: markers would snap to
    # pixels.
    look = {"color": "black", "linewidth": 7.5, "solid_capstyle": "round", "snap": False}
    axis.plot([0.73, 0.73 + 1e-6], [4.1, 4.1], **look)
    drawn = Canvas(drawing, scale).background
    centres = [ink_centre(empty.background, image) for image in (painted, drawn)]
    assert np.abs(centres[0] - centres[1]).max() < 0.1


def ink_centre(before, after):
    ink = np.abs(after.astype(int) - before).sum(-1)
    return np.array([(np.indices(ink.shape)[axis] * ink).sum() / ink.sum() for axis in (0, 1)])


@pytest.mark.parametrize("radius", [0.4, 1.0, 3.7, 12.0])
def test_a_disk_has_the_ink_of_its_area(radius):
    """Coverage sums to pi r^2; the linear ramp of the rim is exact to 0.5 r^-1/2 of a pixel's worth for r >=
    1.
    """
    frame = np.zeros((40, 40, 3), np.uint8)
    one = np.array([20.3])
    raster.paint_disks(frame, one, one, np.full((1, 4), 255, np.uint8), np.array([radius]), (0, 40, 0, 40))
    expected = np.pi * radius**2
    assert frame[..., 0].sum() / 255 == pytest.approx(expected, rel=0.1 if radius >= 1 else 0.8)


def test_later_disks_cover_earlier_ones_and_a_dark_disk_can_cover_a_light_one():
    """Differences of unsigned bytes wrapped around once and left coloured rims."""
    frame = np.full((20, 20, 3), 255, np.uint8)
    middle = np.array([10.0, 10.0])
    colours = np.array([[230, 159, 0, 255], [0, 114, 178, 255]], np.uint8)
    raster.paint_disks(frame, middle, middle, colours, np.array([6.0, 6.0]), (0, 20, 0, 20))
    assert frame[10, 10].tolist() == [0, 114, 178]
    rim = frame[10, 15:18].astype(int)
    assert (np.diff(rim[:, 0]) >= 0).all()


def test_half_opacity_is_the_mean_of_both_colours():
    frame = np.full((9, 9, 3), 200, np.uint8)
    one = np.array([4.5])
    raster.paint_disks(
        frame, one, one, np.array([[0, 100, 200, 128]], np.uint8), np.array([3.0]), (0, 9, 0, 9)
    )
    assert np.abs(frame[4, 4].astype(int) - [100, 150, 200]).max() <= 1


def test_nothing_is_painted_outside_the_pane_or_for_nan():
    stage, pane, _ = plain()
    frame = stage.blank()
    far = np.array([-1.0, 3.0, 50.0, np.nan, 1e300])
    pane.disks(frame, far, np.array([0.0, 2.0, 1.0, 1.0, 1.0]), "#ff0000", 30)
    pane.lines(frame, np.array([[-50.0, 50.0], [np.nan, 1.0]]), np.ones((2, 2)), "#ff0000", 5)
    top, bottom, left, right = pane.box
    changed = (frame != stage.background).any(-1)
    assert changed[top:bottom, left:right].any()
    changed[top:bottom, left:right] = False
    assert not changed.any()


@pytest.mark.parametrize("angle", [0.0, 0.3, np.pi / 4, np.pi / 2, 2.5])
def test_a_line_has_the_ink_of_its_area_at_every_angle(angle):
    """Length times width plus the round ends."""
    frame = np.zeros((80, 80, 3), np.uint8)
    x, y = 30 * np.cos(angle), 30 * np.sin(angle)
    ends = (np.array([v]) for v in (40 - x, 40 - y, 40 + x, 40 + y))
    raster.paint_lines(
        frame, np.stack([*ends]), np.full((1, 4), 255, np.uint8), np.array([3.0]), (0, 80, 0, 80)
    )
    assert frame[..., 0].sum() / 255 == pytest.approx(60 * 3 + np.pi * 1.5**2, rel=0.02)


@pytest.mark.parametrize("origin", ["lower", "upper"])
def test_every_cell_shows_its_colour_in_whole_pixels(origin):
    stage, pane = grid_canvas(5, 8, title="t", width=400, height=300, origin=origin)
    values = np.arange(40).reshape(5, 8)
    table = np.stack([np.arange(40) * 6] * 3, axis=1).astype(np.uint8)
    frame = stage.blank()
    pane.cells(frame, values, table, origin=origin)
    top, bottom, left, right = pane.box
    cell = (bottom - top) // 5
    assert (bottom - top, right - left) == (5 * cell, 8 * cell)
    seen = frame[top:bottom, left:right, 0]
    rows = values[::-1] if origin == "lower" else values
    assert (seen == np.kron(rows * 6, np.ones((cell, cell), int))).all()


def test_a_grid_larger_than_the_frame_still_fits():
    stage, pane = grid_canvas(1000, 3000, scale=1.0, width=700, height=400)
    frame = stage.blank()
    pane.cells(frame, np.zeros((1000, 3000), np.uint8), np.zeros((1, 3), np.uint8))
    assert frame.shape == (400, 700, 3)


def test_digits_are_equally_wide_and_text_stays_inside():
    font = glyphs(13)
    assert len({font.width(str(d)) for d in range(10)}) == 1
    stage, _, _ = plain()
    frame = stage.blank()
    stage.clock(frame, "t = 123.45", 0.5)
    stage.text(frame, "snowman ☃ beyond the edge", -20, 195)
    assert (frame != stage.background).any()
    assert frame.shape == stage.background.shape


def test_300_frames_cost_little_more_than_their_encoding(tmp_path):
    """Painting 300 frames of 700 x 400, cells and a clock, in at most 1 s of CPU; a matplotlib redraw takes
    12 s.
    """
    stage, pane = grid_canvas(20, 35, title="activity", width=700, height=400)
    values = np.random.default_rng(0).integers(0, 256, (300, 20, 35))
    table = np.stack([np.arange(256)] * 3, axis=1).astype(np.uint8)
    start = time.process_time()
    for i in range(300):
        frame = stage.blank()
        pane.cells(frame, values[i], table)
        stage.clock(frame, f"t = {i / 3:.2f}", i / 299)
    assert time.process_time() - start < 1.0
    assert write_film([frame], tmp_path / "a.mp4", fps=1) == 1
