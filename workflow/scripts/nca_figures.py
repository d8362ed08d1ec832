"""The static figures of one nca experiment: reads its tables, writes SVG."""

import pandas

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import findings, store
from emergent_dynamics.nca import descent
from emergent_dynamics.nca.figures import (
    activity,
    clusters,
    ctfp,
    gd,
    moments,
    muller,
    pd,
    phylogeny,
    sensitivity,
)
from emergent_dynamics.plotting import style

TIMED = ("pd", "gd", "clades", "activity", "clusters")  # tables with rows for every stored generation
CURVE = 1000  # largest number of generations of a curve, which is at most 1000 pixels wide
CONCLUDED = ("pd", "gd", "activity", "sensitivity")  # figures whose title is a headline

with job.logged(snakemake):
    frames = store.open_complete(snakemake.input.trajectory)
    parameters = provenance.parameters(frames) | snakemake.params.analysis
    shown = moments.chosen(frames["generation"].values, CURVE)
    tables = {
        name: findings.read_rows(path, "generation", shown) if name in TIMED else pandas.read_csv(path)
        for name, path in snakemake.input.items()
        if path.endswith(".csv")
    }
    headlines = {name: findings.read_summary(snakemake.input[f"{name}_summary"]) for name in CONCLUDED}
    tree = descent.collapse(descent.tree(tables["phylogeny"], parameters["generations"], run=0))
    drawings = {
        "ctfp": ctfp.draw(tables["pd"], parameters["width"] * parameters["height"]),
        "pd": pd.draw(tables["pd"], parameters, headlines["pd"]),
        "gd": gd.draw(tables["gd"], parameters, headlines["gd"]),
        "muller": muller.draw(tables["clades"]),
        "phylogeny": phylogeny.draw(tree),
        "activity": activity.draw(tables["activity"], headlines["activity"]),
        "sensitivity": sensitivity.draw(tables["sensitivity"], headlines["sensitivity"]),
        "clusters": clusters.draw(tables["clusters"], tables["sample"], tables["quality"]),
    }
    for name, drawing in drawings.items():
        style.save(drawing, snakemake.output[name])
