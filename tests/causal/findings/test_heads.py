"""Heads: entropy and output against the model's equations; equal, orthogonal and opposite heads; layers."""

import numpy as np
import pandas as pd
import pytest

from emergent_dynamics.causal import model, resources
from emergent_dynamics.causal.findings import analyse, heads
from tests.causal.experiments import experiment, parameters, random_matrix
from tests.causal.test_matrices import stored

MANY = np.array([random_matrix(3, h, 2.0) for h in range(3)])
SPHERE = {"dimension": 3, "tokens": 20, "steps": 6, "save": {"every": 2}, "beta": 4.0, "step_size": 0.02}
VARIANTS = ({}, {"mask": "none"}, {"attention": "unnormalised", "step_size": 1e-5})


def files(folder, **arrays):
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array)
    return {name: {"file": str(folder / f"{name}.npy")} for name in arrays}


def value(table, metric, head, frame=0):
    rows = table[(table["metric"] == metric) & (table["head"] == head)]
    return rows["value"].iloc[frame]


@pytest.mark.parametrize("change", VARIANTS)
def test_attention_has_the_entropy_and_the_output_of_the_equations(change, monkeypatch):
    """Also in blocks of seven rows, which leave a smaller one at the end."""
    matrices = {"query": random_matrix(3, 1), "key": random_matrix(3, 2, 3.0), "value": random_matrix(3, 3)}
    p = parameters(**SPHERE | change, **matrices)
    x = model.initial(p)[0]
    score = 4.0 * (x @ p.query.T) @ (x @ p.key.T).T
    weight = np.exp(score) * (np.tri(20) if p.causal else 1.0)
    weight /= weight.sum(axis=1, keepdims=True)
    entropy = -np.sum(weight * np.log(np.where(weight > 0, weight, 1.0)), axis=1)
    for rows in (heads.WEIGHTS, 7 * 20):
        monkeypatch.setattr(heads, "WEIGHTS", rows)
        attended, output = heads.attend(x, p)
        assert attended == pytest.approx(np.exp(entropy), rel=1e-12)
        assert output == pytest.approx(model.velocity(x[None], p)[0], rel=1e-9, abs=1e-13)


def test_scores_that_vanish_attend_to_all_and_strong_ones_to_one():
    """(n + 1) / 2 tokens on average under the mask, n without; with beta -> infinity every token attends to itself."""
    for mask, expected in (("causal", 10.5), ("none", 20.0)):
        p = parameters(**SPHERE, mask=mask, key=np.zeros((3, 3)).tolist())
        assert heads.attend(model.initial(p)[0], p)[0].mean() == pytest.approx(expected)
    p = parameters(**SPHERE | {"beta": 1e6})
    attended, output = heads.attend(model.initial(p)[0], p)
    assert attended == pytest.approx(1.0) and (output == 0.0).all()


def test_equal_heads_agree_and_opposite_heads_cancel(tmp_path):
    """Two V of opposite sign put out opposite vectors: agreement 0, and the sum has no length."""
    x = model.initial(parameters(**SPHERE))[0]
    equal = heads.measure(x, parameters(**SPHERE, heads=3))
    assert equal["agreement", "all"] == pytest.approx(1.0)
    assert equal["output", "all"] == pytest.approx(3.0 * equal["output", "2"])
    assert equal["attended", "all"] == pytest.approx(equal["attended", "0"])
    own = files(tmp_path, value=np.array([np.eye(3), -np.eye(3)]))
    opposite = heads.measure(x, parameters(**SPHERE, heads=2, **own))
    assert opposite["agreement", "all"] == opposite["output", "all"] == 0.0
    assert opposite["output", "0"] == opposite["output", "1"] > 0.1


def test_heads_with_orthogonal_outputs_agree_by_one_over_their_number(tmp_path):
    """Tokens at the pole are pushed along one axis by each head: V has one entry in the pole's column."""
    push = np.zeros((2, 3, 3))
    push[0, 0, 2], push[1, 1, 2] = 0.5, 2.0
    p = parameters(**SPHERE, heads=2, **files(tmp_path, value=push))
    found = heads.measure(np.tile([0.0, 0.0, 1.0], (20, 1)), p)
    assert (found["output", "0"], found["output", "1"]) == (0.5, 2.0)
    assert found["output", "all"] == pytest.approx(4.25**0.5)
    assert found["agreement", "all"] == pytest.approx(
        1 / 2
    )  # two orthogonal vectors of any lengths: |a + b|^2 = a^2 + b^2


