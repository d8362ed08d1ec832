"""All headlines of one nca experiment, and what its repeats have in common: writes summary.json and bands.csv."""

import pandas

from emergent_dynamics.runtime import job
from emergent_dynamics import store
from emergent_dynamics.nca import repeats

with job.logged(snakemake):
    findings = [snakemake.input[name] for name in ("pd", "gd", "lineage", "activity", "sensitivity")]
    store.merge_summaries(snakemake.output.summary, findings)
    tables = (pandas.read_csv(snakemake.input[name]) for name in ("pd_table", "gd_table"))
    repeats.bands(*tables).to_csv(snakemake.output.bands, index=False)
