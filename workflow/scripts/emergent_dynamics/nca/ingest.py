"""Converts the pickles of the original study to a store like our own.

`pickled` reads the files, and `pairing` decides which nets produced which board.
"""

import itertools
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from emergent_dynamics import store
from emergent_dynamics.nca import model, originals, pairing
from emergent_dynamics.nca.genome_log import COLUMNS, empty_log, joined, log_rows, log_variables
from emergent_dynamics.nca.pairing import REPLAYED, Pairing, Recorded
from emergent_dynamics.nca.parameters import Parameters
from emergent_dynamics.nca.pickled import items
from emergent_dynamics.store import Variable


def ingest(destination: Path, experiment: Mapping[str, Any], attributes: Mapping[str, Any]) -> None:
    """Write a store with gid, alpha and the genome log, on which every analysis of frames runs.

    Genomes are distinguished by the bytes of their weights. Parents were never recorded, so all genomes have parent 0
    and list all their genes. `pickles: grids` has no frame for generation 0; there founders are the cells with a net,
    with alpha 1. The attribute `pairing` states which nets belong to which board, and how this was decided. Raises
    ValueError, one line with the path, where a file does not hold what the experiment says.
    """
    files = {name: Path(path) for name, path in experiment["pickles"].items() if path}
    p = Parameters.from_config(experiment)
    paired = pairing.decide(_first(files, p), p)
    print(f"pairing: {paired.reason}", file=sys.stderr, flush=True)
    _require_length(files, p, paired)
    frames = p.generations + 1
    with store.writing(
        destination, variables(p), "generation", frames, {**attributes, "pairing": paired.reason}
    ) as stream:
        stream.whole("run", np.arange(1))
        stream.whole("generation", np.arange(frames))
        held: dict[bytes, int] = {}
        newest = 0
        boards = _checked_boards(files, p)
        nets = originals.nets(files["weights"], p)
        generation = -1
        for generation, genes in enumerate(itertools.islice(nets, paired.late, paired.late + frames)):
            gid, log, held = _genomes(genes, held, newest, generation)
            newest = max(newest, int(gid.max()))
            alpha = next(boards) if generation else (gid > 0).reshape(p.height, p.width).astype(np.float32)
            frame = {"gid": gid, "alpha": model.stored_tenths(alpha)}
            stream.append({name: cells.reshape(1, 1, p.height, p.width) for name, cells in frame.items()})
            for name, rows in joined(log).items():
                stream.append_rows(name, rows)
        if generation < p.generations:
            raise ValueError(f"{files['weights']}: ends after {generation} of {p.generations} generations")
        if beyond := sum(1 for _ in nets):
            raise ValueError(f"{files['weights']}: holds {beyond} generations more than the boards")


def variables(p: Parameters) -> dict[str, Variable]:
    """Return the layout of a store of frames and the genome log of one run."""
    frames = p.generations + 1
    grid = (("run", "generation", "y", "x"), (1, frames, p.height, p.width))
    return {
        "run": Variable(("run",), (1,), "int64", "replicate", "1", "static", coordinate=True),
        "generation": Variable(
            ("generation",), (frames,), "int64", "generation", "1", "static", coordinate=True
        ),
        "gid": Variable(*grid, "int32", "genome of the cell (0: empty net)", "1", codec="table"),
        "alpha": Variable(*grid, "uint8", "alpha, rounded to a decimal", "0.1", codec="table"),
    } | log_variables()


def _first(files: Mapping[str, Path], p: Parameters) -> Recorded:
    """Return the first generations of each file, which `pairing.decide` examines."""
    return Recorded(
        list(itertools.islice(originals.nets(files["weights"], p), REPLAYED + max(pairing.LATE))),
        list(itertools.islice(originals.boards(files["grids"], p), REPLAYED)),
        list(itertools.islice(originals.hidden(files["layer1"], p), REPLAYED)) if "layer1" in files else [],
    )


def _require_length(files: Mapping[str, Path], p: Parameters, paired: Pairing) -> None:
    """Require as many boards as there are generations, plus the generations by which the nets are late, since the
    last boards then have no nets.
    """
    for name in sorted(set(files) - {"weights"}):
        found = sum(1 for _ in items(files[name]))
        if found != p.generations + paired.late:
            late = "; its nets are stored a generation late, and the last board has none" * paired.late
            raise ValueError(
                f"generations = {p.generations}: {files[name]} holds {found} generations, so that "
                f"{found - paired.late} are allowed{late}"
            )


def _checked_boards(files: Mapping[str, Path], p: Parameters) -> Iterator[np.ndarray]:
    """Yield the boards, after checking that they agree with channel 1 and the counts of alpha, if these are given."""
    hidden: Iterator[Any] = (
        originals.hidden(files["layer1"], p) if "layer1" in files else itertools.repeat(None)
    )
    counts = items(files["frequency_dicts"]) if "frequency_dicts" in files else itertools.repeat(None)
    boards = originals.boards(files["grids"], p)
    for i, (board, layer, counted) in enumerate(zip(boards, hidden, counts, strict=False), 1):
        if layer is not None and layer[board == 0].any():
            raise ValueError(
                f"{files['layer1']}: board {i} is not 0 everywhere where alpha of {files['grids']} is 0"
            )
        if counted is not None:
            originals.compare_counts(counted, board, f"{files['frequency_dicts']}: item {i}")
        yield board


def _genomes(
    genes: np.ndarray, held: Mapping[bytes, int], newest: int, generation: int
) -> tuple[np.ndarray, dict, dict[bytes, int]]:
    """Return (cell,) ids, log rows of the genomes that the frame before did not hold, and the genomes held now; -0.0
    equals 0.

    held : weights of the frame before -> id. newest : the last id given. A net that reappears after a frame without
    it is a new genome, since no cell could have passed it on.
    """
    gid, log = np.zeros(len(genes), np.int32), empty_log()
    now: dict[bytes, int] = {}
    fresh: list[tuple[int, int]] = []
    for cell in np.flatnonzero(genes.any(axis=1)).tolist():
        net = (genes[cell] + 0.0).tobytes()
        if net not in now:
            now[net] = held.get(net) or newest + len(fresh) + 1
            if net not in held:
                fresh.append((now[net], cell))
        gid[cell] = now[net]
    if fresh:
        cells = np.array([cell for _, cell in fresh])
        n, size = genes[cells].shape
        rows = np.array([[g for g, _ in fresh], np.zeros(n), cells, np.full(n, size)], np.int64)
        log_rows(log, 0, generation, rows, np.tile(np.arange(size), n), genes[cells].reshape(-1))
    assert set(log) == set(COLUMNS)
    return gid, log, now
