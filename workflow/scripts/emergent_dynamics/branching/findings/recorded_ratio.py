"""The branching ratio of a recording by the multistep and the one-step estimator, for all units and for a part of
them.

Under subsampling the one-step slope decreases and the multistep estimate does not change (Wilting & Priesemann 2018);
where it does change, the activity is no branching process with a steady drive. The part is a random share of the
units or, in a recording without units, a random share of its events.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from emergent_dynamics.branching import galton_watson, regression
from emergent_dynamics.branching.recording import Recording, Settings
from emergent_dynamics.branching.tables import measured, rows
from emergent_dynamics.findings import Headline

FEWEST = 100  # fewest bins for a regression on lags


def watched(recording: Recording, settings: Settings) -> dict[float, tuple[np.ndarray, int]]:
    """Return {share of the units: (activity per bin (bin,), number of units)} for all units and for a random subset.

    The number of units is 0 where the recording does not name them. The result is {} where no bins can be made: the
    recording has avalanche sizes only, or activity at fewer than two times.
    """
    width = recording.width(settings.bin)
    if recording.given is not None or not np.isfinite(width):
        return {}
    whole = recording.activity(width)
    if recording.units is None:
        found = {1.0: (whole, 0)}
        if settings.seen < 1.0:
            found[settings.seen] = (galton_watson.subsample(whole, settings.seen, settings.seed), 0)
        return found
    found = {1.0: (whole, np.unique(recording.units).size)}
    if settings.seen < 1.0:
        part = recording.part(settings.seen, settings.seed)
        found[settings.seen] = (recording.activity(width, part), part.size)
    return found


def slopes(activity: np.ndarray, settings: Settings) -> regression.Lagged | None:
    """Return sums of lagged products up to `lags` bins, at most a tenth of the recording; None where no regression is
    possible.
    """
    if activity.size < FEWEST or activity.var() == 0:
        return None
    return regression.lagged(activity, max(2, min(settings.lags, activity.size // 10)))


def find(recording: Recording, settings: Settings) -> dict[str, pd.DataFrame]:
    """Return the table `recorded_ratio`, one row per share of the units and estimator."""
    table = []
    for seen, (activity, units) in watched(recording, settings).items():
        lagged = slopes(activity, settings)
        short = f"fewer than {FEWEST} bins, or activity never changes"
        both = {"mr": regression.undefined(short), "one_step": regression.undefined(short)}
        if lagged is not None:
            both = {"mr": regression.multistep(lagged), "one_step": regression.one_step(lagged)}
        for name, estimate in both.items():
            columns = {
                "bin": recording.width(settings.bin),
                "estimator": name,
                "seen": seen,
                "recorded": units,
            }
            table.append(columns | estimate.columns(np.nan, activity.size) | {"mean": activity.mean()})
    names = (
        "bin",
        "estimator",
        "seen",
        "recorded",
        "value",
        "lo",
        "hi",
        "expected",
        "n",
        "units",
        "reason",
        "mean",
    )
    return {"recorded_ratio": pd.DataFrame(table, columns=list(names)).drop(columns="expected")}


def summarise(tables: Mapping[str, pd.DataFrame], time_unit: str = "step") -> dict[str, Headline]:
    """Return headlines of the multistep estimate from all units and from the part, and of the one-step slope from all
    units; none for a recording that consists of avalanche sizes. time_unit : of the width of the bin.
    """
    headlines = {}
    for r in rows(tables["recorded_ratio"]):
        whole = r["seen"] == 1.0
        if not whole and r["estimator"] == "one_step":
            continue
        text = (
            "Multistep estimate of the branching ratio"
            if r["estimator"] == "mr"
            else "One-step branching ratio"
        )
        share = "" if whole else f", {100 * r['seen']:g} % seen"
        headlines[f"recorded_{r['estimator']}" + ("" if whole else "_part")] = measured(
            r,
            "value",
            "1",
            f"{text} of the recording, per bin{share}",
            n="units",
            ends=("lo", "hi"),
            rank={("mr", True): 3, ("mr", False): 4}.get((r["estimator"], whole)),
            note=f"bins of {r['bin']:.4g} {time_unit}",
        )
    return headlines
