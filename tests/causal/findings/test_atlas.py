"""Causal attention in the atlas against the linear response of uniform tokens, and against what must hold."""

import numpy as np
import pytest

from emergent_dynamics.causal import exact
from emergent_dynamics.causal.findings import atlas
from emergent_dynamics.config.schema import read_schemas, resolve

SCHEMA = read_schemas()[1]["causal"]["atlas"]
SMALL = {"beta": [9, 49], "sizes": [32, 64], "runs": 8, "end_time": 20}
# beta, dt -> onset of Euler's step around uniform tokens without a mask, by other code
UNIFORM = {(9, 0.05): 0.694803, (9, 0.01): 0.702449, (49, 0.05): 0.718454, (49, 0.01): 0.727973}


@pytest.fixture(scope="module")
def table():
    return atlas.find(resolve(SCHEMA, SMALL))["atlas"]


def rows(table, quantity, size, series="map"):
    found = table[(table["quantity"] == quantity) & (table["n"] > 0) & (table["series"] == series)]
    return found[found["size"] == size].sort_values("control")


def circle(angle):
    return np.stack([np.cos(angle), np.sin(angle)], -1)[None]


@pytest.mark.parametrize(("beta", "step_size"), UNIFORM)
def test_without_a_mask_equally_spaced_tokens_grow_as_theory_says(beta, step_size):
    """1,024 tokens: the formula's number to its six digits, and the map's own rate to 2e-6 of it."""
    expected = atlas.uniform_onset(beta, step_size)
    assert expected == pytest.approx(UNIFORM[beta, step_size], abs=1e-6)
    p = atlas.experiment(beta, 1024, 1, "none", step_size)
    found = atlas.onset(p, circle(2 * np.pi * np.arange(1024) / 1024))[0]
    assert found == pytest.approx(expected, abs=2e-6)


@pytest.mark.parametrize(("beta", "rate"), [(9, 0.704083), (49, 0.730012)])
def test_with_small_steps_they_do_too(beta, rate):
    p = atlas.experiment(beta, 1024, 1, "none", 0.002)
    found = atlas.onset(p, circle(2 * np.pi * np.arange(1024) / 1024))[0]
    assert found == pytest.approx(rate, abs=2e-6)
    assert found == pytest.approx(atlas.uniform_onset(beta, 0.002), abs=2e-6)


def test_under_the_mask_it_is_the_limit_of_many_tokens():
    """Tokens in the order of the golden angle, which fill the circle evenly: from below, within 0.008 at 16,384."""
    golden = np.pi * (3 - np.sqrt(5))
    found = []
    for tokens in (256, 1024, 4096, 16384):
        p = atlas.experiment(9.0, tokens, 1)
        found.append(atlas.onset(p, circle(golden * np.arange(tokens)))[0])
    # by other code, whose sequence may start elsewhere: 0.003 at 256
    assert found == pytest.approx([0.631, 0.670, 0.686, 0.6915], abs=4e-3)
    assert np.all(np.diff(found) > 0) and 0 < atlas.uniform_onset(9.0, 0.05) - found[-1] < 0.008


def test_the_rate_of_the_step_tends_to_that_of_the_flow():
    """lambda_m at beta 9 is 0.70450; for large beta it tends to 2 / e."""
    assert atlas.uniform_onset(9.0, 1e-6) == pytest.approx(0.70450, abs=1e-5)
    assert atlas.uniform_onset(900.0, 1e-6) == pytest.approx(2 / np.e, abs=2e-3)


@pytest.mark.parametrize("quantity", ["onset", "follow"])
def test_a_disturbance_is_small_enough_to_be_linear(monkeypatch, quantity):
    """Logarithms at 1e-8 and 1e-7 agree to 0.002, also where they grow 20-fold; their means at 1e-6 to 0.01."""
    found = []
    for size in (1e-8, atlas.SMALL, 1e-6):
        monkeypatch.setattr(atlas, "SMALL", size)
        p, x = atlas.experiment(25.0, 64, 8), atlas.start(1, 64, 8)
        found.append(atlas.onset(p, x) if quantity == "onset" else atlas.follow(p, x, 1, 20).ln_length)
    np.testing.assert_allclose(*found[:2], rtol=0, atol=0.002)
    np.testing.assert_allclose(found[0].mean(-1), found[2].mean(-1), rtol=0, atol=0.01)


def test_two_tokens_approach_each_other_as_their_exact_map_says():
    """The displacement of the second of two tokens shrinks by the derivative of `exact.pair_map` over 5 time units."""
    p, end, steps = atlas.experiment(4.0, 2, 1), 5, 105
    x = circle(np.array([0.0, 0.8]))
    first = np.array([0.0, 1e-7])
    both = np.concatenate([x, circle(np.array([0.0, 0.8]) + first)])
    found = atlas._length(both, 1)[0]
    assert found == pytest.approx(1e-7, rel=1e-8)
    derivative = (
        exact.pair_map(4.0, 0.8 + 1e-5, 0.05, steps) - exact.pair_map(4.0, 0.8 - 1e-5, 0.05, steps)
    ) / 2e-5
    followed = atlas.follow(p, x, 1, end)
    angle = np.arctan2(followed.x[0, 1, 1], followed.x[0, 1, 0])
    assert angle == pytest.approx(exact.pair_map(4.0, 0.8, 0.05, steps), abs=1e-12)
    # a displacement (a, b) moves the first token by a for ever and the gap by its derivative
    shift = atlas.streams.normal(1, "causal.atlas.2", 0, 1, 2)
    moved = np.array([shift[0], shift[0] + derivative * (shift[1] - shift[0])])
    expected = np.log(np.linalg.norm(moved) / np.linalg.norm(shift))
    assert followed.ln_length[-1, 0] == pytest.approx(expected, abs=1e-5)


