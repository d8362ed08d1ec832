"""Write docs/reproduction.md: every experiment of the original studies beside what they report, from a finished run.

    make seeds                                                                # a run in the folder `seeds`
    PYTHONPATH=workflow/scripts python -m performance.reproduction seeds      # prints the page
    PYTHONPATH=workflow/scripts python -m performance.reproduction seeds keep # writes it, and its tables for the tests

performance/reproduction.yaml has the questions, what was reported, and our answers with the conditions under which they
hold; RUN/results/headlines.csv what came out, and the last line of each log the time and memory of its job. A reported
value is compared by `findings.agrees`, like every other number. The exit code is 1 if an answer does not hold.
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
from performance.answers import filled, holds, named

ROOT = Path(__file__).resolve().parents[1]
REPORTED = Path(__file__).with_suffix(".yaml")
PAGE, KEPT = ROOT / "docs" / "reproduction.md", ROOT / "tests" / "docs" / "reproduction"
COLUMNS = [
    *["system", "experiment", "headline", "sentence", "value", "lo", "hi", "n", "unit", "rank"],
    *["relation", "expected", "verdict", "weak"],
]
RANKS = 3  # headlines that are shown of an experiment; of a sweep one for each member
TEXT = """# The original studies beside this project

`performance/reproduction.py` wrote this page from the tables and logs of one run of `config/seeds.yaml` (`make seeds`).
Each experiment has its question, our answer with the numbers of the run, what the seed or its paper reports, our first
headlines with 95 % intervals, the verdict of the one rule on them, and the CPU seconds and the largest memory of its
jobs. An answer holds if its conditions do, which the tests check with the intervals of the numbers. "Weak" means that a
difference of a quarter of the value would not be noticed.

Networks of `reasoning` are trained in the run, and training amplifies rounding, in which processors differ: of the
same configuration a run on another processor, on 27 November 2026, had 0.703 of the answers of `sudoku6` right and
none of 256 mazes, instead of the values below; all answers hold with both. Of the other systems the values that this
page keeps are equal to eight digits, except for distances of `causal` to the first token of 1e-8, which are rounding.
"""


def collected(run: Path, given: Mapping[str, Any]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The headlines that the page shows or judges, and a table with a row per experiment: comparisons, cost."""
    table = pd.read_csv(run / "results" / "headlines.csv")
    table["of"] = table["experiment"].str.partition("/")[0]
    kept, costs = [], []
    for (system, name), rows in table[table["system"].isin(list(given))].groupby(
        ["system", "of"], sort=False
    ):
        about = given[system]["experiments"].get(name, {})
        needed = (
            rows["headline"].isin(_needed(about)) | (rows["rank"] <= RANKS) | (rows["verdict"] == "disagrees")
        )
        kept.append(rows.loc[needed, COLUMNS])
        counts = rows["verdict"].value_counts()
        seconds, most = took(run, system, name)
        verdicts = {key: int(counts.get(key, 0)) for key in ("agrees", "none", "disagrees")}
        costs.append({"system": system, "experiment": name, **verdicts, "cpu_s": seconds, "peak_mb": most})
    return pd.concat(kept), pd.DataFrame(costs)


def _needed(about: Mapping[str, Any]) -> set[str]:
    """The headlines that an entry names."""
    found = {said.get(key) for said in about.get("reported", []) for key in ("headline", "spread")}
    for answer in about.get("answers", []):
        found |= named(answer["says"], answer["holds"])
    return found - {None}


def page(table: pd.DataFrame, costs: pd.DataFrame, given: Mapping[str, Any]) -> str:
    """The page. table, costs : of `collected`. given : what `REPORTED` has."""
    of = table["experiment"].str.partition("/")[0]
    parts = [TEXT, summary(table, costs, given)]
    for system, study in given.items():
        parts.append(f"## {system}\n\nOriginal: {study['source']}. It needed: {study['needed']}.\n")
        for name, about in study["experiments"].items():
            rows = table[(table["system"] == system) & (of == name)]
            if len(rows):
                cost = costs[(costs["system"] == system) & (costs["experiment"] == name)].iloc[0]
                parts.append("\n".join(experiment(name, about, rows, cost)) + "\n")
            else:
                parts.append(f"### {name}\n\n{about['question']}\n\nNot in this run.\n")
    known = {(system, name) for system, study in given.items() for name in study["experiments"]}
    found = {(row.system, row.experiment) for row in costs.itertuples()}
    if others := ", ".join(f"{name} of {system}" for system, name in sorted(found - known)):
        parts.append(f"Experiments of this run without an entry: {others}.\n")
    return "\n".join(parts)


