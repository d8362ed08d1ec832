"""Arguments of the kernels: the parameters as numbers, and a work space that is allocated once."""

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from emergent_dynamics.nca.kernels.prefetch import AHEAD
from emergent_dynamics.nca.landscape import ground, since
from emergent_dynamics.nca.model import exceeds, least_tenths
from emergent_dynamics.nca.parameters import RULES, Parameters
from emergent_dynamics.streams import key

CODES = {"sigmoid": 0, "tanh": 1, "relu": 2, "leakyrelu": 3, "noact": 4}
CHANGES = {"uniform": 0, "normal": 1, "tensor": 2}


BATCH = 256  # cells or births in a batch: enough to vectorise, few enough for the first-level cache
SWEEP_EVERY = 4  # generations between sweeps; few, so that the living stay in the first rows, in a cache


class Board(NamedTuple):
    """One run, which is changed in place: what every cell holds, and the table of the genomes that cells hold."""

    layers: np.ndarray  # (channel, y, x) float32
    slot: np.ndarray  # (y, x) int32, the row of the cell's net; 0 is the empty net
    age: np.ndarray  # (y, x) int32, generations alive
    table: np.ndarray  # (slot, gene) float32
    genome: np.ndarray  # (slot,) int32, genome ids


class Constants(NamedTuple):
    """`Parameters` and `Rule` as numbers; probabilities are thresholds for a uint32 word."""

    lanes: tuple  # one entry per channel: the compiler knows the length of a tuple and unrolls the sums
    threshold: np.ndarray  # (x + 2,) float32 by column, the torus unrolled by one
    alive_from: np.ndarray  # (x,) float32, the least alpha that is alive
    mutate: np.ndarray  # (x,) uint64
    budget: np.ndarray  # (x,) int32
    inherit: np.uint64
    strike: np.uint64
    strike_every: int
    strike_next: bool
    has_budget: bool
    grace: bool
    inclusive: bool
    birth_of_source: bool
    synchronous: bool
    change: int
    hidden: int
    board: int
    choice_key: tuple
    mutation_key: tuple
    change_key: tuple


class Scratch(NamedTuple):
    """Work space whose contents are needed within one generation only; it is allocated once.

    Lists have one entry more than they can hold: they are written without branches, so the entry after the last one
    is written too.
    """

    padded: np.ndarray  # (channel, y + 2, x + 2) float32, the torus unrolled by one cell
    hot: np.ndarray  # (y + 2, x + 2) bool, any channel above the threshold
    near: np.ndarray  # (x,) bool, anything hot around the cells of one row
    around: np.ndarray  # (y, x) uint16, bits of those of the nine cells around a cell that are alive
    active: np.ndarray  # (cell,) int32, cells with something hot around them
    begins: np.ndarray  # (y + 1,) int32, where the active cells of each row begin
    netted: np.ndarray  # (x + AHEAD,) int32, where the cells of one row have a net
    hidden: np.ndarray  # (channel, BATCH) float32
    out: np.ndarray  # (channel, BATCH) float32
    bits: np.ndarray  # (BATCH,) int32, exponents
    choice: np.ndarray  # (2, cell) uint32 words per active cell: whether it inherits, from which neighbour
    heirs: np.ndarray  # (2, cell) int32, the cell that inherits and the cell from which it does
    rates: np.ndarray  # (cell,) uint64, bound of each heir below which a word means a mutation
    bars: np.ndarray  # (BATCH,) uint64, the same for the candidates
    candidates: np.ndarray  # (BATCH,) int32, heirs whose net may mutate
    words: np.ndarray  # (4, BATCH) uint32, a block of mutation words of each candidate
    hits: np.ndarray  # (gene / 64, BATCH) uint64, a bit for each gene of a candidate that would change
    mutates: np.ndarray  # (BATCH + 1,) bool, whether any gene changes
    newborn: np.ndarray  # (cell,) bool
    struck: np.ndarray  # (cell,) bool, cells that the catastrophe of this generation hits
    dead: np.ndarray  # (cell,) bool
    before: np.ndarray  # (cell,) int32, slots of the generation before
    free: np.ndarray  # (slot,) int32, stack of free slots
    marks: np.ndarray  # (slot,) bool, slots that some cell holds
    births: np.ndarray  # (cell, 4) int32: genome, parent, cell, changed genes
    genes: np.ndarray  # (cell gene,) uint16
    values: np.ndarray  # (cell gene,) float32


