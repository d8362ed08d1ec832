"""What is read from an npz, and what is refused."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from emergent_dynamics.config.schema import read_schemas, resolve
from emergent_dynamics.reasoning import checks, diagnostics, ingest


def test_a_good_file_becomes_the_table_with_its_numbers_unchanged(deposit, saved):
    arrays = deposit()
    table = ingest.table(saved(arrays), unit="nat per sub-update")
    assert np.array_equal(table["lyap_raw"].values, arrays["lyap_spec"].astype(float))
    assert np.array_equal(table["drift_zH"].values, arrays["drift_zH"].astype(float))
    assert (np.diff(table["lyap_sorted"].values, axis=1) <= 0).all()
    assert table["lyap_raw"].attrs["units"] == "nat per sub-update"
    assert len(table.attrs["source_sha256"]) == 64 and table.attrs["dropped"] == 0
    assert table["logR"].isnull().all()


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ingest.Rejected, match=r"nowhere\.npz: no such file"):
        ingest.table(tmp_path / "nowhere.npz")


def test_pickled_arrays_are_not_read(tmp_path):
    np.savez(tmp_path / "evil.npz", drift_zH=np.array([{"a": 1}], dtype=object))
    with pytest.raises(ingest.Rejected, match="not an npz file of plain arrays"):
        ingest.table(tmp_path / "evil.npz")
    (tmp_path / "text.npz").write_text("hello")
    with pytest.raises(ingest.Rejected, match="not an npz file of plain arrays"):
        ingest.table(tmp_path / "text.npz")


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (lambda a: a.pop("lyap_spec"), "lyap_spec is missing"),
        (lambda a: a.update(token_acc=a["token_acc"][:-1]), "token_acc has shape"),
        (lambda a: a.update(drift_zL=a["drift_zL"][:, :8]), "drift_zL has shape"),
        (lambda a: a.update(drift_zH=a["drift_zH"][:, :3]), "4 steps or more"),
        (lambda a: a.update(lyap_spec=a["lyap_spec"][:, 0]), r"must be \(example, exponent\)"),
        (lambda a: a["drift_zH"].__setitem__((0, 0), -1), "negative"),
        (lambda a: a["lyap_spec"].__setitem__((0, 0), np.nan), "1 examples are not finite"),
        (lambda a: a["exact_correct"].__setitem__(0, 2), "other than 0 and 1"),
        (lambda a: a["token_acc"].__setitem__(0, 1.5), r"\[0, 1\]"),
        (lambda a: a["idx"].__setitem__(1, 0), "twice"),
        (lambda a: a.update(token_acc=np.full(400, "x")), "must be numbers"),
        (lambda a: a.update(q_halt=np.full(a["drift_zH"].shape, np.inf)), "400 examples are not finite"),
        (lambda a: a.update(difficulty=np.full(400, -np.inf)), "400 examples are not finite"),
        (lambda a: a.update(drift_zL=a["drift_zL"].astype(float) + 1e200), r"not finite or beyond 1e\+100"),
        (lambda a: a.update(givens=np.full(400, 2.5)), "givens must hold whole numbers of at least 0"),
        (lambda a: a.update(givens=np.full(400, -3)), "givens must hold whole numbers of at least 0"),
        (lambda a: a.update({k: v[:0] for k, v in a.items()}), "must have an example"),
    ],
)
def test_each_defect_is_refused_in_one_line_with_its_key(deposit, saved, break_it, message):
    arrays = deposit()
    break_it(arrays)
    with pytest.raises(ingest.Rejected, match=message) as error:
        ingest.table(saved(arrays))
    assert str(error.value).startswith("diag.npz: ") and "\n" not in str(error.value)


def test_examples_that_are_not_finite_can_be_dropped_and_are_counted(deposit, saved):
    arrays = deposit()
    arrays["lyap_spec"][[3, 7], 0] = np.nan
    table = ingest.table(saved(arrays), nan="drop")
    assert table.sizes["example"] == 398 and table.attrs["dropped"] == 2
    assert 3 not in table["idx"].values


def test_the_sentinel_zero_becomes_never_only_on_demand(deposit, saved):
    path = saved(deposit())
    assert (ingest.table(path)["halted_at"].values == 0).any()
    never = ingest.table(path, halted_zero="never")["halted_at"].values
    assert not (never == 0).any() and (never == -1).any()


def test_without_idx_the_order_stands_in_and_is_flagged(deposit, saved):
    arrays = deposit()
    del arrays["idx"]
    table = ingest.table(saved(arrays))
    assert table.attrs["idx_from_file"] == 0
    assert np.array_equal(table["idx"].values, np.arange(400))


def test_exponents_in_different_units_are_never_compared(deposit, saved):
    first = ingest.table(saved(deposit()), unit="nat per sub-update")
    second = ingest.table(saved(deposit()), unit="nat per ACT step")
    with pytest.raises(ValueError, match="different units"):
        diagnostics.same_unit({"hrm": first, "trm": second})
    assert diagnostics.same_unit({"a": first, "b": first}) == "nat per sub-update"


def test_files_are_read_and_analysed_without_torch():
    """A machine that only has deposited files needs no torch."""
    script = (
        "from emergent_dynamics.reasoning import analysis, checks, plan, resources, simulation; "
        "from emergent_dynamics.reasoning.findings import compatibility, seeds; "
        "import sys; assert 'torch' not in sys.modules"
    )
    source = Path(ingest.__file__).parents[2]
    subprocess.run(
        [sys.executable, "-c", script], env={"PYTHONPATH": str(source)}, check=True, capture_output=True
    )


CASES = Path(__file__).resolve().parents[1] / "inputs" / "cases"


@pytest.mark.parametrize(
    ("files", "key", "says"),
    [({"a": "r_good.npz"}, None, ""),
     ({"a": "r_base_puzzle_nan.npz"}, "files.a", "not finite"),
     ({"a": "r_halted.npz"}, "files.a", "halted_at must hold whole numbers from -1 to"),
     ({"a": "cut_zip.npy"}, "files.a", "not an npz file of plain arrays")],
)  # fmt: skip
def test_files_are_checked_before_anything_runs(files, key, says):
    given = {"source": "npz", "files": {tag: str(CASES / name) for tag, name in files.items()}}
    found = list(checks.check(resolve(read_schemas()[1]["reasoning"], given)))
    assert [fault[0] for fault in found] == ([key] if key else [])
    assert not key or says in found[0][2]


def test_a_tag_that_equals_a_member_of_a_series_is_refused():
    good = str(CASES / "r_good.npz")
    given = {"source": "npz", "files": {"a_1": good}, "series": {"a": [{"step": 1, "path": good}]}}
    found = list(checks.check(resolve(read_schemas()[1]["reasoning"], given)))
    assert [fault[0] for fault in found] == ["files.a_1"]


def test_other_names_of_arrays_are_mapped_and_a_name_that_is_not_there_is_one_line(deposit, saved):
    arrays = deposit(n=20)
    path = saved(arrays | {"velocity": arrays["drift_zH"] * 2})
    assert np.array_equal(ingest.read(path, {"drift_zH": "velocity"})[0]["drift_zH"], 2 * arrays["drift_zH"])
    renamed = {("ftle" if name == "lyap_spec" else name): value for name, value in arrays.items()}
    path = saved(renamed, "renamed.npz")
    found = ingest.read(path, {"lyap_spec": "ftle"})[0]
    assert np.array_equal(found["lyap_spec"], arrays["lyap_spec"]) and set(found) == set(arrays)
    with pytest.raises(
        ingest.Rejected, match=r"renamed.npz: no array speed, which keys names for drift_zH; it has"
    ):
        ingest.read(path, {"drift_zH": "speed"})


def test_keys_of_the_configuration_are_checked_and_reach_the_store(deposit, saved):
    renamed = {("ftle" if name == "lyap_spec" else name): value for name, value in deposit(n=20).items()}
    asked = {"source": "npz", "files": {"a": str(saved(renamed))}}
    schema = read_schemas()[1]["reasoning"]
    assert [fault[0] for fault in checks.check(resolve(schema, asked))] == ["files.a"]
    given = resolve(schema, asked | {"keys": {"lyap_spec": "ftle"}})
    assert not list(checks.check(given))
    from emergent_dynamics.reasoning import simulation

    assert np.array_equal(simulation.build(given).initial()["a/lyap_spec"], renamed["ftle"])
