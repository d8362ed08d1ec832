"""Figure of the correlations of the activity of a user's recording at increasing lags."""

from emergent_dynamics.runtime import job
from emergent_dynamics.branching import recording
from emergent_dynamics.branching.figures import recorded_ratio as figure
from emergent_dynamics.branching.findings import recorded_ratio
from emergent_dynamics.plotting import style

with job.logged(snakemake):
    found = recording.opened(snakemake.input.trajectory)
    settings = recording.Settings.from_config(snakemake.params.analysis)
    seen = recorded_ratio.watched(found, settings)
    lagged = {share: recorded_ratio.slopes(activity, settings) for share, (activity, _) in seen.items()}
    style.save(figure.draw(lagged), snakemake.output.recorded_ratio)
