"""The phylogeny of any program in the alife standard, as the descent that `descent.prune` and `balance.shape` take.

    from emergent_dynamics.nca import alife, balance, descent
    found = alife.read("phylogeny.csv")
    balance.shape(descent.prune(found.descent))

Standard: Lalejini et al. 2019, "Data standards for artificial life software", ALIFE 2019.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from emergent_dynamics.nca.descent import Descent

NEEDED = ("id", "ancestor_list", "origin_time")
NOBODY = ("", "none", "nan")  # what stands for the ancestor of a root, in any case
LATEST = 2**31 - 2


class Phylogeny(NamedTuple):
    """descent : all taxa, numbered from 1 on so that an ancestor's number is smaller than its descendant's.

    ids : (taxon + 1,) the id that each number has in the file; entry 0 is -1.
    """

    descent: Descent
    ids: np.ndarray


def read(table: Path | str | pd.DataFrame, end: int | None = None) -> Phylogeny:
    """Return the phylogeny of a .csv file or of a table in the alife standard.

    Columns: `id`, `ancestor_list` ("[3]"; "[none]" or "[]" for a root), `origin_time`, and `destruction_time` (inf or
    empty: alive), the first time at which the taxon is gone. Times are whole numbers. Other columns are ignored; in
    place of `Descent.cell`, which this standard does not have, is 0. end : the time at which the living were counted;
    the default is the latest time in the table.

    Raises ValueError, one line, for a missing column, an id that occurs twice, several ancestors (recombination), an
    ancestor that is not in the table, a circle of ancestors, or times that contradict descent.

    >>> rows = {"id": [7, 9, 8], "ancestor_list": ["[NONE]", "[8]", "[7]"], "origin_time": [0, 2, 1]}
    >>> found = read(pd.DataFrame(rows | {"destruction_time": [1, np.inf, 3]}))
    >>> found.ids.tolist(), found.descent.parent.tolist()
    ([-1, 7, 8, 9], [-1, 0, 1, 2])
    """
    name = "the table" if isinstance(table, pd.DataFrame) else str(table)
    rows = table if isinstance(table, pd.DataFrame) else pd.read_csv(table, dtype=str, keep_default_na=False)
    if missing := [column for column in NEEDED if column not in rows.columns]:
        raise ValueError(f"{name}: has no column {missing[0]}; it has {', '.join(map(str, rows.columns))}")
    ids = _whole(rows, "id", name)
    if ids.size == 0:
        raise ValueError(f"{name}: has no taxa")
    if (counts := pd.Series(ids).duplicated()).any():
        raise ValueError(f"{name}: id {ids[counts.argmax()]} occurs twice")
    above = _ancestors(rows["ancestor_list"], ids, name)
    origin, gone = _whole(rows, "origin_time", name), _destruction(rows, name)
    _require_times(ids, above, origin, gone, name)
    order = np.lexsort((_depths(above, ids, name), origin))
    number = np.empty(ids.size, np.int32)
    number[order] = np.arange(1, ids.size + 1)
    parent = np.where(above >= 0, number[above], 0)[order]
    latest = int(max(origin.max(), gone[np.isfinite(gone)].max(initial=0)))
    last = np.where(np.isfinite(gone), gone - 1, latest if end is None else end)[order]
    of_all = {"parent": parent, "birth": origin[order], "cell": np.zeros(ids.size), "last": last}
    return Phylogeny(
        Descent(**_numbered(of_all), generations=latest if end is None else end), np.append(-1, ids[order])
    )


def _numbered(columns: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Put the entry of the empty net before each column."""
    return {name: np.append(-1, values).astype(np.int32) for name, values in columns.items()}


def _numbers(rows: pd.DataFrame, column: str) -> np.ndarray:
    """Return a column as float64; NaN where it has no number."""
    return pd.to_numeric(rows[column], errors="coerce").to_numpy(np.float64)


def _whole(rows: pd.DataFrame, column: str, name: str) -> np.ndarray:
    values = _numbers(rows, column)
    wrong = ~((np.abs(values) <= LATEST) & (values == np.trunc(values)))
    if wrong.any():
        raise ValueError(
            f"{name}: {column} {str(rows[column].iloc[wrong.argmax()])[:20]!r} must be a whole number"
        )
    return values.astype(np.int64)


def _destruction(rows: pd.DataFrame, name: str) -> np.ndarray:
    """Return the times of destruction, inf for the living."""
    if "destruction_time" not in rows.columns:
        return np.full(len(rows), np.inf)
    texts = rows["destruction_time"].astype(str).str.strip().str.lower()
    living = texts.isin(["", "nan", "none", "inf", "infinity"])
    gone = np.full(len(rows), np.inf)
    if not living.all():
        gone[~living] = _whole(rows[~living], "destruction_time", name)
    return gone


def _ancestors(column: pd.Series, ids: np.ndarray, name: str) -> np.ndarray:
    """Return the row of each taxon's ancestor, -1 for a root."""
    texts = column.astype(str).str.strip().str.strip("[]").str.strip(" \"'")
    several = texts.str.contains(",")
    if several.any():
        raise ValueError(
            f"{name}: id {ids[several.argmax()]} has the ancestors [{texts[several].iloc[0]}]; one is read"
        )
    roots = texts.str.lower().isin(NOBODY).to_numpy()
    known = pd.to_numeric(texts.where(~roots, "-1"), errors="coerce").to_numpy(np.float64)
    places = pd.Index(ids).get_indexer(np.where(np.isfinite(known), known, np.nan))
    if (lost := (places < 0) & ~roots).any():
        at = lost.argmax()
        raise ValueError(f"{name}: id {ids[at]} descends from {texts.iloc[at]!r}, which is not in the table")
    return np.where(roots, -1, places)


def _depths(above: np.ndarray, ids: np.ndarray, name: str) -> np.ndarray:
    """Return the number of ancestors of each taxon, found from the roots on."""
    depth = np.where(above < 0, 0, -1)
    waiting = np.flatnonzero(above >= 0)
    while waiting.size:
        ready = depth[above[waiting]] >= 0
        if not ready.any():
            raise ValueError(f"{name}: id {ids[waiting[0]]} descends from itself")
        depth[waiting[ready]] = depth[above[waiting[ready]]] + 1
        waiting = waiting[~ready]
    return depth


def _require_times(
    ids: np.ndarray, above: np.ndarray, origin: np.ndarray, gone: np.ndarray, name: str
) -> None:
    """Require that no taxon ends before it begins, and that it begins within the time of its ancestor."""
    if (wrong := gone < origin).any():
        raise ValueError(f"{name}: id {ids[wrong.argmax()]} is destroyed before it begins")
    born = (above >= 0) & ((origin < origin[above]) | (origin > gone[above]))
    if born.any():
        at = born.argmax()
        raise ValueError(f"{name}: id {ids[at]} begins outside the time of its ancestor {ids[above[at]]}")
