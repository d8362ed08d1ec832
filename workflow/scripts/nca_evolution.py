"""Descent of all genomes (phylogeny as alife CSV and Newick, clades, species), and their activity beside a shadow."""

from pathlib import Path

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import store
from emergent_dynamics.nca import activity, families

with job.logged(snakemake):
    output = snakemake.output
    frames = store.open_complete(snakemake.input.trajectory)
    log = store.open_complete(snakemake.input.trajectory, group="genome")
    full = store.open_complete(snakemake.input.trajectory, group="checkpoint")
    parameters = provenance.parameters(frames)
    found = families.find(frames, log)
    found.lineage.to_csv(output.lineage, index=False)
    found.phylogeny.to_csv(output.phylogeny, index=False)
    found.clades.to_csv(output.clades, index=False)
    found.species.to_csv(output.species, index=False)
    Path(output.newick).write_text(found.newick)
    headlines = families.summarise(found, parameters, families.oldest(full))
    store.write_summary(output.lineage_summary, headlines)
    del found  # its tables are not needed while the shadow's counters grow
    rows = activity.table(frames, parameters["seed"])
    rows.to_csv(output.activity, index=False)
    store.write_summary(output.activity_summary, activity.summarise(rows, parameters))
