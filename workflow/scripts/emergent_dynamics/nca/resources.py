"""Memory of the simulation, for schedulers. Imported before the graph is built: neither torch nor Numba here."""

from collections.abc import Mapping
from typing import Any

BASE_MB = 400  # interpreter, compiler, libraries and a block of frames


def simulate_mb(experiment: Mapping[str, Any]) -> int:
    """Two rows of the genome table a cell and run, the buffers of one generation, and their copies in a checkpoint."""
    genes = 10 * experiment["channels"] ** 2
    cells = experiment["width"] * experiment["height"]
    per_run = cells * (2 * 4 * genes + 8 * experiment["channels"] + 24)
    buffers = cells * (6 * genes + 64)
    frames = 4 * genes * cells * experiment["runs"] * (experiment["archive"] == "dense")
    return BASE_MB + int((3 * per_run * experiment["runs"] + buffers + 2 * frames) / 2**20)
