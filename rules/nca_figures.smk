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
    output:
        ctfp=report(
            "results/nca/{experiment}/figures/ctfp.svg",
            caption="../workflow/report/nca_ctfp.rst",
            category="Self-replicating neural CA",
            subcategory="{experiment}",
            labels={"figure": "Cell type frequencies"},
        ),
        pd=report(
            "results/nca/{experiment}/figures/pd.svg",
            caption="../workflow/report/nca_pd.rst",
            category="Self-replicating neural CA",
            subcategory="{experiment}",
            labels={"figure": "GEP, GCVP, CLOGV"},
        ),
        gd=report(
            "results/nca/{experiment}/figures/gd.svg",
            caption="../workflow/report/nca_gd.rst",
            category="Self-replicating neural CA",
            subcategory="{experiment}",
            labels={"figure": "Genomes and colours"},
        ),
        muller=report(
            "results/nca/{experiment}/figures/muller.svg",
            caption="../workflow/report/nca_muller.rst",
            category="Self-replicating neural CA",
            subcategory="{experiment}",
            labels={"figure": "Clades of founders"},
        ),
        phylogeny=report(
            "results/nca/{experiment}/figures/phylogeny.svg",
            caption="../workflow/report/nca_phylogeny.rst",
            category="Self-replicating neural CA",
            subcategory="{experiment}",
            labels={"figure": "Phylogeny"},
        ),
        activity=report(
            "results/nca/{experiment}/figures/activity.svg",
            caption="../workflow/report/nca_activity.rst",
            category="Self-replicating neural CA",
            subcategory="{experiment}",
            labels={"figure": "Evolutionary activity"},
        ),
        sensitivity=report(
            "results/nca/{experiment}/figures/sensitivity.svg",
            caption="../workflow/report/nca_sensitivity.rst",
            category="Self-replicating neural CA",
            subcategory="{experiment}",
            labels={"figure": "Sensitivity to initial conditions"},
        ),
        clusters=report(
            "results/nca/{experiment}/figures/clusters.svg",
            caption="../workflow/report/nca_clusters.rst",
            category="Self-replicating neural CA",
            subcategory="{experiment}",
            labels={"figure": "Clusters of weights"},
        ),
    log:
        "logs/nca/{experiment}/figures.log",
    benchmark:
        "logs/nca/{experiment}/figures.benchmark.tsv"
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=needed("nca", "analysis_mb"),
        runtime=needed("nca", "runtime"),
    params:
        analysis=analysis("nca", "rwsp"),
        code=code("nca_figures"),
    message:
        "Figures of {wildcards.experiment}"
    script:
        "../workflow/scripts/nca_figures.py"


rule nca_films:
    input:
        trajectory="results/nca/{experiment}/trajectory.zarr",
    output:
        page=report(
            "results/nca/{experiment}/figures/state.html",
            caption="../workflow/report/nca_state.rst",
            category="Self-replicating neural CA",
            subcategory="{experiment}",
            labels={"figure": "Film of the state"},
        ),
        state="results/nca/{experiment}/figures/state.mp4",
        rwsp="results/nca/{experiment}/figures/rwsp.mp4",
        ghc="results/nca/{experiment}/figures/ghc.mp4",
    log:
        "logs/nca/{experiment}/films.log",
    benchmark:
        "logs/nca/{experiment}/films.benchmark.tsv"
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=needed("nca", "analysis_mb", ENCODER_MB),
        runtime=needed("nca", "runtime"),
    params:
        analysis=analysis("nca", "films", "rwsp"),
        code=code("nca_films"),
    message:
        "Films of {wildcards.experiment}: state, RWSP, GHC"
    script:
        "../workflow/scripts/nca_films.py"


rule nca_viewer:
    input:
        trajectory="results/nca/{experiment}/trajectory.zarr",
    output:
        viewer=report(
            "results/nca/{experiment}/figures/viewer.html",
            caption="../workflow/report/nca_viewer.rst",
            category="Self-replicating neural CA",
            subcategory="{experiment}",
            labels={"figure": "Genomes and ancestors"},
        ),
    log:
        "logs/nca/{experiment}/viewer.log",
    benchmark:
        "logs/nca/{experiment}/viewer.benchmark.tsv"
    conda:
        "../envs/cpu.yaml"
    threads: 1
    resources:
        mem_mb=needed("nca", "analysis_mb"),
        runtime=needed("nca", "runtime"),
    params:
        analysis=analysis("nca", "rwsp"),
        code=code("nca_viewer"),
    message:
        "The page of ancestors of {wildcards.experiment}: hover a cell for its lineage"
    script:
        "../workflow/scripts/nca_viewer.py"
