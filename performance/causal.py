"""The attention dynamics against the seed's way of computing them, one core, in one run and taken in turns.

    python performance/causal.py            # everything, about five minutes
    python performance/causal.py --quick    # without 8,192 tokens and the 200-run histograms, about one

CPU time of the thread, medians over interleaved rounds. The baseline is our own writing of the seed's step: dense
weights, one temporary per operation. Its cost depends on malloc: A is a fresh plain process, where every step gives
512 KB temporaries back to the system and faults them in again; B is this process, started so that malloc keeps them.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

KEEP = {
    "MALLOC_TRIM_THRESHOLD_": str(2**30),
    "MALLOC_MMAP_THRESHOLD_": str(2**25),
    "MALLOC_TOP_PAD_": str(2**26),
}
THREADS = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
BETA, STEP = 49.0, 0.05
SEED_STEPS = 10_000


def seed_step(x: np.ndarray, value: np.ndarray) -> np.ndarray:
    """One step of one run (token, coord) as the seed computes it."""
    score = np.dot(x, x.T) - 1
    weight = np.tril(np.exp(BETA * score))
    weight /= np.sum(weight, axis=1, keepdims=True)
    moved = x + STEP * np.dot(weight, np.dot(x, value))
    return moved / np.linalg.norm(moved, axis=1, keepdims=True)


def seed_seconds(tokens: int, d: int, steps: int) -> float:
    """CPU seconds per step of the baseline in this process."""
    x = np.random.default_rng(1).normal(size=(tokens, d))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    start = time.thread_time()
    for _ in range(steps):
        x = seed_step(x, np.eye(d))
    return (time.thread_time() - start) / steps


class Fresh:
    """Baseline A: a plain process that runs the seed's step on request."""

    def __init__(self) -> None:
        plain = {name: value for name, value in os.environ.items() if name not in KEEP} | THREADS
        command = [sys.executable, __file__, "--serve"]
        self.process = subprocess.Popen(
            command, env=plain, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def seconds(self, tokens: int, d: int, steps: int) -> float:
        assert self.process.stdin and self.process.stdout
        print(tokens, d, steps, file=self.process.stdin, flush=True)
        return float(self.process.stdout.readline())

    def close(self) -> None:
        self.process.communicate()


def serve() -> None:
    """Answer `Fresh`."""
    for line in sys.stdin:
        print(seed_seconds(*map(int, line.split())), flush=True)


def cpu(function: Callable[[], object]) -> float:
    start = time.thread_time()
    function()
    return time.thread_time() - start


def parameters(**changes: object) -> "Parameters":  # noqa: F821
    """The seed's experiment with these keys changed."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "workflow" / "scripts"))
    from emergent_dynamics.causal.parameters import Parameters
    from emergent_dynamics.config.schema import read_schemas, resolve

    return Parameters.from_config(
        resolve(read_schemas()[1]["causal"], {"beta": BETA, "step_size": STEP, **changes})
    )


def map_seconds(tokens: int, d: int, runs: int, steps: int) -> Callable[[], float]:
    """A measurement of the map: CPU seconds per run and step."""
    p = parameters(tokens=tokens, dimension=d, runs=runs)
    from emergent_dynamics.causal import model
    from emergent_dynamics.causal.kernels import cpu as kernels

    x = model.initial(p)
    kernels.advance(x, p, 1)
    return lambda: cpu(lambda: kernels.advance(x, p, steps)) / (steps * runs)


def flow_seconds(tolerance: float, runs: int) -> Callable[[], float]:
    """A measurement of the flow to the seed's end: CPU seconds per run."""
    p = parameters(runs=runs, tolerance=tolerance)
    from emergent_dynamics.causal import model
    from emergent_dynamics.causal.kernels import ode

    start = model.initial(p)

    def whole(end: float) -> None:
        ode.flow(start.copy(), np.zeros(runs), np.zeros(runs, np.int64), p, 0.0, end)

    whole(0.01)
    return lambda: cpu(lambda: whole(SEED_STEPS * p.clock)) / runs


def histogram_seconds(integrator: str) -> float:
    """CPU seconds of the seed's 200 runs, from random tokens to the leaders at the end."""
    p = parameters(runs=200, tolerance=1e-4)
    from emergent_dynamics.causal import groups, model
    from emergent_dynamics.causal.kernels import cpu as kernels
    from emergent_dynamics.causal.kernels import ode

    def whole() -> None:
        x = model.initial(p)
        if integrator == "map":
            kernels.advance(x, p, SEED_STEPS)
        else:
            ode.flow(x, np.zeros(200), np.zeros(200, np.int64), p, 0.0, SEED_STEPS * p.clock)
        print(
            f"    {groups.n_clusters(groups.label(x, 0.07)).mean():.3f} leaders on average, by {integrator}"
        )

    return cpu(whole)


def peak_mebibytes(tokens: int, d: int) -> float:
    """Peak memory of a process that does 3 steps of one run, interpreter and libraries included."""
    command = [sys.executable, __file__, "--peak", str(tokens), str(d)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def compare(
    name: str, ours: Callable[[], float], baselines: dict[str, Callable[[], float]], target: str, rounds: int
) -> None:
    """One row: medians over rounds in which ours and the baselines take turns."""
    times: dict[str, list[float]] = {"ours": [], **{label: [] for label in baselines}}
    for _ in range(rounds):
        times["ours"].append(ours())
        for label, baseline in baselines.items():
            times[label].append(baseline())
    median = {label: statistics.median(values) for label, values in times.items()}
    ratios = "  ".join(f"{median[label] / median['ours']:8.1f} x {label}" for label in baselines)
    print(f"{name:40s} {median['ours'] * 1e6:11.1f} us  {ratios}   (target {target})", flush=True)


def main(quick: bool) -> None:
    fresh = Fresh()
    rounds = 3 if quick else 7
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    b = statistics.median(seed_seconds(256, 2, 200) for _ in range(3))
    faults = (resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) / 600
    a = fresh.seconds(256, 2, 200)
    print(
        f"the seed's step, 256 tokens, d = 2: A {a * 1e6:.0f} us, B {b * 1e6:.0f} us ({faults:.0f} page faults a step)"
    )
    both = {"B": lambda: seed_seconds(256, 2, 100), "A": lambda: fresh.seconds(256, 2, 100)}
    compare("map, 256 tokens, 1 run", map_seconds(256, 2, 1, 1000), both, "9 B", rounds)
    compare("map, 256 tokens, 64 runs", map_seconds(256, 2, 64, 100), both, "25 B", rounds)
    sphere = {"B": lambda: seed_seconds(256, 3, 100), "A": lambda: fresh.seconds(256, 3, 100)}
    compare("map, 256 tokens, d = 3", map_seconds(256, 3, 1, 300), sphere, "6 B", rounds)
    whole = {label: lambda one=one: SEED_STEPS * one() for label, one in both.items()}
    compare("flow to the seed's end, tolerance 1e-4", flow_seconds(1e-4, 8), whole, "150 B, goal 325", rounds)
    compare("flow to the seed's end, tolerance 1e-6", flow_seconds(1e-6, 4), whole, "40 B, goal 80", rounds)
    compare(
        "map, 2048 tokens",
        map_seconds(2048, 2, 1, 100),
        {"A": lambda: fresh.seconds(2048, 2, 3)},
        "400 A",
        rounds,
    )
    if not quick:
        compare(
            "map, 8192 tokens",
            map_seconds(8192, 2, 1, 30),
            {"A": lambda: fresh.seconds(8192, 2, 1)},
            "2500 A",
            3,
        )
        print(f"    peak memory {peak_mebibytes(8192, 2):.0f} MiB (target 300)")
        compare(
            "map, 8192 tokens, d = 3",
            map_seconds(8192, 3, 1, 1),
            {"A": lambda: fresh.seconds(8192, 3, 1)},
            "15 a second",
            3,
        )
        print(f"    peak memory {peak_mebibytes(8192, 3):.0f} MiB; one n x n array would be 512")
        for integrator, target in (("map", 30), ("ode", 10)):
            print(f"200 runs, {integrator}: {histogram_seconds(integrator):.1f} s (target {target})")
    fresh.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--peak", nargs=2, type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        serve()
    elif arguments.peak:
        map_seconds(*arguments.peak, 1, 3)()
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    elif any(os.environ.get(name) != value for name, value in (KEEP | THREADS).items()):
        os.execve(sys.executable, [sys.executable, __file__, *sys.argv[1:]], os.environ | KEEP | THREADS)
    else:
        main(arguments.quick)
