"""Attention with the causal mask against attention without it, from the same tokens, paired run by run."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr

from emergent_dynamics.causal.members import names
from emergent_dynamics.findings import Headline
from emergent_dynamics.runtime.provenance import parameters as parameters_of
from emergent_dynamics.statistics import mean_interval

COLUMNS = ["pair", "time", "masked", "unmasked", "difference", "lo", "hi", "n"]


def find(members: Sequence[xr.Dataset]) -> dict[str, pd.DataFrame]:
    """Table `mask`: pair, then the columns of `contrast`, for all members of a sweep that differ only in the mask.

    pair : the parameters that distinguish a pair from the others, such as "beta=9", or "". There are no rows if the
    mask was not varied.
    """
    pairs: dict[str, dict[str, xr.Dataset]] = {}
    for name, member in zip(names(members, "mask"), members, strict=True):
        pairs.setdefault(name, {})[parameters_of(member)["mask"]] = member
    tables = [
        contrast(pair["causal"], pair["none"]).assign(pair=name)
        for name, pair in pairs.items()
        if len(pair) == 2
    ]
    return {"mask": pd.concat(tables)[COLUMNS] if tables else pd.DataFrame(columns=COLUMNS)}


def summarise(mask: pd.DataFrame) -> dict[str, Headline]:
    """Headlines: for every pair the difference in the number of groups at the end; none without a pair."""
    headlines = {}
    for _, rows in mask.groupby("pair", sort=False):
        pair = str(rows["pair"].iloc[0])
        name = f"mask_difference[{pair}]" if pair else "mask_difference"
        last = rows.sort_values("time").iloc[-1]
        headlines[name] = Headline(
            last["difference"],
            (last["lo"], last["hi"]),
            int(last["n"]),
            "groups",
            "Number of groups at the end with the causal mask minus that without it, from the same tokens"
            + f", {pair.replace('_', ' ')}" * bool(pair),
            rank=None if pair else 2,
        )
    return headlines


def contrast(masked: xr.Dataset, unmasked: xr.Dataset) -> pd.DataFrame:
    """Mean number of groups with and without mask: time, masked, unmasked, difference, lo, hi (95 %, paired over runs),
    n.

    Raises ValueError unless both start from the same tokens and are saved at the same times.
    """
    one, other = parameters_of(masked), parameters_of(unmasked)
    for key in ("seed", "tokens", "dimension", "initial", "beta"):
        if one[key] != other[key]:
            raise ValueError(f"masked and unmasked experiments differ in {key}: {one[key]} and {other[key]}")
    time = masked["time"].values
    if time.shape != unmasked["time"].shape or not np.allclose(
        time, unmasked["time"].values, rtol=1e-9, atol=0.0
    ):
        raise ValueError(
            "masked and unmasked experiments are saved at different times: save, integrator, step_size and steps, "
            "or end_time, must be equal"
        )
    runs = min(masked.sizes["run"], unmasked.sizes["run"])
    with_mask, without = (g["n_clusters"].values[:runs].astype(float) for g in (masked, unmasked))
    rows = []
    for k, t in enumerate(time):
        e = mean_interval(with_mask[:, k] - without[:, k])
        rows.append((t, with_mask[:, k].mean(), without[:, k].mean(), e.value, e.lo, e.hi, e.n))
    return pd.DataFrame(rows, columns=COLUMNS[1:])
