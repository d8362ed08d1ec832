"""Q, K and V from files, one matrix or one for every layer: the same bits as the same numbers in the configuration."""

import itertools

import numpy as np
import pytest

from emergent_dynamics.runtime import provenance
from emergent_dynamics import driver, store
from emergent_dynamics.causal import model, resources, theory
from emergent_dynamics.causal.checks import check
from emergent_dynamics.causal.findings import analyse
from emergent_dynamics.causal.front import FRONT
from emergent_dynamics.causal.parameters import Parameters
from emergent_dynamics.causal.simulation import CausalSimulation, build
from emergent_dynamics.config import load
from tests.causal.experiments import experiment, parameters, random_matrix, rotation

NAMES = ("query", "key", "value")
SPHERE = {"dimension": 3, "tokens": 20, "steps": 6, "save": {"every": 2}, "beta": 4.0}
SHAPES = "an array of shape (dimension, dimension) = (3, 3) or (steps, dimension, dimension) = (6, 3, 3)"
LAYERS = {
    name: np.array([random_matrix(3, 10 * i + layer) for layer in range(6)]) for i, name in enumerate(NAMES)
}


def written(folder, matrices):
    """{name: {file: path}} of matrices, each in another format."""
    np.save(folder / "query.npy", matrices["query"])
    np.savez(folder / "key.npz", k=matrices["key"], other=np.zeros(3))
    paths = {"query": "query.npy", "key": "key.npz#k"}
    if matrices["value"].ndim == 2:
        np.savetxt(folder / "value.csv", matrices["value"], fmt="%.17g", delimiter=",")
        paths["value"] = "value.csv"
    else:
        np.save(folder / "value.npy", matrices["value"])
        paths["value"] = "value.npy"
    return {name: {"file": str(folder / path)} for name, path in paths.items()}


def stored(folder, given):
    folder.mkdir()
    attributes = provenance.attributes("causal", "mine", given, "")
    driver.run(build(given), folder / "checkpoint", folder / "x.zarr", attributes)
    return store.open_complete(folder / "x.zarr")


@pytest.mark.parametrize("integrator", ["map", "ode"])
def test_matrices_from_files_of_three_formats_are_those_written_in_the_configuration(tmp_path, integrator):
    one = {name: LAYERS[name][0] for name in NAMES}
    kind = SPHERE | {"integrator": integrator, "end_time": 6.0}
    here = stored(tmp_path / "a", experiment(**kind, **{name: a.tolist() for name, a in one.items()}))
    given = experiment(**kind, **written(tmp_path, one))
    assert list(check(given)) == []
    theirs = stored(tmp_path / "b", given)
    assert np.array_equal(here["x"].values, theirs["x"].values)
    assert np.array_equal(theirs["value"].values, one["value"]) and "value" not in here


@pytest.mark.parametrize("engine", ["reference", "cpu"])
def test_step_k_has_the_matrices_of_layer_k_in_every_engine(tmp_path, engine):
    """Against the equations, one layer after the other."""
    given = experiment(**SPHERE, **written(tmp_path, LAYERS), engine=engine, device="cpu")
    assert list(check(given)) == []
    simulation = build(given)
    x = model.initial(simulation.parameters)
    for layer in range(6):
        score = 4.0 * np.einsum("ca,rka,cb,rjb->rkj", LAYERS["query"][layer], x, LAYERS["key"][layer], x)
        weight = np.exp(np.where(np.tri(20, dtype=bool), score, -np.inf))
        weight /= weight.sum(-1, keepdims=True)
        moved = x + 0.05 * np.einsum("rkj,ab,rjb->rka", weight, LAYERS["value"][layer], x)
        x = moved / np.linalg.norm(moved, axis=-1, keepdims=True)
    found = simulation.advance(simulation.initial(), 0, 6)["x"]
    assert np.abs(found - x).max() < 1e-13


def test_equal_layers_are_one_matrix_and_pieces_of_a_run_are_the_run(tmp_path):
    """Bit for bit: on the circle the Fourier kernel takes every layer, as it takes the one matrix."""
    turn = np.array(rotation(0.3))
    alike = {
        "query": np.stack([turn] * 40),
        "key": np.stack([np.eye(2)] * 40),
        "value": np.stack([np.eye(2)] * 40),
    }
    circle = {"steps": 40, "save": {"every": 7}, "tokens": 100}
    layered = CausalSimulation(parameters(**circle, **written(tmp_path, alike)))
    single = CausalSimulation(parameters(**circle, query=turn.tolist()))
    whole = layered.advance(layered.initial(), 0, 40)["x"]
    assert np.array_equal(whole, single.advance(single.initial(), 0, 40)["x"])
    state = layered.initial()
    for start, stop in itertools.pairwise([0, 1, 13, 14, 40]):
        state = layered.advance({name: np.array(a) for name, a in state.items()}, start, stop)
    assert np.array_equal(whole, state["x"])


