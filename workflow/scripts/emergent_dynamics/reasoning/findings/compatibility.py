"""Seed 002's result files, its keys, columns, definitions and numbers, from the same npz (`compatibility:
seed`).

Definitions as there: late drift clipped at 1e-12, Otsu refitted per file, medians of cells of any size (in the
evolution of at least 3 examples). Two differences in form: undefined numbers are written as null in JSON (the seed's
NaN is not JSON), and an absent input is an error, not an omission.
"""

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr
from skimage.filters import threshold_otsu

from emergent_dynamics import store
from emergent_dynamics.findings import Headline
from emergent_dynamics.reasoning import contrasts, thresholds, two_by_two
from emergent_dynamics.reasoning.parameters import Parameters

LATE = 4
CLIP = 1e-12
EVOLUTION_FEWEST = 3


def deposits(trajectory: str, parameters: Parameters) -> dict[str, dict[str, np.ndarray]]:
    """The arrays of every deposited file, by tag, from the trajectory's store."""
    return {tag: arrays(store.open_complete(trajectory, group=tag)) for tag in parameters.paths()}


def arrays(group: xr.Dataset) -> dict[str, np.ndarray]:
    """The deposited arrays of one group of the trajectory."""
    return {str(name): np.asarray(value.values) for name, value in group.variables.items()}


def find(
    deposited: Mapping[str, Mapping[str, np.ndarray]], parameters: Parameters
) -> dict[str, pd.DataFrame]:
    """Return the table `original`: what the original study reports of every file, by its definitions, a row per file.

    deposited : arrays by tag, those of a series under `<series>_<step>`. Columns: table, n, accuracy, tau, converged,
    and the five areas by the names of `contrasts.aucs`.
    """
    rows = []
    for tag in parameters.files:
        one = cut(deposited[tag])
        areas = contrasts.aucs(one.log_drift, one.spectrum[:, 0], one.correct, one.tau)
        rows.append(
            {
                "table": tag,
                "n": len(one.correct),
                "accuracy": float(one.correct.mean()),
                "tau": one.tau,
                "converged": float((one.log_drift < one.tau).mean()),
                **areas,
            }
        )
    return {"original": pd.DataFrame(rows)}


def summarise(rows: Mapping[str, pd.DataFrame]) -> dict[str, Headline]:
    """Return headlines of the threshold and the share of settled examples of every file, as the original study
    defines them.
    """
    headlines = {}
    table = rows["original"]
    for row in table.to_dict("records"):
        prefix = f"{row['table']}_" if len(table) > 1 else ""
        note = "the original study gives no interval"
        headlines[f"{prefix}original_tau"] = Headline(
            row["tau"],
            None,
            row["n"],
            "log10 drift",
            "Threshold of late drift in the original study's way",
            note=note,
        )
        headlines[f"{prefix}original_converged"] = Headline(
            row["converged"],
            None,
            row["n"],
            "share",
            "Share of examples settled in the original study's way",
            note=note,
        )
    return headlines


def files(deposited: Mapping[str, Mapping[str, np.ndarray]], parameters: Parameters) -> dict[str, str]:
    """{file name: text} of all files of the original study except its figures. deposited : as in `find`."""
    written, all_results = {}, {}
    for tag, path in parameters.files.items():
        all_results[tag] = results(deposited[tag], path)
        written[f"results_{tag}.json"] = as_json(all_results[tag])
        written[f"cells_{tag}.csv"] = cells_csv(all_results[tag])
        written[f"sweep_{tag}.csv"] = sweep_csv(deposited[tag])
    for name, series in parameters.series.items():
        members = [(str(one["step"]), deposited[f"{name}_{one['step']}"]) for one in series]
        written[f"evolution_{name}.csv"] = evolution_csv(members)
    return {**written, "results.md": markdown(all_results)}


