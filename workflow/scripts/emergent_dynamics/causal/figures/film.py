"""A film of one run: tokens on circle or sphere, coloured by their last leader, and the group count."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from emergent_dynamics.causal.figures import axes
from emergent_dynamics.causal.figures.tokens import ROLES, Look, View, leader_colours, plane, principal, roles
from emergent_dynamics.plotting import canvas, colours, style

FPS = 15
SIZE = (960, 520)  # CSS pixels of the film


def frames(
    x: np.ndarray, labels: np.ndarray, time: np.ndarray, beta: float, clock: str = axes.TIME
) -> Iterator[np.ndarray]:
    """rgb frames (height, width, 3) uint8 of x (time, token, coord), labels (time, token), time (time,).

    On the left are the tokens, with a ring around strong Rényi centres and the first token white; on the right is the
    number of groups so far. With more than three coordinates the three principal axes are shown.
    """
    counts = (labels == np.arange(labels.shape[1])).sum(axis=1)
    stage, sphere, curve = _stage(counts, time, x.shape[-1], clock)
    colour, role = leader_colours(labels[-1]), roles(x[0], beta)
    order = np.argsort(role, kind="stable")  # centres are drawn above plain tokens
    look = Look(colour, role, np.array([3.5, 4.5, 6.5, 6.5])[role])
    x = principal(x)
    shown = np.maximum(time, time[time > 0][0]) if (time > 0).any() else time
    for k in range(len(time)):
        frame = stage.blank()
        view = plane(x[k])
        visible = order if x.shape[-1] == 2 else order[np.argsort(view.depth[order], kind="stable")]
        _tokens(sphere, frame, view, look, visible)
        curve.curve(frame, shown[: k + 1], counts[: k + 1].astype(float), colours.COLOURS["data"], 2.2)
        curve.disks(frame, shown[k : k + 1], counts[k : k + 1].astype(float), colours.COLOURS["data"], 4.5)
        number = "1 group" if counts[k] == 1 else f"{counts[k]} groups"
        stage.clock(frame, f"{axes.reading(clock)} {time[k]:.4g}   {number}", k / max(1, len(time) - 1))
        yield frame


@style.styled()
def _stage(
    counts: np.ndarray, time: np.ndarray, dimension: int, clock: str
) -> tuple[canvas.Canvas, canvas.Pane, canvas.Pane]:
    """The canvas with everything that does not move."""
    drawing, [[left, right]] = style.figure(*SIZE, columns=2, width_ratios=(1.0, 0.85))
    turn = np.linspace(0, 2 * np.pi, 400)
    left.plot(np.cos(turn), np.sin(turn), color=colours.COLOURS["muted"], linewidth=1.0)
    left.set(xlim=(-1.15, 1.15), ylim=(-1.15, 1.15), aspect="equal", xlabel="x₁")
    left.set_ylabel("x₂" if dimension == 2 else "x₃, tilted")
    left.set_title("Tokens, coloured by their last leader" + ("" if dimension <= 3 else ", 3 principal axes"))
    for role, size in ((0, 7), (2, 11), (3, 11)):
        left.plot([], [], **_marker(role), markersize=size, linestyle="none", label=ROLES[role])
    left.legend(
        loc="upper center", bbox_to_anchor=(0.5, -0.13), ncols=3, columnspacing=1.0, handletextpad=0.1
    )
    later = time[time > 0]
    right.set(xlabel=clock, ylabel="groups", ylim=(0, 1.05 * counts.max()))
    right.set_title("Number of groups")
    if len(later) > 1:
        right.set(xlim=(later[0], later[-1]))
        axes.log_time(right, clock)
    stage = canvas.Canvas(drawing)
    return stage, stage.pane(left), stage.pane(right)


def _marker(role: int) -> dict[str, Any]:
    edge = colours.COLOURS["ink"]
    face = {0: colours.COLOURS["data"], 2: colours.COLOURS["data"], 3: colours.COLOURS["paper"]}[role]
    return {"marker": "o", "markerfacecolor": face, "markeredgecolor": edge if role else face}


def _tokens(pane: canvas.Pane, frame: np.ndarray, view: View, look: Look, order: np.ndarray) -> None:
    """Draw a disk per token; those on the back of a sphere are pale, strong centres and the first token have a ring."""
    colour, role, radius = look
    face = np.where((role == 3)[:, None], colours.rgb(colours.COLOURS["paper"]), colour)
    pale = np.where(view.depth < 0, 0.65, 0.0)[:, None]
    face = np.round(face * (1 - pale) + 255 * pale).astype(np.uint8)
    ring = np.where((role >= 2)[:, None], colours.rgb(colours.COLOURS["ink"]), face).astype(np.uint8)
    ringed = np.repeat(order, 2)
    paint = np.where(np.arange(len(ringed))[:, None] % 2, face[ringed], ring[ringed])
    sizes = radius[ringed] - 1.5 * ((np.arange(len(ringed)) % 2) & (role[ringed] >= 2))
    pane.disks(frame, view.across[ringed], view.up[ringed], paint.astype(np.uint8), sizes)
