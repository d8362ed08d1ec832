"""Order parameters of every frame: reads trajectory.zarr, writes order.zarr and its means over runs, order.csv."""

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import findings, store
from emergent_dynamics.causal import groups
from emergent_dynamics.causal.findings import order

with job.logged(snakemake):
    trajectory = store.open_complete(snakemake.input.trajectory)
    parameters = provenance.parameters(trajectory)
    with store.writing(
        snakemake.output.frames,
        order.variables(trajectory),
        "time",
        trajectory.sizes["time"],
        provenance.derived(trajectory),
    ) as stream:
        stream.copy(trajectory, groups.clock_variables(trajectory))
        for block in order.blocks(trajectory, parameters["beta"]):
            stream.append(block)
    measured = store.open_complete(snakemake.output.frames)
    findings.write(snakemake.output, order.find(measured, parameters), order.summarise(measured, parameters))
