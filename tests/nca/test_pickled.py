"""The reader of the originals' pickles: item by item, and nothing but data."""

import datetime
import gzip
import pickle
import tracemalloc
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emergent_dynamics.nca import pickled

pytestmark = pytest.mark.inputs


def write(path, value, protocol=4):
    with path.open("wb") as file:
        pickle.dump(value, file, protocol)
    return path


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_nested_lists_come_back_generation_by_generation(tmp_path, protocol):
    """1,200 cells (more than pickle's batches of 1,000) of 44 floats, 3 generations."""
    values = np.random.default_rng(0).normal(size=(3, 1200, 44)).astype(np.float32)
    path = write(tmp_path / "weights.pkl", values.tolist(), protocol)
    assert np.array_equal(np.stack(list(pickled.items(path))), values)


@pytest.mark.parametrize("dumps", [pickle.dumps, pickle._dumps], ids=["compiled", "python"])
@pytest.mark.parametrize(("generations", "cells"), [(1, 1), (3, 1), (3, 1001), (1001, 1), (1001, 9)])
def test_a_last_batch_of_one_belongs_to_its_list(tmp_path, generations, cells, dumps):
    """Single items come without a mark; pickle in Python writes the 1,001st so, pickle in C a list of one only."""
    values = np.random.default_rng(0).normal(size=(generations, cells, 44)).astype(np.float32)
    path = tmp_path / "weights.pkl"
    path.write_bytes(dumps(values.tolist(), 4))
    assert np.array_equal(np.stack(list(pickled.items(path))), values)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("generations", [1, 2, 1001])
def test_lists_of_arrays_come_back(tmp_path, generations, protocol):
    """`ca_grids`: float32 boards; one item is written without a batch, 1,001 with two; protocol 5 names buffers."""
    boards = [np.full((3, 4), g, np.float32) for g in range(generations)]
    found = list(pickled.items(write(tmp_path / "grids.pkl", boards, protocol)))
    assert np.array_equal(np.stack(found), np.stack(boards))


def test_frequency_dictionaries_come_back(tmp_path):
    counts = [{0.0: 812, 0.6: 88}, {0.0: 900}]
    assert list(pickled.items(write(tmp_path / "frequency_dicts.pkl", counts))) == counts


@pytest.mark.parametrize(
    "value, named",
    [
        ([1.0, datetime.date(2024, 1, 1)], "datetime.date"),
        ([np.array([None])], "objects"),
        ({"a": [1.0]}, "dict where a list"),
    ],
)
def test_anything_but_data_is_refused_by_name(tmp_path, value, named):
    with pytest.raises(pickled.Refused, match=named):
        list(pickled.items(write(tmp_path / "bad.pkl", value)))


def test_a_pickle_that_would_run_a_command_runs_nothing(tmp_path):
    """The classic attack: `os.system` by name."""
    path = tmp_path / "evil.pkl"
    path.write_bytes(b"cposix\nsystem\n(S'touch " + str(tmp_path / "touched").encode() + b"'\ntR.")
    with pytest.raises(pickled.Refused, match=r"posix\.system"):
        list(pickled.items(path))
    assert not (tmp_path / "touched").exists()


def test_every_cut_of_a_file_is_refused_in_one_line_with_its_path(tmp_path):
    """Nets and boards, plain and packed, at every length but the whole."""
    value = [np.full((2, 2), g, np.float32) for g in range(2)]
    whole = write(tmp_path / "whole.pkl", value).read_bytes()
    path = tmp_path / "cut.pkl"
    for data in (whole, gzip.compress(whole)):
        for length in range(len(data)):
            path.write_bytes(data[:length])
            with pytest.raises(pickled.Refused) as refused:
                list(pickled.items(path))
            assert str(refused.value).startswith(str(path)) and "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "more", [pickle.dumps([np.ones((2, 2))]), b"junk."], ids=["a second list", "anything"]
)
@pytest.mark.parametrize("protocol", range(6))
def test_what_comes_after_the_list_is_refused_and_not_left_out(tmp_path, more, protocol):
    path = tmp_path / "appended.pkl"
    path.write_bytes(pickle.dumps([np.zeros((2, 2))], protocol) + more)
    with pytest.raises(pickled.Refused, match="goes on after its list; a file holds one"):
        list(pickled.items(path))


