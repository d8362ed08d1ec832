"""The members of a sweep side by side: reads their summaries and parameters, writes the table and the figure."""

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import store
from emergent_dynamics.oscillators import sweep
from emergent_dynamics.oscillators.figures import sweep as figures
from emergent_dynamics.plotting import style

with job.logged(snakemake):
    members = [provenance.parameters(store.open_complete(path)) for path in snakemake.input.trajectories]
    table = sweep.table(members, [store.read_summary(path) for path in snakemake.input.summaries])
    theory = sweep.stationary(members)
    table.to_csv(snakemake.output.sweep, index=False)
    theory.to_csv(snakemake.output.stationary, index=False)
    store.write_summary(snakemake.output.summary, sweep.summarise(table))
    style.save(figures.comparison(table, theory), snakemake.output.comparison)
