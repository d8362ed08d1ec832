"""A user's couplings, natural frequencies and noise: closed forms, equal bits after a resume, errors of one line."""

import itertools

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.linalg import expm

from emergent_dynamics.runtime import provenance
from emergent_dynamics import driver, store
from emergent_dynamics.oscillators import checks, draws, model, parameters, resources, theory
from emergent_dynamics.oscillators.findings import analyse
from emergent_dynamics.oscillators.front import FRONT
from emergent_dynamics.oscillators.network import edges, read_network
from emergent_dynamics.oscillators.simulation import build
from tests.oscillators.experiments import complete

RNG = np.random.default_rng(8)
LINE = {"height": 1, "channels": 1, "bias": 0, "frequency": 0, "input": {"source": "uniform"}}


def random_weights(n=12):
    """Symmetric, of both signs, sparse, with a loop."""
    w = np.triu(np.where(RNG.random((n, n)) < 0.4, RNG.normal(size=(n, n)), 0))
    return w + np.triu(w, 1).T


def network(path, **changes):
    return complete(**LINE | {"topology": "network", "network": str(path)} | changes)


def stored(folder, config):
    assert list(checks.check(config)) == []
    folder.mkdir(exist_ok=True)
    attributes = provenance.attributes("oscillators", "mine", config, "")
    driver.run(build(config), folder / "checkpoint", folder / "x.zarr", attributes)
    return store.open_complete(folder / "x.zarr")


def test_a_network_is_the_same_from_every_form_of_its_file(tmp_path):
    w = random_weights()
    i, j = np.nonzero(np.triu(w))
    rows = np.stack([i, j, w[i, j]], 1)
    turned = rows[::-1, [1, 0, 2]]  # the other way round, in another order
    np.save(tmp_path / "dense.npy", w)
    np.save(tmp_path / "edges.npy", rows)
    np.save(tmp_path / "both.npy", np.concatenate([rows, turned]))  # each edge in both directions counts once
    np.savetxt(tmp_path / "edges.csv", turned, "%.17g", ",", header="i,j,weight", comments="")
    for kind in ("csr", "csc", "coo", "bsr"):
        sp.save_npz(tmp_path / f"{kind}.npz", sp.csr_array(w).asformat(kind))
    for path in sorted(tmp_path.iterdir()):
        found = read_network(str(path), 12)
        assert np.array_equal(found.toarray(), w), path.name
    once = edges(found)
    assert (once["edge_i"] <= once["edge_j"]).all() and np.array_equal(
        w[once["edge_i"], once["edge_j"]], once["edge_weight"]
    )
    np.savetxt(tmp_path / "plain.csv", rows[:, :2], "%d", ",")
    assert np.array_equal(read_network(str(tmp_path / "plain.csv"), 12).toarray(), (w != 0).astype(float))


def write(path, values):
    np.save(path, values)


