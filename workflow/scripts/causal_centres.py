"""Rényi and strong Rényi centres at the start against the leaders at the end: writes centres.csv and its means."""

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import store
from emergent_dynamics.causal import centres

with job.logged(snakemake):
    trajectory = store.open_complete(snakemake.input.trajectory)
    groups = store.open_complete(snakemake.input.groups)
    parameters = provenance.parameters(groups)
    found = centres.find(trajectory, groups, parameters["beta"], snakemake.params.analysis["centres"])
    found.to_csv(snakemake.output.centres, index=False)
    centres.mean_scores(found).to_csv(snakemake.output.mean, index=False)
    store.write_summary(snakemake.output.summary, centres.summarise(found, parameters))
