"""The guessing game: information, capacity and accuracy against sigma; what the original selection keeps."""

from emergent_dynamics.runtime import job, provenance
from emergent_dynamics import store
from emergent_dynamics.branching import guessing, information, model

with job.logged(snakemake):
    trajectory = store.open_complete(snakemake.input.trajectory)
    joint = store.open_complete(snakemake.input.trajectory, "guess")["joint"].values.sum(1)
    p = model.parameters(provenance.parameters(trajectory))
    found, curve = information.tabulate(joint, p), information.tabulate_curve(p)
    found.to_csv(snakemake.output.information, index=False)
    curve.to_csv(snakemake.output.curve, index=False)
    guesses = guessing.tabulate(joint, p)
    guesses.to_csv(snakemake.output.guessing, index=False)
    headlines = information.summarise(found, curve, p) | guessing.summarise(guesses, p)
    store.write_summary(snakemake.output.summary, headlines)
