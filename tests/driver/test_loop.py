"""The time loop on a toy system: what is saved, and that nothing but the parameters decides it."""

import hashlib
import itertools
import json
import warnings
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from emergent_dynamics import driver, store
from emergent_dynamics.driver import checkpoint, loop
from emergent_dynamics.store import layout
from tests.driver import toy


def digests(path):
    """Array name -> content_sha256 of a published store."""
    return {name: array.attrs["content_sha256"] for name, array in layout.arrays(Path(path)).items()}


def test_frames_are_the_states_at_the_save_points(tmp_path):
    """x at step s is the sum of the addressed draws before s; the start and the end are saved."""
    toy.run(tmp_path / "work", tmp_path / "a.zarr")
    found = store.open_complete(tmp_path / "a.zarr")
    assert found.step.values.tolist() == [0, 7, 14, 21, 28, 35, 42, 49, 56, 60]
    draws = np.array(
        [
            [toy.streams.normal(1, "toy.step", run, s, toy.WALKERS) for s in range(toy.STEPS)]
            for run in range(3)
        ]
    )
    walked = np.concatenate([np.zeros((3, 1, 5)), 0.3 * draws], axis=1).cumsum(axis=1)
    np.testing.assert_allclose(found.x.values, walked[:, found.step.values], atol=1e-12)
    assert np.array_equal(found.high.values, found.x.values > 1)
    pairs = store.open_complete(tmp_path / "a.zarr", group="pairs")
    assert np.array_equal(pairs.pair.values[::2, 0], found.step.values)


def test_one_line_of_the_log_says_that_a_gpu_was_asked_for_and_not_used(tmp_path, capsys):
    toy.run(tmp_path / "work", tmp_path / "a.zarr")
    assert "cuda" not in capsys.readouterr().err
    asked = toy.attributes(device="cuda")
    driver.run(toy.Walk(), tmp_path / "other", tmp_path / "b.zarr", asked, "toy/walk")
    lines = capsys.readouterr().err.splitlines()
    assert [line for line in lines if "cuda" in line] == ["device: cuda is not used: written to be read"]


def test_logs_and_final_variables_agree_with_the_frames(tmp_path):
    """Every visit has a record; the records lie in their own group, in the order of the clock."""
    toy.run(tmp_path / "work", tmp_path / "a.zarr")
    records = store.open_complete(tmp_path / "a.zarr", group="record")
    visits = store.open_complete(tmp_path / "a.zarr").visits.values
    assert records.sizes["record"] == visits.sum() > 50
    assert (np.diff(records.step.values) >= 0).all()


def test_a_store_opens_in_xarray_without_a_warning_and_says_what_it_is(tmp_path):
    """Names, units, coordinates and attributes as the data model promises."""
    toy.run(tmp_path / "work", tmp_path / "a.zarr")
    (tmp_path / "a.zarr" / ".snakemake_timestamp").touch()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = xr.open_zarr(tmp_path / "a.zarr")
    assert found.x.dims == ("run", "time", "walker")
    assert set(found.coords) == {"step", "walker"}
    assert found.x.attrs["units"] == "1" and found.x.attrs["long_name"] == "position"
    assert found.attrs["engine"] == "reference" and found.attrs["complete"] is True


def test_the_digest_is_the_sha256_of_the_values(tmp_path):
    """Anyone can recompute it: sha256(values.tobytes()), C order."""
    toy.run(tmp_path / "work", tmp_path / "a.zarr")
    found = store.open_complete(tmp_path / "a.zarr")
    assert digests(tmp_path / "a.zarr")["x"] == hashlib.sha256(found.x.values.tobytes()).hexdigest()


