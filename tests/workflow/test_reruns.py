"""What makes a result stale, and what does not: content of code, parameters and inputs, never a file's time."""

import contextlib
import os
import time

import numpy as np
import pytest

from emergent_dynamics.config.schema import read_schemas

LIBRARY = "workflow/scripts/emergent_dynamics"
ANALYSES = {
    "causal_groups",
    "causal_leaders",
    "causal_centres",
    "causal_thresholds",
    "causal_counts",
    "causal_capture",
    "causal_lineage",
    "causal_plateaus",
    "causal_order",
    "causal_limits",
}
FIGURES = {"causal_figures_motion", "causal_figures_time", "causal_figures_prediction"}
PAGES = {"headlines", "front", "report"}
EVERYTHING = {"causal_simulate", "summary", "causal_sweep", "comparison", *ANALYSES, *FIGURES, *PAGES}


def of(planned, experiment):
    """The rules that would run for one experiment (or sweep) itself."""
    places = (f"results/causal/{experiment}/analysis/", f"results/causal/{experiment}/figures/")
    direct = {f"results/causal/{experiment}/{name}" for name in ("trajectory.zarr", "summary.json")}
    return {rule for output, rule in planned.items() if output.startswith(places) or output in direct}


def touch(paths, when):
    """Give files a modification time."""
    for path in paths:
        os.utime(path, (when, when))


@contextlib.contextmanager
def times_kept(paths):
    """Whatever happens, the files have their times back afterwards."""
    times = {path: path.stat() for path in paths}
    try:
        yield
    finally:
        for path, was in times.items():
            os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))


@pytest.fixture
def sources(finished):
    """Every file of the checkout and the configuration; their times are put back."""
    files = [p for p in finished.root.rglob("*") if p.is_file() and "__pycache__" not in p.parts]
    with times_kept(files):
        yield [*files, finished.config]


def test_an_empty_directory_needs_every_rule_for_every_experiment(project, tmp_path):
    """The list of rules below is the whole chain, so that the other tests speak of all of it."""
    found = project.quick("--summary", "--directory", tmp_path)
    rows = [row.split("\t") for row in found.stdout.splitlines()[1:]]
    assert {row[2] for row in rows} == EVERYTHING
    assert {row[-1] for row in rows} == {"update pending"}


def test_one_worker_runs_this_folder(request):
    """Else every worker simulates the project anew; pytest-xdist ignores groups without a word in some versions."""
    if not request.config.getoption("loadgroup", False):
        pytest.skip("not `--dist loadgroup`")
    assert request.node.nodeid.endswith("@workflow")


def test_a_second_run_does_nothing(finished):
    """The same command again: Snakemake says so and starts no job."""
    before = {p: p.stat().st_mtime_ns for p in finished.path("results").rglob("*")}
    found = finished.quick("--cores", "2")
    assert found.status == 0 and "Nothing to be done" in found.said
    assert {p: p.stat().st_mtime_ns for p in finished.path("results").rglob("*")} == before


def test_a_touched_file_reruns_nothing(finished, sources):
    """Library, scripts, rules, schemas, captions, configuration and Snakefile, all newer than every result."""
    touch(sources, time.time() + 60)
    assert finished.planned() == {}


def test_a_fresh_checkout_reruns_nothing(finished, sources):
    """`git checkout` and `git clone` give files new times, in no order, older or newer than the results."""
    rng = np.random.default_rng(1)
    for path in sources:
        touch([path], time.time() + rng.uniform(-1e6, 1e6))
    assert finished.planned() == {}


def test_a_touched_intermediate_of_equal_content_reruns_nothing(finished):
    """Tables and summaries are compared by content."""
    tables = [
        p for p in finished.path("results", "causal").rglob("analysis/*") if p.suffix in (".csv", ".json")
    ]
    with times_kept(tables):
        touch(tables, time.time())
        assert finished.planned() == {}


