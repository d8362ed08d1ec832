"""What a table of the atlas must say, and that a sixth system joins by bringing one."""

from dataclasses import replace

import numpy as np
import pytest

from emergent_dynamics import atlas
from emergent_dynamics.atlas import headlines
from emergent_dynamics.plotting import atlas as figure
from emergent_dynamics.plotting import paper, style
from tests.atlas.rows import PANEL, row, toy

FAULTS = [
    ({"quantity": "vigour"}, "toy/walk, vigour at 1: quantity must be one of order, onset"),
    ({"control": np.nan}, "order at nan: control must be a number"),
    ({"quantity": "critical"}, "critical at 1: control must be a number"),
    ({"average": "median"}, "average must be one of mean, log of mean"),
    ({"n": 0}, "an interval needs n"),
    ({"hi": np.nan}, "an interval has two ends"),
    ({"value": 0.7}, "the value lies outside its interval"),
    ({"value": np.nan, "lo": np.nan, "hi": np.nan}, "an undefined value needs a note"),
    ({"theory": 0.5}, "theory needs a source"),
    ({"quantity": "onset"}, "a rate needs a window"),
    ({"quantity": "growth", "window": 0.0}, "a rate needs a window"),
]


@pytest.mark.parametrize(("changes", "said"), FAULTS)
def test_a_row_that_breaks_the_contract_is_one_line_that_names_it(changes, said):
    with pytest.raises(ValueError, match=r"^atlas: toy/walk, ") as caught:
        atlas.tabulate([row(), row(**changes)])
    assert said in str(caught.value) and "\n" not in str(caught.value)


def test_a_table_without_a_column_is_refused():
    table = atlas.tabulate(toy()).drop(columns="unit")
    with pytest.raises(ValueError, match="atlas: columns missing: unit"):
        atlas.check(table)


def test_a_quantity_has_its_unit():
    table = atlas.tabulate(toy())
    assert list(table["unit"]) == ["1", "nat per natural time", "1"]
    assert list(table.columns) == atlas.COLUMNS and set(table["unit"]) <= set(atlas.QUANTITIES.values())


def test_tables_are_joined_without_loss(tmp_path):
    """Also what CSV has no word for: infinite sizes, empty text, undefined numbers."""
    one = atlas.tabulate(
        [*toy(), row(value=np.nan, lo=np.nan, hi=np.nan, n=0, size=np.inf, theory=1.0, source="s")]
    )
    other = atlas.tabulate([row(system="other", control=1 / 3)])
    for name, table in (("a", one), ("b", other)):
        table.to_csv(tmp_path / name, index=False)
    joined = atlas.join([tmp_path / "a", tmp_path / "b"])
    assert len(joined) == 5 and joined["control"].iloc[-1] == 1 / 3 and joined["size"].iloc[3] == np.inf
    assert joined.iloc[:4].equals(one) and (joined["note"] == "").all()


def test_a_panel_is_read_back_as_it_was_written(tmp_path):
    PANEL.save(tmp_path / "panel.json")
    assert atlas.Panel.load(tmp_path / "panel.json") == PANEL


def test_a_row_becomes_a_headline_with_what_theory_gives():
    table = atlas.tabulate(toy())
    critical = headlines.headline(headlines.select(table, "critical"), "Where it sets in", rank=1)
    assert (critical.value, critical.ci, critical.n, critical.unit) == (2.0, (1.5, 2.5), 8, "1")
    assert (critical.expectation.value, critical.expectation.kind) == (1.9, "exact")
    order = headlines.headline(headlines.select(table, "order"), "How far", note="by foot")
    assert order.expectation is None and order.note == "by foot"
    with pytest.raises(ValueError, match="no row of onset"):
        headlines.select(table, "onset")


def test_the_row_of_the_largest_size_at_the_largest_control_is_selected():
    table = atlas.tabulate([row(size=s, control=c) for s in (10.0, 30.0, 20.0) for c in (2.0, 1.0)])
    found = headlines.select(table, "order")
    assert (found["size"], found["control"]) == (30.0, 2.0)
    found = headlines.select(table, "order", control=1.0, size=10.0)
    assert (found["size"], found["control"]) == (10.0, 1.0)