def test_a_packed_file_is_read_as_a_plain_one(tmp_path):
    values = np.random.default_rng(0).normal(size=(3, 9, 44)).astype(np.float32)
    path = tmp_path / "weights.pkl"
    path.write_bytes(gzip.compress(pickle.dumps(values.tolist())))
    assert np.array_equal(np.stack(list(pickled.items(path))), values)


@pytest.mark.parametrize("value", [[np.zeros((2, 2))] * 2, [[[0.0, 1.0]] * 3] * 1], ids=["board", "net"])
def test_data_that_is_written_once_and_referred_to_twice_is_refused(tmp_path, value):
    """Keeping everything for later reference would take the memory of the file."""
    with pytest.raises(pickled.Refused, match="refers twice to one list or array"):
        list(pickled.items(write(tmp_path / "twice.pkl", value)))


@st.composite
def shared(draw):
    """Boards or nets of a few generations, of which some are one object in several places; and as one array."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    kinds, cells = draw(st.integers(1, 3)), draw(st.integers(1, 20))
    at = draw(st.lists(st.integers(0, kinds - 1), min_size=1, max_size=6))
    if draw(st.booleans()):
        boards = [rng.random((cells, 3), np.float32) for _ in range(kinds)]
        return [boards[k] for k in at]
    nets = [rng.random((cells, 44), np.float32).tolist() for _ in range(kinds)]
    if draw(st.booleans()):  # one net in several cells
        nets = [[net[min(2, i)] for i in range(cells)] for net in nets]
    return [nets[k] for k in at]


@given(shared(), st.sampled_from([2, 3, 4, 5]), st.booleans())
@settings(max_examples=150, deadline=None)
def test_data_that_several_places_share_comes_back_right_or_is_refused_in_one_line(value, protocol, copied):
    """Never one for the other: a copy of its own in every place is always read, a shared one is never mistaken."""
    expected = np.array(value, np.float32)
    if copied:
        value = [
            np.copy(item) if isinstance(item, np.ndarray) else [list(net) for net in item] for item in value
        ]
    with TemporaryDirectory() as folder:
        path = write(Path(folder, "any.pkl"), value, protocol)
        try:
            found = np.stack(list(pickled.items(path)))
        except pickled.Refused as refused:
            assert (
                not copied and str(refused).startswith(f"{path}: refers twice") and "\n" not in str(refused)
            )
        else:
            assert np.array_equal(found, expected)


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"PK\x03\x04", b"\x80\x04K\x01."], ids=["empty", "json", "zip", "number"]
)
def test_what_is_no_pickle_of_a_list_is_refused(tmp_path, content):
    path = tmp_path / "other.pkl"
    path.write_bytes(content)
    with pytest.raises(pickled.Refused, match=r"other\.pkl"):
        list(pickled.items(path))


def test_cells_with_nets_of_different_lengths_are_refused(tmp_path):
    with pytest.raises(pickled.Refused, match="not a list of generations"):
        list(pickled.items(write(tmp_path / "ragged.pkl", [[[0.0, 1.0], [0.0]]])))


@pytest.mark.parametrize(("protocol", "boards"), [(4, False), (2, True), (5, True)])
def test_memory_holds_no_more_however_long_the_file(tmp_path, protocol, boards):
    """Ten times the generations, the same peak (within 20 %)."""
    peaks = []
    for generations in (10, 100):
        values = np.random.default_rng(0).normal(size=(generations, 300, 44))
        path = write(tmp_path / f"{generations}.pkl", list(values) if boards else values.tolist(), protocol)
        del values
        tracemalloc.start()
        for _ in pickled.items(path):
            pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0]
