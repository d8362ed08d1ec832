"""Static figures: reproducible, of the size asked for, without a trace in matplotlib's settings."""

import re

import matplotlib
import numpy as np
import pytest
from matplotlib.text import Text
from PIL import Image

from emergent_dynamics.plotting import colours, style


@style.styled()
def example():
    drawing, axes = style.figure(700, 420, 1, 2)
    x = np.linspace(0, 10, 50)
    axes[0, 0].plot(x, np.sin(x), label="measured")
    style.band(axes[0, 0], x, np.sin(x) - 0.2, np.sin(x) + 0.2)
    style.theory_line(axes[0, 0], x, np.cos(x))
    axes[0, 0].set(xlabel="time (s)", ylabel="gap (rad)", title="left")
    axes[0, 0].legend()
    style.cells(axes[0, 1], np.outer(x, x) - 20, "overlap (1)", colour_map=colours.DIVERGING)
    style.letters(axes)
    return drawing


@pytest.mark.parametrize("suffix", [".svg", ".png", ".pdf"])
def test_the_same_figure_gives_the_same_bytes(tmp_path, suffix):
    """No date, no random identifier, no version in the file."""
    first, second = tmp_path / f"a{suffix}", tmp_path / f"b{suffix}"
    style.save(example(), first)
    style.save(example(), second)
    assert first.read_bytes() == second.read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == [first.name, second.name]


def test_a_figure_has_the_size_asked_for_in_css_pixels(tmp_path):
    """1 CSS pixel is 1/96 inch = 0.75 pt of SVG; a PNG has `scale` pixels for it."""
    style.save(example(), tmp_path / "a.svg", tmp_path / "a.png", scale=2)
    assert 'width="525pt" height="315pt"' in (tmp_path / "a.svg").read_text()
    assert Image.open(tmp_path / "a.png").size == (1400, 840)


def test_drawing_leaves_matplotlib_as_it_was(tmp_path):
    before = dict(matplotlib.rcParams)
    style.save(example(), tmp_path / "a.svg")
    assert dict(matplotlib.rcParams) == before


def test_a_diverging_map_is_centred_on_zero():
    _, [[axis]] = style.figure(300, 300)
    shown = style.cells(axis, np.array([[-1.0, 3.0], [np.nan, 0.0]]), "x", colour_map=colours.DIVERGING)
    assert shown.get_clim() == (-3.0, 3.0)


def test_labels_of_a_short_logarithmic_axis_do_not_collide():
    """Between 1 and 7 matplotlib writes 2, 3, 4, 6 x 10^0 over one another; here 1, 2, 5 are labelled."""
    drawing, [[axis]] = style.figure(400, 300)
    axis.plot([1, 7], [1, 2])
    style.log_ticks(axis, "x")
    drawing.canvas.draw()
    labels = [t for t in axis.get_xticklabels(which="both") if t.get_text()]
    assert {t.get_text() for t in labels} >= {"1", "2", "5"}
    inside = [t.get_window_extent() for t in labels if 1 <= t.get_position()[0] <= 7]
    assert not any(a.overlaps(b) for i, a in enumerate(inside) for b in inside[:i])


def test_powers_of_ten_are_plain_text():
    """10⁻³ and −10², no TeX to parse; a fixed gap leaves the columns that many CSS pixels apart."""
    drawing, axes = style.figure(800, 300, columns=2, gap=100)
    axes[0, 0].set(yscale="symlog", ylim=(-1000, 1000))
    style.powers(axes[0, 0], "y")
    drawing.canvas.draw()
    texts = {t.get_text() for t in axes[0, 0].get_yticklabels()}
    assert {"−10²", "0", "10²"} <= texts and style.power(1e-3) == "10⁻³"
    left, right = (axis.get_window_extent() for axis in axes[0])
    assert right.x0 - left.x1 == pytest.approx(100)


def test_an_unknown_kind_of_file_is_refused_in_one_line(tmp_path):
    with pytest.raises(ValueError, match=r"a\.gif: a figure ends in one of \.svg, \.png, \.pdf$"):
        style.save(example(), tmp_path / "a.gif")


def test_categories_differ_in_lightness_or_hue_for_every_kind_of_sight():
    """Pairs stay apart in linear RGB after the protan and deutan projections of Vienot, Brettel & Mollon
    1999.
    """
    seen = np.array([colours.rgb(c) for c in colours.CATEGORIES]) / 255
    linear = np.where(seen <= 0.04045, seen / 12.92, ((seen + 0.055) / 1.055) ** 2.4)
    protan = np.array([[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]])
    deutan = np.array([[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]])
    for sight in (np.eye(3), protan, deutan):
        there = np.clip(linear @ sight.T, 0, 1) ** (1 / 2.2)
        apart = np.linalg.norm(there[:, None] - there[None], axis=-1) + 9 * np.eye(len(there))
        assert apart.min() > 0.06


