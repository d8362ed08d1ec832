"""The recurrent graph: response to the drive, dynamic range and branching ratios."""

from emergent_dynamics import provenance, store
from emergent_dynamics.branching import graph, model

with provenance.job(snakemake):
    trajectory = store.open_complete(snakemake.input.trajectory)
    activity = store.open_complete(snakemake.input.trajectory, "graph")["activity"].values
    p = model.parameters(provenance.parameters(trajectory))
    found = graph.tabulate(activity, p.graph)
    found.to_csv(snakemake.output.graph, index=False)
    graph.mean_activity(activity, p.graph).to_csv(snakemake.output.curves, index=False)
    store.write_summary(snakemake.output.summary, graph.summarise(found, p.graph))
