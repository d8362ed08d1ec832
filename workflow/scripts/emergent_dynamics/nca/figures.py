"""Static figures: tables in, drawings out."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from emergent_dynamics.nca.lineage import Tree
from emergent_dynamics.nca.pd import VALUES
from emergent_dynamics.nca.stationary import anchors
from emergent_dynamics.plotting import colours, style

LABELS = {
    "gep": "GEP: global entropy (1)",
    "gcvp": "GCVP: share off the median, root (1)",
    "clogv": "CLOGV: local organisation (1)",
    "exact": "genomes (exact)",
    "ghc": "GHC colours",
    "rwsp": "RWSP colours",
}


@style.styled()
def ctfp(table: pd.DataFrame, cells: int) -> Figure:
    """Cell type frequencies: how many cells have each value of alpha, mean over runs, minimum and maximum as a band."""
    drawing, [[axis]] = style.figure(1000, 480, gap=0, beside=70)
    palette = colours.table(colours.SEQUENTIAL)[np.linspace(0, 235, len(VALUES)).astype(int)] / 255
    for name, colour in zip(VALUES, palette, strict=True):
        if table[name].any():  # between 0 and the bar there is nothing
            _band(axis, table, name, tuple(colour), f"{name[2:]}")
    axis.set(xlabel="generation", ylabel="cells", yscale="symlog", ylim=(0, 1.5 * cells))
    axis.set_title("Cells by alpha, rounded to one decimal")
    style.legend_beside(axis, "alpha")
    return drawing


@style.styled()
def phenotype(table: pd.DataFrame, parameters: Mapping[str, Any]) -> Figure:
    """GEP, GCVP and CLOGV over the generations: mean over runs, minimum and maximum as a band, known values dashed."""
    drawing, axes = style.figure(1000, 620, rows=3, sharex=True, gap=0)
    label = "mean; least and most of the runs" if len(table["run"].unique()) > 1 else "the run"
    for axis, name in zip(axes[:, 0], ("gep", "gcvp", "clogv"), strict=True):
        _band(axis, table, name, colours.COLOURS["data"], label)
        known = anchors(parameters).get(name)
        if known:
            style.theory_level(axis, known.value, "original rule")
        axis.set_title(LABELS[name])
        axis.set_ylabel(name.upper())
    axes[0, 0].legend()
    axes[-1, 0].set_xlabel("generation")
    style.letters(axes)
    return drawing


@style.styled()
def genotype(table: pd.DataFrame, parameters: Mapping[str, Any]) -> Figure:
    """What the two colourings see of the genomes that there are, and the effective numbers of genomes."""
    drawing, axes = style.figure(1000, 620, rows=2, sharex=True, gap=0, beside=190)
    for name, colour in zip(("exact", "ghc", "rwsp"), colours.CATEGORIES, strict=False):
        _band(axes[0, 0], table, name, colour, LABELS[name])
        known = anchors(parameters).get(name)
        if known:
            style.theory_level(axes[0, 0], known.value, "original rule" if name == "exact" else "")
    for (name, label), colour in zip(
        {
            "exact": "number (order 0)",
            "hill_1": "exp Shannon (order 1)",
            "hill_2": "1 / Simpson (order 2)",
        }.items(),
        (colours.CATEGORIES[0], colours.CATEGORIES[3], colours.CATEGORIES[4]),
        strict=True,
    ):
        _band(axes[1, 0], table, name, colour, label)
    axes[0, 0].set(ylabel="unique in a frame")
    axes[0, 0].set_title("Genomes, and the colours that stand for them")
    axes[1, 0].set(ylabel="effective genomes", xlabel="generation")
    axes[1, 0].set_title("Hill numbers")
    for axis in axes[:, 0]:
        axis.set_ylim(bottom=0)
        style.legend_beside(axis)
    style.letters(axes)
    return drawing


@style.styled()
def muller(clades: pd.DataFrame) -> Figure:
    """Cells held by the descendants of each founder, stacked; only the largest clades have a colour of their own."""
    drawing, [[axis]] = style.figure(1000, 480, gap=0, beside=130)
    wide = clades.pivot_table(index="generation", columns="founder", values="cells")
    wide = wide[[*[f for f in wide if f != 0], *[f for f in wide if f == 0]]]
    palette = colours.identity_table(wide.shape[1]) / 255
    palette[-1] = 0.85
    names = [f"founder {f}" if f else "all others" for f in wide]
    axis.stackplot(wide.index, wide.T.values, colors=palette, labels=names, linewidth=0, rasterized=True)
    axis.set(xlabel="generation", ylabel="cells with a net", xlim=(wide.index[0], wide.index[-1]))
    axis.set_title("Clades of founders")
    style.legend_beside(axis)
    return drawing


@style.styled()
def phylogeny(tree: Tree) -> Figure:
    """The pruned tree of the living: time to the right, tips in the order of the tree, one colour a founder clade."""
    drawing, [[axis]] = style.figure(1000, 620, gap=0)
    if tree.genome.size == 0:
        style.nothing(axis, "no genome is alive in the last generation")
        return drawing
    height, root = places(tree)
    index = np.searchsorted(tree.genome, tree.ancestor)
    below = tree.ancestor > 0
    start = np.where(below, tree.birth[index % tree.genome.size], tree.birth)
    across = np.stack([np.stack([tree.birth, height], 1), np.stack([tree.last, height], 1)], 1)
    joints = np.stack(
        [np.stack([tree.birth, height[index % tree.genome.size]], 1), np.stack([tree.birth, height], 1)], 1
    )
    stems = np.stack([np.stack([start, height[index % tree.genome.size]], 1), joints[:, 0]], 1)
    palette = colours.identity_table(int(root.max()) + 1) / 255
    for lines, keep, width in ((across, slice(None), 0.7), (joints, below, 0.4), (stems, below, 0.4)):
        axis.add_collection(
            LineCollection(list(lines[keep]), colors=palette[root[keep]], linewidths=width, rasterized=True)
        )
    axis.set(
        xlim=(0, tree.generations), ylim=(-1, height.max() + 1), xlabel="generation", ylabel="living genomes"
    )
    axis.set_yticks([])
    axis.grid(False)
    axis.set_title(f"Descent of the {(tree.last == tree.generations).sum():,} genomes alive at the end")
    return drawing


def places(tree: Tree) -> tuple[np.ndarray, np.ndarray]:
    """(node,) heights, tips 0, 1, ... in the order of the tree, parents in the middle; (node,) number of the root."""
    n = tree.genome.size
    above = np.where(tree.ancestor > 0, np.searchsorted(tree.genome, tree.ancestor), -1)
    children: dict[int, list[int]] = {}
    for node, parent in enumerate(above.tolist()):
        children.setdefault(parent, []).append(node)
    height, root, next_tip = np.zeros(n), np.zeros(n, int), 0
    for number, first in enumerate(children.get(-1, [])):
        todo = [first]
        while todo:
            node = todo.pop()
            root[node] = number
            below = children.get(node, [])
            if not below:
                height[node] = next_tip
                next_tip += 1
            todo.extend(reversed(below))
    for node in range(n - 1, -1, -1):  # children have larger ids than their parents
        if node in children:
            height[node] = np.mean(height[children[node]])
    return height, root


@style.styled()
def activity(table: pd.DataFrame) -> Figure:
    """Mean and new activity of the run beside its neutral shadow, and both diversities."""
    drawing, axes = style.figure(1000, 620, rows=3, sharex=True, gap=0)
    rows = (
        ("mean_activity", "Mean activity of the genomes present", "generations"),
        ("new_activity", "New activity, between the shadow's 99.9 % quantile and twice that", "generations"),
        ("diversity", "Genomes present", "genomes"),
    )
    for axis, (name, title, unit) in zip(axes[:, 0], rows, strict=True):
        _band(axis, table, name, colours.COLOURS["data"], "run")
        _band(axis, table, f"shadow_{name}", colours.COLOURS["highlight"], "neutral shadow")
        axis.set(ylabel=unit)
        axis.set_ylim(bottom=0)
        axis.set_title(title)
    axes[0, 0].legend()
    axes[-1, 0].set_xlabel("generation")
    style.letters(axes)
    return drawing


@style.styled()
def sensitivity(table: pd.DataFrame) -> Figure:
    """What twins without one founder differ in: damage beside unrelated worlds, clades, and how far it reaches."""
    drawing, axes = style.figure(1000, 560, rows=2, sharex=True, gap=0, beside=210)
    table = table.assign(run=table["twin"])
    _band(axes[0, 0], table, "damage", colours.CATEGORIES[0], "alpha differs")
    _band(axes[0, 0], table, "clades", colours.CATEGORIES[1], "founder differs")
    unrelated = table.groupby("generation")["unrelated"].mean()
    style.theory_line(axes[0, 0], unrelated.index, unrelated, "alpha of unrelated worlds")
    smallest = table["damage"].where(table["damage"] > 0).min()
    axes[0, 0].set(
        ylabel="share of cells", yscale="log", ylim=(min(0.01, smallest), 1)
    )  # NaN when nothing differs: then 0.01
    axes[0, 0].set_title("Cells that differ between twins")
    style.legend_beside(axes[0, 0])
    damaged = table.loc[table["damage"] > 0, "generation"].max()
    if damaged < table["generation"].max():  # a logarithmic axis cannot show it
        style.remark(axes[0, 0], f"no cell differs after generation {damaged}")
    _band(axes[1, 0], table, "radius", colours.CATEGORIES[0], "root mean square distance")
    axes[1, 0].set(ylabel="cells", xlabel="generation")
    axes[1, 0].set_ylim(bottom=0)
    axes[1, 0].set_title("Distance of the differences from the lost founder")
    style.letters(axes)
    return drawing


@style.styled()
def sweep(table: pd.DataFrame) -> Figure:
    """Every measure of the members of a sweep: mean over seeds and runs, least and most as a band."""
    names = ("gep", "gcvp", "clogv", "exact", "ghc", "rwsp")
    drawing, axes = style.figure(1100, 760, rows=3, columns=2, sharex=True)
    members = list(dict.fromkeys(table["member"]))
    for axis, name in zip(axes.T.reshape(-1), names, strict=True):
        for i, member in enumerate(members):
            rows = table[(table["measure"] == name) & (table["member"] == member)]
            colour = colours.CATEGORIES[i % len(colours.CATEGORIES)]
            axis.plot(rows["generation"], rows["mean"], color=colour, linewidth=1.2, label=member)
            style.band(axis, rows["generation"], rows["min"], rows["max"], colour)
        axis.set_title(LABELS[name])
    for axis in axes[-1]:
        axis.set_xlabel("generation")
    style.legend_beside(axes[0, 1])
    style.letters(axes)
    return drawing


@style.styled()
def clusters(table: pd.DataFrame, sample: pd.DataFrame) -> Figure:
    """Cells by cluster of weights over time (mean of the runs), and sampled genomes on two principal axes."""
    drawing, [[left, right]] = style.figure(1100, 460, columns=2, width_ratios=[3, 2], gap=92)
    if table.empty:
        style.nothing(left, "fewer living genomes than clusters")
        style.nothing(right, "")
        return drawing
    wide = table.pivot_table(index="generation", columns="cluster", values="cells")
    palette = [colours.CATEGORIES[i % len(colours.CATEGORIES)] for i in range(wide.shape[1])]
    left.stackplot(
        wide.index, wide.T.values, colors=palette, labels=[f"cluster {k}" for k in wide], linewidth=0
    )
    left.set(xlabel="generation", ylabel="cells", xlim=(wide.index[0], wide.index[-1]))
    left.set_title("Nets by cluster of their weights")
    left.set_ylim(0, 1.18 * float(wide.sum(axis=1).max()))
    left.legend(loc="upper center", ncols=len(palette), handlelength=1.0, columnspacing=1.0)
    for k, colour in zip(wide, palette, strict=True):
        of_k = sample[sample["cluster"] == k]
        right.scatter(of_k["x"], of_k["y"], s=3, color=colour, linewidths=0, rasterized=True)
    right.set(xlabel="first principal axis (sd of weights)", ylabel="second principal axis (sd of weights)")
    first, last = sample["generation"].min(), sample["generation"].max()
    when = f"generations {first} to {last}" if first < last else f"generation {last}"
    right.set_title(f"{len(sample):,} genomes of {when}")
    style.letters(np.array([left, right]))
    return drawing


def _band(axis: Axes, table: pd.DataFrame, name: str, colour: Any, label: str) -> None:
    """Mean over runs of one column, its least and most as a band when there are several."""
    by_generation = table.groupby("generation")[name]
    mean = by_generation.mean()
    axis.plot(mean.index, mean, color=colour, label=label, linewidth=1.3)
    if len(table["run"].unique()) > 1:
        style.band(axis, mean.index, by_generation.min(), by_generation.max(), colour)
