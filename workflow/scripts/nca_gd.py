"""Genetic diversity of every generation: reads the ids and the genome log of trajectory.zarr, writes gd.csv."""

from emergent_dynamics import provenance, store
from emergent_dynamics.nca import gd

with provenance.job(snakemake):
    frames = store.open_complete(snakemake.input.trajectory)
    log = store.open_complete(snakemake.input.trajectory, group="genome")
    parameters = provenance.parameters(frames) | snakemake.params.analysis
    positions = gd.rwsp_positions(parameters["channels"], parameters["seed"], parameters["rwsp"])
    found = gd.table(frames, log, parameters["channels"], positions)
    found.to_csv(snakemake.output.gd, index=False)
    store.write_summary(snakemake.output.summary, gd.summarise(found, parameters))
