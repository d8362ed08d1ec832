"""Spikes as level and as events: reads trajectory.zarr, writes spikes.csv (per frame) and spikes.zarr (per unit)."""

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import findings, store
from emergent_dynamics.oscillators.findings import spikes

with job.logged(snakemake):
    trajectory = store.open_complete(snakemake.input.trajectory)
    config = provenance.parameters(trajectory)
    tables = spikes.find(trajectory, config)
    layout, runs = spikes.variables(tables), trajectory.sizes["run"]
    with store.writing(snakemake.output.units, layout, "run", runs, provenance.derived(trajectory)) as stream:
        stream.append({name: tables[name] for name in layout})
    findings.write(snakemake.output, {"rates": tables["rates"]}, spikes.summarise(tables, config))
