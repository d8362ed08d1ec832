"""How often intervals cover: the count, the page made from the table, and the table's first repeats once more."""

import numpy as np
import pandas as pd
import pytest

from performance import interval_coverage as coverage
from tests.kept import SYSTEMS

COUNTED = sorted(
    [*SYSTEMS, *(name for name in coverage.names() if name.split()[0] in SYSTEMS and " " in name)]
)


def test_the_share_is_that_of_intervals_that_hold_the_truth():
    """Of `a` theory knows 2, which two of three intervals hold; of `b` nothing, the mean is 1; `c` has no interval."""
    rows = [
        *((seed, "a", 2.0, lo, lo + 1, 2.0) for seed, lo in ((1, 1.5), (2, 2.0), (9, 2.1))),
        *((seed, "b", value, value - 0.6, value + 0.6, np.nan) for seed, value in ((1, 0.5), (2, 1.5))),
        (3, "b", 1.0, np.nan, np.nan, np.nan),
        (1, "c", 1.0, np.nan, np.nan, np.nan),
    ]
    rows = pd.DataFrame(rows, columns=["seed", "headline", "value", "lo", "hi", "exact"])
    table = coverage.share(rows, {})
    assert table.to_dict("records") == [
        {"headline": "a", "truth": 2.0, "kind": "exact", "repeats": 3, "covered": 2, "first": 2},
        {"headline": "b", "truth": 1.0, "kind": "mean", "repeats": 2, "covered": 2, "first": 2},
    ]
    half = coverage.share(rows, {"b": lambda means: means["a"] / 2 - 0.6})
    assert half["truth"].tolist() == [2.0, 0.4] and half["covered"].tolist() == [2, 1]


def test_the_page_is_made_from_the_table():
    assert coverage.PAGE.read_text() == coverage.page(pd.read_csv(coverage.TABLE))


def test_shares_below_93_percent_by_chance_are_expected_as_often_as_they_are_drawn():
    """60, 200 and 200 repeats: P(k <= 55 of 60) = 0.180, P(k <= 185 of 200) = 0.078."""
    expected = coverage.below_by_chance(pd.Series([60, 200, 200]))
    rng = np.random.default_rng(1)
    drawn = [rng.binomial(n, 0.95, 100_000) / n < 0.93 for n in (60, 200, 200)]
    assert expected == pytest.approx(np.sum(drawn) / 100_000, abs=4 * np.sqrt(0.3 / 100_000))
    assert expected == pytest.approx(0.1803 + 2 * 0.0781, abs=2e-4)


def test_an_interval_is_significantly_short_only_beside_all_others():
    """P(k <= 179 of 200) is 0.0012: short among 20 headlines that cover, but not among 200."""
    few, many = (pd.DataFrame({"covered": [179, *[190] * others], "repeats": 200}) for others in (19, 199))
    assert coverage.too_short(few).tolist() == [True, *[False] * 19]
    assert not coverage.too_short(many).any()


def test_every_system_was_repeated_as_often_as_it_says():
    """60 times at least; a headline that is undefined in some repeats has fewer, which may be all of an experiment."""
    most = pd.read_csv(coverage.TABLE).groupby("system")["repeats"].max()
    assert list(most.index) == COUNTED
    asked = {name: coverage.repeats(name) for name in COUNTED}
    assert all(asked[name] >= 60 and 0.9 * asked[name] < most[name] for name in COUNTED)


@pytest.mark.slow  # eight simulations and analyses of each system: two minutes
@pytest.mark.parametrize("system", COUNTED)
def test_the_first_repeats_of_the_table_come_out_again(system):
    """The same intervals hold the same truth, but for the rounding of a boundary."""
    table = pd.read_csv(coverage.TABLE)
    known = table[table["system"] == system].set_index("headline")
    found = coverage.repeat(system, range(1, coverage.FIRST + 1))
    own = found[found["lo"].notna() & found["headline"].isin(known.index)]
    exact = own["exact"].notna() & (own["headline"].map(known["kind"]) == "exact")
    truth = own["exact"].where(exact, own["headline"].map(known["truth"]))
    covered = ((own["lo"] <= truth) & (truth <= own["hi"])).groupby(own["headline"]).sum()
    assert len(covered) > 0.8 * len(known)
    assert (covered - known["first"].loc[covered.index]).abs().max() == 0
