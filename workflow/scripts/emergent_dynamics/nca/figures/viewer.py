"""An interactive page that steps through the generations: maps of genomes with their ancestors, and curves of their
numbers.
"""

from collections.abc import Iterator
from importlib import resources

import numpy as np

from emergent_dynamics.nca import replay
from emergent_dynamics.nca.archive import Trajectory
from emergent_dynamics.nca.census import leading
from emergent_dynamics.nca.colouring import ghc_colours, rgb, rwsp_colours
from emergent_dynamics.nca.descent import founders, mark_ancestors
from emergent_dynamics.nca.descent import read as descent_of
from emergent_dynamics.nca.figures import clades, replayed
from emergent_dynamics.nca.figures.moments import chosen, ids_and_alpha
from emergent_dynamics.plotting import colours, page

TITLE = "Genomes and their ancestors"
SPARSE = 1.4  # factor by which a frame is larger if there are few frames
MOST, CODES = 40, 200_000  # largest numbers of frames of run 0 and of cells in them: about 1 MB


def build(trajectory: Trajectory, channels: int, positions: np.ndarray) -> str:
    """Return an HTML page of all runs, with every stored generation if the page can compute them again.

    Otherwise the page contains frames: up to `MOST` generations of run 0, at least the last one, and as many of the
    others as there is room for.
    """
    frames = trajectory.frames
    stored, count = frames["generation"].values, frames.sizes["run"]
    cells = frames.sizes["y"] * frames.sizes["x"]
    if rule := replayed.rule(frames, positions):
        every = (replayed.run_of(trajectory, run, rule) for run in range(count))
        caption = (
            f"All {stored.size} stored generations of every run. The page computes them again from the seed"
        )
        caption += " and compares each with the stored one."
        return page.page_of_runs(TITLE, every, count, _script("replayed.js", "lineages.js"), caption)
    look = channels, positions
    first, generations, side = fitted(trajectory, chosen(stored, max(2, min(MOST, CODES // cells))), look)
    fewer = chosen(stored, max(2, rest(len(page.encode(first)), generations.size, count - 1)))

    def runs() -> Iterator[dict[str, object]]:
        yield first
        for run in range(1, count):
            yield lineages(trajectory, run, fewer, look, side)

    caption = f"{generations.size} of {stored.size} generations"
    caption += f" of run 0, {fewer.size} of every other run." if count > 1 else "."
    caption += (
        f" Of the world the {side} x {side} cells in its middle: more do not fit into a page." if side else ""
    )
    return page.page_of_runs(TITLE, runs(), count, _script("lineages.js"), caption)


def fitted(
    trajectory: Trajectory, generations: np.ndarray, look: tuple[int, np.ndarray]
) -> tuple[dict[str, object], np.ndarray, int | None]:
    """Return what fits into a page of run 0: data, generations, and the side of the square that is shown.

    Generations are left out first, until one is left, the last; then all cells but a square in the middle of the world.
    The side is None where the whole world is shown.
    """
    side, sizes = None, trajectory.frames.sizes
    data = lineages(trajectory, 0, generations, look)
    while (size := len(page.encode(data))) > page.LARGEST:
        share = page.LARGEST / size
        if generations.size > 1:
            room = int(generations.size * share)
            generations = chosen(generations, room) if room > 1 else generations[-1:]
        elif (side := int(0.95 * share**0.5 * (side or min(sizes["y"], sizes["x"])))) < 1:
            break
        data = lineages(trajectory, 0, generations, look, side)
    return data, generations, side


def middle(frames: np.ndarray, side: int | None) -> np.ndarray:
    """Return the cells in the middle of frames (frame, y, x), `side` along a side, or all of them."""
    if side is None:
        return frames
    top, left = ((n - side) // 2 for n in frames.shape[1:])
    return frames[:, top : top + side, left : left + side]


def _script(*names: str) -> str:
    own = (resources.files(__package__).joinpath(name).read_text(encoding="utf-8") for name in names)
    return page.source("cells.js") + "".join(own)


def rest(size: int, frames: int, others: int) -> int:
    """Return how many frames of each of the other runs a page has room for beside `frames` frames of `size` bytes.

    Genomes and their ancestors are shared between frames, so that few frames are larger, each, than many.
    """
    return int((page.LARGEST - size) / max(1, others) / (SPARSE * size / frames))


def lineages(
    trajectory: Trajectory,
    run: int,
    generations: np.ndarray,
    look: tuple[int, np.ndarray],
    side: int | None = None,
) -> dict[str, object]:
    """Return the data of the page for some generations of one run, all their genomes and the ancestors of these.

    look : channels, and the positions of their weights in RWSP. side : of `middle`. The clades with most cells over
    the run have a colour and are in the legend. Below the slider are the curves of `counts`; a click on them selects
    that generation.
    """
    frames, log, _ = trajectory
    channels, positions = look
    descent, counted = descent_of(frames, log, run)
    moments = list(ids_and_alpha(trajectory, run, generations))
    gid, alpha = (middle(np.stack(each), side) for each in zip(*moments, strict=True))
    ids = _with_ancestors(np.unique(gid), descent.parent)
    index = np.searchsorted(ids, gid).astype(np.int32)
    shown = np.unique(gid[gid > 0])  # only these have a colour; ancestors are identified by number
    weights = replay.weights(log, run, shown, 10 * channels**2)
    rwsp, ghc = np.zeros(ids.size, np.uint32), np.zeros(ids.size, np.uint32)
    rwsp[np.searchsorted(ids, shown)] = rwsp_colours(weights, positions, channels)
    ghc[np.searchsorted(ids, shown)] = ghc_colours(weights)
    founder = founders(descent.parent)[ids]
    named = leading(counted, int((descent.parent == 0).sum()), len(clades.COLOURS))
    palette = clades.palette(named.tolist(), int(max(founder.max(), *named)))
    data: dict[str, object] = {
        "index": index,
        "alpha": alpha,
        "time": generations,
        "genome": ids.astype(np.int32),
        "parent": np.searchsorted(ids, np.maximum(descent.parent[ids], 0)).astype(np.int32),
        "birth": descent.birth[ids],
        "last": descent.last[ids],
        "founder": founder,
        "clade": palette[founder],
        "named": named.astype(np.int32),
        "named_colour": palette[named],
        "rwsp": rgb(rwsp),
        "ghc": rgb(ghc),
        "tenths": colours.table(colours.ACTIVITY)[np.linspace(0, 255, 11).astype(int)],
    }
    return data | counts(index, alpha, founder) | {"colours": list(colours.CATEGORIES[:4])}


def counts(index: np.ndarray, alpha: np.ndarray, founder: np.ndarray) -> dict[str, np.ndarray]:
    """Return (frame,) living cells, cells with a net, genomes, and founders with descendants, of frames (frame, y,
    x).

    index : the place of each cell's genome in `founder` (genome,), 0 for no net.
    """
    held = [np.unique(frame[frame > 0]) for frame in index]
    found = {
        "living": [np.count_nonzero(frame) for frame in alpha],
        "nets": [np.count_nonzero(frame) for frame in index],
        "genomes": [genomes.size for genomes in held],
        "clades": [np.unique(founder[genomes]).size for genomes in held],
    }
    return {name: np.array(values, np.int32) for name, values in found.items()}


def _with_ancestors(ids: np.ndarray, parent: np.ndarray) -> np.ndarray:
    """Return the ids and those of all their ancestors, sorted, with the empty net 0 first."""
    kept = np.zeros(parent.size, bool)
    kept[ids] = True
    mark_ancestors(kept, parent)
    kept[0] = True
    return np.flatnonzero(kept)
