"""The classifier's parts on problems with a known answer, resume, and the table on few digits."""

import gzip

import numpy as np
import pytest
import torch
from scipy import stats

from emergent_dynamics.oscillators import classification, features, head, trained_field
from emergent_dynamics.oscillators.checks import check
from emergent_dynamics.oscillators.findings import training
from tests.oscillators.experiments import complete

SETTINGS = {"head": "linear", "epochs": 6, "batch": 16, "learning_rate": 0.01, "patience": 3}


def blobs(n=120, seed=1):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 3, n)
    return head.Data((np.eye(3)[y] * 3 + rng.normal(size=(n, 3))).astype(np.float32), y)


@pytest.mark.parametrize("kind", ["linear", "mlp"])
def test_a_head_continues_bit_for_bit(kind):
    """Stopped after each epoch and started again from what was kept, the weights and losses are the same."""
    settings = {**SETTINGS, "head": kind}
    kept = []
    whole = head.fit(blobs(), blobs(seed=2), settings, 5, keep=kept.append)
    assert len(kept) == whole["epoch"]
    for state in kept[:-1]:
        again = head.fit(blobs(), blobs(seed=2), settings, 5, state=state)
        assert again["log"] == whole["log"]
        assert all((again["best"][k] == whole["best"][k]).all() for k in whole["best"])


def test_adam_is_kingma_and_bas_algorithm_1():
    """20 steps down the sum of squares, in float64."""
    start = np.array([1.0, -2.0, 3.0])
    weight, x, first, second = torch.tensor(start, requires_grad=True), start.copy(), 0.0, 0.0
    adam = head.Adam([weight], 0.01)
    for step in range(1, 21):
        weight.grad = 2 * weight.detach()
        adam.step()
        first, second = 0.9 * first + 0.1 * 2 * x, 0.999 * second + 0.001 * (2 * x) ** 2
        x -= 0.01 * first / (1 - 0.9**step) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
    np.testing.assert_allclose(weight.detach().numpy(), x, rtol=1e-13)


@pytest.mark.slow  # seconds to import torch.optim
def test_adam_takes_torchs_steps():
    """20 steps on the same gradients: the same weights, bit for bit."""
    ours, theirs = (torch.nn.Linear(5, 3) for _ in range(2))
    theirs.load_state_dict(ours.state_dict())
    adam, expected = head.Adam(list(ours.parameters()), 0.01), torch.optim.Adam(theirs.parameters(), lr=0.01)
    x = torch.from_numpy(np.random.default_rng(1).normal(size=(20, 7, 5)).astype(np.float32))
    for batch in x:
        for net, step in ((ours, adam.step), (theirs, expected.step)):
            net.zero_grad()
            (net(batch) ** 2).sum().backward()
            step()
    assert all(torch.equal(a, b) for a, b in zip(ours.parameters(), theirs.parameters(), strict=True))


def test_a_head_separates_what_is_separable():
    state = head.fit(blobs(600), blobs(seed=2), {**SETTINGS, "epochs": 20}, 5)
    test = blobs(600, seed=3)
    assert (head.predict(state, "linear", test.x, 3) == test.y).mean() > 0.95


def test_training_stops_when_validation_no_longer_improves():
    """Labels that the features say nothing about: validation loss rises, patience 3 ends it before 200 epochs."""
    noise = head.Data(np.random.default_rng(1).normal(size=(64, 50)).astype(np.float32), np.arange(64) % 3)
    other = head.Data(np.random.default_rng(2).normal(size=(64, 50)).astype(np.float32), np.arange(64) % 3)
    state = head.fit(noise, other, {**SETTINGS, "epochs": 200}, 5)
    losses = [check for _, check in state["log"]]
    assert state["stopped"] and state["epoch"] < 200
    assert min(losses) == losses[-4]


def test_splits_are_disjoint_and_whole():
    parts = classification.split(101, 1, 0)
    assert sorted(np.concatenate(parts)) == list(range(101))
    assert [len(p) for p in parts] == [65, 16, 20]
    assert not np.array_equal(parts[2], classification.split(101, 1, 1)[2])


