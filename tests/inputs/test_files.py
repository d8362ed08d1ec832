"""Files of numbers: every format gives the same array, and whatever is damaged costs one line, never a traceback."""

import io
import pickle
import zipfile
from pathlib import Path

import numpy as np
import polars
import pytest
import zarr
from hypothesis import given, settings
from hypothesis import strategies as st

from emergent_dynamics.inputs.array import Unusable
from emergent_dynamics.inputs.files import _opened, members, opened, read

pytestmark = pytest.mark.inputs

CASES = Path(__file__).parent / "cases"
X = np.random.default_rng(1).normal(size=(3, 4, 5))


def saved(folder):
    """The same array in every format that holds one."""
    np.save(folder / "x.npy", X)
    np.save(folder / "fortran.npy", np.asfortranarray(X))
    np.savez(folder / "one.npz", x=X)
    np.savez_compressed(folder / "two.npz", x=X, y=np.zeros(3))
    zarr.save_array(str(folder / "x.zarr"), X)
    group = zarr.open_group(str(folder / "g.zarr"), mode="w")
    group.create_array("deep/x", data=X, chunks=(2, 3, 2))
    return [str(folder / name) for name in
            ("x.npy", "fortran.npy", "one.npz", "one.npz#x", "two.npz#x", "x.zarr", "g.zarr#deep/x")]  # fmt: skip


def test_every_format_gives_the_same_values_whole_and_in_pieces(tmp_path, monkeypatch):
    monkeypatch.setattr("emergent_dynamics.inputs.array.PIECE", 7)  # smaller than the last two axes together
    for path in saved(tmp_path):
        found = opened(path)
        assert (found.shape, found.dtype, found.bytes) == (X.shape, X.dtype, X.nbytes), path
        assert np.array_equal(read(path), X), path
        rebuilt = np.full(X.shape, np.nan)
        for start, piece in found.pieces():
            part = tuple(slice(i, i + n) for i, n in zip(start, piece.shape, strict=True))
            assert np.isnan(rebuilt[part]).all()
            rebuilt[part] = piece
        assert np.array_equal(rebuilt, X), path


def test_of_an_npy_or_a_zarr_a_part_is_read_of_an_npz_all(tmp_path):
    whole = {Path(path).name: opened(path).whole for path in saved(tmp_path)}
    assert [name for name, all_of_it in whole.items() if all_of_it] == ["one.npz", "one.npz#x", "two.npz#x"]


def test_a_table_has_its_columns_with_or_without_their_names(tmp_path):
    (tmp_path / "a.csv").write_text("time, unit\n0.5,3\n\n1.25,7\n")
    found = opened(str(tmp_path / "a.csv"))
    assert found.columns == ("time", "unit")
    assert read(str(tmp_path / "a.csv")).tolist() == [[0.5, 3.0], [1.25, 7.0]]
    (tmp_path / "b.tsv").write_text("1\t2\n3\tnan\n")
    assert opened(str(tmp_path / "b.tsv")).columns == ()
    assert np.isnan(read(str(tmp_path / "b.tsv"))[1, 1])


def test_a_parquet_file_is_a_table_with_names_whatever_it_is_called(tmp_path):
    table = polars.DataFrame(
        {"time": [0.5, 1.25], "unit": [3, None]}, schema={"time": polars.Float32, "unit": polars.Int64}
    )
    table.write_parquet(tmp_path / "a.csv")
    found = opened(str(tmp_path / "a.csv"))
    assert (found.columns, found.shape, found.dtype) == (("time", "unit"), (2, 2), np.float64)
    assert np.array_equal(read(str(tmp_path / "a.csv")), [[0.5, 3.0], [1.25, np.nan]], equal_nan=True)
    with pytest.raises(Unusable, match="has no arrays with names"):
        opened(f"{tmp_path / 'a.csv'}#time")


def test_a_parquet_file_is_refused_by_its_size_before_it_is_read_and_without_polars(tmp_path, monkeypatch):
    polars.DataFrame({"x": np.zeros(1 << 18)}).write_parquet(tmp_path / "x.parquet")
    with monkeypatch.context() as patch:
        patch.setattr("emergent_dynamics.inputs.files.WHOLE", 1 << 20)
        with pytest.raises(Unusable, match="takes 2097152 bytes in memory; above 1048576"):
            opened(str(tmp_path / "x.parquet"))
    with monkeypatch.context() as patch:
        patch.setattr("importlib.util.find_spec", lambda name: None)
        with pytest.raises(Unusable, match=r"pip install 'emergent-dynamics\[parquet\]'"):
            opened(str(tmp_path / "x.parquet"))
    assert opened(str(tmp_path / "x.parquet")).shape == (1 << 18, 1)


