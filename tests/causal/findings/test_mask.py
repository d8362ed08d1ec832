"""Masked against unmasked attention: pairs, and their difference run by run."""

import pytest

from emergent_dynamics.causal.findings import mask
from tests.causal.findings.test_sweep import member


def test_the_difference_between_masked_and_unmasked_is_paired():
    """Runs differ by 3 groups, masked and unmasked of one run always by 1: no spread is left."""
    masked = member([[5, 4], [8, 7], [2, 1]], [0, 1])
    unmasked = member([[5, 5], [8, 8], [2, 2]], [0, 1], mask="none")
    table = mask.contrast(masked, unmasked)
    assert table["difference"].tolist() == [0, -1]
    assert (table["lo"].tolist(), table["hi"].tolist()) == ([0, -1], [0, -1])
    assert table[["masked", "unmasked"]].to_numpy().tolist() == [[5, 5], [4, 5]]


def test_pairs_of_a_sweep_differ_in_the_mask_only():
    members = [member([[5, 4 - b]], [0, 1], beta=b, mask=m) for b in (1.0, 2.0) for m in ("causal", "none")]
    table = mask.find([*members, member([[1, 1]], [0, 1], beta=3.0)])["mask"]
    assert table["pair"].tolist() == ["beta=1.0"] * 2 + ["beta=2.0"] * 2
    assert (table["difference"] == 0).all()
    empty = mask.find([member([[1, 1]], [0, 1])])["mask"]
    assert empty.empty and list(empty.columns) == list(table.columns)


def test_the_headline_is_the_last_difference():
    """-1, -2, -3 at the end: -2 +- 4.303 / sqrt 3."""
    masked = member([[5, 4], [8, 6], [4, 1]], [0, 1])
    unmasked = member([[5, 5], [8, 8], [4, 4]], [0, 1], mask="none")
    found = mask.summarise(mask.find([masked, unmasked])["mask"])
    assert list(found) == ["mask_difference"]
    headline = found["mask_difference"]
    assert (headline.value, headline.n, headline.unit, headline.rank) == (-2.0, 3, "groups", 2)
    assert headline.ci == pytest.approx((-2 - 4.302653 / 3**0.5, -2 + 4.302653 / 3**0.5))


def test_headlines_of_several_pairs_are_told_apart():
    members = [member([[5, 4], [5, 5]], [0, 1], tokens=n, mask=m) for n in (8, 9) for m in ("causal", "none")]
    found = mask.summarise(mask.find(members)["mask"])
    assert list(found) == ["mask_difference[tokens=8]", "mask_difference[tokens=9]"]
    assert found["mask_difference[tokens=8]"].sentence.endswith("from the same tokens, tokens=8")
    assert found["mask_difference[tokens=8]"].rank is None
    assert mask.summarise(mask.find(members[:1])["mask"]) == {}


def test_only_the_runs_of_both_are_paired():
    table = mask.contrast(member([[5, 4]] * 2, [0, 1]), member([[5, 5]] * 3, [0, 1], mask="none"))
    assert table["n"].tolist() == [2, 2]


@pytest.mark.parametrize("key", ["seed", "tokens", "dimension", "initial", "beta"])
def test_masked_and_unmasked_must_start_alike(key):
    other = member([[5, 5]], [0, 1], mask="none", **{key: 7})
    with pytest.raises(ValueError, match=f"differ in {key}"):
        mask.contrast(member([[5, 4]], [0, 1]), other)


@pytest.mark.parametrize("times", [[0, 2], [0, 1, 2], [0, 1 + 1e-8]])
def test_masked_and_unmasked_must_be_saved_at_the_same_times(times):
    counts = [[5] * len(times)]
    with pytest.raises(ValueError, match="different times"):
        mask.contrast(member([[5, 4]], [0, 1]), member(counts, times, mask="none"))
    assert len(mask.contrast(member([[5, 4]], [0, 1]), member([[5, 4]], [0, 1 + 1e-10], mask="none"))) == 2
