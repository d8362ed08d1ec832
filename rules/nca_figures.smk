"""Figures, films and the page of ancestors of self-replicating neural cellular automata."""


rule nca_figures:
    input:
        trajectory="results/nca/{experiment}/trajectory.zarr",
        pd="results/nca/{experiment}/analysis/pd.csv",
        gd="results/nca/{experiment}/analysis/gd.csv",
        clades="results/nca/{experiment}/analysis/clades.csv",
        phylogeny="results/nca/{experiment}/analysis/phylogeny.csv",
        activity="results/nca/{experiment}/analysis/activity.csv",
        sensitivity="results/nca/{experiment}/analysis/sensitivity.csv",
        clusters="results/nca/{experiment}/analysis/clusters.csv",
        sample="results/nca/{experiment}/analysis/clusters_sample.csv",
        quality="results/nca/{experiment}/analysis/clusters_quality.csv",
        pd_summary="results/nca/{experiment}/analysis/pd.summary.json",
        gd_summary="results/nca/{experiment}/analysis/gd.summary.json",
        activity_summary="results/nca/{experiment}/analysis/activity.summary.json",
        sensitivity_summary="results/nca/{experiment}/analysis/sensitivity.summary.json",
    output:
        ctfp=figure("results/nca/{experiment}/figures/ctfp.svg", "Cell type frequencies"),
        pd=figure("results/nca/{experiment}/figures/pd.svg", "GEP, GCVP, CLOGV"),
        gd=figure("results/nca/{experiment}/figures/gd.svg", "Genomes and colours"),
        muller=figure("results/nca/{experiment}/figures/muller.svg", "Clades of founders"),
        phylogeny=figure("results/nca/{experiment}/figures/phylogeny.svg", "Phylogeny"),
        activity=figure("results/nca/{experiment}/figures/activity.svg", "Evolutionary activity"),
        sensitivity=figure(
            "results/nca/{experiment}/figures/sensitivity.svg",
            "Sensitivity to initial conditions",
        ),
        clusters=figure("results/nca/{experiment}/figures/clusters.svg", "Clusters of weights"),
    log:
        "logs/nca/{experiment}/figures.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("nca", "analysis_mb"),
        runtime=needed("nca", "runtime"),
    params:
        analysis=analysis("nca", "rwsp"),
    message:
        "Figures of {wildcards.experiment}"
    script:
        "../workflow/scripts/nca_figures.py"


rule nca_films:
    input:
        trajectory="results/nca/{experiment}/trajectory.zarr",
    output:
        page=figure("results/nca/{experiment}/figures/state.html", "Film of the state"),
        rwsp_page=figure(
            "results/nca/{experiment}/figures/rwsp.html",
            "Film of three weights (RWSP)",
        ),
        ghc_page=figure("results/nca/{experiment}/figures/ghc.html", "Film of the hash (GHC)"),
        state="results/nca/{experiment}/figures/state.mp4",
        rwsp="results/nca/{experiment}/figures/rwsp.mp4",
        ghc="results/nca/{experiment}/figures/ghc.mp4",
    log:
        "logs/nca/{experiment}/films.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("nca", "analysis_mb", ENCODER_MB),
        runtime=needed("nca", "runtime"),
    params:
        analysis=analysis("nca", "films", "rwsp"),
    message:
        "Films of {wildcards.experiment}: state, RWSP, GHC"
    script:
        "../workflow/scripts/nca_films.py"


rule nca_viewer:
    input:
        trajectory="results/nca/{experiment}/trajectory.zarr",
    output:
        viewer=figure("results/nca/{experiment}/figures/viewer.html", "Genomes and ancestors"),
    log:
        "logs/nca/{experiment}/viewer.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("nca", "analysis_mb"),
        runtime=needed("nca", "runtime"),
    params:
        analysis=analysis("nca", "rwsp"),
    message:
        "The page of ancestors of {wildcards.experiment}: hover a cell for its lineage"
    script:
        "../workflow/scripts/nca_viewer.py"
