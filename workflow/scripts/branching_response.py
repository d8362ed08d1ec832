"""How the driven network answers: dynamic range, susceptibility, and the response curves behind them."""

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import store
from emergent_dynamics.branching import activity, model, response

with job.logged(snakemake):
    trajectory = store.open_complete(snakemake.input.trajectory)
    stoch = store.open_complete(snakemake.input.trajectory, "stoch")
    p = model.parameters(provenance.parameters(trajectory))
    found = response.tabulate(activity.read(stoch), p)
    found.to_csv(snakemake.output.response, index=False)
    response.tabulate_curves(p).to_csv(snakemake.output.curves, index=False)
    store.write_summary(snakemake.output.summary, response.summarise(found, p))
