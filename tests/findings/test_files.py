"""Tables and headlines as files: complete, finite or null, merged without losing one."""

import json
import math
import tracemalloc

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emergent_dynamics.findings import (
    Expectation,
    Headline,
    merge_summaries,
    read_rows,
    read_summary,
    write,
    write_summary,
    write_table,
)

FIELDS = [
    "value",
    "ci",
    "n",
    "unit",
    "sentence",
    "expectation",
    "rank",
    "note",
    "standard_error",
    "exact",
    "verdict",
]
SHANNON = Expectation(1.4, "Shannon 1948", "exact")


def read(folder, headline):
    write_summary(folder / "s.json", {"a": headline})
    return json.loads((folder / "s.json").read_text(), parse_constant=pytest.fail)["a"]


def test_a_headline_is_written_with_every_field_and_its_verdict(tmp_path):
    """What is not known is null, never left out; z = (1.5 - 1.4) / 0.05."""
    rows = {
        "b": Headline(2, None, 1, "1", "B"),
        "a": Headline(1.5, (1.4, 1.6), 30, "nat", "A", SHANNON, 2, None, 0.05),
    }
    write_summary(tmp_path / "s.json", rows)
    found = read_summary(tmp_path / "s.json")
    assert list(found) == ["b", "a"] and all(list(record) == FIELDS for record in found.values())
    single = "no interval: a single sample"
    assert [found["b"][key] for key in FIELDS] == [
        2,
        None,
        1,
        "1",
        "B",
        None,
        None,
        single,
        None,
        False,
        None,
    ]
    assert [found["a"][key] for key in FIELDS[:5]] == [1.5, [1.4, 1.6], 30, "nat", "A"]
    assert found["a"]["expectation"] == {
        "value": 1.4, "source": "Shannon 1948", "kind": "exact", "standard_error": 0, "relation": "=",
        "tolerance": 0, "reason": "", "scale": None,
    }  # fmt: skip
    verdict = found["a"]["verdict"]
    assert list(verdict) == ["outcome", "z", "weak", "noticeable", "reason", "false_alarm"]
    assert verdict["outcome"] == "agrees" and verdict["z"] == pytest.approx(2) and verdict["weak"] is False
    assert verdict["noticeable"] == pytest.approx(0.2)


@pytest.mark.parametrize("undefined", [math.nan, math.inf, -math.inf, np.float64("nan"), np.float32("inf")])
def test_what_is_not_finite_is_null(tmp_path, undefined):
    """JSON has no NaN; half an interval is none."""
    found = read(tmp_path, Headline(undefined, (0.0, undefined), 0, "1", "A", note="no run reached it"))
    assert found["value"] is None and found["ci"] is None and found["note"] == "no run reached it"


def test_numpy_numbers_are_written_as_numbers(tmp_path):
    """float32, int64 and bool_ as their Python selves."""
    found = read(tmp_path, Headline(np.float32(0.5), (np.float64(0), np.float64(1)), np.int64(7), "1", "A"))
    assert (found["value"], found["ci"], found["n"]) == (0.5, [0, 1], 7)


@given(st.floats(), st.floats(0, 1e300), st.floats(0, 1e300))
def test_any_number_can_be_written_and_read(tmp_path_factory, value, below, above):
    """Finite ones come back to the bit, the others as null."""
    found = read(tmp_path_factory.mktemp("any"), Headline(value, (value - below, value + above), 1, "1", "A"))
    assert found["value"] == (value if math.isfinite(value) else None)
    assert found["ci"] is None or all(map(math.isfinite, found["ci"]))


def test_merging_keeps_every_headline_in_order_and_refuses_a_name_twice(tmp_path):
    paths = [tmp_path / name for name in ("one", "two", "three")]
    for path, names in zip(paths, (["b"], ["a", "c"], ["c"]), strict=True):
        write_summary(path, {name: Headline(1, None, 1, "1", name) for name in names})
    merge_summaries(tmp_path / "all", paths[:2])
    assert list(read_summary(tmp_path / "all")) == ["b", "a", "c"]
    assert read_summary(tmp_path / "all")["c"] == read_summary(paths[1])["c"]
    with pytest.raises(ValueError, match=r"three: headline c is in another finding too"):
        merge_summaries(tmp_path / "all", paths)


def test_a_summary_replaces_the_old_one_by_a_rename(tmp_path, monkeypatch):
    """A crash while writing leaves the old file as it was."""
    write_summary(tmp_path / "s.json", {"a": Headline(1, None, 1, "1", "A")})
    monkeypatch.setattr("pathlib.Path.replace", lambda *_: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        write_summary(tmp_path / "s.json", {"b": Headline(1, None, 1, "1", "B")})
    assert list(read_summary(tmp_path / "s.json")) == ["a"]


def test_each_table_goes_to_the_output_of_its_name(tmp_path):
    output = {name: str(tmp_path / name) for name in ("groups", "leaders", "summary")}
    tables = {name: pd.DataFrame({"run": [0, 1], name: [1.5, np.nan]}) for name in ("groups", "leaders")}
    write(output, tables, {"a": Headline(1, None, 1, "1", "A")})
    assert (tmp_path / "leaders").read_text() == "run,leaders\n0,1.5\n1,\n"
    assert list(read_summary(output["summary"])) == ["a"]
    with pytest.raises(KeyError, match="other"):
        write(output, {"other": tables["groups"]}, {})


def table(frames):
    rng = np.random.default_rng(1)
    time = np.arange(frames) / 3
    return pd.DataFrame(
        {"time": np.tile(time, 2), "run": np.repeat([0, 1], frames), "x": rng.random(2 * frames)}
    )


def test_rows_of_some_times_are_read_with_all_their_digits(tmp_path):
    """Thirds have up to 17 digits, and a parser that loses the last one would not find them."""
    whole = table(5001)
    write_table(tmp_path / "t.csv", whole)
    kept = whole["time"].to_numpy()[[0, 7, 1999, 2000, 5000]]
    found = read_rows(tmp_path / "t.csv", "time", kept)
    pd.testing.assert_frame_equal(
        found, whole[whole["time"].isin(kept)].reset_index(drop=True), check_exact=True
    )
    assert len(found) == 10
    write_table(tmp_path / "none.csv", whole[:0])
    assert read_rows(tmp_path / "none.csv", "time", kept).empty


def test_a_table_of_ten_times_the_frames_takes_no_more_memory(tmp_path):
    """200,000 rows of three columns are 4.8 MB; the rows that are kept, with a few read at once, 0.5 MB."""
    peaks = []
    for frames in (10_000, 100_000):
        whole = table(frames)
        write_table(tmp_path / "t.csv", whole)
        kept = whole["time"].to_numpy()[np.linspace(0, frames - 1, 1000).astype(int)]
        del whole
        tracemalloc.start()
        assert len(read_rows(tmp_path / "t.csv", "time", kept)) == 2000
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 0.2e6
