"""Cost and memory of a simulation as functions of its size, fitted, and what larger experiments would cost.

    python performance/scaling.py measure      # about ten minutes; writes performance/scaling.csv
    python performance/scaling.py              # prints the two tables of docs/scaling.md from it

Each of four sizes runs once in a process of its own until its kernels are compiled, and then three more times. CPU
seconds include store and digests; memory is the peak of the process. Fits: seconds = a + b work (least squares of
relative errors, a and b at least 0), of the medians and, for the spread of b, of the shortest and of the longest runs;
MB = c + d work; the power between the two largest sizes says whether the line holds there.
"""

import importlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml
from scipy.optimize import nnls

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "workflow" / "scripts"))
MEASURED = ROOT / "performance" / "scaling.csv"
REPEATS = 3
CORES = 128  # of a node of a cluster
START = 7.0  # s, of a job with `device: cuda`, whatever it computes (docs/performance.md)


@dataclass(frozen=True)
class Series:
    """Experiments of growing size: `work(parameters)` is what the cost should be proportional to."""

    system: str
    name: str
    unit: str
    work: Callable[[Mapping[str, Any]], float]
    experiments: list[dict[str, Any]]
    gpu_ns: float | None = None  # per unit, of an H200 and its largest case in docs/gpu_measured.md


@dataclass(frozen=True)
class Example:
    """An experiment of config/seeds.yaml that is to grow; `split` if by runs or members, which share no state."""

    experiment: str
    series: str
    size: str
    split: bool
    member: Mapping[str, Any] | None = None  # what one member of its sweep has
    on_gpu: bool = True  # if its series is


def sizes(base: dict[str, Any], **growing: list[Any]) -> list[dict[str, Any]]:
    """The base with one key, or several in step, taking each of its values."""
    return [base | dict(zip(growing, values, strict=True)) for values in zip(*growing.values(), strict=True)]


