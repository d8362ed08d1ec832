"""Survival: runs with several groups, groups, and strong centres near their start, of one experiment or of a sweep."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from emergent_dynamics.causal import theory
from emergent_dynamics.causal.figures import axes as own
from emergent_dynamics.plotting import style
from emergent_dynamics.plotting.colours import COLOURS, SEQUENTIAL

MOST = 10  # curves in a panel


class Member(NamedTuple):
    """An experiment: its name in a legend, its survival.csv, and its parameters."""

    name: str
    table: pd.DataFrame
    parameters: Mapping[str, Any]


@style.styled()
def curves(members: Sequence[Member]) -> Figure:
    """Draw survival.csv of every member, of MOST at most, beside the closed form of two tokens and lemma 5.1."""
    shown = [members[i] for i in np.unique(np.linspace(0, len(members) - 1, MOST).round().astype(int))]
    clock = own.clock(shown[0].parameters)
    panels = {
        "runs": ("Runs with several groups", clock),
        "groups": ("Groups that live on", f"life{clock}" if clock == own.TIME else f"lifetime ({clock})"),
        "centres": ("Strong centres that stay", "time / time guaranteed by lemma 5.1"),
    }
    panels = {of: text for of, text in panels.items() if any(_of(member, of) is not None for member in shown)}
    wide = 300 * len(panels) + 60 + 100 * (len(shown) > 1)
    drawing, axes = style.figure(wide, 420, columns=len(panels), sharey=True)
    several = matplotlib.colormaps[SEQUENTIAL](np.linspace(0.0, 0.88, len(shown)))
    colours = (
        [COLOURS["data"]] if len(shown) == 1 else [matplotlib.colors.to_hex(colour) for colour in several]
    )
    for axis, (of, (title, label)) in zip(axes[0], panels.items(), strict=True):
        for member, colour in zip(shown, colours, strict=True):
            _draw(axis, member, of, colour)
        axis.set(title=title, ylim=(0, 1.02))
        own.log_time(axis, label)
    axes[0, 0].set_ylabel("share, and 95 % at each time")
    if "centres" in panels:
        style.theory_level(axes[0, -1], 1.0, "lemma 5.1", along="y")
    style.letters(axes)
    _legends(axes[0], len(shown))
    style.conclude(drawing, _conclusion(shown))
    return drawing


def _of(member: Member, of: str) -> pd.DataFrame | None:
    rows = member.table[member.table["of"] == of]
    return None if rows.empty else rows


def _draw(axis: Axes, member: Member, of: str, colour: str) -> None:
    rows = _of(member, of)
    if rows is None:
        return
    band = rows["time"], rows["lo"], rows["hi"]
    axis.fill_between(*band, step="post", color=colour, alpha=0.18, linewidth=0)
    axis.step(rows["time"], rows["value"], where="post", color=colour, label=member.name, linewidth=1.5)
    known = theory.pair_survival(member.parameters) if of == "runs" else None
    if known is not None:
        inside = known[0] <= rows["time"].max()
        style.theory_line(axis, known[0][inside], known[1][inside], "two tokens, closed form")


def _legends(axes: np.ndarray, members: int) -> None:
    """The members beside the last panel, where there are several; what is exact, once in its own panel."""
    for axis in axes:
        lines, names = axis.get_legend_handles_labels()
        exact = {name: line for line, name in zip(lines, names, strict=True) if line.get_linestyle() == "--"}
        if exact:
            axis.legend(exact.values(), exact.keys(), loc="best")
    if members > 1:
        if axes[-1].get_legend():
            axes[-1].add_artist(axes[-1].get_legend())  # a second legend would take the first one away
        lines, names = axes[0].get_legend_handles_labels()
        own = {name: line for line, name in zip(lines, names, strict=True) if line.get_linestyle() == "-"}
        axes[-1].legend(
            own.values(), own.keys(), loc="upper left", bbox_to_anchor=(1.01, 1.0), borderaxespad=0.0
        )


def _conclusion(members: Sequence[Member]) -> str:
    """The share of groups that live on at the longest time, at the first and at the last member that has groups."""
    shares = {member.name: share for member in members if (share := _outliving(member)) is not None}
    if not shares:
        return "The first token leads the only group"
    first, *_, last = [*shares, *shares]
    if len(members) == 1:
        return f"{shares[first]} % of the groups outlive the run"
    text = f"{shares[first]} % of the groups outlive the run at {first}"
    return text if first == last else f"{text}, and {shares[last]} % at {last}"


def _outliving(member: Member) -> str | None:
    rows = _of(member, "groups")
    return None if rows is None else style.interval(*(100 * rows.iloc[-1][["value", "lo", "hi"]]))
