"""Figures of synchrony over time and of phase locking."""

import pandas as pd

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import store
from emergent_dynamics.oscillators.figures import locking, order
from emergent_dynamics.plotting import style

with job.logged(snakemake):
    config = (
        provenance.parameters(store.open_complete(snakemake.input.trajectory)) | snakemake.params.analysis
    )
    tables = {name: pd.read_csv(snakemake.input[name]) for name in ("order", "convergence", "histogram")}
    style.save(order.draw(tables["order"], tables["convergence"], config), snakemake.output.order)
    plv = store.open_complete(snakemake.input.locking)["plv"].values
    style.save(locking.draw(plv, tables["histogram"]), snakemake.output.locking)
