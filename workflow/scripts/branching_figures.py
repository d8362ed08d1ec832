"""Static figures of one branching experiment, from its tables and its store."""

import numpy as np
import pandas as pd

from emergent_dynamics.runtime import job
from emergent_dynamics.branching.figures import (
    collapse,
    distributions,
    graph,
    guessing,
    information,
    ratio,
    response,
)
from emergent_dynamics.branching.stored import Trajectory
from emergent_dynamics.plotting import style

with job.logged(snakemake):
    trajectory, output = Trajectory(snakemake.input.trajectory), snakemake.output
    table = {name: pd.read_csv(path) for name, path in snakemake.input.items() if name != "trajectory"}
    tallies, laws, p = trajectory.tallies, trajectory.laws, trajectory.p
    critical = int(np.abs(np.array(p.sigma) - 1.0).argmin())
    shapes = tallies[critical], laws[critical], table["avalanches"].iloc[critical]
    sizes = trajectory.graph_avalanches[0].reshape(len(p.graph.sigma), -1)
    figures = {
        "distributions": distributions.draw(tallies, laws, table["avalanches"], p),
        "collapse": collapse.draw(*shapes, p),
        "information": information.draw(table["information"], table["information_curve"], p),
        "guessing": guessing.draw(trajectory.joint, p),
        "ratio": ratio.draw(table["ratio"]),
        "response": response.draw(table["response"], table["response_curves"]),
        "graph": graph.draw(table["graph"], table["graph_curves"], sizes, p.graph),
    }
    for name, figure in figures.items():
        style.save(figure, output[name])
