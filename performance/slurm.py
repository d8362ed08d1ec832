"""What Slurm adds to a job: seconds on its node, and seconds until the run sees that it ended.

    python -m performance.slurm      # as root, on Debian, with both cores free; writes performance/slurm.csv

Four members of one sweep, small simulations that share no state, are computed three times: here with one core, through
a real Slurm on this machine (that of `make test-slurm`) one after the other, and through it all at once. Seconds
on a node are Slurm's own, from the start of a job to its end.
"""

import re
import subprocess
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from tests.slurm.cluster import Cluster, ask
from tests.slurm.runs import Run
from tests.workflow.project import SNAKEMAKE, copy_checkout, environment, write_config

MEASURED = Path(__file__).parent / "slurm.csv"
REPEATS = 3
MEMBERS = 4
SWEEP: dict[str, Any] = {
    "runs": 2,
    "tokens": 32,
    "steps": 40,
    "sweep": {"beta": [float(beta) for beta in range(1, MEMBERS + 1)]},
}
STORES = [f"results/causal/s/beta={beta:g}/trajectory.zarr" for beta in SWEEP["sweep"]["beta"]]


def here(root: Path, folder: Path) -> dict[str, float]:
    """Wall seconds per job of the sweep on one core of this machine, after a dry run's are taken off."""
    config = write_config(folder / "config.yaml", {"s": SWEEP})
    command = [*SNAKEMAKE, "--cores", "1", "--configfile", str(config), "--directory", str(folder / "here")]
    dry = _seconds([*command, "--dry-run", *STORES], root)
    return {"wall_s": (_seconds([*command, *STORES], root) - dry) / MEMBERS}


def through_slurm(root: Path, folder: Path, jobs: int) -> dict[str, float]:
    """Wall seconds per job, and those that a job held its node, with `jobs` submitted at the same time."""
    began = time.monotonic()
    run = Run(root, folder, {"causal": {"s": SWEEP}}, ["--jobs", str(jobs), *STORES])
    if run.wait():
        raise RuntimeError(run.said()[-2000:])
    wall = time.monotonic() - began
    held = [
        seconds_held(line) for line in ask("scontrol", "-o", "show", "job").splitlines() if run.name in line
    ]
    if len(held) != MEMBERS:
        raise RuntimeError(f"Slurm knows {len(held)} jobs of {MEMBERS}")
    return {"wall_s": wall / MEMBERS, "node_s": sum(held) / MEMBERS}


def seconds_held(job: str) -> float:
    """Seconds from the start to the end of a job, from its line of `scontrol -o show job`.

    >>> seconds_held("JobId=7 StartTime=2026-11-28T01:02:58 EndTime=2026-11-28T01:03:06 Deadline=N/A")
    8.0
    """
    start, end = (
        datetime.fromisoformat(re.search(rf"\b{key}=(\S+)", job)[1]) for key in ("StartTime", "EndTime")
    )  # type: ignore[index]
    return (end - start).total_seconds()


def _seconds(command: list[str], root: Path) -> float:
    began = time.monotonic()
    subprocess.run(command, cwd=root, env=environment(), check=True, capture_output=True)
    return time.monotonic() - began


def measure() -> pd.DataFrame:
    """(way, repeat) wall_s and node_s per job; the three ways take turns."""
    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        base = Path(temporary)
        copy_checkout(base / "workflow")
        cluster = Cluster(base / "cluster")
        cluster.up()
        try:
            here(base / "workflow", base)  # compiles the kernels
            for repeat in range(REPEATS):
                for way, jobs in (
                    ("one core, no Slurm", 0),
                    ("one job at a time", 1),
                    ("all jobs at once", 100),
                ):
                    folder = base / f"{way} {repeat}"
                    folder.mkdir()
                    root = base / "workflow"
                    found = through_slurm(root, folder, jobs) if jobs else here(root, folder)
                    rows.append({"way": way, "repeat": repeat, **found})
        finally:
            cluster.down()
    return pd.DataFrame(rows)


def lines(table: pd.DataFrame) -> list[str]:
    """The table of docs/scaling.md: median and range over the repeats, seconds per job."""
    found = ["| way | s of wall time per job (range) | s on the node per job (range) |", "|---|---|---|"]
    for way, own in table.groupby("way", sort=False):
        cells = [
            f"{own[name].median():.1f} ({own[name].min():.1f} to {own[name].max():.1f})"
            if own[name].notna().all()
            else ""
            for name in ("wall_s", "node_s")
        ]
        found.append(f"| {way} | {cells[0]} | {cells[1]} |")
    return found


if __name__ == "__main__":
    measured = measure()
    measured.to_csv(MEASURED, index=False, float_format="%.3g")
    print("\n".join(lines(measured)))
