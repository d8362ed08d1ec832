"""Response of the driven network: dynamic range, susceptibility, and the response curves that they follow from."""

from emergent_dynamics.runtime import job
from emergent_dynamics import findings
from emergent_dynamics.branching.findings import response
from emergent_dynamics.branching.stored import Trajectory

with job.logged(snakemake):
    trajectory = Trajectory(snakemake.input.trajectory)
    tables = response.find(trajectory.activity, trajectory.p)
    findings.write(snakemake.output, tables, response.summarise(tables, trajectory.p))