@pytest.mark.parametrize(
    ("name", "says"),
    [("cut_zip.npy", "is a damaged .npz file"), ("npy_open_header.npy", "has a damaged .npy header"),
     ("npy_shape_1e30.npy", "header promises 128000000000000000000000000000000"), ("idx_labels", "is none of them")],
)  # fmt: skip
def test_the_damaged_files_of_the_cases_are_refused_by_what_is_wrong(name, says):
    with pytest.raises(Unusable, match=says):
        opened(str(CASES / name))


class Evil:
    def __reduce__(self):
        return (exec, ("raise SystemExit('executed')",))


@pytest.mark.parametrize(
    ("make", "says"),
    [(lambda f: f.write_bytes(b""), "is empty"),
     (lambda f: np.save(f, np.array([Evil()]), allow_pickle=True), "never unpickled"),
     (lambda f: np.savez(f.open("wb"), a=X, b=X), "has 2 arrays: a, b"),
     (lambda f: f.write_bytes(pickle.dumps([1.0])), "is none of them"),
     (lambda f: f.write_bytes(b"PAR1" + bytes(20)), "is a damaged Parquet file"),
     (lambda f: polars.DataFrame({"t": [1], "name": ["a"]}).write_parquet(f), "has a column name of String"),
     (lambda f: polars.DataFrame({"t": [[1.0, 2.0]]}).write_parquet(f), r"has a column t of List\(Float64\)"),
     (lambda f: f.mkdir(), "is a folder but no Zarr store"),
     (lambda f: f.with_suffix(".csv").write_text("a,b\n1,x\n"), "'x' in line 2 where a number is expected"),
     (lambda f: f.with_suffix(".csv").write_text("1,2\n3\n"), "has 1 columns in line 2, but 2 in the lines before it"),
     (lambda f: f.with_suffix(".csv").write_bytes(b"\xff\xfe\x00"), "is not a text file of numbers")],
)  # fmt: skip
def test_what_is_no_array_is_refused_by_what_it_is(tmp_path, make, says):
    make(tmp_path / "x.npy")
    with pytest.raises(Unusable, match=says):
        opened(str(next(tmp_path.iterdir())))


def test_a_damaged_member_a_missing_name_and_a_damaged_store_are_named(tmp_path):
    paths = saved(tmp_path)
    with pytest.raises(Unusable, match="has no array z; it has x, y"):
        opened(paths[4].replace("#x", "#z"))
    with pytest.raises(Unusable, match="has no array deep/y"):
        opened(paths[6].replace("#deep/x", "#deep/y"))
    with pytest.raises(Unusable, match="has no arrays with names"):
        opened(f"{paths[0]}#x")
    (tmp_path / "x.zarr" / "zarr.json").write_text("{")
    with pytest.raises(Unusable, match="is a damaged Zarr store"):
        opened(paths[5])
    with pytest.raises(Unusable, match="cannot be read"):
        opened(str(tmp_path / "nowhere.npy"))
    assert members(paths[4]).keys() == {"x", "y"}


def test_an_archive_that_unpacks_to_more_than_its_limit_is_refused_before_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr("emergent_dynamics.inputs.files.WHOLE", 1 << 20)
    np.savez_compressed(tmp_path / "bomb.npz", x=np.zeros(1 << 18))
    with pytest.raises(Unusable, match="takes 2097152 bytes in memory; above 1048576"):
        opened(str(tmp_path / "bomb.npz"))


def numpy_files():
    npy, npz = io.BytesIO(), io.BytesIO()
    np.save(npy, X[0])
    np.savez_compressed(npz, x=X[0])
    return npy.getvalue(), npz.getvalue()


def parquet_file():
    parquet = io.BytesIO()
    polars.DataFrame(X[0]).write_parquet(parquet)
    return (parquet.getvalue(),)


def damaged(good):
    """Bytes of good files with some of them changed or cut off."""
    edits = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=6)
    return st.tuples(st.sampled_from(good), edits, st.integers(0, 400))


