"""What Snakemake's report leaves out where it would be too large: films first, then other pages.

The report is one file that holds every result; one of 345 MB took 1.9 GB of memory to write. The rule `report` measures
the results and starts the Snakemake that writes the report, in which `rules/common.smk` reads the decision from the
environment. Imports nothing heavy, since the Snakefile imports it.
"""

import os
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

LARGEST = 100_000_000  # bytes of all results in a report; it holds them in base64, a third larger
VARIABLE = "EMERGENT_DYNAMICS_LEFT_OUT"  # environment variable: kinds of pages, separated by spaces
LEFT_OUT = "left_out_of_the_report"  # Snakemake's flag of an output that the report would otherwise show


def left_out(paths: Iterable[str | os.PathLike[str]], largest: int = LARGEST) -> list[str]:
    """Return the kinds of pages, <system>/<file name>, without which the results have at most `largest` bytes.

    A kind is left out in all experiments or in none. Films go first, then other pages, and of each the kinds that take
    most. Only pages of experiments, results/<system>/<experiment>/figures/<name>.html, are ever left out.
    """
    kinds: dict[str, int] = defaultdict(int)
    films: dict[str, bool] = defaultdict(bool)
    total = 0
    for path in {Path(path) for path in paths}:
        size = path.stat().st_size
        total += size
        if path.suffix == ".html" and path.parent.name == "figures":
            kind = _kind(path)
            kinds[kind] += size
            films[kind] |= path.with_suffix(".mp4").exists()
    chosen = []
    for kind in sorted(kinds, key=lambda kind: (not films[kind], -kinds[kind], kind)):
        if total > largest:
            chosen.append(kind)
            total -= kinds[kind]
    return sorted(chosen)


def named() -> list[str]:
    """Return the kinds of pages that this Snakemake leaves out, by its environment; none in an ordinary run."""
    return os.environ.get(VARIABLE, "").split()


def _kind(path: Path) -> str:
    """Return <system>/<file name> of a page; the system is the folder below the last one of the name results."""
    parts = path.parts
    return f"{parts[len(parts) - parts[::-1].index('results')]}/{path.name}"
