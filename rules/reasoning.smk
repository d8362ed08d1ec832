"""Recursive reasoning models: exponents of every example against convergence and correctness."""

from emergent_dynamics.reasoning import plan

REASONING = {
    name: EXPERIMENTS.parameters("reasoning", name)
    for name in EXPERIMENTS.names("reasoning")
}
REASONING_SETTINGS = ["late_steps", "threshold", "leading", "resamples", "seed"]


wildcard_constraints:
    shard=r"\d+-\d+",


rule reasoning:
    input:
        summaries=targets("reasoning", "summary.json")
        + sweeps("reasoning", "analysis/seeds.summary.json"),
        figures=targets(
            "reasoning",
            "figures/drift.svg",
            "figures/cells.svg",
            "figures/areas.svg",
            "figures/scatter.html",
        ),
        evolution=plan.evolution_figures(REASONING),
        original=plan.seed_files(REASONING),


rule reasoning_simulate:
    output:
        trajectory=directory("results/reasoning/{experiment}/trajectory.zarr"),
    log:
        "logs/reasoning/{experiment}/simulate.log",
    benchmark:
        "logs/reasoning/{experiment}/simulate.benchmark.tsv"
    retries: 2
    conda:
        "../envs/torch.yaml"
    threads: 1
    resources:
        mem_mb=needed("reasoning", "simulate_mb"),
        runtime=needed("reasoning", "simulate_minutes"),
    params:
        parameters=simulation("reasoning"),
        checkpoint=checkpoint("reasoning"),
        code=code("reasoning_simulate"),
    message:
        "Trajectory of {wildcards.experiment}: the capture map, a training's weights, or deposited arrays"
    script:
        "../workflow/scripts/reasoning_simulate.py"


rule reasoning_validate:
    output:
        table="results/reasoning/validation.csv",
        summary="results/reasoning/validation.summary.json",
    log:
        "logs/reasoning/validate.log",
    benchmark:
        "logs/reasoning/validate.benchmark.tsv"
    conda:
        "../envs/torch.yaml"
    threads: 1
    resources:
        mem_mb=1200,
        runtime=10,
    params:
        seed=1,
        code=code("reasoning_validate"),
    message:
        "The estimator on Hénon, logistic, Lorenz, linear and random maps: known exponents or no diagnosis"
    script:
        "../workflow/scripts/reasoning_validate.py"


rule reasoning_diagnose:
    input:
        trajectory="results/reasoning/{experiment}/trajectory.zarr",
        validation="results/reasoning/validation.csv",
    output:
        shard=directory("results/reasoning/{experiment}/analysis/shards/{shard}.zarr"),
    log:
        "logs/reasoning/{experiment}/diagnose-{shard}.log",
    benchmark:
        "logs/reasoning/{experiment}/diagnose-{shard}.benchmark.tsv"
    conda:
        "../envs/torch.yaml"
    threads: 1
    resources:
        mem_mb=needed("reasoning", "diagnose_mb"),
        runtime=needed("reasoning", "diagnose_minutes"),
        gpu=needed("reasoning", "gpus"),
    params:
        analysis=analysis("reasoning", "exponents", "estimator", "roll_out"),
        code=code("reasoning_diagnose"),
    message:
        "Diagnosis of {wildcards.experiment}, checkpoint and shard {wildcards.shard}"
    script:
        "../workflow/scripts/reasoning_diagnose.py"


rule reasoning_diagnostics:
    input:
        trajectory="results/reasoning/{experiment}/trajectory.zarr",
        shards=lambda w: plan.shard_paths(REASONING[w.experiment], w.experiment),
    output:
        diagnostics=directory(
            "results/reasoning/{experiment}/analysis/diagnostics.zarr"
        ),
    log:
        "logs/reasoning/{experiment}/diagnostics.log",
    benchmark:
        "logs/reasoning/{experiment}/diagnostics.benchmark.tsv"
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=needed("reasoning", "mem_mb"),
        runtime=20,
    params:
        analysis=analysis("reasoning", "exponent_unit", "halted_zero"),
        code=code("reasoning_diagnostics"),
    message:
        "Diagnostics of {wildcards.experiment}: every example of every checkpoint, file or run"
    script:
        "../workflow/scripts/reasoning_diagnostics.py"


