"""Theory beside measurement: reads every experiment's summary.json, writes one table as page and as CSV."""

from pathlib import Path

from emergent_dynamics.runtime import job
from emergent_dynamics import store
from emergent_dynamics.plotting import headlines

with job.logged(snakemake):
    summaries = {path: store.read_summary(path) for path in snakemake.input.summaries}
    table = headlines.tabulate(summaries)
    table.to_csv(snakemake.output.table, index=False)
    Path(snakemake.output.page).write_text(headlines.page(table))
