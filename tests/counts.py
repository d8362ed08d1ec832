"""How often the suites tried something and how often the promise held, for the table of docs/reliability.md.

`EMERGENT_DYNAMICS_COUNTS=1 make test-faults test-inputs` writes tests/counts.csv (KILLS=40 for as many kills as there
are on record, and the tests named in tests/conftest.py for damage); `python -m tests.counts` writes the table.
"""

import csv
import os
from pathlib import Path

TABLE = Path(__file__).with_name("counts.csv")
PAGE = Path(__file__).parents[1] / "docs" / "reliability.md"
HEADING = "## How often it was tried\n"
WRITES = os.environ.get("EMERGENT_DYNAMICS_COUNTS")


def read() -> dict[str, tuple[int, int]]:
    """{what was tried: how often, and how often it held}."""
    if not TABLE.exists():
        return {}
    with TABLE.open(newline="") as file:
        return {row["tried"]: (int(row["times"]), int(row["held"])) for row in csv.DictReader(file)}


def count(tried: str, times: int, held: int) -> None:
    """Replace the row of what was tried, where counts are asked for."""
    if not WRITES:
        return
    rows = read() | {tried: (times, held)}
    with TABLE.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["tried", "times", "held"])
        writer.writerows((name, *rows[name]) for name in sorted(rows))


def section() -> str:
    """The last section of the page."""
    lines = [
        HEADING,
        "The suites write this table themselves (`tests/counts.py`); the row of a test file counts its tests.\n",
    ]
    lines += ["| tried | times | held |", "|---|---|---|"]
    lines += [
        f"| {name.replace('tests/', '`tests/')}{'`' * ('tests/' in name)} | {times} | {held} |"
        for name, (times, held) in read().items()
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    before = PAGE.read_text().partition(HEADING)[0]
    PAGE.write_text(before + section())
