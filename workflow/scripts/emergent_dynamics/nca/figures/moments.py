"""The evenly spaced frames of one run that films and the viewer show, with the colours of their genomes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from emergent_dynamics import store
from emergent_dynamics.nca import genomes
from emergent_dynamics.nca.archive import Trajectory
from emergent_dynamics.nca.colouring import ghc_colours, rwsp_colours, rwsp_positions

FRAMES = 150  # largest number of frames; a film takes about 10 KB per frame of 100x100 cells


def chosen(generations: np.ndarray, frames: int = FRAMES) -> np.ndarray:
    """Return at most `frames` of the stored generations, evenly spaced, with the first and the last among them."""
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


def coloured(trajectory: Trajectory, parameters: Mapping[str, Any], shown: int = FRAMES) -> Moments:
    """Return the chosen frames of run 0 with their colours.

    Nine bytes per cell and shown frame are held in memory, so that frames and weights are decoded only once.
    """
    frames, log, _ = trajectory
    channels = parameters["channels"]
    positions = rwsp_positions(channels, parameters["seed"], parameters["rwsp"])
    wanted = chosen(frames["generation"].values, shown)
    alpha = frames["alpha"].sel(run=0, generation=wanted).values
    nets = np.zeros(wanted.size, np.int64)
    rwsp, ghc = np.zeros(alpha.shape, np.uint32), np.zeros(alpha.shape, np.uint32)
    for at, living in enumerate(genomes.follow(frames.sel(generation=wanted), log, 10 * channels**2, 0)):
        weights = living.weights  # row 0, the empty net, is black in both colourings
        nets[at] = np.count_nonzero(living.gid)
        rwsp[at] = rwsp_colours(weights, positions, channels)[living.row]
        ghc[at] = ghc_colours(weights)[living.row]
    return Moments(wanted, alpha, nets, rwsp, ghc)


def ids_and_alpha(
    trajectory: Trajectory, run: int, wanted: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield gid and alpha (y, x) of the wanted generations; each stored block is read once, and one is held at a
    time.
    """
    for block in store.slices(trajectory.frames[["gid", "alpha"]], "generation"):
        kept = np.flatnonzero(np.isin(block["generation"].values, wanted))
        if kept.size:
            gid, alpha = (block[name].sel(run=run).values for name in ("gid", "alpha"))
            yield from zip(gid[kept], alpha[kept], strict=True)
