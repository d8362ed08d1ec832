"""Recorded phases and signals: read as written, the phase of a signal as its closed form says; nothing is expected."""

import numpy as np
import pytest
from scipy import signal as scipy_signal

from emergent_dynamics.runtime import provenance
from emergent_dynamics import driver, store
from emergent_dynamics.config.schema import read_schemas, resolve
from emergent_dynamics.oscillators import recording, resources, simulation, theory
from emergent_dynamics.oscillators.checks import check
from emergent_dynamics.oscillators.findings import analyse

RNG = np.random.default_rng(5)


def experiment(path, source="phases", shape=(1, 1, 1, 6), **own):
    sizes = dict(zip(("runs", "channels", "height", "width"), shape, strict=True))
    given = {"source": source, "recording": {"path": str(path)} | own, "store_dtype": "float32"}
    return resolve(read_schemas()[1]["oscillators"], given | sizes)


def stored(folder, parameters):
    assert list(check(parameters)) == []
    attributes = provenance.attributes("oscillators", "mine", parameters, "")
    driver.run(simulation.build(parameters), folder / "checkpoint", folder / "x.zarr", attributes)
    return store.open_complete(folder / "x.zarr")


@pytest.mark.parametrize(
    ("written", "shape"),
    [((9, 6), (1, 1, 1, 6)), ((9, 4, 6), (1, 1, 4, 6)), ((3, 9, 2, 4, 6), (3, 2, 4, 6))],
)
def test_phases_are_stored_as_they_were_written_up_to_whole_turns(tmp_path, written, shape):
    theta = RNG.uniform(-20, 20, written)
    np.save(tmp_path / "x.npy", theta)
    found = stored(tmp_path, experiment(tmp_path / "x.npy", shape=shape, time_step=0.25))
    whole = theta.reshape(shape[0], 9, *shape[1:]) if len(written) == 5 else theta.reshape(1, 9, *shape[1:])
    assert np.abs(np.exp(1j * found["theta"].values) - np.exp(1j * whole)).max() < 1e-6
    assert found["order"].values == pytest.approx(np.abs(np.exp(1j * whole).mean((2, 3, 4))))
    assert found["channel_order"].values == pytest.approx(np.abs(np.exp(1j * whole).mean((3, 4))))
    turned = np.angle(np.exp(1j * np.diff(whole, axis=1)))
    assert found["speed"].values[:, 1:] == pytest.approx(np.sqrt((turned**2).mean((2, 3, 4))) / 0.25)
    assert np.isnan(found["speed"].values[:, 0]).all()
    assert found["time"].values.tolist() == [0.25 * k for k in range(9)]


def test_the_phase_of_a_sine_in_its_band_is_its_argument_whatever_lies_outside():
    """20 whole periods of 5 per s beside 1 and 20 per s, an offset and a trend that the band does not hold."""
    t = np.arange(800) / 200
    argument = 2 * np.pi * 5 * t + 0.4
    mixed = 3 + 2 * np.cos(argument) + np.sin(2 * np.pi * t) + 4 * np.cos(2 * np.pi * 20 * t)
    found = recording.phases_of(mixed[:, None], (4, 6), 1 / 200)[:, 0]
    assert np.abs(np.exp(1j * found) - np.exp(1j * argument)).max() < 1e-12
    analytic = scipy_signal.hilbert(np.cos(argument))  # another implementation, on the band alone
    assert np.abs(np.exp(1j * found) - np.exp(1j * np.angle(analytic))).max() < 1e-12


def test_a_signal_loses_a_period_of_the_lower_edge_at_both_ends_and_units_with_one_source_are_locked(
    tmp_path,
):
    t = np.arange(1000) / 100
    common = 2 * np.pi * (10 * t + 0.3 * np.sin(t))
    signals = np.cos(common[:, None] + np.arange(6)) + 0.05 * RNG.normal(size=(1000, 6))
    np.save(tmp_path / "x.npy", signals)
    own = {"time_step": 0.01, "time_unit": "s", "band": [8, 12]}
    parameters = experiment(tmp_path / "x.npy", "signals", **own)
    found = stored(tmp_path, parameters)
    assert found.sizes["time"] == 1000 - 2 * 13 and found["time"].values[0] == pytest.approx(0.13)
    assert found["step"].values[0] == 13
    middle = slice(100, -100)
    apart = np.exp(
        1j * (found["theta"].values[0, middle, 0, 0] - common[13:-13][middle, None] - np.arange(6))
    )
    assert np.abs(np.angle(apart)).max() < 0.1
    tables, headlines = analyse(tmp_path / "x.zarr", parameters)
    assert headlines["phase_locked_pairs"].value == 1.0 and headlines["phase_locking"].value > 0.999
    assert headlines["convergence_time"].unit == "s"
    assert not any(headline.expectation for headline in headlines.values())
    assert "defects" not in tables and "energy" not in tables


