"""The space-time diagram of one run: where every token is, over logarithmic time, coloured by its last leader."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from emergent_dynamics.causal.figures import axes
from emergent_dynamics.causal.figures.tokens import leader_colours
from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import COLOURS


@style.styled()
def diagram(x: np.ndarray, labels: np.ndarray, time: np.ndarray, clock: str = axes.TIME) -> Figure:
    """Draw x (time, token, coord), labels (time, token), time (time,), without the frame of time 0, which a logarithm
    excludes.

    The height is the angle on the circle; on other spheres it is the geodesic distance to token 0, so that lines may
    cross.
    """
    drawing, [[axis]] = style.figure(960, 540)
    shown = time > 0
    if shown.sum() < 2:
        style.nothing(axis, "fewer than two frames after the start")
        return drawing
    x, labels, time = x[shown], labels[shown], time[shown]
    if x.shape[-1] == 2:
        height = np.arctan2(x[..., 1], x[..., 0])
        axis.set(ylabel="angle (rad)", ylim=(-np.pi, np.pi))
        axis.set_yticks([-np.pi, -np.pi / 2, 0, np.pi / 2, np.pi], ["−π", "−π/2", "0", "π/2", "π"])
    else:
        chord = np.linalg.norm(x - x[:, :1], axis=-1)
        height = 2.0 * np.arcsin(np.minimum(0.5 * chord, 1.0))
        axis.set(ylabel="geodesic distance to token 0 (rad)", ylim=(0, np.pi))
    _lines(axis, time, height, leader_colours(labels[-1]) / 255.0, np.unique(labels[-1]))
    axis.set(xlim=(time[0], time[-1]))
    axes.log_time(axis, clock)
    axis.set_title("Tokens of run 0, coloured by their last leader; leaders bold")
    groups = np.unique(labels[-1]).size
    style.conclude(drawing, f"{height.shape[1]} tokens end in {groups} group{'s' if groups > 1 else ''}")
    return drawing


def _lines(axis: Axes, time: np.ndarray, height: np.ndarray, colour: np.ndarray, leaders: np.ndarray) -> None:
    """Draw a line per token, broken where the angle jumps by a turn; leaders are bold and numbered at the right."""
    jump = np.abs(np.diff(height, axis=0)) > np.pi
    joined = np.where(np.concatenate([jump, np.zeros_like(jump[:1])]), np.nan, height)
    paths = [np.column_stack([time, track]) for track in joined.T]
    axis.add_collection(LineCollection(paths, colors=colour, linewidths=0.5, alpha=0.55))
    bold = [paths[i] for i in leaders]
    axis.add_collection(LineCollection(bold, colors=COLOURS["ink"], linewidths=2.6))
    axis.add_collection(LineCollection(bold, colors=colour[leaders], linewidths=1.7))
    for i in leaders if len(leaders) <= 40 else []:
        place = (time[-1], height[-1, i])
        axis.annotate(str(i), place, xytext=(4, 0), textcoords="offset points", va="center", fontsize=8.5)
