"""The table of docs/nca.md on selection and drift says what the summaries of a run say."""

import math
import re
from pathlib import Path

from emergent_dynamics.findings import Headline, write_summary
from performance import nca_selection


def headlines(excess, survival, selection, kind):
    """The records that the table reads; excess and survival with their intervals."""
    one = {"alive_share": Headline(0.5, (0.4, 0.6), 5, "share", "Share")}
    one["excess_activity"] = Headline(*excess, 5, "generations", "Excess")
    for name in ("excess_genomes", "excess_clades"):
        one[name] = Headline(-0.2, (-0.3, -0.1), 5, "1", "Excess")
    one["unequal_survival"] = Headline(*survival, 5, "nat", "Survival")
    one["selection"] = Headline(selection, None, 5, "1", "Selection", note="p")
    return one | {"activity_class": Headline(kind, None, 5, "1", "Class", note="classes")}


def test_the_table_has_a_line_per_member_and_counts_them(tmp_path):
    """One selected of class 2, one of one run, which has neither interval nor verdict."""
    found = {
        "wide/budget=4,inheritance=0.1": headlines((0.02, (0.01, 0.03)), (1.5, (1.0, 2.0)), 1.0, 2.0),
        "wide/budget=8,inheritance=0.1": headlines((0.0, None), (math.nan, None), math.nan, math.nan),
        "alone": headlines((0.0, (-1.0, 1.0)), (0.0, (-1.0, 1.0)), 0.0, 1.0),  # no member of a sweep
    }
    for name, told in found.items():
        path = tmp_path / "results" / "nca" / name / "summary.json"
        path.parent.mkdir(parents=True)
        write_summary(path, told)
    lines = nca_selection.table(tmp_path).splitlines()
    assert lines[2] == (
        "| wide | budget=4, inheritance=0.1 | 0.50 [0.40, 0.60] | 0.020 [0.010, 0.030] | -0.20 [-0.30, -0.10] "
        "| -0.20 [-0.30, -0.10] | 1.50 [1.00, 2.00] | yes | 2 |"
    )
    assert lines[3].endswith("| 0 | -0.20 [-0.30, -0.10] | -0.20 [-0.30, -0.10] | – | – | – |")
    assert lines[-1] == (
        "1 of 2 selected; class 1: 0; class 2: 1; class 3: 0; activity: 1 above 0, 0 below; "
        "genomes, ln: 0 above 0, 2 below; clades, ln: 0 above 0, 2 below; survival, ln: 1 above 0, 0 below"
    )


def test_the_documents_count_their_own_table():
    """The line below the 24 rows is what these rows add up to, by their intervals."""
    page = (Path(__file__).resolve().parents[2] / "docs" / "nca.md").read_text()
    lines = page.partition("### The 24 large experiments")[2].partition("\n### ")[0].splitlines()
    rows = [line.strip("| ").split(" | ") for line in lines if re.match(r"\| \w+ \| \w+=", line)]
    assert len(rows) == 24
    told = [f"{sum(row[7] == 'yes' for row in rows)} of {len(rows)} selected"]
    told += [f"class {kind}: {sum(row[8] == kind for row in rows)}" for kind in "123"]
    for column, name in enumerate(list(nca_selection.SHOWN.values())[1:], 3):
        ends = [list(map(float, re.search(r"\[(.+), (.+)\]", row[column]).groups())) for row in rows]
        told.append(f"{name}: {sum(lo > 0 for lo, _ in ends)} above 0, {sum(hi < 0 for _, hi in ends)} below")
    assert "; ".join(told) in lines