@pytest.mark.parametrize(
    ("make", "says"),
    [(lambda f: write(f, np.arange(16.0).reshape(4, 4)), r"it is not symmetric: (0, 1) is 1 and (1, 0) is 4"),
     (lambda f: write(f, np.zeros((4, 4))), "it has no edge"),
     (lambda f: write(f, np.ones((5, 5))), "it has the shape (5, 5), where 4 units need a list of edges"),
     (lambda f: write(f, [[0.0, 4.0]]), "it joins 0 and 4 in edge 0, where units are numbered from 0 to 3"),
     (lambda f: write(f, [[0.0, 1.5]]), "it joins 0 and 1.5 in edge 0"),
     (lambda f: write(f, [[0, 1, 2.0], [1, 0, 3.0]]), "it gives the edge of 0 and 1 the weights 2 and 3"),
     (lambda f: write(f, [[0, 1, np.nan]]), "it holds a value that is not finite"),
     (lambda f: write(f, [[0, 1, 1e308], [1, 2, 1e308]]), "it holds a value of 1e+308; weights are at most 1e+09"),
     (lambda f: f.with_suffix(".csv").write_text("weight,i,j\n2,0,1\n"), "it has the columns weight, i, j, where the"),
     (lambda f: write(f, [["a", "b"]]), "it holds text"),
     (lambda f: sp.save_npz(f.open("wb"), sp.csr_array(np.ones((3, 3)))), "it is a matrix of shape (3, 3)"),
     (lambda f: sp.save_npz(f.open("wb"), sp.csr_array(np.eye(4) * 1j)), "it holds values of type complex128"),
     (lambda f: np.savez(f.open("wb"), format=b"csr", shape=[4, 4], data=[1.0], indices=[9], indptr=[0, 1, 1, 1, 1]),
      "it is a damaged .npz of scipy.sparse"),
     (lambda f: np.savez(f.open("wb"), a=np.eye(4), b=np.eye(4)), "it has 2 arrays: a, b"),
     (lambda f: f.write_bytes(b"PK\x03\x04"), "it is not an .npz file of arrays")],
)  # fmt: skip
def test_a_network_that_cannot_be_used_is_one_line_before_the_run(tmp_path, make, says):
    make(tmp_path / "w.npy")
    (written,) = tmp_path.iterdir()
    ((key, _, allowed),) = checks.check(network(written, width=4))
    assert key == "network" and says in allowed and "\n" not in allowed


def test_keys_that_do_not_go_with_each_other_are_named(tmp_path):
    np.save(tmp_path / "w.npy", np.ones((4, 4)))
    np.save(tmp_path / "rate.npy", np.zeros((2, 4)))
    path = str(tmp_path / "w.npy")
    for config, key, says in (
        (complete(topology="network"), "network", "a file, as topology is network"),
        (complete(network=path), "network", "absent, as topology is lattice"),
        (network(path, width=4, engine="cpu"), "engine", "auto or reference (topology is network)"),
        (complete(noise=1, engine="cpu"), "engine", "auto or reference (noise is 1)"),
        (complete(noise=1, integrator="rk4"), "noise", "0, as integrator is rk4"),
        (complete(noise=1, training={"enabled": True}), "noise", "0, as training.enabled is true"),
        (complete(**LINE, width=4, natural={"path": str(tmp_path / "rate.npy")}), "natural.path", "an array of"),
        (complete(**LINE, width=8, natural={"path": str(tmp_path / "eight.npy"), "distribution": "uniform"}),
         "natural.distribution", "none, as natural.path is a file"),
    ):  # fmt: skip
        np.save(tmp_path / "eight.npy", np.zeros(8))
        ((found, _, allowed),) = checks.check(config)
        assert (found, allowed[: len(says)]) == (key, says)


@pytest.mark.parametrize("integrator", ["euler", "rk4"])
@pytest.mark.parametrize("normalise", ["sum", "mean"])
def test_a_complete_graph_with_loops_is_all_to_all(tmp_path, integrator, normalise):
    """Step by step and in its energy; Kuramoto's sum counts the unit itself."""
    np.save(tmp_path / "w.npy", np.ones((30, 30)))
    same = {"width": 30, "runs": 3, "integrator": integrator, "normalise": normalise, "coupling": 0.3}
    same |= {"natural": {"distribution": "gaussian"}, "bias": 0.2, "engine": "reference"}
    ours = parameters.from_config(complete(**LINE | {"topology": "all_to_all"} | same))
    theirs = parameters.from_config(network(tmp_path / "w.npy", **same))
    field = model.initial(draws.draw_phases(1, 3, ours.shape), np.zeros((3, *ours.shape)))
    a = b = field
    for _ in range(20):
        a, b = model.step(a, ours), model.step(b, theirs)
    assert np.abs(a.z - b.z).max() < 1e-13
    loops = -0.3 * 30 / 2  # each loop adds -k cos(0) / 2, which all-to-all leaves out
    assert model.energy(b.z, b.c, theirs) == pytest.approx(model.energy(a.z, a.c, ours) + loops)


