"""Headlines: complete, finite or null, merged without losing one."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emergent_dynamics.store import Headline, merge_summaries, read_summary, write_summary

FIELDS = ["value", "ci", "n", "unit", "expected", "source", "ok", "note"]


def test_a_headline_is_written_with_every_field_in_order(tmp_path):
    """What is not known is null, never left out."""
    write_summary(
        tmp_path / "s.json",
        {"a": Headline(1.5, (1, 2), 3, "nat", 1.4, "Shannon 1948", True), "b": Headline(2, None, 1, "1")},
    )
    found = read_summary(tmp_path / "s.json")
    assert list(found) == ["a", "b"] and all(list(h) == FIELDS for h in found.values())
    assert found["a"] == dict(
        zip(FIELDS, [1.5, [1, 2], 3, "nat", 1.4, "Shannon 1948", True, None], strict=True)
    )
    assert found["b"] == dict(zip(FIELDS, [2, None, 1, "1", None, None, None, None], strict=True))


@pytest.mark.parametrize("undefined", [math.nan, math.inf, -math.inf, np.float64("nan"), np.float32("inf")])
def test_what_is_not_finite_is_null(tmp_path, undefined):
    """JSON has no NaN; half an interval is none."""
    headline = Headline(undefined, (0.0, undefined), 0, "1", note="no run reached it")
    write_summary(tmp_path / "s.json", {"a": headline})
    found = json.loads((tmp_path / "s.json").read_text(), parse_constant=pytest.fail)["a"]
    assert found["value"] is None and found["ci"] is None and found["note"] == "no run reached it"


def test_numpy_numbers_are_written_as_numbers(tmp_path):
    """float32, int64 and bool_ as their Python selves."""
    headline = Headline(
        np.float32(0.5),
        (np.float64(0), np.float64(1)),
        np.int64(7),
        "1",
        np.float64(0.5),
        "x",
        np.bool_(True),
    )
    write_summary(tmp_path / "s.json", {"a": headline})
    assert read_summary(tmp_path / "s.json")["a"] == {
        "value": 0.5, "ci": [0, 1], "n": 7, "unit": "1", "expected": 0.5, "source": "x", "ok": True, "note": None
    }  # fmt: skip


@given(st.floats(), st.one_of(st.none(), st.tuples(st.floats(), st.floats())))
def test_any_number_can_be_written_and_read(tmp_path_factory, value, ci):
    """Finite ones come back to the bit, the others as null."""
    path = tmp_path_factory.mktemp("any") / "s.json"
    write_summary(path, {"a": Headline(value, ci, 1, "1")})
    found = read_summary(path)["a"]
    assert found["value"] == (value if math.isfinite(value) else None)
    assert found["ci"] == (list(ci) if ci and all(map(math.isfinite, ci)) else None)


@pytest.mark.parametrize("only", [{"expected": 1.0}, {"source": "theory"}])
def test_an_expected_value_and_its_source_come_together(only):
    """A number without its origin is not quoted."""
    with pytest.raises(ValueError, match="come together"):
        Headline(1.0, None, 1, "1", **only)


def test_agreement_needs_something_to_agree_with():
    """ok is None where nothing is expected."""
    with pytest.raises(ValueError, match="ok needs an expected value"):
        Headline(1.0, None, 1, "1", ok=True)


def test_summaries_are_merged_in_order(tmp_path):
    """Every headline of every finding."""
    write_summary(tmp_path / "a.json", {"one": Headline(1, None, 1, "1"), "two": Headline(2, None, 1, "1")})
    write_summary(tmp_path / "b.json", {"three": Headline(3, None, 1, "1")})
    merge_summaries(tmp_path / "s.json", [tmp_path / "a.json", tmp_path / "b.json"])
    assert [h["value"] for h in read_summary(tmp_path / "s.json").values()] == [1, 2, 3]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.json", "b.json", "s.json"]


def test_two_findings_may_not_use_one_name(tmp_path):
    """One would be lost; the second file is named."""
    for name in ("a.json", "b.json"):
        write_summary(tmp_path / name, {"mean": Headline(1, None, 1, "1")})
    with pytest.raises(ValueError, match=r"b\.json: headline mean stands in another finding too"):
        merge_summaries(tmp_path / "s.json", [tmp_path / "a.json", tmp_path / "b.json"])
    assert not (tmp_path / "s.json").exists()
