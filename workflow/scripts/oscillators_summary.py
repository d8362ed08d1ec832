"""All headlines of one oscillator experiment: joins the findings' summaries to summary.json."""

from emergent_dynamics.runtime import job
from emergent_dynamics import store

with job.logged(snakemake):
    store.merge_summaries(snakemake.output.summary, snakemake.input)
