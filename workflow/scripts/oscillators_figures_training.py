"""Accuracy, gain, confusion and losses of the classification."""

from pathlib import Path

import pandas as pd

from emergent_dynamics.runtime import job
from emergent_dynamics.oscillators.figures import training
from emergent_dynamics.plotting import style

with job.logged(snakemake):
    tables = {
        name: pd.read_csv(snakemake.input[name]) for name in ("accuracy", "gain", "confusion", "epochs")
    }
    style.save(training.accuracy(tables["accuracy"], tables["gain"]), snakemake.output.accuracy)
    style.save(training.confusion(tables["confusion"]), snakemake.output.confusion)
    style.save(training.epochs(tables["epochs"]), snakemake.output.epochs)
    Path(snakemake.output.gain).write_text(
        training.gains_page(tables["gain"], snakemake.wildcards.experiment)
    )
