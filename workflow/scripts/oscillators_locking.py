"""Phase locking of a sample of units: reads trajectory.zarr, writes locking.zarr and locking.csv."""

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import findings, store
from emergent_dynamics.oscillators.findings import locking

with job.logged(snakemake):
    trajectory = store.open_complete(snakemake.input.trajectory)
    config = provenance.parameters(trajectory)
    tables = locking.find(trajectory, config)
    layout, runs = locking.variables(tables), trajectory.sizes["run"]
    with store.writing(
        snakemake.output.locking, layout, "run", runs, provenance.derived(trajectory)
    ) as stream:
        stream.whole("cell", tables["sampled_cell"])
        stream.append({"plv": tables["plv"]})
    findings.write(snakemake.output, {"histogram": tables["histogram"]}, locking.summarise(tables, config))
