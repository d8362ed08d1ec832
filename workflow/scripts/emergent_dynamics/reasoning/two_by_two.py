"""The 2x2 of convergence and correctness: late drift, its threshold, the four cells and their contents.

As in the original study, an example has converged when log10 of its mean drift over the last steps is below Otsu's
threshold (N. Otsu 1979, IEEE Trans. SMC 9, 62-66). Unlike there, the bimodality of the threshold is reported, exact
zeros are clipped at round-off and counted, and a cell below `FEWEST` examples has no median.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import scipy
import xarray as xr
from skimage.filters import threshold_otsu

from emergent_dynamics.reasoning import diagnostics
from emergent_dynamics.reasoning.parameters import Settings

CELLS = ("A_conv_correct", "B_conv_wrong", "C_nonconv_correct", "D_nonconv_wrong")
FEWEST = 8
INSUFFICIENT = f"insufficient (n<{FEWEST})"
UNIFORM_BIMODALITY = 5.0 / 9.0  # Sarle's coefficient of a uniform law; a Gaussian has 1/3
CLIP = 1e-6  # drift over the norm of the state that float32 cannot go below


def late_drift(drift: np.ndarray, late_steps: int, floor: float) -> tuple[np.ndarray, int]:
    """(example,) log10 of the mean drift over the last `late_steps` columns of (example, step), clipped
    below at `floor` (round-off of the state; the seed took 1e-12), and how many were clipped."""
    if not 1 <= late_steps <= drift.shape[1]:
        raise ValueError(f"late_steps = {late_steps}: must be from 1 to the {drift.shape[1]} steps there are")
    mean = np.asarray(drift, float)[:, -late_steps:].mean(axis=1)
    return np.log10(np.maximum(mean, floor)), int(np.count_nonzero(mean < floor))


def otsu(x: np.ndarray, bins: int = 256) -> float:
    """Otsu's threshold of x; if all values are equal, that value. NaN when x is empty; x must be finite."""
    return float(threshold_otsu(np.asarray(x, float), nbins=bins)) if len(x) else np.nan


def threshold(log_drift: np.ndarray, rule: str | float) -> float:
    """Return Otsu's threshold, or `rule` itself if it is a number, for example a threshold fitted on all checkpoints
    together.
    """
    return otsu(log_drift) if rule == "otsu" else float(rule)


@dataclass(frozen=True)
class Bimodality:
    """Whether the distribution has two modes between which it can be cut.

    separability : share of the variance between the two sides (0..1, uniform .75, Gaussian 2/pi). sarle : (skew^2 +
    1) / kurtosis; above 5/9 suggests two modes. mixture_threshold : where two Gaussians fitted by EM are equally
    likely (NaN when they never are between the means). bic_gain : BIC of one Gaussian minus that of two, positive in
    favour of two. bimodal : sarle is above 5/9 and bic_gain is positive.
    """

    separability: float
    sarle: float
    mixture_threshold: float
    bic_gain: float
    bimodal: bool


def bimodality(x: np.ndarray, tau: float) -> Bimodality:
    """The evidence that x (example,) has two modes with tau between them."""
    from sklearn.mixture import GaussianMixture  # the import takes 2 s, and only the 2x2 table needs it

    if len(x) < FEWEST or np.ptp(x) == 0.0:
        return Bimodality(np.nan, np.nan, np.nan, np.nan, False)
    below = x < tau
    share = below.mean()
    gap = x[below].mean() - x[~below].mean() if 0 < share < 1 else 0.0
    sarle = float((scipy.stats.skew(x) ** 2 + 1.0) / scipy.stats.kurtosis(x, fisher=False))
    column = x[:, None]
    one = GaussianMixture(1, random_state=0).fit(column)
    two = GaussianMixture(2, random_state=0, n_init=3).fit(column)
    grid = np.linspace(two.means_.min(), two.means_.max(), 2001)
    lower = two.predict_proba(grid[:, None])[:, int(two.means_.argmin())]
    crossing = np.flatnonzero((lower[:-1] >= 0.5) & (lower[1:] < 0.5))
    gain = float(one.bic(column) - two.bic(column))
    return Bimodality(
        separability=float(share * (1.0 - share) * gap**2 / x.var()),
        sarle=sarle,
        mixture_threshold=float(grid[crossing[0]]) if len(crossing) else np.nan,
        bic_gain=gain,
        bimodal=bool(sarle > UNIFORM_BIMODALITY and gain > 0.0),
    )