def test_a_sixth_system_gets_a_column_of_the_figure(tmp_path):
    """One column more, with its title, and no other column changed."""
    table = atlas.tabulate(
        [*toy(), *(row(system="other", quantity=q, window=5.0) for q in ("order", "growth"))]
    )
    two = figure.overview(table, {"other": PANEL, "toy": PANEL}, {"toy": 1.0})
    one = figure.overview(table, {"other": PANEL}, {})
    assert (len(one.axes), len(two.axes)) == (2, 4)
    assert [axis.get_title(loc="left") for axis in two.axes[:2]] == ["Walks further"] * 2
    rings = [line for line in two.axes[1].lines if line.get_markersize() == 12]
    assert [line.get_xdata()[0] for line in rings] == [1.0]
    style.save(two, tmp_path / "two.svg", tmp_path / "two.pdf")
    assert all((tmp_path / name).stat().st_size > 5000 for name in ("two.svg", "two.pdf"))


def test_a_zero_of_growth_that_is_no_critical_point_is_dotted():
    """In both panels, where the axis reaches, with its words once; 5 lies beyond the controls."""
    rows = atlas.tabulate([row(), row(control=3.0)])
    drawn = figure.column(rows, replace(PANEL, zeros=[2.0, 5.0], zeros_label="moves"))
    for axis in drawn.axes:
        dotted = [line.get_xdata()[0] for line in axis.lines if line.get_linestyle() == ":"]
        assert dotted == [2.0]
    assert [text.get_text() for text in drawn.axes[1].texts] == ["moves"]
    plain = figure.column(rows, PANEL)
    assert not plain.axes[1].texts and ":" not in {line.get_linestyle() for line in plain.axes[1].lines}


@pytest.mark.parametrize("width", [None, 180])
def test_no_text_lies_over_another_or_over_the_panels(width):
    """Five sizes, their names above the axes; the tick 150 beside the next system; on a screen and 180 mm wide."""
    sizes = (30.0, 60.0, 80.0, 120.0, 200.0)
    many = [row(control=x, size=s, size_name="cells wide") for x in (1.0, 75.0, 144.0) for s in sizes]
    other = [replace(one, system="other") for one in many]
    long = replace(
        PANEL, title="A title that is long enough to take all three of the lines that there are for it"
    )
    drawn = figure.overview(atlas.tabulate([*many, *other]), {"toy": long, "other": long}, {})
    if width:
        paper.lay_out(drawn, width)
    drawn.canvas.draw()
    panels = [axis.get_window_extent() for axis in drawn.axes]
    texts = [text for axis in drawn.axes for text in axis.texts]
    assert [text.get_text() for text in texts[:5]] == ["30", "60", "80", "120", "200 cells wide"]
    texts += [
        label for axis in drawn.axes for label in axis.get_xticklabels() if label.get_text() in {"0", "150"}
    ]
    texts += [axis.yaxis.label for axis in drawn.axes] + [axis.xaxis.label for axis in drawn.axes]
    texts += drawn.legends[0].get_texts()
    boxes = [text.get_window_extent().shrunk(0.98, 0.9) for text in texts]
    for k, box in enumerate(boxes):
        assert not box.count_overlaps([*panels, *boxes[:k]]), texts[k].get_text()
        assert box.x0 >= 0 and box.x1 <= drawn.bbox.x1, texts[k].get_text()


def test_a_rate_beyond_the_shared_axis_lies_at_its_edge():
    """As a triangle; what lies on the axis stays where it is."""
    rates = {0.3: "o", 2.0: "^", -3.0: "v"}
    rows = [
        row(quantity="onset", value=v, lo=v, hi=v, window=1.0, control=i + 1.0) for i, v in enumerate(rates)
    ]
    drawn = figure.column(atlas.tabulate(rows), PANEL).axes[1]
    found = {line.get_marker(): line.get_ydata()[0] for line in drawn.lines if line.get_marker() != "None"}
    assert found == {"o": 0.3, "^": figure.RATES[1], "v": figure.RATES[0]}
