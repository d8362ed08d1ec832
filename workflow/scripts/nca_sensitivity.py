"""Twins of run 0 that lost one founder: writes sensitivity.csv and its headlines."""

from emergent_dynamics.runtime import job
from emergent_dynamics import store
from emergent_dynamics.nca.findings import sensitivity

with job.logged(snakemake):
    (table,) = sensitivity.find(snakemake.params.parameters | snakemake.params.analysis).values()
    table.to_csv(snakemake.output.sensitivity, index=False)
    store.write_summary(snakemake.output.summary, sensitivity.summarise(table))
