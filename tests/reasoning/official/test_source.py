"""`source: checkpoint` from the files to the tables: what is stored, what is diagnosed, and through the real rules."""

import shutil

import numpy as np
import pytest
import torch

from emergent_dynamics.runtime import provenance
from emergent_dynamics import driver, store
from emergent_dynamics.reasoning import analysis, assemble, plan, shards, simulation, tables
from emergent_dynamics.reasoning.official import cost, diagnosis, headers
from emergent_dynamics.reasoning.parameters import Diagnosis
from tests.reasoning.official.cases import GOLDEN, experiment, load
from tests.reasoning.official.test_files import write_safetensors

pytestmark = pytest.mark.xdist_group("official series")  # one worker diagnoses it

SERIES = "trm_series_16"
RIGHT = {"step_500": 5, "step_1000": 2, "step_1500": 6}  # by the official modules


def read(given, folder, **options):
    target = folder / "trajectory.zarr"
    attributes = provenance.attributes("reasoning", "t", given, "")
    driver.run(simulation.build(given), folder / "checkpoint", target, attributes, **options)
    return str(target)


def digests(path):
    groups = [store.open_complete(path, group=group) for group in ("weights", "test")]
    return {
        name: array.attrs["content_sha256"] for group in groups for name, array in group.variables.items()
    }


@pytest.fixture(scope="module")
def series(tmp_path_factory):
    given = experiment(GOLDEN / SERIES)
    path = read(given, tmp_path_factory.mktemp("series"))
    return given, path, analysis.analyse(path, given), analysis.diagnose(path, given)


def test_a_series_of_steps_is_diagnosed_as_its_authors_modules_compute_it(series):
    """Three steps, the same twelve examples: exact counts 5, 2, 6; drifts from 1e-15 to 1 in float64."""
    _, path, _, diagnosed = series
    assert list(diagnosed) == list(RIGHT) and store.find_damage(path) is None
    for name, table in diagnosed.items():
        golden = load(SERIES, name)
        assert table["idx"].values.tolist() == list(range(12))
        assert table["base_puzzle"].values.tolist() == diagnosed["step_500"]["base_puzzle"].values.tolist()
        assert int(table["exact_correct"].sum()) == RIGHT[name]
        assert np.abs(table["drift_zH"].values - golden.expected["f64_drift_zH"]).max() < 1e-10
        assert np.array_equal(table["halted_at"].values, golden.expected["halted_at"])
        assert np.isnan(table["q_continue"].values).all()  # no_ACT_continue: never trained
        assert np.isfinite(table["lyap_raw"].values).all()
        assert np.isin(table["exact_bfloat16"].values, (0.0, 1.0)).all()
    assert list(tables.primary(diagnosed)) == ["step_1500"]


def test_the_findings_of_a_series_have_their_tables(series):
    found = series[2]
    assert found.tables["evolution"]["step"].unique().tolist() == [500, 1000, 1500]
    assert found.tables["transitions"].groupby("step")["n"].sum().tolist() == [12, 12]
    assert found.tables["precision"]["accuracy"].tolist() == pytest.approx([5 / 12, 2 / 12, 6 / 12])
    names = {"accuracy", "accuracy_bfloat16", "share_at_floor", "share_halted", "converged"}
    assert names <= found.headlines.keys()
    assert found.headlines["accuracy"].value == pytest.approx(0.5)


def test_jobs_cut_the_examples_and_join_them_again(series, monkeypatch):
    """At most five examples per shard: every shard of every step, and the same table to the order of sums."""
    given, path, _, diagnosed = series
    monkeypatch.setattr(cost, "LARGEST_SHARD", 5)
    named = plan.shards(given)
    assert named == [f"{step}-{n}" for step in (500, 1000, 1500) for n in range(3)]
    wanted = Diagnosis.from_config(given)
    parts = [shards.diagnose_shard(path, wanted, name)["step_1500"] for name in named[-3:]]
    assert [part.sizes["example"] for part in parts] == [4, 4, 4]
    joined = tables.join(parts)
    whole = diagnosed["step_1500"]
    assert np.abs(joined["drift_zH"].values - whole["drift_zH"].values).max() < 1e-9
    assert np.abs(joined["lyap_raw"].values - whole["lyap_raw"].values).max() < 1e-4  # float32 tangents
    assert np.array_equal(joined["exact_t"].values, whole["exact_t"].values)


