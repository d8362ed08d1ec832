"""How often the 95 % interval of each headline holds the truth: fresh runs of a small experiment of every system.

    python -m performance.interval_coverage [system ...] ["system atlas" ...] ["system variant" ...]

writes tests/findings/coverage.csv, for the named ones only, and docs/coverage.md from it; half an hour of one core.

A system's tests/<system>/findings/independent.py has the experiment, `COVERAGE` or `EXPERIMENT`, and how often it is
repeated, `REPEATS`; independent_atlas.py has the same of its sweep for the atlas, which is called "<system> atlas".
Headlines that say nothing there are counted in further experiments, where tests/<system>/findings/variants.py has
`VARIANTS`, {name: function of a seed that gives headlines}; one is called "<system> <name>".
Seeds are 1, 2, ...; the truth is what theory says exactly, else the mean over all repeats, beside which a bias of the
estimator would not be seen.
"""

import importlib
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd

from emergent_dynamics.runtime import provenance
from emergent_dynamics import driver
from emergent_dynamics.config.schema import read_schemas, resolve
from emergent_dynamics.findings import Headline

ROOT = Path(__file__).resolve().parents[1]
TABLE, PAGE = ROOT / "tests" / "findings" / "coverage.csv", ROOT / "docs" / "coverage.md"
REPEATS, FIRST = 200, 8  # repeats of a cheap experiment; those that the slow test computes again


def names() -> list[str]:
    """The systems, "<system> atlas" for each sweep, and "<system> <variant>" for each further experiment."""
    schemas = read_schemas()[1]
    atlas = [f"{system} atlas" for system, schema in schemas.items() if "atlas" in schema]
    others = [system for system in schemas if (ROOT / "tests" / system / "findings" / "variants.py").exists()]
    variants = [
        f"{system} {name}" for system in others for name in independent(f"{system} variants").VARIANTS
    ]
    return sorted([*schemas, *atlas, *variants])


def independent(name: str) -> ModuleType:
    """The module with what is repeated under a name."""
    system, *lens = name.split()
    stem = {"": "independent", "atlas": "independent_atlas"}.get("".join(lens), "variants")
    return importlib.import_module(f"tests.{system}.findings.{stem}")


def repeats(name: str) -> int:
    """How often it is repeated."""
    return getattr(independent(name), "REPEATS", REPEATS)


def headlines(name: str) -> Callable[[int], Mapping[str, Headline]]:
    """The function that gives the headlines of a seed."""
    system, *lens = name.split()
    found = independent(name)
    if lens and lens != ["atlas"]:
        return found.VARIANTS[lens[0]]
    repeated = getattr(found, "COVERAGE", found.EXPERIMENT)
    compute = swept if lens else analysed
    return lambda seed: compute(system, {**repeated, "seed": seed})


def reasons(name: str) -> dict[str, str]:
    """{pattern: why the coverage of such headlines is not counted here}."""
    return getattr(independent(name), "UNCOVERED", {})


def swept(system: str, given: Mapping[str, Any]) -> Mapping[str, Headline]:
    """The headlines of a sweep for the atlas."""
    atlas = importlib.import_module(f"emergent_dynamics.{system}.findings.atlas")
    return atlas.summarise(atlas.find(resolve(read_schemas()[1][system]["atlas"], given))["atlas"])


def simulated(system: str, parameters: Mapping[str, Any], folder: str) -> Path:
    """The trajectory of a complete experiment, stored in a folder."""
    simulation = importlib.import_module(f"emergent_dynamics.{system}.simulation").build(parameters)
    attributes = provenance.attributes(system, "coverage", parameters, "")
    driver.run(simulation, Path(folder, "checkpoint"), Path(folder, "trajectory.zarr"), attributes)
    return Path(folder, "trajectory.zarr")


def analysed(system: str, given: Mapping[str, Any]) -> Mapping[str, Headline]:
    """The headlines of an experiment: a simulation and its analysis."""
    parameters = resolve(read_schemas()[1][system], given)
    findings = importlib.import_module(f"emergent_dynamics.{system}.findings")
    with tempfile.TemporaryDirectory() as folder:
        return findings.analyse(simulated(system, parameters, folder), parameters).headlines


def repeat(name: str, seeds: Iterable[int]) -> pd.DataFrame:
    """seed, headline, value, lo, hi, exact of every headline with an interval: an experiment or a sweep per seed."""
    compute, rows = headlines(name), []
    for seed in seeds:
        for name_of, headline in compute(seed).items():
            known = headline.expectation
            is_exact = known is not None and (known.kind, known.relation) == ("exact", "=")
            lo, hi = headline.ci or (np.nan, np.nan)
            rows.append(
                (seed, name_of, headline.value, lo, hi, known.value if is_exact and known else np.nan)
            )
    return pd.DataFrame(rows, columns=["seed", "headline", "value", "lo", "hi", "exact"])