def read_or_refused(file, case):
    content, edits, end = case
    changed = bytearray(content)
    for place, byte in edits:
        changed[place % len(changed)] = byte
    file.write_bytes(bytes(changed[: len(changed) - end % 3 * 20]))
    _opened.cache_clear()
    try:
        found = read(str(file))
    except Unusable as error:
        assert "\n" not in str(error)
    else:
        assert found.dtype.kind in "biuf"


@settings(max_examples=300, deadline=None)
@given(damaged(numpy_files()))
def test_a_file_with_changed_bytes_is_read_or_refused_and_nothing_else(tmp_path_factory, case):
    read_or_refused(tmp_path_factory.mktemp("damaged") / "x.npy", case)


@settings(max_examples=20, deadline=None)
@given(damaged(parquet_file()))
def test_a_parquet_file_with_changed_bytes_is_read_or_refused_and_nothing_else(tmp_path_factory, case):
    read_or_refused(tmp_path_factory.mktemp("damaged") / "x.parquet", case)


def test_a_parquet_file_at_which_polars_aborts_is_refused():
    """The header of its first page claims 2 EiB."""
    with pytest.raises(Unusable, match="is a damaged Parquet file"):
        read(str(CASES / "aborts.parquet"))


def test_a_zip_without_arrays_is_no_array(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("notes.txt", "none")
    with pytest.raises(Unusable, match="has 0 arrays: none"):
        opened(str(tmp_path / "a.npz"))


@pytest.mark.parametrize(
    ("text", "says"),
    [(",0,1\n0,5,6\n1,7,8\n", "has a column without a name in line 1, as pandas writes its index; write it"),
     ("a,\n1,2\n", "has a column without a name in line 1"),
     ("0,1,O,0\n1,0,0,0\n", "has both '0' and 'O' in line 1, which is neither numbers nor names"),
     ("time,Time\n1,2\n", "has two columns with the name time"),
     ("0,1,2,3\n5,6,7,8\n", "numbers its columns in line 1, as pandas does; write it with header=False"),
     ("time\n1_000\n", "'1_000' in line 2 where a number is expected")],
)  # fmt: skip
def test_a_table_whose_first_line_or_column_is_no_data_is_refused_instead_of_read_as_numbers(
    tmp_path, text, says
):
    (tmp_path / "x.csv").write_text(text)
    with pytest.raises(Unusable, match=says):
        opened(str(tmp_path / "x.csv"))


def test_the_index_that_pandas_writes_into_a_parquet_file_is_refused(tmp_path):
    polars.DataFrame({"time": [0.5], "__index_level_0__": [3]}).write_parquet(tmp_path / "x.parquet")
    with pytest.raises(Unusable, match="has the index of pandas as a column; write it with index=False"):
        opened(str(tmp_path / "x.parquet"))


def test_a_file_with_something_after_its_array_is_refused(tmp_path):
    with (tmp_path / "x.npy").open("wb") as file:
        np.save(file, X)
        np.save(file, X)
    with pytest.raises(Unusable, match="has 608 bytes after its array; a file holds one"):
        opened(str(tmp_path / "x.npy"))


def test_numbers_longer_than_float64_are_refused_since_they_would_become_infinite(tmp_path):
    np.save(tmp_path / "x.npy", np.full(3, np.longdouble("1e4000")))
    with pytest.raises(Unusable, match="holds float128; must be float64 or shorter"):
        opened(str(tmp_path / "x.npy"))


@pytest.mark.parametrize("attribute", ["scale_factor", "add_offset", "_FillValue"])
def test_codes_in_a_zarr_store_are_refused_since_they_are_not_the_values(tmp_path, attribute):
    array = zarr.open_array(str(tmp_path / "x.zarr"), mode="w", shape=(3,), chunks=(3,), dtype="uint16")
    array.attrs[attribute] = 2
    with pytest.raises(Unusable, match=rf"holds codes \({attribute} = 2\); write the decoded values"):
        opened(str(tmp_path / "x.zarr"))
    floats = zarr.open_array(str(tmp_path / "y.zarr"), mode="w", shape=(3,), chunks=(3,), dtype="float64")
    floats.attrs["_FillValue"] = "AAAAAAAA+H8="  # NaN, as xarray writes it for every array of floats
    assert opened(str(tmp_path / "y.zarr")).shape == (3,)
