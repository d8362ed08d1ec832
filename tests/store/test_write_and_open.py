"""What goes into a store comes out of it, whole, in bounded pieces, under one name at once."""

import hashlib
import warnings
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emergent_dynamics import store
from emergent_dynamics.store import Stream, Variable, Writer, layout, publication


def digests(path):
    return {name: array.attrs["content_sha256"] for name, array in layout.arrays(path).items()}


def test_values_types_dims_and_attributes_come_back(whole, values):
    """Exactly: bits of floats, bools as bools, names, units, coordinates."""
    found = store.open_complete(whole)
    assert all(np.array_equal(found[name].values, values[name]) for name in values)
    assert {name: str(found[name].dtype) for name in values} == {
        "x": "float64",
        "on": "bool",
        "count": "int32",
    }
    assert found["x"].dims == ("run", "time", "site") and set(found.coords) == {"time"}
    assert found["time"].attrs["long_name"] == "time" and found["time"].attrs["units"] == "s"
    assert np.array_equal(found["total"], values["on"].sum((1, 2)))
    assert np.array_equal(store.open_complete(whole, group="record")["when"], np.arange(7))


def test_a_store_opens_lazily_and_without_a_warning(whole):
    """No dask, no value read before it is asked for; xarray alone suffices."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = xr.open_zarr(whole, chunks=None)
        store.open_complete(whole)
    assert not found["x"]._in_memory and found["x"].chunks is None


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cuts=st.sets(st.integers(1, 9)),
    block=st.integers(1, 2000),
    records=st.lists(st.integers(0, 9), max_size=5),
)
def test_the_digests_do_not_depend_on_how_frames_and_records_came(
    tmp_path_factory, make_values, write, cuts, block, records
):
    """Any division into appends and blocks gives the values of one piece; so do the records of a log."""
    folder = tmp_path_factory.mktemp("cuts")
    edges = [0, *sorted(cuts), 10]
    values = make_values()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(layout, "BLOCK_BYTES", block)
        patch.setattr(layout, "LOG_CHUNK", 4)
        write(folder / "b.zarr", values, pieces=np.diff(edges), records=records)
        found = store.open_complete(folder / "b.zarr")
        assert all(np.array_equal(found[name].values, values[name]) for name in values)
        when = store.open_complete(folder / "b.zarr", group="record")["when"].values
    assert when.tolist() == [i for length in records for i in range(length)]
    assert store.find_damage(folder / "b.zarr") is None


def test_the_digest_is_the_sha256_of_the_values_in_c_order(whole, values, monkeypatch):
    """Of the decoded array, whatever its chunks, and however little memory hashing may take."""
    expected = {
        name: hashlib.sha256(np.ascontiguousarray(v).tobytes()).hexdigest() for name, v in values.items()
    }
    assert expected.items() <= digests(whole).items()
    for limit in (1, 50, 1000):
        monkeypatch.setattr(publication, "DIGEST_BYTES", limit)
        for array in layout.arrays(whole).values():
            assert publication.content_sha256(array) == array.attrs["content_sha256"]


def test_compressed_bytes_may_differ_where_digests_agree(tmp_path, values, write, monkeypatch):
    """Chunk lengths are no part of the content."""
    one = write(tmp_path / "one.zarr", values)
    monkeypatch.setattr(layout, "BLOCK_BYTES", 100)
    many = write(tmp_path / "many.zarr", values)
    assert digests(one) == digests(many)
    assert len(list(many.rglob("*"))) > len(list(one.rglob("*")))


def test_quiet_blocks_exist_as_files(tmp_path, small_blocks, values, write):
    """All zeros or all NaN: a chunk file each, or "missing" could not be told from "quiet"."""
    values["x"][:], values["on"][:], values["count"][:] = np.nan, False, 0
    path = write(tmp_path / "a.zarr", values, records=(0,))
    for name, array in layout.arrays(path).items():
        for index in layout.chunk_indices(array):
            assert (path / name / array.metadata.encode_chunk_key(index)).stat().st_size > 0
    assert np.isnan(store.open_complete(path)["x"].values).all()


def test_an_empty_log_is_a_variable_of_length_zero(tmp_path, values, write):
    """Nothing happened: the variable is there, and whole."""
    path = write(tmp_path / "a.zarr", values, records=())
    assert store.open_complete(path, group="record").sizes["record"] == 0
    assert store.find_damage(path) is None


def test_slices_are_stored_chunks_in_order_and_together_everything(whole, values):
    """A piece is what memory has to hold: here three frames."""
    found = store.open_complete(whole)
    pieces = list(store.slices(found, "time"))
    lengths = [piece.sizes["time"] for piece in pieces]
    assert len(lengths) > 2 and set(lengths[:-1]) == {lengths[0]} and sum(lengths) == 10
    assert np.array_equal(np.concatenate([piece["x"].values for piece in pieces], axis=1), values["x"])


def test_parts_of_slices_are_shorter_and_together_everything(whole, values):
    """Half of three frames is two of them; no frame comes twice."""
    found = store.open_complete(whole)
    pieces = list(store.slices(found, "time", 2))
    chunk = next(store.slices(found, "time")).sizes["time"]
    assert max(piece.sizes["time"] for piece in pieces) == -(-chunk // 2) < chunk
    assert np.array_equal(np.concatenate([piece["x"].values for piece in pieces], axis=1), values["x"])


def test_slices_of_what_has_no_chunks_are_one(values):
    """A dataset in memory."""
    found = xr.Dataset({"x": (("run", "time", "site"), values["x"])})
    assert [piece.sizes["time"] for piece in store.slices(found, "time")] == [10]


def test_a_block_holds_what_fits_in_equal_parts():
    """16 MB: 1,000 frames of 1 MB go 16 at a time at most, in equal blocks; a frame too large goes alone."""
    frame = {"x": Variable(("time", "site"), (1000, 2**17), "float64", "x", "1")}
    assert store.frames_per_block(frame, "time", 1000) == 16
    assert store.frames_per_block(frame, "time", 17) == 9
    large = {"x": Variable(("time", "site"), (5, 2**22), "float64", "x", "1")}
    assert store.frames_per_block(large, "time", 5) == 1
    assert store.frames_per_block({}, "time", 7) == 7


def test_runs_share_a_chunk_up_to_a_megabyte():
    """Many runs do not mean many files; few large ones do not mean one huge chunk."""
    small = Variable(("run", "time"), (10_000, 10), "float64", "x", "1")
    assert layout.chunks(small, "time", 10) == (10_000, 10)
    large = Variable(("run", "time", "site"), (64, 10, 10_000), "float64", "x", "1")
    assert layout.chunks(large, "time", 10) == (1, 10, 10_000)


def test_a_clock_known_beforehand_is_one_chunk():
    """Written frame by frame it is as many chunks as the frames beside it."""
    clock = Variable(("time",), (10_000,), "int64", "t", "1", "static")
    assert layout.chunks(clock, "time", 10) == (10_000,)
    assert layout.chunks(replace(clock, kind="frame"), "time", 10) == (10,)


@pytest.mark.parametrize(
    "arguments, said",
    [
        ((("run",), (1, 2), "float64", "x", "1"), "must have the same length"),
        ((("run",), (1,), "float64", "x", "1", "frames"), "kind 'frames'"),
        ((("run", "time"), (0, 0), "int64", "x", "1", "log"), "one dimension"),
    ],
)
def test_an_impossible_variable_is_refused_when_it_is_described(arguments, said):
    """A mistake of a room, not of a user: at once, by name."""
    with pytest.raises(ValueError, match=said):
        Variable(*arguments)


def test_a_frame_of_another_type_or_without_a_variable_is_refused(tmp_path, variables, values):
    """No silent cast: int where the layout says bool; a variable left out."""
    stream = Stream(Writer(tmp_path / "a.zarr", variables, "time", 10))
    stream.start()
    with pytest.raises(ValueError, match="int64 where the layout says bool"):
        stream.append({**values, "on": values["on"].astype(np.int64)})
    with pytest.raises(ValueError, match="all frame variables"):
        stream.append({"x": values["x"]})


def test_a_frame_of_another_shape_is_refused_and_not_stretched(tmp_path, variables, values):
    """One run where the layout has several would be repeated for all of them."""
    stream = Stream(Writer(tmp_path / "a.zarr", variables, "time", 10))
    stream.start()
    with pytest.raises(ValueError, match=r"^x: frames of shape \(1, .* where the layout says"):
        stream.append({**values, "x": values["x"][:1]})


def test_what_was_declared_and_never_written_is_never_published(tmp_path, values, variables):
    """Zeros would be read where a final variable was forgotten."""
    with (
        pytest.raises(ValueError, match="total, weight: declared and never written"),
        store.writing(tmp_path / "a.zarr", variables, "time", 10, {}) as stream,
    ):
        stream.append(values)
        stream.whole("time", np.arange(10.0))
    assert list(tmp_path.iterdir()) == []


def test_too_few_frames_are_never_published(tmp_path, values, variables):
    """Nine of ten: an error, no store, nothing left."""
    with (
        pytest.raises(ValueError, match="9 of 10 frames"),
        store.writing(tmp_path / "a.zarr", variables, "time", 10, {}) as stream,
    ):
        stream.append({name: np.take(v, range(9), -1 if v.ndim == 1 else 1) for name, v in values.items()})
    assert list(tmp_path.iterdir()) == []


def test_an_exception_while_writing_leaves_the_old_store_and_nothing_else(whole, variables, values):
    """What stood under the name stands; the half-written one is gone."""
    before = digests(whole)
    with pytest.raises(ZeroDivisionError), store.writing(whole, variables, "time", 10, {}) as stream:
        stream.append(values)
        raise ZeroDivisionError
    assert digests(whole) == before and [p.name for p in whole.parent.iterdir()] == ["a.zarr"]


def test_publishing_again_replaces_the_store(whole, make_values, write):
    """One rename; the attributes are the new ones."""
    other = make_values(seed=2)
    write(whole, other, attributes={"seed": "2"})
    found = store.open_complete(whole)
    assert np.array_equal(found["x"].values, other["x"]) and found.attrs["seed"] == "2"
