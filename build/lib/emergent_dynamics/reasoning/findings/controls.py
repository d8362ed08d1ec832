"""Does the exponent say more than late drift does?  Controls that the 2x2 alone cannot give.

The exponent and the drift are measured on the same steps, so a high marginal AUC mostly restates convergence.
Here: AUC among examples of equal drift or equal difficulty, what the exponent adds to drift in a regression,
exponents of early steps against late outcomes, and how the numbers move with the window.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import scipy
import xarray as xr

from emergent_dynamics.reasoning import bootstrap, contrasts, diagnostics, tables, theory, two_by_two
from emergent_dynamics.reasoning.contrasts import auc, generator
from emergent_dynamics.reasoning.parameters import Settings
from emergent_dynamics.reasoning.two_by_two import TwoByTwo
from emergent_dynamics.store import Headline

FOLDS = 10
NO_AREA = contrasts.Area(np.nan, np.nan, np.nan, 0, 0)


def find(diagnosed: Mapping[str, xr.Dataset], settings: Settings) -> dict[str, pd.DataFrame]:
    """`matched`, `increments` and `windows` of the headline tables."""
    rule = two_by_two.shared_rule(diagnosed, settings)
    parts: dict[str, list[pd.DataFrame]] = {}
    for tag, table in tables.primary(diagnosed).items():
        x = two_by_two.cut(table, settings, rule)
        cluster = diagnostics.clusters(table)
        kinds = {
            "matched": matched(
                x.exponent,
                x.log_drift,
                x.correct,
                _strata(table, x),
                cluster,
                settings.resamples,
                settings.seed,
            ),
            "increments": increments(
                _predictors(table, x), x.correct, cluster, settings.resamples, settings.seed
            ),
            "windows": windows(
                table["logR"].values,
                x.correct,
                x.log_drift < x.tau,
                table["drift_zH"].values,
                table["exact_t"].values,
                x.tau,
                settings.late_steps,
            ),
        }
        for name, frame in kinds.items():
            frame.insert(0, "table", tag)
            parts.setdefault(name, []).append(frame)
    return {name: pd.concat(frames, ignore_index=True) for name, frames in parts.items()}


def summarise(diagnosed: Mapping[str, xr.Dataset], rows: Mapping[str, pd.DataFrame]) -> dict[str, Headline]:
    """What remains of the exponent's AUC among examples of equal drift, and what it adds to drift; the bias
    of QR.
    """
    result: dict[str, Headline] = {}
    chosen = tables.primary(diagnosed)
    for tag, table in chosen.items():
        prefix = f"{tag}_" if len(chosen) > 1 else ""
        n = table.sizes["example"]
        for row in _of(rows["matched"], tag).to_dict("records"):
            result[f"{prefix}auc_matched_{row['control']}"] = Headline(
                row["auc"], _pair(row), n, "1", note=f"drift alone {row['auc_drift']:.3f}"
            )
        early = _of(rows["windows"], tag).query("last == @table.sizes['act_step'] // 2").iloc[0]
        if np.isfinite(early["auc_correct"]):
            result[f"{prefix}auc_early_window"] = Headline(
                float(early["auc_correct"]),
                (float(early["ci_low"]), float(early["ci_high"])),
                n,
                "1",
                note=f"-lambda1 of steps 1 to {int(early['last'])} against the outcome at the end; DeLong; "
                f"drift alone {early['auc_drift_correct']:.3f}",
            )
        gains = _of(rows["increments"], tag).set_index("model").to_dict("index")
        if "gain" in gains.get("drift", {}):
            row = gains["drift"]
            low, high = float(row["gain_low"]), float(row["gain_high"])
            result[f"{prefix}auc_gain_over_drift"] = Headline(
                float(row["gain"]),
                None if np.isnan(low) else (low, high),
                n,
                "1",
                note="10-fold, lambda1 beside drift",
            )
        bias = qr_bias(table["lyap_raw"].values[:, 0], table["lyap_svd"].values[:, 0])
        if bias["n"] >= 2 and int(table.attrs.get("dimensions", 1)) > 1:
            expected = theory.qr_alignment_bias(int(table.attrs["dimensions"]), table.sizes["act_step"])
            half = 1.96 * bias["sd"] / np.sqrt(bias["n"])
            result[f"{prefix}qr_bias"] = Headline(
                bias["mean"],
                (bias["mean"] - half, bias["mean"] + half),
                int(bias["n"]),
                str(table.attrs["unit"]),
                expected,
                "ln(n) / (2 T), a random tangent's alignment",
                bool(abs(bias["mean"] - expected) < 0.5 * expected),
                note=f"rank correlation of QR and SVD {bias['rank_correlation']:.3f}",
            )
        _compare(result, prefix, tag)
    return result


def _strata(table: xr.Dataset, x: TwoByTwo) -> dict[str, np.ndarray]:
    """Deciles of drift always; givens and quintiles of the search tree where the puzzles are known."""
    strata = {"drift_deciles": quantile_strata(x.log_drift)}
    if (table["givens"].values >= 0).all():
        strata["givens"] = table["givens"].values
    if np.isfinite(table["difficulty"].values).all():
        strata["difficulty_quintiles"] = quantile_strata(table["difficulty"].values, 5)
    return strata


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
    # One order of all examples with the stratum as leading digit; negatives of earlier strata are taken off.
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
    exponent: np.ndarray,
    log_drift: np.ndarray,
    correct: np.ndarray,
    strata: Mapping[str, np.ndarray],
    cluster: np.ndarray,
    resamples: int,
    seed: int,
) -> pd.DataFrame:
    """AUC(-lambda1 -> correct) raw and within strata (for example drift deciles, givens), with bootstrap
    intervals, and drift's own beside it.

    Strata are fixed before resampling; classes are drawn whole. Columns: control, auc, ci_low, ci_high,
    auc_drift, n.
    """
    controls = {"none": np.zeros(len(exponent), int), **strata}
    rng = generator(seed, "matched")
    draws: dict[str, list[float]] = {name: [] for name in controls}
    for _ in range(resamples):
        take = bootstrap.resample(cluster, rng)
        for name, stratum in controls.items():
            draws[name].append(stratified_auc(-exponent[take], correct[take], stratum[take]))
    interval = bootstrap.intervals(pd.DataFrame(draws))
    return pd.DataFrame(
        [
            {
                "control": name,
                "auc": stratified_auc(-exponent, correct, stratum),
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
    from sklearn.linear_model import LogisticRegression  # as in `two_by_two.bimodality`
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
        model = make_pipeline(StandardScaler(), LogisticRegression())
        odds[test] = model.fit(features[~test], correct[~test]).decision_function(features[test])
    return odds


def increments(
    predictors: Mapping[str, np.ndarray], correct: np.ndarray, cluster: np.ndarray, resamples: int, seed: int
) -> pd.DataFrame:
    """10-fold AUC of each predictor alone, of all together, and of all without each: what each one adds.

    Columns: model, auc, ci_low, ci_high, gain (auc of all minus this model's), gain_low, gain_high. The
    intervals resample classes of the out-of-fold scores (the fitted models are kept).
    """
    names = list(predictors)
    models = {name: [name] for name in names}
    models |= {f"all but {name}": [n for n in names if n != name] for name in names if len(names) > 2}
    models["all"] = names
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
    gains = samples.rsub(samples["all"], axis=0)
    interval, gain_interval = bootstrap.intervals(samples), bootstrap.intervals(gains)
    whole = auc(odds["all"], correct)
    rows = []
    for model, score in odds.items():
        area = auc(score, correct)
        low, high = interval[model]
        gain_low, gain_high = gain_interval[model]
        rows.append(
            {
                "model": model,
                "auc": area,
                "ci_low": low,
                "ci_high": high,
                "gain": whole - area,
                "gain_low": gain_low,
                "gain_high": gain_high,
                "note": "",
            }
        )
    return pd.DataFrame(rows)


def windows(
    log_r: np.ndarray,
    correct: np.ndarray,
    converged: np.ndarray,
    drift: np.ndarray,
    exact_t: np.ndarray,
    tau: float,
    late_steps: int,
) -> pd.DataFrame:
    """How the leading exponent and its AUC depend on the window.  log_r (example, step, exponent) in nat per
    step.

    One row per window: `first 1..t` for every t, and the early half against the outcome at the end (which
    shares no step with the late drift when T >= 8). Columns: first, last, lambda1_correct, lambda1_wrong, areas
    (drift's is of the window's last steps), DeLong's interval of the first, n; settled, the share whose mean
    drift over the last steps of the window is below 10^tau (not yet, or never?), and right, the share right
    after its last step.
    """
    steps = log_r.shape[1]
    rows = []
    for last in range(1, steps + 1):
        exponent = log_r[:, :last, 0].mean(axis=1)
        area = contrasts.delong(-exponent, correct) if np.isfinite(exponent).all() else NO_AREA
        late = drift[:, max(0, last - late_steps) : last].mean(axis=1)
        rows.append(
            {
                "first": 1,
                "last": last,
                "lambda1_correct": two_by_two.median(exponent[correct]),
                "lambda1_wrong": two_by_two.median(exponent[~correct]),
                "auc_correct": area.value,
                "ci_low": area.low,
                "ci_high": area.high,
                "auc_drift_correct": auc(-late, correct),
                "auc_converged": auc(-exponent, converged),
                "settled": float(np.mean(late < 10.0**tau)),
                "right": float(np.mean(exact_t[:, last - 1])) if exact_t.any() else np.nan,
                "n": len(exponent),
            }
        )
    return pd.DataFrame(rows)


def qr_bias(table_qr: np.ndarray, table_svd: np.ndarray) -> dict[str, float]:
    """How far QR lies below the exact exponent: mean, SD over examples, rank correlation, n; NaN without
    SVD.
    """
    defined = np.isfinite(table_svd) & np.isfinite(table_qr)
    if np.count_nonzero(defined) < 2:
        return {"mean": np.nan, "sd": np.nan, "rank_correlation": np.nan, "n": float(defined.sum())}
    gap = table_svd[defined] - table_qr[defined]
    ranks = scipy.stats.spearmanr(table_qr[defined], table_svd[defined]).statistic
    return {
        "mean": float(gap.mean()),
        "sd": float(gap.std(ddof=1)),
        "rank_correlation": float(ranks),
        "n": float(defined.sum()),
    }


def _compare(result: dict[str, Headline], prefix: str, tag: str) -> None:
    """What was published about the file of this tag joins the headlines; they agree when intervals overlap."""
    for name, known in theory.PUBLISHED.get(tag, {}).items():
        if (ours := result.get(f"{prefix}{name}")) is not None:
            low, high = known.interval or (known.value, known.value)
            ends = ours.ci or (np.nan, np.nan)
            agree = bool(ends[0] <= high and low <= ends[1])
            result[f"{prefix}{name}"] = replace(ours, expected=known.value, source=known.source, ok=agree)


def _of(frame: pd.DataFrame, tag: str) -> pd.DataFrame:
    return frame[frame["table"] == tag]


def _pair(row: Mapping[Any, Any]) -> tuple[float, float] | None:
    low, high = float(row["ci_low"]), float(row["ci_high"])
    return None if np.isnan(low) or np.isnan(high) else (low, high)