rule reasoning_cells:
    input:
        diagnostics="results/reasoning/{experiment}/analysis/diagnostics.zarr",
    output:
        cells="results/reasoning/{experiment}/analysis/cells.csv",
        contrasts="results/reasoning/{experiment}/analysis/contrasts.csv",
        areas="results/reasoning/{experiment}/analysis/areas.csv",
        scalars="results/reasoning/{experiment}/analysis/scalars.csv",
        sweep="results/reasoning/{experiment}/analysis/sweep.csv",
        examples="results/reasoning/{experiment}/analysis/examples.csv",
        summary="results/reasoning/{experiment}/analysis/cells.summary.json",
    log:
        "logs/reasoning/{experiment}/cells.log",
    benchmark:
        "logs/reasoning/{experiment}/cells.benchmark.tsv"
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=needed("reasoning", "mem_mb"),
        runtime=30,
    params:
        analysis=analysis("reasoning", *REASONING_SETTINGS),
        code=code("reasoning_cells"),
    message:
        "Cells of {wildcards.experiment}: settled or not, right or wrong, and the exponents of each"
    script:
        "../workflow/scripts/reasoning_cells.py"


rule reasoning_controls:
    input:
        diagnostics="results/reasoning/{experiment}/analysis/diagnostics.zarr",
    output:
        matched="results/reasoning/{experiment}/analysis/matched.csv",
        increments="results/reasoning/{experiment}/analysis/increments.csv",
        windows="results/reasoning/{experiment}/analysis/windows.csv",
        summary="results/reasoning/{experiment}/analysis/controls.summary.json",
    log:
        "logs/reasoning/{experiment}/controls.log",
    benchmark:
        "logs/reasoning/{experiment}/controls.benchmark.tsv"
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=needed("reasoning", "mem_mb"),
        runtime=30,
    params:
        analysis=analysis("reasoning", *REASONING_SETTINGS),
        code=code("reasoning_controls"),
    message:
        "Controls of {wildcards.experiment}: does the exponent say more than drift?"
    script:
        "../workflow/scripts/reasoning_controls.py"


rule reasoning_evolution:
    input:
        diagnostics="results/reasoning/{experiment}/analysis/diagnostics.zarr",
    output:
        evolution="results/reasoning/{experiment}/analysis/evolution.csv",
        transitions="results/reasoning/{experiment}/analysis/transitions.csv",
        persistence="results/reasoning/{experiment}/analysis/persistence.csv",
        summary="results/reasoning/{experiment}/analysis/evolution.summary.json",
        figure=report(
            "results/reasoning/{experiment}/figures/evolution.svg",
            caption="../workflow/report/reasoning_evolution.rst",
            category="Recursive reasoning",
            subcategory="{experiment}",
            labels={"figure": "Cells over training"},
        ),
    log:
        "logs/reasoning/{experiment}/evolution.log",
    benchmark:
        "logs/reasoning/{experiment}/evolution.benchmark.tsv"
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=needed("reasoning", "mem_mb"),
        runtime=30,
    params:
        analysis=analysis("reasoning", *REASONING_SETTINGS),
        code=code("reasoning_evolution"),
    message:
        "Evolution of {wildcards.experiment}: the cells over training, examples followed"
    script:
        "../workflow/scripts/reasoning_evolution.py"


rule reasoning_compatibility:
    input:
        trajectory="results/reasoning/{experiment}/trajectory.zarr",
    output:
        folder=directory("results/reasoning/{experiment}/analysis/compatibility"),
    log:
        "logs/reasoning/{experiment}/compatibility.log",
    benchmark:
        "logs/reasoning/{experiment}/compatibility.benchmark.tsv"
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=needed("reasoning", "mem_mb"),
        runtime=20,
    params:
        code=code("reasoning_compatibility"),
    message:
        "The original study's files of {wildcards.experiment}, by its definitions"
    script:
        "../workflow/scripts/reasoning_compatibility.py"


rule reasoning_summary:
    input:
        lambda w: plan.summaries(REASONING[w.experiment], w.experiment),
    output:
        summary="results/reasoning/{experiment}/summary.json",
    log:
        "logs/reasoning/{experiment}/summary.log",
    localrule: True
    conda:
        "../envs/cpu.yaml"
    threads: 1
    params:
        code=code("reasoning_summary"),
    message:
        "Headlines of {wildcards.experiment}"
    script:
        "../workflow/scripts/reasoning_summary.py"


include: "reasoning_figures.smk"
