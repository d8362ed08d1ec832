"""The guessing game: information, capacity and accuracy against sigma; what the original selection keeps."""

from emergent_dynamics.runtime import job
from emergent_dynamics import findings
from emergent_dynamics.branching.findings import guessing, information
from emergent_dynamics.branching.stored import Trajectory

with job.logged(snakemake):
    trajectory, output = Trajectory(snakemake.input.trajectory), snakemake.output
    p = trajectory.p
    tables = information.find(trajectory.joint, p) | guessing.find(trajectory.joint, p)
    findings.write(output, tables, information.summarise(tables, p))
    findings.write(output, {}, guessing.summarise(tables, p), "guessing_summary")
