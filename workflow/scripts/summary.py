"""All headlines of one experiment: joins the summaries of its findings in summary.json."""

from emergent_dynamics.runtime import job
from emergent_dynamics import findings

with job.logged(snakemake):
    findings.merge_summaries(snakemake.output.summary, snakemake.input)
