"""Members of a sweep that differ in the mask only, side by side: reads their groups, writes mask.csv and its figure."""

from emergent_dynamics.runtime import job
from emergent_dynamics import findings, store
from emergent_dynamics.causal.figures import mask as figure
from emergent_dynamics.causal.findings import mask
from emergent_dynamics.plotting import style

with job.logged(snakemake):
    tables = mask.find([store.open_complete(path) for path in snakemake.input])
    findings.write(snakemake.output, tables, mask.summarise(tables["mask"]))
    style.save(figure.contrast(tables["mask"]), snakemake.output.figure)
