"""Information of the events of a user's recording about the labels of stimuli: tables and figure."""

from emergent_dynamics.runtime import job
from emergent_dynamics import findings
from emergent_dynamics.branching import recording
from emergent_dynamics.branching.figures import recorded_information as figure
from emergent_dynamics.branching.findings import recorded_information
from emergent_dynamics.plotting import style

with job.logged(snakemake):
    found, own = recording.opened(snakemake.input.trajectory), snakemake.params.analysis
    window = tuple(own["information"]["window"])
    tables = recorded_information.find(found, window, own["information"]["classes"], own["seed"])
    findings.write(snakemake.output, tables, recorded_information.summarise(tables, window, found.time_unit))
    row = tables["recorded_information"].to_dict("records")[0]
    style.save(figure.draw(tables["recorded_responses"], row), snakemake.output.figure)
