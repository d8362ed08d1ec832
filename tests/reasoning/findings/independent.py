"""The headlines of this room by another path: loops and pandas over the examples, and second evaluations of theory.

The shared harness runs `EXPERIMENT`, a small training; test_independent.py runs `MAP` and deposited files besides.
Examples of a capture map and of a file are computed from the stored arrays; those of a network are what a new diagnosis
of its stored weights gives (tests/reasoning/kernels holds that to Jacobians and differences).
"""

import functools
import itertools
import json

import mpmath
import numpy as np
import pandas as pd
import scipy
import zarr

from emergent_dynamics import streams
from emergent_dynamics.reasoning import analysis

NOTEBOOK = {"examples": 256, "resamples": 50}  # the capture map: no training, so no torch
EXPERIMENT = {  # 4 x 4 with few cells to fill, learned in seconds
    "source": "train",
    "examples": 80,
    "act_steps": 8,
    "exponents": 2,
    "estimator": ["qr", "svd"],
    "network": {"width": 20, "layers": 1},
    "training": {"batch": 32, "rate": 0.01},
    "task": {"givens": [9, 13], "puzzles": 1500, "test": 80, "validation": 64},
    "checkpoints": [75, 90],
    "starts": 3,
    "positions": True,
    "resamples": 30,
}
UNCOVERED = {
    "auc_matched_[!d]*": "the estimator of auc_matched_drift_deciles in other strata",
    "auc_matched_difficulty_*": "the estimator of auc_matched_drift_deciles in other strata",
    "training_last_*": "the estimators of accuracy, converged and wrong_that_settled at the last checkpoint",
    "moved_by_float32": "a share of examples, like accuracy",
    "share_*": "a share of examples, like accuracy",
    "several_points": "a share of examples, like accuracy",
    **dict.fromkeys(
        ("starts_*", "right_basin", "disturbed_return"),
        "a share of trials that are grouped by example; counted in `tests/reasoning/test_clustered.py`",
    ),
    **dict.fromkeys(
        ("kaplan_yorke_moving", "auc_cell_*", "growth_*"),
        "a mean over puzzles that are grouped in classes; counted in `tests/reasoning/test_clustered.py`",
    ),
    **dict.fromkeys(
        ("henon_*", "lorenz_*", "linear_*", "network_*", "qr_bias"),
        "Student's interval over trajectories of one fixed seed; tested in `tests/statistics/test_intervals.py`",
    ),
}
# Repeats of a training would cost minutes each; the map has every headline of the 2x2 but those of a series.
COVERAGE = {"source": "capture_map", "examples": 512, "resamples": 400}
SURROUNDINGS = (
    *("start_drift", "start_correct", "start_distance", "disturbed_distance"),
    *("drift_position", "lyap_position", "right_position", "open_position"),
)
MAP = {"examples": 300, "runs": 2, "capture": {"trap_radius": 0.02}, "resamples": 30}


@functools.cache
def by_table(trajectory, text):
    """{table: examples}; `drift`, `exponent` and `exact` hold a list per example, a value for every step."""
    parameters = json.loads(text)
    if parameters["source"] == "capture_map":
        return of_map(zarr.open_group(str(trajectory), mode="r")["x"][:], parameters)
    if parameters["source"] == "npz":
        return of_files(zarr.open_group(str(trajectory), mode="r"))
    frames = {}
    for name, table in analysis.diagnose(str(trajectory), parameters).items():
        frames[name] = frame(
            table["drift_zH"].values,
            table["logR"].values[:, :, 0],
            table["exact_t"].values,
            table.attrs["floor"],
        ).assign(
            puzzle=table["base_puzzle"].values,
            givens=table["givens"].values,
            difficulty=table["difficulty"].values,
            halt=table["q_halt"].values[:, -1],
            single=list(table["drift_float32"].values),
            halted=table["halted_at"].values,
            raw=table["lyap_raw"].values[:, 0],
            svd=table["lyap_svd"].values[:, 0],
            idx=table["idx"].values,
            right_by_validation=table.attrs["validation_accuracy"],
            spectrum=list(table["lyap_raw"].values),
        )
        for array in SURROUNDINGS:
            if array in table:
                frames[name][array] = list(table[array].values)
    return frames