def test_the_encoding_is_the_input_phase():
    picture = np.array([[[0.0, 0.5], [1.0, 0.25]]])
    found = features.encoding(picture, "half_turn")[0]
    np.testing.assert_allclose(found[:4], [1, 0, -1, np.sqrt(0.5)], atol=1e-15)
    np.testing.assert_allclose(found[4:], [0, 1, 0, np.sqrt(0.5)], atol=1e-15)
    flat = features.encoding(np.full((1, 5, 5), 0.3), "half_turn", blur=1.0)
    np.testing.assert_allclose(flat, features.encoding(np.full((1, 5, 5), 0.3), "half_turn"), atol=1e-12)


def test_the_settled_field_without_neighbours_is_the_encoding():
    """k = k_omega = 0, fixed input, long time: every unit ends at its input's phase."""
    settings = complete(
        height=8, width=8, channels=2, coupling=0, frequency=0, evolve_input=False, steps=3000
    )
    pictures = features.images.load("digits")[0][:3]
    np.testing.assert_allclose(
        features.field(pictures, settings, 0), features.encoding(pictures, "half_turn"), atol=2e-6
    )


def test_the_start_is_the_images_own_one_for_all_or_one_each():
    """input: the field of equal images is equal; shared: too, though random; random: it differs; copies differ."""
    pictures = np.tile(features.images.load("digits")[0][:1], (2, 1, 1))
    found = {}
    for kind in ("input", "shared", "random"):
        settings = complete(height=8, width=8, channels=2, steps=5, training={"start": kind})
        inputs = np.zeros((2, 1, 8, 8)) + 0.5
        phases = features.start_phases(inputs, settings, 0, 0)
        found[kind] = features.field(pictures, settings, 0)
        assert np.array_equal(found[kind][0], found[kind][1]) == (kind != "random")
        assert (phases == 0.5).all() == (kind == "input")
        alike = np.array_equal(phases, features.start_phases(inputs, settings, 0, 1))
        assert alike == (kind != "random")
    assert not np.allclose(found["input"], found["shared"])


def test_your_own_idx_files_can_be_classified(tmp_path):
    """All images of input.path with the labels of input.labels, in the seed's order."""
    pixels = np.arange(4 * 8 * 8, dtype=np.uint8).reshape(4, 8, 8)
    header = bytes([0, 0, 8])
    (tmp_path / "i").write_bytes(
        header + bytes([3]) + np.array([4, 8, 8], ">u4").tobytes() + pixels.tobytes()
    )
    (tmp_path / "l").write_bytes(header + bytes([1]) + np.array([4], ">u4").tobytes() + bytes([5, 6, 7, 8]))
    own = {"source": "idx", "path": str(tmp_path / "i"), "labels": str(tmp_path / "l")}
    pictures, labels = features.dataset(complete(height=8, width=8, input=own, training={"source": "idx"}))
    assert sorted(labels) == [5, 6, 7, 8]
    np.testing.assert_array_equal(pictures[labels == 6][0], pixels[1] / 255)


def test_noise_is_clipped_to_intensities():
    found = features.noisy(np.full((2, 6, 6), 0.5), 2.0, 1, 0)
    assert found.min() == 0 and found.max() == 1


def test_noise_and_order_depend_on_the_image_only():
    pictures = np.zeros((4, 6, 6))
    np.testing.assert_array_equal(
        features.noisy(pictures, 0.5, 1, 0)[:2], features.noisy(pictures[:2], 0.5, 1, 0)
    )
    assert not np.array_equal(features.noisy(pictures, 0.5, 1, 0), features.noisy(pictures, 0.5, 1, 1))


def small():
    return complete(
        height=8, width=8, channels=2, steps=20,
        training={"images": 150, "splits": 2, "noise": [0, 0.5], "blur": [1], "epochs": 3},
    )  # fmt: skip


