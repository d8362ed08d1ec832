"""Figures: every one draws from small tables, says what is expected, and survives what is empty or single."""

import itertools
import json

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.legend import Legend

from emergent_dynamics.causal import exact, groups
from emergent_dynamics.causal.figures import capture as capture_figure
from emergent_dynamics.causal.figures import centres as centres_figure
from emergent_dynamics.causal.figures import counts as counts_figure
from emergent_dynamics.causal.figures import film, over_beta, phase, spacetime, survival, tokens, viewer
from emergent_dynamics.causal.figures import heads as heads_figure
from emergent_dynamics.causal.figures import mask as mask_figure
from emergent_dynamics.causal.figures import order as order_figure
from emergent_dynamics.causal.figures import thresholds as thresholds_figure
from emergent_dynamics.causal.findings import (
    capture,
    centres,
    counts,
    lifetime,
    mask,
    order,
    sweep,
    thresholds,
)
from emergent_dynamics.plotting import style

PARAMETERS = {
    "beta": 49.0, "tokens": 256, "dimension": 2, "mask": "causal", "attention": "softmax", "value": "identity",
    "query": "identity", "key": "identity", "seed": 1, "initial": None, "gap": {"scaled": 0.49}, "runs": 3,
    "integrator": "ode", "end_time": 500.0, "capture": 1,
}  # fmt: skip


def gathering(runs=3, n=12, dimension=2, frames=6):
    """Tokens that move straight to token 0 by the last frame; times 0, 1, 2, 4, ..."""
    x = np.random.default_rng(1).standard_normal((runs, 1, n, dimension))
    share = np.linspace(0, 1, frames)[:, None, None]
    x = x / np.linalg.norm(x, axis=-1, keepdims=True)
    x = (1 - share) * x + share * x[:, :, :1]
    x = x / np.linalg.norm(x, axis=-1, keepdims=True)
    time = np.concatenate([[0.0], 2.0 ** np.arange(frames - 1)])
    return xr.Dataset(
        {"x": (("run", "time", "token", "coord"), x)},
        coords={"time": time},
        attrs={"parameters": json.dumps(PARAMETERS | {"dimension": dimension, "tokens": n})},
    )


def picture(name, runs=3, n=12, dimension=2, frames=6, **change):
    """A static figure of one experiment."""
    trajectory = gathering(runs, n, dimension, frames)
    parameters = PARAMETERS | {"dimension": dimension} | change
    found = groups.compute(trajectory, 0.07)
    if name == "spacetime":
        first = trajectory["x"].values[0], found["label"].values[0], trajectory["time"].values
        return spacetime.diagram(*first)
    if name == "thresholds":
        return thresholds_figure.parted(thresholds.find(trajectory, found, 49.0)["thresholds"], parameters)
    if name == "centres":
        return centres_figure.scores(
            centres.find(trajectory, found, 49.0, [3.0, 4.0])["centres_mean"], parameters
        )
    if name == "capture":
        return capture_figure.over_time(
            capture.find(capture.measure(trajectory, 49.0, 1.0))["capture"], parameters
        )
    if name == "survival":
        table = lifetime.find(found, trajectory, parameters)["survival"]
        return survival.curves([survival.Member("one", table, parameters)])
    if name == "counts":
        return counts_figure.over_time(counts.find(found)["counts"], found, parameters)
    if name == "order":
        return order_figure.metrics(
            order.find(order.measure(trajectory, 49.0), parameters)["order"], parameters
        )
    unmasked = found.assign_attrs(parameters=found.attrs["parameters"].replace("causal", "none"))
    return mask_figure.contrast(mask.find([found, unmasked])["mask"])


NAMES = ("spacetime", "thresholds", "centres", "capture", "counts", "order", "mask", "survival")


@pytest.mark.parametrize("name", NAMES)
def test_every_figure_can_be_written(name, tmp_path):
    style.save(picture(name), tmp_path / f"{name}.svg")
    assert (tmp_path / f"{name}.svg").stat().st_size > 1000


