"""What the start tells about the end: thresholds of separation, precision and recall of centres."""

import pandas as pd

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import store
from emergent_dynamics.causal.figures import centres, thresholds
from emergent_dynamics.plotting import style

with job.logged(snakemake):
    parameters = provenance.parameters(store.open_complete(snakemake.input.groups))
    drawing = thresholds.parted(pd.read_csv(snakemake.input.thresholds), parameters)
    style.save(drawing, snakemake.output.thresholds)
    style.save(centres.scores(pd.read_csv(snakemake.input.centres), parameters), snakemake.output.centres)
