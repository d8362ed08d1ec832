"""The original study's files from the deposited arrays, by its definitions: a folder of JSON, CSV, Markdown,
PNG.
"""

from pathlib import Path

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import store
from emergent_dynamics.plotting import style
from emergent_dynamics.reasoning import compatibility, simulation
from emergent_dynamics.reasoning.figures import original

with job.logged(snakemake):
    parameters = provenance.parameters(store.open_complete(snakemake.input.trajectory))
    folder = Path(snakemake.output.folder)
    folder.mkdir(parents=True)
    arrays = {
        tag: compatibility.arrays(store.open_complete(snakemake.input.trajectory, group=tag))
        for tag in simulation.paths(parameters)
    }
    for name, text in compatibility.files(arrays, parameters).items():
        (folder / name).write_text(text)
    drawn = original.drawings({tag: compatibility.cut(arrays[tag]) for tag in parameters["files"]})
    for name, series in parameters["series"].items():
        members = [
            (one["step"], compatibility.cut_in_series(arrays[f"{name}_{one['step']}"])) for one in series
        ]
        drawn[f"evolution_{name}.png"] = original.evolution(name, members)
    for name, drawing in drawn.items():
        style.save(drawing, folder / name)
