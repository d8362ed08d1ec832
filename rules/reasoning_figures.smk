"""Figures of the reasoning experiments and the viewer that links the scatter to the cells."""


rule reasoning_figures:
    input:
        diagnostics="results/reasoning/{experiment}/analysis/diagnostics.zarr",
        cells="results/reasoning/{experiment}/analysis/cells.csv",
        areas="results/reasoning/{experiment}/analysis/areas.csv",
        scalars="results/reasoning/{experiment}/analysis/scalars.csv",
        sweep="results/reasoning/{experiment}/analysis/sweep.csv",
        examples="results/reasoning/{experiment}/analysis/examples.csv",
        matched="results/reasoning/{experiment}/analysis/matched.csv",
        windows="results/reasoning/{experiment}/analysis/windows.csv",
    output:
        drift=report(
            "results/reasoning/{experiment}/figures/drift.svg",
            caption="../workflow/report/reasoning_drift.rst",
            category="Recursive reasoning",
            subcategory="{experiment}",
            labels={"figure": "Late drift and its threshold"},
        ),
        cells=report(
            "results/reasoning/{experiment}/figures/cells.svg",
            caption="../workflow/report/reasoning_cells.rst",
            category="Recursive reasoning",
            subcategory="{experiment}",
            labels={"figure": "Exponents of the four cells"},
        ),
        areas=report(
            "results/reasoning/{experiment}/figures/areas.svg",
            caption="../workflow/report/reasoning_areas.rst",
            category="Recursive reasoning",
            subcategory="{experiment}",
            labels={"figure": "Exponent against drift alone"},
        ),
        viewer=report(
            "results/reasoning/{experiment}/figures/scatter.html",
            caption="../workflow/report/reasoning_scatter.rst",
            category="Recursive reasoning",
            subcategory="{experiment}",
            labels={"figure": "Drag the threshold"},
        ),
    log:
        "logs/reasoning/{experiment}/figures.log",
    benchmark:
        "logs/reasoning/{experiment}/figures.benchmark.tsv"
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=needed("reasoning", "mem_mb"),
        runtime=20,
    params:
        code=code("reasoning_figures"),
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
        figure=report(
            "results/reasoning/{experiment}/figures/seeds.svg",
            caption="../workflow/report/reasoning_seeds.rst",
            category="Recursive reasoning",
            subcategory="{experiment}",
            labels={"figure": "Seeds side by side"},
        ),
    log:
        "logs/reasoning/{experiment}/seeds.log",
    benchmark:
        "logs/reasoning/{experiment}/seeds.benchmark.tsv"
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=20,
    params:
        members=lambda w: EXPERIMENTS.members("reasoning", w.experiment),
        unit=lambda w: plan.unit(
            REASONING[EXPERIMENTS.members("reasoning", w.experiment)[0]]
        ),
        code=code("reasoning_seeds"),
    message:
        "Members of the sweep {wildcards.experiment}: intervals over seeds"
    script:
        "../workflow/scripts/reasoning_seeds.py"
