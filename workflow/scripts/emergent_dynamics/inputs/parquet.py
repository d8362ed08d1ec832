"""A table of numbers in a Parquet file, read by Polars, an optional package.

pyarrow is not used: if it is installed, every import of pandas loads it, in every job.
"""

import importlib.util
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from emergent_dynamics.inputs.array import Array, Unusable

READ = """
import sys, numpy, polars
numpy.save(sys.argv[2], polars.read_parquet(sys.argv[1]).cast(polars.Float64).to_numpy())
"""
MISSING = "which is read after pip install 'emergent-dynamics[parquet]' (the package polars is not installed)"


def table(file: Path, largest: int) -> Array:
    """(row, column) float64 with the names of the columns; a missing value is NaN.

    largest : bytes in memory that a table may take. Only the footer is read here. Raises Unusable, one line, also where
    a column holds no real numbers.
    """
    if importlib.util.find_spec("polars") is None:
        raise Unusable(f"is a Parquet file, {MISSING}")
    import polars

    try:
        columns = polars.read_parquet_schema(file)
        rows = polars.scan_parquet(file).select(polars.len()).collect().item()
    except (polars.exceptions.PolarsError, polars.exceptions.PanicException, OSError):
        raise Unusable("is a damaged Parquet file") from None
    if any(name.startswith("__index_level_") for name in columns):
        raise Unusable("has the index of pandas as a column; write it with index=False")
    for name, kind in columns.items():
        if not (kind.is_integer() or kind.is_float() or kind == polars.Boolean):
            raise Unusable(f"has a column {name} of {str(kind)[:40]}, where numbers are expected")
    size = 8 * rows * len(columns)
    if size > largest:
        raise Unusable(f"takes {size} bytes in memory; above {largest} write it as .npy or Zarr")

    return Array((rows, len(columns)), np.dtype(np.float64), True, lambda: _read(file), tuple(columns))


def _read(file: Path) -> np.ndarray:
    """The table, which a process of its own reads: Polars aborts its process at a damaged header of a page."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "table.npy")
        done = subprocess.run([sys.executable, "-c", READ, str(file), str(out)], stderr=subprocess.DEVNULL)
        if done.returncode:
            raise Unusable("is a damaged Parquet file")
        return np.load(out)
