"""Tokens on the sphere under causal attention: trajectory, groups, and what predicts them."""


include: "causal_analysis.smk"
include: "causal_figures.smk"


rule causal:
    input:
        summaries=targets("causal", "summary.json")
        + sweeps("causal", "analysis/sweep.summary.json"),
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
    benchmark:
        "logs/causal/{experiment}/simulate.benchmark.tsv"
    retries: 2
    conda:
        "../envs/torch.yaml"
    threads: 1
    resources:
        mem_mb=needed("causal", "mem_mb"),
        runtime=needed("causal", "runtime"),
        gpu=needed("causal", "gpus"),
    params:
        parameters=simulation("causal"),
        checkpoint=checkpoint("causal"),
        code=code("causal_simulate"),
    message:
        "Tokens of {wildcards.experiment} move under attention"
    script:
        "../workflow/scripts/causal_simulate.py"


rule causal_summary:
    input:
        leaders="results/causal/{experiment}/analysis/leaders.summary.json",
        centres="results/causal/{experiment}/analysis/centres.summary.json",
        thresholds="results/causal/{experiment}/analysis/thresholds.summary.json",
        counts="results/causal/{experiment}/analysis/counts.summary.json",
        capture="results/causal/{experiment}/analysis/capture.summary.json",
        lineage="results/causal/{experiment}/analysis/lineage.summary.json",
        plateaus="results/causal/{experiment}/analysis/plateaus.summary.json",
        order="results/causal/{experiment}/analysis/order.summary.json",
        limits="results/causal/{experiment}/analysis/limits.summary.json",
    output:
        summary="results/causal/{experiment}/summary.json",
    log:
        "logs/causal/{experiment}/summary.log",
    benchmark:
        "logs/causal/{experiment}/summary.benchmark.tsv"
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=10,
    params:
        code=code("causal_summary"),
    message:
        "Headlines of {wildcards.experiment}"
    script:
        "../workflow/scripts/causal_summary.py"
