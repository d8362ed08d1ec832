"""Phenomenological renormalisation of a recording: how the variance, the probability of silence and the spectrum of
covariances of clusters of correlated units depend on the number of units per cluster.

Source: Meshulam et al. 2019, PRL 123:178103. Exponents are slopes on logarithmic axes, over clusters of one unit to
clusters of a quarter of the units; intervals are from a jackknife over ten blocks of the measured half, for fixed
clusters.
"""

import functools
from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from emergent_dynamics.branching import coarse_graining
from emergent_dynamics.branching.coarse_graining import Clusters
from emergent_dynamics.branching.recording import Recording, Settings
from emergent_dynamics.branching.resampling import jackknife
from emergent_dynamics.branching.tables import bounds, measured, row
from emergent_dynamics.findings import Headline
from emergent_dynamics.statistics import Estimate

FEWEST_BINS = 1000
SPECTRA = 3  # number of cluster sizes whose eigenvalues are in the table: the largest of the fitted sizes
FEW_UNITS = f"fewer than {coarse_graining.FEWEST} units"
FEW_BINS = f"fewer than {FEWEST_BINS} bins"
FLAT = (
    "fewer than three sizes or eigenvalues can be fitted: clusters are always or never silent, or their activity is "
    "constant or perfectly correlated"
)
ROUNDING = 1e-12  # relative to the largest eigenvalue; smaller eigenvalues are rounding errors
SENTENCES = {
    "variance": "Exponent with which the variance of a cluster grows with its number of units",
    "silence": "Exponent with which minus the logarithm of a cluster's probability of silence grows with its units",
    "spectrum": "Exponent with which the eigenvalues of the covariances within a cluster fall with their rank",
}
LIMITS = {
    "variance": "1 for independent units, 2 for perfectly correlated ones",
    "silence": "1 for independent units, 0 for perfectly correlated ones",
    "spectrum": "0 for independent equal units, apart from the noise of sample covariances",
}


