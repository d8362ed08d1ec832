"""The reader of the originals' pickles: item by item, and nothing but data."""

import datetime
import gzip
import pickle
import tracemalloc

import numpy as np
import pytest

from emergent_dynamics.nca import pickled


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


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"PK\x03\x04", b"\x80\x04K\x01."], ids=["empty", "json", "zip", "number"]
)
def test_what_is_no_pickle_of_a_list_is_refused(tmp_path, content):
    path = tmp_path / "other.pkl"
    path.write_bytes(content)
    with pytest.raises(pickled.Refused, match=r"other\.pkl"):
        list(pickled.items(path))


def test_cells_with_nets_of_different_lengths_are_refused(tmp_path):
    with pytest.raises(pickled.Refused, match="no list of generations"):
        list(pickled.items(write(tmp_path / "ragged.pkl", [[[0.0, 1.0], [0.0]]])))


def test_memory_holds_one_generation_however_long_the_file(tmp_path):
    """Ten times the generations, the same peak (within 20 %)."""
    peaks = []
    for generations in (10, 100):
        values = np.random.default_rng(0).normal(size=(generations, 300, 44)).tolist()
        path = write(tmp_path / f"{generations}.pkl", values)
        del values
        tracemalloc.start()
        for _ in pickled.items(path):
            pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0]
