"""The branching ratio by four estimators, seen whole and in part, and the multistep one on a recurrent process."""

from emergent_dynamics.runtime import job
from emergent_dynamics import store
from emergent_dynamics.branching.findings import ratio, ratio_process
from emergent_dynamics.branching.stored import Trajectory

with job.logged(snakemake):
    trajectory, output = Trajectory(snakemake.input.trajectory), snakemake.output
    p, seen = trajectory.p, snakemake.params.analysis["seen"]
    tables = ratio.find(trajectory.activity, trajectory.tallies, trajectory.laws, seen, p)
    tables |= ratio_process.find(p.seed)
    for name, table in tables.items():
        table.to_csv(output[name], index=False)
    store.write_summary(output.summary, ratio.summarise(tables, p))
    store.write_summary(output.ratio_process_summary, ratio_process.summarise(tables))
