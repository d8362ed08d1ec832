"""The estimator on systems whose exponents are known: validation.csv and its headlines; fails when one is
missed.
"""

from emergent_dynamics.runtime import job
from emergent_dynamics import store
from emergent_dynamics.reasoning import validation

with job.logged(snakemake):
    checks = validation.all_checks(snakemake.params.seed)
    table = validation.table(checks)
    validation.require(table)
    table.to_csv(snakemake.output.table, index=False)
    store.write_summary(snakemake.output.summary, validation.summarise(checks))
