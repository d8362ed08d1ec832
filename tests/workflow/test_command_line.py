"""For somebody who has Snakemake: its own commands and options do what they do elsewhere."""

import json
import re
import subprocess
import sys

import pytest

from emergent_dynamics.config.schema import read_schemas
from tests.workflow.project import environment, run, write_config

SMALL = {"runs": 2, "tokens": 8, "steps": 20, "save": {"every": 10}}


def test_a_dry_run_without_any_option_plans_the_default_configuration(project):
    """`snakemake -n` in a clone: config/config.yaml, every job listed, nothing written (but what Python caches)."""

    def files():
        return {p for p in project.root.rglob("*") if not {".snakemake", "__pycache__"} & set(p.parts)}

    before = files()
    found = project.warm(["-n", "causal"], project.root)
    assert found.status == 0, found.said
    assert re.search(r"^causal_simulate +[1-9]", found.stdout, re.MULTILINE)
    assert files() == before


def test_results_go_to_the_directory_asked_for(project, tmp_path):
    """`--directory elsewhere` and no configuration there: ours, and results and logs only there."""
    directory = tmp_path / "elsewhere"
    found = project.warm(["-n", "--directory", str(directory), "causal"], project.root)
    assert found.status == 0 and "causal_simulate" in found.stdout
    assert "config/config.yaml" in found.said
    assert not (directory / "results").exists() and not (project.root / "logs").exists()


def test_a_configuration_in_the_directory_stands_instead_of_ours(project, tmp_path):
    """elsewhere/config/config.yaml is what runs there, for real and on two cores, from any folder."""
    directory = tmp_path / "elsewhere"
    write_config(directory / "config" / "config.yaml", {"mine": SMALL})
    target = "results/causal/mine/analysis/leaders.csv"
    arguments = ["--snakefile", project.root / "Snakefile", "--directory", directory, "--cores", "2", target]
    found = run(*arguments, cwd=tmp_path)
    assert found.status == 0, found.said
    assert (directory / target).is_file() and (directory / "logs/causal/mine/leaders.log").is_file()
    assert [p.name for p in (directory / "results/causal").iterdir()] == ["mine"]


def test_a_configuration_by_option_stands_instead_of_the_default(project, configure):
    """`--configfile mine.yaml` is not mixed with config/config.yaml: only its experiments exist."""
    found = project.quick("-n", config=configure({"mine": SMALL}))
    assert found.status == 0, found.said
    assert re.search(r"^causal_simulate +1$", found.stdout, re.MULTILINE)
    others = [system for system in read_schemas()[1] if system != "causal"]
    assert not re.search(rf"^({'|'.join(others)})_", found.stdout, re.MULTILINE)


def test_one_value_can_be_changed_on_the_command_line_with_a_file(project, configure, tmp_path):
    """Two configuration files are merged, the later one wins."""
    first = configure({"mine": SMALL})
    second = write_config(tmp_path / "second.yaml", {"mine": {"runs": 5}})
    target = "results/causal/mine/trajectory.zarr"
    arguments = ["--configfile", first, second, "--directory", tmp_path, "--cores", "1", target]
    found = project.warm([str(a) for a in arguments], project.root)
    assert found.status == 0, found.said
    metadata = json.loads((tmp_path / target / "zarr.json").read_text())["attributes"]
    assert json.loads(metadata["parameters"])["runs"] == 5
    assert json.loads(metadata["parameters"])["tokens"] == 8


def test_figures_for_papers_are_asked_for_by_one_value(project, tmp_path):
    """`--config papers=True`: PDF files of both widths beside the SVG, for real."""
    config = write_config(tmp_path / "config.yaml", {"mine": SMALL})
    svg = "results/causal/mine/figures/order.svg"
    options = [
        "--cores",
        "2",
        "--configfile",
        config,
        "--directory",
        tmp_path,
        "--config",
        "papers=True",
        "--",
        svg,
    ]
    found = project.warm([str(option) for option in options], project.root)
    assert found.status == 0, found.said
    made = sorted(path.name for path in (tmp_path / svg).parent.glob("order*"))
    assert made == ["order-180mm.pdf", "order-85mm.pdf", "order.svg"]


def test_a_report_can_be_asked_for_at_any_time(finished, tmp_path):
    """`snakemake --report r.html`, which needs no network: the same figures as results/report.html."""
    found = finished.quick("--report", tmp_path / "r.html")
    assert found.status == 0, found.said
    text = (tmp_path / "r.html").read_text()
    assert "headlines.html" in text and not re.search(r"<script[^>]+src=|<link\b", text)
    assert abs(len(text) - finished.path("results", "report.html").stat().st_size) < 0.1 * len(text)


def test_until_stops_after_a_finding(project, tmp_path):
    """`--until causal_groups` plans simulations and groups of every experiment, nothing behind them."""
    found = project.quick("-n", "--until", "causal_groups", "--directory", tmp_path)
    assert found.status == 0, found.said
    jobs = dict(re.findall(r"^(\w+) +(\d+)$", found.stdout, re.MULTILINE))
    assert jobs == {"causal_simulate": "3", "causal_groups": "3", "total": "6"}


def test_rules_are_listed_in_the_words_of_the_field(project):
    """`--list-rules`: one name a rule, <system>_<finding>, the target `all` among them."""
    found = project.quick("--list-rules")
    rules = {line for line in found.stdout.splitlines() if re.fullmatch(r"\w+", line)}
    assert {"all", "headlines", "report", "causal", "causal_simulate", "causal_groups"} <= rules
    assert all(
        re.match(r"(all|summary|comparison|headlines|front|report|atlas|causal)", rule) for rule in rules
    )


