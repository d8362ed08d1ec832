"""Count how often the 95 % interval of each headline contains the true value, in new runs of small experiments.

    python -m performance.interval_coverage [system ...] ["system atlas" ...] ["system variant" ...]

writes the rows of the named experiments (default: all, half an hour of one core) to tests/findings/coverage.csv, and
docs/coverage.md from that table.

A system's tests/<system>/findings/independent.py defines the experiment, `COVERAGE` or `EXPERIMENT`, and the number of
its repeats, `REPEATS`; independent_atlas.py defines the same for its sweep of the atlas, which is called
"<system> atlas". Headlines that are trivial or undefined there are counted in further experiments, which
tests/<system>/findings/variants.py defines as `VARIANTS`, {name: function of a seed that returns headlines}, called
"<system> <name>"; its `REPEATS` may be {name: number}. Seeds are 1, 2, ... The true value is the exact value of
theory, or else the mean over all repeats, beside which a bias of the estimator cannot be seen.
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
from scipy import stats

from emergent_dynamics.runtime import provenance
from emergent_dynamics import driver
from emergent_dynamics.config.schema import read_schemas, resolve
from emergent_dynamics.findings import Headline

ROOT = Path(__file__).resolve().parents[1]
TABLE, PAGE = ROOT / "tests" / "findings" / "coverage.csv", ROOT / "docs" / "coverage.md"
LEVEL, LEAST, RATE = 0.95, 0.93, 0.05  # of the intervals; of a share that is not listed; of false discoveries
REPEATS, FIRST = (
    200,
    8,
)  # repeats of a cheap experiment; the first of them, which the slow test computes again


def names() -> list[str]:
    """Return the systems, "<system> atlas" for each sweep, and "<system> <variant>" for each further experiment."""
    schemas = read_schemas()[1]
    atlas = [f"{system} atlas" for system, schema in schemas.items() if "atlas" in schema]
    others = [system for system in schemas if (ROOT / "tests" / system / "findings" / "variants.py").exists()]
    variants = [
        f"{system} {name}" for system in others for name in independent(f"{system} variants").VARIANTS
    ]
    return sorted([*schemas, *atlas, *variants])


def independent(name: str) -> ModuleType:
    """Return the test module that defines the experiment with this name."""
    system, *lens = name.split()
    stem = {"": "independent", "atlas": "independent_atlas"}.get("".join(lens), "variants")
    return importlib.import_module(f"tests.{system}.findings.{stem}")


def repeats(name: str) -> int:
    """Return the number of repeats of the experiment with this name."""
    number = getattr(independent(name), "REPEATS", REPEATS)
    return number if isinstance(number, int) else number[name.split()[1]]


def headlines(name: str) -> Callable[[int], Mapping[str, Headline]]:
    """Return the function that computes the headlines of the experiment with this name for a seed."""
    system, *lens = name.split()
    module = independent(name)
    if lens and lens != ["atlas"]:
        return module.VARIANTS[lens[0]]
    repeated = getattr(module, "COVERAGE", module.EXPERIMENT)
    compute = swept if lens else analysed
    return lambda seed: compute(system, {**repeated, "seed": seed})


def reasons(name: str) -> dict[str, str]:
    """Return {pattern of headline names: why their coverage is not counted here}."""
    return getattr(independent(name), "UNCOVERED", {})


def swept(system: str, settings: Mapping[str, Any]) -> Mapping[str, Headline]:
    """Run the sweep of a system for the atlas and return its headlines."""
    atlas = importlib.import_module(f"emergent_dynamics.{system}.findings.atlas")
    return atlas.summarise(atlas.find(resolve(read_schemas()[1][system]["atlas"], settings))["atlas"])


def simulated(system: str, parameters: Mapping[str, Any], folder: str) -> Path:
    """Simulate an experiment of complete parameters in a folder and return the path of its store."""
    simulation = importlib.import_module(f"emergent_dynamics.{system}.simulation").build(parameters)
    attributes = provenance.attributes(system, "coverage", parameters, "")
    driver.run(simulation, Path(folder, "checkpoint"), Path(folder, "trajectory.zarr"), attributes)
    return Path(folder, "trajectory.zarr")


def analysed(system: str, settings: Mapping[str, Any]) -> Mapping[str, Headline]:
    """Simulate and analyse an experiment and return its headlines."""
    parameters = resolve(read_schemas()[1][system], settings)
    findings = importlib.import_module(f"emergent_dynamics.{system}.findings")
    with tempfile.TemporaryDirectory() as folder:
        return findings.analyse(simulated(system, parameters, folder), parameters).headlines


def repeat(name: str, seeds: Iterable[int]) -> pd.DataFrame:
    """Return a table with seed, headline, value, lo, hi, exact (NaN if unknown): one experiment or sweep per seed."""
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
    """Return a table with headline, truth, kind (exact or mean), repeats (with an interval), covered, first.

    covered, first : the number of intervals that contain the true value, in all repeats and in the first `FIRST`.
    of_means : {headline: function of the means of all headlines}. It gives the true value of a headline that is a
    function of others and so skewed that its own mean is far off, or whose exact value holds only in a limit.
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