def results(arrays: Mapping[str, np.ndarray], path: str) -> dict[str, object]:
    """The content of `results_<tag>.json` from the npz arrays (names of `ingest.REQUIRED`)."""
    log_drift, spectrum, correct, tau, cell = cut(arrays)
    log_drift_l, _ = two_by_two.late_drift(arrays["drift_zL"], LATE, CLIP)
    area = contrasts.aucs(log_drift, spectrum[:, 0], correct, tau)
    n = np.bincount(cell, minlength=4)
    content: dict[str, object] = {
        "npz": path,
        "n": len(correct),
        "exact_acc": float(correct.mean()),
        "late_drift_def": f"mean(drift_zH[:, -{LATE}:])",
        "otsu_tau_log10": tau,
        "frac_converged": float((log_drift < tau).mean()),
        "cells": {name: _cell(arrays, spectrum, cell == i) for i, name in enumerate(two_by_two.CELLS)},
        "mixture": {
            "wrong_that_converged": float(n[1] / max(n[1] + n[3], 1)),
            "correct_that_nonconverged": float(n[2] / max(n[0] + n[2], 1)),
        },
        "contrasts": {
            _CONTRAST[name]: _median(spectrum[first, 0]) - _median(spectrum[second, 0])
            for name, (first, second) in contrasts.groups(cell).items()
        },
        "auc": {
            "neg_lam1_predicts_correct_overall": area["neg_lambda1_correct"],
            "neg_lam1_predicts_correct_within_conv": area["neg_lambda1_correct_within_converged"],
            "neg_lam1_predicts_correct_within_nonconv": area["neg_lambda1_correct_within_nonconverged"],
            "neg_logdrift_predicts_correct": area["neg_log_drift_correct"],
            "neg_lam1_predicts_converged": area["neg_lambda1_converged"],
        },
    }
    # The original study computes medians in the precision of the file.
    halt = np.asarray(arrays["q_halt"])[:, -1] if "q_halt" in arrays else np.full(len(correct), np.nan)
    with np.errstate(all="ignore"):
        together = float(np.corrcoef(log_drift, log_drift_l)[0, 1])
    content["aux"] = {
        "late_drift_zL_corr_with_zH_log": together,
        "q_halt_final_median_by_cell": {
            name: _median(halt[cell == i]) for i, name in enumerate(two_by_two.CELLS)
        },
    }
    return content


_CONTRAST = {
    "correct_minus_wrong": "dlam1_correct_minus_wrong_overall",
    "within_converged": "dlam1_within_converged",
    "within_nonconverged": "dlam1_within_nonconverged",
    "wrong_converged_minus_nonconverged": "dlam1_wrong_conv_minus_wrong_nonconv",
}


class Cut(NamedTuple):
    """One file, divided into cells by the rules of the original study: log drift, spectrum (example, exponent),
    correctness, threshold and cells.
    """

    log_drift: np.ndarray
    spectrum: np.ndarray
    correct: np.ndarray
    tau: float
    cell: np.ndarray


class Cuts(NamedTuple):
    """Every file by its tag, and every series by its name as (step, cut) of its members."""

    files: dict[str, Cut]
    series: dict[str, list[tuple[int, Cut]]]


def cuts(deposited: Mapping[str, Mapping[str, np.ndarray]], parameters: Parameters) -> Cuts:
    """The data of the figures of the original study. deposited : as in `find`."""
    series = {
        name: [(one["step"], cut_in_series(deposited[f"{name}_{one['step']}"])) for one in members]
        for name, members in parameters.series.items()
    }
    return Cuts({tag: cut(deposited[tag]) for tag in parameters.files}, series)


def cut(arrays: Mapping[str, np.ndarray]) -> Cut:
    """Divide the examples of one file into cells by the rules of the original study."""
    return _cut(arrays, two_by_two.late_drift(arrays["drift_zH"], LATE, CLIP)[0])


def cut_in_series(arrays: Mapping[str, np.ndarray]) -> Cut:
    """`cut` as in the evolution of the original study: late drift, its logarithm and its histogram have the precision
    of the file.
    """
    late = np.asarray(arrays["drift_zH"])[:, -LATE:].mean(axis=1)
    return _cut(arrays, np.log10(np.clip(late, CLIP, None)))


def _cut(arrays: Mapping[str, np.ndarray], log_drift: np.ndarray) -> Cut:
    correct = np.asarray(arrays["exact_correct"]).astype(bool)
    tau = float(threshold_otsu(log_drift, nbins=256))
    spectrum = np.asarray(arrays["lyap_spec"], float)
    return Cut(log_drift, spectrum, correct, tau, two_by_two.assign(log_drift, correct, tau))


def as_json(content: Mapping[str, object]) -> str:
    """JSON text in the layout of the original study (indent 2), with null for undefined values."""
    return json.dumps(_null(content), indent=2, allow_nan=False)


def cells_csv(content: Mapping[str, object]) -> str:
    """`cells_<tag>.csv`: the seed's columns and digits; an empty cell leaves its fields empty."""
    lines = ["cell,n,lam1_median,lam1_mean,lam1_q25,lam1_q75,lam8_median,token_acc_median,halted_at_median"]
    for name, one in _cells(content).items():
        if one["n"] == 0:
            lines.append(f"{name},0,,,,,,,")
            continue
        numbers = [one["lam1_median"], one["lam1_mean"], *one["lam1_iqr"], one["lam8_median"]]
        written = ",".join(f"{v:.6f}" for v in numbers)
        lines.append(
            f"{name},{one['n']},{written},{one['token_acc_median']:.4f},{one['halted_at_median']:.1f}"
        )
    return "\n".join(lines) + "\n"


