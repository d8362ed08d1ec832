"""One system's sweep for the atlas: order and growth rates against its control, its panels, its headlines."""

import importlib

from emergent_dynamics.runtime import job
from emergent_dynamics import findings
from emergent_dynamics.plotting import atlas as figure
from emergent_dynamics.plotting import style

with job.logged(snakemake):
    system, output = snakemake.wildcards.system, snakemake.output
    finding = importlib.import_module(
        f"emergent_dynamics.{system}.findings.atlas"
    )  # the rule hashes this module by `declared_code`
    tables = finding.find(snakemake.params.parameters, list(snakemake.input))
    panel = finding.panel(tables["atlas"])
    panel.save(output.panel)
    findings.write(output, tables, finding.summarise(tables["atlas"]))
    style.save(figure.column(tables["atlas"], panel, snakemake.params.ring), output.figure)
