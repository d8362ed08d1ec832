"""Figures of the causal experiments."""


rule causal_figures_motion:
    input:
        trajectory="results/causal/{experiment}/trajectory.zarr",
        groups="results/causal/{experiment}/analysis/groups.zarr",
    output:
        film="results/causal/{experiment}/figures/film.mp4",
        film_page=report(
            "results/causal/{experiment}/figures/film.html",
            caption="../workflow/report/causal_film.rst",
            category="Causal attention",
            subcategory="{experiment}",
            labels={"figure": "film"},
        ),
        viewer=report(
            "results/causal/{experiment}/figures/viewer.html",
            caption="../workflow/report/causal_viewer.rst",
            category="Causal attention",
            subcategory="{experiment}",
            labels={"figure": "viewer with a time slider"},
        ),
        spacetime=report(
            "results/causal/{experiment}/figures/spacetime.png",
            caption="../workflow/report/causal_spacetime.rst",
            category="Causal attention",
            subcategory="{experiment}",
            labels={"figure": "space and time"},
        ),
    log:
        "logs/causal/{experiment}/figures_motion.log",
    benchmark:
        "logs/causal/{experiment}/figures_motion.benchmark.tsv"
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=needed("causal", "mem_mb", ENCODER_MB),
        runtime=20,
    params:
        code=code("causal_figures_motion"),
    message:
        "Film, viewer and space-time diagram of {wildcards.experiment}"
    script:
        "../workflow/scripts/causal_figures_motion.py"


rule causal_figures_time:
    input:
        groups="results/causal/{experiment}/analysis/groups.zarr",
        counts="results/causal/{experiment}/analysis/counts.csv",
        plateaus="results/causal/{experiment}/analysis/plateaus.csv",
        order="results/causal/{experiment}/analysis/order.csv",
        capture="results/causal/{experiment}/analysis/capture.csv",
    output:
        counts=report(
            "results/causal/{experiment}/figures/counts.svg",
            caption="../workflow/report/causal_counts.rst",
            category="Causal attention",
            subcategory="{experiment}",
            labels={"figure": "number of groups"},
        ),
        order=report(
            "results/causal/{experiment}/figures/order.svg",
            caption="../workflow/report/causal_order.rst",
            category="Causal attention",
            subcategory="{experiment}",
            labels={"figure": "order parameters"},
        ),
        capture=report(
            "results/causal/{experiment}/figures/capture.svg",
            caption="../workflow/report/causal_capture.rst",
            category="Causal attention",
            subcategory="{experiment}",
            labels={"figure": "capture by centres"},
        ),
    log:
        "logs/causal/{experiment}/figures_time.log",
    benchmark:
        "logs/causal/{experiment}/figures_time.benchmark.tsv"
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=needed("causal", "mem_mb"),
        runtime=20,
    params:
        analysis=analysis("causal", "capture"),
        code=code("causal_figures_time"),
    message:
        "Groups, order and capture of {wildcards.experiment} over time"
    script:
        "../workflow/scripts/causal_figures_time.py"


rule causal_figures_prediction:
    input:
        groups="results/causal/{experiment}/analysis/groups.zarr",
        thresholds="results/causal/{experiment}/analysis/thresholds.csv",
        centres="results/causal/{experiment}/analysis/centres_mean.csv",
    output:
        thresholds=report(
            "results/causal/{experiment}/figures/thresholds.svg",
            caption="../workflow/report/causal_thresholds.rst",
            category="Causal attention",
            subcategory="{experiment}",
            labels={"figure": "thresholds of separation"},
        ),
        centres=report(
            "results/causal/{experiment}/figures/centres.svg",
            caption="../workflow/report/causal_centres.rst",
            category="Causal attention",
            subcategory="{experiment}",
            labels={"figure": "centres against leaders"},
        ),
    log:
        "logs/causal/{experiment}/figures_prediction.log",
    benchmark:
        "logs/causal/{experiment}/figures_prediction.benchmark.tsv"
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=needed("causal", "mem_mb"),
        runtime=20,
    params:
        code=code("causal_figures_prediction"),
    message:
        "Thresholds and centres of {wildcards.experiment} against its leaders"
    script:
        "../workflow/scripts/causal_figures_prediction.py"


rule causal_sweep:
    input:
        lambda wildcards: swept("causal", wildcards.experiment, "analysis/groups.zarr"),
    output:
        sweep="results/causal/{experiment}/analysis/sweep.csv",
        exponents="results/causal/{experiment}/analysis/exponents.csv",
        mask="results/causal/{experiment}/analysis/mask.csv",
        summary="results/causal/{experiment}/analysis/sweep.summary.json",
        over_beta=report(
            "results/causal/{experiment}/figures/over_beta.svg",
            caption="../workflow/report/causal_over_beta.rst",
            category="Causal attention",
            subcategory="{experiment}",
            labels={"figure": "groups against beta"},
        ),
        phase=report(
            "results/causal/{experiment}/figures/phase.svg",
            caption="../workflow/report/causal_phase.rst",
            category="Causal attention",
            subcategory="{experiment}",
            labels={"figure": "phase diagram"},
        ),
        mask_figure=report(
            "results/causal/{experiment}/figures/mask.svg",
            caption="../workflow/report/causal_mask.rst",
            category="Causal attention",
            subcategory="{experiment}",
            labels={"figure": "with and without the mask"},
        ),
    log:
        "logs/causal/{experiment}/sweep.log",
    benchmark:
        "logs/causal/{experiment}/sweep.benchmark.tsv"
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=needed("causal", "mem_mb"),
        runtime=20,
    params:
        code=code("causal_sweep"),
    message:
        "Members of the sweep {wildcards.experiment} side by side"
    script:
        "../workflow/scripts/causal_sweep.py"