def test_an_interrupted_training_gives_the_same_table(tmp_path, monkeypatch):
    """Killed in a cell after its first epoch: finished cells are read, that one goes on, the rows are the same."""
    monkeypatch.setattr(classification, "KEEP_SECONDS", 0)
    whole = classification.run(small(), classification.Ledger(tmp_path / "a", "x"))

    class Killed(Exception):
        pass

    class Dying(classification.Ledger):
        def keep(self, cell, state):
            super().keep(cell, state)
            if cell == "noise 0, field, split 1":
                raise Killed

    with pytest.raises(Killed):
        classification.run(small(), Dying(tmp_path / "b", "x"))
    ledger = classification.Ledger(tmp_path / "b", "x")
    assert len(ledger.rows) == 7 and ledger.state("noise 0, field, split 1")["epoch"] == 1
    assert classification.run(small(), ledger) == whole
    assert classification.Ledger(tmp_path / "b", "other").rows == {}
    tables = training.find(whole)
    assert len(tables["training"]) == 2 * 4 * 2 * 3
    assert tables["confusion"].groupby(["noise", "features", "classifier"])["count"].sum().eq(60).all()
    assert (tables["epochs"].groupby(["noise", "features", "split"])["epoch"].max() <= 3).all()


def write_idx(path, values, packed=False):
    """An array of bytes as an IDX file, plain or gzip."""
    head = bytes([0, 0, 8, values.ndim]) + np.array(values.shape, ">u4").tobytes()
    path.write_bytes((gzip.compress if packed else bytes)(head + values.astype(np.uint8).tobytes()))
    return str(path)


def official(folder, packed=False, **training):
    """Digits in four IDX files under the names of MNIST's official split: 200 to train on, 120 to test."""
    pictures, labels = features.images.load("digits")
    shades, end = np.rint(pictures * 255), ".gz" if packed else ""
    paths = {
        f"{part}-{kind}": write_idx(folder / f"{part}-{kind}-ubyte{end}", array[some], packed)
        for part, some in (("train", slice(0, 200)), ("t10k", slice(200, 320)))
        for kind, array in (("images-idx3", shades), ("labels-idx1", labels))
    }
    own = {"source": "idx", "path": paths["train-images-idx3"], "labels": paths["train-labels-idx1"]}
    test = {"path": paths["t10k-images-idx3"], "labels": paths["t10k-labels-idx1"]}
    settings = {
        "enabled": True,
        "source": "idx",
        "images": 200,
        "splits": 2,
        "noise": [0],
        "blur": [1],
        "epochs": 3,
    }
    return complete(
        height=8, width=8, channels=2, steps=20, input=own, training={**settings, "test": test, **training}
    )


@pytest.mark.parametrize("packed", [False, True])
def test_mnists_official_split_is_trained_on_one_pair_of_files_and_tested_on_the_other(tmp_path, packed):
    """Both splits are tested on all images of the second pair, in its order; validation comes out of the first."""
    config = official(tmp_path, packed)
    _, labels = features.images.load("digits")
    seen, known = features.test_set(config)
    assert len(seen) == 120 and (known == labels[200:320]).all()
    for number in range(2):
        train, check, test = classification.split(320, 1, number, 120)
        assert sorted([*train, *check]) == list(range(200)) and (len(train), len(check)) == (160, 40)
        assert (test == np.arange(200, 320)).all()
    rows = classification.run(config, classification.Ledger(tmp_path / "ledger", "x"))
    assert {row["n_test"] for row in rows} == {120}
    tables = training.find(rows)
    ridge = [row for row in rows if (row["features"], row["classifier"]) == ("raw", "ridge")]
    marks = [np.unpackbits(np.frombuffer(bytes.fromhex(row["right"]), np.uint8), count=120) for row in ridge]
    right = np.mean(marks, axis=0)
    own = tables["accuracy"].set_index(["features", "classifier"]).loc[("raw", "ridge")]
    assert own["accuracy"] == pytest.approx(np.mean([row["accuracy"] for row in ridge]))
    assert own["n"] == 120 and own["lo"] < own["accuracy"] < own["hi"]
    half = stats.t.ppf(0.975, 119) * right.std(ddof=1) / np.sqrt(120)
    assert own["accuracy"] - own["lo"] == pytest.approx(half)
    gain = tables["gain"]
    assert (
        (gain["n"] == 120).all() and (gain["lo"] <= gain["gain"]).all() and (gain["gain"] <= gain["hi"]).all()
    )
    headlines = training.summarise(tables, config)
    assert headlines["accuracy_field_ridge_noise_0"].note == "of 120 test images"
    assert "120 test images do not show a gain below" in headlines["dynamics_gain_ridge_noise_0"].note


