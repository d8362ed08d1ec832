"""Life in the regions of a landscape in space: reads trajectory.zarr, writes regions.csv and a figure."""

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import findings
from emergent_dynamics.nca import archive
from emergent_dynamics.nca.figures import regions as figure
from emergent_dynamics.nca.findings import regions
from emergent_dynamics.plotting import style

with job.logged(snakemake):
    trajectory = archive.read(snakemake.input.trajectory)
    parameters = provenance.parameters(trajectory.frames)
    tables = regions.find(trajectory, parameters)
    findings.write(snakemake.output, tables, regions.summarise(tables["regions"], parameters))
    means = regions.late_means(tables["regions"], parameters)
    style.save(figure.draw(means, findings.read_summary(snakemake.output.summary)), snakemake.output.figure)
