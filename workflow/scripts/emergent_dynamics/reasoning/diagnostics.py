"""The table that every analysis of this system reads: one row per example, one dataset per model and checkpoint.

It is assembled from plain arrays of any origin (a trained network, the capture map, an npz file), with the same
names, units and undefined values. Exponents are lambda_i = (1/T) sum_t log|R_t,ii|, in nat per ACT step unless the
attribute `unit` states otherwise. `lyap_raw` keeps the order of the QR columns (not sorted, column 0 need not be the
largest); `lyap_sorted` is descending.
"""

from collections.abc import Mapping

import numpy as np
import xarray as xr

UNIT = "nat per ACT step"
UNKNOWN = "unknown"

# name: (dimensions, dtype, what it is, unit, value where it is undefined)
VARIABLES: dict[str, tuple[tuple[str, ...], str, str, str, float]] = {
    "idx": (("example",), "int64", "identity of the example, the same at every checkpoint", "1", -1),
    "base_puzzle": (
        ("example",),
        "int64",
        "symmetry class: examples of one class are not independent",
        "1",
        -1,
    ),
    "difficulty": (("example",), "float32", "nodes of the exact solver's search tree", "1", np.nan),
    "givens": (("example",), "int16", "cells that the puzzle gives", "1", -1),
    "drift_zH": (("example", "act_step"), "float64", "|z_H(t) - z_H(t-1)|", "1", np.nan),
    "drift_zL": (("example", "act_step"), "float64", "|z_L(t) - z_L(t-1)|", "1", np.nan),
    "drift_float32": (
        ("example", "act_step"),
        "float64",
        "|z_H(t) - z_H(t-1)| of the same weights in float32, which ends in round-off",
        "1",
        np.nan,
    ),
    "recurrence": (
        ("example", "lag"),
        "float64",
        "|z_H(T) - z_H(T-lag)|: a cycle of that period is 0",
        "1",
        np.nan,
    ),
    "logR": (("example", "act_step", "exponent"), "float64", "log |R_ii| of the step's QR", UNIT, np.nan),
    "lyap_raw": (
        ("example", "exponent"),
        "float64",
        "finite-time exponents by QR, order of the columns",
        UNIT,
        np.nan,
    ),
    "lyap_sorted": (
        ("example", "exponent"),
        "float64",
        "finite-time exponents by QR, descending",
        UNIT,
        np.nan,
    ),
    "lyap_svd": (
        ("example", "exponent"),
        "float64",
        "finite-time exponents by SVD of the product",
        UNIT,
        np.nan,
    ),
    "exact_t": (("example", "act_step"), "bool", "answer wholly right after this step", "1", False),
    "exact_correct": (("example",), "bool", "answer wholly right after the last step", "1", False),
    "token_acc": (("example",), "float64", "share of the answer's tokens that are right", "1", np.nan),
    "exact_bfloat16": (
        ("example",),
        "float64",
        "answer wholly right after the last step of the network in bfloat16, 1 or 0",
        "1",
        np.nan,
    ),
    "halted_at": (
        ("example",),
        "int16",
        "first step at which the halting rule held, -1 never",
        "ACT step",
        -1,
    ),
    "q_halt": (("example", "act_step"), "float64", "logit of halting", "1", np.nan),
    "q_continue": (("example", "act_step"), "float64", "logit of going on", "1", np.nan),
}
# Variables that are measured only if they are asked for, and else are absent.
SURROUNDINGS: dict[str, tuple[tuple[str, ...], str, str, str]] = {
    "start_drift": (
        ("example", "start", "act_step"),
        "float64",
        "|z_H(t) - z_H(t-1)| of a trajectory from another start",
        "1",
    ),
    "start_correct": (
        ("example", "start"),
        "bool",
        "answer wholly right after the last step from another start",
        "1",
    ),
    "start_distance": (
        ("example", "end", "other_end"),
        "float64",
        "distance of z_H between ends: of the example's own trajectory, then of those from other starts",
        "1",
    ),
    "disturbed_distance": (
        ("example", "disturbance"),
        "float64",
        "distance of z_H, after as many steps again, between a disturbed trajectory and the undisturbed one",
        "1",
    ),
    "drift_position": (
        ("example", "act_step", "position"),
        "float32",
        "|z_H(t) - z_H(t-1)| of the token of a cell",
        "1",
    ),
    "lyap_position": (
        ("example", "position"),
        "float64",
        "finite-time exponent of a disturbance of the token of a cell in both latents",
        UNIT,
    ),
    "right_position": (("example", "position"), "bool", "cell is right after the last step", "1"),
    "open_position": (("example", "position"), "bool", "cell that the puzzle leaves open", "1"),
}
OPTIONAL = {
    "base_puzzle",
    "difficulty",
    "givens",
    "drift_zL",
    "drift_float32",
    "recurrence",
    "logR",
    "lyap_svd",
    "exact_t",
    "exact_bfloat16",
    "q_halt",
    "q_continue",
}


