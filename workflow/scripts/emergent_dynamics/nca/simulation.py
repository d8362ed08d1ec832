"""The self-replicating NCA in the form that the driver runs: frames of genome ids and alpha, and a log of every
genome.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from emergent_dynamics import device, engines
from emergent_dynamics.nca import model
from emergent_dynamics.nca.genome_log import (
    CHECKPOINT_EVERY,
    Rows,
    empty_log,
    joined,
    log_births,
    log_rows,
    log_state,
    log_variables,
)
from emergent_dynamics.nca.kernels import cpu
from emergent_dynamics.nca.kernels.workspace import Board, constants, constants_at, scratch, slots
from emergent_dynamics.nca.packing import pack, unpack
from emergent_dynamics.nca.parameters import Parameters
from emergent_dynamics.store import Variable

State = dict[str, np.ndarray]


def build(experiment: Mapping[str, object]) -> "NcaSimulation":
    """The simulation of a validated experiment."""
    return NcaSimulation(Parameters.from_config(experiment))


def choose(p: Parameters) -> engines.Choice:
    """Return the engine for what `engine` and `device` request."""
    able = {"cpu": "", "reference": ""}
    if p.device == "cuda":
        from emergent_dynamics.nca.kernels import cuda

        able["cuda"] = cuda.unsupported(p) or device.missing()
    return engines.choose(p.engine, p.device, able, device.available)


class NcaSimulation:
    """`runs` independent worlds; see `model.step` for one generation of one of them."""

    stream_dim = "generation"
    divisible = True
    horizon: tuple[str, ...] = ("generations", "archive")

    def __init__(self, p: Parameters) -> None:
        self.p = p
        self.choice = choose(p)
        self.board = None
        if self.choice.name == "cuda":
            from emergent_dynamics.nca.kernels.on_device import Board as OnDevice

            self.board = OnDevice(p)
        every = CHECKPOINT_EVERY if p.archive == "checkpoint" else 1
        self.schedule = np.unique(np.append(np.arange(0, p.generations + 1, every), p.generations)).astype(
            np.int64
        )
        self._constants, self._scratch = constants(p), scratch(p)

    def variables(self) -> dict[str, Variable]:
        """Return the layout: frames (run, generation, y, x), the genome log, and the states from which `replay`
        starts.
        """
        p = self.p
        grid = (("run", "generation", "y", "x"), (p.runs, len(self.schedule), p.height, p.width))
        found = {
            "run": Variable(("run",), (p.runs,), "int64", "replicate", "1", "static", coordinate=True),
            "generation": Variable(
                ("generation",),
                (len(self.schedule),),
                "int64",
                "generation",
                "1",
                "static",
                coordinate=True,
                codec="table",
            ),
            "gid": Variable(*grid, "int32", "genome of the cell (0: empty net)", "1", codec="table"),
            "alpha": Variable(
                *grid, "uint8", "alpha, rounded to a decimal; saturated at 25.5", "0.1", codec="bits"
            ),
        }
        if p.archive == "dense":
            found["weights"] = Variable(
                (*grid[0], "gene"),
                (*grid[1], p.genes),
                "float32",
                "weights of the cell's net: fc1 then fc2",
                "1",
            )
        return found | log_variables()

    def initial(self) -> State:
        p = self.p
        shape, rows = (p.runs, p.height, p.width), slots(p)
        state: State = {
            "layers": np.zeros((p.runs, p.channels, *shape[1:]), np.float32),
            "slot": np.zeros(shape, np.int32),
            "age": np.zeros(shape, np.int32),
            "table": np.zeros((p.runs, rows, p.genes), np.float32),
            "genome": np.zeros((p.runs, rows), np.int32),
            "n_genomes": np.zeros(p.runs, np.int64),
            "clock": np.zeros((), np.int64),
        }
        log = empty_log()
        for run in range(p.runs):
            world, births = model.initial(p, run)
            pack(state, run, world)
            log_births(log, run, 0, births)
        state |= {"run": np.arange(p.runs), "generation": self.schedule}
        log_state(log, state)
        return state | joined(log)

    def advance(self, state: State, start: int, stop: int) -> State:
        """Compute generations start + 1 ... stop of every run; log rows are ordered by (generation, run, id) however
        the generations are divided among calls.
        """
        log = empty_log()
        if self.board is not None:
            self.board.advance(state, start, stop, log)
            return state | {"clock": np.array(stop, np.int64)} | joined(log)
        n_free = 0  # the stack of free slots is that of one run: with several it is filled anew
        for generation in range(start + 1, stop + 1):
            for run in range(self.p.runs):
                if self.choice.name == "cpu":
                    n_free = self._fast(state, run, generation, n_free if self.p.runs == 1 else 0, log)
                else:
                    world, births = model.step(
                        unpack(state, run), model.draws(self.p, run, generation), generation, self.p
                    )
                    pack(state, run, world)
                    log_births(log, run, generation, births)
            self._tick(state, generation, log)
        return state | joined(log)

    def observe(self, state: State) -> dict[str, np.ndarray]:
        if self.board is not None and (seen := self.board.frame(state)):
            return seen
        frame = {
            "gid": np.stack([ids[slot] for ids, slot in zip(state["genome"], state["slot"], strict=True)]),
            "alpha": model.stored_tenths(state["layers"][:, 0]),
        }
        if self.p.archive == "dense":
            frame["weights"] = np.stack([t[s] for t, s in zip(state["table"], state["slot"], strict=True)])
        return frame

    def finish(self, state: State) -> dict[str, np.ndarray]:
        return {}

    @property
    def together(self) -> int:
        """Return how many frames the device records in one call."""
        return 1 if self.board is None else self.board.together

    def record(self, state: State, start: int, stops: Sequence[int]) -> Iterator[dict[str, np.ndarray]]:
        """Return the frames and log rows of the generations `stops`, which the device computes one block ahead."""
        assert self.board is not None
        return self._recorded(state, stops, self.board.record(state, start, stops[-1]))

    def checkpoint(self, state: State) -> State:
        return state if self.board is None else self.board.checkpoint(state)

    def notes(self) -> dict[str, str]:
        where = self.choice.device if self.board is None else device.used()
        return {"engine": self.choice.name, "device": where, "engine_reason": self.choice.reason}

    def _recorded(
        self, state: State, stops: Sequence[int], arriving: Iterator[dict[str, np.ndarray]]
    ) -> Iterator[dict[str, np.ndarray]]:
        for stop, found in zip(stops, arriving, strict=True):
            state["clock"] = np.array(stop, np.int64)
            yield found

    def _fast(self, state: State, run: int, generation: int, n_free: int, log: Rows) -> int:
        s = self._scratch
        board = Board(*(state[name][run] for name in Board._fields))
        k = constants_at(self._constants, self.p, generation)
        n_free, births, changed = cpu.generation(
            board, n_free, state["n_genomes"][run], generation, run, k, s
        )
        state["n_genomes"][run] += births
        if births:
            rows = s.births[:births]
            log_rows(log, run, generation, rows.T, s.genes[:changed], s.values[:changed])
        return n_free

    def _tick(self, state: State, generation: int, log: Rows) -> None:
        state["clock"] = np.array(generation, np.int64)
        if generation % CHECKPOINT_EVERY == 0:
            log_state(log, state)
