"""Twins of run 0 that lost one founder: writes sensitivity.csv and its headlines."""

from emergent_dynamics.runtime import job
from emergent_dynamics import findings
from emergent_dynamics.nca.findings import sensitivity

with job.logged(snakemake):
    tables = sensitivity.find(snakemake.params.parameters | snakemake.params.analysis)
    findings.write(snakemake.output, tables, sensitivity.summarise(tables["sensitivity"]))