def frame(drift, exponent, exact, floor):
    late = np.array([max(sum(row[-4:]) / 4, floor) for row in drift])
    return pd.DataFrame(
        {
            "log_drift": np.log10(late),
            "lambda1": [sum(row) / len(row) for row in exponent],
            "correct": [bool(row[-1]) for row in exact],
            "drift": list(drift),
            "exponent": list(exponent),
            "exact": list(exact),
        }
    )


def of_map(x, parameters):
    """From the positions (run, act_step, example): slopes of both branches, and whose window holds the end."""
    window, frames = parameters["capture"], {}
    for run, path in enumerate(x):
        solved = abs(path - window["centre"]) < window["radius"]
        caught = solved | (abs(path - window["trap"]) < window["trap_radius"])
        slope = np.where(caught, window["contraction"], abs(4 - 8 * path))[:-1]
        drift = abs(path[1:] - path[:-1])
        frames[f"run_{run}"] = frame(drift.T, np.log(slope).T, solved[1:].T, 2.2e-16).assign(
            puzzle=np.arange(x.shape[2])
        )
    return frames


def of_files(root):
    frames = {}
    for tag, group in root.groups():
        arrays = {name: group[name][:] for name in group}
        exact = np.repeat(arrays["exact_correct"][:, None] == 1, 2, axis=1)
        drift = arrays["drift_zH"].astype(float)
        one = frame(drift, arrays["lyap_spec"][:, :1].astype(float), exact, 1e-12)
        frames[tag] = one.assign(
            puzzle=arrays["idx"], halt=arrays["q_halt"][:, -1].astype(float), idx=arrays["idx"]
        )
    return frames


def otsu(x):
    """The bin centre of 256 at which the variance between both sides is largest; of a tie, the first."""
    count, edges = np.histogram(x, 256)
    centre = (edges[1:] + edges[:-1]) / 2
    best, at = -1.0, centre[0]
    for k in range(1, 256):
        low, high = count[:k], count[k:]
        if low.sum() and high.sum():
            gap = (low @ centre[:k]) / low.sum() - (high @ centre[k:]) / high.sum()
            between = low.sum() * high.sum() * gap**2
            if between > best * (1 + 1e-12):
                best, at = between, centre[k - 1]
    return at


def area(score, label):
    """All pairs, ties count half."""
    above, below = np.asarray(score)[label], np.asarray(score)[~np.asarray(label)]
    wins = [(a > b) + (a == b) / 2 for a, b in itertools.product(above, below)]
    return sum(wins) / len(wins) if wins else np.nan


def headline_table(frames):
    """All tables, or the first checkpoint right on .6 to .9 of the validation, else the nearest to .75."""
    if "right_by_validation" not in next(iter(frames.values())):
        return list(frames)
    right = {name: one["right_by_validation"].iloc[0] for name, one in frames.items()}
    good = [name for name, share in right.items() if 0.6 <= share <= 0.9]
    return good[:1] or [min(right, key=lambda name: abs(right[name] - 0.75))]


def examples(trajectory, parameters, name):
    """The examples that a headline is about, cut into cells; headlines of several tables begin with its name."""
    frames = by_table(trajectory, json.dumps(parameters))
    tables = [one for one in headline_table(frames) if "/" not in one and not series_of(parameters, one)]
    table = next((one for one in tables if name.startswith(one + "_")), tables[0])
    return cut(frames[table].copy(), parameters["threshold"], frames)


def series_of(parameters, table):
    """(series, step) of a deposited table that belongs to one; None for the others."""
    members = {
        f"{name}_{one['step']}": (name, one["step"]) for name, s in parameters["series"].items() for one in s
    }
    return members.get(table)


def cut(one, threshold, frames):
    tau = threshold
    if threshold == "otsu":
        tau = otsu(one["log_drift"])
    if threshold == "pooled":
        tau = otsu(np.concatenate([other["log_drift"] for other in frames.values()]))
    one["settled"], one["tau"] = one["log_drift"] < tau, tau
    letters = {(True, True): "A", (True, False): "B", (False, True): "C", (False, False): "D"}
    one["cell"] = [letters[key] for key in zip(one["settled"], one["correct"], strict=True)]
    return one


