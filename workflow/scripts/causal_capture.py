"""Share of tokens near a centre in every frame: reads trajectory.zarr, writes capture.csv."""

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import store
from emergent_dynamics.causal import capture

with job.logged(snakemake):
    trajectory = store.open_complete(snakemake.input.trajectory)
    parameters = provenance.parameters(trajectory) | snakemake.params.analysis
    found = capture.find(trajectory, parameters["beta"], parameters["capture"])
    capture.tabulate(found).to_csv(snakemake.output.capture, index=False)
    store.write_summary(snakemake.output.summary, capture.summarise(found, parameters))
