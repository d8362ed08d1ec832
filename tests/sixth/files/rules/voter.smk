"""Voters who copy one another: trajectory, disagreement against time, its figure."""

FINDINGS["voter"] = ["consensus"]


rule voter:
    input:
        summaries=targets("voter", "summary.json"),
        figures=plain("voter", "figures/consensus.svg"),


rule voter_simulate:
    output:
        trajectory=directory("results/voter/{experiment}/trajectory.zarr"),
    log:
        "logs/voter/{experiment}/simulate.log",
    retries: 2
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=600,
    params:
        parameters=simulation("voter"),
        checkpoint=checkpoint("voter"),
        system="voter",
    message:
        "Voters of {wildcards.experiment} copy one another"
    script:
        "../workflow/scripts/simulate.py"


rule voter_consensus:
    input:
        trajectory="results/voter/{experiment}/trajectory.zarr",
    output:
        consensus="results/voter/{experiment}/analysis/consensus.csv",
        summary="results/voter/{experiment}/analysis/consensus.summary.json",
    log:
        "logs/voter/{experiment}/consensus.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=600,
    message:
        "Disagreement of the voters of {wildcards.experiment}"
    script:
        "../workflow/scripts/voter_consensus.py"


rule voter_figures:
    input:
        consensus="results/voter/{experiment}/analysis/consensus.csv",
    output:
        consensus=figure(
            "results/voter/{experiment}/figures/consensus.svg",
            "disagreement against time",
        ),
    log:
        "logs/voter/{experiment}/figures.log",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=600,
    params:
        parameters=simulation("voter"),
    message:
        "Figure of {wildcards.experiment}: disagreement against time"
    script:
        "../workflow/scripts/voter_figures.py"
