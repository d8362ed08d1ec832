"""A page with a time slider over the tokens of every run, in the colours of the groups that they end in."""

from collections.abc import Iterator

import numpy as np
import xarray as xr

from emergent_dynamics import store
from emergent_dynamics.causal import frames
from emergent_dynamics.causal.figures import axes
from emergent_dynamics.causal.figures.tokens import ROLES, principal, roles
from emergent_dynamics.plotting.colours import category_table
from emergent_dynamics.plotting.page import page_of_runs
from emergent_dynamics.plotting.viewers import points, points_script

STRONG = ROLES.index("strong Rényi centre")
MOST = 500_000  # largest number of coordinates of a run: 1 MB
BITS = 12  # bits of an angle: 0.09 degrees, half a pixel of the circle


def page(trajectory: xr.Dataset, groups: xr.Dataset, beta: float, title: str, clock: str = axes.TIME) -> str:
    """The page of all runs as HTML. trajectory : x (run, time, token, coord). groups : label (run, time, token).

    Runs are read in stored chunks. Frames are thinned evenly if those of one run would fill a page.
    """
    time, count = trajectory["time"].values, trajectory.sizes["run"]
    coordinates = 1 if trajectory.sizes["coord"] == 2 else 3  # an angle, or a point of the sphere
    every = -(-time.size * trajectory.sizes["token"] * coordinates // MOST)

    def runs() -> Iterator[dict[str, object]]:
        for piece in store.slices(trajectory[["x"]].assign(label=groups["label"]), "run"):
            shown = frames.read(piece, np.arange(0, time.size, every))
            for x, labels in zip(shown["x"], shown["label"], strict=True):
                yield tokens(x, labels, time[::every], beta, clock)

    caption = f"Every {every}th of the stored frames." if every > 1 else ""
    return page_of_runs(title, runs(), count, points_script(), caption)


def tokens(
    x: np.ndarray, labels: np.ndarray, time: np.ndarray, beta: float, clock: str = axes.TIME
) -> dict[str, object]:
    """The data of one run for the page. x (time, token, coord); labels (time, token): the leader of each token's group.

    The legend counts the tokens of each final group, since tokens that have met lie on top of each other. Strong Rényi
    centres of the start (c = 4), of which the first token is one, are drawn larger and darker, and counted apart. With
    more than three coordinates the three principal axes are shown.
    """
    if x.shape[-1] == 2:
        space, positions = "circle", np.arctan2(x[..., 1], x[..., 0])
    else:
        space, positions = "sphere", principal(x)
    leaders, group = np.unique(labels[-1], return_inverse=True)
    strong = roles(x[0], beta) >= STRONG
    kinds, category = np.unique(group + len(leaders) * strong, return_inverse=True)  # those that have a token
    names = [f"led by token {k}" for k in leaders] + [f"strong centres led by token {k}" for k in leaders]
    palette = category_table(len(leaders))
    colours = np.concatenate([palette, palette * 0.6]).astype(np.uint8)
    return points(
        positions,
        "tokens",
        space=space,
        bits=BITS,
        time=time,
        clock=axes.reading(clock),
        category=category,
        names=[names[kind] for kind in kinds],
        what="token",
        radius=tuple(np.where(kinds < len(leaders), 3.5, 7.0)),
        colours=colours[kinds],
        traces={"groups": (labels == np.arange(labels.shape[1])).sum(axis=1).astype(float)},
    )
