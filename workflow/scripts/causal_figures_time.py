"""What changes with time, over all runs: number of groups, order parameters, capture, survival."""

import pandas as pd

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import store
from emergent_dynamics.causal import frames
from emergent_dynamics.causal.figures import capture, counts, order, survival
from emergent_dynamics.plotting import style

with job.logged(snakemake):
    groups = store.open_complete(snakemake.input.groups)
    parameters = provenance.parameters(groups) | snakemake.params.analysis
    time = groups["time"].values
    tables = {name: frames.rows(snakemake.input[name], time) for name in ("counts", "order", "capture")}
    drawing = counts.over_time(tables["counts"], groups, parameters)
    style.save(drawing, snakemake.output.counts)
    style.save(order.metrics(tables["order"], parameters), snakemake.output.order)
    style.save(capture.over_time(tables["capture"], parameters), snakemake.output.capture)
    member = survival.Member(
        snakemake.wildcards.experiment, pd.read_csv(snakemake.input.survival), parameters
    )
    style.save(survival.curves([member]), snakemake.output.survival)