def test_copies_are_drawn_anew_in_every_epoch_and_a_run_that_goes_on_sees_the_same(tmp_path, monkeypatch):
    """Copies of two epochs differ in every image, of one they are equal; without `anew` the head sees others."""
    config = official(tmp_path, anew=True)
    seen = []
    monkeypatch.setattr(
        features, "compute", lambda name, pictures, config, copy: seen.append((copy, pictures)) or np.zeros(1)
    )
    pictures, labels = features.dataset(config)
    material = classification.Material("raw", 0.0, pictures, labels, 0, np.zeros(0), np.zeros(0))
    copies = classification._copies(material, np.arange(5), config)
    for epoch in (0, 1, 0):
        copies(epoch)
    assert [copy for copy, _ in seen] == [2, 3, 2] and [len(drawn) for _, drawn in seen] == [5, 5, 5]
    np.testing.assert_array_equal(seen[0][1], seen[2][1])
    assert all(not np.allclose(one, other) for one, other in zip(seen[0][1], seen[1][1], strict=True))
    monkeypatch.undo()
    anew = classification.run(config, classification.Ledger(tmp_path / "a", "x"))
    fixed = classification.run(official(tmp_path), classification.Ledger(tmp_path / "b", "x"))
    for one, other in zip(anew, fixed, strict=True):
        assert one["classifier"] == other["classifier"]
        assert (one == other) == (one["classifier"] != "head")  # ridge and neighbours see one copy


def test_a_head_whose_data_are_drawn_anew_continues_bit_for_bit():
    data, other = blobs(), blobs(seed=2)

    def anew(epoch):
        return data.x + np.float32(0.1 * (epoch + 1))

    kept = []
    whole = head.fit(data, other, SETTINGS, 5, keep=kept.append, anew=anew)
    again = head.fit(data, other, SETTINGS, 5, state=kept[1], anew=anew)
    assert again["log"] == whole["log"] != head.fit(data, other, SETTINGS, 5)["log"]


@pytest.mark.parametrize(
    ("change", "key", "allowed"),
    [
        ({"source": "digits"}, "training.test.path", "absent, as training.source is digits"),
        (
            {"test": {"labels": None}},
            "training.test.labels",
            "a file of labels, as training.test.path is one",
        ),
        ({"test": {"path": "labels"}}, "training.test.path", "a file of images; "),
        (
            {"test": {"labels": "strange"}},
            "training.test.labels",
            "labels that occur in input.labels; it has 11",
        ),
        ({"anew": True, "rotation": 0, "shift": 0}, "training.anew", "false, as training.rotation and"),
    ],
)
def test_a_test_set_that_does_not_go_with_the_images_is_refused_before_anything_runs(
    tmp_path, change, key, allowed
):
    config = official(tmp_path)
    assert list(check(config)) == []
    files = {
        "labels": config["input"]["labels"],
        "strange": write_idx(tmp_path / "strange", np.r_[np.arange(119) % 10, 11]),
    }
    own = config["training"]["test"] | {k: files.get(v, v) for k, v in change.get("test", {}).items()}
    faults = list(check(config | {"training": config["training"] | change | {"test": own}}))
    assert [fault[0] for fault in faults] == [key] and faults[0][2].startswith(allowed)


TRAINED = {"enabled": True, "steps": 5, "step_size": 0.2}
SMOOTHING = {"height": 7, "width": 6, "coupling": 0.6, "bias": 0.9, "frequency": 0, "evolve_input": False}


