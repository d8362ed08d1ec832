"""Films of one run: alpha, and the genomes in the colours of RWSP and GHC."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import xarray as xr

from emergent_dynamics import store
from emergent_dynamics.nca import gd, genomes
from emergent_dynamics.plotting import canvas, colours

FRAMES = 150  # at most: a film of cells costs about 10 KB a frame and 100x100 cells


def chosen(generations: np.ndarray, frames: int = FRAMES) -> np.ndarray:
    """At most `frames` of the stored generations, evenly spaced, first and last among them."""
    return np.unique(
        generations[np.linspace(0, generations.size - 1, min(frames, generations.size)).astype(int)]
    )


def moments(frames: xr.Dataset, run: int, wanted: np.ndarray) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """(generation, gid, alpha) of the wanted generations, each stored block read once."""
    for block in store.slices(frames[["gid", "alpha"]], "generation"):
        kept = np.flatnonzero(np.isin(block["generation"].values, wanted))
        if kept.size:
            gid, alpha = (block[name].sel(run=run).values for name in ("gid", "alpha"))
            for i in kept.tolist():
                yield int(block["generation"][i]), gid[i], alpha[i]


def state(frames: xr.Dataset, run: int, annotated: bool = True, shown: int = FRAMES) -> Iterator[np.ndarray]:
    """alpha of every cell from black (0) to bright (1); with the numbers of living cells and nets when annotated."""
    generations = frames["generation"].values
    rows, columns = frames.sizes["y"], frames.sizes["x"]
    stage, pane = canvas.grid_canvas(
        rows, columns, title="alpha", xlabel="x", ylabel="y", colour_map=colours.ACTIVITY, value_label="alpha",
        origin="upper", width=560, height=520,
    )  # fmt: skip
    table = colours.table(colours.ACTIVITY)[np.linspace(0, 255, 11).astype(int)]
    for generation, gid, alpha in moments(frames, run, chosen(generations, shown)):
        frame = stage.blank()
        pane.cells(frame, np.minimum(alpha, 10), table, origin="upper")
        text = f"generation {generation}"
        if annotated:
            text += f"   alive {np.count_nonzero(alpha)}   nets {np.count_nonzero(gid)}   sd {alpha.std() / 10:.3f}"
        stage.clock(frame, text, generation / max(1, generations[-1]))
        yield frame


def genome(
    colouring: str, frames: xr.Dataset, log: xr.Dataset, parameters: Mapping[str, Any], shown: int = FRAMES
) -> Iterator[np.ndarray]:
    """Cells of run 0 in the colour of their genome, `rwsp` or `ghc`; an empty net is black."""
    channels, generations = parameters["channels"], frames["generation"].values
    positions = gd.rwsp_positions(channels, parameters["seed"])
    stage, pane = canvas.grid_canvas(
        frames.sizes["y"], frames.sizes["x"], title=colouring.upper(), xlabel="x", ylabel="y", colour_map=None,
        origin="upper", width=490, height=520,
    )  # fmt: skip
    wanted = set(chosen(generations, shown).tolist())
    for living in genomes.follow(frames, log, 10 * channels**2, 0):
        if living.generation not in wanted:
            continue
        nets = living.weights * living.alive[:, None]
        colour = gd.ghc_colours(nets) if colouring == "ghc" else gd.rwsp_colours(nets, positions, channels)
        frame = stage.blank()
        pane.cells(frame, living.row, rgb(colour), origin="upper")
        count = gd.n_unique(colour[living.alive])
        stage.clock(
            frame, f"generation {living.generation}   colours {count}", living.generation / generations[-1]
        )
        yield frame


def rgb(colour: np.ndarray) -> np.ndarray:
    """(n,) 0xRRGGBB -> (n, 3) uint8."""
    return np.stack([colour >> 16 & 255, colour >> 8 & 255, colour & 255], axis=1).astype(np.uint8)
