"""Figures of the classification: accuracy, gain, confusion and losses."""

from pathlib import Path

import pandas as pd

from emergent_dynamics.runtime import job
from emergent_dynamics.oscillators.figures import accuracy, confusion, epochs, gain
from emergent_dynamics.plotting import style

with job.logged(snakemake):
    names = ("accuracy", "gain", "confusion", "epochs")
    tables = {name: pd.read_csv(snakemake.input[name]) for name in names}
    style.save(accuracy.draw(tables["accuracy"], tables["gain"]), snakemake.output.accuracy)
    style.save(confusion.draw(tables["confusion"]), snakemake.output.confusion)
    style.save(epochs.draw(tables["epochs"]), snakemake.output.epochs)
    Path(snakemake.output.gain).write_text(gain.page(tables["gain"], snakemake.wildcards.experiment))
