"""Film of the driven network with one panel per sigma: makes RGB frames (height, width, 3) uint8 from spikes."""

from collections.abc import Iterator

import numpy as np
import xarray as xr

from emergent_dynamics.branching.figures import cells


def frames(windows: xr.Dataset, smoothing: str, stretch: int, width: int = 900) -> Iterator[np.ndarray]:
    """Yield the frames of the film of the driven network, `stretch` frames per step."""
    titles = [
        f"σ = {sigma:g}, spontaneous {rate:g}"
        for sigma, rate in zip(windows["sigma"].values, windows["spontaneous"].values, strict=True)
    ]
    mask = windows["mask"].values  # (panel, frame, layer, neuron)
    stage, panes = cells.panels(
        "The driven network", titles, mask.shape[2], mask.shape[3], width, min(3, len(titles))
    )
    shown = [cells.pictures(panel, windows["width"].values, smoothing, stretch) for panel in mask]
    steps = mask.shape[1]
    for frame, now in enumerate(zip(*shown, strict=True)):
        picture = stage.blank()
        for pane, levels in zip(panes, now, strict=True):
            pane.cells(picture, levels.T, cells.CELLS)
        stage.clock(picture, f"step {frame // stretch}", frame / (steps * stretch))
        yield picture
