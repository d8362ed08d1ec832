"""Clusters of neural weights, in one fixed basis or in one per frame: reads trajectory.zarr, writes three tables."""

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import findings
from emergent_dynamics.nca import archive
from emergent_dynamics.nca.findings import clusters

with job.logged(snakemake):
    trajectory = archive.read(snakemake.input.trajectory)
    parameters = provenance.parameters(trajectory.frames) | snakemake.params.analysis
    tables = clusters.find(trajectory, parameters)
    headlines = clusters.summarise(tables["clusters"], tables["clusters_quality"])
    findings.write(snakemake.output, tables, headlines)
