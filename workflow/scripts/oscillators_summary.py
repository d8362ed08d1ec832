"""All headlines of one oscillator experiment: joins the findings' summaries to summary.json."""

from emergent_dynamics import provenance, store

with provenance.job(snakemake):
    store.merge_summaries(snakemake.output.summary, snakemake.input)
