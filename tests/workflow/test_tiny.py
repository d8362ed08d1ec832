"""config/tiny.yaml, every rule of every system once, to the report."""

import json

import pytest
import yaml

from emergent_dynamics import store
from performance.memory import ratios
from tests import browsers
from tests.front.looking import complaints, hidden_results
from tests.workflow.project import CHECKOUT, Project, copy_checkout

TINY = CHECKOUT / "config" / "tiny.yaml"
SCHEMAS = CHECKOUT / "workflow" / "scripts" / "emergent_dynamics" / "schemas"


@pytest.fixture(scope="module")
def finished(tmp_path_factory, warm):
    """A run of config/tiny.yaml that ended well."""
    folder = tmp_path_factory.mktemp("tiny")
    copy_checkout(folder / "workflow")
    (folder / "here").mkdir()
    project = Project(folder / "workflow", folder / "here", TINY, warm)
    found = project.run("--cores", "2", timeout=1800)
    assert found.status == 0, found.said
    return project


@pytest.mark.slow
def test_every_system_runs_from_its_configuration_to_the_report(finished):
    """Each system has an experiment there; it ends with sound stores, headlines and the report."""
    results = finished.directory / "results"
    systems = {path.name.removesuffix(".schema.json") for path in SCHEMAS.glob("*")}
    experiments = yaml.safe_load(TINY.read_text())["experiments"]
    assert set(experiments) == systems - {"config"}
    for system in experiments:
        assert json.loads(next((results / system).rglob("summary.json")).read_text())
    for path in results.glob("*/**/*.zarr"):
        if ".checkpoints" not in path.parts:
            assert store.find_damage(path) is None
    assert (results / "report.html").stat().st_size > 3e6
    wrong = {job: found for job, found in ratios(finished.directory).items() if not 1 <= found[2] <= 2}
    assert wrong == {}, "asked for, held (MB), ratio with Snakemake around it"
    assert finished.run("--cores", "2", "--dry-run").said.count("Nothing to be done") == 1


@pytest.mark.slow
@pytest.mark.parametrize("name", browsers.EVERY)
def test_a_browser_shows_everything_that_the_run_made(finished, tmp_path, name):
    """Pictures, films, viewers and links of the front page at two widths, in two schemes; no result too large."""
    results = finished.directory / "results"
    with browsers.browser(name, tmp_path / "profile") as page:
        assert complaints(page, results / "index.html") == []
        assert hidden_results(page, results / "report.html") == []


@pytest.mark.slow
def test_every_example_runs_from_its_configuration_to_the_front_page(tmp_path, warm):
    """Data that somebody brings, through the rules; half a minute each."""
    copy_checkout(tmp_path / "workflow")
    for example in sorted((CHECKOUT / "config" / "examples").glob("*.yaml")):
        project = Project(tmp_path / "workflow", tmp_path / "workflow", example, warm)
        found = project.run("--cores", "2", timeout=900)
        assert found.status == 0, found.said
        page = (tmp_path / "workflow" / "results" / "index.html").read_text()
        assert "our own" in page
        assert project.run("--cores", "2", "--dry-run").said.count("Nothing to be done") == 1
