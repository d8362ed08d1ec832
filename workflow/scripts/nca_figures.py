"""The static figures of one nca experiment: reads its tables, writes SVG."""

import pandas

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import store
from emergent_dynamics.nca import descent
from emergent_dynamics.nca.figures import activity, clusters, ctfp, gd, muller, pd, phylogeny, sensitivity
from emergent_dynamics.plotting import style

with job.logged(snakemake):
    frames = store.open_complete(snakemake.input.trajectory)
    parameters = provenance.parameters(frames) | snakemake.params.analysis
    tables = {name: pandas.read_csv(path) for name, path in snakemake.input.items() if name != "trajectory"}
    tree = descent.collapse(descent.tree(tables["phylogeny"], parameters["generations"], run=0))
    drawings = {
        "ctfp": ctfp.draw(tables["pd"], parameters["width"] * parameters["height"]),
        "pd": pd.draw(tables["pd"], parameters),
        "gd": gd.draw(tables["gd"], parameters),
        "muller": muller.draw(tables["clades"][tables["clades"]["run"] == 0]),
        "phylogeny": phylogeny.draw(tree),
        "activity": activity.draw(tables["activity"]),
        "sensitivity": sensitivity.draw(tables["sensitivity"]),
        "clusters": clusters.draw(tables["clusters"], tables["sample"], tables["quality"]),
    }
    for name, drawing in drawings.items():
        style.save(drawing, snakemake.output[name])
