"""Diagnostics of several checkpoints or files in one store: one group per table, with the attributes of all tables in
one attribute of the root.
"""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from emergent_dynamics import store


def write(path: str | Path, tables: Mapping[str, xr.Dataset], attributes: Mapping[str, object]) -> None:
    """Write {tag: diagnostics} to a store, each table as the group `tag`; `attributes` are those of the root."""
    variables = {
        "table": store.Variable(
            ("table",), (len(tables),), "int64", "number of the table", "1", coordinate=True
        )
    }
    for tag, table in tables.items():
        for name, array in table.variables.items():
            codec = "bits" if array.dtype == bool else "table"
            variables[f"{tag}/{name}"] = store.Variable(
                tuple(map(str, array.dims)),
                array.shape,
                str(array.dtype),
                array.attrs.get("long_name", str(name)),
                array.attrs.get("units", "1"),
                kind="static",
                coordinate=name in table.coords,
                codec=codec,
            )
    about = {tag: {k: _plain(v) for k, v in table.attrs.items()} for tag, table in tables.items()}
    attributes = {**_computed(tables), **attributes}
    with store.writing(
        path, variables, "table", len(tables), {**attributes, "tables": json.dumps(about)}
    ) as stream:
        for tag, table in tables.items():
            for name, array in table.variables.items():
                stream.whole(f"{tag}/{name}", np.asarray(array.values))
        stream.append({"table": np.arange(len(tables))})


def _computed(tables: Mapping[str, xr.Dataset]) -> dict[str, str]:
    """What computed the tables, where they say it: engine, device, and the reason for the choice."""
    found = {
        name: sorted({str(table.attrs[name]) for table in tables.values() if name in table.attrs})
        for name in ("engine", "device", "engine_reason")
    }
    return {name: "; ".join(values) for name, values in found.items() if values}


def read(path: str | Path) -> dict[str, xr.Dataset]:
    """{tag: diagnostics with its attributes}, in the order they were written; the root's attributes join
    each.
    """
    root = store.open_complete(path)
    about = json.loads(root.attrs["tables"])
    shared = {name: root.attrs[name] for name in ("system", "experiment", "parameters", "seed", "software")}
    return {
        tag: store.open_complete(path, group=tag).assign_attrs({**shared, **own})
        for tag, own in about.items()
    }


def steps(tables: Mapping[str, xr.Dataset]) -> dict[str, dict[int, xr.Dataset]]:
    """{series: {training step: diagnostics}} of the tables that belong to a series."""
    series: dict[str, dict[int, xr.Dataset]] = {}
    for table in tables.values():
        if "series" in table.attrs:
            series.setdefault(str(table.attrs["series"]), {})[int(table.attrs["step"])] = table
    return series


def primary(tables: Mapping[str, xr.Dataset]) -> dict[str, xr.Dataset]:
    """Return the tables that have headlines.

    They are those that belong to no series; of a trained series the first checkpoint with a validation accuracy of .6
    to .9, where all four cells can be expected, or the checkpoint nearest to .75 when there is none; and of a series
    of official checkpoints the last. The test examples play no part in the choice.
    """
    chosen = {tag: t for tag, t in tables.items() if "series" not in t.attrs or t.attrs.get("headline", 0)}
    trained = {tag: table for tag, table in tables.items() if "validation_accuracy" in table.attrs}
    if trained:
        right = {tag: float(table.attrs["validation_accuracy"]) for tag, table in trained.items()}
        good = [tag for tag, share in right.items() if 0.6 <= share <= 0.9]
        tag = good[0] if good else min(right, key=lambda tag: abs(right[tag] - 0.75))
        chosen[tag] = trained[tag]
    return chosen or dict(tables)


def rows_of(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """The rows of one table of diagnostics in a table of a finding."""
    return frame[frame["table"] == name]


def join(shards: list[xr.Dataset]) -> xr.Dataset:
    """Join the shards of a checkpoint into one table, ordered by identity.

    Raises ValueError where they were computed on different devices, which differ in a chaotic network.
    """
    devices = {str(shard.attrs["device"]) for shard in shards if "device" in shard.attrs}
    if len(devices) > 1:
        raise ValueError(
            f"shards of one checkpoint from {' and '.join(sorted(devices))}: diagnose all on one device"
        )
    whole = xr.concat(shards, dim="example", combine_attrs="drop_conflicts", data_vars="minimal")
    return whole.isel(example=np.argsort(whole["idx"].values, kind="stable"))


def _plain(value: object) -> object:
    return value.item() if isinstance(value, np.generic) else value
