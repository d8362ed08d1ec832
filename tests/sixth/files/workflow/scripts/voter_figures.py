"""Disagreement against time: reads consensus.csv, writes SVG."""

import pandas as pd

from emergent_dynamics.runtime import job
from emergent_dynamics.plotting import style
from emergent_dynamics.voter.figures import consensus

with job.logged(snakemake):
    table = pd.read_csv(snakemake.input.consensus)
    style.save(consensus.draw(table, snakemake.params.parameters), snakemake.output.consensus)
