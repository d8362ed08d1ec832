"""Collect what the front page shows: the systems with their experiments, and facts about the run."""

import datetime
import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from emergent_dynamics import __version__
from emergent_dynamics.findings.table import describe
from emergent_dynamics.front import atlas, gather
from emergent_dynamics.front.build import Experiment, System
from emergent_dynamics.front.declaration import Answer, Front, front_of, literature_of

HEADLINE = "When do many simple units do something together?"
LOGS = Path("logs")


class Run(NamedTuple):
    """The run that the page shows.

    params : the parameters of the rule: titles, experiments ({system: {name: parameters}}), labels and configfiles.
    paths : all inputs of the rule. checkout : the directory of the workflow.
    """

    params: Any
    paths: Sequence[str]
    checkout: Path


def systems(run: Run, rows: pd.DataFrame) -> list[System]:
    """Every system of the run in the order of the configuration, with the experiments and sweeps that have figures."""
    found = []
    for name, title in run.params.titles.items():
        front = front_of(name, title)
        experiments = [_experiment(run, front, name, folder, rows) for folder in _folders(run.paths, name)]
        if experiments:
            found.append(System(name, title, literature_of(name), front, experiments))
    return found


def head(run: Run, rows: pd.DataFrame) -> dict[str, Any]:
    """Facts about the run as text for the top of the front page, and the links at its bottom."""
    n_jobs, seconds = gather.jobs(LOGS)
    seeds = ", ".join(map(str, gather.seeds(run.params.experiments)))
    facts = [
        f"emergent-dynamics {__version__}",
        gather.source_of(run.checkout),
        ", ".join(_config(Path(path)) for path in run.params.configfiles)
        or "configuration from the command line",
        f"seeds {seeds}" if "," in seeds else f"seed {seeds}",
        datetime.datetime.now(datetime.UTC).strftime("%d %B %Y"),
        f"{n_jobs} jobs, {seconds:.0f} CPU s",
        f"{gather.machine()}, {os.cpu_count()} cores",
    ]
    links = [
        {"href": "report.html", "text": "How it was computed (Snakemake's report)"},
        {"href": "headlines.csv", "text": "All numbers as CSV"},
        {"href": "headlines.html", "text": "All numbers as a table to sort"},
    ]
    return {
        "headline": HEADLINE,
        "facts": facts,
        "description": describe(rows),
        "atlas": atlas.section(
            run.paths,
            run.checkout / "workflow" / "report",
            atlas.Sweeps(run.params.titles, run.params.rings, run.params.controls),
        ),
        "links": links,
        "digests": gather.digests(Path("results")),
        "papers": "With papers: true in the configuration every figure is a PDF for papers too, 85 and 180 mm wide.",
        "cite": "To cite the software, see CITATION.cff of the project; the papers of the systems shown are below.",
    }


def _folders(paths: Sequence[str], system: str) -> list[str]:
    """The folders results/<system>/<experiment> that have figures, in the order of the paths."""
    figures = [Path(path) for path in paths if path.startswith(f"results/{system}/") and "/figures/" in path]
    return list(dict.fromkeys(path.parents[1].as_posix() for path in figures))


def _experiment(run: Run, front: Front, system: str, folder: str, rows: pd.DataFrame) -> Experiment:
    name = folder.removeprefix(f"results/{system}/")
    parameters = run.params.experiments[system].get(name)
    own = rows[(rows["system"] == system) & (rows["experiment"] == name)]
    headlines = {record["headline"]: record for record in map(_record, own.to_dict("records"))}
    figures = gather.figures_of(run.paths, folder, run.checkout / "workflow" / "report", run.params.labels)
    if parameters is None:  # a sweep: only its members have parameters
        return Experiment(name, "sweep", Answer("Every headline against the swept parameters."), figures, [])
    answer = front.answer(headlines) if headlines else Answer("")
    return Experiment(
        name, front.size(parameters), answer, figures, list(front.limits(parameters, headlines))
    )


def _record(row: Mapping[Any, Any]) -> dict[str, Any]:
    """A row of the table as a record of the same form as in summary.json; answers are made from these."""
    plain = {key: None if pd.isna(value) else value for key, value in row.items()}
    expectation = {"value": plain["expected"], "kind": plain["kind"], "relation": plain["relation"]}
    return plain | {
        "ci": None if plain["lo"] is None else (plain["lo"], plain["hi"]),
        "expectation": expectation if plain["kind"] else None,
        "verdict": {"outcome": plain["verdict"], "weak": bool(plain["weak"])},
    }


def _config(path: Path) -> str:
    """A configuration file's name and the first digits of its SHA-256."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.exists() else "gone"
    return f"{path.name} ({digest})"
