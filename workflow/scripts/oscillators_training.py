"""Classification with and without the field, going on where it was interrupted: writes the tables of `training`."""

from pathlib import Path

import torch

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import store
from emergent_dynamics.oscillators import training

with job.logged(snakemake):
    torch.set_num_threads(snakemake.threads)
    given = snakemake.params.parameters | snakemake.params.analysis
    fingerprint = provenance.fingerprint(given, snakemake.params.code)
    rows = training.run(given, training.Ledger(Path(snakemake.params.checkpoint), fingerprint))
    found = training.table(rows)
    found.to_csv(snakemake.output.training, index=False)
    training.accuracies(found).to_csv(snakemake.output.accuracy, index=False)
    training.gains(found).to_csv(snakemake.output.gain, index=False)
    training.epochs(rows).to_csv(snakemake.output.epochs, index=False)
    training.confusion(rows).to_csv(snakemake.output.confusion, index=False)
    store.write_summary(snakemake.output.summary, training.summarise(found))
