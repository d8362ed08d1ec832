"""Where other starts of an example end: at the same point or another, and whether more of them end at the right answer.

A fixed point is what a settled trajectory has reached: late drift below the threshold of the 2x2. Two settled ends are
the same point if their z_H lie closer than `SAME` of its norm. Starts are uniform on the spheres on which tokens lie,
so that the share of starts that reach a point estimates the size of its basin there. The Kaplan-Yorke dimension is
that of the finite window. It is shown for examples that still move, since for a fixed point it is 0.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
import xarray as xr

from emergent_dynamics.findings import Headline
from emergent_dynamics.reasoning import clustered, diagnostics, tables, two_by_two
from emergent_dynamics.reasoning.parameters import Settings
from emergent_dynamics.statistics import Estimate, kaplan_yorke

SAME = 0.1  # share of the norm of z_H; equal ends are much closer, different answers differ in whole tokens


def find(diagnosed: Mapping[str, xr.Dataset], settings: Settings) -> dict[str, pd.DataFrame]:
    """Return `attractors`, one row per example of each headline table."""
    rule = two_by_two.shared_rule(diagnosed, settings)
    frames = []
    for name, table in tables.primary(diagnosed).items():
        x = two_by_two.cut(table, settings, rule)
        frames.append(_rows(table, x, settings).assign(table=name))
    return {"attractors": pd.concat(frames, ignore_index=True)}


def summarise(diagnosed: Mapping[str, xr.Dataset], rows: Mapping[str, pd.DataFrame]) -> dict[str, Headline]:
    """Shares of other starts by where they end, of disturbances that return, and the Kaplan-Yorke dimension."""
    headlines: dict[str, Headline] = {}
    chosen = tables.primary(diagnosed)
    for name, table in chosen.items():
        prefix = f"{name}_" if len(chosen) > 1 else ""
        own = tables.rows_of(rows["attractors"], name)
        cluster = diagnostics.clusters(table)
        for which, headline in (_of_starts(own, cluster) | _of_spectrum(own, cluster)).items():
            headlines[prefix + which] = headline
    return headlines


def points(distance: np.ndarray, settled: np.ndarray, scale: float) -> np.ndarray:
    """(end,) numbers 0, 1, ... of the points at which settled ends lie, in order; -1 where an end has not settled.

    distance : (end, end). settled : (end,) bool. An end belongs to the first point whose first end is closer than SAME
    scale.
    """
    found, first = np.full(len(settled), -1), list[int]()
    for end in np.flatnonzero(settled):
        near = [number for number, other in enumerate(first) if distance[end, other] < SAME * scale]
        found[end] = near[0] if near else len(first)
        if not near:
            first.append(int(end))
    return found


def _rows(table: xr.Dataset, x: two_by_two.TwoByTwo, settings: Settings) -> pd.DataFrame:
    scale = float(table.attrs["state_norm"])
    starts = table["start_drift"].values
    late = np.log10(
        np.maximum(starts[:, :, -settings.late_steps :].mean(axis=2), float(table.attrs["floor"]))
    )
    settled = np.concatenate([x.converged[:, None], late < x.tau], axis=1)
    distance, right = table["start_distance"].values, table["start_correct"].values
    numbers = np.array([points(*of, scale) for of in zip(distance, settled, strict=True)])
    others = settled[:, 1:]
    spectrum = table["lyap_sorted"].values
    return pd.DataFrame(
        {
            "idx": table["idx"].values,
            "correct": x.correct,
            "settled": x.converged,
            "starts": others.shape[1],
            "starts_right": right.sum(axis=1),
            "starts_settled": others.sum(axis=1),
            "settled_right": (others & right).sum(axis=1),
            "same_point": (others & (numbers[:, 1:] == 0)).sum(axis=1) * x.converged,
            "points": numbers.max(axis=1) + 1,
            "returned": (table["disturbed_distance"].values < SAME * scale).sum(axis=1),
            "exponents": spectrum.shape[1] if diagnostics.has_exponents(table) else 0,
            "kaplan_yorke": [kaplan_yorke(one) for one in spectrum],
        }
    )


def _of_starts(own: pd.DataFrame, cluster: np.ndarray) -> dict[str, Headline]:
    settled = own["settled"].to_numpy(bool)
    both = ((own["settled_right"] > 0) & (own["settled_right"] < own["starts_settled"])).to_numpy()
    n = int(own["starts"].iloc[0])
    several = clustered.share((own["points"] > 1).to_numpy(), cluster)
    return {
        "starts_right": _share(
            own,
            ("starts_right", "starts"),
            np.ones(len(own), bool),
            cluster,
            "Share of other starts whose answer is wholly right after the last step",
            f"{n} starts per example",
        ),
        "starts_same_point": _share(
            own,
            ("same_point", "starts_settled"),
            settled,
            cluster,
            "Share of other starts, of those that settle, that reach the point at which the example itself settled",
            f"{settled.sum()} examples that settled; closer than {SAME:g} of the norm",
        ),
        "several_points": Headline.from_estimate(
            several,
            "share",
            "Share of examples with more than one point at which trajectories settle",
            note=f"{len(own)} examples, {n} other starts each",
        ),
        "right_basin": _share(
            own,
            ("settled_right", "starts_settled"),
            both,
            cluster,
            "Share of settled starts at the right answer, of examples with settled starts at right and at wrong ones",
            f"{both.sum()} such examples; above .5 the right answer has the larger basin",
        ),
        "disturbed_return": _share(
            own,
            ("returned", "starts"),
            settled,
            cluster,
            "Share of disturbances of settled examples after which the same point is reached again",
            f"{n} disturbances per example",
        ),
    }


def _share(
    own: pd.DataFrame,
    counts: tuple[str, str],
    among: np.ndarray,
    cluster: np.ndarray,
    sentence: str,
    note: str,
) -> Headline:
    """The headline of a share of trials of the examples `among`. counts : columns of hits and of trials."""
    hits, trials = (own.loc[among, name].to_numpy(int) for name in counts)
    hit = np.concatenate([np.arange(n) < k for k, n in zip(hits, trials, strict=True)] or [np.empty(0, bool)])
    classes = np.repeat(cluster[among], trials)
    return _headline(clustered.share(hit, classes), "share", sentence, note)


def _headline(estimate: Estimate, unit: str, sentence: str, note: str) -> Headline:
    if estimate.n < two_by_two.FEWEST:
        estimate = Estimate(np.nan, np.nan, np.nan, estimate.n)
        note = f"{two_by_two.INSUFFICIENT}; {note}"
    return Headline.from_estimate(estimate, unit, sentence, note=note)


def _of_spectrum(own: pd.DataFrame, cluster: np.ndarray) -> dict[str, Headline]:
    """The headline of the Kaplan-Yorke dimension of moving examples, for those whose exponents define it."""
    dimension, moving = own["kaplan_yorke"].to_numpy(float), ~own["settled"].to_numpy(bool)
    if own["exponents"].eq(0).all():
        return {}
    defined = moving & np.isfinite(dimension)
    found = clustered.mean(dimension[defined], cluster[defined])
    found = replace(found, lo=max(found.lo, 0.0) if found.n > 1 else found.lo)
    note = f"{defined.sum()} of {moving.sum()} moving examples; of the others all partial sums are positive"
    sentence = "Mean Kaplan-Yorke dimension of the exponents of the window, of examples that still move"
    return {"kaplan_yorke_moving": _headline(found, "1", sentence, note)}
