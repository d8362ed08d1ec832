"""Does the memory of a job grow with the length of its run? Every job of every system, at one and at ten horizons.

    python performance/memory_horizons.py FOLDER [SYSTEM ...]      # runs and table in FOLDER

Only the horizon differs: steps or generations. The shorter run has two blocks of 16 MB of frames in every store, and
more frames than any figure shows: a store and its readers hold one block, and the next one before they let go of it, so
that any further memory of the longer run grows with the horizon, or is what the C library keeps of freed memory. The
shorter run is computed twice, because a job that compiles kernels holds more. A job streams if ten
horizons take at most `LEEWAY`; the exit status is 1 if a job takes more.
"""

import copy
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
from memory import ratios

ROOT = Path(__file__).resolve().parents[1]
LEEWAY = 1.05
EXPERIMENTS: dict[str, dict[str, Any]] = {
    "causal": {"runs": 8, "tokens": 128, "steps": 8176, "save": {"every": 1}},
    "oscillators": {"height": 28, "width": 28, "runs": 2, "steps": 5304, "save": {"every": 1}},
    "nca": {"width": 60, "height": 60, "runs": 2, "generations": 2790, "films": {"frames": 20}},
    "branching": {
        "steps": 158_000,
        "runs": 2,
        "sigma": [0.9, 1.0, 1.1],
        "avalanches": 20_000,
        "trials": 20_000,
    },
    "reasoning": {"examples": 512, "act_steps": 16, "resamples": 50},
}
HORIZON = {
    "causal": "steps",
    "oscillators": "steps",
    "nca": "generations",
    "branching": "steps",
    "reasoning": "act_steps",
}


def peaks(folder: Path, times: int, systems: Sequence[str]) -> dict[str, float]:
    """Log of each job -> the most memory that it held, MB."""
    experiments = {system: copy.deepcopy(EXPERIMENTS[system]) for system in systems}
    for system in systems:
        experiments[system][HORIZON[system]] *= times
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "config.yaml"
    config.write_text(
        json.dumps({"experiments": {system: {"long": one} for system, one in experiments.items()}})
    )
    command = [
        sys.executable,
        "-m",
        "snakemake",
        "--cores",
        "1",
        "--keep-going",
        "--quiet",
        "all",
        "--configfile",
    ]
    subprocess.run([*command, str(config), "--directory", str(folder), *systems], cwd=ROOT, check=True)
    return {job: peak for job, (_, peak, _) in ratios(folder).items()}


def main(folder: Path, systems: Sequence[str]) -> int:
    """Print a line per job; how many take more than the leeway."""
    _, one, ten = (
        peaks(folder / name, times, systems) for name, times in (("first", 1), ("one", 1), ("ten", 10))
    )
    grown = {job: ten[job] / one[job] for job in one if job in ten}
    print(f"{'MB':>8} {'ten':>8} {'ratio':>6}  job")
    for job, ratio in sorted(grown.items(), key=lambda item: -item[1]):
        print(f"{one[job]:8.0f} {ten[job]:8.0f} {ratio:6.2f}{'!' if ratio > LEEWAY else ' '} {job}")
    over = sum(ratio > LEEWAY for ratio in grown.values())
    print(f"{over} of {len(grown)} beyond {LEEWAY}")
    return over


if __name__ == "__main__":
    sys.exit(bool(main(Path(sys.argv[1]), sys.argv[2:] or list(EXPERIMENTS))))
