"""What changes with time: synchrony, energy, spikes, defects, locking."""

import pandas as pd

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import store
from emergent_dynamics.oscillators import frames, theory
from emergent_dynamics.oscillators.figures import defects, energy, locking, order, spikes
from emergent_dynamics.plotting import style

with job.logged(snakemake):
    trajectory = store.open_complete(snakemake.input.trajectory)
    config = provenance.parameters(trajectory) | snakemake.params.analysis
    names = ("order", "convergence", "energy", "spikes", "defects", "histogram")
    tables = {name: pd.read_csv(snakemake.input[name]) for name in names}
    style.save(order.draw(tables["order"], tables["convergence"], config), snakemake.output.order)
    proven = config["step_size"] <= theory.energy_bound(config)[0]
    style.save(energy.draw(tables["energy"], proven), snakemake.output.energy)
    drawing = spikes.draw(tables["spikes"], frames.raster(trajectory), trajectory["time"].values)
    style.save(drawing, snakemake.output.spikes)
    style.save(defects.draw(tables["defects"]), snakemake.output.defects)
    plv = store.open_complete(snakemake.input.locking)["plv"].values[0]
    style.save(locking.draw(plv, tables["histogram"]), snakemake.output.locking)
