"""Twins of run 0 that lost one founder: writes sensitivity.csv and its headlines."""

from emergent_dynamics.runtime import job
from emergent_dynamics import store
from emergent_dynamics.nca import sensitivity
from emergent_dynamics.nca.model import Parameters

with job.logged(snakemake):
    given = snakemake.params.parameters
    settings = snakemake.params.analysis["sensitivity"]
    found = sensitivity.table(Parameters.from_config(given), settings["twins"], settings["generations"])
    found.to_csv(snakemake.output.sensitivity, index=False)
    store.write_summary(snakemake.output.summary, sensitivity.summarise(found))