@pytest.mark.parametrize("case", [{"dimension": 3}, {"n": 2, "runs": 1}, {"n": 1}, {"frames": 2}])
@pytest.mark.parametrize("name", NAMES)
def test_every_figure_draws_what_is_single_or_undefined(name, case):
    """A single run has no interval, a single token no pair and no threshold, two frames no log span."""
    drawing = picture(name, **case)
    assert drawing.axes
    with style.styled():
        drawing.draw_without_rendering()


def legends(drawing):
    return [text.get_text() for axis in drawing.axes if axis.get_legend() for text in axis.get_legend().texts]


def test_the_map_of_shares_has_no_more_columns_than_pixels():
    """Of 5,000 frames 1,000 at most, evenly spaced in log time; the first and the last among them."""
    time = np.arange(5001.0)
    found = xr.Dataset({"n_clusters": (("run", "time"), np.full((2, time.size), 3))}, {"time": time})
    axis = Figure().add_subplot()
    counts_figure._shares(axis, found)
    mesh = axis.collections[0]
    columns = mesh.get_array().shape[1]
    assert 500 < columns <= counts_figure.COLUMNS
    assert mesh.get_coordinates()[0, [0, -1], 0].tolist() == [1, 5000]


def test_numbers_of_the_second_code_are_drawn_for_their_own_experiment_only():
    for name in ("counts", "centres"):
        assert "second code" in legends(picture(name))
        assert "second code" not in legends(picture(name, initial="mine.npy"))
    runs = pd.DataFrame({"min_separation": [3.0, 4.0, 5.0], "max_separation": [4.0, 3.5, np.nan]})
    drawing = thresholds_figure.parted(runs, PARAMETERS)
    assert "medians, second code" in legends(drawing)
    assert drawing.get_suptitle().startswith("In 50 [1, 99] % of the runs")
    assert "medians, second code" not in legends(
        thresholds_figure.parted(runs, PARAMETERS | {"initial": "a.npy"})
    )
    assert "second code" in legends(picture("capture", beta=64.0, tokens=200))


def test_the_seam_of_the_angle_is_not_crossed_by_lines():
    """A token that steps from 3.1 to -3.1 rad moves by 0.08 rad, not across the picture."""
    angle = np.array([[0.0, 3.0], [0.0, 3.1], [0.0, -3.1], [0.0, -3.0]])
    x = np.stack([np.cos(angle), np.sin(angle)], -1)
    drawing = spacetime.diagram(x, np.array([[0, 1]] * 4), np.arange(1.0, 5.0))
    thin = drawing.axes[0].collections[0]
    drawn = [path.vertices[:, 1] for path in thin.get_paths()]
    assert np.isnan(drawn[1]).sum() == 1
    assert np.nanmax(np.abs(np.diff(drawn[1]))) < 0.2


def members(**change):
    """Counts of three betas that follow the square root exactly."""
    return [
        xr.Dataset(
            {"n_clusters": (("run", "time"), np.array([[9, round(10 * b**0.5)]] * 4, np.int32))},
            coords={"time": [1.0, 10.0], "token": range(256)},
            attrs={"parameters": json.dumps(PARAMETERS | {"beta": b} | change)},
        )
        for b in (4.0, 16.0, 64.0)
    ]


def test_the_sweeps_figures_name_the_exponent_and_theorys_slope(tmp_path):
    both = [*members(), *members(dimension=3)]
    drawing = over_beta.fit(*sweep.find(both).values())
    assert any("0.500" in text for text in legends(drawing))
    assert "theory: exponent 0.5" in legends(drawing)
    assert "theory: exponent 1" in legends(drawing)
    assert drawing.get_suptitle().startswith("The number of groups grows as β to the power of 0.5")
    full = over_beta.fit(*sweep.find(members(mask="none")).values())
    assert not [text for text in legends(full) if "theory" in text]  # of full attention none is known
    style.save(drawing, tmp_path / "beta.svg")


