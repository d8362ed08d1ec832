"""A sixth system, a voter model of one finding and one figure, by CONTRIBUTING.md alone, in a copy of the project.

`files` are the files that it brings, at their places in the project; `EDITED` is what it changes in the others.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from tests.workflow.project import CHECKOUT, environment, run

FILES = Path(__file__).with_name("files")
BROUGHT = sorted(str(path.relative_to(FILES)) for path in FILES.rglob("*") if path.suffix not in ("", ".pyc"))
GENERATED = "config/README.md"
EDITED = {  # path: (text of the project, what stands in its place)
    "config/tiny.yaml": (
        "experiments:\n",
        "experiments:\n  voter:\n    tiny: { voters: 12, runs: 16, steps: 6 }\n",
    ),
    "README.md": (
        "\n\nThe [atlas](docs/atlas.md)",
        "\n| `voter` | voters who copy one another | [notes](docs/voter.md) |\n\nThe [atlas](docs/atlas.md)",
    ),
}
MOST_FILES = 20
HOUSE = ["tests/test_house.py", "tests/docs/test_documents.py", "tests/docs/test_data_model.py"]
HARNESS = ["tests/findings/test_harness.py", "-k", "voter or every_system"]
CONFIG = ["tests/config", "tests/envs/test_envs.py"]
SHARED = [  # tests of all systems: a sixth must neither break nor need more than its own files
    "tests/docs/test_recipes.py",
    "tests/driver/test_horizons.py",
    "tests/driver/test_format.py",
    "tests/findings/test_coverage.py",
    "tests/front/test_front.py",
    "tests/test_notebook.py",
    "-k",
    "voter or every_system or page_is_made or Simulate or another_codec",
]


def edit(root, path, undo=False):
    old, new = reversed(EDITED[path]) if undo else EDITED[path]
    text = (root / path).read_text()
    assert old in text
    (root / path).write_text(text.replace(old, new, 1))


def generate(root):
    command = [sys.executable, "-m", "emergent_dynamics.config.readme"]
    library = {"PYTHONPATH": str(root / "workflow" / "scripts")}
    subprocess.run(command, cwd=root, env={**environment(), **library}, check=True)


def copy(root):
    """Every file of the checkout, and a repository, since tests ask git for the list of files."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=CHECKOUT, capture_output=True, check=True
    )
    for name in listed.stdout.decode().split("\0"):
        if name and (CHECKOUT / name).exists():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(CHECKOUT / name, root / name, follow_symlinks=False)
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)


def track(root):
    subprocess.run(["git", "add", "-A"], cwd=root, check=True)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    root = tmp_path_factory.mktemp("sixth") / "project"
    copy(root)
    for name in BROUGHT:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(FILES / name, root / name)
    for path in EDITED:
        edit(root, path)
    generate(root)
    track(root)
    return root


def pytest_in(root, *arguments):
    """What pytest in the copy says, and its exit status."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", *arguments]
    marks = ["-m", "not slow and not faults and not browser"]
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "PYTHONPATH"))}
    ran = subprocess.run([*command, *marks], cwd=root, env=clean, capture_output=True, text=True, timeout=900)
    return ran.returncode, ran.stdout + ran.stderr


def test_it_touches_at_most_twenty_files():
    assert len([*BROUGHT, *EDITED, GENERATED]) <= MOST_FILES


@pytest.mark.slow  # a minute: the copy's own tests
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    "suite", [HOUSE, HARNESS, CONFIG, SHARED, ["tests/voter"]], ids=lambda suite: suite[0]
)
def test_the_projects_tests_pass_with_it(project, suite):
    status, text = pytest_in(project, *suite)
    assert status == 0, text[-4000:]


@pytest.mark.slow  # half a minute: Snakemake from nothing to the front page
def test_it_runs_from_its_configuration_to_the_front_page(project, tmp_path):
    config = tmp_path / "config.yaml"
    config.write_text("experiments: {voter: {small: {voters: 20}}}\n")
    options = ["--configfile", config, "--directory", tmp_path, "--cores", "1"]
    found = run(*options, "results/index.html", "results/headlines.csv", cwd=project)
    assert found.status == 0, found.said
    rows = pd.read_csv(tmp_path / "results" / "headlines.csv").set_index("headline")
    assert rows.loc["disagreement_end", "expected"] == pytest.approx(0.5 * 0.95**50, rel=1e-3)
    assert rows["verdict"].tolist() == ["agrees", "agrees"]
    page = (tmp_path / "results" / "index.html").read_text()
    assert "How long do voters disagree who copy one another?" in page and "Holley" in page
    assert (tmp_path / "results" / "voter" / "small" / "figures" / "consensus.svg").stat().st_size > 5000


def complaint(root):
    """What Snakemake's one line, or else the quick tests, say of a copy; "" for a complete one."""
    planned = run("--dry-run", "--quiet", "all", "--configfile", "config/tiny.yaml", cwd=root)
    if planned.status:
        return planned.said.partition("Building DAG of jobs...")[2] or planned.said
    for suite in ([*HOUSE, "-x"], [*HARNESS, "-x"], ["tests/config/test_schemas.py"]):
        status, text = pytest_in(root, *suite)
        if status:
            return "\n".join(line for line in text.splitlines() if line.startswith(("E ", "FAILED", "ERROR")))
    return ""


@pytest.mark.slow  # a minute: everything that the next test asks, of a copy that lacks nothing
@pytest.mark.timeout(900)
def test_nothing_is_missed_in_the_complete_copy(project):
    assert complaint(project) == ""


@pytest.mark.slow  # half a minute for each of 20 files
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", [*BROUGHT, *EDITED, GENERATED])
def test_what_is_left_out_is_named(project, name):
    """By the quick tests, or by Snakemake before anything runs: the file, or the system that lacks it."""
    before = (project / name).read_bytes()
    try:
        if name in EDITED:
            edit(project, name, undo=True)
        elif name == GENERATED:
            shutil.copy2(CHECKOUT / name, project / name)
        else:
            (project / name).unlink()
        track(project)
        said = complaint(project)
    finally:
        (project / name).write_bytes(before)
        track(project)
    path = Path(name)
    own = path.parent.name if path.stem == "__init__" else path.name.partition(".")[0]
    named = {
        "config/tiny.yaml": "config/tiny.yaml has no experiment of voter",
        GENERATED: "configurations_readme[voter]",
    }
    assert named.get(name, "voter" if name in EDITED else own) in said, said
