"""The recurrent graph: response to the drive, dynamic range, branching ratios, avalanches without drive."""

from emergent_dynamics.runtime import job
from emergent_dynamics import findings
from emergent_dynamics.branching.findings import graph, graph_avalanches
from emergent_dynamics.branching.stored import Trajectory

with job.logged(snakemake):
    trajectory, output = Trajectory(snakemake.input.trajectory), snakemake.output
    p = trajectory.p
    tables = graph.find(trajectory.graph_activity, trajectory.graph_record, p.graph)
    tables |= graph_avalanches.find(*trajectory.graph_avalanches, p)
    findings.write(output, tables, graph.summarise(tables, p.graph))
    findings.write(output, {}, graph_avalanches.summarise(tables, p), "graph_avalanches_summary")
