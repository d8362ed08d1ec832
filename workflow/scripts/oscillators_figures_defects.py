"""Figure of the vortices over time."""

import pandas as pd

from emergent_dynamics.runtime import job
from emergent_dynamics.oscillators.figures import defects
from emergent_dynamics.oscillators.figures.against_time import clock
from emergent_dynamics.plotting import style

with job.logged(snakemake):
    drawing = defects.draw(pd.read_csv(snakemake.input.defects), clock(snakemake.params.analysis))
    style.save(drawing, snakemake.output.defects)