@pytest.mark.parametrize("block", [1, 3, 10])
@pytest.mark.parametrize("divisible", [True, False])
def test_the_store_does_not_depend_on_blocks_legs_or_commits(tmp_path, monkeypatch, block, divisible):
    """Chunk length along time, length of a leg and commit interval change files, never values."""
    toy.run(tmp_path / "work", tmp_path / "whole.zarr")
    monkeypatch.setattr(layout, "frames_per_block", lambda *_: block)
    monkeypatch.setattr(layout, "LOG_CHUNK", 16)
    toy.run(tmp_path / "other", tmp_path / "parts.zarr", commit_seconds=0.0, divisible=divisible)
    assert digests(tmp_path / "parts.zarr") == digests(tmp_path / "whole.zarr")


class Ahead(toy.Walk):
    """A walk that records up to four frames per call, one call ahead, as a device does."""

    together = 4
    calls = 0

    def record(self, state, start, stops):
        Ahead.calls += 1
        return self.arriving(state, [start, *stops])

    def arriving(self, state, clocks):
        for start, stop in itertools.pairwise(clocks):
            self.advance(state, start, stop)
            yield self.observe(state) | {"record/step": state.pop("record/step")}

    def checkpoint(self, state):
        return state


@pytest.mark.parametrize("save", [1, 7])
def test_frames_that_are_recorded_together_are_stored_as_one_by_one(tmp_path, monkeypatch, save):
    """Every state file at the same clock is the same to the byte, every array too; killed at every call in turn."""
    monkeypatch.setattr(driver.loop, "LEG_SECONDS", 1e9)
    monkeypatch.setattr(layout, "LOG_CHUNK", 16)
    toy.run(tmp_path / "work", tmp_path / "whole.zarr", save=save)
    Ahead.calls = 0
    toy.run(tmp_path / "ahead", tmp_path / "ahead.zarr", simulation=Ahead(save=save), save=save)
    assert Ahead.calls >= 2
    assert digests(tmp_path / "ahead.zarr") == digests(tmp_path / "whole.zarr")
    plain, recorded = (checkpoint.states(tmp_path / name)[0].read_bytes() for name in ("work", "ahead"))
    assert plain == recorded
    for call in range(2):
        folder, walk = tmp_path / f"killed{call}", Ahead(save=save)
        left, record = iter(range(call)), walk.record
        walk.record = lambda *given, left=left, record=record: (next(left), record(*given))[1]
        with pytest.raises(StopIteration):
            toy.run(folder, tmp_path / f"{call}.zarr", simulation=walk, commit_seconds=0.0, save=save)
        toy.run(folder, tmp_path / f"{call}.zarr", simulation=Ahead(save=save), save=save)
        assert digests(tmp_path / f"{call}.zarr") == digests(tmp_path / "whole.zarr")


