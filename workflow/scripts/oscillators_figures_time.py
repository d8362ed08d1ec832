"""What changes with time: synchrony, energy, spikes, defects, locking."""

import pandas as pd

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import store
from emergent_dynamics.oscillators import energy, spikes
from emergent_dynamics.oscillators.figures import curves
from emergent_dynamics.plotting import style

with job.logged(snakemake):
    trajectory = store.open_complete(snakemake.input.trajectory)
    given = provenance.parameters(trajectory) | snakemake.params.analysis
    tables = {
        name: pd.read_csv(snakemake.input[name])
        for name in ("order", "energy", "spikes", "defects", "histogram")
    }
    style.save(curves.order(tables["order"], given), snakemake.output.order)
    style.save(curves.energy(tables["energy"], energy.bound(given)[0], given), snakemake.output.energy)
    drawing = curves.spikes(tables["spikes"], spikes.raster(trajectory), trajectory["time"].values)
    style.save(drawing, snakemake.output.spikes)
    style.save(curves.defects(tables["defects"]), snakemake.output.defects)
    plv = store.open_complete(snakemake.input.locking)["plv"].values[0]
    style.save(curves.locking(plv, tables["histogram"]), snakemake.output.locking)
