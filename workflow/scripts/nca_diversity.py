"""Phenotypic and genetic diversity of every generation: reads trajectory.zarr, writes pd.csv and gd.csv."""

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import store
from emergent_dynamics.nca import gd, pd

with job.logged(snakemake):
    output = snakemake.output
    frames = store.open_complete(snakemake.input.trajectory)
    log = store.open_complete(snakemake.input.trajectory, group="genome")
    parameters = provenance.parameters(frames) | snakemake.params.analysis
    phenotypes = pd.table(frames)
    phenotypes.to_csv(output.pd, index=False)
    store.write_summary(output.pd_summary, pd.summarise(phenotypes, parameters))
    positions = gd.rwsp_positions(parameters["channels"], parameters["seed"], parameters["rwsp"])
    genotypes = gd.table(frames, log, parameters["channels"], positions)
    genotypes.to_csv(output.gd, index=False)
    store.write_summary(output.gd_summary, gd.summarise(genotypes, parameters))
