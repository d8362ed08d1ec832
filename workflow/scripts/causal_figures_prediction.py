"""What the start tells about the end: thresholds of separation, precision and recall of centres."""

import pandas as pd

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import store
from emergent_dynamics.causal.figures import prediction
from emergent_dynamics.plotting import style

with job.logged(snakemake):
    parameters = provenance.parameters(store.open_complete(snakemake.input.groups))
    thresholds = prediction.thresholds(pd.read_csv(snakemake.input.thresholds), parameters)
    style.save(thresholds, snakemake.output.thresholds)
    style.save(prediction.centres(pd.read_csv(snakemake.input.centres), parameters), snakemake.output.centres)