def seam(ring):
    """The step from the last colour to the first, in median steps between neighbours; steps are sums over r, g, b."""
    steps = np.abs(ring.astype(int) - np.roll(ring.astype(int), 1, axis=0)).sum(1)
    return steps[0] / np.median(steps)


def test_the_cyclic_map_has_no_seam():
    """Its last colour is a step from its first, none and two are not; a ramp of greys has a seam of 255 steps."""
    ring = colours.table(colours.CYCLIC, 256)
    assert 0 < seam(ring) < 2
    assert len(np.unique(ring, axis=0)) > 200
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    assert seam(ramp) == 255
    closed = np.concatenate([ring, ring[:1]])  # its ends are equal: a colour is drawn twice
    assert seam(closed) == 0


def test_oklab_white_black_and_red_are_srgb_s():
    """Ottosson 2020: white is (1, 0, 0), black (0, 0, 0), sRGB red (0.627955, 0.224863, 0.125846)."""
    lab = np.array([[1, 0, 0], [0, 0, 0], [0.627955, 0.224863, 0.125846]])
    assert colours.oklab_to_srgb(*lab.T).tolist() == [[255, 255, 255], [0, 0, 0], [255, 0, 0]]


def test_an_identity_keeps_its_colour_however_many_there_are():
    few, many = colours.identity_table(10), colours.identity_table(5000)
    assert (few == many[:10]).all()
    assert (colours.identity_table(10, first=100) == many[100:110]).all()


@pytest.mark.parametrize("columns", [1, 3])
@pytest.mark.parametrize("width", [85, 180])
def test_a_figure_for_a_paper_is_as_wide_as_asked_and_legible(tmp_path, width, columns):
    """`-85mm.pdf`: 85 mm on the page, no text below 6 pt, panels in one column where they would be too narrow."""
    drawing, axes = style.figure(1200, 400, columns=columns, gap=78)
    for axis in axes.flat:
        axis.plot([1, 2], label="line")
        axis.set(xlabel="time", ylabel="share", title="Panel")
        axis.legend()
    style.conclude(drawing, "A sentence above everything that this figure shows")
    path = tmp_path / f"a-{width}mm.pdf"
    style.save(drawing, [str(tmp_path / "a.svg"), str(path)])
    points = float(re.search(rb"/MediaBox \[ 0 0 ([0-9.]+)", path.read_bytes())[1])
    assert points / 72 * 25.4 == pytest.approx(width, abs=0.01)
    assert min(text.get_fontsize() for text in drawing.findobj(Text) if text.get_text()) >= 6.0
    lefts = {round(axis.get_position().x0, 1) for axis in axes.flat}
    assert len(lefts) == (columns if width == 180 else 1)
    assert b'width="900pt"' in (tmp_path / "a.svg").read_bytes()


def test_a_conclusion_stands_above_panels_that_keep_their_size():
    drawing, [[axis]] = style.figure(700, 420, gap=0)
    drawing.canvas.draw()
    before = axis.get_window_extent().height
    style.conclude(drawing, "A very long sentence about what is seen here " * 4)
    drawing.canvas.draw()
    assert axis.get_window_extent().height == pytest.approx(before, abs=0.6)
    title = drawing.findobj(Text, include_self=False)
    assert any("very long sentence" in text.get_text() and "\n" in text.get_text() for text in title)
    assert drawing.get_size_inches()[1] * 96 == pytest.approx(420 + 30 + 2 * 19)


def test_an_svg_holds_its_text_as_text_and_its_conclusion_as_title(tmp_path):
    drawing, [[axis]] = style.figure()
    axis.set_xlabel("branching ratio σ")
    style.conclude(drawing, "It peaks at 1")
    style.save(drawing, tmp_path / "a.svg")
    text = (tmp_path / "a.svg").read_text()
    assert "<title>It peaks at 1</title>" in text and ">branching ratio σ</text>" in text
    assert "'DejaVu Sans', Verdana, sans-serif" in text


def test_an_interval_in_a_title_has_the_digits_that_it_bears():
    assert style.interval(5.766, 5.601, 5.931) == "5.77 [5.60, 5.93]"
    assert style.interval(0.5, float("nan"), 1.0) == "0.5000"
