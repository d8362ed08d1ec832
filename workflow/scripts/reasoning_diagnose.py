"""One shard of test puzzles at one checkpoint: drift, answers, halting and exponents of each."""

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import store
from emergent_dynamics.reasoning import shard, tables

with job.logged(snakemake):
    trajectory = store.open_complete(snakemake.input.trajectory)
    weights = store.open_complete(snakemake.input.trajectory, group="average")
    test = store.open_complete(snakemake.input.trajectory, group="test")
    parameters = provenance.parameters(trajectory) | snakemake.params.analysis
    found = shard.diagnose(trajectory, weights, test, parameters, snakemake.wildcards.shard)
    tables.write(snakemake.output.shard, found, provenance.derived(trajectory))