def sweep_csv(arrays: Mapping[str, np.ndarray]) -> str:
    """`sweep_<tag>.csv`: percentile, threshold, counts, median exponents of B and D."""
    log_drift, spectrum, correct, _, _ = cut(arrays)
    lines = ["pct,tau,nA,nB,nC,nD,lam1_med_B,lam1_med_D"]
    for percent in thresholds.PERCENTILES:
        tau = float(np.percentile(log_drift, percent))
        cell = two_by_two.assign(log_drift, correct, tau)
        counts = np.bincount(cell, minlength=4)
        row = [percent, tau, *counts, *(_median(spectrum[cell == i, 0]) for i in (1, 3))]
        lines.append(",".join(str(v) for v in row))
    return "\n".join(lines) + "\n"


def evolution_csv(series: Sequence[tuple[str, Mapping[str, np.ndarray]]]) -> str:
    """`evolution_<series>.csv` from (label, arrays) of each checkpoint, in order."""
    lines = ["step,acc,tau,fA,fB,fC,fD,l1A,l1B,l1C,l1D"]
    for label, arrays in series:
        _, spectrum, correct, tau, cell = cut_in_series(arrays)
        shares = [float((cell == i).mean()) for i in range(4)]
        medians = [_median(spectrum[cell == i, 0], EVOLUTION_FEWEST) for i in range(4)]
        lines.append(",".join(str(v) for v in (label, float(correct.mean()), tau, *shares, *medians)))
    return "\n".join(lines) + "\n"


def markdown(all_results: Mapping[str, Mapping[str, object]]) -> str:
    """`results.md`, all files one after the other, without the date of the original: equal inputs give equal bytes."""
    lines = ["# 2x2 analysis (convergence x correctness)", ""]
    for tag, content in all_results.items():
        c, a, m = (content[k] for k in ("contrasts", "auc", "mixture"))
        assert isinstance(c, dict) and isinstance(a, dict) and isinstance(m, dict)
        lines += [
            f"## {tag}",
            f"- npz: `{content['npz']}`, n={content['n']}, exact_acc={content['exact_acc']:.3f}",
            f"- late-drift def: {content['late_drift_def']}, Otsu tau(log10)={content['otsu_tau_log10']:.3f}, "
            f"frac_converged={content['frac_converged']:.3f}",
            "",
            "| cell | n | lam1 median | lam1 IQR | token_acc med |",
            "|---|---|---|---|---|",
        ]
        for name, s in _cells(content).items():
            if s["n"] == 0:
                lines.append(f"| {name} | 0 | - | - | - |")
            else:
                low, high = s["lam1_iqr"]
                spread = f"[{low:+.4f}, {high:+.4f}]"
                lines.append(
                    f"| {name} | {s['n']} | {s['lam1_median']:+.4f} | {spread} "
                    f"| {s['token_acc_median']:.3f} |"
                )
        lines += [
            "",
            f"- mixture: wrong-that-converged = {m['wrong_that_converged']:.3f}; "
            f"correct-that-nonconverged = {m['correct_that_nonconverged']:.3f}",
            f"- dlam1(correct-wrong): overall {c['dlam1_correct_minus_wrong_overall']:+.4f}; "
            f"within-conv {c['dlam1_within_converged']:+.4f}; "
            f"within-nonconv {c['dlam1_within_nonconverged']:+.4f}",
            f"- dlam1(wrong: conv - nonconv) = {c['dlam1_wrong_conv_minus_wrong_nonconv']:+.4f}",
            f"- AUC(-lam1 -> correct): overall {a['neg_lam1_predicts_correct_overall']:.3f}; "
            f"within-conv {a['neg_lam1_predicts_correct_within_conv']:.3f}; "
            f"within-nonconv {a['neg_lam1_predicts_correct_within_nonconv']:.3f}",
            f"- AUC(-log d_late -> correct) = {a['neg_logdrift_predicts_correct']:.3f}; "
            f"AUC(-lam1 -> converged) = {a['neg_lam1_predicts_converged']:.3f}",
            "",
        ]
    return "\n".join(lines)


def _cell(arrays: Mapping[str, np.ndarray], spectrum: np.ndarray, here: np.ndarray) -> dict[str, object]:
    if not here.any():
        return {"n": 0}
    leading = spectrum[here, 0]
    return {
        "n": int(here.sum()),
        "lam1_median": float(np.median(leading)),
        "lam1_mean": float(leading.mean()),
        "lam1_iqr": [float(v) for v in np.percentile(leading, [25, 75])],
        "lam8_median": float(np.median(spectrum[here, -1])),
        "spectrum_median": [float(v) for v in np.median(spectrum[here], axis=0)],
        "token_acc_median": float(np.median(np.asarray(arrays["token_acc"], float)[here])),
        "halted_at_median": float(np.median(np.asarray(arrays["halted_at"], float)[here])),
    }


def _median(values: np.ndarray, fewest: int = 1) -> float:
    return float(np.median(values)) if len(values) >= fewest else float("nan")


def _cells(content: Mapping[str, object]) -> dict[str, dict]:
    table = content["cells"]
    assert isinstance(table, dict)
    return table


def _null(value: object) -> object:
    if isinstance(value, Mapping):
        return {k: _null(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_null(v) for v in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value
