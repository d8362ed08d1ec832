"""Phenotypic and genetic diversity of every generation: reads trajectory.zarr, writes pd.csv, gd.csv and bands.csv."""

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import findings
from emergent_dynamics.nca import archive, bands
from emergent_dynamics.nca.findings import gd, pd

with job.logged(snakemake):
    output = snakemake.output
    trajectory = archive.read(snakemake.input.trajectory)
    parameters = provenance.parameters(trajectory.frames) | snakemake.params.analysis
    tables = pd.find(trajectory) | gd.find(trajectory, parameters)
    tables["bands"] = bands.over_runs(tables["pd"], tables["gd"])
    for name, table in tables.items():
        findings.write_table(output[name], table)
    findings.write_summary(output.pd_summary, pd.summarise(tables["pd"], parameters))
    findings.write_summary(output.gd_summary, gd.summarise(tables["gd"], parameters))