def enough(values):
    return float(np.median(values)) if len(values) >= 8 else np.nan


def median_of(letters):
    def recompute(trajectory, tables, parameters, name):
        one = examples(trajectory, parameters, name)
        return enough(one["lambda1"][one["cell"].isin(list(letters))])

    return recompute


def contrast(first, second):
    def recompute(trajectory, tables, parameters, name):
        of = [median_of(letters)(trajectory, tables, parameters, name) for letters in (first, second)]
        return of[0] - of[1]

    return recompute


def auc(column, among="ABCD", label="correct"):
    def recompute(trajectory, tables, parameters, name):
        one = examples(trajectory, parameters, name)
        one = one[one["cell"].isin(list(among))]
        few = min(one[label].sum(), (~one[label]).sum()) < 8
        return np.nan if few else area(-one[column], one[label].to_numpy())

    return recompute


def within(strata):
    """Pairs of the same stratum only."""

    def recompute(trajectory, tables, parameters, name):
        one = examples(trajectory, parameters, name)
        wins = pairs = 0
        for _, group in one.groupby(strata(one)):
            n = int(group["correct"].sum()) * int((~group["correct"]).sum())
            wins, pairs = (
                wins + n * (area(-group["lambda1"], group["correct"].to_numpy()) if n else 0),
                pairs + n,
            )
        return wins / pairs if pairs >= 8 else np.nan

    return recompute


def quantile_groups(column, n):
    """Number of inner quantiles that do not exceed a value."""

    def strata(one):
        inner = sorted({float(np.quantile(one[column], k / n)) for k in range(1, n)})
        return np.array([sum(edge <= value for edge in inner) for value in one[column]])

    return strata


