"""The seed's files from the same npz, against its definitions written out again."""

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest

from emergent_dynamics.reasoning.findings import compatibility

NAMES = ("A_conv_correct", "B_conv_wrong", "C_nonconv_correct", "D_nonconv_wrong")


def threshold(x):
    """Otsu on 256 bins: cumulative weights and means, first maximum of the between-class variance."""
    count, edges = np.histogram(x, bins=256)
    p = count / count.sum()
    centre = (edges[:-1] + edges[1:]) / 2
    weight, mean = np.cumsum(p), np.cumsum(p * centre)
    with np.errstate(all="ignore"):
        between = (mean[-1] * weight - mean) ** 2 / (weight * (1 - weight))
    return centre[np.nanargmax(np.where(weight * (1 - weight) > 0, between, np.nan))]


def area(score, label):
    """All pairs: 1 for above, 1/2 for equal."""
    positive, negative = score[label == 1], score[label == 0]
    if not len(positive) or not len(negative):
        return None
    return np.mean((positive[:, None] > negative) + 0.5 * (positive[:, None] == negative))


def expected(a):
    lam, right = a["lyap_spec"].astype(float), a["exact_correct"]
    late = np.log10(np.clip(a["drift_zH"].astype(float)[:, -4:].mean(1), 1e-12, None))
    tau = threshold(late)
    c = late < tau
    masks = dict(
        zip(NAMES, (c & (right == 1), c & (right == 0), ~c & (right == 1), ~c & (right == 0)), strict=True)
    )

    def gap(first, second):
        return np.median(lam[first, 0]) - np.median(lam[second, 0]) if first.any() and second.any() else None

    ma, mb, mc, md = masks.values()
    return (
        late,
        tau,
        masks,
        {
            "otsu_tau_log10": tau,
            "frac_converged": c.mean(),
            "exact_acc": right.mean(),
            "contrasts": {
                "dlam1_correct_minus_wrong_overall": gap(right == 1, right == 0),
                "dlam1_within_converged": gap(ma, mb),
                "dlam1_within_nonconverged": gap(mc, md),
                "dlam1_wrong_conv_minus_wrong_nonconv": gap(mb, md),
            },
            "auc": {
                "neg_lam1_predicts_correct_overall": area(-lam[:, 0], right),
                "neg_lam1_predicts_correct_within_conv": area(-lam[c, 0], right[c]),
                "neg_lam1_predicts_correct_within_nonconv": area(-lam[~c, 0], right[~c]),
                "neg_logdrift_predicts_correct": area(-late, right),
                "neg_lam1_predicts_converged": area(-lam[:, 0], c.astype(int)),
            },
            "mixture": {
                "wrong_that_converged": mb.sum() / max((right == 0).sum(), 1),
                "correct_that_nonconverged": mc.sum() / max((right == 1).sum(), 1),
            },
        },
    )