def test_starts_are_the_same_for_every_beta_and_others_for_every_size():
    one, other = atlas.start(1, 32, 3), atlas.start(1, 64, 3)
    assert np.array_equal(one[:2], atlas.start(1, 32, 2)) and not np.allclose(one, other[:, :32])
    np.testing.assert_allclose((one**2).sum(-1), 1, atol=1e-15)


def test_a_member_does_not_depend_on_which_others_are_asked_for(table):
    alone = atlas.find(resolve(SCHEMA, SMALL | {"beta": [25, 49], "sizes": [64]}))["atlas"]
    for quantity in ("order", "onset", "growth", "amplification"):
        own, other = (rows(t, quantity, 64) for t in (alone, table))
        assert own[own["control"] == 49]["value"].item() == other[other["control"] == 49]["value"].item()


def test_amplification_is_the_largest_length_on_the_way_and_growth_one_of_them(table):
    """Recomputed from the lengths; the whole run has a series of its own, so that windows are not mixed."""
    p, x = atlas.experiment(49.0, 64, 8), atlas.start(1, 64, 8)
    ln_length = atlas.follow(p, x, 1, 20).ln_length
    assert ln_length.shape == (20, 8)
    found = {q: rows(table, q, 64)["value"].iloc[1] for q in ("amplification", "growth")}
    assert found["amplification"] == pytest.approx(ln_length.max(0).clip(0).mean(), rel=1e-12)
    assert found["growth"] == pytest.approx(ln_length[4].mean() / 5, rel=1e-12)
    whole = rows(table, "growth", 64, "whole_run")
    assert whole["value"].iloc[1] == pytest.approx(ln_length[-1].mean() / 20, rel=1e-12)
    assert set(whole["window"]) == {20.0} and set(rows(table, "growth", 64)["window"]) == {5.0}


def test_groups_are_counted_at_the_end(table):
    """Single linkage on the circle by hand: gaps between sorted angles of at least 0.49 / sqrt(beta) as a chord."""
    p, x = atlas.experiment(9.0, 64, 8), atlas.start(1, 64, 8)
    end = atlas.follow(p, x, 1, 20).x
    counts = []
    for run in end:
        angle = np.sort(np.arctan2(run[:, 1], run[:, 0]))
        chord = 2 * np.sin(np.diff(np.append(angle, angle[0] + 2 * np.pi)) / 2)
        counts.append(max(1, (chord >= 0.49 / 3).sum()))
    order = rows(table, "order", 64).iloc[0]
    assert order["value"] == np.mean(counts)
    assert order["theory"] == exact.strong_centres(4 / 3, 64, 2)


def test_a_number_of_groups_that_is_the_same_in_all_runs_has_no_interval():
    """Student's would have no length; 1 - 0.05^(1/64) of the runs may differ unseen. Others: the mean and its t."""
    found, note = atlas.counted(np.ones(64))
    assert (found.value, found.ci, found.n) == (1.0, None, 64)
    assert note == "1 in all 64 runs: at most a share of 0.046 of runs has another (95 %)"
    found, note = atlas.counted(np.array([1.0, 2.0, 3.0, 2.0]))
    assert found.value == 2 and found.hi - 2 == pytest.approx(3.18245 * np.sqrt(2 / 3) / 2, rel=1e-5)
    assert note == "" and atlas.counted(np.array([1.0, 1.0, 1.0, 2.0]))[0].lo == 1


def test_a_twin_that_is_not_moved_stays():
    p, x = atlas.experiment(25.0, 32, 8), atlas.start(1, 32, 8)
    both = np.concatenate([x, x])
    atlas.cpu.advance(both, p, 105)
    assert (atlas._length(both, 8) == 0).all() and not np.allclose(both[:8], x)


def test_headlines_and_panel_are_made_from_the_rows(table):
    found = atlas.summarise(table)
    assert {name: h.value for name, h in found.items()} == {
        "groups_at_largest_beta": rows(table, "order", 64)["value"].iloc[-1],
        "growth_early": rows(table, "growth", 64)["value"].iloc[-1],
        "growth_whole": rows(table, "growth", 64, "whole_run")["value"].iloc[-1],
        "amplification": rows(table, "amplification", 64)["value"].iloc[-1],
    }
    assert all(h.expectation is None for h in found.values())
    order, peak = (rows(table, q, 64)["value"].to_numpy() for q in ("order", "amplification"))
    power = np.log(order[1] / order[0]) / np.log(49 / 9)
    assert atlas.panel(table).title.startswith(
        f"Groups grow as β^{power:.2f}; a disturbance grows {np.exp(peak.mean()):.0f}-fold, "
    )
    whole = (table["series"] == "whole_run") & (table["quantity"] == "growth")
    for value, fate in ((0.0, "then shrinks"), (peak.mean() / 20, "and stays")):
        changed = table.assign(value=table["value"].mask(whole, value))
        assert atlas.panel(changed).title.endswith(fate)
