"""Runs that the page of ancestors computes again from their seed, so that it shows all their stored generations.

The alphas of eight runs of 60 x 60 cells and 301 generations alone take 2.2 MB, deflated and in base64, and a page may
have 1.35 MB. The rule and a checksum per generation take only 3 KB per run.
"""

import json
import zlib
from collections.abc import Mapping

import numpy as np
import xarray as xr

from emergent_dynamics import streams
from emergent_dynamics.nca.archive import Trajectory
from emergent_dynamics.nca.census import leading
from emergent_dynamics.nca.descent import read as descent_of
from emergent_dynamics.nca.figures import clades
from emergent_dynamics.nca.figures.moments import ids_and_alpha
from emergent_dynamics.nca.kernels.workspace import constants
from emergent_dynamics.nca.originals import parameters_to_genes
from emergent_dynamics.nca.parameters import Parameters
from emergent_dynamics.plotting import colours

LONGEST = 2_000_000  # largest number of cells times generations per run: one to two seconds in a browser
STREAMS = ("founders", "weights", "choice", "mutation", "change")


def rule(frames: xr.Dataset, positions: np.ndarray) -> dict[str, object] | None:
    """Return what `replayed.js` needs to compute the runs of a store again, or None where it cannot.

    The script implements the rule thesis2024 without a landscape and catastrophes, has the bits of the engine `cpu`,
    and is used for runs up to `LONGEST`.
    """
    if frames.attrs.get("engine") != "cpu":
        return None
    experiment = json.loads(frames.attrs["parameters"])
    p = Parameters.from_config(experiment)
    special = (
        experiment["pickles"] is not None or p.landscape or p.catastrophe_every or p.rule != "thesis2024"
    )
    if special or p.cells * p.generations > LONGEST:
        return None
    k = constants(p)
    return {
        "rows": p.height,
        "columns": p.width,
        "channels": p.channels,
        "founders": p.founders,
        "activation": p.activation,
        "board": p.board,
        "sequential": p.update == "sequential",
        "threshold": float(k.threshold[0]),
        "alive_from": float(k.alive_from[0]),
        "budget": p.budget,
        "inherit": int(k.inherit),
        "mutate": int(k.mutate[0]),
        "positions": parameters_to_genes(p.channels)[positions].tolist(),
        "keys": {name: [int(word) for word in streams.key(p.seed, f"nca.{name}")] for name in STREAMS},
    }


def run_of(trajectory: Trajectory, run: int, known: Mapping[str, object]) -> dict[str, object]:
    """Return the data of the page for one run: the rule, the clades with most cells, and the checksum of each frame."""
    frames, log, _ = trajectory
    times = frames["generation"].values
    descent, counted = descent_of(frames, log, run)
    founders = int((descent.parent == 0).sum())
    named = leading(counted, founders, len(clades.COLOURS))
    palette = clades.palette(named.tolist(), founders)
    return {
        "rule": {**known, "run": run},
        "time": times,
        "crc32": np.array([checksum(*frame) for frame in ids_and_alpha(trajectory, run, times)], np.uint32),
        "palette": palette,
        "named": named.astype(np.int32),
        "named_colour": palette[named],
        "tenths": colours.table(colours.ACTIVITY)[np.linspace(0, 255, 11).astype(int)],
        "colours": list(colours.CATEGORIES[:4]),
    }


def checksum(gid: np.ndarray, alpha: np.ndarray) -> int:
    """Return the CRC-32 of a frame: genome ids as little-endian int32, then alpha in tenths."""
    return zlib.crc32(alpha.tobytes(), zlib.crc32(gid.astype("<i4").tobytes()))
