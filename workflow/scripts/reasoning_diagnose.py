"""One shard of test puzzles at one checkpoint: drift, answers, halting and exponents of each."""

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import store
from emergent_dynamics.reasoning import diagnose, tables
from emergent_dynamics.reasoning.parameters import Diagnosis, Parameters

with job.logged(snakemake):
    trajectory = store.open_complete(snakemake.input.trajectory)
    weights = store.open_complete(snakemake.input.trajectory, group="average")
    test = store.open_complete(snakemake.input.trajectory, group="test")
    parameters = Parameters.from_config(provenance.parameters(trajectory))
    wanted = Diagnosis.from_config(snakemake.params.analysis)
    shard = snakemake.wildcards.shard
    diagnosed = diagnose.diagnose_shard(trajectory, (weights, test), parameters, wanted, shard)
    tables.write(snakemake.output.shard, diagnosed, provenance.derived(trajectory))
