"""The table of all headlines and the page made from it."""

import json

import numpy as np
import pandas as pd
import pytest

from emergent_dynamics.findings import Expectation, Headline, read_summary, write_summary
from emergent_dynamics.findings.table import COLUMNS, describe, tabulate
from emergent_dynamics.plotting import headlines

HALF = Expectation(0.5, "a fair coin", "exact")
ROWS = {
    "agrees": Headline(0.51, (0.49, 0.53), 100, "share", "Share of heads", HALF, standard_error=0.01),
    "disagrees": Headline(0.61, (0.59, 0.63), 100, "share", "Share of heads", HALF, standard_error=0.01),
    "weak": Headline(0.6, (0.4, 0.8), 100, "share", "Share of heads", HALF, standard_error=0.1),
    "few": Headline(0.6, (0.4, 0.8), 7, "share", "Share of heads", HALF, standard_error=0.01),
    "identity": Headline(3.0, None, 1, "1", "Sides", Expectation(3.0, "a triangle", "identity")),
    "alone": Headline(2.0, (1.0, 3.0), 9, "nat", "Alone"),
    "undefined": Headline(np.nan, None, 0, "nat", "Nothing", note="no run settled"),
}


@pytest.fixture
def table(tmp_path):
    write_summary(tmp_path / "summary.json", ROWS)
    record = read_summary(tmp_path / "summary.json")
    return tabulate({"results/toy/a/b=1/summary.json": record, "results/toy/s/analysis/x.json": {}})


def test_a_headline_is_a_row_with_its_expectation_and_verdict(table):
    assert list(table.columns) == COLUMNS and list(table["headline"]) == list(ROWS)
    assert set(table["system"]) == {"toy"} and set(table["experiment"]) == {"a/b=1"}
    verdicts = dict(zip(table["headline"], table["verdict"], strict=True))
    assert verdicts.pop("agrees") == verdicts.pop("identity") == "agrees"
    assert verdicts.pop("disagrees") == "disagrees"
    assert verdicts.pop("weak") == verdicts.pop("few") == "none"
    assert all(pd.isna(value) for value in verdicts.values())


def test_the_comparisons_are_counted_by_kind_with_the_false_alarms_to_expect(table):
    """Two sampled verdicts at t with 99 degrees of freedom beyond 4: 2 x 1.22e-4."""
    text = describe(table)
    assert text.startswith("7 headlines, 5 of them with an expected value.")
    assert (
        "exact (a theorem, linear algebra or a closed form): 4; identity (must hold in every run): 1." in text
    )
    assert "3 have a verdict: 2 agree, 1 disagree; 1 are weak and 1 lack a sample or an interval" in text
    assert "0.00024 of the verdicts would be false alarms" in text
    assert describe(table[table["kind"].isna()]) == "2 headlines, none of them with an expected value."


def test_the_page_holds_every_headline_with_equal_digits(table):
    rows, _ = json.JSONDecoder().raw_decode(headlines.page(table).partition('"rows":')[2])
    shown = {row[2]: row for row in rows}
    assert shown["agrees"][0] == "toy/a/b=1"
    assert shown["agrees"][3:5] == [[0.51, "0.510"], [0.49, "[0.490, 0.530]"]]
    assert shown["agrees"][7] == [0.5, "0.500"] and shown["agrees"][9] == "agrees"
    assert shown["weak"][9] == "weak" and "would not be noticed" in shown["weak"][10]
    assert shown["few"][9] == "no verdict"
    assert shown["undefined"][3] == [None, "–"] and shown["undefined"][10] == "no run settled"


def test_bounds_errors_and_tolerances_are_written_out(tmp_path):
    bound = Expectation(0.5, "x", "exact", 0.01, ">=", 0.02, "mean field")
    write_summary(tmp_path / "s.json", {"a": Headline(0.51, (0.49, 0.53), 100, "1", "A", bound)})
    rows = tabulate({"results/toy/a/summary.json": read_summary(tmp_path / "s.json")})
    page = headlines.page(rows)
    assert "\\u2265 0.500 \\u00b1 0.010, tolerance 0.02" in page or "≥ 0.500 ± 0.010, tolerance 0.02" in page
    assert "tolerance: mean field" in page
