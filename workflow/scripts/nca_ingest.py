"""The original study's pickles of one experiment as trajectory.zarr."""

from pathlib import Path

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import engines
from emergent_dynamics.nca import ingest

with job.logged(snakemake):
    parameters, name = snakemake.params.parameters, snakemake.wildcards.experiment
    engines.tell(parameters["device"], "cpu", "pickles are read, nothing is simulated")
    attributes = provenance.attributes("nca", name, parameters, snakemake.params.code)
    ingest.ingest(Path(snakemake.output.trajectory), parameters, attributes | {"engine": "ingested"})
