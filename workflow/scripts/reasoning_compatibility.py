"""The original study's files from the deposited arrays, by its definitions: a folder of JSON, CSV, Markdown,
PNG.
"""

from pathlib import Path

from emergent_dynamics import provenance, store
from emergent_dynamics.reasoning import compatibility, simulation
from emergent_dynamics.reasoning.figures import original

with provenance.job(snakemake):
    parameters = provenance.parameters(store.open_complete(snakemake.input.trajectory))
    folder = Path(snakemake.output.folder)
    folder.mkdir(parents=True)
    arrays = {
        tag: store.open_complete(snakemake.input.trajectory, group=tag).load()
        for tag in simulation.paths(parameters)
    }
    for name, text in compatibility.files(arrays, parameters).items():
        (folder / name).write_text(text)
    original.draw(arrays, parameters, folder)
