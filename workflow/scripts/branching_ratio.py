"""The branching ratio by four estimators, from all neurons and from a part; the multistep one on a driven process."""

from emergent_dynamics.runtime import job
from emergent_dynamics import findings
from emergent_dynamics.branching.findings import ratio, ratio_process
from emergent_dynamics.branching.stored import Trajectory

with job.logged(snakemake):
    trajectory, output = Trajectory(snakemake.input.trajectory), snakemake.output
    p, seen = trajectory.p, snakemake.params.analysis["seen"]
    tables = ratio.find(trajectory.activity, trajectory.tallies, trajectory.laws, seen, p)
    tables |= ratio_process.find(p.seed)
    findings.write(output, tables, ratio.summarise(tables, p))
    findings.write(output, {}, ratio_process.summarise(tables), "ratio_process_summary")
