"""Figures of the reasoning experiments and the viewer that links the scatter to the cells."""


rule reasoning_figures:
    input:
        diagnostics="results/reasoning/{experiment}/analysis/diagnostics.zarr",
        cells="results/reasoning/{experiment}/analysis/cells.csv",
        areas="results/reasoning/{experiment}/analysis/areas.csv",
        scalars="results/reasoning/{experiment}/analysis/scalars.csv",
        thresholds="results/reasoning/{experiment}/analysis/thresholds.csv",
        examples="results/reasoning/{experiment}/analysis/examples.csv",
        matched="results/reasoning/{experiment}/analysis/matched.csv",
        windows="results/reasoning/{experiment}/analysis/windows.csv",
    output:
        drift=figure(
            "results/reasoning/{experiment}/figures/drift.svg",
            "Late drift and its threshold",
        ),
        cells=figure(
            "results/reasoning/{experiment}/figures/cells.svg",
            "Exponents of the four cells",
        ),
        areas=figure(
            "results/reasoning/{experiment}/figures/areas.svg",
            "Exponent against drift alone",
        ),
        scatter=figure(
            "results/reasoning/{experiment}/figures/scatter.html",
            "Drag the threshold",
        ),
    log:
        "logs/reasoning/{experiment}/figures.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("reasoning", "mem_mb"),
    message:
        "Figures of {wildcards.experiment}"
    script:
        "../workflow/scripts/reasoning_figures.py"


rule reasoning_seeds:
    input:
        lambda w: swept("reasoning", w.experiment, "analysis/scalars.csv"),
    output:
        seeds="results/reasoning/{experiment}/analysis/seeds.csv",
        summary="results/reasoning/{experiment}/analysis/seeds.summary.json",
        figure=figure("results/reasoning/{experiment}/figures/seeds.svg", "Seeds side by side"),
    log:
        "logs/reasoning/{experiment}/seeds.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=1000,
    params:
        members=lambda w: EXPERIMENTS.members("reasoning", w.experiment),
        unit=lambda w: plan.unit(REASONING[EXPERIMENTS.members("reasoning", w.experiment)[0]]),
    message:
        "Members of the sweep {wildcards.experiment}: intervals over seeds"
    script:
        "../workflow/scripts/reasoning_seeds.py"
