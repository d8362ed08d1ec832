"""Is `mem_mb` true? What every job of a run asked for, beside the most it held: the last line of each log.

    snakemake --cores 2 --directory RUN ...
    python performance/memory.py RUN

The run is one of this machine. On a cluster every job also holds Snakemake twice (SNAKEMAKE_MB in rules/common.smk) and
asks for that too; so the ratio is (mem_mb + Snakemake) / (peak + Snakemake) and should be from 1 to 2. Exit status 1
where it is not.
"""

import json
import re
import sys
from pathlib import Path

COMMON = Path(__file__).resolve().parents[1] / "rules" / "common.smk"


def ratios(run: Path) -> dict[str, tuple[float, float, float]]:
    """Log of each job -> what it asked for, the most it held (MB), and the ratio on a cluster."""
    around = float(re.search(r"^SNAKEMAKE_MB = \(?\s*(\d+)", COMMON.read_text(), re.MULTILINE)[1])
    found = {}
    for path in sorted((run / "logs").rglob("*.log")):
        last = path.read_text().splitlines()[-1:]
        took = json.loads(last[0]) if last and last[0].startswith('{"mem_mb"') else {}
        if took.get("mem_mb"):  # rules that run where Snakemake does ask for nothing
            asked, peak = took["mem_mb"], took["peak_mb"]
            found[str(path.relative_to(run / "logs"))] = asked, peak, (asked + around) / (peak + around)
    return found


def main(run: Path) -> int:
    """Print a line a job, and how many are outside; their number."""
    print(f"{'mem_mb':>8} {'peak MB':>8} {'ratio':>6}  job")
    found = ratios(run)
    for name, (asked, peak, ratio) in found.items():
        print(f"{asked:8.0f} {peak:8.0f} {ratio:6.2f}{' ' if 1 <= ratio <= 2 else '!'} {name}")
    outside = sum(not 1 <= ratio <= 2 for _, _, ratio in found.values())
    print(f"{outside} of {len(found)} outside 1 to 2")
    return outside


if __name__ == "__main__":
    sys.exit(bool(main(Path(sys.argv[1]))))