def test_a_lattice_written_as_edges_is_the_lattice(tmp_path):
    """Units are numbered along x, then y, then channel."""
    number = np.arange(24).reshape(2, 3, 4)
    pairs = [np.stack([number.take(range(n - 1), axis).ravel(), number.take(range(1, n), axis).ravel()], 1)
             for axis, n in enumerate(number.shape)]  # fmt: skip
    np.save(tmp_path / "w.npy", np.concatenate(pairs))
    shape = {"height": 3, "width": 4, "channels": 2, "frequency": 0.4, "bias": 0.3}
    for normalise in ("sum", "mean"):
        ours = parameters.from_config(complete(**shape, normalise=normalise))
        theirs = parameters.from_config(network(tmp_path / "w.npy", **shape, normalise=normalise))
        field = model.initial(draws.draw_phases(1, 3, ours.shape), draws.draw_phases(2, 3, ours.shape))
        a, b = model.step(field, ours), model.step(field, theirs)
        assert np.abs(a.z - b.z).max() < 1e-15 and np.abs(a.c - b.c).max() < 1e-15
        assert model.energy(a.z, a.c, theirs) == pytest.approx(model.energy(a.z, a.c, ours))


def test_small_phases_on_a_network_relax_by_its_laplacian(tmp_path):
    """theta(t) = e^(-k L t) theta(0), L = D - W, to first order in the phases (1e-6: an error of 1e-18)."""
    w = np.abs(random_weights())
    np.fill_diagonal(w, 0)
    np.save(tmp_path / "w.npy", w)
    start = 1e-6 * RNG.normal(size=12)
    np.save(tmp_path / "start.npy", start.reshape(1, 1, 12))
    config = network(tmp_path / "w.npy", width=12, coupling=0.7, integrator="rk4", step_size=0.02, steps=100)
    sim = build(config | {"initial_phases": str(tmp_path / "start.npy")})
    state = sim.advance(sim.initial(), 0, 100)
    expected = expm(-0.7 * 2.0 * (np.diag(w.sum(1)) - w)) @ start
    assert np.abs(np.angle(state["z"]).ravel() - expected).max() < 1e-12


def test_units_with_frequencies_from_a_file_and_nothing_else_turn_at_them(tmp_path):
    rate = RNG.normal(size=(3, 1, 1, 9))
    np.save(tmp_path / "rate.npy", rate)
    alone = LINE | {"width": 9, "runs": 3, "coupling": 0, "integrator": "rk4", "steps": 50, "step_size": 0.1}
    config = complete(**alone, natural={"path": str(tmp_path / "rate.npy")})
    assert list(checks.check(config)) == []
    sim = build(config)
    begin = np.angle(sim.initial()["z"])
    end = np.angle(sim.advance(sim.initial(), 0, 50)["z"])
    assert np.abs(np.exp(1j * (end - begin)) - np.exp(5j * rate)).max() < 1e-12
    np.save(tmp_path / "one.npy", rate[0, 0, 0])
    own = parameters.from_config(complete(**alone, natural={"path": str(tmp_path / "one.npy")}))
    assert np.array_equal(own.natural, rate[:1])


def test_two_units_with_frequencies_lock_at_the_angle_of_adler(tmp_path):
    """sin(theta_2 - theta_1) = (w_2 - w_1) / 2 k (Adler 1946)."""
    np.save(tmp_path / "w.npy", [[0.0, 1.0]])
    np.save(tmp_path / "rate.npy", [0.0, 0.6])
    np.save(tmp_path / "start.npy", np.array([0.0, 0.3]).reshape(1, 1, 2))
    config = network(tmp_path / "w.npy", width=2, coupling=0.5, integrator="rk4", step_size=0.1, steps=600)
    config |= {"natural": {**config["natural"], "path": str(tmp_path / "rate.npy")}}
    sim = build(config | {"initial_phases": str(tmp_path / "start.npy")})
    first, second = np.angle(sim.advance(sim.initial(), 0, 600)["z"]).ravel()
    assert np.sin(second - first) == pytest.approx(0.6, abs=1e-12)


