"""Pixels moving in the plane of the joint basis, axes fixed, coloured by the input they see."""

import numpy as np
import xarray as xr

from emergent_dynamics.plotting.viewers import points_page

AXES = {"pca": ("first component", "second component"), "per_frame": ("first of the frame", "second of the frame"),
        "tsne": ("first t-SNE axis", "second t-SNE axis")}  # fmt: skip
LEVELS = 5  # number of classes of input phase in the legend


def page(projection: xr.Dataset, trajectory: xr.Dataset, method: str, title: str) -> str:
    """The viewer of projection.zarr; run 0."""
    seen = trajectory["input_phase"].values[0, 0].ravel()[projection["cell"].values]
    lo, hi = float(seen.min()), float(seen.max())
    width = (hi - lo) / LEVELS or 1.0
    level = np.minimum((seen - lo) / width, LEVELS - 1).astype(int)
    names = [f"input {lo + k * width:.2f} to {lo + (k + 1) * width:.2f} rad" for k in range(LEVELS)]
    share = projection["explained"].values
    caption = (
        "" if np.isnan(share).any() else f"The axes carry {share[0]:.0%} and {share[1]:.0%} of the variance. "
    )
    caption += f"{projection.sizes['point']} pixels of run 0, the same in all frames; "
    caption += f"{projection['position'].shape[0]} of {trajectory.sizes['time']} stored frames."
    return points_page(
        projection["position"].values.astype(np.float32),
        title,
        caption,
        time=trajectory["time"].values[projection["frame_index"].values],
        clock="t =",
        category=level,
        names=names,
        axes=AXES[method],
        what="pixel",
        radius=3.0,
    )
