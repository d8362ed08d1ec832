"""The number of groups: against time, against beta over a sweep, and with the mask against without.

Theta(beta^((d - 1) / 2)) leaders are expected of causal attention with V = I: the exponent is the slope of
ln(mean final count) over ln beta. Karagodin, Polyanskiy & Rigollet 2024, arXiv:2411.04990.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from emergent_dynamics.causal import theory
from emergent_dynamics.causal.expectations import end_time, headline, is_seed_model, series
from emergent_dynamics.statistics import Estimate, mean_interval
from emergent_dynamics.store import Headline

RESAMPLES = 2000
CONTRAST = ["pair", "time", "masked", "unmasked", "difference", "lo", "hi", "n"]


def over_time(groups: xr.Dataset) -> pd.DataFrame:
    """counts.csv of one experiment: time, value (mean n_clusters), lo, hi, n."""
    counts = groups["n_clusters"].values
    found = [mean_interval(counts[:, k]) for k in range(counts.shape[1])]
    rows = [(t, e.value, e.lo, e.hi, e.n) for t, e in zip(groups["time"].values, found, strict=True)]
    return pd.DataFrame(rows, columns=["time", "value", "lo", "hi", "n"])


def summarise(groups: xr.Dataset, parameters: Mapping[str, Any]) -> dict[str, Headline]:
    """Headlines of one experiment: groups at the end, and at the times of the independent curve."""
    counts = groups["n_clusters"].values
    found = {"n_clusters_end": headline(mean_interval(counts[:, -1]), "groups")}
    return found | series("n_clusters", "groups", counts, groups["time"].values, parameters)


def parameters_of(member: xr.Dataset) -> dict[str, Any]:
    """The resolved parameters that a store carries."""
    return json.loads(member.attrs["parameters"])


def sweep(members: Sequence[xr.Dataset]) -> pd.DataFrame:
    """sweep.csv: family, beta, time, n_clusters (mean), lo, hi, n of every member."""
    tables = []
    for family, own in families(members).items():
        for member in own:
            table = over_time(member).rename(columns={"value": "n_clusters"})
            table.insert(0, "family", family)
            table.insert(1, "beta", float(parameters_of(member)["beta"]))
            tables.append(table)
    return pd.concat(tables, ignore_index=True)


def families(members: Sequence[xr.Dataset]) -> dict[str, list[xr.Dataset]]:
    """Members that differ in beta only, by what sets their family apart: "dimension=3"; "" if nothing."""
    settings = [{key: _text(value) for key, value in parameters_of(m).items()} for m in members]
    varied = [key for key in sorted(settings[0]) if key != "beta" and len({s[key] for s in settings}) > 1]
    found: dict[str, list[xr.Dataset]] = {}
    for setting, member in zip(settings, members, strict=True):
        found.setdefault(",".join(f"{key}={setting[key]}" for key in varied), []).append(member)
    return {name: sorted(found[name], key=lambda m: parameters_of(m)["beta"]) for name in sorted(found)}


def final_counts(family: Sequence[xr.Dataset]) -> dict[float, np.ndarray]:
    """beta -> (run,) n_clusters of the last frame."""
    return {float(parameters_of(m)["beta"]): m["n_clusters"].isel(time=-1).values for m in family}


def exponent(counts: Mapping[float, np.ndarray], seed: int = 1) -> tuple[Estimate, float]:
    """Slope of ln(mean count) over ln beta by least squares, and the count at beta = 1 of the fitted line.

    The interval is the percentile bootstrap over runs, drawn anew within each beta; NaN with a single run.
    `counts` needs two values of beta.
    """
    axis = np.log(list(counts))
    rng = np.random.default_rng(seed)
    drawn = [rng.choice(runs, (RESAMPLES, len(runs))).mean(axis=1) for runs in counts.values()]
    _, slopes = np.polynomial.polynomial.polyfit(axis, np.log(drawn), 1)
    means = np.log([runs.mean() for runs in counts.values()])
    level, slope = np.polynomial.polynomial.polyfit(axis, means, 1)
    single = min(map(len, counts.values())) == 1
    lo, hi = (np.nan, np.nan) if single else np.percentile(slopes, [2.5, 97.5])
    estimate = Estimate(float(slope), float(lo), float(hi), sum(map(len, counts.values())))
    return estimate, float(np.exp(level))


def fits(members: Sequence[xr.Dataset]) -> pd.DataFrame:
    """exponents.csv: family, exponent, lo, hi, level (count at beta = 1), n; where beta was varied."""
    rows = []
    for family, own in families(members).items():
        if len(own) > 1:
            e, level = exponent(final_counts(own))
            rows.append((family, e.value, e.lo, e.hi, level, e.n))
    return pd.DataFrame(rows, columns=["family", "exponent", "lo", "hi", "level", "n"])


def summarise_sweep(members: Sequence[xr.Dataset]) -> dict[str, Headline]:
    """Headlines of a sweep: every member's final count, and each family's exponent where beta was varied.

    Names end in what sets a family apart, if there are several.
    """
    found = {}
    for family, own in families(members).items():
        ending = f"[{family}]" if family else ""
        counts = final_counts(own)
        comparable = all(_is_comparable(parameters_of(m)) for m in own)
        wide = comparable and len(counts) >= 4 and min(counts) <= 25.0 and 144.0 <= max(counts) <= 256.0
        if len(counts) > 1:
            slope, _ = exponent(counts)
            expected = theory.COUNT_EXPONENT if wide else None
            found[f"count_exponent{ending}"] = headline(slope, "1", expected)
        for beta, runs in counts.items():
            expected = theory.COUNT_PER_ROOT.get(beta) if comparable else None
            name = f"count_per_root_beta_{beta:g}{ending}"
            found[name] = headline(mean_interval(runs / beta**0.5), "groups / sqrt(beta)", expected)
    return found


def _is_comparable(parameters: Mapping[str, Any]) -> bool:
    """The independent sweep's model, size and end, t = 476 ... 500."""
    ends = 450.0 < end_time(parameters) < 550.0
    return ends and parameters["tokens"] == 256 and is_seed_model(parameters)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def contrasts(members: Sequence[xr.Dataset]) -> pd.DataFrame:
    """mask.csv: pair, then the columns of `contrast`, for all members of a sweep that differ in the mask only.

    pair : what sets a pair apart from the others, "beta=9"; "" if nothing. No row where the mask was not varied.
    """
    settings = [{key: _text(value) for key, value in parameters_of(m).items()} for m in members]
    varied = [key for key in sorted(settings[0]) if key != "mask" and len({s[key] for s in settings}) > 1]
    pairs: dict[str, dict[str, xr.Dataset]] = {}
    for setting, member in zip(settings, members, strict=True):
        pair = ",".join(f"{key}={setting[key]}" for key in varied)
        pairs.setdefault(pair, {})[setting["mask"]] = member
    tables = [
        contrast(pair["causal"], pair["none"]).assign(pair=name)
        for name, pair in pairs.items()
        if len(pair) == 2
    ]
    return pd.concat(tables)[CONTRAST] if tables else pd.DataFrame(columns=CONTRAST)


def contrast(masked: xr.Dataset, unmasked: xr.Dataset) -> pd.DataFrame:
    """time, masked, unmasked, difference (masked - unmasked), lo, hi (paired over runs, 95 %), n.

    Raises ValueError unless both start from the same tokens and are saved at the same times.
    """
    one, other = parameters_of(masked), parameters_of(unmasked)
    for key in ("seed", "tokens", "dimension", "initial", "beta"):
        if one[key] != other[key]:
            raise ValueError(f"masked and unmasked experiments differ in {key}: {one[key]} and {other[key]}")
    time = masked["time"].values
    if time.shape != unmasked["time"].shape or not np.allclose(time, unmasked["time"].values, rtol=1e-9):
        raise ValueError("masked and unmasked experiments are saved at different times")
    runs = min(masked.sizes["run"], unmasked.sizes["run"])
    with_mask, without = (g["n_clusters"].values[:runs].astype(float) for g in (masked, unmasked))
    rows = []
    for k, t in enumerate(time):
        e = mean_interval(with_mask[:, k] - without[:, k])
        rows.append((t, with_mask[:, k].mean(), without[:, k].mean(), e.value, e.lo, e.hi, e.n))
    return pd.DataFrame(rows, columns=CONTRAST[1:])
