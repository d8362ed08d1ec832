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
    params:
        code=code("summary"),
    message:
        "Headlines of {wildcards.experiment}"
    script:
        "../workflow/scripts/summary.py"


rule headlines:
    input:
        summaries=[
            getattr(rules, system).input.summaries for system in EXPERIMENTS.systems
        ],
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
    params:
        code=code("headlines"),
    message:
        "Theory beside measurement: the headlines of all experiments on one page"
    script:
        "../workflow/scripts/headlines.py"


rule report:
    input:
        rules.headlines.output,
        [getattr(rules, system).input for system in EXPERIMENTS.systems],
        captions=local(captions()),  # of the workflow, wherever results are
    output:
        report="results/report.html",
    log:
        "logs/report.log",
    localrule: True
    conda:
        "../envs/report.yaml"
    params:
        snakefile=str(workflow.main_snakefile),
        code=code("report"),
    message:
        "The report: figures, films, viewers and headlines in one offline page"
    script:
        "../workflow/scripts/report.py"
