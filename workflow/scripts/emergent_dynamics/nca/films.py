"""Films of one run: alpha, and the genomes in the colours of RWSP and GHC."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Coloured:
    """Colours 0xRRGGBB of every cell, (frame, y, x) uint32, black for an empty net."""

    generations: np.ndarray
    rwsp: np.ndarray
    ghc: np.ndarray


def coloured(
    frames: xr.Dataset, log: xr.Dataset, parameters: Mapping[str, Any], shown: int = FRAMES
) -> Coloured:
    """The chosen frames of run 0; eight bytes a shown cell are held, so that weights are decoded once."""
    channels = parameters["channels"]
    positions = gd.rwsp_positions(channels, parameters["seed"], parameters["rwsp"])
    wanted = chosen(frames["generation"].values, shown)
    rwsp, ghc = (np.zeros((wanted.size, frames.sizes["y"], frames.sizes["x"]), np.uint32) for _ in range(2))
    at = 0
    for living in genomes.follow(frames, log, 10 * channels**2, 0):
        if living.generation in wanted:
            nets = living.weights  # row 0, the empty net, is black in both
            rwsp[at] = gd.rwsp_colours(nets, positions, channels)[living.row]
            ghc[at] = gd.ghc_colours(nets)[living.row]
            at += 1
    return Coloured(wanted, rwsp, ghc)


def genome(title: str, generations: np.ndarray, maps: np.ndarray) -> Iterator[np.ndarray]:
    """Cells in the colour of their genome; the text counts the colours, black left out."""
    stage, pane = canvas.grid_canvas(
        *maps.shape[1:],
        title=title,
        xlabel="x",
        ylabel="y",
        colour_map=None,
        origin="upper",
        width=490,
        height=520,
    )
    for generation, shown in zip(generations.tolist(), maps, strict=True):
        palette, code = np.unique(shown, return_inverse=True)
        frame = stage.blank()
        pane.cells(frame, code.reshape(shown.shape), rgb(palette), origin="upper")
        text = f"generation {generation}   colours {np.count_nonzero(palette)}"
        stage.clock(frame, text, generation / generations[-1])
        yield frame


def rgb(colour: np.ndarray) -> np.ndarray:
    """(n,) 0xRRGGBB -> (n, 3) uint8."""
    return np.stack([colour >> 16 & 255, colour >> 8 & 255, colour & 255], axis=1).astype(np.uint8)
