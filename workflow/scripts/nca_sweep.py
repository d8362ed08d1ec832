"""The members of a sweep side by side, members that differ in their seed as one band: writes sweep.csv and a figure."""

from pathlib import Path

import pandas

from emergent_dynamics.runtime import job
from emergent_dynamics.nca.figures import sweep as figure
from emergent_dynamics.nca.findings import sweep
from emergent_dynamics.plotting import style

with job.logged(snakemake):
    names = [Path(path).parents[1].name for path in snakemake.input.pd]
    pairs = zip(snakemake.input.pd, snakemake.input.gd, strict=True)
    members = [(pandas.read_csv(pd), pandas.read_csv(gd)) for pd, gd in pairs]
    (table,) = sweep.find(dict(zip(names, members, strict=True))).values()
    table.to_csv(snakemake.output.sweep, index=False)
    style.save(figure.draw(table), snakemake.output.figure)
