"""How often the 95 % interval of each headline holds the truth: fresh runs of a small experiment of every system.

    python -m performance.interval_coverage [system ...]   writes tests/findings/coverage.csv, for these systems only

A system's tests/<system>/findings/independent.py has the experiment, `COVERAGE` or `EXPERIMENT`, and how often it is
repeated, `REPEATS`. Seeds are 1, 2, ...; the truth is what theory says exactly, else the mean over all repeats, beside
which a bias of the estimator would not be seen.
"""

import importlib
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from emergent_dynamics.runtime import provenance
from emergent_dynamics import driver
from emergent_dynamics.config.schema import read_schemas, resolve

TABLE = Path(__file__).resolve().parents[1] / "tests" / "findings" / "coverage.csv"
REPEATS, FIRST = 200, 8  # repeats of a cheap experiment; those that the slow test computes again


def experiment(system: str) -> tuple[dict, int]:
    """What is repeated, and how often."""
    independent = importlib.import_module(f"tests.{system}.findings.independent")
    repeated = getattr(independent, "COVERAGE", independent.EXPERIMENT)
    return repeated, getattr(independent, "REPEATS", REPEATS)


def repeat(system: str, seeds: Iterable[int]) -> pd.DataFrame:
    """seed, headline, value, lo, hi, exact of every headline with an interval: a simulation and analysis per seed."""
    rows = []
    for seed in seeds:
        parameters = resolve(read_schemas()[1][system], {**experiment(system)[0], "seed": seed})
        simulation = importlib.import_module(f"emergent_dynamics.{system}.simulation").build(parameters)
        findings = importlib.import_module(f"emergent_dynamics.{system}.findings")
        with tempfile.TemporaryDirectory() as folder:
            store = Path(folder, "trajectory.zarr")
            attributes = provenance.attributes(system, "coverage", parameters, "")
            driver.run(simulation, Path(folder, "checkpoint"), store, "", attributes)
            headlines = findings.analyse(store, parameters).headlines
        for name, headline in headlines.items():
            known = headline.expectation
            is_exact = known is not None and (known.kind, known.relation) == ("exact", "=")
            lo, hi = headline.ci or (np.nan, np.nan)
            rows.append((seed, name, headline.value, lo, hi, known.value if is_exact and known else np.nan))
    return pd.DataFrame(rows, columns=["seed", "headline", "value", "lo", "hi", "exact"])


def share(table: pd.DataFrame) -> pd.DataFrame:
    """headline, truth, kind (exact or mean), repeats with an interval, covered, and covered in the first ones."""
    rows = []
    for name, own in table.groupby("headline", sort=True):
        with_interval = own[own["lo"].notna()]
        if with_interval.empty:
            continue
        exact = with_interval["exact"]
        kind = "exact" if exact.notna().all() else "mean"
        truth = exact if kind == "exact" else float(own["value"].mean())
        covered = (with_interval["lo"] <= truth) & (truth <= with_interval["hi"])
        first = int(covered[with_interval["seed"] <= FIRST].sum())
        rows.append((name, float(np.mean(truth)), kind, len(with_interval), int(covered.sum()), first))
    return pd.DataFrame(rows, columns=["headline", "truth", "kind", "repeats", "covered", "first"])


def main(systems: list[str]) -> None:
    """Repeat the named systems, and keep the rows of the others."""
    kept = pd.read_csv(TABLE) if TABLE.exists() else pd.DataFrame()
    for system in systems:
        rows = share(repeat(system, range(1, experiment(system)[1] + 1)))
        rows.insert(0, "system", system)
        kept = pd.concat([kept[kept["system"] != system] if len(kept) else kept, rows])
        kept.sort_values(["system", "headline"]).to_csv(TABLE, index=False, float_format="%.10g")


if __name__ == "__main__":
    main(sys.argv[1:] or sorted(read_schemas()[1]))
