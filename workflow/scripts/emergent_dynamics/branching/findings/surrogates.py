"""Avalanches of a recording, compared with those of its surrogates, each of which lacks one structure.

A statistic that a surrogate reproduces says nothing about the structure that the surrogate lacks. The exponent of sizes
of a surrogate is fitted in the window of the recording, so that no window is searched.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from emergent_dynamics.branching import power_law, shuffling
from emergent_dynamics.branching.power_law import Sample
from emergent_dynamics.branching.recording import Recording, Settings, spans
from emergent_dynamics.branching.tables import rows
from emergent_dynamics.findings import Headline

STATISTICS = {
    "mean_size": "mean size of avalanches",
    "mean_duration": "mean duration of avalanches in bins",
    "tau": "exponent of sizes",
    "one_step": "slope of the activity on that of the previous bin",
}
NAMES = {
    "shuffled": "whose bins are in random order",
    "redrawn": "whose events are at random times",
    "jittered": "whose events are jittered",
    "rotated": "whose units are rotated against each other in time",
}
COLUMNS = ("surrogate", "keeps", "statistic", "recorded", "mean", "lo", "hi", "p", "n", "reason")
UNDEFINED = "undefined in the recording or in a surrogate: too few avalanches in the window"


def find(recording: Recording, settings: Settings) -> dict[str, pd.DataFrame]:
    """Return the table `surrogates`, one row per kind and statistic.

    recorded : the statistic of the recording. mean, lo, hi : mean and central 95 % range over `n` surrogates. p :
    two-sided p-value, with the recording counted among the surrogates. The table is empty if there are no bins.
    """
    width = recording.width(settings.bin)
    if recording.given is not None or not np.isfinite(width):
        return {"surrogates": pd.DataFrame(columns=list(COLUMNS))}
    activity = recording.activity(width)
    sizes = Sample.from_numbers(spans(activity, settings.threshold)[2])
    window = power_law.fit(sizes, *settings.sizes)
    ends = window.lowest, window.highest
    recorded = _statistics(activity, settings.threshold, ends)
    table = []
    for number, kind in enumerate(shuffling.kinds(recording)):
        rng = np.random.default_rng((settings.seed, number))
        drawn = np.array(
            [
                _statistics(
                    shuffling.draw(recording, kind, width, settings.jitter, rng), settings.threshold, ends
                )
                for _ in range(settings.surrogates)
            ]
        )
        for i, name in enumerate(STATISTICS):
            p = shuffling.two_sided(recorded[i], drawn[:, i])
            lo, hi = np.quantile(drawn[:, i], [0.025, 0.975])
            why = UNDEFINED if np.isnan(p) else ""
            spread = (drawn[:, i].mean(), lo, hi, p, settings.surrogates, why)
            table.append((kind, shuffling.KEEPS[kind], name, recorded[i], *spread))
    return {"surrogates": pd.DataFrame(table, columns=list(COLUMNS))}


def _statistics(activity: np.ndarray, threshold: int, ends: tuple[int, int | None]) -> tuple[float, ...]:
    """Return the values of `STATISTICS`, NaN where one is undefined."""
    _, durations, sizes = spans(activity, threshold)
    if not sizes.size:
        return np.nan, np.nan, np.nan, _slope(activity)
    tau = power_law.fit(Sample.from_numbers(sizes), *ends).estimate.value
    return float(sizes.mean()), float(durations.mean()), tau, _slope(activity)


def _slope(activity: np.ndarray) -> float:
    """Return the correlation of successive bins, which equals the slope for a stationary record."""
    deviation = activity - activity.mean()
    square = float(deviation @ deviation)
    return float(deviation[1:] @ deviation[:-1]) / square if square > 0 else np.nan


def summarise(tables: Mapping[str, pd.DataFrame]) -> dict[str, Headline]:
    """Return one headline per kind of surrogate: the p-value of the recorded mean size."""
    headlines = {}
    for r in rows(tables["surrogates"], statistic="mean_size"):
        note = r["reason"]
        if not note:
            spread = f"{r['lo']:.3g} to {r['hi']:.3g} in 95 % of {r['n']} surrogates"
            note = f"two-sided; {r['recorded']:.3g} in the recording, {spread}, which keep {r['keeps']}"
        headlines[f"recorded_size_p_{r['surrogate']}"] = Headline(
            r["p"],
            None,
            r["n"],
            "probability",
            f"Probability of a mean avalanche size as extreme as that recorded, in recordings {NAMES[r['surrogate']]}",
            note=note,
        )
    return headlines