def test_a_single_head_has_no_agreement_and_tokens_in_one_place_have_no_output():
    p = parameters(**SPHERE)
    assert ("agreement", "all") not in heads.measure(model.initial(p)[0], p)
    found = heads.measure(np.tile([0.6, 0.0, 0.8], (20, 1)), parameters(**SPHERE, heads=2))
    assert found["output", "all"] == 0.0 and np.isnan(found["agreement", "all"])
    assert found["attended", "all"] == pytest.approx(10.5)


def test_the_table_has_every_head_in_every_frame_and_headlines_are_its_ends(tmp_path):
    given = experiment(**SPHERE, heads=3, runs=8, **files(tmp_path, query=MANY))
    assert "heads" in resources.findings(given) and "limits" not in resources.findings(given)
    trajectory = stored(tmp_path / "many", given)
    tables, headlines = analyse(tmp_path / "many" / "x.zarr", given)
    table = tables["heads"]
    assert list(table.columns) == heads.COLUMNS and (table["n"] == 8).all()
    assert table.groupby(["metric", "head"]).size().to_dict() == dict.fromkeys(
        [("agreement", "all"), *((m, h) for m in ("attended", "output") for h in ("0", "1", "2", "all"))], 4
    )
    p = parameters(**SPHERE, heads=3, runs=8, **files(tmp_path, query=MANY))
    for frame, where in ((0, "start"), (-1, "end")):
        runs = [heads.measure(x, p) for x in trajectory["x"].values[:, frame]]
        for metric, unit in (("attended", "tokens"), ("agreement", "1")):
            headline = headlines[f"heads_{metric}_{where}"]
            values = [run[metric, "all"] for run in runs]
            assert headline.value == pytest.approx(np.mean(values)) == value(table, metric, "all", frame)
            half = 2.364624 * np.std(values, ddof=1) / 8**0.5
            assert headline.ci == pytest.approx((headline.value - half, headline.value + half), rel=1e-6)
            assert (headline.unit, headline.n) == (unit, 8)
            assert headline.sentence.endswith(f"at the {where}")


def test_a_frame_has_the_matrices_of_the_layer_that_moves_it(tmp_path):
    """Layers 0, 2 and 4 move the frames; the last frame is moved by none."""
    layers = np.array([random_matrix(3, k) for k in range(6)])
    given = experiment(**SPHERE, **files(tmp_path, query=layers))
    trajectory = stored(tmp_path / "layers", given)
    table = heads.find(trajectory, given)["heads"]
    assert sorted(table["time"].unique()) == trajectory["time"].values[:-1].tolist()
    for frame, layer in enumerate((0, 2, 4)):
        p = parameters(**SPHERE, query=layers[layer].tolist())
        runs = [heads.attend(x, p)[0].mean() for x in trajectory["x"].values[:, frame]]
        assert value(table, "attended", "all", frame) == pytest.approx(np.mean(runs))
    assert list(heads.summarise(table)) == ["heads_attended_start", "heads_attended_end"]


def test_experiments_with_one_set_of_matrices_and_users_vectors_have_no_heads(tmp_path):
    one = files(tmp_path, value=np.eye(3))
    assert "heads" not in resources.findings(experiment(**SPHERE, **one))
    assert "heads" not in resources.findings(experiment(source="states", heads=2))


def test_without_any_output_the_agreement_is_undefined_with_a_reason():
    rows = [("attended", "all", 0.0, 2.0, 1.5, 2.5, 8), ("agreement", "all", 0.0, np.nan, np.nan, np.nan, 0)]
    found = heads.summarise(pd.DataFrame(rows, columns=heads.COLUMNS))
    assert np.isnan(found["heads_agreement_end"].value)
    assert found["heads_agreement_end"].note == "no head moves a token"
    assert found["heads_attended_end"].note is None
