"""Draw Lyapunov exponents."""

import pandas as pd

from emergent_dynamics.runtime import job
from emergent_dynamics.oscillators.figures import lyapunov
from emergent_dynamics.plotting import style

with job.logged(snakemake):
    style.save(lyapunov.draw(pd.read_csv(snakemake.input.lyapunov)), snakemake.output.lyapunov)
