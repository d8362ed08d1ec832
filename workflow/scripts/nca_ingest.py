"""The run that a user's files hold, the original study's pickles or arrays, as trajectory.zarr."""

from pathlib import Path

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import engines
from emergent_dynamics.nca import sources

with job.logged(snakemake):
    parameters, name = snakemake.params.parameters, snakemake.wildcards.experiment
    engines.tell(parameters["device"], "cpu", "files are read, nothing is simulated")
    attributes = provenance.attributes("nca", name, parameters, snakemake.params.code)
    convert = sources.converter(parameters)
    convert(Path(snakemake.output.trajectory), parameters, attributes | {"engine": "ingested"})