def test_a_kill_costs_at_most_a_commit_and_a_leg(tmp_path, monkeypatch):
    """Legs of one second by a clock of the test's own, a checkpoint asked for every ten: one follows within eleven."""
    now, saved = [0.0], []
    save = checkpoint.save

    class Slow(toy.Walk):
        def advance(self, state, start, stop):
            now[0] += 1.0
            return super().advance(state, start, stop)

    def noted(*arguments):
        saved.append(now[0])
        save(*arguments)

    monkeypatch.setattr(loop.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(checkpoint, "save", noted)
    toy.run(tmp_path / "work", tmp_path / "a.zarr", simulation=Slow(), commit_seconds=10.0)
    assert saved[0] == 0.0 and saved[-1] == toy.STEPS
    assert 9.0 < max(np.diff(saved)) <= 11.0


def test_publishing_again_after_the_end_computes_nothing(tmp_path, monkeypatch):
    """A finished checkpoint whose output was deleted is published from disk."""
    toy.run(tmp_path / "work", tmp_path / "a.zarr")
    before = digests(tmp_path / "a.zarr")
    monkeypatch.setattr(toy.Walk, "advance", None)
    toy.run(tmp_path / "work", tmp_path / "b.zarr")
    assert digests(tmp_path / "b.zarr") == before


def test_other_parameters_or_code_never_continue_a_checkpoint(tmp_path):
    """The identity decides: with another one the run starts again."""
    toy.run(tmp_path / "work", tmp_path / "a.zarr")
    owner, _ = checkpoint.load(checkpoint.states(tmp_path / "work")[0])
    assert owner.code == "a"
    toy.run(tmp_path / "work", tmp_path / "b.zarr", code="b", save=10)
    assert store.open_complete(tmp_path / "b.zarr").step.values.tolist() == list(range(0, 61, 10))


def test_a_second_writer_is_refused_by_name(tmp_path):
    """The lock tells who holds it; it goes with its process, not with a file."""
    with driver.lock.held(tmp_path / "work"):
        with pytest.raises(driver.Locked, match=r"is being written by process \d+ on "):
            toy.run(tmp_path / "work", tmp_path / "a.zarr")
        assert not driver.discard(tmp_path / "work")
    assert driver.discard(tmp_path / "work") and not (tmp_path / "work").exists()


def test_progress_in_a_log_is_plain_lines_with_rate_and_time_left(tmp_path, monkeypatch, capsys):
    """No terminal: lines that can be grepped."""
    monkeypatch.setattr(driver.progress, "LINE_SECONDS", 0.0)
    toy.run(tmp_path / "work", tmp_path / "a.zarr", seconds=0.002)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "toy/walk: from 0 of 60"
    assert any("per second" in line and "s left" in line and "%" in line for line in lines)
    assert lines[-1].startswith("toy/walk: published after")


@pytest.mark.parametrize(
    "points, expected",
    [
        (driver.every(25, 100), [0, 25, 50, 75, 100]),
        (driver.every(30, 100), [0, 30, 60, 90, 100]),
        (driver.every(7, 5), [0, 5]),
        (driver.every(0.25, 1.0), [0, 0.25, 0.5, 0.75, 1.0]),
        (driver.logarithmic(3, 100), [0, 1, 10, 100]),
        (driver.logarithmic(50, 4), [0, 1, 2, 3, 4]),
        (driver.logarithmic(3, 1.0, first=0.01), [0, 0.01, 0.1, 1.0]),
        (driver.save_points({"every": 2}, 4), [0, 2, 4]),
        (driver.save_points({"log": 2}, 4), [0, 1, 4]),
    ],
)
def test_save_points_hold_the_start_and_the_end(points, expected):
    """Schedules by hand; integer clocks give integers."""
    np.testing.assert_allclose(points, expected, rtol=1e-12)
    assert points.dtype == np.int64 or isinstance(expected[-1], float)


def test_the_state_file_goes_through_json_free_numpy_only(tmp_path):
    """What is saved is what is loaded, to the bit and to the type."""
    progress = checkpoint.Progress(
        3.5, 2, {"h": np.array(0.1), "x": np.eye(2)}, {"log": 5}, {"x": np.ones(1)}
    )
    owner = driver.identity.Identity("p", "c", "s", "cpu", "cpu")
    checkpoint.save(tmp_path, 1, owner, progress)
    loaded, found = checkpoint.load(checkpoint.states(tmp_path)[0])
    assert loaded == owner
    assert json.dumps([found.clock, found.frames, found.rows]) == json.dumps([3.5, 2, {"log": 5}])
    assert found.state["h"].shape == () and np.array_equal(found.state["x"], np.eye(2))


class Unstarted(toy.Walk):
    """Its first state lacks the coordinate `walker`."""

    def initial(self):
        return {name: values for name, values in super().initial().items() if name != "walker"}


class Undeclared(toy.Walk):
    """Its frames hold what the layout does not."""

    def observe(self, state):
        return super().observe(state) | {"speed": state["x"]}


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (Unstarted, "walker: static, so `initial` must return it"),
        (Undeclared, "speed: `observe` returns it, but `variables` does not declare it"),
    ],
)
def test_a_simulation_whose_parts_do_not_fit_is_told_which_part(tmp_path, broken, said):
    with pytest.raises(ValueError, match=said):
        toy.run(tmp_path / "work", tmp_path / "a.zarr", simulation=broken())
