"""Disagreement against time: reads the trajectory, writes consensus.csv."""

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import findings, store
from emergent_dynamics.voter.findings import consensus

with job.logged(snakemake):
    trajectory = store.open_complete(snakemake.input.trajectory)
    headlines = consensus.summarise(trajectory, provenance.parameters(trajectory))
    findings.write(snakemake.output, consensus.find(trajectory), headlines)
