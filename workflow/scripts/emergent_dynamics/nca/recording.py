"""Converts a user's own run, as arrays, to a store like our own.

Nets are numbered anew in the order in which they first appear, ancestors before descendants, as in our stores.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from emergent_dynamics import store
from emergent_dynamics.inputs.files import opened
from emergent_dynamics.nca import alife, model
from emergent_dynamics.nca.genome_log import empty_log, joined, log_rows
from emergent_dynamics.nca.ingest import variables
from emergent_dynamics.nca.parameters import Parameters


class Ancestors(NamedTuple):
    """parent (net,) : the ancestor of each net, 0 for none. rank (net,) : increases from ancestor to descendant; 0 for
    a net that the phylogeny does not have.
    """

    parent: np.ndarray
    rank: np.ndarray


def ingest(destination: Path, experiment: Mapping[str, Any], attributes: Mapping[str, Any]) -> None:
    """Write a store with gid, alpha and the genome log, on which every analysis of frames runs.

    One generation of ids and alpha is in memory at a time, and all weights. Without a phylogeny every net has parent 0
    and lists all its genes; with one it lists those that differ from its ancestor's. Ancestors that no cell ever holds
    are left out: their descendants hang on the nearest ancestor that some cell held. Raises ValueError, one line,
    where frames and phylogeny contradict each other.
    """
    files, p = experiment["recording"], Parameters.from_config(experiment)
    ids, alpha = (opened(files[name]).load() for name in ("ids", "alpha"))
    weights = np.asarray(opened(files["weights"]).load()[...], np.float32) + np.float32(0)  # -0.0 is 0
    ancestors = _ancestors(files.get("phylogeny"), len(weights))
    numbers = _Numbers(len(weights), ancestors)
    frames = p.generations + 1
    with store.writing(destination, variables(p), "generation", frames, attributes) as stream:
        stream.whole("run", np.arange(1))
        stream.whole("generation", np.arange(frames))
        for generation in range(frames):
            held = np.asarray(ids[generation]).reshape(-1).astype(np.int64)
            try:
                fresh = numbers.extend(held, generation)
            except ValueError as error:
                raise ValueError(f"{files['ids']}: {error}") from None
            log = empty_log()
            _log(log, fresh, weights, generation)
            frame = {
                "gid": numbers.of[held].astype(np.int32),
                "alpha": model.stored_tenths(np.asarray(alpha[generation], np.float32)),
            }
            stream.append({name: cells.reshape(1, 1, p.height, p.width) for name, cells in frame.items()})
            for name, rows in joined(log).items():
                stream.append_rows(name, rows)


def fault(path: str, nets: int) -> str:
    """Return what is wrong with a phylogeny of nets 1 to `nets` - 1, or ""."""
    try:
        _ancestors(path, nets)
    except ValueError as error:
        return str(error).removeprefix(f"{path}: ")
    return ""


def _ancestors(path: str | None, nets: int) -> Ancestors | None:
    if path is None:
        return None
    found = alife.read(path)
    named = found.ids[1:]
    if (strange := (named < 1) | (named >= nets)).any():
        raise ValueError(f"id {named[strange.argmax()]} is no net; weights has the nets 1 to {nets - 1}")
    parent, rank = np.zeros(nets, np.int64), np.zeros(nets, np.int64)
    parent[named] = np.maximum(found.ids[found.descent.parent[1:]], 0)
    rank[named] = np.arange(1, named.size + 1)
    return Ancestors(parent, rank)


class Fresh(NamedTuple):
    """Nets that appear for the first time, in the order of their new numbers: (net,) each.

    net, above : numbers in the user's files, 0 for no ancestor. number, parent : new numbers. cell : where it appears.
    """

    net: np.ndarray
    above: np.ndarray
    number: np.ndarray
    parent: np.ndarray
    cell: np.ndarray


class _Numbers:
    """The new number of each net, 0 for one that has not appeared."""

    def __init__(self, nets: int, ancestors: Ancestors | None) -> None:
        self.of, self.newest, self.ancestors = np.zeros(nets, np.int64), 0, ancestors
        self.passed = np.zeros(nets, bool)  # ancestors that had not appeared when a descendant did

    def extend(self, held: np.ndarray, generation: int) -> Fresh:
        """Number the nets of a frame (cell,) that are new, and return them."""
        found, cell = np.unique(held, return_index=True)
        new = (found > 0) & (self.of[found] == 0)
        net, cell = found[new], cell[new]
        order = np.argsort(cell if self.ancestors is None else self.ancestors.rank[net], kind="stable")
        net, cell = net[order], cell[order]
        if self.ancestors is not None and (lost := self.ancestors.rank[net] == 0).any():
            raise ValueError(f"net {net[lost.argmax()]} of generation {generation} is not in the phylogeny")
        if (late := self.passed[net]).any():
            raise ValueError(
                f"net {net[late.argmax()]} appears in generation {generation}, after a descendant of it"
            )
        number = np.arange(self.newest + 1, self.newest + net.size + 1)
        self.of[net], self.newest = number, self.newest + net.size
        above = np.array([self._nearest(one) for one in net.tolist()], np.int64)
        return Fresh(net, above, number, self.of[above], cell)

    def _nearest(self, net: int) -> int:
        """Return the nearest ancestor that has appeared, 0 for none."""
        if self.ancestors is None:
            return 0
        above = int(self.ancestors.parent[net])
        while above and not self.of[above]:
            self.passed[above] = True
            above = int(self.ancestors.parent[above])
        return above


def _log(log: dict[str, list[np.ndarray]], fresh: Fresh, weights: np.ndarray, generation: int) -> None:
    """Append the rows of new nets to a log."""
    if fresh.net.size:
        changed = (weights[fresh.net] != weights[fresh.above]) | (fresh.above == 0)[:, None]
        rows = np.array([fresh.number, fresh.parent, fresh.cell, changed.sum(axis=1)], np.int64)
        log_rows(log, 0, generation, rows, np.nonzero(changed)[1], weights[fresh.net][changed])
