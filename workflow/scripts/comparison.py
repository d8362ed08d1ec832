"""The members of one sweep side by side: reads their summaries, writes one table and one figure."""

from importlib import import_module

from emergent_dynamics.runtime import job
from emergent_dynamics import findings
from emergent_dynamics.findings import comparison
from emergent_dynamics.plotting import comparison as figure
from emergent_dynamics.plotting import style

with job.logged(snakemake):
    summaries = [findings.read_summary(path) for path in snakemake.input.summaries]
    table = comparison.tabulate(snakemake.params.members, summaries)
    table.to_csv(snakemake.output.table, index=False)
    theory = import_module(f"emergent_dynamics.{snakemake.wildcards.system}.theory")
    curve = getattr(theory, "sweep_curve", lambda member, key, values: {})
    traced = comparison.trace(table, snakemake.params.members, curve)
    style.save(figure.draw(table, traced), snakemake.output.figure)