def test_a_finding_can_be_forced_by_name(finished):
    """`--forcerun causal_leaders` plans it and what reads it; the simulation stays."""
    found = finished.rules("--forcerun", "causal_leaders")
    assert {"causal_leaders", "summary"} <= found and "causal_simulate" not in found


def test_the_linter_is_content(project):
    """`snakemake --lint` of the test configuration, which has every system that has rules."""
    found = project.warm(["--lint", "--configfile", "config/tiny.yaml"], project.root)
    assert found.status == 0, found.said
    assert "Congratulations" in found.said


def test_the_graph_can_be_drawn(project):
    """`--dag` and `--rulegraph` write graphs whose nodes are rules."""
    found = project.quick("--rulegraph")
    assert found.status == 0 and "digraph" in found.stdout and "causal_simulate" in found.stdout


@pytest.mark.parametrize("profile", ["profiles/local", "slurm"])
def test_the_profiles_are_read(project, profile):
    """`--profile profiles/local`, and the literal `--profile slurm` from the repository's root."""
    if not (project.root / profile).exists():
        pytest.fail(f"{profile} is missing")
    found = project.quick("-n", "--profile", profile)
    assert found.status == 0, found.said


MODULE = """
module dynamics:
    snakefile: {snakefile!r}
    config: config
{prefix}

use rule * from dynamics as dynamics_*

rule own:
    input: {leaders!r}
    output: "own.txt"
    shell: "cp {{input}} {{output}}"
"""


@pytest.fixture
def other(project, tmp_path):
    """Write another workflow that uses ours as a module; its folder."""

    def write(prefix=""):
        folder = tmp_path / "other"
        write_config(folder / "config.yaml", {"mine": SMALL})
        leaders = f"{prefix}results/causal/mine/analysis/leaders.csv"
        line = f"    prefix: {prefix.rstrip('/')!r}" if prefix else ""
        text = MODULE.format(snakefile=str(project.root / "Snakefile"), prefix=line, leaders=leaders)
        (folder / "Snakefile").write_text('configfile: "config.yaml"\n' + text)
        return folder

    return write


@pytest.mark.parametrize("prefix", ["", "dynamics/"])
def test_as_a_module_of_another_workflow_everything_is_planned(project, other, prefix):
    """`module:` and `use rule * ... as dynamics_*`; the report too, under the prefix if there is one."""
    folder = other(prefix)
    found = project.warm(["-n", f"{prefix}results/report.html"], folder)
    assert found.status == 0, found.said
    assert re.search(r"^dynamics_causal_simulate +1$", found.stdout, re.MULTILINE)
    assert re.search(r"^dynamics_report +1$", found.stdout, re.MULTILINE)


DEPLOYED = """
from snakemake.utils import min_version

min_version("6.10.0")

configfile: "config/config.yaml"

module dynamics:
    snakefile:
        {snakefile!r}
    config:
        config

use rule * from dynamics
"""


def test_as_snakedeploy_writes_it_everything_is_planned(project, tmp_path):
    """The Snakefile of `snakedeploy deploy-workflow` 0.17.1, with the folder of the clone before "Snakefile"."""
    write_config(tmp_path / "config" / "config.yaml", {"mine": SMALL})
    (tmp_path / "workflow").mkdir()
    text = DEPLOYED.format(snakefile=str(project.root / "Snakefile"))
    (tmp_path / "workflow" / "Snakefile").write_text(text)
    found = project.warm(["-n"], tmp_path)
    assert found.status == 0, found.said
    assert re.search(r"^causal_simulate +1$", found.stdout, re.MULTILINE)
    assert re.search(r"^all +1$", found.stdout, re.MULTILINE)


def test_as_a_module_a_result_is_made(project, other):
    """A rule of the other workflow reads leaders.csv that ours wrote under the prefix; again, nothing is to be done."""
    folder = other("dynamics/")
    found = run("--cores", "2", "own.txt", cwd=folder)
    assert found.status == 0, found.said
    assert (folder / "own.txt").read_text().startswith("run,leader,size")
    assert (folder / "dynamics/results/causal/mine/trajectory.zarr/zarr.json").is_file()
    assert (folder / "dynamics/logs/causal/mine/simulate.log").is_file()
    assert (folder / "dynamics/results/.checkpoints/causal/mine").is_dir()
    assert not (folder / "results").exists()
    again = project.warm(["-n", "own.txt"], folder)
    assert "Nothing to be done" in again.said


COUNTED = """
import sys, threading

made = []

class Timer(threading.Timer):
    def __init__(self, *arguments):
        made.append(arguments)
        super().__init__(*arguments)

threading.Timer = Timer
from snakemake.cli import main

try:
    main(sys.argv[1:])
finally:
    print("timers", len(made))
"""


@pytest.mark.parametrize(("limit", "timers"), [([], 0), (["--max-jobs-per-timespan", "50/2s"], 1)])
def test_no_timer_looks_for_new_work_unless_a_limit_is_asked_for(project, tmp_path, limit, timers):
    """Snakemake's default limit starts a timer after each look for work, and each timer another look, for ever."""
    config = write_config(tmp_path / "config.yaml", {"mine": SMALL})
    options = ["--configfile", config, "--directory", tmp_path, "--cores", "1", *limit]
    own = [sys.executable, "-c", COUNTED, *map(str, options), "--", "results/causal/mine/trajectory.zarr"]
    found = subprocess.run(own, cwd=project.root, env=environment(), capture_output=True, text=True)
    assert found.returncode == 0, found.stderr
    assert min(int(found.stdout.split()[-1]), 1) == timers
