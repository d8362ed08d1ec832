"""The guessing game: information, capacity and accuracy against sigma; what the original selection keeps."""

from emergent_dynamics.runtime import job
from emergent_dynamics import store
from emergent_dynamics.branching.findings import guessing, information
from emergent_dynamics.branching.stored import Trajectory

with job.logged(snakemake):
    trajectory, output = Trajectory(snakemake.input.trajectory), snakemake.output
    p = trajectory.p
    tables = information.find(trajectory.joint, p) | guessing.find(trajectory.joint, p)
    for name, table in tables.items():
        table.to_csv(output[name], index=False)
    store.write_summary(output.summary, information.summarise(tables, p))
    store.write_summary(output.guessing_summary, guessing.summarise(tables, p))
