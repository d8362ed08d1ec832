"""The original study's files from the deposited arrays, by its definitions: a folder of JSON, CSV, Markdown, PNG."""

from pathlib import Path

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import findings, store
from emergent_dynamics.plotting import style
from emergent_dynamics.reasoning.figures import original
from emergent_dynamics.reasoning.findings import compatibility
from emergent_dynamics.reasoning.parameters import Parameters

with job.logged(snakemake):
    path, folder = snakemake.input.trajectory, Path(snakemake.output.folder)
    parameters = Parameters.from_config(provenance.parameters(store.open_complete(path)))
    folder.mkdir(parents=True)
    deposited = compatibility.deposits(path, parameters)
    rows = compatibility.find(deposited, parameters)
    findings.write(snakemake.output, rows, compatibility.summarise(rows))
    for name, text in compatibility.files(deposited, parameters).items():
        (folder / name).write_text(text)
    for name, drawing in original.draw(compatibility.cuts(deposited, parameters)).items():
        style.save(drawing, folder / name)
