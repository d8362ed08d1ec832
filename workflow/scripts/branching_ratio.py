"""The branching ratio by four estimators, seen whole and in part, and the multistep one on a recurrent
process.
"""

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import store
from emergent_dynamics.branching import activity, avalanches, comparison, exact, model

with job.logged(snakemake):
    trajectory = store.open_complete(snakemake.input.trajectory)
    aval, laws, stoch = (
        store.open_complete(snakemake.input.trajectory, g) for g in ("aval", "exact", "stoch")
    )
    p = model.parameters(provenance.parameters(trajectory))
    part = snakemake.params.analysis["seen"]
    tallies = avalanches.stored_tallies(aval)
    found = comparison.tabulate(activity.read(stoch), tallies, exact.stored_laws(laws), part, p)
    found.to_csv(snakemake.output.ratio, index=False)
    process = comparison.check_on_process(p.seed)
    process.to_csv(snakemake.output.process, index=False)
    store.write_summary(snakemake.output.summary, comparison.summarise(found, process, p))