def early(trajectory, tables, parameters, name):
    """The latest step of the first half after which 8 of the open examples become right and 8 do not."""
    one = examples(trajectory, parameters, name)
    steps = len(one["exact"].iloc[0])
    for last in range(steps // 2, 0, -1):
        still = one[[not row[last - 1] for row in one["exact"]]]
        if min(still["correct"].sum(), (~still["correct"]).sum()) >= 8:
            return area([-sum(row[:last]) for row in still["exponent"]], still["correct"].to_numpy())
    return np.nan


def gain(trajectory, tables, parameters, name):
    """Ten folds of classes, fitted by minimising the penalised likelihood with SciPy on standardised columns."""
    one = examples(trajectory, parameters, name)
    member = np.unique(one["puzzle"], return_inverse=True)[1]
    key = streams.key(parameters["seed"], "reasoning.folds")
    order = np.random.Generator(np.random.Philox(key=int(key[0]) | int(key[1]) << 32)).permutation(
        member.max() + 1
    )
    correct, areas = one["correct"].to_numpy(), {}
    if min(correct.sum(), (~correct).sum()) < 10:
        return np.nan
    for columns in (("log_drift",), ("log_drift", "lambda1")):
        score = np.empty(len(one))
        for fold in range(10):
            test = order[member] % 10 == fold
            x = one[list(columns)].to_numpy(float)
            x = (x - x[~test].mean(axis=0)) / x[~test].std(axis=0)
            score[test] = logistic(x[~test], correct[~test], x[test])
        areas[columns] = area(score, correct)
    return areas["log_drift", "lambda1"] - areas["log_drift",]


def logistic(x, y, new):
    """log odds by logistic regression with |w|^2 / 2."""
    sign = np.where(y, 1.0, -1.0)

    def loss(w):
        margin = sign * (x @ w[1:] + w[0])
        pull = -sign * scipy.special.expit(-margin)
        return np.logaddexp(0, -margin).sum() + w[1:] @ w[1:] / 2, np.append(pull.sum(), x.T @ pull + w[1:])

    best = scipy.optimize.minimize(
        loss, np.zeros(x.shape[1] + 1), jac=True, method="BFGS", options={"gtol": 1e-8}
    )
    return new @ best.x[1:] + best.x[0]


def last_share(column, among=None):
    """Of the last checkpoint of a series, at the threshold of all its checkpoints together."""

    def recompute(trajectory, tables, parameters, name):
        frames = by_table(trajectory, json.dumps(parameters))
        if parameters["source"] == "npz":
            series = next(s for s in parameters["series"] if name.startswith(s + "_"))
            frames = {k: v for k, v in frames.items() if (series_of(parameters, k) or [None])[0] == series}
        last = max(frames, key=lambda table: int(table.rpartition("_")[2]))
        one = cut(frames[last].copy(), "pooled", frames)
        if among is not None:
            one = one[one["correct"] == among]
        return one[column].mean()

    return recompute


def norm_of(parameters):
    """Of z_H: sqrt of its tokens times their entries."""
    network = parameters["network"]
    return ((network["prefix"] + parameters["task"]["size"] ** 2) * network["width"]) ** 0.5


def at_floor(trajectory, tables, parameters, name):
    one = examples(trajectory, parameters, name)
    return np.mean([sum(row[-4:]) / 4 < 1e-14 * norm_of(parameters) for row in one["drift"]])


def moved_by_float32(trajectory, tables, parameters, name):
    """The float32 trajectory's late drifts, cut at their own threshold, beside those of float64."""
    one = examples(trajectory, parameters, name)
    single = np.log10([max(sum(row[-4:]) / 4, 2.0**-23 * norm_of(parameters)) for row in one["single"]])
    return np.mean((single < otsu(single)) != one["settled"])


def ends_of(one, parameters):
    """Per example: which ends have settled (its own first), and the point of each, by a walk over pairs."""
    limit = norm_of(parameters) / 10
    for row in one.to_dict("records"):
        late = [np.log10(max(sum(drift[-4:]) / 4, 1e-300)) for drift in row["start_drift"]]
        settled = [row["settled"], *(x < row["tau"] for x in late)]
        point, firsts = [], []
        for end, still in enumerate(settled):
            near = [k for k, first in enumerate(firsts) if row["start_distance"][end][first] < limit]
            if still and not near:
                firsts.append(end)
            point.append((near[0] if near else len(firsts) - 1) if still else None)
        yield row, settled, point


def of_starts(count):
    """A share of trials: `count` gives hits and trials of one example, or None where it does not count."""

    def recompute(trajectory, tables, parameters, name):
        one = examples(trajectory, parameters, name)
        found = [count(*of, parameters) for of in ends_of(one, parameters)]
        found = [both for both in found if both is not None and both[1]]
        hits, trials = map(sum, zip(*found, strict=True)) if found else (0, 0)
        return hits / trials if len(found) >= 8 else np.nan

    return recompute


def basin(row, settled, point, parameters):
    right = [bool(r) for r, s in zip(row["start_correct"], settled[1:], strict=True) if s]
    return (sum(right), len(right)) if len(set(right)) == 2 else None


def returned(row, settled, point, parameters):
    back = [x < norm_of(parameters) / 10 for x in row["disturbed_distance"]]
    return (sum(back), len(back)) if settled[0] else None


def dimension(trajectory, tables, parameters, name):
    """j + (sum of the first j) / |next|, the first j whose sum with the next is negative; mean over those that move."""
    one = examples(trajectory, parameters, name)
    found = []
    for row in one[~one["settled"].astype(bool)].to_dict("records"):
        total, spectrum = 0.0, sorted(row["spectrum"], reverse=True)
        for j, exponent in enumerate(spectrum):
            if total + exponent < 0:
                found.append(j + (total / -exponent if j else 0.0))
                break
            total += exponent
    return np.mean(found) if len(found) >= 8 else np.nan


def cells_of(compare):
    """Mean over puzzles of what `compare` finds between two kinds of cells; None where a kind is missing."""

    def recompute(trajectory, tables, parameters, name):
        one = examples(trajectory, parameters, name)
        found = [x for row in one.to_dict("records") if (x := compare(row)) is not None]
        return np.mean(found) if len(found) >= 8 else np.nan

    return recompute


def wrong_above(quantity):
    def compare(row):
        wrong = [quantity(row, c) for c, (o, r) in enumerate(open_and_right(row)) if o and not r]
        right = [quantity(row, c) for c, (o, r) in enumerate(open_and_right(row)) if o and r]
        wins = [(a > b) + (a == b) / 2 for a in wrong for b in right]
        return sum(wins) / len(wins) if wins else None

    return compare


def open_and_right(row):
    return zip(row["open_position"], row["right_position"], strict=True)


def open_minus_given(row):
    free = np.array(row["open_position"], bool)
    growth = np.array(row["lyap_position"])
    return growth[free].mean() - growth[~free].mean() if free.any() and not free.all() else None


def four_cells(trajectory, tables, parameters, name):
    frames = by_table(trajectory, json.dumps(parameters))
    if parameters["source"] == "npz":
        frames = {k: v for k, v in frames.items() if series_of(parameters, k)}
    full = 0
    for one in frames.values():
        cells = cut(one.copy(), "otsu", frames)["cell"].value_counts()
        full += 0.5 <= one["correct"].mean() <= 0.9 and all(cells.get(c, 0) >= 8 for c in "ABCD")
    return full


RECOMPUTED = {
    "*starts_right": of_starts(lambda row, *_: (sum(row["start_correct"]), len(row["start_correct"]))),
    "*starts_same_point": of_starts(
        lambda row, settled, point, _: (point[1:].count(0), sum(settled[1:])) if settled[0] else None
    ),
    "*several_points": of_starts(lambda row, settled, point, _: (len(set(point) - {None}) > 1, 1)),
    "*right_basin": of_starts(basin),
    "*disturbed_return": of_starts(returned),
    "*kaplan_yorke_moving": dimension,
    "*auc_cell_drift_wrong": cells_of(
        wrong_above(lambda row, cell: sum(float(step[cell]) for step in row["drift_position"][-4:]) / 4)
    ),
    "*auc_cell_growth_wrong": cells_of(wrong_above(lambda row, cell: row["lyap_position"][cell])),
    "*growth_open_minus_given": cells_of(open_minus_given),
    "*contrast_correct_minus_wrong": contrast("AC", "BD"),
    "*contrast_within_converged": contrast("A", "B"),
    "*contrast_within_nonconverged": contrast("C", "D"),
    "*contrast_wrong_converged_minus_nonconverged": contrast("B", "D"),
    "*_last_accuracy": last_share("correct"),
    "*_last_converged": last_share("settled"),
    "*_last_mixture_wrong_converged": last_share("settled", among=False),
    "*_checkpoints_with_four_cells": four_cells,
    "*auc_neg_lambda1_correct": auc("lambda1"),
    "*auc_neg_log_drift_correct": auc("log_drift"),
    "*auc_neg_lambda1_correct_within_converged": auc("lambda1", "AB"),
    "*auc_neg_lambda1_correct_within_nonconverged": auc("lambda1", "CD"),
    "*auc_neg_lambda1_converged": auc("lambda1", label="settled"),
    "*auc_matched_drift_deciles": within(quantile_groups("log_drift", 10)),
    "*auc_matched_givens": within(lambda one: one["givens"]),
    "*auc_matched_difficulty_quintiles": within(quantile_groups("difficulty", 5)),
    "*auc_early_window": early,
    "*auc_gain_over_drift": gain,
    "*qr_bias": lambda t, _, p, name: (examples(t, p, name)["svd"] - examples(t, p, name)["raw"]).mean(),
    "*original_tau": lambda t, _, p, name: examples(t, {**p, "threshold": "otsu"}, name)["tau"].iloc[0],
    "*original_converged": lambda t, _, p, name: examples(t, {**p, "threshold": "otsu"}, name)[
        "settled"
    ].mean(),
    "*share_at_floor": at_floor,
    "*share_halted": lambda t, _, p, name: (examples(t, p, name)["halted"] > 0).mean(),
    "*moved_by_float32": moved_by_float32,
    "*accuracy": lambda t, _, p, name: examples(t, p, name)["correct"].mean(),
    "*tau": lambda t, _, p, name: examples(t, p, name)["tau"].iloc[0],
    "*converged": lambda t, _, p, name: examples(t, p, name)["settled"].mean(),
    "*wrong_that_settled": lambda t, _, p, name: examples(t, p, name).query("not correct")["settled"].mean(),
    **{f"*lambda1_{letter}": median_of(letter) for letter in "ABCD"},
}
ON_KNOWN_SYSTEMS = "the estimator on a system of known exponents: the expected value is the other path"
REASONS = {
    f"{name}_*": ON_KNOWN_SYSTEMS
    for name in ("henon", "logistic", "lorenz", "linear", "capture_map", "derivative")
}
REASONS["network_g*"] = ON_KNOWN_SYSTEMS


def tangent_mean(steps):
    """E ln |S q| / T by ln X = integral of (1 / (1 + t) - exp(-t X)) / t - gamma, the trapezoidal rule in ln t."""
    squares = np.exp(2 * steps * (0.1 - 3.1 * np.arange(200) / 199))
    u = np.arange(-60, 60, 0.02)
    decay = sum(np.log1p(2 * square * np.exp(u)) for square in squares)
    grown = 0.02 * (1 / (1 + np.exp(u)) - np.exp(-decay / 2)).sum() - np.euler_gamma
    return float((grown - mpmath.digamma(100) - mpmath.log(2)) / (2 * steps))


def log_radius(gain):
    """ln |largest eigenvalue| of the coupling, from its Schur form."""

    def expected(trajectory, tables, parameters):
        drawn = streams.normal(1, "reasoning.validation.network", 0, 0, 200 * 200).reshape(200, 200)
        triangle = scipy.linalg.schur(gain * drawn / 200**0.5, output="complex")[0]
        return np.log(np.abs(np.diag(triangle)).max())

    return expected


def bias_bound(trajectory, tables, parameters, name):
    """-E ln q_1^2 / (2 T) of q_1^2 ~ Beta(1/2, (n - 1)/2), by harmonic numbers: n is even."""
    n = 2 * (1 + parameters["task"]["size"] ** 2) * parameters["network"]["width"]
    harmonic = sum(1 / k for k in range(1, n // 2))
    return (harmonic + 2 * np.log(2)) / (2 * parameters["act_steps"])


@functools.cache
def captured(text):
    """P(the solution's window comes first), every piece between preimages of both windows followed by its middle.

    In theta = (2/pi) asin sqrt(x) the map is the tent map, whose pieces are followed exactly.
    """
    parameters = json.loads(text)
    window, steps = parameters["capture"], parameters["act_steps"]
    ends = {}
    for name, radius in (("centre", "radius"), ("trap", "trap_radius")):
        low, high = (np.clip(window[name] + side * window[radius], 0, 1) for side in (-1, 1))
        ends[name] = 2 / np.pi * np.arcsin(np.sqrt(np.array([low, high])))
    edges = np.concatenate([ends["centre"], ends["trap"]])
    everything = [edges]
    for _ in range(steps):
        edges = np.concatenate([edges / 2, 1 - edges / 2])
        everything.append(edges)
    cuts = np.unique(np.concatenate([[0.0, 1.0], *everything]))
    theta = (cuts[1:] + cuts[:-1]) / 2
    open_, won = np.ones(len(theta), bool), np.zeros(len(theta), bool)
    for _ in range(steps + 1):
        solved, trapped = ((theta > low) & (theta < high) for low, high in (ends["centre"], ends["trap"]))
        won |= open_ & solved
        open_ &= ~solved & ~trapped
        theta = 1 - abs(1 - 2 * theta)
    return float(np.diff(np.sin(np.pi / 2 * cuts) ** 2) @ won)


EXPECTED = {
    "*qr_bias": bias_bound,
    "henon_lambda1": 0.41922,  # Sprott 2003, table A.2
    "henon_lambda2": -1.62319,
    "logistic_lambda1": lambda *_: float(mpmath.log(2)),
    "lorenz_lambda1": 0.9056,  # Sprott 2003, table A.5
    "lorenz_lambda2": 0.0,
    "lorenz_lambda3": -14.5723,
    "lorenz_sum": -(10 + 1 + 8 / 3),
    "linear_qr_16_steps": lambda *_: tangent_mean(16),
    "linear_qr_1024_steps": lambda *_: 0.1 - float(mpmath.digamma(100) - mpmath.digamma(0.5)) / 2048,
    "network_g0.5": log_radius(0.5),
    "network_g0.9": log_radius(0.9),
    **dict.fromkeys(("henon_sum_worst_step", "linear_svd_worst", "network_g1.5_is_chaotic"), 0.0),
    **dict.fromkeys(("capture_map_same_trajectory", "capture_map_worst_example"), 0.0),
    **dict.fromkeys(("derivative_mlp", "derivative_attention", "derivative_svd_worst"), 0.0),
}
