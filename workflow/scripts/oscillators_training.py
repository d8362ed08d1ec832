"""Classification with and without the field, continued where it was interrupted: writes the tables of `training`."""

from pathlib import Path

import torch

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import findings
from emergent_dynamics.oscillators import classification
from emergent_dynamics.oscillators.findings import training

with job.logged(snakemake):
    torch.set_num_threads(snakemake.threads)
    config = snakemake.params.parameters | snakemake.params.analysis
    fingerprint = provenance.fingerprint(config, snakemake.params.code)
    ledger = classification.Ledger(Path(snakemake.params.checkpoint), fingerprint)
    tables = training.find(classification.run(config, ledger))
    findings.write(snakemake.output, tables, training.summarise(tables, config))
