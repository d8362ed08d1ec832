"""Avalanches: causal ones against their exact law, raster ones, and the mean-field reference; three
tables.
"""

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import store
from emergent_dynamics.branching import activity, avalanches, exact, mean_field, model

with job.logged(snakemake):
    trajectory = store.open_complete(snakemake.input.trajectory)
    aval, laws, stoch = (
        store.open_complete(snakemake.input.trajectory, g) for g in ("aval", "exact", "stoch")
    )
    p = model.parameters(provenance.parameters(trajectory))
    found = avalanches.tabulate(avalanches.stored_tallies(aval), exact.stored_laws(laws), p)
    found.to_csv(snakemake.output.avalanches, index=False)
    avalanches.tabulate_raster(activity.read(stoch), p).to_csv(snakemake.output.raster, index=False)
    reference = mean_field.tabulate(p.avalanches, p.seed, p.neurons)
    reference.to_csv(snakemake.output.mean_field, index=False)
    headlines = avalanches.summarise(found, p) | mean_field.summarise(reference)
    store.write_summary(snakemake.output.summary, headlines)