def same(found, wanted):
    if isinstance(wanted, dict):
        assert found.keys() == wanted.keys()
        for key in wanted:
            same(found[key], wanted[key])
    elif isinstance(wanted, list):
        assert found == pytest.approx(wanted, rel=1e-12, abs=1e-12)
    elif wanted is None or isinstance(wanted, str):
        assert found == wanted
    else:
        assert found == pytest.approx(wanted, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("kind", [{}, {"seed": 5}, {"ties": True}, {"zeros": 0.4}, {"n": 12}])
def test_every_number_of_the_seed_s_json_is_reproduced(deposit, kind):
    arrays = deposit(**kind)
    late, _, masks, wanted = expected(arrays)
    found = json.loads(compatibility.as_json(compatibility.results(arrays, "/data/diag.npz")))
    assert list(found) == [
        *("npz", "n", "exact_acc", "late_drift_def", "otsu_tau_log10", "frac_converged"),
        *("cells", "mixture", "contrasts", "auc", "aux"),
    ]
    for key, value in wanted.items():
        same(found[key], value)
    for name, here in masks.items():
        if not here.any():
            assert found["cells"][name] == {"n": 0}
            continue
        one, lam = found["cells"][name], arrays["lyap_spec"].astype(float)[here]
        same(one["lam1_iqr"], [np.percentile(lam[:, 0], 25), np.percentile(lam[:, 0], 75)])
        same(one["spectrum_median"], [np.median(lam[:, i]) for i in range(8)])
        same(one["lam1_mean"], lam[:, 0].mean())
        same(one["lam8_median"], np.median(lam[:, -1]))
        same(one["halted_at_median"], np.median(arrays["halted_at"][here]))
        same(one["token_acc_median"], np.median(arrays["token_acc"].astype(float)[here]))
        same(
            found["aux"]["q_halt_final_median_by_cell"][name],
            float(np.median(arrays["q_halt"][here, -1])),
        )
    low = np.log10(np.clip(arrays["drift_zL"].astype(float)[:, -4:].mean(1), 1e-12, None))
    same(found["aux"]["late_drift_zL_corr_with_zH_log"], np.corrcoef(late, low)[0, 1])


def test_the_sweep_has_the_seed_s_columns_and_counts(deposit):
    arrays = deposit(ties=True)
    late, _, _, _ = expected(arrays)
    rows = list(csv.DictReader(io.StringIO(compatibility.sweep_csv(arrays))))
    assert list(rows[0]) == ["pct", "tau", "nA", "nB", "nC", "nD", "lam1_med_B", "lam1_med_D"]
    assert [int(r["pct"]) for r in rows] == list(range(5, 96, 5))
    for row in rows:
        tau, right = float(row["tau"]), arrays["exact_correct"]
        assert tau == np.percentile(late, int(row["pct"]))
        b = (late < tau) & (right == 0)
        assert int(row["nB"]) == b.sum()
        wanted = np.median(arrays["lyap_spec"].astype(float)[b, 0]) if b.any() else np.nan
        assert float(row["lam1_med_B"]) == pytest.approx(wanted, nan_ok=True, rel=1e-12)


def test_the_cells_file_has_the_seed_s_columns_and_digits(deposit):
    arrays = deposit()
    found = compatibility.results(arrays, "x")
    lines = compatibility.cells_csv(found).splitlines()
    assert (
        lines[0]
        == "cell,n,lam1_median,lam1_mean,lam1_q25,lam1_q75,lam8_median,token_acc_median,halted_at_median"
    )
    first = lines[1].split(",")
    assert first[0] == "A_conv_correct"
    assert first[2] == f"{found['cells']['A_conv_correct']['lam1_median']:.6f}"


def test_the_evolution_file_has_one_row_a_checkpoint(deposit):
    series = [(str(s), deposit(seed=s)) for s in (2604, 5208)]
    rows = list(csv.DictReader(io.StringIO(compatibility.evolution_csv(series))))
    assert list(rows[0]) == ["step", "acc", "tau", "fA", "fB", "fC", "fD", "l1A", "l1B", "l1C", "l1D"]
    assert [r["step"] for r in rows] == ["2604", "5208"]
    for row, (_, arrays) in zip(rows, series, strict=True):
        _, tau, masks, _ = expected(arrays)
        assert float(row["tau"]) == pytest.approx(tau, abs=1e-6)  # there the logarithm is the file's float32
        for letter, here in zip("ABCD", masks.values(), strict=True):
            assert float(row[f"f{letter}"]) == here.mean()


GOLDEN = Path(__file__).parent / "golden"


def deposited(name):
    with np.load(GOLDEN / f"{name}.npz") as archive:
        return dict(archive)


def rows(text):
    """A CSV as lists, numbers as numbers."""

    def value(field):
        try:
            return float(field)
        except ValueError:
            return field

    return [[value(field) for field in row] for row in csv.reader(io.StringIO(text))]


@pytest.mark.parametrize("name", ["diag", "tied"])
def test_the_original_script_s_own_output_is_reproduced(name):
    """Golden files: the original statements, indented anew, on these synthetic arrays (NumPy 2); numbers to 1e-12."""
    found = compatibility.results(deposited(name), f"{name}.npz")
    same(json.loads(compatibility.as_json(found)), json.loads((GOLDEN / f"results_{name}.json").read_text()))
    for text, kind in (
        (compatibility.sweep_csv(deposited(name)), "sweep"),
        (compatibility.cells_csv(found), "cells"),
    ):
        wanted = rows((GOLDEN / f"{kind}_{name}.csv").read_text())
        assert len(rows(text)) == len(wanted)
        for row, expected_row in zip(rows(text), wanted, strict=True):
            for field, expected_field in zip(row, expected_row, strict=True):
                if isinstance(expected_field, str):
                    assert field == expected_field
                else:
                    assert field == pytest.approx(expected_field, rel=1e-12, abs=1e-12, nan_ok=True)


def test_the_original_script_s_evolution_is_reproduced():
    """It leaves the drift in the file's float32: its threshold is not that of `results_<tag>.json`."""
    series = [("10", deposited("diag")), ("20", deposited("tied"))]
    found, wanted = (
        rows(text)
        for text in (compatibility.evolution_csv(series), (GOLDEN / "evolution_trm.csv").read_text())
    )
    assert found[0] == wanted[0]
    assert np.array(found[1:]) == pytest.approx(np.array(wanted[1:]), rel=1e-12, abs=1e-12, nan_ok=True)


def test_the_markdown_is_the_same_bytes_on_any_day(deposit):
    found = {"hrm26040_n8192": compatibility.results(deposit(), "diag_8k.npz")}
    text = compatibility.markdown(found)
    assert text == compatibility.markdown(found)
    assert "## hrm26040_n8192" in text and "AUC(-log d_late -> correct)" in text


def test_an_undefined_number_is_null_and_the_file_is_json(deposit):
    """The seed wrote NaN, which is not JSON."""
    arrays = deposit()
    arrays["exact_correct"][:] = 1
    text = compatibility.as_json(compatibility.results(arrays, "x"))
    assert "NaN" not in text
    assert json.loads(text)["auc"]["neg_lam1_predicts_correct_overall"] is None