def dataset(arrays: Mapping[str, np.ndarray], attributes: Mapping[str, object]) -> xr.Dataset:
    """Return the table of one checkpoint after checking its arrays. Absent optional variables are filled with
    undefined values.

    `attributes` must have `unit` and `estimator`. Raises ValueError that names the array and the shape it must have.
    """
    n, steps = np.shape(arrays["drift_zH"])
    arrays = {"lyap_raw": np.full((n, 1), np.nan), **arrays}  # if only drift was asked for
    size = {"example": n, "act_step": steps, "exponent": np.shape(arrays["lyap_raw"])[1]}
    size["lag"] = np.shape(arrays["recurrence"])[1] if "recurrence" in arrays else 1
    filled = dict(arrays)
    filled.setdefault("base_puzzle", np.asarray(filled["idx"]))
    filled["lyap_sorted"] = -np.sort(-np.asarray(filled["lyap_raw"], float), axis=1)
    unit = str(attributes["unit"])
    table = {}
    for name, (dims, dtype, what, units, undefined) in VARIABLES.items():
        shape = tuple(size[d] for d in dims)
        if name not in filled and name not in OPTIONAL:
            raise ValueError(f"{name}: missing from the diagnostics")
        value = np.full(shape, undefined) if name not in filled else np.asarray(filled[name])
        if value.shape != shape:
            raise ValueError(f"{name}: shape {value.shape}, must be {shape} ({', '.join(dims)})")
        units = unit if units == UNIT else units
        table[name] = xr.Variable(dims, value.astype(dtype), {"long_name": what, "units": units})
    for name, (dims, dtype, what, units) in SURROUNDINGS.items():
        if name in filled:
            value = np.asarray(filled[name])
            units = unit if units == UNIT else units
            table[name] = xr.Variable(dims, value.astype(dtype), {"long_name": what, "units": units})
    coordinates = {d: np.arange(1, size[d] + 1) for d in ("act_step", "exponent", "lag")}
    return xr.Dataset(table, coordinates, {"sorted": "lyap_raw: no; lyap_sorted: descending", **attributes})


def clusters(table: xr.Dataset) -> np.ndarray:
    """Return (example,) labels 0..n-1 of the independent units: symmetry classes where known, else the examples."""
    return np.unique(table["base_puzzle"].values, return_inverse=True)[1]


def has_exponents(table: xr.Dataset) -> bool:
    """Return whether exponents were computed; where only drift was requested they are NaN."""
    return bool(np.isfinite(table["lyap_raw"].values).any())


def leading(table: xr.Dataset, estimator: str = "qr") -> np.ndarray:
    """Return (example,) the leading exponent.

    estimator : `qr`, column 0 in raw order, as is usual in the literature; `qr_max`, the largest of the columns;
    `svd`, the exact one.
    """
    name, pick = {"qr": ("lyap_raw", 0), "qr_max": ("lyap_sorted", 0), "svd": ("lyap_svd", 0)}[estimator]
    return table[name].values[:, pick].astype(float)


def same_unit(tables: Mapping[str, xr.Dataset]) -> str:
    """Return the common unit of the exponents; raises ValueError where units differ, since such numbers cannot be
    compared.
    """
    units = {tag: str(table.attrs["unit"]) for tag, table in tables.items()}
    if len(set(units.values())) > 1:
        listed = ", ".join(f"{tag}: {unit}" for tag, unit in units.items())
        raise ValueError(f"exponents in different units cannot be compared or pooled ({listed})")
    return next(iter(units.values()))
