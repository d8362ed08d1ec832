"""What every head attends to and puts out, and how far the heads agree, over time."""

import pandas as pd

from emergent_dynamics.runtime import job
from emergent_dynamics.causal.figures import heads
from emergent_dynamics.plotting import style

with job.logged(snakemake):
    table = pd.read_csv(snakemake.input.heads, dtype={"head": str})
    style.save(heads.over_time(table), snakemake.output.heads)