def shares(*rows):
    """A table of survival, rows (of, time, value)."""
    table = pd.DataFrame(rows, columns=["of", "time", "value"])
    return table.assign(lo=table["value"] - 0.1, hi=table["value"] + 0.1, n=9)


def test_survival_says_how_many_groups_outlive_the_run_beside_what_is_exact():
    """Two tokens on the circle: half of the pairs start more than a right angle apart."""
    groups = [("groups", 1.0, 0.9), ("groups", 10.0, 0.4)]
    pair = PARAMETERS | {"tokens": 2, "dimension": 2}
    time = exact.pair_lifetime(49.0, np.pi / 2, 2 * np.arcsin(0.49 / 14))
    table = shares(("runs", 1.0, 1.0), ("runs", 2 * time, 0.5), *groups, ("centres", 2.0, 1.0))
    many = [survival.Member(f"β = {k}", table, pair) for k in range(survival.MOST + 2)]
    drawing = survival.curves(many)
    assert (
        drawing.get_suptitle()
        == "40.0 [30.0, 50.0] % of the groups outlive the run at β = 0, and 40.0 [30.0, 50.0] % at β = 11"
    )
    boxes = [child for axis in drawing.axes for child in axis.get_children() if isinstance(child, Legend)]
    named = [text.get_text() for box in boxes for text in box.texts]
    assert len([name for name in named if name.startswith("β")]) == survival.MOST
    assert {"two tokens, closed form", "lemma 5.1"} <= set(named)
    line = next(line for line in drawing.axes[0].lines if line.get_label() == "two tokens, closed form")
    assert np.interp(np.log(time), np.log(line.get_xdata()), line.get_ydata()) == pytest.approx(0.5, abs=2e-3)
    alone = survival.curves([survival.Member("one", shares(("runs", 1.0, 0.0)), PARAMETERS)])
    assert len(alone.axes) == 1 and alone.get_suptitle() == "The first token leads the only group"


def test_a_sweep_without_both_masks_says_so():
    drawing = mask_figure.contrast(mask.find(members())["mask"])
    assert "differ in the mask only" in drawing.axes[0].texts[0].get_text()


def test_the_phase_diagram_shows_each_member_at_its_place(tmp_path):
    drawing = phase.diagram(sweep.find(members())["sweep"])
    shown = drawing.axes[0].collections[0].get_array()
    np.testing.assert_array_equal(shown, [[9, 20], [9, 40], [9, 80]])
    style.save(drawing, tmp_path / "phase.svg")


def test_a_sweep_over_something_else_than_beta_shows_its_members_side_by_side():
    """9 groups at first, then 20, 40 and 80: a row per member in the diagram, a place per member in the other."""
    other = [
        member.assign_attrs(parameters=json.dumps(PARAMETERS | {"noise": k / 10}))
        for k, member in enumerate(members())
    ]
    found = sweep.find(other)
    drawing = phase.diagram(found["sweep"])
    np.testing.assert_array_equal(drawing.axes[0].collections[0].get_array(), [[9, 80], [9, 40], [9, 20]])
    named = [text.get_text() for text in drawing.axes[0].get_yticklabels()]
    assert named == ["noise = 0.2", "noise = 0.1", "noise = 0.0"]
    assert (
        drawing.get_suptitle()
        == "Groups left at the end: 20 [20, 20] at noise = 0.0, 80 [80, 80] at noise = 0.2"
    )
    drawing = over_beta.fit(*found.values())
    assert [text.get_text() for text in drawing.axes[0].get_xticklabels()] == named[::-1]
    assert (
        drawing.get_suptitle()
        == "Groups left at the end: 20 [20, 20] with noise = 0.0, 80 [80, 80] with noise = 0.2"
    )


