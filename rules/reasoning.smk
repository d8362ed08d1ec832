"""Recursive reasoning models: exponents of every example against convergence and correctness."""

from emergent_dynamics.reasoning import plan

REASONING = {name: EXPERIMENTS.parameters("reasoning", name) for name in EXPERIMENTS.names("reasoning")}
REASONING_SETTINGS = ["late_steps", "threshold", "leading", "resamples", "seed"]
REASONING_DIAGNOSIS = ["exponents", "estimator", "roll_out", "dtype", "starts", "disturbance", "positions"]
FINDINGS["reasoning"] = plan.findings


wildcard_constraints:
    shard=r"\d+-\d+",


include: "reasoning_figures.smk"


rule reasoning:
    input:
        summaries=targets("reasoning", "summary.json") + sweeps("reasoning", "analysis/seeds.summary.json"),
        figures=targets("reasoning", *drawn(rules.reasoning_figures)),
        evolution=targets("reasoning", "figures/evolution.svg", where=finds("reasoning", "evolution")),
        attractors=targets("reasoning", "figures/attractors.svg", where=finds("reasoning", "attractors")),
        positions=targets("reasoning", "figures/positions.svg", where=finds("reasoning", "positions")),
        original=targets("reasoning", "analysis/compatibility", where=finds("reasoning", "compatibility")),


rule reasoning_simulate:
    output:
        trajectory=directory("results/reasoning/{experiment}/trajectory.zarr"),
    log:
        "logs/reasoning/{experiment}/simulate.log",
    retries: 2
    conda:
        "../envs/torch.yaml"
    resources:
        mem_mb=needed("reasoning", "simulate_mb"),
        runtime=needed("reasoning", "simulate_minutes"),
    params:
        parameters=simulation("reasoning"),
        checkpoint=checkpoint("reasoning"),
        system="reasoning",
    message:
        "Trajectory of {wildcards.experiment}: the capture map, a training's weights, or deposited arrays"
    script:
        "../workflow/scripts/simulate.py"


rule reasoning_validation:
    output:
        validation="results/reasoning/validation.csv",
        summary="results/reasoning/validation.summary.json",
    log:
        "logs/reasoning/validation.log",
    conda:
        "../envs/torch.yaml"
    resources:
        mem_mb=1200,
    params:
        seed=1,
    message:
        "The estimator on Hénon, logistic, Lorenz, linear and random maps: no diagnosis unless it finds known exponents"
    script:
        "../workflow/scripts/reasoning_validation.py"


rule reasoning_diagnose:
    input:
        trajectory="results/reasoning/{experiment}/trajectory.zarr",
        validation="results/reasoning/validation.csv",
    output:
        shard=directory("results/reasoning/{experiment}/analysis/shards/{shard}.zarr"),
    log:
        "logs/reasoning/{experiment}/diagnose-{shard}.log",
    conda:
        "../envs/torch.yaml"
    resources:
        mem_mb=needed("reasoning", "diagnose_mb"),
        runtime=needed("reasoning", "diagnose_minutes"),
        gpu=needed("reasoning", "gpus"),
    params:
        analysis=analysis("reasoning", *REASONING_DIAGNOSIS),
    message:
        "Diagnosis of {wildcards.experiment}, checkpoint and shard {wildcards.shard}"
    script:
        "../workflow/scripts/reasoning_diagnose.py"


