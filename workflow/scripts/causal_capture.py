"""Share of tokens near a centre in every frame: reads trajectory.zarr, writes capture.csv."""

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import findings, store
from emergent_dynamics.causal.findings import capture

with job.logged(snakemake):
    trajectory = store.open_complete(snakemake.input.trajectory)
    parameters = provenance.parameters(trajectory) | snakemake.params.analysis
    captured = capture.measure(trajectory, parameters["beta"], parameters["capture"])
    findings.write(snakemake.output, capture.find(captured), capture.summarise(captured, parameters))
