"""The layered branching network: trajectory, avalanches, information, branching ratios, response, films."""


rule branching:
    input:
        summaries=targets("branching", "summary.json"),
        figures=targets(
            "branching",
            "figures/distributions.svg",
            "figures/collapse.svg",
            "figures/information.svg",
            "figures/guessing.svg",
            "figures/ratio.svg",
            "figures/response.svg",
            "figures/graph.svg",
            "figures/activity.html",
            "figures/guessing_game.html",
            "figures/rearrangement.html",
        ),


rule branching_simulate:
    output:
        trajectory=directory("results/branching/{experiment}/trajectory.zarr"),
    log:
        "logs/branching/{experiment}/simulate.log",
    benchmark:
        "logs/branching/{experiment}/simulate.benchmark.tsv"
    retries: 2
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=needed("branching", "mem_mb"),
        runtime=needed("branching", "runtime"),
    params:
        parameters=simulation("branching"),
        checkpoint=checkpoint("branching"),
        code=code("branching_simulate"),
    message:
        "Branching network {wildcards.experiment}: driven, in avalanches, guessing, and on a graph"
    script:
        "../workflow/scripts/branching_simulate.py"


rule branching_avalanches:
    input:
        trajectory="results/branching/{experiment}/trajectory.zarr",
    output:
        avalanches="results/branching/{experiment}/analysis/avalanches.csv",
        raster="results/branching/{experiment}/analysis/raster.csv",
        mean_field="results/branching/{experiment}/analysis/mean_field.csv",
        summary="results/branching/{experiment}/analysis/avalanches.summary.json",
    log:
        "logs/branching/{experiment}/avalanches.log",
    benchmark:
        "logs/branching/{experiment}/avalanches.benchmark.tsv"
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=needed("branching", "mem_mb"),
        runtime=20,
    params:
        code=code("branching_avalanches"),
    message:
        "Avalanches of {wildcards.experiment}: sizes, durations, exponents against the exact law"
    script:
        "../workflow/scripts/branching_avalanches.py"


rule branching_information:
    input:
        trajectory="results/branching/{experiment}/trajectory.zarr",
    output:
        information="results/branching/{experiment}/analysis/information.csv",
        curve="results/branching/{experiment}/analysis/information_curve.csv",
        guessing="results/branching/{experiment}/analysis/guessing.csv",
        summary="results/branching/{experiment}/analysis/information.summary.json",
    log:
        "logs/branching/{experiment}/information.log",
    benchmark:
        "logs/branching/{experiment}/information.benchmark.tsv"
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=needed("branching", "mem_mb"),
        runtime=20,
    params:
        code=code("branching_information"),
    message:
        "Guessing game of {wildcards.experiment}: information, capacity, accuracy, selection"
    script:
        "../workflow/scripts/branching_information.py"


rule branching_ratio:
    input:
        trajectory="results/branching/{experiment}/trajectory.zarr",
    output:
        ratio="results/branching/{experiment}/analysis/ratio.csv",
        process="results/branching/{experiment}/analysis/ratio_process.csv",
        summary="results/branching/{experiment}/analysis/ratio.summary.json",
    log:
        "logs/branching/{experiment}/ratio.log",
    benchmark:
        "logs/branching/{experiment}/ratio.benchmark.tsv"
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=needed("branching", "mem_mb"),
        runtime=20,
    params:
        analysis=analysis("branching", "seen"),
        code=code("branching_ratio"),
    message:
        "Branching ratio of {wildcards.experiment} by four estimators, whole and subsampled"
    script:
        "../workflow/scripts/branching_ratio.py"


rule branching_response:
    input:
        trajectory="results/branching/{experiment}/trajectory.zarr",
    output:
        response="results/branching/{experiment}/analysis/response.csv",
        curves="results/branching/{experiment}/analysis/response_curves.csv",
        summary="results/branching/{experiment}/analysis/response.summary.json",
    log:
        "logs/branching/{experiment}/response.log",
    benchmark:
        "logs/branching/{experiment}/response.benchmark.tsv"
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=needed("branching", "mem_mb"),
        runtime=20,
    params:
        code=code("branching_response"),
    message:
        "Response of {wildcards.experiment}: dynamic range and susceptibility"
    script:
        "../workflow/scripts/branching_response.py"


rule branching_graph:
    input:
        trajectory="results/branching/{experiment}/trajectory.zarr",
    output:
        graph="results/branching/{experiment}/analysis/graph.csv",
        curves="results/branching/{experiment}/analysis/graph_curves.csv",
        avalanches="results/branching/{experiment}/analysis/graph_avalanches.csv",
        summary="results/branching/{experiment}/analysis/graph.summary.json",
    log:
        "logs/branching/{experiment}/graph.log",
    benchmark:
        "logs/branching/{experiment}/graph.benchmark.tsv"
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=needed("branching", "mem_mb"),
        runtime=20,
    params:
        code=code("branching_graph"),
    message:
        "Recurrent graph of {wildcards.experiment}: dynamic range, branching ratio, avalanches"
    script:
        "../workflow/scripts/branching_graph.py"


rule branching_film:
    input:
        trajectory="results/branching/{experiment}/trajectory.zarr",
    output:
        film=directory("results/branching/{experiment}/analysis/film.zarr"),
    log:
        "logs/branching/{experiment}/film.log",
    benchmark:
        "logs/branching/{experiment}/film.benchmark.tsv"
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=800,
        runtime=20,
    params:
        analysis=analysis("branching", "film"),
        code=code("branching_film"),
    message:
        "Neurons that the films of {wildcards.experiment} show"
    script:
        "../workflow/scripts/branching_film.py"


rule branching_summary:
    input:
        avalanches="results/branching/{experiment}/analysis/avalanches.summary.json",
        information="results/branching/{experiment}/analysis/information.summary.json",
        ratio="results/branching/{experiment}/analysis/ratio.summary.json",
        response="results/branching/{experiment}/analysis/response.summary.json",
        graph="results/branching/{experiment}/analysis/graph.summary.json",
    output:
        summary="results/branching/{experiment}/summary.json",
    log:
        "logs/branching/{experiment}/summary.log",
    benchmark:
        "logs/branching/{experiment}/summary.benchmark.tsv"
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=10,
    params:
        code=code("branching_summary"),
    message:
        "Headlines of {wildcards.experiment}"
    script:
        "../workflow/scripts/branching_summary.py"


include: "branching_figures.smk"
include: "branching_manim.smk"