def test_the_trained_field_begins_as_the_fixed_one(monkeypatch):
    """Without scatter: five Euler steps from the input's phases, in float32."""
    monkeypatch.setattr(trained_field, "SCATTER", 0.0)
    config = complete(**SMOOTHING, channels=3, steps=5, step_size=0.2, training={"trained": TRAINED})
    pictures = np.random.default_rng(3).random((4, 7, 6))
    phases = torch.from_numpy(trained_field.phases(pictures, config))
    found = trained_field.Field(config, 1)(phases).detach().numpy()
    np.testing.assert_allclose(found, features.field(pictures, config, 0), atol=3e-6)


def test_training_lowers_the_loss_by_the_coupling_too_and_depends_on_its_seed_alone():
    """Two classes whose images differ in the sign of one gradient; equal seeds, equal bits."""
    rng = np.random.default_rng(4)
    y = rng.integers(0, 2, 160)
    slope = np.linspace(-1, 1, 6) * np.where(y, 1, -1)[:, None]
    x = (np.pi / 2 + 0.3 * slope[:, None] + rng.normal(0, 0.3, (160, 7, 6))).astype(np.float32)
    given = {"epochs": 4, "batch": 16, "trained": TRAINED}
    config = complete(**SMOOTHING, channels=2, training=given)
    parts = head.Data(x[:120], y[:120]), head.Data(x[120:], y[120:])
    learnt = [trained_field.learn(*parts, config, seed)(x) for seed in (1, 1, 2)]
    assert np.array_equal(learnt[0], learnt[1]) and not np.array_equal(learnt[0], learnt[2])
    first = trained_field.Field(config, 1)(torch.from_numpy(x)).detach().numpy()
    assert learnt[0].shape == (160, 84) and np.abs(learnt[0] - first).max() > 0.01

    def error(values):
        """Of the least squares fit to the test images by the training images."""
        weights = np.linalg.lstsq(np.c_[values[:120], np.ones(120)], y[:120], rcond=1e-3)[0]
        return ((np.c_[values[120:], np.ones(40)] @ weights > 0.5) != y[120:]).mean()

    assert error(learnt[0]) <= error(first) < 0.5


def test_a_trained_field_is_compared_with_the_control_and_the_fixed_field(tmp_path):
    """Its gains are those of the table of accuracies, and an interrupted run gives the same table."""
    given = {
        "enabled": True,
        "images": 100,
        "splits": 2,
        "noise": [0.2],
        "blur": [1],
        "epochs": 2,
        "trained": TRAINED,
    }
    config = complete(**SMOOTHING | {"height": 8, "width": 8}, steps=20, channels=2, training=given)
    ledger = classification.Ledger(tmp_path, "x")
    rows = classification.run(config, ledger)
    kept = dict(ledger.rows)
    last = next(cell for cell in reversed(kept) if "trained" in cell)
    ledger.rows = {cell: own for cell, own in kept.items() if cell != last}
    assert classification.run(config, ledger) == rows
    tables = training.find(rows)
    mean = tables["accuracy"].set_index(["features", "classifier"])["accuracy"]
    headlines = training.summarise(tables, config)
    for row in tables["gain"].to_dict("records"):
        assert row["control"] in ("raw", "encoding", "blur_1")
        own = row["classifier"]
        assert row["gain_trained"] == pytest.approx(mean["trained", own] - mean[row["control"], own])
        assert row["gain_fixed"] == pytest.approx(mean["trained", own] - mean["field", own])
        for part, name in (("trained", "control"), ("fixed", "fixed")):
            found = headlines[f"trained_gain_over_{name}_{own}_noise_0.2"]
            assert found.value == row[f"gain_{part}"] and found.n == 2


def test_copies_that_are_drawn_anew_do_not_go_with_a_trained_field():
    own = complete(training={"enabled": True, "anew": True, "trained": {"enabled": True}})
    ((key, _, allowed),) = check(own)
    assert (key, allowed) == ("training.anew", "false, as training.trained.enabled is true")