def below_by_chance(repeats: pd.Series) -> float:
    """Return how many of these numbers of repeats are expected to give less than 93 % if all intervals cover 95 %."""
    laws = {n: stats.binom.pmf(np.arange(n + 1), n, LEVEL) for n in repeats.unique()}
    return float(sum(laws[n][np.arange(n + 1) / n < LEAST].sum() for n in repeats))


def too_short(table: pd.DataFrame) -> np.ndarray:
    """Return (headline,) bool: which intervals cover less than 95 %, at a false discovery rate of 5 %.

    One-sided binomial test of each count, then Benjamini & Hochberg 1995 over all headlines.
    """
    p = stats.binom.cdf(table["covered"], table["repeats"], LEVEL)
    return np.asarray(stats.false_discovery_control(p) <= RATE)


def page(table: pd.DataFrame) -> str:
    """Return docs/coverage.md: how many intervals cover as often as stated, and the names of those that do not."""
    shares, short = table["covered"] / table["repeats"], too_short(table)
    lines = [TEXT.rstrip(), "", "| system | headlines | 93 to 97 % | more | less |", "|---|---|---|---|---|"]
    for system, own in shares.groupby(table["system"]):
        inside = own.between(LEAST, 0.97)
        counts = (len(own), inside.sum(), (own > 0.97).sum(), (own < LEAST).sum())
        lines.append(f"| {system} | " + " | ".join(map(str, counts)) + " |")
    low = shares < LEAST
    lines += [
        "",
        LESS.format(
            number=len(table),
            chance=below_by_chance(table["repeats"]),
            low=low.sum(),
            short=short.sum(),
            are="is" if short.sum() == 1 else "are",
        ),
        "",
        "| system | headline | repeats | covered | truth | significantly short |",
        "|---|---|---|---|---|---|",
    ]
    for row, covered, mark in zip(table[low].itertuples(), shares[low], short[low], strict=True):
        kind, verdict = "exact" if row.kind == "exact" else "mean of all repeats", "yes" if mark else "no"
        lines.append(
            f"| {row.system} | `{row.headline}` | {row.repeats} | {100 * covered:.1f} % | {kind} | {verdict} |"
        )
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


LESS = """If every interval covered in exactly 95 % of repeats, {chance:.0f} of the {number} shares would be
expected below 93 % by chance. {low} are, of which {short} {are} significantly short:"""
TEXT = """# How often the intervals cover

`performance/interval_coverage.py` counts how often the 95 % intervals of all headlines contain the true value. It
repeats a small experiment of each system and a small sweep of its [atlas](atlas.md), which are defined in
tests/SYSTEM/findings/independent.py and independent_atlas.py, with the seeds 1, 2, ... Headlines that are trivial or
undefined in these experiments are counted in further ones, which are defined in variants.py. The true value is the
exact value of theory where there is one, and else the mean over all repeats, beside which a bias of the estimator
cannot be seen. All rows are in tests/findings/coverage.csv. A slow test repeats the first seeds; a quick test
demands, for every headline that has an interval, a row or a reason why there is none. With 300 repeats a share of 95
% has a standard error of 1.3 %, with 100 one of 2.2 %, so that some of many shares lie below 93 % by chance. A headline
is called significantly short if a one-sided binomial test of its count against 95 % rejects at a false discovery rate
of 5 % over all headlines (Benjamini & Hochberg 1995). Student's interval over few runs is too short where the
distribution of a quantity over runs is skewed; the order parameters, captured tokens, distances to the first token and
the largest group of `causal` have Hall's instead. `damage_rate` of the atlas of `nca` has 120 more repeats, the seeds
1001 to 1120: of the first 120 its intervals held 109, which left open whether they cover.
"""


def main(chosen: list[str]) -> None:
    """Repeat the named experiments; the rows of the others stay as they are."""
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
