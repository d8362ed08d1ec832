"""The estimator on systems whose exponents are known: validation.csv and its headlines; fails when one is missed."""

from emergent_dynamics.runtime import job
from emergent_dynamics import store
from emergent_dynamics.reasoning.findings import validation

with job.logged(snakemake):
    rows = validation.find(snakemake.params.seed)
    validation.require(rows["validation"])
    rows["validation"].to_csv(snakemake.output.validation, index=False)
    store.write_summary(snakemake.output.summary, validation.summarise(rows))