def test_the_title_of_survival_speaks_of_the_members_that_have_groups():
    """Of three members the last has no group but the first token's: the first and the second are named."""
    runs = ("runs", 1.0, 1.0)
    tables = [shares(runs, ("groups", 1.0, share)) for share in (0.4, 0.3)] + [shares(runs)]
    members = [survival.Member(f"noise = {k}", table, PARAMETERS) for k, table in enumerate(tables)]
    title = "40.0 [30.0, 50.0] % of the groups outlive the run at noise = 0"
    both = " ".join(survival.curves(members).get_suptitle().split())
    assert both == f"{title}, and 30 [20, 40] % at noise = 1"
    assert survival.curves([members[0], members[2]]).get_suptitle() == title
    assert survival.curves(members[2:]).get_suptitle() == "The first token leads the only group"


def test_a_sweep_with_a_single_beta_still_has_figures(tmp_path):
    one = members()[:1]
    style.save(over_beta.fit(*sweep.find(one).values()), tmp_path / "beta.svg")
    style.save(phase.diagram(sweep.find(one)["sweep"]), tmp_path / "phase.svg")
    assert all((tmp_path / name).stat().st_size > 1000 for name in ("beta.svg", "phase.svg"))


@pytest.mark.parametrize("dimension", [2, 3, 5])
def test_a_film_has_one_frame_a_saved_time_and_moves(dimension):
    trajectory = gathering(dimension=dimension)
    found = groups.compute(trajectory, 0.07)
    x, label, time = trajectory["x"].values[0], found["label"].values[0], trajectory["time"].values
    shots = list(film.frames(x, label, time, beta=49.0))
    assert len(shots) == 6
    assert len({shot.shape for shot in shots}) == 1
    assert all((a != b).any() for a, b in itertools.pairwise(shots))


def test_a_film_of_a_single_frame_and_token_exists():
    x = np.array([[[1.0, 0.0]]])
    assert len(list(film.frames(x, np.zeros((1, 1), int), np.zeros(1), beta=49.0))) == 1


@pytest.mark.parametrize(("dimension", "space"), [(2, "circle"), (3, "sphere"), (5, "sphere")])
def test_the_page_counts_the_tokens_of_each_group(dimension, space):
    trajectory = gathering(dimension=dimension)
    found = groups.compute(trajectory, 0.07)
    page = viewer.page(trajectory, found, 49.0, "Tokens")
    assert page.count(f'"space":"{space}"') == trajectory.sizes["run"] == page.count('class="data"')
    assert "strong centres led by token 0" in page
    assert "http://" not in page.replace("http://www.w3.org", "")


def test_the_page_lists_a_groups_centres_apart_and_nothing_without_tokens():
    """Tokens at 0, 3 and 0.01 rad and one near each: token 1 is a strong centre; its group has one more token."""
    angle = np.array([0.0, 3.0, 0.01, 3.01, 2.99])
    x = np.stack([np.cos(angle), np.sin(angle)], axis=-1)[None]
    data = viewer.tokens(x, np.array([[0, 1, 0, 1, 1]]), np.zeros(1), beta=49.0)
    names = [
        "led by token 0",
        "led by token 1",
        "strong centres led by token 0",
        "strong centres led by token 1",
    ]
    assert data["names"] == names
    assert np.asarray(data["category"]).tolist() == [2, 3, 0, 1, 1]
    alone = viewer.tokens(x[:, :2], np.array([[0, 1]]), np.zeros(1), beta=49.0)
    assert alone["names"] == names[2:] and list(alone["radius"]) == [7.0, 7.0]


def test_roles_are_the_centres_of_the_start():
    """At 0, 0.8, 1.6, pi with c = 4, beta = 16: strong 0 and 3, Rényi also 2; 0 is the first token."""
    angle = np.array([0.0, 0.8, 1.6, np.pi])
    role = tokens.roles(np.stack([np.cos(angle), np.sin(angle)], -1), beta=16.0)
    assert [tokens.ROLES[r] for r in role] == [
        "first token", "token", "Rényi centre", "strong Rényi centre",
    ]  # fmt: skip


