"""Draw a ring beside the published chimera."""

import pandas as pd

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import store
from emergent_dynamics.oscillators.figures import ring
from emergent_dynamics.plotting import style

with job.logged(snakemake):
    config = provenance.parameters(store.open_complete(snakemake.input.trajectory))
    drawing = ring.draw(pd.read_csv(snakemake.input.ring), pd.read_csv(snakemake.input.profile), config)
    style.save(drawing, snakemake.output.ring)
