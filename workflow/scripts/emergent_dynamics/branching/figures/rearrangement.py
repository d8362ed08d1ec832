"""Film of neurons that are first scattered over the plane and then arranged in layers: makes RGB frames (height,
width, 3) uint8 from spikes.

Whatever does not change between frames is drawn once.
"""

from collections.abc import Iterator

import numpy as np
import xarray as xr

from emergent_dynamics import streams
from emergent_dynamics.branching.figures import cells
from emergent_dynamics.branching.figures.smoothing import smooth
from emergent_dynamics.plotting import canvas, colours, style

LARGEST_GRAPH = 12  # largest number of (last) layers, and of neurons of each, that are drawn
MIDDLE = 0.6  # share of the width that scattered neurons cover
EDGES = 0.35  # share of the pairs of neurons that is drawn


def graph(layers: int, neurons: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return scattered and layered positions (node, 2) and edges (edge, 2), for nodes in the order of layer, then
    neuron.

    The scattered positions are a random permutation of a jittered grid in the middle of the plane. The edges are a
    random 35 % of the pairs of neurons in neighbouring layers, so that the drawing stays readable; the dynamics are
    all-to-all.
    """
    nodes = layers * neurons
    side = int(np.ceil(np.sqrt(nodes)))
    place = streams.choice_without_replacement(seed, "branching.scatter", 0, 0, side * side, nodes)
    loose = 0.1 + 0.8 * streams.uniform(seed, "branching.scatter", 0, 1, 2 * nodes).reshape(nodes, 2)
    scattered = (np.stack([place % side, place // side], axis=1) + loose) / side
    scattered[:, 0] = 0.5 + MIDDLE * (scattered[:, 0] - 0.5)
    node = np.arange(nodes)
    layered = np.stack([(node // neurons + 0.5) / layers, (node % neurons + 0.5) / neurons], axis=1)
    before, after = np.divmod(np.arange((layers - 1) * neurons * neurons), neurons)
    kept = streams.uniform(seed, "branching.edges", 0, 0, before.size) < EDGES
    return scattered, layered, np.stack([before, after + (before // neurons + 1) * neurons], axis=1)[kept]


def arrangement(progress: float) -> float:
    """Return the state of the arrangement at a progress from 0 to 1: 0 is scattered, 1 is layered.

    The neurons rest for 5/12 of the film, move for 2/12, and rest again; the motion begins and ends smoothly.
    """
    x = np.clip((progress - 5 / 12) / (2 / 12), 0.0, 1.0)
    return float(x * x * (3.0 - 2.0 * x))


def rearranged(windows: xr.Dataset) -> tuple[float, np.ndarray]:
    """Return the sigma nearest to 1, and (frame, layer, neuron) bool of its last layers, at most 12 of them.

    Every layer shows as many neurons as the narrowest of them has, at most 12.
    """
    panel = int(np.abs(windows["sigma"].values - 1.0).argmin())
    widths = windows["width"].values[-LARGEST_GRAPH:]
    mask = windows["mask"].values[panel][:, -LARGEST_GRAPH:, : min(LARGEST_GRAPH, widths.min())]
    return float(windows["sigma"].values[panel]), mask


def frames(
    windows: xr.Dataset, smoothing: str, stretch: int, seed: int, width: int = 800, height: int = 450
) -> Iterator[np.ndarray]:
    """Yield the frames of the film: the same spikes and edges while the neurons move from scattered places into
    layers.
    """
    sigma, mask = rearranged(windows)
    steps, layers, neurons = mask.shape
    scattered, layered, edges = graph(layers, neurons, seed)
    drawing, [[axis]] = style.figure(width, height)
    axis.set(xlim=(0, 1), ylim=(0, 1), xticks=[], yticks=[])
    axis.grid(False)
    axis.spines[:].set_visible(False)
    axis.set_title(f"σ = {sigma:g}: {neurons} neurons of the last {layers} layers, scattered, then in order")
    axis.set_facecolor(colours.COLOURS["void"])
    stage = canvas.Canvas(drawing)
    pane = stage.pane(axis)
    levels = cells.glow(smooth(mask, smoothing, stretch)).reshape(steps * stretch, -1)
    grey = np.array([150, 155, 160, 70], np.uint8)
    still: tuple[float, np.ndarray] | None = None
    for frame in range(steps * stretch):
        at = arrangement(frame / (steps * stretch))
        place = (1.0 - at) * scattered + at * layered
        if still is None or still[0] != at:
            backdrop = stage.blank()
            pane.lines(backdrop, place[edges, 0], place[edges, 1], grey, 0.8)
            still = (at, backdrop)
        picture = still[1].copy()
        pane.disks(picture, place[:, 0], place[:, 1], cells.GLOW[levels[frame]], 9.0)
        stage.clock(picture, f"step {frame // stretch}", frame / (steps * stretch))
        yield picture
