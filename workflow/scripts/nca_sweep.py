"""The members of a sweep side by side, members that differ in their seed as one band: writes sweep.csv and a figure."""

from pathlib import Path

import pandas

from emergent_dynamics.runtime import job
from emergent_dynamics import findings
from emergent_dynamics.nca.figures import sweep as figure
from emergent_dynamics.nca.findings import sweep
from emergent_dynamics.plotting import style

with job.logged(snakemake):
    names = [Path(path).parents[1].name for path in snakemake.input.pd]
    pairs = zip(snakemake.input.pd, snakemake.input.gd, strict=True)
    members = [(pandas.read_csv(pd), pandas.read_csv(gd)) for pd, gd in pairs]
    tables = sweep.find(dict(zip(names, members, strict=True)))
    findings.write(snakemake.output, tables, sweep.summarise(tables["sweep"]))
    style.save(figure.draw(tables["sweep"]), snakemake.output.figure)