def summary(table: pd.DataFrame, costs: pd.DataFrame, given: Mapping[str, Any]) -> str:
    """How the whole run came out, in three sentences."""
    compared = int(costs[["agrees", "none", "disagrees"]].sum().sum())
    judged = [holds_all(answer, rows) for _, _, answer, rows in answers(table, given)]
    hours = costs["cpu_s"].sum() / 3600
    return (
        f"{len(costs)} experiments, {hours:.2f} CPU hours, at most {costs['peak_mb'].max():.0f} MB per job. "
        f"{sum(judged)} of {len(judged)} answers hold. Of {compared} comparisons {costs['agrees'].sum()} agree, "
        f"{costs['none'].sum()} have no verdict, {costs['disagrees'].sum()} disagree.\n"
    )


def answers(
    table: pd.DataFrame, given: Mapping[str, Any]
) -> Iterator[tuple[str, str, Mapping[str, Any], pd.DataFrame]]:
    """(system, experiment, answer, its headlines) of every answer whose experiment is in the table."""
    of = table["experiment"].str.partition("/")[0]
    for system, study in given.items():
        for name, about in study["experiments"].items():
            rows = table[(table["system"] == system) & (of == name)]
            for answer in about.get("answers", []) if len(rows) else []:
                yield system, name, answer, rows


def holds_all(answer: Mapping[str, Any], rows: pd.DataFrame) -> bool:
    """Whether every condition of an answer holds."""
    return all(holds(condition, rows) for condition in answer["holds"])


def experiment(name: str, about: Mapping[str, Any], rows: pd.DataFrame, cost: pd.Series) -> Iterator[str]:
    """The section of one experiment. rows : its headlines, of all members. cost : its row of `collected`."""
    yield f"### {name}\n\n{about['question']}\n"
    for answer in about.get("answers", []):
        outcome = "" if holds_all(answer, rows) else " **This does not hold in this run.**"
        yield f"- {filled(answer['says'], rows)}{outcome}"
    yield "\nReported: " + ("see the table." if about.get("reported") else "nothing.") + "\n"
    yield "| reported or measured | member | ours | expected | verdict |\n|---|---|---|---|---|"
    for said in about.get("reported", []):
        yield from _reported(said, rows)
    swept = len(set(rows["experiment"])) > 1
    shown = rows[rows["rank"] <= (1 if swept else RANKS)]
    members = {
        member: place for place, member in enumerate(rows["experiment"].unique())
    }  # as in the configuration
    for _, row in (
        shown.assign(place=shown["experiment"].map(members)).sort_values(["place", "rank"]).iterrows()
    ):
        yield _line(row["sentence"], row, *_own(row))
    yield f"\n{comparisons(cost, rows)} {cost['cpu_s']:.0f} CPU s, {cost['peak_mb']:.0f} MB."


def comparisons(cost: pd.Series, rows: pd.DataFrame) -> str:
    """How the comparisons of an experiment came out, in a sentence; what disagrees by name."""
    compared = cost["agrees"] + cost["none"] + cost["disagrees"]
    if not compared:
        return "Nothing is expected."
    text = f"{compared} compared: {cost['agrees']} agree, {cost['none']} without a verdict"
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
    return f"| {sentence.replace('|', '&#124;')} | {member} | {ours} | {expected} | {verdict} |"


def _verdict(outcome: str, weak: Any) -> str:
    return {"none": "weak" if weak in (True, "True") else "no verdict"}.get(outcome, outcome)


def main(run: Path, keep: bool) -> None:
    given = yaml.safe_load(REPORTED.read_text())
    table, costs = collected(run, given)
    text = page(table, costs, given)
    if keep:
        KEPT.mkdir(exist_ok=True)
        table.to_csv(KEPT / "headlines.csv", index=False)
        costs.to_csv(KEPT / "costs.csv", index=False)
        PAGE.write_text(text)
    else:
        print(text.rstrip())
    wrong = [f"{s}/{n}: {a['says']}" for s, n, a, rows in answers(table, given) if not holds_all(a, rows)]
    sys.exit("\n".join(["Answers that do not hold:", *wrong]) if wrong else 0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), keep="keep" in sys.argv[2:])
