"""Static figures of one branching experiment, from its tables and its store."""

import numpy as np
import pandas as pd

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import store
from emergent_dynamics.branching import avalanches, exact, figures, figures_response, model
from emergent_dynamics.plotting import style

with job.logged(snakemake):
    given, made = snakemake.input, snakemake.output
    p = model.parameters(provenance.parameters(store.open_complete(given.trajectory)))
    aval, laws, guess = (store.open_complete(given.trajectory, g) for g in ("aval", "exact", "guess"))
    tallies, laws = avalanches.stored_tallies(aval), exact.stored_laws(laws)
    critical = int(np.abs(np.array(p.sigma) - 1.0).argmin())
    table = pd.read_csv(given.avalanches)
    style.save(figures.distributions(tallies, laws, table, p), made.distributions)
    style.save(figures.collapse(tallies[critical], laws[critical], table.iloc[critical], p), made.collapse)
    curve = pd.read_csv(given.curve)
    style.save(figures.information(pd.read_csv(given.information), curve, p), made.information)
    style.save(figures.guessing(guess["joint"].values.sum(1), p), made.guessing)
    style.save(figures_response.ratio(pd.read_csv(given.ratio)), made.ratio)
    style.save(
        figures_response.response(pd.read_csv(given.response), pd.read_csv(given.response_curves)),
        made.response,
    )
    sizes = store.open_complete(given.trajectory, "graph")["size"].values
    recurrent = pd.read_csv(given.graph), pd.read_csv(given.graph_curves), sizes.reshape(len(sizes), -1)
    style.save(figures_response.graph(*recurrent, p.graph), made.graph)
