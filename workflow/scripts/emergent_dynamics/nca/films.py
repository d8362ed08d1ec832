"""Films of one run: alpha, and the genomes in the colours of RWSP and GHC."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from emergent_dynamics.nca import gd, genomes
from emergent_dynamics.plotting import canvas, colours

FRAMES = 150  # at most: a film of cells costs about 10 KB a frame and 100x100 cells


def chosen(generations: np.ndarray, frames: int = FRAMES) -> np.ndarray:
    """At most `frames` of the stored generations, evenly spaced, first and last among them."""
    return np.unique(
        generations[np.linspace(0, generations.size - 1, min(frames, generations.size)).astype(int)]
    )


@dataclass(frozen=True)
class Moments:
    """The chosen frames of a run, (frame, y, x): alpha in tenths; colours 0xRRGGBB uint32, black for an empty net."""

    generations: np.ndarray
    alpha: np.ndarray
    nets: np.ndarray  # (frame,) cells with a net
    rwsp: np.ndarray
    ghc: np.ndarray


def coloured(
    frames: xr.Dataset, log: xr.Dataset, parameters: Mapping[str, Any], shown: int = FRAMES
) -> Moments:
    """Of run 0; nine bytes a shown cell are held, so that frames and weights are decoded once."""
    channels = parameters["channels"]
    positions = gd.rwsp_positions(channels, parameters["seed"], parameters["rwsp"])
    wanted = chosen(frames["generation"].values, shown)
    alpha = frames["alpha"].sel(run=0, generation=wanted).values
    nets = np.zeros(wanted.size, np.int64)
    rwsp, ghc = np.zeros(alpha.shape, np.uint32), np.zeros(alpha.shape, np.uint32)
    at = 0
    for living in genomes.follow(frames, log, 10 * channels**2, 0):
        if living.generation in wanted:
            weights = living.weights  # row 0, the empty net, is black in both
            nets[at] = np.count_nonzero(living.gid)
            rwsp[at] = gd.rwsp_colours(weights, positions, channels)[living.row]
            ghc[at] = gd.ghc_colours(weights)[living.row]
            at += 1
    return Moments(wanted, alpha, nets, rwsp, ghc)


def state(moments: Moments, annotated: bool = True) -> Iterator[np.ndarray]:
    """alpha of every cell from black (0) to bright (1); with the numbers of living cells and nets when annotated."""
    stage, pane = canvas.grid_canvas(
        *moments.alpha.shape[1:], title="alpha", xlabel="x", ylabel="y", colour_map=colours.ACTIVITY,
        value_label="alpha", origin="upper", width=560, height=520,
    )  # fmt: skip
    table = colours.table(colours.ACTIVITY)[np.linspace(0, 255, 11).astype(int)]
    last = max(1, moments.generations[-1])
    for generation, alpha, nets in zip(
        moments.generations.tolist(), moments.alpha, moments.nets.tolist(), strict=True
    ):
        frame = stage.blank()
        pane.cells(frame, np.minimum(alpha, 10), table, origin="upper")
        text = f"generation {generation}"
        if annotated:
            text += f"   alive {np.count_nonzero(alpha)}   nets {nets}   sd {alpha.std() / 10:.3f}"
        stage.clock(frame, text, generation / last)
        yield frame


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