def test_uncoupled_units_under_noise_diffuse_and_lose_their_order(tmp_path):
    """Var(theta) = 2 D t and E[e^(i theta)] = e^(-D t) from equal phases; 40,000 units, 4 standard errors."""
    np.save(tmp_path / "zero.npy", np.zeros((1, 200, 200)))
    config = complete(height=200, width=200, channels=1, coupling=0, bias=0, frequency=0, noise=0.3, steps=20,
                      step_size=0.05, initial_phases=str(tmp_path / "zero.npy"))  # fmt: skip
    assert list(checks.check(config)) == []
    sim = build(config)
    assert "it has no noise" in sim.notes()["engine_reason"] and sim.notes()["engine"] == "reference"
    state, n = sim.initial(), 40_000
    for start, stop in ((0, 4), (4, 20)):
        state = sim.advance(state, start, stop)
        time, z = 0.05 * stop, state["z"].ravel()
        theta = np.angle(z)  # D t = 0.3 at most: a turn of pi is 4 standard deviations away
        assert abs(theta.var() - 2 * 0.3 * time) < 4 * 2 * 0.3 * time * np.sqrt(2 / n) + 1e-3
        spread = np.sqrt((1 + np.exp(-4 * 0.3 * time)) / 2 - np.exp(-2 * 0.3 * time))  # of cos(theta)
        assert abs(z.real.mean() - np.exp(-0.3 * time)) < 4 * spread / np.sqrt(n)
        assert abs(z.imag.mean()) < 4 * np.sqrt((1 - np.exp(-4 * 0.3 * time)) / 2 / n)


def test_a_noisy_run_in_pieces_beside_others_or_longer_has_the_same_bits(tmp_path):
    np.save(tmp_path / "w.npy", np.abs(random_weights()))
    given = {"width": 12, "noise": 0.2, "runs": 3, "steps": 30, "coupling": 0.3}
    sim = build(network(tmp_path / "w.npy", **given))
    whole = sim.advance(sim.initial(), 0, 30)
    state = sim.initial()
    for start, stop in itertools.pairwise([0, 1, 9, 10, 30]):
        resumed = build(network(tmp_path / "w.npy", **given | {"steps": 60}))
        state = resumed.advance({name: np.array(a) for name, a in state.items()}, start, stop)
    assert np.array_equal(whole["z"], state["z"]) and np.array_equal(whole["spike"], state["spike"])
    alone = build(network(tmp_path / "w.npy", **given | {"runs": 1}))
    assert np.array_equal(alone.advance(alone.initial(), 0, 30)["z"][0], whole["z"][0])
    other = build(network(tmp_path / "w.npy", **given | {"seed": 2}))
    assert not np.array_equal(other.advance(sim.initial(), 0, 30)["z"], whole["z"])


def test_noise_on_two_coupled_units_gives_the_stationary_law_of_their_difference(tmp_path):
    """d' = -2 k sin d + noise of 2 D: density ~ exp(k cos d / D), so <cos d> = I1(k / D) / I0(k / D)."""
    from scipy.special import iv

    pairs = 4000
    np.save(tmp_path / "w.npy", np.arange(2 * pairs).reshape(-1, 2))
    config = network(tmp_path / "w.npy", width=2 * pairs, coupling=1.0, noise=0.5, step_size=0.01, steps=300)
    sim = build(config)
    z = sim.advance(sim.initial(), 0, 300)["z"].reshape(pairs, 2)
    cosine = (z[:, 0] * np.conj(z[:, 1])).real
    expected = iv(1, 2.0) / iv(0, 2.0)
    assert abs(cosine.mean() - expected) < 4 * cosine.std() / np.sqrt(pairs) + 0.01  # Euler's bias is O(dt)


