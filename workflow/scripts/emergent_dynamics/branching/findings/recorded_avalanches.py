"""Avalanches of a recording: exponents by maximum likelihood, the scaling relation, shapes, and a shuffled control.

Sizes are in events, durations in bins. Rows differ in the width of the bin, 1/2 to 4 times the setting, since
exponents depend on it (Beggs & Plenz 2003). The row `shuffled` is the same activity with its bins in random order,
which shows what the distribution of single bins gives without any temporal order.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from emergent_dynamics.branching import exponents, power_law, shapes, theory
from emergent_dynamics.branching.power_law import Sample, Tail
from emergent_dynamics.branching.recording import Avalanches, Recording, Settings, avalanches
from emergent_dynamics.branching.tables import bounds, measured, row
from emergent_dynamics.findings import Headline
from emergent_dynamics.statistics import Estimate, mean_interval

TIMES = (1.0, 0.5, 2.0, 4.0)  # widths of the bin relative to the setting, which comes first
NO_BIN = "fewer than two moments at which anything happens"
NO_AVALANCHE = "no avalanche: the activity is always above the threshold, or never"
NO_DURATIONS = "the file has no durations"
UNDEFINED = Estimate(np.nan, np.nan, np.nan, 0)


def find(recording: Recording, settings: Settings) -> dict[str, pd.DataFrame]:
    """Return the table `recorded_avalanches`: one row per bin width, and one for the shuffled recording.

    A recording that consists of avalanche sizes only gives a single row.
    """
    if recording.given is not None:
        alone = _row(recording.given, settings, ("recorded", 1.0, np.nan))
        return {"recorded_avalanches": pd.DataFrame([alone | _plausible(recording.given, settings)])}
    rows, seen = [], set()
    for times in TIMES:
        width = recording.width(settings.bin, times)
        if width in seen:  # with time steps half a bin may be rounded to a width that was used before
            continue
        seen.add(width)
        rows.append(_binned(recording, settings, ("recorded", times, width)))
    rows.append(_binned(recording, settings, ("shuffled", 1.0, recording.width(settings.bin))))
    rows[0] |= _plausible(chosen(recording, settings), settings)
    return {"recorded_avalanches": pd.DataFrame(rows)}


def chosen(recording: Recording, settings: Settings) -> Avalanches:
    """Return the avalanches at the bin width of the setting, which headlines and figures show."""
    if recording.given is not None:
        return recording.given
    width = recording.width(settings.bin)
    activity = recording.activity(width) if np.isfinite(width) else np.zeros(0, np.int64)
    return avalanches(activity, settings.threshold)


def _binned(recording: Recording, settings: Settings, which: tuple[str, float, float]) -> dict[str, object]:
    series, _, width = which
    if not np.isfinite(width):
        return _row(avalanches(np.zeros(0, np.int64), 0), settings, which) | {"reason": NO_BIN}
    activity = recording.activity(width)
    if series == "shuffled":
        activity = np.random.default_rng(settings.seed).permutation(activity)
    silent = float((activity <= settings.threshold).mean()) if activity.size else np.nan
    recorded = avalanches(activity, settings.threshold)
    return _row(recorded, settings, which) | {"p_silent": silent, "bins": activity.size}


def _row(recorded: Avalanches, settings: Settings, which: tuple[str, float, float]) -> dict[str, object]:
    sizes = Sample.from_numbers(recorded.sizes)
    tau = power_law.fit(sizes, *settings.sizes)
    entry: dict[str, object] = dict(zip(("series", "times", "bin"), which, strict=True))
    entry |= {"threshold": settings.threshold, "bins": 0, "p_silent": np.nan, "n": recorded.sizes.size}
    entry |= bounds("mean_size", mean_interval(recorded.sizes)) | _tail("tau", tau)
    if recorded.durations is None:
        alpha = Tail(UNDEFINED, 1, None, NO_DURATIONS)
        gamma, used, collapse, distance = UNDEFINED, 0, np.nan, UNDEFINED
    else:
        alpha = power_law.fit(Sample.from_numbers(recorded.durations), *settings.durations)
        gamma, used, low, high = _gamma(recorded, alpha)
        collapse = _collapse(recorded, low, high)
        kept = _used(recorded, tau, alpha, (low, high))
        fits = tau.estimate, alpha.estimate, gamma
        distance = exponents.dcc_of_avalanches(recorded.sizes, recorded.durations, kept, fits)
    entry |= bounds(
        "mean_duration", UNDEFINED if recorded.durations is None else mean_interval(recorded.durations)
    )
    entry |= _tail("alpha", alpha) | bounds("gamma", gamma) | {"gamma_n": used}
    entry |= {"gamma_predicted": theory.crackling(tau.estimate.value, alpha.estimate.value)}
    entry |= {"gamma_collapse": collapse} | bounds("dcc", distance)
    entry |= {"dcc_n": min(tau.estimate.n, alpha.estimate.n, used)}
    if not recorded.sizes.size:
        return entry | _against(sizes, tau) | {"reason": NO_AVALANCHE}
    reasons = [f"tau: {tau.reason}"] * bool(tau.reason) + [f"alpha: {alpha.reason}"] * bool(alpha.reason)
    return entry | _against(sizes, tau) | {"reason": "; ".join(reasons)}


def _plausible(recorded: Avalanches, settings: Settings) -> dict[str, float]:
    """Return the columns with the plausibility of the power laws fitted to the sizes and to the durations."""
    columns: dict[str, float] = {}
    for name, numbers, window in (
        ("tau_p", recorded.sizes, settings.sizes),
        ("alpha_p", recorded.durations, settings.durations),
    ):
        sample = Sample.from_numbers(np.zeros(0) if numbers is None else numbers)
        tail, searched = power_law.fit(sample, *window), window[0] is None
        share = power_law.plausibility(sample, tail, searched, settings.seed, settings.resamples)
        columns |= bounds(name, share)
    return columns | {"resamples": settings.resamples}


def _tail(name: str, tail: Tail) -> dict[str, object]:
    """Return the columns of an exponent: value, interval, n in the window, and the window; NaN where it has no upper
    end.
    """
    columns: dict[str, object] = dict(bounds(name, tail.estimate))
    highest = np.nan if tail.highest is None else tail.highest
    return columns | {f"{name}_n": tail.estimate.n, f"{name}_lowest": tail.lowest, f"{name}_highest": highest}


def _gamma(recorded: Avalanches, alpha: Tail) -> tuple[Estimate, int, int, int]:
    """Return gamma in the window of the durations, the number of avalanches used, and the window.

    Only durations that occur at least 10 times are used.
    """
    assert recorded.durations is not None
    longest = int(recorded.durations.max(initial=1))
    high = min(alpha.highest or longest, longest, power_law.LARGEST)
    inside = recorded.durations <= high
    durations, sizes = recorded.durations[inside], recorded.sizes[inside].astype(float)
    count, total, square = (np.bincount(durations, sizes**k, high + 1) for k in range(3))
    often = count >= exponents.FEWEST
    n = np.where(often, count, np.nan)
    mean = total / n
    error = np.sqrt(np.maximum(square / n - mean**2, 0.0) / (n - 1))
    low = alpha.lowest
    return (
        exponents.size_against_duration(mean, low, high, error),
        int(count[low:][often[low:]].sum()),
        low,
        high,
    )


def _used(recorded: Avalanches, tau: Tail, alpha: Tail, window: tuple[int, int]) -> exponents.Used:
    """Return which avalanches each exponent is fitted to; window : lowest and highest duration for gamma."""
    assert recorded.durations is not None
    _, place, count = np.unique(recorded.durations, return_inverse=True, return_counts=True)
    inside = [
        (numbers >= tail.lowest) & (numbers <= (tail.highest or np.inf))
        for numbers, tail in ((recorded.sizes, tau), (recorded.durations, alpha))
    ]
    often = (count >= exponents.FEWEST)[place]
    known = (recorded.durations >= window[0]) & (recorded.durations <= window[1]) & often
    return exponents.Used(inside[0], inside[1], known)


def _collapse(recorded: Avalanches, low: int, high: int) -> float:
    if recorded.profile is None or recorded.durations is None:
        return np.nan
    longest = len(recorded.profile) - 1
    count = np.bincount(recorded.durations[recorded.durations <= longest], minlength=longest + 1)
    often = np.where(count >= exponents.FEWEST, count, 0)
    return shapes.collapse(shapes.mean_profile(recorded.profile, often), max(low, 3), min(high, longest))


def _against(sizes: Sample, tau: Tail) -> dict[str, float]:
    """Return p of the power law against every other law, in a window from the lowest size of the fit of tau."""
    largest = int(sizes.values[-1]) if sizes.values.size else 0
    highest = min(tau.highest or largest, largest)
    names = [name for name in exponents.MODELS if name != "power_law"]
    if tau.reason or highest > power_law.LARGEST:
        return {f"p_{name}": np.nan for name in names}
    compared = exponents.compare(sizes.histogram(highest), tau.lowest, highest)
    return {f"p_{one.alternative}": one.p for one in compared}


SENTENCES = {
    "tau": "Exponent of the sizes of recorded avalanches",
    "alpha": "Exponent of the durations of recorded avalanches",
    "gamma": "Exponent of mean size against duration of recorded avalanches",
    "dcc": "Distance of the recorded gamma from (alpha - 1)/(tau - 1)",
}
PLAUSIBLE = {
    "tau": "Share of samples of the fitted power law that deviate from it at least as much as the recorded sizes",
    "alpha": "Share of samples of the fitted power law that deviate from it at least as much as the recorded durations",
}
REJECTED = (
    f"below {theory.IMPLAUSIBLE} a power law is ruled out; a share that is not small does not prove one"
)
RANKS = {"tau": 1, "dcc": 2}


def summarise(tables: Mapping[str, pd.DataFrame]) -> dict[str, Headline]:
    """Return headlines of the exponents at the bin width of the setting, without expected values.

    A recording without durations has tau only.
    """
    r = row(tables["recorded_avalanches"], series="recorded", times=1.0)
    r["reason"] = r["reason"] or "too few avalanches in the window"
    durations = r["alpha_n"] > 0 or NO_DURATIONS not in r["reason"]
    headlines = {
        f"recorded_{name}": measured(
            r, name, "1", text, n=f"{name}_n", rank=RANKS.get(name), note=_note(r, name)
        )
        for name, text in SENTENCES.items()
        if name == "tau" or durations
    }
    for name in ("tau", "alpha") if durations else ("tau",):
        known = r if r["resamples"] else r | {"reason": "`criticality.resamples` is 0"}
        headlines[f"recorded_{name}_p"] = measured(
            known,
            f"{name}_p",
            "probability",
            PLAUSIBLE[name],
            n="resamples",
            note=f"{_window(r, name)}; {REJECTED}",
        )
    return headlines


def _window(r: Mapping[str, float], of: str) -> str:
    end = "" if np.isnan(r[f"{of}_highest"]) else f" to {r[f'{of}_highest']:.0f}"
    what = "sizes" if of == "tau" else "durations"
    return f"{what} from {r[f'{of}_lowest']:.0f}{end}"


def _note(r: Mapping[str, float], name: str) -> str:
    windows = [
        _window(r, of)
        for of in ("tau", "alpha")
        if of == name or (name == "dcc") or (name == "gamma" and of == "alpha")
    ]
    if name == "dcc" and np.isnan(r["dcc_lo"]):
        return f"{' and '.join(windows)}; {exponents.FLAT}"
    return f"{' and '.join(windows)}; the interval is for a fixed window"
