"""The front page: reads every summary and figure of the run, writes results/index.html, one offline file."""

from pathlib import Path

from emergent_dynamics.runtime import job
from emergent_dynamics import findings
from emergent_dynamics.findings import table
from emergent_dynamics.front import assemble, build

with job.logged(snakemake):
    views = [path for path in snakemake.input.atlas if path.endswith(".summary.json")]
    paths = [*snakemake.input.summaries, *views]
    rows = table.tabulate({path: findings.read_summary(path) for path in paths})
    checkout = Path(snakemake.scriptdir).parents[1]
    run = assemble.Run(snakemake.params, list(snakemake.input), checkout)
    Path(snakemake.output.page).write_text(
        build.page(assemble.systems(run, rows), rows, assemble.head(run, rows))
    )