def find(recording: Recording, settings: Settings) -> dict[str, pd.DataFrame]:
    """Return the tables `renormalisation`, a row per size of clusters; `renormalisation_spectrum`, a row per size and
    rank; `renormalisation_exponents`, a row per quantity.

    variance : variance of the number of events of a cluster per bin, averaged over the clusters. silence : probability
    that no unit of a cluster is active in a bin. fitted : whether the size enters the fit of the exponents.
    """
    width = recording.width(settings.bin)
    reason, units = _refused(recording, width)
    if reason:
        return _tables([], [], [_exponent_row(name, _undefined(0), reason, 0, 0) for name in SENTENCES])
    clusters = coarse_graining.measure(recording, width, units)
    last = units.size.bit_length() - 3  # a quarter of the units
    sizes: list[dict[str, object]] = []
    spectra: list[dict[str, float]] = []
    for level in range(units.size.bit_length()):
        size = 1 << level
        columns: dict[str, object] = {"size": size, "clusters": units.size // size}
        columns |= bounds("variance", _each(clusters, _of_level(_variances, level)))
        columns |= bounds("silence", _each(clusters, _of_level(Clusters.silence, level)))
        sizes.append(columns | {"n": coarse_graining.BLOCKS // 2, "fitted": level <= last})
        if last - SPECTRA < level <= last:
            values = coarse_graining.spectrum(clusters.covariance(), size)
            spectra += [
                {"size": size, "rank": rank, "eigenvalue": value} for rank, value in enumerate(values, 1)
            ]
    exponents = []
    for name, slope in SLOPES.items():
        estimate = _each(clusters, functools.partial(slope, last=last))
        why = FLAT if np.isnan(estimate.value) else ""
        exponents.append(_exponent_row(name, estimate, why, units.size, int(clusters.bins.sum())))
    return _tables(sizes, spectra, exponents)


def _refused(recording: Recording, width: float) -> tuple[str, np.ndarray]:
    """Return the reason why a recording cannot be coarse-grained ("" if it can), and the units that are used."""
    if recording.units is None or not np.isfinite(width):
        return FEW_UNITS, np.zeros(0, int)
    units = coarse_graining.selected(recording)
    if units.size < coarse_graining.FEWEST:
        return FEW_UNITS, units
    return (FEW_BINS if recording.bins(width) < FEWEST_BINS else ""), units


def _each(clusters: Clusters, value: Callable[[Clusters, int | None], float]) -> Estimate:
    """Return a quantity of the clusters with a jackknife interval over the blocks."""
    left_out = np.array([value(clusters, i) for i in range(clusters.bins.size)])
    return jackknife(value(clusters, None), left_out)


def _of_level(
    values: Callable[[Clusters, int | None], np.ndarray], level: int
) -> Callable[[Clusters, int | None], float]:
    return lambda clusters, without: float(values(clusters, without)[level])


def _variances(clusters: Clusters, without: int | None) -> np.ndarray:
    return coarse_graining.variances(clusters.covariance(without))


def _slope(x: np.ndarray, y: np.ndarray) -> float:
    """Return the slope of log y on log x, NaN with fewer than three points where both are positive and finite."""
    known = np.isfinite(y) & (y > 0)
    if known.sum() < 3:
        return np.nan
    return float(np.polyfit(np.log(x[known]), np.log(y[known]), 1)[0])


def _of_variance(clusters: Clusters, without: int | None, last: int) -> float:
    return _slope(2.0 ** np.arange(last + 1), _variances(clusters, without)[: last + 1])


def _of_silence(clusters: Clusters, without: int | None, last: int) -> float:
    with np.errstate(divide="ignore"):
        return _slope(2.0 ** np.arange(last + 1), -np.log(clusters.silence(without)[: last + 1]))


def _of_spectrum(clusters: Clusters, without: int | None, last: int) -> float:
    """Return minus the slope over the larger half of the eigenvalues, in clusters of a quarter of the units."""
    values = coarse_graining.spectrum(clusters.covariance(without), 1 << last)
    ranks = np.arange(1.0, max(3, values.size // 2) + 1)
    return -_slope(ranks, np.where(values > ROUNDING * values[0], values, np.nan)[: ranks.size])


SLOPES: dict[str, Callable[..., float]] = {
    "variance": _of_variance,
    "silence": _of_silence,
    "spectrum": _of_spectrum,
}


def _undefined(n: int) -> Estimate:
    return Estimate(np.nan, np.nan, np.nan, n)


def _exponent_row(name: str, estimate: Estimate, reason: str, units: int, bins: int) -> dict[str, object]:
    interval: dict[str, object] = {"value": estimate.value, "lo": estimate.lo, "hi": estimate.hi}
    return {"quantity": name, **interval, "n": estimate.n, "units": units, "bins": bins, "reason": reason}


def _tables(sizes: list[dict], spectra: list[dict], exponents: list[dict]) -> dict[str, pd.DataFrame]:
    ends = ["variance", "variance_lo", "variance_hi", "silence", "silence_lo", "silence_hi"]
    return {
        "renormalisation": pd.DataFrame(sizes, columns=["size", "clusters", *ends, "n", "fitted"]),
        "renormalisation_spectrum": pd.DataFrame(spectra, columns=["size", "rank", "eigenvalue"]),
        "renormalisation_exponents": pd.DataFrame(exponents),
    }


def summarise(tables: Mapping[str, pd.DataFrame]) -> dict[str, Headline]:
    """Return the headlines of the three exponents; no values are expected of a recording."""
    headlines = {}
    for name, sentence in SENTENCES.items():
        r = row(tables["renormalisation_exponents"], quantity=name)
        headlines[f"recorded_{name}_exponent"] = measured(
            r, "value", "1", sentence, ends=("lo", "hi"), note=LIMITS[name]
        )
    return headlines
