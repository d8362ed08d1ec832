"""The atlas of all systems: joins their tables and draws them side by side, for the page and for a paper."""

from emergent_dynamics.runtime import job
from emergent_dynamics import atlas
from emergent_dynamics.plotting import atlas as figure
from emergent_dynamics.plotting import style

with job.logged(snakemake):
    table = atlas.join(snakemake.input.tables)
    table.to_csv(snakemake.output.table, index=False)
    panels = {
        system: atlas.Panel.load(path)
        for system, path in zip(snakemake.params.systems, snakemake.input.panels, strict=True)
    }
    drawing = figure.overview(table, panels, snakemake.params.rings)
    style.save(drawing, snakemake.output.svg, snakemake.output.png, snakemake.output.pdf)
    style.save(figure.settling(table, panels), snakemake.output.settling)
