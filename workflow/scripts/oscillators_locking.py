"""Phase locking of a sample of units: reads trajectory.zarr, writes locking.zarr and locking.csv."""

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import store
from emergent_dynamics.oscillators import locking

with job.logged(snakemake):
    trajectory = store.open_complete(snakemake.input.trajectory)
    plv = locking.find(trajectory)
    units = trajectory.sizes["channel"] * trajectory.sizes["y"] * trajectory.sizes["x"]
    with store.writing(
        snakemake.output.locking, locking.variables(plv), "run", len(plv), provenance.derived(trajectory)
    ) as stream:
        stream.whole("cell", locking.sample(units))
        stream.append({"plv": plv})
    locking.table(plv).to_csv(snakemake.output.histogram, index=False)
    store.write_summary(snakemake.output.summary, locking.summarise(plv))
