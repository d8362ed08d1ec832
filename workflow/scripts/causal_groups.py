"""Groups of tokens in every frame: reads trajectory.zarr, writes groups.zarr (label, n_clusters)."""

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import store
from emergent_dynamics.causal import groups
from emergent_dynamics.causal.parameters import chord_gap

with job.logged(snakemake):
    trajectory = store.open_complete(snakemake.input.trajectory)
    parameters = provenance.parameters(trajectory) | snakemake.params.analysis
    gap = chord_gap(parameters["gap"], parameters["beta"])
    with store.writing(
        snakemake.output.groups,
        groups.variables(trajectory),
        "time",
        trajectory.sizes["time"],
        provenance.derived(trajectory, snakemake.params.analysis),
    ) as stream:
        stream.copy(trajectory, groups.clock_variables(trajectory))
        for block in groups.blocks(trajectory, gap):
            stream.append(block)
