"""A recording: every way to write it down gives the same activity, and bins, runs and shapes are those of a loop."""

import tracemalloc

import numpy as np
import polars
import pytest

from emergent_dynamics.runtime import provenance
from emergent_dynamics import driver
from emergent_dynamics.branching import ingest, recording, resources, simulation
from emergent_dynamics.branching.checks import check
from emergent_dynamics.branching.findings import recorded_avalanches
from emergent_dynamics.branching.findings.raster import raster_avalanches
from emergent_dynamics.branching.recording import Recording
from emergent_dynamics.config.schema import read_schemas, resolve

RNG = np.random.default_rng(8)
RASTER = RNG.poisson(0.1, (503, 7))


def experiment(**changes):
    return resolve(read_schemas()[1]["branching"], changes)


def stored(folder, source, path, **own):
    parameters = experiment(source=source, recording={"path": str(path), **own})
    assert list(check(parameters)) == []
    attributes = provenance.attributes("branching", "mine", parameters, "")
    destination = folder / f"{source}.zarr"
    driver.run(simulation.build(parameters), folder / f"checkpoint of {path.name}", destination, attributes)
    return recording.opened(destination)


@pytest.fixture
def written(tmp_path):
    """The same activity as a raster, as spike times in random order, and as counts; with and without parts."""
    np.save(tmp_path / "raster.npy", RASTER)
    row, unit = np.nonzero(RASTER)
    times = np.repeat(row, RASTER[row, unit]) * 2.0
    order = RNG.permutation(times.size)
    lines = [f"{u},{t}" for t, u in zip(times[order], np.repeat(unit, RASTER[row, unit])[order], strict=True)]
    (tmp_path / "spikes.csv").write_text("unit,time\n" + "\n".join(lines) + "\n")
    np.save(tmp_path / "counts.npy", RASTER.sum(1))
    return tmp_path


