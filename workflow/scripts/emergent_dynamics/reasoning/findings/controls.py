"""Whether the exponent gives more information than late drift does: controls that the 2x2 alone cannot provide.

The exponent and the drift are measured on the same steps, so a high marginal AUC mostly restates convergence. The
controls are the AUC among examples of equal drift or equal difficulty, what the exponent adds to drift in a
regression, exponents of early steps against late outcomes, and the dependence on the window.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
import scipy
import xarray as xr

from emergent_dynamics.findings import Headline
from emergent_dynamics.reasoning import (
    bootstrap,
    clustered,
    contrasts,
    diagnostics,
    names,
    tables,
    theory,
    two_by_two,
)
from emergent_dynamics.reasoning.contrasts import auc, generator
from emergent_dynamics.reasoning.parameters import Settings
from emergent_dynamics.reasoning.two_by_two import TwoByTwo

FOLDS = 10
RANK = {"auc_matched_drift_deciles": 3}  # the other ranks are in `cells.RANK`
NO_PAIRS = f"fewer than {two_by_two.FEWEST} pairs of a right and a wrong example in one stratum"
Rows = Mapping[str, pd.DataFrame]
NO_AREA = contrasts.Area(np.nan, np.nan, np.nan, 0, 0)


def find(diagnosed: Mapping[str, xr.Dataset], settings: Settings) -> dict[str, pd.DataFrame]:
    """Return `matched`, `increments`, `windows` and `bias` of the headline tables; `bias` has rows where SVD was
    computed.
    """
    rule = two_by_two.shared_rule(diagnosed, settings)
    parts: dict[str, list[pd.DataFrame]] = {}
    for tag, table in tables.primary(diagnosed).items():
        x = two_by_two.cut(table, settings, rule)
        sample = bootstrap.Sample(x.log_drift, x.exponent, x.correct, diagnostics.clusters(table))
        kinds = {
            "matched": matched(sample, _strata(table, x), settings.resamples, settings.seed),
            "increments": increments(
                _predictors(table, x), x.correct, sample.cluster, settings.resamples, settings.seed
            ),
            "windows": windows(table, x, settings.late_steps),
            "bias": qr_bias(table),
        }
        for name, frame in kinds.items():
            frame.insert(0, "table", tag)
            parts.setdefault(name, []).append(frame)
    return {name: pd.concat(frames, ignore_index=True) for name, frames in parts.items()}


def summarise(diagnosed: Mapping[str, xr.Dataset], rows: Mapping[str, pd.DataFrame]) -> dict[str, Headline]:
    """What remains of the exponent's area among examples of equal drift, what it adds to drift, early windows, and
    the bias of QR. n counts symmetry classes.
    """
    headlines: dict[str, Headline] = {}
    chosen = tables.primary(diagnosed)
    for place, (tag, table) in enumerate(chosen.items()):
        if not diagnostics.has_exponents(table):  # all headlines here concern the exponent
            continue
        own = {name: tables.rows_of(frame, tag) for name, frame in rows.items()}
        n = len(np.unique(table["base_puzzle"].values))
        numbers = {**_matched_of(own, n), **_early(table, own), **_gain(own, n), **_bias(table, own)}
        for name, headline in numbers.items():
            expectation = headline.expectation or theory.published(tag, name)
            rank = RANK.get(name) if place == 0 else None
            prefix = f"{tag}_" if len(chosen) > 1 else ""
            headlines[prefix + name] = replace(headline, expectation=expectation, rank=rank)
    return headlines


def _matched_of(own: Rows, n: int) -> dict[str, Headline]:
    """Return headlines of the area of the exponent within every kind of stratum; the note has that of drift."""
    headlines = {}
    for row in own["matched"].to_dict("records"):
        if row["control"] != "none":
            headlines[f"auc_matched_{row['control']}"] = Headline(
                row["auc"],
                (row["ci_low"], row["ci_high"]),
                n,
                "probability",
                f"Probability that {names.AREA['neg_lambda1_correct']}, of {names.STRATA[row['control']]}",
                note=f"drift alone {row['auc_drift']:.3f}" if np.isfinite(row["auc"]) else NO_PAIRS,
            )
    return headlines


def _early(table: xr.Dataset, own: Rows) -> dict[str, Headline]:
    """Return the headline of the longest window of at most half the steps after which enough examples of both
    outcomes are not right yet.
    """
    windows = own["windows"]
    half = windows[windows["last"] <= windows["last"].max() // 2]
    fewest = half[["n_late_right", "n_late_wrong"]].min(axis=1)
    if half["n_late_right"].isna().all():
        return {}
    row = half[fewest >= two_by_two.FEWEST].tail(1)
    row = (half.head(1) if row.empty else row).to_dict("records")[0]
    right, wrong = int(row["n_late_right"]), int(row["n_late_wrong"])
    enough = min(right, wrong) >= two_by_two.FEWEST
    note = f"steps 1 to {int(row['last'])}: {right} become right, {wrong} stay wrong; DeLong's interval over classes"
    still_open = ~table["exact_t"].values[:, int(row["last"]) - 1]
    return {
        "auc_early_window": Headline(
            row["late_auc"],
            (row["late_low"], row["late_high"]),
            len(np.unique(table["base_puzzle"].values[still_open])),
            "probability",
            f"Probability that {names.AREA['neg_lambda1_correct']}, from early steps and among examples not yet right",
            note=note if enough else f"{two_by_two.INSUFFICIENT}; {note}",
        )
    }


def _gain(own: Rows, n: int) -> dict[str, Headline]:
    """Return the headline of what lambda1 adds to drift in a regression that is tested on classes that it was not
    fitted to.
    """
    models = own["increments"].set_index("model").to_dict("index")
    row = models.get("all but q_halt", models["all"])
    undefined = np.isnan(row["auc"])
    return {
        "auc_gain_over_drift": Headline(
            np.nan if undefined else row["over_drift"],
            None if undefined else (row["over_drift_low"], row["over_drift_high"]),
            n,
            "probability gained",
            "Gain in the probability of telling right from wrong when the leading exponent joins late drift",
            note=row["note"] if undefined else "logistic regression, 10-fold; the fitted models are kept",
        )
    }


def _bias(table: xr.Dataset, own: Rows) -> dict[str, Headline]:
    """Return the headline of how far QR lies below SVD, with the bound for a random tangent."""
    dimensions = int(table.attrs.get("dimensions", 1))
    if own["bias"].empty or dimensions < 2:
        return {}
    row = own["bias"].to_dict("records")[0]
    return {
        "qr_bias": Headline(
            row["gap"],
            (row["ci_low"], row["ci_high"]),
            int(row["n"]),
            str(table.attrs["unit"]),
            "Mean amount by which the leading exponent by QR lies below the exact one by SVD",
            theory.qr_bias(dimensions, table.sizes["act_step"]),
            note=f"rank correlation of QR and SVD {row['rank_correlation']:.3f}",
            standard_error=row["standard_error"],
        )
    }


def _strata(table: xr.Dataset, x: TwoByTwo) -> dict[str, np.ndarray]:
    """{control: stratum of each example}: deciles of drift, and givens and quintiles of the search tree if these are
    known.

    Of equal partitions one is kept (in 4x4 the search has a node for each cell that is not given).
    """
    strata = {"drift_deciles": quantile_strata(x.log_drift)}
    if (table["givens"].values >= 0).all():
        strata["givens"] = table["givens"].values
    if np.isfinite(table["difficulty"].values).all():
        quintiles = quantile_strata(table["difficulty"].values, 5)
        if not ("givens" in strata and same_partition(strata["givens"], quintiles)):
            strata["difficulty_quintiles"] = quintiles
    return strata


def same_partition(one: np.ndarray, other: np.ndarray) -> bool:
    """Return whether two labellings (example,) put the same examples together."""
    pairs = np.unique(np.stack([one, other]), axis=1).shape[1]
    return pairs == len(np.unique(one)) == len(np.unique(other))


def _predictors(table: xr.Dataset, x: TwoByTwo) -> dict[str, np.ndarray]:
    predictors = {"drift": x.log_drift, "lambda1": x.exponent}
    halting = table["q_halt"].values[:, -1]
    if np.isfinite(halting).all():
        predictors["q_halt"] = halting
    return predictors


def stratified_auc(score: np.ndarray, label: np.ndarray, stratum: np.ndarray) -> float:
    """AUC from pairs within the same stratum only: sum of concordant pairs over sum of pairs (n1 n0
    weights).
    """
    # All examples are sorted by stratum, then by score; negatives of earlier strata are subtracted.
    member = np.unique(stratum, return_inverse=True)[1]
    positive = np.asarray(label, bool)
    place = member * len(score) + np.unique(score, return_inverse=True)[1]
    above, below = place[positive], np.sort(place[~positive])
    n1, n0 = (np.bincount(member[of], minlength=member.max() + 1) for of in (positive, ~positive))
    pairs = int(n1 @ n0)
    twice = sum(int(np.searchsorted(below, above, side).sum()) for side in ("left", "right"))
    twice -= 2 * int(n1 @ (np.cumsum(n0) - n0))
    return twice / 2 / pairs if pairs >= two_by_two.FEWEST and not np.isnan(score).any() else np.nan


def quantile_strata(values: np.ndarray, strata: int = 10) -> np.ndarray:
    """(example,) stratum 0.. by quantiles of the values; equal values share a stratum."""
    inner = np.quantile(values, np.arange(1, strata) / strata)
    return np.searchsorted(np.unique(inner), values, side="right")


def matched(
    sample: bootstrap.Sample, strata: Mapping[str, np.ndarray], resamples: int, seed: int
) -> pd.DataFrame:
    """AUC(-lambda1 -> correct) raw and within strata (for example drift deciles, givens), with bootstrap
    intervals, and drift's own beside it.

    Strata are fixed before resampling; classes are drawn whole. Columns: control, auc, ci_low, ci_high,
    auc_drift, n.
    """
    log_drift, exponent, correct, cluster = sample
    controls = {"none": np.zeros(len(exponent), int), **strata}
    rng = generator(seed, "matched")
    draws: dict[str, list[float]] = {name: [] for name in controls}
    for _ in range(resamples):
        take = bootstrap.resample(cluster, rng)
        for name, stratum in controls.items():
            draws[name].append(stratified_auc(-exponent[take], correct[take], stratum[take]))
    areas = {name: stratified_auc(-exponent, correct, stratum) for name, stratum in controls.items()}
    interval = bootstrap.intervals(pd.DataFrame(draws), areas)
    return pd.DataFrame(
        [
            {
                "control": name,
                "auc": areas[name],
                "ci_low": interval[name][0],
                "ci_high": interval[name][1],
                "auc_drift": stratified_auc(-log_drift, correct, stratum),
                "n": len(exponent),
            }
            for name, stratum in controls.items()
        ]
    )


def out_of_fold(
    features: np.ndarray, correct: np.ndarray, cluster: np.ndarray, seed: int
) -> np.ndarray | None:
    """(example,) log odds of being correct from a logistic regression that never saw the example's class.

    None where a class of outcomes is too rare for FOLDS folds.
    """
    from sklearn.linear_model import LogisticRegression  # imported here as in `two_by_two.bimodality`
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    if min(np.count_nonzero(correct), np.count_nonzero(~correct)) < FOLDS or cluster.max() + 1 < FOLDS:
        return None
    odds = np.empty(len(correct))
    fold = (generator(seed, "folds").permutation(cluster.max() + 1) % FOLDS)[cluster]
    for one in range(FOLDS):
        test = fold == one
        if len(np.unique(correct[~test])) < 2:
            return None
        model = make_pipeline(StandardScaler(), LogisticRegression(solver="newton-cholesky", tol=1e-9))
        odds[test] = model.fit(features[~test], correct[~test]).decision_function(features[test])
    return odds


def increments(
    predictors: Mapping[str, np.ndarray], correct: np.ndarray, cluster: np.ndarray, resamples: int, seed: int
) -> pd.DataFrame:
    """10-fold AUC of each predictor alone, of all together, and of all without each: what each one adds.

    Columns: model, auc, gain (auc of all minus this model's) and over_drift (auc of this model minus drift's), each
    with its ends (`ci`, `gain`, `over_drift`, then `_low`, `_high`), and a note. The intervals resample classes of
    the out-of-fold scores (the fitted models are kept).
    """
    names = list(predictors)
    models = {name: [name] for name in names}
    models |= {f"all but {name}": [n for n in names if n != name] for name in names if len(names) > 2}
    models["all"] = names
    if any(np.isnan(values).any() for values in predictors.values()):
        return pd.DataFrame({"model": list(models), "auc": np.nan, "note": "a predictor was not computed"})
    odds = {}
    for model, used in models.items():
        scores = out_of_fold(np.stack([predictors[n] for n in used], axis=1), correct, cluster, seed)
        if scores is None:
            return pd.DataFrame(
                {"model": list(models), "auc": np.nan, "note": "too few of one outcome for 10 folds"}
            )
        odds[model] = scores
    rng = generator(seed, "increments")
    drawn = []
    for _ in range(resamples):
        take = bootstrap.resample(cluster, rng)
        drawn.append({model: auc(score[take], correct[take]) for model, score in odds.items()})
    samples = pd.DataFrame(drawn)
    area = {model: auc(score, correct) for model, score in odds.items()}
    compared = {
        "auc": (area, samples),
        "gain": ({m: area["all"] - a for m, a in area.items()}, samples.rsub(samples["all"], axis=0)),
        "over_drift": (
            {m: a - area["drift"] for m, a in area.items()},
            samples.sub(samples["drift"], axis=0),
        ),
    }
    table = pd.DataFrame({"model": list(odds)})
    for name, (values, draws) in compared.items():
        ends = bootstrap.intervals(draws, values)
        prefix = "ci" if name == "auc" else name
        table[name] = list(values.values())
        table[[f"{prefix}_low", f"{prefix}_high"]] = [ends[model] for model in odds]
    return table.assign(note="")


def windows(table: xr.Dataset, x: TwoByTwo, late_steps: int) -> pd.DataFrame:
    """How the leading exponent and its AUC depend on the window of steps 1 to t, a row for every t.

    Columns: first, last, lambda1_correct, lambda1_wrong (medians), auc_correct with DeLong's interval,
    auc_drift_correct (drift of the window's last steps), auc_converged, n; settled, the share whose mean drift over
    the last steps of the window is below the threshold; and right, the share that is right after its last step. The
    late area is -lambda1 of the window for being right at the end among those that are not right after step t (NaN
    where the answers of the steps are unknown), with DeLong's interval and the counts of both outcomes: it cannot
    restate an answer that is already there.
    """
    log_r, drift = table["logR"].values[:, :, 0], table["drift_zH"].values
    exact_t, cluster = table["exact_t"].values, diagnostics.clusters(table)
    known = bool(exact_t.any()) or not x.correct.any()
    rows = []
    for last in range(1, log_r.shape[1] + 1):
        exponent = log_r[:, :last].mean(axis=1)
        defined = bool(np.isfinite(exponent).all())
        area = contrasts.delong(-exponent, x.correct, cluster) if defined else NO_AREA
        late = drift[:, max(0, last - late_steps) : last].mean(axis=1)
        open_ = ~exact_t[:, last - 1]
        later = NO_AREA
        if known and defined:
            later = contrasts.delong(-exponent[open_], x.correct[open_], cluster[open_])
        rows.append(
            {
                "first": 1,
                "last": last,
                "lambda1_correct": two_by_two.median(exponent[x.correct]),
                "lambda1_wrong": two_by_two.median(exponent[~x.correct]),
                "auc_correct": area.value,
                "ci_low": area.low,
                "ci_high": area.high,
                "auc_drift_correct": auc(-late, x.correct),
                "auc_converged": auc(-exponent, x.converged),
                "settled": float(np.mean(late < 10.0**x.tau)),
                "right": float(np.mean(exact_t[:, last - 1])) if known else np.nan,
                "n": len(exponent),
                "late_auc": later.value,
                "late_low": later.low,
                "late_high": later.high,
                "n_late_right": later.n_positive if known else np.nan,
                "n_late_wrong": later.n_negative if known else np.nan,
            }
        )
    return pd.DataFrame(rows)


def qr_bias(table: xr.Dataset) -> pd.DataFrame:
    """Return how far the leading exponent by QR lies below the exact one by SVD.

    One row: mean gap with its interval over symmetry classes, standard deviation over examples, rank_correlation, and
    n, the number of classes. There is no row where fewer than two examples have both exponents.
    """
    qr, svd = table["lyap_raw"].values[:, 0], table["lyap_svd"].values[:, 0]
    defined = np.isfinite(svd) & np.isfinite(qr)
    columns = ["gap", "ci_low", "ci_high", "standard_error", "sd", "rank_correlation", "n"]
    if np.count_nonzero(defined) < 2:
        return pd.DataFrame(columns=columns, dtype=float)
    gap = svd[defined] - qr[defined]
    mean = clustered.mean(gap, table["base_puzzle"].values[defined])
    ranks = scipy.stats.spearmanr(qr[defined], svd[defined]).statistic
    row = (mean.value, mean.lo, mean.hi, mean.standard_error, gap.std(ddof=1), ranks, mean.n)
    return pd.DataFrame([row], columns=columns, dtype=float)
