"""The members of a sweep side by side: reads their summaries and parameters, writes the tables and the figure."""

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import findings, store
from emergent_dynamics.oscillators.figures import comparison
from emergent_dynamics.oscillators.findings import sweep
from emergent_dynamics.plotting import style

with job.logged(snakemake):
    members = [provenance.parameters(store.open_complete(path)) for path in snakemake.input.trajectories]
    tables = sweep.find(members, [findings.read_summary(path) for path in snakemake.input.summaries])
    findings.write(snakemake.output, tables, sweep.summarise(tables))
    style.save(comparison.draw(tables["sweep"], tables["stationary"]), snakemake.output.comparison)