SERIES = [
    Series(
        "causal",
        "circle (Fourier kernel)",
        "token-step",
        lambda p: p["runs"] * p["tokens"] * p["steps"],
        sizes({"runs": 1, "steps": 200, "save": {"every": 100}}, tokens=[8192, 32768, 131072, 524288]),
        0.0172e6 / (200 * 256),
    ),
    Series(
        "causal",
        "sphere, d = 3 (direct kernel)",
        "pair-step",
        lambda p: p["runs"] * p["tokens"] ** 2 / 2 * p["steps"],
        sizes(
            {"runs": 1, "dimension": 3, "steps": 100, "save": {"every": 100}},
            tokens=[512, 1024, 2048, 4096],
        ),
        0.273e6 / (16_384**2 / 2),
    ),
    Series(
        "oscillators",
        "componentwise, 4 channels",
        "oscillator-step",
        lambda p: 4 * p["height"] * p["width"] * p["steps"],
        sizes(
            {"channels": 4, "steps": 100, "save": {"every": 50}},
            height=[64, 128, 256, 512],
            width=[64, 128, 256, 512],
        ),
        0.161e6 / (2048**2 * 4),
    ),
    Series(
        "branching",
        "driven, 35 layers of 20",
        "layer-step",
        lambda p: 35 * p["steps"],
        sizes(
            {"sigma": [1.0], "avalanches": 0, "trials": 0, "graph": {"nodes": 100, "steps": 100}},
            steps=[400_000, 800_000, 1_600_000, 3_200_000],
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
        0.423e6 / (24 * 200 * 200),
    ),
    Series(
        "reasoning",
        "training, 4 x 4 Sudoku, batches of 64",
        "optimiser step",
        lambda p: p["checkpoints"][-1],
        sizes({"source": "train", "examples": 64}, checkpoints=[[5], [20], [60], [120]]),
    ),
]


EXAMPLES = [
    Example("causal/circle", "circle (Fourier kernel)", "256 tokens, 10,000 steps, 200 runs", True),
    Example(
        "nca/large_sigmoid",
        "two channels, inheritance 0.5",
        "200 x 200, 1,000 generations, 5 runs of one member",
        True,
    ),
    Example(
        "nca/long",
        "two channels, inheritance 0.5",
        "100 x 100, 10,000 generations",
        False,
        {"generations": 10000},
        on_gpu=False,
    ),
    Example("branching/regimes", "driven, 35 layers of 20", "100,000 steps of 3 ratios", True),
    Example("oscillators/large", "componentwise, 4 channels", "256 x 256, 4 channels", False),
    Example("reasoning/sudoku4", "training, 4 x 4 Sudoku, batches of 64", "320 steps of training", False),
]


def resolved(system: str, experiment: Mapping[str, Any]) -> Mapping[str, Any]:
    """The experiment with all defaults, as a job gets it."""
    from emergent_dynamics.config import load

    found = load({"experiments": {system: {"measured": dict(experiment)}}}, ["performance/scaling.py"])
    return found.parameters(system, "measured")


def run(system: str, experiment: Mapping[str, Any]) -> None:
    """In the process of its own: print the CPU seconds of the runs after the first, and the peak of memory in MB."""
    from emergent_dynamics import driver

    parameters = resolved(system, experiment)
    build = importlib.import_module(f"emergent_dynamics.{system}.simulation").build
    seconds = []
    for _ in range(REPEATS + 1):
        with tempfile.TemporaryDirectory() as folder:
            start = time.process_time()
            driver.run(
                build(parameters), Path(folder, "checkpoint"), Path(folder, "trajectory.zarr"), {}, system
            )
            seconds.append(time.process_time() - start)
    print(json.dumps([seconds[1:], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000]))


def measure() -> None:
    """Run all sizes of all series, and keep what they took."""
    rows = []
    for series in SERIES:
        for experiment in series.experiments:
            command = [sys.executable, __file__, "one", series.system, json.dumps(experiment)]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                sys.exit(done.stderr)
            seconds, megabytes = json.loads(done.stdout.splitlines()[-1])
            spread = {"low": min(seconds), "median": float(np.median(seconds)), "high": max(seconds)}
            work = series.work(resolved(series.system, experiment))
            rows.append(
                {"system": series.system, "series": series.name, "work": work} | spread | {"mb": megabytes}
            )
            print(rows[-1], flush=True)
    pd.DataFrame(rows).to_csv(MEASURED, index=False, float_format="%.4g")


def line(work: np.ndarray, seconds: np.ndarray) -> tuple[float, float]:
    """a and b of seconds = a + b work, both at least 0, by least squares of relative errors.

    >>> line(np.array([1.0, 2.0, 4.0]), np.array([3.0, 5.0, 9.0]))
    (1.0, 2.0)
    """
    (start, cost), _ = nnls(np.column_stack([1 / seconds, work / seconds]), np.ones(len(work)))
    return float(f"{start:.6g}"), float(f"{cost:.6g}")


def costs(measured: pd.DataFrame) -> Iterator[str]:
    """The table of costs, a row per series."""
    yield "| system | unit of work | units | CPU s, median (range) | cost of a unit, ns | power | memory, MB |"
    yield "|---|---|---|---|---|---|---|"
    for series in SERIES:
        own = measured[measured["series"] == series.name]
        work = own["work"].to_numpy()
        median, *others = (line(work, own[key].to_numpy())[1] * 1e9 for key in ("median", "low", "high"))
        low, high = min(median, *others), max(median, *others)
        seconds = ", ".join(f"{r.median:.2g} ({r.low:.2g} to {r.high:.2g})" for r in own.itertuples())
        power = np.log(own["median"].iloc[-1] / own["median"].iloc[-2]) / np.log(work[-1] / work[-2])
        each, base = np.polyfit(work, own["mb"], 1)
        yield (
            f"| `{series.system}`: {series.name} | {series.unit} | {', '.join(f'{w:.2g}' for w in work)} | {seconds} "
            f"| {median:.3g} ({low:.3g} to {high:.3g}) | {power:.2f} | {base:.0f} {each * 1e6:+.2g} per million |"
        )


def larger(measured: pd.DataFrame, experiments: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """The table of what experiments of config/seeds.yaml would cost at 1, 10 and 1,000 times their size."""
    yield f"| experiment | one core | 10 times | 1,000 times | 1,000 times, {CORES} cores | 1,000 times, H200 |"
    yield "|---|---|---|---|---|---|"
    for example in EXAMPLES:
        series = next(each for each in SERIES if each.name == example.series)
        system, name = example.experiment.split("/")
        given = {k: v for k, v in experiments[system][name].items() if k not in ("sweep", "seeds")}
        work = series.work(resolved(system, given | dict(example.member or {})))
        own = measured[measured["series"] == series.name]
        start, cost = line(own["work"].to_numpy(), own["median"].to_numpy())
        shares = [start + cost * work * times for times in (1, 10, 1000)]
        node = duration(start + cost * work * 1000 / CORES) if example.split else "one run does not split"
        card = (
            duration(START + series.gpu_ns * 1e-9 * work * 1000)
            if example.on_gpu and series.gpu_ns
            else "computed on the CPU"
        )
        parts = [f"`{example.experiment}`, {example.size}", *map(duration, shares), node, card]
        yield f"| {' | '.join(parts)} |"


def duration(seconds: float) -> str:
    """Two digits in the largest unit that gives at least 1.

    >>> duration(7.04), duration(90), duration(36000), duration(1e6)
    ('7 s', '1.5 min', '10 h', '12 days')
    """
    for unit, size in (("days", 86400.0), ("h", 3600.0), ("min", 60.0)):
        if seconds >= size:
            return f"{float(f'{seconds / size:.2g}'):g} {unit}"
    return f"{float(f'{seconds:.2g}'):g} s"


def main() -> None:
    if sys.argv[1:2] == ["one"]:
        run(sys.argv[2], json.loads(sys.argv[3]))
        return
    if sys.argv[1:2] == ["measure"]:
        measure()
    measured = pd.read_csv(MEASURED)
    seeds = yaml.safe_load((ROOT / "config" / "seeds.yaml").read_text())["experiments"]
    print("\n".join([*costs(measured), "", *larger(measured, seeds)]))


if __name__ == "__main__":
    main()
