"""The atlas: a job for the sweep of each system, and one that joins them. Systems are found by their schemas."""

ATLAS = EXPERIMENTS.atlas


rule atlas_system:
    input:
        lambda wildcards: [f"results/{wildcards.system}/{path}" for path in ATLAS[wildcards.system].reads],
    output:
        atlas="results/atlas/{system}/atlas.csv",
        panel="results/atlas/{system}/panel.json",
        figure="results/atlas/{system}/atlas.svg",
        summary="results/atlas/{system}/atlas.summary.json",
    log:
        "logs/atlas/{system}.log",
    wildcard_constraints:
        system="|".join(ATLAS) or "(?!)",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=lambda wildcards, attempt: attempt * (ATLAS[wildcards.system].mem_mb + around()),
    params:
        parameters=lambda wildcards: dict(ATLAS[wildcards.system].parameters),
        ring=lambda wildcards: EXPERIMENTS.ring(wildcards.system),
        declared_code=lambda wildcards: code_sha256(f"emergent_dynamics.{wildcards.system}.findings.atlas"),
    message:
        "Atlas: {wildcards.system} against its control"
    script:
        "../workflow/scripts/atlas_system.py"


rule atlas:
    input:
        tables=expand("results/atlas/{system}/atlas.csv", system=ATLAS),
        panels=expand("results/atlas/{system}/panel.json", system=ATLAS),
        summaries=expand("results/atlas/{system}/atlas.summary.json", system=ATLAS),
        columns=expand("results/atlas/{system}/atlas.svg", system=ATLAS),
    output:
        table="results/atlas/atlas.csv",
        svg=report(
            "results/atlas/atlas.svg",
            caption="../workflow/report/atlas.rst",
            category="Atlas",
            labels={"figure": "one lens over all systems"},
        ),
        png="results/atlas/atlas.png",
        pdf="results/atlas/atlas-180mm.pdf",
        settling="results/atlas/settling.svg",
    log:
        "logs/atlas.log",
    localrule: True
    conda:
        "../envs/cpu.yaml"
    params:
        systems=list(ATLAS),
        rings={system: EXPERIMENTS.ring(system) for system in ATLAS},
    message:
        "Atlas: order and growth rates of all systems through one lens"
    script:
        "../workflow/scripts/atlas.py"
