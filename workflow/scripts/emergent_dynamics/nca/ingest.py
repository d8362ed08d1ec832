"""The original study's pickles as a store like our own.

`everystep_weights` is a list of generations, each a list of cells, each a list of floats; `ca_grids_layer0` is a list
of arrays. They are read item by item, so that one generation is in memory however long the file is, and nothing but
arrays, lists, dicts, tuples and numbers is built: a pickle that names anything else is refused by that name.
"""

import io
import pickle
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

import numpy as np

from emergent_dynamics import store
from emergent_dynamics.nca import model
from emergent_dynamics.nca.colouring import parameters_to_genes
from emergent_dynamics.nca.genome_log import COLUMNS, empty_log, joined, log_rows, log_variables
from emergent_dynamics.nca.parameters import Parameters
from emergent_dynamics.store import Variable

ARRAYS = ("numpy.core.multiarray", "numpy._core.multiarray")
ALLOWED = {(module, name) for module in ARRAYS for name in ("_reconstruct", "scalar")}
ALLOWED |= {("numpy", "ndarray"), ("numpy", "dtype"), ("_codecs", "encode")}


DATA = (list, dict, np.ndarray, int, float)
# Who is put where for later reference: kept are names, types and short keys, never data, which would pile up. A file in
# which data is referred to again ends in pickle's own "Memo value not found".
PUT = {pickle.MEMOIZE: 0, pickle.BINPUT: 1, pickle.LONG_BINPUT: 4}
SHORT = 16


class Refused(ValueError):
    """A pickle that would build something else than data; the text names it."""


class _Reader(pickle._Unpickler):
    """The interpreter of pickle's own machine in Python, with three differences: what may be named, lists of floats
    become one array as soon as they end, and finished items of the outermost list are handed out and forgotten.
    """

    dispatch: ClassVar[dict[int, Callable]] = dict(pickle._Unpickler.dispatch)

    memo: dict[int, Any]
    pop_mark: Callable[[], list]

    def __init__(self, file: BinaryIO, name: str) -> None:
        super().__init__(file, encoding="latin1")
        self.name = name

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in ALLOWED:
            raise Refused(
                f"{self.name}: holds {module}.{name}; only arrays, lists, dicts, tuples and numbers are read"
            )
        return super().find_class(module, name)

    def persistent_load(self, pid: Any) -> Any:
        raise Refused(f"{self.name}: refers to something outside the file ({pid!r})")

    def items(self) -> Iterator[Any]:
        """Items of the outermost list, in order."""
        self._unframer = pickle._Unframer(self._file_read, self._file_readline)  # type: ignore[attr-defined]
        self.read, self.readinto, self.readline = (
            self._unframer.read,
            self._unframer.readinto,
            self._unframer.readline,
        )
        self.metastack: list[list] = []
        self.stack: list[Any] = []
        self.append, self.proto = self.stack.append, 0
        remembered = 0
        while key := self.read(1):
            if key == pickle.STOP:
                yield from self._outermost(self.stack[0])
                return
            if key in PUT:
                size = PUT[key]
                place = int.from_bytes(self.read(size), "little") if size else remembered
                remembered += 1
                if (
                    callable(self.stack[-1])
                    or isinstance(self.stack[-1], str | np.dtype)
                    or (isinstance(self.stack[-1], bytes | tuple) and len(self.stack[-1]) < SHORT)
                ):
                    self.memo[place] = self.stack[-1]
            else:
                self.dispatch[key[0]](self)
            yield from self._finished()
        raise Refused(f"{self.name}: ends in the middle of a list")

    def _finished(self) -> Iterator[Any]:
        """Items of the outermost list that nothing can change any more, since another has begun behind them."""
        if (
            len(self.metastack) == 1
            and len(self.metastack[0]) == 1
            and isinstance(self.metastack[0][0], list)
        ):
            while len(self.stack) > 1 and isinstance(self.stack[0], DATA) and _begins(self.stack[1]):
                yield _value(self.stack.pop(0))
        elif (
            not self.metastack and len(self.stack) == 1 and isinstance(self.stack[0], list) and self.stack[0]
        ):
            yield from self._outermost(self.stack[0])
            self.stack[0].clear()

    def _outermost(self, outer: Any) -> Iterator[Any]:
        if not isinstance(outer, list):
            raise Refused(
                f"{self.name}: holds a {type(outer).__name__} where a list of generations is expected"
            )
        yield from map(_value, outer)

    def load_appends(self) -> None:
        items = self.pop_mark()
        into = self.stack[-1]
        if items and isinstance(items[0], float) and all(isinstance(item, float) for item in items):
            into.append(np.array(items, np.float32))
        else:
            into.extend(items)

    dispatch[pickle.APPENDS[0]] = load_appends


