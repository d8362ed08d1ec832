"""Figure of the energy of a recording with known couplings."""

import pandas as pd

from emergent_dynamics.runtime import job
from emergent_dynamics.oscillators.figures import energy
from emergent_dynamics.plotting import style

with job.logged(snakemake):
    unit = snakemake.params.analysis["recording"]["time_unit"]
    drawing = energy.draw(pd.read_csv(snakemake.input.energy), proven=False, recorded=unit)
    style.save(drawing, snakemake.output.energy)