def assign(log_drift: np.ndarray, correct: np.ndarray, tau: float) -> np.ndarray:
    """(example,) int8 index into CELLS. Converged is strictly below tau, as in the seed."""
    return (2 * (log_drift >= tau) + ~correct.astype(bool)).astype(np.int8)


def median(values: np.ndarray) -> float:
    """The median, NaN below FEWEST values."""
    if len(values) < FEWEST:
        return np.nan
    ordered = np.sort(values)  # np.median takes ten times as long on a few hundred values; NaN sorts last
    middle = 0.5 * (ordered[(len(values) - 1) // 2] + ordered[len(values) // 2])
    return float(middle if ordered[-1] == ordered[-1] else np.nan)


def describe(
    log_drift: np.ndarray, exponent: np.ndarray, correct: np.ndarray, tau: float
) -> dict[str, float]:
    """Every scalar of the 2x2 that depends on the threshold: fractions, medians and the two mixture rates.

    mixture_wrong_converged = B / (B + D), mixture_correct_nonconverged = C / (A + C); NaN without such
    examples.
    """
    cell = assign(log_drift, correct, tau)
    n = np.bincount(cell, minlength=4)
    scalars: dict[str, float] = {"tau": tau, "converged": (n[0] + n[1]) / len(cell)}
    for i, name in enumerate("ABCD"):
        scalars[f"fraction_{name}"] = n[i] / len(cell)
        scalars[f"lambda1_{name}"] = median(exponent[cell == i])
    scalars["mixture_wrong_converged"] = n[1] / (n[1] + n[3]) if n[1] + n[3] else np.nan
    scalars["mixture_correct_nonconverged"] = n[2] / (n[0] + n[2]) if n[0] + n[2] else np.nan
    return scalars


@dataclass(frozen=True)
class TwoByTwo:
    """One table cut into its cells: log drift, leading exponent, correctness and cell index, all (example,), and the
    threshold."""

    log_drift: np.ndarray
    exponent: np.ndarray
    correct: np.ndarray
    tau: float
    cell: np.ndarray

    @property
    def converged(self) -> np.ndarray:
        """(example,) bool: log drift strictly below the threshold."""
        return self.log_drift < self.tau


def cut(table: xr.Dataset, settings: Settings, rule: str | float) -> TwoByTwo:
    """The 2x2 of one table of diagnostics, at the threshold that `rule` gives (`shared_rule`)."""
    log_drift = log_late_drift(table, settings)
    correct = table["exact_correct"].values
    tau = threshold(log_drift, rule)
    cell = assign(log_drift, correct, tau)
    return TwoByTwo(log_drift, diagnostics.leading(table, settings.leading), correct, tau, cell)


def shared_rule(tables: Mapping[str, xr.Dataset], settings: Settings) -> str | float:
    """The rule of the threshold for every table; `pooled` is fitted on all tables together, so it becomes a number."""
    if settings.threshold != "pooled":
        return settings.threshold
    return otsu(np.concatenate([log_late_drift(table, settings) for table in tables.values()]))


def log_late_drift(table: xr.Dataset, settings: Settings) -> np.ndarray:
    """(example,) log10 of the late drift of z_H."""
    return late_drift(table["drift_zH"].values, settings.late_steps, float(table.attrs["floor"]))[0]


def log_drift_clipped(table: xr.Dataset, settings: Settings) -> np.ndarray:
    """Return (example,) log10 of the late drift of z_H, clipped below at `CLIP` of the norm of the state, as float32
    would have it. Where no norm is known (the capture map, files) it is clipped at the usual floor.
    """
    floor = max(CLIP * float(table.attrs.get("state_norm", 0.0)), float(table.attrs["floor"]))
    return late_drift(table["drift_zH"].values, settings.late_steps, floor)[0]


def log_drift_float32(table: xr.Dataset, settings: Settings) -> np.ndarray:
    """(example,) log10 of the late drift of z_H of a float32 trajectory, clipped at the round-off of its norm; NaN
    where none was run."""
    floor = float(np.finfo(np.float32).eps) * float(table.attrs.get("state_norm", 0.0))
    drift = table["drift_float32"].values[:, -settings.late_steps :].mean(axis=1)
    return np.log10(np.maximum(drift, max(floor, float(table.attrs["floor"]))))