def test_a_network_runs_to_headlines_and_its_store_has_the_edges(tmp_path):
    w = random_weights()
    np.save(tmp_path / "w.npy", w)
    config = network(tmp_path / "w.npy", width=12, runs=8, steps=40, noise=0.05, save={"every": 4})
    found = stored(tmp_path / "run", config)
    rebuilt = np.zeros((12, 12))
    rebuilt[found["edge_i"].values, found["edge_j"].values] = found["edge_weight"].values
    assert np.array_equal(rebuilt + np.triu(rebuilt, 1).T, w)
    (tmp_path / "w.npy").unlink()  # the analyses read the store alone
    headlines = analyse(tmp_path / "run" / "x.zarr", config).headlines
    assert set(resources.findings(config)) == {"order", "energy", "spikes", "locking", "projection"}
    theta = found["theta"].values[:, -1].reshape(8, 12).astype(float)
    gap = np.cos(theta[:, :, None] - theta[:, None])
    assert headlines["energy_end"].value == pytest.approx(-0.12 * (w * gap).sum((1, 2)).mean() / 2, abs=1e-3)
    for name in ("energy_rises", "energy_step_bound"):
        assert headlines[name].expectation is None
        assert "noise acts" in headlines[name].note and "a network" in headlines[name].note
    assert {name for name, headline in headlines.items() if headline.expectation} == {"order_start"}
    assert "your own network" in FRONT.size(config)
    assert any("network" in line for line in FRONT.limits(config, {}))


def test_the_largest_energy_is_that_of_the_edges_and_the_input():
    mean, total = ({"normalise": kind, "topology": "network", "coupling": -2} for kind in ("mean", "sum"))
    weights = np.array([1.0, -3.0])
    assert (
        theory.energy_range(complete(**LINE | {"width": 3, "bias": 0.5} | total), weights) == 2 * 4 + 0.5 * 3
    )
    assert (
        theory.energy_range(complete(**LINE | {"width": 3, "bias": 0.5} | mean), weights) == 2 * 4 + 0.5 * 8
    )


def test_nothing_is_expected_of_the_stationary_order_where_it_is_not_kuramotos_model(tmp_path):
    kuramoto = complete(
        **LINE | {"width": 50, "topology": "all_to_all", "natural": {"distribution": "gaussian"}}
    )
    assert theory.has_stationary_order(kuramoto)
    assert not theory.has_stationary_order(kuramoto | {"noise": 0.1})
    assert not theory.has_stationary_order(kuramoto | {"topology": "network"})
    own = kuramoto | {"natural": {**kuramoto["natural"], "distribution": "none", "path": "w.npy"}}
    assert not theory.has_stationary_order(own)
    assert "natural frequencies" in theory.energy_bound(own)[1]


def test_a_recording_with_its_network_has_an_energy(tmp_path):
    """-k sum over edges of w cos(theta_i - theta_j), in every frame; theory says nothing of it."""
    w = random_weights(6)
    theta = RNG.uniform(-np.pi, np.pi, (9, 6))
    np.save(tmp_path / "x.npy", theta)
    np.save(tmp_path / "w.npy", w)
    own = {"path": str(tmp_path / "x.npy"), "time_unit": "s"}
    given = {"source": "phases", "recording": own, "width": 6, "height": 1, "channels": 1, "coupling": 0.7}
    config = complete(**given, topology="network", network=str(tmp_path / "w.npy"))
    found = stored(tmp_path / "run", config)
    expected = [
        -0.7 / 2 * sum(w[i, j] * np.cos(t[i] - t[j]) for i in range(6) for j in range(6)) for t in theta
    ]
    assert found["energy"].values[0] == pytest.approx(expected, abs=1e-9)
    assert found["energy"].attrs["units"] == "rad per s"
    tables, headlines = analyse(tmp_path / "run" / "x.zarr", config)
    assert resources.findings(config) == ["order", "locking", "energy"]
    assert tables["energy"]["energy"].iloc[-1] == headlines["energy_end"].value
    assert "energy_step_bound" not in headlines and headlines["energy_rises"].expectation is None
    assert headlines["energy_rises"].note == "the phases were recorded, not simulated"
    assert headlines["energy_end"].unit == "rad per s"
    assert "energy" not in resources.findings(complete(**given))
