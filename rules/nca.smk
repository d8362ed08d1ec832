"""Self-replicating neural cellular automata: trajectory and genome log, diversity, descent, activity, figures."""

from emergent_dynamics.nca import resources as nca_resources

FINDINGS["nca"] = nca_resources.findings


include: "nca_figures.smk"


rule nca:
    input:
        summaries=targets("nca", "summary.json"),
        figures=targets("nca", *drawn(rules.nca_figures, rules.nca_films, rules.nca_viewer))
        + targets("nca", "figures/regions.svg", where=finds("nca", "regions")),


rule nca_simulate:
    output:
        trajectory=directory("results/nca/{experiment}/trajectory.zarr"),
    log:
        "logs/nca/{experiment}/simulate.log",
    retries: 2
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("nca", "simulate_mb"),
        runtime=needed("nca", "runtime"),
        gpu=needed("nca", "gpus"),
    params:
        parameters=simulation("nca"),
        checkpoint=checkpoint("nca"),
        system="nca",
    message:
        "Generations of {wildcards.experiment}: cells live, inherit and mutate"
    script:
        "../workflow/scripts/simulate.py"


ruleorder: nca_ingest > nca_simulate


rule nca_ingest:
    output:
        trajectory=directory("results/nca/{experiment}/trajectory.zarr"),
    log:
        "logs/nca/{experiment}/ingest.log",
    wildcard_constraints:
        experiment=EXPERIMENTS.pattern("nca", "pickles", "recording"),
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("nca", "ingest_mb"),
        runtime=needed("nca", "ingest_minutes"),
    params:
        parameters=simulation("nca"),
    message:
        "The files of {wildcards.experiment}, pickles or arrays, as a store"
    script:
        "../workflow/scripts/nca_ingest.py"


rule nca_diversity:
    input:
        trajectory="results/nca/{experiment}/trajectory.zarr",
    output:
        pd="results/nca/{experiment}/analysis/pd.csv",
        pd_summary="results/nca/{experiment}/analysis/pd.summary.json",
        gd="results/nca/{experiment}/analysis/gd.csv",
        gd_summary="results/nca/{experiment}/analysis/gd.summary.json",
        bands="results/nca/{experiment}/analysis/bands.csv",
    log:
        "logs/nca/{experiment}/diversity.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("nca", "analysis_mb"),
        runtime=needed("nca", "runtime"),
    params:
        analysis=analysis("nca", "rwsp"),
    message:
        "Diversity of {wildcards.experiment}: CTFP, GEP, GCVP, CLOGV; RWSP, GHC, exact genomes, Hill numbers"
    script:
        "../workflow/scripts/nca_diversity.py"


rule nca_evolution:
    input:
        trajectory="results/nca/{experiment}/trajectory.zarr",
    output:
        lineage="results/nca/{experiment}/analysis/lineage.csv",
        phylogeny="results/nca/{experiment}/analysis/phylogeny.csv",
        newick="results/nca/{experiment}/analysis/phylogeny.nwk",
        clades="results/nca/{experiment}/analysis/clades.csv",
        species="results/nca/{experiment}/analysis/species.csv",
        lineage_summary="results/nca/{experiment}/analysis/lineage.summary.json",
        activity="results/nca/{experiment}/analysis/activity.csv",
        activity_summary="results/nca/{experiment}/analysis/activity.summary.json",
    log:
        "logs/nca/{experiment}/evolution.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("nca", "analysis_mb"),
        runtime=needed("nca", "runtime"),
    params:
        analysis=analysis("nca", "shadow"),
    message:
        "Evolution in {wildcards.experiment}: phylogeny of the living, clades, species, activity beside a shadow"
    script:
        "../workflow/scripts/nca_evolution.py"


rule nca_sensitivity:
    output:
        sensitivity="results/nca/{experiment}/analysis/sensitivity.csv",
        summary="results/nca/{experiment}/analysis/sensitivity.summary.json",
    log:
        "logs/nca/{experiment}/sensitivity.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("nca", "sensitivity_mb"),
        runtime=needed("nca", "runtime"),
    params:
        parameters=simulation("nca"),
        analysis=analysis("nca", "sensitivity"),
    message:
        "Sensitivity of {wildcards.experiment}: twins that lost one founder"
    script:
        "../workflow/scripts/nca_sensitivity.py"


rule nca_clusters:
    input:
        trajectory="results/nca/{experiment}/trajectory.zarr",
    output:
        clusters="results/nca/{experiment}/analysis/clusters.csv",
        clusters_sample="results/nca/{experiment}/analysis/clusters_sample.csv",
        clusters_quality="results/nca/{experiment}/analysis/clusters_quality.csv",
        summary="results/nca/{experiment}/analysis/clusters.summary.json",
    log:
        "logs/nca/{experiment}/clusters.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("nca", "analysis_mb"),
        runtime=needed("nca", "runtime"),
    params:
        analysis=analysis("nca", "clusters", "cluster_basis"),
    message:
        "Clusters of neural weights in {wildcards.experiment}"
    script:
        "../workflow/scripts/nca_clusters.py"


rule nca_regions:
    input:
        trajectory="results/nca/{experiment}/trajectory.zarr",
    output:
        regions="results/nca/{experiment}/analysis/regions.csv",
        summary="results/nca/{experiment}/analysis/regions.summary.json",
        figure=figure("results/nca/{experiment}/figures/regions.svg", "Life by region"),
    log:
        "logs/nca/{experiment}/regions.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=needed("nca", "analysis_mb"),
        runtime=needed("nca", "runtime"),
    message:
        "Births, energy, genomes and clades in the regions of {wildcards.experiment}"
    script:
        "../workflow/scripts/nca_regions.py"
