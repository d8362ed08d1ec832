"""The static figures of one nca experiment: reads its tables, writes SVG."""

import pandas

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import store
from emergent_dynamics.nca import figures, lineage
from emergent_dynamics.plotting import style

with job.logged(snakemake):
    frames = store.open_complete(snakemake.input.trajectory)
    parameters = provenance.parameters(frames) | snakemake.params.analysis
    pd, gd, clades, phylogeny, activity, twins, clusters, sample = (
        pandas.read_csv(snakemake.input[name])
        for name in ("pd", "gd", "clades", "phylogeny", "activity", "sensitivity", "clusters", "sample")
    )
    tree = lineage.collapse(lineage.tree(phylogeny, parameters["generations"], run=0))
    drawn = {
        "ctfp": figures.ctfp(pd, parameters["width"] * parameters["height"]),
        "pd": figures.phenotype(pd, parameters),
        "gd": figures.genotype(gd, parameters),
        "muller": figures.muller(clades[clades["run"] == 0]),
        "phylogeny": figures.phylogeny(tree),
        "activity": figures.activity(activity),
        "sensitivity": figures.sensitivity(twins),
        "clusters": figures.clusters(clusters, sample),
    }
    for name, drawing in drawn.items():
        style.save(drawing, snakemake.output[name])
