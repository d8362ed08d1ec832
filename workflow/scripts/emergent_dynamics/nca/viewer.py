"""A page to walk through the generations: hovering a cell tells its genome and the line of its ancestors."""

from collections.abc import Iterator
from importlib import resources

import numpy as np
import xarray as xr

from emergent_dynamics import store
from emergent_dynamics.nca import films, gd, replay
from emergent_dynamics.nca.lineage import Descent, founders, mark_ancestors
from emergent_dynamics.plotting import colours, page

CODES = 200_000  # cells stored in the page, all frames together: about 1 MB with their ancestors


def build(
    frames: xr.Dataset, log: xr.Dataset, descent: Descent, channels: int, positions: np.ndarray, run: int
) -> str:
    """HTML with evenly spaced generations of one run, all their genomes and those genomes' ancestors."""
    cells = frames.sizes["y"] * frames.sizes["x"]
    generations = films.chosen(frames["generation"].values, max(2, min(40, CODES // cells)))
    moments = list(_moments(frames, run, generations))
    gid, alpha = map(np.stack, zip(*moments, strict=True))
    ids = _with_ancestors(np.unique(gid), descent.parent)
    index = np.searchsorted(ids, gid).astype(np.int32)
    shown = np.unique(gid[gid > 0])  # only these have a colour; ancestors are told by number
    weights = replay.weights(log, run, shown, 10 * channels**2)
    rwsp, ghc = np.zeros(ids.size, np.uint32), np.zeros(ids.size, np.uint32)
    rwsp[np.searchsorted(ids, shown)] = gd.rwsp_colours(weights, positions, channels)
    ghc[np.searchsorted(ids, shown)] = gd.ghc_colours(weights)
    founder = founders(descent.parent)[ids]
    palette = colours.identity_table(int(founder.max()) + 1)
    palette[0] = 0
    data = {
        "index": index,
        "alpha": alpha,
        "time": generations,
        "genome": ids.astype(np.int32),
        "parent": np.searchsorted(ids, np.maximum(descent.parent[ids], 0)).astype(np.int32),
        "birth": descent.birth[ids],
        "last": descent.last[ids],
        "founder": founder,
        "clade": palette[founder],
        "rwsp": films.rgb(rwsp),
        "ghc": films.rgb(ghc),
        "tenths": colours.table(colours.ACTIVITY)[np.linspace(0, 255, 11).astype(int)],
    }
    script = page.source("cells.js") + resources.files(__package__).joinpath("lineages.js").read_text(
        encoding="utf-8"
    )
    return page.page("Genomes and their ancestors", "", data, script)


def _moments(frames: xr.Dataset, run: int, wanted: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """gid and alpha (y, x) of the wanted generations; one stored block at a time is held, and read once."""
    for block in store.slices(frames[["gid", "alpha"]], "generation"):
        kept = np.flatnonzero(np.isin(block["generation"].values, wanted))
        if kept.size:
            gid, alpha = (block[name].sel(run=run).values for name in ("gid", "alpha"))
            yield from zip(gid[kept], alpha[kept], strict=True)


def _with_ancestors(ids: np.ndarray, parent: np.ndarray) -> np.ndarray:
    """Sorted ids, the empty net 0 first, with every ancestor."""
    kept = np.zeros(parent.size, bool)
    kept[ids] = True
    mark_ancestors(kept, parent)
    kept[0] = True
    return np.flatnonzero(kept)
