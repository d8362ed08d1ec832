"""Figures of the causal experiments."""


rule causal_figures_motion:
    input:
        trajectory="results/causal/{experiment}/trajectory.zarr",
        groups="results/causal/{experiment}/analysis/groups.zarr",
    output:
        film="results/causal/{experiment}/figures/film.mp4",
        film_page=figure("results/causal/{experiment}/figures/film.html", "film"),
        viewer=figure(
            "results/causal/{experiment}/figures/viewer.html",
            "viewer with a time slider",
        ),
        spacetime=figure(
            "results/causal/{experiment}/figures/spacetime.png",
            "space and time",
        ),
    log:
        "logs/causal/{experiment}/figures_motion.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("causal", "mem_mb", ENCODER_MB),
    message:
        "Film, viewer and space-time diagram of {wildcards.experiment}"
    script:
        "../workflow/scripts/causal_figures_motion.py"


rule causal_figures_time:
    input:
        groups="results/causal/{experiment}/analysis/groups.zarr",
        counts="results/causal/{experiment}/analysis/counts.csv",
        order="results/causal/{experiment}/analysis/order.csv",
        capture="results/causal/{experiment}/analysis/capture.csv",
        survival="results/causal/{experiment}/analysis/survival.csv",
    output:
        counts=figure(
            "results/causal/{experiment}/figures/counts.svg",
            "number of groups",
        ),
        order=figure(
            "results/causal/{experiment}/figures/order.svg",
            "order parameters",
        ),
        capture=figure(
            "results/causal/{experiment}/figures/capture.svg",
            "capture by centres",
        ),
        survival=figure(
            "results/causal/{experiment}/figures/survival.svg",
            "survival of groups",
        ),
    log:
        "logs/causal/{experiment}/figures_time.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("causal", "mem_mb"),
    params:
        analysis=analysis("causal", "capture"),
    message:
        "Groups, order, capture and survival of {wildcards.experiment} over time"
    script:
        "../workflow/scripts/causal_figures_time.py"


rule causal_figures_prediction:
    input:
        groups="results/causal/{experiment}/analysis/groups.zarr",
        thresholds="results/causal/{experiment}/analysis/thresholds.csv",
        centres="results/causal/{experiment}/analysis/centres_mean.csv",
    output:
        thresholds=figure(
            "results/causal/{experiment}/figures/thresholds.svg",
            "thresholds of separation",
        ),
        centres=figure(
            "results/causal/{experiment}/figures/centres.svg",
            "centres against leaders",
        ),
    log:
        "logs/causal/{experiment}/figures_prediction.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("causal", "mem_mb"),
    message:
        "Thresholds and centres of {wildcards.experiment} against its leaders"
    script:
        "../workflow/scripts/causal_figures_prediction.py"


rule causal_figures_heads:
    input:
        heads="results/causal/{experiment}/analysis/heads.csv",
    output:
        heads=figure("results/causal/{experiment}/figures/heads.svg", "heads"),
    log:
        "logs/causal/{experiment}/figures_heads.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("causal", "mem_mb"),
    message:
        "Heads of {wildcards.experiment} over time"
    script:
        "../workflow/scripts/causal_figures_heads.py"


rule causal_sweep:
    input:
        groups=lambda wildcards: swept("causal", wildcards.experiment, "analysis/groups.zarr"),
        survival=lambda wildcards: swept("causal", wildcards.experiment, "analysis/survival.csv"),
    output:
        sweep="results/causal/{experiment}/analysis/sweep.csv",
        exponents="results/causal/{experiment}/analysis/exponents.csv",
        survival_sweep="results/causal/{experiment}/analysis/survival_sweep.csv",
        summary="results/causal/{experiment}/analysis/sweep.summary.json",
        over_beta=figure(
            "results/causal/{experiment}/figures/over_beta.svg",
            "groups against beta",
        ),
        phase=figure("results/causal/{experiment}/figures/phase.svg", "phase diagram"),
        survival=figure(
            "results/causal/{experiment}/figures/survival_sweep.svg",
            "survival of groups, each member",
        ),
    log:
        "logs/causal/{experiment}/sweep.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("causal", "mem_mb"),
    message:
        "Members of the sweep {wildcards.experiment} side by side"
    script:
        "../workflow/scripts/causal_sweep.py"


rule causal_mask:
    input:
        lambda wildcards: swept("causal", wildcards.experiment, "analysis/groups.zarr"),
    output:
        mask="results/causal/{experiment}/analysis/mask.csv",
        summary="results/causal/{experiment}/analysis/mask.summary.json",
        figure=figure(
            "results/causal/{experiment}/figures/mask.svg",
            "with and without the mask",
        ),
    log:
        "logs/causal/{experiment}/mask.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("causal", "mem_mb"),
    message:
        "Attention with and without the mask in {wildcards.experiment}, from the same tokens"
    script:
        "../workflow/scripts/causal_mask.py"
