"""Avalanches: causal ones from single roots against their exact law, and raster ones as laboratories find
them.

Sizes in neurons, root included; durations in layers (= steps). An avalanche that reaches the last layer is
censored: its duration is L, and it is left out of every exponent of durations.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from scipy import special

from emergent_dynamics.branching import exact, exponents, shapes, theory
from emergent_dynamics.branching.headlines import EXACT, headline, label, row, shown
from emergent_dynamics.branching.model import Parameters
from emergent_dynamics.statistics import mean_interval, proportion_interval
from emergent_dynamics.store import Headline


@dataclass(frozen=True)
class Tally:
    """Sums over the avalanches of one sigma: all that the analyses need, whatever their number.

    sizes (s,), durations (d,) : histograms; size_sum, size_square_sum (d,) : sums of S and S^2 by duration;
    profile (d, layer) : summed counts by duration.
    """

    sizes: np.ndarray
    durations: np.ndarray
    size_sum: np.ndarray
    size_square_sum: np.ndarray
    profile: np.ndarray

    @property
    def n(self) -> int:
        """Avalanches."""
        return int(self.durations.sum())

    @property
    def mean_size(self) -> np.ndarray:
        """(d,) <S>(D), NaN where none was seen."""
        seen = self.durations > 0
        return np.where(seen, self.size_sum / np.where(seen, self.durations, 1), np.nan)

    @property
    def mean_size_error(self) -> np.ndarray:
        """(d,) standard error of <S>(D); NaN with fewer than two avalanches."""
        n = np.where(self.durations > 1, self.durations, 2)
        variance = (self.size_square_sum - self.size_sum**2 / n) / (n - 1)
        return np.where(self.durations > 1, np.sqrt(np.maximum(variance, 0.0) / n), np.nan)


def stored_tallies(aval: xr.Dataset) -> list[Tally]:
    """The sums in the group `aval` of a trajectory, one tally per sigma, all runs together."""
    names = {"sizes": "hist_size", "durations": "hist_duration", "size_sum": "sum_size_by_duration"}
    names |= {"size_square_sum": "sum_squared_size_by_duration", "profile": "profile"}
    arrays = {field: aval[name].values.sum(1) for field, name in names.items()}
    return [Tally(**{field: array[i] for field, array in arrays.items()}) for i in range(aval.sizes["sigma"])]


@dataclass(frozen=True)
class Windows:
    """Lowest and highest value used for each exponent; both ends are part of the fitted law."""

    tau: tuple[int, int]
    alpha: tuple[int, int]
    gamma: tuple[int, int]

    @classmethod
    def of(cls, layers: int, cells: int) -> "Windows":
        """Above 5, where discreteness bends the laws, below the finite size: a tenth of the neurons, L - 1 layers,
        L / 2 for gamma.
        """
        return cls((5, max(10, cells // 10)), (5, layers - 1), (3, max(5, layers // 2)))


def _exponents(law: Tally | exact.Avalanches, windows: Windows) -> dict[str, float]:
    """tau, alpha, gamma, the gamma that they predict, the one that collapses the shapes, and the DCC, with
    intervals.
    """
    if isinstance(law, Tally):
        sizes, durations, error = law.sizes, law.durations, law.mean_size_error
        mean_shape = shapes.mean_profile(law.profile, law.durations)
    else:
        sizes, durations, error, mean_shape = law.size, law.duration, None, law.profile
    tau, alpha = exponents.fit(sizes, *windows.tau), exponents.fit(durations, *windows.alpha)
    gamma = exponents.size_against_duration(law.mean_size, *windows.gamma, error=error)
    predicted = theory.crackling(tau.exponent, alpha.exponent)
    found = {"tau": tau.exponent, "alpha": alpha.exponent, "gamma": gamma.value, "gamma_predicted": predicted}
    found |= {
        "gamma_collapse": shapes.collapse(mean_shape, 5, windows.alpha[1]),
        "dcc": abs(gamma.value - predicted),
    }
    if isinstance(law, Tally):
        for name, (lo, hi) in (
            ("tau", tau.interval()),
            ("alpha", alpha.interval()),
            ("gamma", gamma.interval),
        ):
            found |= {f"{name}_lo": lo, f"{name}_hi": hi}
    return found


def _moments(tally: Tally) -> dict[str, float]:
    """Mean size and duration and the share that reaches the last layer, with 95 % intervals."""
    n, half = tally.n, special.ndtri(0.975)
    found: dict[str, float] = {}
    for name, first, second in (
        ("mean_size", tally.size_sum.sum(), tally.size_square_sum.sum()),
        (
            "mean_duration",
            tally.durations @ np.arange(tally.durations.size),
            tally.durations @ np.arange(tally.durations.size) ** 2,
        ),
    ):
        mean = first / n
        error = np.sqrt(max(second / n - mean**2, 0.0) / n)
        found |= {name: float(mean), f"{name}_lo": mean - half * error, f"{name}_hi": mean + half * error}
    reach = proportion_interval(int(tally.durations[-1]), n)
    return found | {"p_reach_end": reach.value, "p_reach_end_lo": reach.lo, "p_reach_end_hi": reach.hi}


def goodness(sizes: np.ndarray, law: np.ndarray) -> float:
    """p of the chi-squared test of a histogram (s,) against probabilities (s,), neighbours joined to expect
    at least 10.
    """
    observed, wanted = [0.0], [0.0]
    for o, w in zip(sizes, sizes.sum() * law, strict=True):
        if wanted[-1] >= 10:
            observed.append(0.0)
            wanted.append(0.0)
        observed[-1] += o
        wanted[-1] += w
    if len(wanted) < 3:
        return np.nan
    observed[-2:], wanted[-2:] = [sum(observed[-2:])], [sum(wanted[-2:])]  # the last class may be too rare
    wanted_array = np.array(wanted) * sum(observed) / sum(wanted)  # the law sums to 1 within rounding only
    chi_squared = ((np.asarray(observed) - wanted_array) ** 2 / wanted_array).sum()
    return float(special.chdtrc(wanted_array.size - 1, chi_squared))


def tabulate(tallies: list[Tally], laws: list[exact.Avalanches], p: Parameters) -> pd.DataFrame:
    """One row per sigma: moments, exponents with intervals, the exact finite-size value of each, tests
    against power laws.

    p_<model> : does that model beat the truncated power law of sizes? p_size : does the exact law describe
    the sizes?
    """
    windows = Windows.of(p.layers, p.cells)
    rows = []
    for sigma, tally, law in zip(p.sigma, tallies, laws, strict=True):
        entry: dict[str, object] = {"sigma": sigma, "rule": p.rule, "n": tally.n} | _moments(tally)
        s, d = np.arange(law.size.size), np.arange(law.duration.size)
        entry |= {
            "mean_size_exact": law.size @ s,
            "mean_duration_exact": law.duration @ d,
            "p_reach_end_exact": law.reach,
        }
        entry |= _exponents(tally, windows)
        entry |= {f"{name}_exact": value for name, value in _exponents(law, windows).items()}
        entry |= {f"{name}_window": f"{lo}-{hi}" for name, (lo, hi) in vars(windows).items()}
        entry |= {f"p_{c.alternative}": c.p for c in exponents.compare(tally.sizes, *windows.tau)}
        entry["p_size"] = goodness(tally.sizes, law.size)
        entry["reason"] = "" if np.isfinite(law.size).all() else "exact size law too large to compute"
        rows.append(entry)
    return pd.DataFrame(rows)


def raster_avalanches(
    activity: np.ndarray, threshold: float = 0.0, frames_per_bin: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """Sizes (neurons) and durations (bins) of runs of bins above `threshold` between silent ones.

    activity : (time,) active neurons a frame. Runs cut by either end of the record are left out. With a
    threshold the size is still all of the activity in the run. Source: Beggs & Plenz 2003.
    """
    bins = activity.size // frames_per_bin
    binned = activity[: bins * frames_per_bin].reshape(bins, frames_per_bin).sum(1, dtype=np.int64)
    change = np.diff((binned > threshold).astype(np.int8))
    starts, stops = np.flatnonzero(change == 1) + 1, np.flatnonzero(change == -1) + 1
    stops = stops[stops > starts[0]] if starts.size else stops[:0]
    starts = starts[: stops.size]
    total = np.append(0, np.cumsum(binned))
    return total[stops] - total[starts], stops - starts


def tabulate_raster(activity: np.ndarray, p: Parameters) -> pd.DataFrame:
    """One row per sigma: avalanches between silent frames of `activity` (sigma, run, time), for parity with
    laboratory tools.

    With drive there is hardly a silent frame (`p_silent`), so these run into each other: they are not the
    causal avalanches.
    """
    rows = []
    windows = Windows.of(p.layers, p.cells)
    for sigma, spontaneous, seen in zip(p.sigma, p.spontaneous, activity, strict=True):
        runs = [raster_avalanches(run) for run in seen]
        sizes, durations = (np.concatenate(parts) for parts in zip(*runs, strict=True))
        size, duration = mean_interval(sizes), mean_interval(durations)
        entry = {
            "sigma": sigma,
            "rule": p.rule,
            "spontaneous": spontaneous,
            "n": sizes.size,
            "p_silent": (seen == 0).mean(),
        }
        entry |= {
            "mean_size": size.value,
            "mean_size_lo": size.lo,
            "mean_size_hi": size.hi,
            "mean_duration": duration.value,
        }
        fitted = exponents.fit(np.bincount(sizes, minlength=windows.tau[1] + 1), *windows.tau)
        lo, hi = fitted.interval()
        rows.append(entry | {"tau": fitted.exponent, "tau_lo": lo, "tau_hi": hi, "reason": fitted.reason})
    return pd.DataFrame(rows)


def summarise(found: pd.DataFrame, p: Parameters) -> dict[str, Headline]:
    """Means, reach and exponents beside their exact finite-size values; mean-field numbers do not apply
    here.
    """
    headlines = {}
    units = {"mean_size": "neuron", "mean_duration": "layer", "p_reach_end": "1"}
    for sigma in shown(p.sigma):
        r = row(found, sigma=sigma)
        names = [*units, "tau", "alpha", "gamma"] if abs(sigma - 1.0) < 0.05 else list(units)
        for name in names:
            ci = (r[f"{name}_lo"], r[f"{name}_hi"])
            headlines[f"{name}_{label(sigma)}"] = headline(
                r[name], ci, r["n"], units.get(name, "1"), r[f"{name}_exact"], EXACT
            )
        if "tau" in names:
            headlines[f"dcc_{label(sigma)}"] = headline(r["dcc"], None, r["n"], "1", r["dcc_exact"], EXACT)
    return headlines