def test_tables_reach_the_store_of_diagnostics(series, tmp_path):
    """Written and read by the jobs' own functions, in the order of training."""
    given, path, _, diagnosed = series
    for name, table in diagnosed.items():
        attributes = provenance.derived(store.open_complete(path))
        tables.write(tmp_path / f"{name}.zarr", {name: table}, attributes)
    paths = [str(tmp_path / f"{name}.zarr") for name in reversed(RIGHT)]
    joined = assemble.collect(path, paths, given)
    assert list(joined) == list(RIGHT)
    for name in RIGHT:
        assert np.array_equal(joined[name]["lyap_raw"].values, diagnosed[name]["lyap_raw"].values)


def test_prefixes_and_formats_of_the_files_give_the_same_store(tmp_path):
    case = "trm_rope_36"
    wanted = digests(read(experiment(GOLDEN / case), tmp_path / "a"))
    whole = headers.strip(torch.load(GOLDEN / case / "step_1000", weights_only=True), case)
    for number, (prefix, suffix) in enumerate([("", ".safetensors"), ("module.model.inner.", ".pt")]):
        folder = tmp_path / f"run{number}"
        shutil.copytree(GOLDEN / case / "data", folder / "data")
        shutil.copy(GOLDEN / case / "all_config.yaml", folder)
        named = {prefix + name: tensor for name, tensor in whole.items()}
        path = folder / f"step_1000{suffix}"
        torch.save(named, path) if suffix == ".pt" else write_safetensors(path, named)
        given = experiment(folder, checkpoint={"path": str(path)})
        assert digests(read(given, tmp_path / f"store{number}")) == wanted


def test_nothing_later_needs_the_files(tmp_path):
    """The folder is gone after reading: a shard is diagnosed all the same."""
    shutil.copytree(GOLDEN / "hrm_learned_36", tmp_path / "run")
    given = experiment(tmp_path / "run", roll_out=18)
    path = read(given, tmp_path)
    shutil.rmtree(tmp_path / "run")
    table = shards.diagnose_shard(path, Diagnosis.from_config(given), "1000-0")["step_1000"]
    assert table.sizes["act_step"] == 18 and table.attrs["halting_rule"] == "q_halt > q_continue"
    assert np.isfinite(table["q_continue"].values).all()
    wanted = load("hrm_learned_36").expected["f64_drift_zH"]
    assert np.abs(table["drift_zH"].values[:, :16] - wanted).max() < 1e-10


def test_reading_that_is_interrupted_gives_the_same_store(series, tmp_path):
    """Stopped after each state dict, and run again."""
    given, path, _, _ = series

    class Stop(Exception):
        pass

    for _ in range(4):
        made = simulation.build(given)
        advance, calls = made.advance, []

        def limited(state, start, stop, advance=advance, calls=calls):
            if calls:
                raise Stop
            calls.append(stop)
            return advance(state, start, stop)

        made.advance = limited
        attributes = provenance.attributes("reasoning", "t", given, "")
        target = tmp_path / "trajectory.zarr"
        try:
            driver.run(made, tmp_path / "c", target, attributes, commit_seconds=0.0)
            break
        except Stop:
            continue
    assert digests(str(target)) == digests(path)


def test_weights_can_be_rounded_to_bfloat16(tmp_path):
    """Then every stored number is a bfloat16, and float64 drift differs from the stored weights'."""
    given = experiment(GOLDEN / "trm_rope_36", checkpoint={"weights": "bfloat16"})
    path = read(given, tmp_path)
    stored = store.open_complete(path, group="weights")
    for name, array in stored.data_vars.items():
        bits = array.values.view(np.uint32)
        assert not (bits & 0xFFFF).any(), name


