"""Descent of all genomes: writes the pruned phylogeny (alife CSV, Newick), clades, species and their statistics."""

from pathlib import Path

from emergent_dynamics import provenance, store
from emergent_dynamics.nca import families

with provenance.job(snakemake):
    frames = store.open_complete(snakemake.input.trajectory)
    log = store.open_complete(snakemake.input.trajectory, group="genome")
    full = store.open_complete(snakemake.input.trajectory, group="checkpoint")
    found = families.find(frames, log)
    found.lineage.to_csv(snakemake.output.lineage, index=False)
    found.phylogeny.to_csv(snakemake.output.phylogeny, index=False)
    found.clades.to_csv(snakemake.output.clades, index=False)
    found.species.to_csv(snakemake.output.species, index=False)
    Path(snakemake.output.newick).write_text(found.newick)
    store.write_summary(
        snakemake.output.summary,
        families.summarise(found, provenance.parameters(frames), families.oldest(full)),
    )
