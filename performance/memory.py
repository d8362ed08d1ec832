"""Is `mem_mb` true? What every job of a run asked for, beside what it took.

    snakemake --cores 2 --benchmark-extended --directory RUN ...
    python performance/memory.py RUN

On a cluster a job also holds Snakemake twice (SNAKEMAKE_MB in rules/common.smk), and asks for that too; so the
ratio is mem_mb / (peak + Snakemake) and should be from 1 to 2. Exit status 1 where it is not.
"""

import ast
import csv
import re
import sys
from pathlib import Path

COMMON = Path(__file__).resolve().parents[1] / "rules" / "common.smk"


def main(run: Path) -> int:
    """Print a line a job, and how many are outside; their number."""
    around = float(re.search(r"^SNAKEMAKE_MB = (\d+)", COMMON.read_text(), re.MULTILINE)[1])
    outside = 0
    print(f"{'mem_mb':>8} {'peak MB':>8} {'ratio':>6}  job")
    for path in sorted((run / "logs").rglob("*.benchmark.tsv")):
        with path.open() as file:
            [row] = csv.DictReader(file, delimiter="\t")
        if row["max_rss"] == "NA":  # over before it was looked at
            continue
        asked, peak = ast.literal_eval(row["resources"])["mem_mb"], float(row["max_rss"])
        ratio = asked / (peak + around)
        wrong = not 1 <= ratio <= 2
        outside += wrong
        print(
            f"{asked:8.0f} {peak:8.0f} {ratio:6.2f}{'!' if wrong else ' '} {path.relative_to(run / 'logs')}"
        )
    print(f"{outside} outside 1 to 2")
    return outside


if __name__ == "__main__":
    sys.exit(bool(main(Path(sys.argv[1]))))
