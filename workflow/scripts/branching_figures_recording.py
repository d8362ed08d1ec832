"""Figure of the avalanches of a user's recording."""

import pandas as pd

from emergent_dynamics.runtime import job
from emergent_dynamics.branching import recording
from emergent_dynamics.branching.figures import recorded_avalanches as figure
from emergent_dynamics.branching.findings import recorded_avalanches
from emergent_dynamics.branching.tables import row
from emergent_dynamics.plotting import style

with job.logged(snakemake):
    found = recording.opened(snakemake.input.trajectory)
    settings = recording.Settings.from_config(snakemake.params.analysis)
    table = pd.read_csv(snakemake.input.recorded_avalanches)
    at_setting = row(table, series="recorded", times=1.0)
    drawing = figure.draw(recorded_avalanches.chosen(found, settings), at_setting)
    style.save(drawing, snakemake.output.recorded_avalanches)
