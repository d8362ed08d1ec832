"""A user's vectors: read unchanged, normalised, analysed like simulated ones; no value is expected of them."""

import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
import zarr

from emergent_dynamics.runtime import provenance
from emergent_dynamics import driver, store
from emergent_dynamics.causal import simulation, theory
from emergent_dynamics.causal.checks import check
from emergent_dynamics.causal.figures import axes, film, spacetime, viewer
from emergent_dynamics.causal.figures.tokens import principal
from emergent_dynamics.causal.findings import analyse
from emergent_dynamics.config.schema import read_schemas, resolve

PAGE = Path(__file__).resolve().parents[2] / "docs" / "causal.md"
X = np.random.default_rng(2).normal(size=(3, 5, 7, 4)) * 10.0 ** np.arange(-2, 5)[:, None]


def experiment(path, **changes):
    shape = {"runs": 3, "tokens": 7, "dimension": 4}
    given = {"source": "states", "states": {"path": str(path)}} | shape | changes
    return resolve(read_schemas()[1]["causal"], given)


def stored(folder, parameters):
    assert list(check(parameters)) == []
    attributes = provenance.attributes("causal", "mine", parameters, "")
    driver.run(simulation.build(parameters), folder / "checkpoint", folder / "x.zarr", attributes)
    return store.open_complete(folder / "x.zarr")


def test_directions_times_norms_are_what_was_brought(tmp_path):
    np.save(tmp_path / "x.npy", X)
    found = stored(
        tmp_path, experiment(tmp_path / "x.npy", states={"path": str(tmp_path / "x.npy"), "step": 2})
    )
    assert np.allclose(np.linalg.norm(found["x"].values, axis=-1), 1, atol=1e-15)
    assert np.allclose(found["x"].values * found["norm"].values[..., None], X, rtol=1e-14)
    assert found["time"].values.tolist() == [0, 2, 4, 6, 8] and found["time"].attrs["units"] == "layer"
    assert found.attrs["engine"] == "none"


def test_every_format_and_a_single_run_without_its_axis_give_the_same_store(tmp_path):
    np.save(tmp_path / "x.npy", X[:1])
    np.savez(tmp_path / "x.npz", hidden=X[0], other=X)
    zarr.save_array(str(tmp_path / "z.zarr"), X[0])
    digests = set()
    for number, path in enumerate(("x.npy", "x.npz#hidden", "z.zarr")):
        (tmp_path / str(number)).mkdir()
        found = stored(tmp_path / str(number), experiment(tmp_path / path, runs=1))
        digests.add(tuple(found[name].attrs["content_sha256"] for name in ("x", "norm", "time")))
    assert len(digests) == 1


def test_lengths_beyond_float32_keep_their_direction(tmp_path):
    np.save(tmp_path / "x.npy", X * np.array([1e-200, 1e200, 1.0])[:, None, None, None])
    found = stored(tmp_path, experiment(tmp_path / "x.npy"))
    expected = X / np.linalg.norm(X, axis=-1, keepdims=True)
    assert np.abs(found["x"].values - expected).max() < 1e-15 and np.isfinite(found["norm"].values).all()


@pytest.mark.parametrize(
    ("array", "says"),
    [(X[0], "an array of shape (runs, layer, tokens, dimension) = (3, any, 7, 4); it has (5, 7, 4)"),
     (X[:, :1], "an array of at least 2 layers; it has 1"),
     (X * np.where(np.arange(7) == 2, 0.0, 1.0)[:, None],
      "an array of vectors with a direction, the one at [0, 0, 2] is zero"),
     (np.where(X > 0, X, np.nan), "an array of finite numbers; it holds nan at")],
)  # fmt: skip
def test_vectors_that_cannot_be_looked_at_are_refused_before_the_run(tmp_path, array, says):
    np.save(tmp_path / "x.npy", array)
    ((key, _, allowed),) = check(experiment(tmp_path / "x.npy"))
    assert key == "states.path" and allowed.startswith(says)


def test_a_source_without_its_file_and_a_file_without_its_source_are_refused():
    assert [fault[0] for fault in check(resolve(read_schemas()[1]["causal"], {"source": "states"}))] == [
        "states.path"
    ]
    given = resolve(read_schemas()[1]["causal"], {"states": {"path": "x.npy"}})
    assert [fault[0] for fault in check(given)] == ["states.path"]


