"""One shard of test puzzles at one checkpoint: drift, answers, halting and exponents of each."""

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import store
from emergent_dynamics.reasoning import shards, tables
from emergent_dynamics.reasoning.parameters import Diagnosis

with job.logged(snakemake):
    path, wanted = snakemake.input.trajectory, Diagnosis.from_config(snakemake.params.analysis)
    diagnosed = shards.diagnose_shard(path, wanted, snakemake.wildcards.shard)
    tables.write(snakemake.output.shard, diagnosed, provenance.derived(store.open_complete(path)))
