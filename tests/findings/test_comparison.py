"""The members of a sweep side by side, whatever is swept."""

import numpy as np
import pandas as pd
import pytest

from emergent_dynamics.findings import Expectation, Headline, read_summary, write_summary
from emergent_dynamics.findings.comparison import FIXED, axes, parameters_of, tabulate, trace, varied
from emergent_dynamics.plotting.comparison import draw

MEMBERS = [
    {"beta": beta, "mask": mask, "runs": 8, "save": {"every": 2}, "inputs_sha256": {"a": str(beta)}}
    for beta in (64, 1)
    for mask in ("none", None)
]


def twice(member, key, values):
    """A curve for `groups` of members without a mask."""
    return {"groups": 2 * values} if key == "beta" and member["mask"] == "none" else {}


@pytest.fixture
def summaries(tmp_path):
    """Two headlines of four members; in the last one the second is undefined."""
    found = []
    for i, member in enumerate(MEMBERS):
        expected = Expectation(float(member["beta"]), "x", "exact")
        value = float(member["beta"]) + 0.1
        rows = {
            "groups": Headline(value, (value - 1, value + 1), 8, "groups", "Groups at the end", expected),
            "time": Headline(
                np.nan if i == 3 else 2.0 + i, None, 8, "1", "Time to settle", rank=1, note="never settled"
            ),
        }
        write_summary(tmp_path / "s.json", rows)
        found.append(read_summary(tmp_path / "s.json"))
    return found


def test_what_differs_between_members_is_found_and_hashes_of_inputs_are_not():
    assert varied(MEMBERS) == ["beta", "mask"]
    assert varied(MEMBERS[:2]) == ["mask"] and varied(MEMBERS[:1]) == []


def test_the_table_has_a_row_per_member_and_headline_in_order(summaries):
    """Headlines as the members have them, then the parameters sorted; null among words is a word."""
    table = tabulate(MEMBERS, summaries)
    assert list(table.columns) == ["beta", "mask", *FIXED] and parameters_of(table) == ["beta", "mask"]
    assert list(table["headline"]) == ["groups"] * 4 + ["time"] * 4
    assert list(table["beta"]) == [1, 1, 64, 64] * 2 and list(table["mask"]) == ["none", "null"] * 4
    first = table.iloc[0]
    assert (first["value"], first["lo"], first["hi"], first["expected"]) == (1.1, pytest.approx(0.1), 2.1, 1)
    assert first["relation"] == "=" and first["verdict"] in ("agrees", "none")
    undefined = table[table["value"].isna()]
    assert len(undefined) == 1 and undefined["note"].item() == "never settled"


def test_a_parameter_may_have_the_name_of_a_column(summaries):
    """`value` of causal, swept beside beta: its column and its curve keep apart from the headline's value."""
    members = [{**member, "value": 2 * member["beta"], "n": member["mask"]} for member in MEMBERS]
    for each in members:
        del each["beta"], each["mask"]
    table = tabulate(members, summaries)
    assert parameters_of(table) == ["parameter.value", "parameter.n"] and axes(table)[0] == "parameter.value"
    assert list(table["parameter.value"][:4]) == [2, 2, 128, 128] and list(table["value"][:2]) == [1.1, 1.1]
    found = trace(table, members, lambda member, key, at: {"groups": at / 2} if key == "value" else {})
    assert set(found["parameter.n"]) == {"none", "null"} and found["expected"].max() == 64
    assert draw(table, found).axes[0].get_xlabel() == "value"