def test_nothing_is_expected_of_vectors_even_where_every_other_key_is_the_original_studys():
    ours = resolve(read_schemas()[1]["causal"], {})
    theirs = resolve(read_schemas()[1]["causal"], {"source": "states", "states": {"path": "x.npy"}})
    assert theory.is_seed_model(ours) and not theory.is_seed_model(theirs)
    for parameters, expected in ((ours, True), (theirs, False)):
        found = [theory.centres_mean("strong", 4.0, parameters), theory.uniform_start("energy", parameters)]
        assert [one is not None for one in found] == [expected, expected]
    flow = {"mask": "none", "integrator": "ode"}
    assert theory.energy_never_falls(ours | flow) and theory.energy_never_falls(theirs | flow) is None


def test_more_than_three_coordinates_are_shown_along_the_axes_in_which_most_lies():
    """A plane of a space of 6 coordinates, hidden by a rotation: two axes hold all of it."""
    rng = np.random.default_rng(1)
    turned = np.linalg.qr(rng.normal(size=(6, 6)))[0]
    angle = rng.uniform(0, 2 * np.pi, (9, 11))
    flat = np.stack([np.cos(angle), np.sin(angle), *np.zeros((4, 9, 11))], axis=-1)
    shown = principal(flat @ turned)
    assert shown.shape == (9, 11, 3)
    assert np.allclose(np.linalg.norm(shown, axis=-1), 1) and np.abs(shown[..., 2]).max() < 1e-12
    assert (shown[-1].sum(axis=0) > -1e-12).all()
    assert np.allclose(shown @ shown.swapaxes(-1, -2), flat @ flat.swapaxes(-1, -2))
    assert principal(flat[..., :3]) is not flat and principal(flat[..., :3]).shape == (9, 11, 3)


def test_figures_call_their_axis_by_the_unit_of_the_vectors(tmp_path):
    np.save(tmp_path / "x.npy", X)
    parameters = experiment(tmp_path / "x.npy")
    assert axes.clock(parameters) == "layer" and axes.clock({}) == axes.TIME
    found = stored(tmp_path, parameters)
    x, labels = found["x"].values[0], np.zeros((5, 7), np.int32)
    time = found["time"].values
    assert spacetime.diagram(x, labels, time, "layer").axes[0].get_xlabel() == "layer"
    assert sum(1 for _ in film.frames(x, labels, time, 9.0, "layer")) == 5
    groups = found[["x"]].isel(coord=0).rename(x="label").astype(np.int32) * 0
    assert viewer.page(found, groups, 9.0, "mine", "layer").count('"layer"') == 3


def test_the_recipe_of_the_documents_takes_hidden_states_from_a_model_to_headlines(tmp_path, monkeypatch):
    """Its lines, on a small transformer built here that answers as `transformers` does."""
    (recipe,) = re.findall(
        r"```python\n(.*?)```", PAGE.read_text().partition("Hidden states of a transformer")[2], re.S
    )
    torch.manual_seed(1)
    blocks = [torch.nn.TransformerEncoderLayer(16, 2, 32, dropout=0.0, batch_first=True) for _ in range(4)]
    embedding = torch.nn.Embedding(50, 16)

    def model(input_ids, output_hidden_states):
        assert output_hidden_states
        states = [embedding(input_ids)]
        for block in blocks:
            states.append(block(states[-1]))
        return SimpleNamespace(hidden_states=tuple(states))

    monkeypatch.chdir(tmp_path)
    inputs = {"input_ids": torch.randint(0, 50, (8, 12))}
    names = {"model": model, "inputs": inputs}
    exec(recipe, names)
    saved = np.load(tmp_path / "states.npy")
    assert saved.shape == (8, 5, 12, 16) and saved.dtype == np.float32
    parameters = experiment("states.npy", runs=8, tokens=12, dimension=16, beta=4.0)
    stored(tmp_path, parameters)
    tables, headlines = analyse(tmp_path / "x.zarr", parameters)
    assert "limits" not in tables and not any(headline.expectation for headline in headlines.values())
    assert headlines["n_clusters_end"].n == 8 and len(tables["counts"]) == 5
