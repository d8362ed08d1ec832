"""Members side by side: what differs, every headline, theory beside them."""

import pytest

from emergent_dynamics.oscillators import theory
from emergent_dynamics.oscillators.figures import comparison
from emergent_dynamics.oscillators.findings import sweep
from tests.oscillators.experiments import KURAMOTO, complete


def headlines(value, verdict=None):
    """A summary as it is read from a file: one number without an expectation, one with 0.7, one undefined."""
    plain = {"ci": [value - 0.1, value + 0.1], "n": 3, "unit": "1", "expectation": None, "verdict": None}
    row = plain | {"value": value}
    expected = {"expectation": {"value": 0.7, "relation": "="}, "verdict": {"outcome": verdict}}
    silent = row | {"value": None, "ci": None}
    return {
        "order_end": row,
        "order_stationary": row | (expected if verdict else {}),
        "convergence_time": silent,
    }


def test_only_what_differs_names_a_member():
    members = [complete(coupling=1), complete(coupling=2), complete(coupling=2, boundary={"x": "periodic"})]
    assert sweep.varied(members) == ["coupling", "boundary"]
    found = sweep.find(members, [headlines(0.1), headlines(0.2), headlines(0.3)])["sweep"]
    assert len(found) == 9 and list(found.columns[:3]) == ["coupling", "boundary", "quantity"]
    ends = found[found["quantity"] == "order_end"]
    assert list(ends["value"]) == [0.1, 0.2, 0.3] and list(ends["coupling"]) == [1, 2, 2]
    assert found[found["quantity"] == "convergence_time"]["value"].isna().all()


def test_numbers_and_words_of_one_parameter_can_be_sorted():
    found = sweep.find([complete(omega=None), complete(omega="mine.npy")], [headlines(0.1), headlines(0.2)])[
        "sweep"
    ]
    assert set(found["omega"]) == {"null", "mine.npy"}


def test_theory_stands_beside_all_to_all_members_only():
    """r(K) of Kuramoto's Gaussian units up to the largest coupling: 0 below K_c, .925182 at K = 3."""
    members = [complete(coupling=k, **KURAMOTO) for k in (1, 3)]
    curve = sweep.find(members, [{}, {}])["stationary"]
    assert curve["coupling"].max() == 3 and curve["order"].iloc[-1] == pytest.approx(0.925182, abs=1e-6)
    assert (curve["order"][curve["coupling"] < theory.critical_coupling("gaussian", 1.0)] == 0).all()
    assert sweep.find([complete(coupling=1), complete(coupling=2)], [{}, {}])["stationary"].empty


def test_a_sweeps_headline_counts_what_agrees():
    members = [complete(coupling=1), complete(coupling=2)]
    tables = sweep.find(members, [headlines(0.7, "agrees"), headlines(0.2, "disagrees")])
    rows = sweep.summarise(tables)
    assert rows["sweep_members"].value == 2
    assert (rows["sweep_agreement"].value, rows["sweep_agreement"].n) == (1, 2)
    assert rows["sweep_agreement"].note == "of 2 with a verdict; not in agreement: order_stationary"


@pytest.mark.parametrize(
    "changes",
    [[{"coupling": 1}, {"coupling": 2}], [{"mapping": "seed"}, {"mapping": "half_turn"}],
     [{"coupling": 1, "bias": 1}, {"coupling": 2, "bias": 1}, {"coupling": 1, "bias": 2}, {"coupling": 2, "bias": 2}],
     [{"coupling": k, **KURAMOTO} for k in (1, 3)]],
)  # fmt: skip
def test_every_sweep_has_a_figure(changes):
    """Along numbers, along words, with colours for a second parameter, and with theory dashed."""
    members = [complete(**change) for change in changes]
    tables = sweep.find(members, [headlines(0.1 * k, "agrees") for k in range(len(members))])
    drawing = comparison.draw(tables["sweep"], tables["stationary"])
    shown = [axis for axis in drawing.axes if axis.get_visible()]
    assert [axis.get_title(loc="left").strip() for axis in shown] == [
        comparison.PANELS[q] for q in ("order_end", "order_stationary")
    ]  # no member settles
    dashed = [line for axis in shown for line in axis.lines if line.is_dashed()]
    assert bool(dashed) == ("topology" in changes[0])


def test_the_table_holds_what_is_expected_and_how_it_came_out():
    members = [complete(coupling=1, mapping="seed"), complete(coupling=2, bias=3, evolve_input=False)]
    table = sweep.find(members, [headlines(0.7, "agrees"), headlines(0.2)])["sweep"]
    assert list(table.columns) == [
        "coupling", "bias", "evolve_input", "mapping", "quantity", "value", "lo", "hi", "n", "unit", "expected",
        "relation", "verdict",
    ]  # fmt: skip
    rows = table.set_index(["quantity", "coupling"])
    known, unknown = rows.loc[("order_stationary", 1)], rows.loc[("order_stationary", 2)]
    assert (known["expected"], known["relation"], known["verdict"]) == (0.7, "=", "agrees")
    assert unknown[["expected", "relation", "verdict"]].isna().all()
    assert (known["lo"], known["hi"], known["n"], known["unit"]) == (
        pytest.approx(0.6),
        pytest.approx(0.8),
        3,
        "1",
    )
    assert rows.loc[("convergence_time", 1)][["lo", "hi"]].isna().all()
    assert known["evolve_input"] == "true" and known["mapping"] == "seed" and known["bias"] == 1.25
    assert list(table["quantity"]) == sorted(table["quantity"])


def test_theory_goes_to_the_largest_coupling_of_each_distribution():
    members = [complete(**KURAMOTO, coupling=k) for k in (3, 2)]
    members.append(
        complete(**{**KURAMOTO, "natural": {"distribution": "lorentzian", "scale": 0.5}}, coupling=2)
    )
    members.append(complete(**{**KURAMOTO, "normalise": "sum"}, coupling=9))
    members.append(complete(**{**KURAMOTO, "natural": {"distribution": "uniform", "scale": 1}}, coupling=0.5))
    curves = sweep.find(members, [{}] * 5)["stationary"].groupby(["distribution", "scale"])
    assert {key: (len(own), own["coupling"].iloc[0], own["coupling"].iloc[-1]) for key, own in curves} == {
        ("gaussian", 1): (200, 0, 3), ("lorentzian", 0.5): (200, 0, 2),
        ("uniform", 1): (200, 0, 0.5),
    }  # fmt: skip
    assert curves.get_group(("lorentzian", 0.5))["order"].iloc[-1] == pytest.approx(0.5**0.5)


def test_one_member_is_a_sweep_of_one_and_no_verdict_is_no_agreement():
    rows = sweep.summarise(sweep.find([complete()], [headlines(0.1)]))
    assert (rows["sweep_members"].value, rows["sweep_members"].n, rows["sweep_members"].exact) == (1, 1, True)
    assert (rows["sweep_agreement"].value, rows["sweep_agreement"].note) == (0, "of 0 with a verdict")
    assert rows["sweep_agreement"].exact
