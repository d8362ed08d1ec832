"""The recurrent graph: response to the drive, dynamic range, branching ratios, avalanches without drive."""

from emergent_dynamics.runtime import job
from emergent_dynamics import store
from emergent_dynamics.branching.findings import graph, graph_avalanches
from emergent_dynamics.branching.stored import Trajectory

with job.logged(snakemake):
    trajectory, output = Trajectory(snakemake.input.trajectory), snakemake.output
    p = trajectory.p
    tables = graph.find(trajectory.graph_activity, p.graph)
    tables |= graph_avalanches.find(*trajectory.graph_avalanches, p)
    for name, table in tables.items():
        table.to_csv(output[name], index=False)
    store.write_summary(output.summary, graph.summarise(tables, p.graph))
    store.write_summary(output.graph_avalanches_summary, graph_avalanches.summarise(tables, p.graph))
