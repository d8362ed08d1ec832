"""Spikes as level and as events: reads trajectory.zarr, writes spikes.csv (per frame) and spikes.zarr (per unit)."""

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import store
from emergent_dynamics.oscillators import spikes

with job.logged(snakemake):
    trajectory = store.open_complete(snakemake.input.trajectory)
    found = spikes.find(trajectory)
    found.rates.to_csv(snakemake.output.rates, index=False)
    with store.writing(
        snakemake.output.units,
        spikes.variables(found),
        "run",
        len(found.first),
        provenance.derived(trajectory),
    ) as stream:
        stream.append({"first_spike": found.first, "last_spike": found.last, "events": found.events})
    store.write_summary(snakemake.output.summary, spikes.summarise(found, provenance.parameters(trajectory)))
