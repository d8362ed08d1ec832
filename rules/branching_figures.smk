"""Figures and films of the branching network."""


rule branching_figures:
    input:
        trajectory="results/branching/{experiment}/trajectory.zarr",
        avalanches="results/branching/{experiment}/analysis/avalanches.csv",
        information="results/branching/{experiment}/analysis/information.csv",
        information_curve="results/branching/{experiment}/analysis/information_curve.csv",
        ratio="results/branching/{experiment}/analysis/ratio.csv",
        response="results/branching/{experiment}/analysis/response.csv",
        response_curves="results/branching/{experiment}/analysis/response_curves.csv",
        graph="results/branching/{experiment}/analysis/graph.csv",
        graph_curves="results/branching/{experiment}/analysis/graph_curves.csv",
    output:
        distributions=figure(
            "results/branching/{experiment}/figures/distributions.svg",
            "avalanche sizes and durations",
        ),
        collapse=figure("results/branching/{experiment}/figures/collapse.svg", "avalanche shapes"),
        information=figure("results/branching/{experiment}/figures/information.svg", "information"),
        guessing=figure(
            "results/branching/{experiment}/figures/guessing.svg",
            "guessing game, in and out",
        ),
        ratio=figure("results/branching/{experiment}/figures/ratio.svg", "branching ratio"),
        response=figure("results/branching/{experiment}/figures/response.svg", "response"),
        graph=figure("results/branching/{experiment}/figures/graph.svg", "recurrent graph"),
    log:
        "logs/branching/{experiment}/figures.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("branching", "mem_mb"),
    message:
        "Figures of {wildcards.experiment}"
    script:
        "../workflow/scripts/branching_figures.py"


rule branching_films:
    input:
        film="results/branching/{experiment}/analysis/film.zarr",
    output:
        activity="results/branching/{experiment}/figures/activity.mp4",
        guessing_game="results/branching/{experiment}/figures/guessing_game.mp4",
        rearrangement="results/branching/{experiment}/figures/rearrangement.mp4",
        activity_page=figure("results/branching/{experiment}/figures/activity.html", "activity, film"),
        guessing_game_page=figure(
            "results/branching/{experiment}/figures/guessing_game.html",
            "guessing game, film",
        ),
        rearrangement_page=figure(
            "results/branching/{experiment}/figures/rearrangement.html",
            "rearrangement, film",
        ),
    log:
        "logs/branching/{experiment}/films.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("branching", "film_mb", ENCODER_MB),
    params:
        analysis=analysis("branching", "film", "smoothing"),
    message:
        "Films of {wildcards.experiment}: activity, guessing game, rearrangement"
    script:
        "../workflow/scripts/branching_films.py"


rule branching_figures_recording:
    input:
        trajectory="results/branching/{experiment}/trajectory.zarr",
        recorded_avalanches="results/branching/{experiment}/analysis/recorded_avalanches.csv",
    output:
        recorded_avalanches=figure(
            "results/branching/{experiment}/figures/recorded_avalanches.svg",
            "recorded avalanches",
        ),
    log:
        "logs/branching/{experiment}/figures_recording.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("branching", "mem_mb"),
    params:
        analysis=analysis("branching", "criticality", "seen", "seed"),
    message:
        "Avalanches of the recording {wildcards.experiment}"
    script:
        "../workflow/scripts/branching_figures_recording.py"


rule branching_recorded_information:
    input:
        trajectory="results/branching/{experiment}/trajectory.zarr",
    output:
        recorded_information="results/branching/{experiment}/analysis/recorded_information.csv",
        recorded_responses="results/branching/{experiment}/analysis/recorded_responses.csv",
        summary="results/branching/{experiment}/analysis/recorded_information.summary.json",
        figure=figure(
            "results/branching/{experiment}/figures/recorded_information.svg",
            "information about stimuli",
        ),
    log:
        "logs/branching/{experiment}/recorded_information.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("branching", "mem_mb"),
    params:
        analysis=analysis("branching", "information", "seed"),
    message:
        "Recording {wildcards.experiment}: information of events about stimuli"
    script:
        "../workflow/scripts/branching_recorded_information.py"


rule branching_renormalisation:
    input:
        trajectory="results/branching/{experiment}/trajectory.zarr",
    output:
        renormalisation="results/branching/{experiment}/analysis/renormalisation.csv",
        renormalisation_spectrum="results/branching/{experiment}/analysis/renormalisation_spectrum.csv",
        renormalisation_exponents="results/branching/{experiment}/analysis/renormalisation_exponents.csv",
        summary="results/branching/{experiment}/analysis/renormalisation.summary.json",
        figure=figure(
            "results/branching/{experiment}/figures/renormalisation.svg",
            "clusters of correlated units",
        ),
    log:
        "logs/branching/{experiment}/renormalisation.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("branching", "clusters_mb"),
    params:
        analysis=analysis("branching", "criticality", "seen", "seed"),
    message:
        "Coarse-graining the recording {wildcards.experiment}: clusters of correlated units"
    script:
        "../workflow/scripts/branching_renormalisation.py"


rule branching_scaling:
    input:
        trajectory="results/branching/{experiment}/trajectory.zarr",
    output:
        scaling="results/branching/{experiment}/analysis/scaling.csv",
        scaling_curves="results/branching/{experiment}/analysis/scaling_curves.csv",
        scaling_exponents="results/branching/{experiment}/analysis/scaling_exponents.csv",
        summary="results/branching/{experiment}/analysis/scaling.summary.json",
        figure=figure(
            "results/branching/{experiment}/figures/scaling.svg",
            "recurrent graph, finite-size scaling",
        ),
    log:
        "logs/branching/{experiment}/scaling.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("branching", "scaling_mb"),
    params:
        analysis=analysis("branching", "scaling"),
    message:
        "Simulating the recurrent graph of {wildcards.experiment} at several sizes: cut-offs and peaks"
    script:
        "../workflow/scripts/branching_scaling.py"


rule branching_figures_decay:
    input:
        trajectory="results/branching/{experiment}/trajectory.zarr",
    output:
        recorded_ratio=figure(
            "results/branching/{experiment}/figures/recorded_ratio.svg",
            "decay of recorded activity",
        ),
    log:
        "logs/branching/{experiment}/figures_decay.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("branching", "mem_mb"),
    params:
        analysis=analysis("branching", "criticality", "seen", "seed"),
    message:
        "Decay of the activity of the recording {wildcards.experiment}"
    script:
        "../workflow/scripts/branching_figures_decay.py"