@pytest.mark.parametrize("caption", ["headlines", "workflow"])
def test_a_changed_caption_makes_the_pages_anew_and_nothing_else(finished, caption):
    """Texts are in the report only: no figure is drawn for them."""
    with finished.changed(f"workflow/report/{caption}.rst", "", "\nA new sentence.\n"):
        assert finished.planned() == {"results/report.html": "report", "results/index.html": "front"}


def test_a_changed_module_reruns_its_users_and_what_reads_their_results(finished):
    """`lineage` is used by one rule: that rule, what joins its numbers, and the pages; no simulation."""
    with finished.changed(f"{LIBRARY}/causal/findings/lineage.py", "", "\nA_NAME = 1\n"):
        assert finished.rules() == {"causal_lineage", "summary", "comparison", *PAGES}


def test_a_changed_module_that_others_import_reruns_those_too(finished):
    """`renyi` is imported by centres, thresholds and capture; groups, leaders and simulations stay."""
    with finished.changed(f"{LIBRARY}/causal/renyi.py", "", "\nA_NAME = 1\n"):
        found = finished.rules()
    assert {"causal_centres", "causal_thresholds", "causal_capture", "summary"} | PAGES <= found
    assert not found & {
        "causal_simulate",
        "causal_groups",
        "causal_leaders",
        "causal_counts",
        "causal_lineage",
    }


def test_a_changed_figure_draws_that_figure_and_computes_nothing(finished):
    """Drawing code is no part of a finding's hash."""
    with finished.changed(f"{LIBRARY}/causal/figures/viewer.py", "", "\nA_NAME = 1\n"):
        assert finished.rules() == {"causal_figures_motion", "front", "report"}


def test_a_changed_model_simulates_everything_again(finished):
    """What the trajectory rests on reruns the whole chain."""
    with finished.changed(f"{LIBRARY}/causal/model.py", "", "\nA_NAME = 1\n"):
        assert finished.rules() == EVERYTHING


@pytest.mark.parametrize(
    "module", ["causal/model", "streams/philox", "statistics/intervals", "causal/figures/viewer"]
)
def test_a_remark_anywhere_reruns_nothing(finished, module):
    """`git pull` of comments and docstrings costs nobody a run."""
    with finished.changed(f"{LIBRARY}/{module}.py", "", "\n# a remark\n"):
        assert finished.planned() == {}


@pytest.mark.parametrize("package", ["driver", "store", "runtime", "inputs", "streams"])
def test_what_carries_numbers_counts_by_its_format(finished, package):
    """Another line in it reruns nothing; a raised number reruns everything."""
    module = next(p for p in (finished.root / LIBRARY / package).glob("*.py") if p.name != "__init__.py")
    with finished.changed(f"{LIBRARY}/{package}/{module.name}", "", "\nA_NAME = 1\n"):
        assert finished.planned() == {}
    with finished.changed(f"{LIBRARY}/{package}/__init__.py", "FORMAT = 1", "FORMAT = 2"):
        assert {"causal_simulate", "causal_groups"} <= finished.rules()


def test_another_version_of_this_project_reruns_nothing_by_itself(finished):
    """A release that changes no code of a rule costs nobody a run."""
    with finished.changed(f"{LIBRARY}/__init__.py", '__version__ = "', '__version__ = "9'):
        assert finished.planned() == {}


@pytest.mark.parametrize("room", sorted(read_schemas()[1].keys() - {"causal"}))
def test_a_change_in_another_system_reruns_nothing(finished, room):
    """Systems do not know each other; neither their rooms nor their rules."""
    with finished.changed(f"{LIBRARY}/{room}/model.py", "", "\nA_NAME = 1\n"):
        assert finished.planned() == {}


def test_a_changed_script_reruns_its_rule(finished):
    """A script is part of its rule's hash, whatever its time."""
    with finished.changed("workflow/scripts/causal_counts.py", "", "\nA_NAME = 1\n"):
        found = finished.planned()
    assert "causal_counts" in of(found, "ring")
    assert not set(found.values()) & {"causal_simulate", "causal_groups", "causal_centres"}


