"""Converts the pickles of the original study to a store like our own.

`pickled` reads the files, and `pairing` decides which nets produced which board.
"""

import itertools
import math
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from emergent_dynamics import store
from emergent_dynamics.nca import model, pairing
from emergent_dynamics.nca.colouring import parameters_to_genes
from emergent_dynamics.nca.genome_log import COLUMNS, empty_log, joined, log_rows, log_variables
from emergent_dynamics.nca.pairing import REPLAYED, Pairing, Recorded
from emergent_dynamics.nca.parameters import Parameters
from emergent_dynamics.nca.pickled import items
from emergent_dynamics.store import Variable

BOUNDED = ("sigmoid", "tanh")  # board activations whose values are at most 1


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
        destination, _variables(p), "generation", frames, {**attributes, "pairing": paired.reason}
    ) as stream:
        stream.whole("run", np.arange(1))
        stream.whole("generation", np.arange(frames))
        held: dict[bytes, int] = {}
        newest = 0
        boards = _checked_boards(files, p)
        nets = _nets(files["weights"], p)
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


def _variables(p: Parameters) -> dict[str, Variable]:
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
        list(itertools.islice(_nets(files["weights"], p), REPLAYED + max(pairing.LATE))),
        list(itertools.islice(_boards(files["grids"], p), REPLAYED)),
        list(itertools.islice(_hidden(files, p), REPLAYED)) if "layer1" in files else [],
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
    hidden: Iterator[Any] = _hidden(files, p) if "layer1" in files else itertools.repeat(None)
    counts = items(files["frequency_dicts"]) if "frequency_dicts" in files else itertools.repeat(None)
    boards = _boards(files["grids"], p)
    for i, (board, layer, counted) in enumerate(zip(boards, hidden, counts, strict=False), 1):
        if layer is not None and layer[board == 0].any():
            raise ValueError(
                f"{files['layer1']}: board {i} is not 0 everywhere where alpha of {files['grids']} is 0"
            )
        if counted is not None:
            _compare_counts(counted, board, f"{files['frequency_dicts']}: item {i}")
        yield board


def _compare_counts(counted: Any, board: np.ndarray, where: str) -> None:
    """Compare the originals' counts of alpha, {value: cells}, with the board, rounded in float32 as torch does."""
    if not isinstance(counted, Mapping):
        raise ValueError(
            f"{where} is a {type(counted).__name__}; counts of alpha, {{value: cells}}, are expected"
        )
    tenths = {round(10 * float(value)): int(cells) for value, cells in counted.items()}
    if any(abs(10 * float(value) - round(10 * float(value))) > 1e-3 for value in counted):
        raise ValueError(f"{where} counts alpha to more than one decimal; leave frequency_dicts out")
    values, cells = np.unique(np.rint(board * np.float32(10)).astype(int), return_counts=True)
    present = dict(zip(values.tolist(), cells.tolist(), strict=True))
    for value in sorted(tenths.keys() | present.keys()):
        told, found = tenths.get(value, 0), present.get(value, 0)
        if told != found:
            raise ValueError(f"{where} counts {told} cells of alpha {value / 10}; its board has {found}")


def _boards(path: Path, p: Parameters, least: float = 0.0) -> Iterator[np.ndarray]:
    """Yield the boards of a file, (y, x) float32, with values from `least` on; raises ValueError for any other
    value.
    """
    most = 1.0 if p.board in BOUNDED else math.inf
    for i, item in enumerate(items(path), 1):
        board = np.asarray(item)
        if board.shape != (p.height, p.width) or board.dtype.kind not in "fiub":
            raise ValueError(
                f"{path}: board {i} has shape {board.shape}; height and width are {(p.height, p.width)}"
            )
        board = board.astype(np.float32)
        wrong = ~((board >= least) & (board <= most) & np.isfinite(board))  # NaN fails every comparison
        if wrong.any():
            y, x = np.argwhere(wrong)[0].tolist()
            raise ValueError(
                f"{path}: board {i} holds {board[y, x]} in row {y}, column {x}; from {least:g} to {most:g} is possible"
                f" with board_activation {p.board}"
            )
        yield board


def _hidden(files: Mapping[str, Path], p: Parameters) -> Iterator[np.ndarray]:
    """Yield the boards of channel 1, which unlike alpha may have negative values."""
    return _boards(files["layer1"], p, -1.0 if p.board in BOUNDED else -math.inf)


def _nets(path: Path, p: Parameters) -> Iterator[np.ndarray]:
    """Yield the nets of a file, generation by generation: (cell, gene) float32."""
    for i, item in enumerate(items(path)):
        yield _genes(np.asarray(item), p, f"{path}: item {i + 1}")


def _genes(nets: np.ndarray, p: Parameters, where: str) -> np.ndarray:
    """Return (cell, gene) from (cell, parameter), without the biases, which are always zero."""
    gene = parameters_to_genes(p.channels)
    if nets.shape != (p.cells, gene.size) or nets.dtype.kind not in "fiub":
        raise ValueError(
            f"{where} has shape {nets.shape}; {(p.cells, gene.size)}, cells and parameters of a net, is expected"
        )
    if nets[:, gene < 0].any():
        raise ValueError(f"{where} has biases that are not zero; the model has none")
    genes = np.ascontiguousarray(nets[:, gene >= 0], np.float32)
    if not np.isfinite(genes).all():
        raise ValueError(f"{where} holds weights that are not finite")
    return genes


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
