"""The estimator on systems whose exponents are known: validation.csv and its headlines; fails when one is missed."""

from emergent_dynamics.runtime import job
from emergent_dynamics import findings
from emergent_dynamics.reasoning.findings import validation

with job.logged(snakemake):
    rows = validation.find(snakemake.params.seed)
    headlines = validation.summarise(rows)
    validation.require(headlines)
    findings.write(snakemake.output, rows, headlines)
