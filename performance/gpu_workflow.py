"""Six experiments by Snakemake, once with `device: cuda` and once with `device: cpu`: wall times and what was used.

    python performance/gpu_workflow.py [--cores 16] [--json PATH]     # two to three minutes with a card

Each run is a fresh folder, `snakemake` from the command line to its end: six trajectories, and the diagnosis of a
network with its cells. Exit status 1 where a run fails, or a job that asked for the card did not use it.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import zarr

ROOT = Path(__file__).resolve().parents[1]
EXPERIMENTS: dict[str, dict[str, dict[str, Any]]] = {
    "oscillators": {
        "images": {
            "height": 28,
            "width": 28,
            "channels": 4,
            "runs": 1000,
            "steps": 512,
            "save": {"every": 64},
            "evolve_input": True,
            "input": {"vary": True, "digit": None},
        },
        "rk4": {
            "height": 64,
            "width": 64,
            "channels": 4,
            "steps": 200,
            "save": {"every": 10},
            "integrator": "rk4",
        },
    },
    "causal": {
        "sphere": {"runs": 64, "tokens": 256, "dimension": 3, "steps": 20000, "save": {"every": 1000}},
        "hidden": {"runs": 2, "tokens": 1000, "dimension": 16, "steps": 200, "save": {"every": 20}},
    },
    "nca": {"worlds": {"runs": 12, "width": 100, "height": 100, "generations": 200, "inheritance": 0.5}},
    "reasoning": {
        "sudoku4": {
            "source": "train",
            "network": {"layers": 1},
            "task": {"test": 256, "validation": 128},
            "training": {"batch": 32, "rate": 0.006},
            "examples": 256,
            "exponents": 8,
            "checkpoints": [20, 40],
            "resamples": 50,
        }
    },
}


def targets() -> list[str]:
    """The six trajectories, and the cells of the network."""
    found = [f"results/{s}/{name}/trajectory.zarr" for s, names in EXPERIMENTS.items() for name in names]
    return [*found, "results/reasoning/sudoku4/analysis/cells.summary.json"]


def run(device: str, cores: int, limit: int, folder: Path) -> dict[str, Any]:
    """The wall time and exit status of one run; what the log of each job and each store says."""
    experiments = {
        s: {name: given | {"device": device} for name, given in names.items()}
        for s, names in EXPERIMENTS.items()
    }
    config = folder / "config.yaml"
    config.write_text(json.dumps({"experiments": experiments}))  # JSON is YAML
    command = [
        sys.executable,
        "-m",
        "snakemake",
        "--snakefile",
        str(ROOT / "Snakefile"),
        "--directory",
        str(folder),
    ]
    command += ["--configfile", str(config), "--cores", str(cores), "--scheduler", "greedy", "--nocolor"]
    begun = time.perf_counter()
    with (folder / "snakemake.log").open("w") as log:
        try:
            status = subprocess.run(
                [*command, "--", *targets()],
                stdout=log,
                stderr=log,
                timeout=limit,
                env=os.environ | {"OMP_NUM_THREADS": "1"},
            ).returncode
        except subprocess.TimeoutExpired:
            status = 124
    seconds = time.perf_counter() - begun
    return {
        "device": device,
        "seconds": seconds,
        "status": status,
        "jobs": jobs(folder),
        "stores": stores(folder),
    }


def jobs(folder: Path) -> dict[str, dict[str, Any]]:
    """By log: when it was written after the first one, the last line (memory and CPU seconds), and lines on the GPU."""
    logs = sorted(folder.glob("logs/**/*.log"), key=lambda path: path.stat().st_mtime)
    found = {}
    for path in logs:
        lines = path.read_text().splitlines()
        told = [line for line in lines if "device: cuda" in line or "published after" in line]
        found[str(path.relative_to(folder / "logs"))] = {"last": lines[-1] if lines else "", "told": told}
    return found


def stores(folder: Path) -> dict[str, dict[str, str]]:
    """What computed each store, as it records it."""
    found = {}
    for path in [
        *folder.glob("results/*/*/trajectory.zarr"),
        *folder.glob("results/*/*/analysis/shards/*.zarr"),
    ]:
        group = zarr.open_group(path, mode="r")
        held = [dict(group.attrs), *(dict(child.attrs) for _, child in group.groups())]
        named = next((attributes for attributes in held if "engine_reason" in attributes), {})
        found[str(path.relative_to(folder / "results"))] = {
            key: str(named.get(key, "")) for key in ("engine", "device", "engine_reason")
        }
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cores", type=int, default=16)
    parser.add_argument("--limit", type=int, default=110, help="seconds of one run")
    parser.add_argument("--devices", nargs="*", default=["cuda", "cpu"], choices=["cuda", "cpu"])
    parser.add_argument("--json", type=Path, help="also write what is printed here")
    asked, found = parser.parse_args(), []
    for device in asked.devices:
        with tempfile.TemporaryDirectory() as place:
            found.append(run(device, asked.cores, asked.limit, Path(place)))
            if found[-1]["status"]:
                print((Path(place) / "snakemake.log").read_text()[-6000:])
        print(f"{device}: {found[-1]['seconds']:.1f} s, status {found[-1]['status']}", flush=True)
        for name, about in found[-1]["stores"].items():
            print(f"  {name}: {about['engine']} on {about['device']}; {about['engine_reason']}", flush=True)
        if asked.json:
            asked.json.write_text(json.dumps(found, indent=1))
    trained = "reasoning/sudoku4/trajectory.zarr"  # training stays on the CPU
    left = [
        name
        for one in found
        if one["device"] == "cuda"
        for name, about in one["stores"].items()
        if name != trained and not about["device"].startswith("cuda")
    ]
    if left or any(one["status"] for one in found):
        sys.exit(f"failed, or computed without the card: {left}")


if __name__ == "__main__":
    main()