def share(table: pd.DataFrame, of_means: Mapping[str, Callable[[pd.Series], float]]) -> pd.DataFrame:
    """headline, truth, kind (exact or mean), repeats with an interval, covered, and covered in the first ones.

    of_means : {headline: function of the means}, the truth of a headline that is a function of others and so
    skewed that its own mean is far from it, or whose exact value is that of a limit which the experiment is far from.
    """
    means = table.groupby("headline")["value"].mean()
    rows = []
    for name, own in table.groupby("headline", sort=True):
        with_interval = own[own["lo"].notna()]
        if with_interval.empty:
            continue
        exact = with_interval["exact"]
        kind = "exact" if exact.notna().all() and name not in of_means else "mean"
        mean = of_means[str(name)](means) if name in of_means else means[name]
        truth = exact if kind == "exact" else float(mean)
        covered = (with_interval["lo"] <= truth) & (truth <= with_interval["hi"])
        first = int(covered[with_interval["seed"] <= FIRST].sum())
        rows.append((name, float(np.mean(truth)), kind, len(with_interval), int(covered.sum()), first))
    return pd.DataFrame(rows, columns=["headline", "truth", "kind", "repeats", "covered", "first"])


def page(table: pd.DataFrame) -> str:
    """The page of the documents: how many intervals cover as often as they say, and those that do not, by name."""
    shares = table["covered"] / table["repeats"]
    lines = [TEXT.rstrip(), "", "| system | headlines | 93 to 97 % | more | less |", "|---|---|---|---|---|"]
    for system, own in shares.groupby(table["system"]):
        inside = own.between(0.93, 0.97)
        counts = (len(own), inside.sum(), (own > 0.97).sum(), (own < 0.93).sum())
        lines.append(f"| {system} | " + " | ".join(map(str, counts)) + " |")
    lines += [
        "",
        "Less than 93 %:",
        "",
        "| system | headline | repeats | covered | truth |",
        "|---|---|---|---|---|",
    ]
    for row, covered in zip(table[shares < 0.93].itertuples(), shares[shares < 0.93], strict=True):
        kind = "exact" if row.kind == "exact" else "mean of all repeats"
        lines.append(f"| {row.system} | `{row.headline}` | {row.repeats} | {100 * covered:.1f} % | {kind} |")
    lines += [
        "",
        "Not counted in the system's own experiment:",
        "",
        "| system | headline | reason |",
        "|---|---|---|",
    ]
    for system in table["system"].unique():
        lines += [f"| {system} | `{pattern}` | {reason} |" for pattern, reason in reasons(system).items()]
    return "\n".join(lines) + "\n"


TEXT = """# How often the intervals cover

`performance/interval_coverage.py` puts the 95 % intervals of all headlines to the test. It repeats a small experiment
of each system and a small sweep of its [atlas](atlas.md) (tests/SYSTEM/findings/independent.py and independent_atlas.py
have them; variants.py has further experiments, for headlines that say nothing there) with seeds 1, 2, ... and counts
how often an interval holds the truth: what theory says exactly, and where it says nothing the mean over all repeats,
which does not show a bias of the estimator. All rows are in
tests/findings/coverage.csv. A slow test repeats the first ones; a quick one demands a row, or the reason for none, for
every headline that has an interval. With 200 repeats a share of 95 % has a standard
error of 1.5 %, so that some of many lie below 93 % by chance. Student's interval over eight runs is short where a
quantity is skewed between runs.
"""


def main(chosen: list[str]) -> None:
    """Repeat the named systems and sweeps, and keep the rows of the others."""
    kept = pd.read_csv(TABLE) if TABLE.exists() else pd.DataFrame()
    for system in chosen:
        repeated = repeat(system, range(1, repeats(system) + 1))
        rows = share(repeated, getattr(independent(system), "OF_MEANS", {}))
        rows = rows[[not any(fnmatchcase(name, p) for p in reasons(system)) for name in rows["headline"]]]
        rows.insert(0, "system", system)
        kept = pd.concat([kept[kept["system"] != system] if len(kept) else kept, rows])
        kept = kept.sort_values(["system", "headline"])
        kept.to_csv(TABLE, index=False, float_format="%.10g")
        PAGE.write_text(page(kept))


if __name__ == "__main__":
    main(sys.argv[1:] or names())