def test_the_figure_has_a_panel_per_defined_headline_and_none_is_empty(summaries):
    """Ranked headlines first; the parameter with the most values along x, on a logarithmic axis where it is wide."""
    table = tabulate(MEMBERS, summaries)
    drawing = draw(table, trace(table, MEMBERS, lambda *_: {}))
    shown = [axis for axis in drawing.axes if axis.get_visible()]
    assert [axis.get_title(loc="left") for axis in shown] == ["Time to settle", "Groups at the end"]
    assert all(
        axis.get_xlabel() == "beta" and axis.get_xscale() == "log" and axis.containers for axis in shown
    )
    assert len(shown[0].containers) == len(shown[1].containers) == 2  # one colour for each mask
    assert [text.get_text() for text in shown[0].get_legend().get_texts()] == ["none", "null"]


def test_of_many_headlines_those_are_drawn_that_rank_or_have_theory_or_change(summaries):
    """40 more: one with an expected value; of the others each changes more than the one before, by its own interval."""
    table = tabulate(MEMBERS, summaries)
    one = table[table["headline"] == "groups"].assign(rank=np.nan, expected=np.nan)
    more = []
    for k in range(40):
        rows = one.assign(headline=f"h{k}", sentence=f"Headline {k}", value=k * np.arange(len(one)) / 40.0)
        more.append(rows.assign(lo=rows["value"] - 1, hi=rows["value"] + 1))
    more[3]["expected"] = 1.0
    many = pd.concat([table, *more], ignore_index=True)
    drawing = draw(many, trace(many, MEMBERS, lambda *_: {}))
    titles = [axis.get_title(loc="left") for axis in drawing.axes if axis.get_visible()]
    assert titles[:3] == ["Time to settle", "Groups at the end", "Headline 3"]
    assert titles[3:] == [f"Headline {k}" for k in range(39, 18, -1)]
    assert drawing.get_suptitle() == "24 of 42 headlines; all are in headlines.csv"


def test_long_titles_and_units_are_wrapped(summaries):
    """A title has three lines at most, and a unit fits beside its panel."""
    table = tabulate(MEMBERS, summaries)
    table["sentence"] = "one two three four five six seven " * 4
    table["unit"] = "intervals between frames"
    drawing = draw(table, trace(table, MEMBERS, lambda *_: {}))
    lines = drawing.axes[0].get_title(loc="left").split("\n")
    assert len(lines) == 3 and lines[-1].endswith("…") and max(map(len, lines)) <= 35
    assert drawing.axes[0].get_ylabel() == "intervals\nbetween frames"


def test_words_stand_side_by_side_and_a_headline_without_any_value_is_left_out(summaries):
    table = tabulate(MEMBERS[:2], summaries[:2])
    table.loc[table["headline"] == "time", "value"] = np.nan
    curves = trace(table, MEMBERS[:2], twice)
    assert axes(table) == ("mask", []) and curves.empty
    [shown] = [axis for axis in draw(table, curves).axes if axis.get_visible()]
    assert [tick.get_text() for tick in shown.get_xticklabels()] == ["none", "null"]
    assert shown.get_ylabel() == "groups"


def test_a_curve_of_theory_is_drawn_for_the_members_and_the_headline_that_have_one(summaries):
    """From the least to the largest value; elsewhere expected values are marks, with nothing between members."""
    table = tabulate(MEMBERS, summaries)
    curves = trace(table, MEMBERS, twice)
    assert axes(table) == ("beta", ["mask"])
    assert set(curves["mask"]) == {"none"} and set(curves["headline"]) == {"groups"}
    assert (curves["beta"].min(), curves["beta"].max()) == (1, 64)
    np.testing.assert_allclose(curves["expected"], 2 * curves["beta"])
    drawn = {axis.get_title(loc="left"): axis for axis in draw(table, curves).axes if axis.get_visible()}
    lines = {
        title: [line for line in axis.lines if line.is_dashed() and len(line.get_xdata()) == 200]
        for title, axis in drawn.items()
    }
    assert [len(found) for found in lines.values()] == [0, 1] and list(lines)[1] == "Groups at the end"
    marks = [line for line in drawn["Groups at the end"].lines if line.get_markersize() == 16]
    assert len(marks) == 2 and {line.get_linestyle() for line in marks} == {"None"}
