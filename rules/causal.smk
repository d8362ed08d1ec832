"""Tokens on the sphere under causal attention: trajectory, groups, and what predicts them."""

FINDINGS["causal"] = lambda parameters: [
    "leaders",
    "centres",
    "thresholds",
    "counts",
    "capture",
    "lineage",
    "plateaus",
    "order",
    *(["limits"] if modelled(parameters) else []),
]


include: "causal_analysis.smk"
include: "causal_figures.smk"


rule causal:
    input:
        summaries=targets("causal", "summary.json")
        + sweeps("causal", "analysis/sweep.summary.json", "analysis/mask.summary.json"),
        figures=plain(
            "causal",
            "figures/film.html",
            "figures/viewer.html",
            "figures/spacetime.png",
            "figures/counts.svg",
            "figures/order.svg",
            "figures/capture.svg",
            "figures/thresholds.svg",
            "figures/centres.svg",
        ),


rule causal_simulate:
    output:
        trajectory=directory("results/causal/{experiment}/trajectory.zarr"),
    log:
        "logs/causal/{experiment}/simulate.log",
    retries: 2
    conda:
        "../envs/torch.yaml"
    resources:
        mem_mb=needed("causal", "mem_mb"),
        runtime=needed("causal", "runtime"),
        gpu=needed("causal", "gpus"),
    params:
        parameters=simulation("causal"),
        checkpoint=checkpoint("causal"),
        system="causal",
        code=code("emergent_dynamics.causal.simulation"),
    message:
        "Tokens of {wildcards.experiment}: moved by attention, or the vectors that take their place"
    script:
        "../workflow/scripts/simulate.py"
