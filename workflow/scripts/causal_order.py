"""Order parameters of every frame: reads trajectory.zarr, writes order.zarr and its means over runs."""

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import store
from emergent_dynamics.causal import groups, order

with job.logged(snakemake):
    trajectory = store.open_complete(snakemake.input.trajectory)
    parameters = provenance.parameters(trajectory)
    with store.writing(
        snakemake.output.order,
        order.variables(trajectory),
        "time",
        trajectory.sizes["time"],
        provenance.derived(trajectory),
    ) as stream:
        stream.copy(trajectory, groups.clock_variables(trajectory))
        for block in order.blocks(trajectory, parameters["beta"]):
            stream.append(block)
    found = store.open_complete(snakemake.output.order)
    order.tabulate(found).to_csv(snakemake.output.mean, index=False)
    store.write_summary(snakemake.output.summary, order.summarise(found, parameters))
