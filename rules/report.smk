"""The headlines of each experiment, the page of all of them, and Snakemake's own report of everything."""


rule summary:
    input:
        summaries,
    output:
        summary="results/{system}/{experiment}/summary.json",
    log:
        "logs/{system}/{experiment}/summary.log",
    wildcard_constraints:
        system="|".join(FINDINGS) or "(?!)",
    localrule: True
    conda:
        "../envs/cpu.yaml"
    message:
        "Headlines of {wildcards.experiment}"
    script:
        "../workflow/scripts/summary.py"


rule comparison:
    input:
        summaries=lambda wildcards: swept(wildcards.system, wildcards.experiment, "summary.json"),
    output:
        table="results/{system}/{experiment}/analysis/headlines.csv",
        figure=report(
            "results/{system}/{experiment}/figures/headlines.svg",
            caption="../workflow/report/comparison.rst",
            category="Sweeps",
            subcategory="{system}/{experiment}",
            labels={"figure": "headlines against what is swept"},
        ),
    log:
        "logs/{system}/{experiment}/comparison.log",
    wildcard_constraints:
        system="|".join(EXPERIMENTS.systems) or "(?!)",
    conda:
        "../envs/cpu.yaml"
    resources:
        mem_mb=500,
    params:
        members=lambda wildcards: [
            EXPERIMENTS.parameters(wildcards.system, member)
            for member in EXPERIMENTS.members(wildcards.system, wildcards.experiment)
        ],
        theory_code=lambda wildcards: code_sha256(f"emergent_dynamics.{wildcards.system}.theory"),
    message:
        "Members of {wildcards.experiment} side by side"
    script:
        "../workflow/scripts/comparison.py"


rule headlines:
    input:
        summaries=[getattr(rules, system).input.summaries for system in EXPERIMENTS.systems],
        atlas=rules.atlas.input.summaries if ATLAS else [],
    output:
        page=report(
            "results/headlines.html",
            caption="../workflow/report/headlines.rst",
            category="Headlines",
        ),
        table="results/headlines.csv",
    log:
        "logs/headlines.log",
    localrule: True
    conda:
        "../envs/cpu.yaml"
    message:
        "Theory beside measurement: the headlines of all experiments on one page"
    script:
        "../workflow/scripts/headlines.py"


rule front:
    input:
        summaries=rules.headlines.input.summaries,
        results=[getattr(rules, system).input for system in EXPERIMENTS.systems],
        sweeps=[sweeps(system, "figures/headlines.svg") for system in EXPERIMENTS.systems],
        atlas=[*rules.atlas.output, *rules.atlas.input] if ATLAS else [],
        captions=local(captions()),
    output:
        page="results/index.html",
    log:
        "logs/front.log",
    localrule: True
    conda:
        "../envs/cpu.yaml"
    params:
        titles={system: EXPERIMENTS.titles[system] for system in [*EXPERIMENTS.systems, *EXPERIMENTS.atlas]},
        rings={system: EXPERIMENTS.ring(system) for system in EXPERIMENTS.atlas},
        controls={system: EXPERIMENTS.controls(system) for system in EXPERIMENTS.atlas},
        experiments=lambda wildcards: {
            system: {name: EXPERIMENTS.parameters(system, name) for name in EXPERIMENTS.names(system)}
            for system in EXPERIMENTS.systems
        },
        labels=lambda wildcards: LABELS,
        configfiles=[str(path) for path in CONFIGFILES],
        declarations=declarations,
    message:
        "The front page: every question with its answer, figures and numbers"
    script:
        "../workflow/scripts/front.py"


rule report:
    input:
        rules.headlines.output,
        [getattr(rules, system).input for system in EXPERIMENTS.systems],
        [sweeps(system, "figures/headlines.svg") for system in EXPERIMENTS.systems],
        rules.atlas.output if ATLAS else [],
        captions=local(captions()),  # in the workflow, wherever results are
    output:
        report="results/report.html",
    log:
        "logs/report.log",
    localrule: True
    conda:
        "../envs/report.yaml"
    params:
        snakefile=str(workflow.main_snakefile),
    message:
        "The report: figures, films, viewers and headlines in one offline page"
    script:
        "../workflow/scripts/report.py"
