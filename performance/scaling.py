"""Cost and memory of a simulation as functions of its size, measured through the driver and fitted, for each system.

    python performance/scaling.py                 # all systems, about five minutes
    python performance/scaling.py causal nca      # some

Each size runs twice in a process of its own, whose kernels are compiled; CPU seconds are those of the second run, store
and digests included, memory is the peak of the process. Fits: seconds = a + b work (least squares of relative errors,
a and b at least 0), MB = c + d work; the power between the two largest sizes says whether the line holds there.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import nnls

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "workflow" / "scripts"))


@dataclass(frozen=True)
class Series:
    """Experiments of growing size: `work(parameters)` is what the cost should be proportional to."""

    system: str
    name: str
    unit: str
    work: Callable[[Mapping[str, Any]], float]
    experiments: list[dict[str, Any]]


def sizes(base: dict[str, Any], **growing: list[Any]) -> list[dict[str, Any]]:
    """The base with one key, or several in step, taking each of its values."""
    return [base | dict(zip(growing, values, strict=True)) for values in zip(*growing.values(), strict=True)]


SERIES = [
    Series(
        "causal",
        "circle (Fourier kernel)",
        "token-step",
        lambda p: p["runs"] * p["tokens"] * p["steps"],
        sizes({"runs": 1, "steps": 200, "save": {"every": 100}}, tokens=[2048, 8192, 32768, 131072, 524288]),
    ),
    Series(
        "causal",
        "sphere, d = 3 (direct kernel)",
        "pair-step",
        lambda p: p["runs"] * p["tokens"] ** 2 / 2 * p["steps"],
        sizes(
            {"runs": 1, "dimension": 3, "steps": 100, "save": {"every": 100}},
            tokens=[256, 512, 1024, 2048, 4096],
        ),
    ),
    Series(
        "oscillators",
        "componentwise, 4 channels",
        "oscillator-step",
        lambda p: 4 * p["height"] * p["width"] * p["steps"],
        sizes(
            {"channels": 4, "steps": 100, "save": {"every": 50}},
            height=[32, 64, 128, 256, 512],
            width=[32, 64, 128, 256, 512],
        ),
    ),
    Series(
        "branching",
        "driven, 35 layers of 20",
        "layer-step",
        lambda p: 35 * p["steps"],
        sizes(
            {"sigma": [1.0], "avalanches": 0, "trials": 0, "graph": {"nodes": 100, "steps": 100}},
            steps=[400_000, 800_000, 1_600_000, 3_200_000, 6_400_000],
        ),
    ),
    Series(
        "nca",
        "two channels, inheritance 0.5",
        "cell-generation",
        lambda p: p["runs"] * p["height"] * p["width"] * p["generations"],
        sizes(
            {"runs": 1, "inheritance": 0.5, "generations": 100},
            height=[50, 100, 200, 400],
            width=[50, 100, 200, 400],
        ),
    ),
    Series(
        "reasoning",
        "training, 4 x 4 Sudoku, batches of 64",
        "optimiser step",
        lambda p: p["checkpoints"][-1],
        sizes({"source": "train", "examples": 64}, checkpoints=[[5], [20], [60], [120]]),
    ),
]


def simulation(system: str, parameters: Mapping[str, Any]) -> Any:
    """The object that the driver runs, as the system's script makes it."""
    if system == "causal":
        from emergent_dynamics.causal.parameters import Parameters
        from emergent_dynamics.causal.simulation import CausalSimulation

        return CausalSimulation(Parameters.from_config(parameters))
    if system == "nca":
        from emergent_dynamics.nca import simulation

        return simulation.build(parameters)
    if system == "oscillators":
        from emergent_dynamics.oscillators import simulation as oscillators

        return oscillators.build(parameters)
    if system == "branching":
        from emergent_dynamics.branching.simulation import BranchingSimulation

        return BranchingSimulation(parameters)
    from emergent_dynamics.reasoning import simulation as reasoning

    return reasoning.build(parameters)


def resolved(system: str, experiment: dict[str, Any]) -> dict[str, Any]:
    """The experiment with all defaults, as a job gets it."""
    from emergent_dynamics.config import load

    found = load({"experiments": {system: {"measured": experiment}}}, ["performance/scaling.py"])
    return found.parameters(system, "measured")


def measure(system: str, experiment: dict[str, Any]) -> None:
    """In the process of its own: print CPU seconds of a second run and the peak of memory in MB."""
    from emergent_dynamics import driver

    parameters = resolved(system, experiment)
    for _ in range(2):
        with tempfile.TemporaryDirectory() as folder:
            start = time.process_time()
            work, store = Path(folder, "checkpoint"), Path(folder, "trajectory.zarr")
            driver.run(simulation(system, parameters), work, store, {}, system)
            seconds = time.process_time() - start
    print(json.dumps([seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000]))


def table(series: Series) -> None:
    """Measure all sizes and print them with the fits."""
    print(
        f"\n{series.system}: {series.name}\n{'work':>12}  {'CPU s':>8}  {'ns/unit':>8}  {'MB':>6}   [{series.unit}]"
    )
    rows = []
    for experiment in series.experiments:
        command = [sys.executable, __file__, "--one", series.system, json.dumps(experiment)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            sys.exit(done.stderr)
        seconds, megabytes = json.loads(done.stdout.splitlines()[-1])
        work = series.work(resolved(series.system, experiment))
        rows.append((work, seconds, megabytes))
        print(f"{work:12.3g}  {seconds:8.2f}  {1e9 * seconds / work:8.3g}  {megabytes:6.0f}", flush=True)
    work, seconds, megabytes = np.array(rows).T
    (start, cost), _ = nnls(np.column_stack([1 / seconds, work / seconds]), np.ones(len(work)))
    base, each = np.polyfit(work, megabytes, 1)
    power = np.log(seconds[-1] / seconds[-2]) / np.log(work[-1] / work[-2])
    print(
        f"seconds = {start:.2g} + {cost:.3g} work;  MB = {base:.0f} + {each:.2g} work;  last power {power:.2f}"
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        measure(sys.argv[2], json.loads(sys.argv[3]))
    else:
        for each in SERIES:
            if not sys.argv[1:] or each.system in sys.argv[1:]:
                table(each)
