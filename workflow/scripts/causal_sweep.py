"""The members of a sweep side by side: number of groups over time and beta, the fitted exponent, both figures."""

from emergent_dynamics.runtime import job
from emergent_dynamics import store
from emergent_dynamics.causal import counts
from emergent_dynamics.causal.figures import counts as figures
from emergent_dynamics.plotting import style

with job.logged(snakemake):
    members = [store.open_complete(path) for path in snakemake.input]
    table, fits = counts.sweep(members), counts.fits(members)
    table.to_csv(snakemake.output.sweep, index=False)
    fits.to_csv(snakemake.output.exponents, index=False)
    mask = counts.contrasts(members)
    mask.to_csv(snakemake.output.mask, index=False)
    store.write_summary(snakemake.output.summary, counts.summarise_sweep(members))
    style.save(figures.over_beta(table, fits), snakemake.output.over_beta)
    style.save(figures.phase_diagram(table), snakemake.output.phase)
    style.save(figures.mask(mask), snakemake.output.mask_figure)