def test_tokens_of_one_group_share_their_colour():
    colour = tokens.leader_colours(np.array([0, 1, 0, 1, 4]))
    assert (colour[0] == colour[2]).all()
    assert (colour[1] == colour[3]).all()
    assert len(np.unique(colour, axis=0)) == 3


def test_the_view_of_a_sphere_is_orthographic():
    """Horizontal, vertical and depth are coordinates of a rotation: they keep lengths."""
    x = np.random.default_rng(2).standard_normal((50, 3))
    assert np.linalg.norm(np.stack(tokens.plane(x)), axis=0) == pytest.approx(np.linalg.norm(x, axis=1))


def test_an_experiment_without_thresholds_says_so():
    table = pd.DataFrame(
        {"run": [0], "min_separation": [np.nan], "max_separation": [np.nan], "censored": "one token"}
    )
    drawing = thresholds_figure.parted(table, PARAMETERS)
    assert "no run has a leader" in drawing.axes[0].texts[0].get_text()


def of_heads(heads, frames=6):
    """heads.csv with tokens attended to, outputs and agreement that are known."""
    names = [str(head) for head in range(heads)]
    curves = itertools.product(("attended", "output"), [*names, "all"], range(frames))
    rows = [(m, h, k, 2.0 + k, 1.0 + k, 3.0 + k, 8) for m, h, k in curves]
    rows += [("agreement", "all", k, k / 10, 0.0, 0.8, 8) for k in range(frames)] * (heads > 1)
    return pd.DataFrame(rows, columns=["metric", "head", "time", "value", "lo", "hi", "n"])


def test_the_figure_of_heads_names_them_and_compares_their_sum_and_agreement():
    drawing = heads_figure.over_time(of_heads(3))
    assert legends(drawing) == ["head 0", "head 1", "head 2", "sum of all heads", "orthogonal outputs"]
    assert drawing.axes[2].lines[-1].get_ydata()[0] == pytest.approx(1 / 3)
    title = (
        "Agreement of the heads, 1 if all are equal: 0.00 [0.00, 0.80] at t = 0, 0.50 [0.00, 0.80] at t = 5"
    )
    assert drawing.get_suptitle() == title
    many = legends(heads_figure.over_time(of_heads(100)))
    assert len(many) == heads_figure.MOST + 2 and many[0] == "head 0" and many[7] == "head 99"


def test_the_figure_of_a_single_head_has_no_agreement(tmp_path):
    drawing = heads_figure.over_time(of_heads(1))
    assert len(drawing.axes) == 2
    assert drawing.get_suptitle().startswith("A token attends to 2.0 [1.0, 3.0] tokens at t = 0, to 7.0")
    style.save(drawing, tmp_path / "heads.svg")
    assert "fewer than two frames" in heads_figure.over_time(of_heads(2, 2)).axes[0].texts[0].get_text()
    still = of_heads(2).assign(value=np.nan)
    assert heads_figure.over_time(still).get_suptitle() == "No head moves a token"


def test_the_figure_of_the_mask_names_every_pair():
    """Differences at the end: -1 and -2 groups with two runs that are equal, so that they have no interval."""
    rows = [
        (pair, time, 3.0, 3.0 + time * k, -time * k, np.nan, np.nan, 2)
        for k, pair in ((1, "beta=9.0"), (2, "beta=25.0"))
        for time in (0.5, 1.0)
    ]
    drawing = mask_figure.contrast(pd.DataFrame(rows, columns=mask.COLUMNS))
    assert legends(drawing)[::2] == ["causal mask, beta = 9.0", "causal mask, beta = 25.0"]
    said = "Groups at the end, with the mask less without: -1 with beta = 9.0, -2 with beta = 25.0"
    assert drawing.get_suptitle() == said
    alone = mask_figure.contrast(pd.DataFrame(rows[:2], columns=mask.COLUMNS).assign(pair=""))
    assert alone.get_suptitle() == "Groups at the end, with the mask less without: -1"
    assert legends(alone) == ["causal mask", "no mask"]
