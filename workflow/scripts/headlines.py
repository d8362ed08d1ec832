"""Theory beside measurement: reads every experiment's summary.json, writes one table as page and as CSV."""

from pathlib import Path

from emergent_dynamics.runtime import job
from emergent_dynamics import findings
from emergent_dynamics.findings import table
from emergent_dynamics.plotting import headlines

with job.logged(snakemake):
    paths = [*snakemake.input.summaries, *snakemake.input.atlas]
    rows = table.tabulate({path: findings.read_summary(path) for path in paths})
    rows.to_csv(snakemake.output.table, index=False)
    Path(snakemake.output.page).write_text(headlines.page(rows))