rule reasoning_diagnostics:
    input:
        trajectory="results/reasoning/{experiment}/trajectory.zarr",
        shards=lambda w: plan.shard_paths(REASONING[w.experiment], w.experiment),
    output:
        diagnostics=directory("results/reasoning/{experiment}/analysis/diagnostics.zarr"),
    log:
        "logs/reasoning/{experiment}/diagnostics.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("reasoning", "mem_mb"),
    params:
        analysis=analysis("reasoning", "exponent_unit", "halted_zero"),
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
        thresholds="results/reasoning/{experiment}/analysis/thresholds.csv",
        examples="results/reasoning/{experiment}/analysis/examples.csv",
        summary="results/reasoning/{experiment}/analysis/cells.summary.json",
    log:
        "logs/reasoning/{experiment}/cells.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("reasoning", "mem_mb"),
    params:
        analysis=analysis("reasoning", *REASONING_SETTINGS),
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
        bias="results/reasoning/{experiment}/analysis/bias.csv",
        summary="results/reasoning/{experiment}/analysis/controls.summary.json",
    log:
        "logs/reasoning/{experiment}/controls.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("reasoning", "mem_mb"),
    params:
        analysis=analysis("reasoning", *REASONING_SETTINGS),
    message:
        "Controls of {wildcards.experiment}: does the exponent tell more than drift?"
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
        figure=figure(
            "results/reasoning/{experiment}/figures/evolution.svg",
            "Cells over training",
        ),
    log:
        "logs/reasoning/{experiment}/evolution.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("reasoning", "mem_mb"),
    params:
        analysis=analysis("reasoning", *REASONING_SETTINGS),
    message:
        "Evolution of {wildcards.experiment}: the cells over training, examples followed"
    script:
        "../workflow/scripts/reasoning_evolution.py"


rule reasoning_precision:
    input:
        diagnostics="results/reasoning/{experiment}/analysis/diagnostics.zarr",
    output:
        precision="results/reasoning/{experiment}/analysis/precision.csv",
        halting="results/reasoning/{experiment}/analysis/halting.csv",
        summary="results/reasoning/{experiment}/analysis/precision.summary.json",
    log:
        "logs/reasoning/{experiment}/precision.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("reasoning", "mem_mb"),
    params:
        analysis=analysis("reasoning", *REASONING_SETTINGS),
    message:
        "Precision of {wildcards.experiment}: float32 and bfloat16 beside float64, the floor of the drift, halting"
    script:
        "../workflow/scripts/reasoning_precision.py"


rule reasoning_attractors:
    input:
        diagnostics="results/reasoning/{experiment}/analysis/diagnostics.zarr",
    output:
        attractors="results/reasoning/{experiment}/analysis/attractors.csv",
        summary="results/reasoning/{experiment}/analysis/attractors.summary.json",
        figure=figure(
            "results/reasoning/{experiment}/figures/attractors.svg",
            "Where other starts end",
        ),
    log:
        "logs/reasoning/{experiment}/attractors.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("reasoning", "mem_mb"),
    params:
        analysis=analysis("reasoning", *REASONING_SETTINGS),
    message:
        "Attractors of {wildcards.experiment}: where other starts end, and whether disturbances return"
    script:
        "../workflow/scripts/reasoning_attractors.py"


rule reasoning_positions:
    input:
        diagnostics="results/reasoning/{experiment}/analysis/diagnostics.zarr",
    output:
        positions="results/reasoning/{experiment}/analysis/positions.csv",
        within="results/reasoning/{experiment}/analysis/within.csv",
        summary="results/reasoning/{experiment}/analysis/positions.summary.json",
        figure=figure(
            "results/reasoning/{experiment}/figures/positions.svg",
            "Drift and growth by cell of the puzzle",
        ),
    log:
        "logs/reasoning/{experiment}/positions.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("reasoning", "mem_mb"),
    params:
        analysis=analysis("reasoning", *REASONING_SETTINGS),
    message:
        "Positions of {wildcards.experiment}: drift and growth of every cell, right and wrong"
    script:
        "../workflow/scripts/reasoning_positions.py"


rule reasoning_compatibility:
    input:
        trajectory="results/reasoning/{experiment}/trajectory.zarr",
    output:
        folder=directory("results/reasoning/{experiment}/analysis/compatibility"),
        original="results/reasoning/{experiment}/analysis/original.csv",
        summary="results/reasoning/{experiment}/analysis/compatibility.summary.json",
    log:
        "logs/reasoning/{experiment}/compatibility.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("reasoning", "mem_mb"),
    message:
        "The original study's files of {wildcards.experiment}, by its definitions"
    script:
        "../workflow/scripts/reasoning_compatibility.py"
