"""Time of one generation against two baselines; then one run of the thesis' size: archive, measures, descent, memory.

Run: PYTHONPATH=workflow/scripts python performance/nca.py [whole | long]. Process CPU time, one thread; generations are
medians from 150 on. `whole` leaves the baselines out. `long` runs 1,420 and 14,200 generations (dense weights would be
100 GB): simulation and measures in a process each, so that every peak is that of one job.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from emergent_dynamics import driver
from emergent_dynamics.config.schema import read_schemas, resolve
from emergent_dynamics.nca import archive, descent
from emergent_dynamics.nca.findings import gd, pd
from emergent_dynamics.nca.parameters import Parameters
from emergent_dynamics.nca.simulation import NcaSimulation

EXPERIMENTS = {
    "exp5: IP 0.1, budget 4": ({}, 2.5),
    "exp13: IP 0.5, budget 4": ({"inheritance": 0.5}, 6.0),
    "exp19: IP 0.1, no budget": ({"budget": "inf"}, 2.5),
}
SHOWN = {"channels": 2, "seed": 1, "rwsp": [3, 17, 30]}  # of the experiment, for the colours
LONG = 14_200  # generations: 7.04 MB of weights each


def parameters(**changes: object) -> Parameters:
    """Experiment 5 of the thesis, which the schema's defaults are, with the given changes."""
    _, schemas = read_schemas()
    return Parameters.from_config(resolve(schemas["nca"], {"generations": 1000, **changes}))


def seconds(work: Callable[[], object]) -> tuple[float, object]:
    start = time.process_time()
    found = work()
    return time.process_time() - start, found


def peak() -> str:
    """Of this process, interpreter included; not ru_maxrss, which begins with what the process that started it held."""
    line = next(
        line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")
    )
    return f"{int(line.split()[1]) / 1024:.0f} MiB"


def milliseconds(p: Parameters, first: int = 150, last: int = 250) -> tuple[float, float]:
    """Median and least CPU time of a generation."""
    simulation = NcaSimulation(p)
    state = simulation.advance(simulation.initial(), 0, first)
    times = []
    for generation in range(first, last):
        spent, state = seconds(lambda g=generation, s=state: simulation.advance(s, g, g + 1))  # type: ignore[misc]
        times.append(1e3 * spent)
    return statistics.median(times), min(times)


def run(p: Parameters, folder: Path) -> Path:
    """The run as the workflow makes it."""
    driver.run(NcaSimulation(p), folder / "work", folder / "trajectory.zarr", {"seed": "1"})
    return folder / "trajectory.zarr"


def generations() -> None:
    """Step times and the two ratios; only here torch is in memory."""
    import torch
    from nca_baselines import batched_torch, cell_by_cell

    torch.set_num_threads(1)
    milliseconds(parameters(width=30, height=30, generations=10), 2, 4)  # compile
    for name, (changes, target) in EXPERIMENTS.items():
        median, least = milliseconds(parameters(**changes))
        print(f"{name:36s} {median:8.2f} ms a generation (least {least:.2f}; target {target})", flush=True)
    small, _ = milliseconds(parameters(width=30, height=30))
    loop = cell_by_cell(parameters(width=30, height=30))
    print(
        f"{'30x30, cell by cell':36s} {loop:8.0f} ms, ours {small:.3f}: {loop / small:,.0f}x (target 10,000)"
    )
    ours, _ = milliseconds(parameters())
    batched = batched_torch(parameters())
    print(f"{'200x200, batched torch':36s} {batched:8.2f} ms: {batched / ours:.1f}x (target 4)", flush=True)


def whole_run(folder: Path) -> None:
    """Experiment 5, 1,000 generations: simulation, archive, all measures, descent."""
    spent, path = seconds(lambda: run(parameters(), folder))
    assert isinstance(path, Path)
    files = [file for file in path.rglob("*") if file.is_file()]
    size = sum(file.stat().st_size for file in files) / 1e6
    print(
        f"{'simulation and archive':36s} {spent:8.1f} s; {size:.1f} MB in {len(files)} files (target 80, 100)"
    )
    trajectory = archive.read(path)
    for name in ("cold", "warm"):
        total = 0.0
        for what, work in {
            "PD": lambda: pd.find(trajectory),
            "GD": lambda: gd.find(trajectory, SHOWN),
        }.items():
            took, _ = seconds(work)
            total += took
            print(f"{what + ', ' + name:36s} {took:8.2f} ms a generation")
        print(f"{'measures, ' + name:36s} {total:8.2f} ms a generation (target 3, warm)")
        if name == "cold":
            print(f"{'all of it':36s} {spent + total:8.1f} s (target 20), peak {peak()} (target 512)")
    reading, (family, _) = seconds(lambda: descent.read(trajectory.frames, trajectory.log, 0))
    assert isinstance(family, descent.Descent)
    took, _ = seconds(lambda: descent.newick(descent.collapse(descent.prune(family))))
    table, _ = seconds(lambda: descent.alife(descent.prune(family)).to_csv(folder / "phylogeny.csv"))
    print(
        f"{'phylogeny of ' + format(family.parent.size - 1, ','):36s} {took + table:8.1f} s (target 10)",
        f"after {reading:.1f} s of reading",
        flush=True,
    )


def dense(folder: Path) -> None:
    """The measures of an archive that stores the weights too, which they need not read."""
    path = run(parameters(generations=40, archive="dense"), folder)
    trajectory = archive.read(path)
    took, _ = seconds(lambda: (pd.find(trajectory), gd.find(trajectory, SHOWN)))
    print(
        f"{'measures, dense archive':36s} {1e3 * took / 41:8.2f} ms a generation, peak {peak()} (targets 40, 512)"
    )


def simulated(folder: Path, length: int) -> None:
    """One job: the run."""
    spent, _ = seconds(lambda: run(parameters(generations=length), folder))
    print(f"{length:,} generations: {spent:.0f} s, peak {peak()} (target 512)", flush=True)


def measured(folder: Path, length: int) -> None:
    """Another: its measures."""
    path = folder / "trajectory.zarr"
    trajectory = archive.read(path)
    took, _ = seconds(lambda: (pd.find(trajectory), gd.find(trajectory, SHOWN)))
    print(
        f"measures of {length:,} generations: {1e3 * took / length:.2f} ms a generation, peak {peak()}",
        flush=True,
    )


JOBS = {"whole": whole_run, "dense": dense, "simulated": simulated, "measured": measured}


def job(name: str, folder: str, *arguments: object) -> None:
    """One of JOBS in a process of its own."""
    subprocess.run([sys.executable, __file__, name, folder, *map(str, arguments)], check=True)


def main() -> None:
    match sys.argv[1:]:
        case [name, folder, *arguments]:
            JOBS[name](Path(folder), *map(int, arguments))
            return
        case ["long"]:
            for length in (LONG // 10, LONG):
                with tempfile.TemporaryDirectory() as folder:
                    job("simulated", folder, length)
                    job("measured", folder, length)
            return
        case []:
            generations()
    for name in ("whole", "dense"):
        with tempfile.TemporaryDirectory() as folder:
            job(name, folder)


if __name__ == "__main__":
    main()
