"""The conditions of a key on a file, and the line that says what the file has instead."""

from pathlib import Path

import numpy as np
import pytest
import zarr

from emergent_dynamics.inputs import conditions
from emergent_dynamics.inputs.conditions import Wanted, faults
from emergent_dynamics.inputs.content import content_sha256, exists, located

pytestmark = pytest.mark.inputs

CASES = Path(__file__).parent / "cases"


ANYTHING = Wanted()


def says(path, wanted=ANYTHING):
    return [allowed for _, _, allowed in faults("key", str(path), wanted)]


def saved(folder, values, name="x.npy"):
    np.save(folder / name, np.asarray(values))
    return folder / name


@pytest.mark.parametrize(
    ("values", "wanted", "fault"),
    [([[1.0, 2]], Wanted({"(run, unit)": (None, 2)}), ""),
     ([[1.0, 2]], Wanted({"(run, unit)": (3, 2), "(unit,)": (2,)}),
      "an array of shape (run, unit) = (3, 2) or (unit,) = (2,); it has (1, 2)"),
     (np.empty((0, 2)), Wanted({"(run, unit)": (None, None)}), "an array of shape (run, unit); it has (0, 2)"),
     ([1.0, np.inf], Wanted(), "an array of finite numbers; it holds inf at [1]"),
     ([[0, 1], [2, -1]], Wanted(low=0), "an array of numbers of at least 0; it holds -1 at [1, 1]"),
     ([0.5, 7], Wanted(low=0, high=1), "an array of numbers from 0 to 1; it holds 7.0 at [1]"),
     (np.float16([2, 60000]), Wanted(low=-1e12, high=1e12), ""),
     (np.float16([0.1]), Wanted(low=0.1, high=1), "an array of numbers from 0.1 to 1; it holds 0.0999755859375 at [0]"),
     ([0.0, 2.5], Wanted(integers=True), "an array of whole numbers; it holds 2.5 at [1]"),
     ([1j], Wanted(), "a file of real numbers; it holds complex numbers"),
     (["a"], Wanted(), "a file of real numbers; it holds text"),
     (np.array(["2020"], "M8[Y]"), Wanted(), "a file of real numbers; it holds dates or times"),
     ([[[1.0, 0], [0, 0]]], Wanted(directions=True),
      "an array of vectors with a direction, the one at [0, 1] is zero")],
)  # fmt: skip
def test_a_file_is_what_is_wanted_or_the_line_says_what_it_is(tmp_path, values, wanted, fault):
    assert says(saved(tmp_path, values), wanted) == ([fault] if fault else [])


def test_the_nan_of_the_cases_is_found_and_named_by_its_place():
    found = [says(CASES / name) for name in ("one_nan.npy", "phases_nan.npy", "whole.npy")]
    place = np.argwhere(np.isnan(np.load(CASES / "one_nan.npy")))[0].tolist()
    assert found[0] == [f"an array of finite numbers; it holds nan at {place}"]
    assert found[1][0].startswith("an array of finite numbers; it holds ") and found[2] == []


def test_a_value_beyond_the_first_piece_is_found_at_its_place(tmp_path, monkeypatch):
    monkeypatch.setattr("emergent_dynamics.inputs.array.PIECE", 5)
    values = np.zeros((3, 4, 2))
    values[2, 1, 1] = np.nan
    assert says(saved(tmp_path, values)) == ["an array of finite numbers; it holds nan at [2, 1, 1]"]


def test_a_damaged_chunk_of_a_zarr_store_is_one_line(tmp_path):
    store = tmp_path / "x.zarr"
    zarr.open_array(str(store), mode="w", shape=(4, 3), chunks=(2, 3), dtype="float64")[:] = 1
    assert says(store) == []
    (store / "c" / "1" / "0").write_bytes(b"junk")
    conditions._content.cache_clear()  # the time of the folder remains
    (line,) = says(store)
    assert line.startswith(
        "a file of numbers (.npy, .npz, .csv, Parquet or Zarr); it is a damaged Zarr store ("
    )


def test_a_missing_file_is_left_to_the_configuration_and_a_changed_one_is_read_again(tmp_path):
    assert says(tmp_path / "nowhere.npy") == []
    path = saved(tmp_path, [1.0])
    assert says(path) == []
    saved(tmp_path, [np.nan, 1.0])
    assert len(says(path)) == 1


def test_an_array_in_a_file_is_named_after_a_hash_and_hashed_with_its_file(tmp_path):
    path = saved(tmp_path, [1.0], "a#b.npy")
    assert located(str(path)) == (path, "")  # a file of that name comes first
    assert located(f"{path}#c") == (path, "c")
    assert exists(f"{path}#c") and content_sha256(f"{path}#c") == content_sha256(str(path))
    assert not exists("x" * 5000) and not exists("nul\0l")


def test_memory_is_that_of_formats_of_which_no_part_can_be_read(tmp_path):
    np.savez(tmp_path / "x.npz", x=np.zeros(1000))
    assert conditions.memory(str(tmp_path / "x.npz")) == 8000
    assert conditions.memory(str(saved(tmp_path, np.zeros(1000)))) == 0
    assert conditions.shape_of(str(tmp_path / "x.npz")) == (1000,)
    assert conditions.shape_of(str(CASES / "cut_zip.npy")) == ()
