"""Descent of all genomes (phylogeny as alife CSV and Newick, clades, species), and their activity beside a shadow."""

from pathlib import Path

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import findings
from emergent_dynamics.nca import archive
from emergent_dynamics.nca.findings import activity, lineage

with job.logged(snakemake):
    output = snakemake.output
    trajectory = archive.read(snakemake.input.trajectory)
    parameters = provenance.parameters(trajectory.frames) | snakemake.params.analysis
    tables = lineage.find(trajectory)
    for name, table in tables.items():
        findings.write_table(output[name], table)
    trees = lineage.newick(tables["phylogeny"], parameters["generations"], parameters["runs"])
    Path(output.newick).write_text(trees)
    findings.write_summary(output.lineage_summary, lineage.summarise(tables["lineage"], parameters))
    del tables, trees  # not needed while the shadow's counters grow
    (table,) = activity.find(trajectory, parameters).values()
    findings.write_table(output.activity, table)
    findings.write_summary(output.activity_summary, activity.summarise(table, parameters))
