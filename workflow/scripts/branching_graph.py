"""The recurrent graph: response to the drive, dynamic range, branching ratios, avalanches without drive."""

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import store
from emergent_dynamics.branching import graph_findings, model

with job.logged(snakemake):
    trajectory = store.open_complete(snakemake.input.trajectory)
    stored = store.open_complete(snakemake.input.trajectory, "graph")
    activity = stored["activity"].values
    p = model.parameters(provenance.parameters(trajectory))
    found = graph_findings.tabulate(activity, p.graph)
    found.to_csv(snakemake.output.graph, index=False)
    graph_findings.mean_activity(activity, p.graph).to_csv(snakemake.output.curves, index=False)
    avalanches = graph_findings.tabulate_avalanches(stored["size"].values, stored["duration"].values, p)
    avalanches.to_csv(snakemake.output.avalanches, index=False)
    store.write_summary(snakemake.output.summary, graph_findings.summarise(found, avalanches, p.graph))
