"""How the driven network answers: dynamic range, susceptibility, and the response curves behind them."""

from emergent_dynamics.runtime import job
from emergent_dynamics import store
from emergent_dynamics.branching.findings import response
from emergent_dynamics.branching.stored import Trajectory

with job.logged(snakemake):
    trajectory = Trajectory(snakemake.input.trajectory)
    tables = response.find(trajectory.activity, trajectory.p)
    for name, table in tables.items():
        table.to_csv(snakemake.output[name], index=False)
    store.write_summary(snakemake.output.summary, response.summarise(tables, trajectory.p))
