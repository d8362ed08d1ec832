"""Tokens on the sphere under causal attention: trajectory, groups, and what predicts them."""

from emergent_dynamics.causal import resources

FINDINGS["causal"] = resources.findings


include: "causal_analysis.smk"
include: "causal_figures.smk"


rule causal:
    input:
        summaries=targets("causal", "summary.json")
        + sweeps("causal", "analysis/sweep.summary.json")
        + sweeps("causal", "analysis/mask.summary.json", varied="mask"),
        figures=targets("causal", *drawn(rules.causal_figures_motion))
        + plain("causal", *drawn(rules.causal_figures_time, rules.causal_figures_prediction))
        + plain("causal", *drawn(rules.causal_figures_heads), where=finds("causal", "heads")),


rule causal_simulate:
    output:
        trajectory=directory("results/causal/{experiment}/trajectory.zarr"),
    log:
        "logs/causal/{experiment}/simulate.log",
    retries: 2
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("causal", "mem_mb"),
        runtime=needed("causal", "runtime"),
        gpu=needed("causal", "gpus"),
    params:
        parameters=simulation("causal"),
        checkpoint=checkpoint("causal"),
        system="causal",
    message:
        "Tokens of {wildcards.experiment}: moved by attention, or vectors of the user"
    script:
        "../workflow/scripts/simulate.py"
