"""The members of a sweep side by side: groups over time and beta, the exponent, and survival."""

import pandas as pd

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import findings, store
from emergent_dynamics.causal.figures import over_beta, phase, survival
from emergent_dynamics.causal.findings import sweep
from emergent_dynamics.causal.members import by_family, labels
from emergent_dynamics.plotting import style

with job.logged(snakemake):
    members = [store.open_complete(path) for path in snakemake.input.groups]
    order = by_family(members)
    members = [members[k] for k in order]
    lives = [pd.read_csv(snakemake.input.survival[k]) for k in order]
    tables = sweep.find(members) | sweep.lives(members, lives)
    findings.write(snakemake.output, tables, sweep.summarise(members))
    style.save(over_beta.fit(tables["sweep"], tables["exponents"]), snakemake.output.over_beta)
    style.save(phase.diagram(tables["sweep"]), snakemake.output.phase)
    parameters = [provenance.parameters(member) for member in members]
    drawn = map(survival.Member, labels(members), lives, parameters)
    style.save(survival.curves(list(drawn)), snakemake.output.survival)
