"""Clusters of weights over the generations, and sampled genomes on two axes."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from emergent_dynamics.plotting import colours, style


@style.styled()
def draw(table: pd.DataFrame, sample: pd.DataFrame, quality: pd.DataFrame) -> Figure:
    """Draw the number of cells by cluster of weights over time (mean of the runs), and sampled genomes on two
    principal axes.

    quality : the share of the variance on these axes and the silhouettes of the nets and of Gaussian clouds, shown as
    text.
    """
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
    if not quality.empty:
        low, high = right.get_ylim()
        right.set_ylim(low, high + 0.15 * (high - low))
        share = f"axes: {100 * quality.iloc[0]['variance_explained']:.0f} % of the variance"
        right.text(0.5, 0.99, share, transform=right.transAxes, ha="center", va="top", fontsize="small")
    style.letters(np.array([left, right]))
    if len(quality) > 1:
        style.conclude(drawing, _conclusion(quality))
    return drawing


def _conclusion(quality: pd.DataFrame) -> str:
    """Return how compact the clusters are beside those that are found in Gaussian clouds without any."""
    nets, clouds = quality.iloc[0]["silhouette"], quality.iloc[1:]["silhouette"]
    return (
        f"K-means has a silhouette of {nets:.3f} on the nets, and of {clouds.min():.3f} to {clouds.max():.3f} on "
        f"{len(clouds)} Gaussian clouds without clusters"
    )
