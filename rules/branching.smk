"""The layered branching network: trajectory, avalanches, information, branching ratios, response, films."""

FINDINGS["branching"] = lambda parameters: (
    [
        "avalanches",
        "raster",
        "mean_field",
        "information",
        "guessing",
        "ratio",
        "ratio_process",
        "response",
        "graph",
        "graph_avalanches",
        *(["scaling"] if parameters["scaling"]["nodes"] else []),
    ]
    if modelled(parameters)
    else [
        "recorded_avalanches",
        "recorded_ratio",
        *(["surrogates"] if parameters["source"] != "sizes" else []),
        *(["renormalisation"] if parameters["source"] in ("raster", "spikes") else []),
        *(["recorded_information"] if parameters["recording"]["stimuli"] else []),
    ]
)


include: "branching_figures.smk"
include: "branching_manim.smk"


rule branching:
    input:
        summaries=targets("branching", "summary.json"),
        figures=targets("branching", *drawn(rules.branching_figures, rules.branching_films), where=modelled)
        + targets("branching", *drawn(rules.branching_figures_recording), where=brought)
        + targets("branching", *drawn(rules.branching_scaling), where=finds("branching", "scaling"))
        + targets(
            "branching",
            *drawn(rules.branching_renormalisation),
            where=finds("branching", "renormalisation"),
        )
        + targets(
            "branching",
            *drawn(rules.branching_recorded_information),
            where=finds("branching", "recorded_information"),
        )
        + targets(
            "branching",
            *drawn(rules.branching_figures_decay),
            where=lambda parameters: brought(parameters) and parameters["source"] != "sizes",
        ),


rule branching_simulate:
    output:
        trajectory=directory("results/branching/{experiment}/trajectory.zarr"),
    log:
        "logs/branching/{experiment}/simulate.log",
    retries: 2
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("branching", "mem_mb"),
        runtime=needed("branching", "runtime"),
    params:
        parameters=simulation("branching"),
        checkpoint=checkpoint("branching"),
        system="branching",
    message:
        "Branching network {wildcards.experiment}: simulation, or a recording of the user"
    script:
        "../workflow/scripts/simulate.py"


rule branching_avalanches:
    input:
        trajectory="results/branching/{experiment}/trajectory.zarr",
    output:
        avalanches="results/branching/{experiment}/analysis/avalanches.csv",
        raster="results/branching/{experiment}/analysis/raster.csv",
        mean_field="results/branching/{experiment}/analysis/mean_field.csv",
        summary="results/branching/{experiment}/analysis/avalanches.summary.json",
        raster_summary="results/branching/{experiment}/analysis/raster.summary.json",
        mean_field_summary="results/branching/{experiment}/analysis/mean_field.summary.json",
    log:
        "logs/branching/{experiment}/avalanches.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("branching", "mem_mb"),
    params:
        analysis=analysis("branching", "raster", "windows"),
    message:
        "Avalanches of {wildcards.experiment}: sizes, durations, exponents against the exact law"
    script:
        "../workflow/scripts/branching_avalanches.py"


rule branching_information:
    input:
        trajectory="results/branching/{experiment}/trajectory.zarr",
    output:
        information="results/branching/{experiment}/analysis/information.csv",
        information_curve="results/branching/{experiment}/analysis/information_curve.csv",
        guessing="results/branching/{experiment}/analysis/guessing.csv",
        summary="results/branching/{experiment}/analysis/information.summary.json",
        guessing_summary="results/branching/{experiment}/analysis/guessing.summary.json",
    log:
        "logs/branching/{experiment}/information.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("branching", "mem_mb"),
    message:
        "Guessing game of {wildcards.experiment}: information, capacity, accuracy, selection"
    script:
        "../workflow/scripts/branching_information.py"


rule branching_ratio:
    input:
        trajectory="results/branching/{experiment}/trajectory.zarr",
    output:
        ratio="results/branching/{experiment}/analysis/ratio.csv",
        ratio_process="results/branching/{experiment}/analysis/ratio_process.csv",
        summary="results/branching/{experiment}/analysis/ratio.summary.json",
        ratio_process_summary="results/branching/{experiment}/analysis/ratio_process.summary.json",
    log:
        "logs/branching/{experiment}/ratio.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("branching", "mem_mb"),
    params:
        analysis=analysis("branching", "seen"),
    message:
        "Branching ratio of {wildcards.experiment} by four estimators, from all neurons and from a part"
    script:
        "../workflow/scripts/branching_ratio.py"


rule branching_response:
    input:
        trajectory="results/branching/{experiment}/trajectory.zarr",
    output:
        response="results/branching/{experiment}/analysis/response.csv",
        response_curves="results/branching/{experiment}/analysis/response_curves.csv",
        summary="results/branching/{experiment}/analysis/response.summary.json",
    log:
        "logs/branching/{experiment}/response.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("branching", "mem_mb"),
    message:
        "Response of {wildcards.experiment}: dynamic range and susceptibility"
    script:
        "../workflow/scripts/branching_response.py"


rule branching_graph:
    input:
        trajectory="results/branching/{experiment}/trajectory.zarr",
    output:
        graph="results/branching/{experiment}/analysis/graph.csv",
        graph_curves="results/branching/{experiment}/analysis/graph_curves.csv",
        graph_avalanches="results/branching/{experiment}/analysis/graph_avalanches.csv",
        summary="results/branching/{experiment}/analysis/graph.summary.json",
        graph_avalanches_summary="results/branching/{experiment}/analysis/graph_avalanches.summary.json",
    log:
        "logs/branching/{experiment}/graph.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("branching", "mem_mb"),
    message:
        "Recurrent graph of {wildcards.experiment}: dynamic range, branching ratio, avalanches"
    script:
        "../workflow/scripts/branching_graph.py"


rule branching_recording:
    input:
        trajectory="results/branching/{experiment}/trajectory.zarr",
    output:
        recorded_avalanches="results/branching/{experiment}/analysis/recorded_avalanches.csv",
        recorded_ratio="results/branching/{experiment}/analysis/recorded_ratio.csv",
        summary="results/branching/{experiment}/analysis/recorded_avalanches.summary.json",
        ratio_summary="results/branching/{experiment}/analysis/recorded_ratio.summary.json",
    log:
        "logs/branching/{experiment}/recording.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("branching", "mem_mb"),
    params:
        analysis=analysis("branching", "criticality", "seen", "seed"),
    message:
        "Recording {wildcards.experiment}: avalanches, exponents, branching ratio"
    script:
        "../workflow/scripts/branching_recording.py"


rule branching_surrogates:
    input:
        trajectory="results/branching/{experiment}/trajectory.zarr",
    output:
        surrogates="results/branching/{experiment}/analysis/surrogates.csv",
        summary="results/branching/{experiment}/analysis/surrogates.summary.json",
    log:
        "logs/branching/{experiment}/surrogates.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("branching", "surrogates_mb"),
    params:
        analysis=analysis("branching", "criticality", "seen", "seed"),
    message:
        "Comparing the recording {wildcards.experiment} with surrogates that lack some of its structure"
    script:
        "../workflow/scripts/branching_surrogates.py"


rule branching_film:
    input:
        trajectory="results/branching/{experiment}/trajectory.zarr",
    output:
        film=directory("results/branching/{experiment}/analysis/film.zarr"),
    log:
        "logs/branching/{experiment}/film.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("branching", "film_mb"),
    params:
        analysis=analysis("branching", "film"),
    message:
        "Neurons that the films of {wildcards.experiment} show"
    script:
        "../workflow/scripts/branching_film.py"
