"""The simulation in the form that the driver takes: blocks of diagonals go to the store; avalanches, trials and the
recurrent graph are accumulated in sums.

The clock counts blocks of diagonals. Because every random number has an address, a block is a function of its number,
and the state consists of sums, and of how much of each ensemble is in them. A longer run goes on with the diagonals;
what is left of the ensembles is shared among its remaining blocks.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from emergent_dynamics import engines
from emergent_dynamics.branching import alias, ensembles, exact, ingest, layout, recurrent
from emergent_dynamics.branching.parameters import Members, Parameters
from emergent_dynamics.branching.tally import Tally
from emergent_dynamics.store import Variable

State = dict[str, np.ndarray]
BLOCK = 1000  # diagonals between two possible checkpoints; the schema allows multiples of it only
LARGEST_SIZE_LAW = 1e11  # layers^2 neurons^3, about 10 s, up to which the exact law of sizes is computed


class BranchingSimulation:
    """One experiment in the form that the driver takes (`driver.Simulation`)."""

    stream_dim = "diagonal"
    divisible = True
    horizon: tuple[str, ...] = ("steps",)

    def __init__(self, experiment: Mapping[str, Any], block: int = BLOCK) -> None:
        self.p = Parameters.from_config(experiment)
        self.choice = engines.choose(experiment["engine"], experiment["device"], {"cpu": "", "reference": ""})
        p = self.p
        self.block = block
        self.schedule = np.arange(p.steps // block)
        self._ensembles = (
            (p.avalanches, self._add_avalanches),
            (p.trials, self._add_trials),
            (p.graph.steps, self._run_graph),
            (p.graph.record.steps, self._run_record),
            (p.graph.avalanches, self._run_graph_avalanches),
        )
        self._driven = [
            alias.build(exact.links(s, p.widths, p.rule, spontaneous))
            for s, spontaneous in zip(p.sigma, p.spontaneous, strict=True)
        ]
        self._quiet = [alias.build(exact.links(s, p.widths, p.rule)) for s in p.sigma]
        self._graph = [recurrent.build(p.graph, p.seed, run) for run in range(p.runs)]

    def variables(self) -> dict[str, Variable]:
        """Return the layout. Groups: stoch (the driven network), aval (avalanches), guess, graph, film, and exact
        (exact laws).
        """
        return layout.variables(self.p, self.block)

    def initial(self) -> State:
        """Return the state after the first block, with the coordinates and the exact laws."""
        p, n = self.p, len(self.p.sigma)
        tally = ensembles.empty_tally(p.layers, p.neurons)
        state: State = {
            f"aval/{stored}": np.zeros((n, p.runs, *getattr(tally, name).shape), np.int64)
            for name, stored in layout.TALLY.items()
        }
        state["guess/joint"] = np.zeros((n, p.runs, p.neurons + 1, p.neurons + 1), np.int64)
        members = (len(p.graph.sigma), len(p.graph.drive), p.runs)
        state["graph/activity"] = np.zeros((*members, p.graph.steps), np.int32)
        state["graph/size"] = np.zeros((members[0], p.runs, p.graph.avalanches), np.int64)
        state["graph/duration"] = np.zeros((members[0], p.runs, p.graph.avalanches), np.int32)
        active = np.stack([recurrent.start(p.seed, p.graph.nodes, run) for run in range(p.runs)])
        state["graph_active"] = np.broadcast_to(active, (*members, p.graph.nodes)).copy()
        state["graph_ready"] = np.zeros((*members, p.graph.nodes), np.int64)
        alone = (members[0], p.runs)
        state["graph/profile"] = np.zeros((*alone, layout.LONGEST + 1, layout.LONGEST), np.int64)
        state["graph/record"] = np.zeros((*alone, p.graph.record.steps), np.int32)
        state["record_active"] = np.broadcast_to(active, (*alone, p.graph.nodes)).copy()
        state["record_ready"] = np.zeros((*alone, p.graph.nodes), np.int64)
        state["done"] = np.zeros(len(self._ensembles), np.int64)
        self._run_block(state, 0)
        state |= {"sigma": np.array(p.sigma), "spontaneous": np.array(p.spontaneous)}
        state |= {"graph/coupling": np.array(p.graph.sigma), "graph/drive": np.array(p.graph.drive)}
        return state | self._exact()

    def advance(self, state: State, start: float, stop: float) -> State:
        """Compute blocks start + 1 to stop."""
        for number in range(int(start) + 1, int(stop) + 1):
            self._run_block(state, number)
        return state

    def observe(self, state: State) -> dict[str, np.ndarray]:
        """Return the diagonals of the last block, computed from its number."""
        p, first = self.p, int(state["block"]) * self.block
        counts = np.empty((len(p.sigma), p.runs, p.layers, self.block), self._driven[0].counts)
        for s, table in enumerate(self._driven):
            for run in range(p.runs):
                members = Members(p.seed, run, first, self.block)
                counts[s, run] = ensembles.raster(table, p.layers, members, p.engine, p.train)
        return {"stoch/counts": counts}

    def finish(self, state: State) -> dict[str, np.ndarray]:
        """Return the sums."""
        groups = ("aval/", "guess/", "graph/")
        return {name: values for name, values in state.items() if name.startswith(groups)}

    def notes(self) -> dict[str, str]:
        """Return which engine ran, on which device, and why; both engines give the same numbers."""
        return {"engine": self.choice.name, "device": self.choice.device, "engine_reason": self.choice.reason}

    def _run_block(self, state: State, number: int) -> None:
        """Add the members of each ensemble that are due by the end of block `number`, after those that are done."""
        for i, (total, add) in enumerate(self._ensembles):
            first = int(state["done"][i])
            after = max(first, total * (number + 1) // self.schedule.size)
            if after > first:
                for run in range(self.p.runs):
                    add(state, Members(self.p.seed, run, first, after - first))
            state["done"][i] = after
        state["block"] = np.array(number)

    def _add_avalanches(self, state: State, members: Members) -> None:
        p = self.p
        for s, table in enumerate(self._quiet):
            tally = Tally(*(state[f"aval/{layout.TALLY[name]}"][s, members.run] for name in Tally._fields))
            ensembles.add_avalanches(tally, table, p.layers, members, p.engine)

    def _add_trials(self, state: State, members: Members) -> None:
        p = self.p
        for s, table in enumerate(self._quiet):
            counts = ensembles.trials(table, p.inputs, p.layers, members, p.engine)
            state["guess/joint"][s, members.run] += ensembles.joint_table(counts[0], counts[-1], p.neurons)

    def _run_graph_avalanches(self, state: State, members: Members) -> None:
        some = slice(members.first, members.first + members.n)
        for s, synapses in enumerate(self._graph[members.run]):
            at = (s, members.run)
            size, duration = recurrent.avalanches(synapses, members, state["graph/profile"][at])
            state["graph/size"][at][some], state["graph/duration"][at][some] = size, duration

    def _run_graph(self, state: State, members: Members) -> None:
        some = slice(members.first, members.first + members.n)
        for s, synapses in enumerate(self._graph[members.run]):
            for d, drive in enumerate(self.p.graph.drive):
                at = (s, d, members.run)
                active, ready = state["graph_active"][at], state["graph_ready"][at]
                state["graph/activity"][at][some] = recurrent.advance(synapses, drive, members, active, ready)

    def _run_record(self, state: State, members: Members) -> None:
        some = slice(members.first, members.first + members.n)
        for s, synapses in enumerate(self._graph[members.run]):
            at = (s, members.run)
            active, ready = state["record_active"][at], state["record_ready"][at]
            drive = self.p.graph.record.drive
            state["graph/record"][at][some] = recurrent.advance(synapses, drive, members, active, ready)

    def _exact(self) -> State:
        """Return the exact laws for each sigma, on the same axes as the sums."""
        p = self.p
        rows: dict[str, list] = {name: [] for name in layout.exact_laws(p)}
        for sigma, spontaneous in zip(p.sigma, p.spontaneous, strict=True):
            matrix = exact.links(sigma, p.widths, p.rule)
            law = exact.avalanches(matrix, p.layers, with_sizes=self._size_law)
            driven = exact.raster(exact.links(sigma, p.widths, p.rule, spontaneous), p.layers, p.train)
            rows["exact/p_size"].append(law.size)
            rows["exact/p_duration"].append(law.duration)
            rows["exact/mean_size"].append(law.mean_size)
            rows["exact/profile"].append(law.profile)
            rows["exact/channel"].append(exact.channel(matrix, p.layers))
            rows["exact/autocorrelation"].append(driven.autocorrelation)
        return {name: np.array(values) for name, values in rows.items()}

    @property
    def _size_law(self) -> bool:
        return self.p.layers**2 * self.p.neurons**3 <= LARGEST_SIZE_LAW


def build(experiment: Mapping[str, Any]) -> "BranchingSimulation | ingest.RecordingSimulation":
    """Return the simulation of a resolved configuration, or the reader of a recording of the user."""
    if experiment["source"] != "model":
        return ingest.RecordingSimulation(experiment)
    return BranchingSimulation(experiment)