def _begins(thing: Any) -> bool:
    """Whether this is how an item starts, rather than the state of the array before it."""
    return callable(thing) or isinstance(thing, list | dict)


def _value(item: Any) -> Any:
    """A generation as one array: lists of equally long arrays are stacked, what was split in batches is joined."""
    if isinstance(item, np.ndarray) and item.dtype.hasobject:
        raise Refused("an array of Python objects; only numbers are read")
    if not isinstance(item, list):
        return item
    if item and all(isinstance(part, np.ndarray) and part.ndim == 1 for part in item):
        return np.concatenate(item)
    return np.stack([_value(part) for part in item]) if item else np.empty(0, np.float32)


def items(path: Path | str) -> Iterator[Any]:
    """The generations of one of the originals' pickles: arrays, or dicts of numbers (`frequency_dicts`)."""
    with Path(path).open("rb") as file:
        buffered = io.BufferedReader(file, 2**20)
        yield from _Reader(buffered, str(path)).items()


def ingest(destination: Path, experiment: Mapping[str, Any], attributes: Mapping[str, Any]) -> None:
    """Write a store with gid, alpha and the genome log, on which every analysis of frames runs.

    Genomes are told apart by the bytes of their weights; who begot whom was never recorded, so all have parent 0 and
    list all their genes. `pickles: grids` has no frame for generation 0: founders are the cells with a net, alpha 1.
    """
    weights, grids = (Path(experiment["pickles"][name]) for name in ("weights", "grids"))
    p = Parameters.from_config(experiment)
    generations = sum(1 for _ in items(grids)) + 1
    if generations != p.generations + 1:
        raise ValueError(f"generations = {p.generations}: {grids} holds {generations - 1}")
    shape = (1, generations, p.height, p.width)
    dims = ("run", "generation", "y", "x")
    variables = {
        "run": Variable(("run",), (1,), "int64", "replicate", "1", "static", coordinate=True),
        "generation": Variable(
            ("generation",), (generations,), "int64", "generation", "1", "static", coordinate=True
        ),
        "gid": Variable(dims, shape, "int32", "genome of the cell (0: empty net)", "1", codec="table"),
        "alpha": Variable(dims, shape, "uint8", "alpha, rounded to a decimal", "0.1", codec="table"),
    } | log_variables()
    with store.writing(destination, variables, "generation", generations, attributes) as stream:
        stream.whole("run", np.arange(1))
        stream.whole("generation", np.arange(generations))
        held: dict[bytes, int] = {}
        newest = 0
        boards = items(grids)
        for generation, nets in enumerate(items(weights)):
            gid, log, held = _genomes(_genes(nets, p, weights), held, newest, generation)
            newest = max(newest, int(gid.max()))
            alpha = next(boards) if generation else (gid > 0).reshape(p.height, p.width).astype(np.float32)
            stream.append(
                {
                    "gid": gid.reshape(1, 1, p.height, p.width),
                    "alpha": model.stored_tenths(np.asarray(alpha)).reshape(1, 1, p.height, p.width),
                }
            )
            for name, rows in joined(log).items():
                stream.append_rows(name, rows)


def _genes(nets: np.ndarray, p: Parameters, path: Path) -> np.ndarray:
    """(cell, parameter) -> (cell, gene) without the biases, which are zero for ever."""
    gene = parameters_to_genes(p.channels)
    if nets.shape != (p.cells, gene.size):
        raise ValueError(f"{path}: a generation has shape {nets.shape}; {(p.cells, gene.size)} is expected")
    if nets[:, gene < 0].any():
        raise ValueError(f"{path}: has biases that are not zero; the model has none")
    return np.ascontiguousarray(nets[:, gene >= 0], np.float32)


def _genomes(
    genes: np.ndarray, held: Mapping[bytes, int], newest: int, generation: int
) -> tuple[np.ndarray, dict, dict[bytes, int]]:
    """(cell,) ids, log rows of the genomes that the frame before did not hold, and those held now; -0.0 counts as 0.

    held : weights of the frame before -> id. newest : the last id given. A net that comes back after a frame without it
    is a new genome: nobody was there to hand it down.
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
