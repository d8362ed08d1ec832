"""Finite-size scaling of the recurrent graph: write tables and a figure."""

from emergent_dynamics.runtime import job
from emergent_dynamics import findings
from emergent_dynamics.branching.figures import scaling as figure
from emergent_dynamics.branching.findings import scaling
from emergent_dynamics.branching.finite_size import Sizes
from emergent_dynamics.branching.stored import Trajectory
from emergent_dynamics.plotting import style

with job.logged(snakemake):
    p, sizes = (
        Trajectory(snakemake.input.trajectory).p,
        Sizes.from_config(snakemake.params.analysis["scaling"]),
    )
    tables = scaling.find(p, sizes)
    findings.write(snakemake.output, tables, scaling.summarise(tables))
    style.save(figure.draw(*tables.values()), snakemake.output.figure)