def test_another_gap_simulates_nothing(finished, experiments, configure):
    """The gap is read by the analyses of groups: those of this experiment run, on the same trajectory."""
    experiments["ring"]["gap"] = 0.1
    found = finished.planned(config=configure(experiments))
    assert "causal_groups" in of(found, "ring") and "causal_simulate" not in found.values()
    assert "causal_centres" in of(found, "ring") and "causal_order" not in of(found, "ring")
    assert of(found, "scan/beta=9") == of(found, "scan") == set()


def test_a_default_written_out_reruns_nothing(finished, experiments, configure):
    """Equal parameters are equal, given or not; 49 is 49.0; order does not matter. The front page names its file."""
    experiments["ring"] = {
        "beta": 49.0,
        "seed": 1,
        "dimension": 2,
        "gap": {"scaled": 0.49},
        **experiments["ring"],
    }
    assert finished.planned(config=configure(experiments)) == {"results/index.html": "front"}


def test_another_number_of_runs_simulates_again_and_everything_after(finished, experiments, configure):
    """All of `ring`, nothing of `scan`."""
    experiments["ring"]["runs"] = 4
    found = finished.planned(config=configure(experiments))
    assert of(found, "ring") == {"causal_simulate", "summary", *ANALYSES, *FIGURES}
    assert set(found.values()) == of(found, "ring") | PAGES


def test_another_value_of_a_sweep_computes_that_member_and_the_aggregates(finished, experiments, configure):
    """Members that exist stay as they are."""
    experiments["scan"]["sweep"]["beta"] = [9, 16, 25]
    found = finished.planned(config=configure(experiments))
    assert of(found, "scan/beta=16") == {"causal_simulate", "summary", "causal_figures_motion", *ANALYSES}
    assert of(found, "scan") == {"causal_sweep", "comparison"}
    assert of(found, "scan/beta=9") == of(found, "scan/beta=25") == of(found, "ring") == set()
    assert set(found.values()) == of(found, "scan/beta=16") | {"causal_sweep", "comparison"} | PAGES


def test_the_order_of_a_sweep_does_not_matter(finished, experiments, configure):
    """Members are named by their values."""
    experiments["scan"]["sweep"]["beta"] = [25.0, 9]
    found = finished.planned(config=configure(experiments))
    assert "causal_simulate" not in found.values() and not any("beta=" in output for output in found)


def test_an_experiment_removed_or_added_leaves_the_others(finished, experiments, configure):
    """Without `ring` only the pages change; with `second` it and the pages are made."""
    ring = experiments.pop("ring")
    assert finished.rules(config=configure(experiments)) <= PAGES
    found = finished.planned(config=configure({**experiments, "ring": ring, "second": {**ring, "seed": 2}}))
    assert of(found, "second") == {"causal_simulate", "summary", *ANALYSES, *FIGURES}
    assert of(found, "ring") == of(found, "scan") == of(found, "scan/beta=9") == set()


def test_a_file_of_ones_own_counts_by_its_content(finished, experiments, configure, tmp_path):
    """initial: a .npy touched or rewritten with equal bytes changes nothing, with others it simulates again."""
    path = tmp_path / "start.npy"
    tokens = np.random.default_rng(1).normal(size=(3, 16, 2))
    np.save(path, tokens)
    experiments["ring"]["initial"] = str(path)
    config = configure(experiments)
    target = "results/causal/ring/trajectory.zarr"
    directory = ("--directory", tmp_path / "own")
    assert finished.quick(target, *directory, "--cores", "1", config=config).status == 0
    touch([path], time.time() + 60)
    assert finished.planned(target, *directory, config=config) == {}
    np.save(path, tokens + 1)
    assert finished.planned(target, *directory, config=config) == {target: "causal_simulate"}


def test_a_deleted_result_is_made_again_and_a_deleted_table_redraws_its_readers(finished):
    """Only what is missing, and what would read it, is planned."""
    path = finished.path("results/causal/ring/analysis/lineage.csv")
    content = path.read_bytes()
    with times_kept([path]):
        path.unlink()
        planned = finished.planned()
        path.write_bytes(content)
    assert of(planned, "ring") <= {"causal_lineage", "summary"}
    assert not any("scan" in output for output in planned)
