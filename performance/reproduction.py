"""Write docs/reproduction.md: every experiment of the original studies beside what they report, from a finished run.

    snakemake --cores 2 --configfile config/seeds.yaml --directory RUN
    PYTHONPATH=workflow/scripts python -m performance.reproduction RUN > docs/reproduction.md

performance/reproduction.yaml has the questions and what was reported; RUN/results/headlines.csv what came out, and the
last line of each log what it took. A reported value is compared by `findings.agrees`, like every other number.
"""

import json
import math
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from emergent_dynamics.findings import Expectation, Headline, agrees
from emergent_dynamics.findings.digits import write

REPORTED = Path(__file__).with_suffix(".yaml")
RANKS = 3  # headlines that are shown of an experiment; of a sweep one for each member
TEXT = """# The original studies beside this project

`config/seeds.yaml`, written by `performance/reproduction.py` from the tables and logs of one run. Of every experiment:
its question, what the seed or its paper reports, the first headlines with their 95 % intervals and the verdict of the
one rule, how all its comparisons came out, CPU seconds of one core and the most memory of a job. "Weak": a difference
of a quarter of the value would not be noticed.
"""


def page(run: Path, given: Mapping[str, Any]) -> str:
    """The page. run : folder of a finished run. given : what `REPORTED` has."""
    table = pd.read_csv(run / "results" / "headlines.csv")
    table["of"] = table["experiment"].str.partition("/")[0]
    parts = [TEXT]
    for system, study in given.items():
        parts.append(f"## {system}\n\nOriginal: {study['source']}. It needed: {study['needed']}.\n")
        for name, about in study["experiments"].items():
            rows = table[(table["system"] == system) & (table["of"] == name)]
            if len(rows):
                parts.append("\n".join(experiment(name, about, rows, took(run, system, name))) + "\n")
            else:
                parts.append(f"### {name}\n\n{about['question']}\n\nNot in this run.\n")
    known = {(system, name) for system, study in given.items() for name in study["experiments"]}
    found = {(row.system, row.of) for row in table.itertuples() if row.system in given}
    if others := ", ".join(f"{name} of {system}" for system, name in sorted(found - known)):
        parts.append(f"Experiments of this run without an entry: {others}.\n")
    return "\n".join(parts)


def experiment(
    name: str, about: Mapping[str, Any], rows: pd.DataFrame, cost: tuple[float, float]
) -> Iterator[str]:
    """The section of one experiment. rows : its headlines, of all members. cost : CPU seconds, MB."""
    yield f"### {name}\n\n{about['question']}\n"
    yield "Reported: " + ("see the table." if about.get("reported") else "nothing.") + "\n"
    yield "| reported or measured | member | ours | expected | verdict |\n|---|---|---|---|---|"
    for said in about.get("reported", []):
        yield from _reported(said, rows)
    swept = len(set(rows["experiment"])) > 1
    shown = rows[rows["rank"] <= (1 if swept else RANKS)]
    for _, row in shown.sort_values(["experiment", "rank"]).iterrows():
        yield _line(row["sentence"], row, *_own(row))
    yield f"\n{comparisons(rows)} {cost[0]:.0f} CPU s, {cost[1]:.0f} MB."


def comparisons(rows: pd.DataFrame) -> str:
    """How the comparisons of an experiment came out, in a sentence; what disagrees by name."""
    counts = rows["verdict"].value_counts()
    compared = int(counts.sum())
    if not compared:
        return "Nothing is expected."
    text = f"{compared} compared: {counts.get('agrees', 0)} agree, {counts.get('none', 0)} without a verdict"
    wrong = rows[rows["verdict"] == "disagrees"]
    if wrong.empty:
        return f"{text}, none disagrees."
    names = ", ".join(f"`{row['headline']}` of {row['experiment']}" for _, row in wrong.iterrows())
    return f"{text}, {len(wrong)} disagree, which is open: {names}."


def took(run: Path, system: str, name: str) -> tuple[float, float]:
    """CPU seconds of all jobs of an experiment and of its members, and the most MB of one."""
    seconds, most = 0.0, 0.0
    for path in sorted((run / "logs" / system / name).rglob("*.log")):
        last = path.read_text().splitlines()[-1:]
        if last and last[0].startswith('{"mem_mb"'):
            found = json.loads(last[0])
            seconds, most = seconds + found["cpu_s"], max(most, found["peak_mb"])
    return seconds, most


def _reported(said: Mapping[str, Any], rows: pd.DataFrame) -> Iterator[str]:
    """A line for each member with the headline that belongs to a reported sentence; the sentence alone without one."""
    own = rows[rows["headline"] == said.get("headline")]
    if own.empty:
        yield f"| reported: {said['says']} | | | | |"
    for _, row in own.iterrows():
        sentence = f"reported: {said['says']}; {row['sentence']}"
        yield _line(sentence, row, *(_compared(said, rows, row) if "value" in said else _own(row)))


def _own(row: pd.Series) -> tuple[str, str]:
    """What is expected of a headline, and the verdict on it."""
    if pd.isna(row["expected"]):
        return "", ""
    return f"{row['relation']} {row['expected']:.5g}", _verdict(row["verdict"], row["weak"])


def _compared(said: Mapping[str, Any], rows: pd.DataFrame, row: pd.Series) -> tuple[str, str]:
    """A reported value, and the verdict on a headline beside it; none where its spread between runs is not known."""
    same = rows[(rows["headline"] == said.get("spread")) & (rows["experiment"] == row["experiment"])]
    if same.empty:
        return f"{said['value']:.4g}", "no verdict: one run"
    error = float(same["value"].iloc[0])
    expected = Expectation(said["value"], said["says"], "published", error)
    interval = None if math.isnan(row["lo"]) else (row["lo"], row["hi"])
    verdict = agrees(Headline(row["value"], interval, int(row["n"]), row["unit"], row["sentence"], expected))
    assert verdict is not None
    return f"{said['value']:.4g} ± {error:.2g}", _verdict(verdict.outcome, verdict.weak)


def _line(sentence: str, row: pd.Series, expected: str, verdict: str) -> str:
    value, *ends = write(row["value"], None if math.isnan(row["lo"]) else (row["lo"], row["hi"]))
    ours = f"{value} [{', '.join(ends)}]" if ends else value
    member = row["experiment"].partition("/")[2]
    return f"| {sentence} | {member} | {ours} | {expected} | {verdict} |"


def _verdict(outcome: str, weak: Any) -> str:
    return {"none": "weak" if weak in (True, "True") else "no verdict"}.get(outcome, outcome)


if __name__ == "__main__":
    print(page(Path(sys.argv[1]), yaml.safe_load(REPORTED.read_text())).rstrip())