def test_tangents_do_not_depend_on_svd_and_dtype_is_what_was_asked(tmp_path):
    given = experiment(GOLDEN / "hrm_learned_36", exponents=1, examples=8)
    path = read(given, tmp_path)
    asked = [given, given | {"estimator": ["qr", "svd"], "dtype": "float64"}]
    alone, both = (
        shards.diagnose_shard(path, Diagnosis.from_config(one), "1000-0")["step_1000"] for one in asked
    )
    assert both.attrs["dtype"] == "drift float64, tangents float64"
    assert alone.attrs["dtype"] == "drift float64, tangents float32"
    assert np.abs(both["lyap_raw"].values - alone["lyap_raw"].values).max() < 1e-3
    assert (both["lyap_svd"].values[:, 0] >= both["lyap_raw"].values[:, 0] - 1e-6).all()
    assert np.isnan(alone["lyap_svd"].values).all()


def test_drift_alone_costs_a_tenth_and_is_the_same(series):
    """`exponents: 0` on the stored series: everything but exponents equals the full diagnosis, operations are 1/9."""
    given, path, _, diagnosed = series
    alone = analysis.diagnose(path, given | {"exponents": 0})["step_1000"]
    assert alone.attrs["estimator"] == "none" and np.isnan(alone["lyap_raw"].values).all()
    for name in ("drift_zH", "drift_zL", "recurrence", "exact_t", "halted_at", "q_halt", "exact_bfloat16"):
        assert np.array_equal(alone[name].values, diagnosed["step_1000"][name].values), name
    flops = [cost.example_flops(load("trm_mlp_16").sizes, cost.Work(k, False, 16, "float32")) for k in (0, 8)]
    assert flops[1] == pytest.approx(9 * flops[0])


def test_a_device_s_batch_is_what_its_memory_holds():
    """Ten times the bytes of one example hold ten; never fewer than one, nor more than 64."""
    sizes = load("trm_mlp_16").sizes
    work = cost.Work(8, False, 16, "float32")
    one = cost.example_bytes(sizes, work)
    assert [cost.batch(sizes, work, x * one) for x in (0.1, 10.5, 1e9)] == [1, 10, 64]
    assert diagnosis.batch_size(sizes, work, "cpu") >= 1


@pytest.mark.slow
def test_a_series_goes_through_the_real_rules(tmp_path):
    """From the configuration to the summary and figures; a second run plans nothing; a changed file is read again."""
    from tests.workflow.project import Project, Warm, copy_checkout, write_config

    copy_checkout(tmp_path / "workflow")
    (tmp_path / "here").mkdir()
    shutil.copytree(GOLDEN / SERIES, tmp_path / "here" / "run")
    asked = {
        "source": "checkpoint",
        "examples": 12,
        "exponents": 2,
        "resamples": 20,
        "checkpoint": {"path": "run", "data": "run/data", "draw": "first"},
    }
    config = write_config(tmp_path / "config.yaml", {"series": asked}, "reasoning")
    warm = Warm()
    project = Project(tmp_path / "workflow", tmp_path / "here", config, warm)
    folder = "results/reasoning/series"
    targets = [f"{folder}/summary.json", f"{folder}/figures/evolution.svg", f"{folder}/figures/cells.svg"]
    try:
        ran = project.run("--cores", "1", *targets)
        assert ran.status == 0, ran.said[-3000:]
        assert all(project.path(target).exists() for target in targets)
        assert (project.path(folder) / "analysis" / "precision.csv").exists()
        assert project.rules(*targets) == set()
        (tmp_path / "here" / "run" / "notes.txt").write_text("not read")
        assert project.rules(*targets) == set()
        shutil.copy(tmp_path / "here" / "run" / "step_500", tmp_path / "here" / "run" / "step_1000")
        assert "reasoning_simulate" in project.rules(*targets)
    finally:
        warm.close()
