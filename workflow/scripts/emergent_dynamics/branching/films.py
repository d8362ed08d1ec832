"""Films: the network at work in several regimes, the guessing game, and the same neurons scattered, then in
layers.

Spikes in, frames out (height, width, 3) uint8; what is static is drawn once.
"""

from collections.abc import Iterator

import numpy as np
import xarray as xr

from emergent_dynamics import streams
from emergent_dynamics.branching.film import SILENCE
from emergent_dynamics.branching.smoothing import smooth
from emergent_dynamics.plotting import canvas, colours, style

GLOW = colours.table(colours.ACTIVITY, 256)[24:]  # a silent cell is not quite black
CELLS = np.append(GLOW, [[255, 255, 255]], axis=0).astype(np.uint8)  # the last: no such neuron in this layer
LARGEST_GRAPH = 12  # layers, the last ones, and neurons of each in the rearrangement film
MIDDLE = 0.6  # share of the width that the scattered neurons take
EDGES = 0.35  # share of pairs drawn there


def glow(brightness: np.ndarray) -> np.ndarray:
    """Rows of the colour table."""
    return (np.clip(brightness, 0.0, 1.0) * (len(GLOW) - 1)).astype(np.intp)


def _picture(mask: np.ndarray, widths: np.ndarray, how: str, stretch: int) -> np.ndarray:
    """(frame, layer, neuron) rows of `CELLS`."""
    levels = glow(smooth(mask, how, stretch))
    levels[:, np.arange(mask.shape[2]) >= widths[:, None]] = len(CELLS) - 1
    return levels


def _panels(
    name: str, titles: list[str], layers: int, neurons: int, width: int, columns: int
) -> tuple[canvas.Canvas, list[canvas.Pane]]:
    rows = -(-len(titles) // columns)
    high = 78 + rows * (round(width / columns * neurons / layers * 0.92) + 34)
    drawing, axes = style.figure(width, high, rows, columns, sharex=True, sharey=True)
    drawing.suptitle(name, fontsize=11.5)
    for axis, title in zip(axes.flat, titles, strict=False):
        axis.set(xlim=(0, layers), ylim=(0, neurons))
        axis.set_title(title, fontsize=10)
        axis.grid(False)
    for axis in axes.flat[len(titles) :]:
        axis.set_axis_off()
    drawing.supxlabel("layer", fontsize=10)
    drawing.supylabel("neuron", fontsize=10)
    stage = canvas.Canvas(drawing)
    return stage, [stage.pane(axis) for axis in axes.flat[: len(titles)]]


def activity(film: xr.Dataset, how: str, stretch: int, width: int = 900) -> Iterator[np.ndarray]:
    """The driven network, one panel per sigma, `stretch` frames a step."""
    titles = [
        f"σ = {sigma:g}, spontaneous {rate:g}"
        for sigma, rate in zip(film["sigma"].values, film["spontaneous"].values, strict=True)
    ]
    mask = film["mask"].values  # (panel, frame, layer, neuron)
    stage, panes = _panels(
        "The driven network", titles, mask.shape[2], mask.shape[3], width, min(3, len(titles))
    )
    shown = [_picture(panel, film["width"].values, how, stretch) for panel in mask]
    steps = mask.shape[1]
    for frame in range(steps * stretch):
        picture = stage.blank()
        for pane, levels in zip(panes, shown, strict=True):
            pane.cells(picture, levels[frame].T, CELLS)
        stage.clock(picture, f"step {frame // stretch}", frame / (steps * stretch))
        yield picture


def guessing(film: xr.Dataset, how: str, stretch: int, width: int = 700) -> Iterator[np.ndarray]:
    """Trials one after another: every sigma unselected on the same inputs, and the selection at the sigma
    nearest to 1.
    """
    sigma = film["sigma"].values
    critical = int(np.abs(sigma - 1.0).argmin())
    rate = film["accept_rate"].values[1, critical]
    titles = [f"σ = {s:g}, every trial" for s in sigma]
    titles.append(f"σ = {sigma[critical]:g}, SELECTED: {100 * rate:.1f} % of trials")
    chosen = [(0, panel) for panel in range(sigma.size)] + [(1, critical)]
    mask, excited, reached = (film[name].values for name in ("guess_mask", "excited", "reached"))
    stage, panes = _panels("The guessing game", titles, mask.shape[3], mask.shape[4], width, 2)
    length = mask.shape[3] + SILENCE
    shown = [_picture(mask[at], film["width"].values, how, stretch) for at in chosen]
    for frame in range(mask.shape[2] * stretch):
        step, trial = frame // stretch % length, frame // stretch // length
        picture = stage.blank()
        for pane, at, levels in zip(panes, chosen, shown, strict=True):
            pane.cells(picture, levels[frame].T, CELLS)
            _, bottom, left, right = pane.box
            if excited[at][trial] >= 0:
                said = f"in {excited[at][trial]}"
                ended = step >= mask.shape[3] - 1
                said += f"   out {reached[at][trial]}" if ended else ""
                stage.text(
                    picture, said, (left + right) / 2, bottom - 20, align="center", size=12, colour="#FFFFFF"
                )
        stage.clock(picture, f"trial {trial + 1}", frame / (mask.shape[2] * stretch))
        yield picture


def graph(layers: int, neurons: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scattered and layered positions (node, 2) and edges (edge, 2), for nodes in the order of layer, then
    neuron.

    Scattered: a random permutation of a loose grid in the middle of the plane. Edges: a random 35 % of the pairs of
    neighbouring layers, for the eye; the dynamics are all-to-all.
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
    """0 scattered, 1 layered: still for 5/12 of the film, moving for 2/12, still again; smooth at both
    ends.
    """
    x = np.clip((progress - 5 / 12) / (2 / 12), 0.0, 1.0)
    return float(x * x * (3.0 - 2.0 * x))


def rearranged(film: xr.Dataset) -> tuple[float, np.ndarray]:
    """The sigma nearest to 1 and (frame, layer, neuron) bool of its last layers, the busy ones, as many neurons of each
    as the narrowest has.
    """
    panel = int(np.abs(film["sigma"].values - 1.0).argmin())
    widths = film["width"].values[-LARGEST_GRAPH:]
    mask = film["mask"].values[panel][:, -LARGEST_GRAPH:, : min(LARGEST_GRAPH, widths.min())]
    return float(film["sigma"].values[panel]), mask


def rearrangement(
    film: xr.Dataset, how: str, stretch: int, seed: int, width: int = 800, height: int = 450
) -> Iterator[np.ndarray]:
    """Neurons that look random on a plane fall into layers: the same spikes, the same edges, other places."""
    sigma, mask = rearranged(film)
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
    levels = glow(smooth(mask, how, stretch)).reshape(steps * stretch, -1)
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
        pane.disks(picture, place[:, 0], place[:, 1], GLOW[levels[frame]], 9.0)
        stage.clock(picture, f"step {frame // stretch}", frame / (steps * stretch))
        yield picture
