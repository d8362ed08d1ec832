"""Comparison of the members of a sweep: the number of groups against time and beta, and its exponent.

Theta(beta^((d - 1) / 2)) leaders are expected of causal attention with V = I: the exponent is the slope of
ln(mean final count) over ln beta. Karagodin, Polyanskiy & Rigollet 2024, arXiv:2411.04990.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import xarray as xr

from emergent_dynamics.causal import theory
from emergent_dynamics.causal.findings.counts import over_time
from emergent_dynamics.causal.members import families, names
from emergent_dynamics.findings import Headline
from emergent_dynamics.runtime.provenance import parameters as parameters_of
from emergent_dynamics.statistics import Estimate, mean_interval


def find(members: Sequence[xr.Dataset]) -> dict[str, pd.DataFrame]:
    """Tables `sweep`, the number of groups of every member over time, and `exponents`, one per family with several
    beta.
    """
    return {"sweep": over_members(members), "exponents": exponents(members)}


def over_members(members: Sequence[xr.Dataset]) -> pd.DataFrame:
    """Table of every member over time: family, beta, time, n_clusters (mean over runs), lo, hi, n."""
    tables = []
    for family, own in families(members).items():
        for member in own:
            table = over_time(member).rename(columns={"value": "n_clusters"})
            table.insert(0, "family", family)
            table.insert(1, "beta", float(parameters_of(member)["beta"]))
            tables.append(table)
    return pd.concat(tables, ignore_index=True)


def lives(members: Sequence[xr.Dataset], survival: Sequence[pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """`survival_sweep`: family, beta, and the columns of `survival`, the tables of all members in their order."""
    tables = []
    for family, member, table in zip(names(members, "beta"), members, survival, strict=True):
        apart = pd.DataFrame({"family": family, "beta": float(parameters_of(member)["beta"])}, table.index)
        tables.append(pd.concat([apart, table], axis=1))
    return {"survival_sweep": pd.concat(tables, ignore_index=True)}


def exponents(members: Sequence[xr.Dataset]) -> pd.DataFrame:
    """Table with one row per family in which beta varies.

    family, exponent, lo, hi, level (count at beta = 1), limit ((d - 1) / 2 or NaN), n.
    """
    rows = []
    for family, own in families(members).items():
        if len(own) > 1:
            e, level = exponent(final_counts(own))
            limit = theory.centre_exponent([parameters_of(member) for member in own])
            rows.append((family, e.value, e.lo, e.hi, level, limit, e.n))
    return pd.DataFrame(rows, columns=["family", "exponent", "lo", "hi", "level", "limit", "n"])


def summarise(members: Sequence[xr.Dataset]) -> dict[str, Headline]:
    """Headlines of a sweep: every member's final count, and each family's exponent where beta was varied.

    If there are several families, names end in the parameters that distinguish a family.
    """
    headlines = {}
    for family, own in families(members).items():
        ending, suffix = (f"[{family}]", f", {family.replace('_', ' ')}") if family else ("", "")
        counts = final_counts(own)
        if len(counts) > 1:
            slope, _ = exponent(counts)
            headlines[f"count_exponent{ending}"] = Headline.from_estimate(
                slope,
                "1",
                f"Exponent of the mean number of groups at the end against beta{suffix}",
                expectation=theory.count_exponent([parameters_of(member) for member in own]),
                rank=None if family else 1,
            )
        for member, (beta, runs) in zip(own, counts.items(), strict=True):
            root = beta**0.5
            headlines[f"count_per_root_beta_{beta:g}{ending}"] = Headline.from_estimate(
                mean_interval(runs / root, 1 / root, parameters_of(member)["tokens"] / root),
                "groups / sqrt(beta)",
                f"Mean number of groups at the end over sqrt(beta) at beta = {beta:g}{suffix}",
                expectation=theory.count_per_root(parameters_of(member)),
            )
    return headlines


def final_counts(family: Sequence[xr.Dataset]) -> dict[float, np.ndarray]:
    """{beta: (run,) n_clusters of the last frame}."""
    return {float(parameters_of(m)["beta"]): m["n_clusters"].isel(time=-1).values for m in family}


def exponent(counts: Mapping[float, np.ndarray]) -> tuple[Estimate, float]:
    """Slope of ln(mean count) over ln beta by least squares, and the count at beta = 1 of the fitted line.

    counts : {beta: (run,)} of two values of beta or more. Run r of every beta starts from the same tokens, so that the
    slope's error is that of a mean over runs: of what each run adds to it to first order (delta method), with Student's
    interval; NaN with a single run.
    """
    axis, runs = np.log(list(counts)), np.array(list(counts.values()), dtype=float)
    means = runs.mean(axis=1)
    level, slope = np.polynomial.polynomial.polyfit(axis, np.log(means), 1)
    from_mean = axis - axis.mean()
    added = from_mean / (from_mean**2).sum() @ (runs / means[:, None] - 1.0)
    e = mean_interval(added)
    estimate = Estimate(float(slope), float(slope + e.lo), float(slope + e.hi), e.n, e.standard_error)
    return estimate, float(np.exp(level))