def test_raster_spikes_and_counts_give_the_same_activity(written, monkeypatch):
    monkeypatch.setattr(ingest, "PART", 97)  # 13 rows of the raster at a time
    raster = stored(written, "raster", written / "raster.npy", time_step=2, time_unit="ms")
    counts = stored(written, "counts", written / "counts.npy", time_step=2, time_unit="ms")
    spikes = stored(written, "spikes", written / "spikes.csv", time_unit="ms")
    first = np.flatnonzero(RASTER.sum(1))[0]
    for width, per_bin in ((2.0, 1), (6.0, 3)):
        bins = RASTER.sum(1)[: 503 // per_bin * per_bin].reshape(-1, per_bin).sum(1)
        assert np.array_equal(raster.activity(width), bins)
        assert np.array_equal(counts.activity(width), bins)
        from_first = np.add.reduceat(RASTER.sum(1)[first:], np.arange(0, 503 - first, per_bin))
        whole = spikes.activity(width)
        assert np.array_equal(whole, from_first[: whole.size]) and from_first.size - whole.size <= 1
    assert raster.events == counts.events == spikes.events == RASTER.sum()
    moments = np.flatnonzero(RASTER.sum(1)) * 2.0
    for found in (raster, counts, spikes):
        assert found.mean_interval() == pytest.approx(np.diff(moments).mean())
    assert np.array_equal(raster.activity(2.0, np.array([1, 4])), RASTER[:, [1, 4]].sum(1))


def test_spikes_come_as_parquet_too_with_their_columns_by_name(written):
    """The same table in both formats, columns in the same unusual order."""
    table = polars.read_csv(written / "spikes.csv")
    assert table.columns == ["unit", "time"]
    table.write_parquet(written / "spikes.parquet")
    found = stored(written, "spikes", written / "spikes.csv")
    (written / "spikes.zarr").rename(written / "csv.zarr")
    same = stored(written, "spikes", written / "spikes.parquet")
    assert np.array_equal(found.times, same.times) and np.array_equal(found.units, same.units)


def test_a_bin_is_a_width_or_a_number_of_mean_intervals_and_whole_steps_where_there_are_steps():
    found = Recording(times=np.array([0.0, 4.0, 4.0, 12.0]), units=np.zeros(4, int))
    assert found.mean_interval() == 6.0
    assert found.width({"intervals": 1.5}) == 9.0 and found.width(2.5, 2.0) == 5.0
    stepped = Recording(counts=np.array([1, 0, 0, 1, 0, 1]), step=4.0)
    assert stepped.mean_interval() == 10.0
    assert stepped.width({"intervals": 1}) == 8.0 and stepped.width({"intervals": 0.1}) == 4.0
    assert np.isnan(Recording(counts=np.array([0, 3, 0]), step=1.0).width({"intervals": 1}))


def test_runs_are_those_of_the_raster_and_shapes_those_of_a_loop():
    activity = RNG.poisson(0.8, 4000)
    for threshold in (0, 1):
        found = recording.avalanches(activity, threshold)
        sizes, durations = raster_avalanches(activity, threshold)
        assert np.array_equal(found.sizes, sizes) and np.array_equal(found.durations, durations)
    active = activity > 1
    expected = np.zeros_like(found.profile)
    start = int(np.argmin(active))
    for t in range(start, activity.size):
        if active[t] and not active[t - 1]:
            stop = t + int(np.argmin(active[t:])) if not active[t:].all() else activity.size
            if stop < activity.size:
                expected[stop - t, : stop - t] += activity[t:stop]
    assert np.array_equal(found.profile, expected)


def test_a_part_is_a_share_of_the_units_and_the_same_every_time():
    found = Recording(times=np.arange(300.0), units=np.arange(300) % 30 * 2)
    part = found.part(0.3, 5)
    assert part.size == 9 and set(part) <= set(range(0, 60, 2))
    assert np.array_equal(part, found.part(0.3, 5)) and not np.array_equal(part, found.part(0.3, 6))
    assert found.part(1e-9, 5).size == 1


def test_sizes_come_with_or_without_durations(tmp_path):
    (tmp_path / "both.csv").write_text("duration,size\n2,5\n1,1\n")
    np.save(tmp_path / "alone.npy", np.array([5, 1]))
    both = stored(tmp_path, "sizes", tmp_path / "both.csv").given
    assert both.sizes.tolist() == [5, 1] and both.durations.tolist() == [2, 1]
    (tmp_path / "sizes.zarr").rename(tmp_path / "old.zarr")
    alone = stored(tmp_path, "sizes", tmp_path / "alone.npy").given
    assert alone.sizes.tolist() == [5, 1] and alone.durations is None


@pytest.mark.parametrize(
    ("source", "values", "says"),
    [("raster", np.ones(4), "an array of shape (time, unit); it has (4,)"),
     ("raster", np.array([[0, -1]]), "an array of numbers from 0 to"),
     ("counts", np.array([0.5]), "an array of whole numbers; it holds 0.5 at [0]"),
     ("sizes", np.array([0, 3]), "an array of numbers from 1 to"),
     ("spikes", np.array([[0.5, 1.5]]), "a file whose units are whole numbers from 0 on"),
     ("spikes", np.array([1764331200 * 10**9]), "an array of numbers from -9.0072e+15 to 9.0072e+15; it holds 1764"),
     ("spikes", np.ones((2, 3)), "an array of shape (event,) or (event, 1) = (any, 1) or (event, 2) = (any, 2)")],
)  # fmt: skip
def test_a_file_that_is_no_such_recording_is_refused_before_the_run(tmp_path, source, values, says):
    np.save(tmp_path / "x.npy", values)
    ((key, _, allowed),) = check(experiment(source=source, recording={"path": str(tmp_path / "x.npy")}))
    assert key == "recording.path" and allowed.startswith(says)


@pytest.mark.parametrize(
    ("source", "text", "says"),
    [("spikes", "time,neuron\n0.5,3\n", "a table of the columns time and unit; it has time, neuron"),
     ("spikes", "time,unit,amp\n0.5,3,7\n", "a table of the columns time and unit; it has time, unit, amp"),
     ("sizes", "size,lifetime\n5,2\n", "a table of the columns size and duration; it has size, lifetime"),
     ("raster", "time,a,b\n0,1,0\n1,0,1\n", "a table whose columns are units; it has the column time")],
)  # fmt: skip
def test_a_column_that_would_be_ignored_or_read_as_something_else_is_refused(tmp_path, source, text, says):
    """Without its numbers of units every event was one of unit 0, and times in a raster were events of a unit."""
    (tmp_path / "x.csv").write_text(text)
    ((key, _, allowed),) = check(experiment(source=source, recording={"path": str(tmp_path / "x.csv")}))
    assert (key, allowed) == ("recording.path", says)


def test_durations_beyond_any_table_take_no_memory():
    """One duration of 2^31 took 16 GiB."""
    sizes, durations = np.tile([1, 2, 4, 2**31 - 1], 20), np.tile([1, 2, 3, 2**31 - 1], 20)
    settings = recording.Settings.from_config(experiment(source="sizes"))
    tracemalloc.start()
    tables = recorded_avalanches.find(Recording(given=recording.Avalanches(sizes, durations, None)), settings)
    assert tables["recorded_avalanches"]["n"].tolist() == [80]
    assert tracemalloc.get_traced_memory()[1] < 100e6
    tracemalloc.stop()


@pytest.mark.parametrize(
    ("source", "values", "bin", "least"),
    [("spikes", np.array([0.0, 1.0, 1e9]), 0.03, 64 * 1e9 / 0.03),
     ("spikes", np.array([0.0, 1.0, 3.0]), {"intervals": 1e-9}, 64 * 2e9),
     ("spikes", np.array([0.0, 1.0, 3.0]), 5e-324, 64e17),
     ("raster", np.full((2, 3), 2**31 - 1), {"intervals": 1}, 48 * 6 * (2**31 - 1))],
)  # fmt: skip
def test_memory_counts_events_and_bins_whatever_the_file_has(tmp_path, source, values, bin, least):
    """An outlier, a bin too short or a raster of large counts ended in a MemoryError; now the plan is refused."""
    np.save(tmp_path / "x.npy", values)
    own = {"source": source, "recording": {"path": str(tmp_path / "x.npy")}, "criticality": {"bin": bin}}
    assert resources.mem_mb(experiment(**own)) > least / 1e6


def test_a_table_with_other_names_and_keys_that_do_not_go_together_are_refused(tmp_path):
    (tmp_path / "x.csv").write_text("t,unit\n1,2\n")
    ((_, _, allowed),) = check(experiment(source="spikes", recording={"path": str(tmp_path / "x.csv")}))
    assert allowed == "a table with the column time; it has t, unit"
    ((key, _, _),) = check(experiment(source="counts"))
    assert key == "recording.path"
    ((key, _, _),) = check(experiment(recording={"path": str(tmp_path / "x.csv")}))
    assert key == "recording.path"
    ((key, _, _),) = check(experiment(criticality={"sizes": [None, 1]}))
    assert key == "criticality.sizes"
