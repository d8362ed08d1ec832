"""Members of a sweep side by side: means over seeds with intervals, their headlines and their figure."""

import pandas as pd

from emergent_dynamics.runtime import job
from emergent_dynamics import store
from emergent_dynamics.plotting import style
from emergent_dynamics.reasoning import headlines, seeds
from emergent_dynamics.reasoning.figures import comparison

with job.logged(snakemake):
    members = zip(snakemake.params.members, snakemake.input, strict=True)
    values = seeds.gather({member: pd.read_csv(path) for member, path in members})
    table = seeds.table(values)
    table.to_csv(snakemake.output.seeds, index=False)
    store.write_summary(snakemake.output.summary, headlines.over_seeds(table, snakemake.params.unit))
    style.save(comparison.seeds(values, table, snakemake.params.unit), snakemake.output.figure)
