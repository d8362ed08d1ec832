"""The members of a sweep side by side, whatever is swept."""

import numpy as np
import pytest

from emergent_dynamics.findings import Expectation, Headline, read_summary, write_summary
from emergent_dynamics.findings.comparison import FIXED, parameters_of, tabulate, varied
from emergent_dynamics.plotting.comparison import draw

MEMBERS = [
    {"beta": beta, "mask": mask, "runs": 8, "save": {"every": 2}, "inputs_sha256": {"a": str(beta)}}
    for beta in (64, 1)
    for mask in ("none", None)
]


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


def test_the_figure_has_a_panel_per_defined_headline_and_none_is_empty(summaries):
    """Ranked headlines first; the parameter with the most values along x, on a logarithmic axis where it is wide."""
    drawing = draw(tabulate(MEMBERS, summaries))
    shown = [axis for axis in drawing.axes if axis.get_visible()]
    assert [axis.get_title(loc="left") for axis in shown] == ["Time to settle", "Groups at the end"]
    assert all(
        axis.get_xlabel() == "beta" and axis.get_xscale() == "log" and axis.containers for axis in shown
    )
    assert len(shown[0].containers) == len(shown[1].containers) == 2  # one colour for each mask
    assert [text.get_text() for text in shown[0].get_legend().get_texts()] == ["none", "null"]


def test_words_stand_side_by_side_and_a_headline_without_any_value_is_left_out(summaries):
    table = tabulate(MEMBERS[:2], summaries[:2])
    table.loc[table["headline"] == "time", "value"] = np.nan
    [shown] = [axis for axis in draw(table).axes if axis.get_visible()]
    assert [tick.get_text() for tick in shown.get_xticklabels()] == ["none", "null"]
    assert shown.get_ylabel() == "groups"