def test_one_matrix_may_stand_beside_those_of_layers(tmp_path):
    files = written(tmp_path, LAYERS)
    mixed = Parameters.from_config(experiment(**SPHERE, value=files["value"], query=random_matrix(3, 7)))
    assert mixed.layered and mixed.query.ndim == 2
    assert np.array_equal(mixed.layer(4).value, LAYERS["value"][4]) and not mixed.layer(4).layered
    assert np.array_equal(mixed.layer(4).query, mixed.query)


@pytest.mark.parametrize(
    ("array", "changes", "says"),
    [(np.eye(2), {}, f"{SHAPES}; it has (2, 2)"),
     (np.ones((5, 3, 3)), {}, f"{SHAPES}; it has (5, 3, 3)"),
     (np.ones((6, 3, 3)), {"integrator": "ode", "end_time": 6.0},
      "an array of shape (dimension, dimension) = (3, 3); it has (6, 3, 3)"),
     (np.full((3, 3), np.inf), {}, "an array of finite numbers; it holds inf at [0, 0]"),
     (np.eye(3) * 1j, {}, "a file of real numbers; it holds complex numbers")],
)  # fmt: skip
def test_a_matrix_that_does_not_fit_is_refused_with_its_key_before_the_run(tmp_path, array, changes, says):
    np.save(tmp_path / "v.npy", array)
    given = experiment(**SPHERE | changes, value={"file": str(tmp_path / "v.npy")})
    assert [(fault[0], fault[2]) for fault in check(given)] == [("value.file", says)]


def test_the_strongest_layer_bounds_the_step(tmp_path):
    strong = LAYERS["value"].copy()
    strong[4] *= 40
    np.save(tmp_path / "v.npy", strong)
    ((key, _, says),) = check(experiment(**SPHERE, value={"file": str(tmp_path / "v.npy")}))
    assert key == "step_size" and says.startswith("less than 0.025, 1 / |V|")


def test_a_missing_file_is_one_line_and_a_changed_one_is_another_experiment(tmp_path):
    def found():
        given = SPHERE | {"value": {"file": str(tmp_path / "v.npy")}, "runs": 3}
        return load({"experiments": {"causal": {"x": given}}}, ["test"]).parameters("causal", "x")

    with pytest.raises(Exception, match=r"value\.file = .*must be a file that exists"):
        found()
    digests = set()
    for value in (1.0, 2.0):
        np.save(tmp_path / "v.npy", value * np.eye(3))
        digests |= set(found()["inputs_sha256"].items())
    assert len(digests) == 2 and {key for key, _ in digests} == {"value.file"}


def test_nothing_that_rests_on_the_matrices_is_expected_and_what_rests_on_the_start_is(tmp_path):
    """The identity in a file is not looked into: the numbers of the second code are for the model without files."""
    np.save(tmp_path / "i.npy", np.eye(2))
    ours, theirs = experiment(), experiment(key={"file": str(tmp_path / "i.npy")})
    assert theory.is_seed_model(ours) and not theory.is_seed_model(theirs)
    assert theory.limit_law(ours) and theory.limit_law(theirs) is None
    flow = {"mask": "none", "integrator": "ode"}
    assert theory.energy_never_falls(ours | flow) and theory.energy_never_falls(theirs | flow) is None
    assert theory.centres_mean("strong", 4.0, theirs) == theory.centres_mean("strong", 4.0, ours)


def test_limits_are_those_of_the_one_v_and_left_out_where_there_are_many(tmp_path):
    """The analysis needs the store alone: the file may be gone."""
    one = experiment(**SPHERE, value={"file": str(tmp_path / "v.npy")}, runs=8)
    np.save(tmp_path / "v.npy", np.diag([1.0, 0.5, 0.0]))
    assert "limits" in resources.findings(one)
    stored(tmp_path / "one", one)
    (tmp_path / "v.npy").unlink()
    tables, headlines = analyse(tmp_path / "one" / "x.zarr", one)
    same = experiment(**SPHERE, value="axis", runs=8)
    stored(tmp_path / "same", same)
    assert tables["limits"].equals(analyse(tmp_path / "same" / "x.zarr", same)[0]["limits"])
    assert headlines["along_leading_space"].n == 8 and "limit_reached" not in headlines
    np.save(tmp_path / "v.npy", LAYERS["value"])
    many = experiment(**SPHERE, value={"file": str(tmp_path / "v.npy")}, runs=8)
    assert "limits" not in resources.findings(many)
    found = stored(tmp_path / "many", many)
    assert "value" not in found and "limits" not in analyse(tmp_path / "many" / "x.zarr", many)[0]
    assert "your own V" in FRONT.size(many)
    assert any("depend on Q, K and V" in line for line in FRONT.limits(many, {}))


def test_a_job_asks_for_the_memory_of_its_matrices_and_for_no_gpu(tmp_path):
    np.save(tmp_path / "v.npy", np.zeros((100, 100, 100)))
    kind = {
        "dimension": 100,
        "steps": 100,
        "tokens": 20000,
        "runs": 64,
        "device": "cuda",
        "save": {"every": 1},
    }
    own, ours = experiment(**kind, value={"file": str(tmp_path / "v.npy")}), experiment(**kind)
    assert resources.mem_mb(own) - resources.mem_mb(ours) == 16
    assert (resources.gpus(own), resources.gpus(ours)) == (0, 1)