def constants(p: Parameters) -> Constants:
    """Return the parameters of an experiment in the form that kernels take, with the landscape of generation 0."""
    rule = RULES[p.rule]
    return Constants(
        **_grounds(p, 0),
        lanes=(0,) * p.channels,
        inherit=_word(p.inheritance),
        strike=_word(p.catastrophe_probability),
        strike_every=p.catastrophe_every,
        strike_next=p.catastrophe_erases == "following",
        has_budget=rule.budget,
        grace=rule.grace,
        inclusive=rule.inclusive,
        birth_of_source=rule.birth == "source",
        synchronous=p.update == "synchronous",
        change=CHANGES[rule.change],
        hidden=CODES[p.activation],
        board=CODES[p.board],
        choice_key=key(p.seed, "nca.choice"),
        mutation_key=key(p.seed, "nca.mutation"),
        change_key=key(p.seed, "nca.change"),
    )


def constants_at(k: Constants, p: Parameters, generation: int) -> Constants:
    """Return the constants `k` of an experiment as its landscape has changed them by a generation."""
    return k._replace(**_grounds(p, since(p, generation))) if p.landscape else k


@lru_cache(maxsize=4)
def _grounds(p: Parameters, generation: int) -> dict[str, Any]:
    """Return the fields of `Constants` that a landscape changes."""
    here = ground(p, generation)
    values, at = np.unique(here.alive_threshold, return_inverse=True)
    return {
        "threshold": np.pad(here.alive_threshold, 1, mode="wrap").astype(np.float32),
        "alive_from": np.array([alive_from(value, p.alive_rounding) for value in values])[at],
        "mutate": _word(here.mutation),
        "budget": here.budget.astype(np.int32),
    }


def alive_from(threshold: float, rounding: str) -> np.float32:
    """Return the least float32 for which `model.exceeds` holds: comparing with it equals rounding and then
    comparing.
    """
    if rounding == "none":
        return np.nextafter(np.float32(threshold), np.float32(np.inf))
    bar = np.float32((least_tenths(threshold) - 0.5) / 10)
    around = bar + np.arange(-4, 5, dtype=np.float32) * np.spacing(bar)
    return around[exceeds(around, threshold, rounding)][0]


def slots(p: Parameters) -> int:
    """Return the number of rows of the table: the empty net, at most one genome per cell, and as many rows for births
    before unused rows are collected.
    """
    return 2 * p.cells + 1


def scratch(p: Parameters) -> Scratch:
    """Return the work space of an experiment, which all its runs share."""
    c, n = p.channels, p.cells
    return Scratch(
        padded=np.zeros((c, p.height + 2, p.width + 2), np.float32),
        hot=np.zeros((p.height + 2, p.width + 2), np.bool_),
        near=np.zeros(p.width, np.bool_),
        around=np.zeros((p.height, p.width), np.uint16),
        active=np.empty(n + 1, np.int32),
        begins=np.zeros(p.height + 1, np.int32),
        netted=np.zeros(p.width + AHEAD, np.int32),
        hidden=np.empty((c, BATCH), np.float32),
        out=np.empty((c, BATCH), np.float32),
        bits=np.empty(BATCH, np.int32),
        choice=np.empty((2, n), np.uint32),
        heirs=np.empty((2, n + 1), np.int32),
        rates=np.empty(n + 1, np.uint64),
        bars=np.empty(BATCH + 1, np.uint64),
        candidates=np.empty(BATCH + 1, np.int32),
        words=np.empty((4, BATCH), np.uint32),
        hits=np.empty((-(-p.genes // 64), BATCH), np.uint64),
        mutates=np.zeros(BATCH + 1, np.bool_),
        newborn=np.zeros(n, np.bool_),
        struck=np.zeros(n, np.bool_),
        dead=np.zeros(n, np.bool_),
        before=np.empty(n, np.int32),
        free=np.empty(slots(p) + 1, np.int32),
        marks=np.empty(slots(p), np.bool_),
        births=np.empty((n + 1, 4), np.int32),
        genes=np.empty(n * p.genes + 1, np.uint16),
        values=np.empty(n * p.genes, np.float32),
    )


def _word(probability: Any) -> Any:
    """Return uint64 thresholds w < probability 2**32 below which a uint32 word means yes, as in `model`; also of
    arrays.
    """
    return np.ceil(np.asarray(probability) * 2.0**32).astype(np.uint64)[()]