def test_a_lattice_has_defects_of_which_stokes_theorem_holds_and_nothing_else_is_expected(tmp_path):
    y, x = np.mgrid[:8, :9]
    np.save(tmp_path / "x.npy", np.stack([np.arctan2(y - 3.5, x - 4.5) + a for a in (0, 1, 2)]))
    parameters = experiment(tmp_path / "x.npy", shape=(1, 1, 8, 9))
    stored(tmp_path, parameters)
    tables, headlines = analyse(tmp_path / "x.zarr", parameters)
    assert tables["defects"]["positive"].tolist() == [1, 1, 1] and tables["defects"]["charge"].tolist() == [
        1,
        1,
        1,
    ]
    expected = {name for name, headline in headlines.items() if headline.expectation}
    assert expected == {"defect_conservation_violations"}


@pytest.mark.parametrize(
    ("source", "array", "own", "key", "says"),
    [("phases", np.zeros((5, 7)), {}, "recording.path",
      "an array of shape (runs, time, channels, height, width) = (1, any, 1, 1, 6) or (time, height, width) = "
      "(any, 1, 6) or (time, width) = (any, 6); it has (5, 7)"),
     ("phases", np.full((5, 6), np.inf), {}, "recording.path", "an array of finite numbers"),
     ("phases", np.full((5, 6), 1e17), {}, "recording.path", "an array of numbers from -1e+12 to 1e+12; it holds"),
     ("signals", np.full((500, 6), 1e200), {}, "recording.path", "an array of numbers from -1e+100 to 1e+100"),
     ("phases", np.zeros((1, 6)), {}, "recording.path", "an array of at least 2 frames; it has 1"),
     ("signals", np.zeros((500, 6)), {}, "recording.band", "two frequencies, as source is signals"),
     ("signals", np.zeros((500, 6)), {"band": [0.1, 0.6]}, "recording.band",
      "lowest, highest, between 0 and 0.5 (half the sampling rate)"),
     ("signals", np.zeros((500, 6)), {"band": [0.3, 0.2]}, "recording.band", "lowest, highest, between"),
     ("signals", np.zeros((50, 6)), {"band": [0.05, 0.2]}, "recording.band",
      "frequencies of which the record contains 4 periods (at least 80 long)")],
)  # fmt: skip
def test_a_recording_that_cannot_be_used_is_refused_before_the_run(tmp_path, source, array, own, key, says):
    np.save(tmp_path / "x.npy", array)
    ((found, _, allowed),) = check(experiment(tmp_path / "x.npy", source, **own))
    assert found == key and allowed.startswith(says)


@pytest.mark.parametrize("dead", [0.0, 0.1, 1e6 + 1 / 3])
def test_a_signal_with_nothing_in_the_band_ends_in_one_line(tmp_path, dead):
    """A dead electrode: the rounding of its transform had phases, and those of all dead electrodes were locked."""
    signals = RNG.normal(size=(500, 6))
    signals[:, 4] = dead
    np.save(tmp_path / "x.npy", signals)
    with pytest.raises(ValueError, match=r"signal \[0, 4\] has nothing in the band \[0.1, 0.2\]"):
        simulation.build(experiment(tmp_path / "x.npy", "signals", band=[0.1, 0.2]))


def test_what_is_found_and_expected_of_a_recording_depends_on_what_it_is():
    mine = experiment("x.npy", shape=(1, 1, 8, 9))
    assert resources.findings(mine) == ["order", "locking", "defects"]
    assert resources.findings(experiment("x.npy")) == ["order", "locking"]
    ours = resolve(read_schemas()[1]["oscillators"], {})
    assert theory.expected_vortices(ours) and theory.expected_start(ours, 100)
    assert theory.expected_vortices(mine) is None and theory.expected_start(mine, 100) is None
    kuramoto = {"topology": "all_to_all", "natural": {"distribution": "gaussian"}, "bias": 0, "frequency": 0}
    assert theory.has_stationary_order(ours | kuramoto) and not theory.has_stationary_order(mine | kuramoto)
